//! async-nats against a server that follows a script: no server of NATS is needed, and each run is
//! the same.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_nats::{Client, ConnectOptions, Event};
use futures_util::StreamExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::{PATIENCE, SOON, told};

type Failure = Box<dyn Error>;

/// What a server says first.
const INFO: &[u8] =
    b"INFO {\"server_id\":\"museum\",\"server_name\":\"museum\",\"version\":\"2.10.0\",\
    \"go\":\"\",\"host\":\"127.0.0.1\",\"port\":4222,\"headers\":true,\"max_payload\":1048576,\
    \"proto\":1,\"client_id\":1}\r\n";

/// One client of the server.
struct Peer {
    stream: BufReader<TcpStream>,
    /// PING is answered.
    answers: bool,
}

impl Peer {
    /// INFO goes, CONNECT and PING come, PONG goes.
    async fn welcome(stream: TcpStream) -> io::Result<Self> {
        let mut peer = Self { stream: BufReader::new(stream), answers: true };
        peer.stream.write_all(INFO).await?;
        while peer.line().await? != "PING" {}
        Ok(peer)
    }

    /// The next line; PING is answered on the way.
    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_owned();
        if line == "PING" && self.answers {
            self.stream.write_all(b"PONG\r\n").await?;
        }
        Ok(line)
    }

    /// Waits for a line that begins so.
    async fn until(&mut self, begin: &str) -> io::Result<()> {
        while !self.line().await?.starts_with(begin) {}
        Ok(())
    }
}

async fn listen() -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

async fn connect(port: u16, options: ConnectOptions) -> Result<Client, Failure> {
    let options = options.reconnect_delay_callback(|_| SOON);
    Ok(options.connect(format!("127.0.0.1:{port}")).await?)
}

/// Half of a message of eight bytes, the end, and three whole ones over the next connection.
pub(crate) async fn torn() -> Result<String, Failure> {
    let (listener, port) = listen().await?;
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        let mut peer = Peer::welcome(stream).await?;
        peer.until("SUB").await?;
        peer.stream.write_all(b"MSG t 1 8\r\nAAA").await?;
        tokio::time::sleep(SOON).await;
        drop(peer);
        let (stream, _) = listener.accept().await?;
        let mut peer = Peer::welcome(stream).await?;
        peer.stream.write_all(b"MSG t 1 1\r\nB\r\nMSG t 1 1\r\nC\r\nMSG t 1 1\r\nD\r\n").await?;
        peer.until("never").await
    });
    let client = connect(port, ConnectOptions::new()).await?;
    let mut messages = client.subscribe("t").await?;
    let mut frames = Vec::new();
    while frames.len() < 3 {
        match tokio::time::timeout(PATIENCE, messages.next()).await {
            Ok(Some(message)) => {
                frames.push(String::from_utf8_lossy(&message.payload).into_owned());
            }
            Ok(None) | Err(_) => break,
        }
    }
    Ok(told(&frames, None))
}

/// Three messages that the client has accepted and flushed, over a connection that the server closes
/// unread.
pub(crate) async fn lost() -> Result<String, Failure> {
    let (listener, port) = listen().await?;
    let (close, close_now) = oneshot::channel::<()>();
    let heard = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&heard);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        let peer = Peer::welcome(stream).await?;
        let _ = close_now.await;
        drop(peer);
        let (stream, _) = listener.accept().await?;
        let mut peer = Peer::welcome(stream).await?;
        loop {
            peer.until("PUB").await?;
            counter.fetch_add(1, Ordering::Relaxed);
        }
        #[allow(unreachable_code)]
        io::Result::Ok(())
    });
    let client = connect(port, ConnectOptions::new()).await?;
    let mut accepted = 0;
    for _ in 0..3 {
        accepted += usize::from(client.publish("t", "m".into()).await.is_ok());
    }
    let flushed = client.flush().await.is_ok();
    let _ = close.send(());
    tokio::time::sleep(PATIENCE).await;
    let heard = heard.load(Ordering::Relaxed);
    let verdict = if heard == 3 { "kept" } else { "LOST" };
    let flushed = if flushed { "flushed" } else { "not flushed" };
    Ok(format!("{verdict}   {accepted} accepted, {flushed}, {heard} heard; of the rest not a word"))
}

/// A server that has stopped answering, while the client goes on publishing.
pub(crate) async fn starved(interval: Duration) -> Result<String, Failure> {
    let (listener, port) = listen().await?;
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        let mut peer = Peer::welcome(stream).await?;
        peer.answers = false;
        peer.until("never").await
    });
    let (tell, mut events) = mpsc::unbounded_channel();
    let options = ConnectOptions::new().ping_interval(interval).event_callback(move |event| {
        let tell = tell.clone();
        async move {
            let _ = tell.send(event);
        }
    });
    let client = connect(port, options).await?;
    let began = Instant::now();
    let talk = async {
        loop {
            let _ = client.publish("t", "m".into()).await;
            tokio::time::sleep(interval / 10).await;
        }
    };
    let gone = async {
        while let Some(event) = events.recv().await {
            if matches!(event, Event::Disconnected) {
                return began.elapsed();
            }
        }
        Duration::MAX
    };
    let found = tokio::select! {
        () = talk => None,
        found = tokio::time::timeout(PATIENCE, gone) => found.ok(),
    };
    Ok(super::found(found))
}
