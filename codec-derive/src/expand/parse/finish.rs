//! After the structure: checksums, conditions over the whole type, and the value itself.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Member;

use crate::expand::expression::{self, Side};
use crate::expand::layout::Layout;
use crate::expand::parse::{Reader, number_of};
use crate::expand::relation;
use crate::model::{
    Algorithm, Assert, Edge, Field, FieldSpan, Kind, Relation, RelationKind, Verify,
};
use crate::names;

/// Checksums, then the conditions of the type, then settling what nested types hold.
pub(crate) fn checks(reader: &Reader<'_, '_>) -> TokenStream {
    let layout = reader.layout;
    let mut code = TokenStream::new();
    for relation in &layout.fields.relations {
        if let RelationKind::Checksum { over, verify, .. } = &relation.kind {
            code.extend(checksum(reader, relation, over, *verify));
        }
    }
    for Assert { condition, .. } in &layout.asserts {
        let fault = reader.fault("Invalid", 0, &quote!(__input), 0);
        let limit = layout.fields.list.len();
        let value = expression::prepare(layout, condition, Side::Read, limit).or_else(&fault);
        code.extend(quote!(if !#value { #fault; }));
    }
    code.extend(settle(layout));
    code
}

fn checksum(
    reader: &Reader<'_, '_>,
    relation: &Relation,
    over: &FieldSpan,
    verify: Verify,
) -> TokenStream {
    let layout = reader.layout;
    let holder = relation.holder.field;
    let Some(field) = layout.fields.list.get(holder) else { return TokenStream::new() };
    let local = &field.local;
    let computed = computed(reader, relation, over, field);
    let sum = names::local("sum", holder);
    match verify {
        Verify::Strict => {
            let at = reader.place(Edge::Before(holder), 0);
            let number = number_of(holder);
            let differs = match xored_with(reader, relation, over, field) {
                Some(all) => quote!(#all != 0),
                None => quote!(#local != #computed),
            };
            quote! {
                if #differs {
                    return __private::malformed_before(
                        __private::Fault::Checksum,
                        #number,
                        __private::from_end(__input, #at, 0),
                    );
                }
            }
        }
        Verify::Warn | Verify::Off => quote!(let #sum = #computed;),
    }
}

/// An exclusive or that stands right behind its span: the exclusive or of both must be zero, which is
/// one stretch of words.
fn xored_with(
    reader: &Reader<'_, '_>,
    relation: &Relation,
    over: &FieldSpan,
    field: &Field,
) -> Option<TokenStream> {
    let layout = reader.layout;
    let RelationKind::Checksum { algorithm: Algorithm::Simple(name), .. } = &relation.kind else {
        return None;
    };
    let unit = match *name {
        "xor8" => 1,
        "xor16" => 2,
        _ => return None,
    };
    layout.single_run()?;
    let len = layout.fixed_span(over)?;
    let before = field.index.checked_sub(1).and_then(|index| layout.fields.list.get(index));
    let padded = field.padding.before.is_some()
        || field.padding.align.is_some()
        || before.is_some_and(|before| before.padding.after.is_some());
    let adjacent = layout.end_of(over) == field.index && !padded;
    if !adjacent || layout.literal_len(field) != Some(unit) || len % unit != 0 {
        return None;
    }
    let all = len + unit;
    let (start, _) = reader.places(over);
    let function = format_ident!("{name}");
    let order = layout.order_of(field).value();
    Some(quote!(__private::#function(&__private::part::<#all>(__run, #start), #order)))
}

/// The checksum over its span; its own bytes count as zeros.
fn computed(
    reader: &Reader<'_, '_>,
    relation: &Relation,
    over: &FieldSpan,
    field: &Field,
) -> TokenStream {
    let layout = reader.layout;
    let RelationKind::Checksum { algorithm, .. } = &relation.kind else { return quote!(0) };
    let order = layout.order_of(field).value();
    let (start, end) = reader.places(over);
    let inside = (layout.start_of(over)..layout.end_of(over)).contains(&field.index);
    if inside {
        let at = reader.place(Edge::Before(field.index), 0);
        let hole = layout.literal_len(field).unwrap_or(0);
        relation::checksum_around(
            algorithm,
            &quote!(__private::stretch(__input, #start, #at)),
            hole,
            &quote!(__private::stretch(__input, #at + #hole, #end)),
            &order,
        )
    } else {
        let span = match layout.single_run() {
            // All in one array: the span's length is a constant.
            Some(_) => quote!(__private::stretch(__run, #start, #end)),
            None => quote!(__private::stretch(__input, #start, #end)),
        };
        relation::checksum(algorithm, &span, &order)
    }
}

/// What nested types hold for this one was verified by reading: it is derived.
fn settle(layout: &Layout<'_>) -> TokenStream {
    let mut code = TokenStream::new();
    for relation in &layout.fields.relations {
        let path = &relation.holder.path;
        let Some(holder) = layout.fields.list.get(relation.holder.field) else { continue };
        if path.is_empty() {
            continue;
        }
        let local = &holder.local;
        match &relation.kind {
            RelationKind::Tag { target, part, parts } => {
                let tag = relation::tag_of(layout, *target, Side::Read);
                let settled = match relation::in_tuple(*part, *parts) {
                    Some(place) => {
                        quote!(__private::settle_open_part(#local #(.#path)*, #tag, #place))
                    }
                    None => quote!(__private::settle_open(#local #(.#path)*, #tag)),
                };
                code.extend(quote!(#local #(.#path)* = #settled;));
            }
            _ => code.extend(quote!(#local #(.#path)* = __private::Auto::Derived;)),
        }
    }
    code
}

/// The value, out of the locals of its fields.
pub(crate) fn construct(layout: &Layout<'_>) -> TokenStream {
    match layout.variant {
        Some(variant) => {
            let name = &variant.name;
            construct_as(layout, &quote!(Self::#name))
        }
        None => construct_as(layout, &quote!(Self)),
    }
}

/// The value, by another path to its type.
pub(crate) fn construct_as(layout: &Layout<'_>, path: &TokenStream) -> TokenStream {
    let fields = layout.fields.list.iter().map(|field| {
        let (member, local) = (&field.member, &field.local);
        match member {
            Member::Named(name) if name == local && is_as_read(field) => quote!(#local),
            _ => {
                let value = field_value(layout, field);
                quote!(#member: #value)
            }
        }
    });
    quote!(#path { #(#fields),* })
}

/// It stands in the value as it was read.
fn is_as_read(field: &Field) -> bool {
    !field.auto && (field.optional || !matches!(field.kind, Kind::Nothing))
}

fn field_value(layout: &Layout<'_>, field: &Field) -> TokenStream {
    let local = &field.local;
    if is_as_read(field) {
        return quote!(#local);
    }
    if !field.auto {
        return quote!(());
    }
    let relation = layout.held_by(field.index).next();
    match relation.map(|relation| &relation.kind) {
        None => quote!(__private::Auto::Set(#local)),
        Some(RelationKind::Tag { target, part, parts }) if *parts > 1 => {
            let tag = relation::tag_of(layout, *target, Side::Read);
            let place = relation::in_tuple(*part, *parts);
            quote!(__private::settle_part(#local, #tag, #place))
        }
        Some(RelationKind::Tag { target, .. }) => match layout.fields.list.get(*target) {
            Some(target) if !target.optional && !matches!(target.kind, Kind::List { .. }) => {
                let value = &target.local;
                quote!(__private::settle_tag_of(#local, &#value))
            }
            _ => {
                let tag = relation::tag_of(layout, *target, Side::Read);
                quote!(__private::settle_tag(#local, #tag))
            }
        },
        Some(RelationKind::PlainLength { target }) => {
            let len = names::local("plain", *target);
            quote!(__private::settle_plain(#local, #len))
        }
        Some(RelationKind::Checksum { verify: Verify::Warn | Verify::Off, .. }) => {
            let sum = names::local("sum", field.index);
            quote!(__private::Auto::settle(#local, &#sum))
        }
        Some(_) => quote!(__private::Auto::Derived),
    }
}
