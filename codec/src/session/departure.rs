/// Why a side begins no more tasks: the reason that its `GoAway` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Departure {
    /// The program ends, or has no further use for the connection.
    Shutdown,
    /// There was no stream for 10 minutes (rule 10).
    Idle,
    /// There was no stream, and another agent needs the connection (rule 10).
    Scarce,
}

impl Departure {
    /// `GoAway.reason`.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Shutdown => "shutting down",
            Self::Idle => "no stream for 10 minutes",
            Self::Scarce => "connections have run out, and this one has no stream",
        }
    }
}
