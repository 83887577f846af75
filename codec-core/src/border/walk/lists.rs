//! Steps that may be long, and so remember how far they have come.

use super::{Mark, Step, Stop, Walker};
use crate::error::Fault;
use crate::resync::find;
use crate::scope::Scope;
use crate::wire::Wire;

impl Walker<'_> {
    /// Passes over `count` values of one type; where its size is fixed that is one step.
    ///
    /// # Errors
    /// As [`Walker::list`].
    #[inline]
    pub fn values<T: Wire>(
        &mut self,
        count: usize,
        scope: Scope<'_>,
        context: &T::Context,
    ) -> Step {
        match T::FIXED_LEN {
            Some(len) => self.run(count as u64, len),
            None => self.list(count as u64, |walker| T::walk(walker, scope, context)),
        }
    }

    /// Passes over everything up to and with `end`, which begins at a multiple of `unit` bytes; at
    /// most `max_len` bytes stand before it.
    ///
    /// # Errors
    /// [`Stop::Need`] when it has not come yet, [`Fault::Unterminated`] when it cannot come.
    pub fn terminated(&mut self, end: &[u8], unit: usize, max_len: usize) -> Step {
        let (slot, mark) = self.mark(1)?;
        if mark.left == 0 {
            return Ok(());
        }
        let start = self.at;
        self.reach(0)?;
        let tail = self.buffer.get(mark.at..).ok_or(Stop::Need(self.missing(end.len())))?;
        let (found, at) = match aligned(tail, end, mark.at - start, unit) {
            Ok(at) => (true, mark.at + at),
            Err(at) => (false, mark.at + at),
        };
        self.meter.add(tail.len().min(at + end.len() - mark.at));
        // The mark holds only how far the search has come; the text began where the walk stands.
        let room = max_len.checked_sub(at.saturating_sub(start));
        let Some(room) = room.zip(self.max.checked_sub(at + end.len())) else {
            return Err(Stop::Fault(Fault::Unterminated));
        };
        if found {
            self.at = at + end.len();
            self.set(slot, Mark { at: self.at, left: 0 });
            return Ok(());
        }
        self.set(slot, Mark { at, left: 1 });
        // Where the text is nearly as long as it may be, fewer bytes can refuse it than end it.
        let held = self.buffer.len().saturating_sub(at);
        let missing = end.len().saturating_sub(held);
        let refused = room.0.min(room.1).saturating_add(1).saturating_sub(held);
        Err(Stop::Need(missing.min(refused).max(1)))
    }

    /// Passes over `count` items, each as `item` says; one nested level deeper.
    ///
    /// # Errors
    /// [`Fault::Count`] when so many items do not fit into a frame, [`Fault::Depth`] when lists
    /// are nested too deeply, and what `item` says.
    pub fn list(&mut self, count: u64, mut item: impl FnMut(&mut Self) -> Step) -> Step {
        self.items(count, false, |walker| item(walker).map(|()| false))
    }

    /// Passes over items until `item` says that the one just passed was the last; at most
    /// `max_count`.
    ///
    /// # Errors
    /// As [`Walker::list`].
    pub fn list_until(
        &mut self,
        max_count: u64,
        item: impl FnMut(&mut Self) -> Step<bool>,
    ) -> Step {
        self.items(max_count.min(self.max as u64), true, item)
    }

    /// Passes over `count` items of `len` bytes each.
    ///
    /// # Errors
    /// [`Fault::Count`] when so many do not fit into a frame.
    #[inline]
    pub fn run(&mut self, count: u64, len: usize) -> Step {
        let bytes = count.checked_mul(len as u64).ok_or(Stop::Fault(Fault::Count))?;
        self.pass(bytes).map_err(|_| Stop::Fault(Fault::Count))
    }

    /// Passes over what `inside` says, one nested level deeper: the inside of a `Box`.
    ///
    /// # Errors
    /// [`Fault::Depth`] when boxes are nested too deeply, and what `inside` says.
    pub fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        self.depth = self.depth.checked_sub(1).ok_or(Stop::Fault(Fault::Depth))?;
        let result = inside(self);
        self.depth += 1;
        result
    }

    /// `count` items; or, with `until`, up to the one that says that it was the last.
    fn items(
        &mut self,
        count: u64,
        until: bool,
        mut item: impl FnMut(&mut Self) -> Step<bool>,
    ) -> Step {
        if count > self.max as u64 {
            return Err(Stop::Fault(Fault::Count));
        }
        let (slot, mut mark) = self.mark(count)?;
        while mark.left > 0 {
            self.at = mark.at;
            self.slot = slot + 1;
            let last = self.deeper(&mut item)?;
            if self.at == mark.at {
                *self.idle += 1;
                if *self.idle > self.max {
                    return Err(Stop::Fault(Fault::Count));
                }
            }
            if until && !last && mark.left == 1 {
                return Err(Stop::Fault(Fault::Count));
            }
            mark = Mark { at: self.at, left: if last { 0 } else { mark.left - 1 } };
            self.marks.truncate(slot + 1);
            self.set(slot, mark);
            self.slot = slot + 1;
        }
        Ok(())
    }

    /// The mark of the list or search that begins here: an old one when it was begun before.
    #[inline]
    fn mark(&mut self, left: u64) -> Step<(usize, Mark)> {
        let slot = self.slot;
        self.slot += 1;
        if let Some(mark) = self.marks.get(slot) {
            if mark.left == 0 {
                self.at = mark.at;
            }
            return Ok((slot, *mark));
        }
        let mark = Mark { at: self.at, left };
        self.marks.push(mark);
        Ok((slot, mark))
    }

    #[inline]
    fn set(&mut self, slot: usize, mark: Mark) {
        if let Some(old) = self.marks.get_mut(slot) {
            *old = mark;
        }
    }
}

/// Where `end` begins at a multiple of `unit`, or where it may yet begin; `passed` bytes of the text
/// stand before `tail`.
fn aligned(tail: &[u8], end: &[u8], passed: usize, unit: usize) -> Result<usize, usize> {
    let mut from = 0;
    loop {
        match find(tail.get(from..).unwrap_or_default(), end) {
            Ok(at) if (passed + from + at).is_multiple_of(unit.max(1)) => return Ok(from + at),
            Ok(at) => from += at + 1,
            Err(at) => return Err(from + at),
        }
    }
}
