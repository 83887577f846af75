//! Where the user's keys stand.

use proc_macro2::Span;

/// The keys that were given, each with the place of its own token: what messages point at.
#[derive(Default)]
pub(crate) struct Marks(Vec<(&'static str, Span)>);

impl Marks {
    pub(crate) fn note(&mut self, key: &'static str, span: Span) {
        self.0.push((key, span));
    }

    /// Where `key` stands.
    pub(crate) fn at(&self, key: &str) -> Option<Span> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, span)| *span)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.at(key).is_some()
    }

    /// All, in the order in which they stand.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, Span)> {
        self.0.iter().copied()
    }
}
