//! DNS messages as they stand on TCP (RFC 1035 §4.1 and §4.2.2).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use longlink::{Auto, Bytes, Frame, Wire};

use super::name::{self, Name, plain};

/// Internet (RFC 1035 §3.2.4).
pub const INTERNET: u16 = 1;
/// Chaos, which names facts about the server itself (RFC 4892).
pub const CHAOS: u16 = 3;
/// A question for a whole zone (RFC 5936).
pub const TRANSFER: u16 = 252;

/// RFC 1035 §4.1, behind the length of §4.2.2: "a two byte length field which gives the message
/// length, excluding the two byte length field".
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 2 + 65535, resync = close)]
pub struct Message {
    #[wire(length_of = id..)]
    length: Auto<u16>,
    #[wire(role = sequence)]
    pub id: u16,
    pub flags: Flags,
    #[wire(count_of = questions)]
    question_count: Auto<u16>,
    #[wire(count_of = answers)]
    answer_count: Auto<u16>,
    #[wire(count_of = authorities)]
    authority_count: Auto<u16>,
    #[wire(count_of = additional)]
    additional_count: Auto<u16>,
    pub questions: Vec<Question>,
    pub answers: Vec<Record>,
    pub authorities: Vec<Record>,
    pub additional: Vec<Record>,
}

/// RFC 1035 §4.1.1 and RFC 4035 §3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Wire)]
#[wire(bitfield = u16, bit_order = msb)]
pub struct Flags {
    pub response: bool,
    #[wire(bits = 4)]
    pub operation: u8,
    pub authoritative: bool,
    pub truncated: bool,
    pub recursion_desired: bool,
    pub recursion_available: bool,
    #[wire(bits = 1, reserved)]
    reserved: u8,
    pub authentic_data: bool,
    pub checking_disabled: bool,
    /// 0: no error, 3: no such name, 5: refused.
    #[wire(bits = 4)]
    pub code: u8,
}

/// RFC 1035 §4.1.2.
#[derive(Debug, Clone, PartialEq, Wire)]
pub struct Question {
    #[wire(with = name(whole))]
    pub name: Name,
    pub kind: u16,
    pub class: u16,
}

/// RFC 1035 §4.1.3.
#[derive(Debug, Clone, PartialEq, Wire)]
pub struct Record {
    #[wire(with = name(whole))]
    pub name: Name,
    #[wire(tag_of = data)]
    kind: Auto<u16>,
    /// Of `Opt`: the largest UDP payload (RFC 6891 §6.1.2).
    pub class: u16,
    /// Seconds. Of `Opt`: flags (RFC 6891 §6.1.3).
    pub time_to_live: u32,
    #[wire(length_of = data)]
    length: Auto<u16>,
    pub data: Data,
}

/// What is known of a name.
#[derive(Debug, Clone, PartialEq, Wire)]
pub enum Data {
    #[wire(tag = 1)]
    A(Ipv4Addr),
    #[wire(tag = 2)]
    Ns(Target),
    #[wire(tag = 5)]
    Cname(Target),
    #[wire(tag = 6)]
    Soa {
        #[wire(with = name(whole))]
        server: Name,
        #[wire(with = name(whole))]
        mailbox: Name,
        serial: u32,
        refresh: u32,
        retry: u32,
        expire: u32,
        minimum: u32,
    },
    #[wire(tag = 12)]
    Ptr(Target),
    #[wire(tag = 15)]
    Mx { preference: u16, exchange: Target },
    #[wire(tag = 16)]
    Txt {
        #[wire(rest, each(prefix = u8))]
        texts: Vec<Bytes>,
    },
    #[wire(tag = 28)]
    Aaaa(Ipv6Addr),
    /// RFC 2782: the target is written without compression.
    #[wire(tag = 33)]
    Srv {
        priority: u16,
        weight: u16,
        port: u16,
        #[wire(with = plain(whole))]
        target: Name,
    },
    /// RFC 6891 §6.1.2.
    #[wire(tag = 41)]
    Opt {
        #[wire(rest)]
        options: Vec<EdnsOption>,
    },
    /// RFC 8659 §4.1.
    #[wire(tag = 257)]
    Caa {
        flags: u8,
        #[wire(prefix = u8)]
        property: String,
        #[wire(rest)]
        value: Bytes,
    },
    #[wire(other)]
    Unknown {
        #[wire(tag)]
        kind: u16,
        #[wire(rest)]
        raw: Bytes,
    },
}

/// A name that may be compressed (RFC 3597 §4: only in the types of RFC 1035).
#[derive(Debug, Clone, PartialEq, Wire)]
pub struct Target {
    #[wire(with = name(whole))]
    pub name: Name,
}

/// RFC 6891 §6.1.2.
#[derive(Debug, Clone, PartialEq, Wire)]
pub struct EdnsOption {
    pub code: u16,
    #[wire(length_of = data)]
    length: Auto<u16>,
    pub data: Bytes,
}

impl Message {
    /// One question. The session gives it its id.
    pub fn question(name: Name, kind: u16, class: u16) -> Self {
        let flags = Flags { recursion_desired: kind != TRANSFER, ..Flags::default() };
        let questions = vec![Question { name, kind, class }];
        Self::new(0, flags, questions, Vec::new(), Vec::new(), Vec::new())
    }

    /// The answer to a question.
    pub fn answer(asked: &Self, code: u8, answers: Vec<Record>) -> Self {
        let flags = Flags { response: true, authoritative: true, code, ..asked.flags };
        Self::new(asked.id, flags, asked.questions.clone(), answers, Vec::new(), Vec::new())
    }

    /// The question asks for a whole zone.
    pub fn is_transfer(&self) -> bool {
        self.questions.iter().any(|question| question.kind == TRANSFER)
    }
}

impl Data {
    /// The number of a type by its usual name, or `TYPE123` (RFC 3597 §5).
    pub fn kind(name: &str) -> Option<u16> {
        let name = name.to_ascii_uppercase();
        Some(match name.as_str() {
            "A" => 1,
            "NS" => 2,
            "CNAME" => 5,
            "SOA" => 6,
            "PTR" => 12,
            "MX" => 15,
            "TXT" => 16,
            "AAAA" => 28,
            "SRV" => 33,
            "CAA" => 257,
            "ANY" => 255,
            other => return other.strip_prefix("TYPE")?.parse().ok(),
        })
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.name, self.time_to_live, self.data)
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(address) => write!(f, "A {address}"),
            Self::Aaaa(address) => write!(f, "AAAA {address}"),
            Self::Ns(target) => write!(f, "NS {}", target.name),
            Self::Cname(target) => write!(f, "CNAME {}", target.name),
            Self::Ptr(target) => write!(f, "PTR {}", target.name),
            Self::Mx { preference, exchange } => write!(f, "MX {preference} {}", exchange.name),
            Self::Soa { server, mailbox, serial, .. } => {
                write!(f, "SOA {server} {mailbox} {serial}")
            }
            Self::Txt { texts } => {
                f.write_str("TXT")?;
                texts.iter().try_for_each(|text| write!(f, " \"{}\"", text.escape_ascii()))
            }
            Self::Srv { priority, weight, port, target } => {
                write!(f, "SRV {priority} {weight} {port} {target}")
            }
            Self::Opt { options } => write!(f, "OPT {} options", options.len()),
            Self::Caa { property, value, .. } => {
                write!(f, "CAA {property} \"{}\"", value.escape_ascii())
            }
            Self::Unknown { kind, raw } => write!(f, "TYPE{kind} {} bytes", raw.len()),
        }
    }
}
