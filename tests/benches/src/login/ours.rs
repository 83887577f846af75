//! The declaration.

use longlink::codec::DecodeError;
use longlink::{Auto, BytesMut, Frame, Parse, Wire};
use nom::IResult;

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, magic = 0xA55Au16)]
pub struct Login {
    #[wire(length_of = ..)]
    total: Auto<u32>,
    pub command: u16,
    pub sequence: u32,
    pub session: u64,
    pub sent_ms: u64,
    #[wire(bits = 3)]
    pub kind: u8,
    #[wire(bits = 5)]
    pub options: u8,
    pub version: u8,
    #[wire(checksum = xor16, over = ..self)]
    checksum: Auto<u16>,
}

/// Through nom's signature.
#[inline(never)]
pub fn parse(frame: &[u8]) -> IResult<&[u8], Login, DecodeError> {
    Login::parse(frame)
}

/// Exactly one frame.
#[inline(never)]
pub fn decode(frame: &[u8]) -> Result<Login, DecodeError> {
    Login::decode(frame)
}

#[inline(never)]
pub fn encode(login: &Login, out: &mut BytesMut) {
    login.encode(out).expect("a sample fits its fields");
}

pub fn value(login: &super::Login) -> Login {
    Login::new(
        login.command,
        login.sequence,
        login.session,
        login.sent_ms,
        login.kind,
        login.options,
        login.version,
    )
}

pub fn plain(login: Login) -> super::Login {
    let Login { command, sequence, session, sent_ms, kind, options, version, .. } = login;
    super::Login { command, sequence, session, sent_ms, kind, options, version }
}
