//! `cargo run --release -p longlink-benches --features museum --bin museum`: pains of users of other
//! crates, played again against those crates and against longlink, each on its own loopback server.
//!
//! | Scenario | Source |
//! |---|---|
//! | half a frame, then a new connection | a reconnecting byte stream under a codec joins two connections |
//! | published when the broker has just closed | rumqtt issue 211 and its fix: `pending.clear()` without a word |
//! | flushed into a connection that is closed unread | nats.rs issue 182: accepted, and gone |
//! | publishing to a server that answers no more | nats.rs issue 1593: traffic of our own resets the timer of the pings |

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use longlink::session::backoff::Backoff;
use longlink::session::event::{Event, Outcome};
use longlink::session::protocol::{Awaits, Established, Protocol, Refusal};
use longlink::session::script::Script;
use longlink::session::session::Session;
use longlink::session::settings::Heartbeat;
use longlink::{Auto, Bytes, Frame};
use longlink_benches::mqtt::client;
use stubborn_io::StubbornTcpStream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

mod nats;

type Failure = Box<dyn Error>;

/// More than any of them needs.
const PATIENCE: Duration = Duration::from_secs(5);
const SOON: Duration = Duration::from_millis(50);
const BEAT: Duration = Duration::from_millis(200);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    println!("half a frame, the connection ends; three whole frames over the next one");
    println!("  stubborn-io 0.3.6 under Framed   {}", torn_stubborn().await?);
    println!("  async-nats 0.51.0                {}", nats::torn().await?);
    println!("  longlink                         {}", torn_session().await?);
    println!("three messages of quality 1, published when the broker has just closed");
    println!("  rumqttc 0.25.1                   {}", lost_rumqttc().await?);
    println!("  longlink, examples/mqtt          {}", lost_session(false).await?);
    println!("  the same, sent as idempotent     {}", lost_session(true).await?);
    println!("three messages, accepted and flushed, over a connection that is then closed unread");
    println!("  async-nats 0.51.0                {}", nats::lost().await?);
    println!("  longlink, acknowledged frames    {}", unread_session(false).await?);
    println!("  the same, sent as idempotent     {}", unread_session(true).await?);
    println!("a server that answers no more; we ping every 200 ms and publish every 20 ms");
    println!("  async-nats 0.51.0                {}", nats::starved(BEAT).await?);
    println!("  longlink, answer within 200 ms   {}", starved_session().await?);
    Ok(())
}

/// Half of `AAAAAAAA`, the end, and then three whole frames. Serves every further connection well.
async fn torn_server() -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        let mut cut = false;
        while let Ok((mut stream, _)) = listener.accept().await {
            if !cut {
                let _ = stream.write_all(b"\0\0\0\x08AAA").await;
                // It is gone before the client reads the end.
                tokio::time::sleep(SOON).await;
                cut = true;
                continue;
            }
            tokio::spawn(async move {
                let _ = stream.write_all(b"\0\0\0\x01B\0\0\0\x01C\0\0\0\x01D").await;
                tokio::time::sleep(PATIENCE).await;
            });
        }
    });
    Ok(port)
}

fn told(frames: &[String], error: Option<String>) -> String {
    let verdict = if frames == ["B", "C", "D"] { "whole" } else { "TORN " };
    let error = error.map_or(String::new(), |error| format!(", then: {error}"));
    format!("{verdict}  received {frames:?}{error}")
}

async fn torn_stubborn() -> Result<String, Failure> {
    let stream = StubbornTcpStream::connect(("127.0.0.1", torn_server().await?)).await?;
    let mut wire = Framed::new(stream, LengthDelimitedCodec::new());
    let (mut frames, mut error) = (Vec::new(), None);
    while frames.len() < 3 {
        match tokio::time::timeout(PATIENCE, wire.next()).await {
            Ok(Some(Ok(frame))) => frames.push(String::from_utf8_lossy(&frame).into_owned()),
            Ok(Some(Err(failed))) => {
                error = Some(failed.to_string());
                break;
            }
            Ok(None) | Err(_) => break,
        }
    }
    Ok(told(&frames, error))
}

/// As `LengthDelimitedCodec` has it.
#[derive(Debug, Clone, PartialEq, Frame)]
#[wire(endian = big, max_frame_length = 65_536, resync = close)]
struct Block {
    #[wire(length_of = payload)]
    length: Auto<u32>,
    payload: Bytes,
}

struct Blocks;

impl Protocol for Blocks {
    type Outgoing = Block;
    type Incoming = Block;
    type View<'a> = Block;

    async fn handshake(&mut self, _: &mut Script<Block, Block>) -> Result<Established, Refusal> {
        Ok(Established::default())
    }
}

async fn torn_session() -> Result<String, Failure> {
    let address = format!("127.0.0.1:{}", torn_server().await?);
    let (_link, mut inbox) = Session::builder(|| std::future::ready(Ok(Blocks)))
        .endpoint(address.as_str())
        .backoff(Backoff::fixed(SOON))
        .spawn();
    let (mut frames, mut error) = (Vec::new(), None);
    while frames.len() < 3 {
        match tokio::time::timeout(PATIENCE, inbox.next()).await {
            Ok(Some(Event::Frame { frame, .. })) => {
                frames.push(String::from_utf8_lossy(&frame.payload).into_owned());
            }
            Ok(Some(Event::Malformed { bad, .. })) => error = Some(bad.to_string()),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break,
        }
    }
    Ok(told(&frames, error))
}

/// A broker that lets everybody in without a session. The first connection ends when it is told to;
/// over the others it counts and acknowledges messages.
struct Broker {
    port: u16,
    close: oneshot::Sender<()>,
    closed: oneshot::Receiver<()>,
    heard: Arc<AtomicUsize>,
}

async fn broker() -> io::Result<Broker> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let (close, told) = oneshot::channel();
    let (gone, closed) = oneshot::channel();
    let heard = Arc::default();
    let counter = Arc::clone(&heard);
    tokio::spawn(async move {
        if let Ok((mut stream, _)) = listener.accept().await {
            let _ = welcome(&mut stream).await;
            let _ = told.await;
            drop(stream);
            let _ = gone.send(());
        }
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(listen(stream, Arc::clone(&counter)));
        }
    });
    Ok(Broker { port, close, closed, heard })
}

/// CONNECT comes, and CONNACK without a session goes.
async fn welcome(stream: &mut TcpStream) -> io::Result<()> {
    let (_, _) = packet(stream).await?;
    stream.write_all(&[0x20, 2, 0, 0]).await
}

async fn listen(mut stream: TcpStream, heard: Arc<AtomicUsize>) -> io::Result<()> {
    welcome(&mut stream).await?;
    loop {
        let (head, body) = packet(&mut stream).await?;
        if head >> 4 == 3 && head & 6 == 2 {
            heard.fetch_add(1, Ordering::Relaxed);
            let topic = body.first_chunk().map_or(0, |len| usize::from(u16::from_be_bytes(*len)));
            let id = body.get(2 + topic..4 + topic).unwrap_or(&[0, 0]);
            stream.write_all(&[0x40, 2, id[0], id[1]]).await?;
        }
    }
}

/// One small packet: its first byte and what follows its length.
async fn packet(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let (head, len) = (stream.read_u8().await?, stream.read_u8().await?);
    let mut body = vec![0; usize::from(len)];
    stream.read_exact(&mut body).await?;
    Ok((head, body))
}

async fn lost_rumqttc() -> Result<String, Failure> {
    let broker = broker().await?;
    let mut options = rumqttc::MqttOptions::new("museum", "127.0.0.1", broker.port);
    options.set_keep_alive(Duration::from_secs(30));
    let (client, mut events) = rumqttc::AsyncClient::new(options, 10);
    while !matches!(events.poll().await?, rumqttc::Event::Incoming(rumqttc::Packet::ConnAck(_))) {}
    let _ = broker.close.send(());
    broker.closed.await?;
    let mut accepted = 0;
    for _ in 0..3 {
        let published = client.publish("t", rumqttc::QoS::AtLeastOnce, false, "m").await;
        accepted += usize::from(published.is_ok());
    }
    let mut acknowledged = 0;
    let polled = async {
        while acknowledged < 3 {
            match events.poll().await {
                Ok(rumqttc::Event::Incoming(rumqttc::Packet::PubAck(_))) => acknowledged += 1,
                Ok(_) => {}
                Err(_) => tokio::time::sleep(SOON).await,
            }
        }
    };
    let _ = tokio::time::timeout(PATIENCE, polled).await;
    let heard = broker.heard.load(Ordering::Relaxed);
    let verdict = if heard == 3 { "kept" } else { "LOST" };
    Ok(format!("{verdict}   {accepted} accepted, {heard} heard; of the rest not a word"))
}

async fn lost_session(idempotent: bool) -> Result<String, Failure> {
    let broker = broker().await?;
    let address = format!("127.0.0.1:{}", broker.port);
    let (link, _inbox) = client::client(&address, client::Options::new("museum"))
        .backoff(Backoff::fixed(SOON))
        .spawn();
    link.up().await.map_err(|state| format!("{state:?}"))?;
    let _ = broker.close.send(());
    broker.closed.await?;
    let mut receipts = Vec::new();
    for _ in 0..3 {
        let message = client::publish(4, "t", 1, false, Bytes::from_static(b"m"));
        let sending = link.send(message);
        receipts.push(if idempotent { sending.idempotent().await? } else { sending.await? });
    }
    let (mut acknowledged, mut uncertain) = (0, 0);
    for receipt in &receipts {
        match receipt.outcome().await {
            Outcome::Acknowledged { .. } => acknowledged += 1,
            _ => uncertain += 1,
        }
    }
    let heard = broker.heard.load(Ordering::Relaxed);
    let kept = heard + uncertain >= 3 && acknowledged <= heard;
    let verdict = if kept { "told" } else { "LOST" };
    Ok(format!(
        "{verdict}   3 accepted, {heard} heard; {acknowledged} acknowledged, {uncertain} uncertain"
    ))
}

/// After how long a dead server was found.
fn found(found: Option<Duration>) -> String {
    match found {
        Some(after) => format!("found  dead after {} ms", after.as_millis()),
        None => format!("NEVER  found dead within {} s", PATIENCE.as_secs()),
    }
}

/// Blocks that the peer acknowledges one by one, with an empty one as the sign of life.
struct Sure;

impl Protocol for Sure {
    type Outgoing = Block;
    type Incoming = Block;
    type View<'a> = Block;

    async fn handshake(&mut self, _: &mut Script<Block, Block>) -> Result<Established, Refusal> {
        Ok(Established::default())
    }

    fn heartbeat(&mut self) -> Option<Block> {
        Some(Block::new(Bytes::new()))
    }

    fn awaits(&self, _: &Block) -> Awaits {
        Awaits::Acknowledgement
    }
}

/// As `nats::lost`: what was written when the server closes without having read it.
async fn unread_session(idempotent: bool) -> Result<String, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let (link, _inbox) = Session::builder(|| std::future::ready(Ok(Sure)))
        .endpoint(address.as_str())
        .backoff(Backoff::fixed(SOON))
        .spawn();
    let (first, _) = listener.accept().await?;
    link.up().await.map_err(|state| format!("{state:?}"))?;
    let mut receipts = Vec::new();
    for _ in 0..3 {
        let sending = link.send(Block::new(Bytes::from_static(b"m")));
        receipts.push(if idempotent { sending.idempotent().await? } else { sending.await? });
    }
    tokio::time::sleep(SOON).await;
    drop(first);
    let (mut second, _) = listener.accept().await?;
    let mut heard = 0;
    while tokio::time::timeout(PATIENCE / 5, second.read_exact(&mut [0; 5])).await.is_ok() {
        heard += 1;
    }
    let uncertain = receipts
        .iter()
        .filter(|receipt| matches!(receipt.settled(), Some(Outcome::Uncertain { .. })))
        .count();
    let verdict = if heard + uncertain == 3 { "told" } else { "LOST" };
    Ok(format!("{verdict}   3 accepted, {heard} heard again, {uncertain} uncertain"))
}

async fn starved_session() -> Result<String, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        while stream.read(&mut [0; 4096]).await? > 0 {}
        io::Result::Ok(())
    });
    let heartbeat = Heartbeat::every(BEAT).answered_within(BEAT);
    let (link, mut inbox) = Session::builder(|| std::future::ready(Ok(Sure)))
        .endpoint(address.as_str())
        .heartbeat(heartbeat)
        .spawn();
    link.up().await.map_err(|state| format!("{state:?}"))?;
    let began = Instant::now();
    let talk = async {
        loop {
            let _ = link.feed(Block::new(Bytes::from_static(b"m"))).await;
            tokio::time::sleep(BEAT / 10).await;
        }
    };
    let gone = async {
        while let Some(event) = inbox.next().await {
            if matches!(event, Event::Down { .. }) {
                return began.elapsed();
            }
        }
        Duration::MAX
    };
    let after = tokio::select! {
        () = talk => None,
        after = tokio::time::timeout(PATIENCE, gone) => after.ok(),
    };
    Ok(found(after))
}
