//! Locking without poison: no user code runs under a lock of this crate.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The guard, also after a panic elsewhere: what it protects is changed in single steps.
#[inline]
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
