//! `impl Parse`: straight-line readers.
//!
//! A body is read step by step from `__rest`, a suffix of `__input`. Where a length is known,
//! `__rest` is cut to it until its span ends; what is behind the cut is counted in `__cut_N`, so
//! that every fault still says how far it is from the end of the input. Expands to:
//!
//! ```text
//! let mut __rest = __input;
//! let Some((__run, __after)) = __rest.split_first_chunk::<10>() else { return short(..) };
//! let length = u32::from_be_bytes(part(__run, 0));
//! ...
//! Ok((__rest, Self { length: Auto::Derived, .. }))
//! ```

pub(crate) mod absent;
pub(crate) mod bound;
pub(crate) mod field;
pub(crate) mod finish;
pub(crate) mod outside;
pub(crate) mod place;
pub(crate) mod run;
pub(crate) mod span;
pub(crate) mod value;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Expr;

use crate::expand::bits;
use crate::expand::bounds;
use crate::expand::enclosing;
use crate::expand::enums;
use crate::expand::expression;
use crate::expand::frame;
use crate::expand::layout::{Layout, Step};
use crate::expand::number;
use crate::expand::shared;
use crate::model::{Body, Declaration, Endian};

/// The implementation of `Parse`.
pub(crate) fn implementation(declaration: &Declaration) -> TokenStream {
    let mut image = TokenStream::new();
    let items = match &declaration.body {
        Body::Struct(fields) => {
            let layout = Layout::of_struct(declaration, fields);
            if frame::is_wrapped(declaration) {
                frame::parse(&layout)
            } else if let Some((methods, implementation)) = run::image(&layout) {
                image = implementation;
                methods
            } else {
                of_struct(&layout)
            }
        }
        Body::Enum(body) => enums::parse(declaration, body),
        Body::Bitfield(bitfield) => bits::parse(declaration, bitfield),
        Body::Number(number) => number::parse(declaration, number),
    };
    if items.is_empty() {
        return items;
    }
    let name = &declaration.name;
    let header = bounds::parse_header(declaration);
    let (generics, lifetime) = (header.generics, header.lifetime);
    let (_, type_generics, _) = declaration.generics.split_for_impl();
    let (impl_generics, _, clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics __private::Parse<#lifetime> for #name #type_generics #clause {
            #items
        }
        #image
    }
}

/// The methods of a struct without layers around it.
fn of_struct(layout: &Layout<'_>) -> TokenStream {
    let lifetime = bounds::input_lifetime(layout.declaration);
    let scope = scope(layout.declaration);
    let body = Reader::new(layout).body();
    let second = run::second_bodies(layout);
    let inline = inline_body(layout);
    quote! {
        #[inline]
        fn parse_in(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::IResult<&#lifetime [u8], Self, __private::DecodeError> {
            #scope
            #body
        }
        #second
        #inline
    }
}

/// The same once more, in line, for frames that a decoder may hand out with one shared `Bytes`: the
/// value stays in registers until its place is known.
fn inline_body(layout: &Layout<'_>) -> TokenStream {
    let declaration = layout.declaration;
    let borrows = declaration.lifetime.is_some();
    if declaration.frame.is_none() || borrows || shared::items(declaration).is_empty() {
        return TokenStream::new();
    }
    let lifetime = bounds::input_lifetime(declaration);
    let scope = scope(declaration);
    let statements = Reader::new(layout).statements();
    let value = finish::construct(layout);
    quote! {
        #[inline(always)]
        fn exact_inline(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
            __refused: &mut __private::Option<__private::DecodeError>,
        ) -> __private::Option<Self> {
            let mut __parsed = __private::None;
            let mut __read = || -> __private::Result<(), __private::NomErr<__private::DecodeError>> {
                #scope
                #statements
                if !__rest.is_empty() {
                    return __private::malformed(__private::Fault::Trailing, 0, __rest);
                }
                __parsed = __private::Some(#value);
                __private::Ok(())
            };
            if let __private::Err(__error) = __read() {
                *__refused = __private::Some(__private::plain(__error, __input));
            }
            __parsed
        }
    }
}

/// `let __scope = ..`: the declared byte order, for everything inside.
pub(crate) fn scope(declaration: &Declaration) -> TokenStream {
    match &declaration.endian {
        None => TokenStream::new(),
        Some(Endian::Big) => quote!(let __scope = __scope.with(__private::Endian::Big);),
        Some(Endian::Little) => quote!(let __scope = __scope.with(__private::Endian::Little);),
        Some(Endian::Expression(expr)) => {
            let names = crate::expand::context::names(declaration);
            quote!(let __scope = __scope.with({ #names #expr });)
        }
    }
}

/// `let left = ..`, where the expression asks for it: the bytes that the enclosing span still has.
pub(crate) fn left(expr: &Expr) -> TokenStream {
    let used = expression::identifiers(expr.to_token_stream());
    let left = used.contains("left").then(|| quote!(let left = __rest.len() as u64;));
    left.unwrap_or_default()
}

/// Generates the reader of one body.
pub(crate) struct Reader<'l, 'd> {
    pub(crate) layout: &'l Layout<'d>,
    /// What counts the bytes behind the innermost cut; `None`: nothing is cut.
    pub(crate) cut: Option<TokenStream>,
    /// Spans that are being read, the innermost last.
    pub(crate) spans: Vec<span::Open>,
    /// No bytes are out of reach and the result is the value alone.
    pub(crate) exact: bool,
    /// There are no bytes at hand: the result of a fault is the fault alone.
    pub(crate) faults_only: bool,
    /// The bytes were checked before: only the values are taken, without a way to refuse.
    pub(crate) checked: bool,
}

impl<'l, 'd> Reader<'l, 'd> {
    pub(crate) fn new(layout: &'l Layout<'d>) -> Self {
        Self {
            layout,
            cut: None,
            spans: Vec::new(),
            exact: false,
            faults_only: false,
            checked: false,
        }
    }

    /// All statements from `__input` to the result.
    pub(crate) fn body(&mut self) -> TokenStream {
        let statements = self.statements();
        let value = finish::construct(self.layout);
        quote! {
            #statements
            __private::Ok((__rest, #value))
        }
    }

    /// All statements but the result: afterwards every field has its local, and `__rest` begins
    /// behind the body.
    pub(crate) fn statements(&mut self) -> TokenStream {
        let mut code = self.fields();
        code.extend(finish::checks(self));
        code
    }

    /// Reads all fields; what is left to do are checksums and the conditions of the type.
    pub(crate) fn fields(&mut self) -> TokenStream {
        let mut code = quote!(let mut __rest = __input;);
        let mut boundary = 0;
        // The first field of a run of which bits go on behind it.
        let mut open = None;
        code.extend(self.at_boundary(0));
        let whole = enclosing::starts(self.layout);
        code.extend((whole == Some(0)).then(|| self.enclosing()));
        for step in &self.layout.steps {
            let (first, next) = self.extent(step, boundary);
            if open.is_none() {
                for skipped in boundary..first {
                    code.extend(self.at_boundary(skipped + 1));
                }
            }
            code.extend(match step {
                Step::Run(run) => self.run(run),
                Step::Field(index) => self.field_step(*index),
            });
            if self.layout.goes_on(step) {
                open.get_or_insert(first);
                continue;
            }
            let begun = boundary;
            boundary = next;
            code.extend(self.behind_step(open.take().unwrap_or(first), next));
            let begins = whole.is_some_and(|whole| (begun + 1..=next).contains(&whole));
            code.extend(begins.then(|| self.enclosing()));
        }
        for skipped in boundary..self.layout.fields.list.len() {
            code.extend(self.at_boundary(skipped + 1));
        }
        code.extend(self.close_type());
        code
    }

    /// Where the frame begins that everything inside may look at.
    fn enclosing(&self) -> TokenStream {
        let place = self.place(enclosing::start(self.layout), 0);
        let cut = self.cut_value();
        let scope = enclosing::reading(self.layout.declaration);
        quote!(let __whole = __private::region(__input, #place, #cut); #scope)
    }

    /// The result of a fault at `at`, `offset` bytes on.
    pub(crate) fn fault(
        &self,
        fault: &str,
        field: usize,
        at: &TokenStream,
        offset: usize,
    ) -> TokenStream {
        let fault = quote::format_ident!("{fault}");
        if self.faults_only {
            return quote!(return __private::Err(__private::Fault::#fault));
        }
        let field = number_of(field);
        match (&self.cut, offset) {
            (None, 0) => {
                quote!(return __private::malformed(__private::Fault::#fault, #field, #at))
            }
            (cut, offset) => {
                let cut = cut.clone().unwrap_or_else(|| quote!(0));
                quote! {
                    return __private::malformed_before(
                        __private::Fault::#fault,
                        #field,
                        __private::from_end(#at, #offset, #cut),
                    )
                }
            }
        }
    }

    /// The result of an error of a nested reader that was given all of `__rest`.
    pub(crate) fn nested_error(&self) -> TokenStream {
        let cut = self.cut_value();
        quote!(return __private::widened(__error, #cut))
    }

    /// `match #call { Ok((rest, value)) => .. }` for a reader of nom's shape.
    pub(crate) fn advance(&self, call: &TokenStream) -> TokenStream {
        let error = self.nested_error();
        quote! {
            match #call {
                __private::Ok((__after, __value)) => {
                    __rest = __after;
                    __value
                }
                __private::Err(__error) => #error,
            }
        }
    }

    /// The bytes behind the innermost cut, as a number.
    pub(crate) fn cut_value(&self) -> TokenStream {
        self.cut.clone().unwrap_or_else(|| quote!(0))
    }
}

/// The number of a field in errors and notes.
pub(crate) fn number_of(field: usize) -> u16 {
    u16::try_from(field).unwrap_or(u16::MAX)
}
