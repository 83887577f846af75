//! Literals and what holds them.

use super::*;

#[test]
fn literal_without_a_width() {
    let source = r"
#[derive(Frame)]
#[wire(magic = 0x68)]
struct Message {
    #[wire(fixed = 1)]
    one: (),
    #[wire(fixed = -1)]
    two: (),
}
";
    assert_eq!(
        messages(source),
        [
            "3:16 a literal carries its width: write `0x68u8` or another integer behind it",
            "5:20 a literal carries its width: write `1u8` or another integer behind it",
            "7:20 a literal carries its width: write `-1i8` or another integer behind it",
        ]
    );
    let mended = source
        .replace("0x68", "0x68u8")
        .replace("fixed = 1", "fixed = 1u24")
        .replace("fixed = -1", "fixed = -1i16");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn literal_wider_than_its_suffix() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(fixed = 0x1FFu8)]
    one: (),
    #[wire(fixed = -129i8)]
    two: (),
    #[wire(fixed = 128i8)]
    three: (),
    #[wire(fixed = -1u8)]
    four: (),
}
";
    assert_eq!(
        messages(source),
        [
            "4:20 `0x1FFu8` does not fit in 8 bits; write a wider integer behind it",
            "6:20 `-129i8` does not fit in 8 bits; write a wider integer behind it",
            "8:20 `128i8` does not fit in 8 bits; write a wider integer behind it",
            "10:20 `-1u8` does not fit in 8 bits; write a wider integer behind it",
        ]
    );
    let mended = source
        .replace("0x1FFu8", "0xFFu8")
        .replace("-129i8", "-128i8")
        .replace("128i8", "127i8")
        .replace("-1u8", "1u8");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn expression_where_bytes_are_expected() {
    let source = r"
#[derive(Frame)]
#[wire(magic = MAGIC)]
struct Message {
    #[wire(fixed = 1.5)]
    one: (),
    #[wire(fixed = [1, 256])]
    two: (),
    #[wire(fixed = [0; COUNT])]
    three: (),
}
";
    assert_eq!(
        messages(source),
        [
            "3:16 expected a literal: `0x68u8`, `b\"##\"`, `[0x4c, 0x52]`, `[0xff; 16]` or `b'R'`",
            "5:20 expected a literal: `0x68u8`, `b\"##\"`, `[0x4c, 0x52]`, `[0xff; 16]` or `b'R'`",
            "7:24 expected a byte, such as `0x7e` or `b'R'`",
            "9:24 the number of repeats is a literal up to 65536",
        ]
    );
    let mended = source
        .replace("MAGIC", "b\"##\"")
        .replace("1.5", "b'R'")
        .replace("256", "255")
        .replace("COUNT", "16");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn delimiter_is_bytes() {
    let source = r"
#[derive(Frame)]
#[wire(delimiter = 0x7EFF, max_frame_length = 99)]
struct Message {
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["3:20 a bare number is one byte; write several as `[0x0d, 0x0a]`",]
    );
    let mended = source.replace("0x7EFF", "0xFF");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn terminator_is_not_empty() {
    let source = r#"
#[derive(Wire)]
struct Login {
    #[wire(terminated = b"")]
    name: String,
    #[wire(terminated = 0u16)]
    code: String,
}
"#;
    assert_eq!(
        messages(source),
        [
            "4:25 expected at least one byte",
            "6:25 a bare number is one byte; write several as `[0x0d, 0x0a]`",
        ]
    );
    let mended = source.replace("b\"\"", "b\"\\r\\n\"").replace("0u16", "[0, 0]");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn fixed_value_beyond_its_integer() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(fixed = 256)]
    level: u8,
    #[wire(fixed = -129)]
    offset: i8,
    #[wire(as = u24, fixed = 0x1000000)]
    wide: u32,
}
";
    assert_eq!(
        messages(source),
        [
            "4:20 256 does not fit in `u8`; write 0 to 255",
            "6:20 -129 does not fit in `i8`; write -128 to 127",
            "8:30 16777216 does not fit in 24 bits; write 0 to 16777215",
        ]
    );
    let mended =
        source.replace("256", "255").replace("-129", "-128").replace("0x1000000", "0xFFFFFF");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn valid_range_beyond_its_integer() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(valid = 1..=256)]
    level: u8,
    #[wire(valid = ..257)]
    other: u8,
    #[wire(bits = 2, valid = 0..=4)]
    qos: u8,
    #[wire(bits = 6, reserved)]
    reserved: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "4:24 256 does not fit in `u8`; write 0 to 255",
            "6:22 257 does not fit in `u8`; write 0 to 255",
            "8:34 4 does not fit in 2 bits; write 0 to 3",
        ]
    );
    let mended =
        source.replace("1..=256", "1..=255").replace("..257", "..256").replace("0..=4", "0..=3");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn valid_range_without_a_value() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(valid = 9..=1)]
    level: u8,
    #[wire(valid = 4..4)]
    other: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "4:20 no value is in this range; write the smaller end first",
            "6:20 no value is in this range; write the smaller end first",
        ]
    );
    let mended = source.replace("9..=1", "1..=1").replace("4..4", "4..5");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn padding_is_a_number_of_bytes() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(pad_before = 0)]
    level: u8,
    #[wire(align = N)]
    other: u8,
    #[wire(pad_after = 65537)]
    third: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "4:25 `pad_before` is a number of bytes from 1 to 65536",
            "6:20 `align` is a number of bytes from 1 to 65536",
            "8:24 `pad_after` is a number of bytes from 1 to 65536",
        ]
    );
    let mended = source
        .replace("pad_before = 0", "pad_before = 1")
        .replace("align = N", "align = 4")
        .replace("65537", "65536");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn bias_is_a_number() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(length_of = name, bias = BIAS)]
    length: Auto<u16>,
    name: String,
}
";
    assert_eq!(messages(source), ["4:37 `bias` is a number, such as `bias = 4`",]);
    let mended = source.replace("BIAS", "-2");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn max_bytes_of_a_varint() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(varint = leb128, max_bytes = 0)]
    level: u32,
}
";
    assert_eq!(messages(source), ["4:41 `max_bytes` is a literal from 1 to 19",]);
    let mended = source.replace("max_bytes = 0", "max_bytes = 5");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn unit_is_at_least_one() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(length_of = name, unit = 0)]
    length: Auto<u16>,
    name: String,
}
";
    assert_eq!(messages(source), ["4:37 `unit` is at least one byte",]);
    let mended = source.replace("unit = 0", "unit = 1");
    assert_eq!(messages(&mended), [""; 0]);
}
