//! How to say it.
//!
//! - [`language`]: every key of `#[wire(..)]`, by what one wants to say.
//! - [`session`](mod@session): a first session, from the login to the end.
//! - [`rarer`]: examples of those that only some protocols need.
//!
//! For those who come from elsewhere, the same things in longlink's words:
//!
//! - [`deku`]: bits, counts and contexts as strings in attributes.
//! - [`binrw`]: readers and writers over files.
//! - [`nom`]: parsers by hand, and how to keep them.
//!
//! Three things are different from all of them.
//!
//! **A relation is declared once.** A length, a count, a tag, a checksum or a presence bit is
//! checked on read and computed on write, so there is no `update()` to forget and no second
//! expression that must agree with the first. The field's type is [`Auto`](crate::Auto): normally
//! `Derived`, also after reading; `Set(value)` where you want a wrong one on the wire.
//!
//! **The border comes first.** A frame on a stream is found before it is parsed
//! ([`Frame::probe`](crate::Frame::probe), [`Decoder`](crate::Decoder)), so a message that arrives in
//! ten pieces is parsed once and not ten times, and "not all here yet" is never an error.
//!
//! **Nothing is passed by position.** Byte order, limits and the owner of the buffer are inherited
//! without a word; what a type needs besides is declared by name, `ctx(key: Key)`, and given by
//! name.

pub mod binrw;
pub mod deku;
pub mod language;
pub mod nom;
pub mod rarer;
#[cfg(feature = "session")]
pub mod session;
