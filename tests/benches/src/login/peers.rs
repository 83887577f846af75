//! Other codecs, used as their documentation suggests.

use super::{LEN, Login, MAGIC};
use crate::Refused;
use crate::checksum::xor16;

fn checked(login: Login, checksum: u16, frame: &[u8]) -> Result<Login, Refused> {
    if checksum == xor16(&frame[..30]) { Ok(login) } else { Err(Refused::Checksum) }
}

fn put_checksum(out: &mut [u8], start: usize) {
    let sum = xor16(&out[start..start + 30]);
    out[start + 30..start + 32].copy_from_slice(&sum.to_be_bytes());
}

pub mod nom {
    use nom::combinator::verify;
    use nom::number::complete::{be_u8, be_u16, be_u32, be_u64};
    use nom::{IResult, Parser};

    use super::{LEN, Login, MAGIC, Refused, checked};

    fn login(frame: &[u8]) -> IResult<&[u8], (Login, u16)> {
        let (rest, (_, _, command, sequence, session, sent_ms, flags, version, checksum)) = (
            verify(be_u16, |magic| *magic == MAGIC),
            verify(be_u32, |total| *total == LEN as u32),
            be_u16,
            be_u32,
            be_u64,
            be_u64,
            be_u8,
            be_u8,
            be_u16,
        )
            .parse(frame)?;
        let (kind, options) = (flags >> 5, flags & 31);
        Ok((
            rest,
            (Login { command, sequence, session, sent_ms, kind, options, version }, checksum),
        ))
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Login, Refused> {
        let (_, (login, checksum)) = login(frame).map_err(|_| Refused::Peer)?;
        checked(login, checksum, frame)
    }
}

pub mod binrw {
    use std::io::Cursor;

    use binrw::{BinRead, BinWrite, binrw};

    use super::{Login, Refused, checked, put_checksum};

    #[binrw]
    #[brw(big, magic = b"\xA5\x5A")]
    struct Layout {
        #[br(assert(total == 32))]
        total: u32,
        command: u16,
        sequence: u32,
        session: u64,
        sent_ms: u64,
        flags: u8,
        version: u8,
        checksum: u16,
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Login, Refused> {
        let layout = Layout::read(&mut Cursor::new(frame)).map_err(|_| Refused::Peer)?;
        let Layout { command, sequence, session, sent_ms, flags, version, checksum, .. } = layout;
        let (kind, options) = (flags >> 5, flags & 31);
        let login = Login { command, sequence, session, sent_ms, kind, options, version };
        checked(login, checksum, frame)
    }

    #[inline(never)]
    pub fn encode(login: &Login, out: &mut Vec<u8>) {
        let start = out.len();
        let layout = Layout {
            total: 32,
            command: login.command,
            sequence: login.sequence,
            session: login.session,
            sent_ms: login.sent_ms,
            flags: (login.kind << 5) | (login.options & 31),
            version: login.version,
            checksum: 0,
        };
        let mut cursor = Cursor::new(&mut *out);
        cursor.set_position(start as u64);
        layout.write(&mut cursor).expect("a vector takes all");
        put_checksum(out, start);
    }
}

pub mod deku {
    use std::io::Cursor;

    use deku::prelude::*;

    use super::{Login, Refused, checked, put_checksum};

    #[derive(DekuRead, DekuWrite)]
    #[deku(endian = "big", magic = b"\xA5\x5A")]
    struct Layout {
        #[deku(assert_eq = "32")]
        total: u32,
        command: u16,
        sequence: u32,
        session: u64,
        sent_ms: u64,
        flags: u8,
        version: u8,
        checksum: u16,
    }

    #[derive(DekuRead, DekuWrite)]
    #[deku(endian = "big", magic = b"\xA5\x5A")]
    struct BitLayout {
        #[deku(assert_eq = "32")]
        total: u32,
        command: u16,
        sequence: u32,
        session: u64,
        sent_ms: u64,
        #[deku(bits = 3)]
        kind: u8,
        #[deku(bits = 5)]
        options: u8,
        version: u8,
        checksum: u16,
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Login, Refused> {
        let (_, layout) = Layout::from_bytes((frame, 0)).map_err(|_| Refused::Peer)?;
        let Layout { command, sequence, session, sent_ms, flags, version, checksum, .. } = layout;
        let (kind, options) = (flags >> 5, flags & 31);
        let login = Login { command, sequence, session, sent_ms, kind, options, version };
        checked(login, checksum, frame)
    }

    #[inline(never)]
    pub fn decode_bits(frame: &[u8]) -> Result<Login, Refused> {
        let (_, layout) = BitLayout::from_bytes((frame, 0)).map_err(|_| Refused::Peer)?;
        let BitLayout { command, sequence, session, sent_ms, kind, options, .. } = layout;
        let version = layout.version;
        let login = Login { command, sequence, session, sent_ms, kind, options, version };
        checked(login, layout.checksum, frame)
    }

    #[inline(never)]
    pub fn encode(login: &Login, out: &mut Vec<u8>) {
        let layout = Layout {
            total: 32,
            command: login.command,
            sequence: login.sequence,
            session: login.session,
            sent_ms: login.sent_ms,
            flags: (login.kind << 5) | (login.options & 31),
            version: login.version,
            checksum: 0,
        };
        write(&layout, out);
    }

    #[inline(never)]
    pub fn encode_bits(login: &Login, out: &mut Vec<u8>) {
        let layout = BitLayout {
            total: 32,
            command: login.command,
            sequence: login.sequence,
            session: login.session,
            sent_ms: login.sent_ms,
            kind: login.kind,
            options: login.options,
            version: login.version,
            checksum: 0,
        };
        write(&layout, out);
    }

    fn write(layout: &impl DekuWriter, out: &mut Vec<u8>) {
        let start = out.len();
        let mut cursor = Cursor::new(&mut *out);
        cursor.set_position(start as u64);
        let mut writer = Writer::new(&mut cursor);
        layout.to_writer(&mut writer, ()).expect("a vector takes all");
        writer.finalize().expect("whole bytes");
        put_checksum(out, start);
    }
}
