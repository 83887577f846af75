//! Judges a declaration. One file per concern, one small function per rule; each looks at all of
//! the declaration and none stops the others.

mod absent;
mod bound;
mod checksum;
mod combination;
mod context;
mod enclosing;
mod enums;
mod expression;
mod fit;
mod frame;
mod names;
mod number;
mod presence;
mod relation;
mod role;
mod span;
mod split;
mod tags;
mod text;

pub(crate) use checksum::SIMPLE;
pub(crate) use fit::text_of;

use crate::diagnostics::Diagnostics;
use crate::model::{Body, Declaration, Enum, Fields, Variant};

/// Reports everything that is wrong with `declaration`.
pub(crate) fn all(declaration: &Declaration, diagnostics: &mut Diagnostics) {
    frame::check(declaration, diagnostics);
    context::of_type(declaration, diagnostics);
    names::of_type(declaration, diagnostics);
    for each in declaration.elements() {
        all(&each.declaration, diagnostics);
    }
    match &declaration.body {
        Body::Struct(fields) => {
            layout(&Layout { declaration, fields, owner: Owner::Struct }, diagnostics);
        }
        Body::Bitfield(bitfield) => {
            let fields = &bitfield.fields;
            layout(&Layout { declaration, fields, owner: Owner::Bitfield }, diagnostics);
            if bitfield.flags {
                fit::flags(fields, diagnostics);
            }
        }
        Body::Enum(data) => {
            enums::check(declaration, data, diagnostics);
            tags::check(data, diagnostics);
            for variant in &data.variants {
                let owner = Owner::Variant(data, variant);
                let fields = &variant.fields;
                layout(&Layout { declaration, fields, owner }, diagnostics);
            }
        }
        Body::Number(number) => {
            enums::number(number, diagnostics);
            tags::number(number, diagnostics);
        }
    }
}

/// Fields, and whose they are.
struct Layout<'d> {
    declaration: &'d Declaration,
    fields: &'d Fields,
    owner: Owner<'d>,
}

#[derive(Clone, Copy)]
enum Owner<'d> {
    Struct,
    Bitfield,
    Variant(&'d Enum, &'d Variant),
}

fn layout(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    combination::check(layout, diagnostics);
    fit::check(layout, diagnostics);
    number::check(layout, diagnostics);
    bound::check(layout, diagnostics);
    presence::check(layout, diagnostics);
    absent::check(layout, diagnostics);
    relation::check(layout, diagnostics);
    span::check(layout, diagnostics);
    checksum::check(layout, diagnostics);
    context::check(layout, diagnostics);
    enclosing::check(layout, diagnostics);
    names::check(layout, diagnostics);
    role::check(layout, diagnostics);
    split::check(layout, diagnostics);
    text::check(layout, diagnostics);
}
