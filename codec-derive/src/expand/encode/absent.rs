//! `none = -1`: what is written for `None`, and that no value is written the same way.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use crate::expand::encode::{Purpose, Writer};
use crate::expand::parse::absent::{image, marker};
use crate::expand::varint;
use crate::model::{Absence, Absent, Counter, Field, VarintKind};

impl Writer<'_, '_> {
    /// A length or a count that another field's `None` replaces.
    pub(super) fn unless_absent(&self, holder: &Field, computed: TokenStream) -> TokenStream {
        let Some((absent, target)) = self.layout.fields.absent_of(holder.index) else {
            return computed;
        };
        let (local, none) = (&target.local, Token::i128_unsuffixed(absent.value));
        let checked = match self.purpose {
            Purpose::Measure => computed,
            Purpose::Write => {
                let label = self.label(holder);
                quote!(__private::unlike(#computed, #none, #label)?)
            }
        };
        quote!(if __private::Option::is_none(#local) { #none } else { #checked })
    }

    /// The bytes of a piece of a run that may stand for `None`.
    pub(super) fn absent_bytes(&self, field: &Field, absent: Absent, len: usize) -> TokenStream {
        let (local, label) = (&field.local, self.label(field));
        let image = image(absent, len, self.layout.order_of(field));
        let bytes = self.fixed_bytes(field, &quote!((*__value)));
        quote! {
            match #local {
                __private::None => #image,
                __private::Some(__value) => __private::unlike(#bytes, #image, #label)?,
            }
        }
    }

    /// What is written for the `None` of a step, in place of the value or of its hidden length.
    pub(super) fn absent_written(&self, field: &Field, absent: Absent) -> TokenStream {
        if let Some(marker) = marker(field, absent) {
            return quote!(__out.extend_from_slice(&[#marker]););
        }
        match absent.place {
            Absence::Value => {
                let (ty, none) = (&field.inner, Token::i128_unsuffixed(absent.value));
                let len = crate::expand::length::wire_len(field);
                if len > 0 {
                    let image = image(absent, len, self.layout.order_of(field));
                    return quote!(__out.extend_from_slice(&#image););
                }
                let write = self.content(field);
                quote!(let __value: &#ty = &#none; #write)
            }
            Absence::Prefix => self.absent_prefix(field, absent),
            Absence::Held(_) => TokenStream::new(),
        }
    }

    fn absent_prefix(&self, field: &Field, absent: Absent) -> TokenStream {
        let label = self.label(field);
        match field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref()) {
            None => TokenStream::new(),
            Some(Counter::Integer(integer)) => {
                let image = image(absent, integer.bytes, self.layout.order_of(field));
                quote!(__out.extend_from_slice(&#image);)
            }
            Some(Counter::Varint(kind)) => {
                let order = self.layout.order_of(field).value();
                varint::write(kind, &none_of(kind, absent), None, &label, &order)
            }
        }
    }

    /// The bytes of what is written for `None`.
    pub(super) fn absent_len(&self, field: &Field, absent: Absent) -> TokenStream {
        if marker(field, absent).is_some() {
            return quote!(1);
        }
        match absent.place {
            Absence::Held(_) => quote!(0),
            Absence::Value => {
                let (ty, none) = (&field.inner, Token::i128_unsuffixed(absent.value));
                let len = self.content_len(field, &quote!(__value));
                quote!({ let __value: &#ty = &#none; #len })
            }
            Absence::Prefix => {
                match field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref()) {
                    None => quote!(0),
                    Some(Counter::Integer(integer)) => {
                        let bytes = integer.bytes;
                        quote!(#bytes)
                    }
                    Some(Counter::Varint(kind)) => varint::len(kind, &none_of(kind, absent)),
                }
            }
        }
    }

    /// A hidden length or count that must not be what stands for `None`.
    pub(super) fn counted(&self, field: &Field, len: TokenStream) -> TokenStream {
        let absent = field.absent_in(Absence::Prefix);
        let Some(absent) = absent.filter(|absent| marker(field, *absent).is_none()) else {
            return len;
        };
        let (none, label) = (absent.whole(), self.label(field));
        quote!(__private::unlike_len(#len, #none, #label)?)
    }
}

/// What stands for `None`, as the writer of a hidden varint takes it.
fn none_of(kind: &VarintKind, absent: Absent) -> TokenStream {
    match kind {
        VarintKind::Zigzag => {
            let none = Token::i128_unsuffixed(absent.value);
            quote!((#none as i64))
        }
        _ => {
            let none = Token::u64_suffixed(absent.whole());
            quote!(#none)
        }
    }
}
