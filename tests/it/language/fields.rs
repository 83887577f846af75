//! Single fields: text that is not, bits up to the next byte, flag sets, seconds.

use longlink::codec::Fault;
use longlink::{BytesMut, EncodeError, Parse, Wire};

use crate::samples::bytes;
use crate::shapes::{holds, refused, unwritable};

#[derive(Debug, Clone, PartialEq, Wire)]
struct Lossy {
    #[wire(prefix = u8, lossy)]
    text: String,
}

#[test]
fn lossy_text_is_replaced_on_read_and_not_on_write() {
    let value = Lossy { text: "a\u{FFFD}b".into() };
    assert_eq!(Lossy::parse(&bytes("03 61FF62")), Ok((&[][..], value.clone())));
    holds(&value, "05 61EFBFBD62");
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Padded {
    #[wire(bits = 3)]
    kind: u8,
    #[wire(bits = rest, reserved)]
    spare: (),
    next: u8,
}

#[test]
fn bits_up_to_the_next_byte_must_be_zero() {
    holds(&Padded { kind: 7, spare: (), next: 1 }, "E0 01");
    assert_eq!(refused::<Padded>("E1 01"), (Fault::Padding, 0));
    let wide = Padded { kind: 8, spare: (), next: 1 };
    assert_eq!(unwritable(&wide), EncodeError::TooLarge { field: "Padded.kind", value: 8, max: 7 });
}

/// What the macro of the crate `bitflags` makes, as far as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rights(u16);

impl Rights {
    const READ: Self = Self(1);

    fn from_bits_retain(bits: u16) -> Self {
        Self(bits)
    }

    fn bits(self) -> u16 {
        self.0
    }
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Entry {
    #[wire(flags = u16, endian = little)]
    rights: Rights,
    #[wire(timestamp = unix_s)]
    at: u32,
}

#[test]
fn a_flag_set_keeps_bits_that_nobody_declared() {
    holds(&Entry { rights: Rights::READ, at: 1 }, "0100 00000001");
    holds(&Entry { rights: Rights(0x8001), at: 1_700_000_000 }, "0180 6553F100");
    assert_eq!(refused::<Entry>("0100 000000"), (Fault::Short, 2));
    assert_eq!(Entry { rights: Rights(0), at: 0 }.encode(&mut BytesMut::new()), Ok(()));
}
