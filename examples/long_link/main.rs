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

use std::error::Error;
use std::process::ExitCode;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use player::Seat;
use server::{Mood, Server};
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

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let server = Server::start("127.0.0.1:0").await?;
            run(&server.address.to_string(), Some(&server)).await
        }
        ["--connect", address] => run(address, None).await,
        ["--serve", address] => serve(address).await,
        _ => Err("usage: long_link [--serve ADDRESS | --connect HOST:PORT]".into()),
    }
}

/// Only the server; its moods come around for ever.
async fn serve(address: &str) -> Result<ExitCode, Box<dyn Error>> {
    let server = Server::start(address).await?;
    println!("serving on {}; everybody's password is their name backwards", server.address);
    loop {
        let began = Instant::now();
        for (second, mood, what) in MOODS {
            tokio::time::sleep_until((began + Duration::from_secs(second)).into()).await;
            println!("{what}");
            server.become_(mood);
        }
        tokio::time::sleep_until((began + SHOW).into()).await;
    }
}

/// The players, and the server's moods if it is ours.
async fn run(address: &str, server: Option<&Server>) -> Result<ExitCode, Box<dyn Error>> {
    let mut view = View::new();
    view.announce(&format!("{} players, and one with a wrong password", PLAYERS.len()))?;
    let mut seats: Vec<Seat> = PLAYERS
        .iter()
        .map(|name| player::seat(name, name.chars().rev().collect(), address))
        .collect();
    seats.push(player::seat("mallory", "guess".to_owned(), address));
    let began = Instant::now();
    let until = began + SHOW;
    let mut playing = tokio::task::JoinSet::new();
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
        Ok::<_, std::io::Error>(())
    };
    showing.await?;
    playing.join_all().await;
    view.announce("the players drain and leave")?;
    for seat in &seats {
        seat.link.drain(Duration::from_secs(5)).await;
    }
    view.draw(&seats)?;
    let kept = match server {
        Some(server) => {
            let ear = server.ear.lock().unwrap_or_else(PoisonError::into_inner);
            view::table(&seats, Some(&ear))?
        }
        None => view::table(&seats, None)?,
    };
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
