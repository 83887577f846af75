//! What the terminal shows: a chronicle of what happened, and below it one line for each player.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::player::{News, Seat, open};
use crate::server::Ear;

/// Where there is a terminal the players' lines are redrawn in place; into a file or a pipe they go
/// once after each announcement.
pub struct View {
    began: Instant,
    news: Receiver<News>,
    drawn: usize,
    terminal: bool,
    /// The lines are worth printing again, from then on.
    due: Option<Instant>,
}

/// Longest text of the last column.
const LAST: usize = 34;

impl View {
    pub fn new(news: Receiver<News>) -> Self {
        let terminal = io::stdout().is_terminal();
        Self { began: Instant::now(), news, drawn: 0, terminal, due: None }
    }

    /// Something that happens to all.
    pub fn announce(&mut self, what: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        self.erase(&mut out)?;
        self.due = Some(Instant::now() + Duration::from_millis(900));
        writeln!(out, "── {:4.1} s ── {what}", self.began.elapsed().as_secs_f32())
    }

    /// Tells what the players have lived through since the last call, then how they are.
    pub fn draw(&mut self, seats: &[Seat]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let news: Vec<News> = self.news.try_iter().collect();
        if !news.is_empty() {
            self.erase(&mut out)?;
        }
        for News { at, name, what } in news {
            let seconds = at.duration_since(self.began).as_secs_f32();
            writeln!(out, "   {seconds:4.1} s    {name:<8} {what}")?;
        }
        let due = self.due.is_some_and(|due| Instant::now() >= due);
        if self.terminal || due {
            self.erase(&mut out)?;
            self.players(seats, &mut out)?;
            self.due = None;
        }
        out.flush()
    }

    /// Goes back over the lines that were drawn last.
    fn erase(&mut self, out: &mut impl Write) -> io::Result<()> {
        match std::mem::take(&mut self.drawn) {
            0 => Ok(()),
            lines => write!(out, "\x1b[{lines}A\x1b[J"),
        }
    }

    fn players(&mut self, seats: &[Seat], out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "\n  player   state         epoch  sequence  round trip  reconnects  last\n"
        )?;
        for seat in seats {
            let sums = seat.link.statistics();
            let diary = open(&seat.diary);
            writeln!(
                out,
                "  {:<8} {:<12} {:>6} {:>9} {:>8.2} ms {:>11}  {}",
                seat.name,
                seat.link.state().name(),
                seat.link.epoch(),
                sums.sequence,
                sums.round_trip.as_secs_f64() * 1e3,
                sums.epochs.saturating_sub(1),
                cut(&diary.last),
            )?;
        }
        writeln!(out)?;
        self.drawn = if self.terminal { seats.len() + 4 } else { 0 };
        Ok(())
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LAST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// The table at the end; with the server's ear, also whether outcomes told the truth. Whether all
/// is as it should be.
pub fn table(seats: &[Seat], ear: Option<&Ear>) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\n  player    sent  acknowledged  written  not sent  uncertain  expired  received  gaps  \
         answers\n"
    )?;
    let (mut without, mut ever_up) = (0, false);
    for seat in seats {
        let (sums, diary) = (seat.link.statistics(), open(&seat.diary));
        let sends = sums.sends;
        without += sends.open();
        ever_up |= sums.epochs > 0;
        writeln!(
            out,
            "  {:<8} {:>5} {:>13} {:>8} {:>9} {:>10} {:>8} {:>9} {:>5}  {:>3} of {}",
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
    writeln!(out, "\n  sends without an outcome        {without}")?;
    let Some(ear) = ear else {
        if !ever_up {
            writeln!(out, "  nobody was ever up: is a server there?")?;
        }
        return Ok(without == 0 && ever_up);
    };
    let (mut missing, mut lost) = (0, 0);
    for seat in seats {
        let diary = open(&seat.diary);
        missing += diary.acknowledged.iter().filter(|id| !ear.said.contains_key(*id)).count();
        lost += diary.written.iter().filter(|id| !ear.whispered.contains_key(*id)).count();
    }
    let double = ear.said.values().chain(ear.whispered.values()).filter(|n| **n > 1).count();
    writeln!(out, "  acknowledged, but never heard   {missing}")?;
    writeln!(out, "  heard twice                     {double}")?;
    writeln!(out, "  only written, and never heard   {lost}  (cut off by the server)")?;
    Ok(without == 0 && missing == 0 && double == 0)
}
