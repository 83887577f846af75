//! Where the tag of an enum stands, and what it is made of.

use super::*;

#[test]
fn tag_behind_its_enum() {
    let source = r"
#[derive(Wire)]
struct Message {
    body: Body,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
}
";
    assert_eq!(
        messages(source),
        ["5:12 a tag stands before what it describes; move it before `body`",]
    );
}

#[test]
fn tag_of_something_without_tags() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(tag_of = level)]
    kind: Auto<u8>,
    level: u16,
    #[wire(tag_of = items)]
    other: Auto<u8>,
    #[wire(count = 3)]
    items: Vec<u16>,
    #[wire(tag_of = bodies)]
    third: Auto<u8>,
    #[wire(rest)]
    bodies: Vec<Body>,
}
";
    assert_eq!(
        messages(source),
        [
            "4:21 `level` is `u16`, not an enum",
            "7:21 one tag for all items belongs to a `Vec` of enums without `each`, not to \
             `Vec<u16>`",
        ]
    );
}

#[test]
fn tag_and_select() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    #[wire(select = 3)]
    body: Body,
}
";
    assert_eq!(
        messages(source),
        ["4:21 `select` says the tag of `body` already; keep one of them",]
    );
    let mended = source.replace("#[wire(select = 3)]", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn opaque_without_a_tag() {
    let source = r"
#[derive(Wire)]
struct Message {
    kind: u8,
    #[wire(opaque_if = kind > 3)]
    body: Body,
}
";
    assert_eq!(
        messages(source),
        ["5:12 nothing says the tag of `body`; add `tag_of = body` on an earlier field, or \
             `select = ..` here",]
    );
    let mended = source.replace("opaque_if = kind > 3", "opaque_if = kind > 3, select = kind");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn fields_that_hold_the_parts_of_a_tag() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(tag_of = body)]
    kind: Auto<u64>,
    #[wire(tag_of = body)]
    part: Auto<u8>,
    body: Body,
}
";
    assert_eq!(
        messages(source),
        ["5:16 the type of a part of 2 tags has up to 32 bits; write `Auto<u32>`"]
    );
    assert_eq!(messages(&source.replace("u64", "u32")), [""; 0]);
    let source = source.replace("u64", "u16").replace(
        "    body",
        "    #[wire(tag_of = body)] c: Auto<u8>,\n    #[wire(tag_of = body)] d: Auto<u8>,
    #[wire(tag_of = body)] e: Auto<u8>,\n    body",
    );
    assert_eq!(messages(&source), ["10:21 `body` has a tag of four parts already; keep those"]);
}

/// The parts of three have 21 bits, and so have their types, of which none has just as many.
#[test]
fn bits_of_a_part_stand_in_a_type_that_is_one() {
    for bits in [20, 21] {
        let source = format!(
            r"
#[derive(Wire)]
struct Message {{
    #[wire(bits = {bits}, tag_of = body)]
    kind: Auto<u32>,
    #[wire(bits = rest, reserved)]
    reserved: (),
    #[wire(tag_of = body)]
    part: Auto<u8>,
    #[wire(tag_of = body)]
    level: Auto<u16>,
    body: Body,
}}
"
        );
        let wide = "5:16 the type of a part of 3 tags has up to 21 bits; write `Auto<u16>`";
        assert_eq!(messages(&source), [wide]);
        let mended = source.replace(&format!("bits = {bits}"), "bits = 12").replace("u32", "u16");
        assert_eq!(messages(&mended), [""; 0]);
    }
}

#[test]
fn a_tag_stands_somewhere() {
    let source = r"
#[derive(Wire)]
struct Message {
    header: Header,
    #[wire(tag_in = ())]
    body: Body,
}
";
    assert_eq!(
        messages(source),
        ["5:21 name the fields that hold the tag: `tag_in = (header.kind, header.part)`"]
    );
    assert_eq!(messages(&source.replace("()", "(header.kind, header.part)")), [""; 0]);
}

#[test]
fn tags_of_one_enum_have_as_many_parts() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = (2, _) | (1, 1..=5, 3))]
    Login { kind: u8 },
    #[wire(tag = 3)]
    Logout,
    #[wire(tag(mask = 0x80, value = 0x80))]
    Ping,
    #[wire(tag = (4))]
    Pong,
}
";
    assert_eq!(
        messages(source),
        [
            "4:27 this tag has 3 parts, the one before has 2; write `_` for any part",
            "6:18 this tag has 1 part, the one before has 2; write `_` for any part",
            "8:37 the other tags have 2 parts; a mask has one",
            "10:18 a tuple of tags has two to four parts; write a plain number for one",
        ]
    );
}

#[test]
fn tuples_that_mean_two_variants() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = (1..=5, _))]
    Login,
    #[wire(tag = (_, 7) | (6, 8))]
    Logout,
    #[wire(tag = (6, 8))]
    Ping,
    #[wire(tag = (0x1_0000_0000, 8) | (-1, 8))]
    Pong,
}
";
    assert_eq!(
        messages(source),
        [
            "6:18 the tag (0x01, 0x07) means `Login` already; let no tag mean two variants",
            "8:18 the tag (0x06, 0x08) means `Logout` already; let no tag mean two variants",
            "10:19 a part of a tuple of 2 tags has up to 32 bits",
        ]
    );
}

#[test]
fn tuple_of_tags_stands_in_fields_of_the_parent() {
    let source = r"
#[derive(Wire)]
#[wire(tag = peek(u16))]
enum Body {
    #[wire(tag = (2, 1))]
    Login { kind: u16 },
}
";
    assert_eq!(
        messages(source),
        [
            "5:18 a tuple of tags stands in fields of the parent; write `tag_of` on each of them, and \
          neither `peek`, `of` nor `repr` here"
        ]
    );
    assert_eq!(messages(&source.replace("#[wire(tag = peek(u16))]", "")), [""; 0]);
    let source = r"
#[derive(Wire)]
#[repr(u8)]
enum Level {
    #[wire(tag = (2, 1))]
    Low,
}
";
    assert_eq!(messages(source), ["5:18 a number has one value; write it without parentheses"]);
}

#[test]
fn unknown_tuple_is_kept_as_one() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = (2, 1))]
    Login { kind: u8 },
    #[wire(other)]
    Unknown { #[wire(tag)] tag: u16, #[wire(rest)] raw: Bytes },
}
";
    assert_eq!(
        messages(source),
        ["7:33 the tags have 2 parts; write a tuple of 2 integers, such as `(u16, u16)`"]
    );
    assert_eq!(messages(&source.replace("tag: u16", "tag: (u8, u8)")), [""; 0]);
    let source = source.replace("(2, 1)", "2").replace("tag: u16", "tag: (u8, u8)");
    assert_eq!(messages(&source), ["7:33 the tags have 1 part; write an integer, such as `u16`"]);
}
