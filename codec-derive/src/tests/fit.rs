//! Keys that do not fit the type of their field.

use super::*;

#[test]
fn key_on_another_type() {
    let source = r#"
#[derive(Wire)]
struct Login {
    #[wire(varint = leb128, prefix = u8)]
    name: String,
    #[wire(count = 3)]
    text: String,
    #[wire(encoding = "gbk")]
    level: u16,
    #[wire(scale = 0.1, as = u16)]
    speed: u16,
    #[wire(rest)]
    last: u32,
}
"#;
    assert_eq!(
        messages(source),
        [
            "4:12 `varint` fits an integer, not `String`",
            "6:12 `count` fits a list (`Vec<T>`, `Lazy<T>`), not `String`; bytes have a length: \
             write `size`, `prefix` or `length_in`",
            "8:12 `encoding` fits text (`String`, `&str`), not `u16`",
            "10:12 `scale` fits an `f32` or `f64`, not `u16`; the value in units is an `f64`",
            "12:12 `rest` fits bytes, text, a list or a type of yours, not `u32`; its size is \
             known from its type, remove the key",
        ]
    );
}

#[test]
fn fixed_literal_needs_the_unit_type() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(magic = 0x68u8)]
    first: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:12 `magic` fits `()`, not `u8`; write `fixed = ..`, or give the field the type `()`",]
    );
    let mended = source.replace("magic = 0x68u8", "fixed = 0x68");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn unit_without_a_literal() {
    let source = r"
#[derive(Wire)]
struct Login {
    nothing: (),
}
";
    assert_eq!(
        messages(source),
        ["4:14 a `()` without a literal is nothing on the wire; write `#[wire(fixed = \
             0x00u8)]` or `#[wire(pad_after = 1)]`",]
    );
    let mended = source.replace("nothing", "#[wire(pad_after = 3)] nothing");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn pointer_sized_integer() {
    let source = r"
#[derive(Wire)]
struct Login {
    level: usize,
    #[wire(count = 2)]
    items: Vec<usize>,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 `usize` and `isize` have no width on the wire; write `u32` or another integer \
             with a width",
            "6:16 `usize` and `isize` have no width on the wire; write `u32`",
        ]
    );
    let mended = source.replace("level: usize", "level: u32").replace("Vec<usize>", "Vec<u32>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn type_that_cannot_be_read() {
    let source = r"
#[derive(Wire)]
struct Login {
    level: &'static u32,
}
";
    assert_eq!(
        messages(source),
        ["4:12 this type cannot be read from bytes; write an owned type, `&[u8]` or `&str`",]
    );
    let mended = source.replace("&'static u32", "u32");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn time_without_its_form() {
    let source = r"
#[derive(Wire)]
struct Login {
    time: CivilTime,
}
";
    assert_eq!(
        messages(source),
        ["4:11 a `CivilTime` needs its form: write `timestamp = bcd_yymmddhhmmss`, \
             `binary_yymmddhhmmss` or `cp56time2a`",]
    );
    let mended = source.replace("time", "#[wire(timestamp = cp56time2a)] time");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn time_of_another_type() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(timestamp = cp56time2a)]
    time: u64,
    #[wire(timestamp = unix_s)]
    civil: CivilTime,
}
";
    assert_eq!(
        messages(source),
        [
            "5:11 this form is a date and a time; write `CivilTime`",
            "7:12 a `unix` time counts; write `u64` or `i64`",
        ]
    );
    let mended =
        source.replace("time: u64", "time: CivilTime").replace("unix_s", "bcd_yymmddhhmmss");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn unknown_form_of_time() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(timestamp = unix)]
    time: u64,
}
";
    assert_eq!(
        messages(source),
        ["4:24 `timestamp` is one of `unix_s`, `unix_ms`, `bcd_yymmddhhmmss`, \
             `binary_yymmddhhmmss` or `cp56time2a`",]
    );
    let mended = source.replace("unix", "unix_ms");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn integer_of_an_odd_width() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(as = u20)]
    level: u32,
    #[wire(as = u40)]
    other: u32,
    #[wire(as = i24)]
    third: u32,
}
";
    assert_eq!(
        messages(source),
        [
            "4:17 `as` names an integer of whole bytes, such as `u24` or `i16`",
            "6:12 40 bits do not fit in `u32`; write a wider integer",
            "8:12 `u32` and its form differ in sign; write `as = u24`",
        ]
    );
    let mended = source.replace("u20", "u24").replace("u40", "u16").replace("i24", "u24");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn raw_integer_beyond_the_mantissa() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(as = u32, scale = 0.1)]
    speed: f32,
    #[wire(as = u64, scale = 0.1)]
    way: f64,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 an `f32` holds 24 bits exactly, not 32; write `f64`",
            "6:12 a float holds 53 bits exactly, not 64; write a narrower integer",
        ]
    );
    let mended = source.replace("speed: f32", "speed: f64").replace("as = u64", "as = u48");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn items_without_an_end_of_their_own() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(count = 3)]
    names: Vec<String>,
    #[wire(count = 3)]
    levels: Vec<Option<u8>>,
    #[wire(count = 3)]
    sums: Vec<Auto<u8>>,
}
";
    assert_eq!(
        messages(source),
        [
            "5:16 nothing says where an item ends; write `each(prefix = u16)` on the list, or wrap \
             the item in a struct that does",
            "7:17 nothing says when an item is there; write `each(none = -1)` on the list, or wrap \
             the `Option` in a struct that does",
            "9:15 an item derives from nothing; write the plain integer",
        ]
    );
    let mended = source
        .replace("Vec<String>", "Vec<Name>")
        .replace("Vec<Option<u8>>", "Vec<u8>")
        .replace("Vec<Auto<u8>>", "Vec<u8>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn size_of_an_array() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(size = 4)]
    address: [u8; 4],
}
";
    assert_eq!(
        messages(source),
        ["4:12 `size` fits bytes, text, a list, an integer or a type of yours, not `[u8; 4]`; \
             the length of an array is in its type: remove the key, or write `Vec<u8>`",]
    );
    let mended = source.replace("[u8; 4]", "Vec<u8>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_in_a_struct() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(tag)]
    kind: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:12 `tag` marks the field of a variant that holds the tag; in a struct write \
             `tag_of = field`",]
    );
    let mended = source.replace("(tag)", "()");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn varint_of_the_other_sign() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(varint = zigzag)]
    level: u32,
    #[wire(varint = vlq)]
    kind: i32,
    #[wire(varint = ber)]
    length: i32,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 `zigzag` is for signed integers; write `leb128`, or `i32`",
            "6:12 `vlq` is for unsigned integers; write `zigzag`, or `u32`",
            "8:12 `ber` is a length, which is unsigned; write `u32`",
        ]
    );
    let mended = source
        .replace("level: u32", "level: i32")
        .replace("kind: i32", "kind: u32")
        .replace("length: i32", "length: u32");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn misspelt_varint() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(varint = leb182)]
    level: u32,
    #[wire(prefix = u12)]
    name: String,
    #[wire(count_prefix = zigzig)]
    items: Vec<u16>,
}
";
    assert_eq!(
        messages(source),
        [
            "4:21 no varint is called `leb182`; did you mean `leb128`? A module of yours is a \
             path, such as `self::leb182`",
            "6:21 `u12` is no whole number of bytes; write `prefix = u16`",
            "8:27 no varint is called `zigzig`; did you mean `zigzag`? A module of yours is a \
             path, such as `self::zigzig`",
        ]
    );
    let mended =
        source.replace("leb182", "leb128").replace("u12", "u16").replace("zigzig", "self::zigzig");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn flags_that_are_no_flags() {
    let source = r"
#[derive(Wire)]
#[wire(flags = u8)]
struct Flags {
    last: bool,
    #[wire(bits = 3)]
    kind: u8,
    #[wire(reserved)]
    reserved: u8,
}
";
    assert_eq!(
        messages(source),
        ["7:11 a flag is a `bool`; mark the undeclared bits `reserved`, or write `bitfield` \
             instead of `flags`",]
    );
    let mended = source.replace("flags = u8", "bitfield = u8");
    assert_eq!(messages(&mended), [""; 0]);
}
