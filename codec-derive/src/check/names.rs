//! Expressions use earlier fields and the context, nothing else.

use proc_macro2::Ident;
use syn::Expr;
use syn::ext::IdentExt;

use crate::check::expression::free_names;
use crate::check::{Layout, Owner};
use crate::diagnostics::Diagnostics;
use crate::keyword;
use crate::model::{
    Assert, Body, Declaration, Endian, Field, Fields, Kind, Presence, Process, ProcessKind, Role,
    TagSource, Valid,
};

const ORDERS: &[&str] = &["big", "little"];

/// The expressions that stand on the type.
pub(super) fn of_type(declaration: &Declaration, diagnostics: &mut Diagnostics) {
    let names = Known::of_context(declaration);
    if let Some(Endian::Expression(expr)) = &declaration.endian {
        names.with_words(ORDERS).judge(expr, diagnostics);
    }
    if let Body::Enum(data) = &declaration.body
        && let TagSource::Of(expr) = &data.source
    {
        names.judge(expr, diagnostics);
    }
    if let Some(frame) = &declaration.frame {
        let longest = frame.max_frame_length.as_ref();
        if let (Some(expr), true) = (longest, frame.at_most.is_some()) {
            names.judge(expr, diagnostics);
        }
        let longest = longest.filter(|_| frame.at_most.is_none());
        let others = [frame.at_most.as_ref(), frame.min_frame_length.as_ref()];
        for expr in longest.into_iter().chain(others.into_iter().flatten()) {
            Known::constant().judge(expr, diagnostics);
        }
    }
    if declaration.asserts.is_empty() {
        return;
    }
    let names = match &declaration.body {
        Body::Struct(fields) => names.with_fields(fields, fields.list.len()),
        Body::Bitfield(bits) => names.with_fields(&bits.fields, bits.fields.list.len()),
        Body::Enum(_) | Body::Number(_) => names,
    };
    asserts(&declaration.asserts, &names, diagnostics);
}

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    let context = Known::of_context(layout.declaration);
    if let Owner::Variant(_, variant) = layout.owner {
        let all = context.with_fields(layout.fields, layout.fields.list.len());
        asserts(&variant.asserts, &all, diagnostics);
        if let Some(when) = variant.gate.as_ref().and_then(|gate| gate.when.as_ref()) {
            context.judge(when, diagnostics);
        }
        if let Some(Endian::Expression(expr)) = &variant.endian {
            context.with_words(ORDERS).judge(expr, diagnostics);
        }
    }
    for field in &layout.fields.list {
        of_field(layout, field, diagnostics);
        hidden(layout, field, diagnostics);
    }
}

/// A field hides the function of the same name from `map`.
fn hidden(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    let Kind::Map { read, write, .. } = &field.kind else { return };
    for expr in [read, write] {
        if let Expr::Path(path) = expr
            && let Some(word) = path.path.get_ident()
            && layout.fields.list.iter().any(|one| one.local == *word)
        {
            let message =
                format!("the field `{word}` hides the function `{word}`; write `self::{word}`");
            diagnostics.error_at(word, message);
        }
    }
}

fn of_field(layout: &Layout<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    let before = before(field);
    if before.is_empty() && is_plain(field) {
        return;
    }
    let context = Known::of_context(layout.declaration);
    let earlier = context.with_fields(layout.fields, field.index);
    for expr in before {
        earlier.judge(expr, diagnostics);
    }
    if let Presence::If(expr) = &field.presence {
        earlier.with_words(&["next"]).judge(expr, diagnostics);
    }
    if let Some(expr) = field.kind.encoding() {
        earlier.with_words(&["none"]).judge(expr, diagnostics);
    }
    let own = context.with_fields(layout.fields, field.index + 1);
    if let Some(Valid::Condition(expr) | Valid::Pattern(expr)) = &field.valid {
        own.judge(expr, diagnostics);
    }
    asserts(&field.asserts, &own, diagnostics);
    if let Some(Endian::Expression(expr)) = &field.endian {
        earlier.with_words(ORDERS).judge(expr, diagnostics);
    }
    if let Some(Role::Choice(expr)) = &field.role {
        let words = super::role::words(expr);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        // The whole value is known when it is asked for.
        let all = context.with_fields(layout.fields, layout.fields.list.len());
        all.with_words(&words).judge(expr, diagnostics);
    }
}

/// No other expression either, which is so for most fields.
fn is_plain(field: &Field) -> bool {
    field.valid.is_none()
        && field.kind.encoding().is_none()
        && !matches!(field.presence, Presence::If(_))
        && field.asserts.is_empty()
        && !matches!(field.endian, Some(Endian::Expression(_)))
        && !matches!(field.role, Some(Role::Choice(_)))
}

/// The expressions that are evaluated before the field is read.
fn before(field: &Field) -> Vec<&Expr> {
    let bound = &field.bound;
    let mut list: Vec<&Expr> = [
        &bound.size,
        &bound.count,
        &bound.until,
        &field.max_count,
        &field.max_len,
        &field.select,
        &field.opaque_if,
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Kind::Scaled { scale, offset, .. } = &field.kind {
        list.push(scale);
        list.extend(offset);
    }
    if let Some(Process { kind, condition }) = &field.process {
        match kind {
            ProcessKind::Path { arguments, .. } => list.extend(arguments),
            ProcessKind::Mask(key) => list.push(key),
            ProcessKind::Zlib => {}
        }
        list.extend(condition);
    }
    list.extend(field.arguments.iter().map(|argument| &argument.value));
    list.extend(field.gate.iter().filter_map(|gate| gate.version.as_ref()));
    list
}

fn asserts(asserts: &[Assert], names: &Known, diagnostics: &mut Diagnostics) {
    for assert in asserts {
        names.judge(&assert.condition, diagnostics);
    }
}

/// What an expression may name.
#[derive(Clone, Default)]
struct Known {
    names: Vec<String>,
    /// Fields that are not read yet.
    later: Vec<String>,
    /// The expression is a constant of the type.
    constant: bool,
}

impl Known {
    fn constant() -> Self {
        Self { constant: true, ..Self::default() }
    }

    fn of_context(declaration: &Declaration) -> Self {
        let mut names = vec!["left".to_owned()];
        names.extend(declaration.context.iter().map(|one| one.name.unraw().to_string()));
        Self { names, ..Self::default() }
    }

    /// The first `count` fields are read, the others are not.
    fn with_fields(&self, fields: &Fields, count: usize) -> Self {
        let mut known = self.clone();
        let name = |field: &Field| field.local.unraw().to_string();
        known.names.extend(fields.list.iter().take(count).map(name));
        known.later.extend(fields.list.iter().skip(count).map(name));
        known
    }

    fn with_words(&self, words: &[&str]) -> Self {
        let mut known = self.clone();
        known.names.extend(words.iter().map(|word| (*word).to_owned()));
        known
    }

    fn judge(&self, expr: &Expr, diagnostics: &mut Diagnostics) {
        let mut told: Vec<Ident> = Vec::new();
        for name in free_names(expr) {
            let text = name.unraw().to_string();
            if self.names.contains(&text) || told.contains(&name) {
                continue;
            }
            diagnostics.error(name.span(), self.message(&text));
            told.push(name);
        }
    }

    fn message(&self, text: &str) -> String {
        if self.constant {
            return format!("`{text}` is not known before the first byte; write a constant");
        }
        if text == "self" {
            return "fields stand by their names; leave `self` out".to_owned();
        }
        if self.later.iter().any(|later| later == text) {
            return format!("`{text}` is not read yet; only the fields before this one are known");
        }
        let near = keyword::nearest(text, self.names.iter().map(String::as_str));
        match near {
            Some(near) => format!("nothing is called `{text}` here; did you mean `{near}`?"),
            None => format!(
                "nothing is called `{text}` here; write an earlier field, `left`, or a name that \
                 the type declares with `ctx({text}: ..)`"
            ),
        }
    }
}
