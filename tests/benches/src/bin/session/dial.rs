//! How fast many connections are made, and made again; no handshake, so that only dialing counts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use longlink::session::event::State;
use longlink::session::limiter::{DialLimiter, DialLimits};
use longlink::session::link::Link;
use longlink::session::permit::{Permit, Permits, Permitting};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::wire::{Asking, Failure, connected, runtime, session};

/// What the limited row may dial.
const LIMITS: DialLimits =
    DialLimits { rate: 1_000, burst: 100, handshakes: 256, hold: Duration::from_secs(20) };
/// Between dropping all and dialing again.
const PAUSE: Duration = Duration::from_millis(300);

/// A task for each connection.
async fn connect(port: u16, count: u64) -> Result<Vec<TcpStream>, Failure> {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        tasks.spawn(async move { connected(port, &[]).await.map_err(|error| error.to_string()) });
    }
    Ok(tasks.join_all().await.into_iter().collect::<Result<_, _>>()?)
}

pub fn bare(port: u16, count: u64, again: bool) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        if again {
            drop(connect(port, count).await?);
            tokio::time::sleep(PAUSE).await;
        }
        let start = Instant::now();
        let _streams = connect(port, count).await?;
        Ok(count as f64 / start.elapsed().as_secs_f64())
    })
}

/// Everybody dials at once.
struct Unlimited;

impl Permits for Unlimited {
    fn permit(&self) -> Permitting {
        Box::pin(std::future::ready(Box::new(()) as Permit))
    }
}

fn spawn(port: u16, count: u64, limiter: Arc<dyn Permits>) -> Vec<Link<Asking>> {
    (0..count).map(|_| session(port, || Asking).limiter(limiter.clone()).spawn().0).collect()
}

async fn up(links: &[Link<Asking>], wanted: u32) {
    for link in links {
        let mut watch = link.watch();
        while !matches!(watch.next().await, State::Up { epoch, .. } if epoch >= wanted) {}
    }
}

pub fn sessions(port: u16, count: u64, again: bool) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let mut start = Instant::now();
        let links = spawn(port, count, Arc::new(Unlimited));
        up(&links, 1).await;
        if again {
            tokio::time::sleep(PAUSE).await;
            start = Instant::now();
            links.iter().for_each(Link::reconnect_now);
            up(&links, 2).await;
        }
        Ok(count as f64 / start.elapsed().as_secs_f64())
    })
}

/// What the limiter says.
pub fn limit() -> f64 {
    f64::from(LIMITS.rate)
}

/// Sessions a second behind the limiter, those of its first burst not counted.
pub fn limited(port: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let start = Instant::now();
        let links = spawn(port, count, Arc::new(DialLimiter::new(LIMITS)));
        up(&links, 1).await;
        Ok((count - u64::from(LIMITS.burst)) as f64 / start.elapsed().as_secs_f64())
    })
}
