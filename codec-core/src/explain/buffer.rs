//! Where the bytes lie: the wire, and what was made of it.

use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;

/// The input, or a layer.
pub(super) struct Buffer {
    pub(super) bytes: Bytes,
    /// Address of the first byte while it was parsed.
    address: usize,
    /// Number of the layer that readers see: unescaped bytes count as those they stand for.
    pub(super) layer: usize,
    /// Per byte, and once behind the last: its offset in the outer buffer. Only under escapes.
    wire: Vec<usize>,
    pub(super) outer: usize,
}

impl Buffer {
    /// A buffer with offsets of its own.
    pub(super) fn new(bytes: Bytes, address: usize, layer: usize) -> Self {
        Self { bytes, address, layer, wire: Vec::new(), outer: 0 }
    }

    /// What `outer[range]` is without its escapes; `None` when it is not.
    pub(super) fn unescaped(
        bytes: Bytes,
        address: usize,
        outer: (usize, &Self),
        range: Range<usize>,
        escapes: &[(u8, &[u8])],
    ) -> Option<Self> {
        let (number, buffer) = outer;
        let mut wire = Vec::with_capacity(bytes.len().saturating_add(1));
        let mut at = range.start;
        for byte in &bytes {
            wire.push(at);
            let rest = buffer.bytes.get(at..range.end)?;
            let code = escapes.iter().find(|(_, code)| rest.starts_with(code));
            let (plain, len) = match code {
                Some((plain, code)) => (*plain, code.len()),
                None => (*rest.first()?, 1),
            };
            if plain != *byte {
                return None;
            }
            at = at.saturating_add(len);
        }
        wire.push(at);
        (at == range.end).then_some(Self {
            bytes,
            address,
            layer: buffer.layer,
            wire,
            outer: number,
        })
    }

    /// The offset of an address, which may lie one behind the end.
    pub(super) fn offset_of(&self, address: usize) -> Option<usize> {
        let offset = address.checked_sub(self.address)?;
        (offset <= self.bytes.len()).then_some(offset)
    }

    pub(super) fn is_mapped(&self) -> bool {
        !self.wire.is_empty()
    }

    /// The offset in the outer buffer.
    pub(super) fn outward(&self, offset: usize) -> usize {
        self.wire.get(offset).or(self.wire.last()).copied().unwrap_or(offset)
    }

    /// The offset in here of one in the outer buffer.
    pub(super) fn inward(&self, outer: usize) -> usize {
        self.wire.partition_point(|wire| *wire <= outer).saturating_sub(1)
    }

    pub(super) fn part(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    pub(super) fn share(&self, range: Range<usize>) -> Bytes {
        if range.start <= range.end && range.end <= self.bytes.len() {
            self.bytes.slice(range)
        } else {
            Bytes::new()
        }
    }
}
