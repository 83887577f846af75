//! Relations that reach into nested types.

use super::*;

#[test]
fn relation_into_a_list() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(count = 2)]
    headers: Vec<Header>,
    #[wire(length_in = headers.length)]
    body: Bytes,
}
";
    assert_eq!(
        messages(source),
        ["6:24 a relation reaches into structs, and `headers` is a list; declare the relation \
             inside it",]
    );
    let mended = source.replace("#[wire(count = 2)]\n    headers: Vec<Header>", "headers: Header");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn tuple_fields_go_by_their_index() {
    let source = r"
#[derive(Wire)]
struct Message(#[wire(length_of = 2)] Auto<u16>, #[wire(rest)] String);
";
    assert_eq!(messages(source), ["3:35 no field `2` here; the fields are `0`, `1`",]);
    let mended = source.replace("length_of = 2", "length_of = 1").replace("#[wire(rest)] ", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn path_into_a_tuple() {
    let source = r"
#[derive(Wire)]
struct Message(Header, #[wire(length_in = 0.1)] String);
";
    assert_eq!(
        messages(source),
        ["3:43 a relation reaches into named fields only; name the inner field",]
    );
    let mended = source.replace("0.1", "0.length");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn relation_into_a_generic_type() {
    let source = r"
#[derive(Wire)]
struct Message<T> {
    header: T,
    #[wire(length_in = header.length)]
    body: Bytes,
}
";
    assert_eq!(
        messages(source),
        ["5:24 a relation reaches into structs, and `header` is of a generic type; declare \
             the relation inside it",]
    );
    let mended = source.replace("header: T", "header: Header<T>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn relation_into_a_borrowing_type() {
    let source = r"
#[derive(Wire)]
struct Message<'a> {
    header: Header<'a>,
    #[wire(length_in = header.length)]
    body: &'a [u8],
}
";
    assert_eq!(
        messages(source),
        ["5:24 a relation reaches into structs, and `header` is of a borrowing type; declare \
             the relation inside it",]
    );
    let mended = source.replace("Header<'a>", "Header");
    assert_eq!(messages(&mended), [""; 0]);
}
