//! A transport that does what networks do, in a way that a seed brings back.

mod plan;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

pub use plan::{ChaosPlan, Coalesce, Ending, Stall};

use crate::random::Random;
use crate::transport::{PeerAddress, Transport};

/// What a black hole still accepts, as a kernel's send buffer would.
const BLACK_HOLE_LEN: usize = 256 * 1024;

/// At most this many bytes are read from below at once.
const READ_LEN: usize = 4096;

/// A transport around another one that splits, holds back, stalls and ends as its
/// [`ChaosPlan`] says. The bytes themselves stay as they are, but for [`Ending::Corrupt`].
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::testkit::{Chaos, ChaosPlan, Memory};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let (near, mut far) = Memory::pair(1024);
/// let mut near = Chaos::new(near, ChaosPlan::calm(7).split(1));
/// far.write_all(b"glued together").await?;
/// let mut first = [0; 64];
/// assert_eq!(near.read(&mut first).await?, 1);
/// # std::io::Result::Ok(())
/// # })?;
/// # std::io::Result::Ok(())
/// ```
pub struct Chaos<T> {
    /// Gone after a reset.
    inner: Option<T>,
    peer: PeerAddress,
    plan: ChaosPlan,
    random: Random,
    reading: Lane,
    writing: Lane,
    /// Received from below and not handed out yet.
    held: Vec<u8>,
    /// When what is held must be handed out in any case.
    hold_until: Option<Pin<Box<Sleep>>>,
    inner_ended: bool,
    swallowed_len: usize,
    /// Who waits for nothing, in a black hole.
    asleep: Option<Waker>,
}

/// One direction: how far it has come, and whether it stands still.
#[derive(Default)]
struct Lane {
    passed_len: u64,
    stalled: Option<Pin<Box<Sleep>>>,
    /// A stall is drawn once before each turn, not at each poll.
    drawn: bool,
}

impl<T: Transport> Chaos<T> {
    /// Chaos around `inner`, from the first byte on.
    pub fn new(inner: T, plan: ChaosPlan) -> Self {
        let dead = plan.ending == Some(Ending::AtOnce);
        Self {
            peer: inner.peer_address(),
            inner: (!dead).then_some(inner),
            random: Random::new(plan.seed),
            plan,
            reading: Lane::default(),
            writing: Lane::default(),
            held: Vec::new(),
            hold_until: None,
            inner_ended: dead,
            swallowed_len: 0,
            asleep: None,
        }
    }

    /// Whether bytes vanish by now.
    fn is_black_hole(&self) -> bool {
        match self.plan.ending {
            Some(Ending::BlackHole { after }) => {
                self.reading.passed_len + self.writing.passed_len >= after
            }
            _ => false,
        }
    }

    /// How many of `len` bytes pass now.
    fn portion(&mut self, len: usize) -> usize {
        let at_most = self.plan.split.map_or(u32::MAX, |most| 1 + self.random.below(most.max(1)));
        len.min(usize::try_from(at_most).unwrap_or(len))
    }

    /// Fills `held` from below; ready when something may be handed out, or the end is reached.
    fn poll_fill(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        let coalesce = self.plan.coalesce;
        let wanted = coalesce.map_or(1, |coalesce| coalesce.len.max(1));
        while self.held.len() < wanted && !self.inner_ended {
            let Some(inner) = &mut self.inner else { break };
            let mut space = [0; READ_LEN];
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(inner).poll_read(task, &mut buffer) {
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => self.inner_ended = true,
                Poll::Ready(Ok(())) => self.held.extend_from_slice(buffer.filled()),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if self.held.is_empty() => return Poll::Pending,
                Poll::Pending => {
                    let within = coalesce.map_or(Duration::ZERO, |coalesce| coalesce.within);
                    let until = self.hold_until.get_or_insert_with(|| Box::pin(sleep(within)));
                    ready!(until.as_mut().poll(task));
                    break;
                }
            }
        }
        self.hold_until = None;
        Poll::Ready(Ok(()))
    }

    /// Hands out a portion of what is held, up to where the plan ends the reading.
    fn hand_out(&mut self, buffer: &mut ReadBuf<'_>) {
        let mut len = self.portion(self.held.len().min(buffer.remaining()));
        let passed = self.reading.passed_len;
        match self.plan.ending {
            Some(Ending::HalfClose { after }) => len = len.min(below(after, passed)),
            Some(Ending::BlackHole { after }) => {
                len = len.min(below(after, passed + self.writing.passed_len));
            }
            Some(Ending::Corrupt { at }) => {
                let place = at.checked_sub(passed).and_then(|place| usize::try_from(place).ok());
                if let Some(byte) = place.and_then(|place| self.held.get_mut(place))
                    && place < Some(len)
                {
                    *byte ^= 1 << self.random.below(8);
                }
            }
            _ => {}
        }
        let out: Vec<u8> = self.held.drain(..len).collect();
        buffer.put_slice(&out);
        self.reading.passed_len += as_u64(len);
        self.reading.drawn = false;
    }
}

impl<T: Transport> Transport for Chaos<T> {
    fn peer_address(&self) -> PeerAddress {
        self.peer.clone()
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        self.inner.as_ref().map(Transport::certificates).unwrap_or_default()
    }
}

impl<T: Transport> AsyncRead for Chaos<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let me = &mut *self;
        if me.is_black_hole() {
            me.asleep = Some(task.waker().clone());
            return Poll::Pending;
        }
        if me.inner.is_none() {
            return match me.plan.ending {
                Some(Ending::AtOnce) => Poll::Ready(Ok(())),
                _ => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            };
        }
        if let Some(Ending::HalfClose { after }) = me.plan.ending
            && me.reading.passed_len >= after
        {
            return Poll::Ready(Ok(()));
        }
        ready!(me.reading.poll_stall(task, me.plan.stall, &mut me.random));
        if me.held.is_empty() || me.hold_until.is_some() {
            ready!(me.poll_fill(task))?;
        }
        me.hand_out(buffer);
        Poll::Ready(Ok(()))
    }
}

impl<T: Transport> AsyncWrite for Chaos<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let me = &mut *self;
        if me.is_black_hole() {
            let len = bytes.len().min(BLACK_HOLE_LEN - me.swallowed_len);
            me.swallowed_len += len;
            if len == 0 && !bytes.is_empty() {
                me.asleep = Some(task.waker().clone());
                return Poll::Pending;
            }
            return Poll::Ready(Ok(len));
        }
        ready!(me.writing.poll_stall(task, me.plan.stall, &mut me.random));
        let mut len = me.portion(bytes.len());
        let passed = me.writing.passed_len;
        match me.plan.ending {
            Some(Ending::Reset { after }) if passed >= after => me.inner = None,
            Some(Ending::Reset { after }) => len = len.min(below(after, passed)),
            Some(Ending::BlackHole { after }) => {
                len = len.min(below(after, passed + me.reading.passed_len));
            }
            _ => {}
        }
        let Some(inner) = &mut me.inner else {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        };
        let part = bytes.get(..len).unwrap_or(bytes);
        let written = ready!(Pin::new(inner).poll_write(task, part))?;
        me.writing.passed_len += as_u64(written);
        me.writing.drawn = false;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.inner {
            Some(inner) => Pin::new(inner).poll_flush(task),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_black_hole() {
            return Poll::Ready(Ok(()));
        }
        match &mut self.inner {
            Some(inner) => Pin::new(inner).poll_shutdown(task),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl Lane {
    /// Stands still for a while, if the draw before this turn says so.
    fn poll_stall(
        &mut self,
        task: &mut Context<'_>,
        stall: Option<Stall>,
        random: &mut Random,
    ) -> Poll<()> {
        if let Some(stall) = stall
            && !self.drawn
        {
            self.drawn = true;
            if random.chance(stall.percent) {
                let ms = u32::try_from(stall.at_most.as_millis()).unwrap_or(u32::MAX);
                let time = Duration::from_millis(u64::from(1 + random.below(ms.max(1))));
                self.stalled = Some(Box::pin(sleep(time)));
            }
        }
        if let Some(stalled) = &mut self.stalled {
            ready!(stalled.as_mut().poll(task));
            self.stalled = None;
        }
        Poll::Ready(())
    }
}

/// How many bytes are missing until `after`.
fn below(after: u64, passed: u64) -> usize {
    usize::try_from(after.saturating_sub(passed)).unwrap_or(usize::MAX)
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
