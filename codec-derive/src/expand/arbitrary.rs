//! `#[derive(Arbitrary)]`: values out of random bytes.
//!
//! Fields are drawn in their order, so that expressions over earlier ones hold; derived fields stay
//! derived. What one field cannot see (a length far behind it, a condition over several) the caller
//! finds out by writing the value, and draws again. Expands to:
//!
//! ```text
//! fn draw(__draw: &mut Draw<'_, '__input>, __context: &Self::Declared) -> Result<Self> {
//!     let sequence = __draw.whole::<u32>(32, false)?;
//!     let body = {
//!         __draw.want(Wanted { tag: None, opaque: false, largest: 65535 });
//!         <Body as Arbitrary>::draw(__draw, &())?
//!     };
//!     Ok(Self { length: Auto::Derived, command: Auto::Derived, sequence, body, checksum: Auto::Derived })
//! }
//! ```

mod derived;
mod field;
mod value;
mod variant;
mod width;

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{bits, bounds, context};
use crate::model::{Body, Declaration};
use crate::names;

/// Everything that the derive emits.
pub(crate) fn declaration(declaration: &Declaration) -> TokenStream {
    let elements = declaration.elements().map(|each| self::declaration(&each.declaration));
    let allowances = names::allowances();
    let import = names::import(declaration);
    let drawn = drawn(declaration);
    let foreign = foreign(declaration);
    quote! {
        #(#elements)*
        #allowances
        const _: () = {
            #import
            use __private::drawing as __drawing;
            #drawn
            #foreign
        };
    }
}

fn drawn(declaration: &Declaration) -> TokenStream {
    let name = &declaration.name;
    let header = bounds::arbitrary_header(declaration);
    let (lifetime, generics) = (header.lifetime, header.generics);
    let (impl_generics, _, clause) = generics.split_for_impl();
    let (_, type_generics, _) = declaration.generics.split_for_impl();
    let declared = context::declared_type(declaration);
    let derived = derived::methods(declaration);
    let body = match &declaration.body {
        Body::Struct(fields) => field::of_struct(declaration, fields),
        Body::Bitfield(bitfield) => field::of_struct(declaration, &bitfield.fields),
        Body::Enum(body) => variant::of_enum(declaration, body),
        Body::Number(number) => variant::of_number(number),
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics __drawing::Arbitrary<#lifetime> for #name #type_generics #clause {
            type Declared = #declared;
            #derived
            fn draw(
                __draw: &mut __drawing::Draw<'_, #lifetime>,
                __context: &Self::Declared,
            ) -> __drawing::Result<Self> {
                #body
            }
        }
    }
}

/// The trait of the crate `arbitrary`, for types that need nothing besides the bytes.
fn foreign(declaration: &Declaration) -> TokenStream {
    let is_word = match &declaration.body {
        Body::Bitfield(bitfield) => bits::is_wire(bitfield.bits),
        _ => true,
    };
    if !is_word || !declaration.context.is_empty() || context::is_tagged(declaration) {
        return TokenStream::new();
    }
    let name = &declaration.name;
    let header = bounds::arbitrary_header(declaration);
    let (lifetime, generics) = (header.lifetime, header.generics);
    let (impl_generics, _, clause) = generics.split_for_impl();
    let (_, type_generics, _) = declaration.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics __drawing::foreign::Arbitrary<#lifetime>
            for #name #type_generics #clause
        {
            fn arbitrary(
                __source: &mut __drawing::Unstructured<#lifetime>,
            ) -> __drawing::Result<Self> {
                __drawing::value(__source, &())
            }
        }
    }
}

/// What ends the drawing of a value that cannot be.
pub(crate) fn unfit() -> TokenStream {
    quote!(return __private::Err(__drawing::unfit()))
}
