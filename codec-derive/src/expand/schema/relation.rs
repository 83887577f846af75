//! `Relation`: what one field says about others.

use proc_macro2::{Literal as Token, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use super::text;
use crate::model::{Algorithm, Edge, FieldSpan, Fields, Place, Relation, RelationKind, Verify};

/// `.relations(&[..])`, or nothing.
pub(super) fn list(fields: &Fields) -> TokenStream {
    if fields.relations.is_empty() {
        return TokenStream::new();
    }
    let list = fields.relations.iter().map(constant);
    quote!(.relations(&[#(#list),*]))
}

fn constant(relation: &Relation) -> TokenStream {
    let Place { field, path, .. } = &relation.holder;
    let (field, kind) = (number(*field), kind(&relation.kind));
    let at = (!path.is_empty()).then(|| {
        let names = path.iter().map(Ident::to_string);
        quote!(.at(&[#(#names),*]))
    });
    quote!(__s::Relation::new(#field, #kind) #at)
}

fn kind(kind: &RelationKind) -> TokenStream {
    match kind {
        RelationKind::Length { over, bias, unit } => {
            let (over, unit) = (span(*over), Token::u64_unsuffixed(*unit));
            quote!(__s::RelationKind::Length { over: #over, bias: #bias, unit: #unit })
        }
        RelationKind::Count { list } => {
            let list = number(*list);
            quote!(__s::RelationKind::Count(#list))
        }
        RelationKind::PlainLength { target } => {
            let target = number(*target);
            quote!(__s::RelationKind::PlainLength(#target))
        }
        RelationKind::Tag { target, .. } => {
            let target = number(*target);
            quote!(__s::RelationKind::Tag(#target))
        }
        RelationKind::Present { target } => {
            let target = number(*target);
            quote!(__s::RelationKind::Present(#target))
        }
        RelationKind::Checksum { algorithm, over, verify } => {
            let (name, compute) = checksum(algorithm);
            let over = span(*over);
            let verify = match verify {
                Verify::Strict => quote!(Strict),
                Verify::Warn => quote!(Warn),
                Verify::Off => quote!(Off),
            };
            quote! {
                __s::RelationKind::Checksum {
                    algorithm: #name,
                    over: #over,
                    verify: __s::Verify::#verify,
                    compute: ::core::option::Option::Some(#compute),
                }
            }
        }
    }
}

/// The name of an algorithm, and a closure that computes it. A CRC is computed bit by bit here:
/// the tables are for the parser, explaining takes its time.
fn checksum(algorithm: &Algorithm) -> (String, TokenStream) {
    match algorithm {
        Algorithm::Simple(name) => {
            let function = format_ident!("{name}");
            let compute = quote! {
                |__span, __endian| ::core::convert::From::from(__private::#function(__span, __endian))
            };
            ((*name).to_owned(), compute)
        }
        Algorithm::Crc { constant, bits } => {
            let name = constant.to_lowercase();
            let constant = format_ident!("{constant}");
            let width = format_ident!("u{}", bits.next_power_of_two().clamp(8, 128));
            let compute = quote! {
                |__span, _| __s::checksum_value(
                    __private::catalogue::Crc::<#width, __private::catalogue::NoTable>::new(
                        &__private::catalogue::#constant,
                    )
                    .checksum(__span),
                )
            };
            (name, compute)
        }
        Algorithm::Path(path) => {
            let compute = quote!(|__span, _| __s::checksum_value(#path(__span)));
            (text::of(path), compute)
        }
    }
}

fn span(span: FieldSpan) -> TokenStream {
    match (span.start, span.end) {
        (Edge::Type, Edge::Type) => quote!(__s::Span::ALL),
        (Edge::Before(first), Edge::After(last)) if first == last => {
            let field = number(first);
            quote!(__s::Span::field(#field))
        }
        (Edge::Type, Edge::Before(field)) => {
            let field = number(field);
            quote!(__s::Span::until(#field))
        }
        (start, end) => {
            let (start, end) = (edge(start), edge(end));
            quote!(__s::Span::new(#start, #end))
        }
    }
}

fn edge(edge: Edge) -> TokenStream {
    match edge {
        Edge::Type => quote!(__s::Edge::Type),
        Edge::Before(field) => {
            let field = number(field);
            quote!(__s::Edge::Before(#field))
        }
        Edge::After(field) => {
            let field = number(field);
            quote!(__s::Edge::After(#field))
        }
    }
}

/// A field's number. Nobody declares more than 65,535 fields; the model refuses them.
pub(super) fn number(index: usize) -> Token {
    Token::u16_unsuffixed(u16::try_from(index).unwrap_or(u16::MAX))
}
