//! One field by itself: its padding, its hidden length, its value.

use proc_macro2::{Literal as Token, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use crate::expand::context;
use crate::expand::enclosing;
use crate::expand::encode::run::length_bits;
use crate::expand::encode::said::said_of;
use crate::expand::encode::{Writer, child};
use crate::expand::expression::{self, Side};
use crate::expand::layout;
use crate::expand::parse::absent::marker;
use crate::expand::{length, text, value, varint};
use crate::model::{
    Absence, BitValue, BytesKind, Counter, Encoding, Endian, Field, Kind, Presence, ProcessKind,
    Text, Varint,
};

impl Writer<'_, '_> {
    /// The step of a field that is no part of a run.
    pub(crate) fn field_step(&self, field: &Field) -> TokenStream {
        let endian = self.field_endian(field);
        let before = field.padding.before.map(|len| quote!(__private::zeros(__out, #len);));
        let align = field.padding.align.map(|align| {
            quote! {
                let __zeros = __private::to_align(__out.len() - __start, #align);
                __private::zeros(__out, __zeros);
            }
        });
        let after = field.padding.after.map(|len| quote!(__private::zeros(__out, #len);));
        let write = self.bounded(field);
        let all = quote!(#before #align #write #after);
        let local = &field.local;
        if field.optional {
            let none = match field.presence {
                Presence::Absent(absent) => {
                    let write = self.absent_written(field, absent);
                    (!write.is_empty())
                        .then(|| quote!(else { #endian #before #align #write #after }))
                }
                _ => None,
            };
            return quote! {
                if let __private::Some(__value) = #local {
                    #endian
                    #all
                } #none
            };
        }
        let value = expression::reference(field, Side::Write);
        quote!({ #endian let __value = #value; #all })
    }

    fn field_endian(&self, field: &Field) -> TokenStream {
        let order = match &field.endian {
            None => return TokenStream::new(),
            Some(Endian::Big) => quote!(__private::Endian::Big),
            Some(Endian::Little) => quote!(__private::Endian::Little),
            Some(Endian::Expression(expr)) => {
                let overflow = self.overflow(field);
                expression::prepare(self.layout, expr, Side::Write, field.index).or_else(&overflow)
            }
        };
        quote!(let __scope = __scope.with(#order);)
    }

    /// The value with the hidden length before it and the terminator behind it.
    fn bounded(&self, field: &Field) -> TokenStream {
        let label = self.label(field);
        let checks = self.one_way(field);
        let content = self.processed(field);
        let sized = field.bound.size.as_ref().filter(|_| !sizes_itself(field)).map(|size| {
            let size = self.size_of(field, size);
            quote!(__private::exactly(__out.len() - __mark, #size, #label)?;)
        });
        let end = field.bound.terminated.as_ref().filter(|_| !matches!(field.kind, Kind::Decimal));
        let end = end.map(|end| {
            let unit = text::unit(self.layout, field, Side::Write, &self.overflow(field));
            let unit = unit.unwrap_or_else(|| quote!(1));
            quote!(__private::terminate(__out, __mark, &[#(#end),*], #unit, #label)?;)
        });
        let (prefix, patch) = self.prefix(field);
        let whole = enclosing::is_prefixed(self.layout, field).then(|| {
            let scope = enclosing::writing(self.layout.declaration);
            quote!(let __whole = __mark; #scope)
        });
        let needs_mark = sized.is_some() || end.is_some() || !patch.is_empty() || whole.is_some();
        let mark = needs_mark.then(|| quote!(let __mark = __out.len();));
        quote!(#checks #prefix #mark #whole #content #sized #end #patch)
    }

    /// `count`, `until`, `select` and `none` against the value.
    fn one_way(&self, field: &Field) -> TokenStream {
        let overflow = self.overflow(field);
        let mut code = self.selected(field);
        if let Some(absent) = field.absent_in(Absence::Value)
            && marker(field, absent).is_none()
        {
            let none = Token::i128_unsuffixed(absent.value);
            code.extend(quote!(if *__value == #none { #overflow; }));
        }
        if let Some(count) = &field.bound.count {
            let count = expression::prepare(self.layout, count, Side::Write, field.index);
            let count = count.size_or_else(&overflow);
            code.extend(quote!(if __value.len() != #count { #overflow; }));
        }
        if let Some(until) = &field.bound.until {
            let names = expression::bindings(self.layout, quote!(#until), Side::Write, field.index);
            code.extend(quote! {
                if !{ #names __private::ends_with(__value, #until) } { #overflow; }
            });
        }
        code
    }

    /// What a hidden length or count says, where it is known before the value is written.
    pub(crate) fn prefix_value(&self, field: &Field) -> Option<TokenStream> {
        let local = &field.local;
        if field.bound.prefix.is_none() {
            return Some(quote!(#local.len()));
        }
        let cheap = field.process.is_none()
            && match &field.kind {
                Kind::Bytes(_) => true,
                Kind::Minimal { .. } => !field.optional,
                Kind::Text(text) => is_utf8(text) && text.pad.is_none(),
                _ => false,
            };
        cheap.then(|| self.content_len(field, &quote!(#local)))
    }

    /// The hidden length or count: what is written before the value, and the patch behind it.
    fn prefix(&self, field: &Field) -> (TokenStream, TokenStream) {
        let bound = &field.bound;
        let Some(counter) = bound.prefix.as_ref().or(bound.count_prefix.as_ref()) else {
            return (TokenStream::new(), TokenStream::new());
        };
        let label = self.label(field);
        let in_run = layout::prefix_len(field).is_some();
        let order = self.layout.order_of(field).value();
        let known = self.known_prefix(field);
        match counter {
            Counter::Integer(integer) => {
                let bytes = integer.bytes;
                let bits = length_bits(*integer);
                let image = |len: TokenStream| {
                    let len = self.counted(field, len);
                    quote! {
                        __private::narrow::<#bytes>(__private::to_bits(#len, #bits, #label)?, #order)
                    }
                };
                match known {
                    Some(_) if in_run => (TokenStream::new(), TokenStream::new()),
                    Some(len) => {
                        let image = image(len);
                        (quote!(__out.extend_from_slice(&#image);), TokenStream::new())
                    }
                    None => {
                        let zeros = (!in_run).then(|| quote!(__private::zeros(__out, #bytes);));
                        let image = image(quote!((__out.len() - __mark)));
                        let patch = quote! {
                            let __prefix = #image;
                            __private::put(__out, __mark - #bytes, __prefix);
                        };
                        (quote!(#zeros), patch)
                    }
                }
            }
            Counter::Varint(kind) => {
                let mut measured = TokenStream::new();
                let mut patch = TokenStream::new();
                let len = known.unwrap_or_else(|| {
                    let (scope, write) = (self.measured_scope(field), self.content(field));
                    measured = quote! {
                        let __said =
                            __private::measure(|__out| { #scope #write __private::Ok(()) });
                    };
                    patch = said_of(field, &label);
                    quote!(__said)
                });
                let len = varint::counted(kind, &self.counted(field, len));
                let write = varint::write(kind, &len, None, &label, &order);
                (quote!(#measured #write), patch)
            }
        }
    }

    /// The same as `prefix_value`, of the value in `__value`.
    fn known_prefix(&self, field: &Field) -> Option<TokenStream> {
        if field.bound.prefix.is_none() {
            return Some(quote!(__value.len()));
        }
        self.prefix_value(field)?;
        Some(self.content_len(field, &quote!(__value)))
    }

    /// The value, transformed where `process` says so.
    fn processed(&self, field: &Field) -> TokenStream {
        self.content(field)
    }

    /// Appends the value that `__value` refers to.
    pub(crate) fn content(&self, field: &Field) -> TokenStream {
        let plain = self.plain(field);
        let Some(process) = &field.process else { return plain };
        let label = self.label(field);
        let wire = match &process.kind {
            ProcessKind::Zlib => quote!(__private::deflate(&__inner)),
            ProcessKind::Mask(key) => {
                let names =
                    expression::bindings(self.layout, quote!(#key), Side::Write, field.index);
                quote!({ #names __private::masked(&__inner, &#key) })
            }
            ProcessKind::Path { module, arguments } => {
                let names = expression::bindings(
                    self.layout,
                    quote!(#(#arguments)*),
                    Side::Write,
                    field.index,
                );
                let write = value::function(module, "write");
                quote!({
                    #names
                    match #write(&__inner #(, #arguments)*) {
                        __private::Ok(__bytes) => __bytes,
                        __private::Err(_) => {
                            return __private::Err(__private::EncodeError::Refused { field: #label });
                        }
                    }
                })
            }
        };
        let whole = enclosing::layer(field, &quote!(__private::writing(0)));
        let write = quote! {
            let __inner = {
                let mut __inner = __private::BytesMut::new();
                {
                    let __out = &mut __inner;
                    #whole
                    #plain
                }
                __inner
            };
            let __bytes = #wire;
            __out.extend_from_slice(&__bytes);
        };
        let Some(condition) = &process.condition else { return write };
        let overflow = self.overflow(field);
        let condition = expression::prepare(self.layout, condition, Side::Write, field.index);
        let condition = condition.or_else(&overflow);
        quote!(if #condition { #write } else { #plain })
    }

    fn plain(&self, field: &Field) -> TokenStream {
        let label = self.label(field);
        match &field.kind {
            Kind::Nothing => TokenStream::new(),
            Kind::Bytes(BytesKind::Array) => quote!(__out.extend_from_slice(&__value[..]);),
            Kind::Bytes(_) => quote!(__out.extend_from_slice(__value);),
            Kind::Text(text) => self.text(field, text),
            Kind::Bcd { digits } => {
                let little = self.layout.order_of(field).is_little();
                let size = field.bound.size.as_ref().map_or_else(
                    || quote!(__value.packed().len()),
                    |size| self.size_of(field, size),
                );
                if *digits {
                    quote!(__private::bcd_write(__out, __value, #size, #little, #label)?;)
                } else {
                    quote!(__private::bcd_number_write(__out, *__value, #size, #little, #label)?;)
                }
            }
            Kind::Varint(one) if one.is_padded() => self.padded(field, one),
            Kind::Varint(Varint { kind, max_bytes, .. }) => {
                let order = self.layout.order_of(field).value();
                varint::write(kind, &quote!(*__value), *max_bytes, &label, &order)
            }
            Kind::Bits { value: BitValue::Steps { forms, .. }, .. } => {
                let (order, table) = (self.layout.order_of(field).value(), varint::table(forms));
                quote!(__private::steps_tail_write(__out, *__value, #table, #order, #label)?;)
            }
            Kind::Sized { .. } => {
                let size = field.bound.size.as_ref();
                let size = size.map_or_else(|| quote!(8usize), |size| self.size_of(field, size));
                let order = self.layout.order_of(field).value();
                quote!(__private::sized_write(__out, *__value, #size, #order, #label)?;)
            }
            Kind::Minimal { least } => {
                quote!(__private::minimal_write(__out, *__value, #least);)
            }
            Kind::Decimal => {
                let end = field.bound.terminated.as_deref().unwrap_or_default();
                quote!(__private::decimal_write(__out, *__value, &[#(#end),*], #label)?;)
            }
            Kind::List { item } => self.list(field, item),
            Kind::Lazy { .. } => quote!(__out.extend_from_slice(__value.bytes());),
            Kind::Nested if field.each.is_some() => {
                let (ty, context) = (&field.inner, self.context_of(field));
                quote! {
                    <#ty as __private::Each>::write(__value, __out, __scope, &#context)?;
                }
            }
            Kind::Nested => {
                let (fill, context) = (child::fill(self, field), self.context_of(field));
                quote_spanned! {field.inner.span()=>
                    __private::Wire::encode_in(__value, __out, #fill, __scope, &#context)?;
                }
            }
            Kind::With { module, whole } => with(module, *whole),
            Kind::Map { write, wire, .. } => quote! {
                let __mapped: #wire = (#write)(__value);
                __private::Wire::encode_in(
                    &__mapped, __out, &__private::Default::default(), __scope, &(),
                )?;
            },
            _ => {
                let bytes = self.fixed_bytes(field, &quote!((*__value)));
                quote!(__out.extend_from_slice(&#bytes);)
            }
        }
    }

    /// A varint that is as long as it was read.
    fn padded(&self, field: &Field, one: &Varint) -> TokenStream {
        let (order, label) = (self.layout.order_of(field).value(), self.label(field));
        let write =
            varint::write(&one.kind, &quote!((*__value).value), one.max_bytes, &label, &order);
        let filling = varint::filling(&one.kind, &order);
        let most = length::varint_max(field, one).unwrap_or(usize::MAX);
        quote! {
            let __from = __out.len();
            #write
            __private::pad(__out, __from, *__value, #filling, #most, #label)?;
        }
    }

    fn text(&self, field: &Field, text: &Text) -> TokenStream {
        let plain = is_utf8(text) && field.bound.size.is_none();
        if plain {
            return quote!(__out.extend_from_slice(__value.as_bytes()););
        }
        let (form, label) = (self.text_form(field, text), self.label(field));
        let size = self.size_option(field, field.bound.size.as_ref());
        quote!(__private::text_write(__out, __value, #form, #size, #label)?;)
    }

    /// How the text of a field is written.
    pub(crate) fn text_form(&self, field: &Field, text: &Text) -> TokenStream {
        text::form(self.layout, field, text, Side::Write, &self.overflow(field))
    }

    fn list(&self, field: &Field, item: &syn::Type) -> TokenStream {
        let label = self.label(field);
        let context = self.context_of(field);
        let alike = context::has_tag(self.layout, field).then(|| {
            quote! {
                if !__private::are_alike::<#item>(__value) {
                    return __private::Err(__private::EncodeError::Contradiction { field: #label });
                }
            }
        });
        if field.each.is_some() {
            return quote!(__private::each_write::<#item>(__out, __value, __scope, &#context)?;);
        }
        quote! {
            #alike
            __private::list_write::<#item>(
                __out, __value, usize::MAX, #label, __scope, &#context,
            )?;
        }
    }
}

/// A module of the user's.
fn with(module: &Path, whole: bool) -> TokenStream {
    let whole = whole.then(|| quote!(, __private::written_from(__scope, __start, __out)));
    let write = value::function(module, "write");
    quote_spanned!(module.span()=> #write(__value, __out #whole)?;)
}

/// The text is UTF-8.
pub(crate) fn is_utf8(text: &Text) -> bool {
    matches!(text.encoding, Encoding::Utf8)
}

/// The writer of the kind checks `size` itself.
fn sizes_itself(field: &Field) -> bool {
    matches!(field.kind, Kind::Text(_) | Kind::Bcd { .. } | Kind::Sized { .. })
        && field.process.is_none()
}
