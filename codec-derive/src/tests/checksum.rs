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

/// The messages about this algorithm in a field of two bytes, without their place.
fn about(algorithm: &str, ty: &str) -> Vec<String> {
    let source = format!(
        "#[derive(Wire)]\nstruct Message {{\n    level: u8,\n    \
         #[wire(checksum = {algorithm}, over = ..self)]\n    check: Auto<{ty}>,\n}}"
    );
    let text = |message: String| message.trim_start_matches("4:23 ").to_owned();
    messages(&source).into_iter().map(text).collect()
}

#[test]
fn name_that_looks_like_a_checksum() {
    assert_eq!(
        about("crc16", "u16"),
        ["no checksum is called `crc16`; of 16 bits there are `crc_16_modbus`, `crc_16_ibm_3740` \
          (CCITT-FALSE), `crc_16_xmodem` (ZMODEM, CCITT from 0), `crc_16_kermit` (CCITT-TRUE), \
          `crc_16_arc` (IBM, LHA), `crc_16_ibm_sdlc` (X-25) and 25 more. A function of yours is a \
          path, such as `self::crc16`"]
    );
    assert_eq!(about("crc_16", "u16"), [about("crc16", "u16").concat().replace("crc16", "crc_16")]);
    // Without a width of its own it has that of its field.
    assert_eq!(about("CRC", "u16"), [about("crc16", "u16").concat().replace("crc16", "CRC")]);
    assert_eq!(
        about("sum32", "u32"),
        [
            "no checksum is called `sum32`; of 32 bits there are `adler32`, `crc_32_iso_hdlc` (zlib, \
          Ethernet), `crc_32_iscsi` (CRC-32C, Castagnoli), `crc_32_mpeg_2`, `crc_32_bzip2` \
          (AAL5), `crc_32_cksum` (POSIX) and 7 more. A function of yours is a path, such as \
          `self::sum32`"
        ]
    );
    assert_eq!(
        about("xor", "u64"),
        ["no checksum is called `xor`; did you mean `xor8`? A function of yours is a path, such \
          as `self::xor`"]
    );
    assert_eq!(about("sum20", "u32"), [about("sum32", "u32").concat().replace("sum32", "sum20")]);
}

#[test]
fn checksum_by_another_of_its_names() {
    let of = |algorithm: &str| {
        let text = about(algorithm, "u16").concat();
        let meant =
            text.split_once("; did you mean ").and_then(|(_, text)| text.split_once("? A "));
        meant.map(|(meant, _)| meant.to_owned()).unwrap_or(text)
    };
    let ccitt = "`crc_16_ibm_3740` (CCITT-FALSE), `crc_16_xmodem` (ZMODEM, CCITT from 0), \
                 `crc_16_kermit` (CCITT-TRUE) or `crc_16_spi_fujitsu` (AUG-CCITT)";
    assert_eq!(of("crc_16_ccitt"), ccitt);
    assert_eq!(of("crc_ccitt"), ccitt);
    assert_eq!(of("CRC16_CCITT_FALSE"), "`crc_16_ibm_3740` (CCITT-FALSE)");
    assert_eq!(of("crc16_modbus"), "`crc_16_modbus`");
    assert_eq!(of("crc_modbus"), "`crc_16_modbus`");
    assert_eq!(of("crc16_x25"), "`crc_16_ibm_sdlc` (X-25)");
    assert_eq!(of("crc32c"), "`crc_32_iscsi` (CRC-32C, Castagnoli)");
    assert_eq!(of("crc_64_xzz"), "`crc_64_xz`");
}

/// With the magic's own mistake in one compile; a function of another name is only rustc's to find.
#[test]
fn unknown_checksum_is_reported_with_all_else() {
    let source = r"
#[derive(Frame)]
#[wire(magic = 0x55AA, max_frame_length = 64)]
struct Message {
    level: u8,
    #[wire(checksum = crc16, over = ..self)]
    check: Auto<u16>,
}
";
    let places: Vec<String> = messages(source)
        .iter()
        .filter_map(|message| message.split_once(' ').map(|(place, _)| place.to_owned()))
        .collect();
    assert_eq!(places, ["3:16", "6:23"]);
}

#[test]
fn the_documentation_has_all_common_names() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_to_string(path.join("../codec-core/src/checksum.rs"));
    let docs = docs.expect("the sources are readable");
    for (name, others) in crate::crc_names::COMMON {
        let row = format!("//! | `{name}` | {} |", others.join(", ")).replace("|  |", "| |");
        assert!(docs.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn names_of_functions_are_left_to_the_user() {
    for name in ["parity", "sum_of_words", "xor_all", "crc_of_frame", "summary", "crc::kermit"] {
        assert_eq!(about(name, "u16"), [""; 0], "{name}");
    }
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
