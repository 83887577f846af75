//! Runs of bits: one integer each.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::encode::{Writer, child};
use crate::expand::layout::{Run, What};
use crate::expand::varint;
use crate::model::{BitRun, BitValue, Field, Kind};
use crate::names;

impl Writer<'_, '_> {
    /// `let __word_AT = ..` for all runs of bits of a run.
    pub(crate) fn words(&self, run: &Run) -> TokenStream {
        let words = run.pieces.iter().filter_map(|piece| {
            let What::Bits(index) = piece.what else { return None };
            let bits = self.layout.fields.runs.get(index)?;
            let word = names::local("word", piece.at);
            let fields = self.layout.fields.list.get(bits.first..=bits.last).unwrap_or_default();
            let parts = fields.iter().zip(&bits.places).filter_map(|(field, (shift, width))| {
                let part = self.bit_part(field, *width)?;
                Some(if *shift == 0 { part } else { quote!((#part << #shift)) })
            });
            Some(quote!(let #word: u64 = 0 #(| #parts)*;))
        });
        words.collect()
    }

    /// The bytes of a run of bits.
    pub(crate) fn word(&self, bits: &BitRun, at: usize) -> TokenStream {
        let (word, bytes) = (names::local("word", at), bits.bytes);
        let first = self.layout.fields.list.get(bits.first);
        let order = first.map_or(self.layout.order, |field| self.layout.order_of(field));
        let order = order.value();
        quote!(__private::narrow::<#bytes>(#word, #order))
    }

    /// One field of a run of bits, in the lowest bits of a `u64`; `None`: zeros.
    fn bit_part(&self, field: &Field, width: u32) -> Option<TokenStream> {
        let Kind::Bits { value: kind, .. } = &field.kind else { return None };
        let value = self.place_of(field);
        let label = self.label(field);
        match kind {
            BitValue::Zero | BitValue::Literal(0) => None,
            BitValue::Literal(literal) => Some(quote!(#literal)),
            BitValue::Bool => Some(quote!(<u64 as __private::From<bool>>::from(#value))),
            BitValue::Integer { .. } => Some(quote!(__private::to_bits(#value, #width, #label)?)),
            BitValue::Steps { forms, .. } => {
                let table = varint::table(forms);
                Some(quote!(__private::steps_head(#value, #table, #label)?))
            }
            BitValue::Type => {
                let local = &field.local;
                let fill = child::fill(self, field);
                Some(quote! {
                    __private::check_bits(
                        __private::Bits::to_bits(#local, #fill)?,
                        #width,
                        #label,
                    )?
                })
            }
        }
    }
}
