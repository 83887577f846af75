//! Structs that are one integer: `bitfield = n`, and flags.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::bounds;
use crate::expand::fill;
use crate::expand::layout::Layout;
use crate::expand::parse::{self, Reader, finish};
use crate::expand::schema;
use crate::expand::value;
use crate::model::{BitValue, Bitfield, Declaration, Field, Kind};
use crate::names;

/// `impl Bits`.
pub(crate) fn implementation(declaration: &Declaration, bitfield: &Bitfield) -> TokenStream {
    let name = &declaration.name;
    let (impl_generics, type_generics, clause) = declaration.generics.split_for_impl();
    let layout = Layout::of_struct(declaration, &bitfield.fields);
    let bits = bitfield.bits;
    let fill = fill::ty(declaration);
    let schema = match is_wire(bitfield.bits) {
        true => quote!(<Self as __private::Wire>::SCHEMA),
        false => schema::bits_constant(declaration),
    };
    let read = from_bits(&layout, bitfield);
    let write = to_bits(&layout, bitfield);
    quote! {
        #[automatically_derived]
        impl #impl_generics __private::Bits for #name #type_generics #clause {
            type Fill = #fill;
            const BITS: u32 = #bits;
            const SCHEMA: &'static __private::Schema = #schema;

            #[inline]
            fn from_bits(__word: u64) -> __private::Result<Self, __private::Fault> {
                #read
            }

            #[inline]
            fn to_bits(
                &self,
                __fill: &Self::Fill,
            ) -> __private::Result<u64, __private::EncodeError> {
                #write
            }
        }
    }
}

/// The type is whole bytes, and so a layout by itself.
pub(crate) fn is_wire(bits: u32) -> bool {
    matches!(bits, 8 | 16 | 32 | 64)
}

/// The methods of `impl Parse`: one load, and the same shifts as inside a parent's run.
pub(crate) fn parse(declaration: &Declaration, bitfield: &Bitfield) -> TokenStream {
    if !is_wire(bitfield.bits) {
        return TokenStream::new();
    }
    let lifetime = bounds::input_lifetime(declaration);
    let scope = parse::scope(declaration);
    let layout = Layout::of_struct(declaration, &bitfield.fields);
    let order = layout.order.value();
    let bytes = bitfield.bits as usize / 8;
    let reader = Reader::new(&layout);
    let (bindings, value) = (bindings(&reader, bitfield), finish::construct(&layout));
    let checks = finish::checks(&reader);
    let one = |from: TokenStream, ok: TokenStream| {
        quote! {
            #scope
            let __from = __input;
            #from
            let __word = __private::wide(*__run, #order);
            #bindings
            #checks
            #ok
        }
    };
    let parse_in = one(
        quote! {
            let __private::Some((__run, __rest)) = __input.split_first_chunk::<#bytes>() else {
                return __private::malformed(__private::Fault::Short, 0, __input);
            };
        },
        quote!(__private::Ok((__rest, #value))),
    );
    let exact_in = one(
        quote! {
            let __private::Some((__run, [])) = __input.split_first_chunk::<#bytes>() else {
                return __private::wrong_len(__input, &[(0, #bytes)]);
            };
        },
        quote!(__private::Ok(#value)),
    );
    quote! {
        #[inline]
        fn parse_in(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::IResult<&#lifetime [u8], Self, __private::DecodeError> {
            #parse_in
        }
        #[inline]
        fn exact_in(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::Result<Self, __private::DecodeError> {
            #exact_in
        }
    }
}

/// Every field out of `__word`, with its checks; faults are at the start of `__from`.
fn bindings(reader: &Reader<'_, '_>, bitfield: &Bitfield) -> TokenStream {
    let Some(run) = bitfield.fields.runs.first() else { return TokenStream::new() };
    let mut code = TokenStream::new();
    for (field, (shift, width)) in bitfield.fields.list.iter().zip(&run.places) {
        let local = &field.local;
        let value = reader.bit_value(field, *shift, *width, 0);
        let checks = reader.checks(field, &quote!(__from), 0);
        code.extend(quote!(let #local = #value; #checks));
    }
    code
}

/// The same where only the fault is wanted: the readers are those of `parse_in`, over no bytes.
fn from_bits(layout: &Layout<'_>, bitfield: &Bitfield) -> TokenStream {
    let mut reader = Reader::new(layout);
    reader.faults_only = true;
    let bindings = bindings(&reader, bitfield);
    let checks = finish::checks(&reader);
    let value = finish::construct(layout);
    let largest = value::largest(bitfield.bits);
    let guard = (bitfield.bits < 64).then(|| {
        quote! {
            if __word > #largest {
                return __private::Err(__private::Fault::Invalid);
            }
        }
    });
    quote! {
        #guard
        #bindings
        #checks
        __private::Ok(#value)
    }
}

/// All fields in their places of one word.
fn to_bits(layout: &Layout<'_>, bitfield: &Bitfield) -> TokenStream {
    let Some(run) = bitfield.fields.runs.first() else { return quote!(__private::Ok(0)) };
    let pattern = bitfield.fields.list.iter().map(|field| {
        let (member, local) = (&field.member, &field.local);
        quote!(#member: #local)
    });
    let mut code = TokenStream::new();
    for (field, (shift, width)) in bitfield.fields.list.iter().zip(&run.places) {
        let value = field_bits(layout, field, *width);
        code.extend(quote!(__word |= #value << #shift;));
    }
    let autos = bitfield.fields.list.iter().filter(|field| field.auto).map(|field| {
        let (local, label) = (&field.local, layout.label(field));
        let written = names::local("written", field.index);
        quote!(let #written = __private::open(#local, __fill.#local, #label)?;)
    });
    let checks = bitfield.fields.list.iter().map(|field| checks(layout, field));
    quote! {
        let Self { #(#pattern),* } = self;
        #(#autos)*
        #(#checks)*
        let mut __word = 0u64;
        #code
        __private::Ok(__word)
    }
}

/// `valid`, `fixed` and `assert` of a field of bits, on writing.
fn checks(layout: &Layout<'_>, field: &Field) -> TokenStream {
    use crate::expand::expression::{self, Side};
    use crate::model::Valid;
    let (local, label) = (&field.local, layout.label(field));
    let written = names::local("written", field.index);
    let value = if field.auto { quote!(#written) } else { quote!(*#local) };
    let is_whole =
        matches!(field.kind, Kind::Bits { value: BitValue::Integer { .. } | BitValue::Bool, .. });
    let number = if is_whole { quote!(__private::Whole::to_u64(#value)) } else { quote!(0) };
    let invalid = quote! {
        return __private::Err(__private::EncodeError::Invalid { field: #label, value: #number })
    };
    let mut code = TokenStream::new();
    let condition = |expr: &syn::Expr| {
        let prepared = expression::prepare(layout, expr, Side::Write, field.index + 1);
        let value = prepared.or_else(&invalid);
        quote!(if !#value { #invalid; })
    };
    match &field.valid {
        None => {}
        Some(Valid::Pattern(pattern)) => {
            code.extend(quote!(match #value { #pattern => {} _ => #invalid, }));
        }
        Some(Valid::Condition(expr)) => code.extend(condition(expr)),
    }
    if let Some(fixed) = &field.fixed {
        code.extend(quote!(if #value != #fixed { #invalid; }));
    }
    for assert in &field.asserts {
        code.extend(condition(&assert.condition));
    }
    code
}

/// The bits of one field as a `u64`, refused where they do not fit. Locals are references;
/// `__written_N` holds the value of an `Auto` field.
pub(crate) fn field_bits(layout: &Layout<'_>, field: &Field, width: u32) -> TokenStream {
    let (local, label) = (&field.local, layout.label(field));
    let written = names::local("written", field.index);
    let value = if field.auto { quote!(#written) } else { quote!(*#local) };
    let Kind::Bits { value: kind, .. } = &field.kind else { return quote!(0u64) };
    match kind {
        BitValue::Integer { .. } | BitValue::Steps { .. } => {
            quote!(__private::to_bits(#value, #width, #label)?)
        }
        BitValue::Bool => quote!(__private::Whole::to_u64(#value)),
        BitValue::Type => {
            let fill = names::local("fill", field.index);
            let fill = match fill::is_filled(layout, field.index) {
                true => quote!(&#fill),
                false => quote!(&__private::Default::default()),
            };
            quote! {
                __private::check_bits(__private::Bits::to_bits(#local, #fill)?, #width, #label)?
            }
        }
        BitValue::Literal(value) => quote!(#value),
        BitValue::Zero => quote!(0u64),
    }
}
