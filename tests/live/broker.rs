//! The broker of the example `mqtt`, under the clients of mosquitto.
#![allow(clippy::module_inception, reason = "what is tested has the test's name")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use longlink::session::Listener;
use longlink::session::listener::Serving;

use self::broker::Server;
use crate::mqtt::{packet, property, reason};
use crate::peers::{program, skipped};
use crate::stay::{lasting, row};

#[path = "../../examples/mqtt/broker.rs"]
mod broker;
#[path = "../../examples/mqtt/member.rs"]
mod member;
#[path = "../../examples/mqtt/members.rs"]
mod members;
#[path = "../../examples/mqtt/topic.rs"]
mod topic;

/// More than any of them needs.
const PATIENCE: Duration = Duration::from_secs(20);
const VERSIONS: [&str; 2] = ["mqttv311", "mqttv5"];

/// A client of mosquitto; killed when it is dropped.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(name: &str, port: u16, arguments: &str) -> Self {
        // A line at a time: into a pipe they say nothing before the buffer is full.
        let mut command = Command::new("stdbuf");
        command.arg("-oL").arg(program(name)).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        command.args(arguments.split_whitespace());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let (said, lines) = channel();
        let output = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = said.send(line);
            }
        });
        Self { child, lines }
    }

    /// The next line that begins with `start`, without it.
    fn line(&self, start: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap();
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }

    /// A subscriber that has subscribed; it prints `quality retain topic payload`.
    fn subscriber(port: u16, arguments: &str) -> Self {
        let subscriber =
            Self::start("mosquitto_sub", port, &format!("{arguments} -d -F =%q_%r_%t_%p"));
        subscriber.line("Subscribed");
        subscriber
    }

    fn message(&self) -> String {
        self.line("=")
    }

    /// Runs to its end, and must succeed.
    fn publish(port: u16, arguments: &str) {
        let mut publisher = Self::start("mosquitto_pub", port, arguments);
        assert!(publisher.child.wait().unwrap().success(), "{arguments}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn serve() -> Option<(Serving<Server>, u16)> {
    if Command::new(program("mosquitto_sub")).arg("--help").output().is_err() {
        skipped("mosquitto_sub is not installed");
        return None;
    }
    let serving = broker::serve(Listener::bind("127.0.0.1:0").await.unwrap());
    let port = serving.local_addr().unwrap().port();
    Some((serving, port))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_quality_passes_between_the_versions() {
    let Some((serving, port)) = serve().await else { return };
    for reads in VERSIONS {
        let subscriber = Program::subscriber(port, &format!("-V {reads} -q 2 -t a/+/c -i {reads}"));
        for writes in VERSIONS {
            for quality in 0..=2 {
                let message = format!("{writes}-{quality}");
                Program::publish(port, &format!("-V {writes} -q {quality} -t a/b/c -m {message}"));
                assert_eq!(subscriber.message(), format!("{quality}_0_a/b/c_{message}"));
            }
        }
    }
    assert_eq!(serving.tally().failed_handshakes, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_gets_no_more_than_it_asked_for() {
    let Some((_serving, port)) = serve().await else { return };
    for version in VERSIONS {
        let subscriber = Program::subscriber(port, &format!("-V {version} -q 1 -t less"));
        Program::publish(port, &format!("-V {version} -q 2 -t less -m two"));
        assert_eq!(subscriber.message(), "1_0_less_two");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retained_message_waits_until_it_is_taken_back() {
    let Some((_serving, port)) = serve().await else { return };
    for version in VERSIONS {
        Program::publish(port, &format!("-V {version} -q 1 -r -t kept -m here"));
        let subscriber = Program::subscriber(port, &format!("-V {version} -q 1 -t kept"));
        assert_eq!(subscriber.message(), "1_1_kept_here");
        // Empty: it is forgotten, and comes to who is there.
        Program::publish(port, &format!("-V {version} -q 1 -r -t kept -n"));
        assert_eq!(subscriber.message(), "1_0_kept_");
        let late = Program::subscriber(port, &format!("-V {version} -q 1 -t kept"));
        Program::publish(port, &format!("-V {version} -q 1 -t kept -m news"));
        assert_eq!(late.message(), "1_0_kept_news");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_will_of_a_killed_client_is_published() {
    let Some((_serving, port)) = serve().await else { return };
    for version in VERSIONS {
        let heir = Program::subscriber(port, &format!("-V {version} -q 1 -t will"));
        let will = "--will-topic will --will-payload gone --will-qos 1";
        drop(Program::subscriber(port, &format!("-V {version} -t nothing {will}")));
        assert_eq!(heir.message(), "1_0_will_gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_meanwhile_waits_for_a_client_that_comes_back() {
    let Some((_serving, port)) = serve().await else { return };
    for (version, keeps) in VERSIONS.into_iter().zip(["", "-x 60"]) {
        let arguments = format!("-V {version} -c -i {version} -q 2 -t later {keeps}");
        drop(Program::subscriber(port, &arguments));
        for quality in 1..=2 {
            Program::publish(port, &format!("-V {version} -q {quality} -t later -m {quality}"));
        }
        let back = Program::start("mosquitto_sub", port, &format!("{arguments} -F =%q_%r_%t_%p"));
        assert_eq!(back.message(), "1_0_later_1");
        assert_eq!(back.message(), "2_0_later_2");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_stay_for_all_their_heartbeats() {
    let Some((_serving, port)) = serve().await else { return };
    // mosquitto_sub bears no keep-alive below 5 s: more than one is the work of `.ci/full`.
    let beats = lasting().map_or(1, |lasting| (lasting.as_secs() / 5).max(1));
    let subscribers =
        VERSIONS.map(|version| Program::subscriber(port, &format!("-V {version} -k 5 -q 1 -t k")));
    for subscriber in &subscribers {
        for _ in 0..beats {
            while !subscriber.line("Client").ends_with("PINGRESP") {}
        }
    }
    Program::publish(port, "-q 1 -t k -m still");
    for subscriber in &subscribers {
        assert_eq!(subscriber.message(), "1_0_k_still");
        row("mqtt-broker", &format!("heartbeats={beats} each=5s"));
    }
}
