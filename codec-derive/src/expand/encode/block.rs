//! Types that are one array on the wire: the array, and the methods of `Wire` that come of it.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::encode::{Purpose, Writer, pattern};
use crate::expand::layout::Layout;
use crate::expand::{bounds, fill, parse};
use crate::model::{Body, Declaration};

/// Arrays that are longer are not moved as values.
const LONGEST: usize = 250;

/// `encode_in` and `encode_run`, and the implementation that they call; `None` for types that are
/// not one short run, or that a parent may fill.
pub(crate) fn image(declaration: &Declaration) -> Option<(TokenStream, TokenStream)> {
    let Body::Struct(fields) = &declaration.body else { return None };
    let layout = Layout::of_struct(declaration, fields);
    let len = layout.single_run()?.len;
    if declaration.frame.is_some() || fill::is_needed(declaration) || len > LONGEST {
        return None;
    }
    let pattern = pattern(fields);
    let image = Writer::new(&layout, Purpose::Write).image();
    let name = &declaration.name;
    let generics = bounds::wire_generics(declaration);
    let (impl_generics, _, clause) = generics.split_for_impl();
    let (_, type_generics, _) = declaration.generics.split_for_impl();
    let scope = parse::scope(declaration);
    let methods = quote! {
        #[inline]
        fn encode_in(
            &self,
            __out: &mut __private::BytesMut,
            __fill: &Self::Fill,
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::Result<(), __private::EncodeError> {
            #scope
            __private::encode_image(self, __out, __scope, __context)
        }
        #[inline]
        fn encode_run(
            __items: &[Self],
            __out: &mut __private::BytesMut,
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::Result<(), __private::EncodeError> {
            #scope
            __private::encode_images(__items, __out, __scope, __context)
        }
    };
    let implementation = quote! {
        #[automatically_derived]
        impl #impl_generics __private::WriteImage<#len> for #name #type_generics #clause {
            #[inline(always)]
            fn write_image(
                &self,
                __scope: __private::Scope<'_>,
                __context: &Self::Context,
            ) -> __private::Result<[u8; #len], __private::EncodeError> {
                let Self #pattern = self;
                #image
                __private::Ok(__run)
            }
        }
    };
    Some((methods, implementation))
}
