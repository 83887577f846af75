//! Frames that wait for their answers one at a time, heartbeats among them.

use super::guard::{PLACE, session};
use super::room::Takes;
use super::*;
use crate::settings::{Bounds, Heartbeat};

fn settings() -> Settings {
    let heartbeat = Heartbeat::every(Duration::from_secs(3)).jitter(0.0);
    Settings { pending: 1, heartbeat, ..Settings::default() }
}

fn player() -> Player {
    Player { alive_awaits: true, ..Player::default() }
}

/// The session gives way when it has handed the reply over. The heartbeat waits neither for the next
/// byte, nor behind the next request, which is queued already.
#[tokio::test(start_paused = true)]
async fn a_heartbeat_that_waits_goes_when_its_place_is_free() {
    let (link, _inbox, mut listener) = start(player(), settings());
    let mut peer = welcome(&mut listener).await;
    let asking = [1, 2].map(|id| {
        let link = link.clone();
        tokio::spawn(async move { link.request(note(QUESTION, &[id])).await.unwrap() })
    });
    let asked = read_note(&mut peer).await;
    // Before the timer that gives buffers back.
    sleep(Duration::from_millis(3_500)).await;
    peer.write_all(&wire(REPLY, asked.sequence, b"!")).await.unwrap();
    let answered = Instant::now();
    let beat = read_note(&mut peer).await;
    assert_eq!((beat.kind, answered.elapsed()), (ALIVE, Duration::ZERO));
    peer.write_all(&wire(ACKNOWLEDGEMENT, beat.sequence, b"")).await.unwrap();
    let asked = read_note(&mut peer).await;
    peer.write_all(&wire(REPLY, asked.sequence, b"!")).await.unwrap();
    for asking in asking {
        assert_eq!(asking.await.unwrap().body, b"!");
    }
    assert_eq!(link.statistics().heartbeats, 1);
}

/// A producer fills the queue while the heartbeat has the only place: its answer must be read.
#[tokio::test(start_paused = true)]
async fn a_full_queue_behind_a_heartbeat_does_not_keep_its_answer_from_being_read() {
    let outbound = Bounds { frames: 3, reserved: 1, ..Settings::default().outbound };
    let network = Network::new();
    let mut listener = network.listen(PLACE);
    let settings = Settings { outbound, ..settings() };
    let link = session(player(), &network).settings(settings).spawn_with(Takes);
    let mut peer = welcome(&mut listener).await;
    let beat = read_note(&mut peer).await;
    assert_eq!(beat.kind, ALIVE);
    let receipts = [1, 2].map(|id| link.try_send(note(SURE, &[id])).unwrap());
    sleep(Duration::from_millis(1)).await;
    let began = Instant::now();
    peer.write_all(&wire(ACKNOWLEDGEMENT, beat.sequence, b"")).await.unwrap();
    for receipt in &receipts {
        let sure = read_note(&mut peer).await;
        peer.write_all(&wire(ACKNOWLEDGEMENT, sure.sequence, b"")).await.unwrap();
        assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
}
