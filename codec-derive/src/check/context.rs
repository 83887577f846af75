//! Context: what a type declares, what a use hands down, what gates need.

use crate::check::{Layout, Owner};
use crate::diagnostics::Diagnostics;
use crate::model::{Body, Declaration, Gate};

/// `ctx(key: Key)` on the type.
pub(super) fn of_type(declaration: &Declaration, diagnostics: &mut Diagnostics) {
    let mut before: Option<String> = None;
    for parameter in &declaration.context {
        let name = parameter.name.to_string();
        if before.as_deref() == Some(&name) {
            diagnostics
                .error(parameter.name.span(), format!("`{name}` is given twice; write it once"));
        }
        if name == "left" {
            let message = "`left` is the number of bytes left; choose another name";
            diagnostics.error(parameter.name.span(), message);
        }
        before = Some(name);
    }
    if let Body::Bitfield(_) | Body::Number(_) = declaration.body
        && let Some(span) = declaration.marks.at("ctx")
    {
        diagnostics.error(span, "a number has no context; remove `ctx`");
    }
}

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    shadows(layout, diagnostics);
    twice(layout, diagnostics);
    if let Owner::Variant(_, variant) = layout.owner
        && let Some(gate) = &variant.gate
    {
        let at = |key: &str| variant.marks.at(key).unwrap_or_else(|| variant.name.span());
        gated(layout.declaration, gate, at, diagnostics);
    }
    for field in &layout.fields.list {
        if let Some(gate) = &field.gate {
            gated(layout.declaration, gate, |key: &str| field.at(key), diagnostics);
        }
    }
}

/// A field and a context of one name could not be told apart.
fn shadows(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for field in &layout.fields.list {
        let name = field.name();
        if layout.declaration.context.iter().any(|parameter| parameter.name == name) {
            let message = format!("the context is called `{name}` too; rename one of them");
            diagnostics.error(field.span, message);
        }
    }
}

fn twice(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for field in &layout.fields.list {
        for (left, right) in field.arguments.iter().zip(field.arguments.iter().skip(1)) {
            if left.name == right.name {
                let message = format!("`{}` is given twice; write it once", right.name);
                diagnostics.error(right.name.span(), message);
            }
        }
    }
}

/// A gate compares with the context of its name.
fn gated(
    declaration: &Declaration,
    gate: &Gate,
    at: impl Fn(&str) -> proc_macro2::Span,
    diagnostics: &mut Diagnostics,
) {
    let mut need = |key: &str, ty: &str| {
        if !declaration.context.iter().any(|parameter| parameter.name == key)
            && !declaration.marks.is_spoiled()
        {
            let name = &declaration.name;
            let message = format!(
                "`{key}` compares with the context `{key}`, which `{name}` does not declare; write \
                 `#[wire(ctx({key}: {ty}))]` on it"
            );
            diagnostics.error(at(key), message);
        }
    };
    if gate.version.is_some() {
        need("version", "u16");
    }
    if !gate.dialect.is_empty() {
        need("dialect", "Dialect");
    }
}
