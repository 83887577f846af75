//! `cargo run --release -p longlink-benches --bin instructions`: instructions and allocations for
//! each frame, which do not depend on the machine's mood. Needs valgrind.
//!
//! - without arguments: all rows;
//! - `--check`: only the limits and longlink, and fails when a row misses its target, or what it has
//!   reached where that is not the target yet, by more than 10 %, or has another number of
//!   allocations.
//!
//! Each figure is the difference of two runs of this program, of N and of 2N frames, divided by N.

use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread;

use longlink_benches::rows::{By, Row, all};
use longlink_benches::targets::{self, Target};

/// What a target may be missed by.
const TOLERANCE: f64 = 1.10;

/// What the difference of two runs may be off by.
const ROUNDING: f64 = 0.01;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["one", index, times] => one(index, times),
        [] => table(false),
        ["--check"] => table(true),
        _ => {
            eprintln!("usage: instructions [--check]");
            ExitCode::FAILURE
        }
    }
}

/// The row of that index, run so often: what valgrind watches.
fn one(index: &str, times: &str) -> ExitCode {
    let (Ok(index), Ok(times)) = (index.parse::<usize>(), times.parse()) else {
        return ExitCode::FAILURE;
    };
    match all().get_mut(index) {
        Some(row) => {
            (row.run)(times);
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}

fn table(check: bool) -> ExitCode {
    let (mut failed, mut missed) = (0, Vec::new());
    let mut limit = f64::NAN;
    let mut task = "";
    let rows = all();
    let measured = measured(&rows, check);
    for (row, figures) in rows.iter().zip(measured) {
        let Some([instructions, allocations]) = figures else { continue };
        if row.task != task {
            task = row.task;
            println!("{task} ({} bytes)", row.bytes);
        }
        if row.by == By::Hand {
            limit = instructions;
        }
        let ratio = instructions / limit;
        let verdict = match targets::find(row.task, row.name) {
            Some(target) => {
                let fails = fails(target, instructions, limit, allocations);
                let kept = !fails && !misses(target, instructions, limit);
                failed += u32::from(fails);
                if !kept {
                    missed.push(format!("{task}, {}", row.name));
                }
                if fails { "FAILS" } else { targets::mark(kept) }
            }
            None => "",
        };
        let wanted = targets::find(row.task, row.name).map_or_else(String::new, wanted);
        let name = row.name;
        println!(
            "  {name:<20} {instructions:>9.1} {ratio:>7.3} x hand {allocations:>5.1} allocations  \
             {wanted} {verdict}",
        );
    }
    println!("\n{} rows miss a target: {}", missed.len(), missed.join("; "));
    if check && failed > 0 {
        println!("{failed} rows miss their targets by more than 10 %");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Instructions and allocations for each frame, of every row that is wanted, in the order of the
/// rows; on all processors, for neither figure depends on what else runs.
fn measured(rows: &[Row], check: bool) -> Vec<Option<[f64; 2]>> {
    let is_wanted = |row: &Row| !check || matches!(row.by, By::Hand | By::Longlink);
    let wanted = rows.iter().enumerate().filter(|(_, row)| is_wanted(row));
    let wanted: Vec<(usize, usize)> = wanted.map(|(index, row)| (index, row.bytes)).collect();
    let queue = Mutex::new(wanted.into_iter());
    let next = || queue.lock().expect("no worker panics while it holds the queue").next();
    let mut measured = vec![None; rows.len()];
    thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            while let Some((index, bytes)) = next() {
                let of = |measure| per_frame(bytes, index, measure);
                done.push((index, [of(instructions), of(allocations)]));
            }
            done
        };
        let count = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            for (index, figures) in worker.join().expect("valgrind runs") {
                measured[index] = Some(figures);
            }
        }
    });
    measured
}

fn wanted(target: &Target) -> String {
    match (target.instructions, target.more) {
        (Some(instructions), _) => format!("target {instructions} instructions,"),
        (None, Some(more)) => format!("target {more} more instructions,"),
        _ => format!("target {} x, {} allocations,", target.ratio, target.allocations),
    }
}

fn misses(target: &Target, instructions: f64, limit: f64) -> bool {
    instructions > target.ratio * limit
        || target.instructions.is_some_and(|most| instructions > most)
        || target.more.is_some_and(|more| instructions > limit + more + ROUNDING)
}

fn fails(target: &Target, instructions: f64, limit: f64, allocations: f64) -> bool {
    let known = target.stands.is_some_and(|stands| instructions <= stands * limit * TOLERANCE);
    (misses(target, instructions / TOLERANCE, limit) && !known)
        || (allocations - target.allocations).abs() > ROUNDING
}

fn per_frame(bytes: usize, index: usize, measure: fn(usize, u64) -> f64) -> f64 {
    let times = match bytes {
        0..1_000 => 500,
        1_000..10_000 => 50,
        _ => 2,
    };
    (measure(index, 2 * times) - measure(index, times)) / times as f64
}

fn instructions(index: usize, times: u64) -> f64 {
    let report = valgrind(&["--tool=callgrind", "--callgrind-out-file=/dev/null"], index, times);
    number_behind(&report, "Collected :")
}

fn allocations(index: usize, times: u64) -> f64 {
    let report = valgrind(&["--tool=memcheck", "--leak-check=no"], index, times);
    number_behind(&report, "total heap usage:")
}

/// What valgrind reports of this program's run.
fn valgrind(options: &[&str], index: usize, times: u64) -> String {
    let program = std::env::current_exe().expect("a program has a path");
    let output = Command::new("valgrind")
        .args(options)
        .arg(program)
        .args(["one", &index.to_string(), &times.to_string()])
        .output()
        .expect("valgrind is installed");
    assert!(output.status.success(), "valgrind failed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn number_behind(report: &str, label: &str) -> f64 {
    let (_, behind) = report.split_once(label).expect("valgrind reports the figure");
    let digits = behind.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == ',');
    let digits: String = digits.filter(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}
