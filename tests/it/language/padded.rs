//! Varints that are written as long as they were read.

use allocation_counter::measure;
use longlink::codec::{Fault, Roles};
use longlink::{Arbitrary, Auto, BytesMut, EncodeError, Frame, Padded, Wire, explain};

use super::laws;
use crate::samples::bytes;
use crate::shapes::{holds, refused, unwritable};

/// What linkers write into WebAssembly: indices of functions take five bytes, so that they can be
/// replaced in place. WebAssembly 2.0, section 5.2.2: "the following is a valid encoding of 3 as u32:
/// 0x83 0x00", as long as it has no more than ceil(N / 7) bytes.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Call {
    #[wire(fixed = 0x10u8)]
    opcode: (),
    #[wire(varint = leb128, overlong = keep)]
    function: Padded<u32>,
}

#[test]
fn an_index_of_webassembly_keeps_its_bytes() {
    holds(&Call::new(Padded { value: 3, len: 2 }), "10 8300");
    holds(&Call::new(Padded { value: 3, len: 5 }), "10 8380808000");
    holds(&Call::new(3.into()), "10 03");
    holds(&Call::new(u32::MAX.into()), "10 FFFFFFFF0F");
    assert_eq!(refused::<Call>("10 838080808000"), (Fault::Varint, 1));
    let wrong = EncodeError::WrongSize { field: "Call.function", expected: 5, found: 6 };
    assert_eq!(unwritable(&Call::new(Padded { value: 3, len: 6 })), wrong);
}

#[derive(Debug, PartialEq, Wire)]
struct Calls {
    #[wire(count_prefix = u16)]
    all: Vec<Call>,
}

#[test]
fn what_stands_before_a_padded_number_is_not_copied() {
    let all = vec![Call::new(Padded { value: 3, len: 2 }); 10_000];
    let calls = Calls { all };
    let mut out = BytesMut::with_capacity(30_002);
    let info = measure(|| assert_eq!(calls.encode(&mut out), Ok(())));
    assert_eq!(out.len(), 30_002);
    assert!(info.bytes_total < 100_000, "{} bytes for 10,000 numbers", info.bytes_total);
}

/// The other forms, and a number that says how many bytes follow.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(endian = little, max_frame_length = 256)]
struct Forms {
    #[wire(varint = zigzag, overlong = keep)]
    zigzag: Padded<i16>,
    #[wire(varint = vlq, overlong = keep, valid = 1..=0x3FFF)]
    vlq: Padded<u16>,
    #[wire(varint = ber, overlong = keep, valid = ber < 100)]
    ber: Padded<u32>,
    #[wire(varint = steps(0xFD => u16, 0xFE => u32), overlong = keep)]
    steps: Padded<u32>,
    #[wire(size = ber)]
    text: String,
    #[wire(checksum = sum8, over = ..self)]
    sum: Auto<u8>,
}

fn forms(lens: [u8; 4]) -> Forms {
    let [zigzag, vlq, ber, steps] = lens;
    Forms::new(
        Padded { value: -2, len: zigzag },
        Padded { value: 200, len: vlq },
        Padded { value: 2, len: ber },
        Padded { value: 7, len: steps },
        "hi".into(),
    )
}

#[test]
fn each_form_has_its_own_padding() {
    holds(&forms([0; 4]), "03 8148 02 07 6869 A6");
    holds(&forms([2, 3, 0, 3]), "8300 808148 02 FD0700 6869 A3");
    holds(&forms([0, 0, 5, 5]), "03 8148 8400000002 FE07000000 6869 28");
    assert_eq!(refused::<Forms>("8080808000"), (Fault::Varint, 0));
    let wrong = EncodeError::WrongSize { field: "Forms.steps", expected: 5, found: 4 };
    assert_eq!(unwritable(&forms([0, 0, 0, 4])), wrong);
}

#[test]
fn explain_shows_the_number() {
    let explanation = explain::<Call>(&bytes("10 8300"));
    let function = &explanation.root().children[1];
    assert_eq!(
        (function.range.clone(), format!("{:?}", function.value)),
        (1..3, "Unsigned(3)".into())
    );
}

/// One that may be absent and one that chooses a role, both named by others.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 64)]
struct Named {
    ranked: bool,
    #[wire(present_if = ranked, varint = leb128, overlong = keep)]
    rank: Option<Padded<u32>>,
    #[wire(varint = leb128, overlong = keep)]
    level: Padded<u32>,
    #[wire(role = if level == 3 { sequence } else { replies_to })]
    number: u16,
    #[wire(present_if = rank.is_some())]
    title: Option<u8>,
}

#[test]
fn other_fields_name_the_number() {
    let level = Padded { value: 3, len: 2 };
    let rank = Some(Padded { value: 5, len: 3 });
    let named = Named { ranked: true, rank, level, number: 7, title: Some(9) };
    holds(&named, "01 858000 8300 0007 09");
    assert_eq!((named.sequence(), named.replies_to()), (Some(7), None));
    let plain = Named { ranked: false, rank: None, level: 4.into(), number: 7, title: None };
    holds(&plain, "00 04 0007");
    assert_eq!((plain.sequence(), plain.replies_to()), (None, Some(7)));
}

#[test]
fn drawn_and_changed_numbers_keep_their_bytes() {
    laws::hold::<Call>();
    laws::hold::<Forms>();
    laws::hold::<Named>();
}
