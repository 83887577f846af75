//! Context and gates.

use super::*;

#[test]
fn gate_without_its_context() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(version = 2019..)]
    level: Option<u16>,
    #[wire(dialect = Dialect::New)]
    other: Option<u16>,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 `version` compares with the context `version`, which `Message` does not \
             declare; write `#[wire(ctx(version: u16))]` on it",
            "6:12 `dialect` compares with the context `dialect`, which `Message` does not \
             declare; write `#[wire(ctx(dialect: Dialect))]` on it",
        ]
    );
    let mended = source
        .replace("#[derive(Wire)]", "#[derive(Wire)] #[wire(ctx(version: u16, dialect: Dialect))]");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn variant_gate_without_its_context() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1, version = 2019..)]
    New { level: u8 },
}
";
    assert_eq!(
        messages(source),
        ["4:21 `version` compares with the context `version`, which `Body` does not declare; \
             write `#[wire(ctx(version: u16))]` on it",]
    );
    let mended = source.replace("#[derive(Wire)]", "#[derive(Wire)] #[wire(ctx(version: u16))]");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn context_and_field_of_one_name() {
    let source = r"
#[derive(Wire)]
#[wire(ctx(level: u8))]
struct Message {
    level: u8,
}
";
    assert_eq!(messages(source), ["5:5 the context is called `level` too; rename one of them",]);
    let mended = source.replace("ctx(level", "ctx(grade");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn context_given_twice() {
    let source = r"
#[derive(Wire)]
#[wire(ctx(a: u8, a: u16))]
struct Message {
    #[wire(ctx(key = 1, key = 2))]
    body: Body,
}
";
    assert_eq!(
        messages(source),
        ["3:19 `a` is given twice; write it once", "5:25 `key` is given twice; write it once",]
    );
    let mended = source.replace(", a: u16", "").replace(", key = 2", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn context_called_left() {
    let source = r"
#[derive(Wire)]
#[wire(ctx(left: u8))]
struct Message {
    level: u8,
}
";
    assert_eq!(messages(source), ["3:12 `left` is the number of bytes left; choose another name",]);
    let mended = source.replace("left", "right");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn context_of_a_number() {
    let source = r"
#[derive(Wire)]
#[wire(bitfield = u8, ctx(key: u8))]
struct Flags {
    #[wire(bits = 8)]
    level: u8,
}
";
    assert_eq!(messages(source), ["3:23 a number has no context; remove `ctx`",]);
    let mended = source.replace(", ctx(key: u8)", "");
    assert_eq!(messages(&mended), [""; 0]);
}
