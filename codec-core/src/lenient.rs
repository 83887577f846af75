//! [`Lenient`]: a value, or the bytes that are none.

use bytes::{Bytes, BytesMut};
use nom::IResult;

use crate::error::{DecodeError, EncodeError, Fault};
use crate::roles::{Role, Roles};
use crate::schema::{Field, Fields, Layout, Schema, Shape, TagSource, Variant, schema_of};
use crate::scope::Scope;
use crate::wire::{Parse, Tagged, Wire};

/// A value whose bytes may be wrong without harm to what stands around it. Only where a length
/// bounds it: what is wrong inside does not move what follows.
///
/// RFC 7606 asks this of BGP, where one malformed attribute must not end the session.
///
/// `T` owns what it holds. Bad bytes are written as they were read.
///
/// # Errors
/// Reading has none but [`Fault::Depth`]: all else that is malformed, or left over behind the value,
/// is [`Lenient::Bad`]. Writing has those of `T`, and [`EncodeError::Contradiction`] for bad bytes
/// that are a `T`. Whether they are is not asked of a `T` that may look at the enclosing frame
/// ([`Wire::SEES_WHOLE`]): it is not there yet.
///
/// ```
/// # mod longlink { pub use longlink_codec_core as codec; }
/// use longlink::codec::{Bytes, Lenient, Parse};
///
/// let read = |bytes: &'static [u8]| Lenient::<String>::parse(bytes).map(|(_, value)| value);
/// assert_eq!(read(b"hi"), Ok(Lenient::Good("hi".into())));
/// assert_eq!(read(b"h\xFF"), Ok(Lenient::bad(Bytes::from_static(b"h\xFF"))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Lenient<T> {
    /// The bytes are a `T`, all of them.
    Good(T),
    /// They are none.
    Bad {
        /// The tag that was read for an enum whose tag stands outside of it; otherwise 0.
        tag: u64,
        /// As they were read.
        bytes: Bytes,
    },
}

impl<T> Lenient<T> {
    /// Bytes that are no `T`, which has no tag outside of it.
    #[must_use]
    pub const fn bad(bytes: Bytes) -> Self {
        Self::Bad { tag: 0, bytes }
    }

    /// The value, where the bytes were one.
    #[must_use]
    pub const fn good(&self) -> Option<&T> {
        match self {
            Self::Good(value) => Some(value),
            Self::Bad { .. } => None,
        }
    }
}

impl<T: Wire + for<'a> Parse<'a>> Lenient<T> {
    const VARIANTS: &'static [Variant] = &[
        Variant::new("Good", &[], Fields::new(Self::GOOD)),
        Variant::new("Bad", &[], Fields::new(Self::BAD)),
    ];
    const GOOD: &'static [Field] = &[Field::new("0", Layout::Nested(schema_of::<T>))];
    const BAD: &'static [Field] = &[Field::new("bytes", Layout::Bytes).stands_for(schema_of::<T>)];
}

impl<T: Wire + for<'a> Parse<'a>> Wire for Lenient<T> {
    type Context = T::Context;
    type Fill = ();
    const MIN_LEN: usize = 0;
    const MAX_LEN: Option<usize> = None;
    const FIXED_LEN: Option<usize> = None;
    const GREEDY: bool = true;
    const SHARES: bool = true;
    const TAG_PARTS: u32 = T::TAG_PARTS;
    const SEES_WHOLE: bool = T::SEES_WHOLE;
    const SEES_INSIDE: bool = T::SEES_INSIDE;
    const SCHEMA: &'static Schema = &Schema::new(
        "Lenient",
        Shape::Enum {
            source: TagSource::Of("whether the bytes are a value"),
            variants: Self::VARIANTS,
        },
    );

    #[inline]
    fn outer_tag(context: &T::Context) -> u64 {
        T::outer_tag(context)
    }

    #[inline]
    fn encoded_len_in(&self, scope: Scope<'_>, context: &T::Context) -> usize {
        match self {
            Self::Good(value) => value.encoded_len_in(scope, context),
            Self::Bad { bytes, .. } => bytes.len(),
        }
    }

    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        scope: Scope<'_>,
        context: &T::Context,
    ) -> Result<(), EncodeError> {
        match self {
            Self::Good(value) => value.encode_in(out, &T::Fill::default(), scope, context),
            Self::Bad { tag, bytes } => {
                let told = *tag == T::outer_tag(context);
                let is_good = || T::exact_in(bytes, scope.owned_by(bytes), context).is_ok();
                if !told || (!T::SEES_WHOLE && is_good()) {
                    return Err(EncodeError::Contradiction { field: "Lenient::Bad" });
                }
                out.extend_from_slice(bytes);
                Ok(())
            }
        }
    }
}

impl<'a, T: Wire + for<'b> Parse<'b>> Parse<'a> for Lenient<T> {
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        context: &T::Context,
    ) -> IResult<&'a [u8], Self, DecodeError> {
        let trace = scope.trace();
        let before = trace.map(|trace| {
            let before = trace.mark();
            trace.variant(0);
            trace.enter(0, input);
            before
        });
        let rest = input.get(input.len()..).unwrap_or_default();
        let value = match T::exact_in(input, scope, context) {
            Ok(value) => Self::Good(value),
            // The writer begins at another depth: it would take the bytes for good.
            Err(error) if error.fault == Fault::Depth => return Err(nom::Err::Error(error)),
            Err(_) => {
                if let (Some(trace), Some(before)) = (trace, before) {
                    trace.forget(before);
                    trace.variant(1);
                    trace.enter(0, input);
                }
                Self::Bad { tag: T::outer_tag(context), bytes: scope.share(input) }
            }
        };
        if let Some(trace) = trace {
            trace.leave(rest);
        }
        Ok((rest, value))
    }
}

impl<T: Tagged + for<'a> Parse<'a>> Tagged for Lenient<T> {
    const EXACT: bool = T::EXACT;
    type Own = T::Own;

    #[inline]
    fn tag(&self) -> u64 {
        match self {
            Self::Good(value) => value.tag(),
            Self::Bad { tag, .. } => *tag,
        }
    }

    #[inline]
    fn context(tag: u64, opaque: bool, own: T::Own) -> T::Context {
        T::context(tag, opaque, own)
    }
}

/// What is malformed has no roles.
impl<T: Roles> Roles for Lenient<T> {
    const ROLES: u16 = T::ROLES;

    fn sequence_bits(&self) -> u32 {
        self.good().map_or(0, T::sequence_bits)
    }
    fn only_acknowledges(&self) -> bool {
        self.good().is_some_and(T::only_acknowledges)
    }
    fn is_bare(&self) -> bool {
        self.good().is_some_and(T::is_bare)
    }
    fn role(&self, role: Role) -> Option<u64> {
        self.good().and_then(|inside| inside.nested(role))
    }
    fn set_role(&mut self, role: Role, value: u64) -> bool {
        match self {
            Self::Good(inside) => inside.set_nested(role, value),
            Self::Bad { .. } => false,
        }
    }
}
