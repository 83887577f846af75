//! Long streams, cut and damaged at places that a seed picks.

use longlink::codec::Fault;
use longlink::{Auto, Bytes, BytesMut, Frame, Wire};
use proptest::prelude::*;

use super::{Said, said, said_in_place};

/// A magic, a length, a checksum of 32 bits: garbage cannot pass for it.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(magic = [0x4c, 0x4c], max_frame_length = 600, resync = magic)]
struct Sealed {
    number: u32,
    #[wire(length_of = body)]
    length: Auto<u16>,
    #[wire(rest)]
    body: Bytes,
    #[wire(checksum = crc_32_iso_hdlc, over = ..self)]
    check: Auto<u32>,
}

/// Delimiters and escapes around a checksum.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(
    delimiter = 0x7e,
    escape(0x7e => [0x7d, 2], 0x7d => [0x7d, 1]),
    max_frame_length = 1300,
    resync = delimiter
)]
struct Stuffed {
    number: u32,
    #[wire(rest)]
    body: Bytes,
    #[wire(checksum = crc_32_iso_hdlc, over = ..self)]
    check: Auto<u32>,
}

/// A list of lists that only its own layout ends.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(max_frame_length = 64 * 1024)]
struct Listed {
    #[wire(count_prefix = u8)]
    rows: Vec<Row>,
    #[wire(varint = leb128)]
    number: u32,
}

#[derive(Debug, Clone, PartialEq, Wire)]
struct Row {
    #[wire(count_prefix = u8)]
    cells: Vec<u16>,
    #[wire(prefix = u8)]
    name: String,
}

/// Cuts of a stream: lengths of chunks, used in turn.
fn chunks<'s>(stream: &'s [u8], lens: &'s [usize]) -> impl Iterator<Item = &'s [u8]> {
    let mut rest = stream;
    let mut lens = lens.iter().cycle();
    core::iter::from_fn(move || {
        let len = (*lens.next()?).min(rest.len());
        let (chunk, after) = rest.split_at(len);
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn encoded<F: Frame + Wire<Context = ()>>(frames: &[F]) -> Vec<BytesMut> {
    let encode = |frame: &F| {
        let mut out = BytesMut::new();
        frame.encode(&mut out).unwrap();
        out
    };
    frames.iter().map(encode).collect()
}

fn good<F>(said: Vec<Said<F>>) -> Vec<F> {
    let frame = |said| match said {
        Said::Frame(frame) => Some(frame),
        _ => None,
    };
    said.into_iter().filter_map(frame).collect()
}

fn bodies() -> impl Strategy<Value = Vec<Vec<u8>>> {
    // Magics, delimiters and escapes are frequent, so that they stand at every place.
    let byte = prop_oneof![3 => any::<u8>(), 1 => Just(0x4c), 1 => Just(0x7e), 1 => Just(0x7d)];
    prop::collection::vec(prop::collection::vec(byte, 0..200), 1..9)
}

fn lens() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![Just(1usize), 1..10usize, 1..2000usize], 1..20)
}

/// Bytes without the first byte of a magic or a delimiter.
fn garbage() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(0x80..=0xffu8, 0..40), 12)
}

fn row() -> impl Strategy<Value = Row> {
    (prop::collection::vec(any::<u16>(), 0..9), "[a-z]{0,9}")
        .prop_map(|(cells, name)| Row { cells, name })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn frames_between_garbage_come_out_however_the_stream_is_cut(
        bodies in bodies(), garbage in garbage(), lens in lens(),
    ) {
        let frames: Vec<Sealed> =
            (0u32..).zip(&bodies).map(|(n, body)| Sealed::new(n, Bytes::copy_from_slice(body))).collect();
        let mut stream = Vec::new();
        let mut expected = Vec::new();
        for ((frame, bytes), garbage) in frames.iter().zip(encoded(&frames)).zip(&garbage) {
            if !garbage.is_empty() {
                expected.push(Said::Bad(stream.len() as u64, garbage.len() as u64, Fault::Magic));
            }
            stream.extend_from_slice(garbage);
            stream.extend_from_slice(&bytes);
            expected.push(Said::Frame(frame.clone()));
        }
        prop_assert_eq!(&said::<Sealed>(chunks(&stream, &lens)), &expected);
        prop_assert_eq!(&said_in_place::<Sealed>(chunks(&stream, &lens)), &expected);
    }

    #[test]
    fn damage_takes_no_undamaged_frame_with_it(
        bodies in bodies(), lens in lens(), at in any::<prop::sample::Index>(), flip in 1..=255u8,
    ) {
        let frames: Vec<Sealed> =
            (0u32..).zip(&bodies).map(|(n, body)| Sealed::new(n, Bytes::copy_from_slice(body))).collect();
        let parts = encoded(&frames);
        let mut stream = parts.concat();
        // The last frame stays whole: a length that grew would wait for bytes that never come.
        let tail = encoded(&[Sealed::new(99, Bytes::from(vec![0; 588])), Sealed::new(98, Bytes::new())]);
        let at = at.index(stream.len());
        stream[at] ^= flip;
        stream.extend(tail.concat());
        let mut end = 0;
        let intact: Vec<u32> = frames.iter().zip(&parts).filter_map(|(frame, part)| {
            let start = end;
            end += part.len();
            (!(start..end).contains(&at)).then_some(frame.number)
        }).collect();
        let whole = good(said::<Sealed>([&stream[..]]));
        let numbers: Vec<u32> = whole.iter().map(|frame| frame.number).collect();
        prop_assert!(intact.iter().all(|number| numbers.contains(number)), "{:?} of {:?}", numbers, intact);
        prop_assert_eq!(&good(said::<Sealed>(chunks(&stream, &lens))), &whole);
        prop_assert_eq!(&good(said_in_place::<Sealed>(chunks(&stream, &lens))), &whole);
    }

    #[test]
    fn a_damaged_frame_between_delimiters_costs_no_other(
        bodies in bodies(), lens in lens(), at in any::<prop::sample::Index>(), flip in 1..=255u8,
    ) {
        let frames: Vec<Stuffed> =
            (0u32..).zip(&bodies).map(|(n, body)| Stuffed::new(n, Bytes::copy_from_slice(body))).collect();
        let parts = encoded(&frames);
        let mut stream = parts.concat();
        let at = at.index(stream.len());
        stream[at] ^= flip;
        let mut end = 0;
        let near: Vec<bool> = parts.iter().map(|part| {
            let start = end;
            end += part.len();
            // A delimiter that is lost joins two frames.
            (start.saturating_sub(1)..=end).contains(&at)
        }).collect();
        let whole = good(said::<Stuffed>([&stream[..]]));
        for (frame, near) in frames.iter().zip(near) {
            prop_assert!(near || whole.contains(frame), "{} is gone", frame.number);
        }
        prop_assert_eq!(&good(said::<Stuffed>(chunks(&stream, &lens))), &whole);
        prop_assert_eq!(&good(said_in_place::<Stuffed>(chunks(&stream, &lens))), &whole);
    }

    #[test]
    fn walked_frames_come_out_however_the_stream_is_cut(
        rows in prop::collection::vec(prop::collection::vec(row(), 0..9), 1..9), lens in lens(),
    ) {
        let frames: Vec<Listed> =
            rows.into_iter().zip(0u32..).map(|(rows, n)| Listed { rows, number: n * 100 }).collect();
        let stream = encoded(&frames).concat();
        let expected: Vec<Said<Listed>> = frames.into_iter().map(Said::Frame).collect();
        prop_assert_eq!(&said::<Listed>(chunks(&stream, &lens)), &expected);
        prop_assert_eq!(&said_in_place::<Listed>(chunks(&stream, &lens)), &expected);
    }

    #[test]
    fn any_bytes_end_in_a_report_or_a_wait_and_the_same_one_however_they_are_cut(
        stream in prop::collection::vec(prop_oneof![any::<u8>(), Just(0x4c), Just(0x7e), Just(0)], 0..700),
        lens in lens(),
    ) {
        prop_assert_eq!(said::<Sealed>([&stream[..]]), said::<Sealed>(chunks(&stream, &lens)));
        prop_assert_eq!(said::<Sealed>([&stream[..]]), said_in_place::<Sealed>(chunks(&stream, &lens)));
        prop_assert_eq!(said::<Stuffed>([&stream[..]]), said_in_place::<Stuffed>(chunks(&stream, &lens)));
        prop_assert_eq!(said::<Listed>([&stream[..]]).len(), said_in_place::<Listed>(chunks(&stream, &lens)).len());
    }
}
