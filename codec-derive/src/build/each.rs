//! `each(..)`: the elements of a list, the parts of a tuple, or the inside of an `Option` get a
//! hidden type of their own, whose fields have these keys.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::{DeriveInput, Generics, Path, Type, Visibility, parse_quote};

use crate::build::fields;
use crate::diagnostics::Diagnostics;
use crate::expand;
use crate::model::{Body, Declaration, Derive, Each, Field, Fields, Kind, Marks};
use crate::shape;

/// Keys that say what one element looks like, and where it ends.
const KEYS: &[&str] = &[
    "align",
    "as",
    "assert",
    "bcd",
    "count",
    "count_prefix",
    "decimal",
    "display",
    "each",
    "encoding",
    "endian",
    "flags",
    "lossy",
    "map",
    "max_bytes",
    "max_count",
    "max_len",
    "none",
    "offset",
    "overlong",
    "pad",
    "pad_after",
    "pad_before",
    "prefix",
    "process",
    "rest",
    "scale",
    "secret",
    "size",
    "terminated",
    "timestamp",
    "trim",
    "unit",
    "until",
    "valid",
    "varint",
    "with",
];

/// Builds the hidden types of all fields.
pub(crate) fn resolve(
    input: &DeriveInput,
    facade: &Path,
    body: &mut Body,
    diagnostics: &mut Diagnostics,
) {
    match body {
        Body::Struct(fields) => all(input, facade, None, fields, diagnostics),
        Body::Enum(data) => {
            for variant in &mut data.variants {
                let name = variant.name.clone();
                all(input, facade, Some(&name), &mut variant.fields, diagnostics);
            }
        }
        Body::Bitfield(bits) => {
            for (span, _) in bits.fields.list.iter_mut().filter_map(|one| one.each_keys.take()) {
                diagnostics.error(span, "bits have no elements; remove `each`");
            }
        }
        Body::Number(_) => {}
    }
}

fn all(
    input: &DeriveInput,
    facade: &Path,
    variant: Option<&Ident>,
    fields: &mut Fields,
    diagnostics: &mut Diagnostics,
) {
    for field in &mut fields.list {
        let Some((span, tokens)) = field.each_keys.take() else { continue };
        let suffix = variant.map(ToString::to_string).unwrap_or_default();
        let name = format_ident!("__{}{suffix}Each{}", input.ident, field.index, span = span);
        let path = match variant {
            Some(variant) => format!("{}.{variant}.{}", input.ident, field.name()),
            None => format!("{}.{}", input.ident, field.name()),
        };
        one(input, facade, (name, path), field, (span, &tokens), diagnostics);
    }
}

fn one(
    input: &DeriveInput,
    facade: &Path,
    (name, path): (Ident, String),
    field: &mut Field,
    (span, tokens): (Span, &TokenStream),
    diagnostics: &mut Diagnostics,
) {
    let of = match &field.kind {
        Kind::List { item } => item.clone(),
        _ => field.inner.clone(),
    };
    let list = matches!(field.kind, Kind::List { .. });
    let is_tuple = matches!(&of, Type::Tuple(tuple) if !tuple.elems.is_empty());
    if let Some(message) = misfit(field, list, is_tuple) {
        field.marks.spoil();
        return diagnostics.error(span, message);
    }
    let generics = used(&input.generics, &of);
    let item: syn::ItemStruct = match &of {
        Type::Tuple(tuple) if is_tuple => {
            let parts = tuple.elems.iter();
            parse_quote!(struct #name (#(#parts),*);)
        }
        _ => parse_quote!(struct #name (#of);),
    };
    let before = diagnostics.count();
    let mut inside = fields::of_each(&item.fields, tokens, diagnostics);
    for part in &mut inside.list {
        part.local = match is_tuple {
            true => format_ident!("__each_{}", part.index),
            false => format_ident!("__each"),
        };
    }
    if diagnostics.count() > before {
        field.marks.spoil();
    }
    let mut body = Body::Struct(inside);
    let hidden = input_of(&name, &generics, item);
    resolve(&hidden, facade, &mut body, diagnostics);
    let (_, arguments, _) = generics.split_for_impl();
    let ty: Type = parse_quote!(#name #arguments);
    if list {
        field.kind = Kind::List { item: ty };
    } else {
        field.kind = Kind::Nested;
        field.inner = ty;
    }
    let declaration = declared(name, generics, facade, path, body);
    field.each = Some(Box::new(Each { declaration, of, is_tuple }));
}

/// What has no elements, or none that can be told apart.
fn misfit(field: &Field, list: bool, is_tuple: bool) -> Option<String> {
    let bytes = matches!(shape::of(&field.inner), shape::Shape::VecOfBytes);
    if bytes || !(list || is_tuple || field.optional) {
        let ty = crate::check::text_of(&field.inner);
        return Some(format!(
            "`each` fits a list (`Vec<T>`), a tuple or an `Option`, not `{ty}`; write its keys on \
             the field itself"
        ));
    }
    let message = "`until` looks at elements of a declared type; wrap the element in a struct \
                   instead of `each`";
    field.bound.until.is_some().then(|| message.to_owned())
}

/// The hidden type as a user would write it.
fn input_of(name: &Ident, generics: &Generics, item: syn::ItemStruct) -> DeriveInput {
    DeriveInput {
        attrs: Vec::new(),
        vis: Visibility::Inherited,
        ident: name.clone(),
        generics: generics.clone(),
        data: syn::Data::Struct(syn::DataStruct {
            struct_token: item.struct_token,
            fields: item.fields,
            semi_token: item.semi_token,
        }),
    }
}

fn declared(
    name: Ident,
    generics: Generics,
    facade: &Path,
    path: String,
    body: Body,
) -> Declaration {
    Declaration {
        derive: Derive::Wire,
        name,
        visibility: Visibility::Inherited,
        lifetime: generics.lifetimes().next().map(|parameter| parameter.lifetime.clone()),
        generics,
        doc: String::new(),
        facade: facade.clone(),
        endian: None,
        context: Vec::new(),
        magic: None,
        asserts: Vec::new(),
        frame: None,
        view_of: None,
        secret: false,
        each_of: Some(path),
        marks: Marks::default(),
        body,
    }
}

/// Keys that relate fields to each other say nothing of one element.
pub(crate) fn judge(marks: &Marks, diagnostics: &mut Diagnostics) {
    for (key, span) in marks.iter().filter(|(key, _)| !KEYS.contains(key)) {
        let message = format!(
            "`{key}` does not belong in `each`, which says what one element looks like; write it \
             on the field, or wrap the element in a struct"
        );
        diagnostics.error(span, message);
    }
}

/// The parameters that a type names.
fn used(generics: &Generics, ty: &Type) -> Generics {
    let names = expand::expression::identifiers(ty.to_token_stream());
    let lifetimes = lifetimes(ty);
    let mut generics = generics.clone();
    generics.where_clause = None;
    generics.params = generics
        .params
        .into_iter()
        .filter(|parameter| match parameter {
            syn::GenericParam::Lifetime(one) => lifetimes.contains(&one.lifetime.ident.to_string()),
            syn::GenericParam::Type(one) => names.contains(&one.ident.to_string()),
            syn::GenericParam::Const(one) => names.contains(&one.ident.to_string()),
        })
        .collect();
    generics
}

fn lifetimes(ty: &Type) -> Vec<String> {
    #[derive(Default)]
    struct Finder(Vec<String>);
    impl<'ast> syn::visit::Visit<'ast> for Finder {
        fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
            self.0.push(lifetime.ident.to_string());
        }
    }
    let mut finder = Finder::default();
    syn::visit::Visit::visit_type(&mut finder, ty);
    finder.0
}
