//! Watching the bytes of a connection in both directions, for recording.

mod recording;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub use recording::{Recorded, Recording};

use crate::connect::{Connecting, Connector, Endpoint};
use crate::transport::{PeerAddress, Transport};

/// Is shown everything that passes a connection, in its order.
///
/// It runs in the session's task: it must not block.
pub trait Tap: Send + Sync + 'static {
    /// Something has happened on the connection of this number. Numbers count from 1 for each
    /// [`Tapping`] connector or listener.
    fn tapped(&self, connection: u64, event: TapEvent<'_>);
}

/// What a [`Tap`] is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TapEvent<'a> {
    /// The connection came to be.
    Opened(&'a PeerAddress),
    /// These bytes were read.
    Received(&'a [u8]),
    /// These bytes were accepted by the transport.
    Sent(&'a [u8]),
    /// The peer has ended its direction.
    Ended,
    /// The connection is gone.
    Closed,
}

/// A transport whose bytes are shown to a [`Tap`]. Over a [`Dialer`](crate::connect::Dialer) with
/// TLS these are the bytes in the clear; TLS that is put on later (STARTTLS) lies above the tap,
/// which then sees what is on the wire.
pub struct Tapped<T> {
    inner: T,
    tap: Arc<dyn Tap>,
    number: u64,
}

impl<T: Transport> Tapped<T> {
    /// Shows what passes `inner` to `tap`, as the connection of this number.
    pub fn new(inner: T, tap: Arc<dyn Tap>, number: u64) -> Self {
        tap.tapped(number, TapEvent::Opened(&inner.peer_address()));
        Self { inner, tap, number }
    }
}

impl<T> Drop for Tapped<T> {
    fn drop(&mut self) {
        self.tap.tapped(self.number, TapEvent::Closed);
    }
}

impl<T: Transport> Transport for Tapped<T> {
    fn peer_address(&self) -> PeerAddress {
        self.inner.peer_address()
    }

    fn certificates(&self) -> Vec<Vec<u8>> {
        self.inner.certificates()
    }
}

impl<T: Transport> AsyncRead for Tapped<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let had_room = buffer.remaining() > 0;
        ready!(Pin::new(&mut self.inner).poll_read(task, buffer))?;
        match buffer.filled().get(before..).unwrap_or_default() {
            [] if had_room => self.tap.tapped(self.number, TapEvent::Ended),
            [] => {}
            bytes => self.tap.tapped(self.number, TapEvent::Received(bytes)),
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: Transport> AsyncWrite for Tapped<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let len = ready!(Pin::new(&mut self.inner).poll_write(task, bytes))?;
        let sent = bytes.get(..len).unwrap_or(bytes);
        self.tap.tapped(self.number, TapEvent::Sent(sent));
        Poll::Ready(Ok(len))
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(task)
    }
}

/// A connector whose connections are tapped.
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use std::sync::Arc;
/// use longlink::session::connect::Dialer;
/// use longlink::session::tap::{Recording, Tapping};
///
/// let recording = Arc::new(Recording::new(1 << 20));
/// let connector = Tapping::new(Dialer::new(), recording.clone());
/// // give `connector` to a session; later:
/// print!("{}", recording.to_text());
/// ```
pub struct Tapping<C> {
    inner: C,
    tap: Arc<dyn Tap>,
    opened: Arc<AtomicU64>,
}

impl<C: Connector> Tapping<C> {
    /// Shows the connections that `inner` makes to `tap`.
    pub fn new(inner: C, tap: Arc<dyn Tap>) -> Self {
        Self { inner, tap, opened: Arc::default() }
    }
}

impl<C: Connector> Connector for Tapping<C> {
    fn connect(&self, endpoint: &Endpoint, within: Duration) -> Connecting {
        let connecting = self.inner.connect(endpoint, within);
        let (tap, opened) = (self.tap.clone(), self.opened.clone());
        Box::pin(async move {
            let transport = connecting.await?;
            let number = 1 + opened.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(Tapped::new(transport, tap, number)) as Box<dyn Transport>)
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::testkit::Network;

    #[tokio::test]
    async fn both_directions_are_seen_in_their_order() {
        let (network, recording) = (Network::new(), Arc::new(Recording::new(1024)));
        let mut listener = network.listen("im.example:1");
        let connector = Tapping::new(network, recording.clone());
        for round in 1..=2_u8 {
            let mut near =
                connector.connect(&Endpoint::from("im.example:1"), Duration::MAX).await.unwrap();
            let mut far = listener.accept().await;
            near.write_all(&[0x10, round]).await.unwrap();
            far.write_all(&[0x20, round]).await.unwrap();
            far.shutdown().await.unwrap();
            let mut received = Vec::new();
            near.read_to_end(&mut received).await.unwrap();
            near.shutdown().await.unwrap();
        }
        assert_eq!(
            recording.to_text(),
            "# 1 opened\n> 1 10 01\n< 1 20 01\n# 1 ended\n# 1 closed\n\
             # 2 opened\n> 2 10 02\n< 2 20 02\n# 2 ended\n# 2 closed\n"
        );
    }
}
