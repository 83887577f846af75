//! Keys: unknown, misplaced, twice, without a value.

use super::*;

#[test]
fn misspelt_key_names_the_nearest() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(prefx = u16)]
    name: String,
}
";
    assert_eq!(messages(source), ["4:12 unknown key `prefx`; did you mean `prefix`?",]);
    let mended = source.replace("prefx", "prefix");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn key_near_none_points_to_the_guide() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(colour = 3)]
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:12 unknown key `colour`; the keys stand in the guide of `longlink`",]
    );
    let mended = source.replace("#[wire(colour = 3)]", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn key_on_the_wrong_place_says_where_it_belongs() {
    let source = r"
#[derive(Wire)]
#[wire(prefix = u16)]
struct Login {
    #[wire(view_of = Message, delimiter = 0x7E)]
    level: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "3:8 `prefix` does not belong on a struct; it belongs on a field",
            "5:12 `view_of` does not belong on a field; it belongs on a struct",
            "5:31 `delimiter` does not belong on a field; it belongs on a struct or an enum",
        ]
    );
    let mended = source
        .replace("#[wire(prefix = u16)]", "")
        .replace("#[wire(view_of = Message, delimiter = 0x7E)]", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn all_problems_are_reported_at_once() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(prefx = u16, max_ln = 3)]
    name: String,
    #[wire(bits = 3)]
    level: u8,
    #[wire(length_of = bdy)]
    length: Auto<u16>,
    body: Bytes,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 unknown key `prefx`; did you mean `prefix`?",
            "4:25 unknown key `max_ln`; did you mean `max_len`?",
            "7:5 the bit fields from here take 3 bits, 5 short of a whole byte; end them with \
             `#[wire(bits = 5, reserved)]`",
            "8:24 no field `bdy` here; did you mean `body`?",
        ]
    );
}

#[test]
fn key_given_twice() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(prefix = u8, prefix = u16)]
    name: String,
}
";
    assert_eq!(messages(source), ["4:25 `prefix` is given twice; write it once",]);
    let mended = source.replace("prefix = u8, ", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn key_given_twice_in_two_attributes() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(max_len = 8)]
    #[wire(rest, max_len = 9)]
    name: String,
}
";
    assert_eq!(messages(source), ["5:18 `max_len` is given twice; write it once",]);
    let mended = source.replace("rest, max_len = 9", "rest");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn key_without_its_value() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(prefix)]
    name: String,
    #[wire(size = )]
    code: String,
}
";
    assert_eq!(
        messages(source),
        ["4:12 `prefix` needs a value: `prefix = ..`", "6:12 `size` needs a value: `size = ..`",]
    );
    let mended = source.replace("(prefix)", "(prefix = u8)").replace("(size = )", "(size = 4)");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn key_with_a_value_that_it_does_not_take() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(rest = 3)]
    name: String,
}
";
    assert_eq!(messages(source), ["4:12 `rest` takes no value; write only `rest`",]);
    let mended = source.replace("rest = 3", "rest");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn word_out_of_its_list() {
    let source = r"
#[derive(Wire)]
#[wire(bit_order = most)]
struct Login {
    #[wire(bits = 8)]
    level: u8,
}
";
    assert_eq!(messages(source), ["3:20 `bit_order` is one of `msb` or `lsb`",]);
    let mended = source.replace("most", "msb");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn missing_comma() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(prefix = u8 max_len = 4)]
    name: String,
}
";
    assert_eq!(messages(source), ["4:24 expected `,` after the value of `prefix`",]);
    let mended = source.replace("u8 max", "u8, max");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn attribute_without_keys() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire]
    level: u8,
}
";
    assert_eq!(messages(source), ["4:7 `wire` needs its keys: write `#[wire(..)]`",]);
    let mended = source.replace("#[wire]", "#[wire()]");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn union_has_no_layout() {
    let source = r"
#[derive(Wire)]
union Login {
    level: u8,
}
";
    assert_eq!(messages(source), ["3:1 a union cannot be read safely; write an enum with tags",]);
    let mended = source.replace("union", "struct");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn context_of_a_type_has_a_type() {
    let source = r"
#[derive(Wire)]
#[wire(ctx(flags))]
struct Login {
    level: u8,
}
";
    assert_eq!(messages(source), ["3:12 a type declares its context: write `ctx(flags: Type)`",]);
    let mended = source.replace("ctx(flags)", "ctx(flags: u8)");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn forms_in_parentheses() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(as = u16, map(read = f))]
    a: Angle,
    #[wire(as = u16, map(reed = f, write = g))]
    b: Angle,
    #[wire(with = module(part))]
    c: Angle,
    #[wire(ctx)]
    d: Angle,
    #[wire(assert = a)]
    e: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "4:22 `map` needs both ways: `map(read = f, write = g)`",
            "6:26 write `map(read = f, write = g)`",
            "8:26 write `with = module(whole)`",
            "10:12 write `ctx(name)` or `ctx(name = value)`",
            "12:12 write `assert(condition, \"message\")`",
        ]
    );
    let mended = source
        .replace("read = f)", "read = f, write = g)")
        .replace("reed", "read")
        .replace("(part)", "(whole)")
        .replace("#[wire(ctx)]", "#[wire(ctx(key = 1))]")
        .replace("assert = a", "assert(e > 1, \"too small\")");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_on_a_field_is_bare() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1)]
    Login { level: u8 },
    #[wire(other)]
    Unknown { #[wire(tag = 3)] tag: u8, #[wire(rest)] raw: Bytes },
}
";
    assert_eq!(
        messages(source),
        ["7:22 on a field of a variant write only `tag`: the field holds the tag; `tag = ..` \
             belongs on the variant",]
    );
    let mended = source.replace("(tag = 3)", "(tag)");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tag_of_an_enum_is_peek_or_of() {
    let source = r"
#[derive(Wire)]
#[wire(tag = look(u8))]
enum Body {
    #[wire(tag = 1)]
    Login { kind: u8 },
}
";
    assert_eq!(
        messages(source),
        [
            "3:14 on an enum write `tag = peek(u8)`, where each variant begins with it, or `tag = of(expr)`",
        ]
    );
    let mended = source.replace("look", "peek");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn border_keys_belong_to_a_frame() {
    let source = r"
#[derive(Wire)]
#[wire(delimiter = 0x7E, max_frame_length = 9)]
struct Message {
    level: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "3:8 `delimiter` belongs to a border; write `#[derive(Frame)]`",
            "3:26 `max_frame_length` belongs to a border; write `#[derive(Frame)]`",
        ]
    );
    let mended = source.replace("Wire", "Frame");
    assert_eq!(messages(&mended), [""; 0]);
}
