//! `max_frame_length` and `min_frame_length` on both ways, for each border: they count the bytes
//! on the wire, delimiters and escapes included.

use longlink::codec::{EncodeError, Fault};
use longlink::{Auto, Bytes, BytesMut, DecodeError, Frame, Parse, Wire, explain};

use super::round_trip;

/// Values whose wire form grows by one byte with each step: the one of `MAX_FRAME_LEN` bytes is
/// written and read again, the next is refused and leaves the output as it was.
fn longest<F>(name: &'static str, of: impl Fn(usize) -> F)
where
    F: Frame + Wire<Context = ()> + for<'a> Parse<'a> + PartialEq + core::fmt::Debug,
{
    let max = F::MAX_FRAME_LEN;
    let empty = of(0).encoded_len();
    let last = of(max - empty);
    let stream = round_trip(vec![last]);
    assert_eq!(stream.len(), max);

    let mut out = BytesMut::from(&[0xa5; 3][..]);
    let refused = of(max - empty + 1).encode(&mut out);
    let (value, max) = (max as u64 + 1, max as u64);
    assert_eq!(refused, Err(EncodeError::TooLarge { field: name, value, max }));
    assert_eq!(out, [0xa5; 3][..]);
}

fn filled(len: usize) -> Bytes {
    Bytes::from(vec![0x33; len])
}

/// A length behind a magic, a checksum behind the body.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(magic = [0x4c, 0x4c], max_frame_length = 600, resync = magic)]
struct Sealed {
    number: u32,
    #[wire(length_of = body)]
    length: Auto<u16>,
    #[wire(rest)]
    body: Bytes,
    #[wire(checksum = crc_32_iso_hdlc, over = ..self)]
    check: Auto<u32>,
}

#[test]
fn a_length_and_a_checksum_behind_the_body() {
    longest("Sealed", |len| Sealed::new(1, filled(len)));
}

/// A length in a varint.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 600)]
struct Counted {
    head: u8,
    #[wire(varint = leb128, length_of = body)]
    length: Auto<u32>,
    #[wire(rest)]
    body: Bytes,
}

#[test]
fn a_length_in_a_varint() {
    // The varint takes a second byte on the way.
    longest("Counted", |len| Counted::new(1, filled(len.saturating_sub(1))));
}

/// A length in bits of a nested header.
#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(bitfield = u16)]
struct Head {
    #[wire(bits = 4)]
    version: u8,
    #[wire(bits = 12)]
    size: Auto<u16>,
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 600)]
struct Nested {
    head: Head,
    #[wire(length_in = head.size)]
    body: Bytes,
    tail: u16,
}

#[test]
fn a_length_in_a_nested_header() {
    longest("Nested", |len| Nested {
        head: Head { version: 1, size: Auto::Derived },
        body: filled(len),
        tail: 7,
    });
}

/// Delimiters on both sides, escapes, a checksum.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(
    delimiter = 0x7e,
    escape(0x7e => [0x7d, 2], 0x7d => [0x7d, 1]),
    max_frame_length = 600
)]
struct Escaped {
    #[wire(rest)]
    body: Bytes,
    #[wire(checksum = xor8, over = ..self)]
    check: Auto<u8>,
}

#[test]
fn delimiters_and_escapes_count() {
    longest("Escaped", |len| Escaped::new(filled(len)));
    // 2 × 298 escaped bytes, their sum 0 and two delimiters; then three bytes more.
    let mut out = BytesMut::new();
    Escaped::new(Bytes::from(vec![0x7e; 298])).encode(&mut out).unwrap();
    assert_eq!(out.len(), 599);
    let refused = Escaped::new(Bytes::from(vec![0x7e; 299])).encode(&mut out);
    assert_eq!(refused, Err(EncodeError::TooLarge { field: "Escaped", value: 602, max: 600 }));
    assert_eq!(out.len(), 599);
}

/// Different delimiters.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(start = b"<<", end = b">>", max_frame_length = 40)]
struct Quoted {
    #[wire(rest)]
    body: Bytes,
}

#[test]
fn a_start_and_an_end_count() {
    longest("Quoted", |len| Quoted { body: filled(len) });
}

/// A terminator.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(end = b"\r\n", max_frame_length = 40)]
struct Line {
    #[wire(rest)]
    text: Bytes,
}

#[test]
fn a_terminator_counts() {
    longest("Line", |len| Line { text: filled(len) });
}

/// Only its layout ends it.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 40)]
struct Listed {
    #[wire(count_prefix = u8)]
    items: Vec<u8>,
    #[wire(prefix = u8)]
    name: String,
}

#[test]
fn a_walked_struct() {
    longest("Listed", |len| Listed { items: vec![1; len / 2], name: "x".repeat(len - len / 2) });
}

/// The tag is part of the enum.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 40, min_frame_length = 4)]
#[repr(u8)]
enum Command {
    #[wire(tag = 1)]
    Say {
        #[wire(prefix = u16)]
        text: String,
    },
    #[wire(tag = 2)]
    Stop { code: u8 },
}

/// The tag is looked at and then read by the variant.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(tag = peek(u8), max_frame_length = 40, min_frame_length = 4)]
enum Value {
    #[wire(tag = b'+')]
    Simple {
        #[wire(magic = b"+")]
        mark: (),
        #[wire(terminated = b"\r\n")]
        text: String,
    },
}

#[test]
fn an_enum_as_a_frame() {
    longest("Command", |len| Command::Say { text: "x".repeat(len) });
    longest("Value", |len| Value::Simple { mark: (), text: "x".repeat(len + 1) });
}

#[test]
fn a_frame_that_is_too_short_is_refused() {
    let refused = |found| Err(EncodeError::WrongSize { field: "Command", expected: 4, found });
    let mut out = BytesMut::from(&[0xa5; 3][..]);
    assert_eq!(Command::Stop { code: 9 }.encode(&mut out), refused(2));
    assert_eq!(Command::Say { text: String::new() }.encode(&mut out), refused(3));
    assert_eq!(Command::Say { text: "a".into() }.encode(&mut out), Ok(()));
    assert_eq!(out, b"\xa5\xa5\xa5\x01\0\x01a"[..]);
}

/// A frame inside of a frame keeps its own limit.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 100)]
struct Outer {
    inner: Listed,
}

#[test]
fn a_frame_as_a_field_keeps_its_limit() {
    let outer = Outer { inner: Listed { items: vec![1; 39], name: String::new() } };
    let refused = outer.encode(&mut BytesMut::new());
    assert_eq!(refused, Err(EncodeError::TooLarge { field: "Listed", value: 41, max: 40 }));
}

/// Found by fuzzing: a frame too long for any stream was read from a buffer, and could not be
/// written again.
#[test]
fn a_buffer_holds_no_frame_that_a_stream_would_refuse() {
    let too_long = [b"\x01\x00\x26".as_slice(), &[b'a'; 38]].concat();
    let refused =
        |from_end| Err(DecodeError { from_end, field: DecodeError::WHOLE, fault: Fault::Length });
    assert_eq!(Command::decode(&too_long), refused(1));
    assert_eq!(Command::decode_with(&too_long, &()), refused(1));
    assert_eq!(Command::decode_shared(&Bytes::from(too_long.clone())), refused(1));
    assert_eq!(Command::decode(&[2, 9]), refused(0));
    // What is wrong inside comes first.
    let left_over = [too_long.as_slice(), b"b"].concat();
    let error = Command::decode(&left_over).expect_err("one byte more");
    assert_eq!(error.fault, Fault::Trailing);

    let explanation = explain::<Command>(&too_long);
    assert_eq!(explanation.root().children.len(), 2, "each field is shown");
    let report = explanation.report().expect("the reason");
    assert_eq!(report.path, "Command.Say");
    assert_eq!(report.expected, "a frame of 4 to 40 bytes");
    assert_eq!(report.found, "41 bytes");
}
