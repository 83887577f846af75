//! Other codecs, used as their documentation suggests.

use super::{COMMAND, RECORD, Record, Telemetry};
use crate::Refused;

fn length(telemetry: &Telemetry) -> u32 {
    (12 + telemetry.records.len() * RECORD) as u32
}

pub mod nom {
    use nom::combinator::{all_consuming, map, verify};
    use nom::multi::length_count;
    use nom::number::complete::{be_i32, be_u8, be_u16, be_u32};
    use nom::{IResult, Parser};

    use super::{COMMAND, Record, Refused, Telemetry};

    fn record(input: &[u8]) -> IResult<&[u8], Record> {
        map(
            (be_u32, be_i32, be_i32, be_u16, be_u16, be_u8, be_u8, be_u16),
            |(time, latitude, longitude, speed, heading, alarms, status, packed)| Record {
                time,
                latitude,
                longitude,
                speed,
                heading,
                alarm: alarms >> 4,
                group: alarms & 15,
                status,
                altitude: packed >> 4,
                fix: (packed & 15) as u8,
            },
        )
        .parse(input)
    }

    fn telemetry(input: &[u8]) -> IResult<&[u8], Telemetry> {
        let command = verify(be_u16, |command| *command == COMMAND);
        let (rest, (_, _, sequence)) = (be_u32, command, be_u32).parse(input)?;
        let (rest, records) = length_count(be_u16, record).parse(rest)?;
        Ok((rest, Telemetry { sequence, records }))
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Telemetry, Refused> {
        let length = u32::from_be_bytes(*frame.first_chunk().ok_or(Refused::Short)?);
        let frame = frame.get(..length as usize).ok_or(Refused::Short)?;
        Ok(all_consuming(telemetry).parse(frame).map_err(|_| Refused::Peer)?.1)
    }
}

pub mod binrw {
    use std::io::Cursor;

    use binrw::{BinRead, BinWrite, binrw};

    use super::{COMMAND, Record, Refused, Telemetry};

    #[binrw]
    #[brw(big)]
    pub struct RecordLayout {
        time: u32,
        latitude: i32,
        longitude: i32,
        speed: u16,
        heading: u16,
        alarms: u8,
        status: u8,
        packed: u16,
    }

    #[binrw]
    #[brw(big)]
    pub struct Layout {
        length: u32,
        #[br(assert(command == COMMAND))]
        command: u16,
        sequence: u32,
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

    #[inline(never)]
    pub fn encode(layout: &Layout, out: &mut Vec<u8>) {
        let start = out.len() as u64;
        let mut cursor = Cursor::new(out);
        cursor.set_position(start);
        layout.write(&mut cursor).expect("a vector takes all");
    }

    pub fn value(telemetry: &Telemetry) -> Layout {
        let record = |record: &Record| RecordLayout {
            time: record.time,
            latitude: record.latitude,
            longitude: record.longitude,
            speed: record.speed,
            heading: record.heading,
            alarms: (record.alarm << 4) | record.group,
            status: record.status,
            packed: (record.altitude << 4) | u16::from(record.fix),
        };
        Layout {
            length: super::length(telemetry),
            command: COMMAND,
            sequence: telemetry.sequence,
            count: telemetry.records.len() as u16,
            records: telemetry.records.iter().map(record).collect(),
        }
    }

    pub fn plain(layout: Layout) -> Telemetry {
        let record = |record: RecordLayout| Record {
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
        let records = layout.records.into_iter().map(record).collect();
        Telemetry { sequence: layout.sequence, records }
    }
}

pub mod deku {
    use std::io::Cursor;

    use deku::ctx::Endian;
    use deku::prelude::*;

    use super::{COMMAND, Record, Refused, Telemetry};

    #[derive(DekuRead, DekuWrite)]
    #[deku(endian = "endian", ctx = "endian: Endian", ctx_default = "Endian::Big")]
    pub struct RecordLayout {
        time: u32,
        latitude: i32,
        longitude: i32,
        speed: u16,
        heading: u16,
        alarms: u8,
        status: u8,
        packed: u16,
    }

    #[derive(DekuRead, DekuWrite)]
    #[deku(endian = "big")]
    pub struct Layout {
        length: u32,
        #[deku(assert_eq = "COMMAND")]
        command: u16,
        sequence: u32,
        count: u16,
        #[deku(count = "count")]
        records: Vec<RecordLayout>,
    }

    #[derive(DekuRead, DekuWrite)]
    #[deku(endian = "endian", ctx = "endian: Endian", ctx_default = "Endian::Big")]
    pub struct BitRecordLayout {
        time: u32,
        latitude: i32,
        longitude: i32,
        speed: u16,
        heading: u16,
        #[deku(bits = 4)]
        alarm: u8,
        #[deku(bits = 4)]
        group: u8,
        status: u8,
        #[deku(bits = 12)]
        altitude: u16,
        #[deku(bits = 4)]
        fix: u8,
    }

    #[derive(DekuRead, DekuWrite)]
    #[deku(endian = "big")]
    pub struct BitLayout {
        length: u32,
        #[deku(assert_eq = "COMMAND")]
        command: u16,
        sequence: u32,
        count: u16,
        #[deku(count = "count")]
        records: Vec<BitRecordLayout>,
    }

    #[inline(never)]
    pub fn decode(frame: &[u8]) -> Result<Layout, Refused> {
        whole(Layout::from_bytes((frame, 0)))
    }

    #[inline(never)]
    pub fn decode_bits(frame: &[u8]) -> Result<BitLayout, Refused> {
        whole(BitLayout::from_bytes((frame, 0)))
    }

    #[inline(always)]
    fn whole<T>(read: Result<((&[u8], usize), T), DekuError>) -> Result<T, Refused> {
        match read {
            Ok((([], _), layout)) => Ok(layout),
            Ok(_) => Err(Refused::Length),
            Err(_) => Err(Refused::Peer),
        }
    }

    #[inline(never)]
    pub fn encode(layout: &impl DekuWriter, out: &mut Vec<u8>) {
        let start = out.len() as u64;
        let mut cursor = Cursor::new(out);
        cursor.set_position(start);
        let mut writer = Writer::new(&mut cursor);
        layout.to_writer(&mut writer, ()).expect("a vector takes all");
        writer.finalize().expect("whole bytes");
    }

    pub fn value(telemetry: &Telemetry) -> Layout {
        let record = |record: &Record| RecordLayout {
            time: record.time,
            latitude: record.latitude,
            longitude: record.longitude,
            speed: record.speed,
            heading: record.heading,
            alarms: (record.alarm << 4) | record.group,
            status: record.status,
            packed: (record.altitude << 4) | u16::from(record.fix),
        };
        Layout {
            length: super::length(telemetry),
            command: COMMAND,
            sequence: telemetry.sequence,
            count: telemetry.records.len() as u16,
            records: telemetry.records.iter().map(record).collect(),
        }
    }

    pub fn value_bits(telemetry: &Telemetry) -> BitLayout {
        let record = |record: &Record| BitRecordLayout {
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
        BitLayout {
            length: super::length(telemetry),
            command: COMMAND,
            sequence: telemetry.sequence,
            count: telemetry.records.len() as u16,
            records: telemetry.records.iter().map(record).collect(),
        }
    }

    pub fn plain(layout: Layout) -> Telemetry {
        let record = |record: RecordLayout| Record {
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
        let records = layout.records.into_iter().map(record).collect();
        Telemetry { sequence: layout.sequence, records }
    }

    pub fn plain_bits(layout: BitLayout) -> Telemetry {
        let record = |record: BitRecordLayout| Record {
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
        let records = layout.records.into_iter().map(record).collect();
        Telemetry { sequence: layout.sequence, records }
    }
}
