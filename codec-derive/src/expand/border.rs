//! `impl Frame`: where the next frame ends.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::bounds;
use crate::model::{Declaration, Resync};

/// The implementation of `Frame`; nothing for `derive(Wire)`.
pub(crate) fn implementation(declaration: &Declaration) -> TokenStream {
    let Some(options) = &declaration.frame else { return TokenStream::new() };
    let name = &declaration.name;
    let generics = bounds::wire_generics(declaration);
    let (impl_generics, _, clause) = generics.split_for_impl();
    let (_, type_generics, _) = declaration.generics.split_for_impl();
    let max = match &options.max_frame_length {
        Some(max) => quote!(#max),
        None => quote!(__private::or(<Self as __private::Wire>::MAX_LEN, usize::MAX)),
    };
    let resync = match options.resync {
        Resync::Magic => quote!(Magic),
        Resync::Delimiter => quote!(Delimiter),
        Resync::Close => quote!(Close),
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics __private::Frame for #name #type_generics #clause {
            type Border = ();
            const MAX_FRAME_LEN: usize = #max;
            const RESYNC: __private::Resync = __private::Resync::#resync;
            fn probe(_: &mut (), _: &Self::Context, __buffer: &[u8]) -> __private::Probe {
                match __buffer.len() {
                    0 => __private::Probe::Need(1),
                    len => __private::Probe::Frame { len },
                }
            }
        }
    }
}
