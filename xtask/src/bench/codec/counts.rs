use std::fs;
use std::path::{Path, PathBuf};

use crate::bench::figure::{Figure, Key};
use crate::compiler::Compiler;
use crate::failure::Failure;
use crate::process::Process;
use crate::workspace::Workspace;

/// What the benchmark calls once for each thing to be counted.
const COUNTED: &str = "eyelet_peers::counted";

/// What callgrind counted, and where that holds.
pub(crate) struct Counts {
    /// Instructions.
    pub(crate) counted: Vec<(Key, u32)>,
    /// Compiler, libraries and processor: what else decides how many instructions there are.
    pub(crate) place: String,
}

impl Counts {
    /// The same, to be shown among others.
    pub(crate) fn figures(self) -> impl Iterator<Item = Figure> {
        self.counted.into_iter().map(|(key, count)| Figure { key, value: count.into() })
    }
}

/// Counts instructions; `None` where valgrind is not installed.
pub(crate) fn count(workspace: &Workspace, binary: &Path) -> Result<Option<Counts>, Failure> {
    let Some(valgrind) = valgrind(workspace) else {
        return Ok(None);
    };
    let directory = empty(workspace.target.join("bench").join("callgrind"))?;
    let out = directory.join("out");
    let output = Process::new("valgrind", &workspace.root)
        .args(["--quiet", "--tool=callgrind"])
        .args([format!("--toggle-collect={COUNTED}"), format!("--dump-after={COUNTED}")])
        .args([format!("--callgrind-out-file={}", out.display())])
        .args([binary, Path::new("count")])
        .stdout()?;
    let Some((processor, lines)) = output.split_once('\n') else {
        return Err(Failure::check("the benchmark did not say what there is to count"));
    };
    let figures = lines.lines().filter_map(Figure::parse).enumerate();
    let counted = figures.map(|(index, figure)| {
        Ok((figure.key, instructions(&directory.join(format!("out.{}", index + 1)))?))
    });
    let counted = counted.collect::<Result<_, Failure>>()?;
    let Compiler { version, host } = Compiler::ask(workspace)?;
    let place = [version, host, libc(workspace), valgrind, processor.to_owned()];
    Ok(Some(Counts { counted, place: place.join(", ") }))
}

/// Its version, if it is installed.
pub(crate) fn valgrind(workspace: &Workspace) -> Option<String> {
    let asked = Process::new("valgrind", &workspace.root).args(["--version"]).output().ok()?;
    Some(String::from_utf8_lossy(&asked.stdout).trim().to_owned())
}

fn empty(directory: PathBuf) -> Result<PathBuf, Failure> {
    if directory.exists() {
        fs::remove_dir_all(&directory).map_err(Failure::at(&directory))?;
    }
    fs::create_dir_all(&directory).map_err(Failure::at(&directory))?;
    Ok(directory)
}

/// The sum of one of callgrind's files.
fn instructions(file: &Path) -> Result<u32, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::at(file))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|total| total.trim().parse().ok())
        .ok_or_else(|| Failure::check(format!("{} has no total", file.display())))
}

/// It copies and compares.
fn libc(workspace: &Workspace) -> String {
    let asked = Process::new("getconf", &workspace.root).args(["GNU_LIBC_VERSION"]).output();
    let answer = asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    answer.ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "another libc".to_owned())
}
