//! Texts whose encoding is chosen at run time.

use longlink::codec::Fault;
use longlink::codec::text::{Charset, charset};
use longlink::{Arbitrary, Auto, BytesMut, Decoder, EncodeError, Frame, Parse, Wire, explain};

use super::laws;
use crate::samples::{bytes, encoded};
use crate::shapes::{holds, refused, unwritable};

/// The end of a `submit_sm`. Of `data_coding`, SMPP 3.4, section 5.2.19: 1 "IA5 (CCITT
/// T.50)/ASCII", 3 "Latin 1 (ISO-8859-1)", 6 "Cyrllic (ISO-8859-5)", 8 "UCS2 (ISO/IEC-10646)",
/// 2 and 4 "Octet unspecified".
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 257)]
struct ShortMessage {
    data_coding: u8,
    #[wire(length_of = text)]
    sm_length: Auto<u8>,
    #[wire(encoding = match data_coding {
        0 | 1 => "ascii",
        3 => "latin1",
        6 => CYRILLIC,
        8 => "utf-16be",
        _ => none,
    })]
    text: String,
}

const CYRILLIC: Charset = charset("iso-8859-5");

#[test]
fn the_encoding_of_a_short_message_is_its_data_coding() {
    let message = |coding, text: &str| ShortMessage::new(coding, text.into());
    holds(&message(1, "hi"), "01 02 6869");
    holds(&message(3, "\u{e9}t\u{e9}"), "03 03 E974E9");
    holds(&message(8, "h\u{e9}"), "08 04 0068 00E9");
    holds(&message(6, "\u{434}\u{430}"), "06 02 D4D0");
    holds(&message(4, ""), "04 00");
}

#[test]
fn a_text_that_its_encoding_does_not_have_is_refused() {
    assert_eq!(refused::<ShortMessage>("01 02 68E9"), (Fault::Text, 3));
    assert_eq!(refused::<ShortMessage>("08 03 006800"), (Fault::Text, 4));
    assert_eq!(refused::<ShortMessage>("04 02 6869"), (Fault::Text, 2));
    for (coding, text) in [(1, "\u{e9}"), (3, "\u{434}"), (4, "hi")] {
        let message = ShortMessage::new(coding, text.into());
        assert_eq!(unwritable(&message), EncodeError::Text { field: "ShortMessage.text" });
    }
}

#[test]
fn explain_reads_a_text_in_the_encoding_that_was_chosen() {
    let shown = |frame: &[u8]| {
        let explanation = explain::<ShortMessage>(frame);
        let text = explanation.root().children.last().expect("a text");
        (text.range.clone(), format!("{:?}", text.value))
    };
    assert_eq!(shown(&bytes("08 04 0068 00E9")), (2..6, "Text(\"h\u{e9}\")".to_owned()));
    assert_eq!(shown(&bytes("03 01 E9")), (2..3, "Text(\"\u{e9}\")".to_owned()));
    assert_eq!(shown(&bytes("04 01 E9")), (2..3, "Bytes(b\"\\xe9\")".to_owned()));
}

/// A query of MySQL: its text is in `character_set_client`, which the connection has agreed on.
/// MySQL Internals, COM_QUERY: `03`, then "string<EOF>".
#[derive(Debug, PartialEq, Wire)]
#[wire(ctx(client: Charset), magic = 0x03u8)]
struct Query {
    #[wire(rest, encoding = client)]
    text: String,
}

#[test]
fn the_encoding_of_a_connection_is_its_context() {
    let query = Query { text: "\u{e9}".into() };
    for (label, image) in [("latin1", &b"\x03\xE9"[..]), ("utf-8", b"\x03\xC3\xA9")] {
        let context = QueryContext { client: charset(label) };
        let mut out = BytesMut::new();
        assert_eq!(query.encode_with(&mut out, &context), Ok(()));
        assert_eq!(out, image);
        assert_eq!(Query::parser(&context)(image), Ok((&[][..], Query { text: "\u{e9}".into() })));
    }
}

/// A context that does not know yet, and a label that a macro hands in.
macro_rules! greeting {
    ($label:literal) => {
        #[derive(Debug, PartialEq, Wire)]
        #[wire(ctx(client: Option<Charset>))]
        struct Greeting {
            #[wire(prefix = u8, encoding = $label)]
            name: String,
            #[wire(rest, encoding = client)]
            text: String,
        }
    };
}

greeting!("latin1");

#[test]
fn a_label_comes_through_a_macro_and_a_context_may_know_none() {
    let greeting = |text: &str| Greeting { name: "\u{e9}".into(), text: text.into() };
    let mut out = BytesMut::new();
    let context = GreetingContext { client: Some(charset("utf-8")) };
    assert_eq!(greeting("\u{e9}").encode_with(&mut out, &context), Ok(()));
    assert_eq!(out[..], *b"\x01\xE9\xC3\xA9");
    let error = greeting("hi").encode_with(&mut out, &GreetingContext { client: None });
    assert_eq!(error, Err(EncodeError::Text { field: "Greeting.text" }));
}

/// No length: only a walk over the texts finds the end, and a text of two-byte units may hold the
/// bytes of the terminator between two of them.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 64)]
struct Titled {
    wide: bool,
    #[wire(encoding = if wide { "utf-16be" } else { "latin1" }, terminated = [0, 0])]
    title: String,
    #[wire(encoding = "utf-16be", terminated = [0, 0])]
    author: String,
    level: u8,
}

#[test]
fn the_terminator_of_wide_text_stands_at_a_unit() {
    let wide = Titled { wide: true, title: "\u{100}A".into(), author: "\u{100}A".into(), level: 7 };
    holds(&wide, "01 0100 0041 0000 0100 0041 0000 07");
    let narrow = Titled { wide: false, title: "A\u{1}".into(), author: String::new(), level: 7 };
    holds(&narrow, "00 4101 0000 0000 07");
    let mut decoder = Decoder::<Titled>::new();
    let (mut stream, mut found) = (BytesMut::new(), Vec::new());
    for byte in encoded(&wide).into_iter().chain(encoded(&narrow)) {
        stream.extend_from_slice(&[byte]);
        found.extend(decoder.decode(&mut stream).map(|frame| (frame, stream.len())));
    }
    assert_eq!(found, [(Ok(wide), 0), (Ok(narrow), 0)]);
}

/// A text of fixed size, in an encoding that may be unknown.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Placed {
    coding: u8,
    #[wire(size = 4, pad = 0, encoding = match coding {
        8 => "utf-16be",
        0..=127 => "latin1",
        _ => none,
    })]
    place: String,
}

#[test]
fn a_text_of_fixed_size_is_in_an_encoding_that_is_known() {
    holds(&Placed { coding: 8, place: "h\u{e9}".into() }, "08 0068 00E9");
    holds(&Placed { coding: 1, place: "h\u{e9}\0\0".into() }, "01 68E9 0000");
    assert_eq!(refused::<Placed>("80 00000000"), (Fault::Text, 1));
}

#[test]
fn drawn_texts_of_chosen_encodings_are_read_back() {
    laws::hold::<ShortMessage>();
    laws::hold::<Titled>();
    laws::hold::<Placed>();
}
