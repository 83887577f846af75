//! Fragments that wait for the rest of their message.

use std::cmp::Ordering;

use crate::moment::Moment;
use crate::settings::Fragments;

/// Messages under way, each from sequence numbers that follow each other.
pub(crate) struct Groups<F> {
    groups: Vec<Group<F>>,
    bytes: usize,
}

struct Group<F> {
    total: u64,
    /// Index, sequence number, fragment.
    parts: Vec<(u64, u64, F)>,
    bytes: usize,
    since: Moment,
}

/// One fragment, by its roles. `index` counts from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) sequence: u64,
    /// Width of the sequence; 0: unknown.
    pub(crate) bits: u32,
    pub(crate) index: u64,
    pub(crate) total: u64,
    pub(crate) len: usize,
}

impl<F> Group<F> {
    /// How many numbers more than needed lie between this fragment and those that are here; `None`:
    /// it belongs to another message.
    fn slack(&self, place: Place, gap: u64) -> Option<u64> {
        if self.total != place.total {
            return None;
        }
        let slack = self.parts.iter().map(|(index, sequence, _)| {
            let (steps, apart) = match index.cmp(&place.index) {
                Ordering::Greater => {
                    (index - place.index, between(place.sequence, *sequence, place.bits))
                }
                _ => (place.index - index, between(*sequence, place.sequence, place.bits)),
            };
            apart.checked_sub(steps).filter(|more| *more <= steps.saturating_mul(gap))
        });
        slack.min_by(|a, b| match (a, b) {
            (None, _) => Ordering::Less,
            (_, None) => Ordering::Greater,
            (Some(a), Some(b)) => a.cmp(b),
        })?
    }
}

/// Steps from one sequence number to another, in their width.
fn between(from: u64, to: u64, bits: u32) -> u64 {
    super::receive::wrapped(to.wrapping_sub(from), bits)
}

impl<F> Groups<F> {
    pub(crate) fn new() -> Self {
        Self { groups: Vec::new(), bytes: 0 }
    }

    /// Adds one. All parts of its message in order, when it was the last; `lost` is called with the
    /// number of parts of each message that was given up for room.
    pub(crate) fn add(
        &mut self,
        part: F,
        place: Place,
        now: Moment,
        bounds: &Fragments,
        mut lost: impl FnMut(u32),
    ) -> Option<Vec<F>> {
        let at = match self.nearest(place, bounds.gap) {
            Some(at) => at,
            None => {
                while self.groups.len() >= bounds.groups.max(1) {
                    lost(self.give_up(0));
                }
                let (total, parts) = (place.total, Vec::new());
                self.groups.push(Group { total, parts, bytes: 0, since: now });
                self.groups.len() - 1
            }
        };
        let group = self.groups.get_mut(at)?;
        if group.parts.iter().any(|(index, ..)| *index == place.index) {
            // Sent twice: the first one counts.
            return None;
        }
        group.parts.push((place.index, place.sequence, part));
        group.bytes += place.len;
        self.bytes += place.len;
        if group.parts.len() as u64 == group.total {
            let mut group = self.groups.remove(at);
            self.bytes -= group.bytes;
            group.parts.sort_by_key(|(index, ..)| *index);
            return Some(group.parts.into_iter().map(|(.., part)| part).collect());
        }
        while self.bytes > bounds.bytes {
            lost(self.give_up(0));
        }
        None
    }

    /// The message that the fragment belongs to: the one whose numbers are nearest.
    fn nearest(&self, place: Place, gap: u64) -> Option<usize> {
        let groups = self.groups.iter().enumerate();
        let fitting = groups.filter_map(|(at, group)| Some((group.slack(place, gap)?, at)));
        fitting.min().map(|(_, at)| at)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Gives up what took too long.
    pub(crate) fn expire(&mut self, now: Moment, bounds: &Fragments, mut lost: impl FnMut(u32)) {
        while self.groups.first().is_some_and(|group| now >= group.since + bounds.within) {
            lost(self.give_up(0));
        }
    }

    /// When the oldest is given up.
    pub(crate) fn deadline(&self, bounds: &Fragments) -> Moment {
        self.groups.first().map_or(Moment::NEVER, |group| group.since + bounds.within)
    }

    /// Gives all up, at the end of a connection.
    pub(crate) fn clear(&mut self, mut lost: impl FnMut(u32)) {
        while !self.groups.is_empty() {
            lost(self.give_up(0));
        }
    }

    fn give_up(&mut self, at: usize) -> u32 {
        let group = self.groups.remove(at);
        self.bytes -= group.bytes;
        u32::try_from(group.parts.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(sequence: u64, index: u64, total: u64) -> Place {
        Place { sequence, bits: 16, index, total, len: 100 }
    }

    fn add(
        groups: &mut Groups<char>,
        part: char,
        at: Place,
        lost: &mut Vec<u32>,
    ) -> Option<String> {
        add_within(groups, part, at, 0, lost)
    }

    fn add_within(
        groups: &mut Groups<char>,
        part: char,
        at: Place,
        gap: u64,
        lost: &mut Vec<u32>,
    ) -> Option<String> {
        let bounds = Fragments { gap, ..Fragments::default() };
        let joined = groups.add(part, at, Moment(0), &bounds, |count| lost.push(count));
        joined.map(|parts| parts.into_iter().collect())
    }

    #[test]
    fn parts_in_any_order_make_one_message() {
        let (mut groups, mut lost) = (Groups::new(), Vec::new());
        assert_eq!(add(&mut groups, 'c', place(12, 2, 3), &mut lost), None);
        assert_eq!(add(&mut groups, 'a', place(10, 0, 3), &mut lost), None);
        assert_eq!(add(&mut groups, 'x', place(10, 0, 3), &mut lost), None);
        assert_eq!(add(&mut groups, 'b', place(11, 1, 3), &mut lost), Some("abc".to_owned()));
        assert_eq!((groups.bytes, lost), (0, vec![]));
    }

    #[test]
    fn other_numbers_between_fragments_are_allowed_up_to_the_gap() {
        let (mut groups, mut lost) = (Groups::new(), Vec::new());
        let mut within = |part, at, gap| add_within(&mut groups, part, at, gap, &mut lost);
        assert_eq!(within('a', place(1_233, 0, 2), 16), None);
        // One number too far is another message, and so is one that goes back.
        assert_eq!(within('x', place(1_251, 1, 2), 16), None);
        assert_eq!(within('y', place(1_232, 1, 2), 16), None);
        assert_eq!(within('b', place(1_250, 1, 2), 16), Some("ab".to_owned()));
        assert_eq!((groups.groups.len(), lost), (2, vec![]));
    }

    #[test]
    fn of_two_messages_the_nearest_takes_the_fragment() {
        let (mut groups, mut lost) = (Groups::new(), Vec::new());
        let mut within = |part, at| add_within(&mut groups, part, at, 64, &mut lost);
        assert_eq!(within('a', place(65_530, 0, 2)), None);
        assert_eq!(within('c', place(0, 0, 2)), None);
        assert_eq!(within('d', place(2, 1, 2)), Some("cd".to_owned()));
        assert_eq!(within('b', place(3, 1, 2)), Some("ab".to_owned()));
    }

    #[test]
    fn a_fifth_message_gives_the_oldest_up() {
        let (mut groups, mut lost) = (Groups::new(), Vec::new());
        for first in [0, 10, 20, 30, 40] {
            assert_eq!(add(&mut groups, 'a', place(first, 0, 2), &mut lost), None);
        }
        assert_eq!(lost, [1]);
        assert_eq!(add(&mut groups, 'b', place(41, 1, 2), &mut lost), Some("ab".to_owned()));
    }

    #[test]
    fn more_bytes_than_allowed_give_the_oldest_up() {
        let (mut groups, mut lost) = (Groups::new(), Vec::new());
        let big = |sequence, index| Place { len: 600 << 10, ..place(sequence, index, 9) };
        assert_eq!(add(&mut groups, 'a', big(0, 0), &mut lost), None);
        assert_eq!(add(&mut groups, 'b', big(1, 1), &mut lost), None);
        assert_eq!((lost, groups.bytes), (vec![2], 0));
    }

    #[test]
    fn a_lost_message_ends_after_half_a_minute() {
        let (mut groups, mut lost, bounds) = (Groups::new(), Vec::new(), Fragments::default());
        add(&mut groups, 'a', place(0, 0, 2), &mut lost);
        assert_eq!(groups.deadline(&bounds), Moment(30_000_000));
        groups.expire(Moment(29_999_999), &bounds, |count| lost.push(count));
        assert_eq!(lost, []);
        groups.expire(Moment(30_000_000), &bounds, |count| lost.push(count));
        assert_eq!(lost, [1]);
    }
}
