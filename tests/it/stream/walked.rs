//! Layouts that nothing but themselves delimits.

use longlink::codec::decoder::Found;
use longlink::codec::{Endian, Fault};
use longlink::{Auto, Bytes, BytesMut, Decoder, Frame, Wire};

use super::{Said, drip, round_trip, said};

/// Redis' wire format, without the nulls of version 2.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(tag = peek(u8), max_frame_length = 8 * 1024 * 1024)]
enum Value {
    #[wire(tag = b'+')]
    Simple {
        #[wire(magic = b"+")]
        mark: (),
        #[wire(terminated = b"\r\n", max_len = 512)]
        text: String,
    },
    #[wire(tag = b':')]
    Integer {
        #[wire(magic = b":")]
        mark: (),
        #[wire(decimal, terminated = b"\r\n")]
        value: i64,
    },
    #[wire(tag = b'$')]
    Bulk {
        #[wire(magic = b"$")]
        mark: (),
        #[wire(decimal, terminated = b"\r\n", length_of = bytes)]
        len: Auto<u32>,
        bytes: Bytes,
        #[wire(magic = b"\r\n")]
        end: (),
    },
    #[wire(tag = b'*')]
    Array {
        #[wire(magic = b"*")]
        mark: (),
        #[wire(decimal, terminated = b"\r\n", count_of = items)]
        count: Auto<u32>,
        items: Vec<Value>,
    },
}

fn simple(text: &str) -> Value {
    Value::Simple { mark: (), text: text.into() }
}

fn integer(value: i64) -> Value {
    Value::Integer { mark: (), value }
}

fn bulk(bytes: &'static [u8]) -> Value {
    Value::Bulk { mark: (), len: Auto::Derived, bytes: Bytes::from_static(bytes), end: () }
}

fn array(items: Vec<Value>) -> Value {
    Value::Array { mark: (), count: Auto::Derived, items }
}

#[test]
fn nested_arrays_of_redis() {
    let stream = round_trip(vec![
        simple("OK"),
        array(vec![integer(-12), array(vec![bulk(b"a\r\nb"), array(vec![])]), simple("x")]),
        bulk(b""),
    ]);
    assert_eq!(&stream[..17], b"+OK\r\n*3\r\n:-12\r\n*2");
}

#[test]
fn a_bulk_asks_for_exactly_what_is_missing() {
    let mut decoder = Decoder::<Value>::new();
    let (_, found) = decoder.decode_in_place(b"$100\r\nabc", |_, ()| Ok(()));
    assert!(matches!(found, Found::Need(99)), "{found:?}");
}

#[test]
fn a_megabyte_of_nested_arrays_costs_a_constant_number_of_steps_a_byte() {
    let mut value = b"*1\r\n*1\r\n*1\r\n*40000\r\n".to_vec();
    for index in 0..40_000 {
        value.extend(if index % 2 == 0 { &b":7\r\n"[..] } else { b"$3\r\nabc\r\n" });
    }
    let examined = drip::<Value>(&value);
    assert!(examined <= 64 * value.len() as u64, "{examined} for {}", value.len());
}

#[test]
fn a_long_bulk_that_drips_in_costs_its_header() {
    let mut value = b"*1\r\n$262144\r\n".to_vec();
    value.extend(vec![1; 262_144]);
    value.extend(b"\r\n");
    assert!(drip::<Value>(&value) <= 400, "{}", drip::<Value>(&value));
}

#[test]
fn hostile_counts_lengths_and_depths_break_the_stream() {
    let broken = |stream: &[u8]| match &said::<Value>([stream])[..] {
        [Said::Bad(0, _, fault), Said::Broken(same)] if fault == same => *fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(broken(b"*4294967295\r\n"), Fault::Count);
    assert_eq!(broken(b"$4294967295\r\n"), Fault::Length);
    assert_eq!(broken(&b"*1\r\n".repeat(33)), Fault::Depth);
    assert_eq!(broken(b"?"), Fault::UnknownTag);
    assert_eq!(broken(b"*x\r\n"), Fault::Digits);
    let mut endless = b"+".to_vec();
    endless.extend([b'a'; 514]);
    assert_eq!(broken(&endless), Fault::Unterminated);
}

/// Found by fuzzing: it waited for two bytes where one alone decided.
#[test]
fn a_text_as_long_as_it_may_be_waits_for_the_byte_that_decides() {
    let mut text = b"+".to_vec();
    text.extend([b'a'; 512]);
    let mut decoder = Decoder::<Value>::new();
    let (_, found) = decoder.decode_in_place(&text, |_, ()| Ok(()));
    assert!(matches!(found, Found::Need(1)), "{found:?}");
    text.push(b'a');
    let fault = Fault::Unterminated;
    assert_eq!(said::<Value>([&text[..]]), said::<Value>(text.chunks(1)));
    assert!(
        matches!(&said::<Value>(text.chunks(1))[..], [.., Said::Broken(last)] if *last == fault)
    );
}

#[derive(Debug, PartialEq, Frame)]
#[wire(max_frame_length = 16)]
struct Line {
    #[wire(terminated = b"abc", max_len = 2)]
    text: String,
    level: u8,
}

#[test]
fn the_beginning_of_a_terminator_counts_for_the_byte_that_decides() {
    let mut decoder = Decoder::<Line>::new();
    for (text, missing) in [(&b""[..], 3), (b"x", 2), (b"xa", 1), (b"xab", 1)] {
        let (_, found) = decoder.decode_in_place(text, |_, ()| Ok(()));
        assert!(matches!(found, Found::Need(need) if need == missing), "{text:?}: {found:?}");
    }
    let broken = [Said::Bad(0, 3, Fault::Unterminated), Said::Broken(Fault::Unterminated)];
    assert_eq!(said::<Line>([&b"xax"[..]]), broken);
}

/// A screen update: a count, and rectangles whose data depends on their encoding.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 4096)]
struct Update {
    #[wire(count_of = rectangles)]
    count: Auto<u16>,
    rectangles: Vec<Rectangle>,
    #[wire(varint = leb128)]
    serial: u32,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Rectangle {
    width: u8,
    height: u8,
    #[wire(tag_of = data)]
    encoding: Auto<u8>,
    #[wire(ctx(area = width * height))]
    data: Data,
    #[wire(bits = 1)]
    has_name: bool,
    #[wire(bits = 7, reserved)]
    reserved: u8,
    #[wire(present_if = has_name, prefix = u8)]
    name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Wire)]
#[wire(ctx(area: u64))]
enum Data {
    #[wire(tag = 0)]
    Raw {
        #[wire(size = area)]
        pixels: Bytes,
    },
    #[wire(tag = 1)]
    Copied { x: u16, y: u16 },
    #[wire(tag = 2)]
    Runs {
        #[wire(count_prefix = u16)]
        runs: Vec<(u8, u32)>,
    },
}

#[test]
fn counts_tags_context_and_presence_steer_a_walk() {
    let rectangle = |width, data, name: Option<&str>| Rectangle {
        width,
        height: 2,
        encoding: Auto::Derived,
        data,
        has_name: name.is_some(),
        reserved: 0,
        name: name.map(Into::into),
    };
    let update = Update {
        count: Auto::Derived,
        rectangles: vec![
            rectangle(2, Data::Raw { pixels: Bytes::from_static(&[1, 2, 3, 4]) }, None),
            rectangle(9, Data::Copied { x: 1, y: 2 }, Some("cursor")),
            rectangle(9, Data::Runs { runs: vec![(1, 2), (3, 4)] }, Some("")),
        ],
        serial: 300,
    };
    let none = Update { count: Auto::Derived, rectangles: vec![], serial: 1 };
    let stream = round_trip(vec![update.clone(), none, update]);
    assert_eq!(&stream[..9], [0, 3, 2, 2, 0, 1, 2, 3, 4]);
}

/// The byte order is the first byte, and the length stands behind it.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 1024)]
struct Ordered {
    order: u8,
    #[wire(endian = if order == 1 { Endian::Little } else { Endian::Big }, length_of = body)]
    length: Auto<u32>,
    #[wire(rest)]
    body: Bytes,
    tail: u8,
}
#[test]
fn a_byte_order_that_is_known_only_at_run_time() {
    let frame = |order, body: &'static [u8]| Ordered {
        order,
        length: Auto::Derived,
        body: Bytes::from_static(body),
        tail: 9,
    };
    let stream = round_trip(vec![frame(1, b"abc"), frame(0, b"de"), frame(1, b"")]);
    assert_eq!(&stream[..9], [1, 3, 0, 0, 0, b'a', b'b', b'c', 9]);
    assert_eq!(&stream[9..17], [0, 0, 0, 0, 2, b'd', b'e', 9]);
}

/// A greeting, or frames with a length: each variant its own border.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(tag = peek(u8), max_frame_length = 64)]
enum Amqp {
    #[wire(tag = b'A')]
    Greeting {
        #[wire(magic = b"AMQP\0")]
        name: (),
        version: [u8; 3],
    },
    #[wire(tag = 1..=8)]
    Frame(Inner),
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Inner {
    kind: u8,
    channel: u16,
    #[wire(length_of = payload)]
    size: Auto<u32>,
    #[wire(rest)]
    payload: Bytes,
    #[wire(magic = 0xceu8)]
    end: (),
}

#[test]
fn each_variant_has_its_own_border() {
    let stream = round_trip(vec![
        Amqp::Greeting { name: (), version: [0, 9, 1] },
        Amqp::Frame(Inner::new(1, 2, Bytes::from_static(b"xyz"))),
        Amqp::Frame(Inner::new(8, 0, Bytes::new())),
    ]);
    assert_eq!(&stream[..8], b"AMQP\0\0\x09\x01");
    let mut decoder = Decoder::<Amqp>::new();
    let (_, found) = decoder.decode_in_place(&[1, 0, 0, 0, 0, 0, 20], |_, ()| Ok(()));
    assert!(matches!(found, Found::Need(21)), "{found:?}");
    let fault = Fault::Length;
    assert_eq!(
        said::<Amqp>([&[1, 0, 0, 0, 0, 1, 0][..]]),
        [Said::Bad(0, 7, fault), Said::Broken(fault)]
    );
    let mut buffer = BytesMut::from(&b"AMQP\0\0\x09"[..]);
    assert!(Decoder::<Amqp>::new().decode(&mut buffer).is_none());
}
