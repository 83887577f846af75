//! Bit runs: adjacent bit fields that are one integer.

use crate::attribute::field::{BitsSyntax, FieldKeys};
use crate::diagnostics::Diagnostics;
use crate::model::{BitOrder, BitRun, BitValue, Field, Kind};

/// The runs of a struct or variant. A run is closed by the first field that ends on a byte.
pub(crate) fn runs(
    list: &mut [Field],
    keys: &[Box<FieldKeys>],
    order: BitOrder,
    diagnostics: &mut Diagnostics,
) -> Vec<BitRun> {
    let mut runs = Vec::new();
    let mut open = Open::default();
    for (field, keys) in list.iter_mut().zip(keys) {
        let (index, span, spoiled) = (field.index, field.span, field.marks.is_spoiled());
        let Kind::Bits { width, .. } = &mut field.kind else {
            open.leave(diagnostics);
            continue;
        };
        if *width == 0 {
            *width = open.up_to_byte(keys, span, diagnostics);
        }
        if open.widths.is_empty() {
            open = Open { first: index, last: index, span: Some(span), ..Open::default() };
        }
        open.last = index;
        open.spoiled |= spoiled;
        open.widths.push(*width);
        if let Some(given) = &keys.bit_order {
            if open.order.is_some_and(|order| order != given.value) {
                let message = "one run has one bit order; give all its fields the same `bit_order`";
                diagnostics.error(given.span, message);
            }
            open.order = Some(given.value);
        }
        if open.bits().is_multiple_of(8) {
            runs.extend(open.close(order, diagnostics));
        }
    }
    open.leave(diagnostics);
    runs
}

/// A bitfield is one integer: nothing goes on behind it.
pub(crate) fn unstepped(list: &[Field], diagnostics: &mut Diagnostics) {
    for field in list {
        if let Kind::Bits { value: BitValue::Steps { .. }, .. } = field.kind {
            let message = "a bitfield is one integer; write the bits that go on behind it in a \
                           struct";
            diagnostics.error(field.at("varint"), message);
        }
    }
}

/// The one run of a bitfield. One field may leave its width to what the others leave over.
pub(crate) fn whole(
    list: &mut [Field],
    keys: &[Box<FieldKeys>],
    bits: u32,
    order: BitOrder,
    diagnostics: &mut Diagnostics,
) -> Vec<BitRun> {
    let mut used: u32 = 0;
    let mut open = None;
    for field in list.iter() {
        let Kind::Bits { width, .. } = &field.kind else { continue };
        used = used.saturating_add(*width);
        if *width == 0 && open.replace(field.index).is_some() {
            diagnostics.error(field.span, "the width is not known here; write `bits = n`");
        }
    }
    for given in keys.iter().filter_map(|keys| keys.bit_order.as_ref()) {
        diagnostics.error(given.span, "in a bitfield `bit_order` stands on the struct");
    }
    let fields = list.len();
    if let Some(field) = open.and_then(|index| list.get_mut(index))
        && let Kind::Bits { width, .. } = &mut field.kind
        && used < bits
    {
        *width = bits - used;
    } else if used != bits
        && bits != 0
        && !list.iter().any(|field| field.marks.is_spoiled())
        && let Some(field) = list.last()
    {
        let message = match used < bits {
            true => format!(
                "the fields take {used} of {}; end them with `#[wire(bits = {}, reserved)]`",
                count(bits),
                bits - used
            ),
            false => format!(
                "the fields take {}, but the bitfield has {bits}; write narrower fields, or a \
                 wider bitfield",
                count(used)
            ),
        };
        diagnostics.error(field.span, message);
    }
    let widths: Vec<u32> = list.iter().map(width_of).collect();
    if fields == 0 {
        return Vec::new();
    }
    let bytes = usize::try_from(bits.div_ceil(8)).unwrap_or(8);
    vec![BitRun { first: 0, last: fields - 1, bytes, places: places(&widths, bits, order) }]
}

/// `1 bit`, `2 bits`.
pub(crate) fn count(bits: u32) -> String {
    if bits == 1 { "1 bit".to_owned() } else { format!("{bits} bits") }
}

fn width_of(field: &Field) -> u32 {
    match field.kind {
        Kind::Bits { width, .. } => width,
        _ => 0,
    }
}

/// A run that is not closed yet.
#[derive(Default)]
struct Open {
    first: usize,
    last: usize,
    widths: Vec<u32>,
    order: Option<BitOrder>,
    /// The width of a field is not known.
    spoiled: bool,
    span: Option<proc_macro2::Span>,
}

impl Open {
    fn bits(&self) -> u32 {
        self.widths.iter().fold(0, |sum, width| sum.saturating_add(*width))
    }

    /// The width of `bits = rest`.
    fn up_to_byte(
        &self,
        keys: &FieldKeys,
        span: proc_macro2::Span,
        diagnostics: &mut Diagnostics,
    ) -> u32 {
        let missing = (8 - self.bits() % 8) % 8;
        let is_rest =
            matches!(keys.bits.as_ref().map(|given| &given.value), Some(BitsSyntax::Rest));
        if is_rest && missing == 0 {
            let message = "`bits = rest` begins on a byte already; remove the field";
            diagnostics.error(span, message);
        }
        if missing == 0 { 8 } else { missing }
    }

    fn close(&mut self, order: BitOrder, diagnostics: &mut Diagnostics) -> Option<BitRun> {
        let open = std::mem::take(self);
        let bits = open.bits();
        if bits > 64 {
            let message = format!(
                "this run of bit fields is {bits} bits long, but one integer has 64; \
                 let a field end on a byte earlier"
            );
            diagnostics.error(open.span.unwrap_or_else(proc_macro2::Span::mixed_site), message);
            return None;
        }
        Some(BitRun {
            first: open.first,
            last: open.last,
            bytes: usize::try_from(bits / 8).unwrap_or(8),
            places: places(&open.widths, bits, open.order.unwrap_or(order)),
        })
    }

    /// Something else follows, or nothing.
    fn leave(&mut self, diagnostics: &mut Diagnostics) {
        let open = std::mem::take(self);
        let bits = open.bits();
        if let Some(span) = open.span
            && !bits.is_multiple_of(8)
            && !open.spoiled
        {
            let missing = 8 - bits % 8;
            let message = format!(
                "the bit fields from here take {}, {missing} short of a whole byte; end them with \
                 `#[wire(bits = {missing}, reserved)]`",
                count(bits)
            );
            diagnostics.error(span, message);
        }
    }
}

/// Shift and width of each field in an integer of `bits` bits.
fn places(widths: &[u32], bits: u32, order: BitOrder) -> Vec<(u32, u32)> {
    let mut passed: u32 = 0;
    let place = |&width: &u32| {
        let shift = match order {
            BitOrder::Msb => bits.saturating_sub(passed).saturating_sub(width),
            BitOrder::Lsb => passed,
        };
        passed = passed.saturating_add(width);
        (shift, width)
    };
    widths.iter().map(place).collect()
}
