//! What is fuzzed: plain functions of bytes that must return.
//!
//! The first byte of an input chooses the declaration, the rest is what it is given.
#![forbid(unsafe_code)]

mod declarations;

use longlink::codec::{Probe, Scope};
use longlink::{Bytes, BytesMut, Decoder, Frame, Parse};

pub use declarations::seeds;
use declarations::{gb32960, iec104, message, modbus, mqtt, packet, redis};

/// Calls a generic function with the declaration that the first byte chooses.
macro_rules! choose {
    ($function:ident, $input:expr) => {
        match $input.split_first() {
            Some((choice, input)) => match choice % 8 {
                0 => $function::<message::Message>(input),
                1 => $function::<packet::Packet>(input),
                2 => $function::<mqtt::Packet>(input),
                3 => $function::<iec104::Unit>(input),
                5 => $function::<modbus::Request>(input),
                6 => $function::<modbus::Response>(input),
                7 => $function::<redis::Value>(input),
                _ => $function::<gb32960::Message>(input),
            },
            None => {}
        }
    };
}

/// Every target, by name.
pub const TARGETS: [(&str, fn(&[u8])); 3] =
    [("probe", probe), ("parse", parse), ("round_trip", round_trip)];

/// A growing buffer finds the same border as a whole one, and needs what it said.
pub fn probe(input: &[u8]) {
    choose!(probe_of, input);
}

/// Parsing returns; a decoder consumes or waits, whatever the pieces.
pub fn parse(input: &[u8]) {
    choose!(parse_of, input);
}

/// What is read is written again, byte for byte, in the length that was announced.
pub fn round_trip(input: &[u8]) {
    choose!(round_trip_of, input);
}

fn probe_of<F: Frame<Context: Default>>(input: &[u8]) {
    let whole = F::probe(&mut F::Border::default(), &F::Context::default(), input);
    let mut border = F::Border::default();
    let mut at_least = 0;
    for len in 0..=input.len() {
        let step = F::probe(&mut border, &F::Context::default(), &input[..len]);
        match step {
            Probe::Need(more) => {
                assert!(more > 0, "it needs nothing and yet waits");
                at_least = at_least.max(len + more);
            }
            Probe::Frame { len: frame } => {
                assert!(frame > 0 && frame <= len, "a frame beyond the buffer");
                assert!(frame <= F::MAX_FRAME_LEN, "a frame beyond its limit");
                assert!(at_least <= len, "it said that more was needed");
                assert_eq!(whole, step, "another border in one piece");
                return;
            }
            Probe::Skip { len: skipped, .. } | Probe::Noise { len: skipped } => {
                assert!(skipped > 0 && skipped <= len, "a skip beyond the buffer");
                return;
            }
            Probe::Broken(_) => return,
        }
    }
    assert!(matches!(whole, Probe::Need(_)), "whole: {whole:?}, in pieces it waits");
}

fn parse_of<F>(input: &[u8])
where
    F: Frame<Context: Default> + for<'a> Parse<'a> + PartialEq + core::fmt::Debug,
{
    let context = F::Context::default();
    if let Ok((rest, value)) = F::parse_in(input, Scope::ROOT, &context) {
        assert!(input.ends_with(rest), "the rest is no suffix");
        let shared = Bytes::copy_from_slice(input);
        let again = F::parse_in(&shared, Scope::of(&shared), &context).map(|(_, value)| value);
        assert_same(&again.ok(), &Some(value), "another value from a shared buffer");
    }
    if let Err(error) = F::decode_with(input, &context) {
        assert!(error.from_end as usize <= input.len(), "a fault before the input");
    }
    let whole = decoded::<F>(input, input.len().max(1));
    assert_same(&decoded::<F>(input, 1), &whole, "other frames byte by byte");
    assert_same(&decoded::<F>(input, 7), &whole, "other frames in pieces of seven");
}

/// Found by fuzzing: a measured value that is not a number equals nothing, and prints like itself.
fn assert_same<T: PartialEq + core::fmt::Debug>(found: &T, expected: &T, what: &str) {
    if found != expected {
        assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{what}");
    }
}

/// The frames of a stream that arrives in pieces, until it breaks; then the wait is over for what
/// is still undecided behind garbage.
fn decoded<F>(input: &[u8], piece: usize) -> Vec<F>
where
    F: Frame<Context: Default> + for<'a> Parse<'a>,
{
    let mut decoder = Decoder::<F>::new();
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    for chunk in input.chunks(piece) {
        buffer.extend_from_slice(chunk);
        drain(&mut decoder, &mut buffer, &mut frames);
    }
    while decoder.is_searching() && !buffer.is_empty() {
        let dropped = decoder.drop_candidate(&buffer);
        let _ = buffer.split_to(dropped);
        let found = drain(&mut decoder, &mut buffer, &mut frames);
        assert!(dropped + found > 0, "the wait is over, and it waits on");
    }
    frames
}

/// Takes what can be taken; returns how many bytes that were.
fn drain<F>(decoder: &mut Decoder<F>, buffer: &mut BytesMut, frames: &mut Vec<F>) -> usize
where
    F: Frame<Context: Default> + for<'a> Parse<'a>,
{
    let before = buffer.len();
    while let Some(item) = decoder.decode(buffer) {
        frames.extend(item.ok());
    }
    before - buffer.len()
}

fn round_trip_of<F>(input: &[u8])
where
    F: Frame<Context: Default> + for<'a> Parse<'a> + PartialEq + core::fmt::Debug,
{
    let context = F::Context::default();
    let Ok(value) = F::decode_with(input, &context) else { return };
    let mut out = BytesMut::new();
    value.encode_with(&mut out, &context).unwrap_or_else(|error| panic!("{error} in {value:?}"));
    assert_eq!(
        out.len(),
        value.encoded_len_in(Scope::ROOT, &context),
        "another length than announced"
    );
    let again =
        F::decode_with(&out, &context).unwrap_or_else(|error| panic!("{error} in {out:02X?}"));
    assert_same(&again, &value, "another value");
    if canonical::<F>(input) {
        // The closing delimiter of the frame before may have opened this one.
        let opened = out.strip_prefix(&[0x7E]).unwrap_or(&out);
        assert!(out == input || opened == input, "other bytes: {out:02X?}");
    }
}

/// Whether the bytes are the ones that are written: superfluous opening delimiters are legal noise.
fn canonical<F: Frame>(input: &[u8]) -> bool {
    !input.starts_with(&[0x7E, 0x7E])
}
