//! Negotiated limits, noise, masks and conditions of a transformation.

use super::*;

#[test]
fn a_negotiated_limit_names_the_context_and_has_a_limit() {
    let source = r"
#[derive(Frame)]
#[wire(ctx(limit: u32), max_frame_length = limit)]
struct First {
    #[wire(prefix = u32)]
    body: Bytes,
}

#[derive(Frame)]
#[wire(ctx(limit: u32), max_frame_length = limits, at_most = 65536)]
struct Second {
    #[wire(prefix = u32)]
    body: Bytes,
}

#[derive(Frame)]
#[wire(at_most = 65536)]
struct Third {
    #[wire(prefix = u16)]
    body: Bytes,
}

#[derive(Wire)]
#[wire(noise = 0xFE)]
struct Fourth {
    body: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "3:44 `limit` is not known before the first byte; write a constant",
            "10:44 nothing is called `limits` here; did you mean `limit`?",
            "17:8 `at_most` bounds a limit that is negotiated; write `max_frame_length = limit, \
             at_most = N`, or only `max_frame_length = N`",
            "24:8 `noise` belongs to a border; write `#[derive(Frame)]`",
        ]
    );
    let mended = source
        .replace("max_frame_length = limit)", "max_frame_length = limit, at_most = 9)")
        .replace("limits", "limit")
        .replace("(at_most = 65536", "(max_frame_length = 65536")
        .replace("#[wire(noise = 0xFE)]\n", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn noise_begins_no_frame() {
    let source = r"
#[derive(Frame)]
#[wire(magic = 0x68u8, noise = [0xFE, 0x68])]
struct First {
    level: u8,
}

#[derive(Frame)]
#[wire(delimiter = 0x7E, noise = 0x7E, max_frame_length = 64)]
struct Second {
    #[wire(rest)]
    body: Bytes,
}
";
    assert_eq!(
        messages(source),
        [
            "3:24 a frame begins with 0x68, so it would be skipped as noise; write only bytes that \
             begin no frame",
            "9:26 a frame begins with 0x7e, so it would be skipped as noise; write only bytes that \
             begin no frame",
        ]
    );
    let mended = source.replace("[0xFE, 0x68]", "0xFE").replace("noise = 0x7E, ", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn a_transformation_has_a_stretch_and_a_condition_a_transformation() {
    let source = r"
#[derive(Wire)]
struct Message {
    key: [u8; 4],
    #[wire(mask = key)]
    head: Head,
    #[wire(prefix = u8, mask = kye)]
    middle: Bytes,
    #[wire(prefix = u8, process_if = key.len() > 1)]
    other: Bytes,
    #[wire(prefix = u8, process = cipher, mask = key)]
    both: Bytes,
    #[wire(mask = key)]
    last: u32,
}
";
    assert_eq!(
        messages(source),
        [
            "5:12 `mask` works on a stretch that is cut out first; add `prefix = u16`, `size = ..`, \
             `length_in = ..` or `rest`",
            "7:32 nothing is called `kye` here; did you mean `key`?",
            "9:25 `process_if` needs `process` or `mask` beside it; write `process = zlib, \
             process_if = ..`",
            "11:43 `process` and `mask` both say how the bytes are transformed; keep one of them",
            "13:12 `mask` fits bytes, text, a list or a type of yours, not `u32`",
        ]
    );
    let mended = source
        .replace("(mask = key)]\n    head", "(prefix = u8, mask = key)]\n    head")
        .replace("kye", "key")
        .replace("process_if = ", "mask = key, process_if = ")
        .replace("process = cipher, ", "")
        .replace("    #[wire(mask = key)]\n    last", "    last");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn plain_length_of_what_is_not_processed() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(plain_length_of = first)]
    one: Auto<u16>,
    #[wire(plain_length_of = second)]
    two: Auto<u16>,
    #[wire(plain_length_of = third)]
    three: u16,
    #[wire(plain_length_of = thrid)]
    four: Auto<u16>,
    #[wire(prefix = u8)]
    first: Bytes,
    #[wire(prefix = u8, mask = [1, 2])]
    second: Bytes,
    #[wire(prefix = u8, process = zlib, max_len = 64)]
    third: Bytes,
}
";
    assert_eq!(
        messages(source),
        [
            "4:30 `first` is not processed; write `process = ..` on it, or `length_of` here",
            "6:30 a mask keeps the length of `second`; write `length_of`",
            "9:12 a plain length is derived from other fields; write `Auto<u16>`",
            "10:30 no field `thrid` here; did you mean `third`?",
        ]
    );
    let mended = source
        .replace("plain_length_of = first", "length_of = first")
        .replace("plain_length_of = second", "length_of = second")
        .replace("#[wire(plain_length_of = thrid)]\n    four: Auto<u16>", "four: u16")
        .replace("three: u16", "three: Auto<u16>");
    assert_eq!(messages(&mended), [""; 0]);
}
