//! `none = ..`: the value on the wire that stands for `None`.

use longlink::codec::{Fault, Probe};
use longlink::{Arbitrary, Auto, Bytes, EncodeError, Frame, Parse, Wire, explain};

use super::laws;
use crate::shapes::{holds, refused, unwritable};

/// A column of PostgreSQL's `DataRow`: "the length of the column value, in bytes (this count does
/// not include itself). Can be zero. As a special case, -1 indicates a NULL column value. No value
/// bytes follow in the NULL case." PostgreSQL 16, section 55.7 "Message Formats".
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Column {
    #[wire(prefix = i32, none = -1)]
    value: Option<Bytes>,
}

#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
#[wire(magic = b'D')]
struct DataRow {
    #[wire(length_of = self..)]
    length: Auto<i32>,
    #[wire(count_prefix = u16)]
    columns: Vec<Column>,
}

fn column(value: &'static str) -> Column {
    Column { value: Some(Bytes::from_static(value.as_bytes())) }
}

#[test]
fn a_null_column_of_postgresql_is_a_length_of_minus_one() {
    holds(
        &DataRow::new(vec![column("1"), Column { value: None }, column("")]),
        "44 00000013 0003 00000001 31 FFFFFFFF 00000000",
    );
    assert_eq!(refused::<Column>("FFFFFFFE"), (Fault::Length, 0));
    assert_eq!(refused::<Column>("00000002 41"), (Fault::Short, 4));
    assert_eq!(refused::<Column>("0000"), (Fault::Short, 0));
}

#[test]
fn explain_says_none_and_shows_the_bytes_that_mean_it() {
    let bytes = [0x44, 0, 0, 0, 0x0a, 0, 1, 0xff, 0xff, 0xff, 0xff];
    let explanation = explain::<DataRow>(&bytes);
    assert!(explanation.report().is_none());
    let mut seen = Vec::new();
    explanation.visit(&mut |path, node| {
        if path.ends_with(".value") {
            seen.push((path.to_owned(), node.range.clone(), format!("{:?}", node.value)));
        }
    });
    let row = ("DataRow.columns[0].value".to_owned(), 7..11, "Plain(\"none\")".to_owned());
    assert_eq!(seen, [row]);
}

/// Kafka's nullable string: "the length N is given as an INT16. Then N bytes follow which are the
/// UTF-8 encoding of the character sequence. A null value is encoded with length of -1." A nullable
/// array has its count as an INT32, and -1 for null. Kafka protocol guide, "Protocol Primitive
/// Types".
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Request {
    correlation: u32,
    #[wire(prefix = i16, none = -1)]
    client: Option<String>,
    #[wire(count_prefix = i32, none = -1)]
    partitions: Option<Vec<u32>>,
}

#[test]
fn a_null_string_and_a_null_array_of_kafka_are_minus_one() {
    let all = Request { correlation: 7, client: Some("ab".into()), partitions: Some(vec![1, 2]) };
    holds(&all, "00000007 0002 6162 00000002 00000001 00000002");
    let none = Request { correlation: 7, client: None, partitions: None };
    holds(&none, "00000007 FFFF FFFFFFFF");
    let empty = Request { client: Some(String::new()), partitions: Some(vec![]), ..none };
    holds(&empty, "00000007 0000 00000000");
    assert_eq!(refused::<Request>("00000007 FFFE"), (Fault::Length, 4));
    let long = Request { correlation: 0, client: Some("x".repeat(0x8000)), partitions: None };
    let error = EncodeError::TooLarge { field: "Request.client", value: 0x8000, max: 0x7fff };
    assert_eq!(unwritable(&long), error);
}

/// Kafka's compact nullable string: "first the length N + 1 is given as an `UNSIGNED_VARINT`. [..] A
/// null string is represented with a length of 0." And a record's key, whose `keyLength` is a zigzag
/// varint, -1 for null (Kafka documentation, section 5.3.2.1 "Record").
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Record {
    #[wire(varint = leb128, length_of = topic, bias = 1, none = 0)]
    topic_length: Auto<u32>,
    topic: Option<String>,
    #[wire(varint = zigzag, length_of = key, none = -1)]
    key_length: Auto<i32>,
    key: Option<Bytes>,
    #[wire(prefix = zigzag, none = -1)]
    value: Option<Bytes>,
}

#[test]
fn compact_and_zigzag_lengths_of_kafka_have_their_own_nulls() {
    let bytes = Bytes::from_static;
    holds(&Record::new(Some("abc".into()), Some(bytes(b"k")), Some(bytes(b"v"))), {
        "04 616263 02 6B 02 76"
    });
    holds(&Record::new(None, None, None), "00 01 01");
    holds(&Record::new(Some(String::new()), Some(bytes(b"")), Some(bytes(b""))), "01 00 00");
    assert_eq!(refused::<Record>("00 03"), (Fault::Length, 1));
}

/// Redis: a bulk string is `$<length>\r\n<data>\r\n`, "the null bulk string" `$-1\r\n`; an array is
/// `*<count>\r\n`, the null array `*-1\r\n`. Redis serialization protocol specification, RESP2.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(magic = b'$', max_frame_length = 1024)]
struct Bulk {
    #[wire(decimal, terminated = b"\r\n", length_of = data, none = -1)]
    length: Auto<i64>,
    #[wire(max_len = 512)]
    data: Option<Bytes>,
    #[wire(present_if = length >= 0, magic = b"\r\n")]
    end: Option<()>,
}

fn bulk(data: Option<&'static str>) -> Bulk {
    let end = data.map(|_| ());
    let data = data.map(|data| Bytes::from_static(data.as_bytes()));
    Bulk { length: Auto::Derived, data, end }
}

#[test]
fn a_null_bulk_string_of_redis_has_the_length_minus_one() {
    holds(&bulk(Some("foobar")), "24 360D0A 666F6F626172 0D0A");
    holds(&bulk(Some("")), "24 300D0A 0D0A");
    holds(&bulk(None), "24 2D310D0A");
    assert_eq!(refused::<Bulk>("24 2D320D0A"), (Fault::Length, 1));
}

#[test]
fn the_border_of_a_null_is_behind_its_length() {
    let mut border = Default::default();
    let mut probe = |bytes: &[u8]| {
        border = Default::default();
        Bulk::probe(&mut border, &(), bytes)
    };
    assert_eq!(probe(b"$-1\r\n$3"), Probe::Frame { len: 5 });
    assert_eq!(probe(b"$3\r\nab"), Probe::Need(3));
    assert_eq!(probe(b"$3\r\nabc\r\n+"), Probe::Frame { len: 9 });
}

/// GB/T 32960.3-2016, 7.2.3.1: the speed of a vehicle is 0 to 2200 in units of 0.1 km/h, and "0xFF,
/// 0xFE" states that it is abnormal, "0xFF, 0xFF" that it is invalid; a state of charge of `0xFF` is
/// invalid.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Vehicle {
    #[wire(as = u16, scale = 0.1, none = 0xFFFF)]
    speed: Option<f64>,
    #[wire(none = 0xFF, valid = 0..=100)]
    charge: Option<u8>,
    #[wire(as = u24, none = 0xFF_FFFF)]
    mileage: Option<u32>,
}

#[test]
fn an_invalid_measurement_is_none_and_its_bytes_stay() {
    let known = Vehicle { speed: Some(12.0), charge: Some(99), mileage: Some(0x01_0203) };
    holds(&known, "0078 63 010203");
    holds(&Vehicle { speed: None, charge: None, mileage: None }, "FFFF FF FFFFFF");
    assert_eq!(Vehicle::FIXED_LEN, Some(6));
    assert_eq!(refused::<Vehicle>("0000 65 000000"), (Fault::Invalid, 2));
    let unreadable = Vehicle { mileage: Some(0xff_ffff), ..known };
    let error = EncodeError::Contradiction { field: "Vehicle.mileage" };
    assert_eq!(unwritable(&unreadable), error);
}

/// Cassandra's `[value]`: "A [int] n, followed by n bytes if n >= 0. If n == -1, no byte should
/// follow and the value represented is `null`. If n == -2, [..] `not set`". CQL binary protocol v4,
/// section 3. Where -2 has a meaning as well it stays a length that is refused.
#[test]
fn a_list_of_items_that_may_be_absent_is_read_in_one_pass() {
    let values = [column("a"), Column { value: None }];
    let bytes = [0, 0, 0, 1, 0x61, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(Vec::<Column>::parse(&bytes), Ok((&[][..], values.to_vec())));
    assert_eq!((Column::MIN_LEN, Column::MAX_LEN), (4, None));
    assert_eq!(values.to_vec().encoded_len(), 9);
}

#[test]
fn drawn_values_with_absent_parts_are_read_back() {
    laws::hold::<DataRow>();
    laws::hold::<Request>();
    laws::hold::<Record>();
    laws::hold::<Bulk>();
    laws::hold::<Vehicle>();
}

#[test]
fn a_length_behind_the_magic_that_is_too_small_is_a_fault_at_the_length() {
    assert_eq!(refused::<DataRow>("44 00000003 0000"), (Fault::Length, 1));
    assert_eq!(refused::<DataRow>("44 00000005 0000"), (Fault::Short, 5));
    assert_eq!(refused::<DataRow>("44 00000007 0000 00"), (Fault::Trailing, 7));
}
