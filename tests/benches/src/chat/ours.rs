//! The declarations: owned and borrowing, each with and without a CRC.

use longlink::codec::DecodeError;
use longlink::{Auto, BytesMut, Frame, Lazy, Parse, Wire};
use nom::IResult;

use super::{Attribute, Body, Message};

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024)]
pub struct Checked {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    command: Auto<u16>,
    pub sequence: u32,
    pub body: OwnedBody,
    #[wire(checksum = crc_16_ibm_3740, over = ..self)]
    crc: Auto<u16>,
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024)]
pub struct Unchecked {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    command: Auto<u16>,
    pub sequence: u32,
    pub body: OwnedBody,
    pub crc: u16,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum OwnedBody {
    #[wire(tag = 0x0001)]
    Ping { nonce: u64 },
    #[wire(tag = 0x0010)]
    Chat {
        from: u64,
        to: u64,
        #[wire(prefix = u16)]
        text: String,
        #[wire(count_prefix = u8)]
        attributes: Vec<OwnedAttribute>,
    },
    #[wire(tag = 0x0011)]
    Leave { who: u64, reason: u8 },
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub struct OwnedAttribute {
    pub tag: u8,
    #[wire(prefix = u16)]
    pub value: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024)]
pub struct LazyChecked<'a> {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    command: Auto<u16>,
    pub sequence: u32,
    pub body: LazyBody<'a>,
    #[wire(checksum = crc_16_ibm_3740, over = ..self)]
    crc: Auto<u16>,
}

#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 64 * 1024)]
pub struct LazyUnchecked<'a> {
    #[wire(length_of = ..)]
    length: Auto<u32>,
    #[wire(tag_of = body)]
    command: Auto<u16>,
    pub sequence: u32,
    pub body: LazyBody<'a>,
    pub crc: u16,
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub enum LazyBody<'a> {
    #[wire(tag = 0x0001)]
    Ping { nonce: u64 },
    #[wire(tag = 0x0010)]
    Chat {
        from: u64,
        to: u64,
        #[wire(prefix = u16)]
        text: &'a str,
        #[wire(count_prefix = u8)]
        attributes: Lazy<'a, LazyAttribute<'a>>,
    },
    #[wire(tag = 0x0011)]
    Leave { who: u64, reason: u8 },
}

#[derive(Debug, Clone, PartialEq, Wire)]
pub struct LazyAttribute<'a> {
    pub tag: u8,
    #[wire(prefix = u16)]
    pub value: &'a [u8],
}

#[inline(never)]
pub fn decode(frame: &[u8]) -> IResult<&[u8], Checked, DecodeError> {
    Checked::parse(frame)
}

#[inline(never)]
pub fn decode_unchecked(frame: &[u8]) -> IResult<&[u8], Unchecked, DecodeError> {
    Unchecked::parse(frame)
}

#[inline(never)]
pub fn decode_lazy(frame: &[u8]) -> IResult<&[u8], LazyChecked<'_>, DecodeError> {
    LazyChecked::parse(frame)
}

#[inline(never)]
pub fn decode_lazy_unchecked(frame: &[u8]) -> IResult<&[u8], LazyUnchecked<'_>, DecodeError> {
    LazyUnchecked::parse(frame)
}

#[inline(never)]
pub fn encode(message: &Checked, out: &mut BytesMut) {
    message.encode(out).expect("a sample fits its fields");
}

#[inline(never)]
pub fn encode_unchecked(message: &Unchecked, out: &mut BytesMut) {
    message.encode(out).expect("a sample fits its fields");
}

pub fn value(message: &Message) -> Checked {
    Checked::new(message.sequence, body(&message.body))
}

pub fn value_unchecked(message: &Message) -> Unchecked {
    Unchecked::new(message.sequence, body(&message.body), 0)
}

pub fn plain(message: Checked) -> Message {
    owned(message.sequence, message.body)
}

pub fn plain_unchecked(message: Unchecked) -> Message {
    owned(message.sequence, message.body)
}

pub fn plain_lazy(message: LazyChecked<'_>) -> Message {
    lazy(message.sequence, message.body)
}

pub fn plain_lazy_unchecked(message: LazyUnchecked<'_>) -> Message {
    lazy(message.sequence, message.body)
}

fn body(body: &Body) -> OwnedBody {
    match body {
        Body::Ping { nonce } => OwnedBody::Ping { nonce: *nonce },
        Body::Chat { from, to, text, attributes } => {
            let attribute = |attribute: &Attribute| OwnedAttribute {
                tag: attribute.tag,
                value: attribute.value.clone(),
            };
            let attributes = attributes.iter().map(attribute).collect();
            OwnedBody::Chat { from: *from, to: *to, text: text.clone(), attributes }
        }
        Body::Leave { who, reason } => OwnedBody::Leave { who: *who, reason: *reason },
    }
}

fn owned(sequence: u32, body: OwnedBody) -> Message {
    let (command, body) = match body {
        OwnedBody::Ping { nonce } => (super::PING, Body::Ping { nonce }),
        OwnedBody::Chat { from, to, text, attributes } => {
            let attribute = |OwnedAttribute { tag, value }| Attribute { tag, value };
            let attributes = attributes.into_iter().map(attribute).collect();
            (super::CHAT, Body::Chat { from, to, text, attributes })
        }
        OwnedBody::Leave { who, reason } => (super::LEAVE, Body::Leave { who, reason }),
    };
    Message { command, sequence, body }
}

fn lazy(sequence: u32, body: LazyBody<'_>) -> Message {
    let (command, body) = match body {
        LazyBody::Ping { nonce } => (super::PING, Body::Ping { nonce }),
        LazyBody::Chat { from, to, text, attributes } => {
            let attribute =
                |item: LazyAttribute<'_>| Attribute { tag: item.tag, value: item.value.to_vec() };
            let attributes = attributes.iter().map(attribute).collect();
            (super::CHAT, Body::Chat { from, to, text: text.into(), attributes })
        }
        LazyBody::Leave { who, reason } => (super::LEAVE, Body::Leave { who, reason }),
    };
    Message { command, sequence, body }
}
