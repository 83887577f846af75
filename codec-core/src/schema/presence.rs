//! When a field is there.

/// When a field is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// In every value.
    Always,
    /// When this holds, as declared.
    If(&'static str),
    /// When another field says so: see the relations.
    In,
    /// Under the field's [`Gate`].
    Gate,
    /// Unless this stands in its place, as declared by `none = ..`; its bytes are always there.
    NoneIs(i128),
    /// Unless this is the hidden length or count before it.
    NonePrefix(i128),
    /// Unless this is the length or count that another field holds of it: see the relations.
    NoneHeld(i128),
}

impl Presence {
    /// Its bytes are in every value.
    #[must_use]
    pub const fn is_always(&self) -> bool {
        matches!(self, Self::Always | Self::NoneIs(_))
    }
}

/// A field or variant that exists only under some context; both empty: always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// Versions, as declared (`2019..`).
    pub version: &'static str,
    /// Dialects, as declared (`a | b`).
    pub dialect: &'static str,
    /// A condition over the context, as declared.
    pub when: &'static str,
}

impl Gate {
    /// Always.
    pub const NONE: Self = Self { version: "", dialect: "", when: "" };

    /// It exists always.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.version.is_empty() && self.dialect.is_empty() && self.when.is_empty()
    }
}
