//! Fields, one after the other: presence, value, conditions.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{unfit, value};
use crate::expand::context;
use crate::expand::expression::{self, Side};
use crate::expand::layout::Layout;
use crate::model::{Declaration, Field, Fields, Kind, Presence, RelationKind, Valid};

/// `draw` of a struct.
pub(super) fn of_struct(declaration: &Declaration, fields: &Fields) -> TokenStream {
    let layout = Layout::of_struct(declaration, fields);
    let (statements, value) = body(&layout, &quote!(Self), &TokenStream::new());
    quote!(#statements __private::Ok(#value))
}

/// The statements that draw all fields, and the value of them. `tag` draws a variant's tag field.
pub(super) fn body(
    layout: &Layout<'_>,
    path: &TokenStream,
    tag: &TokenStream,
) -> (TokenStream, TokenStream) {
    let mut statements = TokenStream::new();
    for field in &layout.fields.list {
        let local = &field.local;
        if is_derived(field) {
            // Expressions that name it see a zero; writing the value shows whether that held.
            let ty = &field.inner;
            if expression::is_used(layout, field) {
                statements.extend(quote!(let #local: #ty = __private::Default::default();));
            }
        } else if field.is_tag {
            statements.extend(quote!(let #local = #tag;));
        } else {
            statements.extend(one(layout, field));
        }
    }
    let unfit = unfit();
    let limit = layout.fields.list.len();
    for assert in &layout.asserts {
        let condition = expression::prepare(layout, &assert.condition, Side::Read, limit);
        let condition = condition.or_else(&unfit);
        statements.extend(quote!(if !(#condition) { #unfit; }));
    }
    let members = layout.fields.list.iter().map(|field| {
        let (member, local) = (&field.member, &field.local);
        match is_derived(field) {
            true => quote!(#member: __private::Auto::Derived),
            false => quote!(#member: #local),
        }
    });
    (statements, quote!(#path { #(#members),* }))
}

fn is_derived(field: &Field) -> bool {
    field.auto && !field.optional
}

fn one(layout: &Layout<'_>, field: &Field) -> TokenStream {
    let local = &field.local;
    if !field.optional {
        let value = checked(layout, field);
        let ty = &field.ty;
        return quote!(let #local: #ty = #value;);
    }
    let present = presence(layout, field);
    let value = match field.auto {
        true => quote!(__private::Auto::Derived),
        false => checked(layout, field),
    };
    let ty = &field.ty;
    quote! {
        let #local: #ty = if #present { __private::Some(#value) } else { __private::None };
    }
}

/// Whether an `Option` is `Some`.
fn presence(layout: &Layout<'_>, field: &Field) -> TokenStream {
    let unfit = unfit();
    let own = match &field.presence {
        Presence::If(_) if expression::uses_next(layout, field) => quote!(__draw.coin()?),
        Presence::If(expr) if names_left(layout, expr) => quote!(__draw.coin()?),
        Presence::If(expr) => {
            expression::prepare(layout, expr, Side::Read, field.index).or_else(&unfit)
        }
        Presence::In => match twin(layout, field) {
            Some(twin) => {
                let local = &twin.local;
                quote!(__private::Option::is_some(&#local))
            }
            None => quote!(__draw.coin()?),
        },
        Presence::Absent(_) => quote!(__draw.coin()?),
        Presence::Gate | Presence::Always => quote!(true),
    };
    match &field.gate {
        Some(gate) => {
            let gate = context::gate(layout.declaration, gate);
            quote!((#gate && #own))
        }
        None => quote!((#own)),
    }
}

/// What follows decides: it is not drawn yet.
pub(super) fn names_left(layout: &Layout<'_>, expr: &syn::Expr) -> bool {
    let shadowed = layout.fields.list.iter().any(|one| one.local == "left");
    !shadowed && expression::identifiers(expr.to_token_stream()).contains("left")
}

/// An earlier field whose presence the same bit says.
fn twin<'l>(layout: &'l Layout<'_>, field: &Field) -> Option<&'l Field> {
    let relations = &layout.fields.relations;
    let place_of = |index: usize| {
        let mut all = relations.iter();
        all.find(|one| matches!(one.kind, RelationKind::Present { target } if target == index))
            .map(|one| &one.holder)
    };
    let own = place_of(field.index)?;
    layout.fields.list.iter().take(field.index).find(|earlier| {
        place_of(earlier.index)
            .is_some_and(|place| place.field == own.field && place.path == own.path)
    })
}

/// A value that satisfies the field's own conditions.
fn checked(layout: &Layout<'_>, field: &Field) -> TokenStream {
    if let (Some(fixed), false) = (&field.fixed, value::is_unit(field)) {
        return quote!(#fixed);
    }
    let value = value::drawn(layout, field);
    let Some(condition) = condition(layout, field) else { return value };
    let (local, ty, unfit) = (&field.local, &field.inner, unfit());
    quote! {{
        let mut __tries = 0;
        loop {
            let #local: #ty = #value;
            if #condition {
                break #local;
            }
            __tries += 1;
            if __tries == 64 { #unfit; }
        }
    }}
}

fn condition(layout: &Layout<'_>, field: &Field) -> Option<TokenStream> {
    let local = &field.local;
    let unfit = unfit();
    let over = |expr: &syn::Expr| {
        let own = expression::unwrapped(field, expr);
        expression::prepare_with(layout, expr, Side::Read, field.index, &own).or_else(&unfit)
    };
    let mut conditions = Vec::new();
    match &field.valid {
        Some(Valid::Pattern(pattern)) => {
            let value = match field.kind {
                Kind::Text(_) => quote!(__private::as_str(&#local)),
                _ if field.is_padded() => quote!(#local.value),
                _ => quote!(#local),
            };
            conditions.push(quote!(match #value { #pattern => true, _ => false }));
        }
        Some(Valid::Condition(expr)) => conditions.push(over(expr)),
        None => {}
    }
    conditions.extend(field.asserts.iter().map(|assert| over(&assert.condition)));
    (!conditions.is_empty()).then(|| quote!(#((#conditions))&&*))
}
