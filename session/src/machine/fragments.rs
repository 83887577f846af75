//! Fragments that wait for the rest of their message.

use crate::moment::Moment;
use crate::settings::Fragments;

/// Messages under way, each from consecutive sequence numbers.
pub(crate) struct Groups<F> {
    groups: Vec<Group<F>>,
    bytes: usize,
}

struct Group<F> {
    first: u64,
    total: u64,
    parts: Vec<(u64, F)>,
    bytes: usize,
    since: Moment,
}

/// One fragment, by its roles. `index` counts from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Sequence number that the fragment of index 0 has or would have.
    pub(crate) first: u64,
    pub(crate) index: u64,
    pub(crate) total: u64,
    pub(crate) len: usize,
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
        let first = place.first;
        let known = |group: &Group<F>| group.first == first && group.total == place.total;
        if !self.groups.iter().any(known) {
            while self.groups.len() >= bounds.groups.max(1) {
                lost(self.give_up(0));
            }
            let parts = Vec::new();
            self.groups.push(Group { first, total: place.total, parts, bytes: 0, since: now });
        }
        let at = self.groups.iter().position(known)?;
        let group = self.groups.get_mut(at)?;
        if group.parts.iter().any(|(index, _)| *index == place.index) {
            // Sent twice: the first one counts.
            return None;
        }
        group.parts.push((place.index, part));
        group.bytes += place.len;
        self.bytes += place.len;
        if group.parts.len() as u64 == group.total {
            let mut group = self.groups.remove(at);
            self.bytes -= group.bytes;
            group.parts.sort_by_key(|(index, _)| *index);
            return Some(group.parts.into_iter().map(|(_, part)| part).collect());
        }
        while self.bytes > bounds.bytes {
            lost(self.give_up(0));
        }
        None
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
        Place { first: sequence - index, index, total, len: 100 }
    }

    fn add(
        groups: &mut Groups<char>,
        part: char,
        at: Place,
        lost: &mut Vec<u32>,
    ) -> Option<String> {
        let bounds = Fragments::default();
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
