//! `with = module(whole)`.

use super::*;

#[test]
fn field_before_the_frame_begins() {
    let source = r"
#[derive(Frame)]
#[wire(max_frame_length = 64)]
struct Message {
    #[wire(with = name(whole), size = 4)]
    name: Name,
    #[wire(length_of = text)]
    length: Auto<u16>,
    text: String,
}
";
    assert_eq!(
        messages(source),
        ["5:12 the frame that `whole` stands for begins behind its length, `length`; move this \
          field there, or write `with = ..` without `(whole)`"]
    );
    assert_eq!(messages(&source.replace("name(whole)", "name")), [""; 0]);
}

#[test]
fn length_before_what_depends_on_its_place() {
    let source = r"
#[derive(Wire)]
struct Record {
    #[wire(varint = leb128, length_of = name)]
    length: Auto<u16>,
    #[wire(with = name(whole))]
    name: Name,
}
";
    assert_eq!(
        messages(source),
        ["4:41 how many bytes `with = ..(whole)` writes for `name` depends on what stands before \
          it, so this length is written last; write it as an integer of whole bytes in this type"]
    );
    assert_eq!(messages(&source.replace("varint = leb128, ", "")), [""; 0]);
    let prefixed = r"
#[derive(Wire)]
struct Record {
    #[wire(with = name(whole), prefix = leb128)]
    name: Name,
}
";
    assert_eq!(
        messages(prefixed),
        ["4:32 how many bytes `with = ..(whole)` writes depends on what stands before it, so its \
          length cannot be a varint; write `prefix = u16`"]
    );
    assert_eq!(messages(&prefixed.replace("leb128", "u16")), [""; 0]);
}
