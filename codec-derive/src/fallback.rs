//! Empty impls for a declaration with errors, so that one mistake gives one message.
//!
//! They never run: the errors beside them stop the build.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, GenericParam, Generics, parse_quote};

use crate::expand::{construct, context, fill};
use crate::model::{Body, Declaration, Derive};
use crate::names;

/// All that other code may ask of the type, as far as the declaration could be understood.
pub(crate) fn impls(declaration: Option<&Declaration>, input: &DeriveInput) -> TokenStream {
    let Some(declaration) = declaration else { return TokenStream::new() };
    let allowances = names::allowances();
    let import = names::import(declaration);
    let context = context::declared(declaration);
    let constructor = context::constructor(declaration);
    let fill = fill::declared(declaration);
    let construct = construct::implementation(declaration);
    let wire = wire(declaration, input);
    let parse = parse(input);
    let tagged = context::is_tagged(declaration).then(|| tagged(declaration, input));
    let bits = matches!(declaration.body, Body::Bitfield(_) | Body::Number(_))
        .then(|| bits(declaration, input));
    let frame = (declaration.derive == Derive::Frame).then(|| frame(input));
    quote! {
        #context
        #allowances
        const _: () = {
            #import
            #fill
            #constructor
            #construct
            #wire
            #parse
            #tagged
            #bits
            #frame
        };
    }
}

fn wire(declaration: &Declaration, input: &DeriveInput) -> TokenStream {
    let (name, context, fill) = (&input.ident, context::ty(declaration), fill::ty(declaration));
    let (impl_generics, type_generics, clause) = input.generics.split_for_impl();
    quote! {
        impl #impl_generics __private::Wire for #name #type_generics #clause {
            type Context = #context;
            type Fill = #fill;
            const MIN_LEN: usize = 1;
            const MAX_LEN: __private::Option<usize> = __private::Some(1);
            const FIXED_LEN: __private::Option<usize> = __private::Some(1);
            const SCHEMA: &'static __private::Schema = <u8 as __private::Wire>::SCHEMA;
            fn encoded_len_in(&self, _: __private::Scope<'_>, _: &Self::Context) -> usize {
                loop {}
            }
            fn encode_in(
                &self,
                _: &mut __private::BytesMut,
                _: &Self::Fill,
                _: __private::Scope<'_>,
                _: &Self::Context,
            ) -> __private::Result<(), __private::EncodeError> {
                loop {}
            }
        }
        impl #impl_generics __private::Roles for #name #type_generics #clause {}
    }
}

fn parse(input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    let (generics, lifetime) = with_lifetime(&input.generics);
    let (impl_generics, _, clause) = generics.split_for_impl();
    let (_, type_generics, _) = input.generics.split_for_impl();
    quote! {
        impl #impl_generics __private::Parse<#lifetime> for #name #type_generics #clause {
            fn parse_in(
                _: &#lifetime [u8],
                _: __private::Scope<'_>,
                _: &Self::Context,
            ) -> __private::IResult<&#lifetime [u8], Self, __private::DecodeError> {
                loop {}
            }
        }
    }
}

/// The lifetime of the input: the type's own, or one more.
fn with_lifetime(generics: &Generics) -> (Generics, syn::Lifetime) {
    if let Some(parameter) = generics.lifetimes().next() {
        return (generics.clone(), parameter.lifetime.clone());
    }
    let mut generics = generics.clone();
    let parameter: GenericParam = parse_quote!('__input);
    generics.params.insert(0, parameter);
    (generics, parse_quote!('__input))
}

fn tagged(declaration: &Declaration, input: &DeriveInput) -> TokenStream {
    let (name, own) = (&input.ident, context::declared_type(declaration));
    let (impl_generics, type_generics, clause) = input.generics.split_for_impl();
    quote! {
        impl #impl_generics __private::Tagged for #name #type_generics #clause {
            type Own = #own;
            fn tag(&self) -> u64 {
                loop {}
            }
            fn context(_: u64, _: bool, _: #own) -> __private::Tag<#own> {
                loop {}
            }
        }
    }
}

fn bits(declaration: &Declaration, input: &DeriveInput) -> TokenStream {
    let (name, fill) = (&input.ident, fill::ty(declaration));
    let (impl_generics, type_generics, clause) = input.generics.split_for_impl();
    quote! {
        impl #impl_generics __private::Bits for #name #type_generics #clause {
            type Fill = #fill;
            const BITS: u32 = 1;
            const SCHEMA: &'static __private::Schema = <u8 as __private::Wire>::SCHEMA;
            fn from_bits(_: u64) -> __private::Result<Self, __private::Fault> {
                loop {}
            }
            fn to_bits(
                &self,
                _: &Self::Fill,
            ) -> __private::Result<u64, __private::EncodeError> {
                loop {}
            }
        }
    }
}

fn frame(input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    let (impl_generics, type_generics, clause) = input.generics.split_for_impl();
    quote! {
        impl #impl_generics __private::Frame for #name #type_generics #clause {
            type Border = ();
            const MAX_FRAME_LEN: usize = 1;
            const RESYNC: __private::Resync = __private::Resync::Close;
            fn probe(_: &mut (), _: &Self::Context, _: &[u8]) -> __private::Probe {
                loop {}
            }
        }
    }
}
