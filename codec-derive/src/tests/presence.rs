//! Options.

use super::*;

#[test]
fn option_without_a_condition() {
    let source = r"
#[derive(Wire)]
struct Message {
    full: bool,
    level: Option<u16>,
}
";
    assert_eq!(
        messages(source),
        ["5:12 nothing says when this `Option` is there; write `present_in = flag`, \
             `present_if = condition`, `none = -1`, `version = ..` or `dialect = ..`",]
    );
    let mended = source.replace("level", "#[wire(present_if = full)] level");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn condition_without_an_option() {
    let source = r"
#[derive(Wire)]
struct Message {
    full: bool,
    #[wire(present_if = full)]
    level: u16,
}
";
    assert_eq!(
        messages(source),
        ["5:12 a field with `present_if` may be absent; write `Option<u16>`",]
    );
    let mended = source.replace("level: u16", "level: Option<u16>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn version_without_an_option() {
    let source = r"
#[derive(Wire)]
#[wire(ctx(version: u16))]
struct Message {
    #[wire(version = 2019..)]
    level: u16,
}
";
    assert_eq!(
        messages(source),
        ["5:12 a field with `version` may be absent; write `Option<u16>`",]
    );
    let mended = source.replace("level: u16", "level: Option<u16>");
    assert_eq!(messages(&mended), [""; 0]);
}
