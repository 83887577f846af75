//! The sending handle.

use crate::protocol::Protocol;

/// The sending handle of a session; clones are cheap.
pub struct Link<P: Protocol> {
    pub(crate) protocol: std::marker::PhantomData<fn() -> P>,
}
