//! Tags: no value means two variants, and every tag fits its integer.

use quote::ToTokens;

use crate::diagnostics::{Diagnostics, Reach};
use crate::model::{Alternative, Enum, Gate, Number, Part, TagSource, Tagging, Variant};

pub(super) fn check(data: &Enum, diagnostics: &mut Diagnostics) {
    let width = match &data.source {
        TagSource::Peek(integer) | TagSource::Own(integer) => {
            u32::try_from(integer.bytes * 8).ok().map(|bits| (bits, integer.signed))
        }
        TagSource::Outer | TagSource::Of(_) => None,
    };
    tuples(data, diagnostics);
    widths(&data.variants, width, diagnostics);
    overlaps(&data.variants, diagnostics);
}

/// All tags have as many parts, which stand in as many fields of the parent.
fn tuples(data: &Enum, diagnostics: &mut Diagnostics) {
    for variant in &data.variants {
        let place = |index| {
            let known = variant.tag_spans.get(index).copied();
            known.unwrap_or_else(|| variant.name.span().into())
        };
        let alternatives = match &variant.tagging {
            Tagging::Known(list) => list.as_slice(),
            Tagging::Masked { .. } if data.parts > 1 => {
                let message = format!("the other tags have {} parts; a mask has one", data.parts);
                diagnostics.error(place(0), message);
                continue;
            }
            _ => continue,
        };
        for (index, alternative) in alternatives.iter().enumerate() {
            let count = alternative.parts();
            if count != data.parts {
                let message = format!(
                    "this tag has {}, the one before has {}; write `_` for any part",
                    parts(count),
                    data.parts,
                );
                diagnostics.error(place(index), message);
            } else if count > 1 && !matches!(data.source, TagSource::Outer) {
                let message = "a tuple of tags stands in fields of the parent; write `tag_of` on \
                               each of them, and neither `peek`, `of` nor `repr` here";
                diagnostics.error(place(index), message);
            }
        }
    }
}

fn parts(count: usize) -> String {
    if count == 1 { "1 part".to_owned() } else { format!("{count} parts") }
}

pub(super) fn number(number: &Number, diagnostics: &mut Diagnostics) {
    for variant in &number.variants {
        let Tagging::Known(list) = &variant.tagging else { continue };
        for (alternative, place) in list.iter().zip(&variant.tag_spans) {
            if alternative.parts() > 1 {
                diagnostics.error(*place, "a number has one value; write it without parentheses");
            }
        }
    }
    widths(&number.variants, Some((number.bits, number.signed)), diagnostics);
    overlaps(&number.variants, diagnostics);
}

/// Tags as sets of `u64`.
#[derive(Clone, Copy)]
enum Set {
    Range(u64, u64),
    Masked {
        mask: u64,
        value: u64,
    },
    /// A range of each part, and how many there are.
    Tuple([(u64, u64); 4], usize),
}

/// Each with the place where it stands.
fn sets(variant: &Variant) -> Vec<(Set, Reach)> {
    let place =
        |index| variant.tag_spans.get(index).copied().unwrap_or_else(|| variant.name.span().into());
    match &variant.tagging {
        Tagging::Other => Vec::new(),
        Tagging::Masked { mask, value } => {
            vec![(Set::Masked { mask: *mask, value: *value }, place(0))]
        }
        Tagging::Known(list) => list
            .iter()
            .enumerate()
            .filter_map(|(index, alternative)| match alternative {
                Alternative::Value(value) => Some((Set::Range(*value, *value), place(index))),
                Alternative::Range(start, end) => Some((Set::Range(*start, *end), place(index))),
                Alternative::Path(_) => None,
                Alternative::Tuple(parts) => Some((tuple(parts)?, place(index))),
            })
            .collect(),
    }
}

/// `None` where a part is a constant, whose value only rustc knows.
fn tuple(parts: &[Part]) -> Option<Set> {
    let mut ranges = [(0, 0); 4];
    for (range, part) in ranges.iter_mut().zip(parts) {
        *range = match part {
            Part::Any => (0, Alternative::most(parts.len())),
            Part::Range(start, end) => (*start, *end),
            Part::Path(_) => return None,
        };
    }
    Some(Set::Tuple(ranges, parts.len()))
}

/// Each tag fits the integer that it is read from.
fn widths(variants: &[Variant], width: Option<(u32, bool)>, diagnostics: &mut Diagnostics) {
    for variant in variants {
        for (set, place) in sets(variant) {
            if let Set::Masked { mask, value } = set
                && value & !mask != 0
            {
                let message = format!(
                    "no tag matches: {value:#04x} has bits outside of the mask {mask:#04x}; write \
                     a value within the mask"
                );
                diagnostics.error(place, message);
            }
            let (low, high) = match set {
                Set::Range(start, end) => (start, end),
                Set::Masked { mask, value } => (0, mask | value),
                Set::Tuple(..) => continue,
            };
            let Some((bits, signed)) = width else { continue };
            if !fits(low, bits, signed) || !fits(high, bits, signed) {
                let message = format!(
                    "the tag {high:#04x} does not fit in {bits} bits; write a smaller one, or read \
                     the tag from a wider integer"
                );
                diagnostics.error(place, message);
            }
        }
    }
}

fn fits(value: u64, bits: u32, signed: bool) -> bool {
    if bits >= 64 {
        return true;
    }
    let limit = 1_i128 << bits;
    if signed {
        let value = i128::from(value.cast_signed());
        (-(limit / 2)..limit / 2).contains(&value)
    } else {
        i128::from(value) < limit
    }
}

/// No tag means two things, gates aside.
fn overlaps(variants: &[Variant], diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(Set, &Variant)> = Vec::new();
    for variant in variants {
        for (set, place) in sets(variant) {
            let hidden = seen.iter().find_map(|(other, owner)| {
                let taken = owner.gate.is_none() && variant.gate.is_some();
                common(set, *other).filter(|_| taken).map(|tag| (tag, *owner))
            });
            if let Some((tag, owner)) = hidden {
                let other = &owner.name;
                let message = format!(
                    "the tag {tag} is `{other}` already, which stands before this variant and \
                     has no condition; move it behind"
                );
                diagnostics.error(place, message);
                continue;
            }
            let clash = seen.iter().find_map(|(other, owner)| {
                let common = common(set, *other)?;
                let apart = disjoint(variant.gate.as_ref(), owner.gate.as_ref());
                (!apart).then_some((common, *owner))
            });
            if let Some((tag, owner)) = clash {
                let other = &owner.name;
                let message = if std::ptr::eq(owner, variant) {
                    format!("the tag {tag} is given twice; write it once")
                } else {
                    format!("the tag {tag} means `{other}` already; let no tag mean two variants")
                };
                diagnostics.error(place, message);
            } else {
                seen.push((set, variant));
            }
        }
    }
}

/// The smallest tag in both, as a person writes it.
fn common(left: Set, right: Set) -> Option<String> {
    let (Set::Tuple(ranges, count), Set::Tuple(others, _)) = (left, right) else {
        return smallest(left, right).map(|tag| format!("{tag:#04x}"));
    };
    let parts = ranges.iter().zip(&others).take(count);
    let parts = parts.map(|(left, right)| {
        let (from, to) = (left.0.max(right.0), left.1.min(right.1));
        (from <= to).then(|| format!("{from:#04x}"))
    });
    Some(format!("({})", parts.collect::<Option<Vec<String>>>()?.join(", ")))
}

fn smallest(left: Set, right: Set) -> Option<u64> {
    match (left, right) {
        (Set::Tuple(..), _) | (_, Set::Tuple(..)) => None,
        (Set::Range(start, end), Set::Range(other_start, other_end)) => {
            let (from, to) = (start.max(other_start), end.min(other_end));
            (from <= to).then_some(from)
        }
        (Set::Masked { mask, value }, Set::Masked { mask: other_mask, value: other }) => {
            let agree = (value ^ other) & mask & other_mask == 0;
            agree.then_some(value | other)
        }
        (Set::Range(start, end), Set::Masked { mask, value })
        | (Set::Masked { mask, value }, Set::Range(start, end)) => {
            next_match(start, mask, value).filter(|found| *found <= end)
        }
    }
}

/// The smallest number from `start` on whose bits under `mask` are `value`.
///
/// Bits are decided from the highest down: as long as the number equals `start` so far, a free bit
/// copies it; the last place where a zero of `start` may become one is remembered, because from
/// there on everything below may be as small as the mask allows.
fn next_match(start: u64, mask: u64, value: u64) -> Option<u64> {
    let mut raised = None;
    let mut equal = 0_u64;
    for bit in (0..64).rev().map(|shift| 1_u64 << shift) {
        let below = bit - 1;
        let fixed = mask & bit != 0;
        let (wanted, given) = (value & bit, start & bit);
        if given == 0 && !fixed {
            raised = Some(equal | bit | (value & mask & below));
        }
        if fixed && wanted != given {
            return if wanted > given {
                Some(equal | bit | (value & mask & below))
            } else {
                raised
            };
        }
        equal |= given;
    }
    Some(equal)
}

/// The two variants never exist together, as far as the macro sees.
fn disjoint(left: Option<&Gate>, right: Option<&Gate>) -> bool {
    // Guarded variants are tried in their order.
    let guarded = |gate: Option<&Gate>| gate.is_some_and(|gate| gate.when.is_some());
    if guarded(left) || guarded(right) {
        return true;
    }
    let (Some(left), Some(right)) = (left, right) else { return false };
    if left.version.is_some() && right.version.is_some() {
        return true;
    }
    let text = |path: &syn::Path| path.to_token_stream().to_string();
    let known: Vec<String> = left.dialect.iter().map(text).collect();
    !known.is_empty()
        && !right.dialect.is_empty()
        && !right.dialect.iter().any(|path| known.contains(&text(path)))
}
