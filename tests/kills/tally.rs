use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use eyelet_transport::client::Failure;
use eyelet_transport::endpoint::ConnectError;

use crate::ask::Ending;
use crate::scene::{BLOCKING, HASTY};

/// What was asked, and what came of it.
#[derive(Clone, Default)]
pub(crate) struct Tally {
    kills: u64,
    /// Of these, after every client had worked again.
    worked: u64,
    /// When a server was killed, in sum.
    under_way: u64,
    rows: BTreeMap<(Who, What), Row>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Async,
    Blocking,
    /// An async one that never tries again.
    Hasty,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Call,
    Stream,
}

#[derive(Clone, Default)]
struct Row {
    ended: u64,
    whole: u64,
    /// Begun while a server was up, and of these.
    up: u64,
    up_whole: u64,
    records: u64,
    /// That came before an error.
    broken_off: u64,
    errors: BTreeMap<&'static str, u64>,
}

impl Who {
    pub(crate) fn of(client: usize) -> Self {
        match client {
            BLOCKING => Self::Blocking,
            HASTY => Self::Hasty,
            _ => Self::Async,
        }
    }
}

impl Tally {
    pub(crate) fn killed(&mut self, worked: bool, under_way: u64) {
        self.kills += 1;
        self.worked += u64::from(worked);
        self.under_way += under_way;
    }

    pub(crate) fn add(&mut self, who: Who, what: What, was_up: bool, ending: &Ending) {
        let row = self.rows.entry((who, what)).or_default();
        row.ended += 1;
        row.up += u64::from(was_up);
        match ending {
            Ok(records) => {
                row.whole += 1;
                row.up_whole += u64::from(was_up);
                row.records += records;
            }
            Err(error) => {
                *row.errors.entry(kind(error.failure())).or_default() += 1;
                row.broken_off += error.records();
            }
        }
    }

    /// Panics where a promise is broken, or a control has failed.
    pub(crate) fn judge(&self) {
        for ((who, what), row) in &self.rows {
            let other = row.errors.keys().find(|kind| kind.starts_with("other"));
            assert_eq!(other, None, "{} {}: not what a kill does", who.name(), what.name());
        }
        for who in [Who::Async, Who::Blocking] {
            let calls = self.row(who, What::Call);
            assert!(calls.up_whole * 10 >= calls.up * 9, "{}: {calls}", who.name());
        }
        let (patient, hasty) = (self.row(Who::Async, What::Call), self.row(Who::Hasty, What::Call));
        assert!(
            hasty.failed_while_up() * patient.up > patient.failed_while_up() * hasty.up,
            "the control: who never tries again fails more often: {hasty}; {patient}"
        );
        let midst = self.row(Who::Async, What::Stream).broken_off;
        assert!(midst > 0, "the control: streams were killed in their midst");
    }

    /// What is published of it.
    pub(crate) fn figures(&self) -> Vec<String> {
        let Self { kills, under_way, .. } = self;
        let all = format!(
            "{kills} kills, {under_way} tasks under way: each record once, or an error with their count"
        );
        let calls = [Who::Async, Who::Blocking, Who::Hasty].map(|who| {
            let Row { up, up_whole, .. } = self.row(who, What::Call);
            format!(
                "{}: of {up} calls begun while a server was up {up_whole} ended whole",
                who.name()
            )
        });
        [all].into_iter().chain(calls).collect()
    }

    fn row(&self, who: Who, what: What) -> &Row {
        self.rows.get(&(who, what)).expect("everyone asks for everything")
    }
}

impl Row {
    fn failed_while_up(&self) -> u64 {
        self.up - self.up_whole
    }
}

/// What a kill may lead to; anything else is another failure than ours to tell.
fn kind(failure: &Failure) -> &'static str {
    match failure {
        Failure::Cut => "cut",
        Failure::Connect(error) => match **error {
            ConnectError::NotFound(_) => "no socket",
            ConnectError::NobodyListens(_) => "nobody listens",
            _ => "other: connect",
        },
        Failure::Deadline => "deadline",
        Failure::Refused(_) => "other: refused",
        Failure::Task(_) => "other: task",
        Failure::Protocol(_) => "other: protocol",
        Failure::Line(_) => "other: line",
        Failure::InvalidResult(_) => "other: invalid result",
        _ => "other",
    }
}

impl Who {
    fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Blocking => "blocking",
            Self::Hasty => "never tries again",
        }
    }
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Call => "calls",
            Self::Stream => "streams",
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { kills, worked, under_way, rows } = self;
        writeln!(f, "{worked} of {kills} when all clients had worked again, others sooner")?;
        writeln!(f, "{under_way} tasks under way when a server was killed")?;
        for ((who, what), row) in rows {
            writeln!(f, "{:<18}{:<8} {row}", who.name(), what.name())?;
        }
        Ok(())
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { ended, whole, up, up_whole, records, broken_off, errors } = self;
        #[expect(clippy::cast_precision_loss, reason = "a share for people")]
        let share = 100.0 * *up_whole as f64 / (*up).max(1) as f64;
        write!(f, "{ended:>7} asked, {whole:>7} whole; while a server was up {up:>7}, ")?;
        write!(f, "{up_whole:>7} whole ({share:.1} %); {records:>9} records")?;
        if *broken_off > 0 {
            write!(f, ", {broken_off} before an error")?;
        }
        for (kind, count) in errors {
            write!(f, "; {kind} {count}")?;
        }
        Ok(())
    }
}
