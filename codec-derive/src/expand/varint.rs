//! Integers of variable length, by their form: what reading, writing and measuring call.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use crate::expand::value::function;
use crate::model::{Overlong, StepForm, VarintKind};

/// What a reader needs besides its bytes.
pub(crate) struct Reading<'r> {
    /// The type of the value.
    pub(crate) ty: &'r TokenStream,
    /// The number of the field.
    pub(crate) number: u16,
    pub(crate) max: Option<usize>,
    pub(crate) overlong: Overlong,
    /// An expression of type `Endian`.
    pub(crate) order: &'r TokenStream,
}

/// A call that reads one from `__rest`, of nom's shape.
pub(crate) fn read(kind: &VarintKind, reading: &Reading<'_>) -> TokenStream {
    let Reading { ty, number, max, overlong, order } = reading;
    let overlong = overlong_path(*overlong);
    match kind {
        VarintKind::Path(path) => {
            let read = function(path, "read");
            quote!(__private::foreign(#read(__rest), #number, __rest))
        }
        VarintKind::Steps(forms) => {
            let table = table(forms);
            quote!(__private::steps_read::<#ty>(__rest, #number, #table, #order, #overlong))
        }
        kind => {
            let (read, max) = (name(kind, "read"), option(*max));
            quote!(__private::#read::<#ty>(__rest, #number, #max, #overlong))
        }
    }
}

/// A statement that appends `value`.
pub(crate) fn write(
    kind: &VarintKind,
    value: &TokenStream,
    max: Option<usize>,
    label: &str,
    order: &TokenStream,
) -> TokenStream {
    match kind {
        VarintKind::Path(module) => {
            let write = function(module, "write");
            quote!(#write(#value, __out)?;)
        }
        VarintKind::Steps(forms) => {
            let table = table(forms);
            quote!(__private::steps_write(__out, #value, #table, #order, #label)?;)
        }
        kind => {
            let (write, max) = (name(kind, "write"), option(max));
            quote!(__private::#write(__out, #value, #max, #label)?;)
        }
    }
}

/// The bytes of `value`.
pub(crate) fn len(kind: &VarintKind, value: &TokenStream) -> TokenStream {
    match kind {
        VarintKind::Path(module) => {
            let len = function(module, "len");
            quote!(#len(#value))
        }
        VarintKind::Steps(forms) => {
            let table = table(forms);
            quote!(__private::steps_len(#value, #table))
        }
        kind => {
            let len = name(kind, "len");
            quote!(__private::#len(#value))
        }
    }
}

/// How the form of a number is made longer.
pub(crate) fn filling(kind: &VarintKind, order: &TokenStream) -> TokenStream {
    match kind {
        VarintKind::Vlq => quote!(__private::Filling::Vlq),
        VarintKind::Ber => quote!(__private::Filling::Ber),
        VarintKind::Steps(forms) => {
            let table = table(forms);
            quote!(__private::Filling::Steps(#table, #order))
        }
        _ => quote!(__private::Filling::Leb128),
    }
}

/// The type that a hidden length or count is read and written as.
pub(crate) fn counter_type(kind: &VarintKind) -> TokenStream {
    match kind {
        VarintKind::Zigzag => quote!(i64),
        _ => quote!(u64),
    }
}

/// A hidden length or count as that type.
pub(crate) fn counted(kind: &VarintKind, len: &TokenStream) -> TokenStream {
    let ty = counter_type(kind);
    quote!(#len as #ty)
}

/// The steps as a constant.
pub(crate) fn table(forms: &[StepForm]) -> TokenStream {
    let rows = rows(forms);
    quote!(const { &[#(__private::Step::new #rows),*] })
}

/// `(marker, bytes, add, least)` of each step.
pub(crate) fn rows(forms: &[StepForm]) -> Vec<TokenStream> {
    let row = |form: &StepForm| {
        let StepForm { marker, bytes, add, least } = *form;
        let bytes = Token::u8_unsuffixed(u8::try_from(bytes).unwrap_or(0));
        let [marker, add, least] = [marker, add, least].map(Token::u64_unsuffixed);
        quote!((#marker, #bytes, #add, #least))
    };
    forms.iter().map(row).collect()
}

pub(crate) fn overlong_path(overlong: Overlong) -> TokenStream {
    match overlong {
        Overlong::Refuse => quote!(__private::Overlong::Refuse),
        Overlong::Accept => quote!(__private::Overlong::Accept),
        Overlong::Keep => quote!(__private::Overlong::Keep),
    }
}

fn name(kind: &VarintKind, what: &str) -> proc_macro2::Ident {
    let form = match kind {
        VarintKind::Vlq => "vlq",
        VarintKind::Zigzag => "zigzag",
        VarintKind::Ber => "ber",
        _ => "leb128",
    };
    quote::format_ident!("{form}_{what}")
}

fn option(max: Option<usize>) -> TokenStream {
    match max {
        Some(max) => quote!(__private::Some(#max)),
        None => quote!(__private::None),
    }
}
