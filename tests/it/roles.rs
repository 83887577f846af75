//! What a session learns from `role = ..`.

use longlink::codec::Roles;
use longlink::session::Plain;
use longlink::session::protocol::{Acknowledges, Inbound, Key, Meaning, View};
use longlink::session::testkit::Trial;
use longlink::{Auto, Bytes, Frame, Wire};

use crate::declarations::{iec104, packet};
use crate::samples::encoded;

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 1024)]
struct Envelope {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    request: u8,
    #[wire(valid = 1..=0x7fff, role = if request == 1 { sequence } else { replies_to })]
    number: u16,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    body: Body,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Body {
    #[wire(tag = 1, role = heartbeat)]
    Ping,
    #[wire(tag = 2, role = heartbeat_reply)]
    Pong,
    #[wire(tag = 3, role = acknowledged)]
    Order {
        #[wire(role = fragment_index)]
        index: u8,
        #[wire(role = fragment_total)]
        total: u8,
        #[wire(rest)]
        text: Bytes,
    },
    #[wire(tag = 4)]
    Done(Done),
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Done {
    #[wire(role = acknowledges)]
    order: u32,
}

fn envelope(request: u8, body: Body) -> Envelope {
    Envelope::new(request, 1, body)
}

#[test]
fn a_condition_chooses_the_role() {
    let mut request = envelope(1, Body::Ping);
    assert!(request.set_sequence(9));
    assert!(!request.set_replies_to(5));
    assert_eq!((request.sequence(), request.replies_to()), (Some(9), None));
    let mut reply = envelope(2, Body::Ping);
    assert!(reply.set_replies_to(5));
    assert_eq!((reply.sequence(), reply.replies_to()), (None, Some(5)));
}

#[test]
fn sequences_wrap_inside_of_the_valid_range() {
    let mut request = envelope(1, Body::Ping);
    let written = [1, 0x7ffe, 0x7fff, 0x8000, 0xffff].map(|sequence| {
        assert!(request.set_sequence(sequence));
        request.sequence()
    });
    assert_eq!(written, [Some(1), Some(0x7ffe), Some(0x7fff), Some(1), Some(1)]);
    assert_eq!(request.sequence_bits(), 16);
}

#[test]
fn variants_and_nested_fields_forward() {
    let ping = envelope(1, Body::Ping);
    assert_eq!((ping.is_heartbeat(), ping.is_heartbeat_reply()), (true, false));
    let pong = envelope(2, Body::Pong);
    assert_eq!((pong.is_heartbeat(), pong.is_heartbeat_reply()), (false, true));
    let order = envelope(1, Body::Order { index: 2, total: 3, text: Bytes::new() });
    assert!(order.is_acknowledged());
    assert_eq!((order.fragment_index(), order.fragment_total()), (Some(2), Some(3)));
    let mut done = envelope(1, Body::Done(Done { order: 0 }));
    assert!(!done.is_acknowledged());
    assert!(done.set_acknowledges(77));
    assert_eq!(done.acknowledges(), Some(77));
    assert_eq!(done.body, Body::Done(Done { order: 77 }));
}

#[test]
fn what_only_acknowledges_says_so_whatever_its_header_says() {
    #[derive(Debug, Clone, PartialEq, Wire)]
    enum Said {
        #[wire(tag = 1)]
        Heard {
            #[wire(role = acknowledges)]
            number: u16,
            #[wire(reserved)]
            spare: u8,
            #[wire(present_if = left > 0)]
            reason: Option<u8>,
        },
        #[wire(tag = 2)]
        Judged {
            #[wire(role = replies_to)]
            number: u16,
            code: u8,
        },
        #[wire(tag = 3)]
        Taken {
            #[wire(role = replies_to)]
            number: u16,
        },
        #[wire(tag = 4)]
        Stop,
    }
    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(max_frame_length = 64)]
    struct Mail {
        #[wire(length_of = ..)]
        length: Auto<u8>,
        from: u32,
        #[wire(tag_of = body)]
        kind: Auto<u8>,
        body: Said,
    }
    let says = |body| Mail::new(7, body).only_acknowledges();
    assert!(says(Said::Heard { number: 1, spare: 0, reason: None }));
    assert!(!says(Said::Heard { number: 1, spare: 0, reason: Some(3) }));
    assert!(!says(Said::Judged { number: 1, code: 0 }));
    assert!(says(Said::Taken { number: 1 }));
    assert!(!says(Said::Stop));
    assert!(Body::Done(Done { order: 1 }).only_acknowledges());
    assert!(!Body::Ping.only_acknowledges());
    let meaning = |body| View::inbound(&Mail::new(7, body));
    let one = |key| Some(Acknowledges::One(Key(key)));
    let inbound = |acknowledges, is| Inbound { acknowledges, is, counted: false };
    assert_eq!(meaning(Said::Taken { number: 5 }), inbound(one(5), Meaning::Nothing));
    let judged = meaning(Said::Judged { number: 5, code: 1 });
    assert_eq!(judged, inbound(None, Meaning::Reply(Key(5))));
    let explained = meaning(Said::Heard { number: 5, spare: 0, reason: Some(1) });
    assert_eq!(explained, inbound(one(5), Meaning::Push));
}

/// An acknowledgement in the header of every frame says nothing of the rest.
#[test]
fn what_acknowledges_in_passing_is_read() {
    #[derive(Debug, Clone, PartialEq, Wire)]
    enum Order {
        #[wire(tag = 1)]
        Start,
    }
    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(max_frame_length = 64)]
    struct Passing {
        #[wire(length_of = ..)]
        length: Auto<u8>,
        #[wire(role = acknowledges)]
        heard: u16,
        #[wire(tag_of = body)]
        kind: Auto<u8>,
        body: Order,
    }
    assert!(!Passing::new(1, Order::Start).only_acknowledges());
    let supervisory = iec104::Unit::decode(&[0x68, 4, 1, 0, 0x0a, 0]).unwrap();
    assert_eq!((supervisory.acknowledges(), supervisory.only_acknowledges()), (Some(5), true));
    let information = [0x68, 0x0e, 0x4e, 0x14, 0x7c, 0, 0x65, 1, 0x0a, 0, 0x0c, 0, 0, 0, 0, 5];
    assert!(!iec104::Unit::decode(&information).unwrap().only_acknowledges());
}

#[test]
fn a_body_without_free_fields_is_a_heartbeat() {
    assert_eq!(Body::heartbeat(), Some(Body::Ping));
    // `request` is free: the user must say what it is.
    assert_eq!(Envelope::heartbeat(), None);
    assert_eq!(packet::Body::heartbeat(), Some(packet::Body::Heartbeat));
}

#[test]
fn a_session_answers_heartbeats_with_the_declared_reply() {
    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(max_frame_length = 64)]
    struct Beat {
        #[wire(length_of = ..)]
        length: Auto<u8>,
        #[wire(role = sequence)]
        number: u16,
        #[wire(tag_of = body)]
        kind: Auto<u8>,
        body: Sign,
    }
    #[derive(Debug, Clone, PartialEq, Wire)]
    enum Sign {
        #[wire(tag = 1, role = heartbeat)]
        Ping,
        #[wire(tag = 2, role = heartbeat_reply)]
        Pong {
            #[wire(role = replies_to)]
            number: u16,
        },
        #[wire(tag = 3)]
        Word { text: u8 },
    }
    let pong = |mine, number| encoded(&Beat::new(mine, Sign::Pong { number }));
    assert_eq!(Beat::heartbeat(), Some(Beat::new(0, Sign::Ping)));
    assert_eq!(Beat::heartbeat_reply(), Some(Beat::new(0, Sign::Pong { number: 0 })));
    assert_eq!((Body::heartbeat_reply(), Envelope::heartbeat_reply()), (Some(Body::Pong), None));

    let mut trial = Trial::<Plain<Beat>>::new(|| Ok(Plain::default()));
    trial.connect().unwrap();
    trial.receive(&encoded(&Beat::new(700, Sign::Ping))).unwrap();
    assert_eq!(trial.written(), pong(0, 700));
    trial.receive(&encoded(&Beat::new(701, Sign::Word { text: 1 }))).unwrap();
    trial.receive(&pong(702, 0)).unwrap();
    assert!(trial.written().is_empty());
}

#[test]
fn bits_wrap_at_their_own_width() {
    let bytes = [0x68, 0x0e, 0x4e, 0x14, 0x7c, 0, 0x65, 1, 0x0a, 0, 0x0c, 0, 0, 0, 0, 5];
    let mut unit = iec104::Unit::decode(&bytes).unwrap();
    assert_eq!((unit.sequence(), unit.acknowledges()), (Some(2599), Some(62)));
    assert_eq!(unit.sequence_bits(), 15);
    assert!(unit.set_sequence(0x8001));
    assert_eq!(unit.sequence(), Some(1));
}

#[test]
fn a_heartbeat_is_made_of_what_nobody_chooses() {
    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(max_frame_length = 64)]
    struct Pulse {
        #[wire(length_of = ..)]
        length: Auto<u8>,
        #[wire(role = sequence)]
        sequence: u16,
        #[wire(tag_of = body)]
        kind: Auto<u8>,
        body: Body,
        #[wire(checksum = sum8, over = ..self)]
        sum: Auto<u8>,
    }
    let made = Pulse::heartbeat().expect("no field is free");
    assert_eq!(made, Pulse::new(0, Body::Ping));
}

#[test]
fn a_view_becomes_its_frame() {
    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(max_frame_length = 64)]
    struct Line {
        #[wire(length_of = ..)]
        length: Auto<u8>,
        #[wire(role = sequence)]
        sequence: u16,
        #[wire(prefix = u8)]
        text: String,
        #[wire(rest)]
        raw: Bytes,
    }
    #[derive(Debug, Clone, PartialEq, Wire)]
    #[wire(view_of = Line)]
    struct LineView<'a> {
        #[wire(length_of = ..)]
        length: Auto<u8>,
        #[wire(role = sequence)]
        sequence: u16,
        #[wire(prefix = u8)]
        text: &'a str,
        #[wire(rest)]
        raw: &'a [u8],
    }
    let frame = *b"\x08\x00\x07\x02hi\xff\xfe";
    let view =
        <LineView<'_> as View<'_>>::parse(&frame, longlink::codec::Scope::ROOT, &()).unwrap();
    assert_eq!((view.text, view.sequence()), ("hi", Some(7)));
    assert_eq!(view.into_owned(), Line::decode(&frame).unwrap());
}

#[test]
fn a_view_has_the_context_of_its_frame() {
    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(max_frame_length = 64, ctx(wide: bool))]
    struct Note {
        #[wire(length_of = ..)]
        length: Auto<u8>,
        #[wire(present_if = wide)]
        stamp: Option<u32>,
        #[wire(rest)]
        text: String,
    }
    #[derive(Debug, Clone, PartialEq, Wire)]
    #[wire(view_of = Note, ctx(wide: bool))]
    struct NoteView<'a> {
        #[wire(length_of = ..)]
        length: Auto<u8>,
        #[wire(present_if = wide)]
        stamp: Option<u32>,
        #[wire(rest)]
        text: &'a str,
    }
    let scope = longlink::codec::Scope::ROOT;
    let parse =
        |frame, wide| <NoteView<'_> as View<'_>>::parse(frame, scope, &NoteContext { wide });
    let wide = parse(b"\x07\0\0\0\x01hi", true).unwrap();
    assert_eq!(wide.into_owned(), Note::new(Some(1), "hi".into()));
    let narrow = parse(b"\x03hi", false).unwrap();
    assert_eq!(narrow.into_owned(), Note::new(None, "hi".into()));
}
