//! Varints that keep how long they were.

use super::*;

#[test]
fn length_is_kept_in_its_type() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(varint = leb128, overlong = keep)]
    level: u32,
    #[wire(varint = leb128)]
    rank: Padded<u32>,
    score: Padded<u32>,
    #[wire(varint = vlq, overlong = keep)]
    steps: Padded<i32>,
}
";
    assert_eq!(
        messages(source),
        [
            "4:29 nothing keeps the length; write `Padded<u32>`, or another integer in it",
            "6:12 `varint` fits an integer, not `Padded<u32>`",
            "7:11 a `Padded` keeps the length of a varint; write `varint = leb128, overlong = keep`",
            "8:12 a `Padded` keeps the length of a varint; write `varint = leb128, overlong = keep`",
            "9:12 `vlq` is for unsigned integers; write `zigzag`, or `u32`",
        ]
    );
    let mended = source
        .replace("level: u32", "level: Padded<u32>")
        .replace("(varint = leb128)", "(varint = leb128, overlong = keep)")
        .replace("    score: Padded<u32>,\n", "")
        .replace("i32", "u32");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn what_is_computed_has_its_shortest_form() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(varint = ber, overlong = keep, length_of = name)]
    length: Auto<Padded<u32>>,
    name: String,
    #[wire(varint = module, overlong = keep)]
    level: Padded<u32>,
    #[wire(bits = 1)]
    flag: bool,
    #[wire(bits = 7, varint = steps(126 => u16), overlong = keep)]
    rank: u16,
}
";
    assert_eq!(
        messages(source),
        [
            "4:26 a derived value is written in its shortest form; write `overlong = accept`",
            "5:18 a length is an integer; write `Auto<u16>`",
            "7:29 how long a number of your own module may be is not known here; keep the length in \
             its type",
            "11:50 the form is chosen in bits, which are not kept; write `overlong = accept`",
        ]
    );
}

#[test]
fn fixed_number_keeps_no_length() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(varint = leb128, overlong = keep, fixed = 5)]
    level: Padded<u32>,
}
";
    assert_eq!(messages(source), ["4:54 a fixed number has one form to keep; write `valid = 5`"]);
    assert_eq!(messages(&source.replace("fixed", "valid")), [""; 0]);
}

#[test]
fn length_says_which_step_it_was() {
    let source = r"
#[derive(Wire)]
struct Login {
    #[wire(varint = steps(0xFD => u16, 0xFE => u16 + 9), overlong = keep)]
    level: Padded<u32>,
    #[wire(varint = steps(0xFD => u16, 0xFE => u8 + 65500), overlong = keep)]
    rank: Padded<u32>,
    #[wire(varint = steps(0xFC => _, 0xFD => u16, 0xFE => u24), overlong = keep)]
    score: Padded<u32>,
}
";
    let message = |marker| {
        format!(
            "the step {marker} is no longer than one before it and has its numbers too, so the \
             length does not tell them apart; add `+ 65536` to it, or write `overlong = accept`"
        )
    };
    assert_eq!(
        messages(source),
        [format!("4:58 {}", message("0xfe")), format!("6:61 {}", message("0xfe"))]
    );
    let mended = source.replace("+ 9", "+ 65536").replace("65500", "65536");
    assert_eq!(messages(&mended), [""; 0]);
}
