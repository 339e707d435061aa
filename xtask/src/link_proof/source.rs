use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Item, Meta, Token};

use crate::failure::Failure;

/// The names that lead to a module or to something in it; the first is the crate's.
pub(super) type Place = Vec<String>;

/// A crate's modules as its sources declare them, for a build without features or tests.
pub(super) struct Source {
    pub(super) modules: BTreeMap<Place, Module>,
}

pub(super) struct Module {
    pub(super) file: PathBuf,
    pub(super) items: Vec<Item>,
}

impl Source {
    /// Reads a crate from its `lib.rs` on.
    pub(super) fn read(name: &str, library: &Path) -> Result<Self, Failure> {
        let mut source = Self { modules: BTreeMap::new() };
        let below = library.parent().unwrap_or(Path::new(".")).to_owned();
        source.read_file(vec![name.to_owned()], library, &below)?;
        Ok(source)
    }

    fn read_file(&mut self, place: Place, file: &Path, below: &Path) -> Result<(), Failure> {
        let text = fs::read_to_string(file).map_err(Failure::at(file))?;
        let parsed = syn::parse_file(&text)
            .map_err(|e| Failure::check(format!("{}: {e}", file.display())))?;
        self.add(place, parsed.items, file, below)
    }

    /// Takes up a module and those in it; `below` is the directory that their files lie in.
    fn add(
        &mut self,
        place: Place,
        items: Vec<Item>,
        file: &Path,
        below: &Path,
    ) -> Result<(), Failure> {
        let built = items.into_iter().filter(|item| is_built(attributes(item)));
        let mut items: Vec<Item> = built.collect();
        for item in &mut items {
            let Item::Mod(module) = item else { continue };
            let inner = child(&place, &module.ident);
            let below = below.join(module.ident.to_string());
            match module.content.take() {
                Some((_, items)) => self.add(inner, items, file, &below)?,
                None => self.read_file(inner, &module_file(&below), &below)?,
            }
        }
        self.modules.insert(place, Module { file: file.to_owned(), items });
        Ok(())
    }
}

pub(super) fn child(place: &[String], ident: &Ident) -> Place {
    let mut place = place.to_vec();
    place.push(ident.to_string());
    place
}

fn module_file(below: &Path) -> PathBuf {
    let beside = below.with_extension("rs");
    if beside.exists() { beside } else { below.join("mod.rs") }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

/// Whether something with these attributes is part of a build without features or tests; what
/// depends on the target counts as part of it.
pub(super) fn is_built(attributes: &[Attribute]) -> bool {
    let cfgs = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    cfgs.filter_map(|cfg| cfg.parse_args().ok()).all(|cfg: Meta| holds(&cfg) != Holds::No)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    No,
    Depends,
    Yes,
}

fn holds(cfg: &Meta) -> Holds {
    match cfg {
        Meta::Path(path) if path.is_ident("test") => Holds::No,
        Meta::NameValue(pair) if pair.path.is_ident("feature") => Holds::No,
        Meta::List(list) => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            let parts: Vec<Holds> = parts.iter().flatten().map(holds).collect();
            match list.path.get_ident().map(ToString::to_string).as_deref() {
                Some("all") => parts.into_iter().min().unwrap_or(Holds::Yes),
                Some("any") => parts.into_iter().max().unwrap_or(Holds::No),
                Some("not") if parts == [Holds::Yes] => Holds::No,
                Some("not") if parts == [Holds::No] => Holds::Yes,
                _ => Holds::Depends,
            }
        }
        _ => Holds::Depends,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use syn::parse::Parser;

    use super::*;

    /// A crate in one file.
    pub(in super::super) fn source(name: &str, text: &str) -> Source {
        let mut source = Source { modules: BTreeMap::new() };
        let (items, file) = (syn::parse_file(text).unwrap().items, Path::new("lib.rs"));
        source.add(vec![name.to_owned()], items, file, Path::new("")).unwrap();
        source
    }

    #[test]
    fn a_build_has_what_no_feature_and_no_test_keeps_out() {
        for (attribute, want) in [
            ("#[cfg(feature = \"alloc\")]", false),
            ("#[cfg(not(feature = \"alloc\"))]", true),
            ("#[cfg(test)]", false),
            ("#[cfg(all(unix, test))]", false),
            ("#[cfg(any(unix, test))]", true),
            ("#[cfg(not(any(unix, feature = \"serde\")))]", true),
            ("#[cfg(not(all()))]", false),
            ("#[doc(hidden)]", true),
        ] {
            let parsed = Attribute::parse_outer.parse_str(attribute).unwrap();
            assert_eq!(is_built(&parsed), want, "{attribute}");
        }
    }
}
