//! mosquitto, a broker of MQTT.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use longlink::Bytes;
use longlink::session::backoff::Backoff;
use longlink::session::event::{Event, Fatal, Outcome, State};
use longlink::session::inbox::Inbox;
use longlink::session::link::Link;
use longlink::session::receipt::Receipt;
use longlink::session::testkit::ChaosProxy;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::client::{Client, LastWill, Options, client, publish, subscribe};
use self::packet::{Body, Packet};
use crate::peers::{Peer, program, scratch};

#[path = "../../examples/mqtt/client.rs"]
pub(crate) mod client;
#[path = "../../examples/mqtt/packet.rs"]
pub(crate) mod packet;

/// A broker that keeps nothing when it is killed, and passes messages on at once however many are
/// not acknowledged: what it has acknowledged it has passed on before.
fn mosquitto() -> Option<Peer> {
    Peer::start("mosquitto", "running", |port| {
        let file = scratch(&format!("mosquitto-{port}.conf"));
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n\
             max_inflight_messages 0\nmax_queued_messages 0\nlog_dest stderr\n"
        );
        std::fs::write(&file, text).expect("a place for the configuration");
        let mut command = Command::new(program("mosquitto"));
        command.arg("-c").arg(file);
        command
    })
}

/// A client that hears its own messages.
struct Player {
    link: Link<Client>,
    hearing: JoinHandle<Heard>,
    topic: String,
}

/// What a player heard.
#[derive(Default)]
struct Heard {
    numbers: Vec<u64>,
    epochs: Vec<u32>,
    gaps: usize,
}

fn player(broker: &Peer, number: usize) -> Player {
    let name = format!("player-{number}");
    let topic = format!("load/{number}");
    let (link, inbox) = client(&broker.address(), Options::new(&name))
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .spawn();
    link.standing(0, subscribe(&topic, 1)).unwrap();
    Player { link, hearing: tokio::spawn(hear(inbox)), topic }
}

async fn hear(mut inbox: Inbox<Client>) -> Heard {
    let mut heard = Heard::default();
    while let Some(event) = inbox.next().await {
        match event {
            Event::Frame { frame: Packet { body: Body::Publish { payload, .. }, .. }, .. } => {
                let number = <[u8; 8]>::try_from(&payload[..]).expect("a number of ours");
                heard.numbers.push(u64::from_be_bytes(number));
            }
            Event::Up { epoch, .. } => heard.epochs.push(epoch),
            Event::Gap { .. } => heard.gaps += 1,
            _ => {}
        }
    }
    heard
}

/// Publishes numbers until it is told to stop. Says when it is well under way.
async fn say(
    player: (Link<Client>, String),
    stop: Arc<AtomicBool>,
    begun: oneshot::Sender<()>,
) -> Vec<Receipt> {
    let ((link, topic), mut begun) = (player, Some(begun));
    let mut receipts = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let number = u64::try_from(receipts.len()).unwrap().to_be_bytes();
        let message = publish(&topic, 1, false, Bytes::copy_from_slice(&number));
        receipts.push(link.send(message).await.unwrap());
        // The queue holds 256: the rest has been committed.
        if receipts.len() == 1_000
            && let Some(begun) = begun.take()
        {
            begun.send(()).unwrap();
        }
    }
    receipts
}

/// Waits for a connection after the first.
async fn up_again(link: &Link<Client>) {
    let mut watch = link.watch();
    while !matches!(watch.next().await, State::Up { epoch: 2.., .. }) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_broker_had_acknowledged_was_heard_and_nothing_twice() {
    let Some(mut broker) = mosquitto() else { return };
    let players: Vec<_> = (0..4).map(|number| player(&broker, number)).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let (mut saying, mut begun) = (Vec::new(), Vec::new());
    for player in &players {
        let (begins, begin) = oneshot::channel();
        let mouth = (player.link.clone(), player.topic.clone());
        saying.push(tokio::spawn(say(mouth, stop.clone(), begins)));
        begun.push(begin);
    }
    for begun in begun {
        begun.await.unwrap();
    }
    broker.kill();
    broker.restart();
    for player in &players {
        up_again(&player.link).await;
        // Behind all that waited in the queue meanwhile.
        let last =
            publish(&player.topic, 1, false, Bytes::copy_from_slice(&u64::MAX.to_be_bytes()));
        let outcome = player.link.send(last).await.unwrap().outcome().await;
        assert_eq!(outcome, Outcome::Acknowledged { epoch: 2 });
    }
    stop.store(true, Ordering::Relaxed);
    for (player, saying) in players.into_iter().zip(saying) {
        account(player, saying.await.unwrap()).await;
    }
}

/// Drains, and compares what was said, what became of it, and what was heard.
async fn account(player: Player, receipts: Vec<Receipt>) {
    player.link.drain(Duration::from_secs(10)).await;
    let sums = player.link.statistics().sends;
    let mut heard = player.hearing.await.unwrap();
    assert_eq!((&heard.epochs[..], heard.gaps), (&[1, 2][..], 1));
    heard.numbers.retain(|number| *number != u64::MAX);
    assert!(heard.numbers.is_sorted_by(|one, next| one < next), "in order, and none twice");
    let (mut acknowledged, mut uncertain) = (0, 0);
    for (number, receipt) in receipts.iter().enumerate() {
        let came = heard.numbers.binary_search(&u64::try_from(number).unwrap()).is_ok();
        match receipt.settled() {
            Some(Outcome::Acknowledged { .. }) => {
                acknowledged += 1;
                assert!(came, "message {number} of {} was acknowledged", player.topic);
            }
            Some(Outcome::Uncertain { epoch: 1 }) => uncertain += 1,
            other => panic!("message {number}: {other:?}"),
        }
    }
    assert!(heard.numbers.len() <= acknowledged + uncertain, "nobody else said anything");
    // And the one in between.
    assert_eq!(sums.acknowledged, u64::try_from(acknowledged).unwrap() + 1);
    assert_eq!(sums.uncertain, u64::try_from(uncertain).unwrap());
    assert_eq!((sums.accepted, sums.open()), (sums.acknowledged + sums.uncertain, 0));
    println!("{}: {acknowledged} acknowledged, {uncertain} uncertain", player.topic);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quality_two_arrives_exactly_once_through_cut_connections() {
    let Some(broker) = mosquitto() else { return };
    let proxy = ChaosProxy::start(broker.address().parse().unwrap()).await.unwrap();
    // The broker keeps the session, so that what was half done goes on over the next connection.
    let options = Options { clean: false, ..Options::new("once") };
    let (link, inbox) = client(&proxy.address().to_string(), options)
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .spawn();
    link.standing(0, subscribe("once", 2)).unwrap();
    let hearing = tokio::spawn(hear(inbox));
    let mut receipts = Vec::new();
    for epoch in 1..=5 {
        while !matches!(link.up().await, Ok(up) if up >= epoch) {}
        for _ in 0..100 {
            let number = u64::try_from(receipts.len()).unwrap().to_be_bytes();
            let message = publish("once", 2, false, Bytes::copy_from_slice(&number));
            receipts.push(link.send(message).resumable().await.unwrap());
        }
        proxy.cut();
    }
    for (number, receipt) in receipts.iter().enumerate() {
        let outcome = receipt.outcome().await;
        assert!(matches!(outcome, Outcome::Acknowledged { .. }), "message {number}: {outcome:?}");
    }
    link.drain(Duration::from_secs(10)).await;
    let mut heard = hearing.await.unwrap();
    heard.numbers.sort_unstable();
    assert_eq!(heard.numbers, (0..500).collect::<Vec<u64>>());
    assert!(heard.epochs.len() > 5, "{:?}", heard.epochs);
    assert_eq!(heard.gaps, 0, "each connection after the first resumed the session");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_link_outlives_five_keep_alives() {
    let Some(broker) = mosquitto() else { return };
    let options = Options { keep_alive: Duration::from_secs(1), ..Options::new("quiet") };
    let (link, mut inbox) = client(&broker.address(), options).spawn();
    while link.statistics().heartbeats < 6 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(matches!(inbox.try_next(), Some(Event::Up { epoch: 1, .. })));
    assert!(inbox.try_next().is_none(), "nothing happened since");
    assert!(matches!(link.state(), State::Up { epoch: 1, .. }));
}

#[tokio::test]
async fn a_will_and_a_retained_message_reach_who_comes_for_them() {
    let Some(broker) = mosquitto() else { return };
    let will = LastWill {
        topic: "gone".to_owned(),
        message: Bytes::from_static(b"without a word"),
        quality: 1,
        retain: true,
    };
    let options = Options { will: Some(will), ..Options::new("mortal") };
    let (mortal, _mortals) = client(&broker.address(), options).spawn();
    let said = mortal.send(publish("said", 1, true, Bytes::from_static(b"kept"))).await.unwrap();
    assert_eq!(said.outcome().await, Outcome::Acknowledged { epoch: 1 });
    // Closed without DISCONNECT: the broker publishes the will.
    mortal.close();
    let (heir, mut inbox) = client(&broker.address(), Options::new("heir")).spawn();
    for (key, topic) in [(0, "gone"), (1, "said")] {
        heir.standing(key, subscribe(topic, 1)).unwrap();
    }
    let mut heard = Vec::new();
    while heard.len() < 2 {
        if let Some(Packet { body: Body::Publish { topic, payload, .. }, .. }) =
            inbox.next_frame().await
        {
            heard.push((topic, payload));
        }
    }
    heard.sort();
    let expected = [("gone", &b"without a word"[..]), ("said", b"kept")];
    assert_eq!(heard, expected.map(|(topic, payload)| (topic.to_owned(), payload.into())));
}

#[tokio::test]
async fn a_refused_client_fails_for_good() {
    let Some(broker) = mosquitto() else { return };
    // MQTT 3.1.1 §3.1.3.1: without a clean session a client must have a name.
    let options = Options { clean: false, ..Options::new("") };
    let (link, _inbox) = client(&broker.address(), options).spawn();
    let refused = Fatal::Refused("client identifier rejected".into());
    assert_eq!(link.ended().await, State::Failed(refused));
}
