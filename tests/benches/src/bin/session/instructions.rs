//! User instructions for each frame, which do not depend on the machine's mood: callgrind over two
//! runs, of N and of 2N frames, and their difference divided by N. The number of polls still varies
//! with the server's pace: figures repeat within a few percent.

use crate::tasks::{Instructions, TASKS, Task};
use crate::{Others, chosen, run};

use crate::wire::Failure;

const VALGRIND: [&str; 3] = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];

/// All rows whose instructions are counted.
pub fn count(names: &[&str]) -> Result<(), Failure> {
    let others = Others::start()?;
    println!("user instructions for each frame or round trip\n");
    for (index, task) in chosen(names, others.broker.as_ref()) {
        let rows = task.rows.iter().enumerate();
        let rows = rows.filter(|(_, row)| row.instructions != Instructions::Uncounted);
        let mut counted = vec![None; task.rows.len()];
        for (row, _) in rows {
            counted[row] = Some(each(&others, (index, row))?);
        }
        if counted.iter().any(Option::is_some) {
            print(task, &counted);
        }
    }
    Ok(())
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

fn print(task: &Task, counted: &[Option<f64>]) {
    println!("{}", task.name);
    for (row, figure) in task.rows.iter().zip(counted) {
        let Some(figure) = figure else { continue };
        let most = match row.instructions {
            Instructions::Most(most) => Some(most),
            Instructions::Below(other) => {
                let of = task.rows.iter().position(|row| row.name == other);
                of.and_then(|of| counted[of])
            }
            Instructions::Counted | Instructions::Uncounted => None,
        };
        let verdict = most.map_or(String::new(), |most| {
            let verdict = if *figure <= most { "reached" } else { "MISSED" };
            format!("  target <= {most:.0}, {verdict}")
        });
        println!("  {:<26} {figure:>8.0}{verdict}", row.name);
    }
}
