use std::io;
use std::net::Shutdown;
use std::ops::Range;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use eyelet_codec::session::{Config, Event, Refusal, Role, Session, Slot, SubmitError};

use super::socket::{Socket, Wait};
use crate::Fault;
use crate::client::{Failure, submit};
use crate::line::{ANSWERS_AT_ONCE, Incoming, LINGER, Outgoing};

/// One connection, which moves only while somebody calls.
pub(super) struct Connection {
    socket: Socket,
    session: Session<Vec<Slot>>,
    incoming: Incoming,
    outgoing: Outgoing,
    epoch: Instant,
    /// When bytes came last, or the time was looked at. What has come was heard then.
    now: Duration,
    /// The collector begins no more tasks.
    leaving: bool,
    /// The line has taken every byte of the last task.
    taken: bool,
    /// The line takes no more bytes: why, and until when what the collector said before is read.
    deaf: Option<(Failure, Duration)>,
    /// Why the connection has ended.
    end: Option<Failure>,
}

/// One chunk, and what it takes of its stream's credit until it is let go.
pub(super) struct Piece {
    /// In [`Connection::bytes`], until it is asked for the next.
    pub(super) place: Range<usize>,
    pub(super) cost: u64,
    pub(super) last: bool,
}

/// A read that took so much longer than it was told to was not the collector's doing: this process was
/// stopped, or the machine is too busy for it.
const STOPPED: Duration = Duration::from_secs(1);

impl Connection {
    /// Times are counted from `epoch`. Nothing is sent yet.
    pub(super) fn new(stream: UnixStream, config: Config, epoch: Instant) -> io::Result<Self> {
        let now = epoch.elapsed();
        Ok(Self {
            socket: Socket::new(stream)?,
            session: Session::new(Role::Agent, config, Vec::new(), now),
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            epoch,
            now,
            leaving: false,
            taken: true,
            deaf: None,
            end: None,
        })
    }

    /// Sends an encoded task as soon as the collector has a place for it. Without a word from the
    /// collector yet, a small one goes with our `Hello` (WIRE.md, rule 2).
    pub(super) fn submit(
        &mut self,
        task: &[u8],
        deadline: Option<Duration>,
    ) -> Result<u32, Failure> {
        loop {
            self.take_in()?;
            self.outgoing.take_owed(&mut self.session);
            self.now = self.epoch.elapsed();
            match submit(&mut self.session, &mut self.outgoing, self.now, task, None) {
                Err(Failure::NotSent(SubmitError::Busy)) if self.session.live() > 0 => {}
                Err(Failure::NotSent(SubmitError::TooLarge { .. })) if !self.session.is_open() => {}
                Err(failure) => return Err(failure),
                Ok(stream) => {
                    self.taken = false;
                    self.write();
                    return Ok(stream);
                }
            }
            self.fill(deadline)?;
        }
    }

    /// The next chunk of a stream that has not ended.
    pub(super) fn next(
        &mut self,
        stream: u32,
        deadline: Option<Duration>,
    ) -> Result<Piece, Failure> {
        loop {
            if let Some(said) = self.understand(stream) {
                return said;
            }
            self.fill(deadline)?;
        }
    }

    /// Until the collector's `Hello` has come.
    pub(super) fn greet(&mut self) -> Result<(), Failure> {
        loop {
            self.take_in()?;
            if self.session.is_open() {
                return Ok(());
            }
            self.fill(None)?;
        }
    }

    /// A chunk of `cost` was let go, so that more may come.
    pub(super) fn consume(&mut self, stream: u32, cost: u64) {
        self.session.consume(stream, cost);
        if self.session.owes() {
            self.write();
        }
    }

    /// Nobody listens to a stream any more; if it is open, it is cancelled.
    pub(super) fn forget(&mut self, stream: u32) {
        self.session.cancel(stream);
        if self.session.owes() {
            self.write();
        }
        // Until the next task, for others of this thread.
        self.incoming.release();
        self.outgoing.release();
    }

    /// Nothing that the collector sends can be trusted.
    pub(super) fn break_off(&mut self, refusal: Refusal) {
        if let Event::Broken(refusal) = self.session.break_off(refusal) {
            self.finish_with_a_word(refusal);
        }
    }

    /// Sends our `Hello`, if it has not gone.
    pub(super) fn introduce(&mut self) {
        self.write();
    }

    /// Says that no more tasks come, and waits for those that were cancelled.
    pub(super) fn close(&mut self) {
        if self.unused_for().is_some() {
            // The collector has heard of nothing that would need an end.
            self.end.get_or_insert(Failure::NotSent(SubmitError::GoingAway));
        }
        self.session.shutdown(self.epoch.elapsed());
        while self.end.is_none() && !self.session.is_done() {
            if self.take_in().is_err() || self.session.is_done() || self.fill(None).is_err() {
                break;
            }
        }
        let until = self.epoch.elapsed().saturating_add(LINGER);
        self.write();
        while self.end.is_none() && self.outgoing.waiting() > 0 {
            if self.fill(Some(until)).is_err() {
                break;
            }
        }
        self.end.get_or_insert(Failure::NotSent(SubmitError::GoingAway));
    }

    /// Whether tasks may be begun here, as far as what has come says.
    pub(super) fn is_usable(&mut self) -> bool {
        self.take_in().is_ok() && self.end.is_none() && self.deaf.is_none() && !self.leaving
    }

    /// How long nobody has asked for anything, where nobody ever has.
    pub(super) fn unused_for(&self) -> Option<Duration> {
        let unused = !self.session.is_open() && self.taken && self.session.next_stream() == 1;
        unused.then(|| self.epoch.elapsed().saturating_sub(self.now))
    }

    /// Whether the last task cannot have been begun, for all that its `failure` says.
    pub(super) fn has_not_begun(&self, failure: &Failure) -> bool {
        matches!(failure, Failure::Cut) && !self.taken
    }

    /// The bytes of a piece.
    pub(super) fn bytes(&self, piece: &Piece) -> &[u8] {
        self.incoming.at(piece.place.clone())
    }

    /// Takes in what has come of streams that nobody listens to, and of the connection.
    fn take_in(&mut self) -> Result<(), Failure> {
        match self.understand(0) {
            Some(Err(failure)) => Err(failure),
            _ => Ok(()),
        }
    }

    /// What the collector says next to the one who listens to `stream`; `None`: no whole frame is left.
    fn understand(&mut self, stream: u32) -> Option<Result<Piece, Failure>> {
        if let Some(end) = &self.end {
            return Some(Err(end.clone()));
        }
        let mut answers = 0;
        loop {
            let event = match self.incoming.next_place(self.session.max_frame()) {
                Ok(None) => break,
                Ok(Some(place)) => self.session.handle_frame(self.now, self.incoming.at(place)),
                Err(error) => self.session.handle_frame_error(error),
            };
            match event {
                Event::Result { stream: of, result, cost, more } if of == stream => {
                    let place = self.incoming.place(result);
                    return Some(Ok(Piece { place, cost, last: !more }));
                }
                Event::Fault { stream: of, fault } if of == stream => {
                    return Some(Err(Failure::Task(Fault::from(&fault))));
                }
                Event::GoAway(away) => {
                    self.leaving = true;
                    if away.last_stream < stream {
                        return Some(Err(Failure::NotSent(SubmitError::GoingAway)));
                    }
                }
                Event::Closed(fault) => {
                    let failure = Failure::Refused(Fault::from(&fault));
                    return Some(Err(self.finish(failure)));
                }
                Event::Broken(refusal) => return Some(Err(self.finish_with_a_word(refusal))),
                _ => {}
            }
            if self.session.owes() {
                self.outgoing.take_owed(&mut self.session);
                answers += 1;
                if answers % ANSWERS_AT_ONCE == 0 {
                    self.write();
                }
            }
        }
        None
    }

    /// Waits until more bytes have come.
    fn fill(&mut self, deadline: Option<Duration>) -> Result<(), Failure> {
        self.session.reading(self.now, self.incoming.is_partial());
        while !self.attempt(deadline)? {}
        Ok(())
    }

    /// Writes what is there and reads once, which waits no longer than until something is due. Reading
    /// goes on whatever the write side does. True: bytes have come.
    fn attempt(&mut self, deadline: Option<Duration>) -> Result<bool, Failure> {
        self.write();
        let now = self.look_at_clock(Duration::ZERO);
        if deadline.is_some_and(|at| at <= now) {
            return Err(Failure::Deadline);
        }
        let due = earliest(self.session.poll_timeout(), self.deaf.as_ref().map(|deaf| deaf.1));
        let overdue = due.is_some_and(|at| at <= now);
        let left = earliest(due, deadline).map(|at| at.saturating_sub(now));
        let wait = match left {
            // What has come by then counts, however late it is looked at.
            _ if overdue => Wait::No,
            left if self.outgoing.waiting() > 0 => Wait::BytesOrRoom(left),
            left => Wait::Bytes(left),
        };
        let socket = &mut self.socket;
        let read = self.incoming.fill(|room| socket.read(room, wait));
        self.look_at_clock(left.unwrap_or_default());
        match read {
            Ok(0) => Err(self.finish(Failure::Cut)),
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && overdue => {
                self.time_out(now).map(|()| false)
            }
            Err(error) if is_passing(&error) => Ok(false),
            Err(error) => Err(self.finish(Failure::of_line(&error))),
        }
    }

    /// What the time is, `waited` after the last look at most. If it is much later, this process was
    /// away, and a frame that is half here has had no chance to arrive.
    fn look_at_clock(&mut self, waited: Duration) -> Duration {
        let now = self.epoch.elapsed();
        if now > self.now.saturating_add(waited).saturating_add(STOPPED) {
            self.session.reading(now, false);
            self.session.reading(now, self.incoming.is_partial());
        }
        self.now = now;
        now
    }

    /// Nothing has come by `now`.
    fn time_out(&mut self, now: Duration) -> Result<(), Failure> {
        if let Some((failure, until)) = &self.deaf
            && *until <= now
        {
            let failure = failure.clone();
            return Err(self.finish(failure));
        }
        while self.session.poll_timeout().is_some_and(|at| at <= now) {
            if let Event::Broken(refusal) = self.session.handle_timeout(now) {
                return Err(self.finish_with_a_word(refusal));
            }
        }
        Ok(())
    }

    /// Writes what is there, as far as the line takes it.
    fn write(&mut self) {
        if self.deaf.is_some() || self.end.is_some() {
            return;
        }
        self.outgoing.take_owed(&mut self.session);
        let before = self.outgoing.waiting();
        let socket = &self.socket;
        match self.outgoing.flush(|bytes| socket.write(bytes)) {
            Ok(whole) => {
                let waiting = self.outgoing.waiting();
                self.session.writing(self.now, before - waiting, waiting);
                self.taken |= whole;
            }
            Err(error) => {
                log::debug!("the line takes no more bytes: {error}");
                self.outgoing = Outgoing::default();
                // What the collector said before it went says more (WIRE.md, rule 13).
                let until = self.epoch.elapsed().saturating_add(LINGER);
                self.deaf = Some((Failure::of_line(&error), until));
            }
        }
    }

    /// The connection has ended; the first reason counts. The collector need not wait until the client
    /// goes.
    fn finish(&mut self, failure: Failure) -> Failure {
        self.socket.shut(Shutdown::Both);
        self.end.get_or_insert(failure).clone()
    }

    /// As [`finish`](Self::finish), by us: the collector is told why, and given the time to read it.
    fn finish_with_a_word(&mut self, refusal: Refusal) -> Failure {
        self.write();
        let until = self.epoch.elapsed().saturating_add(LINGER);
        let mut left = Some(LINGER);
        while let Some(wait) = left.filter(|left| !left.is_zero()) {
            let done = self.outgoing.waiting() == 0;
            if done {
                self.socket.shut(Shutdown::Write);
            }
            let wait = if done { Wait::Bytes(Some(wait)) } else { Wait::BytesOrRoom(Some(wait)) };
            match self.socket.read(&mut [0; 4096], wait) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if is_passing(&error) => self.write(),
                Err(_) => break,
            }
            left = until.checked_sub(self.epoch.elapsed());
        }
        self.finish(Failure::Protocol(refusal))
    }
}

impl Drop for Connection {
    /// Says that no more tasks come, without waiting.
    fn drop(&mut self) {
        if self.end.is_none() && self.session.is_open() {
            self.session.shutdown(self.epoch.elapsed());
            self.write();
        }
    }
}

/// Nothing has come, or a signal.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

fn earliest(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use eyelet_codec::frame::{self, Decoded, MAX_BODY};
    use eyelet_codec::session::CONTROL_FRAME;
    use eyelet_codec::{FaultCode, Hello, Message, Packet, PacketBody};

    use super::*;

    impl Connection {
        /// Time passes in which this process does nothing.
        pub(in crate::blocking) fn sleep(&mut self, time: Duration) {
            self.epoch -= time;
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    /// A connection with one stream, and a real session at the other end.
    struct Rig {
        connection: Connection,
        far: UnixStream,
        collector: Session<Vec<Slot>>,
        unread: Vec<u8>,
    }

    impl Rig {
        fn start() -> Self {
            let mut rig = Self::silent();
            rig.answer();
            rig.connection.greet().expect("a Hello");
            assert_eq!(rig.connection.submit(b"", None).expect("sent"), 1);
            assert!(matches!(rig.hear(), Event::Open(_)));
            assert!(matches!(rig.hear(), Event::Task { stream: 1, .. }));
            rig
        }

        /// Neither side has said anything.
        fn silent() -> Self {
            let (near, far) = UnixStream::pair().expect("a pair");
            far.set_read_timeout(Some(20 * SECOND)).expect("set");
            let epoch = Instant::now();
            let connection = Connection::new(near, Config::default(), epoch).expect("a socket");
            let collector =
                Session::new(Role::Collector, Config::default(), Vec::new(), Duration::ZERO);
            Self { connection, far, collector, unread: Vec::new() }
        }

        fn sleep(&mut self, time: Duration) {
            self.connection.sleep(time);
        }

        /// Looks at the clock, and not at the line.
        fn look(&mut self) {
            let looked = self.connection.attempt(Some(Duration::ZERO));
            assert!(matches!(looked, Err(Failure::Deadline)), "{looked:?}");
        }

        /// What the collector is told next.
        fn hear(&mut self) -> Event<'static> {
            let frame = self.frame();
            match self.collector.handle_frame(Duration::ZERO, &frame) {
                Event::Open(_) => Event::Open(Hello::default()),
                Event::Task { stream, .. } => Event::Task { stream, task: &[] },
                event => panic!("{event:?}"),
            }
        }

        fn frame(&mut self) -> Vec<u8> {
            loop {
                if let Decoded::Frame { body, consumed } =
                    frame::decode(&self.unread, MAX_BODY).expect("a frame")
                {
                    let body = body.to_vec();
                    self.unread.drain(..consumed);
                    return body;
                }
                let mut bytes = [0xa5; 512];
                let len = self.far.read(&mut bytes).expect("something comes");
                assert!(len > 0, "the end");
                self.unread.extend_from_slice(&bytes[..len]);
            }
        }

        /// Says what the collector's session owes.
        fn answer(&mut self) {
            let mut bytes = [0xa5; CONTROL_FRAME];
            while let Some(len) = self.collector.poll_transmit(&mut bytes) {
                self.far.write_all(&bytes[..len]).expect("written");
            }
        }
    }

    #[test]
    fn a_silent_collector_is_asked_twice_and_given_up() {
        let mut rig = Rig::start();
        for silence in [31, 11] {
            rig.sleep(silence * SECOND);
            assert!(!rig.connection.attempt(None).expect("nothing comes"));
            rig.connection.write();
            let frame = rig.frame();
            let packet = Packet::decode(&frame).expect("a packet");
            assert!(matches!(packet.body, Some(PacketBody::Ping(_))), "{packet:?}");
        }
        rig.sleep(11 * SECOND);
        let error = rig.connection.attempt(None).expect_err("given up");
        let Failure::Protocol(refusal) = error else { panic!("{error}") };
        assert_eq!(refusal.code, FaultCode::TIMEOUT);
    }

    #[test]
    fn a_collector_that_never_greets_is_given_up() {
        let mut rig = Rig::silent();
        rig.sleep(11 * SECOND);
        let error = rig.connection.greet().expect_err("given up");
        assert!(error.to_string().contains("no Hello within 10 s"), "{error}");
    }

    #[test]
    fn an_answer_counts_however_late_it_is_read() {
        let mut rig = Rig::start();
        for _ in 0..5 {
            rig.sleep(31 * SECOND);
            assert!(!rig.connection.attempt(None).expect("nothing comes"));
            rig.connection.write();
            let frame = rig.frame();
            rig.collector.handle_frame(Duration::ZERO, &frame);
            rig.answer();
            // Twice the time after which it would be given up.
            rig.sleep(60 * SECOND);
            assert!(rig.connection.attempt(None).expect("the pong"));
            rig.connection.take_in().expect("a pong");
        }
    }

    #[test]
    fn a_frame_has_5_s_to_arrive_in_which_this_process_is_awake() {
        for (naps, time) in [(6, 9 * SECOND / 10), (1, 20 * SECOND)] {
            let mut rig = Rig::start();
            // Of ten bytes.
            rig.far.write_all(&[10, 8, 1]).expect("written");
            rig.connection.fill(None).expect("bytes");
            rig.connection.take_in().expect("half a frame");
            rig.connection.session.reading(rig.connection.now, true);
            for _ in 0..naps {
                rig.sleep(time);
                rig.look();
            }
            let due = rig.connection.session.poll_timeout().expect("a frame is awaited");
            let awake = naps > 1;
            assert_eq!(due <= rig.connection.now, awake, "{naps} naps");
            if awake {
                let error = rig.connection.attempt(None).expect_err("too slow");
                let Failure::Protocol(refusal) = error else { panic!("{error}") };
                assert_eq!(refusal.code, FaultCode::TIMEOUT);
            }
        }
    }
}
