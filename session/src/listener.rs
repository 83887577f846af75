//! The server's side: accepting connections within limits.

mod accept;
mod admission;
mod incoming;
mod serving;

use std::future::{Future, IntoFuture};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use accept::Accept;
pub use admission::Turned;
pub use incoming::Tally;
pub use serving::{ServeReport, Serving};

use crate::connect::Endpoint;
#[cfg(feature = "tls")]
use crate::connect::tls::ServerTls;
use crate::inbox::{Inbox, ToHandler, ToInbox};
use crate::link::Link;
use crate::protocol::{Handler, Protocol};
use crate::settings::Settings;
use crate::transport::{PeerAddress, SocketOptions};
use incoming::Incoming;
use serving::{Hall, Host};

/// What a [`Listener`] allows its peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections accepted a second, and at once after a quiet time; default 1,000. The others
    /// wait in the system's backlog.
    pub accepts_per_second: u32,
    /// Connections of one address at once; default 64. Of IPv6 the /64 counts as one address;
    /// loopback, Unix sockets and memory are exempt.
    pub per_address: usize,
    /// Logged-in connections at once; default: no limit.
    pub connections: Option<usize>,
    /// Connections at once that have not logged in; default 10,000: what the rate and the deadline
    /// let in.
    pub handshakes: usize,
    /// TLS and login together; default 10 s. A connection counts as one only after it.
    pub handshake: Duration,
    /// Inside a frame the next whole one must come within this; default 10 s (slow loris).
    pub frame: Duration,
    /// Connections that the system keeps until they are accepted; default 4,096.
    pub backlog: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            accepts_per_second: 1000,
            per_address: 64,
            connections: None,
            handshakes: 10_000,
            handshake: Duration::from_secs(10),
            frame: Duration::from_secs(10),
            backlog: 4096,
        }
    }
}

/// Who has connected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// Its address.
    pub address: PeerAddress,
    /// Its certificates, leaf first, in DER; empty without mutual TLS.
    pub certificates: Vec<Vec<u8>>,
    /// The number of the connection, counted from 1 by this listener.
    pub number: u64,
}

/// Listens, and does not accept yet.
pub struct Listener {
    accept: Box<dyn Accept>,
    limits: Limits,
    settings: Arc<Settings>,
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
}

impl Listener {
    /// Begins to listen at `host:port` or `unix:path`; await the result. A host must be an
    /// address or a name that this machine resolves to its own; port 0 lets the system pick one.
    ///
    /// ```
    /// # mod longlink { pub use longlink_session as session; }
    /// use longlink::session::listener::{Limits, Listener};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let limits = Limits { per_address: 8, ..Limits::default() };
    /// let listener = Listener::bind("127.0.0.1:0").limits(limits).await?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # std::io::Result::Ok(())
    /// # })?;
    /// # std::io::Result::Ok(())
    /// ```
    pub fn bind(place: impl Into<Endpoint>) -> Bind {
        Bind {
            place: place.into(),
            limits: Limits::default(),
            options: SocketOptions::default(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Takes connections from anywhere else: the test kit's network, a socket made by others.
    /// Its backlog and socket options are its own.
    pub fn over(accept: impl Accept, limits: Limits) -> Self {
        Self {
            accept: Box::new(accept),
            limits,
            settings: Arc::default(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// All numbers of the sessions, instead of the defaults. The handshake and frame deadlines are
    /// those of the [`Limits`].
    #[must_use]
    pub fn settings(mut self, settings: impl Into<Arc<Settings>>) -> Self {
        self.settings = settings.into();
        self
    }

    /// Accepts, and runs one session for each connection: `make` makes its protocol value, and a
    /// clone of `handler` takes its frames in place, in the session's task.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as `tokio::spawn`.
    pub fn serve<P, H>(
        self,
        make: impl Fn(&Peer) -> P + Send + Sync + 'static,
        handler: H,
    ) -> Serving<P>
    where
        P: Protocol,
        H: Handler<P> + Clone + Sync,
    {
        self.serve_with(move |peer| (make(peer), handler.clone()))
    }

    /// The same, with a handler of its own for each connection. What the login learns (who has
    /// come) the handler knows by what it shares with the protocol value:
    ///
    /// ```
    /// # mod longlink { pub use longlink_session as session; }
    /// use std::sync::{Arc, OnceLock};
    ///
    /// use longlink::session::listener::{Listener, Serving};
    /// use longlink::session::protocol::Handler;
    /// # use longlink::session::Protocol;
    ///
    /// type User = Arc<OnceLock<String>>;
    ///
    /// fn serve<P: Protocol, H: Handler<P>>(
    ///     listener: Listener,
    ///     // Its handshake sets the user.
    ///     protocol: fn(User) -> P,
    ///     // Its frames are those of this user.
    ///     handler: fn(User) -> H,
    /// ) -> Serving<P> {
    ///     listener.serve_with(move |_peer| {
    ///         let user = User::default();
    ///         (protocol(user.clone()), handler(user))
    ///     })
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as `tokio::spawn`.
    pub fn serve_with<P, H>(
        self,
        make: impl Fn(&Peer) -> (P, H) + Send + Sync + 'static,
    ) -> Serving<P>
    where
        P: Protocol,
        H: Handler<P>,
    {
        self.start(make, move |host, handler| {
            let desk = host.desk().clone();
            host.run(ToHandler::new(handler, desk))
        })
    }

    /// Accepts, and hands the two ends of each connection that has logged in to what `make` made
    /// beside its protocol value; the future runs as a task of its own. Dropping both ends drains
    /// and closes the connection. Who has come is known as in [`Listener::serve_with`]: by what the
    /// two share.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as `tokio::spawn`.
    pub fn serve_each<P, E, F>(
        self,
        make: impl Fn(&Peer) -> (P, E) + Send + Sync + 'static,
    ) -> Serving<P>
    where
        P: Protocol,
        E: FnOnce(Link<P>, Inbox<P>) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        self.start(make, move |mut host, attend: E| {
            let (link, inbox) = host.ends();
            let desk = host.desk().clone();
            host.once_up(move || drop(tokio::spawn(attend(link, inbox))));
            host.run(ToInbox::new(desk))
        })
    }

    fn start<P, H, M, R, F>(self, make: M, run: R) -> Serving<P>
    where
        P: Protocol,
        H: Send + 'static,
        M: Fn(&Peer) -> (P, H) + Send + Sync + 'static,
        R: Fn(Host<P>, H) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let address = self.local_address();
        let mut settings = Arc::unwrap_or_clone(self.settings);
        settings.handshake = self.limits.handshake;
        settings.step = settings.step.min(self.limits.handshake);
        settings.frame = Some(self.limits.frame);
        let within = self.limits.handshake;
        let incoming = Incoming::new(self.accept, self.limits);
        let hall = Hall::new(incoming.door().clone(), Arc::new(settings));
        let serving = Serving::new(hall.clone(), address);
        #[cfg(feature = "tls")]
        let tls = self.tls;
        let (make, run) = (Arc::new(make), Arc::new(run));
        let accepting = hall.clone();
        tokio::spawn(accepting.accept(incoming, move |admitted| {
            let (hall, make, run) = (hall.clone(), make.clone(), run.clone());
            #[cfg(feature = "tls")]
            let tls = tls.clone();
            async move {
                let deadline = tokio::time::Instant::now() + within;
                #[cfg(feature = "tls")]
                let admitted = match tls {
                    Some(tls) => match serving::shake(&hall, admitted, &tls, deadline).await {
                        Some(admitted) => admitted,
                        None => return,
                    },
                    None => admitted,
                };
                let (protocol, handler) = make(&admitted.peer);
                let host = Host::new(hall, admitted, protocol, deadline);
                run(host, handler).await;
            }
        }));
        serving
    }

    /// Where it listens.
    #[must_use]
    pub fn local_address(&self) -> PeerAddress {
        self.accept.local_address()
    }

    /// The address and port where it listens.
    ///
    /// # Errors
    ///
    /// `Unsupported`, if it does not listen on TCP.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match self.local_address() {
            PeerAddress::Tcp(address) => Ok(address),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// A [`Listener`] in the making; await it.
pub struct Bind {
    place: Endpoint,
    limits: Limits,
    options: SocketOptions,
    #[cfg(feature = "tls")]
    tls: Option<ServerTls>,
}

impl Bind {
    /// Allows peers this much.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets `options` on each accepted TCP socket.
    #[must_use]
    pub fn options(mut self, options: SocketOptions) -> Self {
        self.options = options;
        self
    }

    /// Speaks TLS from the first byte on.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: ServerTls) -> Self {
        self.tls = Some(tls);
        self
    }

    async fn listen(self) -> io::Result<Listener> {
        let accept: Box<dyn Accept> = match (self.place.path(), self.place.host()) {
            (Some(path), _) => accept::unix(path)?,
            (None, Some(host)) => {
                let port = self.place.port().unwrap_or(0);
                Box::new(accept::tcp(host, port, self.limits.backlog, &self.options).await?)
            }
            (None, None) => return Err(io::ErrorKind::InvalidInput.into()),
        };
        Ok(Listener {
            accept,
            limits: self.limits,
            settings: Arc::default(),
            #[cfg(feature = "tls")]
            tls: self.tls,
        })
    }
}

impl IntoFuture for Bind {
    type Output = io::Result<Listener>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<Listener>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.listen())
    }
}

#[cfg(test)]
pub(crate) mod tests;
