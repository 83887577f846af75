//! Exclusive or over a body that is one array, out of the values on their way there.
//!
//! Read back, the array would have to be in memory first, in words that are wider than those it was
//! written in: the processor waits for them. Expands to:
//!
//! ```text
//! let __lane_12 = u64::to_be_bytes(*session);
//! put(&mut __run, 12, __lane_12);
//! ...
//! xored16(lane(__lane_6, 6) ^ lane(__lane_12, 12) ^ .., Endian::Big)
//! ```

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::expand::encode::Writer;
use crate::expand::layout::{Piece, What};
use crate::model::{Algorithm, Edge, FieldSpan, RelationKind};
use crate::names;

impl Writer<'_, '_> {
    /// One piece of a run, into its place; kept in a local where a sum takes it from there.
    pub(crate) fn put(&self, at: usize, bytes: &TokenStream) -> TokenStream {
        if !self.is_summed() {
            return quote!(__private::put(&mut __run, #at, #bytes););
        }
        let lane = names::local("lane", at);
        quote! {
            let #lane = #bytes;
            __private::put(&mut __run, #at, #lane);
        }
    }

    /// An exclusive or is taken of what is written.
    pub(crate) fn is_summed(&self) -> bool {
        let mut relations = self.layout.fields.relations.iter();
        let summed = relations.any(|relation| match &relation.kind {
            RelationKind::Checksum { algorithm, .. } => word_of(algorithm).is_some(),
            _ => false,
        });
        summed && self.image
    }

    /// The exclusive or over a span of an image none of whose pieces is patched; `None`: it must be
    /// read from the array.
    pub(crate) fn xored(
        &self,
        algorithm: &Algorithm,
        over: &FieldSpan,
        order: &TokenStream,
    ) -> Option<TokenStream> {
        let word = word_of(algorithm)?;
        let run = self.layout.single_run().filter(|_| self.image)?;
        let start = match over.start {
            Edge::Type => 0,
            _ => self.layout.fixed_offset(self.layout.start_of(over))?,
        };
        let end = self.layout.fixed_offset(self.layout.end_of(over))?;
        let inside =
            run.pieces.iter().filter(|piece| piece.at < end && start < piece.at + piece.len);
        let lanes: Option<Vec<TokenStream>> = inside
            .filter(|piece| !matches!(piece.what, What::Padding(_)))
            .map(|piece| {
                let whole = start <= piece.at && piece.at + piece.len <= end;
                let lane = names::local("lane", piece.at);
                let offset = piece.at - start.min(piece.at);
                (whole && !self.is_zero_yet(piece)).then(|| quote!(__private::lane(#lane, #offset)))
            })
            .collect();
        let lanes = lanes.filter(|lanes| !lanes.is_empty())?;
        let function = format_ident!("xored{word}");
        Some(quote!(__private::#function(#(#lanes)^*, #order)))
    }

    /// The piece is filled in later.
    fn is_zero_yet(&self, piece: &Piece) -> bool {
        let What::Field(index) = piece.what else { return false };
        self.layout.fields.list.get(index).is_some_and(|field| self.is_patched(field))
    }
}

/// Bits of the words that an algorithm takes the exclusive or of.
fn word_of(algorithm: &Algorithm) -> Option<u32> {
    match algorithm {
        Algorithm::Simple("xor8") => Some(8),
        Algorithm::Simple("xor16") => Some(16),
        _ => None,
    }
}
