//! M3 with records that can be wrong: positions lie on the globe, headings on the circle.

use std::ops::RangeInclusive;

use super::{COMMAND, Record, Telemetry};
use crate::Refused;

/// Millionths of a degree.
const LATITUDES: RangeInclusive<i32> = -90_000_000..=90_000_000;
/// Millionths of a degree.
const LONGITUDES: RangeInclusive<i32> = -180_000_000..=180_000_000;
/// Degrees.
const HEADINGS: RangeInclusive<u16> = 0..=359;

pub mod hand {
    use super::super::hand::{head, record};
    use super::{HEADINGS, LATITUDES, LONGITUDES, Refused, Telemetry};

    /// The limit. Who stops at the first bad record passes each through memory: 16,500 instructions
    /// instead of these.
    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Telemetry, Refused> {
        let (sequence, block) = head(frame)?;
        let mut good = true;
        let records = block.iter().map(|bytes| {
            let record = record(bytes);
            good &= LATITUDES.contains(&record.latitude)
                && LONGITUDES.contains(&record.longitude)
                && HEADINGS.contains(&record.heading);
            record
        });
        let records = records.collect();
        if !good {
            return Err(Refused::Value);
        }
        Ok(Telemetry { sequence, records })
    }
}

pub mod ours {
    use longlink::codec::DecodeError;
    use longlink::{Auto, Frame, Parse, Wire};
    use nom::IResult;

    #[derive(Debug, Clone, PartialEq, Frame)]
    #[wire(endian = big, max_frame_length = 1 << 20)]
    pub struct Telemetry {
        #[wire(length_of = ..)]
        length: Auto<u32>,
        #[wire(fixed = 0x20u16)]
        command: (),
        pub sequence: u32,
        #[wire(count_of = records)]
        count: Auto<u16>,
        pub records: Vec<Record>,
    }

    #[derive(Debug, Clone, PartialEq, Wire)]
    pub struct Record {
        pub time: u32,
        #[wire(valid = -90_000_000..=90_000_000)]
        pub latitude: i32,
        #[wire(valid = -180_000_000..=180_000_000)]
        pub longitude: i32,
        pub speed: u16,
        #[wire(valid = 0..=359)]
        pub heading: u16,
        #[wire(bits = 4)]
        pub alarm: u8,
        #[wire(bits = 4)]
        pub group: u8,
        pub status: u8,
        #[wire(bits = 12)]
        pub altitude: u16,
        #[wire(bits = 4)]
        pub fix: u8,
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> IResult<&[u8], Telemetry, DecodeError> {
        Telemetry::parse(frame)
    }

    pub fn plain(telemetry: Telemetry) -> super::Telemetry {
        let record = |record: Record| super::Record {
            time: record.time,
            latitude: record.latitude,
            longitude: record.longitude,
            speed: record.speed,
            heading: record.heading,
            alarm: record.alarm,
            group: record.group,
            status: record.status,
            altitude: record.altitude,
            fix: record.fix,
        };
        let records = telemetry.records.into_iter().map(record).collect();
        super::Telemetry { sequence: telemetry.sequence, records }
    }
}

/// What a peer, which splits no bytes, has read.
macro_rules! plain {
    ($layout:expr) => {{
        let record = |record: RecordLayout| super::Record {
            time: record.time,
            latitude: record.latitude,
            longitude: record.longitude,
            speed: record.speed,
            heading: record.heading,
            alarm: record.alarms >> 4,
            group: record.alarms & 15,
            status: record.status,
            altitude: record.packed >> 4,
            fix: (record.packed & 15) as u8,
        };
        let records = $layout.records.into_iter().map(record).collect();
        super::Telemetry { sequence: $layout.sequence, records }
    }};
}

pub mod binrw {
    use std::io::Cursor;

    use binrw::{BinRead, binread};

    use super::{COMMAND, HEADINGS, LATITUDES, LONGITUDES, Refused};

    #[binread]
    #[br(big)]
    pub struct RecordLayout {
        time: u32,
        #[br(assert(LATITUDES.contains(&latitude)))]
        latitude: i32,
        #[br(assert(LONGITUDES.contains(&longitude)))]
        longitude: i32,
        speed: u16,
        #[br(assert(HEADINGS.contains(&heading)))]
        heading: u16,
        alarms: u8,
        status: u8,
        packed: u16,
    }

    #[binread]
    #[br(big)]
    pub struct Layout {
        #[br(temp)]
        _length: u32,
        #[br(temp, assert(command == COMMAND))]
        command: u16,
        sequence: u32,
        #[br(temp)]
        count: u16,
        #[br(count = count)]
        records: Vec<RecordLayout>,
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Layout, Refused> {
        let mut cursor = Cursor::new(frame);
        let layout = Layout::read(&mut cursor).map_err(|_| Refused::Peer)?;
        let whole = cursor.position() as usize == frame.len();
        if whole { Ok(layout) } else { Err(Refused::Length) }
    }

    pub fn plain(layout: Layout) -> super::Telemetry {
        plain!(layout)
    }
}

pub mod deku {
    use deku::ctx::Endian;
    use deku::prelude::*;

    use super::{COMMAND, HEADINGS, LATITUDES, LONGITUDES, Refused};

    #[derive(DekuRead)]
    #[deku(endian = "endian", ctx = "endian: Endian", ctx_default = "Endian::Big")]
    pub struct RecordLayout {
        time: u32,
        #[deku(assert = "LATITUDES.contains(&*latitude)")]
        latitude: i32,
        #[deku(assert = "LONGITUDES.contains(&*longitude)")]
        longitude: i32,
        speed: u16,
        #[deku(assert = "HEADINGS.contains(&*heading)")]
        heading: u16,
        alarms: u8,
        status: u8,
        packed: u16,
    }

    #[deku_derive(DekuRead)]
    #[deku(endian = "big")]
    pub struct Layout {
        #[deku(temp)]
        length: u32,
        #[deku(temp, assert_eq = "COMMAND")]
        command: u16,
        sequence: u32,
        #[deku(temp)]
        count: u16,
        #[deku(count = "count")]
        records: Vec<RecordLayout>,
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Layout, Refused> {
        match Layout::from_bytes((frame, 0)) {
            Ok((([], _), layout)) => Ok(layout),
            Ok(_) => Err(Refused::Length),
            Err(_) => Err(Refused::Peer),
        }
    }

    pub fn plain(layout: Layout) -> super::Telemetry {
        plain!(layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{RECORD, sample};

    type Decode = fn(&[u8]) -> Result<Telemetry, Refused>;

    const DECODERS: [Decode; 4] = [
        hand::decode,
        |frame| ours::decode(frame).map(|(_, value)| ours::plain(value)).map_err(|_| Refused::Peer),
        |frame| binrw::decode(frame).map(binrw::plain),
        |frame| deku::decode(frame).map(deku::plain),
    ];

    fn frame(telemetry: &Telemetry) -> Vec<u8> {
        let mut frame = Vec::new();
        crate::telemetry::hand::encode(telemetry, &mut frame);
        frame
    }

    #[test]
    fn all_implementations_agree() {
        for decode in DECODERS {
            let whole = frame(&sample());
            assert_eq!(decode(&whole), Ok(sample()));
            assert!(decode(&whole[..whole.len() - RECORD]).is_err());
        }
    }

    #[test]
    fn all_implementations_check_every_record() {
        type Spoil = fn(&mut Record);
        let good: [Spoil; 3] = [
            |it| it.latitude = -90_000_000,
            |it| it.longitude = 180_000_000,
            |it| it.heading = 359,
        ];
        let bad: [Spoil; 3] = [
            |it| it.latitude = -90_000_001,
            |it| it.longitude = 180_000_001,
            |it| it.heading = 360,
        ];
        for (decode, index) in DECODERS.iter().flat_map(|decode| [(decode, 0), (decode, 255)]) {
            for (good, bad) in good.iter().zip(bad) {
                let mut telemetry = sample();
                good(&mut telemetry.records[index]);
                assert_eq!(decode(&frame(&telemetry)), Ok(telemetry.clone()));
                bad(&mut telemetry.records[index]);
                assert!(decode(&frame(&telemetry)).is_err());
            }
        }
    }
}
