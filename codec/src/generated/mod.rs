pub(crate) mod ipc;
pub(crate) mod session;
