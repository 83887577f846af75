//! BIND, a server of names; and dig, which asks ours.

use std::process::Command;
use std::time::Duration;

use longlink::session::backoff::Backoff;
use longlink::session::event::Outcome;
use longlink::session::link::Link;
use tokio::task::JoinSet;

use self::client::{Dns, client};
use self::message::{Data, INTERNET, Message, Record, TRANSFER, Target};
use crate::peers::{Peer, program, scratch, skipped};
use crate::stay::{Stay, killed, outage};

#[path = "../../examples/dns_tcp/client.rs"]
pub(crate) mod client;
#[path = "../../examples/dns_tcp/message.rs"]
pub(crate) mod message;
#[path = "../../examples/dns_tcp/name.rs"]
pub(crate) mod name;
#[path = "../../examples/dns_tcp/zone.rs"]
pub(crate) mod zone;

const SECOND: Duration = Duration::from_secs(1);

/// Hosts of the zone: it takes several messages.
const HOSTS: usize = 4_000;

const ZONE: &str = "\
$TTL 60
@ IN SOA ns.example.test. admin.example.test. ( 7 3600 600 86400 60 )
@ IN NS ns
@ IN MX 10 mail
ns IN A 192.0.2.53
mail IN A 192.0.2.25
www IN AAAA 2001:db8::80
";

/// It closes connections that are idle for twice `beat`: 20 s, where BIND by itself waits 30.
fn bind(beat: Duration) -> Option<Peer> {
    // In tenths of a second.
    let patience = 20 * beat.as_secs();
    Peer::start("bind9", "all zones loaded", move |port| {
        let directory = scratch(&format!("named-{port}"));
        std::fs::create_dir_all(&directory).expect("a place for the configuration");
        let host = |number| format!("host{number} IN A 198.51.{}.{}\n", number / 256, number % 256);
        let hosts: String = (0..HOSTS).map(host).collect();
        let here = directory.display();
        let text = format!(
            "options {{ directory \"{here}\"; listen-on port {port} {{ 127.0.0.1; }}; \
             listen-on-v6 {{ none; }}; tcp-idle-timeout {patience}; pid-file none; session-keyfile none; \
             recursion no; allow-transfer {{ any; }}; dnssec-validation no; }};\n\
             controls {{ }};\n\
             zone \"example.test\" {{ type primary; file \"example.zone\"; }};\n"
        );
        let (file, zone) = (directory.join("named.conf"), directory.join("example.zone"));
        std::fs::write(&file, text).expect("a place for the configuration");
        std::fs::write(zone, format!("{ZONE}{hosts}")).expect("a place for the zone");
        let mut command = Command::new(program("named"));
        command.arg("-g").arg("-c").arg(file);
        command
    })
}

fn question(name: &str, kind: &str) -> Message {
    Message::question(name.parse().unwrap(), Data::kind(kind).unwrap(), INTERNET)
}

async fn asked(link: &Link<Dns>, name: &str, kind: &str) -> Vec<Record> {
    link.request(question(name, kind)).await.unwrap().answers
}

fn record(name: &str, data: Data) -> Record {
    Record::new(name.parse().unwrap(), INTERNET, 60, data)
}

fn target(name: &str) -> Target {
    Target { name: name.parse().unwrap() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pipelined_questions_get_their_own_answers() {
    let Some(server) = bind(SECOND) else { return };
    let (link, _inbox) = client(&server.address(), SECOND).spawn();
    let mut asking = JoinSet::new();
    for number in 0..HOSTS {
        let link = link.clone();
        asking.spawn(async move {
            let name = format!("host{number}.example.test");
            let [.., third, fourth] = number.to_be_bytes();
            let address = [198, 51, third, fourth];
            assert_eq!(asked(&link, &name, "A").await, [record(&name, Data::A(address.into()))]);
        });
    }
    while let Some(done) = asking.join_next().await {
        done.unwrap();
    }
    let mail = Data::Mx { preference: 10, exchange: target("mail.example.test") };
    assert_eq!(asked(&link, "example.test", "MX").await, [record("example.test", mail)]);
    let nobody = link.request(question("nobody.example.test", "A")).await.unwrap();
    assert_eq!((nobody.flags.code, nobody.answers.len(), nobody.authorities.len()), (3, 0, 1));
    assert_eq!(link.epoch(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zone_comes_in_many_messages() {
    let Some(server) = bind(SECOND) else { return };
    let (link, mut inbox) = client(&server.address(), SECOND).spawn();
    let zone = Message::question("example.test".parse().unwrap(), TRANSFER, INTERNET);
    let receipt = link.send(zone).await.unwrap();
    let (mut messages, mut records) = (0, Vec::new());
    while records.len() < HOSTS + 7 {
        let message = inbox.next_frame().await.expect("the rest of the zone");
        messages += 1;
        records.extend(message.answers);
    }
    assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
    assert!(messages > 1, "{messages} messages");
    assert_eq!(records.first(), records.last());
    assert!(matches!(records.first().unwrap().data, Data::Soa { serial: 7, .. }));
    // Its id is free for others.
    assert_eq!(asked(&link, "ns.example.test", "A").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_link_outlives_the_patience_of_the_server() {
    let stay = Stay::of(10 * SECOND);
    let Some(server) = bind(stay.beat) else { return };
    let (link, mut inbox) = client(&server.address(), stay.beat).spawn();
    let speak = async || assert_eq!(asked(&link, "ns.example.test", "A").await.len(), 1);
    stay.with("dns_tcp", &link, &mut inbox, speak).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_question_is_accounted_for_when_the_server_is_killed() {
    let Some(mut server) = bind(SECOND) else { return };
    let (link, _inbox) = client(&server.address(), SECOND)
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .spawn();
    assert_eq!(asked(&link, "ns.example.test", "A").await.len(), 1);
    let mut asking = JoinSet::new();
    for number in 0..HOSTS {
        let link = link.clone();
        let name = format!("host{number}.example.test");
        asking.spawn(async move { link.request(question(&name, "A")).await });
    }
    let first = asking.join_next().await.unwrap().unwrap();
    assert_eq!(first.unwrap().answers.len(), 1);
    let times = outage(&mut server, &link).await;
    let (mut answered, mut lost) = (1, 0);
    while let Some(done) = asking.join_next().await {
        match done.unwrap() {
            Ok(answer) => {
                // Right after its start it may not have read its zone.
                assert!(answer.answers.len() == 1 || answer.flags.code == 2, "{answer:?}");
                answered += 1;
            }
            Err(_) => lost += 1,
        }
    }
    assert_eq!(answered + lost, u64::try_from(HOSTS).unwrap());
    assert_eq!(asked(&link, "ns.example.test", "A").await.len(), 1);
    killed("dns_tcp", times, (answered, lost));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dig_reads_our_answers_and_our_zone() {
    let serving = zone::serve("127.0.0.1:0", zone::sample(300).unwrap()).await.unwrap();
    let address = serving.local_address().to_string();
    let port = address.rsplit(':').next().unwrap().to_owned();
    let dig = move |arguments: &[&str]| {
        let fixed = ["@127.0.0.1", "-p", &port, "+tcp", "+short", "+tries=1"];
        Command::new("dig").args(fixed).args(arguments).output()
    };
    let said = tokio::task::spawn_blocking(move || {
        Some([dig(&["example.test", "MX"]).ok()?, dig(&["example.test", "AXFR"]).ok()?])
    });
    let Some([mail, zone]) = said.await.unwrap() else { return skipped("dig is not installed") };
    assert_eq!(String::from_utf8(mail.stdout).unwrap(), "10 mail.example.test.\n");
    assert_eq!(String::from_utf8(zone.stdout).unwrap().lines().count(), 308);
}
