//! A connection that is cut at any byte, from either side and in any way, leaves no task, no permit, no
//! descriptor and no memory behind, and who read from it knows how many records had come.

mod agent;
mod collector;
mod crossing;
mod heap;
mod script;

use std::sync::{Mutex, MutexGuard, PoisonError};

use eyelet_tests::footprint::can_be_counted;
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::Packet;

use agent::Served;
use collector::{Asked, Kind};
use heap::leaves_none;

/// How a line is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The sending half is shut, what comes is read to its end, and then the rest goes.
    Shut,
    /// At once.
    Close,
    /// With input unread, where the other side has said anything.
    Unread,
}

const CUTS: [Cut; 3] = [Cut::Shut, Cut::Close, Cut::Unread];

impl Cut {
    /// Ends `peer`'s line; what it has heard, if it has read to the end.
    fn end(self, mut peer: Peer, will_hear: bool) -> Vec<Packet> {
        match self {
            Self::Shut => {
                peer.shut();
                return peer.rest();
            }
            Self::Unread if will_hear => peer.wait_for_input(),
            Self::Unread | Self::Close => {}
        }
        Vec::new()
    }
}

#[test]
fn an_agent_that_is_cut_anywhere_leaves_nothing_in_the_server() {
    const NAME: &str = "an_agent_that_is_cut_anywhere_leaves_nothing_in_the_server";
    let _alone = alone();
    if !can_be_counted(NAME) {
        return;
    }
    let mut served = Served::start();
    served.control();
    leaves_none(NAME, script::agent("silent").len(), |offset, cut| served.cut(offset, cut));
    served.end();
}

#[test]
fn a_collector_that_is_cut_anywhere_leaves_nothing_in_the_async_client() {
    const NAME: &str = "a_collector_that_is_cut_anywhere_leaves_nothing_in_the_async_client";
    cut_a_collector(NAME, Kind::Async);
}

#[test]
fn a_collector_that_is_cut_anywhere_leaves_nothing_in_the_client_without_a_runtime() {
    const NAME: &str =
        "a_collector_that_is_cut_anywhere_leaves_nothing_in_the_client_without_a_runtime";
    cut_a_collector(NAME, Kind::Blocking);
}

fn cut_a_collector(name: &str, kind: Kind) {
    let _alone = alone();
    if !can_be_counted(name) {
        return;
    }
    let asked = Asked::new(kind);
    let script = asked.script();
    leaves_none(name, script.len(), |offset, cut| asked.cut(&script, offset, cut));
}

/// Descriptors and memory are the whole process's.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
