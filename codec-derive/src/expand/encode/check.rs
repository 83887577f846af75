//! What is refused before a byte is written: values that the declaration does not allow, and
//! `Option`s that contradict their conditions.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::expand::context;
use crate::expand::encode::Writer;
use crate::expand::expression::{self, Side};
use crate::model::{Field, Kind, Presence, Valid};
use crate::names;

impl Writer<'_, '_> {
    /// The checks of all fields, then those of the body.
    pub(crate) fn checks(&self) -> TokenStream {
        let mut code = TokenStream::new();
        for field in &self.layout.fields.list {
            code.extend(self.presence(field));
            code.extend(self.limits(field));
        }
        let name = self.layout.name();
        for assert in &self.layout.asserts {
            let limit = self.layout.fields.list.len();
            let error = quote! {
                return __private::Err(
                    __private::EncodeError::Invalid { field: #name, value: 0 }
                )
            };
            let condition = expression::prepare(self.layout, &assert.condition, Side::Write, limit);
            let condition = condition.or_else(&error);
            code.extend(quote!(if !(#condition) { #error; }));
        }
        code
    }

    /// `Option`s against their conditions.
    fn presence(&self, field: &Field) -> TokenStream {
        // Most fields are always there; no token is made for them.
        if !field.optional || (matches!(field.presence, Presence::Always) && field.gate.is_none()) {
            return TokenStream::new();
        }
        let label = self.label(field);
        let local = &field.local;
        let error = quote! {
            return __private::Err(__private::EncodeError::Contradiction { field: #label })
        };
        let mut conditions = Vec::new();
        // What is written first decides.
        if expression::uses_next(self.layout, field) {
            return TokenStream::new();
        }
        if let Presence::If(expr) = &field.presence {
            let left = self.left(field, expr);
            let condition =
                expression::prepare_with(self.layout, expr, Side::Write, field.index, &left);
            conditions.push(condition.or_else(&error));
        }
        if let Some(gate) = &field.gate {
            conditions.push(context::gate(self.layout.declaration, gate));
        }
        if conditions.is_empty() {
            return TokenStream::new();
        }
        let exact = matches!(field.presence, Presence::If(_) | Presence::Gate);
        if exact {
            quote!(if __private::Option::is_some(#local) != (#(#conditions)&&*) { #error; })
        } else {
            quote!(if __private::Option::is_some(#local) && !(#(#conditions)&&*) { #error; })
        }
    }

    /// `let __next_N = ..`: where the byte stands that a condition looks at.
    pub(crate) fn next_mark(&self, field: &Field) -> TokenStream {
        if !expression::uses_next(self.layout, field) {
            return TokenStream::new();
        }
        let next = names::local("next", field.index);
        quote!(let #next = __out.len();)
    }

    /// The conditions over the next byte of fields whose span ends at this boundary, or at `last`.
    pub(crate) fn next_checks(&self, boundary: usize) -> TokenStream {
        let mut code = TokenStream::new();
        for field in &self.layout.fields.list {
            let Presence::If(expr) = &field.presence else { continue };
            if !expression::uses_next(self.layout, field) || self.span_end(field.index) != boundary
            {
                continue;
            }
            let label = self.label(field);
            let error = quote! {
                return __private::Err(__private::EncodeError::Contradiction { field: #label })
            };
            let (next, local) = (names::local("next", field.index), &field.local);
            let left = quote!(let left = __private::Whole::wide(__out.len() - #next););
            let used = expression::identifiers(expr.to_token_stream());
            let left = if used.contains("left") { left } else { TokenStream::new() };
            let condition =
                expression::prepare_with(self.layout, expr, Side::Write, field.index, &left)
                    .or_else(&error);
            let found = expression::with_next(&quote!(__private::behind(__out, #next)), &condition);
            code.extend(quote!(if __private::Option::is_some(#local) != #found { #error; }));
        }
        code
    }

    /// `let left = ..`: the bytes that this field and those behind it in its span will write.
    pub(crate) fn left(&self, field: &Field, expr: &syn::Expr) -> TokenStream {
        let used = expression::identifiers(expr.to_token_stream());
        let shadowed = self.layout.fields.list.iter().any(|one| one.local == "left");
        if shadowed || !used.contains("left") {
            return TokenStream::new();
        }
        let len = self.len_between(field.index, self.span_end(field.index));
        quote!(let left = __private::Whole::wide(#len);)
    }

    /// `valid`, `assert`, `fixed`, `max_count`, `max_len` of one field.
    fn limits(&self, field: &Field) -> TokenStream {
        let mut code = TokenStream::new();
        let is_bounded = field.max_len.is_some() || field.max_count.is_some();
        let is_checked =
            field.valid.is_some() || field.fixed.is_some() || !field.asserts.is_empty();
        if !is_bounded && !is_checked {
            return code;
        }
        let label = self.label(field);
        let local = &field.local;
        let value = self.copied(field);
        let number = self.number_of(field);
        let invalid = quote! {
            return __private::Err(__private::EncodeError::Invalid { field: #label, value: #number })
        };
        match &field.valid {
            Some(Valid::Pattern(pattern)) => code.extend(quote! {
                match #value { #pattern => {} _ => #invalid, }
            }),
            Some(Valid::Condition(expr)) => {
                let condition = self.condition(field, expr, &invalid);
                code.extend(quote!(if !(#condition) { #invalid; }));
            }
            None => {}
        }
        if let Some(fixed) = &field.fixed {
            code.extend(quote!(if #value != #fixed { #invalid; }));
        }
        for assert in &field.asserts {
            let condition = self.condition(field, &assert.condition, &invalid);
            code.extend(quote!(if !(#condition) { #invalid; }));
        }
        if let (Some(max), false) = (&field.max_len, matches!(field.kind, Kind::List { .. })) {
            let max = expression::prepare(self.layout, max, Side::Write, field.index);
            let max = max.size_or_else(&invalid);
            let len = self.content_len(field, &quote!(__value));
            code.extend(quote!(__private::at_most(#len, #max, #label)?;));
        }
        if let Some(max) = &field.max_count {
            let max = expression::prepare(self.layout, max, Side::Write, field.index);
            let max = max.size_or_else(&invalid);
            code.extend(quote!(__private::at_most(__value.len(), #max, #label)?;));
        }
        match (code.is_empty(), field.optional) {
            (true, _) => code,
            (false, true) => quote!(if let __private::Some(__value) = #local { #code }),
            (false, false) => quote!({ let __value = #local; #code }),
        }
    }

    /// A condition over this field and those before it.
    fn condition(&self, field: &Field, expr: &syn::Expr, overflow: &TokenStream) -> TokenStream {
        let value = match field.auto && !field.optional {
            true => expression::reference(field, Side::Write),
            false => quote!(__value),
        };
        let own = expression::own_binding(field, &value);
        expression::prepare_with(self.layout, expr, Side::Write, field.index, &own)
            .or_else(overflow)
    }

    /// The value as it stands in a pattern, inside of `limits`.
    fn copied(&self, field: &Field) -> TokenStream {
        if field.auto && !field.optional {
            let written = names::local("written", field.index);
            return quote!(#written);
        }
        match field.kind {
            Kind::Text(_) => quote!(__private::as_str(__value)),
            _ if field.is_padded() => quote!((*__value).value),
            _ => quote!(*__value),
        }
    }

    /// The value as a number, for `EncodeError::Invalid`; 0 where it is none.
    fn number_of(&self, field: &Field) -> TokenStream {
        if !expression::is_number(field) {
            return quote!(0);
        }
        let value = self.copied(field);
        quote!(__private::Whole::to_u64(#value))
    }
}
