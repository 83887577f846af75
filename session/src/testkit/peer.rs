//! The other end of a connection, as a script.

use std::fmt;
use std::time::Duration;

use bytes::BytesMut;
use longlink_codec_core::{BadFrame, Decoder, EncodeError, Frame, Parse, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::connect::IoError;
use crate::transport::Transport;

/// How long a step waits for the other side before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Speaks to a session byte by byte or frame by frame, and says where it did not answer as the
/// script has it. Each step that waits gives up after 60 s; in paused time that is at once.
///
/// ```
/// # mod longlink { pub use longlink_session as session; }
/// use longlink::session::testkit::{Memory, PeerError, ScriptedPeer};
/// use tokio::io::AsyncWriteExt;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let (mut client, server) = Memory::pair(1024);
/// client.write_all(b"hello?").await?;
/// let mut peer = ScriptedPeer::new(server);
/// peer.expect(b"hello").await?;
/// let wrong = peer.expect(b"!").await.unwrap_err();
/// assert_eq!(wrong.to_string(), "expected 21, received 3f");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ScriptedPeer<T> {
    transport: T,
    received: BytesMut,
}

impl<T: Transport> ScriptedPeer<T> {
    /// Speaks over `transport`.
    pub fn new(transport: T) -> Self {
        Self { transport, received: BytesMut::new() }
    }

    /// Sends `bytes`.
    ///
    /// # Errors
    ///
    /// When the other side does not take them.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), PeerError> {
        match timeout(PATIENCE, self.transport.write_all(bytes)).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(PeerError::Mute),
        }
    }

    /// Sends `bytes` one by one, with a pause before each but the first.
    ///
    /// # Errors
    ///
    /// When the other side does not take them.
    pub async fn drip(&mut self, bytes: &[u8], pause: Duration) -> Result<(), PeerError> {
        for (place, byte) in bytes.iter().enumerate() {
            if place > 0 {
                tokio::time::sleep(pause).await;
            }
            self.send(std::slice::from_ref(byte)).await?;
        }
        Ok(())
    }

    /// Sends one frame.
    ///
    /// # Errors
    ///
    /// When it cannot be encoded, or the other side does not take it.
    pub async fn send_frame<F>(&mut self, frame: &F) -> Result<(), PeerError>
    where
        F: Wire<Context: Default>,
    {
        let mut bytes = BytesMut::new();
        frame.encode_with(&mut bytes, &F::Context::default())?;
        self.send(&bytes).await
    }

    /// Receives exactly `expected`; what comes after it stays for the next step.
    ///
    /// # Errors
    ///
    /// [`PeerError::Unexpected`] as soon as one byte differs, and when no more bytes come.
    pub async fn expect(&mut self, expected: &[u8]) -> Result<(), PeerError> {
        loop {
            let len = expected.len().min(self.received.len());
            let differs = self.received.get(..len) != expected.get(..len);
            if differs || len == expected.len() {
                let found = self.received.split_to(len);
                return if differs {
                    Err(PeerError::Unexpected { expected: expected.into(), found: found.into() })
                } else {
                    Ok(())
                };
            }
            self.read_more().await?;
        }
    }

    /// Receives one frame.
    ///
    /// # Errors
    ///
    /// When what comes is no such frame, or nothing comes.
    pub async fn receive<F>(&mut self) -> Result<F, PeerError>
    where
        F: Frame<Context: Default> + for<'a> Parse<'a>,
    {
        let mut decoder = Decoder::<F>::new();
        loop {
            match decoder.decode(&mut self.received) {
                Some(Ok(frame)) => return Ok(frame),
                Some(Err(bad)) => return Err(PeerError::BadFrame(Box::new(bad))),
                None => self.read_more().await?,
            }
        }
    }

    /// Hears nothing for `time`, and the connection stays open.
    ///
    /// # Errors
    ///
    /// [`PeerError::Unexpected`] with what came, or [`PeerError::Ended`].
    pub async fn expect_silence(&mut self, time: Duration) -> Result<(), PeerError> {
        if self.received.is_empty() {
            match timeout(time, self.transport.read_buf(&mut self.received)).await {
                Err(_) => return Ok(()),
                Ok(Ok(0)) => return Err(PeerError::Ended),
                Ok(read) => {
                    read?;
                }
            }
        }
        let found = self.received.split();
        Err(PeerError::Unexpected { expected: Vec::new(), found: found.into() })
    }

    /// The other side ends the stream, without a further byte.
    ///
    /// # Errors
    ///
    /// [`PeerError::Unexpected`] with what came instead.
    pub async fn expect_end(&mut self) -> Result<(), PeerError> {
        while self.received.is_empty() {
            match self.read_more().await {
                Ok(()) => {}
                Err(PeerError::Ended) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        let found = self.received.split();
        Err(PeerError::Unexpected { expected: Vec::new(), found: found.into() })
    }

    /// Ends the sending direction and goes on receiving.
    ///
    /// # Errors
    ///
    /// What the transport says.
    pub async fn half_close(&mut self) -> Result<(), PeerError> {
        Ok(self.transport.shutdown().await?)
    }

    /// The transport, and what was received and not looked at yet. Dropping both closes.
    pub fn into_parts(self) -> (T, BytesMut) {
        (self.transport, self.received)
    }

    async fn read_more(&mut self) -> Result<(), PeerError> {
        match timeout(PATIENCE, self.transport.read_buf(&mut self.received)).await {
            Err(_) => Err(PeerError::Mute),
            Ok(Ok(0)) => Err(PeerError::Ended),
            Ok(read) => {
                read?;
                Ok(())
            }
        }
    }
}

/// Where the other side left the script.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PeerError {
    /// Other bytes came.
    Unexpected {
        /// What the script says; empty where it says silence or the end.
        expected: Vec<u8>,
        /// What came, up to the length of what was expected.
        found: Vec<u8>,
    },
    /// What came is no frame of the type asked for.
    BadFrame(Box<BadFrame>),
    /// The stream ended.
    Ended,
    /// Nothing came, or nothing was taken, for 60 s.
    Mute,
    /// The transport failed.
    Io(IoError),
    /// The script's own frame cannot be encoded.
    Encode(EncodeError),
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected { expected, found } => {
                write!(f, "expected {}, received {}", Hex(expected), Hex(found))
            }
            Self::BadFrame(bad) => write!(f, "received no frame:\n{bad}"),
            Self::Ended => f.write_str("the other side ended the stream"),
            Self::Mute => write!(f, "nothing happened for {PATIENCE:?}"),
            Self::Io(error) => error.fmt(f),
            Self::Encode(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PeerError {}

impl From<std::io::Error> for PeerError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(IoError::from(&error))
    }
}

impl From<EncodeError> for PeerError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (place, byte) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::testkit::Memory;

    fn pair() -> (Memory, ScriptedPeer<Memory>) {
        let (near, far) = Memory::pair(64);
        (near, ScriptedPeer::new(far))
    }

    fn shown<T: fmt::Debug>(result: Result<T, PeerError>) -> String {
        result.unwrap_err().to_string()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_expected_may_come_in_any_pieces() {
        let (mut near, mut peer) = pair();
        near.write_all(b"ab").await.unwrap();
        let (expected, written) = tokio::join!(peer.expect(b"abc"), near.write_all(b"cd"));
        expected.unwrap();
        written.unwrap();
        peer.expect(b"d").await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_wrong_byte_fails_without_waiting_for_the_rest() {
        let (mut near, mut peer) = pair();
        near.write_all(b"ax").await.unwrap();
        let started = Instant::now();
        assert_eq!(shown(peer.expect(b"abcd").await), "expected 61 62 63 64, received 61 78");
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_and_the_end_are_told_apart() {
        let (mut near, mut peer) = pair();
        peer.expect_silence(Duration::from_secs(30)).await.unwrap();
        near.write_all(b"!").await.unwrap();
        let silence = peer.expect_silence(Duration::from_secs(30)).await;
        assert_eq!(shown(silence), "expected nothing, received 21");
        near.write_all(b"?").await.unwrap();
        assert_eq!(shown(peer.expect_end().await), "expected nothing, received 3f");
        drop(near);
        peer.expect_end().await.unwrap();
        let silence = peer.expect_silence(Duration::from_secs(1)).await;
        assert_eq!(shown(silence), "the other side ended the stream");
    }

    #[tokio::test(start_paused = true)]
    async fn a_mute_other_side_fails_the_step_after_a_minute() {
        let (_near, mut peer) = pair();
        let started = Instant::now();
        assert_eq!(shown(peer.expect(b"a").await), "nothing happened for 60s");
        assert_eq!(started.elapsed(), PATIENCE);
        assert_eq!(shown(peer.send(&[0; 65]).await), "nothing happened for 60s");
    }

    #[tokio::test(start_paused = true)]
    async fn dripping_sends_byte_by_byte() {
        let (mut near, mut peer) = pair();
        let started = Instant::now();
        let drip = peer.drip(b"abc", Duration::from_secs(1));
        let read = async {
            let mut lengths = Vec::new();
            for _ in 0..3 {
                lengths.push(near.read(&mut [0; 8]).await.unwrap());
            }
            lengths
        };
        let (dripped, lengths) = tokio::join!(drip, read);
        dripped.unwrap();
        assert_eq!((lengths, started.elapsed()), (vec![1, 1, 1], Duration::from_secs(2)));
        peer.half_close().await.unwrap();
        assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 0);
    }
}
