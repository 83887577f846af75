//! The one `Bytes` of a type: where it is, for the decoder that fills it in.
//!
//! A type that holds more of them, or that looks at one while it is read, says nothing. Expands to:
//!
//! ```text
//! const MOST_SHARED: usize = 0usize.saturating_add(1usize);
//! fn shared_mut(&mut self) -> Option<&mut Bytes> {
//!     if let Some(one) = Some(&mut self.payload) { return Some(one); }
//!     None
//! }
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::expand::layout::Layout;
use crate::expand::{expression, frame, length};
use crate::model::{Body, BytesKind, Declaration, Enum, Field, Kind, Presence};
use crate::names;

/// The items of `impl Wire`; nothing where none is shared, or nobody counts.
pub(crate) fn items(declaration: &Declaration) -> TokenStream {
    let found = match &declaration.body {
        // What was unescaped is owned by itself.
        Body::Struct(_) if frame::is_wrapped(declaration) => None,
        Body::Struct(fields) => of_layout(&Layout::of_struct(declaration, fields)).map(|places| {
            let member = |place: &Place<'_>| {
                let member = &place.field.member;
                place.slot(&quote!(&mut self.#member))
            };
            (count(&places), first(places.iter().map(member)), places.is_empty())
        }),
        Body::Enum(body) => of_enum(declaration, body),
        Body::Bitfield(_) | Body::Number(_) => None,
    };
    let Some((most, find, false)) = found else { return TokenStream::new() };
    quote! {
        const MOST_SHARED: usize = #most;
        #[inline(always)]
        fn shared_mut(&mut self) -> __private::Option<&mut __private::Bytes> {
            #find
        }
    }
}

/// A field that may hold the one.
struct Place<'f> {
    field: &'f Field,
    nested: bool,
}

impl Place<'_> {
    /// Its own number, as a constant.
    fn count(&self) -> TokenStream {
        let ty = &self.field.inner;
        match self.nested {
            true => quote_spanned!(ty.span()=> <#ty as __private::Wire>::MOST_SHARED),
            false => quote!(1usize),
        }
    }

    /// The one inside of it, out of a mutable reference to the field.
    fn slot(&self, reference: &TokenStream) -> TokenStream {
        let ty = &self.field.inner;
        let inside = match self.field.optional {
            true => quote!(__private::Option::as_mut(#reference)),
            false => quote!(__private::Some(#reference)),
        };
        match self.nested {
            true => quote_spanned! {ty.span()=>
                __private::Option::and_then(#inside, <#ty as __private::Wire>::shared_mut)
            },
            false => inside,
        }
    }
}

/// The fields that may hold one; `None`: there are more than can be counted, or one is looked at.
fn of_layout<'l>(layout: &Layout<'l>) -> Option<Vec<Place<'l>>> {
    let mut places = Vec::new();
    for field in &layout.fields.list {
        if length::shared(field).is_empty() {
            continue;
        }
        let nested = match field.kind {
            Kind::Bytes(BytesKind::Shared) => false,
            Kind::Nested if field.each.is_none() => true,
            _ => return None,
        };
        let looked_at = expression::is_used(layout, field)
            || expression::is_read_by(layout, field)
            || field.fixed.is_some()
            || field.valid.is_some()
            || field.process.is_some()
            || matches!(field.presence, Presence::Absent(_));
        if looked_at || field.auto {
            return None;
        }
        places.push(Place { field, nested });
    }
    Some(places)
}

fn of_enum(declaration: &Declaration, body: &Enum) -> Option<(TokenStream, TokenStream, bool)> {
    let (mut counts, mut arms) = (Vec::new(), Vec::new());
    for variant in &body.variants {
        let places = of_layout(&Layout::of_variant(declaration, variant))?;
        if places.is_empty() {
            continue;
        }
        counts.push(count(&places));
        let name = &variant.name;
        let bound: Vec<(Ident, &Place<'_>)> =
            places.iter().map(|place| (names::local("shared", place.field.index), place)).collect();
        let bindings = bound.iter().map(|(local, place)| {
            let member = &place.field.member;
            quote!(#member: #local)
        });
        let find = first(bound.iter().map(|(local, place)| place.slot(&quote!(#local))));
        arms.push(quote!(Self::#name { #(#bindings,)* .. } => { #find }));
    }
    let find = quote! {
        match self {
            #(#arms)*
            _ => __private::None,
        }
    };
    Some((quote!(__private::most(&[#(#counts),*])), find, arms.is_empty()))
}

fn count(places: &[Place<'_>]) -> TokenStream {
    let counts = places.iter().map(Place::count);
    quote!(0usize #(.saturating_add(#counts))*)
}

/// The first that is there.
fn first(slots: impl Iterator<Item = TokenStream>) -> TokenStream {
    let slots: Vec<TokenStream> = slots.collect();
    quote! {
        #(if let __private::Some(__one) = #slots {
            return __private::Some(__one);
        })*
        __private::None
    }
}
