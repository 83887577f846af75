//! Each new state of a session, for those who watch.

use std::future::poll_fn;
use std::task::Poll;

use super::Link;
use crate::event::State;
use crate::lock::lock;
use crate::protocol::Protocol;

/// Sees the states of a session: always the newest, so it may skip some. Holds the session.
pub struct Watch<P: Protocol> {
    link: Link<P>,
    seen: u64,
}

impl<P: Protocol> Watch<P> {
    pub(super) fn new(link: Link<P>) -> Self {
        Self { link, seen: 0 }
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
            if !board.watchers.iter().any(|watcher| watcher.will_wake(cx.waker())) {
                board.watchers.push_back(cx.waker().clone());
            }
            Poll::Pending
        })
        .await
    }
}
