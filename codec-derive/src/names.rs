//! Every identifier and path that generated code uses, in one place.
//!
//! All code of one derive stands in one `const _: () = { .. };`, so that nothing of it can be named
//! from outside and one short `use` serves all of it: `__private` is the module
//! `codec_core::private`, which re-exports the traits, the prelude's types and all leaf functions.
//! Locals of fields carry the field's own name; everything else that we name starts with `__`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::model::{Declaration, Parameter};

/// `use ::longlink::codec::private as __private;`.
pub(crate) fn import(declaration: &Declaration) -> TokenStream {
    let facade = &declaration.facade;
    quote!(use #facade::codec::private as __private;)
}

/// Attributes of the block that holds all generated code. Lints that a user may deny judge the
/// user's own code; ours is judged in our own tests.
pub(crate) fn allowances() -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[allow(
            unused,
            unused_qualifications,
            unreachable_pub,
            unreachable_code,
            missing_docs,
            missing_debug_implementations,
            missing_copy_implementations,
            non_shorthand_field_patterns,
            single_use_lifetimes,
            trivial_casts,
            trivial_numeric_casts,
            non_snake_case,
            non_camel_case_types,
            non_upper_case_globals,
            clippy::all,
            clippy::pedantic,
            clippy::nursery,
            clippy::restriction
        )]
    }
}

/// The struct of the values named in `ctx(..)`: `MessageContext`.
pub(crate) fn context_type(declaration: &Declaration) -> Ident {
    format_ident!("{}Context", declaration.name, span = declaration.name.span())
}

/// The constructor by which a parent fills a child's context. The parameters' names are part of its
/// name, so that order cannot matter and a wrong name is an error at the user's own `ctx(..)`.
pub(crate) fn context_constructor<'n>(names: impl Iterator<Item = &'n Ident>, span: Span) -> Ident {
    let mut constructor = String::from("__context");
    for name in names {
        constructor.push('_');
        constructor.push_str(&name.to_string());
    }
    Ident::new(&constructor, span)
}

/// The names of declared parameters.
pub(crate) fn parameter_names(parameters: &[Parameter]) -> impl Iterator<Item = &Ident> {
    parameters.iter().map(|parameter| &parameter.name)
}

/// The function of ours that calls the user's `crc`: `__checksum_crc`.
pub(crate) fn function(word: &Ident) -> Ident {
    format_ident!("__checksum_{word}")
}

/// A local variable of ours that belongs to a field: `__length_3`.
pub(crate) fn local(what: &str, index: usize) -> Ident {
    format_ident!("__{what}_{index}")
}
