//! iceoryx2: shared memory, and events that wake the other side. Not a socket, and not for a peer that is
//! not trusted: whoever has joined can write to what is being read. Messages are those of eyelet's codec.

use std::ffi::OsStr;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, DetectionTask, Limits, Message as _, ProcessRecord,
    ResultWriter,
};
use iceoryx2::config::Config;
use iceoryx2::node::{Node, NodeBuilder};
use iceoryx2::port::client::Client;
use iceoryx2::port::listener::Listener;
use iceoryx2::port::notifier::Notifier;
use iceoryx2::port::server::Server;
use iceoryx2::prelude::{FileName, Path as SharedPath, SemanticString, ServiceName, ipc};

use crate::glance::{Glance, see_record, see_result, see_task};
use crate::peer::{Connection, Kind, Peer, Result};
use crate::wish::Wish;
use crate::workload::Workload::{self, RoundTrip};

pub(crate) struct Iceoryx2;

/// Room for a task or a result.
const ROOM: usize = 8 * 1024;

impl Peer for Iceoryx2 {
    const NAME: &'static str = "iceoryx2";
    const KIND: Kind = Kind::Aside;
    // Its system calls cannot be counted: whoever is slowed down by that is no longer waited for, and does
    // not wait.
    const WORKLOADS: &'static [Workload] = &[RoundTrip];
    const CRATES: &'static [&'static str] = &["iceoryx2"];

    type Connection = Line;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let mut server = Answering::new(socket)?;
        ready();
        // Until it is told to end, when it has to let go of its shared memory.
        while server.node.wait(Duration::ZERO).is_ok() {
            if server.woken.blocking_wait(|_| ()).is_ok() {
                server.answer()?;
            }
        }
        drop(server);
        forget(socket)
    }

    async fn connect(socket: &Path) -> Result<Line> {
        let node = node(socket)?;
        let service = node.service_builder(&name("tasks")?).request_response::<[u8], [u8]>();
        let client = service.open()?.client_builder().initial_max_slice_len(ROOM).create()?;
        let (wake, woken) = (notifier(&node, "server")?, listener(&node, "client")?);
        Ok(Line { client, wake, woken, _node: node })
    }
}

fn name(name: &str) -> Result<ServiceName> {
    Ok(name.try_into()?)
}

/// All that it keeps in files lies beside the socket that would be there otherwise, and shared memory is
/// called as that directory is.
fn node(socket: &Path) -> Result<Node<ipc::Service>> {
    let (directory, name) = directory(socket)?;
    let mut config = Config::default();
    config.global.set_root_path(&SharedPath::new(directory.as_bytes())?);
    config.global.prefix = FileName::new(name.as_bytes())?;
    Ok(NodeBuilder::new().config(&config).create()?)
}

/// The socket's, and what it is called.
fn directory(socket: &Path) -> Result<(&str, &str)> {
    let directory = socket.parent().ok_or("no directory")?;
    let name = directory.file_name().and_then(OsStr::to_str);
    Ok((directory.to_str().ok_or("no text")?, name.ok_or("no name")?))
}

/// Removes what the last node leaves of its shared memory.
fn forget(socket: &Path) -> Result<()> {
    let (_, name) = directory(socket)?;
    for entry in fs::read_dir("/dev/shm")? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(name.as_bytes()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn notifier(node: &Node<ipc::Service>, of: &str) -> Result<Notifier<ipc::Service>> {
    let event = node.service_builder(&name(of)?).event().open_or_create()?;
    Ok(event.notifier_builder().create()?)
}

fn listener(node: &Node<ipc::Service>, of: &str) -> Result<Listener<ipc::Service>> {
    let event = node.service_builder(&name(of)?).event().open_or_create()?;
    Ok(event.listener_builder().create()?)
}

struct Answering {
    server: Server<ipc::Service, [u8], (), [u8], ()>,
    wake: Notifier<ipc::Service>,
    woken: Listener<ipc::Service>,
    node: Node<ipc::Service>,
}

impl Answering {
    fn new(socket: &Path) -> Result<Self> {
        let node = node(socket)?;
        let service = node.service_builder(&name("tasks")?).request_response::<[u8], [u8]>();
        let server = service.create()?.server_builder().initial_max_slice_len(ROOM).create()?;
        let (wake, woken) = (notifier(&node, "client")?, listener(&node, "server")?);
        Ok(Self { server, wake, woken, node })
    }

    /// All that has come.
    fn answer(&mut self) -> Result<()> {
        while let Some(request) = self.server.receive()? {
            let mut buf = [0; ROOM];
            let len = result(request.payload(), &mut buf)?;
            let response = request.loan_slice_uninit(len)?;
            response.write_from_slice(&buf[..len]).send()?;
            self.wake.notify()?;
        }
        Ok(())
    }
}

/// Reads all of a task, and writes what it asks for.
fn result(task: &[u8], buf: &mut [u8]) -> Result<usize> {
    let task = DetectionTask::decode(task)?;
    let mut glance = Glance::default();
    see_task!(task, &mut glance);
    std::hint::black_box(glance);
    let filter = task.process_filter.ok_or("no filter")?;
    let rest = DetectionResult { task_id: task.task_id, success: true, ..Default::default() };
    let mut result = ResultWriter::new(buf);
    for record in Wish::of(filter.pids.iter()).records() {
        result.push(record)?;
    }
    let len = result.len();
    Ok(len + rest.encode(&mut buf[len..])?)
}

pub(crate) struct Line {
    client: Client<ipc::Service, [u8], (), [u8], ()>,
    wake: Notifier<ipc::Service>,
    woken: Listener<ipc::Service>,
    _node: Node<ipc::Service>,
}

impl Connection for Line {
    async fn call(&mut self, wish: Wish) -> Result<Glance> {
        let (pids, mut buf) = (wish.pids(), [0; 512]);
        let len = Wish::task(&pids).encode(&mut buf)?;
        let request = self.client.loan_slice_uninit(len)?;
        let pending = request.write_from_slice(&buf[..len]).send()?;
        self.wake.notify()?;
        loop {
            if let Some(response) = pending.receive()? {
                return see(response.payload());
            }
            self.woken.blocking_wait(|_| ())?;
        }
    }

    async fn in_flight(&mut self, _: usize, _: u64) -> Result<()> {
        Err("one task at a time".into())
    }
}

struct Seeing(Glance);

impl<'a> DetectionResultVisitor<'a> for Seeing {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        see_record!(*record, &mut self.0);
        ControlFlow::Continue(())
    }
}

/// Reads all of a result.
fn see(result: &[u8]) -> Result<Glance> {
    let mut seeing = Seeing(Glance::default());
    let rest = DetectionResult::decode_each(result, &Limits::SCHEMA, &mut seeing)?;
    see_result!(rest, &mut seeing.0);
    Ok(seeing.0)
}
