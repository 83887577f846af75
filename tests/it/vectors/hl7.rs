//! HL7 version 2 over MLLP: blocks between delimiters, and messages that are acknowledged by a
//! number which is text.
//!
//! Source: "Transport Specification: MLLP, Release 1" (HL7 V3), clause 2.3: a block is SB (0x0B), the
//! data, EB (0x1C), CR (0x0D); HL7 version 2.5, chapter 2: every segment ends with CR, fields are
//! separated by what MSH-1 says, MSA-2 is the MSH-10 of the message that is acknowledged.

use longlink::codec::{EncodeError, Fault};
use longlink::{Bytes, BytesMut, Frame, Wire};

use crate::samples::{bytes, compared, encoded, list, text};
use crate::stream::{Said, every_split, said};

/// A message. The empty one is legal on the wire and means nothing.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(start = 0x0B, end = [0x1C, 0x0D], max_frame_length = 64 * 1024, resync = delimiter)]
struct Message {
    #[wire(rest)]
    segments: Vec<Segment>,
}

/// What it is made of: three letters, and fields.
#[derive(Debug, Clone, PartialEq, Wire)]
struct Segment {
    #[wire(terminated = b"\r", max_len = 32 * 1024)]
    text: String,
}

impl Message {
    fn new(segments: &[String]) -> Self {
        let segments = segments.iter().map(|text| Segment { text: text.clone() });
        Self { segments: segments.collect() }
    }

    /// The field `number` of the first segment with this name. MSH-1 is the separator itself.
    fn field(&self, name: &str, number: usize) -> Option<&str> {
        let segment = self.segments.iter().find(|segment| segment.text.starts_with(name))?;
        let number = if name == "MSH" { number.checked_sub(1)? } else { number };
        segment.text.split('|').nth(number)
    }
}

fn recorded() -> Vec<(Vec<u8>, Message)> {
    let read = |entry: &serde_json::Value| {
        let frame = bytes(text(entry, "/hex"));
        let message = Message::decode(&frame).unwrap_or_else(|error| panic!("{entry}: {error}"));
        (frame, message)
    };
    list("hl7.json").iter().map(read).collect()
}

#[test]
fn recorded_frames_have_the_fields_that_were_read_independently() {
    let (mut frames, mut count) = (0, 0);
    for (entry, (frame, message)) in list("hl7.json").iter().zip(recorded()) {
        assert_eq!(encoded(&message), frame);
        let segments = message.segments.iter().map(|segment| format!("{}\r", segment.text));
        assert_eq!(serde_json::json!(segments.collect::<Vec<_>>()), entry["segments"]);
        // The decoder leaves out what is empty.
        let fields = |segment: &Segment| -> Vec<String> {
            segment.text.split('|').filter(|it| !it.is_empty()).map(str::to_owned).collect()
        };
        let fields: Vec<_> = message.segments.iter().map(fields).collect();
        assert_eq!(serde_json::json!(fields), entry["fields"]);
        (frames, count) = (frames + 1, count + fields.concat().len());
    }
    compared("hl7", [frames, frames, count], [6, 6, 99]);
}

/// Whole, and one byte at a time.
#[test]
fn recorded_frames_come_out_of_a_stream() {
    let frames = recorded();
    let glued: Vec<u8> = frames.iter().flat_map(|(frame, _)| frame.clone()).collect();
    let expected: Vec<_> = frames.into_iter().map(|(_, message)| Said::Frame(message)).collect();
    assert_eq!(said::<Message>([&glued[..]]), expected);
    assert_eq!(said::<Message>(glued.chunks(1)), expected);
}

/// Garbage before, between and behind: the end of a block whose start was lost, and the line break
/// of a program that adds one.
#[test]
fn garbage_between_frames_is_passed_over_however_it_is_cut() {
    let frames = recorded();
    let (mut stream, mut expected) = (Vec::new(), Vec::new());
    for (garbage, (frame, message)) in [&b"|M\r\x1C\r"[..], b"\r\n"].iter().zip(frames) {
        let len = garbage.len() as u64;
        expected.push(Said::Bad(stream.len() as u64, len, Fault::Garbage));
        stream.extend_from_slice(garbage);
        stream.extend(frame);
        expected.push(Said::Frame(message));
    }
    expected.push(Said::Bad(stream.len() as u64, 1, Fault::Garbage));
    stream.push(b'\n');
    every_split(&stream, &expected);
}

#[test]
fn a_segment_ends_with_a_carriage_return() {
    let error = Message::decode(b"\x0BMSH|^~\\&|A\x1C\r").unwrap_err();
    assert_eq!(error.fault, Fault::Unterminated);
    assert_eq!(Message::decode(b"\x0B\x1C\r"), Ok(Message::new(&[])));
}

/// A text with EB and CR in it would end its block too early.
#[test]
fn the_end_of_a_block_is_not_written_inside_of_one() {
    let mut out = BytesMut::from(&b"before"[..]);
    let error = Message::new(&["OBX|1|TX|||a\x1C".into()]).encode(&mut out).unwrap_err();
    assert_eq!(error, EncodeError::Text { field: "Message" });
    assert_eq!(Bytes::from(out), "before");
}

#[cfg(feature = "session")]
mod session {
    use std::time::Duration;

    use longlink::codec::Roles;
    use longlink::session::event::Outcome;
    use longlink::session::protocol::{
        Acknowledges, Awaits, Established, Inbound, Key, Meaning, Refusal,
    };
    use longlink::session::{Inbox, Link, Protocol, Script, Session, Settings};
    use longlink::testkit::{Network, ScriptedPeer};

    use super::{Frame, Message};

    /// One end. Both send; what is no acknowledgement is acknowledged.
    struct End;

    /// MSA-2, if it is a number of ours.
    fn acknowledged(message: &Message) -> Option<Key> {
        message.field("MSA", 2)?.strip_prefix("LL")?.parse().ok().map(Key)
    }

    fn header(kind: &str, id: &str) -> String {
        format!("MSH|^~\\&|LONGLINK|HERE|EPIC|THERE|20261123101500||{kind}|{id}|P|2.5")
    }

    fn admission(patient: &str) -> Message {
        Message::new(&[header("ADT^A01", ""), format!("PID|||{patient}")])
    }

    impl Protocol for End {
        type Outgoing = Message;
        type Incoming = Message;
        type View<'a> = Message;

        async fn handshake(
            &mut self,
            _: &mut Script<Message, Message>,
        ) -> Result<Established, Refusal> {
            Ok(Established::default())
        }

        /// MSH-10: the number as text.
        fn stamp(&mut self, message: &mut Message, sequence: u64) -> Option<Key> {
            let header = message.segments.first_mut()?;
            let mut fields: Vec<_> = header.text.split('|').collect();
            let id = format!("LL{sequence}");
            *fields.get_mut(9)? = &id;
            header.text = fields.join("|");
            Some(Key(sequence))
        }

        fn awaits(&self, sent: &Message) -> Awaits {
            match sent.field("MSA", 2) {
                Some(_) => Awaits::Nothing,
                None => Awaits::Acknowledgement,
            }
        }

        fn classify(&self, received: &Message) -> Inbound {
            let Some(key) = acknowledged(received) else { return Inbound::default() };
            // AA: accepted, AE: error, AR: rejected; the receipt tells of the first alone.
            let acknowledges = Some(Acknowledges::One(key));
            match received.field("MSA", 1) {
                Some("AA") => Inbound { acknowledges, is: Meaning::Nothing, counted: false },
                _ => Inbound { is: Meaning::Reply(key), ..Inbound::default() },
            }
        }

        fn acknowledge(&mut self, received: &Message) -> Option<Message> {
            if received.field("MSA", 2).is_some() {
                return None;
            }
            let id = received.field("MSH", 10)?;
            Some(Message::new(&[header("ACK^A01^ACK", ""), format!("MSA|AA|{id}")]))
        }
    }

    fn dial(network: &Network) -> (Link<End>, Inbox<End>) {
        let make = || std::future::ready(Ok(End));
        let settings = Settings { acknowledgement: Duration::from_secs(5), ..Settings::default() };
        Session::builder(make)
            .endpoint("epic:2575")
            .settings(settings)
            .connector(network.clone())
            .spawn()
    }

    #[tokio::test(start_paused = true)]
    async fn each_message_is_acknowledged_by_its_control_id() {
        let network = Network::new();
        let mut doors = network.listen("epic:2575");
        let (link, mut inbox) = dial(&network);
        let server = Box::new(doors.accept().await);
        let (back, mut arrived) = Session::accepted(End, server).spawn();
        for patient in ["MRN1", "MRN2", "MRN3"] {
            let receipt = link.send(admission(patient)).await.unwrap();
            assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
            assert_eq!(arrived.next_frame().await.unwrap().field("PID", 3), Some(patient));
        }
        let receipt = back.send(admission("MRN9")).await.unwrap();
        assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
        assert_eq!(inbox.next_frame().await.unwrap().field("PID", 3), Some("MRN9"));
    }

    /// Answers in the other order, one that belongs to nothing, and one that says no.
    #[tokio::test(start_paused = true)]
    async fn an_acknowledgement_settles_the_message_that_it_names() {
        let network = Network::new();
        let mut doors = network.listen("epic:2575");
        let (link, _inbox) = dial(&network);
        let mut peer = ScriptedPeer::new(doors.accept().await);
        let (mut receipts, mut ids) = (Vec::new(), Vec::new());
        for patient in ["MRN1", "MRN2", "MRN3"] {
            receipts.push(link.send(admission(patient)).await.unwrap());
            let message: Message = peer.receive().await.unwrap();
            ids.push(message.field("MSH", 10).unwrap().to_owned());
        }
        let request = tokio::spawn({
            let link = link.clone();
            async move { link.request(admission("MRN4")).await }
        });
        let asked: Message = peer.receive().await.unwrap();
        let asked = asked.field("MSH", 10).unwrap().to_owned();
        let answers = [("AA", &ids[1]), ("AA", &"HL7MSG00000".into()), ("AE", &asked)];
        for (code, id) in answers {
            let segments = [header("ACK", "63"), format!("MSA|{code}|{id}")];
            peer.send_frame(&Message::new(&segments)).await.unwrap();
        }
        let refused = request.await.unwrap().unwrap();
        assert_eq!(refused.field("MSA", 1), Some("AE"));
        let mut outcomes = Vec::new();
        for receipt in receipts {
            outcomes.push(receipt.outcome().await);
        }
        let uncertain = Outcome::Uncertain { epoch: 1 };
        assert_eq!(outcomes, [uncertain, Outcome::Acknowledged { epoch: 1 }, uncertain]);
    }

    #[test]
    fn a_control_id_is_no_sequence_number() {
        let frame = Message::decode(&super::recorded()[0].0).unwrap();
        assert_eq!((frame.sequence(), frame.field("MSH", 10)), (None, Some("HL7MSG00000")));
    }
}
