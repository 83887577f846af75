//! The frames of these tests: one of each border.

use super::*;

/// One magic byte, a length of the payload, the payload, its sum.
fn sums(frame: &[u8]) -> bool {
    matches!(frame, [.., sum] if frame[2..frame.len() - 1].iter().fold(0u8, |a, b| a ^ b) == *sum)
}

pub(super) struct Summed;
impl Border for Summed {
    const MAX: usize = 40;
    const MIN: usize = 3;
    const RESYNC: Resync = Resync::Magic;
    const MAGIC: &'static [u8] = &[0x68];
    const CHECKED: bool = true;
    const SHARES: bool = true;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        length(progress, limits, buffer, 2, |header| total(u64::from(header[1]), 1, 3))
    }
    fn accepts(frame: &[u8]) -> bool {
        sums(frame)
    }
}

/// The same without trust in the sum.
pub(super) struct Unsummed;
impl Border for Unsummed {
    const MAX: usize = 40;
    const RESYNC: Resync = Resync::Magic;
    const MAGIC: &'static [u8] = &[0x68, 0x69];
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        length(progress, limits, buffer, 3, |header| total(u64::from(header[2]), 1, 3))
    }
    fn accepts(frame: &[u8]) -> bool {
        !frame.contains(&0xff)
    }
}

pub(super) struct Closing;
impl Border for Closing {
    const MAX: usize = 100;
    const MIN: usize = 4;
    const RESYNC: Resync = Resync::Close;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        length(progress, limits, buffer, 4, |header| {
            let length = u32::from_be_bytes(*header.first_chunk().ok_or(Fault::Short)?);
            total(u64::from(length), 1, 0)
        })
    }
    fn accepts(frame: &[u8]) -> bool {
        !frame.contains(&0xff)
    }
}

pub(super) struct Varint;
impl Border for Varint {
    const MAX: usize = 300;
    const RESYNC: Resync = Resync::Close;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        varint_length(
            progress,
            limits,
            buffer,
            1,
            |input| leb128_read::<u32>(input, 0, Some(4), crate::varint::Overlong::Refuse),
            |value, end| total(u64::from(value) + end as u64, 1, 0),
        )
    }
    fn accepts(_: &[u8]) -> bool {
        true
    }
}

pub(super) struct Shared;
impl Border for Shared {
    const MAX: usize = 12;
    const RESYNC: Resync = Resync::Delimiter;
    const NOISE: &'static [u8] = &[0x7e];
    const SHARES: bool = true;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        shared(progress, limits, buffer, &[0x7e])
    }
    fn accepts(frame: &[u8]) -> bool {
        !frame.contains(&0xff)
    }
}

pub(super) struct Quoted;
impl Border for Quoted {
    const MAX: usize = 16;
    const RESYNC: Resync = Resync::Delimiter;
    const SHARES: bool = true;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        delimited(progress, limits, buffer, b"<<", b">>")
    }
    fn accepts(frame: &[u8]) -> bool {
        frame.iter().filter(|byte| **byte == b'<').count() == 2
    }
}

pub(super) struct Line;
impl Border for Line {
    const MAX: usize = 8;
    const RESYNC: Resync = Resync::Delimiter;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        terminated(progress, limits, buffer, b"\r\n")
    }
    fn accepts(frame: &[u8]) -> bool {
        frame != b"bad\r\n"
    }
}

/// `L count items` | `T text NUL` | `B byte`: lists in lists.
pub(super) struct Nested;
impl Nested {
    fn value(walker: &mut Walker<'_>) -> Step {
        match walker.number::<1>(Endian::Big)? {
            0x4c => {
                let count = walker.number::<2>(Endian::Big)?;
                walker.list(count, Self::value)
            }
            0x54 => walker.terminated(&[0], 1, 1024),
            0x42 => walker.pass(1),
            _ => Err(crate::border::Stop::Fault(Fault::UnknownTag)),
        }
    }
}
impl Border for Nested {
    const MAX: usize = 512 * 1024;
    const RESYNC: Resync = Resync::Close;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        walk(progress, limits, buffer, Self::value)
    }
    fn accepts(_: &[u8]) -> bool {
        true
    }
}

/// The same behind a magic, `i`, that is searched for.
pub(super) struct Marked;
impl Border for Marked {
    const MAX: usize = 512;
    const RESYNC: Resync = Resync::Magic;
    const MAGIC: &'static [u8] = b"i";
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        walk(progress, limits, buffer, |walker| {
            walker.pass(1)?;
            Nested::value(walker)
        })
    }
    fn accepts(frame: &[u8]) -> bool {
        !frame.contains(&0)
    }
}
