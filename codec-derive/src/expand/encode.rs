//! `impl Wire`: constants, `encoded_len_in`, `encode_in`.
//!
//! A body is written in one pass. Derived values that later bytes decide (lengths of spans,
//! checksums) are written as zeros and patched; those that stand in a varint, in bits or in a
//! nested type are computed first. Expands to:
//!
//! ```text
//! let Self { length, command, sequence, body, checksum } = self;
//! let __start = __out.len();
//! let __written_1 = match *command { Set(v) => v, Derived => fit(body.tag(), "Message.command")? };
//! let mut __run = [0; 10];
//! put(&mut __run, 4, u16::to_be_bytes(__written_1));
//! ...
//! __out.extend_from_slice(&__run);
//! Wire::encode_in(body, __out, ..)?;
//! put(__out, __start, u32::to_be_bytes(length_value(__out.len() - __start, ..)?));
//! ```

mod absent;
mod block;
mod check;
mod child;
mod derived;
mod lanes;
mod measure;
mod patch;
mod run;
mod said;
mod value;
pub(crate) mod variant;
mod words;
mod wrap;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Member;

use crate::expand::layout::{Layout, Step, What};
use crate::expand::{
    bits, border, bounds, context, enclosing, expression, fill, length, parse, shared,
};
use crate::model::{Body, Declaration, Field, Fields};

/// Who asks for a value that is not written as it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `encode_in`: a value that does not fit is an error.
    Write,
    /// `encoded_len_in`: it counts as zero.
    Measure,
}

/// The implementation of `Wire`, and the struct of open fields.
pub(crate) fn implementation(declaration: &Declaration) -> TokenStream {
    let (len, (write, image)) = match &declaration.body {
        Body::Struct(fields) => {
            let layout = Layout::of_struct(declaration, fields);
            let image = block::image(declaration);
            let write = image.unwrap_or_else(|| one_by_one(declaration, &of_struct(&layout)));
            (measure::of_struct(&layout), write)
        }
        Body::Enum(body) => {
            let write = variant::write(declaration, body);
            (measure::of_enum(declaration, body), one_by_one(declaration, &write))
        }
        Body::Bitfield(bitfield) if bits::is_wire(bitfield.bits) => {
            word(declaration, bitfield.bits)
        }
        Body::Bitfield(_) => return TokenStream::new(),
        Body::Number(number) => word(declaration, number.bits),
    };
    let name = &declaration.name;
    let generics = bounds::wire_generics(declaration);
    let (impl_generics, _, clause) = generics.split_for_impl();
    let (_, type_generics, _) = declaration.generics.split_for_impl();
    let context = context::ty(declaration);
    let fill = fill::ty(declaration);
    let constants = length::constants(declaration);
    let shared = shared::items(declaration);
    let schema = crate::expand::schema::constant(declaration);
    let walk = border::walk(declaration);
    let scope = parse::scope(declaration);
    let tagged = variant::tagged(declaration);
    let told = context::is_tagged(declaration).then(|| {
        quote! {
            #[inline]
            fn outer_tag(__context: &Self::Context) -> u64 {
                __context.tag
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #impl_generics __private::Wire for #name #type_generics #clause {
            type Context = #context;
            type Fill = #fill;
            #constants
            const SCHEMA: &'static __private::Schema = #schema;
            #shared
            #walk
            #told
            fn encoded_len_in(
                &self,
                __scope: __private::Scope<'_>,
                __context: &Self::Context,
            ) -> usize {
                #scope
                #len
            }
            #write
        }
        #image
        #tagged
    }
}

/// `encode_in` of these statements; lists are written item by item.
fn one_by_one(declaration: &Declaration, write: &TokenStream) -> (TokenStream, TokenStream) {
    let scope = parse::scope(declaration);
    let method = quote! {
        #[inline]
        fn encode_in(
            &self,
            __out: &mut __private::BytesMut,
            __fill: &Self::Fill,
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::Result<(), __private::EncodeError> {
            #scope
            #write
        }
    };
    (method, TokenStream::new())
}

/// The methods of a type that is one integer.
fn word(declaration: &Declaration, bits: u32) -> (TokenStream, (TokenStream, TokenStream)) {
    let bytes = bits as usize / 8;
    let write = quote! {
        let __word = __private::Bits::to_bits(self, __fill)?;
        __out.extend_from_slice(&__private::narrow::<#bytes>(__word, __scope.endian));
        __private::Ok(())
    };
    (quote!(#bytes), one_by_one(declaration, &write))
}

/// `encode_in` of a struct.
fn of_struct(layout: &Layout<'_>) -> TokenStream {
    let pattern = pattern(layout.fields);
    let body = Writer::new(layout, Purpose::Write).body();
    let written = wrap::written(layout.declaration, &body);
    quote! {
        let Self #pattern = self;
        #written
        __private::Ok(())
    }
}

/// `{ a, b }` or `{ 0: _0, 1: _1 }`: every field as a reference under its local name.
pub(crate) fn pattern(fields: &Fields) -> TokenStream {
    let bindings = fields.list.iter().map(|field| {
        let local = &field.local;
        match &field.member {
            Member::Named(name) if name == local => quote!(#name),
            Member::Named(name) => quote!(#name: #local),
            Member::Unnamed(index) => quote!(#index: #local),
        }
    });
    quote!({ #(#bindings),* })
}

/// Generates the writer of one body. Locals of fields are references; `__start` is where the body
/// begins in `__out`.
pub(crate) struct Writer<'l, 'd> {
    pub(crate) layout: &'l Layout<'d>,
    pub(crate) purpose: Purpose,
    /// The whole body is one array, `__run`, and everything is computed and patched in it.
    pub(crate) image: bool,
}

impl<'l, 'd> Writer<'l, 'd> {
    pub(crate) fn new(layout: &'l Layout<'d>, purpose: Purpose) -> Self {
        Self { layout, purpose, image: layout.single_run().is_some() }
    }

    /// All statements, without a result.
    pub(crate) fn body(&self) -> TokenStream {
        if self.image {
            let image = self.image();
            return quote!(#image __out.extend_from_slice(&__run););
        }
        let (derived, checks, fills) = (self.derived(), self.checks(), self.fills());
        let mut steps = TokenStream::new();
        let (mut boundary, mut open) = (0, false);
        let whole = enclosing::starts(self.layout);
        steps.extend((whole == Some(0)).then(|| self.enclosing()));
        for step in &self.layout.steps {
            let (first, next) = self.extent(step, boundary);
            if !open {
                for passed in boundary..=first {
                    if passed > boundary || boundary == 0 {
                        steps.extend(self.mark(passed, 0));
                    }
                }
            }
            steps.extend(match step {
                Step::Run(run) => self.run(run),
                Step::Field(index) => match self.layout.fields.list.get(*index) {
                    Some(field) => {
                        let (mark, write) = (self.next_mark(field), self.field_step(field));
                        quote!(#mark #write)
                    }
                    None => TokenStream::new(),
                },
            });
            open = self.layout.goes_on(step);
            if open {
                continue;
            }
            let begun = boundary;
            boundary = next;
            steps.extend(self.mark(next, 0));
            steps.extend(self.next_checks(next));
            let begins = whole.is_some_and(|whole| (begun + 1..=next).contains(&whole));
            steps.extend(begins.then(|| self.enclosing()));
        }
        let (said, patches) = (self.said(), self.patches());
        quote!(#derived #checks #fills #steps #said #patches)
    }

    /// Where the frame begins that everything inside may look at.
    fn enclosing(&self) -> TokenStream {
        let place = self.place(enclosing::start(self.layout), true);
        let scope = enclosing::writing(self.layout.declaration);
        quote!(let __whole = #place; #scope)
    }

    /// The statements of a body that is one run, up to `__run`, its bytes.
    pub(crate) fn image(&self) -> TokenStream {
        let Some(run) = self.layout.single_run() else { return TokenStream::new() };
        let (derived, checks, fills) = (self.derived(), self.checks(), self.fills());
        let (image, patches) = (self.run_image(run), self.patches());
        quote!(#derived #checks #fills #image #patches)
    }

    /// `"Type.field"`, as errors name it.
    pub(crate) fn label(&self, field: &Field) -> String {
        self.layout.label(field)
    }

    /// What happens when an expression of the field cannot be computed.
    pub(crate) fn overflow(&self, field: &Field) -> TokenStream {
        match self.purpose {
            Purpose::Measure => quote!(return 0),
            Purpose::Write => {
                let label = self.label(field);
                quote! {
                    return __private::Err(__private::EncodeError::Contradiction { field: #label })
                }
            }
        }
    }

    /// The value of a field that is always there, by value or as a place: `__written_N`, `*name`.
    pub(crate) fn place_of(&self, field: &Field) -> TokenStream {
        let reference = expression::reference(field, expression::Side::Write);
        quote!((*#reference))
    }

    /// The fields of a step: its first, and the first behind it.
    fn extent(&self, step: &Step, boundary: usize) -> (usize, usize) {
        let Step::Run(run) = step else {
            let Step::Field(index) = step else { return (boundary, boundary) };
            if let Some((first, next, _)) = self.layout.stepped(*index) {
                return (first, next);
            }
            return (*index, index + 1);
        };
        let first = run.pieces.iter().find_map(|piece| self.owner(piece.what));
        let last = run.pieces.iter().rev().find_map(|piece| match piece.what {
            What::Field(index) => Some(index + 1),
            What::Bits(run) => Some(self.layout.fields.runs.get(run)?.last + 1),
            What::Magic | What::Padding(_) | What::Prefix(_) => None,
        });
        let first = first.unwrap_or(boundary);
        (first, last.unwrap_or(first))
    }

    pub(crate) fn owner(&self, what: What) -> Option<usize> {
        match what {
            What::Magic => None,
            What::Padding(index) | What::Field(index) | What::Prefix(index) => Some(index),
            What::Bits(run) => self.layout.fields.runs.get(run).map(|run| run.first),
        }
    }
}
