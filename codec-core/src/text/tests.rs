use super::*;
use crate::scope::Endian;
use alloc::vec::Vec;

fn form(label: &str) -> TextForm {
    TextForm { charset: charset(label), ..TextForm::UTF8 }
}

fn padded(label: &str, pad: u8) -> TextForm {
    TextForm { pad: Some(pad), trim: true, ..form(label) }
}

fn fault<T>(fault: Fault, from_end: u32) -> Result<T, Err<DecodeError>> {
    Err(Err::Error(DecodeError { from_end, field: 9, fault }))
}

fn read(label: &str, part: &[u8]) -> Result<String, Err<DecodeError>> {
    text_owned(part, 9, form(label))
}

fn lossy(label: &str, part: &[u8]) -> String {
    text_owned(part, 9, TextForm { lossy: true, ..form(label) }).unwrap()
}

fn written(text: &str, form: TextForm, size: Option<usize>) -> Result<Vec<u8>, EncodeError> {
    let mut out = BytesMut::from(&[0xa5][..]);
    text_write(&mut out, text, form, size, "T.text")?;
    assert_eq!(out.len(), 1 + text_len(text, form, size));
    Ok(out[1..].to_vec())
}

const TEXT: EncodeError = EncodeError::Text { field: "T.text" };

#[test]
fn utf8_is_checked_and_borrowed() {
    assert_eq!(text_borrow("äö".as_bytes(), 9, TextForm::UTF8), Ok("äö"));
    assert_eq!(read("utf-8", b"ab\xc3("), fault(Fault::Text, 2));
    assert_eq!(lossy("utf8", b"ab\xc3("), "ab\u{fffd}(");
    assert_eq!(written("äö", TextForm::UTF8, None), Ok("äö".as_bytes().to_vec()));
}

#[test]
fn ascii_ends_at_127() {
    assert_eq!(text_borrow(b"\0~\x7f", 9, form("ascii")), Ok("\0~\x7f"));
    assert_eq!(read("ascii", b"a\x80b"), fault(Fault::Text, 2));
    assert_eq!(lossy("ascii", b"a\x80b"), "a\u{fffd}b");
    assert_eq!(written("ä", form("ascii"), None), Err(TEXT));
}

#[test]
fn latin1_has_every_byte() {
    let all: Vec<u8> = (0..=255).collect();
    let text = read("latin1", &all).unwrap();
    assert_eq!(text.chars().map(u32::from).collect::<Vec<_>>(), (0..=255).collect::<Vec<_>>());
    assert_eq!(written(&text, form("latin1"), None), Ok(all));
    assert_eq!(written("€", form("latin1"), None), Err(TEXT));
    assert_eq!(text_borrow(b"\xe4", 9, form("latin1")), fault(Fault::Text, 1));
}

#[test]
fn utf16_stands_in_both_orders() {
    let little = b"a\0\xac\x20\x3d\xd8\x00\xde";
    let big = b"\0a\x20\xac\xd8\x3d\xde\x00";
    assert_eq!(read("utf-16le", little), Ok("a€😀".into()));
    assert_eq!(read("utf-16be", big), Ok("a€😀".into()));
    assert_eq!(written("a€😀", form("utf-16le"), None), Ok(little.to_vec()));
    assert_eq!(written("a€😀", form("utf-16be"), None), Ok(big.to_vec()));
}

#[test]
fn half_a_utf16_character_is_refused() {
    assert_eq!(read("utf-16be", b"\0a\0"), fault(Fault::Text, 1));
    assert_eq!(read("utf-16be", b"\0a\xd8\x3d\0b"), fault(Fault::Text, 4));
    assert_eq!(lossy("utf-16be", b"\0a\xd8\x3d\0b\0"), "a\u{fffd}b\u{fffd}");
}

#[test]
fn padding_fills_and_is_trimmed() {
    let spaces = padded("ascii", b' ');
    assert_eq!(text_owned(b"ab  ", 9, spaces), Ok("ab".into()));
    assert_eq!(text_owned(b"    ", 9, spaces), Ok("".into()));
    assert_eq!(text_owned(b"ab \0", 9, spaces), Ok("ab \0".into()));
    assert_eq!(written("ab", spaces, Some(4)), Ok(b"ab  ".to_vec()));
    assert_eq!(written("abcd", spaces, Some(4)), Ok(b"abcd".to_vec()));
    let error = EncodeError::WrongSize { field: "T.text", expected: 4, found: 5 };
    assert_eq!(written("abcde", spaces, Some(4)), Err(error));
    let error = EncodeError::WrongSize { field: "T.text", expected: 4, found: 3 };
    assert_eq!(written("abc", form("ascii"), Some(4)), Err(error));
    let kept = TextForm { trim: false, ..spaces };
    assert_eq!(text_owned(b"ab  ", 9, kept), Ok("ab  ".into()));
    let any = TextForm { pad: None, ..spaces };
    assert_eq!(text_owned(b"ab \0 ", 9, any), Ok("ab".into()));
    let filled = padded("utf8", 0xff);
    assert_eq!(text_owned(b"ab\xff\xff", 9, filled), Ok("ab".into()));
}

#[test]
fn padding_of_utf16_goes_by_units() {
    let spaces = padded("utf-16be", b' ');
    assert_eq!(text_owned(b"\0a\x20\0\0\x20\0\x20", 9, spaces), Ok("a\u{2000}".into()));
    assert_eq!(written("a", spaces, Some(6)), Ok(b"\0a\0 \0 ".to_vec()));
    let error = EncodeError::WrongSize { field: "T.text", expected: 5, found: 2 };
    assert_eq!(written("a", spaces, Some(5)), Err(error));
    let zeros = padded("utf-16le", 0);
    assert_eq!(written("a", zeros, Some(4)), Ok(b"a\0\0\0".to_vec()));
}

#[test]
fn a_fault_before_padding_keeps_its_place() {
    assert_eq!(text_owned(b"a\x80  ", 9, padded("ascii", b' ')), fault(Fault::Text, 3));
}

#[test]
fn a_terminator_ends_a_part() {
    assert_eq!(terminated(b"ab\0cd", 9, b"\0", 1, None), Ok((&b"cd"[..], &b"ab"[..])));
    assert_eq!(terminated(b"\0", 9, b"\0", 1, None), Ok((&b""[..], &b""[..])));
    assert_eq!(terminated(b"a\r\r\n!", 9, b"\r\n", 1, None), Ok((&b"!"[..], &b"a\r"[..])));
    assert_eq!(terminated(b"ab", 9, b"\0", 1, None), fault(Fault::Unterminated, 2));
    let units = b"a\0\0b\0\0c";
    assert_eq!(terminated(units, 9, b"\0\0", 2, None), Ok((&b"c"[..], &b"a\0\0b"[..])));
    assert_eq!(terminated(b"ab\0", 9, b"\0", 1, Some(2)), Ok((&b""[..], &b"ab"[..])));
    assert_eq!(terminated(b"abc\0", 9, b"\0", 1, Some(2)), fault(Fault::Length, 4));
    assert_eq!(terminated(b"abc", 9, b"\0", 1, Some(2)), fault(Fault::Unterminated, 3));
}

#[test]
fn a_part_that_holds_its_terminator_cannot_be_written() {
    let ended = |text: &[u8], terminator: &[u8], unit| {
        let mut out = BytesMut::from(&[0][..]);
        out.extend_from_slice(text);
        terminate(&mut out, 1, terminator, unit, "T.text").map(|()| out[1..].to_vec())
    };
    assert_eq!(ended(b"ab", b"\0", 1), Ok(b"ab\0".to_vec()));
    assert_eq!(ended(b"a\0b", b"\0", 1), Err(TEXT));
    assert_eq!(ended(b"ab\r", b"\r\n", 1), Ok(b"ab\r\r\n".to_vec()));
    assert_eq!(ended(b"ab\r", b"\r\r", 1), Err(TEXT));
    assert_eq!(ended(b"a\0\0b", b"\0\0", 2), Ok(b"a\0\0b\0\0".to_vec()));
}

#[test]
fn labels_are_constants() {
    const BIG: Charset = charset("utf-16be");
    assert_eq!((BIG, BIG.unit_len()), (Charset::Utf16(Endian::Big), 2));
    assert_eq!(charset("utf-16"), Charset::Utf16(Endian::Little));
}

#[cfg(feature = "encodings")]
mod encodings {
    use super::*;

    #[test]
    fn labels_are_those_of_the_standard() {
        for name in label::LABELS {
            let found = label::find(name.as_bytes());
            // The four aliases of Microsoft's code pages that the standard leaves out.
            let standard = encoding_rs::Encoding::for_label(name.as_bytes());
            assert!(found == standard || (standard.is_none() && name.starts_with("cp")), "{name}");
        }
        assert_eq!(label::find(b"gbk2"), None);
        assert_eq!(label::find(b"gb"), None);
    }

    /// GB/T 2312: 中 is D6 D0; JIS X 0208: 日 is 93 FA in Shift_JIS.
    #[test]
    fn chinese_and_japanese_text_comes_and_goes() {
        const GBK: TextForm = TextForm { charset: charset("gbk"), ..TextForm::UTF8 };
        assert_eq!(text_owned(b"\xd6\xd0A", 9, GBK), Ok("中A".into()));
        assert_eq!(written("中A", GBK, None), Ok(b"\xd6\xd0A".to_vec()));
        assert_eq!(read("shift_jis", b"\x93\xfa"), Ok("日".into()));
        assert_eq!(written("😀", GBK, None), Err(TEXT));
        assert_eq!(written("😀", form("gb18030"), None), Ok(b"\x94\x39\xfc\x36".to_vec()));
        assert_eq!(text_borrow(b"AB", 9, GBK), Ok("AB"));
        assert_eq!(written("中", padded("gbk", 0), Some(4)), Ok(b"\xd6\xd0\0\0".to_vec()));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_where_they_begin() {
        assert_eq!(read("gbk", b"A\xd6\xd0\xff\xd0"), fault(Fault::Text, 2));
        assert_eq!(read("gbk", b"A\xd6"), fault(Fault::Text, 1));
        assert_eq!(lossy("gbk", b"A\xff"), "A\u{fffd}");
    }

    #[test]
    fn text_that_would_not_come_back_is_refused() {
        // The yen sign becomes 5C, a backslash; 81 CA and EE F9 are both U+FFE2.
        assert_eq!(written("¥", form("shift_jis"), None), Err(TEXT));
        assert_eq!(read("shift_jis", b"\x81\xca"), Ok("\u{ffe2}".into()));
        assert_eq!(read("shift_jis", b"A\xee\xf9"), fault(Fault::Text, 2));
        assert_eq!(lossy("shift_jis", b"A\xee\xf9"), "A\u{ffe2}");
    }
}
