//! Sequence numbers, in wire order: each frame gets the next one whose key is free.

use super::Connection;
use super::send::Table;
use crate::protocol::{Key, Protocol};

/// Keys tried for one frame before the commit waits.
const KEYS_TRIED: u32 = 4_096;

/// Gives the frame the next sequence whose key is free; where it goes in `fragments`, the first of
/// as many. `None`: no key is free.
#[inline(always)]
pub(super) fn stamp<P: Protocol>(
    protocol: &mut P,
    connection: &mut Connection<P>,
    frame: &mut P::Outgoing,
    fragments: usize,
    pending: &mut Table<P>,
    skipped: &mut u32,
) -> Option<Option<Key>> {
    if fragments > 1 {
        return stamp_run(protocol, connection, frame, fragments, pending, skipped);
    }
    let key = protocol.stamp(frame, connection.sequence);
    let Some(found) = key else { return Some(None) };
    if is_taken(connection, pending, found) {
        return next_free(protocol, connection, frame, pending, skipped);
    }
    connection.sequence += 1;
    Some(key)
}

/// An answer with this key may still come: to something pending, forgotten or of our own.
#[inline]
fn is_taken<P: Protocol>(connection: &Connection<P>, pending: &mut Table<P>, key: Key) -> bool {
    let pending = pending.as_mut().is_some_and(|table| table.is_taken(key));
    pending || connection.expects(key)
}

/// A small key space, all of it pending or forgotten: the forgotten come back first, then those of our
/// own frames.
fn forgive<P: Protocol>(tried: u32, connection: &mut Connection<P>, pending: &mut Table<P>) {
    if tried == KEYS_TRIED / 2 {
        pending.iter_mut().for_each(|table| table.forgive());
        connection.forgive(false);
    } else if tried == KEYS_TRIED / 4 * 3 {
        connection.forgive(true);
    }
}

/// The first of so many sequences whose keys are all free: what follows each other on the wire must
/// follow each other in number.
#[cold]
fn stamp_run<P: Protocol>(
    protocol: &mut P,
    connection: &mut Connection<P>,
    frame: &mut P::Outgoing,
    count: usize,
    pending: &mut Table<P>,
    skipped: &mut u32,
) -> Option<Option<Key>> {
    let (start, mut first) = (connection.sequence, connection.sequence);
    for tried in 1..=KEYS_TRIED {
        forgive(tried, connection, pending);
        let taken = (first..).take(count).find(|sequence| {
            let key = protocol.stamp(frame, *sequence);
            key.is_some_and(|key| is_taken(connection, pending, key))
        });
        let Some(taken) = taken else {
            let key = protocol.stamp(frame, first);
            if key.is_some() {
                *skipped += u32::try_from(first - start).unwrap_or(u32::MAX);
                connection.sequence = first + count as u64;
            }
            return Some(key);
        };
        first = taken + 1;
    }
    None
}

#[cold]
fn next_free<P: Protocol>(
    protocol: &mut P,
    connection: &mut Connection<P>,
    frame: &mut P::Outgoing,
    pending: &mut Table<P>,
    skipped: &mut u32,
) -> Option<Option<Key>> {
    let (start, mut left_out) = (connection.sequence, 0);
    for tried in 1..=KEYS_TRIED {
        connection.sequence += 1;
        left_out += 1;
        forgive(tried, connection, pending);
        let key = protocol.stamp(frame, connection.sequence);
        if key.is_none_or(|key| !is_taken(connection, pending, key)) {
            connection.sequence += u64::from(key.is_some());
            *skipped += left_out;
            return Some(key);
        }
    }
    connection.sequence = start;
    None
}
