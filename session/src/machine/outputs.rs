//! What the machine has for its caller, who drains it after each input.

use super::{Action, Machine};
use crate::event::Event;
use crate::protocol::Protocol;

impl<P: Protocol> Machine<P> {
    /// What the driver must do next.
    pub(crate) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The driver has something to do.
    pub(crate) fn has_action(&self) -> bool {
        !self.actions.is_empty()
    }

    /// Something has happened.
    pub(crate) fn has_event(&self) -> bool {
        !self.events.is_empty()
    }

    /// What happened, in order with the frames that were delivered.
    pub(crate) fn poll_event(&mut self) -> Option<Event<P::Incoming>> {
        self.events.pop_front()
    }
}
