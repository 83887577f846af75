//! Names, and their compression: a pointer names the place of an earlier one (RFC 1035 §4.1.4).

use std::fmt;
use std::str::FromStr;

use longlink::codec::Fault;
use longlink::{BytesMut, DecodeError, EncodeError};
use nom::IResult;
use nom::bytes::complete::take;
use nom::number::complete::be_u8;

/// Octets of one label (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;
/// Octets of a name on the wire without compression, the root included (RFC 1035 §2.3.4).
const MAX_NAME: usize = 255;
/// What a pointer can name: 14 bits.
const MAX_POINTER: usize = 0x3FFF;
/// Octets of a message before its first question (RFC 1035 §4.1.1).
const HEADER: usize = 12;

/// A domain name: its labels, without the root.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Name {
    labels: Vec<Vec<u8>>,
}

impl Name {
    /// Adds a label; `None`: it or the name would be too long.
    fn push(&mut self, label: &[u8]) -> Option<()> {
        let fits = (1..=MAX_LABEL).contains(&label.len());
        let len = self.len().checked_add(label.len())?.checked_add(1)?;
        (fits && len <= MAX_NAME).then(|| self.labels.push(label.to_vec()))
    }

    /// Octets on the wire without compression.
    fn len(&self) -> usize {
        1 + self.labels.iter().map(|label| 1 + label.len()).sum::<usize>()
    }
}

/// Reads a name that begins at `offset` of the message.
pub fn read<'a>(
    input: &'a [u8],
    message: &[u8],
    offset: usize,
) -> IResult<&'a [u8], Name, DecodeError> {
    let invalid = || nom::Err::Error(DecodeError::new(Fault::Invalid, 0, input));
    let mut name = Name::default();
    let (rest, mut pointer) = segment(input, &mut name)?;
    let mut start = offset;
    // "A pointer to a prior occurrence": each leads further back, so that none can lead in a circle.
    while let Some(target) = pointer {
        let earlier = message.get(target..start).ok_or_else(invalid)?;
        (_, pointer) = segment(earlier, &mut name).map_err(|_| invalid())?;
        start = target;
    }
    Ok((rest, name))
}

/// Labels up to the root or a pointer, which is returned.
fn segment<'i>(input: &'i [u8], name: &mut Name) -> IResult<&'i [u8], Option<usize>, DecodeError> {
    let mut rest = input;
    loop {
        let (after, head) = be_u8(rest)?;
        match head {
            0 => return Ok((after, None)),
            1..=0x3F => {
                let (after, label) = take(head)(after)?;
                if name.push(label).is_none() {
                    return Err(nom::Err::Error(DecodeError::new(Fault::Length, 0, rest)));
                }
                rest = after;
            }
            0xC0.. => {
                let (after, low) = be_u8(after)?;
                return Ok((after, Some(usize::from(u16::from_be_bytes([head & 0x3F, low])))));
            }
            // "The 10 and 01 combinations are reserved for future use."
            0x40..=0xBF => {
                return Err(nom::Err::Error(DecodeError::new(Fault::Invalid, 0, rest)));
            }
        }
    }
}

/// Writes a name; its longest end that stands in the message already becomes a pointer to the last
/// such place.
pub fn write(name: &Name, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
    let message = out.get(start..).unwrap_or_default();
    let known = suffixes(message);
    let found = (0..name.labels.len()).find_map(|skip| {
        let labels = name.labels.get(skip..)?;
        let (at, _) = known.iter().rfind(|(_, known)| known.labels == labels)?;
        Some((skip, 0xC000 | u16::try_from(*at).ok()?))
    });
    let (own, pointer) = found.map_or((name.labels.len(), None), |(own, at)| (own, Some(at)));
    for label in name.labels.iter().take(own) {
        label_to(label, out)?;
    }
    match pointer {
        Some(pointer) => out.extend_from_slice(&pointer.to_be_bytes()),
        None => out.extend_from_slice(&[0]),
    }
    Ok(())
}

fn label_to(label: &[u8], out: &mut BytesMut) -> Result<(), EncodeError> {
    let max = u64::try_from(MAX_LABEL).unwrap_or(u64::MAX);
    let len = u8::try_from(label.len()).ok().filter(|len| (1..=63).contains(len));
    let Some(len) = len else {
        let value = u64::try_from(label.len()).unwrap_or(u64::MAX);
        return Err(EncodeError::TooLarge { field: "label", value, max });
    };
    out.extend_from_slice(&[len]);
    out.extend_from_slice(label);
    Ok(())
}

/// Names that are never compressed when written (RFC 2782), but may be when read.
pub mod plain {
    use super::{BytesMut, EncodeError, Name, label_to};

    pub use super::read;

    pub fn write(name: &Name, out: &mut BytesMut, _: usize) -> Result<(), EncodeError> {
        name.labels.iter().try_for_each(|label| label_to(label, out))?;
        out.extend_from_slice(&[0]);
        Ok(())
    }
}

/// All names of a message that is being written, and their ends, with their places. It is walked
/// field by field: bytes that only look like a name may still change.
fn suffixes(message: &[u8]) -> Vec<(usize, Name)> {
    let mut found = Vec::new();
    for mut at in places(message) {
        while at <= MAX_POINTER
            && let Some((&len @ 1..=0x3F, _)) = message.get(at..).and_then(<[u8]>::split_first)
            && let Some(Ok((_, name))) = message.get(at..).map(|input| read(input, message, at))
        {
            found.push((at, name));
            at += 1 + usize::from(len);
        }
    }
    found
}

/// Where the names of a message begin, as far as it is written.
fn places(message: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let word = |at: usize| {
        message.get(at..)?.first_chunk().map(|bytes| usize::from(u16::from_be_bytes(*bytes)))
    };
    let end_of = |at: usize| {
        let input = message.get(at..)?;
        let (rest, _) = segment(input, &mut Name::default()).ok()?;
        Some(message.len() - rest.len())
    };
    let mut walk = || -> Option<()> {
        let mut at = HEADER;
        for _ in 0..word(4)? {
            places.push(at);
            at = end_of(at)? + 4;
        }
        loop {
            places.push(at);
            let fixed = end_of(at)?;
            let (kind, len, data) = (word(fixed)?, word(fixed + 8)?, fixed + 10);
            match kind {
                2 | 5 | 12 => places.push(data),
                15 => places.push(data + 2),
                33 => places.push(data + 6),
                6 => {
                    places.push(data);
                    places.push(end_of(data)?);
                }
                _ => {}
            }
            // The length of the record that is being written still stands as zero.
            if len == 0 && matches!(kind, 2 | 5 | 6 | 12 | 15 | 33) {
                return None;
            }
            at = data + len;
        }
    };
    walk();
    places
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut name = Self::default();
        let labels = text.trim_end_matches('.').split('.').filter(|_| text != ".");
        for label in labels {
            name.push(label.as_bytes())
                .ok_or("no name: a label has 1 to 63 bytes, all of it 255")?;
        }
        Ok(name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.labels.is_empty() {
            return f.write_str(".");
        }
        self.labels.iter().try_for_each(|label| write!(f, "{}.", label.escape_ascii()))
    }
}
