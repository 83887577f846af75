//! The layers around the layout of a frame, on write: delimiters, escapes, the limits on length.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::frame;
use crate::model::Declaration;

/// The statements of a layout with what its frame puts around it; without a result.
pub(crate) fn written(declaration: &Declaration, layout: &TokenStream) -> TokenStream {
    let Some((delimiters, options)) = frame::delimiters(declaration) else {
        return limited(declaration, &quote!(let __start = __out.len(); #layout));
    };
    let (start, end) = (&delimiters.start, &delimiters.end);
    let open = (!start.is_empty()).then(|| quote!(__out.extend_from_slice(&[#(#start),*]);));
    let escape = (!options.escape.is_empty()).then(|| {
        let table = frame::escape_table(options);
        quote!(__private::escape(__out, __start, #table);)
    });
    let clean = options.escape.is_empty().then(|| {
        let name = declaration.name.to_string();
        quote! {
            if __private::delimited_inside(__out, __start, &[#(#end),*]) {
                return __private::Err(__private::EncodeError::Text { field: #name });
            }
        }
    });
    let between = quote! {
        #open
        let __start = __out.len();
        #layout
        #escape
        #clean
        __out.extend_from_slice(&[#(#end),*]);
    };
    limited(declaration, &between)
}

/// The statements that write a whole frame, and the limits of its length behind them: everything
/// that was written counts, delimiters and escapes included.
pub(crate) fn limited(declaration: &Declaration, frame: &TokenStream) -> TokenStream {
    let guard = guard(declaration);
    let begin = (!guard.is_empty()).then(|| quote!(let __begin = __out.len();));
    quote!(#begin #frame #guard)
}

/// The limits of a frame on the wire.
fn guard(declaration: &Declaration) -> TokenStream {
    let Some(options) = &declaration.frame else { return TokenStream::new() };
    let name = declaration.name.to_string();
    let longest = options.max_frame_length.as_ref().map(|_| {
        let most = match options.at_most {
            Some(_) => quote!(<Self as __private::Frame>::max_frame_len(__context)),
            None => quote!(<Self as __private::Frame>::MAX_FRAME_LEN),
        };
        quote!(__private::at_most(__out.len() - __begin, #most, #name)?;)
    });
    let shortest = options.min_frame_length.as_ref().map(|min| {
        quote! {
            __private::at_least(__out.len() - __begin, #min, #name)?;
        }
    });
    quote!(#longest #shortest)
}
