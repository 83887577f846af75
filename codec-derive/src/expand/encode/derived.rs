//! Derived values that are known before anything is written: `__written_N`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::encode::{Purpose, Writer};
use crate::expand::expression;
use crate::expand::relation;
use crate::expand::varint;
use crate::model::{Field, FieldSpan, Kind, Relation, RelationKind, VarintKind};
use crate::names;

impl Writer<'_, '_> {
    /// `let __written_N = ..` for every `Auto` field that is not patched: counts, tags and presence
    /// first, then lengths from the last to the first, because outer lengths count inner ones.
    pub(crate) fn derived(&self) -> TokenStream {
        let autos = self.layout.fields.list.iter().filter(|field| {
            field.auto
                && !field.optional
                && !self.is_patched(field)
                && (self.purpose == Purpose::Write || self.is_needed_to_measure(field))
        });
        let (lengths, others): (Vec<&Field>, Vec<&Field>) =
            autos.partition(|field| self.is_length(field));
        let all = others.into_iter().chain(lengths.into_iter().rev());
        all.map(|field| self.written(field)).collect()
    }

    fn is_length(&self, field: &Field) -> bool {
        self.layout
            .held_by(field.index)
            .any(|relation| matches!(relation.kind, RelationKind::Length { .. }))
    }

    fn is_needed_to_measure(&self, field: &Field) -> bool {
        let fixed = matches!(field.kind, Kind::Integer(_) | Kind::Bits { .. } | Kind::Bool)
            && self.in_run(field.index);
        !fixed || expression::is_used(self.layout, field)
    }

    fn written(&self, field: &Field) -> TokenStream {
        let local = &field.local;
        let written = names::local("written", field.index);
        let ty = &field.inner;
        if self.layout.is_open(field) {
            return self.open(field);
        }
        let mut values = Vec::new();
        for relation in self.layout.held_by(field.index) {
            values.extend(self.value_of(field, relation));
        }
        let mut values = values.into_iter();
        let Some(first) = values.next() else {
            return quote!(let #written = #local.or(__private::Default::default()););
        };
        let label = self.label(field);
        let agree: TokenStream = match self.purpose {
            Purpose::Measure => TokenStream::new(),
            Purpose::Write => values
                .map(|other| {
                    quote! {
                        if __computed != #other {
                            return __private::Err(
                                __private::EncodeError::Contradiction { field: #label }
                            );
                        }
                    }
                })
                .collect(),
        };
        quote! {
            let #written: #ty = match *#local {
                __private::Auto::Set(__value) => __value,
                __private::Auto::Derived => {
                    let __computed: #ty = #first;
                    #agree
                    __computed
                }
            };
        }
    }

    /// A field that a parent fills.
    fn open(&self, field: &Field) -> TokenStream {
        let local = &field.local;
        let written = names::local("written", field.index);
        let label = self.label(field);
        match self.purpose {
            Purpose::Write => {
                quote!(let #written = __private::open(#local, __fill.#local, #label)?;)
            }
            Purpose::Measure => quote! {
                let #written = __private::Auto::or(*#local, __private::Default::default());
            },
        }
    }

    /// What one relation says.
    fn value_of(&self, field: &Field, relation: &Relation) -> Option<TokenStream> {
        let ty = &field.inner;
        let label = self.label(field);
        let end = match self.purpose {
            Purpose::Write => quote!(?),
            Purpose::Measure => quote!(.unwrap_or_default()),
        };
        match &relation.kind {
            RelationKind::Count { list } => {
                let count = self.count_of(*list)?;
                let value = quote!(__private::count_value::<#ty>(#count, #label)#end);
                Some(self.unless_absent(field, value))
            }
            RelationKind::Tag { target, part, parts } => {
                let tag = self.tag_of(*target)?;
                Some(match relation::in_tuple(*part, *parts) {
                    Some(place) => {
                        quote!(__private::part_value::<#ty>(#tag, #place, #label)#end)
                    }
                    None => quote!(__private::fit::<#ty>(#tag, #label)#end),
                })
            }
            RelationKind::Present { target } => {
                let target = &self.layout.fields.list.get(*target)?.local;
                Some(quote!(__private::Option::is_some(#target)))
            }
            RelationKind::Length { over, bias, unit } => {
                let value = self.length_of(field, over, *bias, *unit);
                Some(self.unless_absent(field, value))
            }
            RelationKind::PlainLength { target } => {
                let len = self.plain_len(*target)?;
                Some(quote!(__private::length_value::<#ty>(#len, 1, 0, #label)#end))
            }
            RelationKind::Checksum { .. } => None,
        }
    }

    /// The bytes of a field before it is processed; 0 where it is absent.
    fn plain_len(&self, target: usize) -> Option<TokenStream> {
        let field = self.layout.fields.list.get(target)?;
        let len = self.content_len(field, &quote!(__value));
        if field.optional {
            let local = &field.local;
            return Some(quote! {
                match #local { __private::Some(__value) => #len, __private::None => 0 }
            });
        }
        let value = expression::reference(field, expression::Side::Write);
        Some(quote!({ let __value = #value; #len }))
    }

    /// A length that is computed first.
    fn length_of(&self, field: &Field, over: &FieldSpan, bias: i64, unit: u64) -> TokenStream {
        let ty = &field.inner;
        let label = self.label(field);
        let end = match self.purpose {
            Purpose::Write => quote!(?),
            Purpose::Measure => quote!(.unwrap_or_default()),
        };
        let inside = (self.layout.start_of(over)..self.layout.end_of(over)).contains(&field.index);
        let others = self.span_len(over, inside.then_some(field.index));
        match (&field.kind, inside) {
            (Kind::Varint(varint), true) => {
                let width = varint_width(&varint.kind, ty);
                quote! {
                    __private::fit::<#ty>(
                        __private::self_counted(#others, #unit, #bias, #width),
                        #label,
                    )#end
                }
            }
            (_, own) => {
                let own = if own { self.layout.literal_len(field).unwrap_or(0) } else { 0 };
                quote!(__private::length_value::<#ty>(#others + #own, #unit, #bias, #label)#end)
            }
        }
    }

    /// The number of elements of a list.
    pub(crate) fn count_of(&self, list: usize) -> Option<TokenStream> {
        let field = self.layout.fields.list.get(list)?;
        let local = &field.local;
        Some(if field.optional {
            quote!(__private::Option::map_or(__private::Option::as_ref(#local), 0, |__list| __list.len()))
        } else {
            quote!(#local.len())
        })
    }

    /// The tag of an enum; 0 where an optional one is absent.
    pub(crate) fn tag_of(&self, target: usize) -> Option<TokenStream> {
        let field = self.layout.fields.list.get(target)?;
        let tag = relation::tag_of(self.layout, target, expression::Side::Write);
        Some(if field.optional { quote!(#tag.unwrap_or_default()) } else { tag })
    }

    /// The value of a relation whose holder is inside a nested type, and the type that it gets.
    pub(crate) fn handed_down(&self, relation: &Relation) -> Option<TokenStream> {
        let holder = self.layout.fields.list.get(relation.holder.field)?;
        let mut label = self.label(holder);
        for name in &relation.holder.path {
            label.push('.');
            label.push_str(&name.to_string());
        }
        match &relation.kind {
            RelationKind::Count { list } => {
                let count = self.count_of(*list)?;
                Some(quote!(__private::count_value(#count, #label)?))
            }
            RelationKind::Tag { target, part, parts } => {
                let tag = self.tag_of(*target)?;
                Some(match relation::in_tuple(*part, *parts) {
                    Some(place) => quote!(__private::part_value(#tag, #place, #label)?),
                    None => quote!(__private::fit(#tag, #label)?),
                })
            }
            RelationKind::Present { target } => {
                let target = &self.layout.fields.list.get(*target)?.local;
                Some(quote!(__private::Option::is_some(#target)))
            }
            RelationKind::Length { over, bias, unit } => {
                let len = self.span_len(over, None);
                Some(quote!(__private::length_value(#len, #unit, #bias, #label)?))
            }
            RelationKind::PlainLength { .. } | RelationKind::Checksum { .. } => None,
        }
    }
}

/// Bytes that a varint takes for a value.
fn varint_width(kind: &VarintKind, ty: &syn::Type) -> TokenStream {
    let value = match kind {
        VarintKind::Zigzag | VarintKind::Path(_) => {
            quote!(<#ty as __private::Whole>::wrap(__value))
        }
        _ => quote!(__value),
    };
    let len = varint::len(kind, &value);
    quote!(|__value: u64| #len)
}
