use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use eyelet_transport::endpoint::Endpoint;
use eyelet_transport::peer::PeerPolicy;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::arguments::Serve;
use super::exit::CommandError;
use crate::collector::Collector;

pub(super) async fn run(serve: Serve) -> Result<ExitCode, CommandError> {
    // Before the socket is there, so that no signal finds it without somebody to remove it.
    let mut interrupt = on(SignalKind::interrupt())?;
    let mut terminate = on(SignalKind::terminate())?;
    let parent = if serve.end_with_stdin { Some(standard_input()?) } else { None };
    let endpoint = serve.endpoint.map_or_else(Endpoint::private, Endpoint::at);
    let listener = endpoint.policy(PeerPolicy::same_user().allow_root()).bind()?;
    announce(&listener.path().display().to_string()).map_err(CommandError::output)?;
    let shutdown = async {
        tokio::select! {
            _ = interrupt.recv() => log::info!("interrupted"),
            _ = terminate.recv() => log::info!("terminated"),
            () = end_of(parent) => log::info!("standard input has ended"),
        }
    };
    eyelet_transport::serve(listener, Collector, shutdown)
        .await
        .map_err(|error| CommandError::io("accept connections", error))?;
    Ok(ExitCode::SUCCESS)
}

fn on(kind: SignalKind) -> Result<Signal, CommandError> {
    signal(kind).map_err(|error| CommandError::io("wait for signals", error))
}

fn standard_input() -> Result<Receiver, CommandError> {
    let failed = |error| CommandError::io("watch standard input", error);
    let stdin = io::stdin().as_fd().try_clone_to_owned().map_err(failed)?;
    Receiver::from_owned_fd(stdin).map_err(failed)
}

/// Never ends where there is nothing to watch.
async fn end_of(input: Option<Receiver>) {
    let Some(mut input) = input else { return std::future::pending().await };
    let mut discarded = [0; 64];
    while matches!(input.read(&mut discarded).await, Ok(1..)) {}
}

/// One line and nothing else, so that a parent can read the endpoint.
fn announce(endpoint: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{endpoint}")?;
    stdout.flush()
}
