//! There and back: one at a time over one connection, and over 200 at once. Who asks is a task, as
//! in most programs: the runtime's own future pays a look at the selector more for each wake.

use std::io::{Read, Write};
use std::time::Instant;

use futures_util::{SinkExt, StreamExt};
use tokio::task::JoinSet;
use tokio_util::codec::Framed;

use crate::wire::{
    Asking, ECHO, Failure, blocking, border, connected, payload, piece, raw, runtime, session,
};

/// Connections at once.
const CROWD: u64 = 200;

/// Microseconds of the middle round trip.
fn middle(mut laps: Vec<u32>) -> f64 {
    let half = laps.len() / 2;
    f64::from(*laps.select_nth_unstable(half).1) / 1e3
}

fn nanos(from: Instant) -> u32 {
    from.elapsed().as_nanos().try_into().unwrap_or(u32::MAX)
}

pub fn raw_sockets(port: u16, count: u64) -> Result<f64, Failure> {
    let mut stream = blocking(port, &[])?;
    let (question, mut answer) = (raw(ECHO), [0; ECHO]);
    let mut laps = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let start = Instant::now();
        stream.write_all(&question)?;
        stream.read_exact(&mut answer)?;
        laps.push(nanos(start));
    }
    Ok(middle(laps))
}

pub fn framed(port: u16, count: u64, threads: bool) -> Result<f64, Failure> {
    runtime(threads)?.block_on(async {
        let mut wire = Framed::new(connected(port, &[]).await?, border());
        let asking = tokio::spawn(async move {
            let (payload, mut laps) = (payload(ECHO + 4), Vec::with_capacity(count as usize));
            for _ in 0..count {
                let start = Instant::now();
                wire.send(payload.clone()).await.expect("it is connected");
                wire.next().await.expect("it is connected").expect("a frame");
                laps.push(nanos(start));
            }
            laps
        });
        Ok(middle(asking.await?))
    })
}

pub fn requests(port: u16, count: u64, threads: bool) -> Result<f64, Failure> {
    runtime(threads)?.block_on(async {
        let (link, _) = session(port, || Asking).spawn();
        link.up().await.map_err(|state| format!("{state:?}"))?;
        let asking = tokio::spawn(async move {
            let (payload, mut laps) = (payload(ECHO), Vec::with_capacity(count as usize));
            for _ in 0..count {
                let start = Instant::now();
                link.request(piece(&payload)).await.expect("it is connected");
                laps.push(nanos(start));
            }
            laps
        });
        Ok(middle(asking.await?))
    })
}

/// Round trips a second of tasks with `Framed`.
pub fn framed_crowd(port: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let mut wires = Vec::new();
        for _ in 0..CROWD {
            wires.push(Framed::new(connected(port, &[]).await?, border()));
        }
        let (payload, mut tasks) = (payload(ECHO + 4), JoinSet::new());
        let start = Instant::now();
        for mut wire in wires {
            let payload = payload.clone();
            tasks.spawn(async move {
                for _ in 0..count / CROWD {
                    wire.send(payload.clone()).await.expect("it is connected");
                    wire.next().await.expect("it is connected").expect("a frame");
                }
            });
        }
        tasks.join_all().await;
        Ok(count as f64 / start.elapsed().as_secs_f64())
    })
}

/// The same of tasks with a session each.
pub fn session_crowd(port: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let mut links = Vec::new();
        for _ in 0..CROWD {
            let (link, _) = session(port, || Asking).spawn();
            link.up().await.map_err(|state| format!("{state:?}"))?;
            links.push(link);
        }
        let (payload, mut tasks) = (payload(ECHO), JoinSet::new());
        let start = Instant::now();
        for link in links {
            let payload = payload.clone();
            tasks.spawn(async move {
                for _ in 0..count / CROWD {
                    link.request(piece(&payload)).await.expect("it is connected");
                }
            });
        }
        tasks.join_all().await;
        Ok(count as f64 / start.elapsed().as_secs_f64())
    })
}
