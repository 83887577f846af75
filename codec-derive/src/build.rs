//! From the user's keys and types to the resolved model.
//!
//! Building goes on after an error with a harmless stand-in, so that all errors are found at once;
//! a model that was built with errors is never expanded.

mod absent;
mod bits;
mod counter;
mod each;
mod enums;
mod field;
mod fields;
mod frame;
mod kind;
mod relations;

pub(crate) use bits::count;

use proc_macro2::Ident;
use syn::{Attribute, Data, DeriveInput, Path, Type, parse_quote};

use crate::attribute::container::{self, Container};
use crate::attribute::value::Width;
use crate::attribute::{self, Given};
use crate::diagnostics::Diagnostics;
use crate::model::{BitOrder, Bitfield, Body, Declaration, Derive, Style};
use crate::{literal, shape};

/// The model of `input`; `None` when it cannot be one at all.
pub(crate) fn declaration(
    input: &DeriveInput,
    derive: Derive,
    diagnostics: &mut Diagnostics,
) -> Option<Declaration> {
    let is_enum = match &input.data {
        Data::Struct(_) => false,
        Data::Enum(_) => true,
        Data::Union(data) => {
            let message = "a union cannot be read safely; write an enum with tags";
            diagnostics.error_at(data.union_token, message);
            return None;
        }
    };
    let mut keys = container::read(&input.attrs, is_enum, diagnostics);
    let mut body = body(input, &mut keys, diagnostics);
    let facade = keys.facade.take().map_or_else(default_facade, |given| given.value);
    each::resolve(input, &facade, &mut body, diagnostics);
    let frame = frame::options(&mut keys, derive, &body, diagnostics);
    let magic = keys.magic.as_ref().and_then(|given| literal::kept(&given.value, diagnostics));
    Some(Declaration {
        derive,
        name: input.ident.clone(),
        visibility: input.vis.clone(),
        lifetime: input.generics.lifetimes().next().map(|parameter| parameter.lifetime.clone()),
        generics: input.generics.clone(),
        doc: attribute::doc(&input.attrs),
        facade,
        endian: keys.endian.map(|given| given.value),
        context: keys.context.map(|given| given.value).unwrap_or_default(),
        magic,
        asserts: keys.asserts,
        frame,
        view_of: keys.view_of.map(|given| given.value),
        secret: keys.secret.is_some(),
        each_of: None,
        marks: keys.marks,
        body,
    })
}

fn default_facade() -> Path {
    parse_quote!(::longlink)
}

fn body(input: &DeriveInput, keys: &mut Container, diagnostics: &mut Diagnostics) -> Body {
    let order = keys.bit_order.as_ref().map_or(BitOrder::Msb, |given| given.value);
    match &input.data {
        Data::Enum(data) => enums::body(data, repr(&input.attrs), order, keys, diagnostics),
        Data::Struct(data) => match bitfield_width(keys, diagnostics) {
            Some(bits) => Body::Bitfield(Bitfield {
                bits,
                flags: keys.flags.is_some(),
                fields: fields::of_bitfield(&data.fields, bits, order, diagnostics),
            }),
            None => Body::Struct(fields::of_struct(&data.fields, order, diagnostics)),
        },
        Data::Union(_) => Body::Struct(crate::model::Fields {
            style: Style::Unit,
            list: Vec::new(),
            runs: Vec::new(),
            relations: Vec::new(),
        }),
    }
}

/// `bitfield = u16`, `bitfield = 4`, `flags = u8`; zero where that is wrong.
fn bitfield_width(keys: &Container, diagnostics: &mut Diagnostics) -> Option<u32> {
    const FORM: &str = "a bitfield is `u8`, `u16`, `u32`, `u64` or a number of bits from 1 to 64";
    match (&keys.bitfield, &keys.flags) {
        (Some(Given { value: Width::Type(ty), .. }), _)
        | (None, Some(Given { value: Some(ty), .. })) => match shape::integer_of(ty) {
            Some(integer) if !integer.signed && integer.bytes <= 8 => {
                u32::try_from(integer.bytes * 8).ok()
            }
            _ => {
                diagnostics.error_at(ty, FORM);
                Some(0)
            }
        },
        (Some(Given { value: Width::Bits(bits), .. }), _) => {
            match literal::evaluate(bits).and_then(|bits| u32::try_from(bits).ok()) {
                Some(bits @ 1..=64) => Some(bits),
                _ => {
                    diagnostics.error_at(bits, FORM);
                    Some(0)
                }
            }
        }
        (None, Some(Given { span, value: None })) => {
            diagnostics.error(*span, "`flags` needs a width; write `flags = u8`");
            Some(0)
        }
        (None, None) => None,
    }
}

/// The integer type in `#[repr(..)]`, if there is one.
fn repr(attributes: &[Attribute]) -> Option<Type> {
    let mut found = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        // Whatever else is wrong in a `repr`, rustc says it.
        let _ = attribute.parse_nested_meta(|meta| {
            if let Some(name) = meta.path.get_ident()
                && shape::integer_name(&name.to_string()).is_some()
            {
                found = Some(type_of(name));
            }
            Ok(())
        });
    }
    found
}

fn type_of(name: &Ident) -> Type {
    parse_quote!(#name)
}
