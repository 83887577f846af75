//! What a handler answers with.

use crate::protocol::Protocol;

/// The way back to the peer, lent to a [`Handler`](crate::protocol::Handler).
pub struct Reply<P: Protocol> {
    pub(crate) link: crate::link::Link<P>,
}
