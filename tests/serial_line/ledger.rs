use std::fmt::{self, Display, Formatter};

use eyelet_tests::random::Random;

/// Everything that was sent and delivered in a run, and whether that is what was promised.
#[derive(Default)]
pub(crate) struct Ledger {
    sessions: Vec<Session>,
    pub(crate) violation: Option<Violation>,
}

/// One side's view of one session, from when it was told of it until it was told of its end.
struct Session {
    side: usize,
    /// All it has to send.
    quota: usize,
    /// The link has taken so many.
    sent: usize,
    /// So many of them have been delivered.
    arrived: usize,
    /// Of the other side, whose packets were delivered here.
    from: Option<usize>,
    /// Of the other side, which its packets were delivered to.
    to: Option<usize>,
    ended: Option<Ending>,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// After 16 repeats.
    NoProgress,
    /// The link has said so.
    PeerRestarted,
    /// The side itself was restarted, or its application began anew.
    Own,
}

/// A broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Violation {
    Corrupted,
    Lost,
    Doubled,
    /// In a session, packets of two sessions of the peer; or a packet outside of any.
    Mixed,
    /// A session began where there was one whose end nobody had been told of.
    Silent,
    /// The link said that a packet had arrived, which it had not.
    FalselyAcknowledged,
    /// After the faults stopped, a session has ended or has never carried all.
    Stuck,
}

impl Display for Violation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Corrupted => "corrupted",
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::Mixed => "of another session",
            Self::Silent => "ended in silence",
            Self::FalselyAcknowledged => "falsely acknowledged",
            Self::Stuck => "stuck",
        })
    }
}

impl Ledger {
    pub(crate) fn begin(&mut self, side: usize, quota: usize) -> usize {
        let (from, to, ended) = (None, None, None);
        self.sessions.push(Session { side, quota, sent: 0, arrived: 0, from, to, ended });
        self.sessions.len() - 1
    }

    pub(crate) fn end(&mut self, session: usize, ending: Ending) {
        self.sessions[session].ended = Some(ending);
    }

    /// The next packet of a session, which its link takes.
    pub(crate) fn next_packet(&mut self, session: usize) -> Vec<u8> {
        let of = &mut self.sessions[session];
        of.sent += 1;
        packet(session, of.sent - 1)
    }

    pub(crate) fn has_more(&self, session: usize) -> bool {
        self.sessions[session].sent < self.sessions[session].quota
    }

    pub(crate) fn deliver(&mut self, session: Option<usize>, packet: &[u8]) {
        let checked = session.ok_or(Violation::Mixed).and_then(|to| self.check(to, packet));
        if let Err(violation) = checked {
            self.break_promise(violation);
        }
    }

    pub(crate) fn break_promise(&mut self, violation: Violation) {
        self.violation.get_or_insert(violation);
    }

    /// All but `unacknowledged` packets that were sent are said to have arrived.
    pub(crate) fn acknowledge(&mut self, session: usize, unacknowledged: usize) {
        let of = &self.sessions[session];
        if of.arrived + unacknowledged < of.sent {
            self.break_promise(Violation::FalselyAcknowledged);
        }
    }

    /// Both sides are in the same session, and it has carried all they had.
    pub(crate) fn is_complete(&self, sessions: [usize; 2]) -> bool {
        sessions.iter().zip(sessions.iter().rev()).all(|(&session, &other)| {
            let (of, peer) = (&self.sessions[session], &self.sessions[other]);
            of.arrived == of.quota && of.ended.is_none() && peer.from == Some(session)
        })
    }

    /// Of each session of either side, whether it carried all that its side had, and how it ended.
    pub(crate) fn fates(&self) -> impl Iterator<Item = (bool, Option<Ending>)> {
        self.sessions.iter().map(|of| (of.arrived == of.quota, of.ended))
    }

    pub(crate) fn delivered(&self) -> usize {
        self.sessions.iter().map(|of| of.arrived).sum()
    }

    fn check(&mut self, session: usize, bytes: &[u8]) -> Result<(), Violation> {
        let (from, index) = read(bytes).ok_or(Violation::Corrupted)?;
        let sender = self.sessions.get(from).ok_or(Violation::Corrupted)?;
        if sender.side == self.sessions[session].side || bytes != packet(from, index) {
            return Err(Violation::Corrupted);
        }
        if *self.sessions[session].from.get_or_insert(from) != from {
            return Err(Violation::Mixed);
        }
        let sender = &mut self.sessions[from];
        if *sender.to.get_or_insert(session) != session {
            return Err(Violation::Mixed);
        }
        match index {
            index if index < sender.arrived => Err(Violation::Doubled),
            index if index > sender.arrived => Err(Violation::Lost),
            _ => {
                sender.arrived += 1;
                Ok(())
            }
        }
    }
}

/// What a session sends as its packet of some index: no two are alike.
fn packet(session: usize, index: usize) -> Vec<u8> {
    let (session, index) = (u16::try_from(session).unwrap(), u16::try_from(index).unwrap());
    let mut random = Random::new(u64::from(session) << 16 | u64::from(index));
    let filler = (0..random.below(25)).map(|_| random.byte()).collect::<Vec<_>>();
    [&session.to_le_bytes()[..], &index.to_le_bytes(), &filler].concat()
}

fn read(packet: &[u8]) -> Option<(usize, usize)> {
    let (&[low, high, index_low, index_high], _) = packet.split_first_chunk()?;
    let number = |low, high| u16::from_le_bytes([low, high]).into();
    Some((number(low, high), number(index_low, index_high)))
}
