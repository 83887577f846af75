//! What the machine asks of the world outside of a connection: credentials, permits, sockets.

use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Driver, Open, Socket, Surroundings};
use crate::inbox::Turn;
use crate::machine::Action;
use crate::moment::Moment;
use crate::protocol::{Deliver, Protocol};
use crate::transport::Transport;

impl<P: Protocol, D: Deliver<P> + Turn> Driver<P, D> {
    /// Does what the machine wants done. Whether it wanted anything.
    #[inline]
    pub(super) fn act(&mut self, now: Moment, cx: &mut Context<'_>) -> bool {
        let wants = self.machine.has_action();
        if wants {
            self.act_now(now, cx);
        }
        wants
    }

    #[cold]
    fn act_now(&mut self, now: Moment, cx: &mut Context<'_>) {
        while let Some(action) = self.machine.poll_action() {
            match action {
                Action::Prepare => {
                    self.socket = match &self.make {
                        Some(make) => Socket::Preparing(make()),
                        None => Socket::None,
                    };
                }
                Action::Permit => {
                    self.socket = Socket::Permitting(self.surroundings().permits.permit());
                }
                Action::Connect(endpoint) => {
                    tracing::debug!(session = %self.machine.desk().name, %endpoint, "connecting");
                    #[cfg(feature = "metrics")]
                    self.meter.dials(now);
                    let within = self.machine.settings().connect;
                    let connecting = self.surroundings().connector.connect(&endpoint, within);
                    self.socket = Socket::Connecting(connecting);
                }
                Action::ReturnPermit => self.permit = None,
                Action::Upgrade(server_name) => match &mut self.socket {
                    Socket::Open(_) => self.upgrade = Some(Box::new(server_name)),
                    _ => self.machine.upgraded(false, now, cx),
                },
                Action::Look | Action::Stop => {}
                Action::Disconnect => self.hang_up(),
            }
        }
    }

    /// Drops the socket and all bytes that were not written.
    fn hang_up(&mut self) {
        self.socket = Socket::None;
        self.upgrade = None;
        self.rest = None;
    }

    fn surroundings(&self) -> Arc<Surroundings> {
        self.surroundings.clone().unwrap_or_default()
    }

    pub(super) fn open(&mut self, transport: Box<dyn Transport>) {
        let desk = self.machine.desk();
        let peer = transport.peer_address();
        let epoch = self.machine.epoch();
        let span = tracing::info_span!("epoch", session = %desk.name, epoch, %peer);
        let span = (!span.is_disabled()).then(|| Box::new(span));
        self.socket = Socket::Open(Open { transport, span });
    }

    /// Goes on with what is under way outside of a connection. Whether it came to an end.
    #[inline]
    pub(super) fn dial(&mut self, now: Moment, cx: &mut Context<'_>) -> bool {
        let is_open = matches!(self.socket, Socket::Open(_)) && self.upgrade.is_none();
        !is_open && self.dial_on(now, cx)
    }

    #[cold]
    fn dial_on(&mut self, now: Moment, cx: &mut Context<'_>) -> bool {
        match &mut self.socket {
            Socket::Preparing(making) => {
                let Poll::Ready(made) = making.as_mut().poll(cx) else { return false };
                self.socket = Socket::None;
                self.machine.prepared(made, now);
            }
            Socket::Permitting(permitting) => {
                let Poll::Ready(permit) = permitting.as_mut().poll(cx) else { return false };
                self.socket = Socket::None;
                self.permit = Some(permit);
                self.machine.permitted(now);
            }
            Socket::Connecting(connecting) => {
                let Poll::Ready(connected) = connecting.as_mut().poll(cx) else { return false };
                self.socket = Socket::None;
                match connected {
                    Ok(transport) => {
                        self.machine.connected(now);
                        self.open(transport);
                        self.machine.poll_handshake(now, cx);
                    }
                    Err(error) => self.machine.not_connected(error, now),
                }
            }
            Socket::Upgrading(upgrading) => {
                let Poll::Ready(upgraded) = upgrading.as_mut().poll(cx) else { return false };
                self.socket = Socket::None;
                let done = upgraded.is_ok();
                if let Ok(transport) = upgraded {
                    self.open(transport);
                }
                self.machine.upgraded(done, now, cx);
            }
            Socket::Open(_) => {
                if self.rest.is_some() || !self.machine.has_written_all() {
                    return false;
                }
                let Some(name) = self.upgrade.take() else { return false };
                let Socket::Open(open) = std::mem::replace(&mut self.socket, Socket::None) else {
                    return false;
                };
                let upgrading = self.surroundings().connector.upgrade(open.transport, *name);
                self.socket = Socket::Upgrading(upgrading);
            }
            Socket::None => return false,
        }
        true
    }
}
