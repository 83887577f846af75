//! Modbus over TCP: a recorded session of fourteen functions, field by field, and small cases by
//! hand from the specification.

use std::collections::BTreeMap;

use longlink::codec::{Fault, Roles};
use longlink::{Bytes, BytesMut, Frame, Wire};
use serde_json::Value;

use crate::declarations::modbus::{
    Answer, AnswerInside, AnswerInterface, Ask, AskInside, Exception, Mask, Object, Queue, Range,
    Registers, Request, Response, Switch, Write, packed, unpacked,
};
use crate::samples::{bytes, compared, encoded, list, text};
use crate::stream::{Said, said, said_in_place};

/// What tshark shows and no field holds: headings, and the low byte of a coil's value, which it
/// calls padding and the declaration holds as a part of the value.
const NOT_DECLARED: &[&str] = &["Objects", "modbus.padding"];

/// Names and values as tshark writes them.
type Shown = Vec<(String, String)>;

fn shown(entries: &[(&str, String)]) -> Shown {
    entries.iter().map(|(name, value)| (format!("modbus.{name}"), value.clone())).collect()
}

fn under(heading: &str, entries: &[(&str, String)]) -> Shown {
    shown(entries).into_iter().map(|(name, value)| (format!("{heading}/{name}"), value)).collect()
}

fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn words(values: &[u16]) -> String {
    colons(&values.iter().flat_map(|value| value.to_be_bytes()).collect::<Vec<_>>())
}

fn registers(address: u16, values: &[u16]) -> Shown {
    let one = |(number, value): (u16, &u16)| {
        let heading = format!("Register {number} (UINT16): {value}");
        under(&heading, &[("regnum16", number.to_string()), ("regval_uint16", value.to_string())])
    };
    (address..).zip(values).flat_map(one).collect()
}

fn bits(range: Range, packed: &[u8]) -> Shown {
    let one = |(number, bit): (u16, bool)| {
        let (number, bit) = (number.to_string(), u8::from(bit).to_string());
        under(&format!("Bit {number} : {bit}"), &[("bitnum", number), ("bitval", bit)])
    };
    (range.address..).zip(unpacked(packed).take(range.count.into())).flat_map(one).collect()
}

fn switch(value: Switch) -> &'static str {
    match value {
        Switch::On => "ff:00",
        Switch::Off => "00:00",
        Switch::Illegal(_) => "illegal",
    }
}

fn asked(ask: &Ask) -> (u8, Shown) {
    let n = |number: u16| number.to_string();
    match ask {
        Ask::ReadCoils(range) => {
            (1, shown(&[("reference_num", n(range.address)), ("bit_cnt", n(range.count))]))
        }
        Ask::ReadDiscreteInputs(range) => {
            (2, shown(&[("reference_num", n(range.address)), ("bit_cnt", n(range.count))]))
        }
        Ask::ReadHoldingRegisters(range) => {
            (3, shown(&[("reference_num", n(range.address)), ("word_cnt", n(range.count))]))
        }
        Ask::ReadInputRegisters(range) => {
            (4, shown(&[("reference_num", n(range.address)), ("word_cnt", n(range.count))]))
        }
        Ask::WriteCoil(Write { address, value }) => {
            (5, shown(&[("reference_num", n(*address)), ("data", switch(*value).into())]))
        }
        Ask::WriteRegister(Write { address, value }) => {
            (6, shown(&[("reference_num", n(*address)), ("data", words(&[*value]))]))
        }
        Ask::Diagnose { function, data } => {
            let data = ("diagnostic.return_query_data.request", words(data));
            (8, shown(&[("diagnostic_code", n(*function)), data]))
        }
        Ask::WriteCoils { address, count, packed } => {
            let head = [("reference_num", n(*address)), ("bit_cnt", n(*count))];
            let tail = [("byte_cnt", packed.len().to_string()), ("data", colons(packed))];
            (15, shown(&[head, tail].concat()))
        }
        Ask::WriteRegisters(Registers { address, values, .. }) => {
            let count = ("word_cnt", values.len().to_string());
            let length = ("byte_cnt", (2 * values.len()).to_string());
            let head = shown(&[("reference_num", n(*address)), count, length]);
            (16, [head, registers(*address, values)].concat())
        }
        Ask::ReportServer => (17, shown(&[])),
        Ask::MaskRegister(Mask { address, and, or }) => (22, masked(*address, *and, *or)),
        Ask::ReadWriteRegisters { read, write: Registers { address, values, .. } } => {
            let reads = [("read_reference_num", n(read.address)), ("read_word_cnt", n(read.count))];
            let count = ("write_word_cnt", values.len().to_string());
            let writes = [("write_reference_num", n(*address)), count];
            let tail = [("byte_cnt", (2 * values.len()).to_string()), ("data", words(values))];
            (23, shown(&[reads, writes, tail].concat()))
        }
        Ask::ReadQueue { address } => (24, shown(&[("reference_num", n(*address))])),
        Ask::Encapsulated(interface) => {
            let AskInside::Identify { level, object } = &interface.inside else {
                panic!("not recorded: {interface:?}")
            };
            let level = ("read_device_id", level.to_string());
            (43, shown(&[("mei", "14".into()), level, ("object_id", object.to_string())]))
        }
        other => panic!("not recorded: {other:?}"),
    }
}

fn masked(address: u16, and: u16, or: u16) -> Shown {
    let (and, or) = (format!("{and:#06x}"), format!("{or:#06x}"));
    shown(&[("reference_num", address.to_string()), ("and_mask", and), ("or_mask", or)])
}

/// tshark numbers what is read as the request did.
fn answered(answer: &Answer, ask: &Ask) -> (u8, Shown) {
    let n = |number: u16| number.to_string();
    let read = match ask {
        Ask::ReadCoils(range)
        | Ask::ReadDiscreteInputs(range)
        | Ask::ReadHoldingRegisters(range)
        | Ask::ReadInputRegisters(range) => *range,
        _ => Range { address: 0, count: 0 },
    };
    let length = |bytes: usize| shown(&[("byte_cnt", bytes.to_string())]);
    match answer {
        Answer::Coils(packed) => (1, [length(packed.len()), bits(read, packed)].concat()),
        Answer::DiscreteInputs(packed) => (2, [length(packed.len()), bits(read, packed)].concat()),
        Answer::HoldingRegisters(values) => {
            (3, [length(2 * values.len()), registers(read.address, values)].concat())
        }
        Answer::InputRegisters(values) => {
            (4, [length(2 * values.len()), registers(read.address, values)].concat())
        }
        Answer::CoilWritten(Write { address, value }) => {
            (5, shown(&[("reference_num", n(*address)), ("data", switch(*value).into())]))
        }
        Answer::RegisterWritten(Write { address, value }) => {
            (6, shown(&[("reference_num", n(*address)), ("data", words(&[*value]))]))
        }
        Answer::Diagnosis { function, data } => {
            let data = ("diagnostic.return_query_data.echo", words(data));
            (8, shown(&[("diagnostic_code", n(*function)), data]))
        }
        Answer::CoilsWritten(range) => {
            (15, shown(&[("reference_num", n(range.address)), ("bit_cnt", n(range.count))]))
        }
        Answer::RegistersWritten(range) => {
            (16, shown(&[("reference_num", n(range.address)), ("word_cnt", n(range.count))]))
        }
        // tshark shows the length as a part of the data.
        Answer::Server(data) => {
            (17, shown(&[("data", format!("{:02x}:{}", data.len(), colons(data)))]))
        }
        Answer::RegisterMasked(Mask { address, and, or }) => (22, masked(*address, *and, *or)),
        Answer::RegistersRead(values) => {
            (23, [length(2 * values.len()), shown(&[("data", words(values))])].concat())
        }
        Answer::Queue(Queue { values, .. }) => {
            let length = ("byte_cnt_16", (2 + 2 * values.len()).to_string());
            let count = ("word_cnt", values.len().to_string());
            (24, shown(&[length, count, ("data", words(values))]))
        }
        Answer::Encapsulated(interface) => {
            let AnswerInside::Identity { level, conformity, more, next, objects } =
                &interface.inside
            else {
                panic!("not recorded: {interface:?}")
            };
            let head = [("mei", "14".into()), ("read_device_id", level.to_string())];
            let conformity = ("conformity_level", format!("{conformity:#04x}"));
            let more = [conformity, ("more_follows", format!("{more:#04x}"))];
            let count = ("num_objects", objects.len().to_string());
            (43, shown(&[head, more, [("next_object_id", next.to_string()), count]].concat()))
        }
        Answer::Exception { function, code } => {
            assert_eq!(*code, Exception::IllegalDataAddress);
            (function & 0x7f, shown(&[("exception_code", "2".into())]))
        }
        Answer::Other { .. } => panic!("not recorded: {answer:?}"),
    }
}

fn header(frame: &[u8], transaction: u16, unit: u8, (function, rest): (u8, Shown)) -> Shown {
    let length = (frame.len() - 6).to_string();
    let header = [("trans_id", transaction.to_string()), ("prot_id", "0".into())];
    let header = [header, [("len", length), ("unit_id", unit.to_string())]].concat();
    let mut all: Shown =
        header.into_iter().map(|(name, value)| (format!("mbtcp.{name}"), value)).collect();
    all.push(("modbus.func_code".into(), function.to_string()));
    all.extend(rest);
    all
}

/// The leaves of what tshark shows, without those that no field holds.
fn leaves(heading: &str, value: &Value, out: &mut Shown) {
    for (name, value) in value.as_object().expect("names and values") {
        match value {
            Value::Object(_) => leaves(&format!("{name}/"), value, out),
            Value::String(text) if !NOT_DECLARED.contains(&name.as_str()) => {
                out.push((format!("{heading}{name}"), text.clone()));
            }
            _ => {}
        }
    }
}

#[test]
fn recorded_frames_have_the_values_that_were_read_independently() {
    let mut asks = BTreeMap::new();
    let (mut frames, mut fields) = (0, 0);
    for entry in list("modbus/frames.json") {
        let frame = bytes(text(&entry, "/hex"));
        let ours = if text(&entry, "/direction") == ">" {
            let request = Request::decode(&frame).unwrap();
            assert_eq!(encoded(&request), frame);
            let stream = entry.pointer("/stream").and_then(Value::as_u64);
            asks.insert((stream, request.transaction), request.ask.clone());
            header(&frame, request.transaction, request.unit, asked(&request.ask))
        } else {
            let response = Response::decode(&frame).unwrap();
            assert_eq!(encoded(&response), frame);
            let stream = entry.pointer("/stream").and_then(Value::as_u64);
            let ask = &asks[&(stream, response.transaction)];
            header(&frame, response.transaction, response.unit, answered(&response.answer, ask))
        };
        let mut theirs = Vec::new();
        for layer in entry["tshark"].as_object().unwrap().values() {
            leaves("", layer, &mut theirs);
        }
        let sorted = |mut shown: Shown| {
            shown.sort();
            shown
        };
        (frames, fields) = (frames + 1, fields + theirs.len());
        assert_eq!(sorted(ours), sorted(theirs), "{entry}");
    }
    compared("modbus", [frames, frames, fields], [33, 33, 298]);
}

#[test]
fn recorded_streams_say_the_same_in_drops_and_in_one_piece() {
    let all = list("modbus/frames.json");
    let of = |direction: &str| -> Vec<Vec<u8>> {
        let one = all.iter().filter(|entry| text(entry, "/direction") == direction);
        one.map(|entry| bytes(text(entry, "/hex"))).collect()
    };
    let requests = of(">");
    let expected = |frames: &[Vec<u8>]| -> Vec<Said<Request>> {
        frames.iter().map(|frame| Said::Frame(Request::decode(frame).unwrap())).collect()
    };
    let stream = requests.concat();
    assert_eq!(said(stream.chunks(1)), expected(&requests));
    assert_eq!(said([&stream[..]]), expected(&requests));
    assert_eq!(said_in_place(stream.chunks(1)), expected(&requests));
    let responses = of("<");
    let expected = |frames: &[Vec<u8>]| -> Vec<Said<Response>> {
        frames.iter().map(|frame| Said::Frame(Response::decode(frame).unwrap())).collect()
    };
    let stream = responses.concat();
    assert_eq!(said(stream.chunks(1)), expected(&responses));
    assert_eq!(said([&stream[..]]), expected(&responses));
    assert_eq!(said_in_place(stream.chunks(1)), expected(&responses));
}

fn asks(ask: Ask, hex: &str) {
    let request = Request::new(1, 17, ask);
    assert_eq!(encoded(&request), bytes(hex));
    assert_eq!(Request::decode(&bytes(hex)), Ok(request));
}

fn answers(answer: Answer, hex: &str) {
    let response = Response::new(1, 17, answer);
    assert_eq!(encoded(&response), bytes(hex));
    assert_eq!(Response::decode(&bytes(hex)), Ok(response));
}

#[test]
fn the_examples_of_the_specification_hold() {
    // V1.1b3, the examples of clauses 6.11, 6.12, 6.17, 6.18 and 6.21, behind a header.
    let coils = packed(&[true, false, true, true, false, false, true, true, true, false]);
    assert_eq!(coils, [0xCD, 0x01][..]);
    asks(
        Ask::WriteCoils { address: 0x13, count: 10, packed: coils },
        "0001 0000 0009 11 0F 0013 000A 02 CD01",
    );
    asks(
        Ask::WriteRegisters(Registers::new(1, vec![0x000A, 0x0102])),
        "0001 0000 000B 11 10 0001 0002 04 000A 0102",
    );
    asks(
        Ask::ReadWriteRegisters {
            read: Range { address: 3, count: 6 },
            write: Registers::new(14, vec![0xFF; 3]),
        },
        "0001 0000 0011 11 17 0003 0006 000E 0003 06 00FF 00FF 00FF",
    );
    answers(
        Answer::Queue(Queue::new(vec![0x01B8, 0x1284])),
        "0001 0000 000A 11 18 0006 0002 01B8 1284",
    );
    let object =
        |id, value: &'static str| Object { id, value: Bytes::from_static(value.as_bytes()) };
    let inside = AnswerInside::Identity {
        level: 1,
        conformity: 1,
        more: 0,
        next: 0,
        objects: vec![
            object(0, "Company identification"),
            object(1, "Product code XX"),
            object(2, "V2.11"),
        ],
    };
    answers(
        Answer::Encapsulated(AnswerInterface::new(inside)),
        "0001 0000 0038 11 2B 0E 01 01 00 00 03
         00 16 436F6D70616E79206964656E74696669636174696F6E
         01 0F 50726F6475637420636F6465205858
         02 05 56322E3131",
    );
}

#[test]
fn an_exception_keeps_the_function_that_it_refuses() {
    for (code, octet) in [
        (Exception::IllegalFunction, 1),
        (Exception::IllegalDataValue, 3),
        (Exception::GatewayTargetFailedToRespond, 0x0B),
        (Exception::Other(7), 7),
    ] {
        answers(
            Answer::Exception { function: 0x81, code },
            &format!("0001 0000 0003 11 81 {octet:02X}"),
        );
    }
}

#[test]
fn unknown_functions_are_kept_on_both_ways() {
    let data = Bytes::from_static(&[0xDE, 0xAD]);
    asks(Ask::Other { function: 0x64, data: data.clone() }, "0001 0000 0004 11 64 DEAD");
    answers(Answer::Other { function: 0x64, data }, "0001 0000 0004 11 64 DEAD");
}

#[test]
fn what_a_server_must_refuse_is_read() {
    asks(Ask::ReadCoils(Range { address: 0, count: 0 }), "0001 0000 0006 11 01 0000 0000");
    let value = Switch::Illegal(0x1234);
    asks(Ask::WriteCoil(Write { address: 1, value }), "0001 0000 0006 11 05 0001 1234");
}

#[test]
fn lengths_that_disagree_are_malformed() {
    for (hex, fault) in [
        // Another protocol.
        ("0001 0001 0006 11 01 0000 0001", Fault::Magic),
        // Two registers are counted, and the bytes of one announced; and the other way round.
        ("0001 0000 0009 11 10 0001 0002 02 000A", Fault::Short),
        ("0001 0000 000B 11 10 0001 0001 04 000A 0102", Fault::Trailing),
        // One byte too many.
        ("0001 0000 0007 11 01 0000 0001 00", Fault::Trailing),
        // One too few.
        ("0001 0000 0005 11 01 0000 00", Fault::Short),
    ] {
        let found = Request::decode(&bytes(hex)).map_err(|error| error.fault);
        assert_eq!(found, Err(fault), "{hex}");
    }
}

#[test]
fn a_response_is_matched_by_its_transaction() {
    let mut request = Request::new(0, 1, Ask::ReportServer);
    assert!(request.set_sequence(0x1_0007));
    assert_eq!((request.sequence(), request.sequence_bits()), (Some(7), 16));
    let answer = Answer::Exception { function: 0x91, code: Exception::IllegalFunction };
    assert_eq!(Response::new(7, 1, answer).replies_to(), Some(7));
}

#[test]
fn more_registers_than_the_length_can_say_are_an_error() {
    let response = Response::new(1, 1, Answer::HoldingRegisters(vec![0; 128]));
    let mut out = BytesMut::new();
    assert!(matches!(response.encode(&mut out), Err(longlink::EncodeError::TooLarge { .. })));
    assert!(out.is_empty());
}
