//! The game's long link: every value, every cut, every flipped bit.

use longlink::{Bytes, BytesMut, Decoder, Frame};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{prop_assert, prop_assert_eq, proptest};

use crate::declarations::message::{Body, Message};
use crate::samples::encoded;

pub(crate) fn messages() -> impl Strategy<Value = Message> {
    (any::<u32>(), bodies()).prop_map(|(sequence, body)| Message::new(sequence, body))
}

fn bodies() -> impl Strategy<Value = Body> {
    prop_oneof![
        any::<u64>().prop_map(|sent_ms| Body::Alive { sent_ms }),
        (any::<u64>(), ".{0,40}").prop_map(|(from, text)| Body::Chat { from, text }),
        (3_u16.., vec(any::<u8>(), 0..80))
            .prop_map(|(command, raw)| Body::Unknown { command, raw: Bytes::from(raw) }),
        Just(Body::Unknown { command: 0, raw: Bytes::new() }),
    ]
}

proptest! {
    #[test]
    fn a_value_survives_its_bytes(message in messages()) {
        let frame = encoded(&message);
        prop_assert_eq!(Message::decode(&frame), Ok(message.clone()));
        prop_assert_eq!(Message::decode_shared(&Bytes::from(frame)), Ok(message));
    }

    #[test]
    fn bytes_that_are_read_are_written_again(frame in vec(any::<u8>(), 0..64)) {
        if let Ok(message) = Message::decode(&frame) {
            prop_assert_eq!(encoded(&message), frame);
        }
    }

    #[test]
    fn no_part_of_a_frame_is_a_frame(message in messages()) {
        let frame = encoded(&message);
        for len in 0..frame.len() {
            prop_assert!(Message::decode(&frame[..len]).is_err(), "{len} of {} bytes", frame.len());
        }
    }

    #[test]
    fn no_flipped_bit_goes_unseen(message in messages()) {
        let mut frame = encoded(&message);
        for bit in 0..frame.len() * 8 {
            frame[bit / 8] ^= 1 << (bit % 8);
            // The length is checked against the slice, everything else by the checksum.
            prop_assert!(Message::decode(&frame).is_err(), "bit {bit}");
            frame[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn every_split_of_the_stream_gives_the_same_frames(
        sent in vec(messages(), 1..6),
        cuts in vec(1_usize..24, 1..40),
    ) {
        let stream: Vec<u8> = sent.iter().flat_map(encoded).collect();
        let mut decoder = Decoder::<Message>::new();
        let mut buffer = BytesMut::new();
        let mut received = Vec::new();
        let mut rest = &stream[..];
        for cut in cuts.iter().cycle() {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            buffer.extend_from_slice(now);
            rest = later;
            while let Some(item) = decoder.decode(&mut buffer) {
                received.push(item.expect("a good frame"));
            }
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(received, sent);
        prop_assert!(buffer.is_empty());
    }
}
