//! `cargo bench -p longlink-benches`: the scoreboard in time, in ratios of one run.
//!
//! Rounds are interleaved: each round runs every row once, so that a busy machine slows all of them
//! down. What counts are the ratios of medians; the figures in nanoseconds are this machine's, today.
//! The sessions follow, from the program `session`: two minutes; `-- codec` leaves them out.

use std::process::Command;
use std::time::Instant;

use longlink_benches::rows::{By, Row, all};
use longlink_benches::targets::{self, Target, mark};

/// Medians are taken over so many rounds, unless `ROUNDS` says otherwise.
const ROUNDS: usize = 41;

/// What a row runs in each round.
const ROUND_NS: f64 = 400_000.0;

const ELSEWHERE: &str = "\
What time does not say, each with targets and marks (all but the last two need valgrind):
  instructions, allocations  cargo run --release -p longlink-benches --bin instructions
  the same of sessions       cargo run --release -p longlink-benches --bin session -- --instructions
  memory of idle sessions    cargo run --release -p longlink-benches --bin idle_sessions
  what derives cost          cargo run --release -p longlink-benches --bin compile_time";

fn main() {
    let mut rows = all();
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS).max(7);
    let times: Vec<u64> = rows.iter_mut().map(calibrated).collect();
    let mut samples = vec![Vec::with_capacity(rounds); rows.len()];
    for _ in 0..rounds {
        for ((row, times), samples) in rows.iter_mut().zip(&times).zip(&mut samples) {
            samples.push(elapsed(row, *times) / *times as f64);
        }
    }
    let medians: Vec<f64> = samples.into_iter().map(median).collect();
    print(&rows, &medians, rounds);
    if !std::env::args().any(|word| word == "codec") {
        println!("\nsessions, on loopback, client and server in two processes");
        let mut sessions = Command::new(env!("CARGO_BIN_EXE_session"));
        let status = sessions.arg("--targets").env("ROUNDS", "7").status();
        assert!(status.is_ok_and(|status| status.success()), "the sessions were not measured");
    }
    println!("\n{ELSEWHERE}");
}

/// How often a row runs in a round.
fn calibrated(row: &mut Row) -> u64 {
    let mut times = 16;
    loop {
        let elapsed = elapsed(row, times);
        if elapsed > ROUND_NS / 4.0 {
            return ((ROUND_NS / elapsed * times as f64) as u64).max(1);
        }
        times *= 2;
    }
}

fn elapsed(row: &mut Row, times: u64) -> f64 {
    let start = Instant::now();
    (row.run)(times);
    start.elapsed().as_nanos() as f64
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn print(rows: &[Row], medians: &[f64], rounds: usize) {
    println!("medians of {rounds} interleaved rounds; `x hand`: time by that of hand-written code");
    println!("*: the target is one of instructions, and the program `instructions` judges it;");
    println!("   time is held to the same ratio here\n");
    let (mut task, mut limit, mut missed) = ("", f64::NAN, Vec::new());
    for (row, median) in rows.iter().zip(medians) {
        if row.task != task {
            task = row.task;
            println!("{task} ({} bytes)", row.bytes);
        }
        if row.by == By::Hand {
            limit = *median;
        }
        let ratio = median / limit;
        let (mut star, mut verdict) = (" ", String::new());
        if let Some(target) = targets::find(row.task, row.name) {
            let peers = rows.iter().zip(medians);
            let peers = peers.filter(|(row, _)| row.task == task && row.by == By::Peer);
            let fastest = peers.min_by(|(_, one), (_, other)| one.total_cmp(other));
            let kept;
            (verdict, kept) = judged(target, ratio, fastest.map(|(row, by)| (row, median / by)));
            star = if target.timed { " " } else { "*" };
            if !kept {
                missed.push(format!("{task}, {}{}", row.name, star.trim()));
            }
        }
        println!("  {:<20}{star} {median:>9.1} ns {ratio:>7.2} x hand{verdict}", row.name);
    }
    let count = targets::TARGETS.len();
    println!("\n{} of {count} rows miss a target in time: {}", missed.len(), missed.join("; "));
}

/// What is said of a row, and whether all its targets are kept; `fastest` of the other codecs, and
/// the time by its.
fn judged(target: &Target, ratio: f64, fastest: Option<(&Row, f64)>) -> (String, bool) {
    let (mut said, mut kept) = (String::new(), true);
    if target.ratio.is_finite() {
        kept &= ratio <= target.ratio;
        said += &format!(", target <= {:.2}, {}", target.ratio, mark(ratio <= target.ratio));
    }
    if let Some(most) = target.instructions {
        said += &format!(", target {most} instructions*");
    }
    if let Some(more) = target.more {
        said += &format!(", target {more} instructions more*");
    }
    if let Some((peer, ratio)) = fastest {
        kept &= ratio < 1.0;
        said += &format!("; {ratio:.2} x {}, target < 1, {}", peer.name, mark(ratio < 1.0));
    }
    (said, kept)
}
