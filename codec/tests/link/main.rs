//! The serial link against the rules L1 to L10 of `proto/WIRE.md`, by an outsider who has only that page:
//! what comes from the line is written by hand, and what goes to it is read by a parser of this test's
//! own.

mod beginning;
mod closing;
mod conversation;
mod memory;
mod receiving;
mod repeating;
mod rig;
mod schedules;
mod sending;
mod table;
mod wire;
