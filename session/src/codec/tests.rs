//! The codec under tokio-util, with a frame written by hand: one length byte that counts itself.

use bytes::BytesMut;
use longlink_codec_core::border::{Limits, Progress, fixed, length, total};
use longlink_codec_core::{
    BadFrame, DecodeError, EncodeError, Fault, Frame, Parse, Probe, Resync, Schema, Scope, Wire,
};
use tokio_util::codec::{Decoder as _, Encoder as _};

use super::{FrameCodec, ReadError, WriteError};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Short(Vec<u8>);

impl Wire for Short {
    type Context = ();
    type Fill = ();
    const MIN_LEN: usize = 1;
    const MAX_LEN: Option<usize> = Some(9);
    const FIXED_LEN: Option<usize> = None;
    const SCHEMA: &'static Schema = &Schema::structure("Short", &[]);
    fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
        self.0.len() + 1
    }
    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        _: Scope<'_>,
        (): &(),
    ) -> Result<(), EncodeError> {
        let len = self.0.len() + 1;
        out.extend_from_slice(&[u8::try_from(len).unwrap_or(0)]);
        out.extend_from_slice(&self.0);
        if len > 9 {
            return Err(EncodeError::TooLarge { field: "Short", value: len as u64, max: 9 });
        }
        Ok(())
    }
}

impl<'a> Parse<'a> for Short {
    fn parse_in(
        input: &'a [u8],
        _: Scope<'_>,
        (): &(),
    ) -> nom::IResult<&'a [u8], Self, DecodeError> {
        match input {
            [_, rest @ ..] if !rest.contains(&0xff) => Ok((&[], Self(rest.to_vec()))),
            _ => Err(nom::Err::Error(DecodeError::new(Fault::Invalid, 0, input))),
        }
    }
}

impl Frame for Short {
    type Border = Progress;
    const MAX_FRAME_LEN: usize = 9;
    const RESYNC: Resync = Resync::Close;
    fn probe(progress: &mut Progress, (): &(), buffer: &[u8]) -> Probe {
        length(progress, &Limits::of::<Self>(), buffer, 1, |header| {
            total(u64::from(header.first().copied().unwrap_or(0)), 1, 0)
        })
    }
}

fn item(result: Result<Option<Result<Short, BadFrame>>, ReadError>) -> Option<Vec<u8>> {
    result.unwrap().map(|item| item.unwrap().0)
}

#[test]
fn frames_come_out_as_they_went_in() {
    let mut codec = FrameCodec::<Short>::new();
    let mut buffer = BytesMut::new();
    codec.encode(Short(vec![7, 8]), &mut buffer).unwrap();
    codec.encode(&Short(vec![]), &mut buffer).unwrap();
    assert_eq!(&buffer[..], [3, 7, 8, 1]);
    assert_eq!(item(codec.decode(&mut buffer)), Some(vec![7, 8]));
    assert_eq!(item(codec.decode(&mut buffer)), Some(vec![]));
    assert_eq!(item(codec.decode(&mut buffer)), None);
    assert_eq!(item(codec.decode_eof(&mut buffer)), None);
}

#[test]
fn a_frame_that_does_not_fit_leaves_the_buffer_as_it_was() {
    let mut codec = FrameCodec::<Short>::new();
    let mut buffer = BytesMut::from(&[0xa5][..]);
    let error = codec.encode(Short(vec![0; 9]), &mut buffer).unwrap_err();
    let WriteError::Encode(error) = error else { panic!("{error}") };
    assert_eq!(error, EncodeError::TooLarge { field: "Short", value: 10, max: 9 });
    assert_eq!(&buffer[..], [0xa5]);
}

#[test]
fn a_frame_cut_off_by_the_end_is_an_error() {
    let mut codec = FrameCodec::<Short>::new();
    let mut buffer = BytesMut::from(&[2, 7, 4, 1][..]);
    assert_eq!(item(codec.decode_eof(&mut buffer)), Some(vec![7]));
    let error = codec.decode_eof(&mut buffer).unwrap_err();
    assert!(matches!(error, ReadError::Unfinished { len: 2, offset: 2 }), "{error}");
}

#[test]
fn what_is_wrong_is_an_item_and_then_the_stream_ends() {
    let mut codec = FrameCodec::<Short>::new();
    let mut buffer = BytesMut::from(&[1, 3, 0xff, 0, 1][..]);
    assert_eq!(item(codec.decode(&mut buffer)), Some(vec![]));
    let bad = codec.decode(&mut buffer).unwrap().unwrap().unwrap_err();
    assert_eq!(
        (&bad.frame[..], bad.offset, bad.error.fault),
        (&[3, 0xff, 0][..], 1, Fault::Invalid)
    );
    let error = codec.decode(&mut buffer).unwrap_err();
    assert!(matches!(error, ReadError::Broken { fault: Fault::Invalid, offset: 4 }), "{error}");
}

/// A magic, and a number below 128; nothing that would tell it from garbage.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Marked(u8);

impl Wire for Marked {
    type Context = ();
    type Fill = ();
    const MIN_LEN: usize = 2;
    const MAX_LEN: Option<usize> = Some(2);
    const FIXED_LEN: Option<usize> = Some(2);
    const SCHEMA: &'static Schema = &Schema::structure("Marked", &[]);
    fn encoded_len_in(&self, _: Scope<'_>, (): &()) -> usize {
        2
    }
    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        _: Scope<'_>,
        (): &(),
    ) -> Result<(), EncodeError> {
        out.extend_from_slice(&[0x68, self.0]);
        Ok(())
    }
}

impl<'a> Parse<'a> for Marked {
    fn parse_in(
        input: &'a [u8],
        _: Scope<'_>,
        (): &(),
    ) -> nom::IResult<&'a [u8], Self, DecodeError> {
        match input {
            [0x68, number @ 0..0x80, rest @ ..] => Ok((rest, Self(*number))),
            _ => Err(nom::Err::Error(DecodeError::new(Fault::Invalid, 0, input))),
        }
    }
}

impl Frame for Marked {
    type Border = Progress;
    const MAX_FRAME_LEN: usize = 2;
    const MIN_FRAME_LEN: usize = 2;
    const MAGIC: &'static [u8] = &[0x68];
    const RESYNC: Resync = Resync::Magic;
    fn probe(progress: &mut Progress, (): &(), buffer: &[u8]) -> Probe {
        fixed(progress, &Limits::of::<Self>(), buffer, 2)
    }
}

#[test]
fn the_end_of_the_stream_decides_what_waited_behind_garbage() {
    let mut codec = FrameCodec::<Marked>::new();
    let mut buffer = BytesMut::from(&[1, 2, 0x68, 7][..]);
    // Without a checksum the frame waits for what follows it.
    assert!(codec.decode(&mut buffer).unwrap().is_none());
    let report = codec.decode_eof(&mut buffer).unwrap().unwrap().unwrap_err();
    assert_eq!((report.offset, report.len), (0, 2));
    assert_eq!(codec.decode_eof(&mut buffer).unwrap().unwrap().unwrap(), Marked(7));
    assert!(codec.decode_eof(&mut buffer).unwrap().is_none());
    // A candidate that is cut off is garbage.
    let mut codec = FrameCodec::<Marked>::new();
    let mut buffer = BytesMut::from(&[1, 2, 0x68][..]);
    let report = codec.decode_eof(&mut buffer).unwrap().unwrap().unwrap_err();
    assert_eq!((report.offset, report.len), (0, 3));
    assert!(codec.decode_eof(&mut buffer).unwrap().is_none());
}
