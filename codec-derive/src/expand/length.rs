//! Bounds of a layout as constants: shortest, longest, fixed, elastic.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::expand::enclosing;
use crate::expand::frame;
use crate::expand::layout::{self, Layout, is_stepped};
use crate::expand::parse::bound::takes_all;
use crate::expand::value;
use crate::model::{
    Absence, BitValue, Body, BytesKind, Counter, Declaration, Enum, Field, Kind, Process,
    ProcessKind, RelationKind, StepForm, TagSource, Timestamp, Varint, VarintKind,
};

/// The constants of `impl Wire` but the schema.
pub(crate) fn constants(declaration: &Declaration) -> TokenStream {
    let bounds = match &declaration.body {
        Body::Struct(fields) => {
            let layout = Layout::of_struct(declaration, fields);
            let bounds = of_layout(&layout);
            frame::around(declaration, bounds)
        }
        Body::Enum(body) => of_enum(declaration, body),
        Body::Bitfield(bitfield) => Bounds::fixed(bitfield.bits as usize / 8),
        Body::Number(number) => Bounds::fixed(number.bits as usize / 8),
    };
    let Bounds { min, max, fixed, greedy, shares, sees, inside } = bounds;
    let greedy = (!greedy.is_empty()).then(|| quote!(const GREEDY: bool = false #greedy;));
    let shares = (!shares.is_empty()).then(|| quote!(const SHARES: bool = false #shares;));
    let sees = (!sees.is_empty()).then(|| {
        quote! {
            const SEES_WHOLE: bool = false #sees;
            const SEES_INSIDE: bool = false #inside;
        }
    });
    let parts = match &declaration.body {
        Body::Enum(body) if body.parts > 1 => u32::try_from(body.parts).ok(),
        _ => None,
    };
    let parts = parts.map(|parts| quote!(const TAG_PARTS: u32 = #parts;));
    quote! {
        const MIN_LEN: usize = #min;
        const MAX_LEN: __private::Option<usize> = #max;
        const FIXED_LEN: __private::Option<usize> = #fixed;
        #greedy
        #shares
        #parts
        #sees
    }
}

/// Constant expressions; `greedy`, `shares`, `sees` and `inside` are chains of `|| ..`.
pub(crate) struct Bounds {
    pub(crate) min: TokenStream,
    pub(crate) max: TokenStream,
    pub(crate) fixed: TokenStream,
    pub(crate) greedy: TokenStream,
    pub(crate) shares: TokenStream,
    pub(crate) sees: TokenStream,
    pub(crate) inside: TokenStream,
}

impl Bounds {
    fn fixed(len: usize) -> Self {
        Self {
            min: quote!(#len),
            max: quote!(__private::Some(#len)),
            fixed: quote!(__private::Some(#len)),
            greedy: TokenStream::new(),
            shares: TokenStream::new(),
            sees: TokenStream::new(),
            inside: TokenStream::new(),
        }
    }
}

/// The bounds of a body.
pub(crate) fn of_layout(layout: &Layout<'_>) -> Bounds {
    let magic = layout.magic.map_or(0, crate::model::Literal::len);
    let mut literal = magic;
    let (mut mins, mut maxs, mut fixeds) = (Vec::new(), Vec::new(), Vec::new());
    let (mut greedy, mut shares) = (TokenStream::new(), TokenStream::new());
    let sees = layout.fields.list.iter().map(enclosing::sees).collect();
    let inside = layout.fields.list.iter().map(enclosing::sees_inside).collect();
    for field in &layout.fields.list {
        shares.extend(shared(field));
        if let Some(len) = layout.literal_len(field) {
            literal += len;
            continue;
        }
        greedy.extend(elastic(layout, field));
        mins.push(min(layout, field));
        maxs.push(max(layout, field));
        fixeds.push(fixed(layout, field).unwrap_or_else(|| quote!(__private::None)));
    }
    if mins.is_empty() {
        return Bounds { shares, sees, inside, ..Bounds::fixed(literal) };
    }
    let never = quote!(__private::None).to_string();
    let all = |lens: &[TokenStream]| {
        if lens.iter().any(|len| len.to_string() == never) {
            quote!(__private::None)
        } else {
            quote!(__private::sum(&[__private::Some(#literal), #(#lens),*]))
        }
    };
    Bounds {
        min: quote!(#literal #(+ #mins)*),
        max: all(&maxs),
        fixed: all(&fixeds),
        greedy,
        shares,
        sees,
        inside,
    }
}

fn of_enum(declaration: &Declaration, body: &Enum) -> Bounds {
    let own = match &body.source {
        TagSource::Own(integer) => integer.bytes,
        _ => 0,
    };
    let variants: Vec<Bounds> = body
        .variants
        .iter()
        .map(|variant| of_layout(&Layout::of_variant(declaration, variant)))
        .collect();
    let mins = variants.iter().map(|bounds| &bounds.min);
    let maxs = variants.iter().map(|bounds| &bounds.max);
    let fixeds = variants.iter().map(|bounds| &bounds.fixed);
    let greedy = variants.iter().map(|bounds| &bounds.greedy);
    let shares = variants.iter().map(|bounds| &bounds.shares);
    let sees = variants.iter().map(|bounds| &bounds.sees);
    let inside = variants.iter().map(|bounds| &bounds.inside);
    Bounds {
        min: quote!(#own + __private::shortest(&[#(#mins),*])),
        max: quote!(__private::sum(&[__private::Some(#own), __private::longest(&[#(#maxs),*])])),
        fixed: quote!(__private::sum(&[__private::Some(#own), __private::common(&[#(#fixeds),*])])),
        greedy: quote!(#(#greedy)*),
        shares: quote!(#(#shares)*),
        sees: quote!(#(#sees)*),
        inside: quote!(#(#inside)*),
    }
}

/// The fixed length of a field as a constant of type `Option<usize>`; `None`: it never has one.
pub(crate) fn fixed(layout: &Layout<'_>, field: &Field) -> Option<TokenStream> {
    if let Some(len) = layout.literal_len(field) {
        return Some(quote!(__private::Some(#len)));
    }
    if is_conditional(field) || field.process.is_some() || field.padding.align.is_some() {
        return None;
    }
    let ty = &field.inner;
    let padding = padding(field);
    let bound = &field.bound;
    if bound.prefix.is_some() || bound.size.is_some() || bound.terminated.is_some() {
        return None;
    }
    let len = match &field.kind {
        Kind::Nested => quote_spanned!(ty.span()=> <#ty as __private::Wire>::FIXED_LEN),
        Kind::Map { wire, .. } => quote!(<#wire as __private::Wire>::FIXED_LEN),
        Kind::Bytes(BytesKind::Array) => quote!(__private::Some(__private::size_of::<#ty>())),
        _ => return None,
    };
    Some(match padding {
        0 => len,
        padding => quote!(__private::sum(&[#len, __private::Some(#padding)])),
    })
}

fn min(layout: &Layout<'_>, field: &Field) -> TokenStream {
    if is_stepped(field) {
        let run = layout.run_bytes(field);
        return quote!(#run);
    }
    if field.absent_in(Absence::Prefix).is_some() {
        let counter = field.bound.prefix.as_ref().or(field.bound.count_prefix.as_ref());
        let least = prefix_min(counter);
        return quote!(#least);
    }
    if is_conditional(field) {
        return quote!(0);
    }
    let padding = padding(field);
    let bound = &field.bound;
    let prefix = prefix_min(bound.prefix.as_ref()) + prefix_min(bound.count_prefix.as_ref());
    let terminator = bound.terminated.as_ref().map_or(0, Vec::len);
    let literal = padding + prefix + terminator;
    let ty = &field.inner;
    let size = bound.size.as_ref().and_then(layout::literal);
    let content = match &field.kind {
        _ if field.process.is_some() => quote!(0),
        _ if size.is_some() => quote!(#size),
        Kind::Nested => quote_spanned!(ty.span()=> <#ty as __private::Wire>::MIN_LEN),
        Kind::Map { wire, .. } => quote!(<#wire as __private::Wire>::MIN_LEN),
        Kind::Bytes(BytesKind::Array) => quote!(__private::size_of::<#ty>()),
        Kind::Varint(_) | Kind::Sized { .. } | Kind::Decimal => quote!(1),
        Kind::Minimal { least } => quote!(#least),
        _ => {
            let len = wire_len(field);
            quote!(#len)
        }
    };
    match literal {
        0 => content,
        _ => quote!(#literal + #content),
    }
}

fn max(layout: &Layout<'_>, field: &Field) -> TokenStream {
    if let Kind::Bits { value: BitValue::Steps { forms, .. }, .. } = &field.kind {
        let most = layout.run_bytes(field) + widest(forms);
        return quote!(__private::Some(#most));
    }
    if field.padding.align.is_some() {
        return quote!(__private::None);
    }
    let bound = &field.bound;
    let Some(prefix) = prefix_max(bound.prefix.as_ref()) else { return quote!(__private::None) };
    let Some(count) = prefix_max(bound.count_prefix.as_ref()) else {
        return quote!(__private::None);
    };
    let terminator = bound.terminated.as_ref().map_or(0, Vec::len);
    let literal = padding(field) + prefix + count + terminator;
    let content = content_max(field);
    match literal {
        0 => content,
        _ if content.to_string() == quote!(__private::None).to_string() => content,
        _ => quote!(__private::sum(&[__private::Some(#literal), #content])),
    }
}

/// The longest value of a field without what stands around it.
fn content_max(field: &Field) -> TokenStream {
    let bound = &field.bound;
    let ty = &field.inner;
    let limit = |len: &TokenStream| quote!(__private::Some(#len));
    if let Some(size) = bound.size.as_ref().and_then(layout::literal) {
        return limit(&quote!(#size));
    }
    match &field.process {
        None | Some(Process { kind: ProcessKind::Mask(_), .. }) => {}
        // `max_len` counts what is inside, which may take more bytes than it is worth.
        Some(_) => return by_prefix(field),
    }
    match &field.kind {
        Kind::Nested => quote_spanned!(ty.span()=> <#ty as __private::Wire>::MAX_LEN),
        Kind::Map { wire, .. } => quote!(<#wire as __private::Wire>::MAX_LEN),
        Kind::Bytes(BytesKind::Array) => limit(&quote!(__private::size_of::<#ty>())),
        Kind::Varint(varint) => match varint_max(field, varint) {
            Some(max) => limit(&quote!(#max)),
            None => quote!(__private::None),
        },
        Kind::Sized { .. } => limit(&quote!(8)),
        Kind::Minimal { .. } => limit(&quote!(17)),
        Kind::Decimal => limit(&quote!(40)),
        Kind::List { item } => match &field.max_count {
            // Of other types the constant may depend on this one: lists make recursion possible.
            Some(max) if layout::literal(max).is_some() && value::primitive(item).is_some() => {
                quote!(__private::times(<#item as __private::Wire>::MAX_LEN, #max))
            }
            _ => content_by_prefix(field),
        },
        Kind::Bytes(_) | Kind::Text(_) | Kind::Bcd { .. } | Kind::Lazy { .. } => {
            content_by_prefix(field)
        }
        Kind::With { .. } => content_by_prefix(field),
        _ => {
            let len = wire_len(field);
            limit(&quote!(#len))
        }
    }
}

/// What `max_len` or a short prefix says of a variable field.
fn content_by_prefix(field: &Field) -> TokenStream {
    if let Some(max) = field.max_len.as_ref().and_then(layout::literal) {
        return quote!(__private::Some(#max));
    }
    by_prefix(field)
}

/// What a short prefix says of a variable field.
fn by_prefix(field: &Field) -> TokenStream {
    match &field.bound.prefix {
        Some(Counter::Integer(integer)) if integer.bytes <= 2 => {
            let max = (1usize << (8 * integer.bytes)) - 1;
            quote!(__private::Some(#max))
        }
        _ => quote!(__private::None),
    }
}

fn prefix_min(counter: Option<&Counter>) -> usize {
    match counter {
        None => 0,
        Some(Counter::Integer(integer)) => integer.bytes,
        Some(Counter::Varint(_)) => 1,
    }
}

fn prefix_max(counter: Option<&Counter>) -> Option<usize> {
    match counter {
        None => Some(0),
        Some(Counter::Integer(integer)) => Some(integer.bytes),
        Some(Counter::Varint(VarintKind::Path(_))) => None,
        Some(Counter::Varint(VarintKind::Steps(forms))) => Some(1 + widest(forms)),
        Some(Counter::Varint(_)) => Some(10),
    }
}

/// Bytes behind the largest marker.
fn widest(forms: &[StepForm]) -> usize {
    forms.iter().map(|form| form.bytes).max().unwrap_or(0)
}

pub(crate) fn varint_max(field: &Field, varint: &Varint) -> Option<usize> {
    if let Some(max) = varint.max_bytes {
        return Some(max);
    }
    let bytes = value::primitive(field.integer()).map_or(8, |integer| integer.bytes);
    match varint.kind {
        VarintKind::Path(_) => None,
        VarintKind::Steps(ref forms) => Some(1 + widest(forms)),
        VarintKind::Ber => Some(1 + bytes),
        _ => Some((8 * bytes).div_ceil(7)),
    }
}

/// Bytes of a fixed-size value without its padding; 0 for kinds that have none.
pub(crate) fn wire_len(field: &Field) -> usize {
    match &field.kind {
        Kind::Integer(integer) | Kind::Flags { wire: integer } => integer.bytes,
        Kind::Scaled { wire, .. } => wire.bytes,
        Kind::Float { bytes } => *bytes,
        Kind::Bool => 1,
        Kind::Time(timestamp) => Timestamp::len(*timestamp),
        Kind::Literal(literal) => literal.len(),
        _ => 0,
    }
}

fn padding(field: &Field) -> usize {
    field.padding.before.unwrap_or(0) + field.padding.after.unwrap_or(0)
}

fn is_conditional(field: &Field) -> bool {
    field.gate.is_some() || !field.is_always()
}

/// `|| ..` where the field takes all that is left of its type.
fn elastic(layout: &Layout<'_>, field: &Field) -> TokenStream {
    let bound = &field.bound;
    let in_span = layout.fields.relations.iter().any(|relation| match &relation.kind {
        RelationKind::Length { over, .. } => {
            (layout.start_of(over)..layout.end_of(over)).contains(&field.index)
        }
        RelationKind::Count { list } => *list == field.index,
        _ => false,
    });
    if in_span || bound.prefix.is_some() || bound.size.is_some() || bound.terminated.is_some() {
        return TokenStream::new();
    }
    let ty = &field.inner;
    match &field.kind {
        Kind::Nested if field.process.is_none() => {
            quote_spanned!(ty.span()=> || <#ty as __private::Wire>::GREEDY)
        }
        Kind::Bytes(BytesKind::Array) => TokenStream::new(),
        _ if field.process.is_some() || takes_all(field) => quote!(|| true),
        _ => TokenStream::new(),
    }
}

/// `|| ..` where the field holds `Bytes`.
pub(crate) fn shared(field: &Field) -> TokenStream {
    let ty = &field.inner;
    match &field.kind {
        Kind::Bytes(BytesKind::Shared) => quote!(|| true),
        Kind::Nested => quote_spanned!(ty.span()=> || <#ty as __private::Wire>::SHARES),
        Kind::List { item } => quote!(|| <#item as __private::Wire>::FIXED_LEN.is_none()),
        _ => TokenStream::new(),
    }
}
