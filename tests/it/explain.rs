//! What `explain` shows of derived protocols, whole.

use longlink::codec::explain::{Explanation, Node, explain_with};
use longlink::codec::hex;
use longlink::{Auto, Bytes, Frame, Parse, Wire};

use crate::declarations::{iec104, message, mqtt, packet};
use crate::samples;

#[track_caller]
/// Under the default context.
fn explained<'a, T: Wire<Context: Default> + Parse<'a>>(bytes: &'a [u8]) -> Explanation {
    explain_with::<T>(bytes, &T::Context::default())
}

fn assert_shown<T: Wire<Context: Default> + for<'a> Parse<'a>>(frame: &str, expected: &str) {
    let shown = explained::<T>(&hex::parse(frame).unwrap()).to_string();
    assert!(shown == expected.trim_start(), "shown:\n{shown}\nexpected:{expected}");
}

#[test]
fn escaped_frames_show_the_wire() {
    assert_shown::<packet::Packet>(
        "7E 0002 4000 01 00000000013912345678 00 7D02 0D 7E",
        r#"
Packet, 21 bytes

offset  bytes                     field            value
0x0000  7e                        ├ (delimiter)
0x0001  00 02                     ├ message        0x0002  → Heartbeat
0x0003  40 00                     ├ properties     Properties  # Length, cipher, and which header…
        0... .... .... ....       │ ├ reserved     0
        .1.. .... .... ....       │ ├ versioned    true  version is present
        ..0. .... .... ....       │ ├ split        false  part is absent
        ...0 00.. .... ....       │ ├ cipher       0  # 0: plain, 1: RSA.
        .... ..00 0000 0000       │ └ body_length  0  bytes of body
0x0005  01                        ├ version        1  # Edition of the protocol, since 2019.
0x0006  00 00 00 00  01 39 12 34  ├ phone          00000000013912345678  # Number of the SIM card,…
0x000e  56 78                     │
0x0010  00 7d 02                  ├ serial         126  # One more for each packet of the sender.
                                  ├ body           Heartbeat  # The terminal is alive.
0x0013  0d                        ├ check          0x0d  ✓ xor8
0x0014  7e                        └ (delimiter)"#,
    );
}

#[test]
fn bits_and_prefixes_are_shown_in_place() {
    assert_shown::<mqtt::Packet>(
        "32 09 0003 612F62 000A 6869",
        r#"
Packet, 11 bytes

offset  bytes            field          value
0x0000  32               ├ (8 bits)
        0011 ....        ├ kind         3  → Publish
        .... 0010        ├ flags        Flags  # Table 2.2: they mean something in PUBLISH only.
        .... 0...        │ ├ duplicate  false  # Sent before.
        .... .01.        │ ├ quality    1  # Quality of service.
        .... ...0        │ └ retain     false  # To be kept for later subscribers.
0x0001  09               ├ remaining    9  bytes of body
                         └ body         Publish  # A message.
0x0002  00 03 61 2f  62    ├ topic      "a/b"  2-byte length first  # Its topic.
0x0007  00 0a              ├ id         10  # Only with a quality above 0.
0x0009  68 69              └ payload    2 bytes  # Any bytes."#,
    );
}

#[test]
fn little_endian_runs_and_named_values_are_shown() {
    assert_shown::<iec104::Unit>(
        "68 04 07 00 00 00",
        r#"
Unit, 6 bytes

offset  bytes     field         value
0x0000  68        ├ (magic)
0x0001  04        ├ length      4  bytes of control
                  └ control     Unnumbered  # U: unnumbered control functions.
0x0002  07          ├ function  Start (7)  # Exactly one bit of its upper six.
0x0003  00 00 00    └ spare     3 bytes"#,
    );
}

/// Nested lists, and a field that no line may show.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 4096)]
struct Table {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    #[wire(count_of = rows)]
    count: Auto<u8>,
    #[wire(max_count = 255)]
    rows: Vec<Row>,
    #[wire(prefix = u8, secret)]
    key: Bytes,
    #[wire(valid = 1..=3)]
    mode: u8,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Row {
    /// What it weighs.
    #[wire(unit = "kg")]
    weight: u16,
    #[wire(prefix = u8)]
    name: String,
}

const TABLE: &str = "0011 02 0102 02 6162 0003 01 63 03 736563 01";

#[test]
fn lists_are_trees_and_secrets_are_masked() {
    assert_shown::<Table>(
        TABLE,
        r#"
Table, 17 bytes

offset  bytes     field         value
0x0000  00 11     ├ length      17  bytes in all
0x0002  02        ├ count       2  items of rows
                  ├ rows        2 items
                  │ ├ [0]       Row
0x0003  01 02     │ │ ├ weight  258 kg  # What it weighs.
0x0005  02 61 62  │ │ └ name    "ab"  1-byte length first
                  │ └ [1]       Row
0x0008  00 03     │   ├ weight  3 kg  # What it weighs.
0x000a  01 63     │   └ name    "c"  1-byte length first
0x000c  ••        ├ key         secret, 4 bytes
0x0010  01        └ mode        1"#,
    );
}

#[test]
fn values_out_of_range_are_found_behind_lists() {
    let frame = TABLE.replace("736563 01", "736563 07");
    assert_shown::<Table>(
        &frame,
        r#"
Table, 17 bytes

offset  bytes     field         value
0x0000  00 11     ├ length      17  bytes in all
0x0002  02        ├ count       2  items of rows
                  ├ rows        2 items
                  │ ├ [0]       Row
0x0003  01 02     │ │ ├ weight  258 kg  # What it weighs.
0x0005  02 61 62  │ │ └ name    "ab"  1-byte length first
                  │ └ [1]       Row
0x0008  00 03     │   ├ weight  3 kg  # What it weighs.
0x000a  01 63     │   └ name    "c"  1-byte length first
0x000c  ••        ├ key         secret, 4 bytes
0x0010  07        └ mode        7  ✗ here

malformed: Table.mode at byte 16 (0x10) of 17: a value that the declaration does not allow
  0x0000  00 11 02 01 02 02 61 62 00 03 01 63 •• •• •• ••
  0x0010  07
          ^^
  expected 1..=3, found 0x07
  widen the declaration if the peer is right; else its value is wrong"#,
    );
}

/// A magic, and text with a checksum behind it.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(magic = 0x55AA_u16, max_frame_length = 64)]
struct Note {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    #[wire(prefix = u8)]
    text: String,
    #[wire(checksum = sum16, over = ..self)]
    check: Auto<u16>,
}

const NOTE: &str = "55AA 0009 02 6869 01DB";

/// All that is said below the tree.
fn reported<T: Wire<Context: Default> + for<'a> Parse<'a>>(bytes: &[u8]) -> String {
    explained::<T>(bytes).report().expect("a bad frame").to_string()
}

#[test]
fn a_wrong_magic_is_shown_with_the_right_one() {
    assert!(explained::<Note>(&hex::parse(NOTE).unwrap()).report().is_none());
    assert_eq!(
        reported::<Note>(&hex::parse(&NOTE.replace("55AA", "5858")).unwrap()),
        "malformed: Note.magic at byte 0 (0x0) of 9: not the declared constant\n  \
         0x0000  58 58 00 09 02 68 69 01 db\n          ^^^^^\n  \
         expected 0x55aa, found 58 58\n  \
         the bytes are of another protocol or version, or the stream is out of step"
    );
}

#[test]
fn a_cut_magic_is_where_the_bytes_end() {
    assert_shown::<Note>(
        "55",
        r"
Note, 1 byte

offset  bytes  field      value
0x0000  55     └ (magic)  ✗ here

malformed: Note.magic at byte 0 (0x0) of 1: the bytes ended before the field did
  0x0000  55
          ^^
  expected 2 bytes, found 1 byte left
  the frame was cut, or it is of another type",
    );
    assert_eq!(explained::<Note>(&[]).report().expect("too short").path, "Note.magic");
}

#[test]
fn a_length_is_blamed_only_where_one_stands_before() {
    let note = hex::parse(NOTE).unwrap();
    let blames = |len: usize| reported::<Note>(&note[..len]).contains("a length or count");
    let blamed: Vec<usize> = (0..note.len()).filter(|len| blames(*len)).collect();
    assert_eq!(blamed, [4, 5, 6, 7, 8]);
}

#[test]
fn what_is_found_ends_with_its_field() {
    let report = reported::<Note>(&hex::parse(&NOTE.replace("6869", "FF69")).unwrap());
    assert!(report.contains("\n  expected utf-8, found ff 69\n"), "{report}");
}

#[test]
fn a_fault_in_an_item_has_its_whole_path() {
    let bytes = hex::parse(&TABLE.replace("01 63 03", "09 63 03")).unwrap();
    let error = Table::decode(&bytes).unwrap_err();
    let report = error.report::<Table>(&bytes);
    assert_eq!(report.path, "Table.rows[1].name");
    assert_eq!(explained::<Table>(&bytes).report(), Some(&report));
}

#[test]
fn long_lists_and_values_are_cut_with_counts() {
    let rows = (0..200).map(|weight| Row { weight, name: "x".repeat(weight.into()) });
    let table = Table::new(rows.collect(), Bytes::new(), 1);
    let mut out = longlink::BytesMut::new();
    table.encode(&mut out).unwrap_err();
    let rows = (0..40).map(|weight| Row { weight, name: "x".repeat(weight.into()) });
    let table = Table::new(rows.collect(), Bytes::new(), 1);
    table.encode(&mut out).unwrap();
    let shown = explained::<Table>(&out).to_string();
    assert!(shown.lines().count() < 50, "{shown}");
    assert!(shown.contains("… 31 more"), "{shown}");
}

/// Bytes on the wire of all leaves, those of one run of bits counted once.
fn covered(node: &Node) -> usize {
    if node.children.is_empty() || node.children.iter().any(|child| child.layer != node.layer) {
        return node.range.len();
    }
    let mut run = None;
    let mut sum = 0;
    for child in &node.children {
        let range = Some(child.range.clone());
        if child.bits.is_some() && run == range {
            continue;
        }
        run = if child.bits.is_some() { range } else { None };
        sum += covered(child);
    }
    sum
}

#[track_caller]
fn assert_whole(explanation: &Explanation, len: usize) {
    assert_eq!(covered(explanation.root()), len, "{explanation}");
    assert!(!explanation.to_string().is_empty());
    assert!(explanation.coloured().to_string().len() > explanation.to_string().len());
}

/// Good frames, all their truncations and all flips of one bit: every byte has its place.
fn assert_always_explained<T: Wire<Context: Default> + for<'a> Parse<'a>>(frame: &[u8]) {
    let good = explained::<T>(frame);
    assert!(good.report().is_none(), "{good}");
    assert_whole(&good, frame.len());
    for len in 0..frame.len() {
        let cut = explained::<T>(&frame[..len]);
        let report = cut.report().unwrap_or_else(|| panic!("cut at {len}:\n{cut}"));
        assert!(report.offset <= len, "{cut}");
        assert_whole(&cut, len);
    }
    for bit in 0..frame.len() * 8 {
        let mut flipped = frame.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_whole(&explained::<T>(&flipped), frame.len());
    }
}

#[test]
fn every_truncation_and_flip_is_explained() {
    let chat = hex::parse("00000017 0002 00000007 00000000000003E9 0002 6869 FB").unwrap();
    assert_always_explained::<message::Message>(&chat);
    assert_always_explained::<Table>(&hex::parse(TABLE).unwrap());
    let connect = hex::parse("10 0C 0004 4D515454 04 02 003C 0000").unwrap();
    assert_always_explained::<mqtt::Packet>(&connect);
    let data = hex::parse("68 0E 4E 14 7C 00 65 01 0A 00 0C 00 00 00 00 05").unwrap();
    assert_always_explained::<iec104::Unit>(&data);
    let alive = hex::parse("7E 0002 4000 01 00000000013912345678 00 7D02 0D 7E").unwrap();
    assert_always_explained::<packet::Packet>(&alive);
}

#[test]
fn published_frames_are_explained_to_the_last_byte() {
    let mut seen = 0;
    for entry in samples::list("jt808.json") {
        let frame = samples::bytes(samples::text(&entry, "/hex"));
        assert_whole(&explained::<packet::Packet>(&frame), frame.len());
        seen += 1;
    }
    assert!(seen >= 39, "{seen} frames");
}

#[test]
fn a_bad_frame_prints_its_place_in_the_stream() {
    let mut decoder = longlink::Decoder::<message::Message>::new();
    let mut buffer = longlink::BytesMut::new();
    for frame in
        ["00000013 0001 00000001 0000018F00000000 9D", "00000013 0001 00000001 0000018F00000000 9C"]
    {
        buffer.extend_from_slice(&hex::parse(frame).unwrap());
    }
    decoder.decode(&mut buffer).expect("a whole frame").expect("a good one");
    let bad = decoder.decode(&mut buffer).expect("a whole frame").expect_err("a bad one");
    assert_eq!(
        bad.to_string(),
        "bad frame of 19 bytes at byte 19 of the stream\n\
         malformed: Message.checksum at byte 18 (0x12) of 19: the checksum does not match its span\n\
         \x20 0x0000  00 00 00 13 00 01 00 00 00 01 00 00 01 8f 00 00\n\
         \x20 0x0010  00 00 9c\n\
         \x20               ^^\n\
         \x20 expected 0x9d (xor8), found 0x9c\n\
         \x20 the frame was damaged on its way, or the sender computes over another span"
    );
}

#[cfg(feature = "zlib")]
#[test]
fn inflated_bytes_have_offsets_of_their_own() {
    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(max_frame_length = 4096)]
    struct Packed {
        #[wire(length_of = rows)]
        length: Auto<u16>,
        #[wire(process = zlib, max_len = 4096)]
        rows: Vec<Row>,
    }
    let row = |weight| Row { weight, name: "iron".into() };
    let packed = Packed::new(vec![row(1), row(2)]);
    let frame = samples::encoded(&packed);
    let explanation = explained::<Packed>(&frame);
    assert!(explanation.report().is_none(), "{explanation}");
    let rows = explanation.root().find(&["rows"]).unwrap();
    assert_eq!((rows.layer, rows.range.clone()), (0, 2..frame.len()));
    let places = rows.children.iter().map(|item| (item.layer, item.range.clone()));
    assert_eq!(places.collect::<Vec<_>>(), [(1, 0..7), (1, 7..14)]);
}
