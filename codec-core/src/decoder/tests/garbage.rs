//! Back into step: what is believed behind garbage, and what is not, under every split.

use super::*;

#[test]
fn a_malformed_frame_in_step_is_told_once_and_its_inside_searched() {
    let good = [0x68, 2, 1, 2, 3];
    // No magic inside: the border is believed.
    let stream = [&[0x68, 2, 1, 2, 4][..], &good].concat();
    every_split::<Summed>(&stream, &[bad(&[0x68, 2, 1, 2, 4], 0), frame(&good)]);
    // A magic inside, and a plausible header behind: believed too.
    let stream = [&[0x68, 2, 0x68, 2, 4][..], &good].concat();
    every_split::<Summed>(&stream, &[bad(&[0x68, 2, 0x68, 2, 4], 0), frame(&good)]);
    // Its length is wrong and swallows a good frame: found again, without a second report.
    let stream = [&[0x68, 7, 1][..], &good, &[1, 2, 9, 9], &good].concat();
    let expected = [bad(&stream[..10], 0), frame(&good), bad(&[1, 2, 9, 9], 8), frame(&good)];
    every_split::<Summed>(&stream, &expected);
}

#[test]
fn without_a_checksum_a_candidate_needs_a_plausible_header_behind_it() {
    let good = [0x68, 0x69, 1, 7];
    // The first candidate parses, but nonsense stands behind it.
    let stream = [&[1, 0x68, 0x69, 0, 2, 2][..], &good, &good].concat();
    every_split::<Unsummed>(&stream, &[bad(&stream[..6], 0), frame(&good), frame(&good)]);
    // The header behind it must be whole: half a magic may be anything.
    let stream = [&[1][..], &good, &[0x68, 0x69, 99], &good, &good].concat();
    every_split::<Unsummed>(&stream, &[bad(&stream[..8], 0), frame(&good), frame(&good)]);
    let stream = [&[1][..], &good, &[0x68, 0x69]].concat();
    every_split::<Unsummed>(&stream, &[bad(&stream, 0)]);
    every_split::<Unsummed>(&[&stream[..], &[5]].concat(), &[bad(&stream[..1], 0), frame(&good)]);
}

#[test]
fn a_layout_that_only_a_walk_ends_is_judged_by_its_first_bytes() {
    let good = *b"iB\x07";
    // The longest header that is asked, and one item more than it holds.
    let list = [&b"iL\0\x14"[..], &b"By".repeat(15)].concat();
    assert!(list.len() > crate::resync::HEADER);
    let stream = [&[1][..], &good, &list, b"??"].concat();
    every_split::<Marked>(&stream, &[bad(&[1], 0), frame(&good), bad(&stream[4..], 4)]);
    // One item less, and the fault within it.
    let list = [&b"iL\0\x14"[..], &b"By".repeat(13)].concat();
    let stream = [&[1][..], &good, &list, b"??"].concat();
    every_split::<Marked>(&stream, &[bad(&stream, 0)]);
}

#[test]
fn what_follows_a_malformed_frame_is_judged_when_it_is_there() {
    let good = *b"iB\x07";
    // Its border is right, then it is not.
    let stream = [&b"iTxi\0"[..], &good].concat();
    every_split::<Marked>(&stream, &[bad(&stream[..5], 0), frame(&good)]);
    let stream = *b"iTiB\x01iB\0?";
    every_split::<Marked>(
        &stream,
        &[bad(&stream[..8], 0), frame(b"iB\x01"), bad(b"iB\0", 5), bad(b"?", 8)],
    );
}

#[test]
fn a_candidate_that_waits_too_long_can_be_dropped() {
    let mut decoder = Decoder::<Whole<Summed>>::new();
    let stream = [1, 0x68, 30, 0x68, 1, 7, 7];
    let parse = |frame, context: &()| Whole::<Summed>::exact_in(frame, Scope::ROOT, context);
    let (consumed, found) = decoder.decode_in_place(&stream, parse);
    assert!(matches!(found, Found::Need(27)), "{consumed}");
    assert_eq!((consumed, decoder.is_searching()), (1, true));
    let dropped = decoder.drop_candidate(&stream[1..]);
    assert_eq!(dropped, 1);
    let (consumed, found) = decoder.decode_in_place(&stream[2..], parse);
    let Found::Garbage(report) = found else { panic!() };
    assert_eq!((consumed, report.offset, report.len, &report.frame[..]), (1, 0, 3, &stream[..3]));
    let (consumed, found) = decoder.decode_in_place(&stream[3..], parse);
    assert!(matches!(found, Found::Frame(_)));
    assert_eq!((consumed, decoder.is_searching(), decoder.drop_candidate(&[1])), (4, false, 0));
}

#[test]
fn a_candidate_that_nothing_follows_is_believed_when_the_wait_is_over() {
    let good = [0x68, 0x69, 1, 7];
    let stream = [&[1][..], &good, &[0x68]].concat();
    let mut decoder = Decoder::<Whole<Unsummed>>::new();
    let mut buffer = BytesMut::from(&stream[..]);
    assert!(decoder.decode(&mut buffer).is_none());
    assert_eq!((&buffer[..], decoder.is_searching()), (&stream[1..], true));
    // Asked twice, it says the same.
    assert_eq!([decoder.drop_candidate(&buffer), decoder.drop_candidate(&buffer)], [0, 0]);
    let report = decoder.decode(&mut buffer).unwrap().err().unwrap();
    assert_eq!((&report.frame[..], report.offset, report.len), (&[1][..], 0, 1));
    let found = decoder.decode(&mut buffer).unwrap().ok().unwrap();
    assert_eq!((&found.0[..], decoder.is_searching()), (&good[..], false));
    assert_eq!((&buffer[..], decoder.offset()), (&[0x68][..], 5));
}

#[test]
fn another_context_has_a_candidate_parsed_anew() {
    let mut decoder = Decoder::<Whole<Unsummed>>::new();
    let mut buffer = BytesMut::from(&[1, 0x68, 0x69, 0][..]);
    assert!(decoder.decode(&mut buffer).is_none());
    assert_eq!(decoder.drop_candidate(&buffer), 0);
    let _: &mut () = decoder.context_mut();
    assert_eq!(decoder.drop_candidate(&buffer), 1);
}

#[test]
fn sixteen_failed_candidates_break_the_stream() {
    // Each candidate has a good header and a wrong sum; the longest frame has 40 bytes.
    let stream = [0x68, 0].repeat(20);
    let said = owned::<Summed>(&[&[9], &stream]);
    assert_eq!(said.last(), Some(&Said::Broken(Fault::Garbage)));
    assert_eq!(said.len(), 2);
    assert_eq!(in_place::<Summed>(&[&[9], &stream]), said);
    // The run is long enough for the next sixteen when the seventeenth comes: not before.
    let stream = [&[9][..], &[0x68, 0].repeat(16), &[1; 40], &[0x68, 1, 7, 7]].concat();
    let run = Said::Bad(stream[..SHOWN].to_vec(), 0, 73);
    every_split::<Summed>(&stream, &[run, frame(&[0x68, 1, 7, 7])]);
}

#[test]
fn endless_garbage_breaks_the_stream_and_shows_only_its_start() {
    let stream = vec![1; 70_000];
    let said = owned::<Summed>(&stream.chunks(1000).collect::<Vec<_>>());
    let len = crate::resync::LONGEST_RUN + 1;
    assert_eq!(owned::<Summed>(&[&stream]), said);
    assert_eq!(in_place::<Summed>(&[&stream]), said);
    assert_eq!(said, [Said::Bad(vec![1; SHOWN], 0, len), Said::Broken(Fault::Garbage)]);
}
