use alloc::string::{String, ToString};

use super::*;
use crate::hex;

mod chat;

use chat::Message;

const CHAT: &str = "00000017 0002 00000007 00000000000003E9 0002 6869 FB";

fn shown(text: &str) -> String {
    explain::<Message>(&hex::parse(text).unwrap()).to_string()
}

#[track_caller]
fn assert_shown(frame: &str, expected: &str) {
    let shown = shown(frame);
    assert!(shown == expected, "shown:\n{shown}\nexpected:\n{expected}");
}

#[test]
fn a_good_frame_is_a_dump_with_its_fields() {
    assert_shown(
        CHAT,
        r#"Message, 23 bytes

offset  bytes                     field       value
0x0000  00 00 00 17               ├ length    23  bytes in all
0x0004  00 02                     ├ command   2  → Chat
0x0006  00 00 00 07               ├ sequence  7  # Counts the frames of one sender.
                                  ├ body      Chat
0x000a  00 00 00 00  00 00 03 e9  │ ├ from    1001
0x0012  00 02 68 69               │ └ text    "hi"  2-byte length first
0x0016  fb                        └ checksum  0xfb  ✓ xor8"#,
    );
}

#[test]
fn a_wrong_checksum_is_shown_with_the_right_one() {
    assert_shown(
        "00000017 0002 00000007 00000000000003E9 0002 6869 FA",
        r#"Message, 23 bytes

offset  bytes                     field       value
0x0000  00 00 00 17               ├ length    23  bytes in all
0x0004  00 02                     ├ command   2  → Chat
0x0006  00 00 00 07               ├ sequence  7  # Counts the frames of one sender.
                                  ├ body      Chat
0x000a  00 00 00 00  00 00 03 e9  │ ├ from    1001
0x0012  00 02 68 69               │ └ text    "hi"  2-byte length first
0x0016  fa                        └ checksum  0xfa  ✗ xor8 is 0xfb

malformed: Message.checksum at byte 22 (0x16) of 23: the checksum does not match its span
  0x0000  00 00 00 17 00 02 00 00 00 07 00 00 00 00 00 00
  0x0010  03 e9 00 02 68 69 fa
                            ^^
  expected 0xfb (xor8), found 0xfa
  the frame was damaged on its way, or the sender computes over another span"#,
    );
}

#[test]
fn a_bad_frame_is_explained_up_to_the_fault() {
    assert_shown(
        "00000017 0002 00000007 00000000000003E9 0009 6869 FB",
        r#"Message, 23 bytes

offset  bytes                     field         value
0x0000  00 00 00 17               ├ length      23  bytes in all
0x0004  00 02                     ├ command     2  → Chat
0x0006  00 00 00 07               ├ sequence    7  # Counts the frames of one sender.
                                  ├ body        Chat
0x000a  00 00 00 00  00 00 03 e9  │ ├ from      1001
0x0012  00 09 68 69               │ └ text      "hi"  2-byte length first  ✗ here
0x0016  fb                        └ (unparsed)  1 byte

malformed: Message.body.Chat.text at byte 20 (0x14) of 23: the bytes ended before the field did
  0x0000  00 00 00 17 00 02 00 00 00 07 00 00 00 00 00 00
  0x0010  03 e9 00 09 68 69 fb
                      ^^^^^
  expected 9 bytes, as its length says, found 2 bytes left
  a length or count before it is smaller than its contents, or the frame was cut"#,
    );
}

#[test]
fn every_truncation_gives_a_partial_tree_of_all_its_bytes() {
    let whole = hex::parse(CHAT).unwrap();
    for len in 0..whole.len() {
        let cut = &whole[..len];
        let explanation = explain::<Message>(cut);
        let report = explanation.report().expect("a cut frame is malformed");
        assert_eq!(report.fault, Fault::Short, "{len}");
        assert!(report.path.starts_with("Message."), "{len}: {}", report.path);
        assert_eq!(covered(explanation.root()), len, "{len}:\n{explanation}");
        assert!(!explanation.to_string().is_empty());
        // What a decoder keeps says the same.
        let error = Message::parse(cut).map_err(|error| plain(error, cut)).unwrap_err();
        assert_eq!(error.report::<Message>(cut), *report, "{len}");
    }
}

/// Bytes of the leaves, each counted once.
fn covered(node: &Node) -> usize {
    if node.children.is_empty() {
        return node.range.len();
    }
    node.children.iter().map(covered).sum()
}

#[test]
fn every_node_has_a_path() {
    let mut paths = Vec::new();
    let explanation = explain::<Message>(&hex::parse(CHAT).unwrap());
    explanation.visit(&mut |path, _| paths.push(String::from(path)));
    let expected = [
        "Message",
        "Message.length",
        "Message.command",
        "Message.sequence",
        "Message.body.Chat",
        "Message.body.Chat.from",
        "Message.body.Chat.text",
        "Message.checksum",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn colours_change_nothing_else() {
    let explanation = explain::<Message>(&hex::parse("00000017 0002").unwrap());
    let coloured = explanation.coloured().to_string();
    let mut plain = String::new();
    for (index, part) in coloured.split('\u{1b}').enumerate() {
        let text = if index == 0 { part } else { part.split_once('m').unwrap().1 };
        plain.push_str(text);
    }
    assert_ne!(coloured, plain);
    assert_eq!(plain, explanation.to_string());
}

#[cfg(feature = "serde")]
#[test]
fn json_holds_the_tree_and_the_error() {
    let bytes = hex::parse("00000013 0001 00000001 0000018F00000000 9C").unwrap();
    let json = serde_json::to_value(explain::<Message>(&bytes)).unwrap();
    let expected = serde_json::json!({
        "length": 19,
        "root": {
            "path": "Message", "name": "Message", "range": [0, 19], "type": "Message",
            "raw": "000000130001000000010000018f000000009c",
            "fields": [
                { "path": "Message.length", "name": "length", "range": [0, 4],
                  "raw": "00000013", "value": 19, "remark": "bytes in all" },
                { "path": "Message.command", "name": "command", "range": [4, 6],
                  "raw": "0001", "value": 1, "chooses": "Alive" },
                { "path": "Message.sequence", "name": "sequence", "range": [6, 10],
                  "raw": "00000001", "value": 1, "doc": "Counts the frames of one sender." },
                { "path": "Message.body.Alive", "name": "body", "range": [10, 18],
                  "raw": "0000018f00000000", "type": "Body", "variant": "Alive",
                  "fields": [
                      { "path": "Message.body.Alive.sent_ms", "name": "sent_ms",
                        "range": [10, 18], "raw": "0000018f00000000",
                        "value": 1_713_691_951_104_u64, "unit": "ms" },
                  ] },
                { "path": "Message.checksum", "name": "checksum", "range": [18, 19],
                  "raw": "9c", "value": 0x9c, "wrong": "xor8", "expected": 0x9d },
            ],
        },
        "error": {
            "path": "Message.checksum", "offset": 18,
            "fault": "the checksum does not match its span",
            "expected": "0x9d (xor8)", "found": "0x9c",
            "advice": "the frame was damaged on its way, or the sender computes over another span",
        },
    });
    assert_eq!(json, expected);
}
