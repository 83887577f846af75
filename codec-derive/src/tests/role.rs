//! Roles.

use super::*;

#[test]
fn role_that_is_none() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(role = seq)]
    serial: u16,
}
";
    assert_eq!(
        messages(source),
        ["4:19 `role` is one of `sequence`, `acknowledges`, `replies_to`, `fragment_index`, \
             `fragment_total`, `fragment_more` or `fragment_last`; did you mean `sequence`?",]
    );
    let mended = source.replace("seq", "sequence");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn a_flag_that_is_none() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(role = fragment_more)]
    more: u8,
    #[wire(role = fragment_lost)]
    last: bool,
}
";
    assert_eq!(
        messages(source),
        [
            "4:12 whether fragments follow is a `bool`, not `u8`",
            "6:19 `role` is one of `sequence`, `acknowledges`, `replies_to`, `fragment_index`, \
             `fragment_total`, `fragment_more` or `fragment_last`; did you mean `fragment_last`?",
        ]
    );
    let mended =
        source.replace("more: u8", "more: bool").replace("#[wire(role = fragment_lost)]", "");
    assert_eq!(messages(&mended), [""; 0]);
}

/// Both say whether more fragments follow.
#[test]
fn two_flags_on_one_path() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(role = fragment_more)]
    more: bool,
    #[wire(role = fragment_last)]
    last: bool,
}
";
    assert_eq!(messages(source), ["6:12 `more` has this role already; keep one of them",]);
    let mended = source.replace("#[wire(role = fragment_last)]\n", "\n");
    assert_eq!(messages(&mended), [""; 0]);
}

/// The FIN of WebSocket stands before the opcode.
#[test]
fn a_flag_chosen_by_a_later_field() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(bits = 4, role = if opcod < 8 { fragment_last } else { none })]
    fin: u8,
    #[wire(bits = 4)]
    opcode: u8,
}
";
    assert_eq!(
        messages(source),
        [
            "4:22 whether fragments follow is a `bool`, not `u8`",
            "4:32 nothing is called `opcod` here; did you mean `opcode`?",
        ]
    );
    let mended = source
        .replace("opcod <", "opcode <")
        .replace("fin: u8", "fin: bool")
        .replace("bits = 4, role", "bits = 1, role")
        .replace("#[wire(bits = 4)]", "#[wire(bits = 7)]");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn role_on_text() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(role = sequence, prefix = u8)]
    serial: String,
}
";
    assert_eq!(messages(source), ["4:12 a role belongs on an integer, not on `String`",]);
    let mended = source.replace("role = sequence, ", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn role_on_a_derived_value() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(role = sequence)]
    serial: Auto<u16>,
}
";
    assert_eq!(
        messages(source),
        ["5:13 the session gives this number, so nothing derives it; write the plain integer",]
    );
    let mended = source.replace("Auto<u16>", "u16");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn two_sequences_on_one_path() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(role = sequence)]
    serial: u16,
    #[wire(role = sequence)]
    number: u16,
}
";
    assert_eq!(messages(source), ["6:12 `serial` has this role already; keep one of them",]);
    let mended = source
        .replace("#[wire(role = sequence)]\n    number", "#[wire(role = replies_to)]\n    number");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn role_chosen_by_earlier_fields() {
    let source = r"
#[derive(Wire)]
struct Message {
    request: bool,
    #[wire(role = if request { sequence } else { reply })]
    serial: u16,
    #[wire(role = if request { replies_to })]
    other: u16,
    #[wire(role = match request { true => { let a = 1; none } false => none })]
    third: u16,
}
";
    assert_eq!(
        messages(source),
        [
            "5:50 a role is one of `sequence`, `acknowledges`, `replies_to`, `fragment_index`, \
             `fragment_total`, `fragment_more`, `fragment_last` or `none`; did you mean \
             `replies_to`?",
            "7:19 every way ends in a role; add `else { none }` or `else { replies_to }`",
            "9:43 a branch holds a role and nothing else: `{ sequence }`",
        ]
    );
    let mended = source
        .replace("{ reply }", "{ none }")
        .replace("{ replies_to })]", "{ replies_to } else { none })]")
        .replace("{ let a = 1; none }", "none,");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn role_of_a_variant() {
    let source = r"
#[derive(Wire)]
enum Body {
    #[wire(tag = 1, role = sequence)]
    Login,
}
";
    assert_eq!(
        messages(source),
        ["4:28 `role` is one of `heartbeat`, `heartbeat_reply` or `acknowledged`",]
    );
    let mended = source.replace("sequence", "heartbeat");
    assert_eq!(messages(&mended), [""; 0]);
}

/// More than a slip of the finger: the words have their beginning in common.
#[test]
fn role_that_begins_like_one() {
    let suggested = |word: &str| {
        let source = format!(
            "#[derive(Wire)]\nstruct Message {{\n    #[wire(role = {word})]\n    serial: u16,\n}}"
        );
        let all = messages(&source);
        assert_eq!(all.len(), 1, "{all:?}");
        all.concat().split_once("; did you mean ").map(|(_, near)| near.to_owned())
    };
    let near = |word: &str| Some(format!("`{word}`?"));
    assert_eq!(suggested("reply_to"), near("replies_to"));
    assert_eq!(suggested("sequence_number"), near("sequence"));
    assert_eq!(suggested("ack"), near("acknowledges"));
    assert_eq!(suggested("se"), None);
    assert_eq!(suggested("serial"), None);
    // One of four, and nobody knows which.
    assert_eq!(suggested("fragment"), None);
}
