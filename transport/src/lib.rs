//! Guarded local endpoints and an async connection for eyelet's session.
