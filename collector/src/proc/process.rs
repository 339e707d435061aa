use eyelet_codec::runtime::Field;
use eyelet_codec::{NoteKind, ProcessRecord, Repeated};
use rustix::path::DecInt;

use super::clock::{Clock, unix_millis};
use super::command_line;
use super::directory::Directory;
use super::error::{Stop, Unread};
use super::executable::Executable;
use super::notes::Notes;
use super::stat::Stat;
use super::status::Status;
use super::text::Text;
use super::{ProcError, Reader};
use crate::filter::Filter;

/// One process as it was read last, in buffers that serve the next one too.
#[derive(Debug)]
pub(super) struct Process {
    pid: u32,
    numbers: Numbers,
    name: Text,
    executable: Executable,
    command_line: Text,
    user: String,
    entity_id: String,
    notes: Notes,
    file: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    parent: Option<u32>,
    start_time: Option<i64>,
    cpu_usage: Option<f64>,
    resident: Option<u64>,
    collection_time: i64,
    /// Whether the name is known, which may well be empty.
    has_name: bool,
    /// Why the process has no executable, arguments and memory, if so.
    bare: Option<NoteKind>,
}

/// What came of looking at a pid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    Matched,
    /// The filter does not ask for it.
    PassedOver,
    Ended,
    /// The filter names a pid that no process has.
    NoProcess,
}

impl Process {
    pub(super) fn new() -> Self {
        Self {
            pid: 0,
            numbers: Numbers::default(),
            name: Text::default(),
            executable: Executable::default(),
            command_line: Text::with_capacity(command_line::LONGEST + 1),
            user: String::new(),
            entity_id: String::new(),
            notes: Notes::default(),
            file: Vec::new(),
        }
    }

    /// Reads what `filter` decides by first, and no more of a process that it passes over.
    pub(super) fn read(
        &mut self,
        reader: &Reader,
        filter: &Filter,
        clock: Clock,
        pid: u32,
    ) -> Result<Sight, ProcError> {
        self.clear(pid);
        match self.look(reader, filter, clock) {
            Ok(sight) => Ok(sight),
            Err(Stop::Ended) => Ok(Sight::Ended),
            Err(Stop::Malformed(file)) => Err(ProcError::Malformed { pid, file }),
            Err(Stop::Exhausted(file, errno)) => {
                Err(ProcError::Exhausted { pid, file, source: errno.into() })
            }
        }
    }

    pub(super) fn record(&self) -> ProcessRecord<'_> {
        let nameless = self.name.bytes.is_empty();
        let Numbers { parent, start_time, cpu_usage, resident, collection_time, .. } = self.numbers;
        ProcessRecord {
            pid: self.pid,
            ppid: parent,
            name: if nameless { NAMELESS } else { self.name.as_str() },
            executable_path: self.executable.text(),
            command_line: Repeated::nul_terminated(self.command_line.as_str()),
            start_time,
            cpu_usage,
            memory_usage: resident,
            user_id: Some(&*self.user).filter(|user| !user.is_empty()),
            accessible: !self.has_note(NoteKind::DENIED),
            file_exists: self.executable.is_in_place(),
            collection_time,
            on_disk_mismatch: self.executable.is_replaced(),
            entity_id: &self.entity_id,
            name_raw: if nameless { self.known_name() } else { self.name.raw() },
            executable_path_raw: self.executable.raw(),
            command_line_raw: self
                .command_line
                .raw()
                .map_or(Repeated::EMPTY, Repeated::nul_terminated_bytes),
            notes: Repeated::new(self.notes.as_slice()),
            ..Default::default()
        }
    }

    pub(super) fn has_note(&self, kind: NoteKind) -> bool {
        self.notes.has(kind)
    }

    fn clear(&mut self, pid: u32) {
        self.pid = pid;
        self.numbers = Numbers::default();
        self.name.clear();
        self.executable.clear();
        self.command_line.clear();
        self.user.clear();
        self.entity_id.clear();
        self.notes.clear();
    }

    fn look(&mut self, reader: &Reader, filter: &Filter, clock: Clock) -> Result<Sight, Stop> {
        let is_asked_for = !filter.pids().is_empty();
        let opened = match Directory::open(reader, self.pid) {
            Err(Unread::Missing) if is_asked_for => return Ok(Sight::NoProcess),
            opened => self.notes.unless_denied(&[ProcessRecord::PID], opened)?,
        };
        let Some(dir) = opened else { return Ok(Sight::PassedOver) };
        if is_asked_for && self.is_thread(&dir)? {
            return Ok(Sight::NoProcess);
        }
        let living = self.read_stat(&dir, reader, clock)?;
        if !filter.lets_name_through(self.known_name()) {
            return Ok(Sight::PassedOver);
        }
        let dir = living.unwrap_or(dir);
        self.read_executable(&dir, reader)?;
        if !filter.lets_path_through(self.executable.path()) {
            return Ok(Sight::PassedOver);
        }
        self.read_command_line(&dir)?;
        self.read_status(&dir)?;
        Ok(Sight::Matched)
    }

    /// `/proc` lists processes only, but opens the directory of any thread that is asked for.
    fn is_thread(&mut self, dir: &Directory) -> Result<bool, Stop> {
        let read = dir.read("status", &mut self.file);
        let known = self.notes.unless_denied(&[], read)?;
        let process = known.and_then(|()| Status::parse(&self.file).process);
        Ok(process.is_some_and(|process| process != self.pid))
    }

    /// Also opens a living thread where the first one has ended, since with it the process lost the
    /// executable, arguments and memory of its own directory.
    fn read_stat(
        &mut self,
        dir: &Directory,
        reader: &Reader,
        clock: Clock,
    ) -> Result<Option<Directory>, Stop> {
        let read = dir.read("stat", &mut self.file);
        self.numbers.collection_time = unix_millis();
        if self.notes.unless_denied(&FROM_STAT, read)?.is_none() {
            return Ok(None);
        }
        let stat = Stat::parse(&self.file).ok_or(Stop::Malformed("stat"))?;
        self.numbers.parent = Some(stat.parent);
        self.numbers.start_time = clock.start_time(stat.start_ticks);
        self.numbers.cpu_usage = clock.cpu_usage(stat.busy_ticks, stat.start_ticks);
        self.numbers.has_name = true;
        self.name.bytes.extend_from_slice(stat.name);
        if let Some(note) = self.name.settle(|name| name.len().min(MAX_NAME)) {
            self.notes.add(&ProcessRecord::NAME, note);
        }
        identify(&mut self.entity_id, &reader.boot_id, self.pid, stat.start_ticks);

        let (lives_on, bare) = (stat.lives_on(), bare(&stat));
        let living = if lives_on { living_thread(dir, &mut self.file) } else { None };
        self.numbers.bare = bare.filter(|_| living.is_none());
        Ok(living)
    }

    fn read_executable(&mut self, dir: &Directory, reader: &Reader) -> Result<(), Stop> {
        if let Some(kind) = self.numbers.bare {
            self.notes.add(&ProcessRecord::EXECUTABLE_PATH, kind);
            return Ok(());
        }
        match self.executable.read(dir, reader, &mut self.notes) {
            Err(Unread::Missing) if dir.is_there() => {
                self.notes.add(&ProcessRecord::EXECUTABLE_PATH, NoteKind::VANISHED);
                Ok(())
            }
            read => self.notes.unless_denied(&[ProcessRecord::EXECUTABLE_PATH], read).map(drop),
        }
    }

    fn read_command_line(&mut self, dir: &Directory) -> Result<(), Stop> {
        if let Some(kind) = self.numbers.bare {
            self.notes.add(&ProcessRecord::COMMAND_LINE, kind);
            return Ok(());
        }
        let read = dir.read_start("cmdline", &mut self.command_line.bytes);
        self.notes.unless_denied(&[ProcessRecord::COMMAND_LINE], read)?;
        if let Some(note) = self.command_line.settle(command_line::fitting) {
            self.notes.add(&ProcessRecord::COMMAND_LINE, note);
        }
        Ok(())
    }

    fn read_status(&mut self, dir: &Directory) -> Result<(), Stop> {
        let read = dir.read("status", &mut self.file);
        if self.notes.unless_denied(&FROM_STATUS, read)?.is_none() {
            return Ok(());
        }
        let status = Status::parse(&self.file);
        self.user.push_str(status.user.unwrap_or_default());
        self.numbers.resident = status.resident;
        if status.resident.is_none() {
            let kind = self.numbers.bare.unwrap_or(NoteKind::VANISHED);
            self.notes.add(&ProcessRecord::MEMORY_USAGE, kind);
        }
        Ok(())
    }

    fn known_name(&self) -> Option<&[u8]> {
        self.numbers.has_name.then_some(&self.name.bytes)
    }
}

fn bare(stat: &Stat<'_>) -> Option<NoteKind> {
    if stat.is_kernel_thread() {
        return Some(NoteKind::KERNEL_THREAD);
    }
    stat.has_ended().then_some(NoteKind::VANISHED)
}

/// The first thread of a process that has not ended, if it can be found.
fn living_thread(dir: &Directory, file: &mut Vec<u8>) -> Option<Directory> {
    let (task, ids) = dir.threads().ok()?;
    ids.into_iter().filter_map(|id| Directory::open(&task, id).ok()).find(|thread| {
        let is_read = thread.read("stat", file).is_ok();
        is_read && Stat::parse(file).is_some_and(|stat| !stat.has_ended())
    })
}

/// Boot, pid and ticks to the start: at most 68 bytes. Nothing where the boot is not known.
fn identify(entity: &mut String, boot_id: &str, pid: u32, start_ticks: u64) {
    if boot_id.is_empty() {
        return;
    }
    for part in [boot_id, "-", DecInt::new(pid).as_str(), "-", DecInt::new(start_ticks).as_str()] {
        entity.push_str(part);
    }
}

const FROM_STAT: [Field; 5] = [
    ProcessRecord::PPID,
    ProcessRecord::NAME,
    ProcessRecord::START_TIME,
    ProcessRecord::CPU_USAGE,
    ProcessRecord::ENTITY_ID,
];

const FROM_STATUS: [Field; 2] = [ProcessRecord::MEMORY_USAGE, ProcessRecord::USER_ID];

const MAX_NAME: usize = ProcessRecord::NAME.max_bytes as usize;

/// Stands for a name that is unknown or empty, since a record has to have one and a process must not
/// escape the list by giving itself none. `name_raw` of an empty one is there, and empty.
const NAMELESS: &str = "\u{fffd}";
