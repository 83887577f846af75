//! Received fragments, and what they make.

use longlink_codec_core::{Frame, Roles};

use super::fragments::{Groups, Numbered, Place};
use super::{Connection, Machine, Phase};
use crate::event::Event;
use crate::moment::Moment;
use crate::protocol::{Deliver, Flow, Protocol, View};

impl<P: Protocol> Machine<P> {
    #[cold]
    pub(super) fn fragment<D: Deliver<P>>(
        &mut self,
        view: &mut Option<P::View<'_>>,
        place: Place,
        len: usize,
        now: Moment,
        deliver: &mut D,
    ) -> Flow {
        let (epoch, bounds) = (self.epoch, self.settings.fragments);
        let Some(part) = view.take().map(View::into_owned) else { return Flow::Go };
        let Some(connection) = &mut self.connection else { return Flow::Go };
        let groups = connection.fragments.get_or_insert_with(|| Box::new(Groups::new()));
        let events = &mut self.events;
        let joined = groups.add(part, (place, len), now, &bounds, |count| {
            events.push_back(Event::LostFragments { epoch, count });
        });
        if groups.is_empty() {
            connection.fragments = None;
        }
        match joined {
            Some(parts) => self.joined(parts, len, now, deliver),
            None => Flow::Go,
        }
    }

    /// All parts of a message, of about `len` bytes each.
    fn joined<D: Deliver<P>>(
        &mut self,
        parts: Vec<P::Incoming>,
        len: usize,
        now: Moment,
        deliver: &mut D,
    ) -> Flow {
        let epoch = self.epoch;
        let Phase::Up { protocol, .. } = &mut self.phase else { return Flow::Go };
        let Some(connection) = &mut self.connection else { return Flow::Go };
        let whole_len = len.saturating_mul(parts.len());
        let reading = connection.decoder.context_mut();
        match P::Incoming::join(parts, reading).or_else(|parts| protocol.join(parts)) {
            // It means what it would mean in one frame: a reply, a request, a push.
            Ok(whole) => match P::View::of(whole) {
                Ok(view) => self.understood(&mut Some(view), whole_len, true, now, deliver),
                Err(whole) => deliver.owned(whole, whole_len, epoch),
            },
            Err(parts) => {
                let mut flow = Flow::Go;
                for part in parts {
                    match (flow, deliver.owned(part, len, epoch)) {
                        (Flow::Close, _) => {}
                        (_, last) => flow = last,
                    }
                }
                flow
            }
        }
    }
}

/// Where a fragment of a message of several parts belongs; nothing for a frame that is whole by
/// itself. One whose index is not below their number is whole: nothing can be joined with it. So is
/// one whose flag says that none follow, where none came before it.
#[inline]
pub(super) fn place<P: Protocol>(
    view: &impl Roles,
    connection: Option<&Connection<P>>,
) -> Option<Place> {
    if let Some(total) = view.fragment_total().filter(|total| *total > 1)
        && let Some(index) = view.fragment_index().filter(|index| *index < total)
    {
        // Without numbers there is one message at a time.
        let sequence = view.sequence().unwrap_or(index);
        let bits = view.sequence_bits();
        return Some(Place::Numbered(Numbered { sequence, bits, index, total }));
    }
    let more = view.fragment_more()?;
    let fragments = connection.and_then(|connection| connection.fragments.as_ref());
    let open = fragments.is_some_and(|groups| groups.is_open());
    (more || open).then_some(Place::Next { more })
}
