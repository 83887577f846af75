//! No tag means two variants.

use super::*;

#[test]
fn tag_of_two_variants() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 0x0200 | 1..=5)]
    Login,
    #[wire(tag = 5)]
    Logout,
}
";
    assert_eq!(
        messages(source),
        ["6:18 the tag 0x05 means `Login` already; let no tag mean two variants",]
    );
    let mended = source.replace("tag = 5", "tag = 6");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_given_twice() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1 | 2 | 1)]
    Login,
}
";
    assert_eq!(messages(source), ["4:26 the tag 0x01 is given twice; write it once",]);
    let mended = source.replace("1 | 2 | 1", "1 | 2");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn range_the_wrong_way_round() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 5..=1)]
    Login,
    #[wire(tag = 6..6)]
    Logout,
}
";
    assert_eq!(
        messages(source),
        [
            "4:18 this range holds no tag; write the smaller end first",
            "6:18 this range holds no tag; write the smaller end first",
        ]
    );
    let mended = source.replace("5..=1", "1..=5").replace("6..6", "6..7");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn masks_that_overlap() {
    let source = r"
#[derive(Wire)]
#[wire(tag = peek(u8))]
enum Control {
    #[wire(tag(mask = 0x01, value = 0x00))]
    I { control: u8 },
    #[wire(tag(mask = 0x03, value = 0x01))]
    S { control: u8 },
    #[wire(tag(mask = 0x02, value = 0x02))]
    U { control: u8 },
}
";
    assert_eq!(
        messages(source),
        ["9:37 the tag 0x02 means `I` already; let no tag mean two variants",]
    );
    let mended = source.replace("mask = 0x02, value = 0x02", "mask = 0x03, value = 0x03");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn mask_over_a_range() {
    let source = r"
#[derive(Wire)]
#[wire(tag = peek(u8))]
enum Control {
    #[wire(tag(mask = 0x07, value = 0x05))]
    I { control: u8 },
    #[wire(tag = 0x0E..=0x14)]
    S { control: u8 },
    #[wire(tag = 0x0E..=0x15)]
    U { control: u8 },
}
";
    assert_eq!(
        messages(source),
        ["9:18 the tag 0x15 means `I` already; let no tag mean two variants",]
    );
    let mended = source.replace("0x0E..=0x15", "0x16..=0x1C");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn value_outside_of_its_mask() {
    let source = r"
#[derive(Wire)]
#[wire(tag = peek(u8))]
enum Control {
    #[wire(tag(mask = 0x01, value = 0x02))]
    I { control: u8 },
}
";
    assert_eq!(
        messages(source),
        ["5:37 no tag matches: 0x02 has bits outside of the mask 0x01; write a value within \
             the mask",]
    );
    let mended = source.replace("value = 0x02", "value = 0x01");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_beyond_its_integer() {
    let source = r"
#[derive(Wire)]
#[wire(tag = peek(u8))]
enum Control {
    #[wire(tag = 256)]
    I { control: u8 },
}
";
    assert_eq!(
        messages(source),
        ["5:18 the tag 0x100 does not fit in 8 bits; write a smaller one, or read the tag \
             from a wider integer",]
    );
    let mended = source.replace("256", "255");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_beyond_its_repr() {
    let source = r"
#[derive(Wire)]
#[repr(i8)]
enum Level {
    #[wire(tag = 128)]
    High,
    #[wire(tag = -128)]
    Low,
}
";
    assert_eq!(
        messages(source),
        ["5:18 the tag 0x80 does not fit in 8 bits; write a smaller one, or read the tag from \
             a wider integer",]
    );
    let mended = source.replace("128)]\n    High", "127)]\n    High");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn variants_of_two_dialects_share_a_tag() {
    let source = r"
#[derive(Wire)]
#[wire(ctx(dialect: Dialect))]
enum Body {
    #[wire(tag = 1, dialect = Dialect::Old | Dialect::New)]
    Login,
    #[wire(tag = 1, dialect = Dialect::New)]
    Enter,
}
";
    assert_eq!(
        messages(source),
        ["7:18 the tag 0x01 means `Login` already; let no tag mean two variants",]
    );
    let mended = source.replace("Dialect::Old | Dialect::New", "Dialect::Old");
    assert_eq!(messages(&mended), [""; 0]);
}
