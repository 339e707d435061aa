use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use eyelet_tests::command::program;
use eyelet_tests::server::Server;
use eyelet_tests::skip;
use tempfile::TempDir;

/// `eyelet ps | less` on a terminal.
pub(crate) struct Pager {
    terminal: Child,
    keys: ChildStdin,
    screen: BufReader<ChildStdout>,
    /// What eyelet ended with.
    status: PathBuf,
    /// What the pager has read.
    read: PathBuf,
    _ground: TempDir,
}

impl Pager {
    /// Asks `server`; `None`: `test` is skipped.
    pub(crate) fn start(test: &str, server: &Server) -> Option<Self> {
        let missing = |program| Command::new(program).arg("--version").output().is_err();
        if missing("less") || missing("script") {
            skip(test, "there is no `less`, or no `script` to give it a terminal");
            return None;
        }
        let ground = tempfile::tempdir().expect("a directory");
        let [status, read] = ["status", "read"].map(|name| ground.path().join(name));
        let mut terminal = Command::new("script")
            .args(["--quiet", "--command", PIPE, "/dev/null"])
            .envs([("EYELET", program()), ("ENDPOINT", server.path())])
            .envs([("STATUS", &status), ("READ", &read)])
            .envs([("TERM", "vt100"), ("LESS", "-S")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script runs");
        let keys = terminal.stdin.take().expect("piped");
        let screen = BufReader::new(terminal.stdout.take().expect("piped"));
        Some(Self { terminal, keys, screen, status, read, _ground: ground })
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal is there");
    }

    pub(crate) fn until_shown(&mut self, text: &str) {
        let mut line = Vec::new();
        while !String::from_utf8_lossy(&line).contains(text) {
            line.clear();
            let len = self.screen.read_until(b'\n', &mut line).expect("the terminal is there");
            assert!(len > 0, "the pager ended without {text}");
        }
    }

    /// Whether eyelet has printed all, or has given up.
    pub(crate) fn has_all(&self) -> bool {
        self.status.exists()
    }

    /// Waits until it has ended; what it read.
    pub(crate) fn end(mut self) -> String {
        self.screen.read_to_end(&mut Vec::new()).expect("the terminal is there");
        assert!(self.terminal.wait().expect("it is our child").success());
        assert_eq!(fs::read_to_string(&self.status).expect("eyelet ended"), "0\n");
        fs::read_to_string(&self.read).expect("a copy")
    }
}

/// The pager copies what it reads.
const PIPE: &str = r#"
    { "$EYELET" ps --json --endpoint "$ENDPOINT"; echo $? >"$STATUS"; } | less -o "$READ"
"#;
