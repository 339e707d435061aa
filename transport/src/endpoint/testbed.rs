//! What the tests of this module stand on: directories of a known mode, and another user.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;
use std::{fs, thread};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};
use rustix::process::geteuid;
use tempfile::TempDir;

use super::{Entry, Listener};

/// A uid with no rights anywhere.
pub(super) const STRANGER: u32 = 65534;

/// An empty directory that an endpoint may be in, and that everyone may look into.
pub(super) fn ground() -> TempDir {
    let ground = tempfile::tempdir().expect("a directory");
    chmod(ground.path(), 0o755);
    ground
}

pub(super) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a new mode");
}

pub(super) fn own_uid() -> u32 {
    geteuid().as_raw()
}

/// As the endpoint's errors name the user that runs the test.
pub(super) fn own_name() -> String {
    crate::peer::User(own_uid()).to_string()
}

pub(super) fn give_away(path: &Path) {
    chown(path, Some(STRANGER), None).expect("another owner");
}

/// Whether a test can act as another user; says so where it cannot.
pub(super) fn is_root(test: &str) -> bool {
    let root = own_uid() == 0 && THREADS_HAVE_USERS;
    if !root {
        skip(test, "only root can act as another user, and only on Linux");
    }
    root
}

pub(super) fn skip(test: &str, why: &str) {
    // The test harness swallows what `println!` writes, but not this.
    let _ = writeln!(io::stderr(), "SKIPPED: {test}: {why}");
}

/// Does `work` on a thread that runs as [`STRANGER`]; the rest of the process stays as it is.
pub(super) fn as_stranger<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let stranger = scope.spawn(|| {
            become_stranger();
            work()
        });
        stranger.join().expect("the stranger's work")
    })
}

const THREADS_HAVE_USERS: bool = cfg!(target_os = "linux");

#[cfg(target_os = "linux")]
fn become_stranger() {
    use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

    let (uid, gid) = (Uid::from_raw(STRANGER), Gid::from_raw(STRANGER));
    set_thread_groups(&[]).expect("no groups");
    set_thread_res_gid(gid, gid, gid).expect("another group");
    set_thread_res_uid(uid, uid, uid).expect("another user");
    assert_eq!(own_uid(), STRANGER);
}

#[cfg(not(target_os = "linux"))]
fn become_stranger() {
    panic!("ask is_root first");
}

pub(super) fn make_fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
    assert!(made.success());
}

/// A socket with a name and nobody behind it, as a killed server leaves it. It never listened, so
/// that no child of another test, forked just now, can keep it alive.
pub(super) fn leave_stale_socket(path: &Path) {
    drop(bound(path, SocketType::STREAM));
}

pub(super) fn bound(path: &Path, kind: SocketType) -> OwnedFd {
    let socket = rustix::net::socket(AddressFamily::UNIX, kind, None).expect("a socket");
    let address = SocketAddrUnix::new(path).expect("an address");
    rustix::net::bind(&socket, &address).expect("bound");
    socket
}

/// A server that cannot take another connection: the queue's one place is taken. Both ends must
/// be kept.
pub(super) fn overrun_server(path: &Path) -> [OwnedFd; 2] {
    let server = bound(path, SocketType::STREAM);
    rustix::net::listen(&server, 0).expect("listening");
    let client = super::platform::socket().expect("a socket");
    rustix::net::connect(&client, &SocketAddrUnix::new(path).expect("an address")).expect("queued");
    [server, client]
}

/// The modes of a listener's directory and socket as they are now.
pub(super) fn modes(listener: &Listener) -> (u32, u32) {
    let mode = |path: &Path| Entry::at(path).expect("looked").expect("there").mode();
    (mode(listener.path().parent().expect("a directory")), mode(listener.path()))
}
