//! M3, 5,132 bytes, big endian:
//!
//! `length u32 (all of the frame) | command u16 = 0x20 | sequence u32 | count u16 | records`; a record
//! is `time u32 | latitude i32 | longitude i32 | speed u16 | heading u16 | alarm 4 bits, group 4 bits |`
//! `status u8 | altitude 12 bits, fix 4 bits`, 20 bytes that cannot be wrong.

pub mod checked;
pub mod hand;
pub mod ours;
pub mod peers;

pub const COMMAND: u16 = 0x20;
pub const RECORD: usize = 20;

#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub time: u32,
    pub latitude: i32,
    pub longitude: i32,
    pub speed: u16,
    pub heading: u16,
    pub alarm: u8,
    pub group: u8,
    pub status: u8,
    pub altitude: u16,
    pub fix: u8,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Telemetry {
    pub sequence: u32,
    pub records: Vec<Record>,
}

pub fn sample() -> Telemetry {
    let record = |index: u32| Record {
        time: 1_700_000_000 + index,
        latitude: -33_000_000 - index as i32,
        longitude: 151_000_000 + index as i32 * 3,
        speed: (index * 13) as u16,
        heading: (index % 360) as u16,
        alarm: (index & 15) as u8,
        group: ((index >> 4) & 15) as u8,
        status: index as u8,
        altitude: ((index * 7) & 0xfff) as u16,
        fix: (index % 16) as u8,
    };
    Telemetry { sequence: 99, records: (0..256).map(record).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refused;

    type Decode = fn(&[u8]) -> Result<Telemetry, Refused>;

    #[test]
    fn all_implementations_agree() {
        let mut frame = Vec::new();
        hand::encode(&sample(), &mut frame);
        assert_eq!(frame.len(), 5_132);
        let decoders: [Decode; 6] = [
            hand::decode,
            |frame| {
                ours::decode(frame).map(|(_, value)| ours::plain(value)).map_err(|_| Refused::Peer)
            },
            peers::nom::decode,
            |frame| peers::binrw::decode(frame).map(peers::binrw::plain),
            |frame| peers::deku::decode(frame).map(peers::deku::plain),
            |frame| peers::deku::decode_bits(frame).map(peers::deku::plain_bits),
        ];
        for decode in decoders {
            assert_eq!(decode(&frame), Ok(sample()));
            assert!(decode(&frame[..frame.len() - 1]).is_err());
            let mut bad = frame.clone();
            bad[5] ^= 1;
            assert!(decode(&bad).is_err(), "another command");
            let mut bad = frame.clone();
            bad[11] ^= 1;
            assert!(decode(&bad).is_err(), "another count");
        }
        let mut out = bytes::BytesMut::new();
        ours::encode(&ours::value(&sample()), &mut out);
        assert_eq!(out, frame);
        let mut out = Vec::new();
        peers::binrw::encode(&peers::binrw::value(&sample()), &mut out);
        assert_eq!(out, frame);
        let mut out = Vec::new();
        peers::deku::encode(&peers::deku::value(&sample()), &mut out);
        assert_eq!(out, frame);
        let mut out = Vec::new();
        peers::deku::encode(&peers::deku::value_bits(&sample()), &mut out);
        assert_eq!(out, frame);
    }
}
