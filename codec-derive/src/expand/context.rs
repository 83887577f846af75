//! Declared context: its type, the constructor that parents call, gates, and what a field hands to
//! the type inside it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, GenericArgument, PathArguments, Type};

use crate::expand::expression::{self, Side};
use crate::expand::layout::Layout;
use crate::model::{Body, Declaration, Enum, Field, Gate, Kind, RelationKind, TagSource};
use crate::names;

/// `MessageContext`, the struct of the names in `ctx(..)`; nothing without them, or for a twin, which
/// has that of its frame. It stands beside the user's type, for whoever starts a connection.
pub(crate) fn declared(declaration: &Declaration) -> TokenStream {
    if declaration.context.is_empty() || declaration.view_of.is_some() {
        return TokenStream::new();
    }
    let visibility = &declaration.visibility;
    let name = names::context_type(declaration);
    let doc = format!("What must be known besides the bytes of [`{}`].", declaration.name);
    let fields = declaration.context.iter().map(|parameter| {
        let (name, ty) = (&parameter.name, &parameter.ty);
        let doc = format!("`{name}`, as expressions of the declaration name it.");
        quote!(#[doc = #doc] pub #name: #ty)
    });
    quote! {
        #[doc = #doc]
        #[allow(missing_debug_implementations, missing_copy_implementations, unreachable_pub)]
        #visibility struct #name {
            #(#fields),*
        }
    }
}

/// The constructor that parents call; nothing without `ctx(..)`.
pub(crate) fn constructor(declaration: &Declaration) -> TokenStream {
    if declaration.context.is_empty() {
        return TokenStream::new();
    }
    let name = &declaration.name;
    let context = declared_type(declaration);
    let (impl_generics, type_generics, clause) = declaration.generics.split_for_impl();
    let parameters = || names::parameter_names(&declaration.context);
    let constructor = names::context_constructor(parameters(), name.span());
    let arguments = declaration.context.iter().map(|parameter| {
        let (name, ty) = (&parameter.name, &parameter.ty);
        quote!(#name: #ty)
    });
    let fields = parameters();
    let made = match &declaration.view_of {
        Some(frame) => quote!(<#frame>::#constructor(#(#fields),*)),
        None => quote!(#context { #(#fields),* }),
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics #name #type_generics #clause {
            #[doc(hidden)]
            #[inline(always)]
            pub fn #constructor(#(#arguments),*) -> #context {
                #made
            }
        }
    }
}

/// `type Context` of the declaration.
pub(crate) fn ty(declaration: &Declaration) -> TokenStream {
    let own = declared_type(declaration);
    if is_tagged(declaration) { quote!(__private::Tag<#own>) } else { own }
}

/// The type of what `ctx(..)` names.
pub(crate) fn declared_type(declaration: &Declaration) -> TokenStream {
    if let Some(frame) = &declaration.view_of {
        return quote!(<#frame as __private::Wire>::Context);
    }
    if declaration.context.is_empty() {
        return quote!(());
    }
    let name = names::context_type(declaration);
    quote!(#name)
}

/// An enum whose tag stands outside of it.
pub(crate) fn is_tagged(declaration: &Declaration) -> bool {
    matches!(&declaration.body, Body::Enum(Enum { source: TagSource::Outer, .. }))
}

/// Bindings of all names of the context, for an expression over it alone.
pub(crate) fn names(declaration: &Declaration) -> TokenStream {
    let names = declaration.context.iter().map(|parameter| {
        let name = &parameter.name;
        expression::context_binding(name, &parameter.ty)
    });
    quote!(#(#names)*)
}

/// The condition of `version = ..`, `dialect = ..` and `when = ..`.
pub(crate) fn gate(declaration: &Declaration, gate: &Gate) -> TokenStream {
    let version = gate.version.as_ref().map(|expr| {
        let ty = declaration.context.iter().find(|parameter| parameter.name == "version");
        let value = match ty {
            Some(parameter) if expression::is_whole(&parameter.ty) => {
                quote!(__private::Whole::wide(__context.version))
            }
            _ => quote!(__context.version),
        };
        match expr {
            Expr::Range(_) => quote!(__private::RangeBounds::contains(&(#expr), &#value)),
            _ => quote!((#value == #expr)),
        }
    });
    let dialect = (!gate.dialect.is_empty()).then(|| {
        let paths = &gate.dialect;
        quote! {
            match __context.dialect {
                #(#paths)|* => true,
                #[allow(unreachable_patterns)]
                _ => false,
            }
        }
    });
    let when = gate.when.as_ref().map(|expr| {
        let value = expression::of_context(declaration, expr).or_else(&quote!(false));
        quote!((#value))
    });
    let conditions: Vec<TokenStream> = [version, dialect, when].into_iter().flatten().collect();
    match conditions.is_empty() {
        true => quote!(true),
        false => quote!((#(#conditions)&&*)),
    }
}

/// What a field hands to the type inside it, given the tag (where it has one), whether it is opaque,
/// and what happens when an argument cannot be computed.
pub(crate) fn argument(
    layout: &Layout<'_>,
    field: &Field,
    side: Side,
    tag: Option<(TokenStream, TokenStream)>,
    overflow: &TokenStream,
) -> TokenStream {
    let own = declared_arguments(layout, field, side, overflow);
    match tag {
        None => own,
        Some((tag, opaque)) => {
            let ty = context_owner(field);
            quote_spanned! {field.inner.span()=>
                <#ty as __private::Tagged>::context(#tag, #opaque, #own)
            }
        }
    }
}

/// Whether the type inside a field is an enum whose tag this type knows.
pub(crate) fn has_tag(layout: &Layout<'_>, field: &Field) -> bool {
    field.select.is_some() || tag_holders(layout, field.index).next().is_some()
}

/// The relations that say the tag of a field, part by part.
pub(crate) fn tag_holders<'r>(
    layout: &'r Layout<'_>,
    index: usize,
) -> impl Iterator<Item = &'r crate::model::Relation> {
    layout
        .fields
        .relations
        .iter()
        .filter(move |relation| matches!(relation.kind, RelationKind::Tag { target, .. } if target == index))
}

fn declared_arguments(
    layout: &Layout<'_>,
    field: &Field,
    side: Side,
    overflow: &TokenStream,
) -> TokenStream {
    let Some(first) = field.arguments.first() else {
        return quote_spanned!(field.inner.span()=> __private::nothing());
    };
    let ty = context_owner(field);
    let names = field.arguments.iter().map(|argument| &argument.name);
    let constructor = names::context_constructor(names, first.name.span());
    let values = field
        .arguments
        .iter()
        .map(|argument| value(layout, &argument.value, side, field.index, overflow));
    quote_spanned!(ty.span()=> <#ty>::#constructor(#(#values),*))
}

/// One argument: a bare name is cloned in its own type, or converted where it is an integer.
fn value(
    layout: &Layout<'_>,
    expr: &Expr,
    side: Side,
    limit: usize,
    overflow: &TokenStream,
) -> TokenStream {
    let name = match expr {
        Expr::Path(path) => path.path.get_ident(),
        _ => None,
    };
    let Some(name) = name else {
        return expression::prepare(layout, expr, side, limit).or_else(overflow);
    };
    if let Some(field) = layout.fields.list.iter().take(limit).find(|one| one.local == *name) {
        let value = expression::reference(field, side);
        return if expression::is_number(field) {
            let value = if field.is_padded() { quote!(#value.value) } else { quote!(*#value) };
            quote! {
                match __private::convert(#value) {
                    __private::Some(__value) => __value,
                    __private::None => #overflow,
                }
            }
        } else {
            quote!(__private::Clone::clone(#value))
        };
    }
    if layout.declaration.context.iter().any(|parameter| parameter.name == *name) {
        return quote!(__private::Clone::clone(&__context.#name));
    }
    quote!(#expr)
}

/// The type whose context it is: the item of a list, the inside of a `Box`.
fn context_owner(field: &Field) -> &Type {
    match &field.kind {
        Kind::List { item } | Kind::Lazy { item } => inside(item),
        _ => inside(&field.inner),
    }
}

fn inside(ty: &Type) -> &Type {
    match ty {
        Type::Array(array) => inside(&array.elem),
        Type::Path(path) => {
            let last = path.path.segments.last();
            match last.map(|last| (last.ident == "Box", &last.arguments)) {
                Some((true, PathArguments::AngleBracketed(arguments))) => {
                    match arguments.args.first() {
                        Some(GenericArgument::Type(boxed)) => inside(boxed),
                        _ => ty,
                    }
                }
                _ => ty,
            }
        }
        _ => ty,
    }
}
