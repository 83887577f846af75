//! Bit runs and bitfields.

use super::*;

#[test]
fn run_that_does_not_close_on_a_byte() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bits = 3)]
    level: u8,
    #[wire(bits = 4)]
    kind: u8,
    sequence: u16,
}
";
    assert_eq!(
        messages(source),
        ["5:5 the bit fields from here take 7 bits, 1 short of a whole byte; end them with \
             `#[wire(bits = 1, reserved)]`",]
    );
    let mended = source.replace("bits = 4", "bits = 5");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn run_at_the_end_that_does_not_close() {
    let source = r"
#[derive(Wire)]
struct Login {
    sequence: u16,
    #[wire(bits = 12)]
    kind: u16,
}
";
    assert_eq!(
        messages(source),
        ["6:5 the bit fields from here take 12 bits, 4 short of a whole byte; end them with \
             `#[wire(bits = 4, reserved)]`",]
    );
    let mended = source.replace("bits = 12", "bits = 16");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn run_longer_than_one_integer() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bits = 60)]
    kind: u64,
    #[wire(bits = 12)]
    level: u16,
}
";
    assert_eq!(
        messages(source),
        ["5:5 this run of bit fields is 72 bits long, but one integer has 64; let a field end \
             on a byte earlier",]
    );
    let mended = source.replace("bits = 12", "bits = 4");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn one_run_has_one_order() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bits = 4, bit_order = lsb)]
    kind: u8,
    #[wire(bits = 4, bit_order = msb)]
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["6:22 one run has one bit order; give all its fields the same `bit_order`",]
    );
    let mended = source.replace("msb", "lsb");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn rest_of_a_byte_that_is_full() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bits = 8)]
    kind: u8,
    #[wire(bits = rest, reserved)]
    reserved: u8,
}
";
    assert_eq!(messages(source), ["7:5 `bits = rest` begins on a byte already; remove the field",]);
    let mended = source.replace("bits = 8", "bits = 7");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn width_is_a_literal() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bits = 65)]
    kind: u128,
    #[wire(bits = WIDTH)]
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:19 `bits` is a literal from 1 to 64", "6:19 `bits` is a literal from 1 to 64",]
    );
    let mended = source.replace("bits = 65", "bits = 64").replace("bits = WIDTH", "bits = 8");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn width_beyond_its_type() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bits = 9)]
    kind: u8,
    #[wire(bits = 7)]
    flag: bool,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 9 bits do not fit in `u8`; write a wider integer",
            "6:12 a `bool` takes one bit; write `bits = 1`, or an integer",
        ]
    );
    let mended = source
        .replace("bits = 9", "bits = 8")
        .replace("bits = 7", "bits = 1, bit_order = msb")
        .replace("flag: bool", "flag: bool, #[wire(bits = rest, reserved)] rest: u8");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn literal_beyond_its_bits() {
    let source = r#"
#[derive(Wire)]
struct Login {
    #[wire(bits = 2, fixed = 4)]
    kind: (),
    #[wire(bits = 6, fixed = "x")]
    level: (),
}
"#;
    assert_eq!(
        messages(source),
        ["4:30 `4` does not fit in 2 bits", "6:30 expected an integer literal, such as `0b01`",]
    );
    let mended = source.replace("fixed = 4", "fixed = 3").replace("\"x\"", "0b1");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn fields_short_of_the_bitfield() {
    let source = r"
#[derive(Wire)]
#[wire(bitfield = u8)]
struct Flags {
    #[wire(bits = 4)]
    kind: u8,
    #[wire(bits = 1)]
    last: bool,
}
";
    assert_eq!(
        messages(source),
        ["8:5 the fields take 5 of 8 bits; end them with `#[wire(bits = 3, reserved)]`",]
    );
    let mended = source.replace("bits = 4", "bits = 7");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn fields_beyond_the_bitfield() {
    let source = r"
#[derive(Wire)]
#[wire(bitfield = 4)]
struct Flags {
    #[wire(bits = 4)]
    kind: u8,
    last: bool,
}
";
    assert_eq!(
        messages(source),
        ["7:5 the fields take 5 bits, but the bitfield has 4; write narrower fields, or a \
             wider bitfield",]
    );
    let mended = source.replace("bits = 4", "bits = 3");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn two_fields_of_unknown_width() {
    let source = r"
#[derive(Wire)]
#[wire(bitfield = u8)]
struct Flags {
    kind: Kind,
    level: Level,
}
";
    assert_eq!(messages(source), ["6:5 the width is not known here; write `bits = n`",]);
    let mended = source.replace("level: Level", "#[wire(bits = 4)] level: Level");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn width_of_a_bitfield() {
    let source = r"
#[derive(Wire)]
#[wire(bitfield = 65)]
struct Wide {
    #[wire(bits = 64)]
    kind: u64,
}
";
    assert_eq!(
        messages(source),
        ["3:19 a bitfield is `u8`, `u16`, `u32`, `u64` or a number of bits from 1 to 64",]
    );
    let mended = source.replace("65", "64");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn bitfield_of_a_signed_type() {
    let source = r"
#[derive(Wire)]
#[wire(bitfield = i8)]
struct Signed {
    #[wire(bits = 8)]
    kind: u8,
}
";
    assert_eq!(
        messages(source),
        ["3:19 a bitfield is `u8`, `u16`, `u32`, `u64` or a number of bits from 1 to 64",]
    );
    let mended = source.replace("bitfield = i8", "bitfield = u8");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn flags_without_a_width() {
    let source = r"
#[derive(Wire)]
#[wire(flags)]
struct Flags {
    last: bool,
    #[wire(reserved)]
    reserved: u8,
}
";
    assert_eq!(messages(source), ["3:8 `flags` needs a width; write `flags = u8`",]);
    let mended = source.replace("(flags)", "(flags = u8)");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn bit_order_inside_a_bitfield() {
    let source = r"
#[derive(Wire)]
#[wire(bitfield = u8)]
struct Flags {
    #[wire(bits = 8, bit_order = lsb)]
    kind: u8,
}
";
    assert_eq!(messages(source), ["5:22 in a bitfield `bit_order` stands on the struct",]);
    let mended = source.replace(", bit_order = lsb", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn bit_order_without_bits() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bit_order = lsb)]
    kind: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:12 `bit_order` needs `bits` beside it; write `bits = .., bit_order = ..`",]
    );
    let mended = source.replace("bit_order = lsb", "bits = 8, bit_order = lsb");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn padding_between_bits() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bits = 4, pad_after = 1)]
    kind: u8,
    #[wire(bits = 4)]
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:22 `pad_after` counts bytes and does not fit between bits; write `#[wire(bits = \
             n, reserved)]`",]
    );
    let mended = source.replace(", pad_after = 1", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn bits_that_may_be_absent() {
    let source = r"
#[derive(Wire)]
struct Login {
    full: bool,
    #[wire(bits = 8, present_if = full)]
    kind: Option<u8>,
}
";
    assert_eq!(
        messages(source),
        ["6:11 bits are always there; write the plain type, and read it where it counts",]
    );
    let mended = source.replace("bits = 8, ", "");
    assert_eq!(messages(&mended), [""; 0]);
}
