//! The border of a frame.

use super::*;

#[test]
fn frame_without_a_bound() {
    let source = r"
#[derive(Frame)]
struct Message {
    #[wire(length_of = body)]
    length: Auto<u32>,
    body: Bytes,
}
";
    assert_eq!(
        messages(source),
        ["3:8 nothing bounds this frame, since `body` has any length; write \
             `#[wire(max_frame_length = 64 * 1024)]` above it",]
    );
    let mended = source
        .replace("#[derive(Frame)]", "#[derive(Frame)] #[wire(max_frame_length = 64 * 1024)]");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn short_length_bounds_a_frame() {
    let source = r"
#[derive(Frame)]
struct Message {
    #[wire(terminated = 0)]
    name: String,
}
";
    assert_eq!(
        messages(source),
        ["3:8 nothing bounds this frame, since `name` has any length; write \
             `#[wire(max_frame_length = 64 * 1024)]` above it",]
    );
    let mended = source.replace("terminated = 0", "prefix = u16");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn resync_without_what_it_searches() {
    let source = r"
#[derive(Frame)]
#[wire(resync = magic)]
struct Message {
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["3:8 `resync = magic` searches for the magic; add `magic = b\"..\"`, or write \
             `resync = close`",]
    );
    let mended = source.replace("resync = magic", "resync = magic, magic = b\"##\"");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn resync_without_a_delimiter() {
    let source = r"
#[derive(Frame)]
#[wire(resync = delimiter)]
struct Message {
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["3:8 `resync = delimiter` searches for the delimiter; add `delimiter = 0x7E`, or \
             write `resync = close`",]
    );
    let mended = source.replace("resync = delimiter", "resync = delimiter, delimiter = 0x7E");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn delimiters_around_an_enum() {
    let source = r"
#[derive(Frame)]
#[wire(tag = peek(u8), delimiter = 0x7E, max_frame_length = 99)]
enum Message {
    #[wire(tag = 1)]
    Start { code: u8 },
}
";
    assert_eq!(
        messages(source),
        ["3:24 `delimiter` stands around a struct; derive `Wire` here and make it a field of a \
             frame",]
    );
    let mended = source.replace(" delimiter = 0x7E,", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn a_magic_before_all_variants() {
    let source = r"
#[derive(Wire)]
#[wire(tag = peek(u8), magic = 0x68u8)]
enum Message {
    #[wire(tag = 0x68)]
    Start { code: u8 },
}
";
    assert_eq!(
        messages(source),
        ["3:24 an enum has no bytes before its variants; write `magic` on each variant"]
    );
    let mended = source.replace(", magic = 0x68u8", "").replace("= 0x68)", "= 0x68, magic = 1u8)");
    assert_eq!(messages(&mended), [""; 0]);
    let bits = "#[derive(Wire)] #[wire(bitfield = u8, magic = 1u8)] struct Bits { all: u8 }";
    assert_eq!(
        messages(bits),
        ["1:39 this type is one integer; write a field `#[wire(magic = ..)] mark: ()` before it"]
    );
}

#[test]
fn escape_without_a_delimiter() {
    let source = r"
#[derive(Frame)]
#[wire(escape(0x7E => [0x7D, 2], 0x7D => [0x7D, 1]), max_frame_length = 99)]
struct Message {
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["3:8 `escape` keeps the delimiter out of the frame; add `delimiter = 0x7E`",]
    );
    let mended = source.replace("escape(", "delimiter = 0x7E, escape(");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn introducer_that_is_not_escaped() {
    let source = r"
#[derive(Frame)]
#[wire(delimiter = 0x7E, escape(0x7E => [0x7D, 2]), max_frame_length = 99)]
struct Message {
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["3:26 0x7d begins or ends something and is not escaped itself; add `0x7d => [..]`",]
    );
    let mended = source.replace("[0x7D, 2]", "[0x7D, 2], 0x7D => [0x7D, 1]");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn escapes_that_cannot_be_undone() {
    let source = r"
#[derive(Frame)]
#[wire(delimiter = 0x7E, max_frame_length = 99,
       escape(0x7E => [0x7D, 2], 0x7D => [0x7D, 2], 0x7E => [0x7D, 0x7E]))]
struct Message {
    level: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "4:8 what stands for 0x7d could also be read as another byte; write sequences of \
             which none begins with another",
            "4:8 0x7e is escaped twice; write it once",
            "4:8 what stands for 0x7e holds a delimiter; write a sequence without one",
        ]
    );
    let mended = source.replace("0x7D => [0x7D, 2], 0x7E => [0x7D, 0x7E]", "0x7D => [0x7D, 1]");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn escape_in_a_borrowing_type() {
    let source = r"
#[derive(Frame)]
#[wire(delimiter = 0x7E, escape(0x7E => [0x7D, 2], 0x7D => [0x7D, 1]), max_frame_length = 99)]
struct Message<'a> {
    #[wire(rest)]
    body: &'a [u8],
}
";
    assert_eq!(
        messages(source),
        ["4:16 unescaped bytes have no place to be borrowed from; use `Bytes` and remove the \
             lifetime",]
    );
    let mended = source.replace("<'a>", "").replace("&'a [u8]", "Bytes");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn process_in_a_borrowing_type() {
    let source = r"
#[derive(Wire)]
struct Message<'a> {
    #[wire(rest, process = decrypt)]
    body: &'a [u8],
}
";
    assert_eq!(
        messages(source),
        ["3:16 processed bytes have no place to be borrowed from; use `Bytes` and remove the \
             lifetime",]
    );
    let mended = source.replace("<'a>", "").replace("&'a [u8]", "Bytes");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn two_lifetimes() {
    let source = r"
#[derive(Wire)]
struct Message<'a, 'b> {
    #[wire(prefix = u8)]
    name: &'a str,
    #[wire(rest)]
    body: &'b [u8],
}
";
    assert_eq!(
        messages(source),
        ["3:20 a type borrows from one input; write all its fields with one lifetime",]
    );
    let mended = source.replace("<'a, 'b>", "<'a>").replace("&'b", "&'a");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn least_above_most() {
    let source = r"
#[derive(Frame)]
#[wire(min_frame_length = 20, max_frame_length = 19)]
struct Message {
    level: u8,
}
";
    assert_eq!(
        messages(source),
        ["3:8 no frame is at least 20 and at most 19 bytes long; write a smaller minimum",]
    );
    let mended = source.replace("20", "19");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn twin_that_is_a_frame() {
    let source = r"
#[derive(Frame)]
#[wire(view_of = Message)]
struct View<'a> {
    #[wire(prefix = u8)]
    name: &'a str,
}
";
    assert_eq!(
        messages(source),
        ["3:8 a twin has the border of its frame; derive `Wire` instead",]
    );
    let mended = source.replace("Frame", "Wire");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn twin_that_owns() {
    let source = r"
#[derive(Wire)]
#[wire(view_of = Message)]
struct View {
    #[wire(prefix = u8)]
    name: String,
}
";
    assert_eq!(
        messages(source),
        ["3:8 a twin borrows from the frame; give the struct a lifetime",]
    );
    let mended = source.replace("View {", "View<'a> {").replace("String", "&'a str");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn rest_of_a_stream() {
    let source = r"
#[derive(Frame)]
#[wire(max_frame_length = 99)]
struct Message {
    kind: u8,
    #[wire(rest)]
    body: Bytes,
}
";
    assert_eq!(
        messages(source),
        ["6:12 on a stream nothing says where `body` ends; add a field with `length_of = ..`, \
             or a `delimiter` to the frame, or give `body` a length",]
    );
    let mended = source.replace("max_frame_length = 99", "max_frame_length = 99, end = 0x0A");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn rest_of_a_stream_in_a_variant() {
    let source = r"
#[derive(Frame)]
#[wire(tag = peek(u8), max_frame_length = 99)]
enum Message {
    #[wire(tag = 1)]
    Text { kind: u8, #[wire(rest)] body: String },
}
";
    assert_eq!(
        messages(source),
        ["6:29 on a stream nothing says where `body` ends; add a field with `length_of = ..`, \
             or a `delimiter` to the frame, or give `body` a length",]
    );
    let mended = source.replace("rest", "prefix = u16");
    assert_eq!(messages(&mended), [""; 0]);
}
