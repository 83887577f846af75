//! What a session needs to know of a frame, said by `role = ..` in the declaration.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use bytes::Bytes;

use crate::auto::Auto;

/// The roles of a frame's fields and variants. Every method has a default: "has none".
///
/// The derives forward to nested fields and to the variant that is held. A type with a hand-written
/// [`Wire`](crate::Wire) that stands in a derived one needs `impl Roles for T {}`, or the methods
/// that apply.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which roles its fields have",
    label = "stands inside a derived type, so it must implement `Roles`",
    note = "for a type without roles write `impl Roles for {Self} {{}}`"
)]
pub trait Roles {
    /// The roles that fields of this type have, as [`Role::bit`]s; the derive refuses two fields
    /// with one role. A hand-written implementation that leaves it at 0 is not judged.
    #[doc(hidden)]
    const ROLES: u16 = 0;

    /// The sequence number that the sender gave the frame.
    fn sequence(&self) -> Option<u64> {
        self.role(Role::Sequence)
    }
    /// Writes the sequence number into the frame. `false`: it has no such field, or an `Option`
    /// that is `None`.
    ///
    /// Give a counter that never wraps: the number wraps at its field's width, or inside of its
    /// field's `valid` range, and [`Roles::sequence`] tells what was written.
    fn set_sequence(&mut self, sequence: u64) -> bool {
        self.set_role(Role::Sequence, sequence)
    }
    /// The sequence number of the request that this frame answers.
    fn replies_to(&self) -> Option<u64> {
        self.role(Role::RepliesTo)
    }
    /// Writes the number of the request that this frame answers. `false`: it has no such field.
    fn set_replies_to(&mut self, sequence: u64) -> bool {
        self.set_role(Role::RepliesTo, sequence)
    }
    /// The sequence number that this frame acknowledges.
    fn acknowledges(&self) -> Option<u64> {
        self.role(Role::Acknowledges)
    }
    /// Writes the number that this frame acknowledges. `false`: it has no such field.
    fn set_acknowledges(&mut self, sequence: u64) -> bool {
        self.set_role(Role::Acknowledges, sequence)
    }
    /// A sign of life, and nothing else.
    fn is_heartbeat(&self) -> bool {
        self.role(Role::Heartbeat).is_some()
    }
    /// The answer to a sign of life.
    fn is_heartbeat_reply(&self) -> bool {
        self.role(Role::HeartbeatReply).is_some()
    }
    /// The peer acknowledges this frame.
    fn is_acknowledged(&self) -> bool {
        self.role(Role::Acknowledged).is_some()
    }
    /// Index of this fragment in its message, from 0, wherever the field's `valid` range starts.
    fn fragment_index(&self) -> Option<u64> {
        self.role(Role::FragmentIndex)
    }
    /// Number of fragments of the message.
    fn fragment_total(&self) -> Option<u64> {
        self.role(Role::FragmentTotal)
    }
    /// It says which frame it acknowledges or answers, and nothing else. A session keeps such frames
    /// to itself.
    ///
    /// Derived: the struct or variant that has the field has no other free one; the header of the
    /// frame around it does not count. A hand-written implementation says `false` unless it says
    /// otherwise.
    fn only_acknowledges(&self) -> bool {
        false
    }
    /// No field is free, besides those with a role; the derive's own help for `only_acknowledges`.
    #[doc(hidden)]
    fn is_bare(&self) -> bool {
        false
    }
    /// Whether more fragments of the message follow this one, on the same connection and in order;
    /// `None`: it has no such flag.
    fn fragment_more(&self) -> Option<bool> {
        let more = self.role(Role::FragmentMore).map(|more| more != 0);
        more.or_else(|| self.role(Role::FragmentLast).map(|last| last == 0))
    }
    /// Width of the sequence field in bits; 0 where the value has none. The sequence wraps there.
    fn sequence_bits(&self) -> u32 {
        0
    }
    /// The heartbeat of this type, when a variant with `role = heartbeat` has no free field.
    #[must_use]
    fn heartbeat() -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
    /// The answer to a heartbeat, when a variant with `role = heartbeat_reply` has no free field.
    #[must_use]
    fn heartbeat_reply() -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
    /// A value without any free field; the derive's own help for `heartbeat`.
    #[doc(hidden)]
    #[must_use]
    fn blank() -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
    /// What the derive writes, and the default of all methods above rests on.
    #[doc(hidden)]
    fn role(&self, _role: Role) -> Option<u64> {
        None
    }
    /// What the derive writes, and the default of all methods above rests on.
    #[doc(hidden)]
    fn set_role(&mut self, _role: Role, _value: u64) -> bool {
        false
    }
    /// A role, by the public methods, so that a hand-written implementation of one of them counts.
    #[doc(hidden)]
    #[inline]
    fn nested(&self, role: Role) -> Option<u64> {
        match role {
            Role::Sequence => self.sequence(),
            Role::RepliesTo => self.replies_to(),
            Role::Acknowledges => self.acknowledges(),
            Role::FragmentIndex => self.fragment_index(),
            Role::FragmentTotal => self.fragment_total(),
            Role::FragmentMore => self.fragment_more().map(u64::from),
            Role::FragmentLast => None,
            Role::Heartbeat => self.is_heartbeat().then_some(1),
            Role::HeartbeatReply => self.is_heartbeat_reply().then_some(1),
            Role::Acknowledged => self.is_acknowledged().then_some(1),
        }
    }
    /// Writes a role by the public methods.
    #[doc(hidden)]
    #[inline]
    fn set_nested(&mut self, role: Role, value: u64) -> bool {
        match role {
            Role::Sequence => self.set_sequence(value),
            Role::RepliesTo => self.set_replies_to(value),
            Role::Acknowledges => self.set_acknowledges(value),
            Role::FragmentIndex | Role::FragmentTotal => self.set_role(role, value),
            _ => false,
        }
    }
}

/// One of the roles, for the methods that the derive writes.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `role = sequence`.
    Sequence,
    /// `role = replies_to`.
    RepliesTo,
    /// `role = acknowledges`.
    Acknowledges,
    /// `role = fragment_index`.
    FragmentIndex,
    /// `role = fragment_total`.
    FragmentTotal,
    /// `role = fragment_more`.
    FragmentMore,
    /// `role = fragment_last`.
    FragmentLast,
    /// `role = heartbeat` on a variant.
    Heartbeat,
    /// `role = heartbeat_reply` on a variant.
    HeartbeatReply,
    /// `role = acknowledged` on a variant.
    Acknowledged,
}

impl Role {
    /// Its bit in [`Roles::ROLES`].
    #[must_use]
    pub const fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// A value that a field with a role can hold.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot hold a role",
    label = "write an integer, an `Auto` or an `Option` of one"
)]
pub trait RoleValue {
    /// The number; `None` where it is absent or not known yet.
    fn number(&self) -> Option<u64>;
    /// Holds the number from now on. `false`: it is absent.
    fn hold(&mut self, number: u64) -> bool;
}

/// The number that stands for `value` between `first` and `last`, both included: itself inside,
/// wrapped around outside.
#[doc(hidden)]
#[inline]
#[must_use]
pub const fn wrapped(value: u64, first: u64, last: u64) -> u64 {
    let Some(more) = last.checked_sub(first) else {
        return value;
    };
    let Some(count) = more.checked_add(1) else {
        return value;
    };
    // `value - first` modulo `count`, also where it is below zero.
    let from = if value >= first {
        (value - first) % count
    } else {
        (count - (first - value) % count) % count
    };
    first + from
}

macro_rules! role_values {
    ($($number:ident)*) => { $(
        impl RoleValue for $number {
            #[inline]
            fn number(&self) -> Option<u64> {
                u64::try_from(*self).ok()
            }
            #[inline]
            fn hold(&mut self, number: u64) -> bool {
                $number::try_from(number).map(|number| *self = number).is_ok()
            }
        }
    )* };
}
role_values!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128);

impl RoleValue for bool {
    #[inline]
    fn number(&self) -> Option<u64> {
        Some(u64::from(*self))
    }
    #[inline]
    fn hold(&mut self, number: u64) -> bool {
        *self = number != 0;
        number <= 1
    }
}

impl<T: RoleValue> RoleValue for Option<T> {
    #[inline]
    fn number(&self) -> Option<u64> {
        self.as_ref().and_then(T::number)
    }
    #[inline]
    fn hold(&mut self, number: u64) -> bool {
        self.as_mut().is_some_and(|value| value.hold(number))
    }
}

impl<T: RoleValue + Default> RoleValue for Auto<T> {
    #[inline]
    fn number(&self) -> Option<u64> {
        match self {
            Self::Derived => None,
            Self::Set(value) => value.number(),
        }
    }
    #[inline]
    fn hold(&mut self, number: u64) -> bool {
        let mut value = T::default();
        let fits = value.hold(number);
        if fits {
            *self = Self::Set(value);
        }
        fits
    }
}

/// What is not there has no roles.
impl<T: Roles> Roles for Option<T> {
    const ROLES: u16 = T::ROLES;

    fn sequence_bits(&self) -> u32 {
        self.as_ref().map_or(0, T::sequence_bits)
    }
    fn only_acknowledges(&self) -> bool {
        self.as_ref().is_some_and(T::only_acknowledges)
    }
    fn is_bare(&self) -> bool {
        self.as_ref().is_none_or(T::is_bare)
    }
    fn role(&self, role: Role) -> Option<u64> {
        self.as_ref().and_then(|inside| inside.nested(role))
    }
    fn set_role(&mut self, role: Role, value: u64) -> bool {
        self.as_mut().is_some_and(|inside| inside.set_nested(role, value))
    }
}

/// The roles of what is inside. `heartbeat`, its reply and `ROLES` stop here: a layout that contains itself
/// would ask itself for ever.
impl<T: Roles + ?Sized> Roles for Box<T> {
    fn sequence_bits(&self) -> u32 {
        (**self).sequence_bits()
    }
    fn only_acknowledges(&self) -> bool {
        (**self).only_acknowledges()
    }
    fn is_bare(&self) -> bool {
        (**self).is_bare()
    }
    fn role(&self, role: Role) -> Option<u64> {
        (**self).nested(role)
    }
    fn set_role(&mut self, role: Role, value: u64) -> bool {
        (**self).set_nested(role, value)
    }
}

macro_rules! none {
    ($($type:ty)*) => { $( impl Roles for $type {} )* };
}
none!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 f32 f64 bool Bytes String &[u8] &str);
none!(Ipv4Addr Ipv6Addr);
impl Roles for () {}
impl<T> Roles for Vec<T> {}
impl<T, const N: usize> Roles for [T; N] {}

macro_rules! tuples {
    ($(($($item:ident)+))*) => { $( impl<$($item),+> Roles for ($($item,)+) {} )* };
}
tuples!((A)(A B)(A B C)(A B C D)(A B C D E)(A B C D E F)(A B C D E F G)(A B C D E F G H));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap_inside_of_their_range() {
        let seen = [0, 1, 2, 0xfffe, 0xffff, 0x1_0000, 0x1_0001].map(|n| wrapped(n, 1, 0xffff));
        assert_eq!(seen, [0xffff, 1, 2, 0xfffe, 0xffff, 1, 2]);
        assert_eq!([0, 255, 256].map(|n| wrapped(n, 0, 255)), [0, 255, 0]);
        assert_eq!(wrapped(u64::MAX, 0, u64::MAX), u64::MAX);
        assert_eq!([0, 1, 9, 13].map(|n| wrapped(n, 10, 12)), [12, 10, 12, 10]);
    }

    #[test]
    fn absent_values_take_no_number() {
        let mut absent: Option<u16> = None;
        assert!(!absent.hold(7));
        assert_eq!(absent, None);
        let mut present = Some(Auto::<u16>::Derived);
        assert_eq!(present.number(), None);
        assert!(present.hold(7));
        assert_eq!((present, present.number()), (Some(Auto::Set(7)), Some(7)));
        assert!(!present.hold(0x1_0000));
    }

    #[test]
    fn hand_written_methods_count_through_option_and_box() {
        struct Acknowledgement(u16);
        impl Roles for Acknowledgement {
            fn acknowledges(&self) -> Option<u64> {
                Some(self.0.into())
            }
            fn is_heartbeat_reply(&self) -> bool {
                true
            }
        }
        let nested = Some(Box::new(Acknowledgement(9)));
        assert_eq!(nested.acknowledges(), Some(9));
        assert_eq!((nested.is_heartbeat_reply(), nested.is_heartbeat()), (true, false));
        assert_eq!(None::<Acknowledgement>.acknowledges(), None);
    }
}
