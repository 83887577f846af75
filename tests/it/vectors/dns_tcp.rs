//! DNS over TCP: what dig and BIND said to each other, field by field, and names that are refused.

use std::collections::BTreeMap;

use longlink::codec::{Fault, Tagged};
use longlink::{BytesMut, Frame, Wire};
use serde_json::Value;

use crate::declarations::dns::{Data, EdnsOption, Flags, Message, Question, Record};
use crate::declarations::name::Name;
use crate::samples::{bytes, compared, list, text};
use crate::stream::{Said, said, said_in_place};

/// What tshark shows and no field holds: the flags as one number, its own counts and times, parts
/// of the name of a service, the parts that EDNS packs into a time to live and into its cookie.
const NOT_DECLARED: &[&str] = &[
    "dns.flags",
    "dns.response_to",
    "dns.time",
    "dns.qry.name.len",
    "dns.count.labels",
    "dns.srv.service",
    "dns.srv.proto",
    "dns.srv.name",
    "dns.resp.len",
    "dns.resp.ext_rcode",
    "dns.resp.edns0_version",
    "dns.resp.z",
    "dns.resp.z_tree",
    "dns.opt.cookie.client",
    "dns.opt.cookie.server",
    "dns.opt.edns_tcp_keepalive.timeout",
    "dns.opt.len",
    "dns.txt.length",
    "dns.caa.tag_length",
    "dns.caa.flags_tree",
];

/// The zone of 252 records: BIND writes the owner of its service without compression, and we do not.
const ZONE_LEN: usize = 16_605;

type Shown = BTreeMap<String, String>;

fn entries<const N: usize>(list: [(&str, String); N]) -> Shown {
    list.into_iter().map(|(name, value)| (format!("dns.{name}"), value)).collect()
}

fn named(name: &Name) -> String {
    match name.to_string().trim_end_matches('.') {
        "" => "<Root>".to_owned(),
        name => name.to_owned(),
    }
}

fn bit(flag: bool) -> String {
    u8::from(flag).to_string()
}

fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// Text as tshark writes it: a mark for each byte that is no ASCII.
fn ascii(bytes: &[u8]) -> String {
    let shown = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { '\u{FFFD}' };
    bytes.iter().map(shown).collect()
}

fn header(message: &Message, len: usize) -> Shown {
    let Flags { response, operation, authoritative, truncated, .. } = message.flags;
    let flags = message.flags;
    let mut shown = entries([
        ("length", (len - 2).to_string()),
        ("id", format!("{:#06x}", message.id)),
        ("flags.response", bit(response)),
        ("flags.opcode", operation.to_string()),
        ("flags.truncated", bit(truncated)),
        ("flags.recdesired", bit(flags.recursion_desired)),
        ("flags.z", "0".to_owned()),
        ("flags.checkdisable", bit(flags.checking_disabled)),
        ("count.queries", message.questions.len().to_string()),
        ("count.answers", message.answers.len().to_string()),
        ("count.auth_rr", message.authorities.len().to_string()),
        ("count.add_rr", message.additional.len().to_string()),
    ]);
    if response {
        shown.extend(entries([
            ("flags.authoritative", bit(authoritative)),
            ("flags.recavail", bit(flags.recursion_available)),
            ("flags.rcode", flags.code.to_string()),
        ]));
    }
    // tshark shows it in questions where it is set, and in all answers.
    shown.extend(entries([("flags.authenticated", bit(flags.authentic_data))]));
    shown
}

fn question(question: &Question) -> Shown {
    entries([
        ("qry.name", named(&question.name)),
        ("qry.type", question.kind.to_string()),
        ("qry.class", format!("{:#06x}", question.class)),
    ])
}

fn record(record: &Record) -> Shown {
    let mut shown = entries([("resp.type", record.data.tag().to_string())]);
    if !matches!(record.data, Data::Srv { .. }) {
        shown.extend(entries([("resp.name", named(&record.name))]));
    }
    shown.extend(match record.data {
        Data::Opt { .. } => {
            entries([("rr.udp_payload_size", record.class.to_string())]).into_iter()
        }
        _ => entries([
            ("resp.class", format!("{:#06x}", record.class)),
            ("resp.ttl", record.time_to_live.to_string()),
        ])
        .into_iter(),
    });
    shown.extend(data(&record.data));
    shown
}

fn data(data: &Data) -> Shown {
    match data {
        Data::A(address) => entries([("a", address.to_string())]),
        Data::Aaaa(address) => entries([("aaaa", address.to_string())]),
        Data::Ns(target) => entries([("ns", named(&target.name))]),
        Data::Cname(target) => entries([("cname", named(&target.name))]),
        Data::Ptr(target) => entries([("ptr.domain_name", named(&target.name))]),
        Data::Mx { preference, exchange } => entries([
            ("mx.preference", preference.to_string()),
            ("mx.mail_exchange", named(&exchange.name)),
        ]),
        Data::Soa { server, mailbox, serial, refresh, retry, expire, minimum } => entries([
            ("soa.mname", named(server)),
            ("soa.rname", named(mailbox)),
            ("soa.serial_number", serial.to_string()),
            ("soa.refresh_interval", refresh.to_string()),
            ("soa.retry_interval", retry.to_string()),
            ("soa.expire_limit", expire.to_string()),
            ("soa.minimum_ttl", minimum.to_string()),
        ]),
        Data::Txt { texts } => {
            let texts: Vec<_> = texts.iter().map(|text| ascii(text)).collect();
            entries([("txt", texts.join(","))])
        }
        Data::Srv { priority, weight, port, target } => entries([
            ("srv.priority", priority.to_string()),
            ("srv.weight", weight.to_string()),
            ("srv.port", port.to_string()),
            ("srv.target", named(target)),
        ]),
        Data::Caa { flags, property, value } => entries([
            ("caa.flags", format!("{flags:#04x}")),
            ("caa.tag", property.clone()),
            ("caa.value", ascii(value)),
            (&format!("caa.{property}"), ascii(value)),
        ]),
        Data::Opt { options } => {
            let of = |part: fn(&EdnsOption) -> String| {
                options.iter().map(part).collect::<Vec<_>>().join(",")
            };
            entries([
                ("opt.code", of(|option| option.code.to_string())),
                ("opt.data", of(|option| colons(&option.data))),
            ])
        }
        Data::Unknown { raw, .. } => entries([("data", colons(raw))]),
    }
}

/// What tshark shows of one section or record, without what no field holds.
fn recorded(value: &Value) -> Shown {
    let mut shown = Shown::new();
    for (name, value) in value.as_object().expect("an object") {
        let values = match value {
            _ if NOT_DECLARED.contains(&name.as_str()) => continue,
            Value::Array(list) if name == "dns.opt" => list.iter().map(recorded).collect(),
            Value::Array(list) => {
                let texts = list.iter().map(|one| one.as_str().expect("text").to_owned());
                vec![Shown::from([(name.clone(), texts.collect::<Vec<_>>().join(","))])]
            }
            Value::String(text) => vec![Shown::from([(name.clone(), text.clone())])],
            Value::Object(_) => vec![recorded(value)],
            other => panic!("{name}: {other}"),
        };
        for (name, value) in values.into_iter().flatten() {
            let known = shown.entry(name).or_default();
            let comma = if known.is_empty() { "" } else { "," };
            *known = format!("{known}{comma}{value}");
        }
    }
    shown
}

#[test]
fn every_recorded_message_reads_as_tshark_read_it() {
    let [mut frames, mut again, mut fields] = [0; 3];
    for entry in list("dns_tcp/frames.json") {
        let frame = bytes(text(&entry, "/hex"));
        let message = Message::decode(&frame).expect("a message");
        let mut seen = entry["tshark"].clone();
        let sections = seen.as_object_mut().expect("an object");
        let mut section = |name: &str| match sections.remove(name) {
            Some(Value::Array(records)) => records.iter().map(recorded).collect(),
            _ => Vec::new(),
        };
        let questions: Vec<Shown> = section("Queries");
        assert_eq!(message.questions.iter().map(question).collect::<Vec<_>>(), questions);
        for (name, records) in [
            ("Answers", &message.answers),
            ("Authoritative nameservers", &message.authorities),
            ("Additional records", &message.additional),
        ] {
            let expected: Vec<Shown> = section(name);
            fields += expected.iter().map(Shown::len).sum::<usize>();
            // Of a zone of 252 records the first few were kept.
            let read: Vec<Shown> = records.iter().take(expected.len()).map(record).collect();
            assert_eq!(read, expected);
        }
        let expected = recorded(&seen);
        let mut read = header(&message, frame.len());
        read.retain(|name, _| expected.contains_key(name) || !name.starts_with("dns.flags"));
        assert_eq!(read, expected);
        fields += read.len() + 3 * questions.len();
        frames += 1;
        let mut out = BytesMut::new();
        assert_eq!(message.encode(&mut out), Ok(()));
        if frame.len() == ZONE_LEN {
            assert_eq!(out.len(), ZONE_LEN - "golden.test.".len() - 1 + 2);
            assert_eq!(Message::decode(&out), Ok(message));
        } else {
            assert!(out[..] == frame, "{} is compressed in another way", text(&entry, "/hex"));
            again += 1;
        }
    }
    // Of the zone one name is compressed in another way.
    compared("dns_tcp", [frames, again, fields], [26, 25, 606]);
}

#[test]
fn the_streams_hold_in_single_bytes_and_in_one_piece() {
    let frames: Vec<Vec<u8>> =
        list("dns_tcp/frames.json").iter().map(|entry| bytes(text(entry, "/hex"))).collect();
    let expected: Vec<Said<Message>> =
        frames.iter().map(|frame| Said::Frame(Message::decode(frame).unwrap())).collect();
    let stream = frames.concat();
    assert_eq!(said(stream.chunks(1)), expected);
    assert_eq!(said([&stream[..]]), expected);
    assert_eq!(said_in_place(stream.chunks(1)), expected);
}

/// A message with this name in its question.
fn asked(name: &str) -> Vec<u8> {
    let name = bytes(name);
    let len = u16::try_from(12 + name.len() + 4).unwrap().to_be_bytes();
    let head = bytes("0001 0100 0001 0000 0000 0000");
    [&len[..], &head, &name, &[0, 1, 0, 1]].concat()
}

fn refused(name: &str) -> (Fault, usize) {
    let frame = asked(name);
    let error = Message::decode(&frame).expect_err("a name that is none");
    (error.fault, error.offset_in(&frame))
}

#[test]
fn a_pointer_leads_back_and_never_in_a_circle() {
    // RFC 1035 §4.1.4: to itself, ahead, to the start of its own name, into the header.
    assert_eq!(refused("C00C"), (Fault::Invalid, 14));
    assert_eq!(refused("C00E 00"), (Fault::Invalid, 14));
    assert_eq!(refused("01 61 C00C"), (Fault::Invalid, 14));
    assert_eq!(
        Message::decode(&asked("01 61 C006")).unwrap().questions[0].name,
        "a".parse().unwrap()
    );
}

#[test]
fn labels_and_names_have_limits() {
    let label = |len: u8| format!("{len:02X}{}", "61".repeat(len.into()));
    let three = label(63).repeat(3);
    // 3 × 64 + 62 + 1 = 255 octets, and one more.
    assert!(Message::decode(&asked(&format!("{three}{}00", label(61)))).is_ok());
    assert_eq!(refused(&format!("{three}{}00", label(62))), (Fault::Length, 14 + 192));
    assert_eq!(refused("40 00"), (Fault::Invalid, 14));
    assert_eq!(refused("80 00"), (Fault::Invalid, 14));
}
