//! Values that later bytes decide: written as zeros, filled in when their spans are complete.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::enclosing;
use crate::expand::encode::Writer;
use crate::expand::expression;
use crate::expand::layout::{Step, What};
use crate::expand::{encode::run, relation};
use crate::model::{Algorithm, Edge, Field, FieldSpan, Kind, Presence, Relation, RelationKind};
use crate::names;

impl Writer<'_, '_> {
    /// The field is written as zeros first, and patched.
    pub(crate) fn is_patched(&self, field: &Field) -> bool {
        let in_run = self.in_run(field.index);
        let plain = matches!(field.kind, Kind::Integer(_))
            && matches!(field.presence, Presence::Always)
            && field.gate.is_none()
            && in_run
            && !field.optional;
        plain
            && field.valid.is_none()
            && field.asserts.is_empty()
            && self.layout.held_by(field.index).any(|relation| match &relation.kind {
                RelationKind::Length { over, .. } => self.layout.fixed_span(over).is_none(),
                RelationKind::Checksum { .. } => true,
                _ => false,
            })
            // Last, for it looks at every token of every expression.
            && !expression::is_used(self.layout, field)
    }

    /// All patches: lengths first, for checksums may cover them.
    pub(crate) fn patches(&self) -> TokenStream {
        let mut code = TokenStream::new();
        for relation in &self.layout.fields.relations {
            if let RelationKind::Length { over, bias, unit } = &relation.kind {
                code.extend(self.length(relation, over, *bias, *unit));
            }
        }
        for relation in &self.layout.fields.relations {
            if let RelationKind::Checksum { algorithm, over, .. } = &relation.kind {
                code.extend(self.checksum(relation, algorithm, over));
            }
        }
        code
    }

    fn length(&self, relation: &Relation, over: &FieldSpan, bias: i64, unit: u64) -> TokenStream {
        let Some(field) = self.patched_holder(relation) else { return TokenStream::new() };
        let (start, end) = (self.place(over.start, true), self.place(over.end, false));
        let label = self.label(field);
        let ty = &field.inner;
        let computed = quote!(__private::length_value::<#ty>(#end - #start, #unit, #bias, #label)?);
        let computed = self.unless_absent(field, computed);
        self.patch(field, &computed)
    }

    fn checksum(
        &self,
        relation: &Relation,
        algorithm: &Algorithm,
        over: &FieldSpan,
    ) -> TokenStream {
        let Some(field) = self.patched_holder(relation) else { return TokenStream::new() };
        let (start, end) = (self.place(over.start, true), self.place(over.end, false));
        let (first, behind) = (self.layout.start_of(over), self.layout.end_of(over));
        let bytes = if self.image { quote!(&__run) } else { quote!(__out) };
        let own = self.holder_place(field);
        let order = self.layout.order_of(field).value();
        let sum = if (first..behind).contains(&field.index) {
            let hole = self.layout.literal_len(field).unwrap_or(0);
            relation::checksum_around(
                algorithm,
                &quote!(__private::stretch(#bytes, #start, #own)),
                hole,
                &quote!(__private::stretch(#bytes, #own + #hole, #end)),
                &order,
            )
        } else if let Some(xored) = self.xored(algorithm, over, &order) {
            xored
        } else {
            relation::checksum(algorithm, &quote!(__private::stretch(#bytes, #start, #end)), &order)
        };
        self.patch(field, &sum)
    }

    pub(crate) fn patched_holder(&self, relation: &Relation) -> Option<&Field> {
        let field = self.layout.fields.list.get(relation.holder.field)?;
        (relation.holder.path.is_empty() && self.is_patched(field)).then_some(field)
    }

    /// Writes the override or the computed value over the zeros.
    fn patch(&self, field: &Field, computed: &TokenStream) -> TokenStream {
        let local = &field.local;
        let place = self.holder_place(field);
        let target = if self.image { quote!(&mut __run) } else { quote!(__out) };
        let Kind::Integer(wire) = field.kind else { return TokenStream::new() };
        let order = self.layout.order_of(field);
        let label = self.label(field);
        let bytes = run::integer_bytes(&field.inner, wire, &quote!(__value), order, &label);
        let value = if field.auto {
            quote! {
                match *#local {
                    __private::Auto::Set(__value) => __value,
                    __private::Auto::Derived => #computed,
                }
            }
        } else {
            quote!(*#local)
        };
        quote! {
            let __value = #value;
            __private::put(#target, #place, #bytes);
        }
    }

    /// Where an edge lies in `__out` (or in `__run`).
    pub(crate) fn place(&self, edge: Edge, start: bool) -> TokenStream {
        let last = self.layout.fields.list.len();
        let boundary = self.layout.edge(edge, if start { 0 } else { last });
        let fixed = match edge {
            Edge::Type if start => Some(0),
            _ => self.layout.fixed_offset(boundary),
        };
        match fixed {
            Some(offset) if self.image => quote!(#offset),
            Some(0) => quote!(__start),
            Some(offset) => quote!((__start + #offset)),
            None if boundary == last => quote!(__out.len()),
            None => {
                let at = names::local("at", boundary);
                quote!(#at)
            }
        }
    }

    /// Where a patched field begins.
    fn holder_place(&self, field: &Field) -> TokenStream {
        match self.piece_offset(field.index) {
            Some(offset) if self.image => quote!(#offset),
            Some(0) => quote!(__start),
            Some(offset) => quote!((__start + #offset)),
            None => {
                let at = names::local("hold", field.index);
                quote!(#at)
            }
        }
    }

    /// The offset of a field from the start of the body, where it is literal.
    pub(crate) fn piece_offset(&self, index: usize) -> Option<usize> {
        let field = self.layout.fields.list.get(index)?;
        let before = field.padding.before.unwrap_or(0);
        self.layout
            .fixed_offset(index)
            .filter(|_| field.padding.align.is_none())
            .map(|at| at + before)
    }

    /// `let __at_N = ..` where a patch needs this boundary, `ahead` bytes behind the output's end.
    pub(crate) fn mark(&self, boundary: usize, ahead: usize) -> TokenStream {
        let last = self.layout.fields.list.len();
        if boundary == last || self.layout.fixed_offset(boundary).is_some() {
            return TokenStream::new();
        }
        let needed = self.layout.fields.relations.iter().any(|relation| {
            let (RelationKind::Length { over, .. } | RelationKind::Checksum { over, .. }) =
                &relation.kind
            else {
                return false;
            };
            (self.patched_holder(relation).is_some() || self.is_said(relation))
                && (self.layout.edge(over.start, 0) == boundary
                    || self.layout.edge(over.end, last) == boundary)
        });
        if !needed && enclosing::starts(self.layout) != Some(boundary) {
            return TokenStream::new();
        }
        let at = names::local("at", boundary);
        match ahead {
            0 => quote!(let #at = __out.len();),
            _ => quote!(let #at = __out.len() + #ahead;),
        }
    }

    pub(crate) fn in_run(&self, index: usize) -> bool {
        self.layout.steps.iter().any(|step| match step {
            Step::Run(run) => run.pieces.iter().any(|piece| piece.what == What::Field(index)),
            Step::Field(_) => false,
        })
    }
}
