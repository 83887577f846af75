//! `cargo run --release -p longlink-benches --bin idle_sessions [COUNT...]`: memory of sessions that
//! are logged in and idle, in one process with the server in another; beside it the same number of
//! bare tasks with a socket, and of tasks as one would write them with `Framed`.
//!
//! *Resident* is the growth of the process's own pages (`RssAnon`); *live* what is allocated and not
//! given back, counted by the allocator. Both in KiB per session, after everything has been idle
//! for two seconds. Kernel memory is in neither.

use std::error::Error;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use longlink::session::codec::FrameCodec;
use longlink::session::connect::Endpoint;
use longlink::session::event::Event;
use longlink::session::inbox::Inbox;
use longlink::session::link::Link;
use longlink::session::session::Session;
use longlink::session::settings::Settings;
use longlink::{Bytes, BytesMut, Wire};
use longlink_benches::link::{Body, Message, Player, Server, serve};
use longlink_benches::targets::mark;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::codec::Framed;

/// KiB of live memory per session at most, idle and after a burst. What is resident has on top what
/// the allocator makes of it: 0.4 KiB even for the bare task, whose two pieces tokio aligns to 128.
const TARGET: f64 = 2.0;
const COUNTS: [usize; 2] = [5_000, 15_000];
/// Of 64 KiB for each session.
const BURST: (usize, usize) = (16, 4 * 1024);
/// Longer than what a session keeps its buffers for.
const PAUSE: Duration = Duration::from_secs(2);

type Failure = Box<dyn Error>;

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--serve", port] => serve(port.parse()?)?,
        ["--measure", kind, count] => measure(kind, count.parse()?)?,
        ref counts => {
            let counts: Result<Vec<usize>, _> = counts.iter().map(|count| count.parse()).collect();
            return table(match &counts?[..] {
                [] => &COUNTS,
                counts => counts,
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs each measurement in a process of its own. Fails when a session is over the target.
fn table(counts: &[usize]) -> Result<ExitCode, Failure> {
    let mut kept = true;
    println!("KiB each        count  resident idle  live idle  resident after 64 KiB  live after");
    for count in counts {
        for kind in ["task", "framed", "session"] {
            let output = Command::new(std::env::current_exe()?)
                .args(["--measure", kind, &count.to_string()])
                .stderr(std::process::Stdio::inherit())
                .output()?;
            let text = String::from_utf8(output.stdout)?;
            let figures: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
            let [resident, live, resident_after, live_after] = figures?[..] else {
                return Err(format!("{kind} of {count} was not measured").into());
            };
            let verdict = match kind {
                "session" => {
                    kept &= live.max(live_after) <= TARGET;
                    format!(
                        "  target live <= {TARGET:.1}, {}",
                        mark(live.max(live_after) <= TARGET)
                    )
                }
                _ => String::new(),
            };
            println!(
                "{kind:<14} {count:>6} {resident:>14.2} {live:>10.2} {resident_after:>22.2} \
                 {live_after:>11.2}{verdict}"
            );
        }
    }
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints four figures: resident and live, idle and after the burst.
fn measure(kind: &str, count: usize) -> Result<(), Failure> {
    let server = Server::start(0)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // What the first session brings once for all is not counted.
    let first = runtime.block_on(connect(kind, server.port, 1))?;
    let before = resident();
    let mut crowd = Err("not measured".into());
    let idle = allocation_counter::measure(|| {
        crowd = runtime.block_on(async {
            let crowd = connect(kind, server.port, count).await?;
            tokio::time::sleep(PAUSE).await;
            Ok::<_, Failure>(crowd)
        });
    });
    let mut crowd = crowd?;
    let resident_idle = resident() - before;
    let mut burst = Ok(());
    let after = allocation_counter::measure(|| {
        burst = runtime.block_on(async {
            crowd.burst().await?;
            tokio::time::sleep(PAUSE).await;
            Ok::<_, Failure>(())
        });
    });
    burst?;
    let resident_after = resident() - before;
    drop(first);
    #[allow(clippy::cast_precision_loss)]
    let each = |bytes: i64| bytes as f64 / 1024.0 / count as f64;
    let live = (idle.bytes_current, idle.bytes_current + after.bytes_current);
    println!("{} {} {} {}", each(resident_idle), each(live.0), each(resident_after), each(live.1));
    Ok(())
}

/// Bytes of pages that belong to this process alone.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|n| n.parse().ok());
    kib.map_or(0, |kib: i64| kib * 1024)
}

/// What is measured, alive as long as this is.
enum Crowd {
    Tasks,
    Framed(Vec<(mpsc::Sender<Message>, mpsc::Receiver<Message>)>),
    Sessions(Vec<(Link<Player>, Inbox<Player>)>),
}

async fn connect(kind: &str, port: u16, count: usize) -> Result<Crowd, Failure> {
    Ok(match kind {
        "task" => tasks(port, count).await?,
        "framed" => Crowd::Framed(framed(port, count).await?),
        _ => Crowd::Sessions(sessions(port, count).await?),
    })
}

/// The least that holds a connection: a task that waits until its socket can be read.
async fn tasks(port: u16, count: usize) -> Result<Crowd, Failure> {
    for _ in 0..count {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        tokio::spawn(async move { while stream.readable().await.is_ok() {} });
    }
    Ok(Crowd::Tasks)
}

type Ends = (mpsc::Sender<Message>, mpsc::Receiver<Message>);

/// What one writes without this crate: `Framed`, two queues and a timer; no login, no outcomes.
async fn framed(port: u16, count: usize) -> Result<Vec<Ends>, Failure> {
    let mut ends = Vec::with_capacity(count);
    for user in 0..count {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        // As a session does.
        stream.set_nodelay(true)?;
        log_in(&mut stream, user).await?;
        let (to_send, mut outgoing) = mpsc::channel::<Message>(64);
        let (arrived, received) = mpsc::channel(64);
        let mut wire = Framed::new(stream, FrameCodec::<Message>::new());
        tokio::spawn(async move {
            let mut heartbeat = tokio::time::interval(Duration::from_secs(30));
            heartbeat.tick().await;
            loop {
                tokio::select! {
                    message = wire.next() => match message {
                        Some(Ok(Ok(message))) => drop(arrived.send(message).await),
                        _ => return,
                    },
                    message = outgoing.recv() => match message {
                        Some(message) => drop(wire.send(message).await),
                        None => return,
                    },
                    _ = heartbeat.tick() => drop(wire.send(Message::of(Body::Alive)).await),
                }
            }
        });
        ends.push((to_send, received));
    }
    Ok(ends)
}

async fn log_in(stream: &mut TcpStream, user: usize) -> Result<(), Failure> {
    let mut bytes = BytesMut::new();
    Message::of(Body::Login { user: user as u64 }).encode(&mut bytes)?;
    stream.write_all(&bytes).await?;
    let mut welcome = vec![0; Message::of(Body::Welcome).encoded_len()];
    stream.read_exact(&mut welcome).await?;
    Ok(())
}

async fn sessions(port: u16, count: usize) -> Result<Vec<(Link<Player>, Inbox<Player>)>, Failure> {
    let settings = Arc::new(Settings::default());
    let endpoint = Endpoint::tcp("127.0.0.1", port);
    let make = |user: usize| move || std::future::ready(Ok(Player { user: user as u64 }));
    let mut sessions = Vec::with_capacity(count);
    for user in 0..count {
        let (link, inbox) = Session::builder(make(user))
            .endpoint(endpoint.clone())
            .settings(settings.clone())
            .spawn();
        sessions.push((link, inbox));
    }
    for (_, inbox) in &mut sessions {
        let up = inbox.next().await;
        if !matches!(up, Some(Event::Up { epoch: 1, .. })) {
            return Err(format!("not up: {up:?}").into());
        }
    }
    Ok(sessions)
}

impl Crowd {
    /// 64 KiB go out and come back on each connection.
    async fn burst(&mut self) -> Result<(), Failure> {
        let message = || Message::of(Body::Data { payload: Bytes::from(vec![0x5a; BURST.1]) });
        match self {
            Self::Tasks => {}
            Self::Framed(ends) => {
                for (to_send, received) in ends {
                    for _ in 0..BURST.0 {
                        to_send.send(message()).await?;
                    }
                    for _ in 0..BURST.0 {
                        received.recv().await.ok_or("it ended")?;
                    }
                }
            }
            Self::Sessions(sessions) => {
                for (link, inbox) in sessions {
                    for _ in 0..BURST.0 {
                        link.feed(message()).await?;
                    }
                    for _ in 0..BURST.0 {
                        inbox.next_frame().await.ok_or("it ended")?;
                    }
                }
            }
        }
        Ok(())
    }
}
