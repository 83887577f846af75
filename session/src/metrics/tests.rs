//! A recorder that remembers, over one session.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use tokio::io::AsyncWriteExt;

use super::*;
use crate::connect::Endpoint;
use crate::event::Event;
use crate::fixture::*;
use crate::limiter::{DialLimiter, DialLimits};
use crate::session::Session;
use crate::testkit::Network;

/// What has been recorded: sums, levels, and of histograms how often.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<BTreeMap<String, f64>>>);

struct Line {
    ledger: Ledger,
    name: String,
}

impl Line {
    fn add(&self, more: f64) {
        *self.ledger.0.lock().unwrap().entry(self.name.clone()).or_default() += more;
    }
}

impl CounterFn for Line {
    fn increment(&self, value: u64) {
        self.add(f64::from(u32::try_from(value).unwrap()));
    }
    fn absolute(&self, _: u64) {}
}

impl GaugeFn for Line {
    fn increment(&self, value: f64) {
        self.add(value);
    }
    fn decrement(&self, value: f64) {
        self.add(-value);
    }
    fn set(&self, _: f64) {}
}

impl HistogramFn for Line {
    fn record(&self, _: f64) {
        self.add(1.0);
    }
}

impl Ledger {
    fn line(&self, key: &Key) -> Arc<Line> {
        let labels: String =
            key.labels().map(|label| format!(" {}={}", label.key(), label.value())).collect();
        Arc::new(Line { ledger: self.clone(), name: format!("{}{labels}", key.name()) })
    }

    fn shown(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        lines.iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }
}

impl Recorder for Ledger {
    fn describe_counter(&self, key: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().insert(key.as_str().to_owned(), 0.0);
    }
    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, says: SharedString) {
        self.describe_counter(key, unit, says);
    }
    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, says: SharedString) {
        self.describe_counter(key, unit, says);
    }
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.line(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.line(key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.line(key))
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_counted_from_its_begin_to_its_end() {
    let ledger = Ledger::default();
    let _recorded = ::metrics::set_default_local_recorder(&ledger);
    let network = Network::new();
    let mut listener = network.listen("server:1");
    let (link, mut inbox) = Session::builder(|| std::future::ready(Ok(Player::open())))
        .endpoint(Endpoint::from("server:1"))
        .connector(network)
        .limiter(DialLimiter::new(DialLimits::default()))
        .spawn();
    link.suspend();
    let written = link.send(note(CHAT, b"12345")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(
        ledger.shown(),
        [
            "longlink_queued_bytes: 12",
            "longlink_queued_frames: 1",
            "longlink_sends_total: 1",
            "longlink_sessions: 1",
        ]
    );
    link.resume();
    let mut peer = listener.accept().await;
    assert!(matches!(inbox.next().await, Some(Event::Up { .. })));
    written.outcome().await;
    let uncertain = link.send(note(SURE, b"")).await.unwrap();
    peer.write_all(&wire(CHAT, 0, b"hi")).await.unwrap();
    assert_eq!(inbox.next_frame().await, Some(note(CHAT, b"hi")));
    assert!(ledger.shown().contains(&"longlink_sessions_up: 1".to_owned()));
    drop(peer);
    uncertain.outcome().await;
    assert!(matches!(inbox.next().await, Some(Event::Down { .. })));
    link.close();
    link.ended().await;
    while inbox.next().await.is_some() {}
    drop((link, inbox));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        ledger.shown(),
        [
            "longlink_downs_total cause=peer_closed: 1",
            "longlink_epoch_seconds: 1",
            "longlink_epochs_total: 1",
            "longlink_failures_total: 1",
            "longlink_frames_received_total: 1",
            "longlink_login_seconds: 1",
            "longlink_outcomes_total outcome=uncertain: 1",
            "longlink_outcomes_total outcome=written: 1",
            "longlink_queued_bytes: 0",
            "longlink_queued_frames: 0",
            "longlink_received_bytes_total: 9",
            "longlink_sends_total: 2",
            "longlink_sessions: 0",
            "longlink_sessions_up: 0",
            "longlink_written_bytes_total: 19",
        ]
    );
}

/// The table in the documentation is what exists.
#[test]
fn every_metric_is_described_and_in_the_table() {
    let ledger = Ledger::default();
    ::metrics::with_local_recorder(&ledger, describe);
    let described: Vec<String> = ledger.0.lock().unwrap().keys().cloned().collect();
    let page = include_str!("../metrics.rs");
    let rows = page.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('`').next());
    let mut listed: Vec<String> = rows.map(str::to_owned).collect();
    listed.sort_unstable();
    assert_eq!(described, listed);
}
