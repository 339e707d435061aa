use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic under a lock is a bug of ours; it must not turn every later call into a panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
