//! `cargo run --release -p longlink-benches --bin reconnect [COUNT]`: a server with so many sessions
//! (default 5,000) is killed, and started again on its port after three seconds. How long until all
//! are logged in again, and how hard is the server hit meanwhile?

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use longlink::session::backoff::Backoff;
use longlink::session::connect::{Connecting, Connector, Dialer, Endpoint};
use longlink::session::event::State;
use longlink::session::limiter::DialLimiter;
use longlink::session::link::Link;
use longlink::session::permit::{Permit, Permits, Permitting};
use longlink::session::session::Session;
use longlink::session::settings::Settings;
use longlink_benches::link::{Player, Server, serve};
use tokio::task::JoinSet;

const COUNT: usize = 5_000;
/// Between the server's end and its start.
const OUTAGE: Duration = Duration::from_secs(3);
/// An epoch this old is stable, and the way back starts without failures.
const STABLE: Duration = Duration::from_secs(1);

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--serve", port] => return Ok(serve(port.parse()?)?),
        [count] => count.parse()?,
        _ => COUNT,
    };
    println!("{count} sessions, {OUTAGE:?} without a server; seconds from its return");
    println!("way                       half up  99 % up  all up  peak dials/s  dials  refused");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let fixed = Backoff::fixed(Duration::from_secs(3));
    runtime.block_on(storm("fixed 3 s", count, fixed, Arc::new(Unlimited)))?;
    runtime.block_on(storm("full jitter", count, Backoff::default(), Arc::new(Unlimited)))?;
    let limiter = Arc::new(DialLimiter::process());
    runtime.block_on(storm("full jitter, limiter", count, Backoff::default(), limiter))
}

async fn storm(
    way: &str,
    count: usize,
    backoff: Backoff,
    limiter: Arc<dyn Permits>,
) -> Result<(), Failure> {
    let mut server = Server::start(0)?;
    let dials = Counting::new();
    let settings = Arc::new(Settings { backoff, stable_after: STABLE, ..Settings::default() });
    let mut links = Vec::with_capacity(count);
    for user in 0..count {
        let make = move || std::future::ready(Ok(Player { user: user as u64 }));
        let (link, _) = Session::builder(make)
            .endpoint(Endpoint::tcp("127.0.0.1", server.port))
            .settings(settings.clone())
            .limiter(limiter.clone())
            .connector(dials.clone())
            .spawn();
        links.push(link);
    }
    for link in &links {
        link.up().await.map_err(|state| format!("{state:?}"))?;
    }
    tokio::time::sleep(STABLE * 2).await;
    dials.dials().clear();
    let mut ups: JoinSet<Instant> = links.iter().cloned().map(up_again).collect();
    server.kill()?;
    tokio::time::sleep(OUTAGE).await;
    let _server = Server::start(server.port)?;
    let back = Instant::now();
    let mut waits = Vec::with_capacity(count);
    while let Some(up) = ups.join_next().await {
        waits.push(up?.saturating_duration_since(back).as_secs_f64());
    }
    waits.sort_by(f64::total_cmp);
    let share =
        |percent: usize| waits.get((waits.len() * percent / 100).min(waits.len() - 1)).copied();
    let (total, refused, peak) = dials.summary();
    println!(
        "{way:<24} {:>8.2} {:>8.2} {:>7.2} {peak:>13} {total:>6} {refused:>8}",
        share(50).unwrap_or_default(),
        share(99).unwrap_or_default(),
        share(100).unwrap_or_default(),
    );
    Ok(())
}

/// When the link is up for the second time.
async fn up_again(link: Link<Player>) -> Instant {
    let mut watch = link.watch();
    while !matches!(watch.next().await, State::Up { epoch: 2.., .. }) {}
    Instant::now()
}

/// Everybody dials at once.
struct Unlimited;

impl Permits for Unlimited {
    fn permit(&self) -> Permitting {
        Box::pin(std::future::ready(Box::new(()) as Permit))
    }
}

/// Notes each dial.
#[derive(Clone)]
struct Counting {
    dialer: Dialer,
    dials: Arc<Mutex<Vec<(Instant, bool)>>>,
}

impl Counting {
    fn new() -> Self {
        Self { dialer: Dialer::new(), dials: Arc::default() }
    }

    fn dials(&self) -> MutexGuard<'_, Vec<(Instant, bool)>> {
        self.dials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Dials, how many of them were refused, and the most in any second.
    fn summary(&self) -> (usize, usize, usize) {
        let mut dials = self.dials().clone();
        dials.sort_by_key(|(at, _)| *at);
        let (mut first, mut peak) = (0, 0);
        for (index, (at, _)) in dials.iter().enumerate() {
            while dials.get(first).is_some_and(|(from, _)| *at - *from > Duration::from_secs(1)) {
                first += 1;
            }
            peak = peak.max(index + 1 - first);
        }
        (dials.len(), dials.iter().filter(|(_, refused)| *refused).count(), peak)
    }
}

impl Connector for Counting {
    fn connect(&self, endpoint: &Endpoint, within: Duration) -> Connecting {
        let (began, dials) = (Instant::now(), self.clone());
        let connecting = self.dialer.connect(endpoint, within);
        Box::pin(async move {
            let connected = connecting.await;
            dials.dials().push((began, connected.is_err()));
            connected
        })
    }
}
