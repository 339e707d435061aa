use std::fs;
use std::path::PathBuf;

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
