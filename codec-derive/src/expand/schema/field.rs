//! `Field`: one field with all that it states.

use proc_macro2::{Literal as Token, TokenStream};
use quote::{format_ident, quote};
use syn::{Expr, ExprLit, Lit, Member};

use super::{doc, endian, layout, text};
use crate::model::{
    Absence, Assert, Bound, Field, FieldRole, Gate, Padding, Presence, ProcessKind, Role, Valid,
};

/// The constant of one field; `place` is its run's bytes, its shift and its width, for bits.
pub(super) fn constant(field: &Field, place: Option<(usize, u32, u32)>) -> TokenStream {
    let name = match &field.member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    };
    let name = name.trim_start_matches("r#");
    let layout = layout::constant(field, place);
    let mut constant = quote!(__Field::new(#name, #layout));
    let role = field.role.as_ref().map(role).unwrap_or_default();
    let more = [looks(field), bounds(field), conditions(field), padding(&field.padding), role];
    constant.extend(more.into_iter().filter(|more| !more.is_empty()));
    constant
}

/// What a reader is told about it.
fn looks(field: &Field) -> TokenStream {
    let doc = doc(&field.doc);
    let unit = field.unit.as_ref().map(|unit| quote!(.unit(#unit)));
    let hexadecimal = field.hexadecimal.then(|| quote!(.hexadecimal()));
    let secret = field.secret.then(|| quote!(.secret()));
    let reserved = field.reserved.then(|| quote!(.reserved()));
    let tag = field.is_tag.then(|| quote!(.tag()));
    let derived = field.auto.then(|| quote!(.derived()));
    let endian = endian(field.endian.as_ref());
    quote!(#doc #unit #hexadecimal #secret #reserved #tag #derived #endian)
}

fn bounds(field: &Field) -> TokenStream {
    let Bound { prefix, count_prefix, size, count, until, terminated, rest } = &field.bound;
    let mut list = Vec::new();
    if let Some(prefix) = prefix {
        let counter = layout::counter(prefix);
        list.push(quote!(__s::Bound::Prefix(#counter)));
    }
    if let Some(prefix) = count_prefix {
        let counter = layout::counter(prefix);
        list.push(quote!(__s::Bound::CountPrefix(#counter)));
    }
    let amounts = [
        (size, "Size"),
        (count, "Count"),
        (&field.max_count, "MaxCount"),
        (&field.max_len, "MaxLen"),
    ];
    for (expression, name) in amounts {
        if let Some(expression) = expression {
            let (amount, name) = (amount(expression), format_ident!("{name}"));
            list.push(quote!(__s::Bound::#name(#amount)));
        }
    }
    if let Some(until) = until {
        let until = text::of(until);
        list.push(quote!(__s::Bound::Until(#until)));
    }
    if let Some(terminator) = terminated {
        let terminator = layout::bytes(terminator);
        list.push(quote!(__s::Bound::Terminated(#terminator)));
    }
    if *rest {
        list.push(quote!(__s::Bound::Rest));
    }
    if list.is_empty() { TokenStream::new() } else { quote!(.bounds(&[#(#list),*])) }
}

fn amount(expression: &Expr) -> TokenStream {
    if let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = expression
        && let Ok(number) = number.base10_parse::<u64>()
    {
        let number = Token::u64_unsuffixed(number);
        return quote!(__s::Amount::Fixed(#number));
    }
    let text = text::of(expression);
    quote!(__s::Amount::Expression(#text))
}

fn conditions(field: &Field) -> TokenStream {
    let presence = match &field.presence {
        Presence::Always => TokenStream::new(),
        Presence::If(condition) => {
            let condition = text::of(condition);
            quote!(.presence(__s::Presence::If(#condition)))
        }
        Presence::In => quote!(.presence(__s::Presence::In)),
        Presence::Gate => quote!(.presence(__s::Presence::Gate)),
        Presence::Absent(absent) => {
            let (place, value) = (absence(absent.place), Token::i128_unsuffixed(absent.value));
            quote!(.presence(__s::Presence::#place(#value)))
        }
    };
    let gate = gate(field.gate.as_ref());
    let fixed = text_option("fixed", field.fixed.as_ref());
    let valid = match &field.valid {
        None => TokenStream::new(),
        Some(Valid::Pattern(expression) | Valid::Condition(expression)) => {
            text_option("valid", Some(expression))
        }
    };
    let asserts = asserts(&field.asserts);
    let process = field.process.as_ref().map(|process| {
        let name = match &process.kind {
            ProcessKind::Zlib => String::from("zlib"),
            ProcessKind::Path { module, .. } => text::of(module),
            ProcessKind::Mask(key) => format!("mask {}", text::of(key)),
        };
        let condition = text_option("process_if", process.condition.as_ref());
        quote!(.process(#name) #condition)
    });
    let select = text_option("select", field.select.as_ref());
    let opaque = text_option("opaque_if", field.opaque_if.as_ref());
    let split = field.split.as_ref().map(|split| {
        let (place, limit) = (split.place.to_string(), text::of(&split.limit));
        quote!(.split(#place, #limit))
    });
    let process = process.unwrap_or_default();
    let split = split.unwrap_or_default();
    let all = [presence, gate, fixed, valid, asserts, process, select, opaque, split];
    all.into_iter().filter(|one| !one.is_empty()).collect()
}

/// Where what stands for `None` is.
fn absence(place: Absence) -> TokenStream {
    match place {
        Absence::Value => quote!(NoneIs),
        Absence::Prefix => quote!(NonePrefix),
        Absence::Held(_) => quote!(NoneHeld),
    }
}

fn text_option(method: &str, expression: Option<&Expr>) -> TokenStream {
    match expression {
        None => TokenStream::new(),
        Some(expression) => {
            let (text, method) = (text::of(expression), format_ident!("{method}"));
            quote!(.#method(#text))
        }
    }
}

/// `.asserts(&[..])`, or nothing. The message stands for its condition where there is one.
pub(super) fn asserts(asserts: &[Assert]) -> TokenStream {
    if asserts.is_empty() {
        return TokenStream::new();
    }
    let texts = asserts.iter().map(|assert| match &assert.message {
        Some(message) => message.clone(),
        None => text::of(&assert.condition),
    });
    quote!(.asserts(&[#(#texts),*]))
}

/// `.gate(..)`, or nothing.
pub(super) fn gate(gate: Option<&Gate>) -> TokenStream {
    let Some(gate) = gate else {
        return TokenStream::new();
    };
    let version = gate.version.as_ref().map(text::of).unwrap_or_default();
    let dialect = gate.dialect.iter().map(text::of).collect::<Vec<_>>().join(" | ");
    let when = gate.when.as_ref().map(text::of).unwrap_or_default();
    quote!(.gate(__s::Gate { version: #version, dialect: #dialect, when: #when }))
}

fn padding(padding: &Padding) -> TokenStream {
    let Padding { before, after, align } = padding;
    if before.is_none() && after.is_none() && align.is_none() {
        return TokenStream::new();
    }
    let [before, after, align] = [before, after, align]
        .map(|len| Token::u16_unsuffixed(u16::try_from(len.unwrap_or(0)).unwrap_or(u16::MAX)));
    quote!(.padding(#before, #after, #align))
}

fn role(role: &Role) -> TokenStream {
    let role = match role {
        Role::One(FieldRole::Sequence) => quote!(Sequence),
        Role::One(FieldRole::Acknowledges) => quote!(Acknowledges),
        Role::One(FieldRole::RepliesTo) => quote!(RepliesTo),
        Role::One(FieldRole::FragmentIndex) => quote!(FragmentIndex),
        Role::One(FieldRole::FragmentTotal) => quote!(FragmentTotal),
        Role::One(FieldRole::FragmentMore) => quote!(FragmentMore),
        Role::One(FieldRole::FragmentLast) => quote!(FragmentLast),
        Role::Choice(expression) => {
            let text = text::of(expression);
            quote!(Choice(#text))
        }
    };
    quote!(.role(__s::FieldRole::#role))
}
