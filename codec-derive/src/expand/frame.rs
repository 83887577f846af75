//! The layers around a frame's layout: delimiters and escapes.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::bounds;
use crate::expand::layout::Layout;
use crate::expand::length::Bounds;
use crate::expand::parse::{self, Reader};
use crate::model::{Declaration, Delimiters, FrameOptions};

/// The frame stands between delimiters.
pub(crate) fn is_wrapped(declaration: &Declaration) -> bool {
    delimiters(declaration).is_some()
}

/// The delimiters of a frame, and its other options.
pub(crate) fn delimiters(declaration: &Declaration) -> Option<(&Delimiters, &FrameOptions)> {
    let options = declaration.frame.as_ref()?;
    Some((options.delimiters.as_ref()?, options))
}

/// The bounds on the wire of a layout with these bounds.
pub(crate) fn around(declaration: &Declaration, bounds: Bounds) -> Bounds {
    let Some((delimiters, options)) = delimiters(declaration) else { return bounds };
    let outside = delimiters.start.len() + delimiters.end.len();
    let Bounds { min, max, fixed, shares, sees, inside, .. } = bounds;
    let escaped = !options.escape.is_empty();
    let longest = options.escape.iter().map(|(_, code)| code.len()).max().unwrap_or(1);
    Bounds {
        min: quote!(#outside + #min),
        max: quote!(__private::sum(&[__private::Some(#outside), __private::times(#max, #longest)])),
        fixed: if escaped {
            quote!(__private::None)
        } else {
            quote!(__private::sum(&[__private::Some(#outside), #fixed]))
        },
        greedy: TokenStream::new(),
        shares,
        sees,
        inside,
    }
}

/// `parse_in` of a frame between delimiters: they are taken off, escapes are undone, and the layout
/// is read exactly.
pub(crate) fn parse(layout: &Layout<'_>) -> TokenStream {
    let lifetime = bounds::input_lifetime(layout.declaration);
    let scope = parse::scope(layout.declaration);
    let Some((delimiters, options)) = delimiters(layout.declaration) else {
        return TokenStream::new();
    };
    let (start, end) = (&delimiters.start, &delimiters.end);
    let (escapes, is_clean) = if options.escape.is_empty() {
        (quote!(&[]), TokenStream::new())
    } else {
        (escape_table(options), quote!(clean: __is_clean,))
    };
    let undo = (!options.escape.is_empty()).then(|| {
        quote! {
            let __clean = match __private::unescaped::<Self>(__inner, __is_clean, #escapes) {
                __private::Ok(__clean) => __clean,
                __private::Err(__offset) => {
                    return __private::broken_escape(__offset, __inner, __behind + __rest.len());
                }
            };
            let (__plain, __scope) = __private::plain_of(&__clean, __inner, __scope);
        }
    });
    let refused = if options.escape.is_empty() {
        quote!(__private::widened(__error, __behind + __rest.len()))
    } else {
        quote! {
            __private::refused_plain(
                __error, &__clean, __inner, #escapes, __behind + __rest.len(),
            )
        }
    };
    let plain = if options.escape.is_empty() { quote!(__inner) } else { quote!(__plain) };
    let function = layout_function(layout);
    quote! {
        #[inline]
        fn parse_in(
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &Self::Context,
        ) -> __private::IResult<&#lifetime [u8], Self, __private::DecodeError> {
            #function
            #scope
            let __private::Between { inner: __inner, #is_clean behind: __behind, rest: __rest, .. } =
                match __private::between(__input, &[#(#start),*], &[#(#end),*], #escapes) {
                    __private::Ok(__parts) => __parts,
                    __private::Err(__error) => return __private::Err(__error),
                };
            #undo
            match __layout(#plain, __scope, __context) {
                __private::Ok(__value) => __private::Ok((__rest, __value)),
                __private::Err(__error) => #refused,
            }
        }
    }
}

/// The table of escapes, as a constant.
pub(crate) fn escape_table(options: &FrameOptions) -> TokenStream {
    let rows = options.escape.iter().map(|(byte, code)| quote!((#byte, &[#(#code),*])));
    quote!(&[#(#rows),*])
}

/// `fn __layout`: what stands between the delimiters, exactly.
fn layout_function(layout: &Layout<'_>) -> TokenStream {
    let declaration = layout.declaration;
    let name = &declaration.name;
    let header = bounds::parse_header(declaration);
    let lifetime = header.lifetime;
    let (_, type_generics, _) = declaration.generics.split_for_impl();
    let (impl_generics, _, clause) = header.generics.split_for_impl();
    let mut reader = Reader::new(layout);
    let fields = reader.fields();
    let checks = parse::finish::checks(&reader);
    let value = parse::finish::construct_as(layout, &quote!(#name));
    let last = parse::number_of(layout.fields.list.len().saturating_sub(1));
    quote! {
        #[inline(always)]
        fn __layout #impl_generics (
            __input: &#lifetime [u8],
            __scope: __private::Scope<'_>,
            __context: &<#name #type_generics as __private::Wire>::Context,
        ) -> __private::Result<#name #type_generics, __private::NomErr<__private::DecodeError>>
        #clause
        {
            #fields
            if !__rest.is_empty() {
                return __private::malformed(__private::Fault::Trailing, #last, __rest);
            }
            #checks
            __private::Ok(#value)
        }
    }
}
