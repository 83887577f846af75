//! Runs: fixed-size fields as one array.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::expand::encode::Writer;
use crate::expand::expression::{self, Side};
use crate::expand::layout::{Order, Piece, Run, What};
use crate::expand::value::{self, Wide};
use crate::model::{Absence, BytesKind, Counter, Field, Integer, Kind, Timestamp};
use crate::names;

impl Writer<'_, '_> {
    /// One run, appended.
    pub(crate) fn run(&self, run: &Run) -> TokenStream {
        let holds = run.pieces.iter().filter_map(|piece| self.hold(piece));
        let inside = run.pieces.iter().skip(1).filter_map(|piece| self.inside(run, piece));
        let holds: TokenStream = holds.chain(inside).collect();
        if let [piece] = run.pieces.as_slice()
            && let Some(bytes) = self.single(piece)
        {
            return quote!(#holds __out.extend_from_slice(&#bytes););
        }
        let image = self.run_image(run);
        quote! {
            #holds
            {
                #image
                __out.extend_from_slice(&__run);
            }
        }
    }

    /// `let mut __run = ..`, with every piece in its place. Bits come first: what can fail is over
    /// before registers fill with what is written.
    pub(crate) fn run_image(&self, run: &Run) -> TokenStream {
        let len = run.len;
        let words = self.words(run);
        let pieces: TokenStream = run.pieces.iter().map(|piece| self.piece(piece)).collect();
        quote! {
            #words
            let mut __run = [0u8; #len];
            #pieces
        }
    }

    /// `let __hold_N = ..`: where a field that is patched begins, if only the output knows.
    fn hold(&self, piece: &Piece) -> Option<TokenStream> {
        let What::Field(index) = piece.what else { return None };
        let field = self.layout.fields.list.get(index)?;
        if self.image || !self.is_patched(field) || self.piece_offset(index).is_some() {
            return None;
        }
        let (hold, at) = (names::local("hold", index), piece.at);
        Some(quote!(let #hold = __out.len() + #at;))
    }

    /// The boundary before a piece that is not the first of its run, where a patch needs it.
    fn inside(&self, run: &Run, piece: &Piece) -> Option<TokenStream> {
        let owner = self.owner(piece.what)?;
        let first = run.pieces.iter().find(|piece| self.owner(piece.what) == Some(owner))?;
        (first.at == piece.at && piece.at > 0).then(|| self.mark(owner, piece.at))
    }

    /// The bytes of a run that is one piece, and not bits.
    fn single(&self, piece: &Piece) -> Option<TokenStream> {
        match piece.what {
            What::Magic => Some(value::literal(self.layout.magic?, self.layout.order)),
            What::Field(index) => {
                let field = self.layout.fields.list.get(index)?;
                let len = piece.len;
                if self.is_patched(field) {
                    return Some(quote!([0u8; #len]));
                }
                Some(self.field_bytes(field, piece.len))
            }
            What::Prefix(index) => self.prefix_bytes(self.layout.fields.list.get(index)?),
            What::Padding(_) | What::Bits(_) => None,
        }
    }

    fn piece(&self, piece: &Piece) -> TokenStream {
        let at = piece.at;
        let bytes = match piece.what {
            What::Padding(_) => return TokenStream::new(),
            What::Magic => self.layout.magic.map(|magic| value::literal(magic, self.layout.order)),
            What::Bits(index) => self.layout.fields.runs.get(index).map(|bits| self.word(bits, at)),
            What::Prefix(index) => {
                let field = self.layout.fields.list.get(index);
                field.and_then(|field| self.prefix_bytes(field))
            }
            What::Field(index) => {
                let field = self.layout.fields.list.get(index);
                let field = field.filter(|field| !self.is_patched(field));
                if let Some(put) = field.and_then(|field| self.put_number(field, at)) {
                    return put;
                }
                field.map(|field| self.field_bytes(field, piece.len))
            }
        };
        bytes.map(|bytes| self.put(at, &bytes)).unwrap_or_default()
    }

    /// The bytes of a field of fixed size.
    fn field_bytes(&self, field: &Field, len: usize) -> TokenStream {
        match field.absent_in(Absence::Value) {
            Some(absent) => self.absent_bytes(field, absent, len),
            None => self.fixed_bytes(field, &self.place_of(field)),
        }
    }

    /// A number of its own width in the inherited order: one call instead of two, for there are more
    /// of these than of all other fields, and each costs the user's compiler.
    fn put_number(&self, field: &Field, at: usize) -> Option<TokenStream> {
        let plain = field.absent_in(Absence::Value).is_none() && !self.is_summed();
        let inherits = self.layout.order_of(field) == Order::Inherited;
        if !plain || !inherits || !value::is_own_width(field) {
            return None;
        }
        let value = expression::reference(field, Side::Write);
        Some(quote!(__private::put_number(&mut __run, #at, *#value, __scope);))
    }

    /// A hidden length or count that is known before its value is written; `None`: it is patched.
    fn prefix_bytes(&self, field: &Field) -> Option<TokenStream> {
        let counter = field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref());
        let Some(Counter::Integer(integer)) = counter else { return None };
        let len = self.prefix_value(field)?;
        let (bits, bytes) = (length_bits(*integer), integer.bytes);
        let label = self.label(field);
        let order = self.layout.order_of(field).value();
        Some(quote! {
            __private::narrow::<#bytes>(__private::to_bits(#len, #bits, #label)?, #order)
        })
    }

    /// The value of a field of fixed size as an array of bytes; `value` is a place of its type.
    pub(crate) fn fixed_bytes(&self, field: &Field, value: &TokenStream) -> TokenStream {
        let order = self.layout.order_of(field);
        let label = self.label(field);
        let ty = &field.inner;
        match &field.kind {
            Kind::Integer(wire) => integer_bytes(ty, *wire, value, order, &label),
            Kind::Time(Timestamp::UnixSeconds(wire) | Timestamp::UnixMilliseconds(wire)) => {
                integer_bytes(ty, *wire, value, order, &label)
            }
            Kind::Time(Timestamp::BcdYymmddhhmmss) => quote!(#value.bcd_bytes(#label)?),
            Kind::Time(Timestamp::BinaryYymmddhhmmss) => quote!(#value.binary_bytes(#label)?),
            Kind::Time(Timestamp::Cp56Time2a) => quote!(#value.cp56time2a_bytes(#label)?),
            Kind::Float { bytes } => value::bytes(ty, *bytes, value, order),
            Kind::Bool => quote!([<u8 as __private::From<bool>>::from(#value)]),
            Kind::Literal(literal) => value::literal(literal, order),
            Kind::Bytes(BytesKind::Array) => quote!(#value),
            Kind::Scaled { wire, scale, offset, .. } => {
                let (bytes, signed) = (wire.bytes, wire.signed);
                let offset = offset.as_ref().map_or_else(|| quote!(0.0), |offset| quote!(#offset));
                let order = order.value();
                quote! {
                    __private::scaled_write::<#ty, #bytes>(
                        #value, #signed, #order, #scale as f64, #offset as f64, #label,
                    )?
                }
            }
            Kind::Flags { wire } => {
                let (bytes, bits) = (wire.bytes, counter_bits(*wire));
                let order = order.value();
                quote! {
                    __private::narrow::<#bytes>(
                        __private::to_bits(#value.bits(), #bits, #label)?,
                        #order,
                    )
                }
            }
            _ => quote!([0u8; 0]),
        }
    }
}

/// The wire bytes of an integer.
pub(crate) fn integer_bytes(
    ty: &Type,
    wire: Integer,
    value: &TokenStream,
    order: Order,
    label: &str,
) -> TokenStream {
    if value::width(ty, wire) == Wide::Same {
        return value::bytes(ty, wire.bytes, value, order);
    }
    let (bytes, signed) = (wire.bytes, wire.signed);
    let order = order.value();
    quote!(__private::odd_write::<#ty, #bytes>(#value, #signed, #order, #label)?)
}

/// The width of an integer in bits.
fn counter_bits(integer: Integer) -> u32 {
    u32::try_from(integer.bytes * 8).unwrap_or(64)
}

/// The bits that a hidden length may fill.
pub(super) fn length_bits(integer: Integer) -> u32 {
    counter_bits(integer).saturating_sub(u32::from(integer.signed))
}
