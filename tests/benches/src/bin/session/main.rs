//! Sessions against what one writes without them, on loopback, client and server in two processes.
//!
//! ```text
//! cargo run --release -p longlink-benches --bin session                     times
//! cargo run --release -p longlink-benches --bin session -- --targets        only those with targets
//! cargo run --release -p longlink-benches --bin session -- --instructions   user instructions; needs valgrind
//! cargo run --release -p longlink-benches --bin session -- --check          the same, of what may not get worse
//! cargo run --release -p longlink-benches --bin session -- --stands         writes that anew: into tests/benches/stands.txt
//! ```
//!
//! Each run of a row is a process of its own. Rounds are interleaved: each runs every row once, so
//! that a busy machine slows all of them down. What counts are the ratios of medians. Words behind
//! the options choose the tasks whose name contains one of them.
#![allow(unreachable_pub, reason = "a program, not a library")]

mod dial;
mod echo;
mod instructions;
mod mqtt;
mod one_way;
mod python;
mod receive;
mod report;
mod server;
mod tasks;
mod wire;

use std::process::{Command, ExitCode, Stdio};

use mqtt::Broker;
use server::{Ports, Server, serve};
use tasks::{Row, TASKS, Task};
use wire::Failure;

/// Medians are taken over so many rounds, unless `ROUNDS` says otherwise; never fewer than 7.
const ROUNDS: usize = 9;
/// What both ends are bound to where a row asks for one processor.
const ONE_CPU: [&str; 3] = ["taskset", "-c", "0"];

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--serve"] => serve()?,
        ["--run", task, row, count, ports] => {
            let ports = Ports::parse(ports).ok_or("ports")?;
            let row = &TASKS[task.parse::<usize>()?].rows[row.parse::<usize>()?];
            println!("{}", (row.run)(ports, count.parse()?)?);
        }
        ["--instructions", ref names @ ..] => instructions::count(names)?,
        ["--check"] => return instructions::check(),
        ["--stands"] => instructions::stands()?,
        ["--targets", ref names @ ..] => compare(names, |row| row.has_target())?,
        ref names => compare(names, |_| true)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Indices of the tasks with one of these words in their names; of all where there is none.
fn chosen(names: &[&str], broker: Option<&Broker>) -> Vec<(usize, &'static Task)> {
    let has_word =
        |task: &Task| names.is_empty() || names.iter().any(|name| task.name.contains(name));
    let has_python = python::is_there();
    let possible = |task: &Task| match task.name {
        name if name.starts_with("MQTT") => broker.is_some(),
        name if name.starts_with("Python") => has_python,
        _ => true,
    };
    TASKS.iter().enumerate().filter(|(_, task)| has_word(task) && possible(task)).collect()
}

/// Both servers and the broker; the one for rows of one processor is bound to it.
struct Others {
    free: Server,
    bound: Option<Server>,
    broker: Option<Broker>,
}

impl Others {
    /// No more than the free server.
    fn alone() -> Result<Self, Failure> {
        Ok(Self { free: Server::start(&[])?, bound: None, broker: None })
    }

    fn start() -> Result<Self, Failure> {
        let (free, bound) = (Server::start(&[])?, Server::start(&ONE_CPU).ok());
        if bound.is_none() {
            println!("taskset is not installed: nothing is bound to one CPU");
        }
        let broker = Broker::start()?;
        if broker.is_none() {
            println!("mosquitto is not installed: no rows of MQTT");
        }
        Ok(Self { free, bound, broker })
    }

    fn ports(&self, pinned: bool) -> Ports {
        let server = self.bound.as_ref().filter(|_| pinned).unwrap_or(&self.free);
        let broker = self.broker.as_ref().map_or(0, |broker| broker.port);
        Ports { broker, ..server.ports }
    }
}

/// One run of a row, in a process of its own; `prefix`: what that process is started by.
fn run(
    prefix: &[&str],
    (task, row): (usize, usize),
    count: u64,
    ports: Ports,
) -> Result<std::process::Output, Failure> {
    let program = std::env::current_exe()?;
    let program = program.to_str().ok_or("the path of this program")?;
    let (task, row) = (task.to_string(), row.to_string());
    let (count, ports) = (count.to_string(), ports.text());
    let own = [program, "--run", &task, &row, &count, &ports];
    let words: Vec<&str> = prefix.iter().copied().chain(own).collect();
    let output = Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(output)
}

/// Times of the tasks of which some row is wanted.
fn compare(names: &[&str], wanted: fn(&Row) -> bool) -> Result<(), Failure> {
    let others = Others::start()?;
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS).max(7);
    println!("medians of {rounds} interleaved rounds\n");
    let mut missed = Vec::new();
    for (index, task) in chosen(names, others.broker.as_ref()) {
        if !task.rows.iter().any(wanted) {
            continue;
        }
        let ports = others.ports(task.pinned);
        let prefix = if task.pinned && others.bound.is_some() { &ONE_CPU[..] } else { &[] };
        let mut samples = vec![Vec::with_capacity(rounds); task.rows.len()];
        for _ in 0..rounds {
            for (row, samples) in samples.iter_mut().enumerate() {
                let output = run(prefix, (index, row), task.count, ports)?;
                samples.push(String::from_utf8(output.stdout)?.trim().parse::<f64>()?);
            }
        }
        missed.extend(report::print(task, samples));
    }
    println!("\n{} rows miss a target: {}", missed.len(), missed.join("; "));
    Ok(())
}
