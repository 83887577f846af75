//! Copies of received frames that will be kept.

use std::cell::OnceCell;

use bytes::Bytes;
use longlink_codec_core::Scope;

/// Small frames that came together share one copy of at most so many bytes: a burst of them costs
/// few allocations, and one that is kept pins no more than that. Allocators serve less than 1 KiB
/// from their lists of small ones; what is larger costs ten times as much.
pub(super) const SHARED: usize = 1_000;

/// Frames that share one copy at most: bounds count the bytes of the frames that are kept, and these
/// may pin so many times as much.
const TOGETHER: usize = 16;

/// A copy of a part of the input, with whole frames in it.
#[derive(Default)]
pub(super) struct Copied {
    /// Where in the input it begins.
    at: usize,
    bytes: Bytes,
}

impl Copied {
    /// The copy of a frame, and what its `Bytes` are slices of. `rest` is the input from `at` on,
    /// and most often begins with the frame; then `fresh`, if it was needed, has room for those
    /// behind it.
    #[inline]
    pub(super) fn or_copy<'b>(
        &'b self,
        frame: &'b [u8],
        (rest, at): (&[u8], usize),
        fresh: &'b OnceCell<Copied>,
    ) -> (&'b [u8], Scope<'b>) {
        let in_step = frame.as_ptr() == rest.as_ptr();
        if in_step && let Some(copy) = self.get(at, frame.len()) {
            return (copy, Scope::of(&self.bytes));
        }
        if fresh.get().is_some() {
            // In the search for frames in garbage a second candidate copies field by field.
            return (frame, Scope::ROOT);
        }
        let (at, bytes) = if in_step { (at, run(rest, frame.len())) } else { (usize::MAX, frame) };
        let fresh = fresh.get_or_init(|| Copied { at, bytes: Bytes::copy_from_slice(bytes) });
        (fresh.bytes.get(..frame.len()).unwrap_or_default(), Scope::of(&fresh.bytes))
    }

    /// The frame of this length at this place of the input is in it.
    #[inline]
    pub(super) fn holds(&self, at: usize, len: usize) -> bool {
        self.get(at, len).is_some()
    }

    #[inline]
    fn get(&self, at: usize, len: usize) -> Option<&[u8]> {
        self.bytes.get(at.checked_sub(self.at)?..)?.get(..len)
    }
}

/// The frame of `len` bytes that `rest` begins with, and as many of that length as may share its
/// copy.
fn run(rest: &[u8], len: usize) -> &[u8] {
    let count = SHARED.checked_div(len).unwrap_or(0).clamp(1, TOGETHER);
    rest.get(..count.saturating_mul(len)).unwrap_or(rest)
}
