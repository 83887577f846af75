//! What a field hands to the type inside it where the declaration names nothing.

/// The context of types that need none: `()`.
#[diagnostic::on_unimplemented(
    message = "the type of this field needs `{Self}`, and the field does not say where from",
    label = "needs `{Self}`",
    note = "what `ctx(..)` of the type names is handed to it with `#[wire(ctx(name))]` on the field",
    note = "a `Tag` stands in an integer before it with `tag_of = ..`, or is said by `tag_in = ..` or \
            `select = ..` on the field"
)]
pub trait Nothing {
    /// The only value.
    const NOTHING: Self;
}

impl Nothing for () {
    const NOTHING: Self = ();
}

/// The context of a field that hands nothing down.
#[inline(always)]
#[must_use]
pub const fn nothing<C: Nothing>() -> C {
    C::NOTHING
}
