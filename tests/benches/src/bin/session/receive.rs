//! Frames that a server sends 64 KiB at a time.

use std::hint::black_box;
use std::io::Read;
use std::time::Instant;

use futures_util::StreamExt;
use longlink::session::protocol::{Flow, Handler};
use longlink::session::reply::Reply;
use tokio::sync::{mpsc, oneshot};
use tokio_util::codec::FramedRead;

use crate::wire::{
    BATCH, Counted, FRAME, Failure, Kept, PieceView, blocking, border, connected, hello, runtime,
    session,
};

fn rate(count: u64, start: Instant) -> f64 {
    count as f64 / start.elapsed().as_secs_f64()
}

/// Bytes; nobody looks for frames.
pub fn raw_socket(port: u16, count: u64) -> Result<f64, Failure> {
    let start = Instant::now();
    let mut stream = blocking(port, &hello(count))?;
    let mut buffer = vec![0; BATCH];
    let mut left = count as usize * FRAME;
    while left > 0 {
        match stream.read(&mut buffer)? {
            0 => return Err("it ended".into()),
            got => left -= got,
        }
    }
    Ok(rate(count, start))
}

pub fn framed(port: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let start = Instant::now();
        let stream = connected(port, &hello(count)).await?;
        let mut wire = FramedRead::with_capacity(stream, border(), BATCH);
        for _ in 0..count {
            black_box(wire.next().await.ok_or("it ended")??);
        }
        Ok(rate(count, start))
    })
}

/// Into a task of its own, frame by frame.
pub fn queue(port: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let start = Instant::now();
        let stream = connected(port, &hello(count)).await?;
        let (sender, mut receiver) = mpsc::channel(256);
        tokio::spawn(async move {
            let mut wire = FramedRead::with_capacity(stream, border(), BATCH);
            while let Some(Ok(frame)) = wire.next().await {
                if sender.send(frame).await.is_err() {
                    return;
                }
            }
        });
        for _ in 0..count {
            black_box(receiver.recv().await.ok_or("it ended")?);
        }
        Ok(rate(count, start))
    })
}

/// Counts down in place.
struct Countdown {
    left: u64,
    done: Option<oneshot::Sender<()>>,
}

impl Handler<Counted> for Countdown {
    fn frame(&mut self, view: PieceView<'_>, _: &Reply<Counted>) -> Flow {
        black_box(view.payload);
        self.left -= 1;
        if self.left == 0
            && let Some(done) = self.done.take()
        {
            let _ = done.send(());
        }
        Flow::Go
    }
}

pub fn in_place(port: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let start = Instant::now();
        let (done, all_came) = oneshot::channel();
        let handler = Countdown { left: count, done: Some(done) };
        let _link = session(port, move || Counted(Some(count))).spawn_with(handler);
        all_came.await?;
        Ok(rate(count, start))
    })
}

pub fn inbox(port: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let start = Instant::now();
        let (_link, mut inbox) = session(port, move || Kept(count)).spawn();
        let reader = tokio::spawn(async move {
            for _ in 0..count {
                black_box(inbox.next_frame().await.expect("it is up"));
            }
        });
        reader.await?;
        Ok(rate(count, start))
    })
}
