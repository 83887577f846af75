//! Places: offsets from the start of the type, where spans begin and end.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::enclosing;
use crate::expand::layout::{Run, What};
use crate::expand::parse::Reader;
use crate::expand::parse::span::Position;
use crate::model::{Edge, FieldSpan, RelationKind};
use crate::names;

impl Reader<'_, '_> {
    /// The offset of an edge; `of_type` is the boundary that `Edge::Type` stands for.
    pub(crate) fn place(&self, edge: Edge, of_type: usize) -> TokenStream {
        if edge == Edge::Type && of_type == 0 {
            return quote!(0usize);
        }
        let boundary = self.layout.edge(edge, of_type);
        match self.layout.fixed_offset(boundary) {
            Some(offset) => quote!(#offset),
            None => {
                let at = names::local("at", boundary);
                quote!(#at)
            }
        }
    }

    /// Where a span begins and ends.
    pub(crate) fn places(&self, span: &FieldSpan) -> (TokenStream, TokenStream) {
        let end = self.layout.fields.list.len();
        (self.place(span.start, 0), self.place(span.end, end))
    }

    /// The offset of `__rest`, which begins at this boundary.
    pub(crate) fn place_now(&self, boundary: usize) -> TokenStream {
        let cut = self.cut_value();
        match self.layout.fixed_offset(boundary) {
            Some(offset) => quote!(#offset),
            None => quote!((__input.len() - __private::from_end(__rest, 0, #cut))),
        }
    }

    /// `let __at_N = ..` where a later step needs this boundary.
    pub(crate) fn keep_place(&self, boundary: usize) -> TokenStream {
        if !self.needs_place(boundary) {
            return TokenStream::new();
        }
        let at = names::local("at", boundary);
        let place = self.place_now(boundary);
        quote!(let #at = #place;)
    }

    /// Where a run begins in the type; `__run_at` where only the run itself knows.
    pub(crate) fn run_start(&self, run: &Run) -> TokenStream {
        match self.fixed_start(run) {
            Some(offset) => quote!(#offset),
            None => quote!(__run_at),
        }
    }

    /// `let __run_at = ..` and the boundaries inside of a run.
    pub(crate) fn keep_places_in(&self, run: &Run) -> TokenStream {
        let mut code = TokenStream::new();
        if self.fixed_start(run).is_some() {
            return code;
        }
        let cut = self.cut_value();
        code.extend(quote!(let __run_at = __input.len() - __private::from_end(__from, 0, #cut);));
        for piece in run.pieces.iter().skip(1) {
            let Some(index) = self.owner(piece.what) else { continue };
            if self.needs_place(index) {
                let at = names::local("at", index);
                let offset = piece.at;
                code.extend(quote!(let #at = __run_at + #offset;));
            }
        }
        code
    }

    fn fixed_start(&self, run: &Run) -> Option<usize> {
        match run.pieces.first().map(|piece| piece.what) {
            None | Some(What::Magic) => Some(0),
            Some(what) => self.layout.fixed_offset(self.owner(what)?),
        }
    }

    /// The boundary is an edge of a span that is measured, and the macro does not know its place.
    fn needs_place(&self, boundary: usize) -> bool {
        if self.layout.fixed_offset(boundary).is_some() {
            return false;
        }
        if enclosing::starts(self.layout) == Some(boundary) {
            return true;
        }
        let end = self.layout.fields.list.len();
        self.layout.fields.relations.iter().any(|relation| {
            let is = |edge, of_type| self.layout.edge(edge, of_type) == boundary;
            match &relation.kind {
                RelationKind::Length { over, .. } => match self.position(relation) {
                    Some(Position::Around) => is(over.start, 0),
                    Some(Position::Past) => is(over.start, 0) || is(over.end, end),
                    _ => false,
                },
                RelationKind::Checksum { over, .. } => {
                    is(over.start, 0) || is(over.end, end) || relation.holder.field == boundary
                }
                _ => false,
            }
        })
    }
}
