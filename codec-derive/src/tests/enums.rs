//! Enums and their tags.

use super::*;

#[test]
fn variant_without_a_tag() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1)]
    Login { level: u8 },
    Logout,
}
";
    assert_eq!(
        messages(source),
        ["6:5 variant `Logout` has no tag; write `#[wire(tag = ..)]`, or `#[wire(other)]` for \
             unknown tags",]
    );
    let mended = source.replace("Logout", "#[wire(tag = 2)] Logout");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn enum_without_variants() {
    let source = r"
#[derive(Wire)]
enum Body {}
";
    assert_eq!(messages(source), ["3:6 an enum without variants has no layout; add a variant",]);
    let mended = source.replace("{}", "{ #[wire(tag = 1)] Login }");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn frame_without_a_tag_inside() {
    let source = r"
#[derive(Frame)]
enum Body {
    #[wire(tag = 1)]
    Login { level: u8 },
}
";
    assert_eq!(
        messages(source),
        ["3:6 nothing outside of a frame holds its tag; write `#[wire(tag = peek(u8))]`, \
             `#[wire(tag = of(expr))]` or `#[repr(u8)]`, or derive `Wire` and put the enum into a \
             frame",]
    );
    let mended = source.replace("enum", "#[wire(tag = peek(u8))] enum");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn second_other() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(other)]
    Unknown { #[wire(tag)] tag: u16, #[wire(rest)] raw: Bytes },
    #[wire(other)]
    More { #[wire(tag)] tag: u16, #[wire(rest)] raw: Bytes },
}
";
    assert_eq!(messages(source), ["6:12 another variant is `other` already; keep one of them",]);
    let mended = source.replace("(other)]\n    More", "(tag = 1)]\n    More");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn other_loses_its_tag() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1)]
    Login { level: u8 },
    #[wire(other)]
    Unknown(#[wire(rest)] Bytes),
}
";
    assert_eq!(
        messages(source),
        ["7:5 the unknown tag would be lost; write `Unknown { #[wire(tag)] tag: u16, \
             #[wire(rest)] raw: Bytes }`",]
    );
    let mended = source.replace("Unknown(", "Unknown(#[wire(tag)] u16, ");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn other_of_a_number_holds_its_value() {
    let source = r"
#[derive(Wire)]
#[repr(u8)]
enum Level {
    Low = 1,
    #[wire(other)]
    Unknown,
}
";
    assert_eq!(
        messages(source),
        ["7:5 unknown values would be lost; write `Unknown(#[wire(tag)] u8)`",]
    );
    let mended = source.replace("Unknown", "Unknown(#[wire(tag)] u8)");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn other_of_a_number_has_its_type() {
    let source = r"
#[derive(Wire)]
#[repr(u8)]
enum Level {
    Low = 1,
    #[wire(other)]
    Unknown(#[wire(tag)] u16),
}
";
    assert_eq!(
        messages(source),
        ["7:26 the unknown value has the type of the `repr`; write `u8`",]
    );
    let mended = source.replace("u16", "u8");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_field_under_a_peeked_tag() {
    let source = r"
#[derive(Wire)]
#[wire(tag = peek(u8))]
enum Body {
    #[wire(tag = 1)]
    Login { #[wire(tag)] kind: u8, level: u8 },
}
";
    assert_eq!(
        messages(source),
        ["6:20 a peeked tag is not consumed, so the variant reads those bytes itself; remove \
             `tag`",]
    );
    let mended = source.replace("#[wire(tag)] ", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn two_tag_fields() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1)]
    Login { #[wire(tag)] kind: u8, #[wire(tag)] other: u8 },
}
";
    assert_eq!(messages(source), ["5:43 another field holds the tag already; keep one of them",]);
    let mended = source.replace("#[wire(tag)] other", "other");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_field_that_is_no_integer() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1)]
    Login { #[wire(tag)] kind: f32 },
}
";
    assert_eq!(
        messages(source),
        ["5:32 a tag is an integer; write `u16`, or the type of the tag",]
    );
    let mended = source.replace("f32", "u16");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn peek_of_no_integer() {
    let source = r"
#[derive(Wire)]
#[wire(tag = peek(Kind))]
enum Body {
    #[wire(tag = 1)]
    Login { kind: u8 },
}
";
    assert_eq!(messages(source), ["3:19 `peek` names an integer of up to 8 bytes, such as `u8`",]);
    let mended = source.replace("Kind", "u8");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn discriminant_that_is_no_literal() {
    let source = r"
#[derive(Wire)]
#[repr(u8)]
enum Level {
    Low = LOW,
}
";
    assert_eq!(messages(source), ["5:11 a discriminant that stands for a tag is a literal",]);
    let mended = source.replace("LOW", "1 << 3");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_that_is_no_tag() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 2.5)]
    Login,
    #[wire(tag = A..=B)]
    Logout,
    #[wire(tag = [1])]
    More,
    #[wire(tag(mask = 1))]
    Less,
}
";
    assert_eq!(
        messages(source),
        [
            "4:18 a tag is an integer from -2^63 to 2^64 - 1, and the ends of a range are literals",
            "6:18 a tag is an integer from -2^63 to 2^64 - 1, and the ends of a range are literals",
            "8:18 a tag is a literal, a range of literals or a constant's path, such as `tag = \
             0x0200 | 1..=5 | CHAT`",
            "10:12 write `tag(mask = 0x03, value = 0x01)`",
        ]
    );
    let mended = source
        .replace("2.5", "2")
        .replace("A..=B", "A | B")
        .replace("[1]", "3")
        .replace("tag(mask = 1)", "tag(mask = 8, value = 8)");
    assert_eq!(messages(&mended), [""; 0]);
}
