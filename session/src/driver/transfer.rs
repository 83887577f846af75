//! Bytes between the machine and the transport.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Buffers, Driver, Socket};
use crate::connect::IoError;
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
        let room = if self.rest.is_empty() { self.machine.settings().batch } else { 0 };
        self.machine.visit(now, room);
        let mut moved = false;
        if matches!(self.socket, Socket::Open(_)) {
            if self.rest.is_empty() {
                buffers.write.clear();
                self.machine.transmit(room, now, &mut buffers.write);
                if !buffers.write.is_empty() {
                    moved = self.push_out(now, cx, Some(&mut buffers.write));
                }
            } else {
                self.machine.transmit(0, now, &mut self.rest);
                moved = self.push_out(now, cx, None);
            }
            moved |= self.flush(now, cx);
        }
        moved
    }

    /// Writes from `fresh`, or else from what was left over. What is left over of `fresh` is kept.
    fn push_out(
        &mut self,
        now: Moment,
        cx: &mut Context<'_>,
        fresh: Option<&mut bytes::BytesMut>,
    ) -> bool {
        let Socket::Open(open) = &mut self.socket else { return false };
        let mut moved = false;
        let (source, mut left_over) = match fresh {
            Some(fresh) => (fresh, Some(&mut self.rest)),
            None => (&mut self.rest, None),
        };
        let ended = loop {
            if source.is_empty() {
                break None;
            }
            match Pin::new(&mut open.transport).poll_write(cx, source) {
                Poll::Ready(Ok(0)) => break Some(Cause::PeerClosed),
                Poll::Ready(Ok(count)) => {
                    moved = true;
                    self.machine.accepted(count);
                    source.advance(count);
                }
                Poll::Ready(Err(error)) => break Some(Cause::Io(IoError::from(&error))),
                Poll::Pending => {
                    self.machine.blocked(now);
                    break None;
                }
            }
        };
        if let Some(left_over) = &mut left_over {
            left_over.extend_from_slice(source);
        }
        if let Some(cause) = ended {
            self.lose(cause, now);
            return true;
        }
        moved
    }

    fn flush(&mut self, now: Moment, cx: &mut Context<'_>) -> bool {
        let Socket::Open(open) = &mut self.socket else { return false };
        if !self.machine.wants_flush() {
            return false;
        }
        match Pin::new(&mut open.transport).poll_flush(cx) {
            Poll::Ready(Ok(())) => {
                self.machine.flushed(now);
                if !self.rest.is_empty() {
                    self.machine.blocked(now);
                }
                true
            }
            Poll::Ready(Err(error)) => {
                self.lose(Cause::Io(IoError::from(&error)), now);
                true
            }
            Poll::Pending => {
                self.machine.blocked(now);
                false
            }
        }
    }

    /// Reads what is there, up to one turn's share. Whether anything came.
    pub(super) fn read(
        &mut self,
        now: Moment,
        cx: &mut Context<'_>,
        buffers: &mut Buffers,
    ) -> bool {
        let (mut moved, mut total) = (false, 0);
        while total < self.machine.settings().read_turn {
            if !self.machine.wants_read(now, &mut self.deliver) {
                return moved;
            }
            let Socket::Open(open) = &mut self.socket else { return moved };
            let mut into = ReadBuf::new(&mut buffers.read);
            match Pin::new(&mut open.transport).poll_read(cx, &mut into) {
                Poll::Pending => return moved,
                Poll::Ready(Err(error)) => {
                    self.lose(Cause::Io(IoError::from(&error)), now);
                    return true;
                }
                Poll::Ready(Ok(())) => {
                    let bytes = into.filled_mut();
                    if bytes.is_empty() {
                        self.lose(Cause::PeerClosed, now);
                        return true;
                    }
                    total += bytes.len();
                    moved = true;
                    self.machine.received(bytes, now, cx, &mut self.deliver);
                }
            }
        }
        moved
    }

    /// The connection is gone.
    fn lose(&mut self, cause: Cause, now: Moment) {
        self.machine.lost(cause, now);
    }
}
