//! `encoded_len_in`, and the lengths that derived fields need before anything is written.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Expr;

use crate::expand::encode::value::is_utf8;
use crate::expand::encode::{Purpose, Writer, pattern, variant};
use crate::expand::expression::{self, Side};
use crate::expand::layout::{self, Layout};
use crate::expand::{frame, value, varint};
use crate::model::{
    Absence, BitValue, BytesKind, Counter, Declaration, Edge, Enum, Field, FieldSpan, Kind,
    Presence, RelationKind, TagSource,
};

/// `encoded_len_in` of a struct.
pub(crate) fn of_struct(layout: &Layout<'_>) -> TokenStream {
    let declaration = layout.declaration;
    let outside = match frame::delimiters(declaration) {
        None => 0,
        Some((delimiters, options)) if options.escape.is_empty() => {
            delimiters.start.len() + delimiters.end.len()
        }
        // What is escaped depends on every byte.
        Some(_) => {
            return quote! {
                __private::measure(|__out| {
                    <Self as __private::Wire>::encode_in(
                        self,
                        __out,
                        &__private::Default::default(),
                        __scope,
                        __context,
                    )
                })
            };
        }
    };
    let last = layout.fields.list.len();
    let whole = FieldSpan { start: Edge::Type, end: Edge::Type };
    if let Some(len) = layout.fixed_span(&whole) {
        let len = len + outside;
        return quote!(#len);
    }
    let writer = Writer::new(layout, Purpose::Measure);
    let pattern = pattern(layout.fields);
    let derived = writer.derived();
    let magic = layout.magic.map_or(0, crate::model::Literal::len) + outside;
    let fields = writer.len_between(0, last);
    quote! {
        let Self #pattern = self;
        #derived
        #magic + #fields
    }
}

/// `encoded_len_in` of an enum.
pub(crate) fn of_enum(declaration: &Declaration, body: &Enum) -> TokenStream {
    let own = match &body.source {
        TagSource::Own(integer) => integer.bytes,
        _ => 0,
    };
    let arms = body.variants.iter().map(|one| {
        let layout = Layout::of_variant(declaration, one);
        let writer = Writer::new(&layout, Purpose::Measure);
        let (name, pattern) = (&one.name, pattern(layout.fields));
        let derived = writer.derived();
        let magic = layout.magic.map_or(0, crate::model::Literal::len) + own;
        let fields = writer.len_between(0, layout.fields.list.len());
        quote! {
            Self::#name #pattern => {
                #derived
                #magic + #fields
            }
        }
    });
    let prelude = variant::prelude(body);
    quote! {
        #prelude
        match self { #(#arms)* }
    }
}

impl Writer<'_, '_> {
    /// The bytes of a span, without field `except`.
    pub(crate) fn span_len(&self, span: &FieldSpan, except: Option<usize>) -> TokenStream {
        let (start, end) = (self.layout.start_of(span), self.layout.end_of(span));
        let magic = match (span.start, self.layout.magic) {
            (Edge::Type, Some(magic)) => magic.len(),
            _ => 0,
        };
        let fields = self.sum(start, end, except);
        if magic == 0 { fields } else { quote!((#magic + #fields)) }
    }

    /// The bytes of the fields `start..end`.
    pub(crate) fn len_between(&self, start: usize, end: usize) -> TokenStream {
        self.sum(start, end, None)
    }

    fn sum(&self, start: usize, end: usize, except: Option<usize>) -> TokenStream {
        let fields = self.layout.fields.list.get(start..end).unwrap_or_default();
        let mut literal = 0;
        let mut others = Vec::new();
        for field in fields.iter().filter(|field| Some(field.index) != except) {
            match self.layout.literal_len(field) {
                Some(len) => literal += len,
                None => others.push(self.field_len(field)),
            }
        }
        quote!((#literal #(+ #others)*))
    }

    /// The end of the innermost span that holds a field: the first field behind it.
    pub(crate) fn span_end(&self, index: usize) -> usize {
        let last = self.layout.fields.list.len();
        let ends = self.layout.fields.relations.iter().filter_map(|relation| {
            let RelationKind::Length { over, .. } = &relation.kind else { return None };
            let (start, end) = (self.layout.start_of(over), self.layout.end_of(over));
            (start..end).contains(&index).then_some(end)
        });
        ends.min().unwrap_or(last)
    }

    /// The bytes of one field with all that belongs to it.
    fn field_len(&self, field: &Field) -> TokenStream {
        let literal = field.padding.before.unwrap_or(0)
            + field.padding.after.unwrap_or(0)
            + field
                .bound
                .terminated
                .as_ref()
                .filter(|_| !matches!(field.kind, Kind::Decimal))
                .map_or(0, Vec::len);
        let content = if field.process.is_some() {
            let write = self.as_writer().content(field);
            // Nothing is handed down to what is only measured.
            let fill = (self.purpose == Purpose::Measure).then(|| {
                quote! {
                    let __fill: &<Self as __private::Wire>::Fill = &__private::Default::default();
                }
            });
            quote!(__private::measure(|__out| { #fill #write __private::Ok(()) }))
        } else {
            self.content_len(field, &quote!(__value))
        };
        let (prefix, content) = self.with_prefix(field, content);
        let align = field.padding.align.map(|align| {
            let before = self.sum(0, field.index, None);
            let magic = self.layout.magic.map_or(0, crate::model::Literal::len);
            quote!(+ __private::to_align(#magic + #before, #align))
        });
        let len = quote!(#prefix #literal + #content #align);
        if field.optional {
            let local = &field.local;
            let none = match field.presence {
                Presence::Absent(absent) => {
                    let content = self.absent_len(field, absent);
                    match absent.place {
                        Absence::Value => quote!(#literal + #content),
                        _ => content,
                    }
                }
                _ => quote!(0),
            };
            return quote! {
                match #local { __private::Some(__value) => { #len } __private::None => #none }
            };
        }
        let value = expression::reference(field, Side::Write);
        quote!({ let __value = #value; #len })
    }

    /// A hidden length or count before the content: what is added, and the content.
    fn with_prefix(&self, field: &Field, content: TokenStream) -> (TokenStream, TokenStream) {
        let counter = |counter: &Counter, value: &TokenStream| match counter {
            Counter::Integer(integer) => {
                let bytes = integer.bytes;
                quote!(#bytes +)
            }
            Counter::Varint(kind) => {
                let len = varint::len(kind, &varint::counted(kind, value));
                quote!(#len +)
            }
        };
        if let Some(prefix) = &field.bound.prefix {
            let before = counter(prefix, &quote!(__content));
            return (TokenStream::new(), quote!({ let __content = #content; #before __content }));
        }
        match &field.bound.count_prefix {
            Some(prefix) => (counter(prefix, &quote!(__value.len())), content),
            None => (TokenStream::new(), content),
        }
    }

    /// The same generator, for code inside of a closure that can fail.
    pub(crate) fn as_writer(&self) -> Writer<'_, '_> {
        Writer { layout: self.layout, purpose: Purpose::Write, image: self.image }
    }

    /// The bytes of a value alone; `value` is a reference to it.
    pub(crate) fn content_len(&self, field: &Field, value: &TokenStream) -> TokenStream {
        let size = field.bound.size.as_ref().filter(|_| !matches!(field.kind, Kind::Nested));
        match (&field.kind, size) {
            (Kind::Text(text), size) => {
                if is_utf8(text) && size.is_none() {
                    return quote!(#value.len());
                }
                let form = self.text_form(field, text);
                let size = self.size_option(field, size);
                quote!(__private::text_len(#value, #form, #size))
            }
            (Kind::Bytes(BytesKind::Array), _) => {
                let ty = &field.inner;
                quote!(__private::size_of::<#ty>())
            }
            (Kind::Bytes(_), _) => quote!(#value.len()),
            (_, Some(size)) => self.size_of(field, size),
            (Kind::Varint(one), _) if one.is_padded() => {
                let len = varint::len(&one.kind, &quote!((*#value).value));
                quote!(__private::padded_len(*#value, #len))
            }
            (Kind::Varint(one), _) => varint::len(&one.kind, &quote!(*#value)),
            (Kind::Bits { value: BitValue::Steps { forms, .. }, .. }, _) => {
                let table = varint::table(forms);
                // All bits of a run count at its first field.
                let run = self.layout.run_bytes(field);
                quote!((#run + __private::steps_tail_len(*#value, #table)))
            }
            (Kind::Minimal { least }, _) => quote!(__private::minimal_len(*#value, #least)),
            (Kind::Decimal, _) => {
                let end = field.bound.terminated.as_deref().unwrap_or_default();
                quote!(__private::decimal_len(*#value, &[#(#end),*]))
            }
            (Kind::Bcd { digits: true, .. }, _) => quote!(#value.packed().len()),
            (Kind::List { item }, _) => {
                let context = self.context_of(field);
                if field.each.is_some() {
                    return quote!(__private::each_len::<#item>(#value, __scope, &#context));
                }
                quote!(__private::run_len::<#item>(#value, __scope, &#context))
            }
            (Kind::Lazy { .. }, _) => quote!(#value.bytes().len()),
            (Kind::Nested, _) => {
                let len = self.nested_len(field);
                quote!({ let __value = #value; #len })
            }
            (Kind::With { module, whole: true }, _) => {
                let write = value::function(module, "write");
                quote!(__private::measure(|__out| #write(#value, __out, 0)))
            }
            (Kind::With { .. } | Kind::Map { .. }, _) => {
                let write = self.as_writer().content(field);
                quote!({
                    let __value = #value;
                    __private::measure(|__out| { #write __private::Ok(()) })
                })
            }
            _ => {
                let len = crate::expand::length::wire_len(field);
                quote!(#len)
            }
        }
    }

    /// A stated size.
    pub(crate) fn size_of(&self, field: &Field, size: &Expr) -> TokenStream {
        if let Some(size) = layout::literal(size) {
            return quote!(#size);
        }
        let overflow = self.overflow(field);
        expression::prepare(self.layout, size, Side::Write, field.index).size_or_else(&overflow)
    }

    /// `Some(size)` or `None`.
    pub(crate) fn size_option(&self, field: &Field, size: Option<&Expr>) -> TokenStream {
        match size {
            None => quote!(__private::None),
            Some(size) => {
                let size = self.size_of(field, size);
                quote!(__private::Some(#size))
            }
        }
    }
}
