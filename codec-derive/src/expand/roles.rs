//! `impl Roles`: what a session needs to know.
//!
//! Expands to:
//! ```text
//! impl Roles for Message {
//!     fn role(&self, __role: Role) -> Option<u64> {
//!         match self {
//!             Self { sequence, body, .. } => match __role {
//!                 Role::Sequence => RoleValue::number(&*sequence),
//!                 _ => {
//!                     if let Some(__found) = <Body as Roles>::nested(&*body, __role) { return Some(__found); }
//!                     None
//!                 }
//!             },
//!         }
//!     }
//!     fn set_role(..) -> bool { .. }
//!     fn sequence_bits(&self) -> u32 { .. }
//!     fn heartbeat() -> Option<Self> { .. }
//!     fn only_acknowledges(&self) -> bool { .. }
//! }
//! ```
//! A type in which nothing can have a role gets an empty implementation.

mod bare;
mod choice;
mod heartbeat;
mod range;

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Member, Path, Type, parse_quote};

use crate::model::VariantRole;
use crate::model::{BitValue, Body, Declaration, Field, FieldRole, Fields, Kind, Role, Variant};

/// The implementation of `Roles`.
pub(crate) fn implementation(declaration: &Declaration) -> TokenStream {
    let name = &declaration.name;
    let generics = bounded(&declaration.generics);
    let (impl_generics, type_generics, clause) = generics.split_for_impl();
    let cases = cases(&declaration.body);
    let methods =
        if cases.iter().any(Case::matters) { methods(&cases) } else { TokenStream::new() };
    let values = heartbeat::methods(&declaration.body);
    let bare = bare::methods(&declaration.body, &cases);
    let all = cases.iter().flat_map(Case::list).filter_map(bits);
    let all: Vec<TokenStream> = all.collect();
    let all = (!all.is_empty()).then(|| {
        quote!(
            const ROLES: u16 = #(#all)|*;
        )
    });
    quote! {
        #[automatically_derived]
        impl #impl_generics __private::Roles for #name #type_generics #clause {
            #all
            #methods
            #values
            #bare
        }
    }
}

/// A struct, or one variant of an enum.
struct Case<'m> {
    /// `Self` or `Self::Variant`.
    path: Path,
    role: Option<VariantRole>,
    fields: Option<&'m Fields>,
}

impl Case<'_> {
    fn list(&self) -> &[Field] {
        self.fields.map(|fields| fields.list.as_slice()).unwrap_or_default()
    }

    fn matters(&self) -> bool {
        let fields = self.list().iter().any(|field| field.role.is_some() || forwards(field));
        self.role.is_some() || fields
    }
}

fn cases(body: &Body) -> Vec<Case<'_>> {
    let whole = |fields| vec![Case { path: parse_quote!(Self), role: None, fields: Some(fields) }];
    match body {
        Body::Struct(fields) => whole(fields),
        Body::Bitfield(bitfield) => whole(&bitfield.fields),
        Body::Enum(of) => of.variants.iter().map(|variant| case(variant)).collect(),
        Body::Number(of) => of.variants.iter().map(|variant| case(variant)).collect(),
    }
}

fn case(variant: &Variant) -> Case<'_> {
    let name = &variant.name;
    Case { path: parse_quote!(Self::#name), role: variant.role, fields: Some(&variant.fields) }
}

/// The roles of a field as a constant: its own, or those of what is inside. Chosen roles exclude
/// each other as their conditions say, which no constant knows.
pub(crate) fn bits(field: &Field) -> Option<TokenStream> {
    if let Some(role) = single(field) {
        let role = role_path(role);
        return Some(quote!(#role.bit()));
    }
    forwards(field).then(|| {
        let roles = roles_of(field);
        quote!(#roles::ROLES)
    })
}

/// The roles of what is inside of a field, at the user's own token.
fn roles_of(field: &Field) -> TokenStream {
    let ty = &field.ty;
    quote_spanned!(ty.span()=> <#ty as __private::Roles>)
}

/// Type parameters are children like any other.
fn bounded(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|one| one.ident.clone()).collect();
    if !parameters.is_empty() {
        let clause = generics.make_where_clause();
        for parameter in parameters {
            clause.predicates.push(parse_quote!(#parameter: __private::Roles));
        }
    }
    generics
}

/// The field's own type is asked for roles: any declared type, but no list and no primitive.
fn forwards(field: &Field) -> bool {
    let may = matches!(&field.kind, Kind::Nested | Kind::Bits { value: BitValue::Type, .. });
    may && field.role.is_none()
        && field.each.is_none()
        && !field.auto
        && !is_primitive(&field.inner)
}

fn is_primitive(ty: &Type) -> bool {
    match ty {
        Type::Array(_) | Type::Tuple(_) | Type::Reference(_) => true,
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            last.ident == "Ipv4Addr" || last.ident == "Ipv6Addr" || last.ident == "Vec"
        }),
        _ => false,
    }
}

fn methods(cases: &[Case<'_>]) -> TokenStream {
    let reads = cases.iter().map(read);
    let writes = cases.iter().map(write);
    let bits = cases.iter().map(sequence_bits);
    let rest = |value: TokenStream| {
        let all = cases.iter().all(Case::matters);
        if all { TokenStream::new() } else { quote!(_ => #value,) }
    };
    let none = rest(quote!(::core::option::Option::None));
    let no = rest(quote!(false));
    let zero = rest(quote!(0));
    quote! {
        fn role(&self, __role: __private::Role) -> ::core::option::Option<u64> {
            match self { #(#reads)* #none }
        }
        fn set_role(&mut self, __role: __private::Role, __value: u64) -> bool {
            match self { #(#writes)* #no }
        }
        fn sequence_bits(&self) -> u32 {
            match self { #(#bits)* #zero }
        }
    }
}

/// The pattern that binds every field by its local name.
fn pattern(case: &Case<'_>) -> TokenStream {
    let path = &case.path;
    let bindings = case.list().iter().map(binding);
    quote!(#path { #(#bindings),* })
}

/// The field in a pattern, bound by its local name; the short form where that is its own.
pub(crate) fn binding(field: &Field) -> TokenStream {
    let (member, local) = (&field.member, &field.local);
    match member {
        Member::Named(name) if name == local => quote!(#local),
        _ => quote!(#member: #local),
    }
}

fn read(case: &Case<'_>) -> TokenStream {
    if !case.matters() {
        return TokenStream::new();
    }
    let pattern = pattern(case);
    let choices = choices(case, |field| {
        let local = &field.local;
        quote!(__private::RoleValue::number(&*#local))
    });
    let fields = case.list().iter().filter_map(|field| {
        let (role, local) = (single(field)?, &field.local);
        let path = role_path(role);
        // An index counts from 0 for the session, from the start of its range on the wire.
        let base = (role == FieldRole::FragmentIndex).then(|| {
            let (first, _) = range::of(field);
            quote!(.and_then(|__index| __index.checked_sub(#first)))
        });
        Some(quote!(#path => __private::RoleValue::number(&*#local) #base,))
    });
    let flag = case.role.map(|role| {
        let role = variant_role(role);
        quote!(__private::Role::#role => ::core::option::Option::Some(1),)
    });
    let nested = case.list().iter().filter(|field| forwards(field)).map(|field| {
        let (local, roles) = (&field.local, roles_of(field));
        quote! {
            if let ::core::option::Option::Some(__found) = #roles::nested(&*#local, __role) {
                return ::core::option::Option::Some(__found);
            }
        }
    });
    quote! {
        #pattern => {
            #choices
            match __role {
                #(#fields)*
                #flag
                _ => { #(#nested)* ::core::option::Option::None }
            }
        }
    }
}

fn write(case: &Case<'_>) -> TokenStream {
    if !case.matters() {
        return TokenStream::new();
    }
    let pattern = pattern(case);
    let store = |field: &Field| {
        let local = &field.local;
        let (first, last) = range::of(field);
        quote! {
            __private::RoleValue::hold(&mut *#local, __private::wrapped(__value, #first, #last))
        }
    };
    let choices = choices(case, store);
    let fields = case.list().iter().filter_map(|field| {
        let role = single(field)?;
        let (path, local) = (role_path(role), &field.local);
        let store = match role {
            FieldRole::Sequence | FieldRole::RepliesTo | FieldRole::Acknowledges => store(field),
            // Never wrapped: a place that does not fit is none.
            FieldRole::FragmentIndex => {
                let (first, _) = range::of(field);
                quote!(__private::RoleValue::hold(&mut *#local, __value.saturating_add(#first)))
            }
            FieldRole::FragmentTotal | FieldRole::FragmentMore | FieldRole::FragmentLast => {
                quote!(__private::RoleValue::hold(&mut *#local, __value))
            }
        };
        Some(quote!(#path => #store,))
    });
    let nested = case.list().iter().filter(|field| forwards(field)).map(|field| {
        let (local, roles) = (&field.local, roles_of(field));
        quote!(|| #roles::set_nested(&mut *#local, __role, __value))
    });
    quote! {
        #pattern => {
            #choices
            match __role {
                #(#fields)*
                _ => false #(#nested)*,
            }
        }
    }
}

fn sequence_bits(case: &Case<'_>) -> TokenStream {
    if !case.matters() {
        return TokenStream::new();
    }
    let pattern = pattern(case);
    let own = case.list().iter().find(|field| match &field.role {
        Some(Role::One(role)) => *role == FieldRole::Sequence,
        Some(Role::Choice(expression)) => choice::mentions(expression, "sequence"),
        None => false,
    });
    if let Some(field) = own {
        let bits = range::bits(field);
        return quote!(#pattern => #bits,);
    }
    let nested = case.list().iter().filter(|field| forwards(field)).map(|field| {
        let (local, roles) = (&field.local, roles_of(field));
        quote! {
            let __bits = #roles::sequence_bits(&*#local);
            if __bits != 0 { return __bits; }
        }
    });
    quote!(#pattern => { #(#nested)* 0 })
}

/// Fields whose role is chosen by an expression: asked before all others.
fn choices(case: &Case<'_>, take: impl Fn(&Field) -> TokenStream) -> TokenStream {
    let list = case.list().iter().filter_map(|field| {
        let Some(Role::Choice(expression)) = &field.role else {
            return None;
        };
        let earlier = case.fields.map(|fields| choice::earlier(fields, field, expression));
        let chosen = choice::rewritten(expression);
        let take = take(field);
        Some(quote! {
            let __chosen = (|| -> ::core::option::Option<__private::Role> { #earlier #chosen })();
            if __chosen == ::core::option::Option::Some(__role) {
                return #take;
            }
        })
    });
    quote!(#(#list)*)
}

fn single(field: &Field) -> Option<FieldRole> {
    match &field.role {
        Some(Role::One(role)) => Some(*role),
        _ => None,
    }
}

fn role_path(role: FieldRole) -> TokenStream {
    match role {
        FieldRole::Sequence => quote!(__private::Role::Sequence),
        FieldRole::Acknowledges => quote!(__private::Role::Acknowledges),
        FieldRole::RepliesTo => quote!(__private::Role::RepliesTo),
        FieldRole::FragmentIndex => quote!(__private::Role::FragmentIndex),
        FieldRole::FragmentTotal => quote!(__private::Role::FragmentTotal),
        FieldRole::FragmentMore => quote!(__private::Role::FragmentMore),
        FieldRole::FragmentLast => quote!(__private::Role::FragmentLast),
    }
}

fn variant_role(role: VariantRole) -> TokenStream {
    match role {
        VariantRole::Heartbeat => quote!(Heartbeat),
        VariantRole::HeartbeatReply => quote!(HeartbeatReply),
        VariantRole::Acknowledged => quote!(Acknowledged),
    }
}
