//! Expressions in attributes: names of fields and context become locals, operators are checked.
//!
//! `count * 2` expands to
//! `(|| { let count = Whole::wide(count); Some(Checked::mul(count, 2)?) })()`, of type `Option`;
//! an expression without operators needs no closure and stays as it is.

mod rewrite;

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{Expr, Type};

use crate::expand::expression::rewrite::Rewriter;
use crate::expand::layout::Layout;
use crate::model::{BitValue, Declaration, Field, Kind, Timestamp};
use crate::names;

/// Reading, where locals hold values, or writing, where they are references.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Read,
    Write,
}

/// An expression ready to stand in generated code.
pub(crate) struct Prepared {
    tokens: TokenStream,
    fallible: bool,
}

impl Prepared {
    /// Its value, or what happens on an overflow.
    pub(crate) fn or_else(&self, on_overflow: &TokenStream) -> TokenStream {
        let tokens = &self.tokens;
        if !self.fallible {
            return quote!(#tokens);
        }
        quote! {
            match #tokens {
                __private::Some(__value) => __value,
                __private::None => #on_overflow,
            }
        }
    }

    /// Its value as a `usize`.
    pub(crate) fn size_or_else(&self, on_overflow: &TokenStream) -> TokenStream {
        let value = self.or_else(on_overflow);
        quote! {
            match __private::size(#value) {
                __private::Some(__value) => __value,
                __private::None => #on_overflow,
            }
        }
    }
}

/// How a name stands in an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// As `u64` or `i64`.
    Whole,
    /// As it is, copied.
    Copied,
    Reference,
}

/// An expression over the fields before `limit` and the context.
pub(crate) fn prepare(layout: &Layout<'_>, expr: &Expr, side: Side, limit: usize) -> Prepared {
    prepare_with(layout, expr, side, limit, &TokenStream::new())
}

/// The same with further names bound before it (`left`).
pub(crate) fn prepare_with(
    layout: &Layout<'_>,
    expr: &Expr,
    side: Side,
    limit: usize,
    bindings: &TokenStream,
) -> Prepared {
    let used = identifiers(expr.to_token_stream());
    let mut prelude = context(layout, &used);
    for field in layout.fields.list.iter().take(limit) {
        if used.contains(&field.local.to_string()) {
            prelude.extend(binding(layout, field, side));
        }
    }
    prelude.extend(bindings.clone());
    finish(expr, &prelude)
}

/// An expression over the context of a declaration alone.
pub(crate) fn of_context(declaration: &Declaration, expr: &Expr) -> Prepared {
    let used = identifiers(expr.to_token_stream());
    let names = declaration.context.iter();
    let names = names.filter(|parameter| used.contains(&parameter.name.to_string()));
    let prelude: TokenStream =
        names.map(|parameter| context_binding(&parameter.name, &parameter.ty)).collect();
    finish(expr, &prelude)
}

/// Names of fields and context, bound for an expression that is spliced in elsewhere.
pub(crate) fn bindings(
    layout: &Layout<'_>,
    tokens: TokenStream,
    side: Side,
    limit: usize,
) -> TokenStream {
    let used = identifiers(tokens);
    let mut prelude = context(layout, &used);
    for field in layout.fields.list.iter().take(limit) {
        if used.contains(&field.local.to_string()) {
            prelude.extend(binding(layout, field, side));
        }
    }
    prelude
}

/// The field is named in one of the expressions of this body.
pub(crate) fn is_used(layout: &Layout<'_>, field: &Field) -> bool {
    let name = field.local.to_string();
    layout.fields.list.iter().any(|one| {
        let mut exprs = expressions(one);
        exprs.any(|expr| identifiers(expr.to_token_stream()).contains(&name))
    }) || layout
        .asserts
        .iter()
        .any(|one| identifiers(one.condition.to_token_stream()).contains(&name))
}

/// The field is named in one of the expressions that are evaluated on reading alone.
pub(crate) fn is_read_by(layout: &Layout<'_>, field: &Field) -> bool {
    use crate::model::{Kind, Valid};
    let name = field.local.to_string();
    layout.fields.list.iter().any(|one| {
        let (first, second) = match &one.kind {
            Kind::Scaled { scale, offset, .. } => (Some(scale), offset.as_ref()),
            Kind::Map { read, .. } => (Some(read), None),
            _ => (None, None),
        };
        let pattern = match &one.valid {
            Some(Valid::Pattern(pattern)) => Some(pattern),
            _ => None,
        };
        let mut exprs = [one.max_len.as_ref(), one.fixed.as_ref(), first, second, pattern]
            .into_iter()
            .flatten();
        exprs.any(|expr| identifiers(expr.to_token_stream()).contains(&name))
    })
}

/// The expressions of a field that are evaluated on writing.
fn expressions(field: &Field) -> impl Iterator<Item = &Expr> {
    use crate::model::{Endian, Presence, Valid};
    let presence = match &field.presence {
        Presence::If(expr) => Some(expr),
        _ => None,
    };
    let endian = match &field.endian {
        Some(Endian::Expression(expr)) => Some(expr),
        _ => None,
    };
    let valid = match &field.valid {
        Some(Valid::Condition(expr)) => Some(expr),
        _ => None,
    };
    let bound = &field.bound;
    [&bound.size, &bound.count, &bound.until, &field.select, &field.opaque_if, &field.max_count]
        .into_iter()
        .flatten()
        .chain(presence)
        .chain(endian)
        .chain(field.kind.encoding())
        .chain(valid)
        .chain(field.asserts.iter().map(|one| &one.condition))
        .chain(field.arguments.iter().map(|one| &one.value))
        .chain(field.process.iter().flat_map(process_arguments))
        .chain(field.process.iter().filter_map(|process| process.condition.as_ref()))
}

fn process_arguments(process: &crate::model::Process) -> &[Expr] {
    match &process.kind {
        crate::model::ProcessKind::Path { arguments, .. } => arguments,
        crate::model::ProcessKind::Mask(key) => std::slice::from_ref(key),
        crate::model::ProcessKind::Zlib => &[],
    }
}

fn finish(expr: &Expr, prelude: &TokenStream) -> Prepared {
    let mut expr = expr.clone();
    let mut rewriter = Rewriter { fallible: false, in_closure: false };
    rewriter.visit_expr_mut(&mut expr);
    let fallible = rewriter.fallible;
    let tokens = match (fallible, prelude.is_empty()) {
        (true, _) => quote!((|| { #prelude __private::Some(#expr) })()),
        (false, true) => quote!(#expr),
        (false, false) => quote!({ #prelude #expr }),
    };
    Prepared { tokens, fallible }
}

fn context(layout: &Layout<'_>, used: &BTreeSet<String>) -> TokenStream {
    let mut prelude = TokenStream::new();
    for parameter in &layout.declaration.context {
        let name = &parameter.name;
        let shadowed = layout.fields.list.iter().any(|field| field.local == *name);
        if shadowed || !used.contains(&name.to_string()) {
            continue;
        }
        prelude.extend(context_binding(name, &parameter.ty));
    }
    prelude
}

/// `let name = ..;` for one name of the context.
pub(crate) fn context_binding(name: &Ident, ty: &Type) -> TokenStream {
    match operand_of_type(ty) {
        Operand::Whole => quote!(let #name = __private::Whole::wide(__context.#name);),
        Operand::Copied => quote!(let #name = __context.#name;),
        Operand::Reference => quote!(let #name = &__context.#name;),
    }
}

/// The type is a primitive integer.
pub(crate) fn is_whole(ty: &Type) -> bool {
    operand_of_type(ty) == Operand::Whole
}

/// The field stands as an integer in expressions.
pub(crate) fn is_number(field: &Field) -> bool {
    operand(field) == Operand::Whole
}

/// A reference to the value of a field.
pub(crate) fn reference(field: &Field, side: Side) -> TokenStream {
    let name = &field.local;
    match side {
        Side::Read => quote!((&#name)),
        Side::Write if field.auto && !field.optional => {
            let written = names::local("written", field.index);
            quote!((&#written))
        }
        Side::Write => quote!(#name),
    }
}

/// The field's own name for its own checks, where an `Option` is unwrapped already and an `Auto` is
/// its value; the local holds the value itself.
pub(crate) fn unwrapped(field: &Field, condition: &Expr) -> TokenStream {
    let name = &field.local;
    if !identifiers(condition.to_token_stream()).contains(&name.to_string()) {
        return TokenStream::new();
    }
    match operand_inside(field) {
        Operand::Whole if field.is_padded() => {
            quote!(let #name = __private::Whole::wide(#name.value);)
        }
        Operand::Whole => quote!(let #name = __private::Whole::wide(#name);),
        Operand::Copied => TokenStream::new(),
        Operand::Reference => quote!(let #name = &#name;),
    }
}

/// The field's own name for its own checks on writing, out of a reference to the value inside of
/// an `Option` or an `Auto`.
pub(crate) fn own_binding(field: &Field, reference: &TokenStream) -> TokenStream {
    let name = &field.local;
    match operand_inside(field) {
        Operand::Whole if field.is_padded() => {
            quote!(let #name = __private::Whole::wide((*#reference).value);)
        }
        Operand::Whole => quote!(let #name = __private::Whole::wide(*#reference);),
        Operand::Copied => quote!(let #name = *#reference;),
        Operand::Reference => quote!(let #name = #reference;),
    }
}

/// `let name = ..;` for one field.
fn binding(layout: &Layout<'_>, field: &Field, side: Side) -> TokenStream {
    let name = &field.local;
    let operand = operand(field);
    let value = match side {
        Side::Read => quote!(#name),
        Side::Write if field.auto && !field.optional => {
            let written = names::local("written", field.index);
            quote!(#written)
        }
        Side::Write if operand == Operand::Reference => {
            return quote!(let #name = #name;);
        }
        Side::Write => quote!(*#name),
    };
    let value = if field.is_padded() && !field.optional { quote!((#value).value) } else { value };
    let _ = layout;
    match operand {
        Operand::Whole => quote!(let #name = __private::Whole::wide(#value);),
        Operand::Copied => quote!(let #name = #value;),
        Operand::Reference => quote!(let #name = &#value;),
    }
}

fn operand(field: &Field) -> Operand {
    if field.optional { Operand::Reference } else { operand_inside(field) }
}

fn operand_inside(field: &Field) -> Operand {
    match &field.kind {
        Kind::Integer(_)
        | Kind::Varint(_)
        | Kind::Sized { .. }
        | Kind::Minimal { .. }
        | Kind::Decimal
        | Kind::Bits { value: BitValue::Integer { .. } | BitValue::Steps { .. }, .. }
        | Kind::Bcd { digits: false, .. }
        | Kind::Time(Timestamp::UnixSeconds(_) | Timestamp::UnixMilliseconds(_)) => Operand::Whole,
        Kind::Bool
        | Kind::Float { .. }
        | Kind::Scaled { .. }
        | Kind::Bits { value: BitValue::Bool, .. } => Operand::Copied,
        _ => operand_of_type(&field.inner),
    }
}

fn operand_of_type(ty: &Type) -> Operand {
    let Type::Path(path) = ty else { return Operand::Reference };
    let Some(name) = path.path.get_ident().map(ToString::to_string) else {
        return Operand::Reference;
    };
    match name.as_str() {
        "bool" | "f32" | "f64" => Operand::Copied,
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128"
        | "isize" => Operand::Whole,
        _ => Operand::Reference,
    }
}

/// The condition looks at the next byte, which no field and no context is called.
pub(crate) fn uses_next(layout: &Layout<'_>, field: &Field) -> bool {
    let crate::model::Presence::If(expr) = &field.presence else { return false };
    let shadowed = layout.fields.list.iter().any(|one| one.local == "next")
        || layout.declaration.context.iter().any(|one| one.name == "next");
    !shadowed && identifiers(expr.to_token_stream()).contains("next")
}

/// A condition over the first of `bytes`, bound as `next`; without one it does not hold.
pub(crate) fn with_next(bytes: &TokenStream, condition: &TokenStream) -> TokenStream {
    quote! {
        match #bytes.first() {
            __private::Some(__next) => {
                let next = __private::Whole::wide(*__next);
                #condition
            }
            __private::None => false,
        }
    }
}

/// All identifiers of an expression that do not follow a dot.
pub(crate) fn identifiers(tokens: TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(tokens, &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let mut after_dot = false;
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                if !after_dot {
                    found.insert(name.to_string());
                }
                after_dot = false;
            }
            TokenTree::Group(group) => {
                collect(group.stream(), found);
                after_dot = false;
            }
            TokenTree::Punct(punct) => after_dot = punct.as_char() == '.' && !after_dot,
            TokenTree::Literal(_) => after_dot = false,
        }
    }
}
