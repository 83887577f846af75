//! Text protocols and delimiters.

use longlink::codec::{Fault, Probe};
use longlink::{Auto, Bytes, BytesMut, Decoder, Frame, Wire};

use super::{bytes, holds, refused};

/// A line that ends with CR LF: no escapes, nothing inside.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(end = b"\r\n", max_frame_length = 512)]
struct Line {
    #[wire(rest)]
    text: String,
}

fn text(hex: &str) -> String {
    hex.bytes().map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn a_line_ends_with_two_bytes() {
    let value = Line { text: "PING :a".into() };
    holds(&value, &text("PING :a\r\n"));
    let mut border = Default::default();
    assert_eq!(Line::probe(&mut border, &(), b"PING\r"), Probe::Need(1));
    assert_eq!(Line::probe(&mut border, &(), b"PING\r\nPONG"), Probe::Frame { len: 6 });
    assert_eq!(refused::<Line>("FF0D0A").0, Fault::Text);
}

#[test]
fn a_line_without_an_end_is_skipped_at_its_limit() {
    let mut border = Default::default();
    // 510 bytes and CR LF are 512; behind one more byte no end can come in time.
    assert!(matches!(Line::probe(&mut border, &(), &[b'x'; 510]), Probe::Need(_)));
    let skipped = Probe::Skip { len: 511, reason: Fault::Length };
    assert_eq!(Line::probe(&mut border, &(), &[b'x'; 511]), skipped);
}

/// HL7 minimal lower layer protocol, release 1: 0x0B, the message, 0x1C 0x0D.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(start = 0x0B, end = [0x1C, 0x0D], max_frame_length = 64 * 1024, resync = delimiter)]
struct Block {
    #[wire(rest)]
    message: Bytes,
}

#[test]
fn a_block_stands_between_two_different_delimiters() {
    let value = Block { message: Bytes::from_static(b"MSH|^~\\&|\x1C") };
    holds(&value, &format!("0B{}1C0D", text("MSH|^~\\&|\x1C")));
    let mut stream = BytesMut::from(&b"noise\x0Ba\x1C\x0D\x0Bb\x1C"[..]);
    let mut decoder = Decoder::<Block>::new();
    let garbage = decoder.decode(&mut stream).unwrap().unwrap_err();
    assert_eq!((garbage.offset, garbage.len, &garbage.frame[..]), (0, 5, &b"noise"[..]));
    let block = decoder.decode(&mut stream).unwrap().unwrap();
    assert_eq!(block.message, "a");
    assert_eq!(decoder.decode(&mut stream), None);
}

/// RESP: Redis serialization protocol, bulk strings and arrays of them.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(magic = b"*", max_frame_length = 4096)]
struct Command {
    #[wire(decimal, terminated = b"\r\n", count_of = words)]
    count: Auto<u32>,
    #[wire(max_count = 16)]
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(magic = b"$")]
struct Word {
    #[wire(decimal, terminated = b"\r\n", length_of = text)]
    length: Auto<u32>,
    text: Bytes,
    #[wire(fixed = b"\r\n")]
    end: (),
}

#[test]
fn a_command_is_counted_in_decimal() {
    let word = |text: &'static str| Word::new(Bytes::from_static(text.as_bytes()));
    let value = Command::new(vec![word("SET"), word("key"), word("")]);
    holds(&value, &text("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$0\r\n\r\n"));
    assert_eq!(refused::<Command>(&text("*1\r\n$x\r\n")).0, Fault::Digits);
}

#[test]
fn the_end_of_a_command_is_found_by_walking() {
    let frame = b"*2\r\n$4\r\nLLEN\r\n$1\r\nk\r\n";
    for cut in 0..frame.len() {
        let mut border = Default::default();
        let probe = Command::probe(&mut border, &(), &frame[..cut]);
        let Probe::Need(more) = probe else { panic!("{probe:?} after {cut} bytes") };
        assert!((1..=frame.len() - cut).contains(&more), "{more} more after {cut}");
    }
    let mut border = Default::default();
    assert_eq!(Command::probe(&mut border, &(), frame), Probe::Frame { len: frame.len() });
}

/// NMEA-like: a key, a value that ends with a zero byte, padded text.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Texts {
    #[wire(size = 4, encoding = "ascii")]
    key: String,
    #[wire(terminated = 0, max_len = 8)]
    name: String,
    #[wire(size = 6, pad = b' ', trim)]
    unit: String,
    #[wire(prefix = leb128)]
    note: String,
}

#[test]
fn texts_end_in_four_ways() {
    let value =
        Texts { key: "TEMP".into(), name: "out".into(), unit: "deg".into(), note: "é".into() };
    holds(&value, "54454D50 6F757400 646567202020 02C3A9");
    assert_eq!(refused::<Texts>("54454D50 6F757420 6F757420 6F00").0, Fault::Length);
    assert_eq!(refused::<Texts>("54454D50 6F7574").0, Fault::Unterminated);
    assert_eq!(bytes("00"), [0]);
}
