//! Names to addresses, anew at each attempt.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use super::error::{ConnectError, IoError};

/// At most this many addresses of one name are used; the rest of a longer answer is ignored.
pub const MAX_ADDRESSES: usize = 16;

/// Looks names up. It is asked at each attempt and should not keep answers beyond their time to
/// live: the usual reason for a reconnect is that the peer has moved.
pub trait Resolver: Send + Sync + 'static {
    /// The addresses of `host`, the best first, each with `port`.
    fn resolve(&self, host: &str, port: u16) -> Resolving;
}

/// A look-up under way.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// The system's resolver (`getaddrinfo`, on a thread of the runtime's blocking pool).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str, port: u16) -> Resolving {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// The addresses to try, in the order in which to try them: those of `resolver`, or `host` itself
/// if it is an address, without those that `usable` refuses.
pub(crate) async fn addresses(
    resolver: &dyn Resolver,
    host: &str,
    port: u16,
    usable: impl Fn(&SocketAddr) -> bool,
) -> Result<Vec<SocketAddr>, ConnectError> {
    let found = match host.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        Err(_) => resolver.resolve(host, port).await.map_err(|error| ConnectError::Resolve {
            host: host.into(),
            error: IoError::from(&error),
        })?,
    };
    let mut ordered = interleaved(found.into_iter().filter(usable));
    ordered.truncate(MAX_ADDRESSES);
    if ordered.is_empty() {
        return Err(ConnectError::NoAddress { host: host.into() });
    }
    Ok(ordered)
}

/// RFC 8305 §4: "interleave address families"; the first stays first (the system has sorted by
/// RFC 6724), then one of each family by turns, without doubles.
fn interleaved(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut families: [Vec<SocketAddr>; 2] = [Vec::new(), Vec::new()];
    let mut first_is_v6 = None;
    for address in found {
        let leading = *first_is_v6.get_or_insert(address.is_ipv6()) == address.is_ipv6();
        let [first, second] = &mut families;
        let family = if leading { first } else { second };
        if !family.contains(&address) {
            family.push(address);
        }
    }
    let [first, second] = families;
    let mut second = second.into_iter();
    let mut ordered = Vec::new();
    for address in first {
        ordered.push(address);
        ordered.extend(second.next());
    }
    ordered.extend(second);
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(&'static [&'static str]);

    impl Resolver for Fixed {
        fn resolve(&self, _: &str, _: u16) -> Resolving {
            let answer = list(self.0);
            Box::pin(async move { Ok(answer) })
        }
    }

    fn list(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[tokio::test]
    async fn families_take_turns_from_the_first_answer_on() {
        let resolver =
            Fixed(&["[2001:db8::1]:9", "[2001:db8::2]:9", "[2001:db8::3]:9", "192.0.2.1:9"]);
        let ordered = addresses(&resolver, "a.example", 9, |_| true).await.unwrap();
        let expected = ["[2001:db8::1]:9", "192.0.2.1:9", "[2001:db8::2]:9", "[2001:db8::3]:9"];
        assert_eq!(ordered, list(&expected));
    }

    #[tokio::test]
    async fn doubles_and_unusable_addresses_are_left_out() {
        let resolver = Fixed(&["192.0.2.1:9", "192.0.2.1:9", "[2001:db8::1]:9"]);
        let ordered = addresses(&resolver, "a.example", 9, SocketAddr::is_ipv4).await.unwrap();
        assert_eq!(ordered, list(&["192.0.2.1:9"]));
    }

    #[tokio::test]
    async fn an_address_is_not_looked_up() {
        let resolver = Fixed(&["192.0.2.1:9"]);
        let ordered = addresses(&resolver, "2001:db8::7", 80, |_| true).await.unwrap();
        assert_eq!(ordered, list(&["[2001:db8::7]:80"]));
    }

    #[tokio::test]
    async fn a_name_without_a_usable_address_is_an_error() {
        let error = addresses(&Fixed(&["192.0.2.1:9"]), "a.example", 9, SocketAddr::is_ipv6).await;
        assert_eq!(error, Err(ConnectError::NoAddress { host: "a.example".into() }));
    }

    #[tokio::test]
    async fn what_the_resolver_answers_is_kept() {
        struct Broken;
        impl Resolver for Broken {
            fn resolve(&self, _: &str, _: u16) -> Resolving {
                Box::pin(async { Err(io::ErrorKind::NotFound.into()) })
            }
        }
        let error = addresses(&Broken, "a.example", 9, |_| true).await;
        let expected = IoError::from(io::ErrorKind::NotFound);
        assert_eq!(error, Err(ConnectError::Resolve { host: "a.example".into(), error: expected }));
    }

    #[tokio::test]
    async fn a_long_answer_is_cut() {
        struct Long;
        impl Resolver for Long {
            fn resolve(&self, _: &str, port: u16) -> Resolving {
                let many = (0..200).map(|last| SocketAddr::from(([192, 0, 2, last], port)));
                let many = many.collect();
                Box::pin(async move { Ok(many) })
            }
        }
        let ordered = addresses(&Long, "a.example", 9, |_| true).await.unwrap();
        assert_eq!(ordered.len(), MAX_ADDRESSES);
    }

    #[tokio::test]
    async fn the_system_knows_localhost() {
        let found = SystemResolver.resolve("localhost", 9).await.unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 9));
        assert_ne!(found, []);
    }
}
