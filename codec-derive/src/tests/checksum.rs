//! Checksums.

use super::*;

#[test]
fn misspelt_algorithm() {
    let source = r"
#[derive(Wire)]
struct Message {
    level: u8,
    #[wire(checksum = xor_8, over = ..self)]
    check: Auto<u8>,
    #[wire(checksum = crc_16_modbuss, over = ..self)]
    other: Auto<u16>,
}
";
    assert_eq!(
        messages(source),
        [
            "5:23 no checksum is called `xor_8`; did you mean `xor8`? A function of yours is a \
             path, such as `self::xor_8`",
            "7:23 no checksum is called `crc_16_modbuss`; did you mean `crc_16_modbus`? A \
             function of yours is a path, such as `self::crc_16_modbuss`",
        ]
    );
    let mended = source.replace("xor_8", "xor8").replace("modbuss", "modbus");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn user_function_is_an_algorithm() {
    let source = r"
#[derive(Wire)]
struct Message {
    level: u8,
    #[wire(checksum = crc_16_modbuss, over = ..self)]
    check: Auto<u16>,
}
";
    assert_eq!(
        messages(source),
        ["5:23 no checksum is called `crc_16_modbuss`; did you mean `crc_16_modbus`? A \
             function of yours is a path, such as `self::crc_16_modbuss`",]
    );
    let mended = source.replace("crc_16_modbuss", "self::crc_16_modbuss");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn field_of_another_width() {
    let source = r"
#[derive(Wire)]
struct Message {
    level: u8,
    #[wire(checksum = xor8, over = ..self)]
    check: Auto<u16>,
    #[wire(checksum = crc_32_iso_hdlc, over = ..check)]
    other: Auto<u16>,
}
";
    assert_eq!(
        messages(source),
        [
            "6:17 `xor8` gives 8 bits, not 16; write `Auto<u8>`",
            "8:17 `crc_32_iso_hdlc` gives 32 bits, not 16; write `Auto<u32>`",
        ]
    );
    let mended = source
        .replace("check: Auto<u16>", "check: Auto<u8>")
        .replace("other: Auto<u16>", "other: Auto<u32>");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn checksum_in_bits() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(bits = 4)]
    level: u8,
    #[wire(bits = 4, checksum = xor8, over = ..)]
    check: Auto<u8>,
}
";
    assert_eq!(messages(source), ["6:22 a checksum is whole bytes; move it out of the bits",]);
}

#[test]
fn checksum_without_a_fixed_width() {
    let source = r"
#[derive(Wire)]
struct Message {
    level: u8,
    #[wire(varint = leb128, checksum = sum16, over = ..self)]
    check: Auto<u16>,
}
";
    assert_eq!(messages(source), ["5:29 a checksum has a fixed width; write a plain integer",]);
    let mended = source.replace("varint = leb128, ", "");
    assert_eq!(messages(&mended), [""; 0]);
}

#[test]
fn checksums_that_cover_each_other() {
    let source = r"
#[derive(Wire)]
struct Message {
    #[wire(checksum = xor8, over = ..)]
    first: Auto<u8>,
    level: u8,
    #[wire(checksum = sum8, over = ..)]
    second: Auto<u8>,
}
";
    assert_eq!(
        messages(source),
        ["7:36 this checksum covers `first`, and `first` covers it; leave one out of the \
             other's span",]
    );
    let mended = source.replace("sum8, over = ..", "sum8, over = level");
    assert_eq!(messages(&mended), [""; 0]);
}
