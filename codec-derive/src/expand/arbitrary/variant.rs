//! Enums: one variant by chance, or the next one that its surroundings allow.

use proc_macro2::TokenStream;
use quote::quote;

use super::{field, unfit};
use crate::expand::bounds;
use crate::expand::context;
use crate::expand::encode::variant::{is_known, matches};
use crate::expand::expression;
use crate::expand::layout::Layout;
use crate::model::{
    Alternative, Declaration, Enum, Integer, Number, Part, TagSource, Tagging, Variant,
};

/// `draw` of an enum with layouts.
pub(super) fn of_enum(declaration: &Declaration, body: &Enum) -> TokenStream {
    let count = body.variants.len();
    let prelude = match &body.source {
        TagSource::Outer => quote!(let __wanted = __draw.wanted();),
        TagSource::Of(expr) => {
            let chosen = expression::of_context(declaration, expr).or_else(&unfit());
            quote! {
                let __wanted = __drawing::Wanted {
                    tag: __private::Some(__private::tag(#chosen)),
                    ..__drawing::Wanted::ANY
                };
            }
        }
        TagSource::Own(Integer { bytes, .. }) | TagSource::Peek(Integer { bytes, .. }) => {
            let bits = u32::try_from(bytes * 8).unwrap_or(64);
            let largest = crate::expand::value::largest(bits);
            quote! {
                let __wanted =
                    __drawing::Wanted { largest: #largest, ..__drawing::Wanted::ANY };
            }
        }
    };
    let lifetime = bounds::input_lifetime(declaration);
    let arms = body.variants.iter().enumerate().map(|(index, variant)| {
        let draw = of_variant(declaration, body, variant);
        quote! {
            #index => (|__draw: &mut __drawing::Draw<'_, #lifetime>| -> __drawing::Result<Self> {
                #draw
            })(__draw),
        }
    });
    quote! {
        #prelude
        let __first = __draw.choice(#count)?;
        for __turn in 0..#count {
            let __drawn = match (__first + __turn) % #count {
                #(#arms)*
                _ => __private::Err(__drawing::unfit()),
            };
            if let __private::Ok(__drawn) = __drawn {
                return __private::Ok(__drawn);
            }
        }
        __private::Err(__drawing::unfit())
    }
}

/// One variant, or none where it may not stand.
fn of_variant(declaration: &Declaration, body: &Enum, variant: &Variant) -> TokenStream {
    let unfit = unfit();
    let known = is_known(declaration, body);
    let gate = variant.gate.as_ref().map(|gate| {
        let gate = context::gate(declaration, gate);
        quote!(if !#gate { #unfit; })
    });
    let allowed = match matches(variant) {
        Some(own) => quote! {
            if __wanted.opaque { #unfit; }
            if let __private::Some(__tag) = __wanted.tag {
                if !#own { #unfit; }
            }
        },
        None => quote! {
            if let (__private::Some(__tag), false) = (__wanted.tag, __wanted.opaque) {
                if #known { #unfit; }
            }
        },
    };
    let tag = tag(variant, &known);
    let layout = Layout::of_variant(declaration, variant);
    let name = &variant.name;
    let (statements, value) = field::body(&layout, &quote!(Self::#name), &tag);
    quote! {
        #gate
        #allowed
        #statements
        __private::Ok(#value)
    }
}

/// The value of a `#[wire(tag)]` field.
fn tag(variant: &Variant, known: &TokenStream) -> TokenStream {
    let Some(field) = variant.fields.list.iter().find(|field| field.is_tag) else {
        return TokenStream::new();
    };
    let (ty, unfit) = (&field.inner, unfit());
    let fresh = match &variant.tagging {
        Tagging::Other => quote! {
            __draw.unknown_tag::<#ty>(__wanted.largest, |__tag| !__wanted.opaque && #known)?
        },
        Tagging::Masked { value, .. } => quote!(<#ty as __private::Whole>::wrap(#value)),
        Tagging::Known(alternatives) => {
            let count = alternatives.len();
            let arms = alternatives.iter().enumerate().map(|(index, one)| match one {
                Alternative::Value(value) => quote!(#index => #value,),
                Alternative::Range(first, last) => {
                    quote!(#index => __draw.ranged::<u64>(#first..=#last, 64, false)?,)
                }
                Alternative::Path(path) => quote!(#index => __private::tag(#path),),
                Alternative::Tuple(parts) => {
                    let tag = parts_drawn(parts);
                    quote!(#index => #tag,)
                }
            });
            quote!({
                let __tag = match __draw.choice(#count)? { #(#arms)* _ => #unfit };
                <#ty as __private::Whole>::wrap(__tag)
            })
        }
    };
    quote! {
        match __wanted.tag {
            __private::Some(__tag) => match <#ty as __private::Whole>::from_u64(__tag) {
                __private::Some(__tag) => __tag,
                __private::None => #unfit,
            },
            __private::None => #fresh,
        }
    }
}

/// A tuple of this alternative that its fields can hold.
fn parts_drawn(parts: &[Part]) -> TokenStream {
    let (count, lane) = (parts.len(), Alternative::most(parts.len()).count_ones());
    let all = parts.iter().zip(0u32..).map(|(part, index)| match part {
        Part::Range(first, last) if first == last => quote!(#first),
        Part::Path(path) => crate::expand::value::part(path, count),
        _ => {
            let count = u32::try_from(count).unwrap_or(4);
            let (first, last) = match part {
                Part::Range(first, last) => (*first, *last),
                _ => (0, Alternative::most(parts.len())),
            };
            quote! {
                __draw.ranged::<u64>(
                    #first..=__private::tag_part(__wanted.largest, #count, #index).min(#last),
                    64,
                    false,
                )?
            }
        }
    });
    all.reduce(|tag, part| quote!((#tag << #lane | #part))).unwrap_or_default()
}

/// `draw` of an integer with names.
pub(super) fn of_number(number: &Number) -> TokenStream {
    let count = number.variants.len();
    let known = number.variants.iter().filter_map(matches);
    let known = quote!((false #(|| #known)*));
    let arms = number.variants.iter().enumerate().map(|(index, variant)| {
        let name = &variant.name;
        let tag = tag(variant, &known);
        let fields = variant.fields.list.iter().map(|field| {
            let member = &field.member;
            quote!(#member: #tag)
        });
        quote!(#index => Self::#name { #(#fields),* },)
    });
    let unfit = unfit();
    quote! {
        let __wanted = __draw.wanted();
        __private::Ok(match __draw.choice(#count)? { #(#arms)* _ => #unfit })
    }
}
