//! The declarations that are fuzzed, and good frames of each to start from.
#![allow(dead_code, unused_imports, reason = "whole protocols; the targets use a part")]

#[path = "../../../examples/gb32960/message.rs"]
pub(crate) mod gb32960;
#[path = "../../../examples/iec104/unit.rs"]
pub(crate) mod iec104;
#[path = "../../declarations/message.rs"]
pub(crate) mod message;
#[path = "../../../examples/modbus/message.rs"]
pub(crate) mod modbus;
#[path = "../../../examples/mqtt/packet.rs"]
pub(crate) mod mqtt;
#[path = "../../../examples/jt808/packet.rs"]
pub(crate) mod packet;
#[path = "../../../examples/mqtt/property.rs"]
pub(crate) mod property;
#[path = "../../../examples/redis/value.rs"]
pub(crate) mod redis;

/// Good inputs, the choosing byte first.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    [
        (0, "00000013000100000001 0000018F00000000 9D"),
        (0, "0000001700020000000700000000000003E900026869FB"),
        (1, "7E000240000100000000013912345678007D020D7E"),
        (1, "7E8001400501000000000139123456780001007D01000200 8B7E"),
        (
            1,
            "7E0704005311223344556622B80002000026000000010000000200BA7F0E07E4F11C0028003C000018\
             0715101010010400000064020200370026000000020000000100CB735507E6A323002900360078180715\
             10103001040000006002020042D47E",
        ),
        (1, "7E0801200500123456789002DE001A00022808000102537E"),
        (2, "100C00044D5154540402003C0000"),
        (2, "101900044D51545404F40000000163000174 00016D000175000170"),
        (2, "32090003612F62000A6869"),
        (2, "820C00010001610000 03622F2302"),
        (7, "2A330D0A24350D0A68656C6C6F0D0A3A2D34320D0A25310D0A2B6E756C6C0D0A242D310D0A"),
        (3, "680407000000"),
        (3, "680401000A00"),
        (3, "680E4E147C0065010A000C0000000005"),
        (
            4,
            "232301FE314731424C35325037545231313535323001001F0C0C1D0C1314000131323334353637383930\
             3132333435363738393001014398",
        ),
        (
            4,
            "232302FE314731424C353250375452313135353230010024110C1416173B070200000000010000007B02\
             0000007B000000DF010000007B010000007D18",
        ),
        (
            4,
            "232302FE314731424C353250375452313135353230010020100A01163B00080201138827100002000001\
             1388021389271100020001011389CF",
        ),
        (5, "00080000000D0710001400030600010002FFFF"),
        (5, "00090000000D07170014000200150001020007"),
        (6, "000C00000008072B0E0183000000"),
        (6, "000F0000000E0718000A00040000000100020003"),
    ]
    .into_iter()
    .map(|(choice, hex)| std::iter::once(choice).chain(bytes(hex)).collect())
    .collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    assert!(digits.len().is_multiple_of(2), "a whole number of bytes: {hex}");
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
