//! Spans: where a length cuts the input, where the cut ends, and the places that checksums need.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::expand::layout::{Run, Step, What, prefix_len};
use crate::expand::parse::{Reader, number_of};
use crate::model::{Edge, FieldSpan, Relation, RelationKind};
use crate::names;

/// A span that is being read: `__rest` is cut to it.
pub(crate) struct Open {
    /// Index of the relation.
    relation: usize,
    /// The cut around it.
    outer: Option<TokenStream>,
}

/// Where a length stands relative to its span.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    /// All of the span is of literal size: the length is compared with a constant.
    Fixed(usize),
    /// The span begins before the end of the length.
    Around,
    /// The span begins behind the length.
    Ahead,
    /// The span ends before the length.
    Past,
}

impl Reader<'_, '_> {
    /// The fields of a step: its first, and the first behind it.
    pub(crate) fn extent(&self, step: &Step, boundary: usize) -> (usize, usize) {
        match step {
            Step::Field(index) => match self.layout.stepped(*index) {
                Some((first, next, _)) => (first, next),
                None => (*index, index + 1),
            },
            Step::Run(run) => {
                let fields = run.pieces.iter().filter_map(|piece| self.owner(piece.what));
                let first = fields.clone().next().unwrap_or(boundary);
                let last = run.pieces.iter().rev().find_map(|piece| match piece.what {
                    What::Field(index) => Some(index + 1),
                    What::Bits(run) => Some(self.layout.fields.runs.get(run)?.last + 1),
                    What::Magic | What::Padding(_) | What::Prefix(_) => None,
                });
                (first, last.unwrap_or(first))
            }
        }
    }

    /// The field that a piece belongs to.
    pub(crate) fn owner(&self, what: What) -> Option<usize> {
        match what {
            What::Magic => None,
            What::Padding(index) | What::Field(index) | What::Prefix(index) => Some(index),
            What::Bits(run) => self.layout.fields.runs.get(run).map(|run| run.first),
        }
    }

    /// What happens right before field `index`: its place is kept, spans that begin here are cut.
    pub(crate) fn at_boundary(&mut self, index: usize) -> TokenStream {
        let mut code = self.close(index);
        code.extend(self.keep_place(index));
        for (number, relation) in self.layout.fields.relations.iter().enumerate() {
            let RelationKind::Length { over, .. } = &relation.kind else { continue };
            if self.position(relation) == Some(Position::Ahead)
                && self.layout.start_of(over) == index
            {
                let len = names::local("len", number);
                code.extend(self.open(number, over, &quote!(#len)));
            }
        }
        code
    }

    /// What happens behind a step that holds the fields `first..next`.
    pub(crate) fn behind_step(&mut self, first: usize, next: usize) -> TokenStream {
        let mut code = TokenStream::new();
        for (number, relation) in self.layout.fields.relations.iter().enumerate() {
            if (first..next).contains(&relation.holder.field) {
                code.extend(self.held(number, relation, next));
            }
        }
        code.extend(self.at_boundary(next));
        code
    }

    /// The length behind the step of its holder.
    fn held(&mut self, number: usize, relation: &Relation, next: usize) -> TokenStream {
        let RelationKind::Length { over, bias, unit } = &relation.kind else {
            return TokenStream::new();
        };
        let holder = relation.holder.field;
        let Some(position) = self.position(relation) else { return TokenStream::new() };
        let (value, prelude) = self.holder_value(number, relation);
        let bias = *bias;
        let claimed = match self.layout.fields.absent_of(holder) {
            Some((absent, _)) if relation.holder.path.is_empty() => {
                let none = absent.whole();
                quote!(__private::span_len_unless(#value, #none, #unit, #bias))
            }
            _ => quote!(__private::span_len(#value, #unit, #bias)),
        };
        let at = self.holder_start(holder);
        let wrong = self.fault("Length", holder, &at.0, at.1);
        let len = names::local("len", number);
        match position {
            // Compared where it is read.
            Position::Fixed(_) => TokenStream::new(),
            Position::Past => {
                let (start, end) = self.places(over);
                quote! {
                    #prelude
                    if #claimed != __private::Some(#end - #start) {
                        #wrong;
                    }
                }
            }
            Position::Ahead => quote! {
                #prelude
                let __private::Some(#len) = #claimed else { #wrong; };
            },
            Position::Around => {
                let start = self.place(over.start, 0);
                // A hidden length of the next field may already be read with the run.
                let ahead = self.layout.fields.list.get(next).and_then(prefix_len);
                let here = match ahead {
                    Some(_) => {
                        let cut = self.cut_value();
                        quote!((__input.len() - __private::from_end(__rest, 0, #cut)))
                    }
                    None => self.place_now(next),
                };
                let refused = self.refused(holder, over, &claimed, &at, &start);
                let open = self.open(number, over, &quote!(#len));
                quote! {
                    #prelude
                    let #len = match #claimed {
                        __private::Some(__claimed) if __claimed >= #here - #start => {
                            __claimed - (#here - #start)
                        }
                        __claimed => #refused,
                    };
                    #open
                }
            }
        }
    }

    /// A length that is too small for what was read inside its span already.
    fn refused(
        &self,
        holder: usize,
        over: &FieldSpan,
        _claimed: &TokenStream,
        at: &(TokenStream, usize),
        start: &TokenStream,
    ) -> TokenStream {
        let Some(run) = self.run_of(holder) else {
            return self.fault("Length", holder, &at.0, at.1);
        };
        let (holder_start, holder_end) = self.extent_in(run, holder);
        let ends = self.ends(run);
        let cut = self.cut_value();
        let (number, first) = (number_of(holder), number_of(self.layout.start_of(over)));
        let last = number_of(self.layout.end_of(over).saturating_sub(1));
        let run_start = self.run_start(run);
        quote! {
            return __private::span_refused(
                __claimed,
                &__private::SpanHead {
                    holder: #number,
                    holder_start: #holder_start,
                    own_end: #run_start + #holder_end - #start,
                    before: usize::wrapping_sub(#run_start, #start).cast_signed(),
                    ends: &[#ends],
                    first: #first,
                    last: #last,
                },
                __private::from_end(__from, 0, #cut),
                #cut,
            )
        }
    }

    /// Cuts `__rest` to the `len` bytes that are left of a span.
    fn open(&mut self, number: usize, over: &FieldSpan, len: &TokenStream) -> TokenStream {
        let behind = names::local("behind", number);
        let cut = names::local("cut", number);
        let outer = self.cut.clone();
        let first = self.layout.start_of(over);
        let field = number_of(first);
        let before = self.cut_value();
        let start = self.place(over.start, 0);
        let counted = match &outer {
            Some(outer) => quote!(#behind.len() + #outer),
            None => quote!(#behind.len()),
        };
        self.spans.push(Open { relation: number, outer });
        self.cut = Some(quote!(#cut));
        let relation = self.layout.fields.relations.get(number);
        let at = if relation.is_some_and(|one| first > one.holder.field) {
            quote!(__private::from_end(__rest, 0, #before))
        } else {
            quote!(__input.len() - #start)
        };
        quote! {
            let __private::Some((__span, #behind)) = __rest.split_at_checked(#len) else {
                return __private::malformed_before(__private::Fault::Short, #field, #at);
            };
            let #cut = #counted;
            __rest = __span;
        }
    }

    /// Ends the spans whose last byte is before field `index`.
    fn close(&mut self, index: usize) -> TokenStream {
        let mut code = TokenStream::new();
        while let Some(span) = self.spans.last() {
            let relation = self.layout.fields.relations.get(span.relation);
            let Some(Relation { kind: RelationKind::Length { over, .. }, .. }) = relation else {
                break;
            };
            if over.end == Edge::Type || self.layout.end_of(over) != index {
                break;
            }
            code.extend(self.close_one());
        }
        code
    }

    /// The boundary at which the innermost span ends.
    pub(crate) fn innermost_end(&self) -> usize {
        let relation =
            self.spans.last().map(|span| self.layout.fields.relations.get(span.relation));
        match relation.flatten().map(|relation| &relation.kind) {
            Some(RelationKind::Length { over, .. }) => self.layout.end_of(over),
            _ => self.layout.fields.list.len(),
        }
    }

    /// Ends the spans that reach to the end of the type.
    pub(crate) fn close_type(&mut self) -> TokenStream {
        let mut code = TokenStream::new();
        while !self.spans.is_empty() {
            code.extend(self.close_one());
        }
        code
    }

    fn close_one(&mut self) -> TokenStream {
        let Some(span) = self.spans.pop() else { return TokenStream::new() };
        let relation = self.layout.fields.relations.get(span.relation);
        let last = relation.map_or(0, |relation| match &relation.kind {
            RelationKind::Length { over, .. } => self.layout.end_of(over).saturating_sub(1),
            _ => 0,
        });
        let behind = names::local("behind", span.relation);
        let trailing = self.fault("Trailing", last, &quote!(__rest), 0);
        self.cut = span.outer;
        quote! {
            if !__rest.is_empty() {
                #trailing;
            }
            __rest = #behind;
        }
    }

    pub(crate) fn position(&self, relation: &Relation) -> Option<Position> {
        let RelationKind::Length { over, .. } = &relation.kind else { return None };
        let holder = relation.holder.field;
        let next = self.layout.edge(Edge::After(holder), 0);
        Some(match self.layout.fixed_span(over) {
            Some(len) if relation.holder.path.is_empty() => Position::Fixed(len),
            _ if self.layout.end_of(over) <= holder => Position::Past,
            _ if self.layout.start_of(over) >= next => Position::Ahead,
            _ => Position::Around,
        })
    }

    /// The length that was read, and what must be done to have it.
    fn holder_value(&self, number: usize, relation: &Relation) -> (TokenStream, TokenStream) {
        let holder = relation.holder.field;
        let Some(field) = self.layout.fields.list.get(holder) else {
            return (quote!(0u8), TokenStream::new());
        };
        let local = &field.local;
        let path = &relation.holder.path;
        if path.is_empty() {
            return (quote!(#local), TokenStream::new());
        }
        let held = names::local("held", number);
        let value = self.held_in(holder, local, path);
        (quote!(#held), quote!(let #held = #value;))
    }

    /// The open field of a nested value.
    pub(crate) fn held_in(&self, holder: usize, local: &Ident, path: &[Ident]) -> TokenStream {
        let error = self.nested_error();
        let number = number_of(holder);
        quote! {
            match __private::held(&#local #(.#path)*, #number, __rest) {
                __private::Ok(__value) => __value,
                __private::Err(__error) => #error,
            }
        }
    }

    /// Where the holder of a length begins: a slice, and an offset in it.
    fn holder_start(&self, holder: usize) -> (TokenStream, usize) {
        match self.run_of(holder) {
            Some(run) => (quote!(__from), self.extent_in(run, holder).0.unsigned_abs()),
            None => (quote!(__from), 0),
        }
    }

    /// The run that a field is read in.
    pub(crate) fn run_of(&self, field: usize) -> Option<&Run> {
        self.layout.steps.iter().find_map(|step| match step {
            Step::Run(run) => self.piece_of(run, field).map(|_| run),
            Step::Field(_) => None,
        })
    }

    fn piece_of<'r>(&self, run: &'r Run, field: usize) -> Option<&'r crate::expand::layout::Piece> {
        run.pieces.iter().find(|piece| match piece.what {
            What::Field(index) => index == field,
            What::Bits(index) => {
                let bits = self.layout.fields.runs.get(index);
                bits.is_some_and(|bits| (bits.first..=bits.last).contains(&field))
            }
            What::Magic | What::Padding(_) | What::Prefix(_) => false,
        })
    }

    /// Where a field begins and ends in its run.
    pub(crate) fn extent_in(&self, run: &Run, field: usize) -> (isize, usize) {
        let piece = self.piece_of(run, field);
        piece.map_or((0, 0), |piece| (piece.at.cast_signed(), piece.at + piece.len))
    }
}
