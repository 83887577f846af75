//! Operators that can overflow become checked calls.

use proc_macro2::Ident;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, ExprClosure, Lit, Type, UnOp, parse_quote};

use crate::expand::expression::is_whole;

/// Replaces operators that can overflow, casts and indexing.
pub(crate) struct Rewriter {
    pub(crate) fallible: bool,
    pub(crate) in_closure: bool,
}

impl Rewriter {
    fn checked(&mut self, expr: &mut Expr, call: &Expr) {
        if self.in_closure {
            *expr = parse_quote!(__private::Option::unwrap_or_default(#call));
        } else {
            self.fallible = true;
            *expr = parse_quote!(#call?);
        }
    }
}

impl VisitMut for Rewriter {
    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        let outer = self.in_closure;
        self.in_closure = true;
        visit_mut::visit_expr_closure_mut(self, closure);
        self.in_closure = outer;
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let call: Expr = match expr {
            Expr::Binary(binary) => {
                let (left, right) = (&binary.left, &binary.right);
                match binary.op {
                    BinOp::Add(_) => parse_quote!(__private::Checked::add(#left, #right)),
                    BinOp::Sub(_) => parse_quote!(__private::Checked::sub(#left, #right)),
                    BinOp::Mul(_) => parse_quote!(__private::Checked::mul(#left, #right)),
                    BinOp::Div(_) => parse_quote!(__private::Checked::div(#left, #right)),
                    BinOp::Rem(_) => parse_quote!(__private::Checked::rem(#left, #right)),
                    BinOp::Shl(_) => parse_quote!(__private::shl(#left, #right)),
                    BinOp::Shr(_) => parse_quote!(__private::shr(#left, #right)),
                    _ => return,
                }
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) && !is_literal(&unary.expr) => {
                let value = &unary.expr;
                parse_quote!(__private::Checked::neg(#value))
            }
            Expr::Cast(cast) if is_integer(&cast.ty) && !is_constant(&cast.expr) => {
                let (value, ty) = (&cast.expr, &cast.ty);
                parse_quote!(__private::cast::<_, #ty>(#value))
            }
            Expr::Index(index) => {
                let (base, at) = (&index.expr, &index.index);
                let call: Expr = parse_quote!(#base.get(#at));
                if !self.in_closure {
                    self.fallible = true;
                    *expr = parse_quote!((*#call?));
                }
                return;
            }
            _ => return,
        };
        self.checked(expr, &call);
    }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(lit) if matches!(lit.lit, Lit::Int(_) | Lit::Float(_)))
}

fn is_integer(ty: &Type) -> bool {
    is_whole(ty)
}

/// A path to a constant or a unit variant: `as` on it is decided at compile time.
fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| starts_upper(&last.ident)),
        Expr::Lit(_) => true,
        Expr::Paren(inner) => is_constant(&inner.expr),
        _ => false,
    }
}

fn starts_upper(name: &Ident) -> bool {
    name.to_string().chars().next().is_some_and(char::is_uppercase)
}
