//! What a decoder says of a stream, however it is cut.

use longlink::codec::decoder::Found;
use longlink::codec::{Fault, Scope};
use longlink::{BytesMut, Decoder, Frame, Parse, Wire};

/// One item of what a decoder says.
#[derive(Debug, PartialEq)]
pub(crate) enum Said<F> {
    Frame(F),
    /// Offset and length of a malformed frame or of a run of garbage, and what is wrong.
    Bad(u64, u64, Fault),
    /// For good.
    Broken(Fault),
}

/// Everything that is said of a stream which comes in `chunks`.
pub(crate) fn said<'c, F>(chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<Said<F>>
where
    F: Frame + Wire<Context = ()> + for<'a> Parse<'a>,
{
    let mut decoder = Decoder::<F>::new();
    let mut buffer = BytesMut::new();
    let mut said = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(item) = decoder.decode(&mut buffer) {
            said.push(match item {
                Ok(frame) => Said::Frame(frame),
                Err(bad) => Said::Bad(bad.offset, bad.len, bad.error.fault),
            });
        }
    }
    let last = decoder.finish(&buffer);
    said.extend(last.map(|bad| Said::Bad(bad.offset, bad.len, bad.error.fault)));
    said.extend(decoder.broken().map(Said::Broken));
    said
}

/// The same through the interface that lends slices.
pub(crate) fn said_in_place<'c, F>(chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<Said<F>>
where
    F: Frame + Wire<Context = ()> + for<'a> Parse<'a>,
{
    let mut decoder = Decoder::<F>::new();
    let mut buffer = Vec::new();
    let mut said = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        loop {
            let (consumed, found) = decoder.decode_in_place(&buffer, |frame, context| {
                F::exact_in(frame, Scope::ROOT, context)
            });
            let wait = matches!(found, Found::Need(_));
            match found {
                Found::Need(missing) => assert!(missing > 0),
                Found::Frame(frame) => said.push(Said::Frame(frame)),
                Found::Malformed { frame, error, offset } => {
                    said.push(Said::Bad(offset, frame.len() as u64, error.fault));
                }
                Found::Garbage(bad) | Found::Broken(bad) => {
                    said.push(Said::Bad(bad.offset, bad.len, bad.error.fault));
                }
            }
            buffer.drain(..consumed);
            if wait {
                break;
            }
        }
    }
    let last = decoder.finish(&buffer);
    said.extend(last.map(|bad| Said::Bad(bad.offset, bad.len, bad.error.fault)));
    said.extend(decoder.broken().map(Said::Broken));
    said
}

/// The stream says the same in one piece, byte by byte and cut at any two places, to both
/// interfaces.
pub(crate) fn every_split<F>(stream: &[u8], expected: &[Said<F>])
where
    F: Frame + Wire<Context = ()> + for<'a> Parse<'a> + PartialEq + core::fmt::Debug,
{
    assert_eq!(said::<F>([stream]), expected, "in one piece");
    assert_eq!(said::<F>(stream.chunks(1)), expected, "byte by byte");
    assert_eq!(said_in_place::<F>(stream.chunks(1)), expected, "byte by byte, in place");
    for first in 0..=stream.len() {
        let (head, tail) = stream.split_at(first);
        // All pairs of places in short streams, and a spread of them in long ones.
        for second in (0..=tail.len()).step_by(stream.len() / 64 + 1) {
            let (middle, tail) = tail.split_at(second);
            let chunks = [head, middle, tail];
            assert_eq!(said::<F>(chunks), expected, "cut at {first} and {second} more");
            assert_eq!(said_in_place::<F>(chunks), expected, "cut at {first} and {second} more");
        }
    }
}

/// The frames, encoded one after the other, come out of the stream again, however it is cut.
pub(crate) fn round_trip<F>(frames: Vec<F>) -> Vec<u8>
where
    F: Frame + Wire<Context = ()> + for<'a> Parse<'a> + PartialEq + core::fmt::Debug,
{
    let mut stream = BytesMut::new();
    for frame in &frames {
        frame.encode(&mut stream).unwrap();
    }
    let expected: Vec<Said<F>> = frames.into_iter().map(Said::Frame).collect();
    every_split(&stream, &expected);
    stream.to_vec()
}

/// Feeds one frame byte by byte; returns how many bytes the border has looked at.
pub(crate) fn drip<F>(frame: &[u8]) -> u64
where
    F: Frame + Wire<Context = ()> + for<'a> Parse<'a>,
{
    let mut decoder = Decoder::<F>::new();
    for end in 1..frame.len() {
        let (consumed, found) = decoder.decode_in_place(&frame[..end], |_, ()| Ok(()));
        assert!(consumed == 0 && matches!(found, Found::Need(_)), "{found:?} at {end}");
    }
    let (consumed, found) = decoder.decode_in_place(frame, |_, ()| Ok(()));
    assert_eq!(consumed, frame.len());
    assert!(matches!(found, Found::Frame(())), "{found:?}");
    decoder.examined()
}

/// Bytes of a hexadecimal text with spaces.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}
