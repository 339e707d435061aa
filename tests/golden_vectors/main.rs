//! The golden vectors of `proto/vectors/`, which something else than this code computed, hold in both
//! directions.

mod cobs;
mod damage;
mod files;
mod frames;
mod kind;
mod link;
mod messages;
mod notation;
mod packets;
mod refusals;
mod schema;
mod view;
