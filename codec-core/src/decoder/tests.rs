//! Borders written by hand, under every split and between garbage.

mod borders;
mod drip;
mod garbage;

use alloc::vec;
use alloc::vec::Vec;
use core::marker::PhantomData;

use borders::{Closing, Line, Marked, Nested, Quoted, Shared, Summed, Unsummed, Varint};
use nom::IResult;

use super::*;
use crate::border::{
    Limits, Progress, Step, Walker, delimited, length, shared, terminated, total, varint_length,
    walk,
};
use crate::error::EncodeError;
use crate::frame::{Probe, Resync};
use crate::private::malformed;
use crate::resync::SHOWN;
use crate::schema::Schema;
use crate::scope::{Endian, Scope};
use crate::varint::leb128_read;
use crate::wire::Wire;

/// What tells one test frame from another.
trait Border: 'static {
    const MAX: usize;
    const MIN: usize = 1;
    const RESYNC: Resync;
    const MAGIC: &'static [u8] = &[];
    const NOISE: &'static [u8] = &[];
    const CHECKED: bool = false;
    const SHARES: bool = false;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe;
    /// Is the inside good?
    fn accepts(frame: &[u8]) -> bool;
}

/// A frame that keeps all its bytes.
#[derive(PartialEq, Eq)]
struct Whole<B>(Bytes, PhantomData<B>);

impl<B: Border> Wire for Whole<B> {
    type Context = ();
    type Fill = ();
    const MIN_LEN: usize = 0;
    const MAX_LEN: Option<usize> = None;
    const FIXED_LEN: Option<usize> = None;
    const SHARES: bool = B::SHARES;
    const SCHEMA: &'static Schema = &Schema::structure("Whole", &[]);
    fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
        self.0.len()
    }
    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        _: Scope<'_>,
        (): &(),
    ) -> Result<(), EncodeError> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}

impl<'a, B: Border> Parse<'a> for Whole<B> {
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        (): &(),
    ) -> IResult<&'a [u8], Self, DecodeError> {
        if B::accepts(input) {
            Ok((&[], Whole(scope.share(input), PhantomData)))
        } else {
            malformed(Fault::Invalid, 0, input)
        }
    }
}

impl<B: Border> Frame for Whole<B> {
    type Border = Progress;
    const MAX_FRAME_LEN: usize = B::MAX;
    const MIN_FRAME_LEN: usize = B::MIN;
    const RESYNC: Resync = B::RESYNC;
    const MAGIC: &'static [u8] = B::MAGIC;
    const NOISE: &'static [u8] = B::NOISE;
    const CHECKED: bool = B::CHECKED;
    fn probe(progress: &mut Progress, (): &(), buffer: &[u8]) -> Probe {
        B::probe(progress, &Limits::of::<Self>(), buffer)
    }
}

/// What a decoder says of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Frame(Vec<u8>),
    /// The bytes shown, the offset, the length.
    Bad(Vec<u8>, u64, u64),
    Broken(Fault),
}

/// Feeds `chunks` to a decoder that owns its frames.
fn owned<B: Border>(chunks: &[&[u8]]) -> Vec<Said> {
    let mut decoder = Decoder::<Whole<B>>::new();
    let mut buffer = BytesMut::new();
    let mut said = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(result) = decoder.decode(&mut buffer) {
            said.push(match result {
                Ok(frame) => Said::Frame(frame.0.to_vec()),
                Err(bad) => Said::Bad(bad.frame.to_vec(), bad.offset, bad.len),
            });
        }
    }
    said.extend(
        decoder.finish(&buffer).map(|bad| Said::Bad(bad.frame.to_vec(), bad.offset, bad.len)),
    );
    said.extend(decoder.broken().map(Said::Broken));
    said
}

/// The same, in place.
fn in_place<B: Border>(chunks: &[&[u8]]) -> Vec<Said> {
    let mut decoder = Decoder::<Whole<B>>::new();
    let mut buffer = Vec::new();
    let mut said = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        loop {
            let parse = |frame, context: &()| Whole::<B>::exact_in(frame, Scope::ROOT, context);
            let (consumed, found) = decoder.decode_in_place(&buffer, parse);
            let wait = matches!(found, Found::Need(_));
            match found {
                Found::Need(missing) => assert!(missing > 0),
                Found::Frame(frame) => said.push(Said::Frame(frame.0.to_vec())),
                Found::Malformed { frame, offset, .. } => {
                    said.push(Said::Bad(frame.to_vec(), offset, frame.len() as u64));
                }
                Found::Garbage(bad) | Found::Broken(bad) => {
                    said.push(Said::Bad(bad.frame.to_vec(), bad.offset, bad.len));
                }
            }
            buffer.drain(..consumed);
            if wait {
                break;
            }
        }
    }
    said.extend(
        decoder.finish(&buffer).map(|bad| Said::Bad(bad.frame.to_vec(), bad.offset, bad.len)),
    );
    said.extend(decoder.broken().map(Said::Broken));
    said
}

/// Whatever the chunks, both decoders say the same.
fn every_split<B: Border>(stream: &[u8], expected: &[Said]) {
    assert_eq!(owned::<B>(&[stream]), expected, "in one piece");
    assert_eq!(in_place::<B>(&[stream]), expected, "in place");
    let single: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(owned::<B>(&single), expected, "byte by byte");
    assert_eq!(in_place::<B>(&single), expected, "byte by byte, in place");
    for first in 0..=stream.len() {
        let (head, tail) = stream.split_at(first);
        for second in 0..=tail.len() {
            let (middle, tail) = tail.split_at(second);
            let chunks = [head, middle, tail];
            assert_eq!(owned::<B>(&chunks), expected, "split at {first} and {second} more");
            assert_eq!(in_place::<B>(&chunks), expected, "split at {first} and {second} more");
        }
    }
}

fn frame(bytes: &[u8]) -> Said {
    Said::Frame(bytes.to_vec())
}

fn bad(bytes: &[u8], offset: u64) -> Said {
    Said::Bad(bytes.to_vec(), offset, bytes.len() as u64)
}

#[test]
fn frames_with_a_length_survive_every_split() {
    let stream = [0, 0, 0, 6, 1, 2, 0, 0, 0, 4, 0, 0, 0, 5, 9];
    every_split::<Closing>(
        &stream,
        &[frame(&[0, 0, 0, 6, 1, 2]), frame(&[0, 0, 0, 4]), frame(&[0, 0, 0, 5, 9])],
    );
}

#[test]
fn a_varint_length_survives_every_split() {
    let mut stream = vec![0x32, 2, 7, 8, 0x10, 0, 0x20, 0x83, 0x01];
    stream.extend([0xa5; 0x83]);
    let long = stream[6..].to_vec();
    stream.extend([1, 1, 1]);
    let expected = [frame(&[0x32, 2, 7, 8]), frame(&[0x10, 0]), frame(&long), frame(&[1, 1, 1])];
    every_split::<Varint>(&stream, &expected);
}

#[test]
fn a_length_beyond_the_limit_breaks_before_its_bytes_come() {
    every_split::<Closing>(
        &[0, 0, 0, 4, 0, 0, 0, 101],
        &[frame(&[0, 0, 0, 4]), Said::Bad(vec![0, 0, 0, 101], 4, 4), Said::Broken(Fault::Length)],
    );
    let mut decoder = Decoder::<Whole<Closing>>::new();
    let (_, found) = decoder.decode_in_place(&[0, 0, 0, 100], |_, ()| Ok(()));
    assert!(matches!(found, Found::Need(96)), "{found:?}");
    let (_, found) = decoder.decode_in_place(&[], |_, ()| Ok(()));
    assert!(matches!(found, Found::Need(100)), "{found:?}");
}

#[test]
fn a_malformed_frame_under_close_is_told_and_then_the_stream_is_broken() {
    every_split::<Closing>(
        &[0, 0, 0, 5, 0xff, 0, 0, 0, 4],
        &[bad(&[0, 0, 0, 5, 0xff], 0), Said::Broken(Fault::Invalid)],
    );
}

#[test]
fn garbage_before_and_between_checked_frames_gives_one_report_a_run() {
    let good = [0x68, 2, 1, 2, 3];
    let other = [0x68, 1, 7, 7];
    let stream =
        [&[9, 9, 0x68, 9][..], &good, &other, &[0x68, 0x68, 3, 3, 3], &good, &[5]].concat();
    every_split::<Summed>(
        &stream,
        &[
            bad(&[9, 9, 0x68, 9], 0),
            frame(&good),
            frame(&other),
            bad(&[0x68, 0x68, 3, 3, 3], 13),
            frame(&good),
            bad(&[5], 23),
        ],
    );
}

#[test]
fn shared_delimiters_survive_every_split() {
    let stream = [0x7e, 0x7e, 1, 2, 0x7e, 3, 0x7e, 0x7e, 4, 0x7e, 0x7e, 0x7e];
    every_split::<Shared>(
        &stream,
        &[frame(&[0x7e, 1, 2, 0x7e]), frame(&[3, 0x7e]), frame(&[0x7e, 4, 0x7e])],
    );
}

#[test]
fn bytes_before_the_first_delimiter_are_garbage_and_later_ones_are_malformed() {
    let stream = [8, 9, 0x7e, 1, 0x7e, 0xff, 0x7e, 2, 0x7e, 0x7e, 0xff, 0x7e, 0x7e, 3, 0x7e];
    every_split::<Shared>(
        &stream,
        &[
            bad(&[8, 9], 0),
            frame(&[0x7e, 1, 0x7e]),
            bad(&[0xff, 0x7e], 5),
            frame(&[2, 0x7e]),
            bad(&[0x7e, 0xff, 0x7e], 9),
            frame(&[0x7e, 3, 0x7e]),
        ],
    );
}

#[test]
fn an_overlong_delimited_frame_is_garbage_up_to_the_next_delimiter() {
    let mut stream = vec![0x7e];
    stream.extend([5; 20]);
    stream.extend([0x7e, 1, 0x7e]);
    every_split::<Shared>(&stream, &[bad(&stream[..21], 0), frame(&[0x7e, 1, 0x7e])]);
    // The longest that is allowed.
    let mut stream = vec![0x7e];
    stream.extend([5; 10]);
    stream.push(0x7e);
    every_split::<Shared>(&stream, &[frame(&stream)]);
    stream.insert(1, 5);
    stream.extend([1, 0x7e]);
    every_split::<Shared>(&stream, &[bad(&stream[..12], 0), frame(&[0x7e, 1, 0x7e])]);
}

#[test]
fn a_delimiter_alone_is_no_unfinished_frame() {
    let decoder = Decoder::<Whole<Shared>>::new();
    assert_eq!(decoder.unfinished(&[0x7e]), 0);
    assert_eq!(decoder.unfinished(&[0x7e, 1]), 2);
    assert_eq!(decoder.unfinished(&[]), 0);
}

#[test]
fn start_and_end_survive_every_split() {
    let stream = b"<<a>><<b>c>>x><<d>><";
    every_split::<Quoted>(
        stream,
        &[frame(b"<<a>>"), frame(b"<<b>c>>"), bad(b"x>", 12), frame(b"<<d>>")],
    );
}

#[test]
fn a_frame_whose_end_was_lost_does_not_take_the_next_one_with_it() {
    every_split::<Quoted>(
        b"<<a<<b>><<c>>",
        &[bad(b"<<a<<b>>", 0), frame(b"<<b>>"), frame(b"<<c>>")],
    );
    every_split::<Quoted>(b"<<aaaaaaaaaaaaa<<b>>", &[bad(b"<<aaaaaaaaaaaaa", 0), frame(b"<<b>>")]);
}

#[test]
fn terminated_frames_survive_every_split() {
    every_split::<Line>(
        b"abc\r\n\r\nbad\r\nx\ry\r\nabcdefghijk\r\nz\r\n",
        &[
            frame(b"abc\r\n"),
            frame(b"\r\n"),
            bad(b"bad\r\n", 7),
            frame(b"x\ry\r\n"),
            bad(b"abcdefghijk\r\n", 17),
            frame(b"z\r\n"),
        ],
    );
}

#[test]
fn nested_lists_survive_every_split() {
    let value = b"L\0\x03BxL\0\x02Tab\0L\0\0By";
    let stream = [&value[..], b"Tq\0", b"By"].concat();
    every_split::<Nested>(&stream, &[frame(value), frame(b"Tq\0"), frame(b"By")]);
}

#[test]
fn a_walk_refuses_hostile_counts_and_depths() {
    let deep = b"L\0\x01".repeat(40);
    let said = in_place::<Nested>(&[&deep]);
    assert_eq!(said.last(), Some(&Said::Broken(Fault::Depth)));
    let mut progress = Progress::default();
    let limits = Limits { magic: &[], min: 1, max: 100, resync: Resync::Close };
    let probe = walk(&mut progress, &limits, &[], |walker| walker.list(u64::MAX, |_| Ok(())));
    assert_eq!(probe, Probe::Broken(Fault::Count));
    let probe = walk(&mut progress, &limits, &[], |walker| {
        walker.list(100, |walker| walker.list(100, |_| Ok(())))
    });
    assert_eq!(probe, Probe::Broken(Fault::Count));
    let mut progress = Progress::default();
    assert_eq!(
        walk(&mut progress, &limits, &[], |walker| walker.pass(101)),
        Probe::Broken(Fault::Length)
    );
}
