//! M1, a fixed header of 32 bytes, big endian:
//!
//! `magic u16 = 0xA55A | total u32 = 32 | command u16 | sequence u32 | session u64 | sent_ms u64 |`
//! `kind 3 bits, options 5 bits | version u8 | checksum u16`, the exclusive or of the 15 words before
//! it. All decoders check magic, total and checksum.

pub mod hand;
pub mod ours;
pub mod peers;

pub const MAGIC: u16 = 0xa55a;
pub const LEN: usize = 32;

#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    pub command: u16,
    pub sequence: u32,
    pub session: u64,
    pub sent_ms: u64,
    pub kind: u8,
    pub options: u8,
    pub version: u8,
}

pub fn sample() -> Login {
    Login {
        command: 0x0102,
        sequence: 77,
        session: 0x1122_3344_5566_7788,
        sent_ms: 1_700_000_000_123,
        kind: 5,
        options: 19,
        version: 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refused;

    type Decode = fn(&[u8]) -> Result<Login, Refused>;

    #[test]
    fn all_implementations_agree() {
        let mut frame = Vec::new();
        hand::encode(&sample(), &mut frame);
        assert_eq!(frame.len(), LEN);
        let decoders: [Decode; 7] = [
            hand::decode,
            |frame| {
                ours::parse(frame).map(|(_, login)| ours::plain(login)).map_err(|_| Refused::Peer)
            },
            |frame| ours::decode(frame).map(ours::plain).map_err(|_| Refused::Peer),
            peers::nom::decode,
            peers::binrw::decode,
            peers::deku::decode,
            peers::deku::decode_bits,
        ];
        for decode in decoders {
            assert_eq!(decode(&frame), Ok(sample()));
            assert!(decode(&frame[..LEN - 1]).is_err());
            for (index, bit) in [(0, 1), (5, 1), (20, 0x80), (31, 1)] {
                let mut bad = frame.clone();
                bad[index] ^= bit;
                assert!(decode(&bad).is_err(), "byte {index}");
            }
        }
        let mut out = bytes::BytesMut::new();
        ours::encode(&ours::value(&sample()), &mut out);
        assert_eq!(out, frame);
        for encode in [peers::binrw::encode, peers::deku::encode, peers::deku::encode_bits] {
            let mut out = Vec::new();
            encode(&sample(), &mut out);
            assert_eq!(out, frame);
        }
    }
}
