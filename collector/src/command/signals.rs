use tokio::signal::unix::{Signal, SignalKind, signal};

use super::exit::CommandError;

/// The signals that ask a process to end, a closed terminal's among them.
pub(super) struct Signals {
    hangup: Signal,
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on they no longer end the process by themselves.
    pub(super) fn catch() -> Result<Self, CommandError> {
        Ok(Self {
            hangup: on(SignalKind::hangup())?,
            interrupt: on(SignalKind::interrupt())?,
            quit: on(SignalKind::quit())?,
            terminate: on(SignalKind::terminate())?,
        })
    }

    /// The next one's name. Cancel safe.
    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.hangup.recv() => "SIGHUP",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.quit.recv() => "SIGQUIT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

/// SIGUSR1, by which an operator asks what a server has done.
pub(super) struct Question(Signal);

impl Question {
    /// From now on it no longer ends the process.
    pub(super) fn catch() -> Result<Self, CommandError> {
        on(SignalKind::user_defined1()).map(Self)
    }

    /// The next time that it is asked. Cancel safe.
    pub(super) async fn next(&mut self) {
        self.0.recv().await;
    }
}

fn on(kind: SignalKind) -> Result<Signal, CommandError> {
    signal(kind).map_err(|error| CommandError::io("wait for signals", error))
}
