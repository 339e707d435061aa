//! Which processes a task asks for.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use eyelet_codec::ProcessFilter;
use globset::{GlobBuilder, GlobMatcher};

/// A [`ProcessFilter`] made ready: kinds are joined by AND, values of one kind by OR, and a kind
/// without values lets everything through. The default is all processes.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    names: Vec<Box<[u8]>>,
    pids: Vec<u32>,
    pattern: Option<GlobMatcher>,
}

/// The filter's `executable_pattern` is no glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    pattern: String,
    reason: String,
}

impl Filter {
    /// Takes over a task's filter.
    ///
    /// In a pattern `*` and `?` do not cross a `/`, `**` does; there are `[..]`, `[!..]`, `{a,b}`,
    /// and `\` before what is meant literally. It is held against the bytes of the whole path, and
    /// `?` and `[..]` stand for one of them.
    ///
    /// # Errors
    /// A pattern that is malformed, or too large when compiled.
    pub fn compile(filter: &ProcessFilter<'_>) -> Result<Self, FilterError> {
        let mut names: Vec<Box<[u8]>> =
            filter.process_names.iter().map(|name| name.as_bytes().into()).collect();
        names.sort_unstable();
        let mut pids: Vec<u32> = filter.pids.iter().collect();
        pids.sort_unstable();
        pids.dedup();
        Ok(Self { names, pids, pattern: filter.executable_pattern.map(compile).transpose()? })
    }

    /// The pids that are asked for, each once and in order; none: all.
    pub fn pids(&self) -> &[u32] {
        &self.pids
    }

    /// Whether a process of this name may match; names match whole and by case. One whose name is
    /// not known matches only where none is asked for.
    pub fn lets_name_through(&self, name: Option<&[u8]>) -> bool {
        let is_named = |name: &[u8]| self.names.binary_search_by(|own| (**own).cmp(name)).is_ok();
        self.names.is_empty() || name.is_some_and(is_named)
    }

    /// Whether a process that runs the file at this path may match. One without an executable, as
    /// the kernel's threads are, matches only where no pattern is given.
    pub fn lets_path_through(&self, path: Option<&[u8]>) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        path.is_some_and(|path| pattern.is_match(native(path)))
    }
}

fn compile(pattern: &str) -> Result<GlobMatcher, FilterError> {
    let refused = |reason| FilterError { pattern: pattern.to_owned(), reason };
    if pattern.matches('{').count() > MAX_BRACES {
        return Err(refused(format!("more than {MAX_BRACES} opening braces")));
    }
    let glob = GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| refused(error.kind().to_string()))
}

/// The compiler of globs calls itself once for each brace within a brace, and a few thousand of them
/// exhaust the stack. Counting them all is simpler than to find out which are nested.
const MAX_BRACES: usize = 64;

#[cfg(unix)]
fn native(path: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt;

    std::ffi::OsStr::from_bytes(path).as_ref()
}

impl Display for FilterError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "executable_pattern {:?} is no glob: {}", self.pattern, self.reason)
    }
}

impl std::error::Error for FilterError {}

#[cfg(test)]
mod tests {
    use eyelet_codec::Repeated;

    use super::*;

    fn filter(names: &[&str], pids: &[u32], pattern: Option<&str>) -> Filter {
        let process_names = Repeated::new(names);
        let pids = Repeated::new(pids);
        Filter::compile(&ProcessFilter { process_names, pids, executable_pattern: pattern })
            .unwrap()
    }

    #[test]
    fn an_empty_filter_lets_everything_through() {
        for all in [Filter::default(), filter(&[], &[], None)] {
            assert!(all.pids().is_empty());
            assert!(all.lets_name_through(None) && all.lets_name_through(Some(b"")));
            assert!(all.lets_path_through(None) && all.lets_path_through(Some(b"/x")));
        }
    }

    #[test]
    fn names_match_whole_and_by_case() {
        let two = filter(&["sshd", "", "\u{e9}"], &[], None);
        for (name, want) in [
            (Some(&b"sshd"[..]), true),
            (Some(b""), true),
            (Some("\u{e9}".as_bytes()), true),
            (Some(b"SSHD"), false),
            (Some(b"ssh"), false),
            (Some(b"sshd "), false),
            (Some(b"\xff"), false),
            (None, false),
        ] {
            assert_eq!(two.lets_name_through(name), want, "{name:x?}");
        }
    }

    #[test]
    fn pids_are_asked_for_once_and_in_order() {
        assert_eq!(filter(&[], &[7, 1, 7, 0, u32::MAX], None).pids(), [0, 1, 7, u32::MAX]);
    }

    #[test]
    fn only_two_asterisks_cross_a_slash() {
        for (pattern, path, want) in [
            ("/usr/bin/*", "/usr/bin/sh", true),
            ("/usr/bin/*", "/usr/bin/x/sh", false),
            ("/usr/*", "/usr/bin/sh", false),
            ("/usr/**", "/usr/bin/x/sh", true),
            ("**/sh", "/usr/bin/sh", true),
            ("**/sh", "/usr/bin/bash", false),
            ("/**/bin/*sh", "/opt/a/bin/zsh", true),
            ("sh", "/usr/bin/sh", false),
            ("*", "/sh", false),
            ("/?h", "/sh", true),
            ("/?h", "//h", false),
            ("/[rs]h", "/sh", true),
            ("/[!s]h", "/sh", false),
            ("/{ba,z}sh", "/zsh", true),
            ("/{ba,z}sh", "/sh", false),
            ("/a\\*b", "/a*b", true),
            ("/a\\*b", "/axb", false),
            ("/SH", "/sh", false),
            ("/*", "/line\nbreak (deleted)", true),
            ("", "/sh", false),
        ] {
            let one = filter(&[], &[], Some(pattern));
            assert_eq!(one.lets_path_through(Some(path.as_bytes())), want, "{pattern} on {path}");
        }
    }

    #[test]
    fn a_pattern_is_held_against_bytes() {
        let any = filter(&[], &[], Some("/a*z"));
        assert!(any.lets_path_through(Some(b"/a\xff\xfez")));
        assert!(!any.lets_path_through(Some(b"/a\xff/z")));
        assert!(!any.lets_path_through(None));
    }

    #[test]
    fn a_bad_pattern_is_named_with_its_reason() {
        let error = |pattern: &str| {
            let asked = ProcessFilter { executable_pattern: Some(pattern), ..Default::default() };
            Filter::compile(&asked).unwrap_err().to_string()
        };
        for (pattern, begins) in [
            ("/a[", "executable_pattern \"/a[\" is no glob: unclosed character class"),
            ("/{a", "executable_pattern \"/{a\" is no glob: unclosed alternate group"),
            ("/[z-a]\u{1b}", "executable_pattern \"/[z-a]\\u{1b}\" is no glob: invalid range"),
        ] {
            assert!(error(pattern).starts_with(begins), "{}", error(pattern));
        }
    }

    #[test]
    fn the_largest_patterns_exhaust_nothing() {
        let path = "/a".repeat(LONGEST / 2);
        for (open, close, matches) in [
            ("{", "}", None),
            ("{a,", "}", None),
            ("{[}]", "}", None),
            ("{a,b}", "", None),
            ("*", "", Some(false)),
            ("/*", "", Some(true)),
            ("[a-z]", "", Some(false)),
            ("?", "", Some(false)),
        ] {
            let count = LONGEST / (open.len() + close.len());
            let pattern = open.repeat(count) + &close.repeat(count);
            let asked = ProcessFilter { executable_pattern: Some(&pattern), ..Default::default() };
            let compiled = Filter::compile(&asked).ok();
            let seen = compiled.map(|filter| filter.lets_path_through(Some(path.as_bytes())));
            assert_eq!(seen, matches, "{open}");
        }
    }

    #[test]
    fn as_many_braces_as_are_allowed_may_be_nested() {
        let nested = "{a,".repeat(MAX_BRACES) + "b" + &"}".repeat(MAX_BRACES);
        let one = filter(&[], &[], Some(&nested));
        assert!(one.lets_path_through(Some(b"b")) && !one.lets_path_through(Some(b"c")));
    }

    const LONGEST: usize = ProcessFilter::EXECUTABLE_PATTERN.max_bytes as usize;
}
