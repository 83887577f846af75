//! The names that an expression uses.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprPath, PatIdent};

/// The bare names in `expr` that stand for values from outside: not what it binds itself, not
/// functions that it calls, not constants and types, which begin with a capital letter.
pub(super) fn free_names(expr: &Expr) -> Vec<Ident> {
    let mut names = Names::default();
    names.visit_expr(expr);
    let Names { used, bound } = names;
    used.into_iter().filter(|name| !bound.contains(name)).collect()
}

#[derive(Default)]
struct Names {
    used: Vec<Ident>,
    /// By closures, `let` and patterns; a name bound anywhere counts as bound everywhere.
    bound: Vec<Ident>,
}

impl<'e> Visit<'e> for Names {
    fn visit_expr_path(&mut self, path: &'e ExprPath) {
        if let Some(name) = path.path.get_ident()
            && path.qself.is_none()
            && !name.unraw().to_string().starts_with(char::is_uppercase)
        {
            self.used.push(name.clone());
        }
    }

    fn visit_expr_call(&mut self, call: &'e ExprCall) {
        if !matches!(&*call.func, Expr::Path(_)) {
            self.visit_expr(&call.func);
        }
        for argument in &call.args {
            self.visit_expr(argument);
        }
    }

    fn visit_pat_ident(&mut self, pattern: &'e PatIdent) {
        self.bound.push(pattern.ident.clone());
        visit::visit_pat_ident(self, pattern);
    }
}
