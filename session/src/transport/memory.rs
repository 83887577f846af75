//! A connection inside the process, for tests and for parts that live together.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{PeerAddress, Transport};

/// One end of an in-memory connection.
///
/// It behaves as a TCP socket does: each direction holds at most `capacity` bytes and then makes
/// the writer wait; [`shutdown`](AsyncWrite::poll_shutdown) ends one direction; dropping an end
/// ends both; [`reset`](Self::reset) throws away what is on its way and fails both sides.
#[derive(Debug)]
pub struct Memory {
    incoming: Arc<Pipe>,
    outgoing: Arc<Pipe>,
    number: u64,
}

impl Memory {
    /// Two connected ends with room for `capacity` bytes (at least one) in each direction.
    #[must_use]
    pub fn pair(capacity: usize) -> (Self, Self) {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let there = Arc::new(Pipe::new(capacity));
        let back = Arc::new(Pipe::new(capacity));
        let first = Self { incoming: back.clone(), outgoing: there.clone(), number };
        let second = Self { incoming: there, outgoing: back, number };
        (first, second)
    }

    /// Breaks the connection as a TCP reset does: bytes on their way are lost, and every read and
    /// write of either end fails with `ConnectionReset` from now on.
    pub fn reset(&self) {
        self.incoming.end(End::Reset);
        self.outgoing.end(End::Reset);
    }

    /// How many bytes the peer has written that were not read here yet.
    #[must_use]
    pub fn unread_len(&self) -> usize {
        self.incoming.lock().bytes.len()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.outgoing.end(End::Finished);
        self.incoming.abandon();
    }
}

impl Transport for Memory {
    fn peer_address(&self) -> PeerAddress {
        PeerAddress::Memory(self.number)
    }
}

impl AsyncRead for Memory {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.incoming.poll_read(task, buffer)
    }
}

impl AsyncWrite for Memory {
    fn poll_write(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.outgoing.poll_write(task, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.outgoing.poll_write(task, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.end(End::Finished);
        Poll::Ready(Ok(()))
    }
}

/// One direction.
#[derive(Debug)]
struct Pipe(Mutex<Flow>);

#[derive(Debug)]
struct Flow {
    bytes: VecDeque<u8>,
    capacity: usize,
    end: End,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Open,
    /// The writer has ended the stream; what is in the pipe can still be read.
    Finished,
    /// The reader is gone; writing fails.
    Abandoned,
    Reset,
}

impl Pipe {
    fn new(capacity: usize) -> Self {
        Self(Mutex::new(Flow {
            bytes: VecDeque::new(),
            capacity: capacity.max(1),
            end: End::Open,
            reader: None,
            writer: None,
        }))
    }

    /// No user code runs under this lock, so a poisoned one holds nothing half done.
    fn lock(&self) -> MutexGuard<'_, Flow> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, end: End) {
        let mut flow = self.lock();
        if flow.end < end {
            flow.end = end;
        }
        if end == End::Reset || end == End::Abandoned {
            flow.bytes = VecDeque::new();
        }
        let wakers = (flow.reader.take(), flow.writer.take());
        drop(flow);
        wake(wakers.0);
        wake(wakers.1);
    }

    fn abandon(&self) {
        self.end(End::Abandoned);
    }

    fn poll_read(&self, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut flow = self.lock();
        if flow.bytes.is_empty() {
            return match flow.end {
                End::Reset => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                End::Finished | End::Abandoned => Poll::Ready(Ok(())),
                End::Open => {
                    flow.reader = Some(task.waker().clone());
                    Poll::Pending
                }
            };
        }
        let mut taken = 0;
        for part in [flow.bytes.as_slices().0, flow.bytes.as_slices().1] {
            let count = part.len().min(buffer.remaining());
            buffer.put_slice(part.get(..count).unwrap_or_default());
            taken += count;
        }
        flow.bytes.drain(..taken);
        if flow.bytes.is_empty() {
            // An idle connection holds no buffer.
            flow.bytes = VecDeque::new();
        }
        let writer = flow.writer.take();
        drop(flow);
        wake(writer);
        Poll::Ready(Ok(()))
    }

    fn poll_write(
        &self,
        task: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut flow = self.lock();
        match flow.end {
            End::Reset => return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            End::Finished | End::Abandoned => {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            End::Open => {}
        }
        let room = flow.capacity.saturating_sub(flow.bytes.len());
        if room == 0 && slices.iter().any(|slice| !slice.is_empty()) {
            flow.writer = Some(task.waker().clone());
            return Poll::Pending;
        }
        let mut accepted = 0;
        for slice in slices {
            let count = slice.len().min(room - accepted);
            flow.bytes.extend(slice.get(..count).unwrap_or_default());
            accepted += count;
        }
        let reader = flow.reader.take();
        drop(flow);
        wake(reader);
        Poll::Ready(Ok(accepted))
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn kind<T: std::fmt::Debug>(result: io::Result<T>) -> io::ErrorKind {
        result.unwrap_err().kind()
    }

    #[tokio::test]
    async fn both_directions_carry_bytes() {
        let (mut client, mut server) = Memory::pair(64);
        client.write_all(b"to the server").await.unwrap();
        server.write_all(b"to the client").await.unwrap();
        let (mut there, mut back) = ([0xa5; 13], [0xa5; 13]);
        server.read_exact(&mut there).await.unwrap();
        client.read_exact(&mut back).await.unwrap();
        assert_eq!((&there, &back), (b"to the server", b"to the client"));
    }

    #[tokio::test]
    async fn a_full_pipe_accepts_a_part_and_then_waits() {
        let (mut client, mut server) = Memory::pair(4);
        assert_eq!(client.write(b"abcdef").await.unwrap(), 4);
        let waits =
            poll_fn(|task| Poll::Ready(Pin::new(&mut client).poll_write(task, b"ef").is_pending()));
        assert!(waits.await);
        let mut first = [0xa5; 3];
        server.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"abc");
        assert_eq!(client.write(b"efgh").await.unwrap(), 3);
        assert_eq!(server.unread_len(), 4);
    }

    #[tokio::test]
    async fn a_vectored_write_takes_what_fits() {
        let (mut client, mut server) = Memory::pair(5);
        let slices = [io::IoSlice::new(b"abc"), io::IoSlice::new(b""), io::IoSlice::new(b"defg")];
        assert_eq!(client.write_vectored(&slices).await.unwrap(), 5);
        drop(client);
        let mut received = Vec::new();
        server.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, b"abcde");
    }

    #[tokio::test]
    async fn shutdown_ends_one_direction_only() {
        let (mut client, mut server) = Memory::pair(64);
        client.write_all(b"last words").await.unwrap();
        client.shutdown().await.unwrap();
        let mut received = Vec::new();
        server.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, b"last words");
        assert_eq!(kind(client.write(b"more").await), io::ErrorKind::BrokenPipe);
        server.write_all(b"answer").await.unwrap();
        let mut answer = [0xa5; 6];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"answer");
    }

    #[tokio::test]
    async fn a_dropped_end_is_an_end_of_stream_and_a_broken_pipe() {
        let (client, mut server) = Memory::pair(64);
        drop(client);
        assert_eq!(server.read(&mut [0; 4]).await.unwrap(), 0);
        assert_eq!(kind(server.write(b"x").await), io::ErrorKind::BrokenPipe);
    }

    #[tokio::test]
    async fn a_reset_loses_what_is_on_its_way_and_fails_both_ends() {
        let (mut client, mut server) = Memory::pair(64);
        client.write_all(b"lost").await.unwrap();
        server.reset();
        let reset = io::ErrorKind::ConnectionReset;
        assert_eq!(kind(server.read(&mut [0; 4]).await), reset);
        assert_eq!(kind(client.read(&mut [0; 4]).await), reset);
        assert_eq!(kind(client.write(b"x").await), reset);
        drop(server);
        assert_eq!(kind(client.write(b"x").await), reset);
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken() {
        let (mut client, mut server) = Memory::pair(64);
        let mut received = [0xa5; 2];
        let (read, written) =
            tokio::join!(server.read_exact(&mut received), client.write_all(b"hi"));
        assert_eq!((read.unwrap(), written.unwrap()), (2, ()));
        assert_eq!(&received, b"hi");
    }
}
