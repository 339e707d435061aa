use eyelet_codec::session::Role;
use proptest::prelude::*;

use crate::packets::{HELLOS, PACKETS};
use crate::wire;

/// Bytes on a line that nobody sent.
#[derive(Clone, Debug)]
pub(crate) enum Injection {
    /// One of the packets of WIRE.md, behind a whole frame, on a stream.
    Packet(usize, Stream),
    /// So many tasks, each on a stream of its own.
    Tasks(u64),
    /// So many results on a stream, more of which are to follow.
    Results(usize, Stream),
    /// So many of one that costs something and does nothing.
    Flood(usize, usize),
    /// One of the last frames, once more.
    Repeat(usize),
    /// One bit of a frame that is under way is another.
    Flip(usize),
    /// A length in more bytes than it needs, of nothing, or of more than anybody takes.
    Length(usize),
}

/// Seen from those that are there when it happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Connection,
    /// One that is open, if there is.
    Open(usize),
    /// One that there is or was, counted from the highest down.
    Known(u64),
    /// So many above the highest.
    Above(u64),
    Any(u64),
}

/// What a receiver has to make of it, where that cannot be told from its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) packet: &'static str,
    pub(crate) stream: u64,
}

pub(crate) const LENGTHS: [&[u8]; 4] =
    [&[0x80, 0x00], &[0x00], &[0x81, 0x80, 0x40], &[0x81, 0x80, 0x80, 0x80, 0x00]];

/// Of [`PACKETS`]: `cancel`, `ping`, `pong`, no body.
const FLOODS: [&str; 4] = ["`cancel`", "`ping`", "`pong`", "unknown body"];

pub(crate) fn any() -> impl Strategy<Value = Injection> {
    let stream = prop_oneof![
        2 => Just(Stream::Connection),
        3 => (0..4usize).prop_map(Stream::Open),
        3 => (0..5u64).prop_map(Stream::Known),
        2 => (1..4u64).prop_map(Stream::Above),
        1 => (0..16u64).prop_map(Stream::Any),
    ];
    prop_oneof![
        40 => (0..PACKETS.len() + HELLOS.len(), stream)
            .prop_map(|(packet, stream)| Injection::Packet(packet, stream)),
        6 => (1..6usize, 0..4usize)
            .prop_map(|(count, nth)| Injection::Results(count, Stream::Open(nth))),
        4 => (1..8u64).prop_map(Injection::Tasks),
        4 => (PACKETS.len()..PACKETS.len() + HELLOS.len())
            .prop_map(|packet| Injection::Packet(packet, Stream::Connection)),
        3 => (0..FLOODS.len(), 60..1300usize).prop_map(|(packet, count)| Injection::Flood(packet, count)),
        5 => (0..4usize).prop_map(Injection::Repeat),
        5 => any_offset().prop_map(Injection::Flip),
        2 => (0..LENGTHS.len()).prop_map(Injection::Length),
    ]
}

fn any_offset() -> impl Strategy<Value = usize> {
    prop_oneof![0..64usize, 0..4000usize]
}

impl Stream {
    pub(crate) fn id(self, open: &[u64], highest: u64) -> u64 {
        match self {
            Self::Connection => 0,
            Self::Open(nth) => nth.checked_rem(open.len()).map_or(highest, |nth| open[nth]),
            Self::Known(back) => highest.saturating_sub(2 * back),
            Self::Above(step) => highest + step,
            Self::Any(id) => id,
        }
    }
}

/// A packet of the page as a frame, and what it is.
pub(crate) fn packet(index: usize, stream: u64, receiver: Role) -> (Vec<u8>, Mark) {
    let (name, bytes) = PACKETS.iter().chain(&HELLOS).nth(index).expect("drawn from as many");
    (wire::frame(&bytes(stream, receiver)), Mark { packet: name, stream })
}

pub(crate) fn task(stream: u64) -> Vec<u8> {
    wire::frame(&wire::task(stream, b""))
}

/// Bytes of a result that nobody sent.
pub(crate) const RESULT: usize = 100;

/// A result of so many bytes, and more to follow.
pub(crate) fn result(stream: u64) -> Vec<u8> {
    wire::frame(&wire::result_of(stream, RESULT, true))
}

/// One of a flood. What belongs to a stream names the lowest there can be.
pub(crate) fn drop_of(index: usize, receiver: Role) -> (Vec<u8>, Mark) {
    let index = PACKETS.iter().position(|(name, _)| *name == FLOODS[index]).expect("it is there");
    packet(index, u64::from(PACKETS[index].0 == FLOODS[0]), receiver)
}
