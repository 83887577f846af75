//! Outcomes of sends, in cells shared by 64 consecutive ones.

use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use longlink_codec_core::EncodeError;

use crate::event::Outcome;
use crate::lock::lock;
use crate::outbox::Priority;

/// Sends that share one [`Group`].
pub(crate) const CELLS: u64 = 64;

/// Proof of an accepted send; it tells the one outcome. 24 bytes, and it does not keep the session
/// alive. It always settles, also when the session's task is aborted or panics.
#[must_use = "without the receipt the outcome is only counted; `feed` says so"]
pub struct Receipt {
    pub(crate) group: Arc<Group>,
    pub(crate) ticket: u64,
    pub(crate) lane: Priority,
}

impl Receipt {
    /// The outcome, if it is known already.
    #[must_use]
    pub fn settled(&self) -> Option<Outcome> {
        self.group.get(self.ticket)
    }

    /// Waits for the outcome. Safe to drop: the send goes on, and the receipt can be asked again.
    pub async fn outcome(&self) -> Outcome {
        poll_fn(|cx| match self.settled() {
            Some(outcome) => Poll::Ready(outcome),
            None => match self.group.wait(self.ticket, cx.waker()) {
                Some(outcome) => Poll::Ready(outcome),
                None => Poll::Pending,
            },
        })
        .await
    }
}

/// What is kept of an accepted send.
pub(crate) trait Kept {
    fn of(ticket: u64, group: &Arc<Group>, lane: Priority) -> Self;
}

impl Kept for () {
    #[inline(always)]
    fn of(_: u64, _: &Arc<Group>, _: Priority) {}
}

impl Kept for Receipt {
    #[inline(always)]
    fn of(ticket: u64, group: &Arc<Group>, lane: Priority) -> Self {
        Self { group: group.clone(), ticket, lane }
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("ticket", &self.ticket)
            .field("lane", &self.lane)
            .field("settled", &self.settled())
            .finish()
    }
}

/// Outcomes of 64 consecutive sends of one lane.
///
/// `mark` = epoch << 8 | n: the first n are `Written` in that epoch, unless their own cell says
/// otherwise. So a write of 478 frames settles with eight stores.
// In the order of use: the first three lie next to the count of the `Arc`.
#[repr(C)]
pub(crate) struct Group {
    mark: AtomicU64,
    /// Its tickets divided by [`CELLS`].
    pub(crate) number: u64,
    /// Somebody waits: set before the waiter looks again, read after each settling.
    waited: AtomicBool,
    cells: [AtomicU32; 64],
    side: Mutex<Side>,
}

/// What is rarely needed of a group.
#[derive(Default)]
struct Side {
    waiters: Vec<(u64, Waker)>,
    errors: Vec<(u64, EncodeError)>,
}

const AWAITS: u32 = 8;
const UNENCODABLE: u32 = 7;

impl Group {
    pub(crate) fn new(number: u64) -> Arc<Group> {
        Arc::new(Group {
            mark: AtomicU64::new(0),
            number,
            cells: [const { AtomicU32::new(0) }; 64],
            waited: AtomicBool::new(false),
            side: Mutex::default(),
        })
    }

    /// The send waits for an acknowledgement: a watermark does not settle it.
    pub(crate) fn awaits(&self, ticket: u64) {
        self.cell(ticket).store(AWAITS, Ordering::Release);
    }

    /// The send goes back into its lane.
    pub(crate) fn reopen(&self, ticket: u64) {
        self.cell(ticket).store(0, Ordering::Release);
    }

    /// Settles one send, once.
    pub(crate) fn settle(&self, ticket: u64, outcome: Outcome) {
        debug_assert_eq!(self.get(ticket), None, "a send has one outcome");
        if let Outcome::Unencodable(error) = outcome {
            lock(&self.side).errors.push((ticket % CELLS, error));
        }
        self.cell(ticket).store(pack(outcome), Ordering::SeqCst);
        self.wake();
    }

    /// Settles `from..to`, tickets of this group, as written; those before them are settled.
    pub(crate) fn written(&self, to: u64, epoch: u32) {
        let mark = self.mark.load(Ordering::Relaxed);
        let (count, before) = (mark & 0xff, epoch_of(mark >> 8));
        if count != 0 && before != epoch {
            let outcome = pack(Outcome::Written { epoch: before });
            for cell in self.cells.iter().take(usize::try_from(count).unwrap_or(0)) {
                let _ = cell.compare_exchange(0, outcome, Ordering::Release, Ordering::Relaxed);
            }
        }
        let count = (to - 1) % CELLS + 1;
        self.mark.store(u64::from(epoch) << 8 | count, Ordering::SeqCst);
        self.wake();
    }

    fn get(&self, ticket: u64) -> Option<Outcome> {
        // The mark first: a newer mark is stored only after the older one is in the cells.
        let mark = self.mark.load(Ordering::SeqCst);
        let cell = self.cell(ticket).load(Ordering::SeqCst);
        let epoch = cell >> 4;
        Some(match cell & 0xf {
            0 if ticket % CELLS < mark & 0xff => Outcome::Written { epoch: epoch_of(mark >> 8) },
            1 => Outcome::Acknowledged { epoch },
            2 => Outcome::Written { epoch },
            3 => Outcome::NotSent,
            4 => Outcome::Uncertain { epoch },
            5 => Outcome::Expired,
            6 => Outcome::Cancelled,
            UNENCODABLE => {
                let side = lock(&self.side);
                let found = side.errors.iter().find(|(index, _)| *index == ticket % CELLS);
                let error = found.map(|(_, error)| *error);
                Outcome::Unencodable(error.unwrap_or(EncodeError::Refused { field: "" }))
            }
            _ => return None,
        })
    }

    /// Registers the waker, then looks again; the other side stores, then looks for wakers.
    fn wait(&self, ticket: u64, waker: &Waker) -> Option<Outcome> {
        {
            let mut side = lock(&self.side);
            let index = ticket % CELLS;
            side.waiters.retain(|(other, old)| *other != index || !old.will_wake(waker));
            side.waiters.push((index, waker.clone()));
            self.waited.store(true, Ordering::SeqCst);
        }
        self.get(ticket)
    }

    fn wake(&self) {
        if !self.waited.load(Ordering::SeqCst) {
            return;
        }
        let mut ready = Vec::new();
        {
            let mut side = lock(&self.side);
            let (settled, open): (Vec<_>, Vec<_>) =
                side.waiters.drain(..).partition(|(index, _)| self.is_settled(*index));
            self.waited.store(!open.is_empty(), Ordering::SeqCst);
            side.waiters = open;
            ready.extend(settled);
        }
        for (_, waker) in ready {
            waker.wake();
        }
    }

    fn is_settled(&self, index: u64) -> bool {
        let mark = self.mark.load(Ordering::SeqCst);
        match self.cell(index).load(Ordering::SeqCst) & 0xf {
            0 => index < mark & 0xff,
            AWAITS => false,
            _ => true,
        }
    }

    fn cell(&self, ticket: u64) -> &AtomicU32 {
        let index = usize::try_from(ticket % CELLS).unwrap_or(0);
        // The index is below 64 by the modulus; there is always a first cell.
        self.cells.get(index).unwrap_or(&self.cells[0])
    }
}

fn epoch_of(bits: u64) -> u32 {
    u32::try_from(bits).unwrap_or(u32::MAX)
}

/// Epochs keep 28 bits here: one a second for eight years.
fn pack(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Acknowledged { epoch } => 1 | epoch << 4,
        Outcome::Written { epoch } => 2 | epoch << 4,
        Outcome::NotSent => 3,
        Outcome::Uncertain { epoch } => 4 | epoch << 4,
        Outcome::Expired => 5,
        Outcome::Cancelled => 6,
        Outcome::Unencodable(_) => UNENCODABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(group: &Arc<Group>, ticket: u64) -> Receipt {
        Receipt { group: group.clone(), ticket, lane: Priority::Normal }
    }

    #[test]
    fn a_watermark_settles_all_before_it_but_those_that_wait() {
        let group = Group::new(1);
        group.awaits(65);
        group.settle(66, Outcome::Cancelled);
        group.written(68, 7);
        let settled: Vec<_> = (64..69).map(|ticket| receipt(&group, ticket).settled()).collect();
        let written = Some(Outcome::Written { epoch: 7 });
        assert_eq!(settled, [written, None, Some(Outcome::Cancelled), written, None]);
        group.settle(65, Outcome::Acknowledged { epoch: 7 });
        assert_eq!(receipt(&group, 65).settled(), Some(Outcome::Acknowledged { epoch: 7 }));
    }

    #[test]
    fn the_watermark_of_a_new_epoch_keeps_what_the_old_one_said() {
        let group = Group::new(0);
        group.written(2, 1);
        group.written(64, 2);
        assert_eq!(receipt(&group, 1).settled(), Some(Outcome::Written { epoch: 1 }));
        assert_eq!(receipt(&group, 2).settled(), Some(Outcome::Written { epoch: 2 }));
        assert_eq!(receipt(&group, 63).settled(), Some(Outcome::Written { epoch: 2 }));
    }

    #[test]
    fn a_reason_comes_with_what_could_not_be_encoded() {
        let group = Group::new(0);
        let error = EncodeError::TooLarge { field: "Chat.room", value: 256, max: 255 };
        group.settle(3, Outcome::Unencodable(error));
        assert_eq!(receipt(&group, 3).settled(), Some(Outcome::Unencodable(error)));
    }

    #[test]
    fn a_receipt_is_24_bytes() {
        assert_eq!(size_of::<Receipt>(), 24);
    }
}
