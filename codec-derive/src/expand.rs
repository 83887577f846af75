//! The model into code. Total: nothing here fails, panics or reports.

#[cfg(feature = "arbitrary")]
pub(crate) mod arbitrary;
pub(crate) mod bits;
pub(crate) mod border;
pub(crate) mod bounds;
pub(crate) mod construct;
pub(crate) mod context;
pub(crate) mod each;
pub(crate) mod enclosing;
pub(crate) mod encode;
pub(crate) mod enums;
pub(crate) mod expression;
pub(crate) mod fill;
pub(crate) mod frame;
pub(crate) mod guard;
pub(crate) mod layout;
pub(crate) mod length;
pub(crate) mod number;
pub(crate) mod parse;
pub(crate) mod relation;
pub(crate) mod roles;
pub(crate) mod schema;
pub(crate) mod shared;
pub(crate) mod text;
pub(crate) mod value;
pub(crate) mod varint;
pub(crate) mod view;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Body, Declaration};
use crate::names;

/// Everything that a derive emits for one declaration.
pub(crate) fn declaration(declaration: &Declaration) -> TokenStream {
    let allowances = names::allowances();
    let import = names::import(declaration);
    let context = context::declared(declaration);
    let context_constructor = context::constructor(declaration);
    let fill = fill::declared(declaration);
    let wire = encode::implementation(declaration);
    let parse = parse::implementation(declaration);
    let bits = match &declaration.body {
        Body::Bitfield(bitfield) => bits::implementation(declaration, bitfield),
        Body::Number(number) => number::implementation(declaration, number),
        Body::Struct(_) | Body::Enum(_) => TokenStream::new(),
    };
    let construct = construct::implementation(declaration);
    let roles = roles::implementation(declaration);
    let border = border::implementation(declaration);
    let view = view::implementation(declaration);
    let functions = relation::functions(declaration);
    let guard = guard::implementation(declaration);
    let elements = declaration.elements().map(each::declared);
    quote! {
        #(#elements)*
        #context
        #allowances
        const _: () = {
            #import
            #functions
            #fill
            #context_constructor
            #wire
            #parse
            #bits
            #construct
            #roles
            #border
            #view
            #guard
        };
    }
}
