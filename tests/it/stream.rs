//! Frames out of streams: every border that a declaration can draw, under every split, drop by
//! drop, and between garbage.

mod declared;
mod found;
mod limits;
mod seeded;
mod shared;
mod support;
mod walked;

pub(crate) use support::{Said, drip, every_split, hex, round_trip, said, said_in_place};
