//! What Modbus adds to its requests: every one is answered, and a link that is quiet asks for an echo.

use std::time::Duration;

use longlink::session::protocol::{Awaits, Established, Protocol, Refusal};
use longlink::session::session::Builder;
use longlink::session::{Heartbeat, Script, Session, Settings};

use super::message::{Ask, Request, Response};

/// How to talk to a server.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who is asked whether it lives.
    pub unit: u8,
    /// Requests that may wait for their response at once, "from 1 to 16" (Implementation Guide
    /// V1.0b, clause 4.2, NumberMaxOfServerTransaction), heartbeats among them; the others wait in the
    /// queue. 1 suits every server: there are those that answer the first of several and forget the
    /// rest.
    pub transactions: u8,
    /// A response must come within this.
    pub answer: Duration,
    /// How long a link may be quiet.
    pub heartbeat: Heartbeat,
}

impl Options {
    /// One request at a time, answered within 5 s; alive each 30 seconds.
    pub fn new(unit: u8) -> Self {
        let answer = Duration::from_secs(5);
        Self { unit, transactions: 1, answer, heartbeat: Heartbeat::default() }
    }
}

/// The rules of Modbus for one connection.
pub struct Client {
    unit: u8,
}

/// A client of the server at `address`; `.spawn()` starts it.
///
/// `link.request(Request::new(0, unit, ask))` waits for the response of its transaction, however
/// many are under way. The session gives each its transaction.
pub fn client(address: &str, options: &Options) -> Builder<Client> {
    let settings = Settings {
        pending: options.transactions.into(),
        acknowledgement: options.answer,
        heartbeat: options.heartbeat,
        ..Settings::default()
    };
    let unit = options.unit;
    let make = move || std::future::ready(Ok(Client { unit }));
    Session::builder(make).endpoint(address).settings(settings)
}

impl Protocol for Client {
    type Outgoing = Request;
    type Incoming = Response;
    type View<'a> = Response;

    async fn handshake(
        &mut self,
        _: &mut Script<Request, Response>,
    ) -> Result<Established, Refusal> {
        Ok(Established::default())
    }

    /// Clause 6.8.1, function 00: "the data passed in the request is to be returned". A server
    /// without it answers with an exception, and lives as well.
    fn heartbeat(&mut self) -> Option<Request> {
        Some(Request::new(0, self.unit, Ask::Diagnose { function: 0, data: vec![0] }))
    }

    fn awaits(&self, _: &Request) -> Awaits {
        Awaits::Acknowledgement
    }
}
