//! Enums: one `match` on the value, each variant a body of its own, the tag checked or written.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::encode::{Purpose, Writer, pattern, wrap};
use crate::expand::expression;
use crate::expand::layout::Layout;
use crate::expand::{bounds, context, value};
use crate::model::{
    Alternative, Body, Declaration, Enum, Integer, Part, TagSource, Tagging, Variant,
};

/// `encode_in` of an enum.
pub(crate) fn write(declaration: &Declaration, body: &Enum) -> TokenStream {
    let arms = body.variants.iter().map(|variant| {
        let layout = Layout::of_variant(declaration, variant);
        let (name, pattern) = (&variant.name, pattern(layout.fields));
        let content = Writer::new(&layout, Purpose::Write).body();
        let scope = variant_scope(variant);
        let gate = gated(declaration, variant, &layout);
        let first = earlier(declaration, body, variant, &layout);
        let before = before(declaration, body, variant, &layout);
        let after = after(declaration, body, variant, &layout);
        quote! {
            Self::#name #pattern => {
                #scope
                #gate
                #first
                #before
                let __start = __out.len();
                #content
                #after
            }
        }
    });
    let prelude = prelude(body);
    let written = wrap::limited(declaration, &quote!(match self { #(#arms)* }));
    quote! {
        #prelude
        #written
        __private::Ok(())
    }
}

/// Takes the tag's wrapper off the context.
pub(crate) fn prelude(body: &Enum) -> TokenStream {
    match body.source {
        TagSource::Outer => quote! {
            let __opaque = __context.opaque;
            let __context = &__context.context;
        },
        _ => TokenStream::new(),
    }
}

/// `impl Tagged` of an enum whose tag stands outside of it.
pub(crate) fn tagged(declaration: &Declaration) -> TokenStream {
    let Body::Enum(body) = &declaration.body else { return TokenStream::new() };
    if !context::is_tagged(declaration) {
        return TokenStream::new();
    }
    let arms = body.variants.iter().map(|variant| {
        let (name, pattern) = (&variant.name, pattern(&variant.fields));
        let tag = tag_of(variant);
        quote!(Self::#name #pattern => #tag,)
    });
    let generics = bounds::wire_generics(declaration);
    let (impl_generics, _, clause) = generics.split_for_impl();
    let (_, type_generics, _) = declaration.generics.split_for_impl();
    let name = &declaration.name;
    let exact = body.variants.iter().all(|variant| {
        matches!(&variant.tagging, Tagging::Known(tags) if matches!(**tags, [Alternative::Value(_)]))
            && !variant.fields.list.iter().any(|field| field.is_tag)
    });
    let own = context::declared_type(declaration);
    quote! {
        #[automatically_derived]
        impl #impl_generics __private::Tagged for #name #type_generics #clause {
            const EXACT: bool = #exact;
            type Own = #own;
            #[inline(always)]
            fn context(tag: u64, opaque: bool, context: #own) -> __private::Tag<#own> {
                __private::Tag { tag, opaque, context }
            }
            #[inline]
            fn tag(&self) -> u64 {
                match self { #(#arms)* }
            }
        }
    }
}

/// The tag that a variant is written with.
fn tag_of(variant: &Variant) -> TokenStream {
    if let Some(field) = variant.fields.list.iter().find(|field| field.is_tag) {
        let local = &field.local;
        return quote!(__private::tag(*#local));
    }
    match &variant.tagging {
        Tagging::Known(alternatives) => match alternatives.first() {
            Some(Alternative::Value(value) | Alternative::Range(value, _)) => quote!(#value),
            Some(Alternative::Path(path)) => value::constant(path),
            Some(Alternative::Tuple(parts)) => first_parts(parts),
            None => quote!(0u64),
        },
        Tagging::Masked { value, .. } => quote!(#value),
        Tagging::Other => quote!(0u64),
    }
}

/// The tuple that is written: of each part the first value.
fn first_parts(parts: &[Part]) -> TokenStream {
    let lane = Alternative::most(parts.len()).count_ones();
    let all = parts.iter().map(|part| match part {
        Part::Any => quote!(0u64),
        Part::Range(first, _) => quote!(#first),
        Part::Path(path) => value::part(path, parts.len()),
    });
    all.reduce(|tag, part| quote!((#tag << #lane | #part))).unwrap_or_default()
}

/// The part in question, of the tag in `__tag`, is in a range or is a constant.
fn part_matches(parts: &[Part]) -> TokenStream {
    let count = u32::try_from(parts.len()).unwrap_or(4);
    let conditions = parts.iter().zip(0u32..).filter_map(|(part, index)| {
        let value = quote!(__private::tag_part(__tag, #count, #index));
        Some(match part {
            Part::Any => return None,
            Part::Range(first, last) if first == last => quote!(#value == #first),
            Part::Range(first, last) => quote!((#first..=#last).contains(&#value)),
            Part::Path(path) => {
                let constant = value::part(path, parts.len());
                quote!(#value == #constant)
            }
        })
    });
    quote!((true #(&& #conditions)*))
}

/// A condition: the tag in `__tag` is one of this variant's.
pub(crate) fn matches(variant: &Variant) -> Option<TokenStream> {
    match &variant.tagging {
        Tagging::Other => None,
        Tagging::Masked { mask, value } => Some(quote!((__tag & #mask == #value))),
        Tagging::Known(alternatives) => {
            let conditions = alternatives.iter().map(|one| match one {
                Alternative::Value(value) => quote!(__tag == #value),
                Alternative::Range(first, last) => quote!((#first <= __tag && __tag <= #last)),
                Alternative::Path(path) => {
                    let tag = value::constant(path);
                    quote!(__tag == #tag)
                }
                Alternative::Tuple(parts) => part_matches(parts),
            });
            Some(quote!((#(#conditions)||*)))
        }
    }
}

/// A condition: the tag in `__tag` belongs to a variant that is declared under this context.
pub(crate) fn is_known(declaration: &Declaration, body: &Enum) -> TokenStream {
    let conditions = body.variants.iter().filter_map(|variant| {
        let condition = matches(variant)?;
        let gate = variant.gate.as_ref().map(|gate| context::gate(declaration, gate));
        Some(match gate {
            Some(gate) => quote!((#condition && #gate)),
            None => condition,
        })
    });
    quote!((false #(|| #conditions)*))
}

fn variant_scope(variant: &Variant) -> TokenStream {
    use crate::model::Endian;
    match &variant.endian {
        Some(Endian::Big) => quote!(let __scope = __scope.with(__private::Endian::Big);),
        Some(Endian::Little) => quote!(let __scope = __scope.with(__private::Endian::Little);),
        Some(Endian::Expression(expr)) => quote!(let __scope = __scope.with(#expr);),
        None => TokenStream::new(),
    }
}

/// A variant that does not exist under this context cannot be written.
fn gated(declaration: &Declaration, variant: &Variant, layout: &Layout<'_>) -> TokenStream {
    let Some(gate) = &variant.gate else { return TokenStream::new() };
    let gate = context::gate(declaration, gate);
    let contradiction = contradiction(layout);
    quote!(if !#gate { #contradiction })
}

/// A guarded variant that stands before this one would be read in its place.
fn earlier(
    declaration: &Declaration,
    body: &Enum,
    variant: &Variant,
    layout: &Layout<'_>,
) -> TokenStream {
    if matches!(body.source, TagSource::Peek(_)) || matches!(variant.tagging, Tagging::Other) {
        return TokenStream::new();
    }
    let before = body.variants.iter().take(variant.index);
    let taken: Vec<TokenStream> = before
        .filter_map(|other| {
            let gate = other.gate.as_ref().filter(|gate| gate.when.is_some())?;
            let (own, gate) = (matches(other)?, context::gate(declaration, gate));
            Some(quote!((#own && #gate)))
        })
        .collect();
    if taken.is_empty() {
        return TokenStream::new();
    }
    let (tag, contradiction) = (tag_of(variant), contradiction(layout));
    quote! {
        let __tag = #tag;
        if #(#taken)||* { #contradiction }
    }
}

fn contradiction(layout: &Layout<'_>) -> TokenStream {
    let name = layout.name();
    quote!(return __private::Err(__private::EncodeError::Contradiction { field: #name });)
}

/// What is checked, or written, before the layout of a variant.
fn before(
    declaration: &Declaration,
    body: &Enum,
    variant: &Variant,
    layout: &Layout<'_>,
) -> TokenStream {
    let tag = tag_of(variant);
    let holder = variant.fields.list.iter().find(|field| field.is_tag);
    let name = holder.map_or_else(|| layout.name(), |field| layout.label(field));
    let contradiction = contradiction(layout);
    let known = is_known(declaration, body);
    let is_other = matches!(variant.tagging, Tagging::Other);
    let tag_is_known = quote! {
        return __private::Err(__private::EncodeError::TagIsKnown { field: #name, tag: __tag });
    };
    match &body.source {
        TagSource::Outer if is_other => quote! {
            let __tag = #tag;
            if !__opaque && #known { #tag_is_known }
        },
        TagSource::Outer => {
            let own = own_tag(variant, &contradiction);
            quote!(if __opaque { #contradiction } #own)
        }
        TagSource::Peek(_) => TokenStream::new(),
        TagSource::Of(expr) => {
            let chosen = expression::of_context(layout.declaration, expr);
            let chosen = chosen.or_else(&quote!({ #contradiction }));
            let wrong = match matches(variant) {
                Some(own) => quote!(!#own),
                None => known,
            };
            quote! {
                let __tag = __private::tag(#chosen);
                if #wrong { #contradiction }
            }
        }
        TagSource::Own(integer) => {
            let own = own_tag(variant, &contradiction);
            let checked =
                if is_other { quote!(let __tag = #tag; if #known { #tag_is_known }) } else { own };
            let bytes = tag_bytes(*integer, layout);
            quote! {
                #checked
                let __tag = #tag;
                __out.extend_from_slice(&#bytes);
            }
        }
    }
}

/// A `#[wire(tag)]` field of a known variant must hold one of the variant's tags.
fn own_tag(variant: &Variant, contradiction: &TokenStream) -> TokenStream {
    let holds = variant.fields.list.iter().any(|field| field.is_tag);
    match matches(variant) {
        Some(own) if holds => {
            let tag = tag_of(variant);
            quote!(let __tag = #tag; if !#own { #contradiction })
        }
        _ => TokenStream::new(),
    }
}

fn tag_bytes(integer: Integer, layout: &Layout<'_>) -> TokenStream {
    let (bytes, order) = (integer.bytes, layout.order.value());
    quote!(__private::narrow::<#bytes>(__tag, #order))
}

/// What is checked behind the layout of a variant: a peeked tag must be the variant's.
fn after(
    declaration: &Declaration,
    body: &Enum,
    variant: &Variant,
    layout: &Layout<'_>,
) -> TokenStream {
    let TagSource::Peek(integer) = &body.source else { return TokenStream::new() };
    let (bytes, order) = (integer.bytes, layout.order.value());
    let contradiction = contradiction(layout);
    let before = body.variants.iter().take(variant.index).filter_map(|other| {
        let gate = other.gate.as_ref().filter(|gate| gate.when.is_some())?;
        let (own, gate) = (matches(other)?, context::gate(declaration, gate));
        Some(quote!(|| (#own && #gate)))
    });
    let wrong = match matches(variant) {
        Some(own) => quote!(!#own #(#before)*),
        None => is_known(declaration, body),
    };
    quote! {
        let __tag = match __private::behind(__out, __start).first_chunk::<#bytes>() {
            __private::Some(__bytes) => __private::wide(*__bytes, #order),
            __private::None => { #contradiction }
        };
        if #wrong { #contradiction }
    }
}
