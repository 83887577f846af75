//! Limits that are negotiated, and bytes that mean nothing before a frame.

use longlink::codec::{Fault, Probe};
use longlink::{Auto, Bytes, BytesMut, DecodeError, Decoder, EncodeError, Frame, Wire};

/// BGP's message: a marker of sixteen ones, a length of at most 4096 octets; "the maximum message
/// size [..] for all messages except for OPEN and KEEPALIVE messages" is 65535 where both speakers
/// have the Extended Message Capability. RFC 4271, section 4.1; RFC 8654, sections 3 and 4.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(
    magic = [0xFF; 16],
    ctx(extended: bool),
    max_frame_length = if extended { 65_535 } else { 4096 },
    at_most = 65_535,
)]
struct Update {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    kind: u8,
    #[wire(rest)]
    body: Bytes,
}

fn head(len: u16) -> Vec<u8> {
    let mut head = vec![0xff; 16];
    head.extend(len.to_be_bytes());
    head
}

#[test]
fn a_message_of_bgp_is_longer_only_when_that_was_agreed() {
    let probe = |extended, len| {
        let context = UpdateContext { extended };
        Update::probe(&mut Default::default(), &context, &head(len))
    };
    assert_eq!(probe(false, 4096), Probe::Need(4096 - 18));
    assert_eq!(probe(false, 4097), Probe::Broken(Fault::Length));
    assert_eq!(probe(true, 65_535), Probe::Need(65_535 - 18));
    assert_eq!(Update::MAX_FRAME_LEN, 65_535);
    let update = |len: usize| Update::new(2, Bytes::from(vec![0; len - 19]));
    let written = |extended, len| {
        let context = UpdateContext { extended };
        let mut out = BytesMut::new();
        update(len).encode_with(&mut out, &context).map(|()| out.len())
    };
    assert_eq!(written(false, 4096), Ok(4096));
    let error = EncodeError::TooLarge { field: "Update", value: 4097, max: 4096 };
    assert_eq!(written(false, 4097), Err(error));
    assert_eq!(written(true, 65_535), Ok(65_535));
    let read = |extended| {
        let context = UpdateContext { extended };
        let frame = [head(4097), vec![2; 4097 - 18]].concat();
        Update::decode_with(&frame, &context).map(|_| ())
    };
    let error = DecodeError { from_end: 1, field: DecodeError::WHOLE, fault: Fault::Length };
    assert_eq!(read(false), Err(error));
    assert_eq!(read(true), Ok(()));
}

/// The border has what the connection has agreed on by then.
#[test]
fn a_limit_holds_from_the_frame_that_follows_its_agreement() {
    let mut decoder = Decoder::<Update>::with_context(UpdateContext { extended: false });
    let mut buffer = BytesMut::from(&head(19)[..]);
    buffer.extend_from_slice(&[4]);
    buffer.extend_from_slice(&head(5000));
    let alive = Update::new(4, Bytes::new());
    assert_eq!(decoder.decode(&mut buffer).map(|found| found.expect("a frame")), Some(alive));
    decoder.context_mut().extended = true;
    assert!(decoder.decode(&mut buffer).is_none());
    assert_eq!(decoder.broken(), None);
}

/// "Before a frame is transmitted, 1 to 4 bytes FEH are sent to wake the receiver": DL/T 645-2007,
/// section 5.2.1. HART begins with 5 to 20 bytes of FFH (HCF_SPEC-81).
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(noise = [0xFE, 0xFF], max_frame_length = 64)]
struct Woken {
    #[wire(fixed = 0x68u8)]
    start: (),
    #[wire(prefix = u8)]
    data: Bytes,
}

#[test]
fn bytes_that_wake_the_receiver_are_skipped_without_a_word() {
    let woken = |data: &'static [u8]| Woken::new(Bytes::from_static(data));
    let stream = [0xfe, 0xfe, 0x68, 1, 0xfe, 0xff, 0x68, 0, 0x68, 1, 7, 0xfe];
    let expected = [woken(&[0xfe]), woken(&[]), woken(&[7])];
    for split in 0..stream.len() {
        let (first, second) = stream.split_at(split);
        let mut decoder = Decoder::<Woken>::new();
        let mut buffer = BytesMut::new();
        let mut found = Vec::new();
        for part in [first, second] {
            buffer.extend_from_slice(part);
            while let Some(frame) = decoder.decode(&mut buffer) {
                found.push(frame.expect("a frame"));
            }
        }
        assert_eq!(found, expected, "split at {split}");
        assert_eq!(buffer[..], [0_u8; 0], "noise is dropped at once");
    }
    let probe = Woken::probe(&mut Default::default(), &(), &[0xfe, 0xff, 0x68]);
    assert_eq!(probe, Probe::Noise { len: 2 });
}
