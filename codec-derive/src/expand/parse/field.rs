//! One field by itself: its padding, its presence, its checks, and the notes around it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use crate::expand::context;
use crate::expand::expression::{self, Side};
use crate::expand::parse::{self, Reader, number_of};
use crate::model::{Absence, Assert, Endian, Field, Kind, Presence, RelationKind, Valid};
use crate::names;

impl Reader<'_, '_> {
    /// The step of a field that is no part of a run.
    pub(crate) fn field_step(&mut self, index: usize) -> TokenStream {
        let Some(field) = self.layout.fields.list.get(index) else { return TokenStream::new() };
        let number = number_of(index);
        let local = &field.local;
        let endian = self.field_endian(field);
        let value = self.present_value(field);
        let mutable = self.settled(index).next().is_some().then(|| quote!(mut));
        let plain = self.plain_holder(index).map(|_| {
            let len = names::local("plain", index);
            quote!(let mut #len = 0usize;)
        });
        quote! {
            #plain
            let __from = __rest;
            if let __private::Some(__trace) = __scope.trace() {
                __trace.enter(#number, __rest);
            }
            let #mutable #local = { #endian #value };
            if let __private::Some(__trace) = __scope.trace() {
                __trace.leave(__rest);
            }
        }
    }

    /// The value, inside of `Some` where it may be absent.
    fn present_value(&mut self, field: &Field) -> TokenStream {
        if let Presence::Absent(absent) = field.presence
            && !matches!(absent.place, Absence::Held(_))
        {
            return self.absent_step(field, absent);
        }
        let present = self.present(field);
        let value = self.whole_field(field);
        match present {
            None => value,
            Some(condition) => quote! {
                if #condition { __private::Some(#value) } else { __private::None }
            },
        }
    }

    /// `let __scope = ..` for a field whose byte order differs from its type's.
    pub(crate) fn field_endian(&self, field: &Field) -> TokenStream {
        match &field.endian {
            None => TokenStream::new(),
            Some(Endian::Big) => quote!(let __scope = __scope.with(__private::Endian::Big);),
            Some(Endian::Little) => quote!(let __scope = __scope.with(__private::Endian::Little);),
            Some(Endian::Expression(expr)) => {
                let overflow = self.fault("Length", field.index, &quote!(__rest), 0);
                let prepared = expression::prepare(self.layout, expr, Side::Read, field.index);
                let value = prepared.or_else(&overflow);
                quote!(let __scope = __scope.with(#value);)
            }
        }
    }

    /// What is changed inside of the field after it was read: relations of this type settle it.
    fn settled(&self, index: usize) -> impl Iterator<Item = &[Ident]> {
        let inside = self.layout.fields.relations.iter().map(|relation| &relation.holder);
        let inside = inside.filter(move |one| one.field == index && !one.path.is_empty());
        inside.map(|holder| holder.path.as_slice())
    }

    /// Padding, the value and its checks, as one expression.
    pub(crate) fn whole_field(&mut self, field: &Field) -> TokenStream {
        let before = self.padding_before(field);
        let value = self.bounded(field);
        let local = &field.local;
        let checks = self.checks(field, &quote!(__start), 0);
        let after = self.padding_after(field);
        if before.is_empty() && checks.is_empty() && after.is_none() {
            return value;
        }
        quote! {{
            #before
            let __start = __rest;
            let #local = #value;
            #checks
            #after
            #local
        }}
    }

    pub(crate) fn padding_after(&self, field: &Field) -> Option<TokenStream> {
        field.padding.after.map(|len| self.padding(field, &quote!(#len)))
    }

    pub(crate) fn padding_before(&self, field: &Field) -> TokenStream {
        let mut code = TokenStream::new();
        if let Some(len) = field.padding.before {
            code.extend(self.padding(field, &quote!(#len)));
        }
        if let Some(align) = field.padding.align {
            let cut = self.cut_value();
            let at = quote!(__input.len() - __private::from_end(__rest, 0, #cut));
            code.extend(self.padding(field, &quote!(__private::to_align(#at, #align))));
        }
        code
    }

    fn padding(&self, field: &Field, len: &TokenStream) -> TokenStream {
        let number = number_of(field.index);
        let error = self.nested_error();
        quote! {
            __rest = match __private::padding(__rest, #len, #number) {
                __private::Ok(__after) => __after,
                __private::Err(__error) => #error,
            };
        }
    }

    /// The condition of an `Option`; `None`: the field is always there.
    pub(crate) fn present(&self, field: &Field) -> Option<TokenStream> {
        let gate = field.gate.as_ref().map(|gate| context::gate(self.layout.declaration, gate));
        let condition = match &field.presence {
            Presence::Always => return None,
            Presence::Gate => None,
            Presence::If(expr) => {
                let overflow = self.fault("Length", field.index, &quote!(__rest), 0);
                let left = parse::left(expr);
                let prepared =
                    expression::prepare_with(self.layout, expr, Side::Read, field.index, &left);
                let condition = prepared.or_else(&overflow);
                Some(match expression::uses_next(self.layout, field) {
                    true => expression::with_next(&quote!(__rest), &condition),
                    false => condition,
                })
            }
            Presence::In => self.present_in(field.index),
            Presence::Absent(_) => return self.held_present(field),
        };
        match (gate, condition) {
            (Some(gate), Some(condition)) => Some(quote!((#gate && #condition))),
            (gate, condition) => gate.or(condition),
        }
    }

    /// The bit that says whether a field is present.
    fn present_in(&self, index: usize) -> Option<TokenStream> {
        let relation = self.layout.fields.relations.iter().find(
            |relation| matches!(relation.kind, RelationKind::Present { target } if target == index),
        )?;
        let holder = self.layout.fields.list.get(relation.holder.field)?;
        let local = &holder.local;
        match relation.holder.path.as_slice() {
            [] => Some(quote!(#local)),
            path => Some(self.held_in(holder.index, local, path)),
        }
    }

    /// `fixed`, `valid` and `assert` of a value that stands in the field's own local.
    pub(crate) fn checks(&self, field: &Field, at: &TokenStream, offset: usize) -> TokenStream {
        let mut code = TokenStream::new();
        if self.checked {
            return code;
        }
        let local = &field.local;
        let is_unit = matches!(field.kind, Kind::Literal(_) | Kind::Nothing);
        if let Some(fixed) = &field.fixed
            && !is_unit
        {
            let fault = self.fault("Magic", field.index, at, offset);
            let settled = self
                .settled(field.index)
                .map(|path| quote!(__fixed #(.#path)* = #local #(.#path)*;));
            let settled: TokenStream = settled.collect();
            code.extend(if settled.is_empty() {
                quote!(if #local != #fixed { #fault; })
            } else {
                quote!({ let mut __fixed = #fixed; #settled if #local != __fixed { #fault; } })
            });
        }
        if field.valid.is_none() && field.asserts.is_empty() {
            return code;
        }
        let fault = self.fault("Invalid", field.index, at, offset);
        match &field.valid {
            None => {}
            Some(Valid::Pattern(pattern)) => {
                let value = if field.is_padded() { quote!(#local.value) } else { quote!(#local) };
                code.extend(quote! {
                    match #value {
                        #pattern => {}
                        _ => #fault,
                    }
                });
            }
            Some(Valid::Condition(condition)) => {
                code.extend(self.check(condition, field.index, &fault));
            }
        }
        for Assert { condition, .. } in &field.asserts {
            code.extend(self.check(condition, field.index, &fault));
        }
        code
    }

    fn check(&self, condition: &syn::Expr, index: usize, fault: &TokenStream) -> TokenStream {
        let own = self.layout.fields.list.get(index);
        let bindings = own.map(|field| expression::unwrapped(field, condition)).unwrap_or_default();
        let prepared =
            expression::prepare_with(self.layout, condition, Side::Read, index, &bindings);
        let value = prepared.or_else(fault);
        quote!(if !#value { #fault; })
    }
}
