//! Fleets over the test kit's network, in paused time.

use tokio::io::AsyncWriteExt;

use super::*;
use crate::event::{CloseReason, Outcome};
use crate::fixture::*;
use crate::limiter::{DialLimiter, DialLimits};
use crate::testkit::{Memory, Network, NetworkListener};

const PLACE: &str = "server:1";

type Ids = Fleet<u32, Player>;

fn fleet(limits: DialLimits) -> (Ids, FleetInbox<u32, Player>, NetworkListener, Network) {
    let network = Network::new();
    let listener = network.listen(PLACE);
    let (fleet, inbox) = Fleet::<u32, Player>::builder()
        .endpoints([PLACE])
        .connector(network.clone())
        .limiter(DialLimiter::new(limits))
        .spawn();
    (fleet, inbox, listener, network)
}

fn add(fleet: &Ids, id: u32) -> Link<Player> {
    fleet.add(id, || std::future::ready(Ok(Player::open()))).unwrap()
}

async fn next_frame(inbox: &mut FleetInbox<u32, Player>) -> (u32, Vec<u8>) {
    loop {
        if let (id, Event::Frame { frame, .. }) = inbox.next().await.unwrap() {
            return (id, frame.body);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn events_say_whose_they_are_and_take_turns() {
    let (fleet, mut inbox, mut listener, _network) = fleet(DialLimits::default());
    let mut peers: Vec<Memory> = Vec::new();
    for id in 0..3 {
        add(&fleet, id).up().await.unwrap();
        peers.push(listener.accept().await);
    }
    assert_eq!((fleet.len(), fleet.up()), (3, 3));
    for text in [b"1", b"2"] {
        for peer in &mut peers {
            peer.write_all(&wire(CHAT, 0, text)).await.unwrap();
        }
    }
    let mut heard = Vec::new();
    for _ in 0..6 {
        heard.push(next_frame(&mut inbox).await);
    }
    let first: Vec<&[u8]> = heard.iter().take(3).map(|(_, body)| body.as_slice()).collect();
    assert_eq!(first, [b"1", b"1", b"1"]);
    for id in 0..3 {
        let own: Vec<&[u8]> =
            heard.iter().filter(|(from, _)| *from == id).map(|(_, body)| body.as_slice()).collect();
        assert_eq!(own, [b"1", b"2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_talks_much_does_not_starve_the_others() {
    let (fleet, mut inbox, mut listener, _network) = fleet(DialLimits::default());
    add(&fleet, 1).up().await.unwrap();
    let mut loud = listener.accept().await;
    add(&fleet, 2).up().await.unwrap();
    let mut quiet = listener.accept().await;
    for _ in 0..100 {
        loud.write_all(&wire(CHAT, 0, b"!")).await.unwrap();
    }
    assert_eq!(next_frame(&mut inbox).await.0, 1);
    quiet.write_all(&wire(CHAT, 0, b"?")).await.unwrap();
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    let until_heard = async {
        let mut loud = 0;
        while next_frame(&mut inbox).await.0 == 1 {
            loud += 1;
        }
        loud
    };
    assert!(until_heard.await <= 2);
}

#[tokio::test(start_paused = true)]
async fn an_id_is_taken_once_and_free_again_after_its_removal() {
    let (fleet, _inbox, _listener, _network) = fleet(DialLimits::default());
    let link = add(&fleet, 7);
    let again = fleet.add(7, || std::future::ready(Ok(Player::open())));
    assert_eq!(again.map(drop), Err(Taken(7)));
    assert_eq!(fleet.get(&7).unwrap().name(), "7");
    fleet.remove(&7).unwrap().close();
    assert_eq!(link.ended().await, crate::event::State::Closed(CloseReason::Requested));
    assert!(fleet.get(&7).is_none() && fleet.is_empty());
    drop(add(&fleet, 7));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_last_session_of_a_dropped_fleet_is_the_end() {
    let (fleet, mut inbox, mut listener, _network) = fleet(DialLimits::default());
    let link = add(&fleet, 1);
    link.up().await.unwrap();
    let _peer = listener.accept().await;
    link.close();
    drop((fleet, link));
    let mut last = None;
    while let Some((id, event)) = inbox.next().await {
        last = Some((id, format!("{event:?}")));
    }
    assert_eq!(last, Some((1, "Closed(Requested)".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn all_are_suspended_and_come_back_at_the_limiters_rate() {
    let limits = DialLimits { rate: 10, burst: 5, ..DialLimits::default() };
    let (fleet, _inbox, mut listener, network) = fleet(limits);
    let mut peers = Vec::new();
    for id in 0..20 {
        add(&fleet, id).up().await.unwrap();
        peers.push(listener.accept().await);
    }
    fleet.suspend();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(fleet.up(), 0);
    let before = network.attempts(PLACE).len();
    let resumed = tokio::time::Instant::now();
    fleet.resume();
    for (_, link) in fleet.links() {
        link.up().await.unwrap();
    }
    let attempts = network.attempts(PLACE);
    assert_eq!(attempts.len() - before, 20);
    let within_a_second = attempts[before..]
        .iter()
        .filter(|at| at.duration_since(resumed) < Duration::from_secs(1))
        .count();
    assert_eq!(within_a_second, 5 + 9);
    assert_eq!(attempts.last().unwrap().duration_since(resumed).as_millis() / 100, 15);
}

#[tokio::test(start_paused = true)]
async fn a_drain_sums_up_what_became_of_everything() {
    let (fleet, _inbox, mut listener, _network) = fleet(DialLimits::default());
    let mut peers = Vec::new();
    for id in 0..3 {
        add(&fleet, id).up().await.unwrap();
        peers.push(listener.accept().await);
    }
    let silent = fleet.get(&0).unwrap().send(note(SURE, b"")).await.unwrap();
    let written = fleet.get(&1).unwrap().send(note(CHAT, b"")).await.unwrap();
    let report = fleet.drain(Duration::from_secs(5)).await;
    assert_eq!(silent.outcome().await, Outcome::Uncertain { epoch: 1 });
    assert_eq!(written.outcome().await, Outcome::Written { epoch: 1 });
    // What was written before the drain began is not part of its report.
    assert_eq!((report.uncertain, report.not_sent), (1, 0));
    assert!(fleet.is_empty());
}
