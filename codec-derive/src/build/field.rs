//! One field.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::spanned::Spanned;
use syn::{Expr, Index, Member, UnOp};

use crate::attribute::field::{CounterSyntax, FieldKeys};
use crate::attribute::{self, Given, value};
use crate::build::{absent, counter, kind};
use crate::diagnostics::Diagnostics;
use crate::model::{Bound, Field, Padding, Presence, Process, ProcessKind, Valid};
use crate::{literal, shape};

/// The field at `index`; its relations are left in `keys`.
pub(crate) fn build(
    index: usize,
    field: &syn::Field,
    keys: &mut FieldKeys,
    in_bitfield: bool,
    diagnostics: &mut Diagnostics,
) -> Field {
    let span = field.ident.as_ref().map_or_else(|| field.ty.span(), Ident::span);
    let (member, local) = name(index, field, span);
    let auto = shape::inside(&field.ty, "Auto");
    let optional = shape::inside(auto.unwrap_or(&field.ty), "Option");
    let inner = optional.or(auto).unwrap_or(&field.ty);
    let auto = auto.or_else(|| shape::inside(inner, "Auto"));
    let inner = shape::inside(inner, "Auto").unwrap_or(inner);
    let before = diagnostics.count();
    let kind = kind::decide(inner, keys, in_bitfield, diagnostics);
    let bound = bound(keys, diagnostics);
    if diagnostics.count() > before {
        keys.marks.spoil();
    }
    Field {
        index,
        member,
        local,
        ty: field.ty.clone(),
        inner: inner.clone(),
        auto: auto.is_some(),
        optional: optional.is_some(),
        doc: attribute::doc(&field.attrs),
        unit: taken(&mut keys.unit),
        hexadecimal: keys.display.is_some(),
        secret: keys.secret.is_some(),
        reserved: keys.reserved.is_some(),
        is_tag: keys.tag.is_some(),
        endian: taken(&mut keys.endian),
        kind,
        bound,
        fixed: taken(&mut keys.fixed),
        presence: presence(keys, optional.is_some(), diagnostics),
        gate: value::gate(keys.version.take(), keys.dialect.take(), None),
        select: taken(&mut keys.select),
        opaque_if: taken(&mut keys.opaque_if),
        split: taken(&mut keys.split),
        valid: taken(&mut keys.valid).map(valid),
        asserts: std::mem::take(&mut keys.asserts),
        process: process(keys),
        padding: Padding {
            before: number(keys.pad_before.take(), "pad_before", diagnostics),
            after: number(keys.pad_after.take(), "pad_after", diagnostics),
            align: number(keys.align.take(), "align", diagnostics),
        },
        max_count: taken(&mut keys.max_count),
        max_len: taken(&mut keys.max_len),
        arguments: taken(&mut keys.context).unwrap_or_default(),
        role: taken(&mut keys.role),
        each_keys: keys.each.take().map(|given| (given.span, given.value)),
        each: None,
        default: taken(&mut keys.default),
        span,
        marks: std::mem::take(&mut keys.marks),
    }
}

fn taken<T>(slot: &mut Option<Given<T>>) -> Option<T> {
    slot.take().map(|given| given.value)
}

fn name(index: usize, field: &syn::Field, span: Span) -> (Member, Ident) {
    match &field.ident {
        Some(name) => (Member::Named(name.clone()), name.clone()),
        None => {
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            let member = Member::Unnamed(Index { index: number, span });
            (member, format_ident!("_{index}", span = span))
        }
    }
}

fn presence(keys: &mut FieldKeys, optional: bool, diagnostics: &mut Diagnostics) -> Presence {
    if let Some(given) = keys.none.take() {
        return absent::read(&given, keys, diagnostics);
    }
    match keys.present_if.take().or_else(|| keys.when.take()) {
        Some(given) => Presence::If(given.value),
        None if keys.present_in.is_some() => Presence::In,
        None if optional => Presence::Gate,
        None => Presence::Always,
    }
}

fn process(keys: &mut FieldKeys) -> Option<Process> {
    let kind = match (taken(&mut keys.process), taken(&mut keys.mask)) {
        (Some((module, arguments)), _) => match module.is_ident("zlib") && arguments.is_empty() {
            true => ProcessKind::Zlib,
            false => ProcessKind::Path { module, arguments },
        },
        (None, Some(key)) => ProcessKind::Mask(key),
        (None, None) => return None,
    };
    Some(Process { kind, condition: taken(&mut keys.process_if) })
}

fn bound(keys: &mut FieldKeys, diagnostics: &mut Diagnostics) -> Bound {
    let terminated = keys.terminated.take();
    let mut counter = |given: Option<Given<CounterSyntax>>, key| {
        given.map(|given| counter::counter(&given.value, key, diagnostics))
    };
    let prefix = counter(keys.prefix.take(), "prefix");
    let count_prefix = counter(keys.count_prefix.take(), "count_prefix");
    Bound {
        prefix,
        count_prefix,
        size: taken(&mut keys.size),
        count: taken(&mut keys.count),
        until: taken(&mut keys.until),
        terminated: terminated.and_then(|given| diagnostics.keep(literal::bytes(&given.value))),
        rest: keys.rest.is_some(),
    }
}

/// A literal or a range of literals is a pattern; everything else is a condition.
fn valid(expr: Expr) -> Valid {
    if is_pattern(&expr) { Valid::Pattern(expr) } else { Valid::Condition(expr) }
}

fn is_pattern(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Range(_) => true,
        Expr::Unary(unary) => {
            matches!((&unary.op, &*unary.expr), (UnOp::Neg(_), Expr::Lit(_)))
        }
        Expr::Binary(binary) => {
            matches!(binary.op, syn::BinOp::BitOr(_))
                && is_pattern(&binary.left)
                && is_pattern(&binary.right)
        }
        _ => false,
    }
}

fn number(given: Option<Given<Expr>>, key: &str, diagnostics: &mut Diagnostics) -> Option<usize> {
    let given = given?;
    let value = literal::evaluate(&given.value).and_then(|value| usize::try_from(value).ok());
    match value {
        Some(value @ 1..=65_536) => Some(value),
        _ => {
            let message = format!("`{key}` is a number of bytes from 1 to 65536");
            diagnostics.error_at(&given.value, message);
            None
        }
    }
}
