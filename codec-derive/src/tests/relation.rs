//! Relations between fields.

use super::*;

#[test]
fn field_that_is_not_there() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(length_of = nmae)]
    length: Auto<u16>,
    name: String,
}
";
    assert_eq!(messages(source), ["4:24 no field `nmae` here; did you mean `name`?",]);
    let mended = source.replace("nmae", "name");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn function_with_the_name_of_a_field() {
    let source = r"
#[derive(Wire)]
struct Speed {
    half: u8,
    #[wire(as = u8, map(read = half, write = twice))]
    twice: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "5:32 the field `half` hides the function `half`; write `self::half`",
            "5:46 the field `twice` hides the function `twice`; write `self::twice`",
        ]
    );
    let mended = source.replace("= half", "= self::half").replace("= twice", "= self::twice");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn field_far_from_every_name() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(length_of = payload)]
    length: Auto<u16>,
    name: String,
}
";
    assert_eq!(
        messages(source),
        ["4:24 no field `payload` here; the fields are `length`, `name`",]
    );
    let mended = source.replace("payload", "name");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn derived_value_is_auto() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(length_of = name)]
    length: u16,
    name: String,
    level: u8,
    #[wire(checksum = xor8, over = ..self)]
    check: Option<Auto<u8>>,
}
";
    assert_eq!(
        messages(source),
        [
            "5:13 a length is derived from other fields; write `Auto<u16>`",
            "9:12 a checksum is always there; write `Auto<u8>` without `Option`",
        ]
    );
    let mended =
        source.replace("length: u16", "length: Auto<u16>").replace("Option<Auto<u8>>", "Auto<u8>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn auto_of_another_type() {
    let source = r"
#[derive(Wire)]
struct Login {
    level: Auto<Level>,
}
";
    assert_eq!(messages(source), ["4:17 a derived value is an integer or a `bool`, not `Level`",]);
    let mended = source.replace("Auto<Level>", "Auto<u16>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn length_that_is_a_bool() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(bits = 8, length_of = name)]
    length: Auto<bool>,
    name: String,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 a `bool` takes one bit; write `bits = 1`, or an integer",
            "5:18 a length is an integer; write `Auto<u16>`",
        ]
    );
}

#[test]
fn open_auto_of_a_frame() {
    let source = r"
#[derive(Frame)]
struct Message {
    check: Auto<u16>,
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:12 nothing says what `check` derives from, and a frame has no parent; write \
             `length_of = ..`, `count_of = ..`, `tag_of = ..` or `checksum = ..`, or the plain \
             `u16`",]
    );
    let mended = source.replace("check", "#[wire(length_of = level)] check");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn open_auto_of_a_variant() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1)]
    Login { level: Auto<u8> },
}
";
    assert_eq!(
        messages(source),
        ["5:20 nothing says what `level` derives from, and no parent reaches into a variant; \
             write `length_of = ..`, `count_of = ..`, `tag_of = ..` or `checksum = ..`, or the \
             plain `u8`",]
    );
    let mended = source.replace("Auto<u8>", "u8");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn count_behind_its_list() {
    let source = r"
#[derive(Wire)]
struct Message {
    items: Vec<u16>,
    #[wire(count_of = items)]
    count: Auto<u8>,
}
";
    assert_eq!(
        messages(source),
        ["5:12 a count stands before what it describes; move it before `items`",]
    );
}

#[test]
fn presence_behind_its_option() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(present_in = full)]
    level: Option<u16>,
    #[wire(bits = 1)]
    full: Auto<bool>,
    #[wire(bits = rest, reserved)]
    reserved: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:25 a presence bit stands before what it describes; move it before `level`",]
    );
}

#[test]
fn count_of_something_without_items() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(count_of = name)]
    count: Auto<u8>,
    #[wire(rest)]
    name: String,
}
";
    assert_eq!(
        messages(source),
        ["4:23 `name` is `String`, not a list; bytes have a length: write `length_of`",]
    );
    let mended = source.replace("count_of", "length_of").replace("#[wire(rest)]", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn second_length_in_one_place() {
    let source = r"
#[derive(Wire)]
struct Message {
    header: Header,
    #[wire(length_in = header.length)]
    name: String,
    #[wire(length_in = header.length)]
    body: Bytes,
}
";
    assert_eq!(
        messages(source),
        ["7:24 this place holds another length already; keep one of them",]
    );
    let mended = source.replace(
        "#[wire(length_in = header.length)]\n    body",
        "#[wire(length_in = header.body_length)]\n    body",
    );
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn two_counts_in_one_place_agree() {
    let source = r"
#[derive(Wire)]
struct Message {
    header: Header,
    #[wire(count_in = header.count)]
    names: Vec<Name>,
    #[wire(count_in = header.count)]
    levels: Vec<u8>,
    #[wire(tag_in = header.kind)]
    body: Body,
    #[wire(tag_in = header.kind)]
    other: Body,
}
";
    assert_eq!(messages(source), ["11:21 this place holds another tag already; keep one of them",]);
    let mended = source.replace(",\n    #[wire(tag_in = header.kind)]\n    other: Body", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn presence_in_a_plain_bool() {
    let source = r"
#[derive(Wire)]
struct Message {
    full: bool,
    #[wire(present_in = full)]
    level: Option<u16>,
}
";
    assert_eq!(
        messages(source),
        ["5:25 `full` is a plain `bool`; write `present_if = full`, or make it `Auto<bool>`",]
    );
    let mended = source.replace("present_in", "present_if");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn presence_in_an_integer() {
    let source = r"
#[derive(Wire)]
struct Message {
    full: u8,
    #[wire(present_in = full)]
    level: Option<u16>,
}
";
    assert_eq!(messages(source), ["5:25 `present_in` names an `Auto<bool>`; `full` is `u8`",]);
    let mended = source.replace("full: u8", "full: Auto<bool>");
    assert_eq!(messages(&mended), [""; 0]);
}
