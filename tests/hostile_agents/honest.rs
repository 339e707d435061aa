use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use eyelet_codec::DetectionTask;
use eyelet_transport::blocking::Client;

use crate::RECORDS;

/// For an answer; who waits longer has been given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// An agent of ours that asks one question after the other, over one connection, and gets every answer.
pub(crate) struct Honest {
    state: Arc<(Mutex<State>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    answers: u64,
    stopped: bool,
}

impl Honest {
    pub(crate) fn start(endpoint: &Path) -> Self {
        let state = Arc::new((Mutex::default(), Condvar::new()));
        let (endpoint, shared) = (endpoint.to_owned(), state.clone());
        let thread = std::thread::spawn(move || ask(&endpoint, &shared));
        Self { state, thread: Some(thread) }
    }

    /// Waits for the answer to a question that was asked from now on.
    pub(crate) fn is_answered(&self) {
        let (state, changed) = &*self.state;
        let state = state.lock().expect("the agent goes on");
        let seen = state.answers;
        // One may be under way.
        let waits = |state: &mut State| state.answers < seen + 2 && !state.stopped;
        let (state, _) = changed.wait_timeout_while(state, PATIENCE, waits).expect("it goes on");
        assert!(state.answers >= seen + 2, "the honest agent has no answer");
    }
}

fn ask(endpoint: &PathBuf, (state, changed): &(Mutex<State>, Condvar)) {
    let mut client = Client::connect(endpoint).expect("connected");
    while !state.lock().expect("the test goes on").stopped {
        let result = client.call(&DetectionTask::default());
        if !result.as_ref().is_ok_and(|result| result.processes.len() == RECORDS) {
            state.lock().expect("the test goes on").stopped = true;
            changed.notify_all();
            panic!("no answer: {result:?}");
        }
        state.lock().expect("the test goes on").answers += 1;
        changed.notify_all();
    }
}

impl Drop for Honest {
    fn drop(&mut self) {
        if let Ok(mut state) = self.state.0.lock() {
            state.stopped = true;
        }
        let joined = self.thread.take().expect("ended once").join();
        assert!(joined.is_ok() || std::thread::panicking(), "the honest agent had no answer");
    }
}
