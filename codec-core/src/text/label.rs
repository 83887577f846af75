//! The encodings of the WHATWG encoding standard, by encoding_rs.

use alloc::borrow::Cow;

use bytes::BytesMut;
use encoding_rs::{DecoderResult, Encoding};

macro_rules! labels {
    ($($($label:literal)|+ => $encoding:ident,)*) => {
        /// The encoding of that label, in lower case (<https://encoding.spec.whatwg.org/#labels>,
        /// without the aliases that only old web pages use).
        pub(super) const fn find(label: &[u8]) -> Option<&'static Encoding> {
            $($(if equal(label, $label) { return Some(encoding_rs::$encoding); })+)*
            None
        }
        #[cfg(test)]
        pub(super) const LABELS: &[&str] = &[$($($label),+),*];
    };
}
labels! {
    "big5" => BIG5,
    "euc-jp" => EUC_JP,
    "euc-kr" => EUC_KR,
    "gbk" | "gb2312" | "cp936" => GBK,
    "gb18030" => GB18030,
    "ibm866" | "cp866" => IBM866,
    "iso-2022-jp" => ISO_2022_JP,
    "iso-8859-2" | "latin2" => ISO_8859_2,
    "iso-8859-3" => ISO_8859_3,
    "iso-8859-4" => ISO_8859_4,
    "iso-8859-5" => ISO_8859_5,
    "iso-8859-6" => ISO_8859_6,
    "iso-8859-7" => ISO_8859_7,
    "iso-8859-8" => ISO_8859_8,
    "iso-8859-10" => ISO_8859_10,
    "iso-8859-13" => ISO_8859_13,
    "iso-8859-14" => ISO_8859_14,
    "iso-8859-15" => ISO_8859_15,
    "iso-8859-16" => ISO_8859_16,
    "koi8-r" => KOI8_R,
    "koi8-u" => KOI8_U,
    "macintosh" => MACINTOSH,
    "shift_jis" | "shift-jis" | "sjis" | "cp932" => SHIFT_JIS,
    "windows-874" => WINDOWS_874,
    "windows-1250" | "cp1250" => WINDOWS_1250,
    "windows-1251" | "cp1251" => WINDOWS_1251,
    "windows-1252" | "cp1252" => WINDOWS_1252,
    "windows-1253" | "cp1253" => WINDOWS_1253,
    "windows-1254" | "cp1254" => WINDOWS_1254,
    "windows-1255" | "cp1255" => WINDOWS_1255,
    "windows-1256" | "cp1256" => WINDOWS_1256,
    "windows-1257" | "cp1257" => WINDOWS_1257,
    "windows-1258" | "cp1258" => WINDOWS_1258,
}

const fn equal(mut label: &[u8], other: &str) -> bool {
    let mut other = other.as_bytes();
    while let ([a, label_rest @ ..], [b, other_rest @ ..]) = (label, other) {
        if *a != *b {
            return false;
        }
        (label, other) = (label_rest, other_rest);
    }
    label.is_empty() && other.is_empty()
}

/// The text, or the offset of the first byte that cannot be decoded. Bytes that would be written
/// otherwise cannot be decoded either.
pub(super) fn decode<'a>(
    encoding: &'static Encoding,
    part: &'a [u8],
    lossy: bool,
) -> Result<Cow<'a, str>, usize> {
    if lossy {
        return Ok(encoding.decode_without_bom_handling(part).0);
    }
    match encoding.decode_without_bom_handling_and_without_replacement(part) {
        None => Err(first_malformed(encoding, part)),
        Some(Cow::Borrowed(text)) => Ok(Cow::Borrowed(text)),
        Some(text) => {
            let (again, _, _) = encoding.encode(&text);
            let agree = part.iter().zip(again.iter()).take_while(|(a, b)| a == b).count();
            if agree == part.len() && agree == again.len() { Ok(text) } else { Err(agree) }
        }
    }
}

/// Appends the text; `false` when the encoding does not have it, or has it as something else.
pub(super) fn encode(encoding: &'static Encoding, out: &mut BytesMut, text: &str) -> bool {
    let (bytes, _, unmappable) = encoding.encode(text);
    let back = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
    let same = !unmappable && back.is_some_and(|back| back == text);
    if same {
        out.extend_from_slice(&bytes);
    }
    same
}

/// Where the first malformed sequence begins.
#[cold]
fn first_malformed(encoding: &'static Encoding, part: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut scratch = [0; 256];
    let mut offset = 0;
    loop {
        let rest = part.get(offset..).unwrap_or_default();
        let (result, read, _) =
            decoder.decode_to_utf8_without_replacement(rest, &mut scratch, true);
        offset += read;
        match result {
            DecoderResult::OutputFull if read > 0 => {}
            DecoderResult::Malformed(bad, behind) => {
                return offset.saturating_sub(usize::from(bad) + usize::from(behind));
            }
            DecoderResult::OutputFull | DecoderResult::InputEmpty => return offset,
        }
    }
}
