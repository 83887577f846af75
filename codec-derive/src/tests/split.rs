//! `split`: a body in fragments.

use super::*;

const PACKET: &str = r"
#[derive(Frame)]
#[wire(delimiter = 0x7E, max_frame_length = 64)]
struct Packet {
    #[wire(tag_of = body)]
    message: Auto<u16>,
    split: u8,
    #[wire(present_if = split == 1)]
    part: Option<Part>,
    #[wire(opaque_if = part.is_some(), split(part, 1023))]
    body: Body,
}
";

fn found(from: &str, to: &str) -> Vec<String> {
    assert_eq!(messages(PACKET), [""; 0]);
    let source = PACKET.replace(from, to);
    assert_ne!(source, PACKET);
    messages(&source)
}

#[test]
fn split_names_a_place_and_a_limit() {
    let want = ["10:46 how long may a fragment be? write `split(part, 1023)`"];
    assert_eq!(found("(part, 1023)", "(part)"), want);
    assert_eq!(found("split(part, 1023)", "split = part"), ["10:40 write `split(part, 1023)`"]);
    let want = ["10:52 a fragment holds at least one byte"];
    assert_eq!(found("1023)", "0)"), want);
}

#[test]
fn the_place_is_an_earlier_option() {
    let want = ["10:46 no field before this one is called `piece`"];
    assert_eq!(found("split(part, ", "split(piece, "), want);
    let want = ["10:46 only a fragment has a place: `split` is an `Option` with `present_in` or \
                 `present_if`"];
    assert_eq!(found("split(part, ", "split(split, "), want);
}

#[test]
fn fragments_are_kept_as_bytes() {
    let want = ["9:12 a fragment is kept as bytes; add `opaque_if = part.is_some()`"];
    let source = PACKET.replace("opaque_if = part.is_some(), ", "");
    assert_eq!(messages(&source), [want[0].replace("9:", "10:")]);
}

#[test]
fn only_frames_are_split() {
    let source = PACKET.replace("derive(Frame)", "derive(Wire)");
    let source = source.replace("#[wire(delimiter = 0x7E, max_frame_length = 64)]", "");
    assert_eq!(messages(&source), ["10:40 only a struct that is a frame is sent in fragments"]);
}
