//! One way, encoding included, to a server that counts bytes and answers when all have come.

use std::hint::black_box;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use futures_util::SinkExt;
use longlink::session::link::Link;
use longlink::session::protocol::{Flow, Handler};
use longlink::session::reply::Reply;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::codec::FramedWrite;

use crate::wire::{
    BATCH, Counted, DONE, FRAME, Failure, PieceView, blocking, border, connected, done, hello,
    payload, piece, put, raw, runtime, session,
};

/// Pieces that are handed over together.
const TOGETHER: u64 = 64;

fn total(count: u64) -> u64 {
    count * FRAME as u64
}

fn rate(count: u64, start: Instant) -> f64 {
    count as f64 / start.elapsed().as_secs_f64()
}

/// 64 KiB of copied frames at a time.
pub fn raw_sockets(port: u16, count: u64) -> Result<f64, Failure> {
    let mut stream = blocking(port, &hello(total(count)))?;
    let (frame, mut buffer) = (raw(FRAME), Vec::with_capacity(BATCH));
    let start = Instant::now();
    let mut left = count;
    while left > 0 {
        let together = left.min((BATCH / FRAME) as u64);
        buffer.clear();
        for _ in 0..together {
            buffer.extend_from_slice(black_box(&frame));
        }
        stream.write_all(&buffer)?;
        left -= together;
    }
    done(&mut stream)?;
    Ok(rate(count, start))
}

/// What the callers write into, and the writer takes as a whole.
#[derive(Default)]
struct Shared {
    bytes: Mutex<(BytesMut, bool)>,
    more: Notify,
    room: Notify,
}

/// The caller encodes at once into a buffer of 64 KiB that a writer takes: no receipts, no
/// priorities, no expiry, nothing known about what was lost.
pub fn outbox(port: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let stream = connected(port, &hello(total(count))).await?;
        let (shared, payload) = (Arc::new(Shared::default()), payload(FRAME + 4));
        let writer = tokio::spawn(write_shared(shared.clone(), stream));
        let start = Instant::now();
        tokio::spawn(async move {
            for _ in 0..count {
                while !try_put(&shared, &payload) {
                    shared.room.notified().await;
                }
            }
            shared.bytes.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
            shared.more.notify_one();
        })
        .await?;
        writer.await??.read_exact(&mut [0; DONE.len()]).await?;
        Ok(rate(count, start))
    })
}

fn try_put(shared: &Shared, payload: &Bytes) -> bool {
    let mut bytes = shared.bytes.lock().unwrap_or_else(PoisonError::into_inner);
    if bytes.0.len() + FRAME > BATCH {
        return false;
    }
    let first = bytes.0.is_empty();
    put(&mut bytes.0, payload);
    drop(bytes);
    if first {
        shared.more.notify_one();
    }
    true
}

async fn write_shared(
    shared: Arc<Shared>,
    mut stream: tokio::net::TcpStream,
) -> std::io::Result<tokio::net::TcpStream> {
    let mut taken = BytesMut::with_capacity(BATCH);
    loop {
        let ended = {
            let mut bytes = shared.bytes.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut bytes.0, &mut taken);
            bytes.1
        };
        if taken.is_empty() {
            if ended {
                return Ok(stream);
            }
            shared.more.notified().await;
            continue;
        }
        shared.room.notify_one();
        stream.write_all(&taken).await?;
        taken.clear();
    }
}

/// `Framed` in the caller's own task: `send` flushes each frame, `feed` when 64 KiB are full.
pub fn framed(port: u16, count: u64, each: bool) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let stream = connected(port, &hello(total(count))).await?;
        let mut wire = FramedWrite::new(stream, border());
        wire.set_backpressure_boundary(BATCH);
        let payload = payload(FRAME + 4);
        let start = Instant::now();
        for _ in 0..count {
            if each {
                wire.send(payload.clone()).await?;
            } else {
                wire.feed(payload.clone()).await?;
            }
        }
        SinkExt::<Bytes>::flush(&mut wire).await?;
        wire.into_inner().read_exact(&mut [0; DONE.len()]).await?;
        Ok(rate(count, start))
    })
}

/// A queue of 256 frames and a task that writes all that has come.
pub fn queue(port: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let mut stream = connected(port, &hello(total(count))).await?;
        let (sender, mut receiver) = mpsc::channel::<Bytes>(256);
        let writer = tokio::spawn(async move {
            let (mut frames, mut buffer) = (Vec::new(), BytesMut::with_capacity(BATCH));
            while receiver.recv_many(&mut frames, 256).await > 0 {
                buffer.clear();
                for frame in frames.drain(..) {
                    put(&mut buffer, &frame);
                }
                stream.write_all(&buffer).await?;
            }
            std::io::Result::Ok(stream)
        });
        let payload = payload(FRAME + 4);
        let start = Instant::now();
        tokio::spawn(async move {
            for _ in 0..count {
                sender.send(payload.clone()).await.expect("the writer lives");
            }
        })
        .await?;
        writer.await??.read_exact(&mut [0; DONE.len()]).await?;
        Ok(rate(count, start))
    })
}

/// Waits for the server's word.
struct Done(Option<oneshot::Sender<()>>);

impl Handler<Counted> for Done {
    fn frame(&mut self, _: PieceView<'_>, _: &Reply<Counted>) -> Flow {
        if let Some(done) = self.0.take() {
            let _ = done.send(());
        }
        Flow::Go
    }
}

/// How pieces go into a session.
#[derive(Clone, Copy)]
pub enum Way {
    /// 64 at a time.
    All,
    /// One by one, without receipts.
    Feed,
    /// One by one, with a receipt each.
    Send,
}

pub fn session_of(port: u16, count: u64, way: Way) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let (done, all_came) = oneshot::channel();
        let make = move || Counted(Some(total(count)));
        let link = session(port, make).spawn_with(Done(Some(done)));
        link.up().await.map_err(|state| format!("{state:?}"))?;
        let start = Instant::now();
        let caller = link.clone();
        tokio::spawn(async move { send(&caller, count, way).await.expect("it is up") }).await?;
        all_came.await?;
        Ok(rate(count, start))
    })
}

async fn send(link: &Link<Counted>, count: u64, way: Way) -> Result<(), String> {
    let payload = payload(FRAME);
    match way {
        Way::All => {
            let mut left = count;
            while left > 0 {
                let together = left.min(TOGETHER);
                let pieces = (0..together).map(|_| piece(&payload));
                link.send_all(pieces).await.map_err(|rejected| rejected.to_string())?;
                left -= together;
            }
        }
        Way::Feed => {
            for _ in 0..count {
                link.feed(piece(&payload)).await.map_err(|rejected| rejected.to_string())?;
            }
        }
        Way::Send => {
            for _ in 0..count {
                let receipt = link.send(piece(&payload)).await;
                drop(receipt.map_err(|rejected| rejected.to_string())?);
            }
        }
    }
    Ok(())
}
