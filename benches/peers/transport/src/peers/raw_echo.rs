//! The floor: tokio moves as many bytes, and nobody looks at them.

use std::io;
use std::path::Path;
use std::sync::LazyLock;

use eyelet_codec::Message as _;
use prost::Message as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::glance::Glance;
use crate::messages::protobuf;
use crate::peer::{Connection, Kind, Peer, Result};
use crate::wish::{RESULT, Wish};
use crate::workload::Workload::{
    self, Clients, Connect, InFlight, InFlightOnThreads, RoundTrip, RoundTripOnThreads, SystemCalls,
};

pub(crate) struct RawEcho;

/// Requests that are read and answered at once, at most.
const AT_ONCE: usize = 64;

/// What a frame and a packet add to a task or a result.
const ENVELOPE: usize = 11;

/// Bytes that a task takes on eyelet's wire.
pub(crate) static REQUEST: LazyLock<usize> = LazyLock::new(|| {
    let pids = Wish { first: 0, count: RESULT }.pids();
    Wish::task(&pids).encode(&mut [0; 1024]).expect("room") + ENVELOPE
});

/// Bytes that a result takes.
pub(crate) static REPLY: LazyLock<usize> = LazyLock::new(|| {
    let wish = Wish { first: 0, count: RESULT };
    protobuf::result(protobuf::task(wish), wish).encoded_len() + ENVELOPE
});

impl Peer for RawEcho {
    const NAME: &'static str = "raw echo";
    const KIND: Kind = Kind::Floor;
    const WORKLOADS: &'static [Workload] = &[
        RoundTrip,
        RoundTripOnThreads,
        InFlight(64),
        InFlight(16),
        InFlightOnThreads(64),
        Clients(256),
        Connect,
        SystemCalls,
    ];
    const CRATES: &'static [&'static str] = &["tokio"];
    const READS: bool = false;

    type Connection = UnixStream;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let listener = UnixListener::bind(socket)?;
        ready();
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(answer(stream));
        }
    }

    async fn connect(socket: &Path) -> Result<UnixStream> {
        Ok(UnixStream::connect(socket).await?)
    }
}

/// As many replies as whole requests have come, in one write.
async fn answer(mut stream: UnixStream) -> io::Result<()> {
    let reply = vec![7; AT_ONCE * *REPLY];
    let mut requests = vec![0; AT_ONCE * *REQUEST];
    let mut part = 0;
    loop {
        let read = stream.read(&mut requests[part..]).await?;
        if read == 0 {
            return Ok(());
        }
        let whole = (part + read) / *REQUEST;
        part = (part + read) % *REQUEST;
        stream.write_all(&reply[..whole * *REPLY]).await?;
    }
}

impl Connection for UnixStream {
    async fn call(&mut self, _: Wish) -> Result<Glance> {
        let (request, mut reply) = ([7; 512], [0; 4096]);
        self.write_all(&request[..*REQUEST]).await?;
        // Into more room than there is need of: behind a short read tokio knows without asking again that
        // there is nothing more.
        let mut got = 0;
        while got < *REPLY {
            got += self.read(&mut reply[got..]).await?;
        }
        Ok(Glance::default())
    }

    /// Each reply makes room for a request; those that come at once are answered at once.
    async fn in_flight(&mut self, width: usize, calls: u64) -> Result<()> {
        let requests = vec![7; width * *REQUEST];
        let mut replies = vec![0; 64 * 1024];
        let (mut asked, mut part) = (width as u64, 0);
        let mut left = calls;
        self.write_all(&requests).await?;
        while left > 0 {
            let read = self.read(&mut replies).await?;
            let whole = (part + read) / *REPLY;
            part = (part + read) % *REPLY;
            left -= whole as u64;
            let more = (whole as u64).min(calls - asked);
            asked += more;
            self.write_all(&requests[..usize::try_from(more)? * *REQUEST]).await?;
        }
        Ok(())
    }
}
