//! Many items of one fixed size: the output grows by a block of them, whose bytes are then arrays.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::encode::{Purpose, Writer, pattern};
use crate::expand::layout::{Layout, Order};
use crate::expand::{fill, parse};
use crate::model::{Body, Declaration};

/// Bytes of a block. Growing means zeros, which are cheap as long as they stay in the first cache.
const BLOCK: usize = 2000;

/// `encode_run`; nothing for types that are not one short run, or that a parent may fill.
pub(crate) fn encode_run(declaration: &Declaration) -> TokenStream {
    let Body::Struct(fields) = &declaration.body else { return TokenStream::new() };
    let layout = Layout::of_struct(declaration, fields);
    let Some(run) = layout.single_run() else { return TokenStream::new() };
    let len = run.len;
    if declaration.frame.is_some() || fill::is_needed(declaration) || len > BLOCK / 8 {
        return TokenStream::new();
    }
    let pattern = pattern(fields);
    let image = Writer::new(&layout, Purpose::Write).image();
    let count = BLOCK / len;
    let scope = parse::scope(declaration);
    let all = |order: TokenStream| {
        quote! {{
            let __scope = __scope.with(#order);
            for __items in __items.chunks(#count) {
                let __places = __private::grown::<#len>(__out, __items.len());
                for (__place, __item) in __places.iter_mut().zip(__items) {
                    let Self #pattern = __item;
                    #image
                    *__place = __run;
                }
            }
        }}
    };
    let big = all(quote!(__private::Endian::Big));
    let little = all(quote!(__private::Endian::Little));
    let written = match layout.order {
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
        fn encode_run(
            __items: &[Self],
            __out: &mut __private::BytesMut,
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::Result<(), __private::EncodeError> {
            #scope
            #written
            __private::Ok(())
        }
    }
}
