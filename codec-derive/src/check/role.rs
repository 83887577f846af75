//! Roles: on integers, one of each on a path.

use syn::{Block, Expr, Stmt};

use crate::check::Layout;
use crate::diagnostics::Diagnostics;
use crate::keyword;
use crate::model::{Field, FieldRole, Kind, Role};
use crate::shape::{self, Shape};

/// The roles of a field, and `none`, the end of a choice that gives it none.
const WORDS: &[&str] = &[
    "sequence",
    "acknowledges",
    "replies_to",
    "fragment_index",
    "fragment_total",
    "fragment_more",
    "fragment_last",
    "none",
];

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for field in &layout.fields.list {
        integer(field, diagnostics);
        if let Some(Role::Choice(expr)) = &field.role {
            leaves(expr, diagnostics);
        }
    }
    twice(layout, diagnostics);
}

/// Numbers that the session counts are plain integers.
fn integer(field: &Field, diagnostics: &mut Diagnostics) {
    let Some(span) = field.marks.at("role") else { return };
    let written = matches!(field.kind, Kind::With { .. } | Kind::Map { .. });
    if is_flag(field) {
        if !matches!(shape::of(&field.inner), Shape::Bool) && !written {
            let ty = super::fit::text_of(&field.inner);
            let message = format!("whether fragments follow is a `bool`, not `{ty}`");
            diagnostics.error(span, message);
        }
        return;
    }
    if !matches!(shape::of(&field.inner), Shape::Integer(_)) && !written {
        let ty = super::fit::text_of(&field.inner);
        diagnostics.error(span, format!("a role belongs on an integer, not on `{ty}`"));
    } else if field.auto {
        let message =
            "the session gives this number, so nothing derives it; write the plain integer";
        diagnostics.error_at(&field.ty, message);
    }
}

/// The role says yes or no.
fn is_flag(field: &Field) -> bool {
    match &field.role {
        Some(Role::One(role)) => role.is_flag(),
        Some(Role::Choice(expr)) => {
            let words = words(expr);
            let flag = |word: &String| matches!(word.as_str(), "fragment_more" | "fragment_last");
            words.iter().any(flag) && words.iter().all(|word| flag(word) || word == "none")
        }
        None => false,
    }
}

fn twice(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(FieldRole, &Field)> = Vec::new();
    for field in &layout.fields.list {
        let Some(Role::One(role)) = field.role else { continue };
        let same = |known: FieldRole| known == role || (known.is_flag() && role.is_flag());
        if let Some((_, first)) = seen.iter().find(|(known, _)| same(*known)) {
            let message = format!("`{}` has this role already; keep one of them", first.name());
            diagnostics.error(field.at("role"), message);
        }
        seen.push((role, field));
    }
}

/// Every way through an `if` or a `match` ends in a role.
fn leaves(expr: &Expr, diagnostics: &mut Diagnostics) {
    match expr {
        Expr::If(choice) => {
            block(&choice.then_branch, diagnostics);
            match &choice.else_branch {
                Some((_, other)) => leaves(other, diagnostics),
                None => diagnostics.error_at(
                    choice.if_token,
                    "every way ends in a role; add `else { none }` or `else { replies_to }`",
                ),
            }
        }
        Expr::Match(choice) => {
            for arm in &choice.arms {
                leaves(&arm.body, diagnostics);
            }
        }
        Expr::Block(inner) => block(&inner.block, diagnostics),
        Expr::Paren(inner) => leaves(&inner.expr, diagnostics),
        Expr::Group(inner) => leaves(&inner.expr, diagnostics),
        Expr::Path(path)
            if path
                .path
                .get_ident()
                .is_some_and(|word| WORDS.iter().any(|known| word == known)) => {}
        _ => {
            let words: Vec<String> = WORDS.iter().map(|word| format!("`{word}`")).collect();
            let meant = self::words(expr).first().map(|word| {
                // Nobody who writes a word of his own means the one for no role.
                keyword::meant(word, WORDS.iter().copied().filter(|word| *word != "none"))
            });
            let message =
                format!("a role is one of {}{}", keyword::list(&words), meant.unwrap_or_default());
            diagnostics.error_at(expr, message);
        }
    }
}

fn block(block: &Block, diagnostics: &mut Diagnostics) {
    match block.stmts.as_slice() {
        [Stmt::Expr(expr, None)] => leaves(expr, diagnostics),
        _ => diagnostics.error_at(block, "a branch holds a role and nothing else: `{ sequence }`"),
    }
}

/// The words at the ends of a choice, right or wrong: they name no values.
pub(super) fn words(expr: &Expr) -> Vec<String> {
    let block = |block: &Block| match block.stmts.as_slice() {
        [Stmt::Expr(expr, None)] => words(expr),
        _ => Vec::new(),
    };
    match expr {
        Expr::If(choice) => {
            let mut list = block(&choice.then_branch);
            list.extend(choice.else_branch.iter().flat_map(|(_, other)| words(other)));
            list
        }
        Expr::Match(choice) => choice.arms.iter().flat_map(|arm| words(&arm.body)).collect(),
        Expr::Block(inner) => block(&inner.block),
        Expr::Paren(inner) => words(&inner.expr),
        Expr::Group(inner) => words(&inner.expr),
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string).into_iter().collect(),
        _ => Vec::new(),
    }
}
