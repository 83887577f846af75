//! `when`, `next` and `minimal`.

use super::*;

#[test]
fn a_guard_names_the_context_and_stands_before_what_has_none() {
    let source = r"
#[derive(Wire)]
#[wire(ctx(flags: u8))]
enum Payload {
    #[wire(tag = 4)]
    Settings { #[wire(rest)] list: Vec<u16> },
    #[wire(tag = 4, when = flags & 1 != 0)]
    Acknowledged,
    #[wire(tag = 5, when = flgs & 1 != 0)]
    Promise,
}
";
    assert_eq!(
        messages(source),
        [
            "7:18 the tag 0x04 is `Settings` already, which stands before this variant and has no \
             condition; move it behind",
            "9:28 nothing is called `flgs` here; did you mean `flags`?",
        ]
    );
    let mended = source.replace("tag = 4)]", "tag = 6)]").replace("flgs", "flags");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn when_on_a_field_that_is_always_there() {
    let source = r"
#[derive(Wire)]
struct Message {
    full: bool,
    #[wire(when = full)]
    level: u16,
    #[wire(when = full, present_if = full)]
    other: Option<u16>,
}
";
    assert_eq!(
        messages(source),
        [
            "5:12 a field with `when` may be absent; write `Option<u16>`",
            "7:25 `when` and `present_if` both say when the field is there; keep one of them",
        ]
    );
    let mended = source.replace(": u16", ": Option<u16>").replace(", present_if = full", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn next_is_known_where_presence_is_decided() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(present_if = next == 0xA0)]
    level: Option<u16>,
    #[wire(size = next)]
    rest: Vec<u8>,
}
";
    assert_eq!(
        messages(source),
        ["6:19 nothing is called `next` here; write an earlier field, `left`, or a name that the \
             type declares with `ctx(next: ..)`",]
    );
    let mended = source.replace("size = next", "rest");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn the_fewest_bytes_of_an_integer_need_a_length() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(minimal)]
    id: i32,
    #[wire(prefix = u8, minimal)]
    name: String,
    #[wire(prefix = u8, minimal = 2)]
    count: u32,
    #[wire(prefix = u8, decimal, minimal)]
    both: u32,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 `minimal` needs `prefix`, `size`, `length_in` or `rest` beside it; write `prefix \
             = u8, minimal`",
            "5:5 nothing says where `id` ends; an integer in the fewest bytes needs `prefix = u8`",
            "6:25 `minimal` fits an integer, not `String`",
            "8:25 `minimal` has at least 1 byte, or `minimal = 0`",
            "10:34 `decimal` and `minimal` both say how the value is written; keep one of them",
        ]
    );
    let mended = source
        .replace("(minimal)", "(prefix = u8, minimal)")
        .replace("name: String", "name: i64")
        .replace("minimal = 2", "minimal = 0")
        .replace("decimal, ", "");
    assert_eq!(messages(&mended), [""; 0]);
}
