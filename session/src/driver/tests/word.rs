//! A frame with a magic, a context and shared bytes, for what the fixture's notes have not.

use bytes::{BufMut, Bytes, BytesMut};
use longlink_codec_core::border::{Limits, Progress, length, total};
use longlink_codec_core::{
    DecodeError, EncodeError, Frame, Parse, Probe, Resync, Roles, Schema, Scope, Wire,
};

/// `0x68 | len u8 | text`, each byte of the text turned over by a mask that both sides must agree on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word(pub(super) Bytes);

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Mask(pub(super) u8);

pub(super) fn word(text: &str) -> Word {
    Word(Bytes::copy_from_slice(text.as_bytes()))
}

pub(super) fn masked(text: &str, mask: u8) -> Vec<u8> {
    let mut out = BytesMut::new();
    word(text).encode_with(&mut out, &Mask(mask)).unwrap();
    out.to_vec()
}

impl Wire for Word {
    type Context = Mask;
    type Fill = ();
    const MIN_LEN: usize = 2;
    const MAX_LEN: Option<usize> = Some(255);
    const FIXED_LEN: Option<usize> = None;
    const SHARES: bool = true;
    const SCHEMA: &'static Schema = &Schema::structure("Word", &[]);

    fn encoded_len_in(&self, _: Scope<'_>, _: &Mask) -> usize {
        2 + self.0.len()
    }

    fn encode_in(
        &self,
        out: &mut BytesMut,
        (): &(),
        _: Scope<'_>,
        mask: &Mask,
    ) -> Result<(), EncodeError> {
        out.put_u8(0x68);
        out.put_u8(u8::try_from(2 + self.0.len()).unwrap());
        out.extend(self.0.iter().map(|byte| byte ^ mask.0));
        Ok(())
    }
}

impl<'a> Parse<'a> for Word {
    fn parse_in(
        input: &'a [u8],
        scope: Scope<'_>,
        mask: &Mask,
    ) -> nom::IResult<&'a [u8], Self, DecodeError> {
        let text = input.get(2..).unwrap_or_default();
        let text = match mask {
            Mask(0) => scope.share(text),
            Mask(mask) => text.iter().map(|byte| byte ^ mask).collect(),
        };
        Ok((&[], Self(text)))
    }
}

impl Frame for Word {
    type Border = Progress;
    const MAX_FRAME_LEN: usize = 255;
    const MIN_FRAME_LEN: usize = 2;
    const RESYNC: Resync = Resync::Magic;
    const MAGIC: &'static [u8] = &[0x68];

    fn probe(progress: &mut Progress, _: &Mask, buffer: &[u8]) -> Probe {
        length(progress, &Limits::of::<Self>(), buffer, 2, |header| {
            total(u64::from(header.last().copied().unwrap_or(0)), 1, 0)
        })
    }
}

impl Roles for Word {}
