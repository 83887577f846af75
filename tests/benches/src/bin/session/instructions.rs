//! User instructions for each frame, which do not depend on the machine's mood: callgrind over two
//! runs, of N and of 2N frames, and their difference divided by N. The number of polls still varies
//! with the server's pace: figures repeat within a few percent.

use std::process::ExitCode;

use longlink_benches::targets::mark;

use crate::tasks::{Instructions, Row, TASKS, Task};
use crate::wire::Failure;
use crate::{Others, chosen, run};

const VALGRIND: [&str; 3] = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];

/// What a row of the gate may be worse by.
const TOLERANCE: f64 = 1.10;

/// The rows of the gate and what they take, a line each: instructions, then `TASK: ROW`.
const STANDS: &str = include_str!("../../../stands.txt");

/// All rows whose instructions are counted.
pub fn count(names: &[&str]) -> Result<(), Failure> {
    let others = Others::start()?;
    println!("user instructions for each frame or round trip\n");
    let mut missed = Vec::new();
    for (index, task) in chosen(names, others.broker.as_ref()) {
        let rows = task.rows.iter().enumerate();
        let rows = rows.filter(|(_, row)| row.instructions != Instructions::Uncounted);
        let mut counted = vec![None; task.rows.len()];
        for (row, _) in rows {
            counted[row] = Some(each(&others, (index, row))?);
        }
        if counted.iter().any(Option::is_some) {
            missed.extend(print(task, &counted));
        }
    }
    println!("\n{} rows miss a target: {}", missed.len(), missed.join("; "));
    Ok(())
}

/// Those of the gate: fails when one takes 10 % more than its target, or than it took where that
/// was more.
pub fn check() -> Result<ExitCode, Failure> {
    let mut failed = 0;
    println!("user instructions of sessions for each frame or round trip");
    gated(|_, row, stands, figure| {
        let target = most(row);
        let kept = figure <= stands.max(target.unwrap_or(0.0)) * TOLERANCE;
        failed += u32::from(!kept);
        let verdict = match target {
            _ if !kept => "FAILS".to_owned(),
            Some(most) => format!("target {most}, {}", mark(figure <= most)),
            None => String::new(),
        };
        println!("  {:<26} {figure:>8.0}  stands at {stands}  {verdict}", row.name);
    })?;
    if failed > 0 {
        println!("{failed} rows are more than 10 % worse than they stand");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what `tests/benches/stands.txt` should say: a row that takes less than it did stands there.
pub fn stands() -> Result<(), Failure> {
    gated(|task, row, stands, figure| {
        println!("{} {}: {}", stands.min(figure.round()), task.name, row.name);
    })
}

/// Shows every row that stands somewhere, where it stands, and what it takes.
fn gated(mut show: impl FnMut(&Task, &Row, f64, f64)) -> Result<(), Failure> {
    let others = Others::alone()?;
    for line in STANDS.lines() {
        let (stands, name) = line.split_once(' ').ok_or(line)?;
        let rows = TASKS.iter().enumerate().flat_map(|(index, task)| {
            task.rows.iter().enumerate().map(move |(place, row)| (index, task, place, row))
        });
        let mut rows =
            rows.filter(|(_, task, _, row)| name == format!("{}: {}", task.name, row.name));
        let (index, task, place, row) = rows.next().ok_or(line)?;
        show(task, row, stands.parse()?, each(&others, (index, place))?);
    }
    Ok(())
}

fn most(row: &Row) -> Option<f64> {
    match row.instructions {
        Instructions::Most(most) => Some(most),
        _ => None,
    }
}

fn each(others: &Others, (task, row): (usize, usize)) -> Result<f64, Failure> {
    let count = if TASKS[task].pinned { 1_000 } else { 20_000 };
    let collected = |count| {
        let output = run(&VALGRIND, (task, row), count, others.ports(false))?;
        let report = String::from_utf8_lossy(&output.stderr);
        let (_, figure) = report.split_once("Collected :").ok_or("valgrind reports no figure")?;
        let figure = figure.split_whitespace().next().ok_or("no figure")?;
        Ok::<f64, Failure>(figure.parse()?)
    };
    Ok((collected(2 * count)? - collected(count)?) / count as f64)
}

/// Prints the task, and returns the rows that miss a target.
fn print(task: &Task, counted: &[Option<f64>]) -> Vec<String> {
    let mut missed = Vec::new();
    println!("{}", task.name);
    for (row, figure) in task.rows.iter().zip(counted) {
        let Some(figure) = figure else { continue };
        let most = match row.instructions {
            Instructions::Below(other) => {
                let of = task.rows.iter().position(|row| row.name == other);
                of.and_then(|of| counted[of])
            }
            _ => most(row),
        };
        let verdict = most.map_or(String::new(), |most| {
            format!("  target <= {most:.0}, {}", mark(*figure <= most))
        });
        if most.is_some_and(|most| *figure > most) {
            missed.push(format!("{}, {}", task.name, row.name));
        }
        println!("  {:<26} {figure:>8.0}{verdict}", row.name);
    }
    missed
}
