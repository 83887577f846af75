//! `each(..)`.

use super::*;

#[test]
fn elements_of_what_has_none() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(prefix = u8, each(prefix = u16))]
    name: String,
    #[wire(count = 3, each(as = u24))]
    levels: Vec<u8>,
    #[wire(each(as = u24))]
    level: u32,
}
";
    assert_eq!(
        messages(source),
        [
            "4:25 `each` fits a list (`Vec<T>`), a tuple or an `Option`, not `String`; write its \
             keys on the field itself",
            "6:23 `each` fits a list (`Vec<T>`), a tuple or an `Option`, not `Vec<u8>`; write its \
             keys on the field itself",
            "8:12 `each` fits a list (`Vec<T>`), a tuple or an `Option`, not `u32`; write its keys \
             on the field itself",
        ]
    );
    let mended = source
        .replace(": String", ": Vec<String>")
        .replace("Vec<u8>", "Vec<u32>")
        .replace(": u32", ": (u32, u32)");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn keys_that_say_nothing_of_one_element() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(count = 3, each(prefix = u16, length_of = name, prefx = u8))]
    names: Vec<String>,
}
";
    assert_eq!(
        messages(source),
        [
            "4:42 `length_of` does not belong in `each`, which says what one element looks like; \
             write it on the field, or wrap the element in a struct",
            "4:60 unknown key `prefx`; did you mean `prefix`?",
        ]
    );
    let mended = source.replace(", length_of = name, prefx = u8", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn an_element_needs_an_end_and_a_form_that_fits() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(count = 3, each(trim))]
    names: Vec<String>,
    #[wire(count = 3, each(as = u40))]
    levels: Vec<u32>,
    #[wire(count = 3, each(size = width))]
    words: Vec<String>,
}
";
    assert_eq!(
        messages(source),
        [
            "5:16 nothing says where `each element` ends; text needs `prefix = u16`, `size = ..`, \
             `terminated = 0`, `length_in = ..` or `rest`",
            "6:28 40 bits do not fit in `u32`; write a wider integer",
            "8:35 nothing is called `width` here; write an earlier field, `left`, or a name that \
             the type declares with `ctx(width: ..)`",
        ]
    );
    let mended = source
        .replace("each(trim)", "each(prefix = u8, trim)")
        .replace("u40", "u24")
        .replace("width", "4");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn elements_until_a_condition_are_declared() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(until = |name| name.is_empty(), each(prefix = u8))]
    names: Vec<String>,
}
";
    assert_eq!(
        messages(source),
        [
            "4:44 `until` looks at elements of a declared type; wrap the element in a struct instead \
             of `each`",
        ]
    );
    let mended = source.replace("until = |name| name.is_empty()", "count = 2");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn item_that_may_be_bad_has_a_length() {
    let source = r"
#[derive(Wire)]
struct Update<'a> {
    #[wire(prefix = u8)]
    name: Lenient<&'a str>,
    #[wire(rest)]
    attributes: Vec<Lenient<Attribute>>,
}
";
    assert_eq!(
        messages(source),
        [
            "5:19 a `Lenient` does not borrow from the input; write `Lenient<String>`",
            "7:21 an item that may be bad has no end of its own; write `each(prefix = u16)` on the \
             list, or wrap the item in a struct with its length",
        ]
    );
    let mended = source.replace("(rest)", "(rest, each(prefix = u16))").replace("<'a>", "");
    assert_eq!(messages(&mended.replace("&'a str", "String")), [""; 0]);
}
