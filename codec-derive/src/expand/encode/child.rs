//! What a parent hands to the types inside it when it writes them: values of their open fields,
//! and context.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::expand::context;
use crate::expand::encode::{Purpose, Writer};
use crate::expand::expression::{self, Side};
use crate::expand::fill;
use crate::expand::relation;
use crate::model::{Field, Kind, Presence};
use crate::names;

impl Writer<'_, '_> {
    /// `let mut __fill_N = ..` for every nested type that relations reach into.
    pub(crate) fn fills(&self) -> TokenStream {
        let handed = self.layout.fields.list.iter().filter(|field| is_handed(self, field));
        handed.map(|field| self.filled(field)).collect()
    }

    fn filled(&self, field: &Field) -> TokenStream {
        let (fill, ty) = (names::local("fill", field.index), fill::of(field));
        let local = &field.local;
        let first = match self.purpose {
            Purpose::Write if fill::holds(self.layout, field) => {
                quote!(__private::Clone::clone(&__fill.#local))
            }
            _ => quote!(__private::Default::default()),
        };
        let writer = self.as_writer();
        let relations = self.layout.fields.relations.iter().filter_map(|relation| {
            let path = &relation.holder.path;
            if relation.holder.field != field.index || path.is_empty() {
                return None;
            }
            let (value, label) = (writer.handed_down(relation)?, self.label(field));
            Some(quote!(__private::hand(&mut #fill #(.#path)*, #value, #label)?;))
        });
        quote!(let mut #fill: #ty = #first; #(#relations)*)
    }

    /// The bytes of a nested type, to which `__value` refers. What is handed down to it may decide
    /// how long its varints are; then it is written to see.
    pub(crate) fn nested_len(&self, field: &Field) -> TokenStream {
        let (ty, context) = (&field.inner, self.context_of(field));
        if field.each.is_some() {
            return quote!(<#ty as __private::Each>::len_of(__value, __scope, &#context));
        }
        let plain = quote_spanned! {ty.span()=>
            __private::Wire::encoded_len_in(__value, __scope, &#context)
        };
        if !is_handed(self, field) {
            return plain;
        }
        let (filled, fill) = (self.filled(field), fill(self, field));
        let context = self.as_writer().context_of(field);
        quote! {
            match <#ty as __private::Wire>::FIXED_LEN {
                __private::Some(__len) => __len,
                __private::None => __private::measure(|__out| {
                    let __scope = __private::measured(__scope);
                    #filled
                    __private::Wire::encode_in(__value, __out, #fill, __scope, &#context)
                }),
            }
        }
    }

    /// The context of the type inside a field, whose value stands in `__value`.
    pub(crate) fn context_of(&self, field: &Field) -> TokenStream {
        let overflow = self.overflow(field);
        let tag = (has_tag(self, field)).then(|| {
            let opaque = match &field.opaque_if {
                None => quote!(false),
                Some(expr) => expression::prepare(self.layout, expr, Side::Write, field.index)
                    .or_else(&overflow),
            };
            let tag = relation::tag(field);
            (quote!(#tag(__value)), opaque)
        });
        context::argument(self.layout, field, Side::Write, tag, &overflow)
    }

    /// A `select` that the value contradicts.
    pub(crate) fn selected(&self, field: &Field) -> TokenStream {
        let (Some(select), Purpose::Write) = (&field.select, self.purpose) else {
            return TokenStream::new();
        };
        let overflow = self.overflow(field);
        let left = self.left(field, select);
        let chosen = relation::selected(self.layout, field, select, Side::Write, &left, &overflow);
        let tag = relation::tag(field);
        quote! {
            if #chosen != #tag(__value) {
                #overflow;
            }
        }
    }
}

fn has_tag(writer: &Writer<'_, '_>, field: &Field) -> bool {
    context::has_tag(writer.layout, field)
}

/// What is handed down to the open fields of a nested type: a reference.
pub(crate) fn fill(writer: &Writer<'_, '_>, field: &Field) -> TokenStream {
    if is_handed(writer, field) {
        let fill = names::local("fill", field.index);
        return quote!(&#fill);
    }
    let local = &field.local;
    if fill::holds(writer.layout, field) {
        return quote!(&__fill.#local);
    }
    quote!(&__private::Default::default())
}

/// A relation of this type reaches into the field.
fn is_handed(writer: &Writer<'_, '_>, field: &Field) -> bool {
    let plain = matches!(field.presence, Presence::Always);
    let nested = matches!(field.kind, Kind::Nested | Kind::Bits { .. });
    plain
        && nested
        && writer.layout.fields.relations.iter().any(|relation| {
            relation.holder.field == field.index && !relation.holder.path.is_empty()
        })
}
