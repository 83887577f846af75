//! Fragments that wait for the rest of their message.

use std::cmp::Ordering;

use crate::moment::Moment;
use crate::settings::Fragments;

/// Messages under way, each from sequence numbers that follow each other.
pub(crate) struct Groups<F> {
    groups: Vec<Group<F>>,
    bytes: usize,
    /// The message whose fragments come in order and say whether more follow.
    open: Option<Open<F>>,
}

struct Open<F> {
    parts: Vec<F>,
    bytes: usize,
    since: Moment,
    /// It was given up: what still comes of it belongs to nothing.
    lost: bool,
}

struct Group<F> {
    total: u64,
    /// Index, sequence number, fragment.
    parts: Vec<(u64, u64, F)>,
    bytes: usize,
    since: Moment,
}

/// Where a fragment belongs, by its roles.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Numbered(Numbered),
    /// Behind the one before it; whether more follow.
    Next {
        more: bool,
    },
}

/// One fragment of so many. `index` counts from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbered {
    pub(crate) sequence: u64,
    /// Width of the sequence; 0: unknown.
    pub(crate) bits: u32,
    pub(crate) index: u64,
    pub(crate) total: u64,
}

impl<F> Group<F> {
    /// How many numbers more than needed lie between this fragment and those that are here; `None`:
    /// it belongs to another message.
    fn slack(&self, place: Numbered, gap: u64) -> Option<u64> {
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
        Self { groups: Vec::new(), bytes: 0, open: None }
    }

    /// Adds one of `len` bytes. All parts of its message in order, when it was the last; `lost` is
    /// called with the number of parts of each message that was given up for room.
    pub(crate) fn add(
        &mut self,
        part: F,
        (place, len): (Place, usize),
        now: Moment,
        bounds: &Fragments,
        mut lost: impl FnMut(u32),
    ) -> Option<Vec<F>> {
        let whole = match place {
            Place::Numbered(place) => self.add_numbered(part, (place, len), now, bounds, &mut lost),
            Place::Next { more } => self.add_next(part, (more, len), now),
        };
        while self.bytes > bounds.bytes {
            lost(self.give_up_oldest());
        }
        whole
    }

    fn add_numbered(
        &mut self,
        part: F,
        (place, len): (Numbered, usize),
        now: Moment,
        bounds: &Fragments,
        lost: &mut impl FnMut(u32),
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
        group.bytes += len;
        self.bytes += len;
        if group.parts.len() as u64 == group.total {
            let mut group = self.groups.remove(at);
            self.bytes -= group.bytes;
            group.parts.sort_by_key(|(index, ..)| *index);
            return Some(group.parts.into_iter().map(|(.., part)| part).collect());
        }
        None
    }

    /// The message that the fragment belongs to: the one whose numbers are nearest.
    fn nearest(&self, place: Numbered, gap: u64) -> Option<usize> {
        let groups = self.groups.iter().enumerate();
        let fitting = groups.filter_map(|(at, group)| Some((group.slack(place, gap)?, at)));
        fitting.min().map(|(_, at)| at)
    }

    /// None while more follow, and none of a message that was given up.
    fn add_next(&mut self, part: F, (more, len): (bool, usize), now: Moment) -> Option<Vec<F>> {
        let fresh = || Open { parts: Vec::new(), bytes: 0, since: now, lost: false };
        let open = self.open.get_or_insert_with(fresh);
        if !open.lost {
            open.parts.push(part);
            open.bytes += len;
            self.bytes += len;
        }
        if !more {
            let open = self.open.take()?;
            self.bytes -= open.bytes;
            return if open.lost { None } else { Some(open.parts) };
        }
        None
    }

    /// A message is under way whose last fragment has not come.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.open.is_none()
    }

    /// Gives up what took too long.
    pub(crate) fn expire(&mut self, now: Moment, bounds: &Fragments, mut lost: impl FnMut(u32)) {
        while self.groups.first().is_some_and(|group| now >= group.since + bounds.within) {
            lost(self.give_up(0));
        }
        if self.open.as_ref().is_some_and(|open| !open.lost && now >= open.since + bounds.within) {
            lost(self.give_up_open());
        }
    }

    /// When the oldest is given up.
    pub(crate) fn deadline(&self, bounds: &Fragments) -> Moment {
        let group = self.groups.first().map(|group| group.since);
        let open = self.open.as_ref().filter(|open| !open.lost).map(|open| open.since);
        let oldest = group.into_iter().chain(open).min();
        oldest.map_or(Moment::NEVER, |since| since + bounds.within)
    }

    /// Gives all up, at the end of a connection.
    pub(crate) fn clear(&mut self, mut lost: impl FnMut(u32)) {
        while !self.groups.is_empty() {
            lost(self.give_up(0));
        }
        if self.open.as_ref().is_some_and(|open| !open.lost) {
            lost(self.give_up_open());
        }
        self.open = None;
    }

    /// What has waited longest, of both kinds.
    fn give_up_oldest(&mut self) -> u32 {
        let group = self.groups.first().map(|group| group.since);
        let open = self.open.as_ref().filter(|open| !open.lost).map(|open| open.since);
        match (group, open) {
            (Some(group), Some(open)) if group <= open => self.give_up(0),
            (Some(_), None) => self.give_up(0),
            _ => self.give_up_open(),
        }
    }

    fn give_up_open(&mut self) -> u32 {
        let Some(open) = &mut self.open else { return 0 };
        self.bytes -= core::mem::take(&mut open.bytes);
        open.lost = true;
        let parts = core::mem::take(&mut open.parts);
        u32::try_from(parts.len()).unwrap_or(u32::MAX)
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
        Place::Numbered(Numbered { sequence, bits: 16, index, total })
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
        let joined = groups.add(part, (at, 100), Moment(0), &bounds, |count| lost.push(count));
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
        for number in [0, 1] {
            let (at, bounds) = ((place(number, number, 9), 600 << 10), Fragments::default());
            let joined = groups.add('a', at, Moment(0), &bounds, |count| lost.push(count));
            assert_eq!(joined, None);
        }
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

    fn follow(
        groups: &mut Groups<char>,
        part: char,
        (more, kilobytes): (bool, usize),
        lost: &mut Vec<u32>,
    ) -> Option<String> {
        let bounds = Fragments::default();
        let at = (Place::Next { more }, kilobytes << 10);
        let joined = groups.add(part, at, Moment(0), &bounds, |count| lost.push(count));
        joined.map(|parts| parts.into_iter().collect())
    }

    #[test]
    fn parts_that_say_that_more_follow_make_one_message() {
        let (mut groups, mut lost) = (Groups::new(), Vec::new());
        assert_eq!(follow(&mut groups, 'a', (true, 1), &mut lost), None);
        assert!(groups.is_open());
        assert_eq!(follow(&mut groups, 'b', (true, 1), &mut lost), None);
        assert_eq!(follow(&mut groups, 'c', (false, 1), &mut lost), Some("abc".to_owned()));
        assert_eq!((groups.bytes, groups.is_empty(), lost), (0, true, vec![]));
    }

    #[test]
    fn what_follows_a_message_that_was_given_up_belongs_to_nothing() {
        let (mut groups, mut lost) = (Groups::new(), Vec::new());
        assert_eq!(follow(&mut groups, 'a', (true, 600), &mut lost), None);
        assert_eq!(follow(&mut groups, 'b', (true, 600), &mut lost), None);
        assert_eq!((&lost, groups.bytes), (&vec![2], 0));
        assert_eq!(follow(&mut groups, 'c', (true, 1), &mut lost), None);
        assert_eq!(follow(&mut groups, 'd', (false, 1), &mut lost), None);
        assert_eq!(follow(&mut groups, 'e', (true, 1), &mut lost), None);
        assert_eq!(follow(&mut groups, 'f', (false, 1), &mut lost), Some("ef".to_owned()));
        assert_eq!(lost, [2]);
    }

    #[test]
    fn a_last_part_that_does_not_come_is_given_up_in_time() {
        let (mut groups, mut lost, bounds) = (Groups::new(), Vec::new(), Fragments::default());
        follow(&mut groups, 'a', (true, 1), &mut lost);
        assert_eq!(groups.deadline(&bounds), Moment(30_000_000));
        groups.expire(Moment(30_000_000), &bounds, |count| lost.push(count));
        assert_eq!((lost.as_slice(), groups.deadline(&bounds)), (&[1][..], Moment::NEVER));
    }
}
