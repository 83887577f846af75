//! A layout as data.

use crate::wire::Wire;

/// The layout of a type, as the derive emits it.
#[derive(Debug)]
pub struct Schema {
    /// The type's name in the declaration.
    pub name: &'static str,
}

/// The schema of a type, as a function: so a schema can be `const`, generic and recursive.
#[must_use]
pub const fn schema_of<T: Wire + ?Sized>() -> &'static Schema {
    T::SCHEMA
}
