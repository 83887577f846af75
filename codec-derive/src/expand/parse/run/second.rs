//! What types that are a single run have besides `parse_in`, or instead of it.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::bounds;
use crate::expand::layout::{Layout, Order, Run, What};
use crate::expand::parse::{Reader, finish};
use crate::expand::value::{self, Wide};
use crate::model::{BitValue, BytesKind, Kind};

/// `exact_in` and `parse_run` of a type that is a single run: shorter bodies for direct decoding
/// and for lists.
pub(crate) fn second_bodies(layout: &Layout<'_>) -> TokenStream {
    if layout.single_run().is_none() {
        return TokenStream::new();
    }
    let lifetime = bounds::input_lifetime(layout.declaration);
    let scope = crate::expand::parse::scope(layout.declaration);
    let mut reader = Reader::new(layout);
    reader.exact = true;
    let statements = reader.statements();
    let value = finish::construct(layout);
    let run = parse_run(layout);
    quote! {
        #[inline]
        fn exact_in(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::Result<Self, __private::DecodeError> {
            #scope
            #statements
            __private::Ok(#value)
        }
        #run
    }
}

/// Items that can be refused are collected out of chunks, in one loop for each byte order, so that
/// the order is a constant inside. All are collected, and only then is told whether all are good: a
/// value that may be refused while it is collected would travel through memory.
fn parse_run(layout: &Layout<'_>) -> TokenStream {
    let Some(run) = layout.single_run() else { return TokenStream::new() };
    if !is_plain(layout) {
        return TokenStream::new();
    }
    let lifetime = bounds::input_lifetime(layout.declaration);
    let len = run.len;
    let checks = checks(layout, run);
    let trait_of = quote!(__private::Parse<#lifetime>);
    let mut reader = Reader::new(layout);
    reader.checked = true;
    let pieces: TokenStream = run.pieces.iter().map(|piece| reader.piece(run, piece)).collect();
    let value = finish::construct(layout);
    let scope = crate::expand::parse::scope(layout.declaration);
    let collect = |order: TokenStream| {
        quote! {{
            let __scope = __scope.with(#order);
            __chunks.map(|__run| {
                __good &= #checks;
                #pieces
                #value
            }).collect()
        }}
    };
    let big = collect(quote!(__private::Endian::Big));
    let little = collect(quote!(__private::Endian::Little));
    let all = match layout.order {
        Order::Big => big,
        Order::Little => little,
        Order::Inherited => quote! {
            match __scope.endian {
                __private::Endian::Big => #big,
                __private::Endian::Little => #little,
            }
        },
    };
    quote! {
        #[inline]
        fn parse_run(
            __block: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::Result<__private::Vec<Self>, __private::NomErr<__private::DecodeError>> {
            #scope
            let __chunks = __block.as_chunks::<#len>().0.iter();
            let mut __good = true;
            let __items = #all;
            if !__good {
                // Which is bad, and why.
                let mut __rest = __block;
                while !__rest.is_empty() {
                    (__rest, _) = <Self as #trait_of>::parse_in(__rest, __scope, __context)?;
                }
            }
            __private::Ok(__items)
        }
    }
}

/// All methods of `Parse` of a type that is a single run and cannot be malformed, and the
/// implementation that they call; `None` for others.
pub(crate) fn image(layout: &Layout<'_>) -> Option<(TokenStream, TokenStream)> {
    let run = layout.single_run().filter(|run| is_plain(layout) && is_infallible(layout, run))?;
    let lifetime = bounds::input_lifetime(layout.declaration);
    let len = run.len;
    let reader = Reader::new(layout);
    let pieces: TokenStream = run.pieces.iter().map(|piece| reader.piece(run, piece)).collect();
    let ends = reader.ends(run);
    let value = finish::construct(layout);
    let scope = crate::expand::parse::scope(layout.declaration);
    let name = &layout.declaration.name;
    let generics = bounds::wire_generics(layout.declaration);
    let (impl_generics, _, clause) = generics.split_for_impl();
    let (_, type_generics, _) = layout.declaration.generics.split_for_impl();
    let methods = quote! {
        #[inline]
        fn parse_in(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::IResult<&#lifetime [u8], Self, __private::DecodeError> {
            #scope
            __private::parse_image(__input, __scope)
        }
        #[inline]
        fn exact_in(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::Result<Self, __private::DecodeError> {
            #scope
            __private::exact_image(__input, __scope)
        }
        #[inline]
        fn parse_run(
            __block: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::Result<__private::Vec<Self>, __private::NomErr<__private::DecodeError>> {
            #scope
            __private::parse_images(__block, __scope)
        }
    };
    let implementation = quote! {
        #[automatically_derived]
        impl #impl_generics __private::ReadImage<#len> for #name #type_generics #clause {
            const ENDS: &'static [(u16, usize)] = &[#ends];
            #[inline(always)]
            fn read_image(__run: &[u8; #len], __scope: __private::Scope<'_>) -> Self {
                #pieces
                #value
            }
        }
    };
    Some((methods, implementation))
}

/// Whether an item is good.
fn checks(layout: &Layout<'_>, run: &Run) -> TokenStream {
    let reader = Reader::new(layout);
    let pieces: TokenStream = run.pieces.iter().map(|piece| reader.piece(run, piece)).collect();
    let whole = finish::checks(&reader);
    quote! {
        (|| -> __private::Result<(), __private::NomErr<__private::DecodeError>> {
            let __input: &[u8] = __run;
            let __from = __input;
            #pieces
            #whole
            __private::Ok(())
        })().is_ok()
    }
}

/// The bytes of each item are its values: nothing nested, nothing derived.
fn is_plain(layout: &Layout<'_>) -> bool {
    layout.fields.relations.is_empty()
        && layout.fields.list.iter().all(|field| match &field.kind {
            Kind::Integer(_)
            | Kind::Time(_)
            | Kind::Float { .. }
            | Kind::Scaled { .. }
            | Kind::Flags { .. }
            | Kind::Bool
            | Kind::Literal(_)
            | Kind::Nothing
            | Kind::Bytes(BytesKind::Array) => true,
            Kind::Bits { value, .. } => !matches!(value, BitValue::Type),
            _ => false,
        })
}

/// No piece of the run can be refused.
fn is_infallible(layout: &Layout<'_>, run: &Run) -> bool {
    let wide = |ty, wire| !matches!(value::width(ty, wire), Wide::Narrower);
    let fields_are = layout.fields.list.iter().all(|field| {
        let plain = field.valid.is_none() && field.fixed.is_none() && field.asserts.is_empty();
        plain
            && match &field.kind {
                Kind::Integer(wire) => wide(&field.inner, *wire),
                Kind::Time(time) => time.integer().is_none_or(|wire| wide(&field.inner, wire)),
                Kind::Bits { value, .. } => {
                    matches!(value, BitValue::Integer { .. } | BitValue::Bool)
                }
                Kind::Bool | Kind::Literal(_) => false,
                _ => true,
            }
    });
    let pieces_are =
        run.pieces.iter().all(|piece| matches!(piece.what, What::Field(_) | What::Bits(_)));
    fields_are && pieces_are && layout.asserts.is_empty()
}
