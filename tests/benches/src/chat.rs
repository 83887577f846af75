//! M2, big endian: `length u32 (all of the frame) | command u16 | sequence u32 | body | crc u16`,
//! CRC-16/IBM-3740 over all before it. Bodies: 0x0001 ping `nonce u64`; 0x0010 chat `from u64 | to u64 |`
//! `text: u16 length, UTF-8 | attributes: u8 count, each tag u8, value: u16 length, bytes`; 0x0011
//! leave `who u64 | reason u8`. All decoders check lengths, UTF-8 and that nothing is left over.
//!
//! "CRC off" rows neither compute nor check the last two bytes.

pub mod hand;
pub mod ours;
pub mod peers;

pub const PING: u16 = 0x0001;
pub const CHAT: u16 = 0x0010;
pub const LEAVE: u16 = 0x0011;

#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub command: u16,
    pub sequence: u32,
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Ping { nonce: u64 },
    Chat { from: u64, to: u64, text: String, attributes: Vec<Attribute> },
    Leave { who: u64, reason: u8 },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub tag: u8,
    pub value: Vec<u8>,
}

/// 137 bytes: 48 of text, four attributes of 8, 12, 16 and 10.
pub fn sample() -> Message {
    let attribute = |(index, len): (usize, usize)| Attribute {
        tag: index as u8 + 1,
        value: (0..len).map(|at| (at * 7 + index) as u8).collect(),
    };
    let attributes = [8, 12, 16, 10].into_iter().enumerate().map(attribute).collect();
    let text = "hello from the peer bench, this is 48 bytes long".into();
    let body = Body::Chat { from: 0x1001, to: 0x2002, text, attributes };
    Message { command: CHAT, sequence: 4242, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refused;

    type Decode = fn(&[u8]) -> Result<Message, Refused>;

    fn whole<T>(parsed: nom::IResult<&[u8], T, longlink::DecodeError>) -> Result<T, Refused> {
        match parsed {
            Ok(([], value)) => Ok(value),
            _ => Err(Refused::Peer),
        }
    }

    fn samples() -> [Message; 3] {
        let ping = Message { command: PING, sequence: 1, body: Body::Ping { nonce: 7 } };
        let body = Body::Leave { who: 9, reason: 3 };
        [sample(), ping, Message { command: LEAVE, sequence: u32::MAX, body }]
    }

    #[test]
    fn all_implementations_agree() {
        let decoders: [Decode; 6] = [
            hand::decode::<true>,
            |frame| hand::decode_lazy::<true>(frame).map(|message| message.owned()),
            |frame| whole(ours::checked::decode(frame)).map(ours::checked::plain),
            |frame| whole(ours::checked::decode_lazy(frame)).map(ours::checked::plain_lazy),
            |frame| peers::binrw::decode::<true>(frame).map(peers::binrw::plain),
            |frame| peers::deku::decode::<true>(frame).map(peers::deku::plain),
        ];
        for message in samples() {
            let mut frame = Vec::new();
            hand::encode::<true>(&message, &mut frame);
            for decode in decoders.into_iter().chain([peers::nom::decode::<true> as Decode]) {
                assert_eq!(decode(&frame), Ok(message.clone()));
                assert!(decode(&frame[..frame.len() - 1]).is_err());
                for byte in 0..frame.len() {
                    let mut bad = frame.clone();
                    bad[byte] ^= 0x10;
                    assert!(decode(&bad).is_err(), "byte {byte}");
                }
            }
            let mut out = bytes::BytesMut::new();
            ours::checked::encode(&ours::checked::value(&message), &mut out);
            assert_eq!(out, frame);
            let mut out = Vec::new();
            peers::binrw::encode::<true>(&peers::binrw::value(&message), &mut out);
            assert_eq!(out, frame);
            let mut out = Vec::new();
            peers::deku::encode::<true>(&peers::deku::value(&message), &mut out);
            assert_eq!(out, frame);
        }
    }

    #[test]
    fn the_forms_without_a_crc_agree() {
        let mut frame = Vec::new();
        hand::encode::<false>(&sample(), &mut frame);
        assert_eq!(frame.len(), 137);
        assert_eq!(hand::decode::<false>(&frame), Ok(sample()));
        assert_eq!(
            whole(ours::unchecked::decode(&frame)).map(ours::unchecked::plain),
            Ok(sample())
        );
        let lazy = whole(ours::unchecked::decode_lazy(&frame)).map(ours::unchecked::plain_lazy);
        assert_eq!(lazy, Ok(sample()));
        let mut out = bytes::BytesMut::new();
        ours::unchecked::encode(&ours::unchecked::value(&sample()), &mut out);
        assert_eq!(out, frame);
    }
}
