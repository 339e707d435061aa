//! The floor without a runtime: a thread for each connection moves as many bytes, and nobody looks at
//! them.

use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;

use super::raw_echo::{REPLY, REQUEST};
use crate::glance::Glance;
use crate::peer::{Connection, Kind, Peer, Result};
use crate::wish::Wish;
use crate::workload::Workload::{self, Connect, RoundTrip, SystemCalls};

pub(crate) struct RawBlockingEcho;

impl Peer for RawBlockingEcho {
    const NAME: &'static str = "raw blocking echo";
    const KIND: Kind = Kind::Floor;
    const WORKLOADS: &'static [Workload] = &[RoundTrip, Connect, SystemCalls];
    const CRATES: &'static [&'static str] = &[];
    const READS: bool = false;

    type Connection = UnixStream;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let listener = UnixListener::bind(socket)?;
        ready();
        loop {
            let (stream, _) = listener.accept()?;
            thread::spawn(|| answer(stream));
        }
    }

    async fn connect(socket: &Path) -> Result<UnixStream> {
        Ok(UnixStream::connect(socket)?)
    }
}

/// Until the client goes.
fn answer(mut stream: UnixStream) -> io::Result<()> {
    let (mut request, reply) = ([0; 512], [7; 4096]);
    loop {
        stream.read_exact(&mut request[..*REQUEST])?;
        stream.write_all(&reply[..*REPLY])?;
    }
}

impl Connection for UnixStream {
    async fn call(&mut self, _: Wish) -> Result<Glance> {
        let (request, mut reply) = ([7; 512], [0; 4096]);
        self.write_all(&request[..*REQUEST])?;
        self.read_exact(&mut reply[..*REPLY])?;
        Ok(Glance::default())
    }

    async fn in_flight(&mut self, _: usize, _: u64) -> Result<()> {
        Err("one task at a time".into())
    }
}
