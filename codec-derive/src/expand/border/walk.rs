//! `Wire::walk`: passing over a value on a stream that may end inside of it.
//!
//! Only what steers later steps is read, with the readers of `parse`; everything else is passed
//! over by its size, and lists go on where they stopped. A type whose end its own bytes do not say
//! gets no walk, and `WALKS` stays `false`.

mod field;
mod plan;

use proc_macro2::TokenStream;
use quote::quote;

use self::plan::Plan;
use crate::expand::layout::Layout;
use crate::expand::parse::{self, Reader};
use crate::expand::{context, enums, expression};
use crate::model::{Body, Declaration, Endian, Enum, Integer, TagSource, Tagging, Variant};

/// `const WALKS` and `fn walk` of `impl Wire`; nothing where the defaults are right.
pub(crate) fn items(declaration: &Declaration) -> TokenStream {
    let walk = match &declaration.body {
        Body::Struct(fields) => {
            let layout = Layout::of_struct(declaration, fields);
            let wrapped = declaration.frame.as_ref().is_some_and(|one| one.delimiters.is_some());
            if wrapped || layout.fixed_offset(usize::MAX).is_some() { None } else { body(&layout) }
        }
        Body::Enum(data) => of_enum(declaration, data),
        Body::Bitfield(_) | Body::Number(_) => None,
    };
    let Some(Walk { code, walks }) = walk else { return TokenStream::new() };
    let scope = parse::scope(declaration);
    quote! {
        const WALKS: bool = true #walks;
        #[inline]
        fn walk(
            __walker: &mut __private::border::Walker<'_>,
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::border::Step {
            #scope
            #code
            __private::Ok(())
        }
    }
}

/// Statements that pass over a body, and `&& ..` for every type inside that must walk too.
struct Walk {
    code: TokenStream,
    walks: TokenStream,
}

/// The walk of a struct or variant; `None`: its end cannot be found.
fn body(layout: &Layout<'_>) -> Option<Walk> {
    let plan = Plan::new(layout);
    let mut walk = Walk { code: quote!(let __start = __walker.offset();), walks: quote!() };
    let (mut boundary, mut open) = (0, false);
    for step in &layout.steps {
        let (first, next) = Reader::new(layout).extent(step, boundary);
        if open {
            plan.step(step, &mut walk)?;
            open = layout.goes_on(step);
            boundary = next;
            continue;
        }
        if first < boundary {
            continue;
        }
        walk.code.extend(plan.marks(first));
        if let Some(jump) = plan.jump_at(first) {
            walk.code.extend(plan.pass_span(jump)?);
            boundary = jump.end;
            continue;
        }
        plan.step(step, &mut walk)?;
        open = layout.goes_on(step);
        boundary = next;
    }
    let end = layout.fields.list.len();
    if let Some(jump) = plan.jump_at(end) {
        walk.code.extend(plan.pass_span(jump)?);
    }
    Some(walk)
}

/// The walk of an enum: every variant must have an end.
fn of_enum(declaration: &Declaration, data: &Enum) -> Option<Walk> {
    let head = head(declaration, data);
    let constants = enums::constants(data);
    let mut arms = TokenStream::new();
    let mut walks = TokenStream::new();
    let mut other = quote! {
        return __private::Err(__private::border::Stop::Fault(__private::Fault::UnknownTag))
    };
    for variant in &data.variants {
        let Walk { code, walks: inner } = variant_body(declaration, variant)?;
        walks.extend(inner);
        match arm(declaration, data, variant) {
            Some(arm) => arms.extend(quote!(#arm => { #code })),
            None => other = code,
        }
    }
    let code = quote! {
        #constants
        #head
        match __tag {
            #arms
            _ => { #other }
        }
    };
    Some(Walk { code, walks })
}

/// `__tag` and `__number`, as the reader has them.
fn head(declaration: &Declaration, data: &Enum) -> TokenStream {
    let order = match &declaration.endian {
        Some(Endian::Big) => quote!(__private::Endian::Big),
        Some(Endian::Little) => quote!(__private::Endian::Little),
        _ => quote!(__scope.endian),
    };
    match &data.source {
        TagSource::Outer => enums::outer(data),
        TagSource::Of(expr) => {
            let value = expression::of_context(declaration, expr)
                .or_else(&quote!(return __private::malformed(__private::Fault::Length, 0, __rest)));
            let number = weigh(&quote!(__private::tag(#value)));
            quote! {
                let __number = #number;
                let __tag = __number;
            }
        }
        TagSource::Peek(integer) => tag(quote!(peek_number), *integer, &order),
        TagSource::Own(integer) => tag(quote!(number), *integer, &order),
    }
}

fn tag(read: TokenStream, Integer { bytes, signed }: Integer, order: &TokenStream) -> TokenStream {
    let bits = u32::try_from(bytes * 8).unwrap_or(64);
    let wide = quote!(__walker.#read::<#bytes>(#order)?);
    let wide = if signed { quote!(__private::sign_extend(#wide, #bits)) } else { wide };
    quote! {
        let __number = #wide;
        let __tag = __number;
    }
}

/// The pattern of a known variant, with its guard; `None` for `other`.
fn arm(declaration: &Declaration, data: &Enum, variant: &Variant) -> Option<TokenStream> {
    let mut conditions = Vec::new();
    if let Some(gate) = &variant.gate {
        conditions.push(context::gate(declaration, gate));
    }
    let pattern = match &variant.tagging {
        Tagging::Known(alternatives) => enums::pattern(variant, alternatives),
        Tagging::Masked { mask, value } => {
            conditions.push(quote!((__number & #mask == #value)));
            quote!(_)
        }
        Tagging::Other => return None,
    };
    let outer = matches!(data.source, TagSource::Outer);
    let pattern = if outer { quote!((false, #pattern)) } else { pattern };
    let guard = (!conditions.is_empty()).then(|| quote!(if #(#conditions)&&*));
    Some(quote!(#pattern #guard))
}

fn variant_body(declaration: &Declaration, variant: &Variant) -> Option<Walk> {
    let layout = Layout::of_variant(declaration, variant);
    let Walk { code, walks } = body(&layout)?;
    let scope = match &variant.endian {
        Some(Endian::Big) => quote!(let __scope = __scope.with(__private::Endian::Big);),
        Some(Endian::Little) => quote!(let __scope = __scope.with(__private::Endian::Little);),
        Some(Endian::Expression(expr)) => {
            let names = context::names(declaration);
            quote!(let __scope = __scope.with({ #names #expr });)
        }
        None => TokenStream::new(),
    };
    let tags = variant.fields.list.iter().filter(|field| field.is_tag).map(|field| {
        let (local, ty) = (&field.local, &field.inner);
        let value = weigh(&quote! {
            match <#ty as __private::Whole>::from_u64(__number) {
                __private::Some(__value) => __value,
                __private::None => {
                    return __private::malformed(__private::Fault::UnknownTag, 0, __rest);
                }
            }
        });
        quote!(let #local = #value;)
    });
    Some(Walk { code: quote!(#scope #(#tags)* #code), walks })
}

/// An expression over values that were read before: it may `return` a fault at `__rest`.
fn weigh(value: &TokenStream) -> TokenStream {
    quote! {
        __walker.weigh(|__rest| -> __private::IResult<_, _, __private::DecodeError> {
            let __value = #value;
            __private::Ok((__rest, __value))
        })?
    }
}
