//! Where values end.

use super::*;

#[test]
fn bytes_without_an_end() {
    let source = r"
#[derive(Wire)]
struct Login {
    name: String,
    #[wire(fixed = 1)]
    level: u8,
    raw: Bytes,
    items: Vec<u16>,
    #[wire(bcd)]
    phone: Digits,
    #[wire(decimal)]
    number: u32,
}
";
    assert_eq!(
        messages(source),
        [
            "4:5 nothing says where `name` ends; text needs `prefix = u16`, `size = ..`, \
             `terminated = 0`, `length_in = ..` or `rest`",
            "7:5 nothing says where `raw` ends; bytes need `prefix = u16`, `size = ..`, \
             `length_in = ..` or `rest`",
            "8:5 nothing says where `items` ends; a list needs `count_prefix = u16`, `count = \
             ..`, `count_in = ..`, `prefix = u16` or `rest`",
            "10:5 nothing says where `phone` ends; digits need `size = 6`, the number of bytes",
            "12:5 nothing says where `number` ends; a decimal needs `terminated = b\"\\r\\n\"` \
             or `size = ..`",
        ]
    );
    let mended = source
        .replace("name:", "#[wire(terminated = 0)] name:")
        .replace("raw:", "#[wire(prefix = leb128)] raw:")
        .replace("items:", "#[wire(count = level)] items:")
        .replace("(bcd)", "(bcd, size = 6)")
        .replace("(decimal)", "(decimal, terminated = b\"\\r\\n\")");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn length_elsewhere_is_an_end() {
    let source = r"
#[derive(Wire)]
struct Login {
    level: u16,
    name: String,
}
";
    assert_eq!(
        messages(source),
        ["5:5 nothing says where `name` ends; text needs `prefix = u16`, `size = ..`, \
             `terminated = 0`, `length_in = ..` or `rest`",]
    );
    let mended = source.replace("level: u16", "#[wire(length_of = name)] level: Auto<u16>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn two_fields_take_the_rest() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(rest)]
    name: String,
    #[wire(rest)]
    raw: Bytes,
}
";
    assert_eq!(
        messages(source),
        ["7:5 `name` takes the rest already; give `raw` a length, such as `prefix = u16`, or \
             remove it",]
    );
    let mended = source.replace("#[wire(rest)]\n    name", "#[wire(prefix = u8)]\n    name");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn varying_field_behind_the_rest() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(rest)]
    name: String,
    #[wire(varint = leb128)]
    level: u32,
}
";
    assert_eq!(
        messages(source),
        ["7:5 behind `name`, which takes the rest, only fields of fixed length stand; move \
             `level` before it, or give `name` a length",]
    );
    let mended = source.replace("varint = leb128", "as = u24");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn rest_inside_a_span_leaves_the_outside_alone() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(length_of = level..=name)]
    length: Auto<u16>,
    level: u8,
    #[wire(rest)]
    name: String,
    #[wire(rest)]
    raw: Bytes,
    #[wire(rest)]
    more: Bytes,
}
";
    assert_eq!(
        messages(source),
        ["12:5 `raw` takes the rest already; give `more` a length, such as `prefix = u16`, or \
             remove it",]
    );
    let mended = source.replace(",\n    #[wire(rest)]\n    more: Bytes", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn process_of_a_field_without_an_end() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(process = decrypt)]
    body: Inner,
}
";
    assert_eq!(
        messages(source),
        ["4:12 `process` works on a stretch that is cut out first; add `prefix = u16`, `size \
             = ..`, `length_in = ..` or `rest`",]
    );
    let mended = source.replace("(process", "(prefix = u16, process");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn inflated_bytes_have_a_limit() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(rest, process = zlib)]
    body: Bytes,
}
";
    assert_eq!(
        messages(source),
        ["4:18 a few bytes inflate to many; add `max_len = ..`, the most that you accept",]
    );
    let mended = source.replace("zlib", "zlib, max_len = 65536");
    assert_eq!(messages(&mended), [""; 0]);
}
