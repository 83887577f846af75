//! What the terminal shows.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use longlink::session::event::State;

use crate::player::{Seat, open};
use crate::server::Ear;

/// Redraws one line for each player, or prints them now and then where there is no terminal.
pub struct View {
    began: Instant,
    drawn: usize,
    terminal: bool,
    printed: Option<Instant>,
}

impl View {
    pub fn new() -> Self {
        let terminal = io::stdout().is_terminal();
        Self { began: Instant::now(), drawn: 0, terminal, printed: None }
    }

    /// Something that happens to the server.
    pub fn announce(&mut self, what: &str) -> io::Result<()> {
        let seconds = self.began.elapsed().as_secs_f32();
        self.drawn = 0;
        writeln!(io::stdout(), "\n── {seconds:4.1} s ── {what}")
    }

    pub fn draw(&mut self, seats: &[Seat]) -> io::Result<()> {
        let pause = Duration::from_secs(2);
        if !self.terminal && self.printed.is_some_and(|printed| printed.elapsed() < pause) {
            return Ok(());
        }
        self.printed = Some(Instant::now());
        let mut out = io::stdout().lock();
        if self.terminal && self.drawn > 0 {
            write!(out, "\x1b[{}A", self.drawn)?;
        }
        let clear = if self.terminal { "\x1b[K" } else { "" };
        for seat in seats {
            let (state, sums) = (show(&seat.link.state()), seat.link.statistics());
            let diary = open(&seat.diary).clone();
            let last: String = diary.last.chars().take(34).collect();
            let state: String = state.chars().take(22).collect();
            writeln!(
                out,
                "{:<9} {state:<22} epoch {:<2} sequence {:<5} round trip {:>7.2} ms  reconnects \
                 {:<2} {last}{clear}",
                seat.name,
                seat.link.epoch(),
                sums.sequence,
                diary.round_trip.as_secs_f64() * 1e3,
                diary.downs,
            )?;
        }
        self.drawn = seats.len();
        out.flush()
    }
}

fn show(state: &State) -> String {
    match state {
        State::Backoff { attempt, cause, .. } => format!("waits, {attempt}: {cause}"),
        State::Handshaking { step, .. } => format!("logs in, step {step}"),
        State::Up { .. } => "up".to_owned(),
        State::AwaitPermit { .. } => "awaits its permit".to_owned(),
        State::Connecting { .. } => "connects".to_owned(),
        State::Draining { .. } => "drains".to_owned(),
        State::Failed(_) => "failed for good".to_owned(),
        State::Closed(_) => "closed".to_owned(),
        other => format!("{other:?}"),
    }
}

/// The table at the end; with the server's ear, also whether outcomes told the truth.
pub fn table(seats: &[Seat], ear: Option<&Ear>) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\nplayer      sent  acked  written  not sent  uncertain  expired  received  gaps  answers"
    )?;
    for seat in seats {
        let (sends, diary) = (seat.link.statistics().sends, open(&seat.diary).clone());
        writeln!(
            out,
            "{:<9} {:>6} {:>6} {:>8} {:>9} {:>10} {:>8} {:>9} {:>5} {:>5}/{}",
            seat.name,
            sends.accepted,
            sends.acknowledged,
            sends.written,
            sends.not_sent,
            sends.uncertain,
            sends.expired,
            diary.received,
            diary.gaps,
            diary.answers,
            diary.answers + diary.unanswered,
        )?;
    }
    let open_sends: u64 = seats.iter().map(|seat| seat.link.statistics().sends.open()).sum();
    writeln!(out, "\nsends without an outcome: {open_sends}")?;
    let Some(ear) = ear else { return Ok(open_sends == 0) };
    let (mut missing, mut lost_whispers) = (0, 0);
    for seat in seats {
        let diary = open(&seat.diary).clone();
        missing += diary.acknowledged.iter().filter(|id| !ear.said.contains_key(*id)).count();
        let heard = |id: &&u64| !ear.whispered.contains_key(*id);
        lost_whispers += diary.written.iter().filter(heard).count();
    }
    let double = ear.said.values().chain(ear.whispered.values()).filter(|n| **n > 1).count();
    writeln!(out, "acknowledged chat: {missing} missing, {double} double")?;
    writeln!(out, "chat that was only written: {lost_whispers} lost by the server's cuts")?;
    Ok(open_sends == 0 && missing == 0 && double == 0)
}
