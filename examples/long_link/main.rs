//! A long link, whole: several players against a server that misbehaves for half a minute.
//!
//! ```text
//! cargo run --release --example long_link                        server and players
//! cargo run --release --example long_link -- --serve 127.0.0.1:6656
//! cargo run --release --example long_link -- --connect 127.0.0.1:6656
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod message;
mod player;
mod server;
mod view;

use std::io;
use std::process::ExitCode;
use std::sync::{PoisonError, mpsc};
use std::time::{Duration, Instant};

use player::Seat;
use server::{Mood, Server};
use tokio::task::JoinSet;
use view::View;

const PLAYERS: [&str; 4] = ["anna", "boris", "chen", "dora"];
const SHOW: Duration = Duration::from_secs(30);

/// When the server's mood changes, in seconds from the start.
const MOODS: [(u64, Mood, &str); 10] = [
    (2, Mood::Drips, "the server drips: one byte at a time"),
    (5, Mood::Glues, "the server glues: ten messages in one write"),
    (8, Mood::Garbage, "the server sends garbage"),
    (9, Mood::Good, "the server behaves again"),
    (13, Mood::Silent, "the server goes silent, and keeps the connections open"),
    (14, Mood::Good, "the server takes new connections"),
    (20, Mood::Closes, "the server closes all connections"),
    (21, Mood::Good, "the server behaves again"),
    (24, Mood::Down, "the server is stopped"),
    (26, Mood::Good, "the server is started again on its port"),
];

const USAGE: &str = "usage: long_link [--serve ADDRESS | --connect HOST:PORT]

  without arguments    a server that misbehaves for half a minute, and its players
  --serve ADDRESS      only the server, for ever: 127.0.0.1:6656
  --connect HOST:PORT  only the players, for half a minute or until Ctrl-C";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => whole().await,
        ["--connect", address] => run(address, None).await,
        ["--serve", address] => serve(address).await,
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("long_link: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Server and players in one program.
async fn whole() -> io::Result<bool> {
    let server = Server::start("127.0.0.1:0").await?;
    run(&server.address.to_string(), Some(&server)).await
}

/// Only the server; its moods come around for ever.
async fn serve(address: &str) -> io::Result<bool> {
    let server = Server::start(address).await?;
    println!("serving on {}; everybody's password is their name backwards", server.address);
    println!("in another terminal: long_link --connect {}", server.address);
    loop {
        let began = Instant::now();
        for (second, mood, what) in MOODS {
            tokio::time::sleep_until((began + Duration::from_secs(second)).into()).await;
            println!("── {second:2} s ── {what}");
            server.become_(mood);
        }
        tokio::time::sleep_until((began + SHOW).into()).await;
        let ear = server.ear.lock().unwrap_or_else(PoisonError::into_inner);
        let double = ear.said.values().chain(ear.whispered.values()).filter(|n| **n > 1).count();
        let lines = ear.said.len() + ear.whispered.len();
        println!("── heard {lines} lines of chat, {double} of them twice; from the beginning");
    }
}

/// The players, and the server's moods if it is ours. Whether all went as it should.
async fn run(address: &str, server: Option<&Server>) -> io::Result<bool> {
    let (tell, news) = mpsc::channel();
    let mut view = View::new(news);
    view.announce(&format!(
        "{} players, and one with a wrong password, against {address}",
        PLAYERS.len()
    ))?;
    let (mut playing, mut listening) = (JoinSet::new(), JoinSet::new());
    let backwards = |name: &str| name.chars().rev().collect::<String>();
    let passwords = PLAYERS.iter().map(|name| (*name, backwards(name)));
    let seats: Vec<Seat> = passwords
        .chain([("mallory", "guess".to_owned())])
        .map(|(name, password)| player::seat(name, password, address, tell.clone(), &mut listening))
        .collect();
    let began = Instant::now();
    let until = began + SHOW;
    for (seat, number) in seats.iter().zip(1..) {
        playing.spawn(player::play(seat.clone(), number, until));
    }
    let showing = async {
        let mut moods = MOODS.iter().peekable();
        while Instant::now() < until {
            while let (Some(server), Some((second, mood, what))) = (server, moods.peek())
                && began.elapsed().as_secs() >= *second
            {
                view.announce(what)?;
                server.become_(*mood);
                moods.next();
            }
            view.draw(&seats)?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        io::Result::Ok(())
    };
    tokio::select! {
        shown = showing => shown?,
        _ = tokio::signal::ctrl_c() => {}
    }
    playing.shutdown().await;
    view.announce("the players drain and leave")?;
    for seat in &seats {
        seat.link.drain(Duration::from_secs(5)).await;
    }
    listening.join_all().await;
    view.draw(&seats)?;
    let ear = server.map(|server| server.ear.lock().unwrap_or_else(PoisonError::into_inner));
    view::table(&seats, ear.as_deref())
}
