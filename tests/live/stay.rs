//! How long links stay, and what all live tests say for the table of `tests/live/table`.

use std::future::Future;
use std::time::{Duration, Instant};

use longlink::session::event::{Event, State};
use longlink::session::{Inbox, Link, Protocol};

use crate::peers::Peer;

/// Links that stay for six heartbeats of one second; with `LONGLINK_STAY=SECONDS` in the environment
/// for so long, with the heartbeats that the protocol has by itself.
pub(crate) struct Stay {
    /// Between two heartbeats.
    pub(crate) beat: Duration,
    lasting: Option<Duration>,
}

/// `LONGLINK_STAY`.
pub(crate) fn lasting() -> Option<Duration> {
    let seconds = std::env::var("LONGLINK_STAY").ok()?;
    Some(Duration::from_secs(seconds.parse().expect("LONGLINK_STAY is a number of seconds")))
}

impl Stay {
    /// `beat`: what the protocol has by itself.
    pub(crate) fn of(beat: Duration) -> Self {
        match lasting() {
            Some(lasting) => Self { beat, lasting: Some(lasting) },
            None => Self { beat: Duration::from_secs(1), lasting: None },
        }
    }

    /// The link lives, over its first connection. For a long time it is quiet for two and a half
    /// heartbeats and speaks for one, in turns; in the short time it is quiet. `speak` asserts that it
    /// is answered.
    pub(crate) async fn with<P: Protocol, F: Future<Output = ()>>(
        &self,
        protocol: &str,
        link: &Link<P>,
        inbox: &mut Inbox<P>,
        mut speak: impl FnMut() -> F,
    ) where
        P::Incoming: std::fmt::Debug,
    {
        let (began, mut spoken, mut turns) = (Instant::now(), 0_u64, 0);
        while self.lasting.is_some_and(|lasting| began.elapsed() < lasting) {
            tokio::time::sleep(self.beat * 5 / 2).await;
            turns += 1;
            let turn = Instant::now();
            while turn.elapsed() < self.beat {
                speak().await;
                spoken += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        let wanted = if self.lasting.is_some() { turns } else { 6 };
        while link.statistics().heartbeats < wanted {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        speak().await;
        let first = inbox.try_next();
        assert!(matches!(first, Some(Event::Up { epoch: 1, .. })), "{first:?}");
        let then = inbox.try_next();
        assert!(then.is_none(), "nothing happened since: {then:?}");
        assert!(matches!(link.state(), State::Up { epoch: 1, .. }), "{:?}", link.state());
        let beats = link.statistics().heartbeats;
        row(protocol, &format!("heartbeats={beats} each={:?} asked={spoken}", self.beat));
    }
}

/// Kills the peer and starts it again: from the kill until it listens, and until the link is up over
/// another connection.
pub(crate) async fn outage<P: Protocol>(peer: &mut Peer, link: &Link<P>) -> (Duration, Duration) {
    let kill = Instant::now();
    peer.kill();
    peer.restart();
    let listens = kill.elapsed();
    up_again(link).await;
    (listens, kill.elapsed())
}

/// Waits for a connection after the first.
pub(crate) async fn up_again<P: Protocol>(link: &Link<P>) {
    let mut watch = link.watch();
    while !matches!(watch.next().await, State::Up { epoch: 2.., .. }) {}
}

/// A line for the table.
pub(crate) fn row(protocol: &str, facts: &str) {
    println!("row {protocol} {facts}");
}

/// The same of an [`outage`], in seconds, and of what became of all that was sent.
pub(crate) fn killed(protocol: &str, (back, up): (Duration, Duration), sums: (u64, u64)) {
    let (back, up) = (back.as_secs_f64(), up.as_secs_f64());
    let (acknowledged, uncertain) = sums;
    let sent = acknowledged + uncertain;
    row(
        protocol,
        &format!(
            "back={back:.3} up={up:.3} sent={sent} acknowledged={acknowledged} \
             uncertain={uncertain}"
        ),
    );
}
