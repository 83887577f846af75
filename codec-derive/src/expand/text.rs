//! How a text is written: a constant, or chosen by an expression.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Block, Expr, ExprLit, Lit, Stmt, parse_quote, parse_quote_spanned};

use crate::expand::expression::{self, Side};
use crate::expand::layout::Layout;
use crate::model::{Encoding, Field, Kind, Text};

/// The form of a text: an expression of type `TextForm`.
pub(crate) fn form(
    layout: &Layout<'_>,
    field: &Field,
    text: &Text,
    side: Side,
    overflow: &TokenStream,
) -> TokenStream {
    let pad = match text.pad {
        Some(pad) => quote!(__private::Some(#pad)),
        None => quote!(__private::None),
    };
    let (trim, lossy) = (text.trim, text.lossy);
    let charset = charset(layout, field, text, side, overflow);
    let form = quote! {
        __private::TextForm { charset: #charset, pad: #pad, trim: #trim, lossy: #lossy }
    };
    match text.encoding {
        Encoding::Chosen(_) => form,
        _ => quote!(const { #form }),
    }
}

/// Bytes of a code unit of the text, at whose boundaries a terminator counts; `None`: one.
pub(crate) fn unit(
    layout: &Layout<'_>,
    field: &Field,
    side: Side,
    overflow: &TokenStream,
) -> Option<TokenStream> {
    let Kind::Text(text) = &field.kind else { return None };
    let wide = match &text.encoding {
        Encoding::Chosen(_) => true,
        Encoding::Label(label) => label.starts_with("utf-16"),
        _ => false,
    };
    let charset = charset(layout, field, text, side, overflow);
    wide.then(|| quote!(__private::Charset::unit_len(#charset)))
}

fn charset(
    layout: &Layout<'_>,
    field: &Field,
    text: &Text,
    side: Side,
    overflow: &TokenStream,
) -> TokenStream {
    let label = match &text.encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Ascii => "ascii",
        Encoding::Latin1 => "latin1",
        Encoding::Label(label) => label,
        Encoding::Chosen(expr) => {
            let prepared = expression::prepare(layout, &ended(expr), side, field.index);
            return prepared.or_else(overflow);
        }
    };
    quote!(__private::charset(#label))
}

/// The expression with its ends turned into charsets.
fn ended(expr: &Expr) -> Expr {
    match expr {
        Expr::If(branch) => {
            let mut branch = branch.clone();
            block(&mut branch.then_branch);
            if let Some((_, otherwise)) = &mut branch.else_branch {
                **otherwise = ended(otherwise);
            }
            Expr::If(branch)
        }
        Expr::Match(choice) => {
            let mut choice = choice.clone();
            for arm in &mut choice.arms {
                *arm.body = ended(&arm.body);
            }
            Expr::Match(choice)
        }
        Expr::Block(inner) => {
            let mut inner = inner.clone();
            block(&mut inner.block);
            Expr::Block(inner)
        }
        Expr::Paren(inner) => ended(&inner.expr),
        Expr::Group(inner) => ended(&inner.expr),
        Expr::Lit(ExprLit { lit: Lit::Str(label), .. }) => {
            let label = syn::LitStr::new(&label.value().to_ascii_lowercase(), label.span());
            parse_quote_spanned!(label.span()=> const { __private::charset(#label) })
        }
        Expr::Path(path) if path.path.is_ident("none") => {
            parse_quote!(__private::Charset::Unknown)
        }
        end => parse_quote_spanned!(end.span()=> __private::Chosen::charset(#end)),
    }
}

fn block(block: &mut Block) {
    if let Some(Stmt::Expr(last, None)) = block.stmts.last_mut() {
        *last = ended(last);
    }
}
