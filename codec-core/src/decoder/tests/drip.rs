//! Long frames that come byte by byte, in steps counted.

use super::*;

/// Bytes that the border looks at while a frame drips in byte by byte.
fn drip<B: Border>(frame: &[u8]) -> u64 {
    let mut decoder = Decoder::<Whole<B>>::new();
    for end in 1..frame.len() {
        let (consumed, found) = decoder.decode_in_place(&frame[..end], |_, ()| Ok(()));
        assert!(consumed == 0 && matches!(found, Found::Need(_)), "{end}");
    }
    let (consumed, found) = decoder.decode_in_place(frame, |_, ()| Ok(()));
    assert!(consumed == frame.len() && matches!(found, Found::Frame(())));
    decoder.examined()
}

struct Large;
impl Border for Large {
    const MAX: usize = 1 << 20;
    const RESYNC: Resync = Resync::Close;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        Closing::probe(progress, limits, buffer)
    }
    fn accepts(_: &[u8]) -> bool {
        true
    }
}

struct LongShared;
impl Border for LongShared {
    const MAX: usize = 1 << 20;
    const RESYNC: Resync = Resync::Delimiter;
    fn probe(progress: &mut Progress, limits: &Limits, buffer: &[u8]) -> Probe {
        shared(progress, limits, buffer, &[0x7e])
    }
    fn accepts(_: &[u8]) -> bool {
        true
    }
}

#[test]
fn a_long_frame_that_drips_in_is_looked_at_once() {
    const LEN: usize = 256 * 1024;
    let mut with_length = vec![0; LEN];
    with_length[1] = 4;
    // The header once when it is whole, and once more with the last byte.
    assert_eq!(drip::<Large>(&with_length), 8);

    let mut between = vec![1; LEN];
    between[0] = 0x7e;
    between[LEN - 1] = 0x7e;
    assert_eq!(drip::<LongShared>(&between), LEN as u64 - 1);
}

#[test]
fn nested_lists_that_drip_in_cost_a_constant_number_of_steps_a_byte() {
    // Four levels of lists, the innermost with 65535 items of four bytes.
    let mut value = b"L\0\x01L\0\x01L\0\x01L\xff\xff".to_vec();
    for _ in 0..65_535 {
        value.extend(b"Tab\0");
    }
    let examined = drip::<Nested>(&value);
    // Each look reads the four headers of three bytes again, and the text that is open.
    assert!(examined <= 18 * value.len() as u64, "{examined} for {}", value.len());
}
