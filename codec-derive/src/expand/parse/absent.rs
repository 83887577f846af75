//! `none = -1`: an `Option` whose absence is a value on the wire.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use crate::expand::layout::Order;
use crate::expand::parse::{Reader, number_of};
use crate::expand::varint::{self, Reading, counter_type};
use crate::expand::{length, value};
use crate::model::{Absence, Absent, Counter, Field, Kind, Overlong, Presence, Varint, VarintKind};
use crate::names;

impl Reader<'_, '_> {
    /// A piece of a run whose bytes may stand for `None`. Expands to
    /// `if part(__run, 4) == [255, 255] { None } else { Some(..) }`.
    pub(crate) fn absent_piece(
        &self,
        field: &Field,
        absent: Absent,
        value: &TokenStream,
        at: usize,
    ) -> TokenStream {
        let local = &field.local;
        let len = length::wire_len(field);
        let image = image(absent, len, self.layout.order_of(field));
        let checks = self.checks(field, &quote!(__from), at);
        let value = match checks.is_empty() {
            true => quote!(#value),
            false => quote!({ let #local = #value; #checks #local }),
        };
        quote! {
            let #local = if __private::part::<#len>(__run, #at) == #image {
                __private::None
            } else {
                __private::Some(#value)
            };
        }
    }

    /// The value of a step that may stand for `None`, or whose hidden length may.
    pub(crate) fn absent_step(&mut self, field: &Field, absent: Absent) -> TokenStream {
        match absent.place {
            Absence::Prefix => self.absent_prefix(field, absent),
            _ => self.absent_value(field, absent),
        }
    }

    fn absent_value(&mut self, field: &Field, absent: Absent) -> TokenStream {
        let local = &field.local;
        if let Some(marker) = marker(field, absent) {
            let value = self.whole_field(field);
            return absent_marker(marker, &quote!(__private::Some(#value)));
        }
        let before = self.padding_before(field);
        let after = self.padding_after(field);
        let len = length::wire_len(field);
        let value = self.bounded(field);
        let checks = self.checks(field, &quote!(__start), 0);
        if len > 0 {
            let image = image(absent, len, self.layout.order_of(field));
            return quote! {{
                #before
                let __start = __rest;
                let __found = if __rest.starts_with(&#image) {
                    __rest = __private::behind(__rest, #len);
                    __private::None
                } else {
                    let #local = #value;
                    #checks
                    __private::Some(#local)
                };
                #after
                __found
            }};
        }
        let none = Token::i128_unsuffixed(absent.value);
        quote! {{
            #before
            let __start = __rest;
            let #local = #value;
            let __found = if #local == #none {
                __private::None
            } else {
                #checks
                __private::Some(#local)
            };
            #after
            __found
        }}
    }

    /// The hidden length or count is read first; then the value is read as any other behind it.
    fn absent_prefix(&mut self, field: &Field, absent: Absent) -> TokenStream {
        if let Some(marker) = marker(field, absent) {
            let prefix = names::local("prefix", field.index);
            let counter = field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref());
            let len = counter.map(|counter| self.counter_here(counter, field));
            let value = self.whole_field(field);
            let value = quote!({ let #prefix = #len; __private::Some(#value) });
            return absent_marker(marker, &value);
        }
        let raw = self.raw_prefix(field);
        let (none, signed) = (absent.whole(), is_signed(field));
        let prefix = names::local("prefix", field.index);
        let wrong = self.fault("Length", field.index, &quote!(__before), 0);
        let value = self.whole_field(field);
        quote! {{
            let __before = __rest;
            let __raw = #raw;
            if __raw == #none {
                __private::None
            } else {
                let __private::Some(#prefix) = __private::raw_size(__raw, #signed) else {
                    #wrong;
                };
                __private::Some(#value)
            }
        }}
    }

    /// The hidden length or count before a field as a `u64`, sign-extended.
    pub(crate) fn raw_prefix(&self, field: &Field) -> TokenStream {
        let counter = field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref());
        let number = number_of(field.index);
        let order = self.layout.order_of(field).value();
        let call = match counter {
            None => return quote!(0u64),
            Some(Counter::Integer(integer)) => {
                let (bytes, signed) = (integer.bytes, integer.signed);
                quote!(__private::raw_counter::<#bytes>(__rest, #number, #order, #signed))
            }
            Some(Counter::Varint(kind)) => {
                let ty = &counter_type(kind);
                let (overlong, order) = (Overlong::Refuse, &order);
                let reading = Reading { ty, number, max: None, overlong, order };
                let call = varint::read(kind, &reading);
                quote!(__private::raw_of(#call))
            }
        };
        self.advance(&call)
    }

    /// Another field's length or count stands for `None`: the condition that it does not.
    pub(crate) fn held_present(&self, field: &Field) -> Option<TokenStream> {
        let Presence::Absent(Absent { place: Absence::Held(holder), .. }) = field.presence else {
            return None;
        };
        let absent = field.absent_in(Absence::Held(holder))?;
        let local = &self.layout.fields.list.get(holder)?.local;
        let none = absent.whole();
        Some(quote!(__private::Whole::to_u64(#local) != #none))
    }
}

/// The hidden length or count before a field can be negative.
pub(crate) fn is_signed(field: &Field) -> bool {
    match field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref()) {
        Some(Counter::Integer(integer)) => integer.signed,
        Some(Counter::Varint(kind)) => matches!(kind, VarintKind::Zigzag),
        None => false,
    }
}

/// The marker that stands for `None`, where it is one of `steps(..)`.
pub(crate) fn marker(field: &Field, absent: Absent) -> Option<u8> {
    let counter = field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref());
    let steps = matches!(
        (absent.place, counter, &field.kind),
        (Absence::Prefix, Some(Counter::Varint(VarintKind::Steps(_))), _)
            | (Absence::Value, _, Kind::Varint(Varint { kind: VarintKind::Steps(_), .. }))
    );
    u8::try_from(absent.value).ok().filter(|_| steps)
}

fn absent_marker(marker: u8, value: &TokenStream) -> TokenStream {
    quote! {
        match __rest {
            [#marker, __after @ ..] => {
                __rest = __after;
                __private::None
            }
            _ => #value,
        }
    }
}

/// The bytes that stand for `None`.
pub(crate) fn image(absent: Absent, len: usize, order: Order) -> TokenStream {
    let all = absent.value.to_be_bytes();
    let literal = crate::model::Literal::Integer { value: u128::from_be_bytes(all), bytes: len };
    value::literal(&literal, order)
}
