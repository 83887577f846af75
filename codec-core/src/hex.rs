//! Bytes as people write them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// Why a text is no hex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HexError {
    /// This character is no hexadecimal digit.
    Digit {
        /// What stands there.
        found: char,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// A group of digits has an odd number of them.
    Half {
        /// Line of the group's last digit, from 1.
        line: usize,
        /// Column of the group's last digit in characters, from 1.
        column: usize,
    },
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit { found, line, column } => {
                write!(f, "{found:?} in line {line}, column {column} is no hexadecimal digit")
            }
            Self::Half { line, column } => {
                write!(f, "the digit in line {line}, column {column} has no second one")
            }
        }
    }
}

impl core::error::Error for HexError {}

/// Reads bytes as people paste them: pairs of digits with or without spaces, commas, colons and
/// `0x`, and hex dumps: at the start of a line an offset before a colon (`0010: `), or before two
/// spaces when it is the number of bytes so far (`0x0010  `, `00000010  `), is skipped, and so is an
/// ASCII column behind `|`.
///
/// ```
/// # mod longlink { pub use longlink_codec_core as codec; }
/// use longlink::codec::hex;
/// assert_eq!(hex::parse("00 0x17, 0002:fb").unwrap(), [0x00, 0x17, 0x00, 0x02, 0xfb]);
/// assert_eq!(hex::parse("0000: 00 17\n0002: fb  |...|").unwrap(), [0x00, 0x17, 0xfb]);
/// assert_eq!(hex::parse("0g").unwrap_err().to_string(),
///            "'g' in line 1, column 2 is no hexadecimal digit");
/// ```
///
/// # Errors
/// The first character that belongs to none of this, or a digit without its second.
pub fn parse(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let dump = line.split('|').next().unwrap_or(line);
        let skipped = offset_len(dump, bytes.len());
        parse_line(dump, skipped, number.saturating_add(1), &mut bytes)?;
    }
    Ok(bytes)
}

fn parse_line(
    text: &str,
    skipped: usize,
    line: usize,
    bytes: &mut Vec<u8>,
) -> Result<(), HexError> {
    let mut high = None;
    let mut last = 0;
    let mut before = ' ';
    for (index, found) in text.chars().enumerate().skip(skipped) {
        let column = index.saturating_add(1);
        let digit = found.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (found, digit) {
            ('x' | 'X', _) if before == '0' && high == Some(0) => high = None,
            (_, Some(low)) => {
                last = column;
                high = match high {
                    None => Some(low),
                    Some(high) => {
                        bytes.push((high << 4) | low);
                        None
                    }
                };
            }
            (found, _) if found.is_whitespace() || matches!(found, ',' | ':' | '-' | '_') => {
                if high.is_some() {
                    return Err(HexError::Half { line, column: last });
                }
            }
            (found, _) => return Err(HexError::Digit { found, line, column }),
        }
        before = found;
    }
    if high.is_some() { Err(HexError::Half { line, column: last }) } else { Ok(()) }
}

/// Characters of the offset at the start of a hex dump's line; 0: none.
fn offset_len(line: &str, so_far: usize) -> usize {
    let body = line.trim_start_matches([' ', '\t']);
    let digits = body.strip_prefix("0x").unwrap_or(body);
    let len = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
    let (Some(offset), Some(rest)) = (digits.get(..len), digits.get(len..)) else {
        return 0;
    };
    let here = usize::from_str_radix(offset, 16) == Ok(so_far);
    if (4..=8).contains(&len) && (rest.starts_with(": ") || (rest.starts_with("  ") && here)) {
        // All before is ASCII, so bytes are characters.
        return line.len().saturating_sub(rest.len()).saturating_add(1);
    }
    0
}

/// `00 17 fb`.
#[must_use]
pub fn print(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(3));
    for byte in bytes {
        if !text.is_empty() {
            text.push(' ');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dumps_lose_their_offsets_and_columns() {
        let expected = (0..20).collect::<Vec<u8>>();
        let dumps = [
            "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  |................|\n\
             00000010  10 11 12 13                                       |....|",
            "0x0000  0001 0203 0405 0607 0809 0a0b 0c0d 0e0f\n  0x0010  1011 1213",
            "0000: 00 01 02 03 04 05 06 07 08 09\r\n000a: 0a 0b 0c 0d 0e 0f 10 11 12 13\n",
            "000102030405060708090a0b0c0d0e0f10111213",
            "0x00,0x01,0x02,0x03 04:05:06:07 08-09 0a_0b 0c 0d 0e 0F 10 11 12 13",
        ];
        for dump in dumps {
            assert_eq!(parse(dump).as_deref(), Ok(&expected[..]), "{dump}");
        }
    }

    #[test]
    fn errors_say_where() {
        let digit = |found, line, column| Err(HexError::Digit { found, line, column });
        assert_eq!(parse("00 17\n00 zz"), digit('z', 2, 4));
        assert_eq!(parse("0xx"), digit('x', 1, 3));
        assert_eq!(parse("00 1 7"), Err(HexError::Half { line: 1, column: 4 }));
        assert_eq!(parse("001"), Err(HexError::Half { line: 1, column: 3 }));
        assert_eq!(parse(""), Ok(Vec::new()));
    }

    #[test]
    fn printed_bytes_parse_back() {
        let bytes = [0x00, 0x7e, 0xff];
        assert_eq!(print(&bytes), "00 7e ff");
        assert_eq!(parse(&print(&bytes)).as_deref(), Ok(&bytes[..]));
    }
}
