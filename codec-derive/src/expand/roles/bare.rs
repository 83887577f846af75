//! `only_acknowledges()`: whether a value says nothing beyond what it acknowledges or answers.
//!
//! A struct or variant with the field that acknowledges says so when no other of its fields is free:
//! derived, reserved and constant fields, those with a role, and absent ones are not. A frame asks
//! the field that its tag chooses, whatever stands in the header around it. The hidden `is_bare()`
//! asks nested structs; an enum is never bare, because the choice itself says something.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Case, choice, forwards, pattern, roles_of};
use crate::model::{BitValue, Body, Field, FieldRole, Fields, Kind, RelationKind, Role};

/// `only_acknowledges()` and `is_bare()`, where they can be more than `false`.
pub(super) fn methods(body: &Body, cases: &[Case<'_>]) -> TokenStream {
    let only = method(&quote!(only_acknowledges), cases, says);
    match body {
        Body::Struct(_) | Body::Bitfield(_) => {
            let bare = method(&quote!(is_bare), cases, |fields| nothing_else(fields, None));
            quote!(#only #bare)
        }
        Body::Enum(_) => only,
        Body::Number(_) => TokenStream::new(),
    }
}

fn method(
    name: &TokenStream,
    cases: &[Case<'_>],
    condition: impl Fn(&Fields) -> Option<TokenStream>,
) -> TokenStream {
    let arms = cases.iter().filter_map(|case| {
        let (condition, pattern) = (condition(case.fields?)?, pattern(case));
        Some(quote!(#pattern => #condition,))
    });
    let arms: Vec<TokenStream> = arms.collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    let rest = (arms.len() < cases.len()).then(|| quote!(_ => false,));
    quote! {
        fn #name(&self) -> bool {
            match self { #(#arms)* #rest }
        }
    }
}

/// When these fields say nothing beyond what they acknowledge.
fn says(fields: &Fields) -> Option<TokenStream> {
    if fields.list.iter().any(answers) {
        return nothing_else(fields, None);
    }
    let tagged = fields.relations.iter().find_map(|relation| match relation.kind {
        RelationKind::Tag { target, .. } => fields.list.get(target),
        _ => None,
    });
    if let Some(field) = tagged {
        return forwards(field).then(|| asks(field, &quote!(only_acknowledges)));
    }
    let mut nested = fields.list.iter().filter(|field| forwards(field));
    let (one, more) = (nested.next()?, nested.next());
    if more.is_some() { None } else { nothing_else(fields, Some(one.index)) }
}

/// When no field is free. `teller`: the nested one that acknowledges.
fn nothing_else(fields: &Fields, teller: Option<usize>) -> Option<TokenStream> {
    let mut conditions = Vec::new();
    for field in &fields.list {
        if field.is_tag {
            return None;
        }
        let local = &field.local;
        if teller == Some(field.index) {
            conditions.push(asks(field, &quote!(only_acknowledges)));
        } else if is_settled(field) {
        } else if forwards(field) {
            conditions.push(asks(field, &quote!(is_bare)));
        } else if field.optional {
            conditions.push(quote!(#local.is_none()));
        } else {
            return None;
        }
    }
    Some(if conditions.is_empty() { quote!(true) } else { quote!(#(#conditions)&&*) })
}

fn asks(field: &Field, question: &TokenStream) -> TokenStream {
    let (local, roles) = (&field.local, roles_of(field));
    quote!(#roles::#question(&*#local))
}

/// Nobody but the session, or the layout itself, has a say in it.
fn is_settled(field: &Field) -> bool {
    let constant = matches!(
        &field.kind,
        Kind::Literal(_)
            | Kind::Nothing
            | Kind::Bits { value: BitValue::Literal(_) | BitValue::Zero, .. }
    );
    constant || field.auto || field.reserved || field.fixed.is_some() || field.role.is_some()
}

fn answers(field: &Field) -> bool {
    match &field.role {
        Some(Role::One(role)) => {
            matches!(role, FieldRole::RepliesTo | FieldRole::Acknowledges)
        }
        Some(Role::Choice(expression)) => {
            ["replies_to", "acknowledges"].iter().any(|name| choice::mentions(expression, name))
        }
        None => false,
    }
}
