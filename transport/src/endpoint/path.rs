//! Which paths can be a socket's.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::{error, fmt};

use uuid::Uuid;

/// A path at which no endpoint can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// The path as given, or as it would have become.
    pub path: PathBuf,
    /// What is wrong with it.
    pub flaw: PathFlaw,
}

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathFlaw {
    /// Nothing in it: the system would choose an abstract name, open to every user.
    Empty,
    /// It does not begin at the root.
    Relative,
    /// A NUL byte: at the start it makes an abstract name, open to every user; elsewhere it
    /// cuts the path.
    Nul,
    /// A component is `.` or `..`.
    Dots,
    /// It ends in `/`, so it names a directory.
    Directory,
    /// It does not fit the system's socket address.
    TooLong {
        /// Bytes of the path.
        len: usize,
        /// Bytes that fit.
        limit: usize,
    },
}

/// The path of a socket, with doubled slashes joined: absolute, and at most `limit` bytes.
pub(super) fn socket(path: &Path, limit: usize) -> Result<PathBuf, PathError> {
    let plain = directory(path)?;
    if path.as_os_str().as_bytes().ends_with(b"/") {
        return Err(PathError { path: path.to_owned(), flaw: PathFlaw::Directory });
    }
    fitting(plain, limit)
}

/// The path of a directory: absolute, without doubled slashes or one at its end.
pub(super) fn directory(path: &Path) -> Result<PathBuf, PathError> {
    let bytes = path.as_os_str().as_bytes();
    let dots = bytes.split(|byte| *byte == b'/').any(|name| name == b"." || name == b"..");
    let flaw = match bytes {
        [] => PathFlaw::Empty,
        _ if bytes.contains(&0) => PathFlaw::Nul,
        [b'/', ..] if dots => PathFlaw::Dots,
        [b'/', ..] => return Ok(path.components().collect()),
        _ => PathFlaw::Relative,
    };
    Err(PathError { path: path.to_owned(), flaw })
}

/// A name in `directory` that nobody has used before, or where that is longer than `limit` bytes
/// a short one, which serves as well in a directory that was made for this socket alone.
pub(super) fn socket_in(directory: &Path, limit: usize) -> Result<PathBuf, PathError> {
    let unique = directory.join(unique(Uuid::new_v4()));
    fitting(unique, limit).or_else(|_| fitting(directory.join(SHORT), limit))
}

/// Whether [`socket_in`] gives such names.
pub(super) fn is_socket_name(name: &OsStr) -> bool {
    let id = name.to_str().and_then(|name| name.strip_prefix('c')?.strip_suffix(".sock"));
    let is_unique = |id| Uuid::try_parse(id).is_ok_and(|id| *unique(id) == *name);
    name == SHORT || id.is_some_and(is_unique)
}

fn unique(id: Uuid) -> String {
    format!("c{id}.sock")
}

fn fitting(path: PathBuf, limit: usize) -> Result<PathBuf, PathError> {
    match path.as_os_str().len() {
        len if len > limit => Err(PathError { path, flaw: PathFlaw::TooLong { len, limit } }),
        _ => Ok(path),
    }
}

const SHORT: &str = "s.sock";

#[expect(clippy::unnecessary_debug_formatting, reason = "a NUL byte or a blank is to be seen")]
impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match self.flaw {
            PathFlaw::Empty => write!(f, "endpoint path is empty: give an absolute path"),
            PathFlaw::Relative => {
                write!(f, "endpoint path {path:?} is relative: give an absolute one")
            }
            PathFlaw::Nul => write!(f, "endpoint path {path:?} has a NUL byte in it"),
            PathFlaw::Dots => {
                write!(f, "endpoint path {path:?} goes through . or ..: write it out")
            }
            PathFlaw::Directory => {
                write!(f, "endpoint path {path:?} ends in /: name the socket itself")
            }
            PathFlaw::TooLong { len, limit } => write!(
                f,
                "endpoint path {path:?} is {len} bytes long, {limit} fit a socket address here: choose a shorter directory"
            ),
        }
    }
}

impl error::Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// What fits `sockaddr_un` less a NUL: on Linux, and on macOS and the BSDs.
    const LIMITS: [usize; 2] = [107, 103];

    #[test]
    fn each_bad_path_has_its_own_sentence() {
        let cases: [(&[u8], &str); 13] = [
            (b"", "endpoint path is empty: give an absolute path"),
            (b"s", r#"endpoint path "s" is relative: give an absolute one"#),
            (b"@x", r#"endpoint path "@x" is relative: give an absolute one"#),
            (b"a/../b", r#"endpoint path "a/../b" is relative: give an absolute one"#),
            (b"\0x", r#"endpoint path "\0x" has a NUL byte in it"#),
            (b"/a\0b", r#"endpoint path "/a\0b" has a NUL byte in it"#),
            (b"/a/../b", r#"endpoint path "/a/../b" goes through . or ..: write it out"#),
            (b"/a/./b", r#"endpoint path "/a/./b" goes through . or ..: write it out"#),
            (b"/a/..", r#"endpoint path "/a/.." goes through . or ..: write it out"#),
            (b"/a/.", r#"endpoint path "/a/." goes through . or ..: write it out"#),
            (b"/a/", r#"endpoint path "/a/" ends in /: name the socket itself"#),
            (b"/", r#"endpoint path "/" ends in /: name the socket itself"#),
            (b"/\xff/", r#"endpoint path "/\xFF/" ends in /: name the socket itself"#),
        ];
        for (bytes, want) in cases {
            let error = socket(Path::new(OsStr::from_bytes(bytes)), 107).expect_err("refused");
            assert_eq!(error.to_string(), want);
        }
    }

    #[test]
    fn doubled_slashes_and_other_dots_do_no_harm() {
        for (given, want) in
            [("/a//b", "/a/b"), ("//a/b", "/a/b"), ("/..a/b..", "/..a/b.."), ("/a", "/a")]
        {
            assert_eq!(socket(Path::new(given), 107), Ok(PathBuf::from(want)), "{given}");
        }
        assert_eq!(directory(Path::new("/a//b/")), Ok(PathBuf::from("/a/b")));
        assert_eq!(directory(Path::new("/")), Ok(PathBuf::from("/")));
    }

    #[test]
    fn a_path_fits_up_to_the_limit_and_not_a_byte_further() {
        for limit in LIMITS {
            for len in limit - 2..=limit + 2 {
                let path = PathBuf::from(format!("/{}", "x".repeat(len - 1)));
                let want = match len {
                    len if len <= limit => Ok(path.clone()),
                    _ => Err(PathError {
                        path: path.clone(),
                        flaw: PathFlaw::TooLong { len, limit },
                    }),
                };
                assert_eq!(socket(&path, limit), want);
            }
        }
        let error = fitting("/long/s.sock".into(), 11).expect_err("too long").to_string();
        assert_eq!(
            error,
            "endpoint path \"/long/s.sock\" is 12 bytes long, 11 fit a socket address here: \
             choose a shorter directory"
        );
    }

    #[test]
    fn the_short_name_stands_in_exactly_where_the_unique_one_does_not_fit() {
        // "/c", a UUID of 36 bytes, ".sock"; and "/s.sock".
        let (unique, short) = (43, 7);
        for limit in LIMITS {
            for len in 1..limit {
                let directory = PathBuf::from(format!("/{}", "d".repeat(len - 1)));
                let slash = usize::from(len > 1);
                let got = socket_in(&directory, limit);
                let name = got.as_ref().map(|path| path.file_name().expect("a name").len() + 1);
                let want = match len - 1 + slash {
                    dir if dir + unique <= limit => Ok(unique),
                    dir if dir + short <= limit => Ok(short),
                    _ => Err(()),
                };
                assert_eq!(name.map_err(|_| ()), want, "directory of {len} bytes, limit {limit}");
            }
        }
    }

    #[test]
    fn unique_names_differ() {
        let [one, two] = [(); 2].map(|()| socket_in(Path::new("/d"), 107).expect("fits"));
        assert_ne!(one, two);
    }
}
