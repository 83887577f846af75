//! The declaration.

use longlink::codec::DecodeError;
use longlink::{Auto, BytesMut, Frame, Parse, Wire};
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
    pub latitude: i32,
    pub longitude: i32,
    pub speed: u16,
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

#[inline(never)]
pub fn encode(telemetry: &Telemetry, out: &mut BytesMut) {
    telemetry.encode(out).expect("a sample fits its fields");
}

pub fn value(telemetry: &super::Telemetry) -> Telemetry {
    let record = |record: &super::Record| Record {
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
    Telemetry::new(telemetry.sequence, telemetry.records.iter().map(record).collect())
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
    super::Telemetry {
        sequence: telemetry.sequence,
        records: telemetry.records.into_iter().map(record).collect(),
    }
}
