//! Everything the kernel passes on its way to a path.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::entry::Entry;

/// Walks from the root to a path as the kernel does, symbolic links included, and yields each
/// entry it passes: each directory, each link, and at last what the path leads to. The first
/// error ends it.
///
/// Where every entry passed so far can be changed by nobody but us and root, so can the next
/// step, and the walk cannot be led astray.
pub(super) struct Trail {
    /// A directory whose own path has no links in it.
    reached: PathBuf,
    /// The names still to come, the next one last.
    ahead: Vec<OsString>,
    links: usize,
}

impl Trail {
    /// The way to the absolute `path`.
    pub(super) fn to(path: &Path) -> Self {
        Self { reached: PathBuf::new(), ahead: names(path).collect(), links: 0 }
    }

    fn step(&mut self, name: OsString) -> io::Result<Entry> {
        let path = match name.as_encoded_bytes() {
            b".." => self.reached.parent().unwrap_or(Path::new("/")).to_owned(),
            // Joining "/" begins again at the root, as a link to an absolute path does.
            _ => self.reached.join(name),
        };
        let entry = Entry::new(&path, &fs::symlink_metadata(&path)?);
        if entry.is_symlink() {
            self.follow(&path)?;
        } else {
            self.reached = path;
        }
        Ok(entry)
    }

    fn follow(&mut self, link: &Path) -> io::Result<()> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(rustix::io::Errno::LOOP.into());
        }
        self.ahead.extend(names(&fs::read_link(link)?));
        Ok(())
    }
}

impl Iterator for Trail {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.ahead.pop()?;
        let step = self.step(name);
        if step.is_err() {
            self.ahead.clear();
        }
        Some(step)
    }
}

fn names(path: &Path) -> impl Iterator<Item = OsString> {
    let passed = path.components().rev().filter(|name| *name != Component::CurDir);
    passed.map(|name| name.as_os_str().to_owned())
}

/// As many as Linux follows (`path_resolution(7)`).
const MAX_LINKS: usize = 40;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn passed(path: &Path) -> Vec<PathBuf> {
        Trail::to(path).map(|step| step.expect("a step").path().to_owned()).collect()
    }

    /// The real path of a fresh directory, so that no link of the machine is on the way.
    fn ground() -> (tempfile::TempDir, PathBuf) {
        let ground = tempfile::tempdir().expect("a directory");
        let real = ground.path().canonicalize().expect("its real path");
        (ground, real)
    }

    #[test]
    fn a_plain_path_passes_each_of_its_ancestors_once() {
        let (_ground, real) = ground();
        let mut want: Vec<_> = real.ancestors().map(Path::to_owned).collect();
        want.reverse();
        assert_eq!(passed(&real), want);
    }

    #[test]
    fn links_are_followed_and_themselves_passed() {
        let (_ground, real) = ground();
        fs::create_dir_all(real.join("a/b")).expect("directories");
        symlink("a/b", real.join("relative")).expect("a link");
        symlink(real.join("relative/../b"), real.join("absolute")).expect("a link");
        fs::write(real.join("a/b/file"), "").expect("a file");

        let steps = passed(&real.join("absolute/file"));
        for name in ["absolute", "relative", "a", "a/b"] {
            assert!(steps.contains(&real.join(name)), "{name} not passed: {steps:?}");
        }
        assert_eq!(steps.last(), Some(&real.join("a/b/file")));
    }

    #[test]
    fn a_loop_of_links_ends_in_an_error() {
        let (_ground, real) = ground();
        symlink("two", real.join("one")).expect("a link");
        symlink("one", real.join("two")).expect("a link");
        let last = Trail::to(&real.join("one")).last().expect("a step");
        assert_eq!(last.expect_err("a loop").raw_os_error(), Some(40), "ELOOP");
    }

    #[test]
    fn forty_links_are_followed_and_no_more() {
        let (_ground, real) = ground();
        fs::write(real.join("0"), "").expect("a file");
        for n in 1..=MAX_LINKS + 1 {
            symlink((n - 1).to_string(), real.join(n.to_string())).expect("a link");
        }
        let arrives = |links: usize| Trail::to(&real.join(links.to_string())).all(|s| s.is_ok());
        assert!(arrives(MAX_LINKS) && !arrives(MAX_LINKS + 1));
        assert_eq!(MAX_LINKS, 40);
    }

    #[test]
    fn the_walk_ends_where_nothing_is() {
        let (_ground, real) = ground();
        let mut trail = Trail::to(&real.join("missing/below"));
        let error = trail.by_ref().find_map(Result::err).expect("an error");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(trail.next().is_none());
    }
}
