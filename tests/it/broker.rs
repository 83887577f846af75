//! The broker of the example `mqtt`, over connections in memory and in paused time.
#![allow(dead_code, unreachable_pub, reason = "an example; a part is used")]
#![allow(clippy::module_inception, reason = "what is tested has the test's name")]

use std::time::Duration;

use longlink::Bytes;
use longlink::session::State;
use longlink::session::connect::{Connector, Endpoint};
use longlink::session::event::{Fatal, Outcome};
use longlink::session::inbox::Inbox;
use longlink::session::link::Link;
use longlink::session::listener::{Limits, Listener, Serving};
use longlink::session::transport::Transport;
use longlink::testkit::{Network, ScriptedPeer};
use tokio::time::Instant;

use self::broker::Server;
use self::client::{Client, Options, client, publish, subscribe};
use crate::declarations::mqtt as packet;
use crate::declarations::property;
use crate::samples::bytes;
use packet::{Body, Packet};

#[path = "../../examples/mqtt/broker.rs"]
mod broker;
#[path = "../../examples/mqtt/client.rs"]
mod client;
#[path = "../../examples/mqtt/member.rs"]
mod member;
#[path = "../../examples/mqtt/members.rs"]
mod members;
#[path = "../../examples/mqtt/reason.rs"]
mod reason;
#[path = "../../examples/mqtt/topic.rs"]
mod topic;

const PLACE: &str = "broker:1883";

/// A network with a broker.
struct House {
    network: Network,
    serving: Serving<Server>,
}

fn house() -> House {
    let network = Network::new();
    let listener = Listener::over(network.listen(PLACE), Limits::default());
    House { serving: broker::serve(listener), network }
}

impl House {
    fn enter(&self, options: Options) -> (Link<Client>, Inbox<Client>) {
        client(PLACE, options).connector(self.network.clone()).spawn()
    }

    /// A member that has subscribed.
    async fn member(&self, options: Options, topic: &str) -> (Link<Client>, Inbox<Client>) {
        let wish = subscribe(options.version, topic, 2);
        let (link, mut inbox) = self.enter(options);
        link.standing(0, wish).unwrap();
        while !matches!(inbox.next_frame().await.unwrap().body, Body::SubscribeAck { .. }) {}
        (link, inbox)
    }
}

fn named(version: u8, name: &str) -> Options {
    Options { version, ..Options::new(name) }
}

fn said(version: u8, topic: &str, quality: u8, text: &str) -> Packet {
    publish(version, topic, quality, false, Bytes::copy_from_slice(text.as_bytes()))
}

/// The next message: topic, text, quality.
async fn heard(inbox: &mut Inbox<Client>) -> (String, String, u8) {
    loop {
        let Packet { flags, body, .. } = inbox.next_frame().await.unwrap();
        if let Body::Publish { topic, payload, .. } = body {
            return (topic, String::from_utf8(payload.into()).unwrap(), flags.quality);
        }
    }
}

fn message(topic: &str, text: &str, quality: u8) -> (String, String, u8) {
    (topic.to_owned(), text.to_owned(), quality)
}

#[test]
fn filters_match_as_the_standard_says() {
    for (filter, topic, expected) in [
        // The examples of §4.7.1.2, §4.7.1.3 and §4.7.2.
        ("sport/tennis/player1/#", "sport/tennis/player1", true),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true),
        ("sport/#", "sport", true),
        ("#", "a", true),
        ("sport/tennis/+", "sport/tennis/player1", true),
        ("sport/tennis/+", "sport/tennis/player1/ranking", false),
        ("sport/+", "sport", false),
        ("sport/+", "sport/", true),
        ("+/+", "/finance", true),
        ("/+", "/finance", true),
        ("+", "/finance", false),
        ("#", "$SYS/uptime", false),
        ("+/monitor/Clients", "$SYS/monitor/Clients", false),
        ("$SYS/#", "$SYS/uptime", true),
        ("sport", "sports", false),
    ] {
        assert_eq!(topic::matches(filter, topic), expected, "{filter} {topic}");
    }
    let legal = ["#", "+", "a/+/b", "a/#", "/", "+/tennis/#"];
    let illegal = ["", "sport/tennis#", "sport/tennis/#/ranking", "sport+", "a\0"];
    assert!(legal.iter().all(|filter| topic::is_filter(filter)));
    assert!(!illegal.iter().any(|filter| topic::is_filter(filter)));
}

#[tokio::test(start_paused = true)]
async fn every_quality_passes_between_the_versions() {
    let house = house();
    for reads in [4, 5] {
        let (hears, mut inbox) = house.member(named(reads, "hears"), "a/+").await;
        for writes in [4, 5] {
            let (says, _) = house.enter(named(writes, "says"));
            for quality in 0..=2 {
                let sent = says.send(said(writes, "a/b", quality, "hi")).await.unwrap();
                assert_eq!(heard(&mut inbox).await, message("a/b", "hi", quality));
                assert_eq!(
                    matches!(sent.outcome().await, Outcome::Acknowledged { .. }),
                    quality > 0
                );
            }
            assert!(says.drain(Duration::from_secs(1)).await.complete());
        }
        hears.drain(Duration::from_secs(1)).await;
    }
}

/// A raw connection that has sent `connect` and was answered by `answer`.
async fn raw(house: &House, connect: &str, answer: &str) -> ScriptedPeer<Box<dyn Transport>> {
    let place = Endpoint::from(PLACE);
    let mut peer = ScriptedPeer::new(house.network.connect(&place, Duration::MAX).await.unwrap());
    peer.send(&bytes(connect)).await.unwrap();
    peer.expect(&bytes(answer)).await.unwrap();
    peer
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_silent_for_one_and_a_half_keep_alives_is_gone_with_its_will() {
    let house = house();
    let (_heir, mut inbox) = house.member(named(4, "heir"), "gone").await;
    let began = Instant::now();
    // Keep-alive 10 s, client "odd", will "bye" under "gone".
    let connect = "10 1A 0004 4D515454 04 06 000A 0003 6F6464 0004 676F6E65 0003 627965";
    let mut mortal = raw(&house, connect, "20 02 00 00").await;
    assert_eq!(heard(&mut inbox).await, message("gone", "bye", 0));
    assert_eq!(began.elapsed(), Duration::from_secs(15));
    mortal.expect_end().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_takes_the_will_back_unless_it_asks_for_it() {
    let house = house();
    let (_heir, mut inbox) = house.member(named(4, "heir"), "gone").await;
    let connect = "10 1B 0004 4D515454 05 06 0000 00 0001 6D 00 0004 676F6E65 0004";
    let welcome = "20 07 00 00 04 29 00 2A 00";
    let mut quiet = raw(&house, &format!("{connect} 74616365"), welcome).await;
    quiet.send(&bytes("E0 00")).await.unwrap();
    quiet.expect_end().await.unwrap();
    let mut loud = raw(&house, &format!("{connect} 6C6F7564"), welcome).await;
    loud.send(&bytes("E0 01 04")).await.unwrap();
    assert_eq!(heard(&mut inbox).await, message("gone", "loud", 0));
}

#[tokio::test(start_paused = true)]
async fn a_delayed_will_waits_for_who_comes_back() {
    let house = house();
    let (_heir, mut inbox) = house.member(named(5, "heir"), "gone").await;
    // Session expiry 60 s, will delay 20 s.
    let connect = "10 22 0004 4D515454 05 04 0000 05 11 0000003C 0001 6D \
                   05 18 00000014 0004 676F6E65 0001 78";
    drop(raw(&house, connect, "20 07 00 00 04 29 00 2A 00").await);
    tokio::time::sleep(Duration::from_secs(19)).await;
    let again = raw(&house, connect, "20 07 01 00 04 29 00 2A 00").await;
    tokio::time::sleep(Duration::from_secs(40)).await;
    assert!(inbox.try_next().is_none(), "it came back in time");
    let left = Instant::now();
    drop(again);
    assert_eq!(heard(&mut inbox).await, message("gone", "x", 0));
    assert_eq!(left.elapsed(), Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn what_is_half_done_goes_on_over_the_next_connection() {
    let house = house();
    let connect = "10 0D 0004 4D515454 04 00 0000 0001 6D";
    let mut member = raw(&house, connect, "20 02 00 00").await;
    member.send(&bytes("82 06 0001 0001 74 02")).await.unwrap();
    member.expect(&bytes("90 03 0001 02")).await.unwrap();
    let (says, _) = house.enter(named(5, "says"));
    for text in ["a", "b"] {
        drop(says.send(said(5, "t", 2, text)).await.unwrap());
    }
    member.expect(&bytes("34 06 0001 74 0001 61")).await.unwrap();
    member.expect(&bytes("34 06 0001 74 0002 62")).await.unwrap();
    member.send(&bytes("50 02 0001")).await.unwrap();
    member.expect(&bytes("62 02 0001")).await.unwrap();
    drop(member);
    // PUBREL for the first, the second once more.
    let mut member = raw(&house, connect, "20 02 01 00").await;
    member.expect(&bytes("62 02 0001 3C 06 0001 74 0002 62")).await.unwrap();
    member.send(&bytes("70 02 0001 50 02 0002")).await.unwrap();
    member.expect(&bytes("62 02 0002")).await.unwrap();
    member.send(&bytes("70 02 0002")).await.unwrap();
    member.expect_silence(Duration::from_secs(60)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_message_of_quality_two_that_comes_again_is_heard_once() {
    let house = house();
    let (_hears, mut inbox) = house.member(named(4, "hears"), "t").await;
    let connect = "10 0D 0004 4D515454 04 00 0000 0001 6D";
    let mut says = raw(&house, connect, "20 02 00 00").await;
    says.send(&bytes("34 06 0001 74 0007 61")).await.unwrap();
    says.expect(&bytes("50 02 0007")).await.unwrap();
    drop(says);
    let mut says = raw(&house, connect, "20 02 01 00").await;
    says.send(&bytes("3C 06 0001 74 0007 61 62 02 0007 34 06 0001 74 0007 62")).await.unwrap();
    says.expect(&bytes("50 02 0007 70 02 0007 50 02 0007")).await.unwrap();
    assert_eq!(heard(&mut inbox).await, message("t", "a", 2));
    assert_eq!(heard(&mut inbox).await, message("t", "b", 2));
}

#[tokio::test(start_paused = true)]
async fn no_more_messages_are_under_way_than_the_client_bears() {
    let house = house();
    // Receive maximum 1.
    let connect = "10 11 0004 4D515454 05 02 0000 03 21 0001 0001 6D";
    let mut member = raw(&house, connect, "20 07 00 00 04 29 00 2A 00").await;
    member.send(&bytes("82 07 0001 00 0001 74 01")).await.unwrap();
    member.expect(&bytes("90 04 0001 00 01")).await.unwrap();
    let (says, _) = house.enter(named(4, "says"));
    for text in ["a", "b"] {
        says.send(said(4, "t", 1, text)).await.unwrap().outcome().await;
    }
    member.expect(&bytes("32 07 0001 74 0001 00 61")).await.unwrap();
    member.expect_silence(Duration::from_secs(60)).await.unwrap();
    member.send(&bytes("40 02 0001")).await.unwrap();
    member.expect(&bytes("32 07 0001 74 0002 00 62")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_comes_under_a_name_takes_the_session_over() {
    let house = house();
    let (first, _firsts) = house.enter(named(5, "twin"));
    assert_eq!(first.up().await, Ok(1));
    let (second, _seconds) = house.enter(named(5, "twin"));
    // Coming back would end the other in turn.
    assert_eq!(first.ended().await, State::Failed(Fatal::Refused("session taken over".into())));
    assert_eq!(second.up().await, Ok(1));
    assert_eq!(house.serving.connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_name_is_given_to_who_has_none() {
    let house = house();
    let connect = "10 0D 0004 4D515454 05 02 0000 00 0000";
    let name = "12 000A 6C6F6E676C696E6B2D31";
    drop(raw(&house, connect, &format!("20 14 00 00 11 29 00 2A 00 {name}")).await);
    // Version 3.1.1 has no word for it, and needs one for a session that is kept.
    let options = Options { clean: false, ..Options::new("") };
    let (link, _) = house.enter(options);
    let refused = Fatal::Refused("client identifier rejected".into());
    assert_eq!(link.ended().await, State::Failed(refused));
}

#[tokio::test(start_paused = true)]
async fn what_a_client_must_not_send_ends_its_connection_with_the_reason() {
    let house = house();
    let connect = "10 0E 0004 4D515454 05 02 0000 00 0001 6D";
    let welcome = "20 07 00 00 04 29 00 2A 00";
    for (wrong, code) in [
        (connect, 0x82_u8),
        ("30 05 0002 612B 00", 0x90),
        ("30 07 0001 61 03 23 0001", 0x94),
        ("D0 00", 0x82),
    ] {
        let mut peer = raw(&house, connect, welcome).await;
        peer.send(&bytes(wrong)).await.unwrap();
        peer.expect(&[0xE0, 1, code]).await.unwrap();
        peer.expect_end().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_options_of_a_subscription_hold() {
    let house = house();
    let (keeper, _) = house.enter(named(5, "keeper"));
    let kept = publish(5, "t", 1, true, Bytes::from_static(b"kept"));
    keeper.send(kept).await.unwrap().outcome().await;
    let connect = "10 0E 0004 4D515454 05 02 0000 00 0001 6D";
    let mut member = raw(&house, connect, "20 07 00 00 04 29 00 2A 00").await;
    // Nothing retained, the flag as published, not what it says itself; a share is not to be had.
    member.send(&bytes("82 13 0001 00 0001 74 2D 0009 2473686172652F612F 01")).await.unwrap();
    member.expect(&bytes("90 05 0001 00 01 9E")).await.unwrap();
    member.send(&bytes("30 05 0001 74 00 6D")).await.unwrap();
    let more = publish(5, "t", 0, true, Bytes::from_static(b"more"));
    keeper.send(more).await.unwrap().outcome().await;
    member.expect(&bytes("31 08 0001 74 00 6D6F7265")).await.unwrap();
    member.send(&bytes("A2 09 0002 00 0001 74 0001 75")).await.unwrap();
    member.expect(&bytes("B0 05 0002 00 00 11")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_message_expires_on_the_shelf_and_in_the_queue() {
    let house = house();
    let connect = "10 13 0004 4D515454 05 00 0000 05 11 FFFFFFFF 0001 6D";
    let mut member = raw(&house, connect, "20 07 00 00 04 29 00 2A 00").await;
    member.send(&bytes("82 07 0001 00 0001 74 01")).await.unwrap();
    member.expect(&bytes("90 04 0001 00 01")).await.unwrap();
    drop(member);
    let says = "10 0E 0004 4D515454 05 02 0000 00 0001 73";
    let mut says = raw(&house, says, "20 07 00 00 04 29 00 2A 00").await;
    // Retained, quality 1: one for 5 s, one for 100 s.
    says.send(&bytes("33 0D 0001 74 0001 05 02 00000005 6161")).await.unwrap();
    says.expect(&bytes("40 02 0001")).await.unwrap();
    says.send(&bytes("32 0D 0001 74 0002 05 02 00000064 6262")).await.unwrap();
    says.expect(&bytes("40 02 0002")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(40)).await;
    let mut member = raw(&house, connect, "20 07 01 00 04 29 00 2A 00").await;
    member.expect(&bytes("32 0D 0001 74 0001 05 02 0000003C 6262")).await.unwrap();
    member.send(&bytes("82 07 0002 00 0001 74 01")).await.unwrap();
    member.expect(&bytes("90 04 0002 00 01")).await.unwrap();
    member.expect_silence(Duration::from_secs(1)).await.unwrap();
}
