//! Keys that contradict each other, and keys that need another.

use super::*;

#[test]
fn two_ways_to_write_a_value() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(varint = leb128, bits = 8)]
    level: u32,
}
";
    assert_eq!(
        messages(source),
        ["4:29 `varint` and `bits` both say how the value is written; keep one of them",]
    );
    let mended = source.replace("varint = leb128, ", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn two_ends() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(prefix = u16, rest)]
    name: String,
}
";
    assert_eq!(
        messages(source),
        ["4:26 `prefix` and `rest` both say where the value ends; keep one of them",]
    );
    let mended = source.replace(", rest", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn three_ends_are_two_messages() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(prefix = u16, rest, size = 4)]
    name: String,
}
";
    assert_eq!(
        messages(source),
        [
            "4:26 `prefix` and `rest` both say where the value ends; keep one of them",
            "4:32 `prefix` and `size` both say where the value ends; keep one of them",
        ]
    );
    let mended = source.replace(", rest, size = 4", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn two_counts() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(count = 3, count_prefix = u8)]
    items: Vec<u16>,
}
";
    assert_eq!(
        messages(source),
        ["4:23 `count` and `count_prefix` both say how many items there are; keep one of them",]
    );
    let mended = source.replace("count = 3, ", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn field_that_holds_two_things() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(length_of = items, count_of = items)]
    length: Auto<u16>,
    items: Vec<u16>,
}
";
    assert_eq!(
        messages(source),
        ["4:31 `length_of` and `count_of` both say what the field holds; keep one of them",]
    );
    let mended = source.replace(", count_of = items", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn fixed_and_valid() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(fixed = 3, valid = 1..=3)]
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:23 `fixed` and `valid` both say what the value is; keep one of them",]
    );
    let mended = source.replace("fixed = 3, ", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn key_without_the_one_that_it_needs() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bias = 2)]
    length: u16,
    #[wire(max_bytes = 2)]
    level: u32,
    #[wire(rest, pad = b' ')]
    name: String,
    #[wire(verify = off)]
    check: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 `bias` needs `length_of` or `length_in` beside it; write `length_of = .., bias \
             = ..`",
            "6:12 `max_bytes` needs `varint` beside it; write `varint = leb128, max_bytes = ..`",
            "8:18 `pad` needs `size` or `length_in` beside it; write `size = .., pad = ..`",
            "10:12 `verify` needs `checksum` beside it; write `checksum = .., over = .., verify \
             = ..`",
        ]
    );
    let mended = source
        .replace("bias = 2", "valid = 1..")
        .replace("max_bytes = 2", "varint = leb128, max_bytes = 2")
        .replace("rest, pad", "size = 8, pad")
        .replace("verify = off", "reserved");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn over_without_a_checksum() {
    let source = r"
#[derive(Wire)]
struct Login {
    level: u8,
    #[wire(over = ..self)]
    check: Auto<u8>,
}
";
    assert_eq!(
        messages(source),
        ["5:12 `over` belongs to a checksum; write `checksum = ALGORITHM, over = ..`",]
    );
    let mended = source.replace("over = ..self", "checksum = sum8, over = ..self");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn checksum_without_a_span() {
    let source = r"
#[derive(Wire)]
struct Login {
    level: u8,
    #[wire(checksum = sum8)]
    check: Auto<u8>,
}
";
    assert_eq!(
        messages(source),
        ["5:12 `checksum` needs its span; write `over = ..self` or another range of fields",]
    );
    let mended = source.replace("checksum = sum8", "checksum = sum8, over = ..self");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn unit_in_bytes_without_a_length() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(unit = 4)]
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:12 a `unit` in bytes needs `length_of` or `length_in` beside it; the unit of a \
             value is text, such as `unit = \"km/h\"`",]
    );
    let mended = source.replace("unit = 4", "unit = \"km/h\"");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_field_takes_no_bytes() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(other)]
    Unknown { #[wire(tag, varint = leb128)] tag: u16, #[wire(rest)] raw: Bytes },
}
";
    assert_eq!(
        messages(source),
        ["5:27 a `tag` field takes no bytes, so `varint` says nothing; remove it",]
    );
    let mended = source.replace(", varint = leb128", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_and_other() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1, other)]
    Login { #[wire(tag)] tag: u8, level: u8 },
}
";
    assert_eq!(
        messages(source),
        ["4:12 `other` takes every unknown tag; write either `tag` or `other`",]
    );
    let mended = source.replace(", other", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn delimiter_and_its_parts() {
    let source = r"
#[derive(Frame)]
#[wire(delimiter = 0x7E, end = 0x0D, max_frame_length = 9)]
struct Message {
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["3:26 `delimiter` is both ends; write either `delimiter`, or `start` and `end`",]
    );
    let mended = source.replace(", end = 0x0D", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn start_without_an_end() {
    let source = r"
#[derive(Frame)]
#[wire(start = 0x02, max_frame_length = 9)]
struct Message {
    level: u8,
}
";
    assert_eq!(messages(source), ["3:8 `start` needs an `end`; write `start = .., end = ..`",]);
    let mended = source.replace("start = 0x02", "start = 0x02, end = 0x03");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn map_without_a_type_on_the_wire() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(map(read = f, write = g))]
    angle: Angle,
}
";
    assert_eq!(
        messages(source),
        ["4:12 `map` needs the type on the wire; write `as = u16, map(..)`",]
    );
    let mended = source.replace("map(", "as = u16, map(");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn scale_without_an_integer() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(scale = 0.1)]
    speed: f32,
}
";
    assert_eq!(
        messages(source),
        ["4:12 `scale` needs the integer on the wire; write `as = u32, scale = ..`",]
    );
    let mended = source.replace("scale", "as = u16, scale");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn flags_of_a_field_without_a_width() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(flags)]
    caps: Capabilities,
}
";
    assert_eq!(messages(source), ["4:12 `flags` needs a width; write `flags = u8`",]);
    let mended = source.replace("flags", "flags = u16");
    assert_eq!(messages(&mended), [""; 0]);
}
