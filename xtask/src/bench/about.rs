use std::time::SystemTime;

use serde_json::{Value, json};

use crate::compiler::Compiler;
use crate::failure::Failure;
use crate::process::Process;
use crate::workspace::Workspace;

/// Where, when and with what figures were measured, as far as it was written down.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct About {
    /// As RFC 3339 has it.
    pub(crate) time: Option<String>,
    /// With a mark if something in it was changed.
    pub(crate) commit: Option<String>,
    /// Shortly, or not all of it.
    pub(crate) in_part: bool,
    pub(crate) compiler: Option<String>,
    pub(crate) processor: Option<String>,
    pub(crate) kernel: Option<String>,
    /// What others had of the machine meanwhile, in percent of all processors.
    pub(crate) others: Option<f64>,
    /// Who was measured, and the versions of their crates.
    pub(crate) peers: Vec<(String, String)>,
    /// What could not be measured, or not each time.
    pub(crate) failures: Vec<String>,
}

/// Percent of all processors that are too much.
const MUCH: f64 = 5.0;

impl About {
    /// Of what is being measured now, what is the same for everything.
    pub(crate) fn now(workspace: &Workspace, in_part: bool) -> Result<Self, Failure> {
        let time = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let compiler = Compiler::ask(workspace)?.version;
        let (time, compiler) = (Some(time), Some(compiler));
        Ok(Self { time, commit: commit(workspace), in_part, compiler, ..Self::default() })
    }

    /// Takes over what a line of JSON says, if it says anything of this.
    pub(crate) fn read(&mut self, line: &str) -> bool {
        let Ok(object) = serde_json::from_str::<Value>(line) else { return false };
        let text = |name: &str| object[name].as_str().map(str::to_owned);
        match object["about"].as_str() {
            Some("run") => {
                (self.time, self.commit) = (text("time"), text("commit"));
                self.in_part = object["in part"] == true;
            }
            Some("compiler") => self.compiler = text("version"),
            Some("machine") => {
                (self.processor, self.kernel) = (text("processor"), text("kernel"));
                self.others = object["others, percent"].as_f64();
            }
            Some("peer") => self.peers.extend(text("who").zip(text("versions"))),
            Some("failure") => {
                let what = text("workload").zip(text("who"));
                self.failures.extend(what.map(|(workload, who)| format!("{workload}, {who}")));
            }
            _ => return false,
        }
        true
    }

    /// As lines of JSON, but for the failures.
    pub(crate) fn lines(&self) -> String {
        let run = json!({
            "about": "run", "time": self.time, "commit": self.commit, "in part": self.in_part,
        });
        let compiler = self.compiler.as_ref();
        let compiler = compiler.map(|version| json!({"about": "compiler", "version": version}));
        let machine = self.processor.as_ref().map(|processor| {
            json!({
                "about": "machine", "processor": processor, "kernel": self.kernel,
                "others, percent": self.others.map(|others| (others * 10.0).round() / 10.0),
            })
        });
        let peers = self.peers.iter();
        let peers =
            peers.map(|(who, versions)| json!({"about": "peer", "who": who, "versions": versions}));
        let lines = [Some(run), compiler, machine].into_iter().flatten().chain(peers);
        lines.map(|line| line.to_string() + "\n").collect()
    }

    /// What others had of the machine, if that was too much.
    pub(crate) fn busy(&self) -> Option<f64> {
        self.others.filter(|others| *others > MUCH)
    }
}

/// `None` outside a checkout.
fn commit(workspace: &Workspace) -> Option<String> {
    let git = |args: &[&str]| {
        let output = Process::new("git", &workspace.root).args(args).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { commit } else { format!("{commit} with changes") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let about = About {
            time: Some("2026-01-02T03:04:05Z".to_owned()),
            commit: Some("0123abcd".to_owned()),
            in_part: true,
            compiler: Some("rustc 1.89.0".to_owned()),
            processor: Some("some".to_owned()),
            kernel: Some("Linux 6.1".to_owned()),
            others: Some(5.5),
            peers: vec![("prost".to_owned(), "prost 0.14.4".to_owned())],
            failures: Vec::new(),
        };
        let mut again = About::default();
        assert!(about.lines().lines().all(|line| again.read(line)));
        assert_eq!(again, about);
        assert_eq!(again.busy(), Some(5.5));
    }

    #[test]
    fn failures_are_kept_and_figures_left_to_others() {
        let mut about = About::default();
        assert!(about.read(r#"{"about":"failure","workload":"idle","who":"zlink","times":1}"#));
        assert_eq!(about.failures, ["idle, zlink"]);
        for line in [r#"{"about":"nothing known"}"#, r#"{"who":"prost"}"#, "no JSON"] {
            assert!(!about.read(line), "{line}");
        }
    }
}
