//! The further bodies of types of fixed length: `exact_in` and `parse_run`.

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

/// Items of fixed length that cannot be malformed are collected out of chunks, in one loop for each
/// byte order, so that the order is a constant inside.
fn parse_run(layout: &Layout<'_>) -> TokenStream {
    let Some(run) = layout.single_run() else { return TokenStream::new() };
    if !is_infallible(layout, run) {
        return TokenStream::new();
    }
    let lifetime = bounds::input_lifetime(layout.declaration);
    let len = run.len;
    let reader = Reader::new(layout);
    let pieces: TokenStream = run.pieces.iter().map(|piece| reader.piece(run, piece)).collect();
    let value = finish::construct(layout);
    let scope = crate::expand::parse::scope(layout.declaration);
    let collect = |order: TokenStream| {
        quote! {
            __chunks.map(|__run| {
                let __scope = __scope.with(#order);
                #pieces
                #value
            }).collect()
        }
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
            __private::Ok(#all)
        }
    }
}

/// No piece of the run can be refused.
fn is_infallible(layout: &Layout<'_>, run: &Run) -> bool {
    let fields_are = layout.fields.list.iter().all(|field| {
        let plain = field.valid.is_none() && field.fixed.is_none() && field.asserts.is_empty();
        plain
            && match &field.kind {
                Kind::Integer(wire) => !matches!(value::width(&field.inner, *wire), Wide::Narrower),
                Kind::Time(timestamp) => timestamp
                    .integer()
                    .is_none_or(|wire| !matches!(value::width(&field.inner, wire), Wide::Narrower)),
                Kind::Float { .. }
                | Kind::Scaled { .. }
                | Kind::Flags { .. }
                | Kind::Bytes(BytesKind::Array) => true,
                Kind::Bits { value, .. } => {
                    matches!(value, BitValue::Integer { .. } | BitValue::Bool)
                }
                _ => false,
            }
    });
    let pieces_are =
        run.pieces.iter().all(|piece| matches!(piece.what, What::Field(_) | What::Bits(_)));
    fields_are && pieces_are && layout.asserts.is_empty() && layout.fields.relations.is_empty()
}
