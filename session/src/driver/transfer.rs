//! Bytes between the machine and the transport.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Buffers, Driver, Socket};
use crate::event::Cause;
use crate::inbox::Turn;
use crate::moment::Moment;
use crate::protocol::{Deliver, Protocol};

impl<P: Protocol, D: Deliver<P> + Turn> Driver<P, D> {
    /// Looks at the queue and writes what is to be written. Whether anything moved.
    pub(super) fn write(
        &mut self,
        now: Moment,
        cx: &mut Context<'_>,
        buffers: &mut Buffers,
    ) -> bool {
        let room = if self.rest.is_none() { self.machine.settings().batch } else { 0 };
        let work = self.machine.visit(now, room);
        // What is left of a batch of a connection that is lost must not leave any more: it goes back.
        if !self.machine.is_connected() || !matches!(self.socket, Socket::Open(_)) {
            return false;
        }
        if !work && self.rest.is_none() && !self.machine.has_own() && !self.machine.wants_flush() {
            return false;
        }
        let pushed = if let Some(mut rest) = self.rest.take() {
            self.machine.transmit(0, now, &mut rest);
            let pushed = self.push_out(now, cx, &mut rest);
            self.rest = (!rest.is_empty()).then_some(rest);
            pushed
        } else {
            buffers.write.clear();
            self.machine.transmit(room, now, &mut buffers.write);
            self.tell_journal();
            let pushed = self.push_out(now, cx, &mut buffers.write);
            if !buffers.write.is_empty() {
                self.rest = Some(Box::new(BytesMut::from(&buffers.write[..])));
            }
            pushed
        };
        let written = pushed.and_then(|moved| Ok(self.flush(now, cx)? | moved));
        let moved = written.unwrap_or_else(|cause| {
            self.broken(cause, now, cx, buffers);
            true
        });
        // Frames that cannot be encoded have no bytes, and make room for others.
        moved || self.machine.has_settled()
    }

    /// Nothing more can be written. What the peer said before its end counts: an acknowledgement, a
    /// refusal, a goodbye.
    #[cold]
    fn broken(&mut self, cause: Cause, now: Moment, cx: &mut Context<'_>, buffers: &mut Buffers) {
        let _ = self.take_in(now, cx, buffers, true);
        self.machine.lost(cause, now);
    }

    /// Writes from `source` what the transport takes. Whether it took anything.
    fn push_out(
        &mut self,
        now: Moment,
        cx: &mut Context<'_>,
        source: &mut BytesMut,
    ) -> Result<bool, Cause> {
        let Socket::Open(open) = &mut self.socket else { return Ok(false) };
        let mut moved = false;
        while !source.is_empty() {
            match Pin::new(&mut open.transport).poll_write(cx, source) {
                Poll::Ready(Ok(0)) => return Err(Cause::PeerClosed),
                Poll::Ready(Ok(count)) => {
                    moved = true;
                    self.machine.accepted(count);
                    source.advance(count);
                }
                Poll::Ready(Err(error)) => return Err(Cause::broken(&error)),
                Poll::Pending => {
                    self.machine.blocked(now);
                    break;
                }
            }
        }
        Ok(moved)
    }

    fn flush(&mut self, now: Moment, cx: &mut Context<'_>) -> Result<bool, Cause> {
        let Socket::Open(open) = &mut self.socket else { return Ok(false) };
        if !self.machine.wants_flush() {
            return Ok(false);
        }
        match Pin::new(&mut open.transport).poll_flush(cx) {
            Poll::Ready(Ok(())) => {
                self.machine.flushed(now);
                if self.rest.is_some() {
                    self.machine.blocked(now);
                }
                Ok(true)
            }
            Poll::Ready(Err(error)) => Err(Cause::broken(&error)),
            Poll::Pending => {
                self.machine.blocked(now);
                Ok(false)
            }
        }
    }

    /// Reads what is there, up to one turn's share, or, unless `all` of it is wanted, until somebody
    /// has a reply. Whether anything came, and whether the transport has no more for now.
    pub(super) fn read(
        &mut self,
        now: Moment,
        cx: &mut Context<'_>,
        buffers: &mut Buffers,
        all: bool,
    ) -> (bool, bool) {
        self.take_in(now, cx, buffers, all).unwrap_or_else(|cause| {
            self.machine.lost(cause, now);
            (true, false)
        })
    }

    #[inline]
    fn take_in(
        &mut self,
        now: Moment,
        cx: &mut Context<'_>,
        buffers: &mut Buffers,
        all: bool,
    ) -> Result<(bool, bool), Cause> {
        let (mut moved, mut total) = (false, 0);
        while total < self.machine.settings().read_turn {
            if !self.machine.wants_read(now, &mut self.deliver) {
                break;
            }
            let Socket::Open(open) = &mut self.socket else { break };
            let mut into = ReadBuf::new(&mut buffers.read);
            match Pin::new(&mut open.transport).poll_read(cx, &mut into) {
                Poll::Pending => return Ok((moved, true)),
                Poll::Ready(Err(error)) => return Err(Cause::broken(&error)),
                Poll::Ready(Ok(())) => {
                    let bytes = into.filled_mut();
                    if bytes.is_empty() {
                        return Err(Cause::PeerClosed);
                    }
                    total += bytes.len();
                    moved = true;
                    self.machine.received(bytes, now, cx, &mut self.deliver);
                    if !all && self.machine.has_answered() {
                        break;
                    }
                }
            }
        }
        Ok((moved, false))
    }
}
