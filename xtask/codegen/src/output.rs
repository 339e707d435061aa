use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::CodegenError;

/// A file as it should be on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Below [`Options::out`](crate::Options::out), or [`Options::table`](crate::Options::table).
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

impl GeneratedFile {
    /// Writes it, in a directory that is made if it is not there.
    pub fn write(&self) -> Result<(), CodegenError> {
        let dir = self.path.parent().map_or(Ok(()), fs::create_dir_all);
        dir.and_then(|()| fs::write(&self.path, &self.text))
            .map_err(|source| CodegenError::Write { path: self.path.clone(), source })
    }

    /// Whether it is on disk already. A checkout on Windows may have other line ends.
    pub fn is_current(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|text| text.replace("\r\n", "\n") == self.text)
    }
}

/// Rust files in `directory` that begin with `mark` and are none of `files`.
pub(crate) fn leftovers(
    directory: &Path,
    mark: &str,
    files: &[GeneratedFile],
) -> io::Result<Vec<PathBuf>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        let is_ours = is_rust && fs::read_to_string(&path)?.starts_with(mark);
        if is_ours && files.iter().all(|file| file.path != path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
