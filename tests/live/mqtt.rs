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
use crate::stay::{Stay, killed, outage, up_again};

#[path = "../../examples/mqtt/client.rs"]
pub(crate) mod client;
#[path = "../../examples/mqtt/packet.rs"]
pub(crate) mod packet;
#[path = "../../examples/mqtt/property.rs"]
pub(crate) mod property;
#[path = "../../examples/mqtt/reason.rs"]
pub(crate) mod reason;

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
    version: u8,
}

/// What a player heard.
#[derive(Default)]
struct Heard {
    numbers: Vec<u64>,
    epochs: Vec<u32>,
    gaps: usize,
}

/// The versions of MQTT, as CONNECT has them.
const VERSIONS: [u8; 2] = [4, 5];

fn options(version: u8, name: &str) -> Options {
    Options { version, ..Options::new(&format!("{name}-{version}")) }
}

fn player(broker: &Peer, number: usize) -> Player {
    let version = if number.is_multiple_of(2) { 4 } else { 5 };
    let topic = format!("load/{number}");
    let (link, inbox) = client(&broker.address(), options(version, &format!("player-{number}")))
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .spawn();
    link.standing(0, subscribe(version, &topic, 1)).unwrap();
    Player { link, hearing: tokio::spawn(hear(inbox)), topic, version }
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
    player: (Link<Client>, String, u8),
    stop: Arc<AtomicBool>,
    begun: oneshot::Sender<()>,
) -> Vec<Receipt> {
    let ((link, topic, version), mut begun) = (player, Some(begun));
    let mut receipts = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let number = u64::try_from(receipts.len()).unwrap().to_be_bytes();
        let message = publish(version, &topic, 1, false, Bytes::copy_from_slice(&number));
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_broker_had_acknowledged_was_heard_and_nothing_twice() {
    let Some(mut broker) = mosquitto() else { return };
    let players: Vec<_> = (0..4).map(|number| player(&broker, number)).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let (mut saying, mut begun) = (Vec::new(), Vec::new());
    for player in &players {
        let (begins, begin) = oneshot::channel();
        let mouth = (player.link.clone(), player.topic.clone(), player.version);
        saying.push(tokio::spawn(say(mouth, stop.clone(), begins)));
        begun.push(begin);
    }
    for begun in begun {
        begun.await.unwrap();
    }
    let times = outage(&mut broker, &players.first().unwrap().link).await;
    for player in &players {
        up_again(&player.link).await;
        // Behind all that waited in the queue meanwhile.
        let last = Bytes::copy_from_slice(&u64::MAX.to_be_bytes());
        let last = publish(player.version, &player.topic, 1, false, last);
        let outcome = player.link.send(last).await.unwrap().outcome().await;
        assert_eq!(outcome, Outcome::Acknowledged { epoch: 2 });
    }
    stop.store(true, Ordering::Relaxed);
    let mut sums = (0, 0);
    for (player, saying) in players.into_iter().zip(saying) {
        let (acknowledged, uncertain) = account(player, saying.await.unwrap()).await;
        sums = (sums.0 + acknowledged, sums.1 + uncertain);
    }
    killed("mqtt", times, sums);
}

/// Drains, and compares what was said, what became of it, and what was heard: how many were
/// acknowledged and how many are uncertain.
async fn account(player: Player, receipts: Vec<Receipt>) -> (u64, u64) {
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
    let heard = u64::try_from(heard.numbers.len()).unwrap();
    assert!(heard <= acknowledged + uncertain, "nobody else said anything");
    // And the one in between.
    assert_eq!((sums.acknowledged, sums.uncertain), (acknowledged + 1, uncertain));
    assert_eq!((sums.accepted, sums.open()), (sums.acknowledged + sums.uncertain, 0));
    (acknowledged, uncertain)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quality_two_arrives_exactly_once_through_cut_connections() {
    let Some(broker) = mosquitto() else { return };
    let (old, new) = (through_cuts(&broker, 4), through_cuts(&broker, 5));
    tokio::join!(old, new);
}

async fn through_cuts(broker: &Peer, version: u8) {
    let proxy = ChaosProxy::start(broker.address().parse().unwrap()).await.unwrap();
    // The broker keeps the session, so that what was half done goes on over the next connection.
    let options = Options { clean: false, ..options(version, "once") };
    let topic = options.client.clone();
    let (link, inbox) = client(&proxy.address().to_string(), options)
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .spawn();
    link.standing(0, subscribe(version, &topic, 2)).unwrap();
    let hearing = tokio::spawn(hear(inbox));
    let mut receipts = Vec::new();
    for epoch in 1..=5 {
        while !matches!(link.up().await, Ok(up) if up >= epoch) {}
        for _ in 0..100 {
            let number = u64::try_from(receipts.len()).unwrap().to_be_bytes();
            let message = publish(version, &topic, 2, false, Bytes::copy_from_slice(&number));
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
    let stay = Stay::of(Duration::from_secs(30));
    let [old, new] = VERSIONS.map(|version| {
        let options = Options { keep_alive: stay.beat, ..options(version, "quiet") };
        let (session, stay) = (client(&broker.address(), options), &stay);
        async move {
            let (link, mut inbox) = session.spawn();
            let speak = async || {
                let said = publish(version, "quiet", 1, false, Bytes::from_static(b"here"));
                let outcome = link.send(said).await.unwrap().outcome().await;
                assert_eq!(outcome, Outcome::Acknowledged { epoch: 1 });
            };
            stay.with("mqtt", &link, &mut inbox, speak).await;
        }
    });
    tokio::join!(old, new);
}

#[tokio::test]
async fn every_quality_goes_both_ways_and_a_goodbye_is_no_death() {
    let Some(broker) = mosquitto() else { return };
    for version in VERSIONS {
        let will = LastWill {
            topic: "all".to_owned(),
            message: Bytes::from_static(b"never said"),
            quality: 1,
            retain: false,
        };
        let (speaker, _) =
            client(&broker.address(), Options { will: Some(will), ..options(version, "speaker") })
                .spawn();
        let (listener, mut inbox) = client(&broker.address(), options(version, "listener")).spawn();
        listener.standing(0, subscribe(version, "all", 2)).unwrap();
        while !matches!(heard(&mut inbox).await.body, Body::SubscribeAck { .. }) {}
        for quality in 0..=2 {
            let said = publish(version, "all", quality, false, Bytes::from(vec![quality]));
            let outcome = speaker.send(said).await.unwrap().outcome().await;
            let expected = match quality {
                0 => Outcome::Written { epoch: 1 },
                _ => Outcome::Acknowledged { epoch: 1 },
            };
            assert_eq!(outcome, expected);
            let Packet { flags, body: Body::Publish { payload, .. }, .. } = heard(&mut inbox).await
            else {
                panic!("no message")
            };
            assert_eq!((flags.quality, &payload[..]), (quality, &[quality][..]));
        }
        assert!(speaker.drain(Duration::from_secs(5)).await.complete());
        // Had the will been published, it would come first.
        let last = publish(version, "all", 1, false, Bytes::from_static(b"last"));
        let outcome = listener.send(last).await.unwrap().outcome().await;
        assert_eq!(outcome, Outcome::Acknowledged { epoch: 1 });
        let next = heard(&mut inbox).await;
        assert!(
            matches!(&next.body, Body::Publish { payload, .. } if payload == "last"),
            "{next:?}"
        );
        assert!(listener.drain(Duration::from_secs(5)).await.complete());
    }
}

async fn heard(inbox: &mut Inbox<Client>) -> Packet {
    inbox.next_frame().await.expect("the session goes on")
}

#[tokio::test]
async fn a_will_and_a_retained_message_reach_who_comes_for_them() {
    let Some(broker) = mosquitto() else { return };
    for version in VERSIONS {
        let will = LastWill {
            topic: "gone".to_owned(),
            message: Bytes::from_static(b"without a word"),
            quality: 1,
            retain: true,
        };
        let mortal = Options { will: Some(will), ..options(version, "mortal") };
        let (mortal, _mortals) = client(&broker.address(), mortal).spawn();
        let said = publish(version, "said", 1, true, Bytes::from_static(b"kept"));
        let said = mortal.send(said).await.unwrap();
        assert_eq!(said.outcome().await, Outcome::Acknowledged { epoch: 1 });
        // Closed without DISCONNECT: the broker publishes the will.
        mortal.close();
        let (heir, mut inbox) = client(&broker.address(), options(version, "heir")).spawn();
        for (key, topic) in [(0, "gone"), (1, "said")] {
            heir.standing(key, subscribe(version, topic, 1)).unwrap();
        }
        let mut all = Vec::new();
        while all.len() < 2 {
            if let Body::Publish { topic, payload, .. } = heard(&mut inbox).await.body {
                all.push((topic, payload));
            }
        }
        all.sort();
        let expected = [("gone", &b"without a word"[..]), ("said", b"kept")];
        assert_eq!(all, expected.map(|(topic, payload)| (topic.to_owned(), payload.into())));
    }
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

#[tokio::test]
async fn a_server_that_gives_a_name_knows_it_again() {
    let Some(broker) = mosquitto() else { return };
    let proxy = ChaosProxy::start(broker.address().parse().unwrap()).await.unwrap();
    let nameless = Options { version: 5, clean: false, ..Options::new("") };
    let (link, mut inbox) = client(&proxy.address().to_string(), nameless)
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .spawn();
    assert!(matches!(inbox.next().await, Some(Event::Up { epoch: 1, resumed: false })));
    proxy.cut();
    assert!(matches!(inbox.next().await, Some(Event::Down { epoch: 1, .. })));
    assert!(matches!(inbox.next().await, Some(Event::Up { epoch: 2, resumed: true })));
    drop(link);
}
