//! Where a value ends: a hidden length before it, a size, a terminator, or whatever is left.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Ident};

use crate::expand::enclosing;
use crate::expand::expression::{self, Side};
use crate::expand::layout::{self, Layout, Order};
use crate::expand::parse::{Reader, number_of};
use crate::expand::varint::{self, Reading, counter_type};
use crate::expand::{text, value};
use crate::model::{Absence, Counter, Field, Kind, Overlong, ProcessKind, RelationKind};
use crate::names;

/// What stands behind an elastic field inside of the innermost span.
pub(crate) enum Tail {
    /// So many bytes.
    Literal(usize),
    /// An expression of type `Option<usize>`: `None` where nothing elastic may stand before.
    Constant(TokenStream),
    /// A field without fixed length.
    Unknown,
}

impl Reader<'_, '_> {
    /// The value of a field out of `__rest`, which is left behind it.
    pub(crate) fn bounded(&mut self, field: &Field) -> TokenStream {
        if let Some(part) = self.part(field) {
            return self.inside(field, &part);
        }
        if field.process.is_some() {
            let tail = self.tail(field.index);
            let part = self.take_all(field, &tail);
            return self.inside(field, &part);
        }
        let tail = self.tail(field.index);
        self.value(field, &tail)
    }

    /// The expression `(part, after)` where something beside the value says where it ends.
    fn part(&mut self, field: &Field) -> Option<TokenStream> {
        let bound = &field.bound;
        let index = field.index;
        if let Some(counter) = &bound.prefix {
            let len = self.counter(counter, field);
            return Some(self.take(field, &len));
        }
        if let Some(size) = &bound.size
            && !matches!(field.kind, Kind::Sized { .. })
        {
            let overflow = self.fault("Length", index, &quote!(__rest), 0);
            let len = self.size(size, index, &overflow);
            let len = quote!({ let __len = #len; __len });
            return Some(self.take(field, &len));
        }
        if let Some(terminator) = &bound.terminated
            && !matches!(field.kind, Kind::Decimal)
        {
            let max = match &field.max_len {
                Some(max) => {
                    let max = self.limit(max);
                    quote!(__private::Some(#max))
                }
                None => quote!(__private::None),
            };
            let overflow = self.fault("Length", index, &quote!(__rest), 0);
            let unit = text::unit(self.layout, field, Side::Read, &overflow);
            let unit = unit.unwrap_or_else(|| quote!(1));
            let (number, error) = (number_of(index), self.nested_error());
            return Some(quote! {
                match __private::terminated(
                    __rest, #number, &[#(#terminator),*], #unit, #max,
                ) {
                    __private::Ok((__after, __part)) => (__part, __after),
                    __private::Err(__error) => #error,
                }
            });
        }
        None
    }

    /// A size or count that an expression gives; a literal stays a literal.
    pub(crate) fn size(&self, expr: &Expr, index: usize, overflow: &TokenStream) -> TokenStream {
        match layout::literal(expr) {
            Some(size) => quote!(#size),
            None => {
                expression::prepare(self.layout, expr, Side::Read, index).size_or_else(overflow)
            }
        }
    }

    /// A limit: a constant of any integer type.
    pub(crate) fn limit(&self, expr: &Expr) -> TokenStream {
        match layout::literal(expr) {
            Some(limit) => quote!(#limit),
            None => {
                let names = expression::bindings(self.layout, quote!(#expr), Side::Read, 0);
                quote!(__private::size({ #names #expr }).unwrap_or(usize::MAX))
            }
        }
    }

    /// A hidden length or count: read before in a run, or here.
    pub(crate) fn counter(&self, counter: &Counter, field: &Field) -> TokenStream {
        let read = field.absent_in(Absence::Prefix).is_some();
        if read || layout::prefix_len(field).is_some() {
            let local = names::local("prefix", field.index);
            return quote!(#local);
        }
        self.counter_here(counter, field)
    }

    /// A hidden length or count that begins `__rest`.
    pub(crate) fn counter_here(&self, counter: &Counter, field: &Field) -> TokenStream {
        let number = number_of(field.index);
        let order = self.order(field).value();
        let call = match counter {
            Counter::Integer(integer) => {
                let bytes = integer.bytes;
                quote!(__private::counter::<#bytes>(__rest, #number, #order))
            }
            Counter::Varint(kind) => {
                let ty = &counter_type(kind);
                let (overlong, order) = (Overlong::Refuse, &order);
                let reading = Reading { ty, number, max: None, overlong, order };
                let call = varint::read(kind, &reading);
                quote!(__private::counted(#call, __rest, #number))
            }
        };
        self.advance(&call)
    }

    fn order(&self, field: &Field) -> Order {
        self.layout.order_of(field)
    }

    /// The next `len` bytes, within `max_len`.
    fn take(&self, field: &Field, len: &TokenStream) -> TokenStream {
        let short = self.fault("Short", field.index, &quote!(__rest), 0);
        let guard = self.max_len(field, &quote!(__len));
        quote! {{
            let __len = #len;
            #guard
            match __rest.split_at_checked(__len) {
                __private::Some(__parts) => __parts,
                __private::None => #short,
            }
        }}
    }

    fn max_len(&self, field: &Field, len: &TokenStream) -> TokenStream {
        match &field.max_len {
            Some(max) if field.process.is_none() => {
                let max = self.limit(max);
                let fault = self.fault("Length", field.index, &quote!(__rest), 0);
                quote!(if #len > #max { #fault; })
            }
            _ => TokenStream::new(),
        }
    }

    /// All that is left before the tail.
    pub(crate) fn take_all(&self, field: &Field, tail: &Tail) -> TokenStream {
        let len = match tail {
            Tail::Literal(0) | Tail::Unknown => {
                let guard = self.max_len(field, &quote!(__rest.len()));
                return quote!({ #guard __rest.split_at(__rest.len()) });
            }
            Tail::Literal(len) => quote!(#len),
            Tail::Constant(len) => quote!(__private::or(#len, 0)),
        };
        let short = self.fault("Short", field.index + 1, &quote!(__rest), 0);
        let guard = self.max_len(field, &quote!(__parts.0.len()));
        quote! {
            match __private::split_before(__rest, #len) {
                __private::Some(__parts) => { #guard __parts }
                __private::None => #short,
            }
        }
    }

    /// The value inside a part that it must fill.
    fn inside(&mut self, field: &Field, part: &TokenStream) -> TokenStream {
        let Some(process) = &field.process else { return self.unprocessed(field, part) };
        let Some(condition) = &process.condition else {
            return self.processed(field, &process.kind, part);
        };
        let overflow = self.fault("Length", field.index, &quote!(__rest), 0);
        let condition = expression::prepare(self.layout, condition, Side::Read, field.index);
        let condition = condition.or_else(&overflow);
        let processed = self.processed(field, &process.kind, &quote!(__parts));
        let limit = field.max_len.as_ref().map(|max| {
            let max = self.limit(max);
            quote!(if __parts.0.len() > #max { #overflow; })
        });
        let plain = self.unprocessed(field, &quote!(__parts));
        quote! {{
            let __parts = #part;
            if #condition { #processed } else { #limit #plain }
        }}
    }

    /// What says how many bytes a processed field has in the plain.
    pub(crate) fn plain_holder(&self, index: usize) -> Option<&Ident> {
        let relation = self.layout.fields.relations.iter().find(|relation| {
            matches!(relation.kind, RelationKind::PlainLength { target } if target == index)
        })?;
        self.layout.fields.list.get(relation.holder.field).map(|holder| &holder.local)
    }

    /// The value that fills a part as it stands.
    fn unprocessed(&mut self, field: &Field, part: &TokenStream) -> TokenStream {
        let cut = names::local("part_cut", field.index);
        let outer = self.cut.replace(quote!(#cut));
        let value = self.value(field, &Tail::Literal(0));
        let trailing = self.fault("Trailing", field.index, &quote!(__rest), 0);
        self.cut = outer;
        let counted = match &self.cut {
            Some(outer) => quote!(__behind.len() + #outer),
            None => quote!(__behind.len()),
        };
        let trailing = (!takes_all(field)).then(|| quote!(if !__rest.is_empty() { #trailing; }));
        let plain = self.plain_holder(field.index).map(|_| {
            let plain = names::local("plain", field.index);
            quote!(#plain = __part.len();)
        });
        let whole = enclosing::is_prefixed(self.layout, field).then(|| {
            let scope = enclosing::reading(self.layout.declaration);
            quote!(let __whole = __part; #scope)
        });
        quote! {{
            let (__part, __behind) = #part;
            let #cut = #counted;
            #plain
            let __value = {
                #whole
                let mut __rest = __part;
                let __value = #value;
                #trailing
                __value
            };
            __rest = __behind;
            __value
        }}
    }

    /// The bytes of `__part` before they were transformed: a `Result`.
    fn clean(&self, field: &Field, kind: &ProcessKind) -> TokenStream {
        let number = number_of(field.index);
        let max = field.max_len.as_ref();
        let max = match (max, kind) {
            (Some(max), _) => self.limit(max),
            (None, ProcessKind::Mask(_)) => quote!(usize::MAX),
            (None, _) => quote!(__private::LAYER_MAX),
        };
        let said = self.plain_holder(field.index);
        let max = match said {
            Some(said) => quote!(__private::plain_max(#said, #max)),
            None => max,
        };
        match kind {
            ProcessKind::Zlib => quote!(__private::inflate(__part, #number, #max)),
            ProcessKind::Mask(key) => {
                let names =
                    expression::bindings(self.layout, quote!(#key), Side::Read, field.index);
                quote!({ #names __private::unmasked(__part, &#key, #number, #max) })
            }
            ProcessKind::Path { module, arguments } => {
                let names = expression::bindings(
                    self.layout,
                    quote!(#(#arguments)*),
                    Side::Read,
                    field.index,
                );
                let read = value::function(module, "read");
                quote! {{
                    #names
                    __private::processed(
                        #read(__part #(, #arguments)*), __part, #number, #max,
                    )
                }}
            }
        }
    }

    /// The value inside a part that is transformed first; a fault inside is placed at the part.
    fn processed(&mut self, field: &Field, kind: &ProcessKind, part: &TokenStream) -> TokenStream {
        let number = number_of(field.index);
        let clean = self.clean(field, kind);
        let mut inner = Reader::new(self.layout);
        let value = inner.value(field, &Tail::Literal(0));
        let trailing = inner.fault("Trailing", field.index, &quote!(__rest), 0);
        let cut = self.cut_value();
        let plain = self.plain_holder(field.index).map(|said| {
            let plain = names::local("plain", field.index);
            let fault = self.fault("Length", field.index, &quote!(__rest), 0);
            quote! {
                #plain = __layer.len();
                if !__private::is_plain_len(#said, #plain) { #fault; }
            }
        });
        let ty = &field.inner;
        let whole = enclosing::layer(field, &quote!(__private::reading(__scope, &__layer)));
        quote! {{
            let (__part, __behind) = #part;
            let __layer = match #clean {
                __private::Ok(__layer) => __private::Bytes::from(__layer),
                __private::Err(__error) => {
                    return __private::widened(__error, __behind.len() + #cut);
                }
            };
            #plain
            if let __private::Some(__trace) = __scope.trace() {
                __trace.layer(&__layer);
            }
            let __value = (|| -> __private::Result<#ty, __private::NomErr<__private::DecodeError>> {
                #whole
                let __scope = __scope.owned_by(&__layer);
                let mut __rest: &[u8] = &__layer;
                let __value = #value;
                if !__rest.is_empty() {
                    #trailing;
                }
                __private::Ok(__value)
            })();
            __rest = __behind;
            match __value {
                __private::Ok(__value) => __value,
                __private::Err(__error) => {
                    let __error = __private::plain(__error, __part);
                    return __private::malformed_before(
                        __error.fault,
                        #number,
                        __private::from_end(__part, 0, __behind.len() + #cut),
                    );
                }
            }
        }}
    }

    /// What stands behind a field inside of the innermost span.
    pub(crate) fn tail(&self, index: usize) -> Tail {
        let end = self.innermost_end();
        let behind = self.layout.fields.list.get(index + 1..end).unwrap_or_default();
        let literals = behind.iter().map(|field| self.layout.literal_len(field));
        if let Some(len) = literals.sum::<Option<usize>>() {
            return Tail::Literal(len);
        }
        let lens: Option<Vec<TokenStream>> =
            behind.iter().map(|field| crate::expand::length::fixed(self.layout, field)).collect();
        match lens {
            Some(lens) => Tail::Constant(quote!(const { __private::sum(&[#(#lens),*]) })),
            None => Tail::Unknown,
        }
    }
}

/// The value takes every byte that it is given.
pub(crate) fn takes_all(field: &Field) -> bool {
    match &field.kind {
        Kind::Bytes(_)
        | Kind::Text(_)
        | Kind::Bcd { .. }
        | Kind::Decimal
        | Kind::Minimal { .. } => true,
        Kind::List { .. } | Kind::Lazy { .. } => {
            let bound = &field.bound;
            bound.count.is_none() && bound.count_prefix.is_none() && bound.until.is_none()
        }
        _ => false,
    }
}

/// The field is counted by a relation.
pub(crate) fn counted_by<'r>(
    layout: &'r Layout<'_>,
    index: usize,
) -> Option<&'r crate::model::Relation> {
    layout
        .fields
        .relations
        .iter()
        .find(|relation| matches!(relation.kind, RelationKind::Count { list } if list == index))
}
