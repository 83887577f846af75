//! `cargo bench -p longlink-benches`: time for each frame, in ratios of one run.
//!
//! Rounds are interleaved: each round runs every row once, so that a busy machine slows all of them
//! down. What counts are the ratios of medians; the figures in nanoseconds are this machine's, today.

use std::time::Instant;

use longlink_benches::rows::{By, Row, all};

/// Medians are taken over so many rounds, unless `ROUNDS` says otherwise.
const ROUNDS: usize = 41;

/// What a row runs in each round.
const ROUND_NS: f64 = 400_000.0;

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
    println!("medians of {rounds} interleaved rounds; `x hand`: time by that of the limit;");
    println!("target of longlink: less than the fastest other codec in the same rounds\n");
    let mut task = "";
    let mut limit = f64::NAN;
    for (row, median) in rows.iter().zip(medians) {
        if row.task != task {
            task = row.task;
            println!("{task} ({} bytes)", row.bytes);
        }
        if row.by == By::Hand {
            limit = *median;
        }
        let peers = rows.iter().zip(medians).filter(|(row, _)| row.task == task);
        let peers = peers.filter(|(row, _)| row.by == By::Peer).map(|(_, median)| *median);
        let target = peers.fold(f64::INFINITY, f64::min);
        let verdict = match row.by {
            By::Longlink if target.is_finite() => {
                let verdict = if *median < target { "reached" } else { "MISSED" };
                format!("  target {:.2} x, {verdict}", target / limit)
            }
            _ => String::new(),
        };
        println!("  {:<20} {median:>9.1} ns {:>7.2} x hand{verdict}", row.name, median / limit);
    }
}
