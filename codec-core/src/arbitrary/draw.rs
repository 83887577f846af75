//! Where drawn values come from, and how much of them may still come.

use alloc::vec::Vec;
use core::ops::{Bound, RangeBounds};

use arbitrary::{Error, Result, Unstructured};

use crate::private::{Whole, largest, sign_extend};
use crate::time::{Civil, CivilTime};

/// `Box` and list items are drawn no deeper.
const DEPTH: u8 = 6;
/// A stated size or count beyond this is not tried.
const STATED: usize = 1 << 16;

/// The drawn numbers lead to no value.
#[must_use]
pub const fn unfit() -> Error {
    Error::IncorrectFormat
}

/// What a parent asks of an enum whose tag it holds.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The variant of this tag; `None`: any.
    pub tag: Option<u64>,
    /// Raw bytes, whatever the tag.
    pub opaque: bool,
    /// The largest tag that its field can hold.
    pub largest: u64,
}

impl Wanted {
    /// Any variant.
    pub const ANY: Self = Self { tag: None, opaque: false, largest: u64::MAX };
}

/// How long a byte string or a text may be.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Exactly so many bytes.
    pub exact: Option<usize>,
    /// No more bytes.
    pub most: usize,
    /// Bytes, and `bias` more or less, that one unit of the length stands for.
    pub unit: (usize, i64),
    /// What must not stand inside.
    pub end: &'static [u8],
}

/// Random numbers, and the room that is left for what varies in length.
#[derive(Debug)]
pub struct Draw<'d, 'a> {
    pub(super) source: &'d mut Unstructured<'a>,
    room: usize,
    depth: u8,
    wanted: Wanted,
}

impl<'d, 'a> Draw<'d, 'a> {
    /// Out of these bytes; lists, texts and byte strings take at most `room` bytes in all.
    pub fn new(source: &'d mut Unstructured<'a>, room: usize) -> Self {
        Self { source, room, depth: 0, wanted: Wanted::ANY }
    }

    /// One item deeper.
    ///
    /// # Errors
    /// Too deep.
    pub fn deeper<T>(&mut self, draw: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEPTH {
            return Err(unfit());
        }
        self.depth += 1;
        let drawn = draw(self);
        self.depth -= 1;
        drawn
    }

    /// With at most `most` bytes for what varies.
    ///
    /// # Errors
    /// Those of `draw`.
    pub fn within<T>(
        &mut self,
        most: usize,
        draw: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let outside = self.room.saturating_sub(most);
        self.room -= outside;
        let drawn = draw(self);
        self.room += outside;
        drawn
    }

    /// What the next enum shall be.
    pub fn want(&mut self, wanted: Wanted) {
        self.wanted = wanted;
    }

    /// What this enum shall be.
    pub fn wanted(&mut self) -> Wanted {
        core::mem::replace(&mut self.wanted, Wanted::ANY)
    }

    /// One of `count` choices.
    ///
    /// # Errors
    /// There is none.
    pub fn choice(&mut self, count: usize) -> Result<usize> {
        self.source.choose_index(count)
    }

    /// Yes or no.
    ///
    /// # Errors
    /// Never where the source can be exhausted.
    pub fn coin(&mut self) -> Result<bool> {
        self.source.arbitrary()
    }

    /// An integer of so many bits on the wire; the ends of the range come often.
    ///
    /// # Errors
    /// The type holds none of the drawn ones.
    pub fn whole<T: Whole>(&mut self, bits: u32, signed: bool) -> Result<T> {
        for _ in 0..16 {
            let any = match self.source.int_in_range(0..=15u8)? {
                0 => 0,
                1 => u64::MAX,
                2 => u64::MAX >> 1,
                3 => 1,
                4 => largest(bits.saturating_sub(1)),
                _ => self.source.arbitrary()?,
            };
            let raw = any & largest(bits);
            let value = if signed { sign_extend(raw, bits) } else { raw };
            if let Some(value) = T::from_u64(value) {
                return Ok(value);
            }
        }
        Err(unfit())
    }

    /// An integer of a stated range, of so many bits on the wire.
    ///
    /// # Errors
    /// The range is empty.
    pub fn ranged<T: Whole>(
        &mut self,
        range: impl RangeBounds<T>,
        bits: u32,
        signed: bool,
    ) -> Result<T> {
        let wide = |value: &T| -> i128 {
            let value = value.to_u64();
            if signed { i128::from(value.cast_signed()) } else { i128::from(value) }
        };
        let most = i128::from(largest(if signed { bits.saturating_sub(1) } else { bits }));
        let first = match range.start_bound() {
            Bound::Included(value) => wide(value),
            Bound::Excluded(value) => wide(value) + 1,
            Bound::Unbounded if signed => -most - 1,
            Bound::Unbounded => 0,
        };
        let last = match range.end_bound() {
            Bound::Included(value) => wide(value),
            Bound::Excluded(value) => wide(value) - 1,
            Bound::Unbounded => most,
        };
        if first > last {
            return Err(unfit());
        }
        let drawn = match self.source.int_in_range(0..=7u8)? {
            0 => first,
            1 => last,
            _ => self.source.int_in_range(first..=last)?,
        };
        let low = u64::try_from(drawn & i128::from(u64::MAX)).map_err(|_| unfit())?;
        T::from_u64(low).ok_or_else(unfit)
    }

    /// A tag that no known variant has.
    ///
    /// # Errors
    /// None was found.
    pub fn unknown_tag<T: Whole>(
        &mut self,
        most: u64,
        is_known: impl Fn(u64) -> bool,
    ) -> Result<T> {
        let most = most.min(T::LARGEST);
        for attempt in 0..64 {
            let drawn = self.source.int_in_range(0..=most)?.saturating_add(attempt);
            // What a field can hold is a power of two less one; of a tuple that is so of each part.
            let tag = drawn.min(most) & most;
            if !is_known(tag) {
                return T::from_u64(tag).ok_or_else(unfit);
            }
        }
        Err(unfit())
    }

    /// `N` bytes.
    ///
    /// # Errors
    /// Never where the source can be exhausted.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.source.fill_buffer(&mut bytes)?;
        Ok(bytes)
    }

    /// How many bytes something of this room takes; they are taken from what is left.
    pub(super) fn len(&mut self, room: Room) -> Result<usize> {
        let Room { exact, most, unit: (unit, bias), .. } = room;
        if let Some(len) = exact {
            return if len <= STATED { Ok(len) } else { Err(unfit()) };
        }
        let mut len = self.source.int_in_range(0..=most.min(self.room))?;
        if unit > 1 {
            let measured = i64::try_from(len).unwrap_or(i64::MAX).saturating_add(bias);
            let over = measured.rem_euclid(i64::try_from(unit).unwrap_or(i64::MAX));
            let over = usize::try_from(over).unwrap_or(0);
            len = if over > len { len + unit - over } else { len - over };
        }
        self.room = self.room.saturating_sub(len);
        Ok(len)
    }

    /// Bytes that fill this room.
    ///
    /// # Errors
    /// A stated size is too large.
    pub fn bytes(&mut self, room: Room) -> Result<Vec<u8>> {
        let mut bytes = alloc::vec![0; self.len(room)?];
        self.source.fill_buffer(&mut bytes)?;
        if let Some(end) = room.end.first() {
            let other = end.wrapping_add(1);
            bytes.iter_mut().filter(|byte| **byte == *end).for_each(|byte| *byte = other);
        }
        Ok(bytes)
    }

    /// Bytes of the source itself.
    ///
    /// # Errors
    /// It has too few, or they end the field.
    pub fn borrowed(&mut self, room: Room) -> Result<&'a [u8]> {
        let len = self.len(room)?;
        let len = if room.exact.is_some() { len } else { len.min(self.source.len()) };
        let bytes = self.source.bytes(len)?;
        let ended = room.end.first().is_some_and(|end| bytes.contains(end));
        if ended { Err(unfit()) } else { Ok(bytes) }
    }

    /// Some bytes that a parser may take a part of; [`Draw::took`] says how many.
    #[must_use]
    pub fn window(&self) -> &'a [u8] {
        self.source.peek_bytes(self.source.len().min(self.room.max(32))).unwrap_or_default()
    }

    /// A parser took so many bytes of the window.
    ///
    /// # Errors
    /// There are fewer.
    pub fn took(&mut self, len: usize) -> Result<()> {
        self.room = self.room.saturating_sub(len);
        self.source.bytes(len).map(|_| ())
    }

    /// A list: exactly `exact` items, or at most `most`, each of at least `item_len` bytes.
    ///
    /// # Errors
    /// An item's, or a stated count is too large.
    pub fn list<T>(
        &mut self,
        exact: Option<usize>,
        most: usize,
        item_len: usize,
        mut item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let count = match exact {
            Some(count) if count > STATED => return Err(unfit()),
            Some(count) => count,
            None => {
                let most = most.min(self.room / item_len.max(1)).min(STATED);
                let count = self.source.int_in_range(0..=most)?;
                self.room -= count * item_len.max(1);
                count
            }
        };
        self.deeper(|draw| (0..count).map(|_| item(draw)).collect())
    }

    /// Items until one ends the list.
    ///
    /// # Errors
    /// An item's, or none does.
    pub fn list_until<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T>,
        is_last: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>> {
        self.deeper(|draw| {
            let mut items = Vec::new();
            for _ in 0..1024 {
                let next = item(draw)?;
                let done = is_last(&next);
                items.push(next);
                if done {
                    return Ok(items);
                }
            }
            Err(unfit())
        })
    }

    /// Items of `size` bytes in all.
    ///
    /// # Errors
    /// An item's, or none fits what is left.
    pub fn list_of_size<T>(
        &mut self,
        size: usize,
        mut item: impl FnMut(&mut Self) -> Result<T>,
        len_of: impl Fn(&T) -> usize,
    ) -> Result<Vec<T>> {
        self.deeper(|draw| {
            let (mut items, mut left, mut tries) = (Vec::new(), size, 0);
            while left > 0 {
                let next = draw.within(left, &mut item)?;
                match left.checked_sub(len_of(&next)) {
                    Some(less) if less < left => {
                        left = less;
                        items.push(next);
                    }
                    _ => tries += 1,
                }
                if tries == 64 || items.len() == STATED {
                    return Err(unfit());
                }
            }
            Ok(items)
        })
    }

    /// Decimal digits that fill this room, two a byte.
    ///
    /// # Errors
    /// A stated size is too large.
    pub fn digits(&mut self, room: Room) -> Result<crate::digits::Digits> {
        let mut packed = self.bytes(room)?;
        for byte in &mut packed {
            let (tens, ones) = ((*byte >> 4) % 10, (*byte & 0x0f) % 10);
            *byte = tens << 4 | ones;
        }
        crate::digits::Digits::from_packed(&packed).map_err(|_| unfit())
    }

    /// Six or seven bytes of a moment that exists, or any.
    ///
    /// # Errors
    /// Never where the source can be exhausted.
    pub fn time<const N: usize>(
        &mut self,
        any: fn([u8; N]) -> CivilTime,
        civil: fn(Civil) -> Option<CivilTime>,
    ) -> Result<CivilTime> {
        if self.source.ratio(1, 4)? {
            return Ok(any(self.array()?));
        }
        // From 2000 to the end of 2099, in seconds.
        let second: i64 = self.source.int_in_range(946_684_800..=4_102_444_799)?;
        let moment = Civil::from_unix_ms(second * 1_000).and_then(civil);
        moment.ok_or_else(unfit)
    }
}
