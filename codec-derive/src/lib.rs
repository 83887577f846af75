//! `#[derive(Wire)]` and `#[derive(Frame)]` of longlink.
//!
//! | Stage | Turns |
//! |---|---|
//! | `attribute` | the user's `#[wire(..)]` tokens into typed keys |
//! | `build` | keys and types into the resolved model of `model` |
//! | `check` | judges the model; everything wrong with it is reported at once |
//! | `expand` | the model into code; it cannot fail |
//! | `fallback` | a declaration with errors into empty impls, so that one mistake is one message |
//!
//! The language is documented in the crate `longlink`, which re-exports both derives.
#![forbid(unsafe_code)]
#![allow(dead_code, clippy::large_enum_variant)]

mod attribute;
mod build;
mod check;
mod crc_names;
mod diagnostics;
mod expand;
mod fallback;
mod keyword;
mod literal;
mod model;
mod names;
mod shape;
mod size;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::diagnostics::Diagnostics;
use crate::model::{Declaration, Derive};

/// Derives `Wire`, `Parse` and `Roles` for a piece of layout.
#[proc_macro_derive(Wire, attributes(wire))]
pub fn derive_wire(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), Derive::Wire).into()
}

/// Derives what `Wire` does, and the border: for what stands on the stream by itself.
#[proc_macro_derive(Frame, attributes(wire))]
pub fn derive_frame(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), Derive::Frame).into()
}

/// Derives values for property tests and fuzzers, beside one of the other two derives.
#[cfg(feature = "arbitrary")]
#[proc_macro_derive(Arbitrary, attributes(wire))]
pub fn derive_arbitrary(input: TokenStream) -> TokenStream {
    arbitrary(&parse_macro_input!(input as DeriveInput)).into()
}

/// Nothing for a declaration with errors: the derive beside it reports them.
#[cfg(feature = "arbitrary")]
fn arbitrary(input: &DeriveInput) -> proc_macro2::TokenStream {
    // Which of the two stands beside it does not show: it is the one that has nothing to report.
    let declaration = [Derive::Wire, Derive::Frame].into_iter().find_map(|derive| {
        let mut diagnostics = Diagnostics::default();
        let declaration = analyze(input, derive, &mut diagnostics);
        declaration.filter(|_| diagnostics.into_compile_errors().is_none())
    });
    declaration.as_ref().map(expand::arbitrary::declaration).unwrap_or_default()
}

fn derive(input: &DeriveInput, derive: Derive) -> proc_macro2::TokenStream {
    let mut diagnostics = Diagnostics::default();
    let declaration = analyze(input, derive, &mut diagnostics);
    match (declaration, diagnostics.into_compile_errors()) {
        (Some(declaration), None) => expand::declaration(&declaration),
        (declaration, errors) => {
            let impls = fallback::impls(declaration.as_ref(), input);
            quote::quote!(#errors #impls)
        }
    }
}

/// The model of a declaration, and everything that is wrong with it.
fn analyze(
    input: &DeriveInput,
    derive: Derive,
    diagnostics: &mut Diagnostics,
) -> Option<Declaration> {
    let declaration = build::declaration(input, derive, diagnostics)?;
    check::all(&declaration, diagnostics);
    Some(declaration)
}

#[cfg(test)]
mod tests;
