//! Where the user's keys stand.

use proc_macro2::Span;

/// The keys that were given, each with the place of its own token: what messages point at.
#[derive(Default)]
pub(crate) struct Marks {
    keys: Vec<(&'static str, Span)>,
    spoiled: bool,
}

impl Marks {
    pub(crate) fn note(&mut self, key: &'static str, span: Span) {
        self.keys.push((key, span));
    }

    /// A key could not be read: what seems to be missing may be that one.
    pub(crate) fn spoil(&mut self) {
        self.spoiled = true;
    }

    pub(crate) fn is_spoiled(&self) -> bool {
        self.spoiled
    }

    /// Where `key` stands.
    pub(crate) fn at(&self, key: &str) -> Option<Span> {
        self.keys.iter().find(|(name, _)| *name == key).map(|(_, span)| *span)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.at(key).is_some()
    }

    /// All, in the order in which they stand.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, Span)> {
        self.keys.iter().copied()
    }
}
