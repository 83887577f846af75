//! The limit.

use super::{Attribute, Body, CHAT, LEAVE, Message, PING};
use crate::Refused;
use crate::checksum::crc16;

/// Borrows everything; attributes are checked once and cut out while iterating.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LazyMessage<'a> {
    pub command: u16,
    pub sequence: u32,
    pub body: LazyBody<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LazyBody<'a> {
    Ping { nonce: u64 },
    Chat { from: u64, to: u64, text: &'a str, attributes: Attributes<'a> },
    Leave { who: u64, reason: u8 },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attributes<'a> {
    count: u8,
    bytes: &'a [u8],
}

impl<'a> Attributes<'a> {
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (u8, &'a [u8])> + 'a {
        let mut rest = self.bytes;
        (0..self.count).map_while(move |_| attribute(&mut rest).ok())
    }
}

impl LazyMessage<'_> {
    pub fn owned(self) -> Message {
        let body = match self.body {
            LazyBody::Ping { nonce } => Body::Ping { nonce },
            LazyBody::Chat { from, to, text, attributes } => {
                let owned = |(tag, value): (u8, &[u8])| Attribute { tag, value: value.to_vec() };
                let attributes = attributes.iter().map(owned).collect();
                Body::Chat { from, to, text: text.into(), attributes }
            }
            LazyBody::Leave { who, reason } => Body::Leave { who, reason },
        };
        Message { command: self.command, sequence: self.sequence, body }
    }
}

/// The whole frame, its length and its CRC checked.
#[inline(always)]
pub(super) fn outer<const CRC: bool>(input: &[u8]) -> Result<&[u8], Refused> {
    let length = u32::from_be_bytes(*input.first_chunk::<4>().ok_or(Refused::Short)?) as usize;
    if length < 12 {
        return Err(Refused::Length);
    }
    let frame = input.get(..length).ok_or(Refused::Short)?;
    if CRC {
        let (covered, crc) = frame.split_last_chunk::<2>().ok_or(Refused::Short)?;
        if u16::from_be_bytes(*crc) != crc16(covered) {
            return Err(Refused::Checksum);
        }
    }
    Ok(frame)
}

/// The length and the CRC of what was appended since `start`, without its CRC.
#[inline(always)]
pub(super) fn finish<const CRC: bool>(out: &mut Vec<u8>, start: usize) {
    let length = (out.len() - start + 2) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    let crc = if CRC { crc16(&out[start..]) } else { 0 };
    out.extend_from_slice(&crc.to_be_bytes());
}

#[inline(always)]
fn u64_of(rest: &mut &[u8]) -> Result<u64, Refused> {
    let (head, tail) = rest.split_first_chunk().ok_or(Refused::Short)?;
    *rest = tail;
    Ok(u64::from_be_bytes(*head))
}

#[inline(always)]
fn take<'a>(rest: &mut &'a [u8], len: usize) -> Result<&'a [u8], Refused> {
    let (head, tail) = rest.split_at_checked(len).ok_or(Refused::Short)?;
    *rest = tail;
    Ok(head)
}

/// Eighteen fixed bytes under one check, then the text and the count under another.
#[inline(always)]
fn chat_head<'a>(rest: &mut &'a [u8]) -> Result<(u64, u64, &'a str, u8), Refused> {
    let (head, tail) = rest.split_first_chunk::<18>().ok_or(Refused::Short)?;
    *rest = tail;
    let from = u64::from_be_bytes(head[..8].try_into().unwrap());
    let to = u64::from_be_bytes(head[8..16].try_into().unwrap());
    let len = u16::from_be_bytes([head[16], head[17]]) as usize;
    let counted = take(rest, len + 1)?;
    let text = std::str::from_utf8(&counted[..len]).map_err(|_| Refused::Text)?;
    Ok((from, to, text, counted[len]))
}

#[inline(always)]
fn attribute<'a>(rest: &mut &'a [u8]) -> Result<(u8, &'a [u8]), Refused> {
    let (head, tail) = rest.split_first_chunk::<3>().ok_or(Refused::Short)?;
    *rest = tail;
    let value = take(rest, u16::from_be_bytes([head[1], head[2]]) as usize)?;
    Ok((head[0], value))
}

#[inline(always)]
fn head<const CRC: bool>(input: &[u8]) -> Result<(u16, u32, &[u8]), Refused> {
    let frame = outer::<CRC>(input)?;
    let head: &[u8; 10] = frame.first_chunk().ok_or(Refused::Short)?;
    let sequence = u32::from_be_bytes(head[6..10].try_into().unwrap());
    Ok((u16::from_be_bytes([head[4], head[5]]), sequence, &frame[10..frame.len() - 2]))
}

#[inline(never)]
pub fn decode<const CRC: bool>(input: &[u8]) -> Result<Message, Refused> {
    let (command, sequence, mut rest) = head::<CRC>(input)?;
    let rest = &mut rest;
    let body = match command {
        PING => Body::Ping { nonce: u64_of(rest)? },
        CHAT => {
            let (from, to, text, count) = chat_head(rest)?;
            let mut attributes = Vec::with_capacity(count as usize);
            for _ in 0..count {
                let (tag, value) = attribute(rest)?;
                attributes.push(Attribute { tag, value: value.to_vec() });
            }
            Body::Chat { from, to, text: text.to_owned(), attributes }
        }
        LEAVE => Body::Leave { who: u64_of(rest)?, reason: take(rest, 1)?[0] },
        _ => return Err(Refused::Magic),
    };
    if !rest.is_empty() {
        return Err(Refused::Length);
    }
    Ok(Message { command, sequence, body })
}

#[inline(never)]
pub fn decode_lazy<const CRC: bool>(input: &[u8]) -> Result<LazyMessage<'_>, Refused> {
    let (command, sequence, mut rest) = head::<CRC>(input)?;
    let rest = &mut rest;
    let body = match command {
        PING => LazyBody::Ping { nonce: u64_of(rest)? },
        CHAT => {
            let (from, to, text, count) = chat_head(rest)?;
            let bytes = *rest;
            for _ in 0..count {
                attribute(rest)?;
            }
            LazyBody::Chat { from, to, text, attributes: Attributes { count, bytes } }
        }
        LEAVE => LazyBody::Leave { who: u64_of(rest)?, reason: take(rest, 1)?[0] },
        _ => return Err(Refused::Magic),
    };
    if !rest.is_empty() {
        return Err(Refused::Length);
    }
    Ok(LazyMessage { command, sequence, body })
}

fn size(message: &Message) -> usize {
    let body = match &message.body {
        Body::Ping { .. } => 8,
        Body::Chat { text, attributes, .. } => {
            let values = attributes.iter().map(|attribute| 3 + attribute.value.len());
            19 + text.len() + values.sum::<usize>()
        }
        Body::Leave { .. } => 9,
    };
    12 + body
}

#[inline(always)]
fn put<const N: usize>(place: &mut &mut [u8], bytes: [u8; N]) {
    let (head, tail) = std::mem::take(place).split_first_chunk_mut::<N>().unwrap();
    *head = bytes;
    *place = tail;
}

#[inline(always)]
fn put_slice(place: &mut &mut [u8], bytes: &[u8]) {
    let (head, tail) = std::mem::take(place).split_at_mut(bytes.len());
    head.copy_from_slice(bytes);
    *place = tail;
}

/// The exact size first, then writes into a fixed slice.
#[inline(never)]
pub fn encode<const CRC: bool>(message: &Message, out: &mut Vec<u8>) {
    let size = size(message);
    let start = out.len();
    out.resize(start + size, 0);
    let mut place = &mut out[start..start + size - 2];
    let mut head = [0; 10];
    head[..4].copy_from_slice(&(size as u32).to_be_bytes());
    head[4..6].copy_from_slice(&message.command.to_be_bytes());
    head[6..].copy_from_slice(&message.sequence.to_be_bytes());
    put(&mut place, head);
    match &message.body {
        Body::Ping { nonce } => put(&mut place, nonce.to_be_bytes()),
        Body::Chat { from, to, text, attributes } => {
            let mut head = [0; 18];
            head[..8].copy_from_slice(&from.to_be_bytes());
            head[8..16].copy_from_slice(&to.to_be_bytes());
            head[16..].copy_from_slice(&(text.len() as u16).to_be_bytes());
            put(&mut place, head);
            put_slice(&mut place, text.as_bytes());
            put(&mut place, [attributes.len() as u8]);
            for attribute in attributes {
                let [high, low] = (attribute.value.len() as u16).to_be_bytes();
                put(&mut place, [attribute.tag, high, low]);
                put_slice(&mut place, &attribute.value);
            }
        }
        Body::Leave { who, reason } => {
            put(&mut place, who.to_be_bytes());
            put(&mut place, [*reason]);
        }
    }
    let crc = if CRC { crc16(&out[start..start + size - 2]) } else { 0 };
    out[start + size - 2..].copy_from_slice(&crc.to_be_bytes());
}
