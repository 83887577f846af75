//! One value out of `__rest`, by its kind.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::expand::bounds;
use crate::expand::context;
use crate::expand::expression::{self, Side};
use crate::expand::layout::prefix_len;
use crate::expand::parse::bound::{Tail, counted_by};
use crate::expand::parse::{self, Reader, number_of};
use crate::expand::varint::{self, Reading};
use crate::expand::{relation, text};
use crate::model::{
    Absence, BitValue, BytesKind, Encoding, Field, Kind, Overlong, StepForm, Text, Varint,
};
use crate::names;

impl Reader<'_, '_> {
    /// The value of a field; `__rest` is left behind it. `tail`: what stands behind.
    pub(crate) fn value(&mut self, field: &Field, tail: &Tail) -> TokenStream {
        match &field.kind {
            Kind::Nothing => quote!(()),
            Kind::Bytes(kind) => self.bytes(field, *kind, tail),
            Kind::Text(text) => self.text(field, text, tail),
            Kind::Bcd { digits: true } => self.out_of_all(field, tail, |number| {
                let little = self.layout.order_of(field).is_little();
                quote! {
                    __private::value_of(
                        __private::bcd_read(__part, #number, __part.len(), #little)
                    )
                }
            }),
            Kind::Bcd { .. } => {
                let ty = &field.inner;
                let little = self.layout.order_of(field).is_little();
                self.out_of_all(
                    field,
                    tail,
                    |number| quote!(__private::bcd_number::<#ty>(__part, #number, #little)),
                )
            }
            Kind::Varint(varint) => self.varint(field, varint),
            Kind::Bits { value: BitValue::Steps { forms, overlong }, .. } => {
                self.steps(field, forms, *overlong)
            }
            Kind::Sized { .. } => self.sized(field),
            Kind::Minimal { least } => {
                let ty = &field.inner;
                self.out_of_all(
                    field,
                    tail,
                    |number| quote!(__private::minimal_of::<#ty>(__part, #number, #least)),
                )
            }
            Kind::Decimal => self.decimal(field, tail),
            Kind::List { item } if field.each.is_some() => {
                let items = self.list(field, item, tail);
                quote!(__private::each_of::<#item>(#items))
            }
            Kind::List { item } => self.list(field, item, tail),
            Kind::Nested if field.each.is_some() => {
                let value = self.nested(field, tail);
                quote!(__private::Each::of(#value))
            }
            Kind::Lazy { item } => self.lazy(field, item, tail),
            Kind::Nested => self.nested(field, tail),
            Kind::With { module, whole } => self.with(field, module, *whole),
            Kind::Map { read, wire, .. } => self.map(field, read, wire),
            _ => self.fixed(field),
        }
    }

    /// A fixed-size value that is no part of a run.
    fn fixed(&mut self, field: &Field) -> TokenStream {
        let len = crate::expand::length::wire_len(field);
        let number = number_of(field.index);
        let cut = self.cut_value();
        let value = self.fixed_value(field, 0);
        let value = match field.kind {
            Kind::Literal(_) => quote!({ #value }),
            _ => value,
        };
        quote! {{
            let __from = __rest;
            let __private::Some((__run, __after)) = __rest.split_first_chunk::<#len>() else {
                return __private::short(__rest, &[(#number, #len)], #cut);
            };
            __rest = __after;
            #value
        }}
    }

    fn bytes(&self, field: &Field, kind: BytesKind, tail: &Tail) -> TokenStream {
        if kind == BytesKind::Array {
            let short = self.fault("Short", field.index, &quote!(__rest), 0);
            return quote! {
                match __rest.split_first_chunk() {
                    __private::Some((__bytes, __after)) => {
                        __rest = __after;
                        *__bytes
                    }
                    __private::None => #short,
                }
            };
        }
        let take = self.take_all(field, tail);
        let value = match kind {
            BytesKind::Slice | BytesKind::Array => quote!(__bytes),
            BytesKind::Vec => quote!(<[u8]>::to_vec(__bytes)),
            BytesKind::Shared => quote!(__scope.share(__bytes)),
        };
        quote! {{
            let (__bytes, __after) = #take;
            __rest = __after;
            #value
        }}
    }

    /// A reader of a slice that is cut out already, over everything before the tail.
    fn out_of_all(
        &self,
        field: &Field,
        tail: &Tail,
        call: impl Fn(u16) -> TokenStream,
    ) -> TokenStream {
        let take = self.take_all(field, tail);
        let call = call(number_of(field.index));
        let cut = self.cut_value();
        quote! {{
            let (__part, __after) = #take;
            __rest = __after;
            match #call {
                __private::Ok(__value) => __value,
                __private::Err(__error) => {
                    return __private::widened(__error, __after.len() + #cut);
                }
            }
        }}
    }

    fn text(&self, field: &Field, text: &Text, tail: &Tail) -> TokenStream {
        let overflow = self.fault("Length", field.index, &quote!(__rest), 0);
        let form = text::form(self.layout, field, text, Side::Read, &overflow);
        if text.encoding.chosen().is_some() {
            let read = if text.owned { quote!(text_owned) } else { quote!(text_borrow) };
            let value = self.out_of_all(
                field,
                tail,
                |number| quote!(__private::#read(__part, #number, __form)),
            );
            return quote! {{
                let __form = #form;
                if let __private::Some(__trace) = __scope.trace() {
                    __trace.charset(__form.charset);
                }
                #value
            }};
        }
        self.out_of_all(field, tail, |number| match (&text.encoding, text.owned) {
            (Encoding::Utf8, true) if !text.trim && !text.lossy => {
                quote!(__private::owned(__private::utf8(__part, #number)))
            }
            (Encoding::Utf8, false) if !text.trim && !text.lossy => {
                quote!(__private::utf8(__part, #number))
            }
            (_, true) => quote!(__private::text_owned(__part, #number, #form)),
            (_, false) => quote!(__private::text_borrow(__part, #number, #form)),
        })
    }

    /// What the type inside a field needs besides its bytes.
    pub(crate) fn argument(&self, field: &Field) -> TokenStream {
        let overflow = self.fault("Length", field.index, &quote!(__rest), 0);
        let tag = self.tag(field, &overflow).map(|tag| {
            let opaque = match &field.opaque_if {
                Some(expr) => expression::prepare(self.layout, expr, Side::Read, field.index)
                    .or_else(&overflow),
                None => quote!(false),
            };
            (tag, opaque)
        });
        context::argument(self.layout, field, Side::Read, tag, &overflow)
    }

    /// The tag of the enum in a field.
    fn tag(&self, field: &Field, overflow: &TokenStream) -> Option<TokenStream> {
        if let Some(select) = &field.select {
            let left = parse::left(select);
            let side = Side::Read;
            return Some(relation::selected(self.layout, field, select, side, &left, overflow));
        }
        let holders = context::tag_holders(self.layout, field.index).filter_map(|relation| {
            let holder = self.layout.fields.list.get(relation.holder.field)?;
            let local = &holder.local;
            Some(match relation.holder.path.as_slice() {
                [] => quote!(#local),
                path => self.held_in(holder.index, local, path),
            })
        });
        let holders: Vec<TokenStream> = holders.collect();
        match holders.as_slice() {
            [] => None,
            [value] => Some(quote!(__private::Whole::to_u64(#value))),
            values => Some(quote!(__private::Whole::to_u64((#(#values),*)))),
        }
    }

    fn varint(&self, field: &Field, one: &Varint) -> TokenStream {
        let ty = field.integer();
        let call = varint::read(
            &one.kind,
            &Reading {
                ty: &quote!(#ty),
                number: number_of(field.index),
                max: one.max_bytes,
                overlong: one.overlong,
                order: &self.layout.order_of(field).value(),
            },
        );
        if one.is_padded() {
            let len = varint::len(&one.kind, &quote!(__value));
            return self.advance(&quote! {
                __private::padded_read(__rest, |__rest| #call, |__value: #ty| #len)
            });
        }
        self.advance(&call)
    }

    /// What goes on behind a run of bits; `__head_N` is the value of the bits.
    fn steps(&self, field: &Field, forms: &[StepForm], overlong: Overlong) -> TokenStream {
        let (ty, number) = (&field.inner, number_of(field.index));
        let (head, table) = (names::local("head", field.index), varint::table(forms));
        let (order, overlong) =
            (self.layout.order_of(field).value(), varint::overlong_path(overlong));
        self.advance(&quote! {
            __private::steps_tail::<#ty>(#head, __rest, #number, #table, #order, #overlong)
        })
    }

    fn sized(&self, field: &Field) -> TokenStream {
        let (number, ty) = (number_of(field.index), &field.inner);
        let order = self.layout.order_of(field).value();
        let overflow = self.fault("Length", field.index, &quote!(__rest), 0);
        let len = match &field.bound.size {
            Some(size) => self.size(size, field.index, &overflow),
            None => quote!(8usize),
        };
        self.advance(&quote!(__private::sized_read::<#ty>(__rest, #number, #len, #order)))
    }

    fn decimal(&self, field: &Field, tail: &Tail) -> TokenStream {
        let (number, ty) = (number_of(field.index), &field.inner);
        match &field.bound.terminated {
            Some(end) => {
                self.advance(&quote!(__private::decimal_read::<#ty>(__rest, #number, &[#(#end),*])))
            }
            None => self.out_of_all(
                field,
                tail,
                |number| quote!(__private::decimal_of::<#ty>(__part, #number)),
            ),
        }
    }

    /// `Vec` of items: by count, up to a condition, or to the end.
    fn list(&self, field: &Field, item: &syn::Type, tail: &Tail) -> TokenStream {
        let number = number_of(field.index);
        let context = self.argument(field);
        let max = field.max_count.as_ref();
        let max = max.map_or_else(|| quote!(usize::MAX), |max| self.limit(max));
        let guard = bounds::item_guard(field, item);
        if let Some((counted, count)) = self.count_first(field) {
            let call = quote! {{
                #guard
                #counted
                __private::list::<#item>(__rest, #count, #max, #number, __scope, &#context)
            }};
            return self.advance(&call);
        }
        if let Some(until) = &field.bound.until {
            let names = expression::bindings(self.layout, quote!(#until), Side::Read, field.index);
            let call = quote! {{
                #guard
                #names
                __private::list_until::<#item>(
                    __rest, #max, #number, __scope, &#context, #until,
                )
            }};
            return self.advance(&call);
        }
        self.out_of_all(field, tail, |number| {
            quote! {
                __private::list_to_end::<#item>(__part, #max, #number, __scope, &#context)
            }
        })
    }

    /// The number of items; a hidden count that begins `__rest` is read before the items are.
    fn count_first(&self, field: &Field) -> Option<(TokenStream, TokenStream)> {
        let count = self.count(field)?;
        let here = field.bound.count_prefix.is_some()
            && prefix_len(field).is_none()
            && field.absent_in(Absence::Prefix).is_none();
        Some(match here {
            true => (quote!(let __count = #count;), quote!(__count)),
            false => (TokenStream::new(), count),
        })
    }

    /// The number of items, where something says it.
    pub(crate) fn count(&self, field: &Field) -> Option<TokenStream> {
        if let Some(counter) = &field.bound.count_prefix {
            return Some(self.counter(counter, field));
        }
        let overflow = self.fault("Length", field.index, &quote!(__rest), 0);
        if let Some(count) = &field.bound.count {
            return Some(self.size(count, field.index, &overflow));
        }
        let relation = counted_by(self.layout, field.index)?;
        let holder = self.layout.fields.list.get(relation.holder.field)?;
        let local = &holder.local;
        let value = match relation.holder.path.as_slice() {
            [] => quote!(#local),
            path => self.held_in(holder.index, local, path),
        };
        Some(quote! {
            match __private::size(#value) {
                __private::Some(__count) => __count,
                __private::None => #overflow,
            }
        })
    }

    fn lazy(&self, field: &Field, item: &syn::Type, tail: &Tail) -> TokenStream {
        let number = number_of(field.index);
        let max = field.max_count.as_ref();
        let max = max.map_or_else(|| quote!(usize::MAX), |max| self.limit(max));
        if let Some((counted, count)) = self.count_first(field) {
            return self.advance(&quote! {{
                #counted
                __private::Lazy::<#item>::counted(__rest, #number, #count, #max, __scope)
            }});
        }
        self.out_of_all(field, tail, |number| {
            quote! {
                __private::value_of(
                    __private::Lazy::<#item>::to_end(__part, #number, #max, __scope)
                )
            }
        })
    }

    /// Any other type that implements `Wire`.
    fn nested(&mut self, field: &Field, tail: &Tail) -> TokenStream {
        let number = number_of(field.index);
        let ty = &field.inner;
        let context = self.argument(field);
        let in_span = self.cut.is_some();
        let call = match tail {
            Tail::Literal(0) => {
                quote_spanned! {ty.span()=>
                    <#ty as __private::Parse>::parse_in(__rest, __scope, &#context)
                }
            }
            Tail::Literal(len) if in_span => quote_spanned! {ty.span()=>
                __private::exact_before::<#ty>(__rest, #len, #number, __scope, &#context)
            },
            Tail::Literal(len) => quote_spanned! {ty.span()=>
                __private::nested_before::<#ty>(__rest, #len, #number, __scope, &#context)
            },
            Tail::Constant(len) => {
                let guard = bounds::elastic_guard(field, Some(len));
                quote_spanned! {ty.span()=> {
                    #guard
                    __private::nested_before::<#ty>(
                        __rest, __private::or(#len, 0), #number, __scope, &#context,
                    )
                }}
            }
            Tail::Unknown => {
                let guard = bounds::elastic_guard(field, None);
                quote_spanned! {ty.span()=> {
                    #guard
                    <#ty as __private::Parse>::parse_in(__rest, __scope, &#context)
                }}
            }
        };
        self.advance(&call)
    }
}
