//! One byte of two bit fields, `kind` in its upper 3 bits and `options` in its lower 5. The limit
//! takes the byte and leaves it alone; all check that it is the whole frame.

use crate::Refused;

/// What is read of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plain {
    pub kind: u8,
    pub options: u8,
}

/// The byte as it stands.
#[inline(never)]
pub fn raw(frame: &[u8]) -> Result<u8, Refused> {
    match frame {
        [byte] => Ok(*byte),
        _ => Err(Refused::Length),
    }
}

pub mod ours {
    use longlink::Frame;
    use longlink::codec::DecodeError;

    use super::Plain;

    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(endian = big)]
    pub struct Flags {
        #[wire(bits = 3)]
        pub kind: u8,
        #[wire(bits = 5)]
        pub options: u8,
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Flags, DecodeError> {
        Flags::decode(frame)
    }

    pub fn plain(flags: Flags) -> Plain {
        let Flags { kind, options } = flags;
        Plain { kind, options }
    }
}

pub mod deku {
    use deku::prelude::*;

    use super::Plain;
    use crate::Refused;

    #[derive(DekuRead)]
    struct Flags {
        #[deku(bits = 3)]
        kind: u8,
        #[deku(bits = 5)]
        options: u8,
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Plain, Refused> {
        let ((rest, _), Flags { kind, options }) =
            Flags::from_bytes((frame, 0)).map_err(|_| Refused::Peer)?;
        if rest.is_empty() { Ok(Plain { kind, options }) } else { Err(Refused::Length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_implementations_agree() {
        for byte in 0..=u8::MAX {
            let plain = Plain { kind: byte >> 5, options: byte & 0x1f };
            assert_eq!(raw(&[byte]), Ok(byte));
            assert_eq!(ours::decode(&[byte]).map(ours::plain), Ok(plain));
            assert_eq!(deku::decode(&[byte]), Ok(plain));
        }
        assert_eq!(raw(&[1, 2]), Err(Refused::Length));
        assert_eq!(deku::decode(&[1, 2]), Err(Refused::Length));
        let trailing = longlink::codec::Fault::Trailing;
        assert_eq!(ours::decode(&[1, 2]).map_err(|error| error.fault), Err(trailing));
    }
}
