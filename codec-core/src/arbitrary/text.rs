//! Text that its encoding can write.

use alloc::string::String;

use arbitrary::Result;

use super::draw::{Draw, Room, unfit};
use crate::text::{Charset, TextForm, text_len};

impl<'a> Draw<'_, 'a> {
    /// Text that fills this room. Encodings other than UTF-8, UTF-16 and Latin-1 get ASCII.
    ///
    /// # Errors
    /// No text has the stated size.
    pub fn text(&mut self, room: Room, form: TextForm) -> Result<String> {
        // A padded field is read with its padding, unless that is cut off.
        let free = form.trim && form.pad.is_some();
        let len = match room.exact {
            _ if form.charset == Charset::Unknown => 0,
            Some(size) if free => self.source.int_in_range(0..=size)?,
            _ => self.len(room)?,
        };
        let mut text = String::new();
        for _ in 0..len {
            let before = text.len();
            let left = len.saturating_sub(text_len(&text, form, None));
            if left == 0 {
                break;
            }
            text.push(self.character(form, room.end)?);
            if text_len(&text, form, None) > len {
                text.truncate(before);
                text.push('x');
            }
            if text_len(&text, form, None) > len {
                text.truncate(before);
                break;
            }
        }
        let found = text_len(&text, form, None);
        match room.exact {
            Some(size) if !free && found != size => Err(unfit()),
            _ => Ok(text),
        }
    }

    /// ASCII text of the source itself.
    ///
    /// # Errors
    /// The source has none of a stated size.
    pub fn borrowed_text(&mut self, room: Room) -> Result<&'a str> {
        let bytes = self.borrowed(room)?;
        match core::str::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(_) if room.exact.is_some() || room.unit.0 > 1 => Err(unfit()),
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                core::str::from_utf8(valid).map_err(|_| unfit())
            }
        }
    }

    /// A character that neither ends the text nor is cut off at its end.
    fn character(&mut self, form: TextForm, end: &[u8]) -> Result<char> {
        let plain = char::from(self.source.int_in_range(b' '..=b'~')?);
        let rare = self.source.ratio(1, 4)?;
        let drawn = match form.charset {
            Charset::Utf8 | Charset::Utf16(_) if rare => self.source.arbitrary()?,
            Charset::Latin1 if rare => char::from(self.source.arbitrary::<u8>()?),
            Charset::Ascii if rare => char::from(self.source.int_in_range(0..=0x7fu8)?),
            _ => plain,
        };
        let mut buffer = [0; 4];
        let ends = end.first().is_some_and(|end| {
            drawn.encode_utf8(&mut buffer).as_bytes().contains(end) || drawn == '\0'
        });
        let cut = form.trim
            && (matches!(drawn, ' ' | '\0')
                || form.pad.is_some_and(|pad| drawn == char::from(pad)));
        Ok(if ends || cut { 'x' } else { drawn })
    }
}
