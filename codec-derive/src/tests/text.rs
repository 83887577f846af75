//! The encoding of texts.

use super::messages;

#[test]
fn encoding_is_chosen_over_what_is_read() {
    let source = r#"
#[derive(Wire)]
struct Text {
    coding: u8,
    #[wire(prefix = u8, encoding = match codng { 8 => "utf-16be", _ => none })]
    text: String,
    #[wire(prefix = u8, encoding = if later == 8 { "utf-16be" } else { "gbk" })]
    title: String,
    later: u8,
}
"#;
    assert_eq!(
        messages(source),
        [
            "5:42 nothing is called `codng` here; did you mean `coding`?",
            "7:39 `later` is not read yet; only the fields before this one are known",
        ]
    );
    let mended = source.replace("codng", "coding").replace("if later", "if coding");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn expression_ends_in_encodings() {
    let source = r#"
#[derive(Wire)]
struct Text {
    coding: u8,
    #[wire(prefix = u8, encoding = match coding { 8 => 1200, _ => "gbk" })]
    text: String,
    #[wire(prefix = u8, encoding = if coding == 8 { "gbk" })]
    title: String,
    #[wire(prefix = u8, encoding = if coding == 8 { } else { none })]
    author: String,
    #[wire(prefix = u8, encoding = 8)]
    place: String,
}
"#;
    let ends = "an encoding is a label, such as `\"gbk\"`, a `Charset`, or `none`";
    assert_eq!(
        messages(source),
        [
            format!("5:56 {ends}"),
            "7:36 every way ends in an encoding; add `else { \"ascii\" }` or `else { none }`"
                .to_owned(),
            format!("9:51 {ends}"),
            format!("11:36 {ends}"),
        ]
    );
}

#[test]
fn encoding_fits_text() {
    let source = r"
#[derive(Wire)]
struct Text {
    coding: u8,
    #[wire(prefix = u8, encoding = of(coding))]
    text: Vec<u8>,
}
";
    assert_eq!(messages(source), ["5:25 `encoding` fits text (`String`, `&str`), not `Vec<u8>`"]);
    assert_eq!(messages(&source.replace("Vec<u8>", "String")), [""; 0]);
}

#[test]
fn terminator_of_two_bytes_ends_two_byte_units() {
    let source = r#"
#[derive(Wire)]
struct Text {
    #[wire(encoding = "utf-16le", terminated = 0)]
    text: String,
}
"#;
    assert_eq!(
        messages(source),
        ["4:35 a code unit of UTF-16 has two bytes; write `terminated = [0, 0]`"]
    );
    assert_eq!(messages(&source.replace("= 0)", "= [0, 0])")), [""; 0]);
}

#[test]
fn terminator_of_two_bytes_ends_the_wider_of_two_encodings() {
    let source = r#"
#[derive(Wire)]
struct Text {
    coding: u8,
    #[wire(encoding = match coding { 8 => "utf-16be", _ => "latin1" }, terminated = 0)]
    text: String,
    #[wire(encoding = if coding == 8 { "gbk" } else { ("utf-16le") }, terminated = 0)]
    title: String,
}
"#;
    let halved = "a code unit of UTF-16 has two bytes; write `terminated = [0, 0]`";
    assert_eq!(messages(source), [format!("5:43 {halved}"), format!("7:56 {halved}")]);
    assert_eq!(messages(&source.replace("= 0)", "= [0, 0])")), [""; 0]);
}
