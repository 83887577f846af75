//! The local addresses that connections are made from.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Local addresses to connect from, taken by turns.
///
/// One address can hold as many connections as the system has ports for it: 28,232 on Linux with
/// its usual range 32768–60999. Simulating more clients needs more addresses, for example
/// 127.0.0.1 to 127.0.0.9 on one machine. An address without a free port is passed over.
///
/// With no address in it (the default) the system chooses.
#[derive(Debug, Default)]
pub struct SourcePool {
    v4: Family,
    v6: Family,
}

#[derive(Debug, Default)]
struct Family {
    addresses: Vec<IpAddr>,
    next: AtomicUsize,
}

impl SourcePool {
    /// A pool of `addresses`, used in this order, beginning anew after the last.
    #[must_use]
    pub fn new(addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        let mut pool = Self::default();
        for address in addresses {
            let family = if address.is_ipv4() { &mut pool.v4 } else { &mut pool.v6 };
            family.addresses.push(address);
        }
        pool
    }

    /// Whether `target` can be reached from here: it is of a family that the pool has.
    #[must_use]
    pub fn reaches(&self, target: &SocketAddr) -> bool {
        self.leaves_the_choice() || !self.family(target).addresses.is_empty()
    }

    /// The sources to bind to for one connection to `target`, in the order in which to try them.
    /// `None` stands for the system's choice.
    pub(crate) fn candidates(&self, target: &SocketAddr) -> Vec<Option<SocketAddr>> {
        if self.leaves_the_choice() {
            return vec![None];
        }
        let family = self.family(target);
        let turn = family.next.fetch_add(1, Ordering::Relaxed);
        let (before, after) =
            family.addresses.split_at(turn.checked_rem(family.addresses.len()).unwrap_or(0));
        let by_turns = after.iter().chain(before);
        by_turns.map(|source| Some(SocketAddr::new(*source, 0))).collect()
    }

    fn leaves_the_choice(&self) -> bool {
        self.v4.addresses.is_empty() && self.v6.addresses.is_empty()
    }

    fn family(&self, target: &SocketAddr) -> &Family {
        if target.is_ipv4() { &self.v4 } else { &self.v6 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn source(text: &str) -> Option<SocketAddr> {
        Some(SocketAddr::new(text.parse().unwrap(), 0))
    }

    #[test]
    fn sources_take_turns_and_keep_to_the_family_of_the_target() {
        let texts = ["127.0.0.2", "::1", "127.0.0.3"];
        let pool = SourcePool::new(texts.map(|text| text.parse().unwrap()));
        let v4 = target("127.0.0.1:9");
        assert_eq!(pool.candidates(&v4), [source("127.0.0.2"), source("127.0.0.3")]);
        assert_eq!(pool.candidates(&v4), [source("127.0.0.3"), source("127.0.0.2")]);
        assert_eq!(pool.candidates(&target("[::1]:9")), [source("::1")]);
        assert_eq!(pool.candidates(&v4), [source("127.0.0.2"), source("127.0.0.3")]);
    }

    #[test]
    fn an_empty_pool_leaves_the_choice_to_the_system() {
        let pool = SourcePool::default();
        assert_eq!(pool.candidates(&target("192.0.2.1:9")), [None]);
        assert!(pool.reaches(&target("[::1]:9")));
    }

    #[test]
    fn a_family_that_the_pool_lacks_cannot_be_reached() {
        let pool = SourcePool::new(["127.0.0.1".parse().unwrap()]);
        assert!(pool.reaches(&target("192.0.2.1:9")));
        assert!(!pool.reaches(&target("[2001:db8::1]:9")));
    }
}
