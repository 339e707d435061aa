//! Bounded protobuf messages, frames and a sans-I/O session for local IPC.
#![no_std]
#![forbid(unsafe_code)]
