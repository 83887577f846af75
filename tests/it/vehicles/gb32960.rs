//! GB/T 32960: a vehicle and its platform.

use std::time::Duration;

use longlink::codec::Fault;
use longlink::session::event::{Event, Outcome};
use longlink::session::transport::Memory;
use longlink::session::{Inbox, Link, Session};
use longlink::testkit::{Network, NetworkListener, ScriptedPeer};

use self::message::command::{Order, Parameter, Question};
use self::message::{Body, COMMAND, Message};
use self::platform::Platform;
use self::vehicle::{Car, car, done, message as made, report, time};
use crate::declarations::gb32960 as message;
use crate::samples::encoded;

#[path = "../../../examples/gb32960/platform.rs"]
mod platform;
#[path = "../../../examples/gb32960/vehicle.rs"]
mod vehicle;

const PLATFORM: &str = "platform:32960";
const NUMBER: &str = "LVAV2MAB0JE000001";

fn dial(network: &Network) -> (Link<Car>, Inbox<Car>) {
    car(PLATFORM, NUMBER).connector(network.clone()).spawn()
}

/// The platform's end of the next connection.
async fn accept(doors: &mut NetworkListener) -> (Link<Platform>, Inbox<Platform>) {
    let protocol = Platform::default();
    Session::accepted(protocol, Box::new(doors.accept().await)).spawn()
}

/// Login, all nine data units, and what the platform asks, sets and orders; answers are told apart
/// by their time.
#[tokio::test(start_paused = true)]
async fn a_vehicle_logs_in_reports_and_obeys() {
    let network = Network::new();
    let mut doors = network.listen(PLATFORM);
    let (link, _inbox) = dial(&network);
    let (server, mut arrived) = accept(&mut doors).await;
    let receipt = link.send(made(NUMBER, COMMAND, report(1, false))).await.unwrap();
    assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
    assert_eq!(arrived.next_frame().await.unwrap().body, report(1, false));

    let question = |second| Body::Query(Question { time: time(second), ids: vec![1, 2] });
    let (first, second) = tokio::join!(
        server.request(made(NUMBER, COMMAND, question(1))),
        server.request(made(NUMBER, COMMAND, question(2))),
    );
    for (answer, second) in [(first, 1), (second, 2)] {
        let Body::Parameters(all) = answer.unwrap().body else { panic!("no parameters") };
        let list = [Parameter::StorePeriod(5_000), Parameter::ReportPeriod(30)];
        assert_eq!((all.time, &all.list[..]), (time(second), &list[..]));
    }
    let order = Order::Alarm { level: 1, message: "battery is hot".into() };
    let order = Body::Control { time: time(3), command: longlink::Auto::Derived, order };
    let answer = server.request(made(NUMBER, COMMAND, order)).await.unwrap();
    assert!(matches!(answer.body, Body::Done { command: 0x82, .. }), "{answer:?}");
    let answer = link.request(made(NUMBER, COMMAND, Body::AskTime)).await.unwrap();
    assert_eq!(answer.body, Body::Time(time(0)));
}

#[tokio::test(start_paused = true)]
async fn heartbeats_keep_an_idle_vehicle_up() {
    let network = Network::new();
    let mut doors = network.listen(PLATFORM);
    let (link, _inbox) = dial(&network);
    let (_server, _arrived) = accept(&mut doors).await;
    tokio::time::sleep(Duration::from_secs(300)).await;
    let heartbeats = link.statistics().heartbeats;
    assert!((10..=12).contains(&heartbeats), "{heartbeats}");
    assert_eq!((link.is_up(), link.epoch()), (true, 1));
}

/// The platform closes while reports are under way: each has its outcome, and what is uncertain is
/// reported again as a late one.
#[tokio::test(start_paused = true)]
async fn every_report_has_its_outcome_when_the_platform_closes() {
    let network = Network::new();
    let mut doors = network.listen(PLATFORM);
    let (link, _inbox) = dial(&network);
    let mut peer = ScriptedPeer::new(doors.accept().await);
    answer(&mut peer).await;
    let mut receipts = Vec::new();
    for second in 0..20 {
        receipts.push(link.send(made(NUMBER, COMMAND, report(second, false))).await.unwrap());
    }
    for _ in 0..8 {
        answer(&mut peer).await;
    }
    while receipts[7].settled().is_none() {
        tokio::task::yield_now().await;
    }
    drop(peer);
    let mut peer = ScriptedPeer::new(doors.accept().await);
    answer(&mut peer).await;
    let mut outcomes = Vec::new();
    for receipt in &receipts {
        outcomes.push(receipt.settled());
    }
    let expected = [
        vec![Some(Outcome::Acknowledged { epoch: 1 }); 8],
        vec![Some(Outcome::Uncertain { epoch: 1 }); 12],
    ];
    assert_eq!(outcomes, expected.concat());
    for second in 8..20 {
        let late = made(NUMBER, COMMAND, report(second, true));
        let (outcome, received) = tokio::join!(link.request(late), answer(&mut peer));
        assert!(matches!(outcome.unwrap().body, Body::Done { command: 0x03, .. }));
        assert_eq!(received.body, report(second, true));
    }
}

/// Answers the next message.
async fn answer(peer: &mut ScriptedPeer<Memory>) -> Message {
    let received: Message = peer.receive().await.unwrap();
    // "Done" is written alike in both directions.
    peer.send_frame(&made(NUMBER, 0x01, done(&received).unwrap())).await.unwrap();
    received
}

/// A wrong check byte is reported, and the next frame found.
#[tokio::test(start_paused = true)]
async fn wrong_check_bytes_are_passed_over() {
    let (ours, theirs) = Memory::pair(1 << 16);
    let protocol = Platform::default();
    let (_server, mut arrived) = Session::accepted(protocol, Box::new(theirs)).spawn();
    let mut peer = ScriptedPeer::new(ours);
    let login = Body::Login {
        time: time(1),
        serial: 1,
        card: "89860000000000000001".into(),
        systems: 0,
        code_length: 0,
        codes: Default::default(),
    };
    peer.send_frame(&made(NUMBER, COMMAND, login)).await.unwrap();
    peer.receive::<Message>().await.unwrap();
    assert!(matches!(arrived.next().await, Some(Event::Up { .. })));
    let good = encoded(&made(NUMBER, COMMAND, report(1, false)));
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    for frame in [&bad, &good, &bad, &good] {
        peer.send(frame).await.unwrap();
    }
    let mut seen = Vec::new();
    for _ in 0..4 {
        match arrived.next().await {
            Some(Event::Malformed { bad, .. }) => seen.push(Err(bad.error.fault)),
            Some(Event::Frame { frame, .. }) => seen.push(Ok(frame.body)),
            other => panic!("{other:?}"),
        }
    }
    let (wrong, good) = (|| Err(Fault::Checksum), || Ok(report(1, false)));
    assert_eq!(seen, [wrong(), good(), wrong(), good()]);
}
