//! One step of a walk.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::plan::Plan;
use super::{Walk, weigh};
use crate::expand::expression::{self, Side};
use crate::expand::layout::{self, Piece, Run, Step, What, is_stepped};
use crate::expand::length;
use crate::expand::parse::Reader;
use crate::expand::parse::absent::{is_signed, marker};
use crate::expand::parse::bound::takes_all;
use crate::expand::text;
use crate::model::{Absence, Absent, Counter, Endian, Field, Kind};
use crate::names;

impl Plan<'_, '_> {
    /// Passes over a step, and reads of it what is needed; `None`: it has no end of its own.
    pub(super) fn step(&self, step: &Step, walk: &mut Walk) -> Option<()> {
        match step {
            Step::Run(run) => walk.code.extend(self.run(run)?),
            Step::Field(index) => {
                let field = self.layout.fields.list.get(*index)?;
                let code = self.field(field, walk)?;
                walk.code.extend(code);
            }
        }
        Some(())
    }

    /// A run: an addition, or one read of the values that are needed.
    fn run(&self, run: &Run) -> Option<TokenStream> {
        let reader = Reader::new(self.layout);
        let len = run.len;
        let mut values = TokenStream::new();
        let mut locals: Vec<Ident> = Vec::new();
        for piece in &run.pieces {
            let at = piece.at;
            match piece.what {
                What::Magic | What::Padding(_) => {}
                What::Prefix(index) => {
                    let (local, code) = self.prefix(index, piece)?;
                    values.extend(code);
                    locals.push(local);
                }
                What::Bits(number) => {
                    let bits = self.layout.fields.runs.get(number)?;
                    let bytes = bits.bytes;
                    let first = self.layout.fields.list.get(bits.first)?;
                    let order = self.layout.order_of(first).value();
                    values.extend(quote! {
                        let __word = __private::wide(__private::part::<#bytes>(__run, #at), #order);
                    });
                    let fields = self.layout.fields.list.get(bits.first..=bits.last)?;
                    for (field, (shift, width)) in fields.iter().zip(&bits.places) {
                        if is_stepped(field) {
                            let head = names::local("head", field.index);
                            let value = reader.bit_value(field, *shift, *width, at);
                            values.extend(quote!(let #head = #value;));
                            locals.push(head);
                        } else if self.is_needed(field.index) {
                            let local = &field.local;
                            let value = reader.bit_value(field, *shift, *width, at);
                            values.extend(quote!(let #local = #value;));
                            locals.push(local.clone());
                        }
                    }
                }
                What::Field(index) => {
                    let field = self.layout.fields.list.get(index)?;
                    if self.is_needed(index) {
                        let local = &field.local;
                        let value = reader.fixed_value(field, at);
                        values.extend(match field.absent_in(Absence::Value) {
                            Some(absent) => reader.absent_piece(field, absent, &value, at),
                            None => quote!(let #local = #value;),
                        });
                        locals.push(local.clone());
                    }
                }
            }
        }
        if locals.is_empty() {
            let len = len as u64;
            return Some(quote!(__walker.pass(#len)?;));
        }
        Some(quote! {
            let (#(#locals,)*) = __walker.read_run(
                #len,
                |__rest| -> __private::IResult<_, _, __private::DecodeError> {
                    let __from = __rest;
                    let __run = __rest;
                    #values
                    __private::Ok((__rest, (#(#locals,)*)))
                },
            )?;
        })
    }

    /// The hidden length or count of a field that begins with its run.
    fn prefix(&self, index: usize, piece: &Piece) -> Option<(Ident, TokenStream)> {
        let field = self.layout.fields.list.get(index)?;
        let (local, bytes, at) = (names::local("prefix", index), piece.len, piece.at);
        let order = self.layout.order_of(field).value();
        let code = quote! {
            let __part = __private::part::<#bytes>(__run, #at);
            let __private::Some(#local) = __private::size(__private::wide(__part, #order)) else {
                return __private::malformed(__private::Fault::Length, 0, __rest);
            };
        };
        Some((local, code))
    }

    /// A field by itself: read whole where it is needed, passed over otherwise.
    fn field(&self, field: &Field, walk: &mut Walk) -> Option<TokenStream> {
        if uses_left(field) || expression::uses_next(self.layout, field) {
            return None;
        }
        if self.is_needed(field.index) || is_small(field) {
            return self.read(field);
        }
        let present = Reader::new(self.layout).present(field).map(|condition| weigh(&condition));
        let endian = self.endian(field);
        let padding = &field.padding;
        let before = padding.before.map(pass);
        let align = padding.align.map(|align| quote!(__walker.align(__start, #align)?;));
        let after = padding.after.map(pass);
        let value = match field.absent_in(Absence::Prefix) {
            Some(absent) => self.absent(field, absent, walk)?,
            None => self.value(field, walk)?,
        };
        let code = quote!({ #endian #before #align #value #after });
        Some(match present {
            Some(condition) => quote!(if #condition #code),
            None => code,
        })
    }

    /// A value whose hidden length or count may stand for `None`.
    fn absent(&self, field: &Field, absent: Absent, walk: &mut Walk) -> Option<TokenStream> {
        let reader = Reader::new(self.layout);
        if let Some(marker) = marker(field, absent) {
            let counter = field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref())?;
            let prefix = names::local("prefix", field.index);
            let (len, value) = (reader.counter_here(counter, field), self.value(field, walk)?);
            return Some(quote! {
                let __found: __private::Option<usize> = __walker.read(
                    |__input| -> __private::IResult<_, _, __private::DecodeError> {
                        let mut __rest = __input;
                        if let [#marker, __after @ ..] = __rest {
                            return __private::Ok((__after, __private::None));
                        }
                        let __value = #len;
                        __private::Ok((__rest, __private::Some(__value)))
                    },
                )?;
                if let __private::Some(#prefix) = __found {
                    #value
                }
            });
        }
        let raw = reader.raw_prefix(field);
        let (none, prefix) = (absent.whole(), names::local("prefix", field.index));
        let signed = is_signed(field);
        let value = self.value(field, walk)?;
        Some(quote! {
            let __raw: u64 = __walker.read(
                |__input| -> __private::IResult<_, _, __private::DecodeError> {
                    let mut __rest = __input;
                    let __value = #raw;
                    __private::Ok((__rest, __value))
                },
            )?;
            if __raw != #none {
                let __private::Some(#prefix) = __private::raw_size(__raw, #signed) else {
                    return __private::Err(__private::border::Stop::Fault(__private::Fault::Length));
                };
                #value
            }
        })
    }

    /// The value in a local of its own, by the reader of the field.
    fn read(&self, field: &Field) -> Option<TokenStream> {
        let declaration = self.layout.declaration;
        let borrows = declaration.lifetime.is_some()
            && !is_stepped(field)
            && !matches!(field.kind, Kind::Varint(_) | Kind::Sized { .. } | Kind::Decimal);
        if borrows || field.padding.align.is_some() || !self.has_end(field) {
            return None;
        }
        let local = &field.local;
        let step = Reader::new(self.layout).field_step(field.index);
        Some(quote! {
            let #local = __walker.read(
                |__input| -> __private::IResult<_, _, __private::DecodeError> {
                    let mut __rest = __input;
                    #step
                    __private::Ok((__rest, #local))
                },
            )?;
        })
    }

    /// Something beside the end of the buffer ends the value.
    fn has_end(&self, field: &Field) -> bool {
        let bound = &field.bound;
        let bounded = bound.prefix.is_some() || bound.size.is_some() || bound.terminated.is_some();
        bounded
            || !(takes_all(field) || matches!(field.kind, Kind::With { .. }))
            || self.is_counted(field)
    }

    fn is_counted(&self, field: &Field) -> bool {
        let bound = &field.bound;
        bound.count.is_some()
            || bound.count_prefix.is_some()
            || bound.until.is_some()
            || crate::expand::parse::bound::counted_by(self.layout, field.index).is_some()
    }

    fn endian(&self, field: &Field) -> Option<TokenStream> {
        let value = match field.endian.as_ref()? {
            Endian::Big => {
                return Some(quote!(let __scope = __scope.with(__private::Endian::Big);));
            }
            Endian::Little => {
                return Some(quote!(let __scope = __scope.with(__private::Endian::Little);));
            }
            Endian::Expression(_) => {
                let endian = Reader::new(self.layout).field_endian(field);
                weigh(&quote!({ #endian __scope.endian }))
            }
        };
        Some(quote!(let __scope = __scope.with(#value);))
    }

    /// Passes over the value between its paddings.
    fn value(&self, field: &Field, walk: &mut Walk) -> Option<TokenStream> {
        let bound = &field.bound;
        if let Some(counter) = &bound.prefix {
            let len = self.counter(counter, field);
            return Some(quote! {
                let __len: usize = #len;
                __walker.pass(__len as u64)?;
            });
        }
        if let Some(size) = &bound.size {
            let len = self.size(size, field);
            return Some(quote! {
                let __len: usize = #len;
                __walker.pass(__len as u64)?;
            });
        }
        if let Some(end) = &bound.terminated {
            let max = field.max_len.as_ref();
            let max = max.map(|max| Reader::new(self.layout).limit(max));
            let max = max.unwrap_or_else(|| quote!(usize::MAX));
            let overflow =
                Reader::new(self.layout).fault("Length", field.index, &quote!(__rest), 0);
            let unit = text::unit(self.layout, field, Side::Read, &overflow);
            let unit = unit.map_or_else(|| quote!(1), |unit| weigh(&unit));
            return Some(quote!(__walker.terminated(&[#(#end),*], #unit, #max)?;));
        }
        if field.process.is_some() {
            return None;
        }
        match &field.kind {
            Kind::Nothing => Some(TokenStream::new()),
            Kind::List { item } | Kind::Lazy { item } => self.list(field, item),
            Kind::Nested => {
                let ty = &field.inner;
                let context = self.argument(field);
                let span = ty.span();
                walk.walks.extend(quote_spanned!(span=> && <#ty as __private::Wire>::WALKS));
                Some(quote_spanned! {span=>
                    let __inner = #context;
                    <#ty as __private::Wire>::walk(__walker, __scope, &__inner)?;
                })
            }
            Kind::Map { wire, .. } => {
                walk.walks.extend(quote!(&& <#wire as __private::Wire>::WALKS));
                Some(quote!(<#wire as __private::Wire>::walk(__walker, __scope, &())?;))
            }
            Kind::Bytes(crate::model::BytesKind::Array) => {
                let ty = &field.inner;
                Some(quote!(__walker.pass(__private::size_of::<#ty>() as u64)?;))
            }
            Kind::Bytes(_)
            | Kind::Text(_)
            | Kind::Bcd { .. }
            | Kind::Minimal { .. }
            | Kind::With { .. } => None,
            _ => Some(pass(length::wire_len(field))),
        }
    }

    fn list(&self, field: &Field, item: &syn::Type) -> Option<TokenStream> {
        let context = self.argument(field);
        let max = field.max_count.as_ref();
        let max = max.map(|max| Reader::new(self.layout).limit(max));
        if let Some(until) = &field.bound.until {
            if self.layout.declaration.lifetime.is_some() {
                return None;
            }
            let names = expression::bindings(self.layout, quote!(#until), Side::Read, field.index);
            let max = max.unwrap_or_else(|| quote!(usize::MAX));
            return Some(quote! {
                let __inner = #context;
                __walker.list_until(#max as u64, |__walker| {
                    let __item = __walker.read(|__rest| {
                        <#item as __private::Parse>::parse_in(__rest, __scope, &__inner)
                    })?;
                    #names
                    __private::Ok(__private::border::is_last(&__item, #until))
                })?;
            });
        }
        let guard = max.map(|max| {
            quote! {
                if __count > #max {
                    return __private::Err(__private::border::Stop::Fault(__private::Fault::Count));
                }
            }
        });
        let count = match &field.bound.count_prefix {
            Some(counter) => self.counter(counter, field),
            None => weigh(&Reader::new(self.layout).count(field)?),
        };
        Some(quote! {
            let __count: usize = #count;
            #guard
            let __inner = #context;
            __walker.values::<#item>(__count, __scope, &__inner)?;
        })
    }

    /// A hidden length or count, as `usize`.
    fn counter(&self, counter: &Counter, field: &Field) -> TokenStream {
        let read = field.absent_in(Absence::Prefix).is_some();
        if read || layout::prefix_len(field).is_some() {
            let local = names::local("prefix", field.index);
            return quote!(#local);
        }
        let read = Reader::new(self.layout).counter(counter, field);
        quote! {
            __walker.read(|__input| -> __private::IResult<_, _, __private::DecodeError> {
                let mut __rest = __input;
                let __value = #read;
                __private::Ok((__rest, __value))
            })?
        }
    }

    fn size(&self, size: &syn::Expr, field: &Field) -> TokenStream {
        match layout::literal(size) {
            Some(size) => quote!(#size),
            None => {
                let reader = Reader::new(self.layout);
                let overflow = reader.fault("Length", field.index, &quote!(__rest), 0);
                weigh(&reader.size(size, field.index, &overflow))
            }
        }
    }

    /// What the type inside needs besides its bytes.
    fn argument(&self, field: &Field) -> TokenStream {
        let argument = Reader::new(self.layout).argument(field);
        if argument.to_string() == "()" { argument } else { weigh(&argument) }
    }
}

/// Read whole, because only reading tells where it ends.
fn is_small(field: &Field) -> bool {
    let bounded = field.bound.prefix.is_some();
    let read = matches!(field.kind, Kind::Varint(_) | Kind::Decimal) || is_stepped(field);
    !bounded && (read || field.absent_in(Absence::Value).is_some())
}

/// The condition asks for the bytes left in a span that a walk does not know.
fn uses_left(field: &Field) -> bool {
    use quote::ToTokens;
    let presence = match &field.presence {
        crate::model::Presence::If(expr) => Some(expr),
        _ => None,
    };
    let mut exprs = presence.into_iter().chain(&field.select);
    exprs.any(|expr| expression::identifiers(expr.to_token_stream()).contains("left"))
}

fn pass(len: usize) -> TokenStream {
    let len = len as u64;
    quote!(__walker.pass(#len)?;)
}
