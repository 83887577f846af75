//! redis-server, in RESP2 and RESP3.

use std::process::Command;
use std::time::{Duration, Instant};

use longlink::Auto;
use longlink::session::backoff::Backoff;
use longlink::session::event::{Fatal, Outcome, State};
use longlink::session::inbox::Inbox;
use longlink::session::link::Link;
use longlink::session::settings::Heartbeat;

use self::client::{Client, Options, client, command};
use self::value::Value;
use crate::peers::{Peer, program};
use crate::stay::{Stay, killed, outage};

#[path = "../../examples/redis/client.rs"]
mod client;
#[path = "../../examples/redis/value.rs"]
mod value;

const VERSIONS: [u8; 2] = [2, 3];

/// A server that keeps nothing when it is killed.
fn redis(more: &str) -> Option<Peer> {
    let more = more.to_owned();
    Peer::start("redis-server", "Ready to accept connections", move |port| {
        let mut command = Command::new(program("redis-server"));
        let port = port.to_string();
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.args(more.split_whitespace());
        command
    })
}

fn options(version: u8) -> Options {
    Options { version, ..Options::default() }
}

async fn ask(link: &Link<Client>, words: &[&str]) -> Value {
    link.request(command(words)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_commands_are_answered_in_their_order() {
    let Some(server) = redis("") else { return };
    for version in VERSIONS {
        let (link, _inbox) = client(&server.address(), options(version)).spawn();
        let mut asked = Vec::new();
        for _ in 0..1_000 {
            asked.push(link.request(command(&["INCR", "n"])).accepted().await.unwrap());
        }
        for (asked, expected) in asked.into_iter().zip(1..) {
            assert_eq!(asked.await, Ok(Value::Integer(expected)));
        }
        assert_eq!(ask(&link, &["DEL", "n"]).await, Value::Integer(1));
        assert!(link.drain(Duration::from_secs(5)).await.complete());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_version_has_its_own_answers() {
    let Some(server) = redis("") else { return };
    for version in VERSIONS {
        let (link, _inbox) = client(&server.address(), options(version)).spawn();
        assert_eq!(ask(&link, &["SET", "k", "a\r\nb\0"]).await, Value::Simple("OK".into()));
        assert_eq!(ask(&link, &["GET", "k"]).await, Value::bulk("a\r\nb\0"));
        let old = Value::Bulk { length: Auto::Derived, bytes: None, end: None };
        let nothing = if version == 2 { old } else { Value::Null };
        assert_eq!(ask(&link, &["GET", "none"]).await, nothing);
        assert_eq!(ask(&link, &["HSET", "h", "f", "v"]).await, Value::Integer(1));
        let (field, value) = (Value::bulk("f"), Value::bulk("v"));
        let all = ask(&link, &["HGETALL", "h"]).await;
        match version {
            2 => assert_eq!(all, Value::array(vec![field, value])),
            _ => {
                assert!(
                    matches!(&all, Value::Map { entries, .. } if entries.len() == 1),
                    "{all:?}"
                );
            }
        }
        assert_eq!(ask(&link, &["DEL", "h"]).await, Value::Integer(1));
        let refused = ask(&link, &["NOSUCH"]).await;
        assert!(matches!(&refused, Value::Error(text) if text.starts_with("ERR ")), "{refused:?}");
        // 172 kB of lists in lists.
        let docs = ask(&link, &["COMMAND", "DOCS"]).await;
        match docs {
            Value::Array { items: Some(items), .. } if version == 2 => assert!(items.len() > 400),
            Value::Map { entries, .. } => assert!(entries.len() > 200),
            other => panic!("{other:?}"),
        }
        assert!(link.drain(Duration::from_secs(5)).await.complete());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_link_outlives_five_heartbeats() {
    let stay = Stay::of(Duration::from_secs(30));
    // Clients that say nothing for so long are closed.
    let patience = 2 * stay.beat.as_secs();
    let Some(server) = redis(&format!("--timeout {patience}")) else { return };
    let [old, new] = VERSIONS.map(|version| {
        let heartbeat = Heartbeat::every(stay.beat);
        let session = client(&server.address(), options(version)).heartbeat(heartbeat);
        let stay = &stay;
        async move {
            let (link, mut inbox) = session.spawn();
            // The answers to the heartbeats are nobody else's.
            let speak = async || {
                assert_eq!(ask(&link, &["ECHO", "still"]).await, Value::bulk("still"));
            };
            stay.with("redis", &link, &mut inbox, speak).await;
            assert_eq!(link.statistics().late, 0);
        }
    });
    tokio::join!(old, new);
}

/// A client that hears the messages of a channel.
fn hears(server: &Peer, version: u8) -> (Link<Client>, Inbox<Client>) {
    let (link, inbox) = client(&server.address(), options(version))
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .heartbeat(Heartbeat::every(Duration::from_secs(1)))
        .spawn();
    link.standing(0, command(&["SUBSCRIBE", "news"])).unwrap();
    (link, inbox)
}

/// The payload of the next message.
async fn message(inbox: &mut Inbox<Client>) -> u64 {
    loop {
        let frame = inbox.next_frame().await.unwrap();
        let (Value::Array { items: Some(items), .. } | Value::Push { items, .. }) = &frame else {
            panic!("{frame:?}")
        };
        if frame.name().as_deref() == Some(b"message") {
            let payload = items.get(2).and_then(Value::text).unwrap();
            return str::from_utf8(payload).unwrap().parse().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscriptions_and_sends_outlive_a_killed_server() {
    let Some(mut server) = redis("") else { return };
    let subscribers = VERSIONS.map(|version| {
        let (link, mut inbox) = hears(&server, version);
        let hearing = tokio::spawn(async move {
            let mut heard = Vec::new();
            while heard.last() != Some(&5_001) {
                heard.push(message(&mut inbox).await);
            }
            heard
        });
        (link, hearing)
    });
    // The answers to plain sends come to the inbox; nobody wants them here.
    let (link, _) = client(&server.address(), options(3))
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .spawn();
    // Both hear it.
    while ask(&link, &["PUBLISH", "news", "0"]).await != Value::Integer(2) {}
    let mut receipts = Vec::new();
    for number in 1..=5_000_u64 {
        let publish = command(&["PUBLISH", "news", &number.to_string()]);
        receipts.push(link.send(publish).await.unwrap());
    }
    let kill = Instant::now();
    let times = outage(&mut server, &link).await;
    // What was not committed waits; then the subscribers are there again.
    let heard = loop {
        match link.request(command(&["PUBLISH", "news", "5001"])).await {
            Ok(Value::Integer(2)) => break kill.elapsed(),
            Ok(Value::Integer(_)) | Err(_) => {}
            Ok(other) => panic!("{other:?}"),
        }
    };
    let mut sums = (0, 0);
    for (receipt, number) in receipts.iter().zip(1..) {
        match receipt.settled() {
            Some(Outcome::Acknowledged { .. }) => sums.0 += 1,
            Some(Outcome::Uncertain { epoch: 1 }) => sums.1 += 1,
            other => panic!("message {number}: {other:?}"),
        }
    }
    killed("redis", times, sums);
    println!("both subscribers hear again {heard:?} after the kill");
    for (link, hearing) in subscribers {
        let mut heard = hearing.await.unwrap();
        heard.retain(|number| (1..=5_000).contains(number));
        assert!(heard.is_sorted_by(|one, next| one < next), "in order, and none twice");
        assert!(u64::try_from(heard.len()).unwrap() <= sums.0 + sums.1);
        assert!(link.is_up() && link.epoch() >= 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_fails_for_good() {
    let Some(server) = redis("--requirepass secret") else { return };
    for version in VERSIONS {
        let password = |word: &str| Options { password: Some(word.into()), ..options(version) };
        let (link, _inbox) = client(&server.address(), password("wrong")).spawn();
        let text = "WRONGPASS invalid username-password pair or user is disabled.";
        assert_eq!(link.ended().await, State::Failed(Fatal::Refused(text.into())));
        let (link, _inbox) = client(&server.address(), password("secret")).spawn();
        assert_eq!(ask(&link, &["PING"]).await, Value::Simple("PONG".into()));
    }
}
