use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use eyelet_transport::endpoint::Endpoint;
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::server::{Options, serve_with};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::oneshot;

use super::arguments::Serve;
use super::counts;
use super::exit::CommandError;
use super::listing::absolute;
use super::signals::{Question, Signals};
use crate::collector::Collector;

pub(super) async fn run(serve: Serve) -> Result<ExitCode, CommandError> {
    // Before the socket is there, so that no signal finds it without somebody to remove it.
    let (mut signals, mut question) = (Signals::catch()?, Question::catch()?);
    let parent = if serve.end_with_stdin { Some(standard_input()?) } else { None };
    let listener = endpoint(serve.endpoint)?.bind()?;
    announce(listener.path()).map_err(|error| CommandError::io("announce the endpoint", error))?;
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        // Without a sender there is nobody left to serve for.
        let _ = stopped.await;
    };
    let options = Options::default();
    let counters = options.counters.clone();
    let answers = async {
        loop {
            question.next().await;
            counts::print(&counters.read());
        }
    };
    let served = serve_with(listener, Collector, options, shutdown);
    tokio::select! {
        served = served => served.map_err(|error| CommandError::io("accept connections", error))?,
        () = answers => {}
        () = until_told_twice(&mut signals, parent, stop) => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn endpoint(path: Option<PathBuf>) -> Result<Endpoint, CommandError> {
    let endpoint = match path {
        None => Endpoint::private(),
        Some(path) => Endpoint::at(absolute(&path)?),
    };
    Ok(endpoint.policy(PeerPolicy::same_user().allow_root()))
}

/// Stops the server at a signal or the end of a parent. A second signal does not wait for agents.
async fn until_told_twice(
    signals: &mut Signals,
    parent: Option<Receiver>,
    stop: oneshot::Sender<()>,
) {
    tokio::select! {
        signal = signals.next() => log::info!("{signal}: ending when what is under way has"),
        () = end_of(parent) => log::info!("standard input has ended"),
    }
    // The server may have ended by itself.
    let _ = stop.send(());
    let signal = signals.next().await;
    log::warn!("{signal}: ending at once");
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
fn announce(endpoint: &Path) -> io::Result<()> {
    let endpoint = endpoint.as_os_str().as_bytes();
    if endpoint.contains(&b'\n') {
        return Err(io::Error::other("a path with a line break cannot be announced in a line"));
    }
    let mut stdout = io::stdout().lock();
    stdout.write_all(&[endpoint, b"\n"].concat())?;
    stdout.flush()
}
