//! The session that sends and joins them.

use std::time::Duration;

use longlink::session::Plain;
use longlink::session::event::{Because, Event, Outcome};
use longlink::session::protocol::{
    Acknowledges, Established, Inbound, Key, Protocol, Refusal, View, Window,
};
use longlink::session::script::Script;
use longlink::session::settings::{Fragments, Heartbeat, Settings};
use longlink::session::testkit::Trial;
use longlink::{BytesMut, Decoder, Wire};

use super::*;
use crate::declarations::packet::Reply;

fn up(gap: u64) -> Trial<Plain<Packet>> {
    let fragments = Fragments { gap, ..Fragments::default() };
    let settings = Settings { fragments, heartbeat: Heartbeat::off(), ..Settings::default() };
    let mut trial = Trial::with(settings, 1, || Ok(Plain::default()));
    trial.connect().unwrap();
    trial.events();
    trial
}

fn sent(trial: &mut Trial<Plain<Packet>>) -> Vec<Packet> {
    let mut bytes = BytesMut::from(&trial.written()[..]);
    let mut decoder = Decoder::<Packet>::new();
    std::iter::from_fn(|| decoder.decode(&mut bytes)).map(Result::unwrap).collect()
}

fn frames(trial: &mut Trial<Plain<Packet>>) -> Vec<Packet> {
    let frames = trial.events().into_iter().filter_map(|event| match event {
        Event::Frame { frame, .. } => Some(frame),
        _ => None,
    });
    frames.collect()
}

fn reply(serial: u16) -> Vec<u8> {
    let reply = Reply { serial, message: 0x0104, result: 0 };
    encoded(&packet(0, Body::PlatformReply(reply)))
}

#[test]
fn a_long_message_goes_out_in_fragments_with_consecutive_numbers() {
    let mut trial = up(0);
    let link = trial.link().clone();
    let first = link.try_send(packet(0, Body::Heartbeat)).unwrap();
    let long = link.try_send(settings(9, 140)).unwrap();
    let last = link.try_send(packet(0, Body::Heartbeat)).unwrap();
    trial.poll().unwrap();
    let sent = sent(&mut trial);
    let numbers: Vec<_> = sent.iter().map(|one| one.serial).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
    let parts = sent[1..4].to_vec();
    let mut whole = settings(9, 140);
    whole.serial = 1;
    assert_eq!(Packet::join(parts, &CONTEXT), Ok(whole));
    let outcomes = [first, long, last].map(|receipt| receipt.settled());
    assert_eq!(outcomes, [Some(Outcome::Written { epoch: 1 }); 3]);
}

/// A peer answers a whole message by the number of its first fragment (clause 8.4 of
/// JT/T 808-2013 names a split message so).
#[tokio::test]
async fn the_reply_to_the_first_number_answers_the_whole_request() {
    let mut trial = up(0);
    let link = trial.link().clone();
    let request = tokio::spawn(async move { link.request(settings(9, 140)).await });
    tokio::task::yield_now().await;
    trial.poll().unwrap();
    assert_eq!(sent(&mut trial).len(), 3);
    trial.receive(&reply(0)).unwrap();
    let answer = request.await.unwrap().unwrap();
    assert_eq!(encoded(&answer), reply(0));
}

/// A frame whose numbers come round soon.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64)]
struct Small {
    #[wire(length_of = ..)]
    length: Auto<u8>,
    #[wire(role = sequence)]
    number: u8,
    #[wire(tag_of = body)]
    kind: Auto<u8>,
    split: Auto<bool>,
    #[wire(present_in = split)]
    part: Option<Part>,
    #[wire(opaque_if = part.is_some(), split(part, 2))]
    body: Word,
}

#[derive(Debug, Clone, PartialEq, Wire)]
enum Word {
    #[wire(tag = 1)]
    Said(#[wire(rest)] Bytes),
    #[wire(tag = 2, role = acknowledged)]
    Sure(#[wire(rest)] Bytes),
    #[wire(tag = 3)]
    Got(#[wire(role = acknowledges)] u8),
    #[wire(other)]
    Unknown {
        #[wire(tag)]
        kind: u8,
        #[wire(rest)]
        raw: Bytes,
    },
}

/// Some peers acknowledge a message by the number of its first fragment, some each fragment, some
/// the last.
#[test]
fn a_message_in_fragments_is_acknowledged_by_its_first_number_or_its_last() {
    let off = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
    let mut trial = Trial::with(off, 1, || Ok(Plain::<Small>::default()));
    trial.connect().unwrap();
    let link = trial.link().clone();
    let sure = || Small::new(0, None, Word::Sure(Bytes::from_static(b"abcde")));
    let receipts = [(); 3].map(|()| link.try_send(sure()).unwrap());
    trial.poll().unwrap();
    // Three fragments each: 0 to 2, 3 to 5, 6 to 8.
    let settled = [1, 2, 3, 7].map(|number| {
        trial.receive(&encoded(&Small::new(0, None, Word::Got(number)))).unwrap();
        receipts.each_ref().map(|receipt| receipt.settled().is_some())
    });
    let (first, second) = ([true, false, false], [true, true, false]);
    assert_eq!(settled, [[false; 3], first, second, second]);
    let acknowledged = Some(Outcome::Acknowledged { epoch: 1 });
    assert_eq!((receipts[0].settled(), receipts[1].settled()), (acknowledged, acknowledged));
    trial.poll().unwrap();
    assert_eq!(link.statistics().late, 0);
}

/// `Small` whose acknowledgements cover more than what they name.
struct Covering {
    how: fn(Key) -> Acknowledges,
    window: Option<Window>,
}

impl Protocol for Covering {
    type Outgoing = Small;
    type Incoming = Small;
    type View<'a> = Small;

    async fn handshake(&mut self, _: &mut Script<Small, Small>) -> Result<Established, Refusal> {
        Ok(Established { window: self.window, ..Established::default() })
    }

    fn classify(&self, received: &Small) -> Inbound {
        let mut inbound = received.inbound();
        if let Some(Acknowledges::One(key)) = inbound.acknowledges {
            inbound.acknowledges = Some((self.how)(key));
        }
        inbound
    }
}

/// Who has received some fragments has not received the message.
#[test]
fn an_acknowledgement_within_a_message_settles_only_those_before_it() {
    let settled = |how: fn(Key) -> Acknowledges| {
        let off = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
        let mut trial = Trial::with(off, 1, move || Ok(Covering { how, window: None }));
        trial.connect().unwrap();
        let link = trial.link().clone();
        let sure = || Small::new(0, None, Word::Sure(Bytes::from_static(b"abcde")));
        let receipts = [(); 3].map(|()| link.try_send(sure()).unwrap());
        trial.poll().unwrap();
        // Three fragments each: 0 to 2, 3 to 5, 6 to 8.
        [0, 1, 2, 3, 4, 5, 6, 7].map(|number| {
            trial.receive(&encoded(&Small::new(0, None, Word::Got(number)))).unwrap();
            receipts.iter().filter(|receipt| receipt.settled().is_some()).count()
        })
    };
    let (before, up_to) = (settled(Acknowledges::Before), settled(Acknowledges::UpTo));
    assert_eq!((before, up_to), ([0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 1, 1, 1, 2, 2, 2]));
}

/// The same for a standing frame: a window of one opens when all of it has come.
#[test]
fn a_standing_frame_in_fragments_is_acknowledged_by_its_first_number_or_its_last() {
    let second = Duration::from_secs(1);
    let window = Window {
        unacknowledged: 1,
        acknowledge_after: 8,
        acknowledge_within: second,
        deadline: 9 * second,
    };
    let after = |how: fn(Key) -> Acknowledges, number| {
        let off = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
        let make = move || Ok(Covering { how, window: Some(window) });
        let mut trial = Trial::with(off, 1, make);
        trial.connect().unwrap();
        let link = trial.link().clone();
        let sure = || Small::new(0, None, Word::Sure(Bytes::from_static(b"abcde")));
        link.standing(0, sure()).unwrap();
        trial.poll().unwrap();
        drop(link.try_send(sure()).unwrap());
        trial.poll().unwrap();
        // 0 to 2 are out, 3 to 5 wait.
        trial.written();
        trial.receive(&encoded(&Small::new(0, None, Word::Got(number)))).unwrap();
        trial.poll().unwrap();
        (!trial.written().is_empty(), link.statistics().late)
    };
    let one = [0, 2].map(|number| after(Acknowledges::One, number));
    let up_to = [0, 2].map(|number| after(Acknowledges::UpTo, number));
    let before = [1, 3].map(|number| after(Acknowledges::Before, number));
    let (opened, waits) = ((true, 0), (false, 0));
    assert_eq!((one, up_to, before), ([opened; 2], [waits, opened], [waits, opened]));
}

/// The numbers of a message in fragments are all left out while it is pending.
#[test]
fn the_numbers_of_fragments_are_left_out_when_the_sequence_comes_round() {
    let off = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
    let mut trial = Trial::with(off, 1, || Ok(Plain::<Small>::default()));
    trial.connect().unwrap();
    let link = trial.link().clone();
    let sure = Small::new(0, None, Word::Sure(Bytes::from_static(b"abcde")));
    let receipt = link.try_send(sure).unwrap();
    trial.poll().unwrap();
    for _ in 3..256 {
        drop(link.try_send(Small::new(0, None, Word::Said(Bytes::new()))).unwrap());
        trial.poll().unwrap();
    }
    trial.written();
    drop(link.try_send(Small::new(0, None, Word::Said(Bytes::new()))).unwrap());
    trial.poll().unwrap();
    let bytes = trial.written();
    let next = Decoder::<Small>::new().decode(&mut BytesMut::from(&bytes[..])).unwrap();
    assert_eq!((next.unwrap().number, link.statistics().skipped_keys), (3, 3));
    assert_eq!(receipt.settled(), None);
}

/// A number that is pending is none for a fragment, and makes no hole between fragments.
#[tokio::test]
async fn fragments_begin_behind_a_number_that_is_pending() {
    let off = Settings { heartbeat: Heartbeat::off(), ..Settings::default() };
    let mut trial = Trial::with(off, 1, || Ok(Plain::<Small>::default()));
    trial.connect().unwrap();
    let link = trial.link().clone();
    let said = |text: &'static [u8]| Small::new(0, None, Word::Said(Bytes::from_static(text)));
    for _ in 0..3 {
        drop(link.try_send(said(b"")).unwrap());
    }
    trial.poll().unwrap();
    let asking = link.clone();
    let request = tokio::spawn(async move { asking.request(said(b"?")).await });
    tokio::task::yield_now().await;
    trial.poll().unwrap();
    for _ in 4..258 {
        drop(link.try_send(said(b"")).unwrap());
        trial.poll().unwrap();
    }
    trial.written();
    // 2 comes next, and 3 is pending.
    drop(link.try_send(said(b"abcde")).unwrap());
    trial.poll().unwrap();
    let (mut bytes, mut decoder) = (BytesMut::from(&trial.written()[..]), Decoder::new());
    let sent = std::iter::from_fn(|| decoder.decode(&mut bytes)).map(Result::unwrap);
    let sent: Vec<Small> = sent.collect();
    assert_eq!(sent.iter().map(|one| one.number).collect::<Vec<_>>(), [4, 5, 6]);
    let mut whole = said(b"abcde");
    whole.number = 4;
    assert_eq!(Small::join(sent, &()), Ok(whole));
    request.abort();
}

/// The recorded message is an answer; nobody asked, so it counts as late once it is joined.
#[test]
fn recorded_fragments_with_other_numbers_between_them_are_joined_within_the_gap() {
    let joined = [15, 16].map(|gap| {
        let mut trial = up(gap);
        for frame in recorded() {
            trial.receive(&frame).unwrap();
        }
        trial.poll().unwrap();
        (trial.link().statistics().late, frames(&mut trial).len())
    });
    assert_eq!(joined, [(0, 0), (1, 0)]);
}

/// The recorded message answers request 0.
#[tokio::test]
async fn a_reply_in_fragments_answers_its_request() {
    let mut trial = up(16);
    let link = trial.link().clone();
    let request = tokio::spawn(async move { link.request(packet(0, Body::AskSettings)).await });
    tokio::task::yield_now().await;
    trial.poll().unwrap();
    for frame in recorded() {
        trial.receive(&frame).unwrap();
    }
    same_as_recorded(&request.await.unwrap().unwrap());
    assert_eq!(trial.events().len(), 0);
}

#[test]
fn fragments_out_of_order_and_doubled_make_one_message() {
    let mut trial = up(0);
    let parts = numbered(40, order(140));
    for index in [2, 0, 2, 0, 1, 1] {
        trial.receive(&encoded(&parts[index])).unwrap();
    }
    let mut whole = order(140);
    whole.serial = 40;
    assert!(frames(&mut trial) == [whole]);
}

#[test]
fn a_lost_fragment_is_an_event_and_the_next_message_arrives() {
    let mut trial = up(0);
    let (lost, good) = (numbered(40, order(140)), numbered(43, order(139)));
    for part in [&lost[0], &lost[2], &good[0], &good[1], &good[2]] {
        trial.receive(&encoded(part)).unwrap();
    }
    let mut whole = order(139);
    whole.serial = 43;
    assert!(frames(&mut trial) == [whole]);
    trial.advance(Duration::from_secs(30)).unwrap();
    let events = format!("{:?}", trial.events());
    assert_eq!(events, "[LostFragments { epoch: 1, count: 2 }]");
}

#[test]
fn more_bytes_than_the_queue_holds_are_still_refused() {
    let trial = up(0);
    let long = Body::Unknown { message: 0x0F01, raw: Bytes::from(vec![0; 2 << 20]) };
    let refused = trial.link().try_send(packet(0, long)).map(drop);
    assert_eq!(refused.map_err(|rejected| rejected.because), Err(Because::TooLarge));
}

/// A long order of the platform.
fn order(count: u8) -> Packet {
    let Body::Settings { settings, .. } = settings(0, count).body else { panic!("settings") };
    packet(0, Body::Configure { count: Auto::Derived, settings })
}

fn numbered(first: u16, long: Packet) -> Vec<Packet> {
    let mut parts = long.split(&CONTEXT).unwrap();
    for (part, serial) in parts.iter_mut().zip(first..) {
        part.serial = serial;
    }
    parts
}
