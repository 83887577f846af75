//! The derived fields of a struct, for frames that are wrong on purpose.

use proc_macro2::TokenStream;
use quote::quote;

use super::value::bits_of;
use crate::model::{Body, Declaration, RelationKind, Verify};

/// What is derived, and how each is overridden; nothing for other types than structs.
pub(super) fn methods(declaration: &Declaration) -> TokenStream {
    let Body::Struct(fields) = &declaration.body else { return TokenStream::new() };
    let (mut list, mut arms) = (Vec::new(), Vec::new());
    for relation in &fields.relations {
        let kind = match &relation.kind {
            RelationKind::Length { .. } => quote!(Length),
            RelationKind::Count { .. } => quote!(Count),
            RelationKind::Tag { .. } => quote!(Tag),
            RelationKind::Checksum { verify: Verify::Strict, .. } => quote!(Checksum),
            RelationKind::Checksum { .. }
            | RelationKind::PlainLength { .. }
            | RelationKind::Present { .. } => continue,
        };
        let Some(holder) = fields.list.get(relation.holder.field) else { continue };
        if holder.optional {
            continue;
        }
        let (member, path) = (&holder.member, &relation.holder.path);
        // A field of another type: most lengths have at least a byte.
        let bits = match path.is_empty() {
            true => bits_of(holder).unwrap_or(8),
            false => 8,
        };
        let index = list.len();
        list.push(quote!((__drawing::Relation::#kind, #bits)));
        arms.push(quote! {
            #index => {
                self.#member #(.#path)* =
                    __private::Auto::Set(__private::Whole::wrap(__value));
            }
        });
    }
    if list.is_empty() {
        return TokenStream::new();
    }
    quote! {
        const DERIVED: &'static [(__drawing::Relation, u32)] = &[#(#list),*];
        fn set_derived(&mut self, __index: usize, __value: u64) {
            match __index {
                #(#arms)*
                _ => {}
            }
        }
    }
}
