//! Guarded local endpoints and an async connection for eyelet's session.

#[cfg(unix)]
pub mod endpoint;
#[cfg(unix)]
pub mod peer;
