//! IEC 60870-5-104: vectors from the standard's figures and a vendor's published sample.

use longlink::codec::{Fault, Probe};
use longlink::{BytesMut, EncodeError, Frame, Wire};
use serde_json::Value;

use crate::declarations::iec104::value::{
    Clock, Counter, CounterRequest, DoublePoint, Measured, MeasuredQuality, Normalized, Quality,
    Setpoint, SingleCommand, SinglePoint, StepPosition, TestCounter, Timed,
};
use crate::declarations::iec104::{
    Cause, Control, DataUnit, Function, Group, Object, Objects, Unit,
};
use crate::samples::{bytes, encoded, list, text};
use crate::stream::{Said, every_split, said, said_in_place};

fn holds(control: Control, hex: &str) {
    let value = Unit::new(control);
    assert_eq!(encoded(&value), bytes(hex));
    assert_eq!(Unit::decode(&bytes(hex)), Ok(value));
}

#[test]
fn unnumbered_functions_are_four_octets() {
    for (function, octet) in [
        (Function::Start, "07"),
        (Function::StartConfirmed, "0B"),
        (Function::Stop, "13"),
        (Function::StopConfirmed, "23"),
        (Function::Test, "43"),
        (Function::TestConfirmed, "83"),
    ] {
        let control = Control::Unnumbered { function, spare: () };
        holds(control, &format!("68 04 {octet} 00 00 00"));
    }
}

#[test]
fn an_acknowledgement_holds_what_was_received() {
    let control = Control::Supervisory { format: (), spare: (), received: 5 };
    holds(control, "68 04 01 00 0A 00");
}

#[test]
fn information_holds_both_numbers() {
    // Published by Beckhoff (TS650x): N(S) = 2599, N(R) = 62, activation of an interrogation.
    let control = Control::Information {
        format: (),
        sent: 2599,
        spare: (),
        received: 62,
        data: DataUnit::new(
            1,
            false,
            Cause::ActivationTerminated,
            false,
            false,
            0,
            12,
            Objects::InterrogateCounters(Group::one(0, CounterRequest { request: 5, freeze: 0 })),
        ),
    };
    holds(control, "68 0E 4E 14 7C 00 65 01 0A 00 0C 00 00 00 00 05");
}

#[test]
fn the_largest_numbers_fill_fifteen_bits() {
    let control = Control::Supervisory { format: (), spare: (), received: 0x7FFF };
    holds(control, "68 04 01 00 FE FF");
}

#[test]
fn a_length_is_four_to_two_hundred_and_fifty_three() {
    for (octets, expected) in [
        ("68 03", Probe::Skip { len: 2, reason: Fault::Length }),
        ("68 04", Probe::Need(4)),
        ("68 FD", Probe::Need(253)),
        ("68 FE", Probe::Skip { len: 2, reason: Fault::Length }),
    ] {
        let mut border = Default::default();
        assert_eq!(Unit::probe(&mut border, &(), &bytes(octets)), expected, "{octets}");
    }
}

#[test]
fn an_unknown_function_is_invalid() {
    let error = Unit::decode(&bytes("68 04 0F 00 00 00")).expect_err("two bits are set");
    assert_eq!((error.fault, error.from_end), (Fault::Invalid, 4));
}

/// A data unit, in an information unit with both numbers zero.
fn says(data: DataUnit, hex: &str) {
    let unit = Unit::information(data);
    assert_eq!(encoded(&unit), bytes(hex));
    assert_eq!(Unit::decode(&bytes(hex)), Ok(unit));
}

const GOOD: Quality =
    Quality { blocked: false, substituted: false, not_topical: false, invalid: false };

#[test]
fn several_objects_have_their_own_addresses() {
    // By hand, from IEC 60870-5-101 clauses 7.2.2.1 and 7.3.1.1: SQ = 0, three objects.
    let points = [(1, true), (0x01_0203, false), (0xFF_FFFF, true)];
    let objects = points.map(|(address, on)| {
        let quality = Quality { invalid: address == 0xFF_FFFF, ..GOOD };
        Object { address, value: SinglePoint::new(on, quality) }
    });
    let group = Group::Objects(objects.to_vec());
    says(
        DataUnit::of(Cause::Spontaneous, 47, Objects::SinglePoint, group),
        "68 16 0000 0000 01 03 03 00 2F00 010000 01 030201 00 FFFFFF 81",
    );
}

#[test]
fn elements_in_sequence_have_one_address() {
    // By hand, from clauses 7.2.2.1 and 7.3.1.13: SQ = 1, two elements from address 11 on.
    let values = [12.5, -1.0].map(Measured::good).to_vec();
    let data = DataUnit::of(
        Cause::Interrogated,
        47,
        Objects::Short,
        Group::Sequence { address: 11, values },
    );
    let Objects::Short(group) = &data.objects else { panic!("{data:?}") };
    let all: Vec<_> = group.iter().map(|(address, value)| (address, value.value)).collect();
    assert_eq!(all, [(11, 12.5), (12, -1.0)]);
    says(data, "68 17 0000 0000 0D 82 14 00 2F00 0B0000 00004841 00 000080BF 00");
}

#[test]
fn several_objects_with_times_are_read_in_both_forms() {
    // By hand: M_ME_TE_1 twice, SQ = 0; then SQ = 1, which the standard does not have and c104 sends.
    let time = longlink::CivilTime::from_cp56time2a([0x50, 0x56, 0x13, 0x11, 0x16, 0x0B, 0x1A]);
    let value = |value| Timed { value: Measured::good(value), time };
    let objects = [(14, -1234), (99, 7)];
    let objects = objects.map(|(address, number)| Object { address, value: value(number) });
    says(
        DataUnit::of(
            Cause::Spontaneous,
            47,
            Objects::TimedScaled,
            Group::Objects(objects.to_vec()),
        ),
        "68 24 0000 0000 23 02 03 00 2F00
         0E0000 2EFB 00 505613 11160B1A  630000 0700 00 505613 11160B1A",
    );
    let values = vec![value(-1234), value(7)];
    says(
        DataUnit::of(
            Cause::Spontaneous,
            47,
            Objects::TimedScaled,
            Group::Sequence { address: 14, values },
        ),
        "68 21 0000 0000 23 82 03 00 2F00
         0E0000 2EFB 00 505613 11160B1A  0700 00 505613 11160B1A",
    );
}

#[test]
fn the_elements_of_clause_7_2_6_hold() {
    let one = |kind: fn(Group<_>) -> Objects, value| {
        DataUnit::of(Cause::Spontaneous, 1, kind, Group::one(1, value))
    };
    let bad = MeasuredQuality::new(true, Quality { not_topical: true, ..GOOD });
    says(
        one(Objects::StepPosition, StepPosition { value: -64, transient: true, quality: bad }),
        "68 0F 0000 0000 05 01 03 00 0100 010000 C0 41",
    );
    let normalized = |value| Measured::good(Normalized { value });
    let one =
        |value| DataUnit::of(Cause::Spontaneous, 1, Objects::Normalized, Group::one(1, value));
    says(one(normalized(-1.0)), "68 10 0000 0000 09 01 03 00 0100 010000 0080 00");
    says(one(normalized(0.5)), "68 10 0000 0000 09 01 03 00 0100 010000 0040 00");
    let counter = Counter { value: -2, sequence: 31, carry: false, adjusted: true, invalid: false };
    says(
        DataUnit::of(Cause::Spontaneous, 1, Objects::Counter, Group::one(1, counter)),
        "68 12 0000 0000 0F 01 03 00 0100 010000 FEFFFFFF 5F",
    );
    let command = SingleCommand::new(true, 3, true);
    says(
        DataUnit::of(Cause::Activation, 1, Objects::SingleCommand, Group::one(1, command)),
        "68 0E 0000 0000 2D 01 06 00 0100 010000 8D",
    );
    let setpoint = Setpoint { value: -1_i16, qualifier: 0, select: true };
    says(
        DataUnit::of(Cause::Activation, 1, Objects::SetScaled, Group::one(1, setpoint)),
        "68 10 0000 0000 31 01 06 00 0100 010000 FFFF 80",
    );
}

#[test]
fn reading_one_object_has_an_address_and_no_value() {
    let objects = Objects::Read { address: 11 };
    says(
        DataUnit::new(1, false, Cause::Request, false, false, 0, 47, objects),
        "68 0D 0000 0000 66 01 05 00 2F00 0B0000",
    );
}

#[test]
fn unknown_types_and_causes_are_kept() {
    let raw = longlink::Bytes::from_static(&[1, 2, 3]);
    let objects = Objects::Other { kind: 0x7F, raw };
    says(
        DataUnit::new(5, true, Cause::Other(63), true, true, 9, 1, objects),
        "68 0D 0000 0000 7F 85 FF 09 0100 010203",
    );
}

#[test]
fn a_count_that_is_not_true_is_malformed_or_a_contradiction() {
    for (hex, fault) in [
        ("68 0E 0000 0000 01 02 03 00 2F00 010000 01", Fault::Short),
        ("68 0E 0000 0000 01 00 03 00 2F00 010000 01", Fault::Trailing),
    ] {
        assert_eq!(Unit::decode(&bytes(hex)).map_err(|error| error.fault), Err(fault), "{hex}");
    }
    let group = Group::one(1, SinglePoint::new(true, GOOD));
    let mut data = DataUnit::of(Cause::Spontaneous, 47, Objects::SinglePoint, group);
    data.count = 2;
    let mut out = BytesMut::new();
    assert_eq!(
        Unit::information(data).encode(&mut out),
        Err(EncodeError::Contradiction { field: "Group.Objects.0" })
    );
    assert!(out.is_empty());
}

/// Names and values as tshark writes them.
type Shown = Vec<(String, String)>;

/// What tshark shows and no field holds: the octets of which it shows the bits as well, the time in
/// words beside its parts, and a flag of the time's minute that stands for nothing in this standard.
const NOT_DECLARED: &[&str] = &[
    "iec60870_asdu.siq",
    "iec60870_asdu.diq",
    "iec60870_asdu.qds",
    "iec60870_asdu.sco",
    "iec60870_asdu.qos",
    "iec60870_asdu.qcc",
    "iec60870_asdu.cp56time",
    "iec60870_asdu.cp56time.gen",
];

fn shown(entries: &[(&str, String)]) -> Shown {
    let named = |(name, value): &(&str, String)| (format!("iec60870_asdu.{name}"), value.clone());
    entries.iter().map(named).collect()
}

fn bit(value: bool) -> String {
    u8::from(value).to_string()
}

fn quality(prefix: &str, quality: Quality) -> Shown {
    let named = [
        ("bl", quality.blocked),
        ("sb", quality.substituted),
        ("nt", quality.not_topical),
        ("iv", quality.invalid),
    ];
    let name = |name: &str| format!("iec60870_asdu.{prefix}.{name}");
    named.into_iter().map(|(flag, value)| (name(flag), bit(value))).collect()
}

fn measured(value: MeasuredQuality) -> Shown {
    [shown(&[("qds.ov", bit(value.overflow))]), quality("qds", value.quality)].concat()
}

fn time(time: longlink::CivilTime) -> Shown {
    let civil = time.civil().unwrap();
    let ms = u32::from(civil.second) * 1_000 + u32::from(civil.millisecond);
    shown(&[
        ("cp56time.ms", ms.to_string()),
        ("cp56time.min", civil.minute.to_string()),
        ("cp56time.iv", bit(time.is_invalid())),
        ("cp56time.hour", civil.hour.to_string()),
        ("cp56time.su", bit(time.is_summer_time())),
        ("cp56time.day", civil.day.to_string()),
        ("cp56time.dow", time.day_of_week().to_string()),
        ("cp56time.month", civil.month.to_string()),
        ("cp56time.year", (civil.year - 2_000).to_string()),
    ])
}

/// The kind's number, and the one object of each recorded unit.
fn object(objects: &Objects) -> (u8, u32, Shown) {
    fn only<V: Copy>(group: &Group<V>) -> (u32, V) {
        let mut all = group.iter();
        let (address, value) = all.next().expect("one object");
        assert!(all.next().is_none());
        (address, *value)
    }
    match objects {
        Objects::SinglePoint(group) => {
            let (address, point) = only(group);
            let on = shown(&[("siq.spi", bit(point.on))]);
            (1, address, [on, quality("siq", point.quality)].concat())
        }
        Objects::Short(group) => {
            let (address, value) = only(group);
            let float = shown(&[("float", value.value.to_string())]);
            (13, address, [float, measured(value.quality)].concat())
        }
        Objects::Counter(group) => {
            let (address, counter) = only(group);
            let all = shown(&[
                ("bcr.count", counter.value.to_string()),
                ("bcr.sq", counter.sequence.to_string()),
                ("bcr.cy", bit(counter.carry)),
                ("bcr.ca", bit(counter.adjusted)),
                ("bcr.iv", bit(counter.invalid)),
            ]);
            (15, address, all)
        }
        Objects::TimedDoublePoint(group) => {
            let (address, Timed { value: point, time: at }) = only(group);
            let DoublePoint { state, quality: good, .. } = point;
            let state = shown(&[("diq.dpi", (state as u8).to_string())]);
            (31, address, [state, quality("diq", good), time(at)].concat())
        }
        Objects::TimedScaled(group) => {
            let (address, Timed { value, time: at }) = only(group);
            let number = shown(&[("scalval", value.value.to_string())]);
            (35, address, [number, measured(value.quality), time(at)].concat())
        }
        Objects::SingleCommand(group) => {
            let (address, command) = only(group);
            let on = [("sco.on", bit(command.on)), ("sco.qu", command.qualifier.to_string())];
            (45, address, [shown(&on), shown(&[("sco.se", bit(command.select))])].concat())
        }
        Objects::SetShort(group) => {
            let (address, setpoint) = only(group);
            let all = shown(&[
                ("float", setpoint.value.to_string()),
                ("qos.ql", setpoint.qualifier.to_string()),
                ("qos.se", bit(setpoint.select)),
            ]);
            (50, address, all)
        }
        Objects::Interrogate(group) => {
            let (address, qualifier) = only(group);
            (100, address, shown(&[("qoi", qualifier.to_string())]))
        }
        Objects::InterrogateCounters(group) => {
            let (address, request) = only(group);
            let freeze = ("frz", request.freeze.to_string());
            (101, address, shown(&[("rqt", request.request.to_string()), freeze]))
        }
        Objects::SynchronizeClock(group) => {
            let (address, Clock { time: at }) = only(group);
            (103, address, time(at))
        }
        // tshark does not take it apart.
        Objects::Test(group) => {
            let (address, TestCounter { counter, time }) = only(group);
            let bytes = [&counter.to_le_bytes()[..], time.raw()].concat();
            let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            (107, address, shown(&[("rawdata", hex.join(":"))]))
        }
        other => panic!("not recorded: {other:?}"),
    }
}

/// All that tshark shows of a unit, from the fields of ours.
fn of(unit: &Unit, frame: &[u8]) -> Shown {
    let apci = |entries: &[(&str, String)]| -> Shown {
        let length = [("apdulen", (frame.len() - 2).to_string())];
        let all = length.iter().chain(entries);
        let named = all.map(|(name, value)| (format!("iec60870_104.{name}"), value.clone()));
        named.chain([("iec60870_asdu.start".into(), "0x68".into())]).collect()
    };
    let kind = |kind: u32| ("type", format!("{kind:#010x}"));
    match &unit.control {
        Control::Supervisory { received, .. } => apci(&[kind(1), ("rx", received.to_string())]),
        Control::Unnumbered { function, .. } => {
            apci(&[kind(3), ("utype", format!("{:#010x}", *function as u32 >> 2))])
        }
        Control::Information { sent, received, data, .. } => {
            let numbers = [kind(0), ("tx", sent.to_string()), ("rx", received.to_string())];
            let (number, address, object) = object(&data.objects);
            let cause = encoded(unit)[8] & 0x3f;
            let head = shown(&[
                ("typeid", number.to_string()),
                ("sq", bit(data.in_sequence)),
                ("numix", data.count.to_string()),
                ("causetx", cause.to_string()),
                ("nega", bit(data.negative)),
                ("test", bit(data.test)),
                ("oa", data.originator.to_string()),
                ("addr", data.station.to_string()),
                ("ioa", address.to_string()),
            ]);
            [apci(&numbers), head, object].concat()
        }
    }
}

/// The leaves of what tshark shows, without those that no field holds.
fn leaves(value: &Value, out: &mut Shown) {
    for (name, value) in value.as_object().expect("names and values") {
        match value {
            Value::Object(_) => leaves(value, out),
            Value::String(text) if !NOT_DECLARED.contains(&name.as_str()) => {
                out.push((name.clone(), text.clone()));
            }
            _ => {}
        }
    }
}

#[test]
fn recorded_frames_have_the_values_that_were_read_independently() {
    let (mut frames, mut fields) = (0, 0);
    for entry in list("iec104/frames.json") {
        let frame = bytes(text(&entry, "/hex"));
        let unit = Unit::decode(&frame).unwrap();
        assert_eq!(encoded(&unit), frame);
        let (mut ours, mut theirs) = (of(&unit, &frame), Vec::new());
        for layer in entry["tshark"].as_object().unwrap().values() {
            leaves(layer, &mut theirs);
        }
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{entry}");
        (frames, fields) = (frames + 1, fields + theirs.len());
    }
    assert_eq!((frames, fields), (40, 667));
}

#[test]
fn recorded_streams_say_the_same_in_drops_and_in_one_piece() {
    let all = list("iec104/frames.json");
    for direction in [">", "<"] {
        let one = all.iter().filter(|entry| text(entry, "/direction") == direction);
        let frames: Vec<Vec<u8>> = one.map(|entry| bytes(text(entry, "/hex"))).collect();
        let expected: Vec<Said<Unit>> =
            frames.iter().map(|frame| Said::Frame(Unit::decode(frame).unwrap())).collect();
        let stream = frames.concat();
        assert_eq!(said(stream.chunks(1)), expected);
        assert_eq!(said([&stream[..]]), expected);
        assert_eq!(said_in_place(stream.chunks(1)), expected);
        every_split(&stream[..frames[0].len()], &expected[..1]);
    }
}
