//! The limit.

use super::{COMMAND, RECORD, Record, Telemetry};
use crate::Refused;

#[inline(always)]
pub fn record(bytes: &[u8; RECORD]) -> Record {
    let packed = u16::from_be_bytes([bytes[18], bytes[19]]);
    Record {
        time: u32::from_be_bytes(bytes[0..4].try_into().unwrap()),
        latitude: i32::from_be_bytes(bytes[4..8].try_into().unwrap()),
        longitude: i32::from_be_bytes(bytes[8..12].try_into().unwrap()),
        speed: u16::from_be_bytes([bytes[12], bytes[13]]),
        heading: u16::from_be_bytes([bytes[14], bytes[15]]),
        alarm: bytes[16] >> 4,
        group: bytes[16] & 15,
        status: bytes[17],
        altitude: packed >> 4,
        fix: (packed & 15) as u8,
    }
}

#[inline(always)]
fn image(record: &Record) -> [u8; RECORD] {
    let mut bytes = [0; RECORD];
    bytes[0..4].copy_from_slice(&record.time.to_be_bytes());
    bytes[4..8].copy_from_slice(&record.latitude.to_be_bytes());
    bytes[8..12].copy_from_slice(&record.longitude.to_be_bytes());
    bytes[12..14].copy_from_slice(&record.speed.to_be_bytes());
    bytes[14..16].copy_from_slice(&record.heading.to_be_bytes());
    bytes[16] = (record.alarm << 4) | (record.group & 15);
    bytes[17] = record.status;
    let packed = (record.altitude << 4) | (u16::from(record.fix) & 15);
    bytes[18..20].copy_from_slice(&packed.to_be_bytes());
    bytes
}

#[inline(never)]
pub fn decode(frame: &[u8]) -> Result<Telemetry, Refused> {
    let (sequence, block) = head(frame)?;
    Ok(Telemetry { sequence, records: block.iter().map(record).collect() })
}

/// The sequence, and the records as bytes.
#[inline(always)]
pub fn head(frame: &[u8]) -> Result<(u32, &[[u8; RECORD]]), Refused> {
    let head: &[u8; 12] = frame.first_chunk().ok_or(Refused::Short)?;
    let length = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
    let frame = frame.get(..length).ok_or(Refused::Short)?;
    if u16::from_be_bytes([head[4], head[5]]) != COMMAND {
        return Err(Refused::Magic);
    }
    let count = u16::from_be_bytes([head[10], head[11]]) as usize;
    if length != 12 + count * RECORD {
        return Err(Refused::Length);
    }
    let sequence = u32::from_be_bytes(head[6..10].try_into().unwrap());
    Ok((sequence, frame[12..].as_chunks().0))
}

/// Reserved once, then appended record by record. Bits beyond a field's width are cut off, not
/// refused.
#[inline(never)]
pub fn encode(telemetry: &Telemetry, out: &mut Vec<u8>) {
    let length = 12 + telemetry.records.len() * RECORD;
    out.reserve(length);
    let mut head = [0; 12];
    head[..4].copy_from_slice(&(length as u32).to_be_bytes());
    head[4..6].copy_from_slice(&COMMAND.to_be_bytes());
    head[6..10].copy_from_slice(&telemetry.sequence.to_be_bytes());
    head[10..].copy_from_slice(&(telemetry.records.len() as u16).to_be_bytes());
    out.extend_from_slice(&head);
    for record in &telemetry.records {
        out.extend_from_slice(&image(record));
    }
}
