//! The session against the rules of `proto/WIRE.md`, by an outsider who has only that page: what is said
//! to it is bytes written by hand, and what it says is read by a parser of this test's own.

mod abuse;
mod cancels;
mod clocks;
mod conversations;
mod credit;
mod farewell;
mod floods;
mod frames;
mod greeting;
mod packets;
mod page;
mod rig;
mod stalls;
mod streams;
mod table;
mod wire;
mod world;
