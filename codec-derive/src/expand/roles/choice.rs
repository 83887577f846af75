//! `role = if flags.request { sequence } else { replies_to }`.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Block, Expr, Stmt};

use crate::model::{BitValue, Field, Fields, Kind, RelationKind};

/// The expression with its leaves turned into `Some(Role::..)`; `none` is a leaf, too.
pub(super) fn rewritten(expression: &Expr) -> TokenStream {
    match expression {
        Expr::If(branch) => {
            let (condition, then) = (&branch.cond, block(&branch.then_branch));
            let otherwise = match &branch.else_branch {
                Some((_, otherwise)) => rewritten(otherwise),
                None => quote!(::core::option::Option::None),
            };
            quote!(if #condition #then else { #otherwise })
        }
        Expr::Match(choice) => {
            let value = &choice.expr;
            let arms = choice.arms.iter().map(|arm| {
                let (head, body) = (&arm.pat, rewritten(&arm.body));
                quote!(#head => { #body })
            });
            quote!(match #value { #(#arms)* })
        }
        Expr::Block(inner) => block(&inner.block),
        Expr::Paren(inner) => rewritten(&inner.expr),
        leaf => role(leaf),
    }
}

fn block(block: &Block) -> TokenStream {
    let Some((Stmt::Expr(last, None), before)) = block.stmts.split_last() else {
        return quote!({ ::core::option::Option::None });
    };
    let last = rewritten(last);
    quote!({ #(#before)* #last })
}

fn role(leaf: &Expr) -> TokenStream {
    let name = match leaf.to_token_stream().to_string().as_str() {
        "sequence" => quote!(Sequence),
        "acknowledges" => quote!(Acknowledges),
        "replies_to" => quote!(RepliesTo),
        "fragment_index" => quote!(FragmentIndex),
        "fragment_total" => quote!(FragmentTotal),
        "fragment_more" => quote!(FragmentMore),
        "fragment_last" => quote!(FragmentLast),
        _ => return quote!(::core::option::Option::None),
    };
    quote!(::core::option::Option::Some(__private::Role::#name))
}

/// The name stands somewhere in the expression.
pub(super) fn mentions(expression: &Expr, name: &str) -> bool {
    contains(expression.to_token_stream(), name)
}

fn contains(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => contains(group.stream(), name),
        _ => false,
    })
}

/// Other fields that the expression names, as expressions see them: integers as `u64` (`i64`),
/// `Auto<T>` as its `T`, bools by value, all else by reference. A derived value that cannot be
/// known without encoding leaves the choice open.
pub(super) fn earlier(fields: &Fields, of: &Field, expression: &Expr) -> TokenStream {
    let named = fields
        .list
        .iter()
        .filter(|field| field.index != of.index && mentions(expression, &field.local.to_string()));
    let bindings = named.map(|field| {
        let local = &field.local;
        let value = seen(fields, field);
        quote!(let #local = #value;)
    });
    quote!(#(#bindings)*)
}

fn seen(fields: &Fields, field: &Field) -> TokenStream {
    let local = &field.local;
    if field.auto {
        let derived = derived(fields, field);
        let set = if is_bool(field) {
            quote!(*__set)
        } else {
            quote!(__private::RoleValue::number(__set)?)
        };
        return quote! {
            match &*#local {
                __private::Auto::Set(__set) => #set,
                __private::Auto::Derived => #derived,
            }
        };
    }
    if field.optional {
        return quote!(&*#local);
    }
    match &field.kind {
        Kind::Bool | Kind::Bits { value: BitValue::Bool, .. } => quote!(*#local),
        Kind::Integer(integer) if integer.signed => quote!(i64::from(*#local)),
        Kind::Varint(one) if one.is_padded() => {
            quote!(__private::RoleValue::number(&(*#local).value)?)
        }
        Kind::Integer(_)
        | Kind::Bits { value: BitValue::Integer { signed: false }, .. }
        | Kind::Varint(_)
        | Kind::Sized { signed: false }
        | Kind::Decimal => quote!(__private::RoleValue::number(&*#local)?),
        _ => quote!(&*#local),
    }
}

fn is_bool(field: &Field) -> bool {
    matches!(field.kind, Kind::Bool | Kind::Bits { value: BitValue::Bool, .. })
}

/// Tags and presence bits are known without encoding.
fn derived(fields: &Fields, field: &Field) -> TokenStream {
    let relation = fields
        .relations
        .iter()
        .find(|relation| relation.holder.field == field.index && relation.holder.path.is_empty());
    let target = |index: usize| fields.list.get(index).map(|target| &target.local);
    match relation.map(|relation| &relation.kind) {
        Some(RelationKind::Tag { target: index, part, parts }) => match target(*index) {
            Some(_) if is_list(fields, *index) => quote!(return ::core::option::Option::None),
            Some(local) => match super::super::relation::in_tuple(*part, *parts) {
                Some(place) => {
                    quote!(__private::tag_part(__private::Tagged::tag(&*#local), #place))
                }
                None => quote!(__private::Tagged::tag(&*#local)),
            },
            None => quote!(return ::core::option::Option::None),
        },
        Some(RelationKind::Present { target: index }) => match target(*index) {
            Some(local) => quote!(::core::option::Option::is_some(&*#local)),
            None => quote!(return ::core::option::Option::None),
        },
        _ => quote!(return ::core::option::Option::None),
    }
}

/// One tag for all items of a list: it is not asked for.
fn is_list(fields: &Fields, index: usize) -> bool {
    fields.list.get(index).is_some_and(|field| matches!(field.kind, Kind::List { .. }))
}
