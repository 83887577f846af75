//! `impl Frame`: where the next frame ends.
//!
//! The borders themselves are functions of `codec_core::border`; what is generated here says which
//! one, with which constants. Expands to:
//!
//! ```text
//! fn probe(border: &mut Progress, context: &Self::Context, buffer: &[u8]) -> Probe {
//!     let limits = &const { Limits::of::<Self>() };
//!     length(border, limits, buffer, 4, |header| total(wide(part::<4>(header, 0), Big), 1, 0))
//! }
//! ```

mod length;
mod split;
mod walk;

use proc_macro2::{Literal as Token, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;

use crate::expand::bounds;
use crate::expand::expression;
use crate::expand::layout::Layout;
use crate::model::{
    Body, BorderKind, Declaration, Delimiters, Endian, Fields, FrameOptions, Kind, Literal,
    Presence, RelationKind, Resync, Verify,
};

pub(crate) use walk::items as walk;

/// The implementation of `Frame`; nothing for `derive(Wire)`.
pub(crate) fn implementation(declaration: &Declaration) -> TokenStream {
    let Some(options) = &declaration.frame else { return TokenStream::new() };
    let name = &declaration.name;
    let generics = bounds::wire_generics(declaration);
    let (impl_generics, _, clause) = generics.split_for_impl();
    let (_, type_generics, _) = declaration.generics.split_for_impl();
    let constants = constants(declaration, options);
    let probe = probe(declaration, options);
    let noise = (!options.noise.is_empty()).then(|| {
        let noise = options.noise.iter().map(|byte| Token::u8_suffixed(*byte));
        quote! {
            if let __private::Some(__noise) = __private::border::noise(__buffer, &[#(#noise),*]) {
                return __noise;
            }
        }
    });
    let limit = limit(declaration, options);
    let negotiated = limit.as_ref().map(|_| {
        quote!(let __limits = &__limits.within(<Self as __private::Frame>::max_frame_len(__context));)
    });
    let limit = limit.map(|limit| {
        quote! {
            #[inline]
            fn max_frame_len(__context: &Self::Context) -> usize {
                #limit.min(<Self as __private::Frame>::MAX_FRAME_LEN)
            }
        }
    });
    let guards = guards(declaration, options);
    let split = split::methods(declaration);
    quote! {
        #guards
        #[automatically_derived]
        impl #impl_generics __private::Frame for #name #type_generics #clause {
            type Border = __private::border::Progress;
            #constants
            #limit
            #[inline]
            fn probe(
                __border: &mut Self::Border,
                __context: &Self::Context,
                __buffer: &[u8],
            ) -> __private::Probe {
                #noise
                let __limits = &const { __private::border::Limits::of::<Self>() };
                #negotiated
                #probe
            }
            #split
        }
    }
}

fn constants(declaration: &Declaration, options: &FrameOptions) -> TokenStream {
    let longest = options.at_most.as_ref().or(options.max_frame_length.as_ref());
    let max = maximum(declaration, longest);
    let min = match (&options.min_frame_length, &options.delimiters) {
        (Some(min), _) => quote!(#min),
        // What is too short between its delimiters is malformed, and the parser says where.
        (None, Some(_)) => quote!(1),
        (None, None) => quote!(<Self as __private::Wire>::MIN_LEN),
    };
    let resync = match options.resync {
        Resync::Magic => quote!(Magic),
        Resync::Delimiter => quote!(Delimiter),
        Resync::Close => quote!(Close),
    };
    let magic = magic(declaration, options);
    let magic = (!magic.is_empty()).then(|| {
        let magic = magic.iter().map(|byte| Token::u8_suffixed(*byte));
        quote!(const MAGIC: &'static [u8] = &[#(#magic),*];)
    });
    let noise = options.delimiters.as_ref().filter(|both| both.shared).map(|both| {
        let bytes = &both.start;
        quote!(const NOISE: &'static [u8] = &[#(#bytes),*];)
    });
    let checked = is_checked(declaration).then(|| {
        quote!(
            const CHECKED: bool = true;
        )
    });
    quote! {
        const MAX_FRAME_LEN: usize = #max;
        const MIN_FRAME_LEN: usize = #min;
        const RESYNC: __private::Resync = __private::Resync::#resync;
        #magic
        #noise
        #checked
    }
}

/// What a negotiated `max_frame_length` is under this context, in bytes: an expression of type
/// `usize`; nothing where the limit is a constant.
fn limit(declaration: &Declaration, options: &FrameOptions) -> Option<TokenStream> {
    let limit = options.max_frame_length.as_ref().filter(|_| options.at_most.is_some())?;
    let most = quote!(<Self as __private::Frame>::MAX_FRAME_LEN);
    Some(expression::of_context(declaration, limit).size_or_else(&most))
}

/// `max_frame_length`, or the bound that the layout has by itself.
fn maximum(declaration: &Declaration, declared: Option<&Expr>) -> TokenStream {
    if let Some(max) = declared {
        return quote!(#max);
    }
    let span = declaration.name.span();
    quote_spanned! {span=>
        match <Self as __private::Wire>::MAX_LEN {
            __private::Some(__len) => __len,
            __private::None => __private::panic!(
                "nothing bounds the length of this frame; add `max_frame_length = ..` to \
                 `#[wire(..)]`"
            ),
        }
    }
}

/// Conditions that only constants can see; for a generic type they fire where it is used.
fn guards(declaration: &Declaration, options: &FrameOptions) -> TokenStream {
    if declaration.generics.type_params().next().is_some() {
        return TokenStream::new();
    }
    let span = declaration.name.span();
    let name = &declaration.name;
    let arguments = declaration.generics.params.iter().map(|parameter| match parameter {
        syn::GenericParam::Const(_) => None,
        _ => Some(quote!('static)),
    });
    let Some(arguments) = arguments.collect::<Option<Vec<_>>>() else {
        return TokenStream::new();
    };
    let ty = quote_spanned!(span=> #name<#(#arguments),*>);
    let walks = matches!(options.border, BorderKind::Walk | BorderKind::Variants).then(|| {
        quote_spanned! {span=>
            __private::assert!(
                <#ty as __private::Wire>::WALKS,
                "the layout does not say where this frame ends; add `length_of = ..`, \
                 `delimiter = ..` or `end = ..`"
            );
        }
    });
    quote_spanned! {span=>
        const _: () = {
            __private::assert!(
                <#ty as __private::Frame>::MAX_FRAME_LEN >= <#ty as __private::Wire>::MIN_LEN,
                "no value of this type is as short as `max_frame_length`; raise it"
            );
            #walks
        };
    }
}

fn probe(declaration: &Declaration, options: &FrameOptions) -> TokenStream {
    if let Some(delimiters) = &options.delimiters {
        return delimited(delimiters);
    }
    match (&declaration.body, options.border) {
        (Body::Struct(fields), BorderKind::Length { relation }) => {
            let layout = Layout::of_struct(declaration, fields);
            length::probe(&layout, relation).unwrap_or_else(walked)
        }
        (_, BorderKind::Fixed) => match fixed_len(declaration) {
            Some(len) => quote!(__private::border::fixed(__border, __limits, __buffer, #len)),
            None => {
                let walked = walked();
                quote! {
                    match <Self as __private::Wire>::FIXED_LEN {
                        __private::Some(__len) => {
                            __private::border::fixed(__border, __limits, __buffer, __len)
                        }
                        __private::None => #walked,
                    }
                }
            }
        },
        _ => walked(),
    }
}

/// The size of the type, where the macro can count it.
fn fixed_len(declaration: &Declaration) -> Option<usize> {
    match &declaration.body {
        Body::Struct(fields) => Layout::of_struct(declaration, fields).fixed_offset(usize::MAX),
        Body::Bitfield(bitfield) => Some(bitfield.bits as usize / 8),
        Body::Number(number) => Some(number.bits as usize / 8),
        Body::Enum(_) => None,
    }
}

fn delimited(delimiters: &Delimiters) -> TokenStream {
    let Delimiters { start, end, shared } = delimiters;
    if *shared {
        quote!(__private::border::shared(__border, __limits, __buffer, &[#(#end),*]))
    } else if start.is_empty() {
        quote!(__private::border::terminated(__border, __limits, __buffer, &[#(#end),*]))
    } else {
        quote! {
            __private::border::delimited(
                __border, __limits, __buffer, &[#(#start),*], &[#(#end),*],
            )
        }
    }
}

/// Step by step through the layout.
fn walked() -> TokenStream {
    quote! {
        __private::border::walk(__border, __limits, __buffer, |__walker| {
            <Self as __private::Wire>::walk(__walker, __private::Scope::ROOT, __context)
        })
    }
}

/// The bytes that every frame begins with: the magic of the type and the constants right behind it.
fn magic(declaration: &Declaration, options: &FrameOptions) -> Vec<u8> {
    let little = match &declaration.endian {
        None | Some(Endian::Big) => false,
        Some(Endian::Little) => true,
        Some(Endian::Expression(_)) => return Vec::new(),
    };
    if options.delimiters.is_some() {
        return Vec::new();
    }
    let mut magic = declaration.magic.as_ref().map(|one| bytes(one, little)).unwrap_or_default();
    if let Body::Struct(fields) = &declaration.body {
        magic.extend(leading(fields, little));
    }
    magic
}

fn leading(fields: &Fields, little: bool) -> Vec<u8> {
    let mut magic = Vec::new();
    for field in &fields.list {
        let plain = matches!(field.presence, Presence::Always)
            && field.gate.is_none()
            && field.padding.before.is_none()
            && field.padding.after.is_none()
            && field.padding.align.is_none();
        match (&field.kind, &field.endian) {
            (Kind::Literal(literal), None) if plain => magic.extend(bytes(literal, little)),
            _ => break,
        }
    }
    magic
}

fn bytes(literal: &Literal, little: bool) -> Vec<u8> {
    match literal {
        Literal::Bytes(bytes) => bytes.clone(),
        Literal::Integer { value, bytes } => {
            let all = value.to_be_bytes();
            let mut wire = all.get(16usize.saturating_sub(*bytes)..).unwrap_or_default().to_vec();
            if little {
                wire.reverse();
            }
            wire
        }
    }
}

/// A checksum that is refused when wrong.
fn is_checked(declaration: &Declaration) -> bool {
    let Body::Struct(fields) = &declaration.body else { return false };
    fields.relations.iter().any(|relation| {
        matches!(relation.kind, RelationKind::Checksum { verify: Verify::Strict, .. })
    })
}
