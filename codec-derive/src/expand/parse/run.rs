//! Runs: fixed-size fields out of one array.

mod second;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use second::{image, second_bodies};

use crate::expand::bounds;
use crate::expand::layout::{Order, Piece, Run, What, is_stepped};
use crate::expand::parse::span::Position;
use crate::expand::parse::{Reader, number_of};
use crate::expand::value::{self, Wide};
use crate::model::{
    Absence, BitRun, BitValue, BytesKind, Field, Integer, Kind, Literal, RelationKind,
};
use crate::names;

impl Reader<'_, '_> {
    /// One run: one check of its length, then every piece at its offset.
    pub(crate) fn run(&mut self, run: &Run) -> TokenStream {
        let len = run.len;
        let ends = self.ends(run);
        let cut = self.cut_value();
        let take = if self.exact {
            quote! {
                let __from = __rest;
                let __private::Some((__run, [])) = __rest.split_first_chunk::<#len>() else {
                    return __private::wrong_len(__rest, &[#ends]);
                };
            }
        } else {
            quote! {
                let __from = __rest;
                let __private::Some((__run, __after)) = __rest.split_first_chunk::<#len>() else {
                    return __private::short(__rest, &[#ends], #cut);
                };
                __rest = __after;
            }
        };
        let places = self.keep_places_in(run);
        let pieces = run.pieces.iter().map(|piece| self.piece(run, piece));
        let pieces: TokenStream = pieces.collect();
        quote!(#take #places #pieces)
    }

    /// `(field, end), ..` of a run, for the report of what ran out.
    pub(crate) fn ends(&self, run: &Run) -> TokenStream {
        let ends = run.pieces.iter().map(|piece| {
            let field = number_of(self.owner(piece.what).unwrap_or(0));
            let end = piece.at + piece.len;
            quote!((#field, #end))
        });
        quote!(#(#ends),*)
    }

    fn piece(&self, run: &Run, piece: &Piece) -> TokenStream {
        let at = piece.at;
        match piece.what {
            What::Magic | What::Padding(_) if self.checked => TokenStream::new(),
            What::Magic => match self.layout.magic {
                Some(magic) => self.literal(magic, 0, at, self.layout.order),
                None => TokenStream::new(),
            },
            What::Padding(index) => {
                let len = piece.len;
                let (number, cut) = (number_of(index), self.cut_value());
                quote! {
                    let __zeros = __private::part::<#len>(__run, #at);
                    if __zeros != [0; #len] {
                        return __private::malformed_before(
                            __private::Fault::Padding,
                            #number,
                            __private::from_end(
                                __from, #at + __private::leading_zeros(&__zeros), #cut,
                            ),
                        );
                    }
                }
            }
            What::Prefix(index) => self.prefix(index, at),
            What::Bits(index) => match self.layout.fields.runs.get(index) {
                Some(bits) => self.bits(run, bits, at),
                None => TokenStream::new(),
            },
            What::Field(index) => match self.layout.fields.list.get(index) {
                Some(field) => {
                    let mut code = match field.absent_in(Absence::Value) {
                        Some(absent) => {
                            let value = self.fixed_value(field, at);
                            return self.absent_piece(field, absent, &value, at);
                        }
                        None => self.binding(field, at),
                    };
                    let fixed = self.fixed_length(run, index);
                    let checks = self.checks(field, &quote!(__from), at);
                    code.extend([fixed, checks].into_iter().filter(|more| !more.is_empty()));
                    code
                }
                None => TokenStream::new(),
            },
        }
    }

    /// `let name = ..`. A number of its own width in the inherited order is one stream of tokens: there
    /// are more of these than of all other fields, and each costs the user's compiler.
    fn binding(&self, field: &Field, at: usize) -> TokenStream {
        let (local, ty) = (&field.local, &field.inner);
        if value::is_own_width(field) && self.layout.order_of(field) == Order::Inherited {
            return quote!(let #local: #ty = __private::number(__run, #at, __scope););
        }
        let value = self.fixed_value(field, at);
        match field.kind {
            Kind::Literal(_) | Kind::Nothing => quote!(#value let #local = ();),
            _ => quote!(let #local = #value;),
        }
    }

    /// The hidden length before a field.
    fn prefix(&self, index: usize, at: usize) -> TokenStream {
        use crate::model::Counter;
        let Some(field) = self.layout.fields.list.get(index) else { return TokenStream::new() };
        let counter = field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref());
        let Some(Counter::Integer(integer)) = counter else { return TokenStream::new() };
        let local = names::local("prefix", index);
        let order = self.layout.order_of(field).value();
        let bytes = integer.bytes;
        let fault = self.fault("Length", index, &quote!(__from), at);
        quote! {
            let __private::Some(#local) = __private::size(
                __private::wide(__private::part::<#bytes>(__run, #at), #order)
            ) else {
                #fault;
            };
        }
    }

    /// The value of a field whose bytes stand at `at` of `__run`; faults are `at` bytes behind the
    /// start of `__from`.
    pub(crate) fn fixed_value(&self, field: &Field, at: usize) -> TokenStream {
        let order = self.layout.order_of(field);
        let ty = &field.inner;
        match &field.kind {
            Kind::Integer(integer) => self.integer(field, *integer, at, order),
            Kind::Float { .. } => value::number(ty, at, order),
            Kind::Bool if self.checked => quote!((__private::part::<1>(__run, #at) != [0])),
            Kind::Bool => {
                let fault = self.fault("Invalid", field.index, &quote!(__from), at);
                quote! {
                    match __private::part::<1>(__run, #at) {
                        [0] => false,
                        [1] => true,
                        _ => #fault,
                    }
                }
            }
            Kind::Literal(literal) => self.literal(literal, field.index, at, order),
            Kind::Bytes(BytesKind::Array) => {
                quote!({ let __bytes: #ty = __private::part(__run, #at); __bytes })
            }
            Kind::Time(timestamp) => match timestamp.integer() {
                Some(integer) => self.integer(field, integer, at, order),
                None => {
                    let (form, len) = (timestamp.constructor(), timestamp.len());
                    quote!(__private::CivilTime::#form(__private::part::<#len>(__run, #at)))
                }
            },
            Kind::Scaled { wire, scale, offset, .. } => {
                let offset = offset.as_ref().map_or_else(|| quote!(0.0), |offset| quote!(#offset));
                let (bytes, signed, order) = (wire.bytes, wire.signed, order.value());
                quote! {
                    __private::scaled_read::<#ty, #bytes>(
                        __private::part(__run, #at), #signed, #order, #scale as f64, #offset as f64,
                    )
                }
            }
            Kind::Flags { wire } => {
                let raw = raw(*wire, at, order);
                quote!(<#ty>::from_bits_retain(__private::Whole::wrap(#raw)))
            }
            _ => quote!(()),
        }
    }

    fn integer(&self, field: &Field, wire: Integer, at: usize, order: Order) -> TokenStream {
        let ty = &field.inner;
        match value::width(ty, wire) {
            Wide::Same => value::number(ty, at, order),
            Wide::Narrower if !self.checked => {
                let raw = raw(wire, at, order);
                let fault = self.fault("Invalid", field.index, &quote!(__from), at);
                quote! {
                    match <#ty as __private::Whole>::from_u64(#raw) {
                        __private::Some(__value) => __value,
                        __private::None => #fault,
                    }
                }
            }
            Wide::Wider | Wide::Narrower => {
                let raw = raw(wire, at, order);
                quote!(<#ty as __private::Whole>::wrap(#raw))
            }
        }
    }

    /// A constant that must be there.
    pub(crate) fn literal(
        &self,
        literal: &Literal,
        field: usize,
        at: usize,
        order: Order,
    ) -> TokenStream {
        if self.checked {
            return TokenStream::new();
        }
        let len = literal.len();
        let fault = self.fault("Magic", field, &quote!(__from), at);
        let expected = value::literal(literal, order);
        quote! {
            if __private::part::<#len>(__run, #at) != #expected {
                #fault;
            }
        }
    }

    /// A run of bits: one load, then shifts and masks.
    fn bits(&self, run: &Run, bits: &BitRun, at: usize) -> TokenStream {
        let bytes = bits.bytes;
        let fields = self.layout.fields.list.get(bits.first..=bits.last).unwrap_or_default();
        let order = fields.first().map_or(self.layout.order, |field| self.layout.order_of(field));
        let order = order.value();
        let mut code = quote! {
            let __word = __private::wide(__private::part::<#bytes>(__run, #at), #order);
        };
        for (field, (shift, width)) in fields.iter().zip(&bits.places) {
            let local = &field.local;
            let value = self.bit_value(field, *shift, *width, at);
            if is_stepped(field) {
                let head = names::local("head", field.index);
                code.extend(quote!(let #head = #value;));
                continue;
            }
            let checks = self.checks(field, &quote!(__from), at);
            let fixed = self.fixed_length(run, field.index);
            code.extend(quote!(let #local = #value; #fixed #checks));
        }
        code
    }

    /// One field of a run of bits.
    pub(crate) fn bit_value(
        &self,
        field: &Field,
        shift: u32,
        width: u32,
        at: usize,
    ) -> TokenStream {
        let mask = value::largest(width);
        let raw = match shift {
            0 => quote!((__word & #mask)),
            _ => quote!((__word >> #shift & #mask)),
        };
        let Kind::Bits { value, .. } = &field.kind else { return quote!(()) };
        let ty = &field.inner;
        match value {
            BitValue::Steps { .. } => raw,
            BitValue::Integer { signed: false } => {
                quote!(<#ty as __private::Whole>::wrap(#raw))
            }
            BitValue::Integer { signed: true } => {
                quote!(<#ty as __private::Whole>::wrap(__private::sign_extend(#raw, #width)))
            }
            BitValue::Bool => quote!((#raw != 0)),
            BitValue::Type => {
                let guard = bounds::bits_guard(field, width);
                if self.faults_only {
                    return quote! {{
                        #guard
                        match <#ty as __private::Bits>::from_bits(#raw) {
                            __private::Ok(__value) => __value,
                            __private::Err(__fault) => return __private::Err(__fault),
                        }
                    }};
                }
                let cut = self.cut_value();
                let number = number_of(field.index);
                quote! {{
                    #guard
                    match <#ty as __private::Bits>::from_bits(#raw) {
                        __private::Ok(__value) => __value,
                        __private::Err(__fault) => return __private::malformed_before(
                            __fault,
                            #number,
                            __private::from_end(__from, #at, #cut),
                        ),
                    }
                }}
            }
            BitValue::Literal(_) | BitValue::Zero if self.checked => quote!(()),
            BitValue::Literal(expected) => {
                let fault = self.fault("Magic", field.index, &quote!(__from), at);
                quote!(if #raw != #expected { #fault; })
            }
            BitValue::Zero => {
                let fault = self.fault("Padding", field.index, &quote!(__from), at);
                quote!(if #raw != 0 { #fault; })
            }
        }
    }

    /// A length over a span of literal size is compared with a constant right where it is read.
    fn fixed_length(&self, run: &Run, index: usize) -> TokenStream {
        let mut code = TokenStream::new();
        for relation in self.layout.held_by(index) {
            let RelationKind::Length { over, bias, unit } = &relation.kind else { continue };
            let Some(Position::Fixed(len)) = self.position(relation) else { continue };
            let Some(field) = self.layout.fields.list.get(index) else { continue };
            let local = &field.local;
            let expected = value::wire_length(len, *unit, *bias);
            let (holder_start, holder_end) = self.extent_in(run, index);
            let (number, cut) = (number_of(index), self.cut_value());
            let start = self.layout.start_of(over);
            let first = number_of(start);
            let last = number_of(self.layout.end_of(over).saturating_sub(1));
            let start = self.place(over.start, 0);
            let (ends, run_start) = (self.ends(run), self.run_start(run));
            let bias = *bias;
            code.extend(quote! {
                if __private::Whole::to_u64(#local) != #expected {
                    return __private::span_refused(
                        __private::span_len(#local, #unit, #bias),
                        const { &__private::SpanHead {
                            holder: #number,
                            holder_start: #holder_start,
                            own_end: (#run_start + #holder_end).saturating_sub(#start),
                            before: usize::wrapping_sub(#run_start, #start).cast_signed(),
                            ends: &[#ends],
                            first: #first,
                            last: #last,
                        } },
                        __private::from_end(__from, 0, #cut),
                        #cut,
                    );
                }
            });
        }
        code
    }
}

/// The raw integer at `at` of the run, sign-extended where signed.
fn raw(wire: Integer, at: usize, order: Order) -> TokenStream {
    let (bytes, order) = (wire.bytes, order.value());
    let wide = quote!(__private::wide(__private::part::<#bytes>(__run, #at), #order));
    let bits = u32::try_from(bytes * 8).unwrap_or(64);
    match wire.signed {
        true => quote!(__private::sign_extend(#wide, #bits)),
        false => wide,
    }
}
