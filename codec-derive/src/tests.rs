//! Diagnostics of declarations, in process, with line and column.

mod absent;
mod accepted;
mod bits;
mod bound;
mod checksum;
mod combination;
mod context;
mod each;
mod enclosing;
mod enums;
mod expands;
mod fit;
mod frame;
mod guarded;
mod keys;
mod limits;
mod literals;
mod names;
mod padded;
mod page;
mod presence;
mod reach;
mod relation;
mod role;
mod snapshots;
mod span;
mod split;
mod steps;
mod tagged;
mod tags;
mod text;

use syn::{Attribute, Item};

use crate::diagnostics::Diagnostics;
use crate::model::{Declaration, Derive};

/// Every message about the declarations in `source`: `line:column text`, lines and
/// columns from one, as rustc shows them.
fn messages(source: &str) -> Vec<String> {
    let message = |error: &syn::Error| {
        let start = error.span().start();
        format!("{}:{} {error}", start.line, start.column + 1)
    };
    errors(source).iter().map(message).collect()
}

/// Everything that is wrong with the declarations in `source`.
fn errors(source: &str) -> Vec<syn::Error> {
    let mut all = Vec::new();
    for (input, derive) in inputs(source) {
        let mut diagnostics = Diagnostics::default();
        crate::analyze(&input, derive, &mut diagnostics);
        all.extend(diagnostics.sorted());
    }
    all
}

/// The model of the only declaration in `source`, which has nothing wrong.
fn model(source: &str) -> Declaration {
    let (input, derive) = inputs(source).pop().expect("a declaration");
    let mut diagnostics = Diagnostics::default();
    let declaration = crate::analyze(&input, derive, &mut diagnostics);
    let messages: Vec<String> = diagnostics.sorted().map(|error| error.to_string()).collect();
    assert_eq!(messages, [""; 0]);
    declaration.expect("a model")
}

fn inputs(source: &str) -> Vec<(syn::DeriveInput, Derive)> {
    let file = syn::parse_file(source).expect("Rust source");
    file.items
        .into_iter()
        .filter_map(|item| {
            let (Item::Struct(syn::ItemStruct { attrs, .. })
            | Item::Enum(syn::ItemEnum { attrs, .. })
            | Item::Union(syn::ItemUnion { attrs, .. })) = &item
            else {
                return None;
            };
            let derive = derive_of(attrs)?;
            let tokens = quote::ToTokens::to_token_stream(&item);
            Some((syn::parse2(tokens).expect("a derive input"), derive))
        })
        .collect()
}

fn derive_of(attributes: &[Attribute]) -> Option<Derive> {
    let mut derive = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        attribute
            .parse_nested_meta(|meta| {
                if meta.path.is_ident("Wire") {
                    derive = Some(Derive::Wire);
                } else if meta.path.is_ident("Frame") {
                    derive = Some(Derive::Frame);
                }
                Ok(())
            })
            .expect("a list of derives");
    }
    derive
}
