//! Lengths that stand before what they measure, where that looks at what was written before it: what
//! was said is compared with what was written.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::enclosing;
use crate::expand::encode::{Purpose, Writer};
use crate::model::{Field, Relation, RelationKind};
use crate::names;

impl Writer<'_, '_> {
    /// The comparison of all such lengths of the body, behind its last byte.
    pub(crate) fn said(&self) -> TokenStream {
        let relations = self.layout.fields.relations.iter();
        relations.filter(|relation| self.is_said(relation)).map(|one| self.compared(one)).collect()
    }

    /// The length is written before a span that may look at what was written before.
    pub(crate) fn is_said(&self, relation: &Relation) -> bool {
        let RelationKind::Length { over, .. } = &relation.kind else { return false };
        let Some(holder) = self.layout.fields.list.get(relation.holder.field) else { return false };
        let (start, end) = (self.layout.start_of(over), self.layout.end_of(over));
        let computed = match relation.holder.path.as_slice() {
            [] => holder.auto && !holder.optional && !self.is_patched(holder),
            _ => true,
        };
        computed
            && self.purpose == Purpose::Write
            && !self.image
            && enclosing::sees_in(self.layout, start, end).is_some()
    }

    fn compared(&self, relation: &Relation) -> TokenStream {
        let RelationKind::Length { over, bias, unit } = &relation.kind else {
            return TokenStream::new();
        };
        let Some(holder) = self.layout.fields.list.get(relation.holder.field) else {
            return TokenStream::new();
        };
        let (first, last) = (self.layout.start_of(over), self.layout.end_of(over));
        let sees = enclosing::sees_in(self.layout, first, last);
        let (start, end) = (self.place(over.start, true), self.place(over.end, false));
        let (label, ty, local) = (self.label(holder), &holder.inner, &holder.local);
        if relation.holder.path.is_empty() {
            let written = names::local("written", holder.index);
            return quote! {
                if #sees
                    && __private::Auto::set(*#local).is_none()
                    && __private::length_value::<#ty>(#end - #start, #unit, #bias, #label)? != #written
                {
                    return __private::Err(__private::EncodeError::Contradiction { field: #label });
                }
            };
        }
        let (fill, path) = (names::local("fill", holder.index), &relation.holder.path);
        quote! {
            if #sees {
                let __len = __private::length_value(#end - #start, #unit, #bias, #label)?;
                __private::hand(&mut #fill #(.#path)*, __len, #label)?;
            }
        }
    }

    /// The scope in which the content of a prefixed field is measured.
    pub(crate) fn measured_scope(&self, field: &Field) -> TokenStream {
        if enclosing::is_prefixed(self.layout, field) {
            let scope = enclosing::writing(self.layout.declaration);
            return quote!(let __whole = 0; #scope);
        }
        if enclosing::sees(field).is_empty() {
            return TokenStream::new();
        }
        quote!(let __scope = __private::measured(__scope);)
    }
}

/// The same for the hidden length before a field: `__said`.
pub(crate) fn said_of(field: &Field, label: &str) -> TokenStream {
    let sees = enclosing::sees(field);
    if sees.is_empty() {
        return TokenStream::new();
    }
    quote! {
        if (false #sees) && __out.len() - __mark != __said {
            return __private::Err(__private::EncodeError::Contradiction { field: #label });
        }
    }
}
