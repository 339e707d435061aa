pub(crate) mod ipc;
#[cfg(feature = "alloc")]
mod owned;
#[cfg(feature = "alloc")]
pub(crate) mod prost;
pub(crate) mod session;
