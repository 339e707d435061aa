use std::collections::BTreeMap;

use eyelet_codec::session::Role;

use crate::packets::{HELLOS, PACKETS};
use crate::page::{self, Cell, WAITING};

/// Table, state, packet and kind of stream, by their names on the page.
pub(crate) type Key = (&'static str, &'static str, &'static str, &'static str);

/// What WIRE.md says becomes of every packet.
pub(crate) struct Oracle(BTreeMap<Key, Cell>);

pub(crate) const WAITERS: [&str; 3] = ["collector", "agent", "agent with an early task"];
pub(crate) const OPEN: [&str; 4] = ["open", "leaving", "peer leaving", "both leaving"];
const ANY_STREAM: [&str; 3] = ["0", "odd", "even"];
const OF_COLLECTOR: [&str; 7] = ["0", "open", "cancelled", "ended", "skipped", "next", "even"];
const OF_AGENT: [&str; 6] = ["0", "open", "cancelled", "ended", "next", "even"];

impl Oracle {
    pub(crate) fn read() -> Self {
        let (tables, _) = page::read();
        let mut cells = BTreeMap::new();
        for (title, states, kinds) in [
            (WAITING, &WAITERS[..], &ANY_STREAM[..]),
            (page::title(Role::Collector), &OPEN, &OF_COLLECTOR),
            (page::title(Role::Agent), &OPEN, &OF_AGENT),
        ] {
            let table = tables.iter().find(|table| table.title == title).expect("a table");
            let hellos = if title == WAITING { &HELLOS[..] } else { &[] };
            for (packet, _) in PACKETS.iter().chain(hellos) {
                for state in states {
                    for kind in kinds {
                        let key = (title, *state, *packet, *kind);
                        cells.insert(key, table.cell(packet, state, kind));
                    }
                }
            }
        }
        Self(cells)
    }

    pub(crate) fn cell(&self, key: &Key) -> Result<Cell, String> {
        self.0.get(key).copied().ok_or_else(|| format!("the page has no cell for {key:?}"))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
