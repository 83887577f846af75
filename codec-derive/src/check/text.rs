//! The encoding of a text: a label, or an expression that ends in labels.

use syn::{Block, Expr, Lit, Stmt};

use crate::check::Layout;
use crate::diagnostics::Diagnostics;
use crate::model::{Encoding, Field, Kind, Text};

const ENDS: &str = "an encoding is a label, such as `\"gbk\"`, a `Charset`, or `none`";

const HALVED: &str = "a code unit of UTF-16 has two bytes; write `terminated = [0, 0]`";

pub(super) fn check(layout: &Layout<'_>, diagnostics: &mut Diagnostics) {
    for field in &layout.fields.list {
        if let Some(expr) = field.kind.encoding() {
            ends(expr, diagnostics);
        }
        terminator(field, diagnostics);
    }
}

/// A terminator is made of code units, as the text is.
fn terminator(field: &Field, diagnostics: &mut Diagnostics) {
    let Kind::Text(Text { encoding, .. }) = &field.kind else { return };
    if field.bound.terminated.as_ref().is_none_or(|end| end.len() % 2 == 0) {
        return;
    }
    match encoding {
        Encoding::Label(label) if is_wide(label) => {
            diagnostics.error(field.at("terminated"), HALVED);
        }
        Encoding::Chosen(expr) => wide_ends(expr, diagnostics),
        _ => {}
    }
}

fn is_wide(label: &str) -> bool {
    label.to_ascii_lowercase().starts_with("utf-16")
}

/// The labels among the ends that need a longer terminator.
fn wide_ends(expr: &Expr, diagnostics: &mut Diagnostics) {
    let in_block = |block: &Block, diagnostics: &mut Diagnostics| {
        if let Some(Stmt::Expr(last, None)) = block.stmts.last() {
            wide_ends(last, diagnostics);
        }
    };
    match expr {
        Expr::If(choice) => {
            in_block(&choice.then_branch, diagnostics);
            if let Some((_, other)) = &choice.else_branch {
                wide_ends(other, diagnostics);
            }
        }
        Expr::Match(choice) => {
            for arm in &choice.arms {
                wide_ends(&arm.body, diagnostics);
            }
        }
        Expr::Block(inner) => in_block(&inner.block, diagnostics),
        Expr::Paren(inner) => wide_ends(&inner.expr, diagnostics),
        Expr::Lit(literal) => {
            if let Lit::Str(label) = &literal.lit
                && is_wide(&label.value())
            {
                diagnostics.error_at(expr, HALVED);
            }
        }
        _ => {}
    }
}

/// Every way through an `if` or a `match` ends in an encoding; other expressions are rustc's to
/// judge.
fn ends(expr: &Expr, diagnostics: &mut Diagnostics) {
    match expr {
        Expr::If(choice) => {
            block(&choice.then_branch, diagnostics);
            match &choice.else_branch {
                Some((_, other)) => ends(other, diagnostics),
                None => diagnostics.error_at(
                    choice.if_token,
                    "every way ends in an encoding; add `else { \"ascii\" }` or `else { none }`",
                ),
            }
        }
        Expr::Match(choice) => {
            for arm in &choice.arms {
                ends(&arm.body, diagnostics);
            }
        }
        Expr::Block(inner) => block(&inner.block, diagnostics),
        Expr::Paren(inner) => ends(&inner.expr, diagnostics),
        Expr::Lit(literal) if !matches!(literal.lit, Lit::Str(_)) => {
            diagnostics.error_at(expr, ENDS);
        }
        _ => {}
    }
}

fn block(block: &Block, diagnostics: &mut Diagnostics) {
    match block.stmts.last() {
        Some(Stmt::Expr(expr, None)) => ends(expr, diagnostics),
        _ => diagnostics.error_at(block, ENDS),
    }
}
