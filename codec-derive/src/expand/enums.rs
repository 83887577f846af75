//! Enums of layouts: a `match` over the tag, never trial and error.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::expand::bounds;
use crate::expand::context;
use crate::expand::expression;
use crate::expand::layout::Layout;
use crate::expand::parse::{self, Reader};
use crate::expand::value;
use crate::model::{
    Alternative, Declaration, Endian, Enum, Integer, Part, TagSource, Tagging, Variant,
};

/// The methods of `impl Parse`.
pub(crate) fn parse(declaration: &Declaration, body: &Enum) -> TokenStream {
    let lifetime = bounds::input_lifetime(declaration);
    let scope = parse::scope(declaration);
    let tag = read_tag(declaration, body);
    let constants = constants(body);
    let arms = body.variants.iter().filter(|variant| !is_other(variant));
    let arms = arms.map(|variant| arm(declaration, body, variant));
    let other = match body.variants.iter().find(|variant| is_other(variant)) {
        Some(variant) => variant_body(declaration, body, variant),
        None => quote! {
            __private::malformed(__private::Fault::UnknownTag, 0, __start)
        },
    };
    quote! {
        #[inline]
        fn parse_in(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::IResult<&#lifetime [u8], Self, __private::DecodeError> {
            #scope
            #constants
            let __start = __input;
            #tag
            match __tag {
                #(#arms)*
                _ => { #other }
            }
        }
    }
}

/// `__tag`: what the arms are matched against; `__input` begins at the variant's own bytes.
fn read_tag(declaration: &Declaration, body: &Enum) -> TokenStream {
    let order = match &declaration.endian {
        Some(Endian::Big) => quote!(__private::Endian::Big),
        Some(Endian::Little) => quote!(__private::Endian::Little),
        _ => quote!(__scope.endian),
    };
    match &body.source {
        TagSource::Outer => outer(body),
        TagSource::Of(expr) => {
            let value = expression::of_context(declaration, expr).or_else(&quote! {
                return __private::malformed(__private::Fault::Length, 0, __input)
            });
            quote! {
                let __number = __private::tag(#value);
                let __tag = __number;
            }
        }
        TagSource::Peek(Integer { bytes, signed }) | TagSource::Own(Integer { bytes, signed }) => {
            let wide = quote!(__private::wide(*__head, #order));
            let bits = u32::try_from(bytes * 8).unwrap_or(64);
            let wide = match signed {
                true => quote!(__private::sign_extend(#wide, #bits)),
                false => wide,
            };
            let consumed = matches!(body.source, TagSource::Own(_));
            let advance = consumed.then(|| quote!(let __input = __body;));
            quote! {
                let __private::Some((__head, __body)) = __input.split_first_chunk::<#bytes>() else {
                    return __private::malformed(__private::Fault::Short, 0, __input);
                };
                let __number = #wide;
                let __tag = __number;
                #advance
            }
        }
    }
}

/// The same where the parent says it: whether it is opaque, and the tag, or its parts.
pub(crate) fn outer(body: &Enum) -> TokenStream {
    let parts = body.parts;
    let tag = match parts {
        1 => quote!(__context.tag),
        _ => quote!(__private::tag_parts::<#parts>(__context.tag)),
    };
    quote! {
        let __tag = (__context.opaque, #tag);
        let __number = __context.tag;
        let __context = &__context.context;
    }
}

/// One known variant.
fn arm(declaration: &Declaration, body: &Enum, variant: &Variant) -> TokenStream {
    let outer = matches!(body.source, TagSource::Outer);
    let mut conditions = Vec::new();
    if let Some(gate) = &variant.gate {
        conditions.push(context::gate(declaration, gate));
    }
    let pattern = match &variant.tagging {
        Tagging::Known(alternatives) => pattern(variant, alternatives),
        Tagging::Masked { mask, value } => {
            conditions.push(quote!((__number & #mask == #value)));
            quote!(_)
        }
        Tagging::Other => quote!(_),
    };
    let pattern = if outer { quote!((false, #pattern)) } else { pattern };
    let guard = (!conditions.is_empty()).then(|| quote!(if #(#conditions)&&*));
    let read = variant_body(declaration, body, variant);
    quote!(#pattern #guard => { #read })
}

fn variant_body(declaration: &Declaration, body: &Enum, variant: &Variant) -> TokenStream {
    let index = parse::number_of(variant.index);
    let scope = match &variant.endian {
        Some(Endian::Big) => quote!(let __scope = __scope.with(__private::Endian::Big);),
        Some(Endian::Little) => quote!(let __scope = __scope.with(__private::Endian::Little);),
        Some(Endian::Expression(expr)) => {
            let names = context::names(declaration);
            quote!(let __scope = __scope.with({ #names #expr });)
        }
        None => TokenStream::new(),
    };
    let tags = variant.fields.list.iter().filter(|field| field.is_tag).map(|field| {
        let (local, ty) = (&field.local, &field.inner);
        let number = parse::number_of(field.index);
        quote! {
            let __private::Some(#local) = <#ty as __private::Whole>::from_u64(__number) else {
                return __private::malformed(__private::Fault::UnknownTag, #number, __start);
            };
        }
    });
    let layout = Layout::of_variant(declaration, variant);
    let statements = Reader::new(&layout).body();
    let _ = body;
    quote! {
        if let __private::Some(__trace) = __scope.trace() {
            __trace.variant(#index);
        }
        #scope
        #(#tags)*
        #statements
    }
}

/// The tags of a variant as a pattern over `u64`.
pub(crate) fn pattern(variant: &Variant, alternatives: &[Alternative]) -> TokenStream {
    let patterns = alternatives.iter().enumerate().map(|(number, alternative)| match alternative {
        Alternative::Value(value) => quote!(#value),
        Alternative::Range(start, end) => quote!(#start..=#end),
        Alternative::Path(_) => {
            let name = constant_name(variant, number);
            quote!(#name)
        }
        Alternative::Tuple(parts) => {
            let parts = parts.iter().enumerate().map(|(index, part)| match part {
                Part::Any => quote!(_),
                Part::Range(start, end) if start == end => quote!(#start),
                Part::Range(start, end) => quote!(#start..=#end),
                Part::Path(_) => {
                    let name = part_name(variant, number, index);
                    quote!(#name)
                }
            });
            quote!([#(#parts),*])
        }
    });
    quote!(#(#patterns)|*)
}

/// Constants for tags that are paths: as patterns, rustc itself finds overlaps.
pub(crate) fn constants(body: &Enum) -> TokenStream {
    constants_of(&body.variants)
}

/// The same for any variants.
pub(crate) fn constants_of(variants: &[Variant]) -> TokenStream {
    let mut code = TokenStream::new();
    for variant in variants {
        let Tagging::Known(alternatives) = &variant.tagging else { continue };
        for (number, alternative) in alternatives.iter().enumerate() {
            match alternative {
                Alternative::Path(path) => {
                    let name = constant_name(variant, number);
                    let tag = value::constant(path);
                    code.extend(quote!(const #name: u64 = #tag;));
                }
                Alternative::Tuple(parts) => {
                    for (index, part) in parts.iter().enumerate() {
                        if let Part::Path(path) = part {
                            let name = part_name(variant, number, index);
                            let tag = value::part(path, parts.len());
                            code.extend(quote!(const #name: u64 = #tag;));
                        }
                    }
                }
                Alternative::Value(_) | Alternative::Range(..) => {}
            }
        }
    }
    code
}

/// The tag that a variant is written with: an expression of type `u64`.
pub(crate) fn first_tag(variant: &Variant) -> TokenStream {
    match &variant.tagging {
        Tagging::Known(alternatives) => match alternatives.first() {
            Some(Alternative::Value(value) | Alternative::Range(value, _)) => quote!(#value),
            Some(Alternative::Path(_)) => {
                let name = constant_name(variant, 0);
                quote!(#name)
            }
            Some(Alternative::Tuple(_)) | None => quote!(0u64),
        },
        Tagging::Masked { value, .. } => quote!(#value),
        Tagging::Other => quote!(0u64),
    }
}

fn part_name(variant: &Variant, number: usize, part: usize) -> syn::Ident {
    format_ident!("__TAG_{}_{}_{}", variant.index, number, part)
}

fn constant_name(variant: &Variant, number: usize) -> syn::Ident {
    format_ident!("__TAG_{}_{}", variant.index, number)
}

/// The variant takes unknown tags.
pub(crate) fn is_other(variant: &Variant) -> bool {
    matches!(variant.tagging, Tagging::Other)
}
