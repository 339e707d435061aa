//! The proof, by linking, that the codec without features needs no standard library and no allocator
//! and has no panic that can be reached.

mod entries;
mod names;
mod public;
mod source;

use std::collections::BTreeSet;

use self::entries::{Call, Entries};
use self::names::Names;
use self::public::{Public, shown};
use self::source::Source;
use crate::failure::Failure;
use crate::process::Process;
use crate::step::{Skips, Step};
use crate::workspace::Workspace;

pub(crate) const STEP: Step = Step {
    name: "link-proof",
    about: "the codec links without std, allocator and panic, every public function called",
    run,
};

/// How a package is built. What a compiler can show depends on it.
#[derive(Clone, Copy)]
pub(crate) struct Build {
    opt_level: &'static str,
    fast: bool,
    overflow_checks: bool,
}

/// As hosts and large controllers are built, with the fast lane, and as small ones are, without it.
const BUILDS: [Build; 6] = [
    Build { opt_level: "3", fast: true, overflow_checks: false },
    Build { opt_level: "3", fast: true, overflow_checks: true },
    Build { opt_level: "s", fast: false, overflow_checks: false },
    Build { opt_level: "s", fast: false, overflow_checks: true },
    Build { opt_level: "z", fast: false, overflow_checks: false },
    Build { opt_level: "z", fast: false, overflow_checks: true },
];
/// As firmware is built.
pub(crate) const FIRMWARE: Build = BUILDS[4];

/// Features of such a package that each break one promise, and what the build must then complain of:
/// a link that could not fail would prove nothing.
const CONTROLS: [(&str, &str); 2] = [
    ("unwrap-control", "a_panic_can_be_reached"),
    ("alloc-control", "no global memory allocator found"),
];
/// One more where overflow is checked.
const OVERFLOW_CONTROL: (&str, &str) = ("overflow-control", "a_panic_can_be_reached");

const BARE: &str = "tests/bare";

fn run(workspace: &Workspace) -> Result<Skips, Failure> {
    every_function_is_called(workspace)?;
    if std::env::consts::OS != "linux" {
        return Ok(vec!["nothing was linked: the proof needs the linker of Linux".to_owned()]);
    }
    BUILDS.iter().try_for_each(|build| prove(workspace, BARE, *build))?;
    Ok(Vec::new())
}

/// Links the package in `bare`, and fails to with each of its controls.
pub(crate) fn prove(workspace: &Workspace, bare: &str, build: Build) -> Result<(), Failure> {
    build.command(workspace, bare, "").run()?;
    let overflow = build.overflow_checks.then_some(OVERFLOW_CONTROL);
    let mut controls = CONTROLS.into_iter().chain(overflow);
    controls.try_for_each(|control| must_fail(workspace, bare, build, control))
}

impl Build {
    fn command(self, workspace: &Workspace, bare: &str, feature: &str) -> Process {
        let manifest = workspace.root.join(bare).join("Cargo.toml");
        let fast = if self.fast { "fast" } else { "" };
        workspace
            .cargo_outside("build", &manifest)
            .args(["--release", "--features", &format!("{fast} {feature}")])
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level)
            .env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", &self.overflow_checks.to_string())
    }
}

fn must_fail(
    workspace: &Workspace,
    bare: &str,
    build: Build,
    (feature, complaint): (&str, &str),
) -> Result<(), Failure> {
    let broken = build.command(workspace, bare, feature).output()?;
    let errors = String::from_utf8_lossy(&broken.stderr);
    if broken.status.success() {
        let what = format!("{bare} links with {feature}, so that it links proves nothing");
        return Err(Failure::check(what));
    }
    if !errors.contains(complaint) {
        let what = format!("{bare} fails with {feature}, but not for `{complaint}`:\n{errors}");
        return Err(Failure::check(what));
    }
    println!("  with {feature} it does not link: {complaint}");
    Ok(())
}

fn every_function_is_called(workspace: &Workspace) -> Result<(), Failure> {
    let codec = Source::read("eyelet_codec", &workspace.root.join("codec/src/lib.rs"))?;
    let bare = Source::read("eyelet_bare", &workspace.root.join(BARE).join("src/lib.rs"))?;
    let mut names = Names::default();
    names.add(&codec);
    names.add(&bare);
    let public = Public::of(&codec, &names)?;
    let entries = Entries::of(&bare, &names);
    let called = entries.called();

    let missing = public.missing(&called);
    if !missing.is_empty() {
        let list = missing.join("\n    ");
        let what = format!("{} public functions are not called:\n    {list}", missing.len());
        return Err(Failure::check(format!("{BARE}: {what}")));
    }
    every_gap_is_named(&public, &called)?;
    let (functions, entries) = (public.names().count(), entries.count());
    println!("  {functions} public functions are called by {entries} entries");
    Ok(())
}

/// The control of the check above: were any one function not called, it alone would be named.
fn every_gap_is_named(public: &Public, called: &BTreeSet<&Call>) -> Result<(), Failure> {
    for name in public.names() {
        let others = called.iter().copied().filter(|(called, _)| called != name).collect();
        if public.missing(&others) != [shown(name)] {
            let what = format!("{BARE}: nobody would notice if {} were not called", shown(name));
            return Err(Failure::check(what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::source::tests::source;
    use super::*;

    const CODEC: &str = "
        pub mod frame {
            mod error { pub struct FrameError; impl core::fmt::Display for FrameError { fn fmt() {} }
                impl core::fmt::Debug for FrameError { fn fmt() {} }
                impl core::error::Error for FrameError {} }
            pub use error::FrameError;
            pub fn decode() {}
            pub(crate) fn checksum() {}
            #[cfg(feature = \"alloc\")] pub fn to_vec() {}
            #[cfg(test)] mod tests { pub fn test() {} }
        }
        pub struct Text<'a>(&'a str);
        struct Private;
        impl Private { pub fn new() {} }
        impl<'a> Text<'a> { pub const fn new() {} fn check() {} #[doc(hidden)] pub fn raw() {} }
        impl<'a> From<&'a str> for Text<'a> { fn from() {} }
        impl<'a, T> From<&'a [T]> for Text<'a> { fn from() {} }
        pub trait Message { fn decode() {} #[doc(hidden)] fn read(); }
        impl Message for Text<'_> { fn read() {} }
        pub trait Scalar { fn to_wire(); }
        impl Scalar for u32 { fn to_wire() {} }
        trait Sealed { fn seal(); }
        impl Sealed for Text<'_> { fn seal() {} }";

    const FRAME: &str = "#[unsafe(no_mangle)] extern \"C\" fn frame() { frame::decode();
        <frame::FrameError as Display>::fmt(); }";
    const TEXT: &str = "#[unsafe(no_mangle)] extern \"C\" fn text() { sink(Text::new(1));
        <Text<'_> as From<&str>>::from(); if let Ok(a) = <Text<'_> as Message>::decode() {} }";
    const OTHERS: &str =
        "#[unsafe(no_mangle)] extern \"C\" fn others() { <u64 as Scalar>::to_wire();
        let text = <Text as From<&[u8]>>::from; }";

    fn missing(entries: &[&str]) -> Vec<String> {
        let codec = source("eyelet_codec", CODEC);
        let bare =
            format!("use eyelet_codec::{{frame, Message, Scalar, Text}}; {}", entries.concat());
        let bare = source("bare", &bare);
        let mut names = Names::default();
        names.add(&codec);
        names.add(&bare);
        let public = Public::of(&codec, &names).unwrap();
        public.missing(&Entries::of(&bare, &names).called())
    }

    #[test]
    fn nothing_is_missing_where_all_is_called() {
        assert_eq!(missing(&[FRAME, TEXT, OTHERS]), [""; 0]);
    }

    #[test]
    fn what_no_entry_calls_is_named() {
        let frame = ["<frame::error::FrameError as Display>::fmt", "frame::decode"];
        let text = ["<Text as From>::from", "<Text as Message>::decode", "Text::new"];
        let others = ["<Text as From>::from", "Scalar::to_wire"];
        assert_eq!(missing(&[TEXT, OTHERS]), frame);
        assert_eq!(missing(&[FRAME, OTHERS]), text);
        assert_eq!(missing(&[FRAME, TEXT]), others);
    }

    #[test]
    fn a_call_from_what_is_not_exported_does_not_count() {
        let private = FRAME.replace("#[unsafe(no_mangle)]", "");
        assert_eq!(missing(&[&private, TEXT, OTHERS]).len(), 2);
    }

    #[test]
    fn functions_made_by_a_macro_are_refused() {
        for text in
            ["m! { pub fn made() {} }", "macro_rules! m { () => { pub const fn made() {} } }"]
        {
            let codec = source("eyelet_codec", text);
            assert!(Public::of(&codec, &Names::default()).is_err(), "{text}");
        }
        let codec = source("eyelet_codec", "macro_rules! m { () => { pub(crate) fn made() {} } }");
        assert!(Public::of(&codec, &Names::default()).is_ok());
    }
}
