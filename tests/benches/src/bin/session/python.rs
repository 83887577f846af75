//! Against a client as one writes it in Python: `tests/benches/python/client.py`.

use std::process::{Command, Stdio};
use std::time::Instant;

use longlink::session::limiter::{DialLimiter, DialLimits};
use longlink_benches::rows;

use crate::wire::{Asking, Failure, runtime, session};

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/client.py");

/// Python is installed.
pub fn is_there() -> bool {
    let version = Command::new("python3").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// One figure of the client.
pub fn client(what: &str, port: u16, count: u64) -> Result<f64, Failure> {
    let (port, count) = (port.to_string(), count.to_string());
    let output = Command::new("python3").args(["-B", CLIENT, what, &port, &count]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Bytes of the process's own pages for each idle session, after one that does not count.
pub fn memory(port: u16, count: u64) -> Result<f64, Failure> {
    let limiter =
        DialLimiter::new(DialLimits { rate: 10_000, burst: 256, ..DialLimits::default() });
    runtime(false)?.block_on(async {
        let (first, _inbox) = session(port, || Asking).spawn();
        first.up().await.map_err(|state| format!("{state:?}"))?;
        let (before, mut ends) = (resident()?, Vec::new());
        for _ in 0..count {
            ends.push(session(port, || Asking).limiter(limiter.clone()).spawn());
        }
        for (link, _) in &ends {
            link.up().await.map_err(|state| format!("{state:?}"))?;
        }
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        Ok((resident()? - before) / count as f64)
    })
}

fn resident() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).ok_or("no RssAnon")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
}

/// Nanoseconds for each frame of a row of the scoreboard.
pub fn decode(task: &str, name: &str, count: u64) -> Result<f64, Failure> {
    let mut rows = rows::all();
    let row = rows.iter_mut().find(|row| (row.task, row.name) == (task, name));
    let row = row.ok_or("no such row")?;
    (row.run)(count / 10 + 1);
    let start = Instant::now();
    (row.run)(count);
    Ok(start.elapsed().as_nanos() as f64 / count as f64)
}
