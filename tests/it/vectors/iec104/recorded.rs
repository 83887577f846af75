//! Recorded units of IEC 60870-5-104: the values that tshark reads from them.

use longlink::Frame;
use serde_json::Value;

use crate::declarations::iec104::value::{
    Clock, DoublePoint, MeasuredQuality, Quality, TestCounter, Timed,
};
use crate::declarations::iec104::{Control, Group, Objects, Unit};
use crate::samples::{bytes, compared, encoded, list, text};
use crate::stream::{Said, every_split, said, said_in_place};

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
    compared("iec104", [frames, frames, fields], [40, 40, 667]);
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
