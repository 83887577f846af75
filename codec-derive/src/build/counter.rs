//! Varints, and the hidden integers before a value.

use proc_macro2::Span;
use syn::Path;

use crate::attribute::field::{CounterSyntax, StepSyntax};
use crate::diagnostics::Diagnostics;
use crate::model::{Counter, StepForm, VarintKind};
use crate::{keyword, literal, shape};

/// The forms that have a name.
const VARINTS: &[&str] = &["leb128", "vlq", "zigzag", "ber"];

/// The form that a key names; `width`: bits of what announces the steps.
pub(crate) fn form(
    syntax: &CounterSyntax,
    key: &str,
    width: u32,
    diagnostics: &mut Diagnostics,
) -> VarintKind {
    match syntax {
        CounterSyntax::Path(path) => {
            misspelt(path, key, diagnostics);
            varint(path)
        }
        CounterSyntax::Steps { span, list } => {
            VarintKind::Steps(steps(*span, list, width, diagnostics))
        }
    }
}

/// `steps(0xFD => u16, 0xFE => u32, 0xFF => u64)`: markers rise, and every value has one form.
fn steps(
    span: Span,
    list: &[StepSyntax],
    width: u32,
    diagnostics: &mut Diagnostics,
) -> Vec<StepForm> {
    let mut forms: Vec<StepForm> = Vec::new();
    let mut least = None;
    for step in list {
        let marker = literal::evaluate(&step.marker).and_then(|value| u64::try_from(value).ok());
        let Some(marker) = marker.filter(|marker| marker >> width == 0) else {
            let message = format!("a marker is a literal of {width} bits, such as `0xFD => u16`");
            diagnostics.error_at(&step.marker, message);
            continue;
        };
        if let Some(before) = forms.last().filter(|before| before.marker >= marker) {
            let message = format!("markers rise; write this step before {:#04x}", before.marker);
            diagnostics.error_at(&step.marker, message);
            continue;
        }
        let least = least.get_or_insert(marker);
        let Some(one) = step_form(step, marker, *least, diagnostics) else { continue };
        if one.bytes > 0 {
            *least = one.most().saturating_add(1);
        }
        forms.push(one);
    }
    if !forms.iter().any(|form| form.bytes > 0) && forms.len() == list.len() {
        let message = "no step goes on; write `steps(0xFD => u16, 0xFE => u32)`";
        diagnostics.error(span, message);
    }
    forms
}

fn step_form(
    step: &StepSyntax,
    marker: u64,
    least: u64,
    diagnostics: &mut Diagnostics,
) -> Option<StepForm> {
    let Some((ty, add)) = &step.form else {
        return Some(StepForm { marker, bytes: 0, add: 0, least });
    };
    let integer = shape::integer_of(ty).filter(|one| !one.signed && one.bytes <= 8);
    let Some(integer) = integer else {
        diagnostics.error_at(ty, "a step names an unsigned integer, such as `u16` or `u24`");
        return None;
    };
    let add = add
        .as_ref()
        .map_or(Some(0), |add| literal::evaluate(add).and_then(|value| u64::try_from(value).ok()));
    let form = StepForm { marker, bytes: integer.bytes, add: add.unwrap_or(0), least };
    let name = crate::check::text_of(ty);
    if form.add > least {
        let last = form.add - 1;
        let message = format!(
            "the values from {least} to {last} have no form; write `{name} + {least}`, or a step \
             before this one"
        );
        diagnostics.error_at(ty, message);
    } else if form.most() < least {
        let message = format!("every value up to {} is shorter already", form.most());
        diagnostics.error_at(ty, format!("{message}; write a wider integer"));
    }
    Some(form)
}

/// A misspelt form, or an integer of no whole bytes, looks like a module of the user's.
fn misspelt(path: &Path, key: &str, diagnostics: &mut Diagnostics) {
    let Some(name) = path.get_ident().map(ToString::to_string) else { return };
    if VARINTS.contains(&name.as_str()) || shape::integer_name(&name).is_some() {
        return;
    }
    let digits = name.strip_prefix(['u', 'i']).filter(|digits| !digits.is_empty());
    if digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit())) {
        let message = format!("`{name}` is no whole number of bytes; write `{key} = u16`");
        diagnostics.error_at(path, message);
    } else if let Some(near) = keyword::nearest(&name, VARINTS.iter().copied()) {
        let message = format!(
            "no varint is called `{name}`; did you mean `{near}`? A module of yours is a path, such \
             as `self::{name}`"
        );
        diagnostics.error_at(path, message);
    }
}

/// `leb128`, `vlq`, `zigzag`, `ber`, or a path.
fn varint(path: &Path) -> VarintKind {
    match path.get_ident().map(ToString::to_string).as_deref() {
        Some("leb128") => VarintKind::Leb128,
        Some("vlq") => VarintKind::Vlq,
        Some("zigzag") => VarintKind::Zigzag,
        Some("ber") => VarintKind::Ber,
        _ => VarintKind::Path(path.clone()),
    }
}

/// `prefix = u16 | leb128 | steps(..) | path`.
pub(crate) fn counter(syntax: &CounterSyntax, key: &str, diagnostics: &mut Diagnostics) -> Counter {
    let CounterSyntax::Path(path) = syntax else {
        return Counter::Varint(form(syntax, key, 8, diagnostics));
    };
    misspelt(path, key, diagnostics);
    match path.get_ident().and_then(|name| shape::integer_name(&name.to_string())) {
        Some(integer) => Counter::Integer(integer),
        None => Counter::Varint(varint(path)),
    }
}
