//! Clause 7.12: parts of a long message that did not come are asked for, and sent again as they were.
//!
//! TCP loses nothing, but a part whose check byte is wrong is passed over, and a gateway on the way may
//! drop one. Which are missing is known when the last one comes; if that is the one that is lost, the
//! session gives the message up in time; so it does where of two parts the first is lost.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use longlink::codec::Tagged;

use super::packet::body::{Missing, Parts};
use super::packet::{Packet, Part};

/// How many parts are kept to be sent again: about 64 KiB.
const KEPT: usize = 64;

/// The newest parts that a terminal has sent.
#[derive(Clone, Default)]
pub struct Sent(Arc<Mutex<VecDeque<Packet>>>);

impl Sent {
    fn open(&self) -> MutexGuard<'_, VecDeque<Packet>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The packet is one of them, to the last byte.
    pub fn contains(&self, packet: &Packet) -> bool {
        packet.part.is_some() && self.open().contains(packet)
    }

    /// Another connection: the platform has forgotten the parts that came over the last.
    pub fn forget(&self) {
        self.open().clear();
    }

    /// A packet was sent.
    pub fn keep(&self, packet: &Packet) {
        if packet.part.is_some() && !self.contains(packet) {
            let mut kept = self.open();
            kept.truncate(KEPT - 1);
            kept.push_front(packet.clone());
        }
    }

    /// What is asked for, as far as it is still here.
    pub fn again(&self, missing: &Missing) -> Vec<Packet> {
        let (Parts::Of2013(indices) | Parts::Of2019(indices)) = &missing.parts;
        let is_it = |packet: &&Packet| {
            packet.part.as_ref().is_some_and(|part| {
                indices.contains(&part.index) && first(packet.serial, part) == missing.first
            })
        };
        // The newest stands in front.
        self.open().iter().rev().filter(is_it).cloned().collect()
    }
}

/// Parts have numbers that follow each other.
fn first(serial: u16, part: &Part) -> u16 {
    serial.wrapping_sub(part.index.wrapping_sub(1))
}

/// The long message that comes.
#[derive(Default)]
pub struct Coming {
    message: u64,
    total: u16,
    first: u16,
    here: BTreeSet<u16>,
}

impl Coming {
    /// A part came. What to ask for, if it is the last one and others are missing.
    pub fn came(&mut self, packet: &Packet, part: &Part) -> Option<Missing> {
        let message = packet.body.tag();
        let whole = self.here.len() == usize::from(self.total);
        let goes_on =
            (message, part.total) == (self.message, self.total) && part.index > 1 && !whole;
        if !goes_on {
            let (total, first) = (part.total, first(packet.serial, part));
            *self = Self { message, total, first, here: BTreeSet::new() };
        }
        let alone = self.here.is_empty();
        self.here.insert(part.index);
        let missing: Vec<_> = (1..=self.total).filter(|index| !self.here.contains(index)).collect();
        if alone || part.index != self.total || missing.is_empty() {
            return None;
        }
        let parts = match packet.version {
            Some(_) => Parts::Of2019(missing),
            None => Parts::Of2013(missing.into_iter().take(255).collect()),
        };
        Some(Missing { first: self.first, parts })
    }
}
