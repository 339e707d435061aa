//! Everyone who is measured, one file each.

pub(crate) mod capnp_rpc;
pub(crate) mod eyelet;
pub(crate) mod eyelet_blocking;
pub(crate) mod framed;
pub(crate) mod iceoryx2;
pub(crate) mod raw_blocking_echo;
pub(crate) mod raw_echo;
pub(crate) mod tarpc;
pub(crate) mod tonic;
pub(crate) mod ttrpc;
pub(crate) mod zlink;
