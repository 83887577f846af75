//! Spans of fields.

use super::*;

#[test]
fn span_without_a_field() {
    let source = r"
#[derive(Wire)]
struct Message {
    level: u8,
    #[wire(checksum = xor8, over = self..level)]
    check: Auto<u8>,
}
";
    assert_eq!(
        messages(source),
        ["5:36 no field is in this span; write the field that stands first on the left, such \
             as `first..=last`",]
    );
    let mended = source.replace("self..level", "level..self");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn span_that_cuts_a_bit_run() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(bits = 4)]
    kind: u8,
    #[wire(bits = 4)]
    level: u8,
    #[wire(checksum = xor8, over = level..self)]
    check: Auto<u8>,
}
";
    assert_eq!(
        messages(source),
        ["8:36 the bits `kind` to `level` are one integer, and this span cuts it; begin or \
             end the span around all of them",]
    );
    let mended = source.replace("level..self", "kind..self");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn spans_that_cross() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(length_of = a..=b)]
    first: Auto<u16>,
    #[wire(length_of = b..=c)]
    second: Auto<u16>,
    a: u8,
    b: u8,
    c: u8,
}
";
    assert_eq!(
        messages(source),
        ["6:24 this span and another length's cross; let one hold the other, or let them lie \
             apart",]
    );
    let mended = source.replace("b..=c", "b");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn length_behind_what_it_measures() {
    let source = r"
#[derive(Wire)]
struct Message {
    name: String,
    #[wire(length_of = name)]
    length: Auto<u16>,
}
";
    assert_eq!(
        messages(source),
        ["5:24 this length stands behind `name`, so it cannot say where `name` ends; move it \
             before `name`",]
    );
}

#[test]
fn length_behind_the_rest() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(rest)]
    name: String,
    #[wire(length_of = ..)]
    length: Auto<u16>,
}
";
    assert_eq!(
        messages(source),
        ["6:24 this length stands behind `name`, so it cannot say where `name` ends; move it \
             before `name`",]
    );
    let mended = source.replace("rest", "prefix = u8");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn span_that_is_no_span() {
    let source = r#"
#[derive(Wire)]
struct Message {
    #[wire(length_of = "body")]
    length: Auto<u16>,
    #[wire(count_of =)]
    count: Auto<u16>,
    #[wire(rest)]
    body: String,
}
"#;
    assert_eq!(
        messages(source),
        [
            "4:24 expected the name of a field, or a range of names such as `..self`",
            "6:12 `count_of` needs the name of a field: `count_of = ..`",
        ]
    );
    let mended = source
        .replace("\"body\"", "body")
        .replace("#[wire(count_of =)]", "")
        .replace("#[wire(rest)]", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn value_that_is_derived_from_itself() {
    let source = r"
#[derive(Frame)]
#[wire(max_frame_length = 64)]
struct Message {
    #[wire(length_of = self)]
    length: Auto<u16>,
    level: u8,
    #[wire(checksum = xor8, over = check)]
    check: Auto<u8>,
}
";
    assert_eq!(
        messages(source),
        [
            "5:24 `length` is this field alone, and the length of itself tells nobody anything; \
             write `..` for the whole frame, or the fields that it measures",
            "8:36 `check` is this field alone, and a checksum of itself protects nothing; write \
             `..self` for all before it, or `..` for the whole frame",
        ]
    );
    let mended =
        source.replace("length_of = self", "length_of = ..").replace("= check", "= ..self");
    assert_eq!(messages(&mended), [""; 0]);
    let nested = source.replace("Frame", "Wire").replace("#[wire(max_frame_length = 64)]", "");
    assert!(messages(&nested).concat().contains("write `..` for the whole type"));
    let target =
        source.replace("length_of = self", "length_of = self..").replace("= check", "= ..");
    assert_eq!(messages(&target), [""; 0]);
}

#[test]
fn count_of_itself() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(count_of = self)]
    count: Auto<u8>,
    items: Vec<u16>,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 `count` cannot be a count of itself; name the field that it describes",
            "6:5 nothing says where `items` ends; a list needs `count_prefix = u16`, `count = \
             ..`, `count_in = ..`, `prefix = u16` or `rest`",
        ]
    );
    let mended = source.replace("self", "items");
    assert_eq!(messages(&mended), [""; 0]);
}
