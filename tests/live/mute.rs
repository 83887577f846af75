//! A server that accepts and never answers.

use std::time::{Duration, Instant};

use longlink::session::backoff::Backoff;
use longlink::session::event::{Cause, State};
use longlink::session::settings::Settings;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::mqtt::client::{Options, client};
use crate::stay::{lasting, row};

#[tokio::test]
async fn a_mute_server_is_left_at_the_deadline_of_the_step_and_dialed_again() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap().to_string();
    let short = Settings {
        step: Duration::from_millis(100),
        backoff: Backoff::fixed(Duration::from_millis(10)),
        ..Settings::default()
    };
    // For long with the deadlines that there are by themselves.
    let settings = if lasting().is_some() { Settings::default() } else { short };
    let settings = Settings { event_log: 64, ..settings };
    let (began, mut dialed) = (Instant::now(), 0);
    let (link, _inbox) = client(&address, Options::new("mute")).settings(settings).spawn();
    // CONNECT comes, and then the end, again and again.
    while dialed < 3 || lasting().is_some_and(|lasting| began.elapsed() < lasting) {
        let (mut accepted, _) = server.accept().await.unwrap();
        let mut heard = Vec::new();
        accepted.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"\x10\x10\x00\x04MQTT\x04\x02\x00\x1e\x00\x04mute");
        dialed += 1;
    }
    let mut attempts = Vec::new();
    for (_, state) in link.history() {
        match state {
            State::Backoff { attempt, cause, .. } => {
                assert_eq!(cause, Cause::HandshakeDeadline);
                attempts.push(attempt);
            }
            other => assert!(!other.is_up() && !other.is_final(), "{other:?}"),
        }
    }
    // The history holds the newest.
    let first = attempts.first().copied().unwrap();
    assert!(attempts.len() >= 3 && attempts.iter().copied().eq((first..).take(attempts.len())));
    row("mute", &format!("dialed={dialed} within={:.1?}", began.elapsed()));
}
