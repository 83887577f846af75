//! `varint = steps(..)`.

use super::*;

#[test]
fn markers_rise_within_their_width() {
    let source = r"
#[derive(Wire)]
struct Row {
    #[wire(varint = steps(0xFD => u16, 0xFC => u24))]
    level: u32,
    #[wire(prefix = steps(0x100 => u16))]
    name: String,
    #[wire(bits = 1)]
    masked: bool,
    #[wire(bits = 7, varint = steps(128 => u16))]
    length: u64,
}
";
    assert_eq!(
        messages(source),
        [
            "4:40 markers rise; write this step before 0xfd",
            "6:27 a marker is a literal of 8 bits, such as `0xFD => u16`",
            "10:37 a marker is a literal of 7 bits, such as `0xFD => u16`",
        ]
    );
    let mended = source
        .replace("0xFD => u16, 0xFC => u24", "0xFC => u16, 0xFD => u24")
        .replace("0x100", "0xFF")
        .replace("128", "127");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn every_value_has_a_form_and_every_form_a_value() {
    let source = r"
#[derive(Wire)]
struct Row {
    #[wire(varint = steps(13 => u8 + 20))]
    gap: u32,
    #[wire(varint = steps(0xFD => u16, 0xFE => u8))]
    short: u32,
    #[wire(varint = steps(0xFD => i16))]
    signed: u32,
    #[wire(varint = steps(0xFD => _))]
    none: u32,
    #[wire(varint = steps(0xFD => u16), max_bytes = 3)]
    twice: u32,
    #[wire(varint = steps(0xFD => u16))]
    below: i32,
}
";
    assert_eq!(
        messages(source),
        [
            "4:33 the values from 13 to 19 have no form; write `u8 + 13`, or a step before this one",
            "6:48 every value up to 255 is shorter already; write a wider integer",
            "8:35 a step names an unsigned integer, such as `u16` or `u24`",
            "10:21 no step goes on; write `steps(0xFD => u16, 0xFE => u32)`",
            "12:41 the steps say how long each form is; remove `max_bytes`",
            "14:12 `steps` is for unsigned integers; write `u32`",
        ]
    );
    let mended = source
        .replace("u8 + 20", "u8 + 13")
        .replace("0xFE => u8", "0xFE => u32")
        .replace("i16", "u16")
        .replace("=> _", "=> u16")
        .replace(", max_bytes = 3", "")
        .replace("i32", "u32");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn what_stands_for_none_stands_for_no_integer() {
    let source = r"
#[derive(Wire)]
struct Row {
    #[wire(prefix = steps(0xFC => u16), none = 0xFB)]
    name: Option<String>,
}
";
    assert_eq!(
        messages(source),
        ["4:41 0xfb stands for an integer; add `0xfb => _` to the steps, so that it stands for \
             nothing else",]
    );
    let mended = source.replace("steps(", "steps(0xFB => _, ");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn bits_that_go_on_cannot_count_themselves() {
    let source = r"
#[derive(Frame)]
#[wire(max_frame_length = 1024)]
struct Message {
    #[wire(bits = 1)]
    masked: bool,
    #[wire(bits = 7, varint = steps(126 => u16), length_of = ..)]
    length: Auto<u64>,
    payload: Bytes,
}

#[derive(Wire)]
#[wire(bitfield = u8)]
struct Flags {
    #[wire(bits = 8, varint = steps(126 => u16))]
    length: u64,
}

#[derive(Wire)]
struct Other {
    #[wire(bits = 8, varint = leb128)]
    length: u64,
}
";
    assert_eq!(
        messages(source),
        [
            "7:62 this length goes on behind its bits, so it cannot count itself; begin its span \
             behind it",
            "9:5 nothing says where `payload` ends; bytes need `prefix = u16`, `size = ..`, \
             `length_in = ..` or `rest`",
            "15:22 a bitfield is one integer; write the bits that go on behind it in a struct",
            "21:22 `bits` and `varint` both say how the value is written; keep one of them",
        ]
    );
    let mended = source
        .replace("length_of = ..", "length_of = payload")
        .replace(", varint = steps(126 => u16))]\n    length: u64", ")]\n    length: u64")
        .replace(", varint = leb128", "");
    assert_eq!(messages(&mended), [""; 0]);
}
