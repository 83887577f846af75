//! Laws that hold for every value of every declaration: round trips, truncations, flipped bits,
//! wrong fields, garbage, splits of the stream. The values come from `derive(Arbitrary)`.

mod drawn;

use longlink::arbitrary::{Arbitrary, Mutant, Stream, mutants_with, streams_with, values_with};
use longlink::codec::{Fault, Scope};
use longlink::{BadFrame, Bytes, BytesMut, Decoder, Frame, Parse, Wire};
use proptest::collection::vec;
use proptest::prelude::ProptestConfig;
use proptest::{prop_assert, prop_assert_eq, proptest};

use crate::declarations;
use crate::samples::encoded_with;

/// What the declarations have in common.
pub(crate) trait Declared:
    Frame<Context: Default>
    + for<'a> Parse<'a>
    + for<'a> Arbitrary<'a, Declared = <Self as Wire>::Context>
    + Clone
    + PartialEq
    + std::fmt::Debug
{
    /// A checksum covers this byte, and it decides nothing that an 8-bit sum could be fooled by:
    /// where the frame ends, what is escaped, which fields there are.
    fn is_covered(frame: &[u8], bit: usize) -> bool;
}

impl Declared for declarations::message::Message {
    fn is_covered(_: &[u8], _: usize) -> bool {
        true
    }
}

impl Declared for declarations::packet::Packet {
    fn is_covered(frame: &[u8], bit: usize) -> bool {
        let at = bit / 8;
        let bytes = [frame[at], frame[at] ^ 1 << (bit % 8)];
        let is_mark = bytes.iter().any(|byte| (0x7D..=0x7E).contains(byte));
        let is_escaped = at > 0 && frame[at - 1] == 0x7D;
        let is_property = (3..=6).contains(&at);
        !(is_mark || is_escaped || is_property)
    }
}

impl Declared for declarations::gb32960::Message {
    fn is_covered(_: &[u8], _: usize) -> bool {
        true
    }
}

impl Declared for declarations::mqtt::Packet {
    fn is_covered(_: &[u8], _: usize) -> bool {
        false
    }
}

impl Declared for declarations::modbus::Request {
    fn is_covered(_: &[u8], _: usize) -> bool {
        false
    }
}

impl Declared for declarations::modbus::Response {
    fn is_covered(_: &[u8], _: usize) -> bool {
        false
    }
}

impl Declared for declarations::redis::Value {
    fn is_covered(_: &[u8], _: usize) -> bool {
        false
    }
}

impl Declared for declarations::iec104::Unit {
    fn is_covered(_: &[u8], _: usize) -> bool {
        false
    }
}

/// Everything that a decoder says about a stream that arrives in pieces of these lengths and then no
/// further, and how many bytes it leaves.
pub(crate) fn decoded<F: Declared>(
    context: F::Context,
    stream: &[u8],
    lens: &[usize],
) -> (Vec<Result<F, BadFrame>>, usize) {
    let mut decoder = Decoder::<F>::with_context(context);
    let mut buffer = BytesMut::new();
    let mut said = Vec::new();
    let mut rest = stream;
    for len in lens.iter().cycle() {
        let (now, later) = rest.split_at((*len).min(rest.len()));
        buffer.extend_from_slice(now);
        rest = later;
        said.extend(std::iter::from_fn(|| decoder.decode(&mut buffer)));
        if rest.is_empty() {
            break;
        }
    }
    while decoder.is_searching() && !buffer.is_empty() {
        let dropped = decoder.drop_candidate(&buffer);
        let _ = buffer.split_to(dropped);
        said.extend(std::iter::from_fn(|| decoder.decode(&mut buffer)));
    }
    (said, buffer.len())
}

/// Bytes of a report. Behind a frame with a shared delimiter garbage is read up to the delimiter that
/// opens the next frame, which the report shows and the decoder does not take.
fn garbage_len<F: Declared>(report: &BadFrame) -> u64 {
    let shared = !F::NOISE.is_empty() && report.frame.ends_with(F::NOISE);
    report.len - u64::from(shared)
}

macro_rules! laws {
    ($($name:ident: $frame:ty, $context:expr;)*) => { $(
        mod $name {
            use super::*;

            type Declaration = $frame;

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(64))]

                #[test]
                fn a_value_survives_its_bytes(value in values_with::<Declaration, _>($context)) {
                    let frame = encoded_with(&value, &$context);
                    let read = Declaration::decode_with(&frame, &$context);
                    prop_assert_eq!(read, Ok(value.clone()));
                    let frame = Bytes::from(frame);
                    let shared = Declaration::exact_in(&frame, Scope::of(&frame), &$context);
                    prop_assert_eq!(shared, Ok(value));
                }

                #[test]
                fn no_part_of_a_frame_is_a_frame(value in values_with::<Declaration, _>($context)) {
                    let frame = encoded_with(&value, &$context);
                    for len in 0..frame.len() {
                        let part = &frame[..len];
                        let fault = Declaration::decode_with(part, &$context).map_err(|error| error.fault);
                        let cut = [Fault::Short, Fault::Unterminated, Fault::Length].map(Err);
                        prop_assert!(cut.contains(&fault), "{fault:?}: {len} bytes of {frame:02X?}");
                        let mut decoder = Decoder::<Declaration>::with_context($context);
                        let waits = decoder.decode(&mut BytesMut::from(part));
                        prop_assert_eq!(waits, None, "{} bytes of {:02X?}", len, frame);
                    }
                }

                #[test]
                fn a_flipped_bit_is_refused_or_another_value(value in values_with::<Declaration, _>($context)) {
                    let mut frame = encoded_with(&value, &$context);
                    for bit in 0..frame.len() * 8 {
                        let at = bit / 8;
                        let covered = Declaration::is_covered(&frame, bit);
                        frame[at] ^= 1 << (bit % 8);
                        if let Ok(other) = Declaration::decode_with(&frame, &$context) {
                            prop_assert!(!covered, "bit {bit} went unseen in {frame:02X?}");
                            // Zeros of both signs are equal, but not the same.
                            let another =
                                other != value || format!("{other:?}") != format!("{value:?}");
                            prop_assert!(another, "the same value of {frame:02X?}");
                        }
                        frame[at] ^= 1 << (bit % 8);
                    }
                }

                #[test]
                fn a_wrong_frame_is_what_it_was_said_to_be(
                    (value, mutant) in mutants_with::<Declaration, _>($context)
                ) {
                    let Mutant { bytes, expected, .. } = &mutant;
                    let read = Declaration::decode_with(bytes, &$context);
                    prop_assert!(expected.holds(&value, &read), "{:?}: {:?}", mutant, read);
                    if let Ok(other) = read {
                        let again = encoded_with(&other, &$context);
                        // A closing delimiter of another frame may have opened this one.
                        let opened = bytes.strip_prefix(&[0x7E]).unwrap_or(bytes);
                        prop_assert!(again == *bytes || again == opened, "written as {again:02X?}");
                    }
                }

                #[test]
                fn every_split_of_a_stream_gives_the_same_frames(
                    sent in vec(values_with::<Declaration, _>($context), 1..5),
                    lens in vec(1_usize..48, 1..40),
                ) {
                    let stream: Vec<u8> = sent.iter().flat_map(|frame| encoded_with(frame, &$context)).collect();
                    let sent: Vec<_> = sent.into_iter().map(Ok).collect();
                    let whole = decoded::<Declaration>($context, &stream, &[stream.len()]);
                    prop_assert_eq!(decoded::<Declaration>($context, &stream, &lens), whole.clone());
                    prop_assert_eq!(whole, (sent, 0));
                }

                #[test]
                fn garbage_between_frames_costs_no_frame(stream in streams_with::<Declaration, _>($context)) {
                    let Stream { frames, bytes, garbage } = stream;
                    let (said, left) = decoded::<Declaration>($context, &bytes, &[bytes.len()]);
                    prop_assert_eq!(left, 0);
                    prop_assert_eq!(&decoded::<Declaration>($context, &bytes, &[1]).0, &said);
                    prop_assert_eq!(&decoded::<Declaration>($context, &bytes, &[7, 2, 64]).0, &said);
                    let (good, bad): (Vec<_>, Vec<_>) = said.into_iter().partition(Result::is_ok);
                    let good: Vec<_> = good.into_iter().map(Result::unwrap).collect();
                    let bad: Vec<_> = bad
                        .into_iter()
                        .map(|report| report.unwrap_err())
                        .map(|report| (report.offset, garbage_len::<Declaration>(&report)))
                        .collect();
                    prop_assert_eq!(good, frames);
                    prop_assert_eq!(bad, garbage);
                }
            }
        }
    )* };
}

laws! {
    game: declarations::message::Message, Default::default();
    jt808: declarations::packet::Packet, Default::default();
    mqtt: declarations::mqtt::Packet, declarations::mqtt::PacketContext { version: 4 };
    mqtt5: declarations::mqtt::Packet, declarations::mqtt::PacketContext { version: 5 };
    redis: declarations::redis::Value, ();
    iec104: declarations::iec104::Unit, Default::default();
    modbus_request: declarations::modbus::Request, Default::default();
    modbus_response: declarations::modbus::Response, Default::default();
    gb32960: declarations::gb32960::Message, Default::default();
}
