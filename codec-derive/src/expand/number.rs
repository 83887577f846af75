//! Fieldless `#[repr(uN)]` enums: an integer with names.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::bounds;
use crate::expand::enums;
use crate::expand::parse;
use crate::model::{Alternative, Declaration, Number, Tagging, Variant};

/// `impl Bits`.
pub(crate) fn implementation(declaration: &Declaration, number: &Number) -> TokenStream {
    let name = &declaration.name;
    let (impl_generics, type_generics, clause) = declaration.generics.split_for_impl();
    let bits = needed_bits(number);
    let width = number.bits;
    let constants = constants(number);
    let known = number.variants.iter().filter(|variant| !enums::is_other(variant));
    let read = known.clone().map(|variant| {
        let (name, pattern) = (&variant.name, pattern(variant));
        quote!(#pattern => Self::#name {},)
    });
    let other = number.variants.iter().find(|variant| enums::is_other(variant));
    let unknown = match other {
        Some(variant) => {
            let name = &variant.name;
            let fields = variant.fields.list.iter().map(|field| {
                let member = &field.member;
                quote!(#member: __private::Whole::wrap(__value))
            });
            quote!(_ => Self::#name { #(#fields),* },)
        }
        None => quote!(_ => return __private::Err(__private::Fault::Invalid),),
    };
    let extended = match number.signed {
        true => quote!(__private::sign_extend(__raw, #width)),
        false => quote!(__raw),
    };
    let write = known.map(|variant| {
        let (name, tag) = (&variant.name, enums::first_tag(variant));
        quote!(Self::#name {} => #tag,)
    });
    let write_other = other.map(|variant| write_other(declaration, number, variant));
    let mask = crate::expand::value::largest(width);
    quote! {
        #[automatically_derived]
        impl #impl_generics __private::Bits for #name #type_generics #clause {
            type Fill = ();
            const BITS: u32 = #bits;
            const SCHEMA: &'static __private::Schema = <Self as __private::Wire>::SCHEMA;

            #[inline]
            fn from_bits(__raw: u64) -> __private::Result<Self, __private::Fault> {
                #constants
                let __value = #extended;
                __private::Ok(match __value {
                    #(#read)*
                    #unknown
                })
            }

            #[inline]
            fn to_bits(&self, _: &()) -> __private::Result<u64, __private::EncodeError> {
                #constants
                let __value = match self {
                    #(#write)*
                    #write_other
                };
                __private::Ok(__value & #mask)
            }
        }
    }
}

/// The value of `other`, unless it belongs to a known variant.
fn write_other(declaration: &Declaration, number: &Number, variant: &Variant) -> TokenStream {
    let name = &variant.name;
    let label = format!("{}.{name}", declaration.name);
    let known = number.variants.iter().filter(|variant| !enums::is_other(variant));
    let patterns: Vec<TokenStream> = known.map(pattern).collect();
    let Some(field) = variant.fields.list.first() else {
        return quote!(Self::#name {} => 0u64,);
    };
    let member = &field.member;
    let check = (!patterns.is_empty()).then(|| {
        quote! {
            match __value {
                #(#patterns)|* => {
                    return __private::Err(
                        __private::EncodeError::TagIsKnown { field: #label, tag: __value }
                    );
                }
                _ => {}
            }
        }
    });
    quote! {
        Self::#name { #member: __value } => {
            let __value = __private::Whole::to_u64(*__value);
            #check
            __value
        }
    }
}

/// The methods of `impl Parse`.
pub(crate) fn parse(declaration: &Declaration, number: &Number) -> TokenStream {
    let lifetime = bounds::input_lifetime(declaration);
    let scope = parse::scope(declaration);
    let bytes = number.bits as usize / 8;
    quote! {
        #[inline]
        fn parse_in(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            _: &Self::Context,
        ) -> __private::IResult<&#lifetime [u8], Self, __private::DecodeError> {
            #scope
            let __private::Some((__run, __rest)) = __input.split_first_chunk::<#bytes>() else {
                return __private::malformed(__private::Fault::Short, 0, __input);
            };
            match __private::Bits::from_bits(__private::wide(*__run, __scope.endian)) {
                __private::Ok(__value) => __private::Ok((__rest, __value)),
                __private::Err(__fault) => __private::malformed(__fault, 0, __input),
            }
        }
    }
}

fn pattern(variant: &Variant) -> TokenStream {
    match &variant.tagging {
        Tagging::Known(alternatives) => enums::pattern(variant, alternatives),
        _ => quote!(_),
    }
}

fn constants(number: &Number) -> TokenStream {
    enums::constants_of(&number.variants)
}

/// Bits that the known values need: so many must be given inside a run of bits.
fn needed_bits(number: &Number) -> u32 {
    let alternatives = number.variants.iter().flat_map(|variant| match &variant.tagging {
        Tagging::Known(alternatives) => alternatives.as_slice(),
        _ => &[],
    });
    let mut bits = 1;
    for alternative in alternatives {
        bits = bits.max(match alternative {
            Alternative::Value(value) | Alternative::Range(_, value) => 64 - value.leading_zeros(),
            Alternative::Path(_) | Alternative::Tuple(_) => number.bits,
        });
    }
    bits.min(number.bits)
}
