//! Fragments that say whether more follow.

use longlink::codec::Roles;
use longlink::{Arbitrary, Auto, Bytes, Frame, Wire};

use super::laws;
use crate::shapes::holds;

/// A frame of WebSocket: a message ends with the frame whose FIN is set; control frames (opcodes from
/// 8 on) "MUST NOT be fragmented", and stand between the fragments of others. RFC 6455, section 5.4.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(max_frame_length = 127)]
struct Message {
    #[wire(bits = 1, role = if opcode < 8 { fragment_last } else { none })]
    fin: bool,
    #[wire(bits = 3, reserved)]
    reserved: u8,
    #[wire(bits = 4)]
    opcode: u8,
    #[wire(bits = 1, reserved)]
    mask: bool,
    #[wire(bits = 7, length_of = payload)]
    length: Auto<u8>,
    payload: Bytes,
}

/// The fragmented "Hello" of RFC 6455, section 5.7: `0x01 0x03 0x48 0x65 0x6c` and `0x80 0x02 0x6c
/// 0x6f`; its ping follows.
#[test]
fn the_last_frame_of_a_websocket_message_says_so() {
    let hel = Message::new(false, 1, "Hel".into());
    holds(&hel, "01 03 48656C");
    assert_eq!(hel.fragment_more(), Some(true));
    let lo = Message::new(true, 0, "lo".into());
    holds(&lo, "80 02 6C6F");
    assert_eq!(lo.fragment_more(), Some(false));
    let ping = Message::new(true, 9, "Hello".into());
    holds(&ping, "89 05 48656C6C6F");
    assert_eq!(ping.fragment_more(), None);
}

/// A data TPDU of class 0 in a TPKT: EOT "when set to ONE, indicates that the current DT TPDU is the
/// last data unit of a complete DT TPDU sequence". RFC 905, section 13.7; RFC 1006, section 6; ITU-T
/// X.224, clause 13.7.
#[derive(Debug, Clone, PartialEq, Frame, Arbitrary)]
#[wire(magic = [3, 0], max_frame_length = 1 << 16)]
struct Data {
    #[wire(length_of = ..)]
    length: Auto<u16>,
    #[wire(valid = 0x02F0..=0x02F0)]
    code: u16,
    #[wire(bits = 1, role = fragment_last)]
    last: bool,
    #[wire(bits = 7, reserved)]
    number: u8,
    #[wire(rest)]
    data: Bytes,
}

/// The transport header of DNP3: FIN, FIR, six bits of sequence. IEEE 1815-2012, section 8.2.1.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Segment {
    #[wire(bits = 1, role = fragment_last)]
    last: bool,
    #[wire(bits = 1)]
    first: bool,
    #[wire(bits = 6)]
    sequence: u8,
    #[wire(rest)]
    data: Bytes,
}

/// Flags and offset of a datagram that more fragments follow: MF is the
/// second of three flags before the offset. RFC 791, section 3.1.
#[derive(Debug, Clone, PartialEq, Wire, Arbitrary)]
struct Part {
    #[wire(bits = 1, reserved)]
    reserved: bool,
    #[wire(bits = 1)]
    whole: bool,
    #[wire(bits = 1, role = fragment_more)]
    more: bool,
    #[wire(bits = 13)]
    offset: u16,
}

#[test]
fn flags_of_cotp_dnp3_and_ip() {
    holds(&Data::new(0x02F0, true, Bytes::from_static(b"2")), "0300 0008 02F080 32");
    assert_eq!(Data::new(0x02F0, false, Bytes::new()).fragment_more(), Some(true));
    let data = Bytes::from_static(&[0xC0]);
    let segment = Segment { last: true, first: false, sequence: 5, data };
    holds(&segment, "85 C0");
    assert_eq!(segment.fragment_more(), Some(false));
    let part = Part::new(false, true, 185);
    holds(&part, "20B9");
    assert_eq!(part.fragment_more(), Some(true));
    assert_eq!(part.fragment_total(), None);
}

#[test]
fn laws_hold() {
    laws::hold::<Message>();
    laws::hold::<Data>();
}
