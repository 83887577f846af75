//! Each new state of a session, for those who watch.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use super::Link;
use crate::event::State;
use crate::lock::lock;
use crate::protocol::Protocol;

/// Sees the states of a session: always the newest, so it may skip some. Holds the session.
pub struct Watch<P: Protocol> {
    link: Link<P>,
    seen: u64,
    /// Its number among those that wait.
    number: u64,
    /// It may be among them.
    waits: bool,
}

impl<P: Protocol> Watch<P> {
    pub(super) fn new(link: Link<P>) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Self { link, seen: 0, number: NUMBERS.fetch_add(1, Ordering::Relaxed), waits: false }
    }

    /// The newest state, as soon as it is another than the last one seen. Safe to drop.
    pub async fn next(&mut self) -> State {
        poll_fn(|cx| {
            let mut board = lock(&self.link.desk().board);
            let state = board.state();
            if board.version != self.seen || (state.is_final() && self.seen == 0) {
                self.seen = board.version;
                return Poll::Ready(state);
            }
            let before = board.watch(self.number, cx.waker());
            drop(board);
            drop(before);
            self.waits = true;
            Poll::Pending
        })
        .await
    }
}

/// Many may come while a link is down, wait for a while, and go.
impl<P: Protocol> Drop for Watch<P> {
    fn drop(&mut self) {
        if self.waits {
            let waker = lock(&self.link.desk().board).leave(self.number);
            drop(waker);
        }
    }
}

#[cfg(test)]
impl<P: Protocol> Link<P> {
    /// How many wait for a transition.
    pub(crate) fn watchers(&self) -> usize {
        lock(&self.desk().board).watchers()
    }
}
