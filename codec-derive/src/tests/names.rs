//! Names in expressions.

use super::*;

#[test]
fn field_that_is_not_read_yet() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(size = length)]
    name: String,
    length: u8,
}
";
    assert_eq!(
        messages(source),
        ["4:19 `length` is not read yet; only the fields before this one are known",]
    );
    let mended = source.replace("size = length", "size = 3");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn name_near_a_field() {
    let source = r"
#[derive(Wire)]
struct Message {
    length: u8,
    #[wire(size = lenght)]
    name: String,
}
";
    assert_eq!(messages(source), ["5:19 nothing is called `lenght` here; did you mean `length`?",]);
    let mended = source.replace("lenght", "length");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn name_of_nothing() {
    let source = r"
#[derive(Wire)]
struct Message {
    length: u8,
    #[wire(size = quota * 2)]
    name: String,
}
";
    assert_eq!(
        messages(source),
        ["5:19 nothing is called `quota` here; write an earlier field, `left`, or a name that \
             the type declares with `ctx(quota: ..)`",]
    );
    let mended = source.replace("quota * 2", "quota(length) + LIMIT + left");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn fields_stand_without_self() {
    let source = r"
#[derive(Wire)]
struct Message {
    length: u8,
    #[wire(size = self.length)]
    name: String,
}
";
    assert_eq!(messages(source), ["5:19 fields stand by their names; leave `self` out",]);
    let mended = source.replace("self.length", "length");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn own_value_is_known_when_it_is_judged() {
    let source = r#"
#[derive(Wire)]
#[wire(assert(level < 9, "too high"))]
struct Message {
    #[wire(valid = level > 3, present_if = level > 3)]
    level: Option<u8>,
}
"#;
    assert_eq!(
        messages(source),
        ["5:44 `level` is not read yet; only the fields before this one are known",]
    );
    let mended = source.replace(", present_if = level > 3", ", present_if = left > 0");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn names_that_the_expression_binds() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(until = |item| items.end, max_count = 9)]
    items: Vec<Item>,
}
";
    assert_eq!(
        messages(source),
        ["4:27 `items` is not read yet; only the fields before this one are known",]
    );
    let mended = source.replace("items.end", "item.end");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn limit_is_a_constant() {
    let source = r"
#[derive(Frame)]
#[wire(max_frame_length = length)]
struct Message {
    length: u8,
}
";
    assert_eq!(
        messages(source),
        ["3:27 `length` is not known before the first byte; write a constant",]
    );
    let mended = source.replace("= length", "= LIMIT");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn byte_order_by_an_unknown_name() {
    let source = r"
#[derive(Wire)]
#[wire(endian = bigg)]
struct Message {
    length: u8,
}
";
    assert_eq!(messages(source), ["3:17 nothing is called `bigg` here; did you mean `big`?",]);
    let mended = source.replace("bigg", "big");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn argument_that_is_not_known() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(ctx(key))]
    body: Body,
}
";
    assert_eq!(
        messages(source),
        ["4:16 nothing is called `key` here; write an earlier field, `left`, or a name that \
             the type declares with `ctx(key: ..)`",]
    );
    let mended = source.replace("ctx(key)", "ctx(key = 3)");
    assert_eq!(messages(&mended), [""; 0]);
}
