//! The chapter "Every packet in every state" of `proto/WIRE.md`.

use std::fs;

use eyelet_codec::FaultCode;
use eyelet_codec::session::Role;

/// What a receiver does with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Opened,
    Task,
    Result,
    End,
    Credit,
    Cancel,
    Leaves,
    Pong,
    Ignored,
    Closed,
    /// The stream is opened, and ended by this fault.
    Refused(i32),
    /// The connection is ended by this fault.
    Broken(i32),
}

impl Cell {
    fn of(word: &str) -> Self {
        match word {
            "opened" => Self::Opened,
            "task" => Self::Task,
            "result" => Self::Result,
            "end" => Self::End,
            "credit" => Self::Credit,
            "cancel" => Self::Cancel,
            "leaves" => Self::Leaves,
            "pong" => Self::Pong,
            "ignored" => Self::Ignored,
            "closed" => Self::Closed,
            "BUSY" => Self::Refused(FaultCode::BUSY.0),
            "GOING_AWAY" => Self::Refused(FaultCode::GOING_AWAY.0),
            "MALFORMED" => Self::Broken(FaultCode::MALFORMED.0),
            "VERSION" => Self::Broken(FaultCode::VERSION.0),
            "ROLE" => Self::Broken(FaultCode::ROLE.0),
            "STREAM" => Self::Broken(FaultCode::STREAM.0),
            "CREDIT" => Self::Broken(FaultCode::CREDIT.0),
            other => panic!("a cell that says {other:?}"),
        }
    }
}

/// One of the chapter's tables, but for the two that explain words.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) title: String,
    /// What the columns are about.
    pub(crate) kinds: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    packet: String,
    when: Vec<String>,
    cells: Vec<Cell>,
}

pub(crate) const WAITING: &str = "Before the peer's Hello";
pub(crate) const ENDED: &str = "After the end";

/// The title of the table of an open connection.
pub(crate) fn title(role: Role) -> &'static str {
    match role {
        Role::Agent => "An agent",
        Role::Collector => "A collector",
    }
}

/// The tables, in their order, and the words that are explained: streams and cells.
pub(crate) fn read() -> (Vec<Table>, [Vec<String>; 2]) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../proto/WIRE.md");
    let page = fs::read_to_string(path).expect("the page is in the repository");
    let chapter = page.split("\n## ").find(|chapter| chapter.starts_with("Every packet in every"));
    let mut sections = chapter.expect("the chapter").split("\n### ");
    let words: Vec<_> = sections.next().map(tables).into_iter().flatten().collect();
    let [streams, cells] = &words[..] else { panic!("{} tables of words", words.len()) };
    let explained = [streams, cells].map(|table| {
        let words = table[2..].iter().flat_map(|row| row[0].split(", "));
        words.map(str::to_owned).collect()
    });
    (sections.map(Table::read).collect(), explained)
}

/// The cells of each table in a text, its head first.
fn tables(text: &str) -> Vec<Vec<Vec<String>>> {
    let blocks = text.split("\n\n").filter(|block| block.trim_start().starts_with('|'));
    let cells = |line: &str| {
        let inner = line.strip_prefix('|').and_then(|line| line.trim_end().strip_suffix('|'));
        let cells = inner.unwrap_or_else(|| panic!("a row without its ends: {line}")).split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    blocks.map(|block| block.trim().lines().map(cells).collect()).collect()
}

impl Table {
    fn read(section: &str) -> Self {
        let title = section.lines().next().unwrap_or_default().to_owned();
        let all = tables(section);
        let [table] = &all[..] else { panic!("{}: {} tables", title, all.len()) };
        let [packet, when, kinds @ ..] = &table[0][..] else { panic!("{title}: no columns") };
        assert_eq!((packet.as_str(), when.as_str()), ("packet", "when"), "{title}");
        let read = |row: &Vec<String>| {
            assert_eq!(row.len(), kinds.len() + 2, "{title}: {row:?}");
            Row {
                packet: row[0].clone(),
                when: row[1].split(", ").map(str::to_owned).collect(),
                cells: row[2..].iter().map(|word| Cell::of(word)).collect(),
            }
        };
        let rows = table[2..].iter().map(read).collect();
        Self { kinds: kinds.to_vec(), rows, title }
    }

    /// The one cell for a packet in a state, on a stream of a kind.
    pub(crate) fn cell(&self, packet: &str, state: &str, kind: &str) -> Cell {
        let place = format!("{}: {packet}, {state}, {kind}", self.title);
        let is_this = |row: &&Row| {
            (row.packet == packet || row.packet == "any packet")
                && row.when.iter().any(|when| when == state || when == "any")
        };
        let rows: Vec<&Row> = self.rows.iter().filter(is_this).collect();
        let [row] = &rows[..] else { panic!("{place}: {} rows", rows.len()) };
        let column = self.kinds.iter().position(|name| name == kind);
        row.cells[column.unwrap_or_else(|| panic!("{place}: no such column"))]
    }

    /// Names that the table has and nobody asks for.
    pub(crate) fn strangers(&self, packets: &[&str], states: &[&str]) -> Vec<String> {
        let is_known = |row: &&Row| {
            (packets.contains(&row.packet.as_str()) || row.packet == "any packet")
                && row.when.iter().all(|when| states.contains(&when.as_str()) || when == "any")
        };
        let strangers = self.rows.iter().filter(|row| !is_known(row));
        strangers.map(|row| format!("{}: {} {:?}", self.title, row.packet, row.when)).collect()
    }
}
