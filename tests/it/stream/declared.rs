//! Borders at constant places: fixed, length, delimiter, terminated.

use longlink::codec::Fault;
use longlink::{Auto, Bytes, Decoder, Frame, Wire};

use super::{Said, drip, every_split, hex, round_trip, said};

/// A length that counts everything, a tag, a checksum.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 256 * 1024, resync = close)]
struct Message {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    sequence: u16,
    #[wire(rest)]
    body: Bytes,
    #[wire(checksum = xor8, over = ..self)]
    checksum: Auto<u8>,
}

#[test]
fn a_length_over_the_whole_frame() {
    let stream = round_trip(vec![
        Message::new(7, Bytes::from_static(b"hello")),
        Message::new(8, Bytes::new()),
        Message::new(9, Bytes::from_static(&[0; 9])),
    ]);
    assert_eq!(&stream[..6], [0, 0, 0, 12, 0, 7]);
    // Smaller than its own frame can be; beyond the limit, by one.
    for (length, fault) in [(6u32, Fault::Length), (256 * 1024 + 1, Fault::Length)] {
        let bytes = length.to_be_bytes();
        every_split::<Message>(&bytes, &[Said::Bad(0, 4, fault), Said::Broken(fault)]);
    }
    assert_eq!(said::<Message>([&[0, 4, 0, 0][..]]), []);
}

#[test]
fn a_long_frame_that_drips_in_costs_its_header() {
    let message = Message::new(1, Bytes::from(vec![0xa5; 256 * 1024 - 7]));
    let mut bytes = longlink::BytesMut::new();
    message.encode(&mut bytes).unwrap();
    assert_eq!(bytes.len(), 256 * 1024);
    // Four bytes when the header is whole, and again with the last byte.
    assert_eq!(drip::<Message>(&bytes), 8);
}

/// Little-endian, without its own header, in words, behind a magic.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = little, magic = [0xeb, 0x90], max_frame_length = 64, resync = magic)]
struct Words {
    kind: u8,
    #[wire(length_of = data, unit = 2, bias = 2)]
    words: Auto<u16>,
    #[wire(rest)]
    data: Bytes,
    #[wire(checksum = crc_16_ibm_3740, over = ..self)]
    check: Auto<u16>,
}

#[test]
fn a_length_in_units_behind_a_magic() {
    let good = Words::new(3, Bytes::from_static(&[1, 2, 3, 4]));
    let stream = round_trip(vec![good.clone(), Words::new(4, Bytes::new()), good.clone()]);
    assert_eq!(&stream[..5], [0xeb, 0x90, 3, 3, 0]);
}

#[test]
fn garbage_before_between_and_inside() {
    let good = Words::new(3, Bytes::from_static(&[1, 2, 3, 4]));
    let mut bytes = longlink::BytesMut::new();
    good.encode(&mut bytes).unwrap();
    let mut flipped = bytes.to_vec();
    flipped[6] ^= 0x10;
    let stream =
        [&[0x90, 0xeb, 7, 0xeb][..], &bytes, &[0xeb, 0x90, 1], &bytes, &flipped, &bytes].concat();
    let frame = || Said::Frame(good.clone());
    every_split(
        &stream,
        &[
            Said::Bad(0, 4, Fault::Magic),
            frame(),
            // It looks like a header; what follows it shows that it was none.
            Said::Bad(15, 3, Fault::Length),
            frame(),
            Said::Bad(29, 11, Fault::Checksum),
            frame(),
        ],
    );
}

/// The length stands in bits of a nested header.
#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(bitfield = u16)]
struct Head {
    #[wire(bits = 4)]
    version: u8,
    #[wire(bits = 12)]
    size: Auto<u16>,
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = little, max_frame_length = 5000)]
struct Nested {
    mark: u8,
    head: Head,
    #[wire(length_in = head.size)]
    body: Bytes,
    tail: u16,
}

#[test]
fn a_length_in_a_nested_header() {
    let frame = |body: &'static [u8]| Nested {
        mark: 1,
        head: Head { version: 5, size: Auto::Derived },
        body: Bytes::from_static(body),
        tail: 0x0102,
    };
    let stream = round_trip(vec![frame(b"abc"), frame(b""), frame(b"z")]);
    assert_eq!(&stream[..8], [1, 3, 0x50, b'a', b'b', b'c', 2, 1]);
}

/// MQTT's fixed header.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 300 * 1024)]
struct Packet {
    head: u8,
    #[wire(varint = leb128, max_bytes = 4, length_of = body)]
    remaining: Auto<u32>,
    #[wire(rest)]
    body: Bytes,
}

#[test]
fn a_varint_length_asks_for_one_byte_at_a_time() {
    let stream = round_trip(vec![
        Packet::new(0x30, Bytes::from_static(b"ab")),
        Packet::new(0x31, Bytes::new()),
        Packet::new(0x32, Bytes::from(vec![7; 200])),
    ]);
    assert_eq!(&stream[..4], [0x30, 2, b'a', b'b']);
    let mut bytes = longlink::BytesMut::new();
    Packet::new(1, Bytes::from(vec![1; 256 * 1024])).encode(&mut bytes).unwrap();
    assert!(drip::<Packet>(&bytes) <= 20);
    let mut decoder = Decoder::<Packet>::new();
    let need = |decoder: &mut Decoder<Packet>, bytes: &[u8]| match decoder
        .decode_in_place(bytes, |_, ()| Ok(()))
    {
        (0, longlink::codec::decoder::Found::Need(missing)) => missing,
        other => panic!("{other:?}"),
    };
    assert_eq!(need(&mut decoder, &[]), 2);
    assert_eq!(need(&mut decoder, &[1]), 1);
    assert_eq!(need(&mut decoder, &[1, 0x80]), 1);
    assert_eq!(need(&mut decoder, &[1, 0x80, 1]), 128);
    // Five bytes, or more than the limit.
    let said_of = |bytes: &[u8]| said::<Packet>([bytes]);
    let fault = Fault::Varint;
    assert_eq!(
        said_of(&[1, 0xff, 0xff, 0xff, 0xff]),
        [Said::Bad(0, 5, fault), Said::Broken(fault)]
    );
    let fault = Fault::Length;
    assert_eq!(said_of(&[1, 0xff, 0xff, 0x7f]), [Said::Bad(0, 4, fault), Said::Broken(fault)]);
}

/// Always nine bytes.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(magic = 0xaau8, resync = magic)]
struct Beat {
    at_ms: u32,
    #[wire(checksum = crc_32_iso_hdlc, over = ..self)]
    check: Auto<u32>,
}

#[test]
fn a_fixed_size() {
    assert_eq!(<Beat as Frame>::MAX_FRAME_LEN, 9);
    let stream = round_trip(vec![Beat::new(1), Beat::new(0xaaaa_aaaa)]);
    let garbage = [&[1, 0xaa, 2][..], &stream].concat();
    every_split(
        &garbage,
        &[
            Said::Bad(0, 3, Fault::Magic),
            Said::Frame(Beat::new(1)),
            Said::Frame(Beat::new(0xaaaa_aaaa)),
        ],
    );
}

/// One delimiter for both ends, with escapes.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(delimiter = 0x7e, escape(0x7e => [0x7d, 2], 0x7d => [0x7d, 1]), max_frame_length = 24)]
struct Escaped {
    id: u16,
    #[wire(rest)]
    body: Bytes,
    #[wire(checksum = xor8, over = ..self)]
    check: Auto<u8>,
}

#[test]
fn a_shared_delimiter_with_escapes() {
    let first = Escaped::new(0x7e7d, Bytes::from_static(&[0x7e, 1]));
    let second = Escaped::new(2, Bytes::new());
    let stream = round_trip(vec![first.clone(), second.clone(), first.clone()]);
    // Doubled delimiters, one delimiter for two frames, and a bad frame between good ones.
    let inner = |at: usize| {
        let ends: Vec<usize> = (0..stream.len()).filter(|at| stream[*at] == 0x7e).collect();
        &stream[ends[2 * at] + 1..ends[2 * at + 1]]
    };
    let joined = [
        &[0x33, 0x7e, 0x7e][..],
        inner(0),
        &[0x7e],
        inner(1),
        &[0x7e, 0x7e, 0, 2, 3, 0x7e],
        inner(1),
        &[0x7e, 0x7e, 0x7e],
    ]
    .concat();
    let bad = 3 + inner(0).len() as u64 + 1 + inner(1).len() as u64 + 1;
    every_split(
        &joined,
        &[
            Said::Bad(0, 1, Fault::Garbage),
            Said::Frame(first),
            Said::Frame(second.clone()),
            Said::Bad(bad, 5, Fault::Checksum),
            Said::Frame(second),
        ],
    );
}

/// HL7 over MLLP.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(start = 0x0b, end = [0x1c, 0x0d], max_frame_length = 64)]
struct Hl7 {
    #[wire(rest)]
    text: String,
}

#[test]
fn a_start_and_an_end() {
    let frame = |text: &str| Hl7 { text: text.into() };
    let stream = round_trip(vec![frame("MSH|"), frame("a\u{1c}b"), frame("")]);
    assert_eq!(&stream[..7], b"\x0bMSH|\x1c\x0d");
    every_split(
        b"xx\x0bA\x1c\x0dyy\x0bB\xff\x1c\x0d\x0bC\x1c\x0d",
        &[
            Said::Bad(0, 2, Fault::Garbage),
            Said::Frame(frame("A")),
            Said::Bad(6, 2, Fault::Garbage),
            Said::Bad(8, 5, Fault::Text),
            Said::Frame(frame("C")),
        ],
    );
}

/// Lines.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(end = b"\r\n", max_frame_length = 12, resync = delimiter)]
struct Line {
    #[wire(rest)]
    text: String,
}

#[test]
fn lines() {
    let frame = |text: &str| Line { text: text.into() };
    let stream = round_trip(vec![frame("abc"), frame(""), frame("a\rb\n"), frame("0123456789")]);
    assert_eq!(&stream[..7], b"abc\r\n\r\n");
    every_split(
        b"0123456789+\r\nok\r\n",
        &[Said::Bad(0, 13, Fault::Length), Said::Frame(frame("ok"))],
    );
}

#[test]
fn frames_of_jt808_glued_and_cut() {
    /// The envelope: enough to see which frames are good.
    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(
        delimiter = 0x7e,
        escape(0x7e => [0x7d, 2], 0x7d => [0x7d, 1]),
        max_frame_length = 2092
    )]
    struct Envelope {
        message: u16,
        properties: u16,
        phone: [u8; 6],
        serial: u16,
        #[wire(rest)]
        body: Bytes,
        #[wire(checksum = xor8, over = ..self)]
        check: Auto<u8>,
    }
    // Source: cuteLittleDevil/go-jt808, service/packet_parse_test.go; see tests/vectors.
    let good = hex("7e000200000144199999990007c07e");
    let short = hex("7e800100000144199999997e");
    let next = hex("7e000200000123456789017fff0a7e");
    let stream = [&good[..], &short, &next].concat();
    let frame = |bytes: &[u8]| Said::Frame(Envelope::decode(bytes).unwrap());
    every_split(&stream, &[frame(&good), Said::Bad(15, 12, Fault::Short), frame(&next)]);
}

#[test]
fn a_frame_without_a_checksum_behind_garbage_is_judged_by_what_follows_it() {
    use crate::declarations::iec104::Unit;
    // A fuzzer's: a whole unit between garbage, which one byte after it shows to be none.
    let stream = hex(
        "80 01 02 55 82 BF 10 AC 51 68 23 0C FF 9E 1B 12 8D 1D 88 1C 7F AD 80 FF E1 DF 66 7F 7F
         4E 77 14 01 23 7F 04 E0 80 10 80 D3 8D DF 02 FF 5F 97",
    );
    let unit = || Said::Frame(Unit::decode(&stream[9..46]).unwrap());
    every_split::<Unit>(&stream, &[Said::Bad(0, 47, Fault::Magic)]);
    // Half a header says nothing yet, a whole one everything.
    every_split::<Unit>(&stream[..46], &[Said::Bad(0, 46, Fault::Magic)]);
    let followed = |behind: &[u8]| [&stream[..46], behind].concat();
    every_split::<Unit>(&followed(&[0x68]), &[Said::Bad(0, 47, Fault::Magic)]);
    every_split::<Unit>(&followed(&[0x68, 3]), &[Said::Bad(0, 48, Fault::Magic)]);
    every_split::<Unit>(&followed(&[0x68, 4]), &[Said::Bad(0, 9, Fault::Magic), unit()]);
}
