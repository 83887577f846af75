//! Frames that are none, and garbage between frames.

use longlink_codec_core::explain::explain_with;
use longlink_codec_core::{BadFrame, DecodeError, Frame, Resync};

use super::Machine;
use crate::event::{Cause, Event};
use crate::frame_log::Log;
use crate::moment::{Moment, Since};
use crate::protocol::Protocol;

impl<P: Protocol> Machine<P> {
    /// A candidate in garbage announced more bytes than come: it is given up.
    pub(super) fn give_candidate_up(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        connection.searching = Since::NOT;
        let dropped = connection.decoder.drop_candidate(&connection.held);
        let dropped = dropped.min(connection.held.len());
        connection.held.drain(..dropped);
        connection.stopped = true;
    }

    pub(super) fn note_malformed(&mut self, bad: BadFrame) {
        self.tally().malformed += 1;
        if self.is_up() {
            self.events.push_back(Event::Malformed { epoch: self.epoch, bad: Box::new(bad) });
        }
    }

    /// The stream cannot be followed any further.
    #[cold]
    pub(super) fn broken(&mut self, bad: BadFrame, now: Moment) {
        let fault = bad.error.fault;
        self.note_malformed(bad);
        self.lost(Cause::Protocol(fault), now);
    }

    /// A frame whose border is good and whose inside is not.
    #[cold]
    pub(super) fn malformed_frame(
        &mut self,
        frame: &[u8],
        error: DecodeError,
        offset: u64,
        now: Moment,
    ) {
        let Some(connection) = &mut self.connection else { return };
        let (log, len) = (Log::of(&self.desk, self.epoch), frame.len());
        log.received(&mut connection.heads, len, None, now, || {
            explain_with::<P::Incoming>(frame, connection.decoder.context())
        });
        let bad = connection.decoder.report(frame, error, offset);
        self.malformed(bad, now);
    }

    /// Three in a row, or one where the declaration says so, end the epoch.
    #[cold]
    pub(super) fn malformed(&mut self, bad: BadFrame, now: Moment) {
        let fault = bad.error.fault;
        let ends = P::Incoming::RESYNC == Resync::Close || !self.is_up();
        self.note_malformed(bad);
        let Some(connection) = &mut self.connection else { return };
        connection.malformed += 1;
        if ends || connection.malformed >= self.settings.malformed_in_a_row {
            self.lost(Cause::Protocol(fault), now);
        }
    }
}
