//! IEC 60870-5-104: masked tags, bit runs in little endian, search by magic.

use longlink::{Bytes, BytesMut, Decoder, Frame};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{prop_assert, prop_assert_eq, proptest};

use crate::declarations::iec104::{Control, DataUnit, Function, Unit};
use crate::samples::encoded;

fn units() -> impl Strategy<Value = Unit> {
    prop_oneof![
        (0_u16..0x8000, 0_u16..0x8000, data_units()).prop_map(|(sent, received, data)| {
            Control::Information { format: (), sent, spare: (), received, data }
        }),
        (0_u16..0x8000).prop_map(|received| Control::Supervisory {
            format: (),
            spare: (),
            received
        }),
        prop_oneof![
            Just(Function::Start),
            Just(Function::StartConfirmed),
            Just(Function::Stop),
            Just(Function::StopConfirmed),
            Just(Function::Test),
            Just(Function::TestConfirmed),
        ]
        .prop_map(|function| Control::Unnumbered { function, spare: () }),
    ]
    .prop_map(Unit::new)
}

fn data_units() -> impl Strategy<Value = DataUnit> {
    let counts = (0_u8..0x80, any::<bool>());
    let causes = (0_u8..0x40, any::<bool>(), any::<bool>());
    (any::<u8>(), counts, causes, any::<u8>(), any::<u16>(), vec(any::<u8>(), 0..=243)).prop_map(
        |(kind, (count, in_sequence), (cause, negative, test), originator, address, objects)| {
            DataUnit {
                kind,
                count,
                in_sequence,
                cause,
                negative,
                test,
                originator,
                address,
                objects: Bytes::from(objects),
            }
        },
    )
}

proptest! {
    #[test]
    fn a_value_survives_its_bytes(unit in units()) {
        let frame = encoded(&unit);
        prop_assert_eq!(Unit::decode(&frame), Ok(unit));
    }

    #[test]
    fn bytes_that_are_read_are_written_again(control in vec(any::<u8>(), 4..=253)) {
        let length = u8::try_from(control.len()).expect("at most 253");
        let frame = [&[0x68, length], &control[..]].concat();
        if let Ok(unit) = Unit::decode(&frame) {
            prop_assert_eq!(encoded(&unit), frame);
        }
    }

    #[test]
    fn no_part_of_a_frame_is_a_frame(unit in units()) {
        let frame = encoded(&unit);
        for len in 0..frame.len() {
            prop_assert!(Unit::decode(&frame[..len]).is_err(), "{len} of {} bytes", frame.len());
        }
    }

    #[test]
    fn every_split_of_the_stream_gives_the_same_frames(
        sent in vec(units(), 1..6),
        cut in 1_usize..9,
    ) {
        let stream: Vec<u8> = sent.iter().flat_map(encoded).collect();
        let mut decoder = Decoder::<Unit>::new();
        let mut buffer = BytesMut::new();
        let mut received = Vec::new();
        for chunk in stream.chunks(cut) {
            buffer.extend_from_slice(chunk);
            while let Some(item) = decoder.decode(&mut buffer) {
                received.push(item.expect("a good frame"));
            }
        }
        prop_assert_eq!(received, sent);
        prop_assert!(buffer.is_empty());
    }
}
