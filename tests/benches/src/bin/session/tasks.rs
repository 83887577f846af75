//! What is compared with what, and how far apart it may be.

use crate::one_way::Way;
use crate::server::Ports;
use crate::wire::Failure;
use crate::{dial, echo, mqtt, one_way, python, receive};

/// Rows that are compared with each other.
pub struct Task {
    pub name: &'static str,
    pub unit: Unit,
    /// Both ends on one processor.
    pub pinned: bool,
    /// Frames of one run.
    pub count: u64,
    pub rows: &'static [Row],
}

/// What a run comes out with.
#[derive(Clone, Copy, PartialEq)]
pub enum Unit {
    /// Of the median round trip: less is better.
    Micros,
    /// For each frame: less is better.
    Nanos,
    /// For each session: less is better.
    Bytes,
    /// Frames or messages a second: more is better.
    Rate,
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Self::Micros => "us",
            Self::Nanos => "ns",
            Self::Bytes => "B",
            Self::Rate => "k/s",
        }
    }

    pub fn shown(self, value: f64) -> String {
        match self {
            Self::Micros => format!("{value:.1}"),
            Self::Nanos | Self::Bytes => format!("{value:.0}"),
            Self::Rate => format!("{:.0}", value / 1e3),
        }
    }
}

pub struct Row {
    pub name: &'static str,
    pub run: fn(Ports, u64) -> Result<f64, Failure>,
    /// Ratios to rows of the same task.
    pub targets: &'static [(&'static str, f64)],
    /// The row that may not be faster.
    pub faster: Option<&'static str>,
    /// User instructions for each frame, where they are counted.
    pub instructions: Instructions,
}

impl Row {
    pub fn has_target(&self) -> bool {
        !self.targets.is_empty() || self.faster.is_some()
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Instructions {
    Uncounted,
    Counted,
    /// At most so many.
    Most(f64),
    /// Fewer than those of another row of the task.
    Below(&'static str),
}

const fn row(name: &'static str, run: fn(Ports, u64) -> Result<f64, Failure>) -> Row {
    Row { name, run, targets: &[], faster: None, instructions: Instructions::Uncounted }
}

const fn counted(name: &'static str, run: fn(Ports, u64) -> Result<f64, Failure>) -> Row {
    Row { instructions: Instructions::Counted, ..row(name, run) }
}

pub const TASKS: &[Task] = &[
    Task {
        name: "request and reply, 64 bytes, both ends on one CPU, one thread",
        unit: Unit::Micros,
        pinned: true,
        count: 10_000,
        rows: &[
            counted("raw blocking sockets", |at, count| echo::raw_sockets(at.echo, count)),
            counted("Framed", |at, count| echo::framed(at.echo, count, false)),
            Row {
                targets: &[("raw blocking sockets", 1.30), ("Framed", 1.15)],
                instructions: Instructions::Most(5_000.0),
                ..row("session", |at, count| echo::requests(at.echo, count, false))
            },
        ],
    },
    Task {
        name: "the same, runtime of two threads",
        unit: Unit::Micros,
        pinned: true,
        count: 10_000,
        rows: &[
            row("raw blocking sockets", |at, count| echo::raw_sockets(at.echo, count)),
            row("Framed", |at, count| echo::framed(at.echo, count, true)),
            Row {
                targets: &[("raw blocking sockets", 2.0)],
                ..row("session", |at, count| echo::requests(at.echo, count, true))
            },
        ],
    },
    Task {
        name: "one way, 137 bytes, encoding included",
        unit: Unit::Rate,
        pinned: false,
        count: 500_000,
        rows: &[
            row("raw, 64 KiB at a time", |at, count| one_way::raw_sockets(at.sink, count)),
            counted("outbox", |at, count| one_way::outbox(at.sink, count)),
            counted("Framed, feed, 64 KiB", |at, count| one_way::framed(at.sink, count, false)),
            counted("mpsc and a writer", |at, count| one_way::queue(at.sink, count)),
            Row {
                targets: &[("outbox", 0.85)],
                instructions: Instructions::Most(300.0),
                ..row("session, send_all of 64", |at, count| {
                    one_way::session_of(at.sink, count, Way::All)
                })
            },
            Row {
                targets: &[("outbox", 0.70)],
                instructions: Instructions::Counted,
                ..row("session, feed", |at, count| one_way::session_of(at.sink, count, Way::Feed))
            },
            Row {
                targets: &[("outbox", 0.45)],
                instructions: Instructions::Most(400.0),
                ..row("session, send", |at, count| one_way::session_of(at.sink, count, Way::Send))
            },
        ],
    },
    Task {
        name: "one way, one write for each",
        unit: Unit::Rate,
        pinned: false,
        count: 50_000,
        rows: &[counted("Framed, send", |at, count| one_way::framed(at.sink, count, true))],
    },
    Task {
        name: "receive, 137 bytes",
        unit: Unit::Rate,
        pinned: false,
        count: 1_000_000,
        rows: &[
            row("raw, 64 KiB at a time", |at, count| receive::raw_socket(at.source, count)),
            counted("Framed, 64 KiB", |at, count| receive::framed(at.source, count)),
            counted("Framed, mpsc", |at, count| receive::queue(at.source, count)),
            Row {
                targets: &[("raw, 64 KiB at a time", 0.70)],
                instructions: Instructions::Counted,
                ..row("session, in place", |at, count| receive::in_place(at.source, count))
            },
            Row {
                targets: &[("raw, 64 KiB at a time", 0.35)],
                instructions: Instructions::Counted,
                ..row("session, inbox", |at, count| receive::inbox(at.source, count))
            },
        ],
    },
    Task {
        name: "200 connections, each 64 bytes there and back at a time",
        unit: Unit::Rate,
        pinned: false,
        count: 40_000,
        rows: &[
            row("Framed in a task", |at, count| echo::framed_crowd(at.framed, count)),
            Row {
                targets: &[("Framed in a task", 0.9)],
                ..row("session", |at, count| echo::session_crowd(at.framed, count))
            },
        ],
    },
    Task {
        name: "dial, 5,000 at once, no limiter",
        unit: Unit::Rate,
        pinned: false,
        count: 5_000,
        rows: &[
            row("TcpStream in a task", |at, count| dial::bare(at.framed, count, false)),
            Row {
                targets: &[("TcpStream in a task", 0.5)],
                ..row("session", |at, count| dial::sessions(at.framed, count, false))
            },
        ],
    },
    Task {
        name: "dial again, 5,000 at once, no limiter",
        unit: Unit::Rate,
        pinned: false,
        count: 5_000,
        rows: &[
            row("TcpStream in a task", |at, count| dial::bare(at.framed, count, true)),
            Row {
                targets: &[("TcpStream in a task", 0.5)],
                ..row("session", |at, count| dial::sessions(at.framed, count, true))
            },
        ],
    },
    Task {
        name: "dial, behind a limiter of 1,000 a second",
        unit: Unit::Rate,
        pinned: false,
        count: 2_000,
        rows: &[
            row("what it says", |_, _| Ok(dial::limit())),
            Row {
                targets: &[("what it says", 0.95)],
                ..row("session", |at, count| dial::limited(at.framed, count))
            },
        ],
    },
    Task {
        name: "MQTT, publish, quality 0",
        unit: Unit::Rate,
        pinned: false,
        count: 100_000,
        rows: &[
            counted("rumqttc", |at, count| mqtt::publish_rumqttc(at.broker, count, 0)),
            Row {
                faster: Some("rumqttc"),
                instructions: Instructions::Below("rumqttc"),
                ..row("longlink", |at, count| mqtt::publish(at.broker, count, 0))
            },
        ],
    },
    Task {
        name: "MQTT, publish, quality 1",
        unit: Unit::Rate,
        pinned: false,
        count: 50_000,
        rows: &[
            counted("rumqttc", |at, count| mqtt::publish_rumqttc(at.broker, count, 1)),
            Row {
                faster: Some("rumqttc"),
                instructions: Instructions::Below("rumqttc"),
                ..row("longlink", |at, count| mqtt::publish(at.broker, count, 1))
            },
        ],
    },
    Task {
        name: "MQTT, subscribe, quality 0",
        unit: Unit::Rate,
        pinned: false,
        count: 100_000,
        rows: &[
            counted("rumqttc", |at, count| mqtt::subscribe_rumqttc(at.broker, at.flood, count)),
            Row {
                faster: Some("rumqttc"),
                instructions: Instructions::Below("rumqttc"),
                ..row("longlink", |at, count| mqtt::subscribe(at.broker, at.flood, count))
            },
        ],
    },
    Task {
        name: "Python: own memory of an idle session",
        unit: Unit::Bytes,
        pinned: false,
        count: 5_000,
        rows: &[
            row("Python, 200 threads", |at, _| python::client("memory", at.echo, 200)),
            row("longlink", |at, count| python::memory(at.framed, count)),
        ],
    },
    Task {
        name: "Python: one way, 137 bytes, encoding included",
        unit: Unit::Rate,
        pinned: false,
        count: 100_000,
        rows: &[
            row("Python, sendall", |at, count| python::client("send", at.sink, count)),
            row("longlink, send", |at, count| one_way::session_of(at.sink, count, Way::Send)),
        ],
    },
    Task {
        name: "Python: receive, 137 bytes, taken by another thread or task",
        unit: Unit::Rate,
        pinned: false,
        count: 100_000,
        rows: &[
            row("Python, a list and a lock", |at, count| {
                python::client("receive", at.source, count)
            }),
            row("longlink, inbox", |at, count| receive::inbox(at.source, count)),
        ],
    },
    Task {
        name: "Python: decode a header of 32 bytes",
        unit: Unit::Nanos,
        pinned: false,
        count: 20_000,
        rows: &[
            row("Python, struct", |_, count| python::client("login", 0, count)),
            row("longlink", |_, count| python::decode("M1 decode", "longlink, direct", count)),
        ],
    },
    Task {
        name: "Python: decode a chat of 137 bytes with a CRC",
        unit: Unit::Nanos,
        pinned: false,
        count: 10_000,
        rows: &[
            row("Python, struct", |_, count| python::client("chat", 0, count)),
            row("longlink", |_, count| python::decode("M2 decode, CRC", "longlink", count)),
        ],
    },
    Task {
        name: "Python: decode 256 records in 5,132 bytes",
        unit: Unit::Nanos,
        pinned: false,
        count: 200,
        rows: &[
            row("Python, struct", |_, count| python::client("telemetry", 0, count)),
            row("longlink", |_, count| python::decode("M3 decode", "longlink", count)),
        ],
    },
];
