use super::*;
use alloc::vec::Vec;
use core::fmt::Debug;
use nom::Err;

const NATURAL: Option<usize> = None;

fn fault<T>(fault: Fault, from_end: u32) -> Result<T, Err<DecodeError>> {
    Err(Err::Error(DecodeError { from_end, field: 5, fault }))
}

/// Protobuf's encoding guide: 150 is `96 01`. MQTT 3.1.1, table 2.4: 128 is `80 01`,
/// 268,435,455 is `FF FF FF 7F`. Minecraft's VarInt of -1 is `FF FF FF FF 0F`.
#[test]
fn leb128_gives_published_values() {
    let mut out = BytesMut::new();
    leb128_write(&mut out, 150u32, NATURAL, "T.f").unwrap();
    leb128_write(&mut out, 268_435_455u32, Some(4), "T.f").unwrap();
    leb128_write(&mut out, -1i32, NATURAL, "T.f").unwrap();
    leb128_write(&mut out, 0u8, NATURAL, "T.f").unwrap();
    let expected = b"\x96\x01\xff\xff\xff\x7f\xff\xff\xff\xff\x0f\x00";
    assert_eq!(out[..], expected[..]);
    assert_eq!([leb128_len(150u32), leb128_len(-1i32), leb128_len(0u8)], [2, 5, 1]);
    let read = |input| leb128_read::<i32>(input, 5, NATURAL, Overlong::Refuse);
    assert_eq!(read(b"\x96\x01x"), Ok((&b"x"[..], 150)));
    assert_eq!(read(b"\xff\xff\xff\xff\x0f"), Ok((&[][..], -1)));
}

#[test]
fn leb128_beyond_its_width_or_bytes_is_refused() {
    let read = |input| leb128_read::<u32>(input, 5, NATURAL, Overlong::Accept);
    assert_eq!(read(b"\xff\xff\xff\xff\x1f"), fault(Fault::Varint, 5));
    assert_eq!(read(b"\x80\x80\x80\x80\x80\x00"), fault(Fault::Varint, 6));
    assert_eq!(read(b"\x80\x80"), fault(Fault::Short, 2));
    assert_eq!(read(b""), fault(Fault::Short, 0));
    let read = |input| leb128_read::<u32>(input, 5, Some(4), Overlong::Refuse);
    assert_eq!(read(b"\xff\xff\xff\x7f"), Ok((&[][..], 268_435_455)));
    assert_eq!(read(b"\xff\xff\xff\xff\x01"), fault(Fault::Varint, 5));
    let mut out = BytesMut::new();
    let error = EncodeError::TooLarge { field: "T.f", value: 1 << 28, max: 268_435_455 };
    assert_eq!(leb128_write(&mut out, 1u32 << 28, Some(4), "T.f"), Err(error));
    assert_eq!(vlq_write(&mut out, 1u32 << 28, Some(4), "T.f"), Err(error));
    assert!(out.is_empty());
}

#[test]
fn longer_forms_are_read_by_declaration_only() {
    use Overlong::{Accept, Refuse};
    assert_eq!(leb128_read::<u16>(b"\x81\x00", 5, NATURAL, Accept), Ok((&[][..], 1)));
    assert_eq!(leb128_read::<u16>(b"\x81\x00", 5, NATURAL, Refuse), fault(Fault::Varint, 2));
    assert_eq!(leb128_read::<u16>(b"\x00", 5, NATURAL, Refuse), Ok((&[][..], 0)));
    assert_eq!(vlq_read::<u16>(b"\x80\x01", 5, NATURAL, Accept), Ok((&[][..], 1)));
    assert_eq!(vlq_read::<u16>(b"\x80\x01", 5, NATURAL, Refuse), fault(Fault::Varint, 2));
    assert_eq!(ber_read::<u16>(b"\x81\x7f", 5, NATURAL, Accept), Ok((&[][..], 127)));
    assert_eq!(ber_read::<u16>(b"\x81\x7f", 5, NATURAL, Refuse), fault(Fault::Varint, 2));
    assert_eq!(ber_read::<u16>(b"\x82\x00\xff", 5, NATURAL, Accept), Ok((&[][..], 255)));
    assert_eq!(ber_read::<u16>(b"\x82\x00\xff", 5, NATURAL, Refuse), fault(Fault::Varint, 3));
}

/// Standard MIDI Files 1.0, the table of variable-length quantities.
#[test]
fn vlq_gives_the_table_of_midi_files() {
    let table: [(u32, &[u8]); 6] = [
        (0x40, &[0x40]),
        (0x7f, &[0x7f]),
        (0x80, &[0x81, 0x00]),
        (0x2000, &[0xc0, 0x00]),
        (0x1f_ffff, &[0xff, 0xff, 0x7f]),
        (0x0fff_ffff, &[0xff, 0xff, 0xff, 0x7f]),
    ];
    for (value, bytes) in table {
        let mut out = BytesMut::new();
        vlq_write(&mut out, value, NATURAL, "T.f").unwrap();
        assert_eq!((&out[..], vlq_len(value)), (bytes, bytes.len()));
        let read = vlq_read::<u32>(bytes, 5, NATURAL, Overlong::Refuse);
        assert_eq!(read, Ok((&[][..], value)));
    }
    let read = |input| vlq_read::<u8>(input, 5, NATURAL, Overlong::Refuse);
    assert_eq!(read(b"\x81\x7f"), Ok((&[][..], 0xff)));
    assert_eq!(read(b"\x82\x00"), fault(Fault::Varint, 2));
    assert_eq!(read(b"\x81"), fault(Fault::Short, 1));
}

/// Protobuf's encoding guide, the table of `sint32`.
#[test]
fn zigzag_gives_the_table_of_protobuf() {
    let table = [(0, 0u64), (-1, 1), (1, 2), (-2, 3), (0x7fff_ffff, 0xffff_fffe)];
    for (value, image) in table {
        assert_eq!(value.to_zigzag(), image);
        assert_eq!(i32::from_zigzag(image), value);
    }
    assert_eq!(i32::MIN.to_zigzag(), 0xffff_ffff);
    assert_eq!(i128::from_zigzag(u128::MAX), i128::MIN);
    let mut out = BytesMut::new();
    zigzag_write(&mut out, -65i8, NATURAL, "T.f").unwrap();
    assert_eq!((&out[..], zigzag_len(-65i8)), (&[0x81, 0x01][..], 2));
    let read = zigzag_read::<i8>(&out, 5, NATURAL, Overlong::Refuse);
    assert_eq!(read, Ok((&[][..], -65)));
    let read = zigzag_read::<i8>(b"\x80\x02", 5, NATURAL, Overlong::Refuse);
    assert_eq!(read, fault(Fault::Varint, 2));
}

/// X.690, section 8.1.3.5: the example of 201 octets is `81 C9`.
#[test]
fn ber_gives_the_example_of_the_standard() {
    let table: [(u32, &[u8]); 6] = [
        (0, &[0]),
        (0x7f, &[0x7f]),
        (0x80, &[0x81, 0x80]),
        (201, &[0x81, 0xc9]),
        (0x100, &[0x82, 1, 0]),
        (u32::MAX, &[0x84, 0xff, 0xff, 0xff, 0xff]),
    ];
    for (value, bytes) in table {
        let mut out = BytesMut::new();
        ber_write(&mut out, value, NATURAL, "T.f").unwrap();
        assert_eq!((&out[..], ber_len(value)), (bytes, bytes.len()));
        let read = ber_read::<u32>(bytes, 5, NATURAL, Overlong::Refuse);
        assert_eq!(read, Ok((&[][..], value)));
    }
}

#[test]
fn ber_without_a_length_or_beyond_its_bytes_is_refused() {
    let read = |input| ber_read::<u16>(input, 5, NATURAL, Overlong::Accept);
    assert_eq!(read(b"\x80"), fault(Fault::Varint, 1));
    assert_eq!(read(b"\xff"), fault(Fault::Varint, 1));
    assert_eq!(read(b"\x83\x00\x00\x01"), fault(Fault::Varint, 4));
    assert_eq!(read(b"\x82\x01"), fault(Fault::Short, 2));
    let read = ber_read::<u8>(b"\x82\x01\x00", 5, Some(3), Overlong::Accept);
    assert_eq!(read, fault(Fault::Varint, 3));
    let mut out = BytesMut::new();
    let error = EncodeError::TooLarge { field: "T.f", value: 0x100, max: 0xff };
    assert_eq!(ber_write(&mut out, 0x100u16, Some(2), "T.f"), Err(error));
    let error = EncodeError::TooLarge { field: "T.f", value: 0x80, max: 0x7f };
    assert_eq!(ber_write(&mut out, 0x80u16, Some(1), "T.f"), Err(error));
    assert!(out.is_empty());
}

#[test]
fn every_value_near_a_power_of_two_comes_back() {
    fn both<T: Integer + Debug>(value: T) {
        let mut out = BytesMut::new();
        leb128_write(&mut out, value, NATURAL, "T.f").unwrap();
        assert_eq!(out.len(), leb128_len(value));
        let read = leb128_read(&out, 5, NATURAL, Overlong::Refuse);
        assert_eq!(read, Ok((&[][..], value)));
        out.clear();
        vlq_write(&mut out, value, NATURAL, "T.f").unwrap();
        let read = vlq_read(&out, 5, NATURAL, Overlong::Refuse);
        assert_eq!(read, Ok((&[][..], value)));
        out.clear();
        ber_write(&mut out, value, NATURAL, "T.f").unwrap();
        assert_eq!(out.len(), ber_len(value));
        let read = ber_read(&out, 5, NATURAL, Overlong::Refuse);
        assert_eq!(read, Ok((&[][..], value)));
    }
    let powers: Vec<u128> = (0..128).map(|bit| 1 << bit).collect();
    for value in powers.iter().flat_map(|power| [power - 1, *power, power + 1]) {
        both(value);
        both(value.cast_signed());
        both(u64::from_word(u64::try_from(value & u128::from(u64::MAX)).unwrap()));
        both(u16::try_from(value & 0xffff).unwrap().cast_signed());
    }
}
