//! Other codecs, used as their documentation suggests; length and CRC by the hand-written code.

use super::hand::{finish, outer};
use super::{Attribute, Body, CHAT, LEAVE, Message, PING};
use crate::Refused;

pub mod nom {
    use nom::combinator::{all_consuming, map, map_res};
    use nom::error::{Error, ErrorKind};
    use nom::multi::{length_count, length_data};
    use nom::number::complete::{be_u8, be_u16, be_u32, be_u64};
    use nom::{IResult, Parser};

    use super::{Attribute, Body, CHAT, LEAVE, Message, PING, Refused, outer};

    fn attribute(input: &[u8]) -> IResult<&[u8], Attribute> {
        let owned = |(tag, value): (u8, &[u8])| Attribute { tag, value: value.to_vec() };
        map((be_u8, length_data(be_u16)), owned).parse(input)
    }

    fn chat(input: &[u8]) -> IResult<&[u8], Body> {
        let text = map(map_res(length_data(be_u16), std::str::from_utf8), String::from);
        map(
            (be_u64, be_u64, text, length_count(be_u8, attribute)),
            |(from, to, text, attributes)| Body::Chat { from, to, text, attributes },
        )
        .parse(input)
    }

    fn body(command: u16) -> impl Fn(&[u8]) -> IResult<&[u8], Body> {
        move |input| match command {
            PING => map(be_u64, |nonce| Body::Ping { nonce }).parse(input),
            CHAT => chat(input),
            LEAVE => map((be_u64, be_u8), |(who, reason)| Body::Leave { who, reason }).parse(input),
            _ => Err(nom::Err::Error(Error::new(input, ErrorKind::Switch))),
        }
    }

    #[inline(never)]
    pub fn decode<const CRC: bool>(input: &[u8]) -> Result<Message, Refused> {
        let frame = outer::<CRC>(input)?;
        let (rest, (_, command, sequence)) =
            (be_u32::<_, Error<&[u8]>>, be_u16, be_u32).parse(frame).map_err(|_| Refused::Peer)?;
        let inside = &rest[..rest.len() - 2];
        let (_, body) = all_consuming(body(command)).parse(inside).map_err(|_| Refused::Peer)?;
        Ok(Message { command, sequence, body })
    }
}

pub mod binrw {
    use std::io::Cursor;

    use binrw::{BinRead, BinWrite, binrw};

    use super::{Attribute, Body, CHAT, LEAVE, Message, PING, Refused, finish, outer};

    #[binrw]
    #[brw(big)]
    pub struct AttributeLayout {
        tag: u8,
        len: u16,
        #[br(count = len)]
        value: Vec<u8>,
    }

    #[binrw]
    #[brw(big)]
    #[br(import(command: u16), return_unexpected_error)]
    pub enum BodyLayout {
        #[br(pre_assert(command == PING))]
        Ping { nonce: u64 },
        #[br(pre_assert(command == CHAT))]
        Chat {
            from: u64,
            to: u64,
            text_len: u16,
            #[br(count = text_len, try_map = |bytes: Vec<u8>| String::from_utf8(bytes))]
            #[bw(map = |text| text.as_bytes().to_vec())]
            text: String,
            count: u8,
            #[br(count = count)]
            attributes: Vec<AttributeLayout>,
        },
        #[br(pre_assert(command == LEAVE))]
        Leave { who: u64, reason: u8 },
    }

    #[binrw]
    #[brw(big)]
    pub struct Layout {
        length: u32,
        command: u16,
        sequence: u32,
        #[br(args(command))]
        body: BodyLayout,
        crc: u16,
    }

    #[inline(never)]
    pub fn decode<const CRC: bool>(input: &[u8]) -> Result<Layout, Refused> {
        let frame = outer::<CRC>(input)?;
        let mut cursor = Cursor::new(frame);
        let layout = Layout::read(&mut cursor).map_err(|_| Refused::Peer)?;
        let whole = cursor.position() as usize == frame.len();
        if whole { Ok(layout) } else { Err(Refused::Length) }
    }

    #[inline(never)]
    pub fn encode<const CRC: bool>(layout: &Layout, out: &mut Vec<u8>) {
        let start = out.len();
        let mut cursor = Cursor::new(&mut *out);
        cursor.set_position(start as u64);
        layout.write(&mut cursor).expect("a vector takes all");
        out.truncate(out.len() - 2);
        finish::<CRC>(out, start);
    }

    pub fn value(message: &Message) -> Layout {
        let body = match &message.body {
            Body::Ping { nonce } => BodyLayout::Ping { nonce: *nonce },
            Body::Chat { from, to, text, attributes } => BodyLayout::Chat {
                from: *from,
                to: *to,
                text_len: text.len() as u16,
                text: text.clone(),
                count: attributes.len() as u8,
                attributes: attributes
                    .iter()
                    .map(|Attribute { tag, value }| AttributeLayout {
                        tag: *tag,
                        len: value.len() as u16,
                        value: value.clone(),
                    })
                    .collect(),
            },
            Body::Leave { who, reason } => BodyLayout::Leave { who: *who, reason: *reason },
        };
        Layout { length: 0, command: message.command, sequence: message.sequence, body, crc: 0 }
    }

    pub fn plain(layout: Layout) -> Message {
        let body = match layout.body {
            BodyLayout::Ping { nonce } => Body::Ping { nonce },
            BodyLayout::Chat { from, to, text, attributes, .. } => {
                let owned = |AttributeLayout { tag, value, .. }| Attribute { tag, value };
                Body::Chat {
                    from,
                    to,
                    text,
                    attributes: attributes.into_iter().map(owned).collect(),
                }
            }
            BodyLayout::Leave { who, reason } => Body::Leave { who, reason },
        };
        Message { command: layout.command, sequence: layout.sequence, body }
    }
}

pub mod deku {
    use std::io::Cursor;

    use deku::ctx::Endian;
    use deku::prelude::*;

    use super::{Attribute, Body, Message, Refused, finish, outer};

    #[derive(DekuRead, DekuWrite)]
    #[deku(endian = "endian", ctx = "endian: Endian", ctx_default = "Endian::Big")]
    pub struct AttributeLayout {
        tag: u8,
        len: u16,
        #[deku(count = "len")]
        value: Vec<u8>,
    }

    fn text(bytes: Vec<u8>) -> Result<String, DekuError> {
        String::from_utf8(bytes).map_err(|_| deku::deku_error!(DekuError::Parse, "utf8"))
    }

    #[derive(DekuRead, DekuWrite)]
    #[deku(id = "command", ctx = "endian: Endian, command: u16", endian = "endian")]
    pub enum BodyLayout {
        #[deku(id = 0x0001)]
        Ping { nonce: u64 },
        #[deku(id = 0x0010)]
        Chat {
            from: u64,
            to: u64,
            text_len: u16,
            #[deku(
                count = "text_len",
                map = "text",
                writer = "text.as_bytes().to_writer(deku::writer, ())"
            )]
            text: String,
            count: u8,
            #[deku(count = "count")]
            attributes: Vec<AttributeLayout>,
        },
        #[deku(id = 0x0011)]
        Leave { who: u64, reason: u8 },
    }

    #[derive(DekuRead, DekuWrite)]
    #[deku(endian = "big")]
    pub struct Layout {
        length: u32,
        command: u16,
        sequence: u32,
        #[deku(ctx = "*command")]
        body: BodyLayout,
        crc: u16,
    }

    #[inline(never)]
    pub fn decode<const CRC: bool>(input: &[u8]) -> Result<Layout, Refused> {
        let frame = outer::<CRC>(input)?;
        match Layout::from_bytes((frame, 0)) {
            Ok((([], _), layout)) => Ok(layout),
            Ok(_) => Err(Refused::Length),
            Err(_) => Err(Refused::Peer),
        }
    }

    #[inline(never)]
    pub fn encode<const CRC: bool>(layout: &Layout, out: &mut Vec<u8>) {
        let start = out.len();
        let mut cursor = Cursor::new(&mut *out);
        cursor.set_position(start as u64);
        let mut writer = Writer::new(&mut cursor);
        layout.to_writer(&mut writer, ()).expect("a vector takes all");
        writer.finalize().expect("whole bytes");
        out.truncate(out.len() - 2);
        finish::<CRC>(out, start);
    }

    pub fn value(message: &Message) -> Layout {
        let body = match &message.body {
            Body::Ping { nonce } => BodyLayout::Ping { nonce: *nonce },
            Body::Chat { from, to, text, attributes } => BodyLayout::Chat {
                from: *from,
                to: *to,
                text_len: text.len() as u16,
                text: text.clone(),
                count: attributes.len() as u8,
                attributes: attributes
                    .iter()
                    .map(|Attribute { tag, value }| AttributeLayout {
                        tag: *tag,
                        len: value.len() as u16,
                        value: value.clone(),
                    })
                    .collect(),
            },
            Body::Leave { who, reason } => BodyLayout::Leave { who: *who, reason: *reason },
        };
        Layout { length: 0, command: message.command, sequence: message.sequence, body, crc: 0 }
    }

    pub fn plain(layout: Layout) -> Message {
        let body = match layout.body {
            BodyLayout::Ping { nonce } => Body::Ping { nonce },
            BodyLayout::Chat { from, to, text, attributes, .. } => {
                let owned = |AttributeLayout { tag, value, .. }| Attribute { tag, value };
                Body::Chat {
                    from,
                    to,
                    text,
                    attributes: attributes.into_iter().map(owned).collect(),
                }
            }
            BodyLayout::Leave { who, reason } => Body::Leave { who, reason },
        };
        Message { command: layout.command, sequence: layout.sequence, body }
    }
}
