//! The enclosing frame, as `with = module(whole)` sees it.

use bytes::BytesMut;

use crate::scope::{Around, Enclosing, Scope};

/// The frame whose bytes from `start` on, up to the last `cut`, are read from `input`.
#[inline(always)]
#[must_use]
pub fn region(input: &[u8], start: usize, cut: usize) -> &[u8] {
    input.get(start..input.len().saturating_sub(cut)).unwrap_or_default()
}

/// What is handed down while such a frame is read.
#[inline(always)]
#[must_use]
pub fn reading<'s>(scope: Scope<'s>, whole: &'s [u8]) -> Around<'s> {
    Around { trace: scope.trace(), whole: Enclosing::Read(whole), hole: scope.hole() }
}

/// What is handed to a value that is looked at as soon as it is read: nothing of it is left out.
#[inline(always)]
#[must_use]
pub fn looking(scope: Scope<'_>) -> Around<'_> {
    Around { trace: scope.trace(), whole: scope.enclosing(), hole: None }
}

/// What is handed down while a frame is written from `start` on.
#[inline(always)]
#[must_use]
pub fn writing(start: usize) -> Around<'static> {
    Around { trace: None, whole: Enclosing::Written(start), hole: None }
}

/// What is handed to the borrowing twin of a frame.
#[inline]
#[must_use]
pub fn twin(scope: Scope<'_>) -> Around<'_> {
    Around { trace: scope.trace(), whole: Enclosing::Next, hole: scope.hole() }
}

/// The borrowing twin that is read is the frame itself, not a part of one.
#[inline]
#[must_use]
pub fn is_outermost(scope: Scope<'_>) -> bool {
    matches!(scope.enclosing(), Enclosing::Next)
}

/// The same scope for a value that is written into an output of its own, to count its bytes.
#[inline]
#[must_use]
pub fn measured(scope: Scope<'_>) -> Scope<'_> {
    const MEASURED: &Around<'_> = &Around { trace: None, whole: Enclosing::Measured, hole: None };
    match scope.enclosing() {
        Enclosing::Written(_) => scope.inside(MEASURED),
        _ => scope,
    }
}

/// Where `part`, a slice of `whole`, begins in it; its end where it is no slice of it.
#[inline]
#[must_use]
pub fn position(whole: &[u8], part: &[u8]) -> usize {
    slice_of(whole, part).unwrap_or(whole.len())
}

fn slice_of(whole: &[u8], part: &[u8]) -> Option<usize> {
    let at = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (at.checked_add(part.len())? <= whole.len()).then_some(at)
}

/// The enclosing frame, and where `rest` begins in it; the type itself, which was read from
/// `input`, where nobody said or where it was read from other bytes.
#[inline]
#[must_use]
pub fn seen<'x>(scope: Scope<'x>, input: &'x [u8], rest: &[u8]) -> (&'x [u8], usize) {
    if let Enclosing::Read(whole) = scope.enclosing()
        && let Some(at) = slice_of(whole, rest)
    {
        return (whole, at);
    }
    (input, position(input, rest))
}

/// Where the enclosing frame begins in the output; `own`, where nobody said.
#[inline]
#[must_use]
pub fn written_from(scope: Scope<'_>, own: usize, out: &BytesMut) -> usize {
    match scope.enclosing() {
        Enclosing::Written(start) => start.min(out.len()),
        Enclosing::Measured => out.len(),
        Enclosing::Unknown | Enclosing::Next | Enclosing::Read(_) => own.min(out.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_knows_its_place_in_the_frame() {
        let frame = [1, 2, 3, 4];
        let around = reading(Scope::ROOT, region(&frame, 1, 0));
        let scope = Scope::ROOT.inside(&around);
        assert_eq!(seen(scope, &frame[2..], &frame[3..]), (&frame[1..], 2));
        assert_eq!(seen(scope, &frame[2..], &frame[4..]), (&frame[1..], 3));
        assert_eq!(seen(Scope::ROOT, &frame[2..], &frame[3..]), (&frame[2..], 1));
    }

    #[test]
    fn bytes_of_another_buffer_are_a_frame_of_their_own() {
        let (frame, layer) = ([1, 2, 3, 4], [1, 2, 3, 4, 5]);
        let around = reading(Scope::ROOT, &frame);
        let scope = Scope::ROOT.inside(&around);
        assert_eq!(seen(scope, &layer, &layer[2..]), (&layer[..], 2));
    }

    #[test]
    fn what_is_measured_has_nothing_before_it() {
        let out = BytesMut::from(&[1, 2, 3][..]);
        let around = writing(1);
        let scope = Scope::ROOT.inside(&around);
        assert_eq!(written_from(scope, 0, &out), 1);
        assert_eq!(written_from(measured(scope), 0, &out), 3);
        assert_eq!(written_from(measured(Scope::ROOT), 2, &out), 2);
    }
}
