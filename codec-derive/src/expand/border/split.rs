//! `split` and `join` of a frame whose body may go in fragments.
//!
//! Expands to:
//! ```text
//! const SPLITS: bool = true;
//! fn split(&self, context: &Self::Context) -> Result<Vec<Self>, EncodeError> {
//!     let Self { message, properties, part, body, .. } = self;
//!     if part.is_some() { return Ok(Vec::new()) }
//!     let inside = Body::context(body.tag(), part.is_some() || properties.cipher != 0, ());
//!     private::split(body, &inside, 1023, scope, |pieces| {
//!         let opaque = Body::context(body.tag(), true, ());
//!         private::placed::<Body, _>(&pieces, &opaque, "Packet.part", scope, |body| {
//!             Some(Self { message: message.clone(), .., part: Some(Part::blank()?), body })
//!         })
//!     })
//! }
//! ```
//! `join` writes the bodies of all fragments one behind the other and reads them under the context
//! that the body has without a place.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::expand::context;
use crate::expand::encode::{Purpose, Writer, pattern};
use crate::expand::expression::Side;
use crate::expand::layout::Layout;
use crate::expand::{parse, relation};
use crate::model::{Body, Declaration, Field, Fields, Split};

/// `SPLITS`, `split` and `join`; nothing where no field is cut.
pub(super) fn methods(declaration: &Declaration) -> TokenStream {
    let Body::Struct(fields) = &declaration.body else { return TokenStream::new() };
    let found = fields.list.iter().find_map(|field| Some((field, field.split.as_ref()?)));
    let Some((body, split)) = found else { return TokenStream::new() };
    let place = fields.list.iter().find(|field| field.local == split.place);
    let Some(place) = place else { return TokenStream::new() };
    let layout = Layout::of_struct(declaration, fields);
    let (cut, joined) = (cut(&layout, body, place, split), joined(&layout, body, place));
    quote! {
        const SPLITS: bool = true;
        #cut
        #joined
    }
}

fn cut(layout: &Layout<'_>, body: &Field, place: &Field, split: &Split) -> TokenStream {
    let (pattern, limit) = (pattern(layout.fields), &split.limit);
    let (local, part, ty) = (&body.local, &place.local, &place.inner);
    let whole = Writer::new(layout, Purpose::Write).context_of(body);
    let opaque = opaque(layout, body);
    let scope = scope(layout.declaration);
    let (label, inner) = (layout.label(place), &body.inner);
    let blank = quote_spanned!(ty.span()=> <#ty as __private::Roles>::blank());
    let value = value(layout.fields, |field| match field.index {
        index if index == body.index => Some(quote!(__body)),
        index if index == place.index => Some(quote!(__private::Some(#blank?))),
        _ => None,
    });
    let measured = Writer::new(layout, Purpose::Measure).context_of(body);
    quote! {
        fn split_len(&self, __context: &Self::Context) -> __private::Option<usize> {
            let Self #pattern = self;
            let __len = (|| {
                if #part.is_some() {
                    return 0;
                }
                #scope
                let __value = &*#local;
                __private::Wire::encoded_len_in(__value, __scope, &#measured)
            })();
            if __len > #limit { __private::Some(__len) } else { __private::None }
        }

        fn split(
            &self,
            __context: &Self::Context,
        ) -> __private::Result<__private::Vec<Self>, __private::EncodeError> {
            let Self #pattern = self;
            if #part.is_some() {
                return __private::Ok(__private::Vec::new());
            }
            #scope
            let __value = &*#local;
            let __inside = #whole;
            __private::split(__value, &__inside, #limit, __scope, |__pieces| {
                let __opaque = #opaque;
                __private::placed::<#inner, _>(&__pieces, &__opaque, #label, __scope, |__body| {
                    __private::Some(#value)
                })
            })
        }
    }
}

fn joined(layout: &Layout<'_>, body: &Field, place: &Field) -> TokenStream {
    let pattern = pattern(layout.fields);
    let (local, part, ty, inner) = (&body.local, &place.local, &place.ty, &body.inner);
    let inside = Writer::new(layout, Purpose::Write).context_of(body);
    let scope = scope(layout.declaration);
    let value = value(layout.fields, |field| match field.index {
        index if index == body.index => Some(quote!(__body)),
        index if index == place.index => Some(quote!(__private::None)),
        _ => None,
    });
    quote! {
        fn join(
            __fragments: __private::Vec<Self>,
            __context: &Self::Context,
        ) -> __private::Result<Self, __private::Vec<Self>> {
            #scope
            __private::join(
                __fragments,
                |__one, __out| {
                    let Self #pattern = __one;
                    let __value = &*#local;
                    let __inside = #inside;
                    __private::Wire::encode_in(
                        __value, __out, &__private::Default::default(), __scope, &__inside,
                    )?;
                    __private::Ok(__private::Tagged::tag(__value))
                },
                |__one, __bytes| {
                    let Self #pattern = __one;
                    let #part: &#ty = &__private::None;
                    let __value = &*#local;
                    let __inside = #inside;
                    let __body = __private::joined::<#inner>(__bytes, __scope, &__inside);
                    __private::Ok(__body.map(|__body| #value))
                },
            )
        }
    }
}

/// The context under which the body of a fragment is kept as bytes.
fn opaque(layout: &Layout<'_>, body: &Field) -> TokenStream {
    let overflow = Writer::new(layout, Purpose::Write).overflow(body);
    let tag = relation::tag(body);
    let tag = (quote!(#tag(__value)), quote!(true));
    context::argument(layout, body, Side::Write, Some(tag), &overflow)
}

fn scope(declaration: &Declaration) -> TokenStream {
    let inherited = parse::scope(declaration);
    quote!(let __scope = __private::Scope::ROOT; #inherited)
}

/// `Self { .. }`: what `other` does not give is a copy.
fn value(fields: &Fields, other: impl Fn(&Field) -> Option<TokenStream>) -> TokenStream {
    let values = fields.list.iter().map(|field| {
        let (member, local) = (&field.member, &field.local);
        let value = other(field).unwrap_or_else(|| quote!(__private::Clone::clone(&*#local)));
        quote!(#member: #value)
    });
    quote!(Self { #(#values),* })
}
