//! What longlink must reach, in instructions, allocations and time.

/// For one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    pub task: &'static str,
    pub name: &'static str,
    /// Instructions, and time, by those of the limit.
    pub ratio: f64,
    /// Whether the ratio is one of time in the first place.
    pub timed: bool,
    /// Instructions, whatever the limit takes.
    pub instructions: Option<f64>,
    /// Instructions more than the limit takes.
    pub more: Option<f64>,
    /// Where the row stands while it misses its ratio: it may not get worse.
    pub stands: Option<f64>,
    /// Allocations for each frame.
    pub allocations: f64,
}

const fn target(task: &'static str, name: &'static str, ratio: f64, allocations: f64) -> Target {
    let (instructions, more, stands) = (None, None, None);
    Target { task, name, ratio, timed: false, instructions, more, stands, allocations }
}

const fn timed(task: &'static str, ratio: f64, allocations: f64) -> Target {
    Target { timed: true, ..target(task, "longlink", ratio, allocations) }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        instructions: Some(480.0),
        ..target("CRC-16 of 135 bytes", "longlink", f64::INFINITY, 0.0)
    },
    Target {
        more: Some(4.0),
        ..target("a byte of two bit fields", "longlink", f64::INFINITY, 0.0)
    },
    target("M1 decode", "longlink, direct", 1.05, 0.0),
    target("M1 decode", "longlink, nom", 1.20, 0.0),
    target("M1 encode", "longlink", 1.10, 0.0),
    target("M2 decode, CRC", "longlink", 1.03, 6.0),
    target("M2 decode", "longlink", 1.03, 6.0),
    target("M2 decode, borrowed, CRC", "longlink", 1.15, 0.0),
    target("M2 decode, borrowed", "longlink", 1.15, 0.0),
    target("M2 encode, CRC", "longlink", 1.05, 0.0),
    target("M2 encode", "longlink", 1.05, 0.0),
    target("M3 decode", "longlink", 1.05, 1.0),
    target("M3 decode, checks", "longlink", 1.40, 1.0),
    target("M3 encode", "longlink", 1.10, 0.0),
    Target {
        instructions: Some(90.0),
        ..target("stream, in place", "longlink", f64::INFINITY, 0.0)
    },
    // References are counted as often as by hand; `LengthDelimitedCodec` takes 1.97.
    timed("stream, owned", 1.10, 0.0),
    timed("stream, lazy decode, CRC", 1.15, 0.0),
    timed("64 KiB, byte by byte", 2.0, 0.0),
    timed("delimiters, nothing escaped", 1.20, 1.0),
    timed("delimiters, 9 bytes escaped", 1.20, 2.0),
];

/// What is printed behind a target.
pub fn mark(kept: bool) -> &'static str {
    if kept { "reached" } else { "MISSED" }
}

/// The target of that row.
pub fn find(task: &str, name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.task == task && target.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{By, all};

    #[test]
    fn each_row_of_ours_has_a_target_and_each_target_a_row() {
        let rows = all();
        for row in rows.iter().filter(|row| row.by == By::Longlink) {
            assert!(find(row.task, row.name).is_some(), "{} {}", row.task, row.name);
        }
        for target in TARGETS {
            let found = rows.iter().any(|row| (row.task, row.name) == (target.task, target.name));
            assert!(found, "{target:?}");
        }
    }
}
