//! c104 (lib60870-C), a controlled and a controlling station of IEC 60870-5-104; the rules of a
//! connection in virtual time; what our own station answers.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use longlink::session::event::{Event, Outcome};
use longlink::session::{Backoff, Inbox, Link};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::apci::{Apci, Parameters};
use self::controlled::{Point, Station};
use self::controlling::{controlling, interrogate, now, set, switch, synchronize};
use self::unit::value::{Double, DoublePoint, Measured, Quality, SinglePoint};
use self::unit::{Cause, Control, DataUnit, Group, Object, Objects, Unit};
use crate::peers::{Peer, python, script};
use crate::stay::{Stay, killed, outage};

#[path = "../../examples/iec104/apci.rs"]
pub(crate) mod apci;
#[path = "../../examples/iec104/controlled.rs"]
pub(crate) mod controlled;
#[path = "../../examples/iec104/controlling.rs"]
pub(crate) mod controlling;
mod rules;
#[path = "../../examples/iec104/unit.rs"]
pub(crate) mod unit;

const SECOND: Duration = Duration::from_secs(1);

/// Its t1 is 4 s, so that acknowledgements must come before.
const PARAMETERS: Parameters = Parameters {
    t0: Duration::from_secs(5),
    t1: Duration::from_secs(4),
    t2: Duration::from_secs(2),
    t3: SECOND,
    k: 12,
    w: 8,
};

fn c104(report_ms: u32) -> Option<Peer> {
    // Its t3 is longer than ours, so that it is we who test.
    station_of_c104(report_ms, &["3", "4", "1"])
}

/// `timers`: its t3, t1 and t2 in seconds.
fn station_of_c104(report_ms: u32, timers: &'static [&'static str; 3]) -> Option<Peer> {
    let python = python("c104")?;
    let start = move |port: u16| {
        let own = [port.to_string(), report_ms.to_string()];
        let own = own.iter().map(String::as_str);
        script(&python, "c104_server.py", &own.chain(*timers).collect::<Vec<_>>())
    };
    Peer::start("c104", "up", start)
}

fn data(unit: Unit) -> DataUnit {
    match unit.control {
        Control::Information { data, .. } => data,
        other => panic!("{other:?}"),
    }
}

/// What confirms or refuses.
async fn asked(link: &Link<Apci>, unit: Unit) -> (Cause, bool) {
    let data = data(link.request(unit).await.unwrap());
    (data.cause, data.negative)
}

/// The next unit of this cause.
async fn next(inbox: &mut Inbox<Apci>, cause: Cause) -> DataUnit {
    loop {
        let unit = data(inbox.next_frame().await.expect("the link is up"));
        if unit.cause == cause {
            return unit;
        }
    }
}

const CONFIRMED: (Cause, bool) = (Cause::ActivationConfirmed, false);

#[tokio::test]
async fn c104_is_interrogated_and_obeys() {
    let Some(server) = c104(0) else { return };
    let (link, mut inbox) = controlling(&server.address(), PARAMETERS).spawn();
    assert_eq!(asked(&link, synchronize(47, now())).await, CONFIRMED);
    assert_eq!(asked(&link, interrogate(47)).await, CONFIRMED);
    let mut seen = Vec::new();
    while seen.len() < 4 {
        let unit = next(&mut inbox, Cause::Interrogated).await;
        // c104 says SQ = 1 for whatever it is asked, also with a time.
        assert!(unit.in_sequence);
        match unit.objects {
            Objects::SinglePoint(group) => {
                let on = SinglePoint::new(true, Quality::default());
                assert_eq!(group.iter().collect::<Vec<_>>(), [(12, &on)]);
                seen.push(12);
            }
            Objects::Short(group) => {
                assert_eq!(group.iter().collect::<Vec<_>>(), [(11, &Measured::good(12.5))]);
                seen.push(11);
            }
            Objects::TimedDoublePoint(group) => {
                let (address, point) = group.iter().next().unwrap();
                let on = DoublePoint::new(Double::On, Quality::default());
                assert_eq!((address, point.value), (13, on));
                assert!(point.time.civil().is_some());
                seen.push(13);
            }
            Objects::TimedScaled(group) => {
                let (address, value) = group.iter().next().unwrap();
                assert_eq!((address, value.value), (14, Measured::good(-1234)));
                seen.push(14);
            }
            other => panic!("{other:?}"),
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, [11, 12, 13, 14]);
    let ended = next(&mut inbox, Cause::ActivationTerminated).await;
    assert_eq!(ended.objects, Objects::Interrogate(Group::one(0, 20)));
    assert_eq!(asked(&link, switch(47, 20, true)).await, CONFIRMED);
    assert_eq!(asked(&link, set(47, 21, 3.5)).await, CONFIRMED);
    // It refuses what it does not have, without the causes that the standard has for it.
    let refused = (Cause::ActivationConfirmed, true);
    assert_eq!(asked(&link, switch(47, 99, true)).await, refused);
    assert_eq!(asked(&link, interrogate(48)).await, refused);
    let report = link.drain(SECOND).await;
    assert!(report.complete(), "{report:?}");
    let statistics = link.statistics();
    assert_eq!((statistics.sends.accepted, statistics.sends.acknowledged), (6, 6));
    assert_eq!((statistics.late, statistics.malformed), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_link_outlives_five_tests() {
    // By itself all as the standard has it.
    let stay = Stay::of(Parameters::default().t3);
    let (parameters, timers) = match stay.beat == SECOND {
        true => (PARAMETERS, &["3", "4", "1"]),
        false => (Parameters::default(), &["60", "15", "10"]),
    };
    let Some(server) = station_of_c104(0, timers) else { return };
    let (link, mut inbox) = controlling(&server.address(), parameters).spawn();
    let speak = async || assert_eq!(asked(&link, synchronize(47, now())).await, CONFIRMED);
    stay.with("iec104", &link, &mut inbox, speak).await;
    assert!(link.statistics().round_trip > Duration::ZERO, "TESTFR con came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_reports_than_the_windows_hold_are_acknowledged_in_time() {
    let Some(server) = c104(100) else { return };
    let (link, mut inbox) = controlling(&server.address(), PARAMETERS).spawn();
    // Six times its k of 12; it would stop at the first twelve that nobody acknowledges.
    for _ in 0..72 {
        let unit = next(&mut inbox, Cause::Periodic).await;
        assert_eq!(unit.objects.address_of_short(), Some(11));
    }
    assert_eq!(link.epoch(), 1);
}

impl Objects {
    /// Where a short floating point number stands.
    fn address_of_short(&self) -> Option<u32> {
        match self {
            Self::Short(group) => group.address(),
            _ => None,
        }
    }
}

/// Sets values, one after the other, until it is told to stop; what became of each.
fn order(
    link: Link<Apci>,
    stop: Arc<AtomicBool>,
    begun: oneshot::Sender<()>,
) -> JoinHandle<Vec<Outcome>> {
    tokio::spawn(async move {
        let (mut receipts, mut begun) = (Vec::new(), Some(begun));
        while !stop.load(Ordering::Relaxed) {
            let value = f32::from(u8::try_from(receipts.len() % 256).unwrap());
            receipts.push(link.send(set(47, 21, value)).await.unwrap());
            // The queue holds 256: the rest has been committed.
            if receipts.len() == 400
                && let Some(begun) = begun.take()
            {
                begun.send(()).unwrap();
            }
        }
        let mut outcomes = Vec::new();
        for receipt in receipts {
            outcomes.push(receipt.outcome().await);
        }
        outcomes
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_station_is_found_again_and_every_order_accounted_for() {
    let Some(mut server) = c104(0) else { return };
    let (link, mut inbox) = controlling(&server.address(), PARAMETERS)
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .spawn();
    link.standing(0, interrogate(47)).unwrap();
    let hearing = tokio::spawn(async move {
        let (mut epochs, mut interrogated, mut gaps) = (Vec::new(), Vec::new(), 0);
        while let Some(event) = inbox.next().await {
            match event {
                Event::Up { epoch, .. } => epochs.push(epoch),
                Event::Gap { .. } => gaps += 1,
                Event::Frame { epoch, frame } => {
                    if let Objects::Interrogate(_) = data(frame).objects {
                        interrogated.push(epoch);
                    }
                }
                _ => {}
            }
        }
        (epochs, interrogated, gaps)
    });
    let stop = Arc::new(AtomicBool::new(false));
    let (begins, begun) = oneshot::channel();
    let ordering = order(link.clone(), stop.clone(), begins);
    begun.await.unwrap();
    let times = outage(&mut server, &link).await;
    assert_eq!(asked(&link, synchronize(47, now())).await, CONFIRMED);
    stop.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut uncertain) = (0, 0);
    for outcome in ordering.await.unwrap() {
        match outcome {
            Outcome::Acknowledged { .. } => acknowledged += 1,
            Outcome::Uncertain { .. } => uncertain += 1,
            other => panic!("{other:?}"),
        }
    }
    let report = link.drain(5 * SECOND).await;
    assert!(report.complete(), "{report:?}");
    let sums = link.statistics().sends;
    // And the clock.
    assert_eq!((sums.acknowledged, sums.uncertain), (acknowledged + 1, uncertain));
    assert_eq!((sums.accepted, sums.open()), (acknowledged + 1 + uncertain, 0));
    drop(link);
    let (epochs, interrogated, gaps) = hearing.await.unwrap();
    // One was killed; a busy machine may lose another.
    let last = u32::try_from(epochs.len()).unwrap();
    assert!(epochs.iter().copied().eq(1..=last) && gaps == epochs.len() - 1, "{epochs:?}, {gaps}");
    assert!(uncertain <= u64::from(PARAMETERS.k) * u64::from(last - 1), "k were under way");
    // Confirmed and terminated, in the first connection and in the last.
    for epoch in [1, last] {
        assert_eq!(interrogated.iter().filter(|one| **one == epoch).count(), 2, "{interrogated:?}");
    }
    killed("iec104", times, (acknowledged, uncertain));
}

fn station() -> Station {
    Station::new(
        47,
        [
            (11, Point::Measurement(12.5)),
            (12, Point::Indication(true)),
            (13, Point::Indication(false)),
            (20, Point::Switch { moves: 13 }),
            (21, Point::Setpoint { moves: 11 }),
        ],
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_station_is_interrogated_by_c104_and_obeys_it() {
    let Some(python) = python("c104") else { return };
    let station = station();
    let serving = station.clone().serve("127.0.0.1:0", PARAMETERS).await.unwrap();
    let port = serving.local_addr().unwrap().port().to_string();
    let output = tokio::task::spawn_blocking(move || {
        script(&python, "c104_client.py", &[&port]).output().unwrap()
    });
    let output = output.await.unwrap();
    let (said, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let said: Vec<_> = said.lines().filter(|line| !line.starts_with("state ")).collect();
    assert_eq!(
        said,
        [
            "clock True",
            "interrogation True",
            "value 12.5 point False",
            "switch True",
            "set True",
            "nothing False",
            "interrogation True",
            "value 3.5 point True",
            "elsewhere False",
            "open True",
        ],
        "{errors}"
    );
    let points = station.points().clone();
    assert_eq!(points.get(&11), Some(&Point::Measurement(3.5)));
    assert_eq!(points.get(&13), Some(&Point::Indication(true)));
    let report = serving.drain(SECOND).await;
    assert_eq!(report.sends.uncertain + report.sends.not_sent, 0, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c104_stays_with_our_quiet_station_for_six_of_its_tests() {
    let Some(python) = python("c104") else { return };
    let serving = station().serve("127.0.0.1:0", PARAMETERS).await.unwrap();
    let port = serving.local_addr().unwrap().port().to_string();
    let mut client = script(&python, "c104_client.py", &[&port, "stay"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    while serving.connections() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Both ends test each second.
    tokio::time::sleep(6 * SECOND).await;
    drop(client.stdin.take());
    let output = tokio::task::spawn_blocking(move || client.wait_with_output().unwrap());
    let output = output.await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.lines().filter(|line| *line == "state OPEN").count(), 1, "{said}");
    assert!(said.lines().any(|line| line == "open True"), "{said}");
}

#[test]
fn a_station_answers_each_question_as_the_standard_says() {
    let station = station();
    let ask = |unit: Unit| station.answer(&data(unit));
    let causes = |answers: &[DataUnit]| -> Vec<_> {
        answers.iter().map(|data| (data.cause, data.negative, data.station)).collect()
    };
    // Who asks all stations is answered in the station's own name.
    for asked in [47, 0xFFFF] {
        let answers = ask(interrogate(asked));
        let expected = [
            (Cause::ActivationConfirmed, false, 47),
            (Cause::Interrogated, false, 47),
            (Cause::Interrogated, false, 47),
            (Cause::ActivationTerminated, false, 47),
        ];
        assert_eq!(causes(&answers), expected);
        let on = |address, on| Object { address, value: SinglePoint::new(on, Quality::default()) };
        let points = Group::Objects(vec![on(12, true), on(13, false)]);
        assert_eq!(answers[1].objects, Objects::SinglePoint(points));
        assert_eq!(answers[2].objects, Objects::Short(Group::one(11, Measured::good(12.5))));
        assert!(answers.iter().all(|data| !data.in_sequence), "SQ = 1 is never written");
    }
    let refused = |cause| [(cause, true, 47)];
    assert_eq!(causes(&ask(switch(47, 11, true))), refused(Cause::UnknownAddress));
    assert_eq!(causes(&ask(set(47, 20, 1.0))), refused(Cause::UnknownAddress));
    assert_eq!(causes(&ask(interrogate(46))), [(Cause::UnknownStation, true, 46)]);
    let mut other = data(interrogate(47));
    other.cause = Cause::Deactivation;
    assert_eq!(causes(&station.answer(&other)), refused(Cause::UnknownReason));
    let reset = DataUnit::of(Cause::Activation, 47, Objects::Reset, Group::one(0, 1));
    assert_eq!(causes(&station.answer(&reset)), refused(Cause::UnknownType));
    let read = |address| {
        let objects = Objects::Read { address };
        DataUnit::new(1, false, Cause::Request, false, false, 0, 47, objects)
    };
    assert_eq!(causes(&station.answer(&read(12))), [(Cause::Request, false, 47)]);
    assert_eq!(causes(&station.answer(&read(99))), refused(Cause::UnknownAddress));
}

#[test]
fn hundreds_of_points_fill_units_and_none_too_many() {
    let points = (0..300).map(|address| (address, Point::Measurement(0.0)));
    let answers = Station::new(1, points).answer(&data(interrogate(1)));
    let counts: Vec<_> = answers.iter().map(|data| data.count).collect();
    assert_eq!(counts, [&[1][..], &[30; 10], &[1]].concat());
    for answer in answers {
        let len = longlink::Wire::encoded_len(&Unit::information(answer));
        assert!(len <= 255, "{len}");
    }
}
