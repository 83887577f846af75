//! The enclosing frame that `with = module(whole)` hands to its module.
//!
//! A frame says where it begins as soon as its length field is behind it, and everything inside
//! finds it in the scope. Types that hold nothing which could ask leave no trace of it. Expands to:
//!
//! ```text
//! let __whole = region(__input, 2, __cut_0);                       // reading
//! let __whole = __start + 2;                                       // writing
//! let __around = reading(__scope, __whole);
//! let __scope = if <Self as Wire>::SEES_WHOLE { __scope.inside(&__around) } else { __scope };
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::expand::layout::Layout;
use crate::expand::value;
use crate::model::{Declaration, Edge, Field, Kind, RelationKind};

/// `|| ..` where something inside of the field may look at the enclosing frame.
pub(crate) fn sees(field: &Field) -> TokenStream {
    let ty = &field.inner;
    match &field.kind {
        // What was transformed is a frame of its own.
        _ if is_layer(field) => TokenStream::new(),
        Kind::With { whole: true, .. } => quote!(|| true),
        Kind::Nested => quote_spanned!(ty.span()=> || <#ty as __private::Wire>::SEES_WHOLE),
        Kind::List { item } if value::primitive(item).is_none() => {
            quote_spanned!(item.span()=> || <#item as __private::Wire>::SEES_INSIDE)
        }
        Kind::Map { wire, .. } if value::primitive(wire).is_none() => {
            quote!(|| <#wire as __private::Wire>::SEES_WHOLE)
        }
        _ => TokenStream::new(),
    }
}

/// The same where the type is an item of a list, or stands in a box: what its own lists and boxes
/// hold is not asked, because it may be the type itself.
pub(crate) fn sees_inside(field: &Field) -> TokenStream {
    let ty = &field.inner;
    match &field.kind {
        _ if is_layer(field) => TokenStream::new(),
        Kind::Nested => quote_spanned!(ty.span()=> || <#ty as __private::Wire>::SEES_INSIDE),
        Kind::List { item } if value::primitive(item).is_none() => {
            quote_spanned!(item.span()=> || <#item as __private::Wire>::FIXED_LEN.is_none())
        }
        _ => sees(field),
    }
}

/// What is read and written is transformed, whatever the other fields say.
fn is_layer(field: &Field) -> bool {
    field.process.as_ref().is_some_and(|process| process.condition.is_none())
}

/// The same of the fields `start..end`: a constant of type `bool`; `None`: nothing ever does.
pub(crate) fn sees_in(layout: &Layout<'_>, start: usize, end: usize) -> Option<TokenStream> {
    let fields = layout.fields.list.get(start..end).unwrap_or_default();
    let all: TokenStream = fields.iter().map(sees).collect();
    (!all.is_empty()).then(|| quote!((false #all)))
}

/// The field behind which the frame begins that the fields of this layout see: its length; `None`:
/// the layout is no frame, or nothing in it asks.
pub(crate) fn starts(layout: &Layout<'_>) -> Option<usize> {
    sees_in(layout, 0, layout.fields.list.len())?;
    is_frame(layout.declaration).then(|| layout.edge(start(layout), 0))
}

/// The end of the length field, or the start of the type.
pub(crate) fn start(layout: &Layout<'_>) -> Edge {
    holder(layout).map_or(Edge::Type, Edge::After)
}

/// The first field that holds a length.
fn holder(layout: &Layout<'_>) -> Option<usize> {
    let relations = layout.fields.relations.iter();
    let lengths = relations.filter(|one| matches!(one.kind, RelationKind::Length { .. }));
    lengths.map(|one| one.holder.field).min()
}

/// The frame has its length as a hidden prefix of this field, whose content is what is seen.
pub(crate) fn is_prefixed(layout: &Layout<'_>, field: &Field) -> bool {
    is_frame(layout.declaration)
        && holder(layout).is_none()
        && field.bound.prefix.is_some()
        && !sees(field).is_empty()
}

/// The type has a border, or is the borrowing twin of one that has.
fn is_frame(declaration: &Declaration) -> bool {
    declaration.frame.is_some() || declaration.view_of.is_some()
}

/// The scope of everything inside, while the bytes in `__whole` are read.
pub(crate) fn reading(declaration: &Declaration) -> TokenStream {
    shadow(declaration, &quote!(__private::reading(__scope, __whole)))
}

/// The scope of everything inside, while the output is written from `__whole` on.
pub(crate) fn writing(declaration: &Declaration) -> TokenStream {
    shadow(declaration, &quote!(__private::writing(__whole)))
}

fn shadow(declaration: &Declaration, around: &TokenStream) -> TokenStream {
    let name = &declaration.name;
    let (_, generics, _) = declaration.generics.split_for_impl();
    let sees = quote!(<#name #generics as __private::Wire>::SEES_WHOLE);
    // A twin may also stand inside of another one, which has said where the frame begins.
    let sees = match declaration.frame {
        Some(_) => sees,
        None => quote!(#sees && __private::is_outermost(__scope)),
    };
    quote! {
        let __around = #around;
        let __scope = if #sees { __scope.inside(&__around) } else { __scope };
    }
}

/// The scope of what was inflated or decrypted into `buffer`: a frame of its own.
pub(crate) fn layer(field: &Field, around: &TokenStream) -> TokenStream {
    let asks = matches!(field.kind, Kind::With { whole: true, .. } | Kind::Nested)
        || matches!(&field.kind, Kind::List { item } if value::primitive(item).is_none());
    if !asks {
        return TokenStream::new();
    }
    quote! {
        let __around = #around;
        let __scope = __scope.inside(&__around);
    }
}
