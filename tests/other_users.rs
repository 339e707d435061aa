//! Another user of the machine is kept out, is told so, and the collector serves on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use eyelet_tests::command::{Collector, eyelet, program};
use eyelet_tests::skip;
use tempfile::TempDir;

const STRANGER: u32 = 65534;

/// A place where a stranger can run the command, and a collector of ours.
struct Scene {
    ground: TempDir,
    collector: Collector,
}

impl Scene {
    /// `None`, and said, where this process cannot become another user.
    fn set(test: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip(test, "only root can act as another user");
            return None;
        }
        let ground = tempfile::tempdir().expect("a directory");
        chmod(ground.path(), 0o755);
        fs::copy(program(), ground.path().join("eyelet")).expect("a copy that others may run");
        Some(Self { ground, collector: Collector::start(None) })
    }

    fn endpoint(&self) -> &Path {
        self.collector.endpoint()
    }

    fn directory(&self) -> PathBuf {
        self.endpoint().parent().expect("a directory").to_owned()
    }

    fn ps_as_stranger(&self) -> Output {
        Command::new("setpriv")
            .args([&format!("--reuid={STRANGER}"), &format!("--regid={STRANGER}")])
            .arg("--clear-groups")
            .arg(self.ground.path().join("eyelet"))
            .args(["ps", "--endpoint"])
            .arg(self.endpoint())
            .output()
            .expect("setpriv is part of util-linux")
    }

    fn assert_serves_on(&self) {
        let ours = eyelet().args(["ps", "--endpoint"]).arg(self.endpoint()).output();
        assert!(ours.expect("eyelet runs").status.success(), "the collector serves its own user");
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

fn sentence(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).expect("text")
}

#[test]
fn by_the_modes_as_they_are_and_the_client_names_the_component() {
    let Some(scene) = Scene::set("by_the_modes_as_they_are_and_the_client_names_the_component")
    else {
        return;
    };
    let error = sentence(&scene.ps_as_stranger());
    let directory = scene.directory().display().to_string();
    for part in [&directory, "0700", "root (uid 0)", "65534"] {
        assert!(error.contains(part), "no {part} in {error}");
    }
    scene.assert_serves_on();
}

#[test]
fn by_the_collector_alone_when_every_mode_is_open() {
    let Some(scene) = Scene::set("by_the_collector_alone_when_every_mode_is_open") else {
        return;
    };
    chmod(&scene.directory(), 0o711);
    chmod(scene.endpoint(), 0o666);
    // The client's own check of the server would end it first: a server of root's is one it trusts.
    let error = sentence(&scene.ps_as_stranger());
    assert!(error.contains("UNAUTHORIZED"), "{error}");
    scene.assert_serves_on();
    let log = scene.collector.end();
    assert!(log.contains("refused") && log.contains("65534"), "{log}");
}
