//! The right to dial, as the driver sees the process-wide limiter.

use std::future::Future;
use std::pin::Pin;

/// Says when a session may dial. One for a whole process, or for those who share a destination.
pub trait Permits: Send + Sync + 'static {
    /// Waits for the right to dial once, first come, first served. Dropping the future gives the
    /// place in the queue up.
    fn permit(&self) -> Permitting;
}

/// A permit on its way.
pub type Permitting = Pin<Box<dyn Future<Output = Permit> + Send>>;

/// The right to dial and to shake hands once. Dropping it says that the handshake is over, however
/// it ended.
pub type Permit = Box<dyn Send>;

impl<T: Permits + ?Sized> Permits for std::sync::Arc<T> {
    fn permit(&self) -> Permitting {
        (**self).permit()
    }
}
