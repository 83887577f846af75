//! The machine in virtual time, without a runtime.

mod agreed;
mod contract;
mod epochs;
mod fragments;
mod handshake;
mod layers;
mod listening;
mod museum;
mod order;
mod outlives;
mod places;
mod properties;
mod queue;
mod sends;
mod storm;
mod traces;
mod window;
mod wishes;
mod world;

use super::Machine;
use crate::fixture::Player;

impl Machine<Player> {
    /// Bytes of what lives as long as a connection.
    pub(crate) const fn connection_size() -> usize {
        size_of::<super::Connection<Player>>()
    }

    /// Goes on with this sequence number.
    fn jump_to(&mut self, sequence: u64) {
        if let Some(connection) = &mut self.connection {
            connection.sequence = sequence;
        }
    }
}
