use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::process::Process;

/// The repository that this command was called in.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
    /// As `cargo metadata` describes them.
    packages: Vec<Value>,
}

impl Workspace {
    /// Asks cargo; nothing is downloaded for that.
    pub(crate) fn locate() -> Result<Self, Failure> {
        // Cargo says where it found this package; checkouts that share a target share the binary, too.
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = package.parent().unwrap_or(Path::new("."));
        let question = cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]);
        let answer = question.output()?;
        let unreadable = || {
            let errors = String::from_utf8_lossy(&answer.stderr);
            Failure::check(format!("cargo metadata told nothing of the workspace: {errors}"))
        };
        let metadata: Value = serde_json::from_slice(&answer.stdout).map_err(|_| unreadable())?;
        let target = metadata["target_directory"].as_str().ok_or_else(unreadable)?;
        let packages = metadata["packages"].as_array().ok_or_else(unreadable)?.clone();
        Ok(Self { root: root.to_owned(), target: target.into(), packages })
    }

    /// Cargo, in the workspace's root.
    pub(crate) fn cargo<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Process {
        cargo(&self.root).args(args)
    }

    /// Ways of choosing features of the codec: none, each one alone, all.
    pub(crate) fn codec_feature_sets(&self) -> Vec<Vec<&str>> {
        let codec = self.packages.iter().find(|package| package["name"] == "eyelet-codec");
        let features = codec.and_then(|codec| codec["features"].as_object()).into_iter().flatten();
        let features = features.map(|(name, _)| name.as_str()).filter(|name| *name != "default");

        let none = vec!["--no-default-features"];
        let each = features.map(|name| vec!["--no-default-features", "--features", name]);
        let all = vec!["--all-features"];
        [none].into_iter().chain(each).chain([all]).collect()
    }

    /// Name and version of each member.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.packages
            .iter()
            .filter_map(|package| Some((package["name"].as_str()?, package["version"].as_str()?)))
    }

    /// The members that other members depend on.
    pub(crate) fn libraries(&self) -> BTreeSet<&str> {
        let all = self.packages.iter().filter_map(|package| package["dependencies"].as_array());
        let local = all.flatten().filter(|dependency| dependency["path"].is_string());
        local.filter_map(|dependency| dependency["name"].as_str()).collect()
    }

    /// Manifests of the packages that are in the repository, but not in the workspace: those with a
    /// lock file of their own.
    pub(crate) fn excluded(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut locks = Vec::new();
        self.find_locks(&self.root, &mut locks)?;
        locks.retain(|lock| lock.parent() != Some(&self.root));
        Ok(locks.into_iter().map(|lock| lock.with_file_name("Cargo.toml")).collect())
    }

    /// Every lock file, but for those below directories of builds and hidden ones.
    fn find_locks(&self, directory: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
        let mut entries = fs::read_dir(directory)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(Failure::at(directory))?;
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), entry.file_name());
            let hidden = name.as_encoded_bytes().starts_with(b".");
            let built = name == "target" || path == self.target;
            if name == "Cargo.lock" {
                found.push(path);
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !hidden && !built {
                self.find_locks(&path, found)?;
            }
        }
        Ok(())
    }

    /// Cargo, for a package outside the workspace; they all build in one place.
    pub(crate) fn cargo_outside(&self, command: &str, manifest: &Path) -> Process {
        let target = self.target.join("excluded");
        self.cargo([command, "--locked", "--manifest-path"])
            .args([self.relative(manifest)])
            .env("CARGO_TARGET_DIR", &self.relative(&target).to_string_lossy())
    }

    /// A path as someone who stands in the root would write it.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

fn cargo(root: &Path) -> Process {
    Process::new("cargo", root)
}
