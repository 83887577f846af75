//! The fields of a struct, a variant or a bitfield.

use syn::ext::IdentExt;

use crate::attribute::field::{self as attribute, FieldKeys};
use crate::build::{bits, each, field, relations};
use crate::diagnostics::Diagnostics;
use crate::model::{BitOrder, Fields, Style};

/// The fields of a struct or a variant; `order` holds for all bit runs without their own.
pub(crate) fn of_struct(
    fields: &syn::Fields,
    order: BitOrder,
    diagnostics: &mut Diagnostics,
) -> Fields {
    let (mut list, mut keys) = read(fields, false, diagnostics);
    let runs = bits::runs(&mut list, &keys, order, diagnostics);
    let names = Names::of(fields);
    let relations = relations::build(&mut list, &mut keys, &names, diagnostics);
    Fields { style: style(fields), list, runs, relations }
}

/// The fields of a bitfield of `bits` bits, which are one run.
pub(crate) fn of_bitfield(
    fields: &syn::Fields,
    bits: u32,
    order: BitOrder,
    diagnostics: &mut Diagnostics,
) -> Fields {
    let (mut list, mut keys) = read(fields, true, diagnostics);
    bits::unstepped(&list, diagnostics);
    let runs = bits::whole(&mut list, &keys, bits, order, diagnostics);
    let names = Names::of(fields);
    let relations = relations::build(&mut list, &mut keys, &names, diagnostics);
    Fields { style: style(fields), list, runs, relations }
}

fn read(
    fields: &syn::Fields,
    in_bitfield: bool,
    diagnostics: &mut Diagnostics,
) -> (Vec<crate::model::Field>, Vec<Box<FieldKeys>>) {
    let count = fields.len();
    let (mut list, mut all) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for (index, field) in fields.iter().enumerate() {
        let mut keys = attribute::read(&field.attrs, diagnostics);
        list.push(field::build(index, field, &mut keys, in_bitfield, diagnostics));
        all.push(keys);
    }
    (list, all)
}

/// The fields of a type that `each(..)` stands for, all with the same keys.
pub(crate) fn of_each(
    fields: &syn::Fields,
    tokens: &proc_macro2::TokenStream,
    diagnostics: &mut Diagnostics,
) -> Fields {
    let mut list = Vec::with_capacity(fields.len());
    for (index, field) in fields.iter().enumerate() {
        let mut keys = Box::<FieldKeys>::default();
        // What is wrong with the keys is wrong with them once.
        let mut again = Diagnostics::default();
        let told = if index == 0 { &mut *diagnostics } else { &mut again };
        crate::attribute::read_inside(tokens.clone(), &mut *keys, told);
        each::judge(&keys.marks, told);
        list.push(field::build(index, field, &mut keys, false, told));
    }
    Fields { style: Style::Tuple, list, runs: Vec::new(), relations: Vec::new() }
}

fn style(fields: &syn::Fields) -> Style {
    match fields {
        syn::Fields::Named(_) => Style::Named,
        syn::Fields::Unnamed(_) => Style::Tuple,
        syn::Fields::Unit => Style::Unit,
    }
}

/// The names by which fields are referred to: identifiers without `r#`, or indices.
pub(crate) struct Names(Vec<String>);

impl Names {
    fn of(fields: &syn::Fields) -> Self {
        let name = |(index, field): (usize, &syn::Field)| match &field.ident {
            Some(name) => name.unraw().to_string(),
            None => index.to_string(),
        };
        Self(fields.iter().enumerate().map(name).collect())
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|known| known == name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
