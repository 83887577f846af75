//! JT/T 808: a terminal and its platform.

use std::time::Duration;

use longlink::Frame;
use longlink::codec::Fault;
use longlink::session::event::{Event, Outcome};
use longlink::session::transport::Memory;
use longlink::session::{Inbox, Link, Session};
use longlink::testkit::{Network, NetworkListener, ScriptedPeer};

use self::packet::body::{Missing, Parts};
use self::packet::location::Location;
use self::packet::setting::Setting;
use self::packet::terminal::Authentication;
use self::packet::{Body, Edition, Packet, Reply};
use self::parts::Sent;
use self::platform::{Platform, Shared, open, settings};
use self::sender::Sender;
use self::vehicle::{Terminal, answer, location, picture, terminal};
use crate::declarations::packet;
use crate::samples::encoded;

#[path = "../../../examples/jt808/parts.rs"]
mod parts;
#[path = "../../../examples/jt808/platform.rs"]
mod platform;
#[path = "../../../examples/jt808/sender.rs"]
mod sender;
#[path = "../../../examples/jt808/vehicle.rs"]
mod vehicle;

const PLATFORM: &str = "platform:8808";

fn senders() -> [Sender; 3] {
    [
        Sender::old("013800002011".parse().unwrap(), Edition::Of2011),
        Sender::old("013800002013".parse().unwrap(), Edition::Of2013),
        Sender::new("00000000013800002019".parse().unwrap()),
    ]
}

fn dial(network: &Network, sender: &Sender, sent: &Sent) -> (Link<Terminal>, Inbox<Terminal>) {
    terminal(PLATFORM, sender.clone(), "粤B80808", sent).connector(network.clone()).spawn()
}

/// The platform's end of the next connection.
async fn accept(doors: &mut NetworkListener, depot: &Shared) -> (Link<Platform>, Inbox<Platform>) {
    let protocol = Platform::new(depot);
    let transport = Box::new(doors.accept().await);
    Session::accepted(protocol, transport).settings(settings()).spawn()
}

/// Registration, sign-on, a report, and orders that are answered by their serial numbers; texts in
/// GBK, settings and a picture in parts.
#[tokio::test(start_paused = true)]
async fn a_terminal_of_each_edition_registers_reports_and_obeys() {
    for sender in senders() {
        let (network, depot) = (Network::new(), Shared::default());
        let mut doors = network.listen(PLATFORM);
        let sent = Sent::default();
        let (link, inbox) = dial(&network, &sender, &sent);
        let (server, mut arrived) = accept(&mut doors, &depot).await;
        tokio::spawn(answer(link.clone(), inbox, sender.clone(), sent));
        let receipt = link.send(sender.packet(Body::Location(location(1)))).await.unwrap();
        assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
        let report = arrived.next_frame().await.unwrap();
        assert_eq!((&report.phone, report.version), (&sender.phone, sender.version));
        assert_eq!(report.body, Body::Location(location(1)));

        let asked = server.request(sender.packet(Body::AskLocation)).await.unwrap();
        let Body::LocationReply { location: Location { point, .. }, .. } = asked.body else {
            panic!("{asked:?}")
        };
        assert_eq!(point, location(0).point);
        let list = vec![Setting::report_every(30)];
        let order = Body::Configure { count: longlink::Auto::Derived, settings: list };
        let done = server.request(sender.packet(order)).await.unwrap();
        assert!(matches!(done.body, Body::TerminalReply(Reply { message: 0x8103, result: 0, .. })));
        let all = server.request(sender.packet(Body::AskSettings)).await.unwrap();
        let Body::Settings { settings, .. } = all.body else { panic!("{all:?}") };
        assert_eq!(settings, (0..200).map(Setting::report_every).collect::<Vec<_>>());

        let sent = picture(&sender, 7, 6_000);
        drop(link.send(sender.packet(sent.clone())).await.unwrap());
        assert_eq!(arrived.next_frame().await.unwrap().body, sent);
    }
}

/// Three parts of 1,023 bytes each and one of the rest, numbered one behind the other.
#[tokio::test(start_paused = true)]
async fn a_picture_goes_in_parts_behind_the_reports_before_it() {
    let [_, sender, _] = senders();
    let network = Network::new();
    let mut doors = network.listen(PLATFORM);
    let (link, _inbox) = dial(&network, &sender, &Sent::default());
    let mut peer = ScriptedPeer::new(doors.accept().await);
    let first = sign_on(&mut peer, &sender).await;
    drop(link.send(sender.packet(Body::Location(location(1)))).await.unwrap());
    drop(link.send(sender.packet(picture(&sender, 7, 4_000))).await.unwrap());
    let mut seen = Vec::new();
    for _ in 0..5 {
        let packet: Packet = peer.receive().await.unwrap();
        seen.push((packet.serial - first, packet.part.map(|part| (part.index, part.total))));
    }
    let part = |index| Some((index, 4));
    assert_eq!(seen, [(1, None), (2, part(1)), (3, part(2)), (4, part(3)), (5, part(4))]);
}

/// Parts two and three are asked for again: they come as they were, and the numbers go on behind.
#[tokio::test(start_paused = true)]
async fn parts_that_are_asked_for_come_again_as_they_were() {
    for sender in senders() {
        let (network, sent) = (Network::new(), Sent::default());
        let mut doors = network.listen(PLATFORM);
        let (link, inbox) = dial(&network, &sender, &sent);
        tokio::spawn(answer(link.clone(), inbox, sender.clone(), sent));
        let mut peer = ScriptedPeer::new(doors.accept().await);
        sign_on(&mut peer, &sender).await;
        drop(link.send(sender.packet(picture(&sender, 7, 4_000))).await.unwrap());
        let mut parts = Vec::new();
        for _ in 0..4 {
            parts.push(peer.receive::<Packet>().await.unwrap());
        }
        let missing = Missing { first: parts[0].serial, parts: indices(&sender, vec![2, 3]) };
        peer.send_frame(&sender.packet(Body::OrderParts(missing))).await.unwrap();
        for part in &parts[1..3] {
            assert_eq!(peer.receive::<Packet>().await.unwrap(), *part);
        }
        drop(link.send(sender.packet(Body::Location(location(1)))).await.unwrap());
        let report: Packet = peer.receive().await.unwrap();
        assert_eq!((report.serial, report.part), (parts[3].serial + 1, None));
    }
}

fn indices(sender: &Sender, indices: Vec<u16>) -> Parts {
    match sender.version {
        Some(_) => Parts::Of2019(indices),
        None => Parts::Of2013(indices),
    }
}

/// The second and the third part have wrong check bytes: the platform asks for them when the last
/// one has come, and has the whole when they have.
#[tokio::test(start_paused = true)]
async fn the_platform_asks_for_the_parts_that_it_could_not_read() {
    let [_, old, new] = senders();
    for sender in [old, new] {
        let (ours, theirs) = Memory::pair(1 << 16);
        let depot = Shared::default();
        open(&depot).know("token", Edition::Of2013);
        let session = Session::accepted(Platform::new(&depot), Box::new(theirs));
        let (_server, mut arrived) = session.settings(settings()).spawn();
        let mut peer = ScriptedPeer::new(ours);
        let token = "token".to_owned();
        let (imei, software) = ("860000000000001".into(), "1.0".into());
        let sign = match sender.version {
            None => Authentication::Token(token),
            Some(_) => Authentication::Of2019 { token, imei, software },
        };
        peer.send_frame(&sender.packet(Body::Authenticate(sign))).await.unwrap();
        peer.receive::<Packet>().await.unwrap();

        let whole = picture(&sender, 7, 4_000);
        let mut parts = sender.packet(whole.clone()).split(&sender.context()).unwrap();
        // The second picture does not go on in the first, which is whole.
        for (serial, wrong) in [(100, vec![2, 3]), (200, vec![1])] {
            parts.iter_mut().zip(serial..).for_each(|(part, serial)| part.serial = serial);
            for (part, index) in parts.iter().zip(1..) {
                let mut frame = encoded(part);
                let check = frame.len() - 2;
                frame[check] ^= u8::from(wrong.contains(&index));
                peer.send(&frame).await.unwrap();
            }
            let asked: Packet = peer.receive().await.unwrap();
            let missing = Missing { first: serial, parts: indices(&sender, wrong.clone()) };
            assert_eq!(asked.body, Body::OrderParts(missing));
            for index in wrong {
                peer.send_frame(&parts[usize::from(index) - 1]).await.unwrap();
            }
            let answer: Packet = peer.receive().await.unwrap();
            assert_eq!(answer.body, Body::MultimediaReply { id: 7, missing: None });
            assert_eq!(arrived.next_frame().await.unwrap().body, whole);
        }
    }
}

/// Lets a terminal in; the serial number of its sign-on.
async fn sign_on(peer: &mut ScriptedPeer<Memory>, sender: &Sender) -> u16 {
    let packet: Packet = peer.receive().await.unwrap();
    assert!(matches!(packet.body, Body::Register(_)));
    let body = Body::Registered { serial: packet.serial, result: 0, token: "token".into() };
    peer.send_frame(&sender.packet(body)).await.unwrap();
    let packet: Packet = peer.receive().await.unwrap();
    let Body::Authenticate(Authentication::Token(token) | Authentication::Of2019 { token, .. }) =
        packet.body
    else {
        panic!("{packet:?}")
    };
    assert_eq!(token, "token");
    let reply = Reply { serial: packet.serial, message: 0x0102, result: 0 };
    peer.send_frame(&sender.packet(Body::PlatformReply(reply))).await.unwrap();
    packet.serial
}

#[tokio::test(start_paused = true)]
async fn heartbeats_keep_an_idle_terminal_up() {
    let [_, sender, _] = senders();
    let (network, depot) = (Network::new(), Shared::default());
    let mut doors = network.listen(PLATFORM);
    let (link, _inbox) = dial(&network, &sender, &Sent::default());
    let (_server, _arrived) = accept(&mut doors, &depot).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    let statistics = link.statistics();
    assert!((10..=12).contains(&statistics.heartbeats), "{}", statistics.heartbeats);
    assert!(link.is_up());
    assert_eq!(link.epoch(), 1);
}

/// The platform closes while reports are under way: each of them has its outcome, and the terminal
/// signs on again with what it was given, without registering.
#[tokio::test(start_paused = true)]
async fn every_report_has_its_outcome_when_the_platform_closes() {
    let [_, sender, _] = senders();
    let network = Network::new();
    let mut doors = network.listen(PLATFORM);
    let (link, _inbox) = dial(&network, &sender, &Sent::default());
    let mut peer = ScriptedPeer::new(doors.accept().await);
    sign_on(&mut peer, &sender).await;
    let mut receipts = Vec::new();
    for step in 0..40 {
        receipts.push(link.send(sender.packet(Body::Location(location(step)))).await.unwrap());
    }
    // Ten are answered, then the platform is gone.
    for _ in 0..10 {
        let report: Packet = peer.receive().await.unwrap();
        let reply = Reply { serial: report.serial, message: 0x0200, result: 0 };
        peer.send_frame(&sender.packet(Body::PlatformReply(reply))).await.unwrap();
    }
    while receipts[9].settled().is_none() {
        tokio::task::yield_now().await;
    }
    let left = tokio::time::Instant::now();
    drop(peer);
    let mut peer = ScriptedPeer::new(doors.accept().await);
    let again: Packet = peer.receive().await.unwrap();
    let Body::Authenticate(Authentication::Token(token)) = again.body else { panic!("{again:?}") };
    assert_eq!(token, "token");
    // The backoff is fixed at 3 s.
    assert_eq!(left.elapsed().as_secs(), 3);
    let reply = Reply { serial: again.serial, message: 0x0102, result: 0 };
    peer.send_frame(&sender.packet(Body::PlatformReply(reply))).await.unwrap();
    for step in 40..50 {
        receipts.push(link.send(sender.packet(Body::Location(location(step)))).await.unwrap());
    }
    for _ in 0..10 {
        let report: Packet = peer.receive().await.unwrap();
        let reply = Reply { serial: report.serial, message: 0x0200, result: 0 };
        peer.send_frame(&sender.packet(Body::PlatformReply(reply))).await.unwrap();
    }
    let mut outcomes = Vec::new();
    for receipt in receipts {
        outcomes.push(receipt.outcome().await);
    }
    let expected = [
        vec![Outcome::Acknowledged { epoch: 1 }; 10],
        vec![Outcome::Uncertain { epoch: 1 }; 30],
        vec![Outcome::Acknowledged { epoch: 2 }; 10],
    ];
    assert_eq!(outcomes, expected.concat());
}

/// A wrong check byte is reported and passed over; the third in a row ends the connection.
#[tokio::test(start_paused = true)]
async fn wrong_check_bytes_are_passed_over_until_the_third_in_a_row() {
    let [_, sender, _] = senders();
    let (ours, theirs) = Memory::pair(1 << 16);
    let depot = Shared::default();
    let (_server, mut arrived) =
        Session::accepted(Platform::new(&depot), Box::new(theirs)).settings(settings()).spawn();
    let mut peer = ScriptedPeer::new(ours);
    open(&depot).know("token", Edition::Of2013);
    let token = Authentication::Token("token".into());
    peer.send_frame(&sender.packet(Body::Authenticate(token))).await.unwrap();
    peer.receive::<Packet>().await.unwrap();
    assert!(matches!(arrived.next().await, Some(Event::Up { .. })));

    let good = encoded(&sender.packet(Body::Location(location(1))));
    let mut bad = good.clone();
    let check = bad.len() - 2;
    bad[check] ^= 1;
    for frame in [&bad, &bad, &good, &bad, &bad, &bad] {
        peer.send(frame).await.unwrap();
    }
    let mut seen = Vec::new();
    while let Some(event) = arrived.next().await {
        match event {
            Event::Malformed { bad, .. } => seen.push(Err(bad.error.fault)),
            Event::Frame { frame, .. } => seen.push(Ok(frame.body)),
            _ => {}
        }
    }
    let wrong = || Err(Fault::Checksum);
    let report = Ok(Body::Location(location(1)));
    assert_eq!(seen, [wrong(), wrong(), report, wrong(), wrong(), wrong()]);
}
