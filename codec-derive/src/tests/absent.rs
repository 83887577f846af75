//! `none`: what stands for `None`.

use super::*;

#[test]
fn none_fits_what_the_wire_can_hold() {
    let source = r"
#[derive(Wire)]
struct Row {
    #[wire(prefix = u16, none = -1)]
    name: Option<String>,
    #[wire(none = 256)]
    level: Option<u8>,
    #[wire(length_of = value, none = -1)]
    length: Auto<u32>,
    value: Option<Bytes>,
}
";
    assert_eq!(
        messages(source),
        [
            "4:26 -1 does not fit in 16 bits; write a signed integer, or `none = 65535`",
            "6:12 256 does not fit in `u8`; write 0 to 255",
            "8:31 -1 does not fit in `u32`; write a signed integer, or `none = 4294967295`",
        ]
    );
    let mended = source.replace("u16", "i16").replace("256", "255").replace("u32", "i32");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn none_is_a_literal() {
    let source = r"
#[derive(Wire)]
struct Row {
    #[wire(prefix = i16, none = MISSING)]
    name: Option<String>,
}
";
    assert_eq!(messages(source), ["4:33 `none` is an integer literal, such as `none = -1`",]);
    let mended = source.replace("MISSING", "-1");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn none_without_an_option() {
    let source = r"
#[derive(Wire)]
struct Row {
    #[wire(none = 0xFF)]
    level: u8,
    #[wire(prefix = i32, none = -1)]
    name: String,
    #[wire(length_of = value, none = -1)]
    length: Auto<i32>,
    value: Bytes,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 a field with `none` may be absent; write `Option<u8>`",
            "6:26 a field with `none` may be absent; write `Option<String>`",
            "10:12 `none` says when `value` is absent; write `Option<Bytes>`",
        ]
    );
    let mended = source
        .replace(": u8", ": Option<u8>")
        .replace(": String", ": Option<String>")
        .replace(": Bytes", ": Option<Bytes>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn none_needs_a_number_that_can_stand_for_it() {
    let source = r"
#[derive(Wire)]
struct Row {
    #[wire(size = 4, none = 0)]
    name: Option<String>,
    #[wire(length_of = name..=level, none = -1)]
    length: Auto<i32>,
    level: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "4:22 `none` is a number in place of the value, or of the `prefix` before it; write \
             `prefix = i32, none = -1`, or `length_of = .., none = -1` on the field that holds the \
             length",
            "6:38 `none` needs a length or a count of one field; write `length_of = field, none = \
             ..`",
        ]
    );
    let mended = source.replace("size = 4, none = 0", "prefix = i32, none = -1");
    let mended = mended.replace("name..=level, none = -1", "level");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn presence_is_said_once() {
    let source = r"
#[derive(Wire)]
struct Row {
    full: bool,
    #[wire(length_of = value, none = -1)]
    length: Auto<i32>,
    #[wire(present_if = full)]
    value: Option<Bytes>,
    #[wire(none = 0, present_if = full)]
    level: Option<u8>,
}
";
    assert_eq!(
        messages(source),
        [
            "5:31 `value` says itself when it is there; remove `none`",
            "9:22 `none` and `present_if` both say when the field is there; keep one of them",
        ]
    );
    let mended =
        source.replace("    #[wire(present_if = full)]\n", "").replace(", present_if = full", "");
    assert_eq!(messages(&mended), [""; 0]);
}
