//! Cap'n Proto RPC: a method for one result, and one that streams chunks to the client's object.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use capnp::message::ReaderOptions;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::twoparty::VatNetwork;
use capnp_rpc::{Disconnector, RpcSystem, new_client};
use eyelet_codec::ProcessRecord;
use futures_util::AsyncRead;
use futures_util::io::{BufReader, BufWriter};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::spawn_local;
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use crate::detection_capnp::{chunks, detection, record, reply, task};
use crate::glance::{Field as _, Glance};
use crate::peer::{Connection, Kind, Peer, Result, share};
use crate::wish::Wish;
use crate::workload::{ON_ONE_THREAD, Workload};

pub(crate) struct CapnpRpc;

/// Records of one message of a stream; about 60 KB, as much as the stream's window holds.
const CHUNK: u32 = 256;

impl Peer for CapnpRpc {
    const NAME: &'static str = "Cap'n Proto RPC";
    const KIND: Kind = Kind::Library;
    const WORKLOADS: &'static [Workload] = ON_ONE_THREAD;
    const CRATES: &'static [&'static str] = &["capnp", "capnp-rpc"];

    type Connection = Client;

    async fn serve(socket: &Path, ready: impl FnOnce()) -> Result<()> {
        let listener = UnixListener::bind(socket)?;
        ready();
        let detector: detection::Client = new_client(Detector);
        loop {
            let (stream, _) = listener.accept().await?;
            let network = Box::new(network(stream, Side::Server));
            spawn_local(RpcSystem::new(network, Some(detector.clone().client)));
        }
    }

    async fn connect(socket: &Path) -> Result<Client> {
        let stream = UnixStream::connect(socket).await?;
        let mut system = RpcSystem::new(Box::new(network(stream, Side::Client)), None);
        let (detection, disconnector) = (system.bootstrap(Side::Server), system.get_disconnector());
        spawn_local(system);
        Ok(Client { detection, disconnector: Rc::new(RefCell::new(Some(disconnector))) })
    }
}

fn network(stream: UnixStream, side: Side) -> VatNetwork<impl AsyncRead + Unpin + 'static> {
    let (read, write) = stream.into_split();
    let (read, write) = (BufReader::new(read.compat()), BufWriter::new(write.compat_write()));
    VatNetwork::new(read, write, side, ReaderOptions::default())
}

struct Detector;

impl detection::Server for Detector {
    async fn detect(
        self: Rc<Self>,
        params: detection::DetectParams,
        mut results: detection::DetectResults,
    ) -> capnp::Result<()> {
        let task = params.get()?.get_task()?;
        let wish = wish(task)?;
        let mut reply = results.get().init_reply();
        reply.set_task_id(task.get_task_id()?);
        reply.set_success(true);
        fill(reply, wish);
        Ok(())
    }

    async fn watch(
        self: Rc<Self>,
        params: detection::WatchParams,
        _: detection::WatchResults,
    ) -> capnp::Result<()> {
        let (task, chunks) = (params.get()?.get_task()?, params.get()?.get_chunks()?);
        let wish = wish(task)?;
        let end = wish.first + wish.count;
        for first in (wish.first..end).step_by(CHUNK as usize) {
            let part = Wish { first, count: CHUNK.min(end - first) };
            let mut request = chunks.next_request();
            let mut reply = request.get().init_reply();
            if first + part.count == end {
                reply.set_task_id(task.get_task_id()?);
                reply.set_success(true);
            }
            fill(reply, part);
            // Waits while the window is full.
            request.send().await?;
        }
        Ok(())
    }
}

/// Reads all of a task, and what it asks for.
fn wish(task: task::Reader<'_>) -> capnp::Result<Wish> {
    let mut glance = Glance::default();
    task.get_task_id()?.to_str()?.see(1, &mut glance);
    for name in task.get_process_names()? {
        name?.to_str()?.see(31, &mut glance);
    }
    task.get_executable_pattern()?.to_str()?.see(33, &mut glance);
    task.get_metadata()?.to_str()?.see(5, &mut glance);
    task.get_duration_ms().see(9, &mut glance);
    task.get_deadline_ms().see(10, &mut glance);
    std::hint::black_box(glance);
    Ok(Wish::of(task.get_pids()?))
}

fn fill(reply: reply::Builder<'_>, wish: Wish) {
    let mut processes = reply.init_processes(wish.count);
    for (index, record) in (0..).zip(wish.records()) {
        write(processes.reborrow().get(index), record);
    }
}

fn write(mut to: record::Builder<'_>, record: &ProcessRecord<'_>) {
    to.set_pid(record.pid);
    to.set_ppid(record.ppid.unwrap_or_default());
    to.set_name(record.name);
    to.set_executable_path(record.executable_path.unwrap_or_default());
    let count = u32::try_from(record.command_line.iter().count()).expect("few arguments");
    let mut arguments = to.reborrow().init_command_line(count);
    for (index, argument) in (0..).zip(record.command_line.iter()) {
        arguments.set(index, argument);
    }
    to.set_start_time(record.start_time.unwrap_or_default());
    to.set_cpu_usage(record.cpu_usage.unwrap_or_default());
    to.set_memory_usage(record.memory_usage.unwrap_or_default());
    to.set_user_id(record.user_id.unwrap_or_default());
    to.set_accessible(record.accessible);
    to.set_file_exists(record.file_exists);
    to.set_collection_time(record.collection_time);
}

/// Reads all of a result, or of a chunk of one.
fn see(reply: reply::Reader<'_>, glance: &mut Glance) -> capnp::Result<()> {
    reply.get_task_id()?.to_str()?.see(1, glance);
    reply.get_success().see(2, glance);
    reply.get_error_message()?.to_str()?.see(3, glance);
    for record in reply.get_processes()? {
        see_record(record, glance)?;
    }
    Ok(())
}

fn see_record(record: record::Reader<'_>, glance: &mut Glance) -> capnp::Result<()> {
    record.get_pid().see(1, glance);
    record.get_ppid().see(2, glance);
    record.get_name()?.to_str()?.see(3, glance);
    record.get_executable_path()?.to_str()?.see(4, glance);
    for argument in record.get_command_line()? {
        argument?.to_str()?.see(5, glance);
    }
    record.get_start_time().see(6, glance);
    record.get_cpu_usage().see(7, glance);
    record.get_memory_usage().see(8, glance);
    record.get_executable_hash()?.to_str()?.see(9, glance);
    record.get_hash_algorithm()?.to_str()?.see(10, glance);
    record.get_user_id()?.to_str()?.see(11, glance);
    record.get_accessible().see(12, glance);
    record.get_file_exists().see(13, glance);
    record.get_collection_time().see(14, glance);
    record.get_on_disk_mismatch().see(16, glance);
    record.get_entity_id()?.to_str()?.see(20, glance);
    record.get_name_raw()?.see(21, glance);
    record.get_executable_path_raw()?.see(22, glance);
    for argument in record.get_command_line_raw()? {
        argument?.see(23, glance);
    }
    Ok(())
}

/// One of several that share a connection.
#[derive(Clone)]
pub(crate) struct Client {
    detection: detection::Client,
    disconnector: Rc<RefCell<Option<Disconnector<Side>>>>,
}

/// Sees chunks as they come.
struct Seeing(Rc<RefCell<Glance>>);

impl chunks::Server for Seeing {
    async fn next(self: Rc<Self>, params: chunks::NextParams) -> capnp::Result<()> {
        see(params.get()?.get_reply()?, &mut self.0.borrow_mut())
    }
}

fn fill_task(mut to: task::Builder<'_>, wish: Wish) {
    let pids = wish.pids();
    let task = Wish::task(&pids);
    let filter = task.process_filter.unwrap_or_default();
    to.set_task_id(task.task_id);
    to.set_task_type(task.task_type.0);
    let count = u32::try_from(filter.process_names.iter().count()).expect("few names");
    let mut names = to.reborrow().init_process_names(count);
    for (index, name) in (0..).zip(filter.process_names.iter()) {
        names.set(index, name);
    }
    to.set_pids(&pids[..]).expect("a list");
    to.set_executable_pattern(filter.executable_pattern.unwrap_or_default());
    to.set_metadata(task.metadata.unwrap_or_default());
}

impl Connection for Client {
    async fn call(&mut self, wish: Wish) -> Result<Glance> {
        let mut request = self.detection.detect_request();
        fill_task(request.get().init_task(), wish);
        let response = request.send().promise.await?;
        let mut glance = Glance::default();
        see(response.get()?.get_reply()?, &mut glance)?;
        Ok(glance)
    }

    async fn stream(&mut self, wish: Wish) -> Result<Glance> {
        let glance = Rc::new(RefCell::new(Glance::default()));
        let mut request = self.detection.watch_request();
        fill_task(request.get().init_task(), wish);
        request.get().set_chunks(new_client(Seeing(glance.clone())));
        request.send().promise.await?;
        let glance = *glance.borrow();
        Ok(glance)
    }

    async fn in_flight(&mut self, width: usize, calls: u64) -> Result<()> {
        share::<CapnpRpc>(vec![self.clone(); width], calls).await?;
        Ok(())
    }

    async fn close(self) -> Result<()> {
        let disconnector = self.disconnector.borrow_mut().take();
        drop(self.detection);
        match disconnector {
            Some(disconnector) => Ok(disconnector.await?),
            None => Ok(()),
        }
    }
}
