//! Who may come in, and how fast. Without sockets and clock.

use std::collections::HashMap;
use std::net::IpAddr;

use super::Limits;
use crate::moment::Moment;
use crate::transport::PeerAddress;

/// One accept is this many of the bucket's drops: one microsecond at one accept a second is one.
const DROPS: u64 = 1_000_000;

/// Counts connections; says when the next may be accepted, and whether it may stay.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: Limits,
    drops: u64,
    filled_at: Moment,
    per_address: HashMap<IpAddr, usize>,
    handshaking: usize,
    established: usize,
}

/// A connection that was let in, until it is given back to [`Admission::leave`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Guest {
    counted: Option<IpAddr>,
    established: bool,
}

/// Why a connection was closed right after being accepted, or after its handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Turned {
    /// Its address has as many connections as one address may have.
    Address,
    /// There are as many logged-in connections as there may be.
    Full,
    /// There are as many connections that log in as there may be.
    Handshakes,
}

impl Turned {
    /// One word for logs and dashboards: `address`, `full`, `handshakes`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Full => "full",
            Self::Handshakes => "handshakes",
        }
    }
}

impl Admission {
    pub(crate) fn new(limits: Limits, now: Moment) -> Self {
        Self {
            drops: u64::from(limits.accepts_per_second.max(1)) * DROPS,
            limits,
            filled_at: now,
            per_address: HashMap::new(),
            handshaking: 0,
            established: 0,
        }
    }

    /// When the next connection may be accepted: `now`, or later. Until then it waits in the
    /// system's backlog.
    pub(crate) fn next_accept(&mut self, now: Moment) -> Moment {
        let rate = u64::from(self.limits.accepts_per_second.max(1));
        let fresh = now.0.saturating_sub(self.filled_at.0).saturating_mul(rate);
        self.drops = self.drops.saturating_add(fresh).min(rate * DROPS);
        self.filled_at = now;
        Moment(now.0.saturating_add(DROPS.saturating_sub(self.drops).div_ceil(rate)))
    }

    /// A connection was accepted, and may log in.
    pub(crate) fn enter(&mut self, peer: &PeerAddress) -> Result<Guest, Turned> {
        self.drops = self.drops.saturating_sub(DROPS);
        if self.handshaking >= self.limits.handshakes {
            return Err(Turned::Handshakes);
        }
        let counted = counted_address(peer);
        if let Some(address) = counted {
            let count = self.per_address.entry(address).or_default();
            if *count >= self.limits.per_address {
                return Err(Turned::Address);
            }
            *count += 1;
        }
        self.handshaking += 1;
        Ok(Guest { counted, established: false })
    }

    /// It has logged in: from now on it counts.
    pub(crate) fn establish(&mut self, guest: &mut Guest) -> Result<(), Turned> {
        if guest.established {
            return Ok(());
        }
        if self.limits.connections.is_some_and(|most| self.established >= most) {
            return Err(Turned::Full);
        }
        guest.established = true;
        self.handshaking -= 1;
        self.established += 1;
        Ok(())
    }

    /// It is gone.
    pub(crate) fn leave(&mut self, guest: Guest) {
        let group = if guest.established { &mut self.established } else { &mut self.handshaking };
        *group = group.saturating_sub(1);
        if let Some(address) = guest.counted
            && let Some(count) = self.per_address.get_mut(&address)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.per_address.remove(&address);
            }
        }
    }

    pub(crate) fn established(&self) -> usize {
        self.established
    }

    pub(crate) fn handshaking(&self) -> usize {
        self.handshaking
    }
}

/// The address that the limit per address is kept for; none for the loopback interface, Unix
/// sockets and memory. IPv4 addresses that come mapped into IPv6 count as themselves, and of other
/// IPv6 addresses the /64, because one host usually has all of it (RFC 6177 §2).
fn counted_address(peer: &PeerAddress) -> Option<IpAddr> {
    let PeerAddress::Tcp(address) = peer else { return None };
    match address.ip().to_canonical() {
        ip if ip.is_loopback() => None,
        IpAddr::V6(ip) => Some(IpAddr::V6((ip.to_bits() >> 64 << 64).into())),
        ip @ IpAddr::V4(_) => Some(ip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> PeerAddress {
        PeerAddress::Tcp(text.parse().unwrap())
    }

    fn admission(limits: Limits) -> Admission {
        Admission::new(limits, Moment(0))
    }

    #[test]
    fn accepts_keep_to_the_rate_and_wait_in_the_backlog() {
        let mut admission = admission(Limits { accepts_per_second: 10, ..Limits::default() });
        for _ in 0..10 {
            assert_eq!(admission.next_accept(Moment(0)), Moment(0));
            admission.enter(&PeerAddress::Unknown).unwrap();
        }
        assert_eq!(admission.next_accept(Moment(0)), Moment(100_000));
        assert_eq!(admission.next_accept(Moment(99_999)), Moment(100_000));
        assert_eq!(admission.next_accept(Moment(100_000)), Moment(100_000));
        admission.enter(&PeerAddress::Unknown).unwrap();
        assert_eq!(admission.next_accept(Moment(100_000)), Moment(200_000));
    }

    #[test]
    fn one_address_has_64_connections_and_another_still_comes_in() {
        let mut admission = admission(Limits::default());
        let mut guests: Vec<Guest> =
            (0..64).map(|_| admission.enter(&peer("192.0.2.1:5")).unwrap()).collect();
        assert_eq!(admission.enter(&peer("192.0.2.1:6")), Err(Turned::Address));
        assert_eq!(admission.enter(&peer("[::ffff:192.0.2.1]:6")), Err(Turned::Address));
        admission.enter(&peer("192.0.2.2:6")).unwrap();
        admission.leave(guests.pop().unwrap());
        admission.enter(&peer("192.0.2.1:6")).unwrap();
        assert_eq!(admission.handshaking(), 65);
    }

    #[test]
    fn loopback_memory_and_unix_sockets_are_not_counted_by_address() {
        let mut admission = admission(Limits { per_address: 0, ..Limits::default() });
        for free in [peer("127.0.0.9:1"), peer("[::1]:1"), PeerAddress::Memory(1)] {
            admission.enter(&free).unwrap();
        }
        assert_eq!(admission.enter(&peer("192.0.2.1:1")), Err(Turned::Address));
    }

    #[test]
    fn the_addresses_of_one_network_of_ipv6_count_together() {
        let mut admission = admission(Limits { per_address: 1, ..Limits::default() });
        admission.enter(&peer("[2001:db8:0:1::1]:1")).unwrap();
        assert_eq!(admission.enter(&peer("[2001:db8:0:1:ffff::2]:1")), Err(Turned::Address));
        admission.enter(&peer("[2001:db8:0:2::1]:1")).unwrap();
    }

    /// The museum: permits taken at the accept, so that silent peers fill the server.
    #[test]
    fn museum_a_silent_peer_does_not_count_before_it_has_logged_in() {
        let mut admission = admission(Limits { connections: Some(1), ..Limits::default() });
        let silent: Vec<Guest> =
            (0..100).map(|_| admission.enter(&PeerAddress::Unknown).unwrap()).collect();
        let mut good = admission.enter(&PeerAddress::Unknown).unwrap();
        admission.establish(&mut good).unwrap();
        admission.establish(&mut good).unwrap();
        assert_eq!((admission.established(), admission.handshaking()), (1, 100));
        let mut late = admission.enter(&PeerAddress::Unknown).unwrap();
        assert_eq!(admission.establish(&mut late), Err(Turned::Full));
        for guest in silent.into_iter().chain([good, late]) {
            admission.leave(guest);
        }
        assert_eq!((admission.established(), admission.handshaking()), (0, 0));
        assert_eq!(admission.per_address.len(), 0);
    }

    #[test]
    fn handshakes_are_bounded() {
        let mut admission = admission(Limits { handshakes: 1, ..Limits::default() });
        let guest = admission.enter(&PeerAddress::Unknown).unwrap();
        assert_eq!(admission.enter(&PeerAddress::Unknown), Err(Turned::Handshakes));
        admission.leave(guest);
        admission.enter(&PeerAddress::Unknown).unwrap();
    }
}
