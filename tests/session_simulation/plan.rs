use proptest::prelude::*;

use crate::injection::{self, Injection, RESULT};

/// What a conversation is to be like. Everything that happens in it follows from this.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) credit: u64,
    /// Of the agent and of the collector.
    pub(crate) max_frames: [u32; 2],
    pub(crate) max_streams: u32,
    /// Bytes that the line holds towards the collector and towards the agent.
    pub(crate) room: [usize; 2],
    pub(crate) inherited: bool,
    pub(crate) tasks: Vec<Task>,
    /// Turns, each a move and how much of it.
    pub(crate) turns: Vec<(Move, u16)>,
    /// Before which turn something out of the ordinary happens.
    pub(crate) troubles: Vec<(usize, Trouble)>,
}

/// One task, and what becomes of it.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) records: u32,
    /// Bytes of a record, 8 or more.
    pub(crate) size: usize,
    /// Records of a chunk at most.
    pub(crate) chunk: u32,
    pub(crate) end: End,
    /// Stops only when it is done, whatever it is told.
    pub(crate) stubborn: bool,
    /// The agent cancels once it has so many records.
    pub(crate) cancels_at: Option<u32>,
    /// Milliseconds, as the agent and as the collector keep it.
    pub(crate) deadlines: [Option<u64>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Succeeds,
    /// After all its records.
    Fails,
    /// Goes on until somebody stops it.
    Hangs,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Move {
    ToCollector,
    ToAgent,
    Submit,
    Work,
    Consume,
    Cancel,
    /// Milliseconds.
    Wait,
}

#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// Of this side: 0 is the agent.
    Leaves(usize),
    /// Its application ends the connection.
    Stops(usize),
    /// After so many of the bytes under way have gone through, in each direction.
    Cut([usize; 2]),
    /// Seconds in which nobody does anything.
    Silence(u64),
    /// Something that nobody sent comes out of the line towards the collector (0) or the agent (1).
    Injected(usize, Injection),
}

impl Plan {
    /// Nothing but what honest sides send arrives.
    pub(crate) fn is_honest(&self) -> bool {
        !self.troubles.iter().any(|(_, trouble)| matches!(trouble, Trouble::Injected(..)))
    }

    /// No time passes in which anything but a task could be too late.
    pub(crate) fn is_quick(&self) -> bool {
        !self.troubles.iter().any(|(_, trouble)| matches!(trouble, Trouble::Silence(_)))
    }
}

pub(crate) fn any() -> impl Strategy<Value = Plan> {
    let credit = prop_oneof![
        4 => 1..20u64,
        1 => 200..300u64,
        // What results that nobody sent use up to the last byte.
        2 => (1..4u64).prop_map(|results| results * RESULT as u64),
        2 => 1..5000u64,
        1 => 1..100_000u64,
        1 => Just(u64::MAX),
    ];
    let frame = || prop_oneof![Just(256u32), 256..400u32, 256..4000u32];
    let room = || prop_oneof![1..40usize, 40..400usize, 400..8000usize];
    let limits = (
        credit,
        [frame(), frame()],
        prop_oneof![1 => Just(0), 9 => 1..6u32],
        [room(), room()],
        prop::bool::weighted(0.1),
    );
    let tasks = prop::collection::vec(task(), 0..9);
    let turns = prop::collection::vec((a_move(), 0..4000u16), 0..100);
    (limits, tasks, turns, troubles()).prop_map(
        |((credit, max_frames, max_streams, room, inherited), tasks, turns, troubles)| Plan {
            credit,
            max_frames,
            max_streams,
            room,
            inherited,
            tasks,
            turns,
            troubles,
        },
    )
}

fn task() -> impl Strategy<Value = Task> {
    let millis = || prop_oneof![8 => Just(None), 1 => (0..3000u64).prop_map(Some)];
    let end = prop_oneof![8 => Just(End::Succeeds), 1 => Just(End::Fails), 1 => Just(End::Hangs)];
    let cancels_at = prop_oneof![6 => Just(None), 1 => (0..30u32).prop_map(Some)];
    let records = (prop_oneof![0..4u32, 0..60u32], 8..120usize, 1..12u32);
    (records, end, prop::bool::weighted(0.1), cancels_at, [millis(), millis()]).prop_map(
        |((records, size, chunk), end, stubborn, cancels_at, deadlines)| Task {
            records,
            size,
            chunk,
            end,
            stubborn,
            cancels_at,
            deadlines,
        },
    )
}

fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        6 => Just(Move::ToCollector),
        6 => Just(Move::ToAgent),
        6 => Just(Move::Submit),
        8 => Just(Move::Work),
        4 => Just(Move::Consume),
        2 => Just(Move::Cancel),
        1 => Just(Move::Wait),
    ]
}

fn troubles() -> impl Strategy<Value = Vec<(usize, Trouble)>> {
    let trouble = prop_oneof![
        6 => (0..2usize).prop_map(Trouble::Leaves),
        1 => (0..2usize).prop_map(Trouble::Stops),
        1 => [0..400usize, 0..400usize].prop_map(Trouble::Cut),
        1 => prop_oneof![1..12u64, 1..70u64, 1..700u64].prop_map(Trouble::Silence),
        12 => (0..2usize, injection::any())
            .prop_map(|(to, what)| Trouble::Injected(to, what)),
    ];
    let when = prop_oneof![1 => 0..4usize, 1 => 0..20usize, 2 => 0..100usize];
    let some = prop::collection::vec((when, trouble), 1..5);
    prop_oneof![1 => Just(Vec::new()), 3 => some]
}
