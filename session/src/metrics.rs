//! What sessions and listeners count, through the facade of the crate `metrics`. Feature `metrics`.
//!
//! Install any recorder (Prometheus, StatsD, …) before the first session starts, and call
//! [`describe`] once for units and help texts. No label says which session: a process may have a
//! hundred thousand of them; [`Link::statistics`](crate::link::Link::statistics) has the same sums
//! for one.
//!
//! | Name | Kind | Labels | Counts |
//! |---|---|---|---|
//! | `longlink_sessions` | gauge | | sessions that exist |
//! | `longlink_sessions_up` | gauge | | of these, logged in |
//! | `longlink_queued_frames` | gauge | | sends accepted that still have their place in a queue |
//! | `longlink_queued_bytes` | gauge | | their bytes |
//! | `longlink_sends_total` | counter | | sends accepted |
//! | `longlink_outcomes_total` | counter | `outcome`: the words of [`Outcome::name`](crate::event::Outcome::name) | sends settled |
//! | `longlink_frames_received_total` | counter | | frames received, the handshake's included |
//! | `longlink_received_bytes_total` | counter | | bytes received |
//! | `longlink_written_bytes_total` | counter | | bytes that the transport accepted |
//! | `longlink_epochs_total` | counter | | logins |
//! | `longlink_failures_total` | counter | | attempts that failed and connections that were lost |
//! | `longlink_downs_total` | counter | `cause`: the words of [`Cause::name`](crate::event::Cause::name) | logged-in connections that ended |
//! | `longlink_heartbeats_total` | counter | | heartbeats sent |
//! | `longlink_late_total` | counter | | replies and acknowledgements that matched nothing |
//! | `longlink_skipped_keys_total` | counter | | sequence numbers left out because their key was taken |
//! | `longlink_discarded_total` | counter | | frames received after the inbox was dropped |
//! | `longlink_malformed_total` | counter | | malformed frames and runs of garbage |
//! | `longlink_stalls_total` | counter | | turns in which user code blocked a session's task |
//! | `longlink_round_trip_seconds` | histogram | | from a request or a heartbeat to its answer: the newest of each turn of the task |
//! | `longlink_login_seconds` | histogram | | from the begin of the dial, or the accept, to the login |
//! | `longlink_epoch_seconds` | histogram | | from the login to the end of the connection |
//! | `longlink_accepted_total` | counter | | connections that a listener accepted |
//! | `longlink_turned_away_total` | counter | `because`: `address`, `full`, `handshakes` | of these, closed at once for its limits |
//! | `longlink_handshakes_failed_total` | counter | | of these, closed before their login |
//!
//! Sums are handed over at the end of each turn of a session's task. The recorder runs there, outside
//! of every lock; it must not block.

mod meter;

use ::metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

pub(crate) use meter::Meter;

/// Every counter: its name, its unit, and what it counts.
const COUNTERS: [(&str, Unit, &str); 17] = [
    ("longlink_sends_total", Unit::Count, "sends accepted"),
    ("longlink_outcomes_total", Unit::Count, "sends settled, by outcome"),
    ("longlink_frames_received_total", Unit::Count, "frames received"),
    ("longlink_received_bytes_total", Unit::Bytes, "bytes received"),
    ("longlink_written_bytes_total", Unit::Bytes, "bytes accepted by the transport"),
    ("longlink_epochs_total", Unit::Count, "logins"),
    ("longlink_failures_total", Unit::Count, "failed attempts and lost connections"),
    ("longlink_downs_total", Unit::Count, "logged-in connections that ended, by cause"),
    ("longlink_heartbeats_total", Unit::Count, "heartbeats sent"),
    ("longlink_late_total", Unit::Count, "replies and acknowledgements that matched nothing"),
    ("longlink_skipped_keys_total", Unit::Count, "sequence numbers left out"),
    ("longlink_discarded_total", Unit::Count, "frames received and given to nobody"),
    ("longlink_malformed_total", Unit::Count, "malformed frames and runs of garbage"),
    ("longlink_stalls_total", Unit::Count, "turns in which user code blocked the task"),
    ("longlink_accepted_total", Unit::Count, "connections accepted"),
    ("longlink_turned_away_total", Unit::Count, "connections closed for a limit, by limit"),
    ("longlink_handshakes_failed_total", Unit::Count, "connections closed before their login"),
];

/// Every gauge.
const GAUGES: [(&str, Unit, &str); 4] = [
    ("longlink_sessions", Unit::Count, "sessions that exist"),
    ("longlink_sessions_up", Unit::Count, "sessions that are logged in"),
    ("longlink_queued_frames", Unit::Count, "frames that have their place in a queue"),
    ("longlink_queued_bytes", Unit::Bytes, "bytes that have their place in a queue"),
];

/// Every histogram.
const HISTOGRAMS: [(&str, Unit, &str); 3] = [
    ("longlink_round_trip_seconds", Unit::Seconds, "from a request or heartbeat to its answer"),
    ("longlink_login_seconds", Unit::Seconds, "from the dial or the accept to the login"),
    ("longlink_epoch_seconds", Unit::Seconds, "from the login to the end of the connection"),
];

/// Tells the recorder that is installed units and help texts of all metrics.
pub fn describe() {
    for (name, unit, says) in COUNTERS {
        describe_counter!(name, unit, says);
    }
    for (name, unit, says) in GAUGES {
        describe_gauge!(name, unit, says);
    }
    for (name, unit, says) in HISTOGRAMS {
        describe_histogram!(name, unit, says);
    }
}

#[cfg(test)]
mod tests;
