//! Messages that are too long for one frame: `split(..)`, and the session that sends and joins them.

#[cfg(feature = "session")]
mod session;

use longlink::codec::{EncodeError, Roles};
use longlink::{Auto, Bytes, Frame};

use crate::declarations::packet::setting::{Setting, Value};
use crate::declarations::packet::{Body, Edition, Packet, PacketContext, Part, Properties};
use crate::samples::{bytes, decoded, encoded, list};
use crate::vectors::jt808::same_setting;

const CONTEXT: PacketContext = PacketContext { dialect: Edition::Of2013 };

/// An answer of `count` settings of 15 bytes each.
fn settings(serial: u16, count: u8) -> Packet {
    let setting = |id: u8| {
        Setting::new(Value::Raw { id: 0xF000 + u32::from(id), raw: Bytes::from(vec![id; 10]) })
    };
    let settings = (0..count).map(setting).collect();
    packet(0, Body::Settings { serial, count: Auto::Derived, settings })
}

fn packet(serial: u16, body: Body) -> Packet {
    Packet::new(Properties::new(0), None, "013912345678".parse().unwrap(), serial, None, body)
}

fn recorded() -> Vec<Vec<u8>> {
    let message = &list("jt808_subpackages.json")[0];
    let frames = message["frames"].as_array().unwrap();
    frames.iter().map(|hex| bytes(hex.as_str().unwrap())).collect()
}

/// What the recorded fragments make together.
fn same_as_recorded(packet: &Packet) {
    let message = &list("jt808_subpackages.json")[0];
    let Body::Settings { serial: 0, settings, .. } = &packet.body else { panic!("{packet:?}") };
    let read = message["reassembled"]["params"].as_array().unwrap();
    assert_eq!((settings.len(), read.len()), (107, 107));
    for (setting, read) in settings.iter().zip(read) {
        same_setting(setting, read);
    }
    assert_eq!((packet.serial, &packet.part), (1_233, &None));
}

#[test]
fn a_body_of_1023_bytes_goes_in_one_frame_and_one_more_in_two() {
    // 3 bytes, and 15 for each setting: 68 make 1,023.
    assert_eq!(settings(1, 68).split(&CONTEXT), Ok(Vec::new()));
    let long = settings(1, 69);
    let fragments = long.split(&CONTEXT).unwrap();
    let shape: Vec<_> = fragments
        .iter()
        .map(|one| {
            let Body::Unknown { message: 0x0104, raw } = &one.body else { panic!("{one:?}") };
            (one.part.clone(), raw.len())
        })
        .collect();
    let place = |index| Some(Part { total: 2, index });
    assert_eq!(shape, [(place(1), 1023), (place(2), 15)]);
    for one in &fragments {
        assert_eq!(decoded(&encoded(one)), Ok(one.clone()));
        assert_eq!(one.split(&CONTEXT), Ok(Vec::new()));
    }
    assert_eq!(Packet::join(fragments, &CONTEXT), Ok(long));
}

#[test]
fn an_index_counts_from_the_start_of_its_range() {
    let fragments = settings(1, 140).split(&CONTEXT).unwrap();
    let places = |one: &Packet| (one.fragment_index(), one.fragment_total());
    let places: Vec<_> = fragments.iter().map(places).collect();
    assert_eq!(places, [0, 1, 2].map(|index| (Some(index), Some(3))));
}

#[test]
fn what_is_encrypted_is_cut_and_joined_as_bytes() {
    let raw = Bytes::from(vec![0x7E; 3_000]);
    let mut long = packet(5, Body::Unknown { message: 0x0F01, raw });
    long.properties = Properties::new(1);
    let fragments = long.split(&CONTEXT).unwrap();
    assert_eq!(fragments.len(), 3);
    assert_eq!(Packet::join(fragments, &CONTEXT), Ok(long));
}

#[test]
fn more_fragments_than_the_place_counts_are_refused() {
    let raw = Bytes::from(vec![0; 65_536 * 1023]);
    let long = packet(5, Body::Unknown { message: 0x0F01, raw });
    let too_large = EncodeError::TooLarge { field: "Packet.part", value: 65_536, max: 0 };
    assert_eq!(long.split(&CONTEXT), Err(too_large));
}

#[test]
fn fragments_of_different_messages_do_not_join() {
    let mut fragments = settings(1, 100).split(&CONTEXT).unwrap();
    let other = packet(0, Body::Unknown { message: 0x0F01, raw: Bytes::from(vec![0; 2_000]) });
    fragments[1] = other.split(&CONTEXT).unwrap().remove(1);
    assert_eq!(Packet::join(fragments.clone(), &CONTEXT), Err(fragments));
}

#[test]
fn a_message_that_makes_no_sense_as_a_whole_stays_in_fragments() {
    let mut fragments = settings(1, 100).split(&CONTEXT).unwrap();
    let again = fragments[1].clone();
    fragments.push(again);
    assert_eq!(Packet::join(fragments.clone(), &CONTEXT), Err(fragments));
}

#[test]
fn recorded_fragments_join() {
    let parts = recorded().iter().map(|frame| decoded(frame).unwrap()).collect();
    same_as_recorded(&Packet::join(parts, &CONTEXT).unwrap());
}
