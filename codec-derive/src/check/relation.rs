//! Relations: who holds the derived value, and what it describes.

use crate::check::fit::text_of;
use crate::check::{Layout, Owner};
use crate::diagnostics::Diagnostics;
use crate::model::{
    Alternative, Derive, Field, Fields, Kind, Place, Process, ProcessKind, Relation, RelationKind,
};
use crate::shape::{self, Shape};

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for relation in &layout.fields.relations {
        holder(layout, relation, diagnostics);
        order(layout.fields, relation, diagnostics);
        target(layout.fields, relation, diagnostics);
    }
    twice(layout.fields, diagnostics);
    tag_parts(layout.fields, diagnostics);
    for field in &layout.fields.list {
        automatic(layout.fields, field, diagnostics);
        open(layout, field, diagnostics);
        opaque(layout.fields, field, diagnostics);
    }
}

impl RelationKind {
    fn name(&self) -> &'static str {
        match self {
            Self::Length { .. } => "a length",
            Self::Count { .. } => "a count",
            Self::PlainLength { .. } => "a plain length",
            Self::Tag { .. } => "a tag",
            Self::Present { .. } => "a presence bit",
            Self::Checksum { .. } => "a checksum",
        }
    }
}

/// The value is derived, so its type is `Auto`; a path into a nested struct is rustc's to judge.
fn holder(layout: &Layout<'_>, relation: &Relation, diagnostics: &mut Diagnostics) {
    let Some(field) = layout.fields.list.get(relation.holder.field) else { return };
    if !relation.holder.path.is_empty() {
        return into(layout, field, &relation.holder, diagnostics);
    }
    let (what, ty) = (relation.kind.name(), text_of(&field.inner));
    let present = matches!(relation.kind, RelationKind::Present { .. });
    let shape = shape::of(&field.inner);
    if present {
        if field.auto && matches!(shape, Shape::Bool) {
            return;
        }
        let name = field.name();
        let message = match (field.auto, &shape) {
            (false, Shape::Bool) => format!(
                "`{name}` is a plain `bool`; write `present_if = {name}`, or make it `Auto<bool>`"
            ),
            _ => {
                format!("`present_in` names an `Auto<bool>`; `{name}` is `{}`", text_of(&field.ty))
            }
        };
        diagnostics.error(relation.holder.span, message);
    } else if !integral(relation, &shape) {
        diagnostics.error_at(&field.inner, format!("{what} is an integer; write `Auto<u16>`"));
    } else if !field.auto {
        let message = format!("{what} is derived from other fields; write `Auto<{ty}>`");
        diagnostics.error_at(&field.ty, message);
    } else if field.optional {
        let message = format!("{what} is always there; write `Auto<{ty}>` without `Option`");
        diagnostics.error_at(&field.ty, message);
    }
}

/// A tag may be a `bool` as well.
fn integral(relation: &Relation, shape: &Shape) -> bool {
    match shape {
        Shape::Integer(_) => true,
        Shape::Bool => matches!(relation.kind, RelationKind::Tag { .. }),
        _ => false,
    }
}

/// The field itself is the place.
fn holds(relation: &Relation, field: &Field) -> bool {
    relation.holder.field == field.index && relation.holder.path.is_empty()
}

/// `properties.length` goes through structs.
fn into(layout: &Layout<'_>, field: &Field, place: &Place, diagnostics: &mut Diagnostics) {
    let name = field.name();
    let ty = text_of(&field.inner);
    let what = if field.optional {
        "an `Option`"
    } else if field.auto {
        "an `Auto`"
    } else {
        match (&field.kind, shape::of(&field.inner)) {
            (Kind::List { .. } | Kind::Lazy { .. }, _) => "a list",
            (Kind::With { .. } | Kind::Map { .. }, _) => "read by your own functions",
            (_, Shape::Other) if ty.contains('\'') => "of a borrowing type",
            (_, Shape::Other) => {
                let generics = &layout.declaration.generics;
                if !generics.type_params().any(|parameter| parameter.ident == ty) {
                    return;
                }
                "of a generic type"
            }
            _ => "not a struct",
        }
    };
    let message = format!(
        "a relation reaches into structs, and `{name}` is {what}; declare the relation inside it"
    );
    diagnostics.error(place.span, message);
}

/// On the wire the derived value stands before what it describes.
fn order(fields: &Fields, relation: &Relation, diagnostics: &mut Diagnostics) {
    let target = match relation.kind {
        RelationKind::Count { list } => list,
        RelationKind::PlainLength { target }
        | RelationKind::Tag { target, .. }
        | RelationKind::Present { target } => target,
        RelationKind::Length { .. } | RelationKind::Checksum { .. } => return,
    };
    let Some(described) = fields.list.get(target) else { return };
    let name = described.name();
    if target == relation.holder.field {
        let what = relation.kind.name();
        let message =
            format!("`{name}` cannot be {what} of itself; name the field that it describes");
        diagnostics.error(relation.holder.span, message);
    } else if target < relation.holder.field {
        let what = relation.kind.name();
        let message = format!("{what} stands before what it describes; move it before `{name}`");
        diagnostics.error(relation.holder.span, message);
    }
}

/// What is counted is a list, what has a tag is an enum, what may be absent is an `Option`.
fn target(fields: &Fields, relation: &Relation, diagnostics: &mut Diagnostics) {
    let (index, wanted) = match relation.kind {
        RelationKind::Count { list } => (list, "a list"),
        RelationKind::Tag { target, .. } => (target, "an enum"),
        RelationKind::PlainLength { target } => (target, "processed"),
        _ => return,
    };
    if index == relation.holder.field {
        return;
    }
    let Some(field) = fields.list.get(index) else { return };
    let list = matches!(field.kind, Kind::List { .. } | Kind::Lazy { .. } | Kind::With { .. });
    let nested = matches!(field.kind, Kind::Nested | Kind::With { .. });
    let ty = text_of(&field.inner);
    let message = match relation.kind {
        RelationKind::Tag { .. } if is_plain_list(field) => return,
        RelationKind::Tag { .. } if list && !nested => {
            format!(
                "one tag for all items belongs to a `Vec` of enums without `each`, not to `{ty}`"
            )
        }
        RelationKind::Tag { .. } if !nested => {
            format!("`{}` is `{ty}`, not {wanted}", field.name())
        }
        RelationKind::PlainLength { .. } => match &field.process {
            Some(Process { kind: ProcessKind::Mask(_), .. }) => {
                format!("a mask keeps the length of `{}`; write `length_of`", field.name())
            }
            Some(_) => return,
            None => {
                let name = field.name();
                format!("`{name}` is not {wanted}; write `process = ..` on it, or `length_of` here")
            }
        },
        RelationKind::Count { .. } if !list => {
            let name = field.name();
            format!("`{name}` is `{ty}`, not {wanted}; bytes have a length: write `length_of`")
        }
        _ => return,
    };
    diagnostics.error(relation.span, message);
}

/// Its items are enums, as far as can be seen, and take the tag as one enum does.
fn is_plain_list(field: &Field) -> bool {
    let Kind::List { item } = &field.kind else { return false };
    field.each.is_none() && matches!(shape::of(item), Shape::Other)
}

/// One place holds one length, and one tag.
fn twice(fields: &Fields, diagnostics: &mut Diagnostics) {
    for (index, relation) in fields.relations.iter().enumerate() {
        let single = matches!(
            relation.kind,
            RelationKind::Length { .. }
                | RelationKind::PlainLength { .. }
                | RelationKind::Tag { .. }
        );
        let same = |other: &&Relation| {
            std::mem::discriminant(&other.kind) == std::mem::discriminant(&relation.kind)
                && other.holder.field == relation.holder.field
                && other.holder.path == relation.holder.path
        };
        if single && fields.relations.iter().take(index).any(|other| same(&other)) {
            let what = relation.kind.name().trim_start_matches("a ");
            let message = format!("this place holds another {what} already; keep one of them");
            diagnostics.error(relation.holder.span, message);
        }
    }
}

/// One enum has one tag, of up to four parts.
fn tag_parts(fields: &Fields, diagnostics: &mut Diagnostics) {
    for relation in &fields.relations {
        let RelationKind::Tag { target, part, parts } = relation.kind else { continue };
        let Some(field) = fields.list.get(target) else { continue };
        let name = field.name();
        if field.marks.has("select") {
            let message = format!("`select` says the tag of `{name}` already; keep one of them");
            diagnostics.error(relation.span, message);
        } else if part > 3 {
            let message = format!("`{name}` has a tag of four parts already; keep those");
            diagnostics.error(relation.span, message);
        } else if let Some(holder) = fields.list.get(relation.holder.field)
            && relation.holder.path.is_empty()
            && parts > 1
            && bits(holder) > Alternative::most(parts.min(4)).count_ones()
        {
            let most = Alternative::most(parts.min(4)).count_ones();
            let message = format!(
                "the type of a part of {parts} tags has up to {most} bits; write `Auto<{}>`",
                if most < 32 { "u16" } else { "u32" }
            );
            diagnostics.error_at(&holder.inner, message);
        }
    }
}

/// The bits of the field's type, however few of them are on the wire; 0 where rustc has to say.
fn bits(field: &Field) -> u32 {
    match shape::of(&field.inner) {
        Shape::Integer(integer) => u32::try_from(integer.bytes * 8).unwrap_or(u32::MAX),
        _ => 0,
    }
}

/// Without a tag nothing is known that could be opaque.
fn opaque(fields: &Fields, field: &Field, diagnostics: &mut Diagnostics) {
    let tagged = fields.relations.iter().any(
        |relation| matches!(relation.kind, RelationKind::Tag { target, .. } if target == field.index),
    );
    let spoiled = fields.list.iter().any(|field| field.marks.is_spoiled());
    if let Some(span) = field.marks.at("opaque_if")
        && !tagged
        && !field.marks.has("select")
        && !spoiled
    {
        let name = field.name();
        let message = format!(
            "nothing says the tag of `{name}`; add `tag_of = {name}` on an earlier field, or `select \
             = ..` here"
        );
        diagnostics.error(span, message);
    }
}

/// `Auto` of what.
fn automatic(fields: &Fields, field: &Field, diagnostics: &mut Diagnostics) {
    let judged = fields.relations.iter().any(|relation| holds(relation, field));
    if field.auto && !judged && !matches!(shape::of(&field.inner), Shape::Integer(_) | Shape::Bool)
    {
        let ty = text_of(&field.inner);
        let message = format!("a derived value is an integer or a `bool`, not `{ty}`");
        diagnostics.error_at(&field.inner, message);
    }
}

/// An `Auto` that no relation of its own type fills is left to the parent, where one can reach it.
fn open(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    let filled = layout.fields.relations.iter().any(|relation| holds(relation, field));
    if !field.auto || filled || field.marks.is_spoiled() {
        return;
    }
    let why = match layout.owner {
        Owner::Variant(..) => "no parent reaches into a variant",
        _ if layout.declaration.derive == Derive::Frame => "a frame has no parent",
        _ if layout.declaration.lifetime.is_some() => "no parent reaches into a borrowing type",
        _ => return,
    };
    let (name, ty) = (field.name(), text_of(&field.inner));
    let message = format!(
        "nothing says what `{name}` derives from, and {why}; write `length_of = ..`, `count_of = \
         ..`, `tag_of = ..` or `checksum = ..`, or the plain `{ty}`"
    );
    diagnostics.error_at(&field.ty, message);
}
