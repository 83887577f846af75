//! What Modbus adds to its requests: every one is answered, and a link that is quiet asks for an echo.

use std::time::Duration;

use longlink::session::protocol::{Awaits, Established, Protocol, Refusal};
use longlink::session::{Heartbeat, Script, Session, session::Builder, settings::Settings};

use super::message::{Ask, Request, Response};

/// Requests that may wait for their response at once: of the "1 to 16" that the Implementation Guide
/// (V1.0b, clause 4.2) names for NumberMaxOfServerTransaction.
pub const TRANSACTIONS: usize = 16;

/// The rules of Modbus for one connection.
pub struct Client {
    /// Who is asked whether it lives.
    unit: u8,
}

/// A client of the server at `address`; `.spawn()` starts it.
///
/// `link.request(Request::new(0, unit, ask))` waits for the response of its transaction, however
/// many are under way. The session gives each its transaction.
pub fn client(address: &str, unit: u8, heartbeat: Heartbeat) -> Builder<Client> {
    let settings = Settings {
        pending: TRANSACTIONS,
        heartbeat,
        acknowledgement: Duration::from_secs(5),
        ..Settings::default()
    };
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
