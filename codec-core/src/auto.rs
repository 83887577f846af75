//! The type of fields whose value follows from other fields.

/// A derived field: a length, a count, a tag, a checksum, a presence bit.
///
/// `Derived` is the normal value, also after decoding: what was read equals what is computed.
/// `Set` is an override. It is written as it is, is not checked against its relation, only has to
/// fit its width, and steers nothing else; decoding yields it where a tolerated value deviates.
///
/// ```
/// # mod longlink { pub use longlink_codec_core as codec; }
/// use longlink::codec::Auto;
/// assert_eq!(Auto::<u16>::default(), Auto::Derived);
/// assert_eq!(Auto::Set(7u16).or(9), 7);
/// assert_eq!(Auto::Derived.or(9u16), 9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub enum Auto<T> {
    /// Computed from the fields it describes.
    #[default]
    Derived,
    /// Exactly this value, whatever the fields say.
    Set(T),
}

impl<T> Auto<T> {
    /// `Derived` when the value read is the one that would be computed, else `Set(read)`.
    #[inline]
    pub fn settle(read: T, computed: &T) -> Self
    where
        T: PartialEq,
    {
        if read == *computed { Self::Derived } else { Self::Set(read) }
    }

    /// The override, or else the computed value.
    #[inline]
    pub fn or(self, computed: T) -> T {
        match self {
            Self::Derived => computed,
            Self::Set(value) => value,
        }
    }

    /// The override, if there is one.
    #[inline]
    pub fn set(self) -> Option<T> {
        match self {
            Self::Derived => None,
            Self::Set(value) => Some(value),
        }
    }
}
