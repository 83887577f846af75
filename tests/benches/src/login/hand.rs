//! The limit.

use super::{LEN, Login, MAGIC};
use crate::Refused;
use crate::checksum::xor16;

#[inline(always)]
fn u16_at(bytes: &[u8; LEN], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

#[inline(always)]
fn u32_at(bytes: &[u8; LEN], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

#[inline(always)]
fn u64_at(bytes: &[u8; LEN], at: usize) -> u64 {
    u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap())
}

#[inline(never)]
pub fn decode(frame: &[u8]) -> Result<Login, Refused> {
    let bytes: &[u8; LEN] = frame.first_chunk().ok_or(Refused::Short)?;
    if u16_at(bytes, 0) != MAGIC {
        return Err(Refused::Magic);
    }
    if u32_at(bytes, 2) != LEN as u32 {
        return Err(Refused::Length);
    }
    if u16_at(bytes, 30) != xor16(&bytes[..30]) {
        return Err(Refused::Checksum);
    }
    Ok(Login {
        command: u16_at(bytes, 6),
        sequence: u32_at(bytes, 8),
        session: u64_at(bytes, 12),
        sent_ms: u64_at(bytes, 20),
        kind: bytes[28] >> 5,
        options: bytes[28] & 31,
        version: bytes[29],
    })
}

#[inline(never)]
pub fn encode(login: &Login, out: &mut Vec<u8>) {
    let mut bytes = [0; LEN];
    bytes[0..2].copy_from_slice(&MAGIC.to_be_bytes());
    bytes[2..6].copy_from_slice(&(LEN as u32).to_be_bytes());
    bytes[6..8].copy_from_slice(&login.command.to_be_bytes());
    bytes[8..12].copy_from_slice(&login.sequence.to_be_bytes());
    bytes[12..20].copy_from_slice(&login.session.to_be_bytes());
    bytes[20..28].copy_from_slice(&login.sent_ms.to_be_bytes());
    bytes[28] = (login.kind << 5) | (login.options & 31);
    bytes[29] = login.version;
    let sum = xor16(&bytes[..30]);
    bytes[30..32].copy_from_slice(&sum.to_be_bytes());
    out.extend_from_slice(&bytes);
}
