//! A server: all connections work on one bank.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use longlink::session::listener::{Listener, Serving};
use longlink::session::{Flow, Handler, Plain, Reply};

use super::bank::Bank;
use super::message::{Request, Response};

/// The rules are those of the frames.
pub type Server = Plain<Response, Request>;

/// A bank that several connections share.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Mutex<Bank>>);

impl Shared {
    pub fn new(bank: Bank) -> Self {
        Self(Arc::new(Mutex::new(bank)))
    }

    pub fn bank(&self) -> MutexGuard<'_, Bank> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler<Server> for Shared {
    fn frame(&mut self, request: Request, reply: &Reply<Server>) -> Flow {
        let answer = self.bank().answer(&request.ask);
        // The session keeps a place free for it.
        drop(reply.send(Response::new(request.transaction, request.unit, answer)));
        Flow::Go
    }
}

/// Answers for every unit at `address`, for example `0.0.0.0:502`.
///
/// # Errors
/// The address cannot be listened at.
pub async fn serve(address: &str, shared: Shared) -> std::io::Result<Serving<Server>> {
    Ok(Listener::bind(address).await?.serve(|_| Server::default(), shared))
}
