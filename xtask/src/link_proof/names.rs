use std::collections::{BTreeMap, BTreeSet};

use syn::{GenericArgument, Item, PathArguments, PathSegment, Type, UseTree};

use super::source::{Module, Place, Source};

/// What the names in some crates stand for, so that one thing has one name wherever it is spoken of.
#[derive(Default)]
pub(super) struct Names {
    modules: BTreeMap<Place, Scope>,
}

#[derive(Default)]
struct Scope {
    /// Modules, types and traits.
    types: BTreeSet<String>,
    imported: BTreeMap<String, Place>,
    /// Functions and constants, which may bear the name of an import.
    values: BTreeSet<String>,
    globs: Vec<Place>,
}

/// Longest chain of imports that is followed; one that bites its own tail ends here.
const CHAIN: usize = 16;

impl Names {
    pub(super) fn add(&mut self, source: &Source) {
        for (place, module) in &source.modules {
            self.modules.insert(place.clone(), Scope::of(module));
        }
    }

    /// Where the thing that `path` means in the module `scope` is declared; `None` if that is in none
    /// of the crates.
    pub(super) fn find(&self, scope: &[String], path: &[String]) -> Option<Place> {
        self.resolve(scope, path, CHAIN)
    }

    /// As [`find`](Self::find); the last part of the path if that finds nothing.
    pub(super) fn name(&self, scope: &[String], path: &[String]) -> String {
        let place = self.find(scope, path).map(|place| place.join("::"));
        place.or_else(|| path.last().cloned()).unwrap_or_default()
    }

    /// A type without what it is generic over.
    pub(super) fn bare_type(&self, scope: &[String], of: &Type) -> String {
        match of {
            Type::Path(of) => self.name(scope, &words(&of.path.segments)),
            Type::Reference(of) => format!("&{}", self.bare_type(scope, &of.elem)),
            _ => self.full_type(scope, of),
        }
    }

    /// A type with what it is generic over, lifetimes excepted.
    pub(super) fn full_type(&self, scope: &[String], of: &Type) -> String {
        match of {
            Type::Path(of) => format!(
                "{}{}",
                self.name(scope, &words(&of.path.segments)),
                self.arguments(scope, of.path.segments.last().map(|last| &last.arguments))
            ),
            Type::Reference(of) => format!("&{}", self.full_type(scope, &of.elem)),
            Type::Slice(of) => format!("[{}]", self.full_type(scope, &of.elem)),
            Type::Array(of) => format!("[{}; _]", self.full_type(scope, &of.elem)),
            Type::Tuple(of) => {
                let all: Vec<_> = of.elems.iter().map(|of| self.full_type(scope, of)).collect();
                format!("({})", all.join(", "))
            }
            _ => "_".to_owned(),
        }
    }

    /// The types between angle brackets, as `<A, B>`; nothing if there are none.
    pub(super) fn arguments(&self, scope: &[String], given: Option<&PathArguments>) -> String {
        let Some(PathArguments::AngleBracketed(given)) = given else { return String::new() };
        let types = given.args.iter().filter_map(|argument| match argument {
            GenericArgument::Type(of) => Some(self.full_type(scope, of)),
            _ => None,
        });
        let types: Vec<String> = types.collect();
        if types.is_empty() { String::new() } else { format!("<{}>", types.join(", ")) }
    }

    fn resolve(&self, scope: &[String], path: &[String], chain: usize) -> Option<Place> {
        let chain = chain.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => vec![scope.first()?.clone()],
            "self" => scope.to_vec(),
            "super" => scope.split_last()?.1.to_vec(),
            name => self.look_up(scope, name, chain).or_else(|| self.root(name))?,
        };
        rest.iter().try_fold(start, |place, name| match name.as_str() {
            "super" => Some(place.split_last()?.1.to_vec()),
            name if self.modules.contains_key(&place) => self.look_up(&place, name, chain),
            name => Some(within(&place, name)),
        })
    }

    /// What a name means in a module.
    fn look_up(&self, scope: &[String], name: &str, chain: usize) -> Option<Place> {
        let chain = chain.checked_sub(1)?;
        let module = self.modules.get(scope)?;
        if module.types.contains(name) {
            return Some(within(scope, name));
        }
        if let Some(path) = module.imported.get(name) {
            return self.resolve(scope, path, chain);
        }
        if module.values.contains(name) {
            return Some(within(scope, name));
        }
        let mut globs = module.globs.iter().filter_map(|glob| self.resolve(scope, glob, chain));
        globs.find_map(|place| self.look_up(&place, name, chain))
    }

    /// A crate.
    fn root(&self, name: &str) -> Option<Place> {
        let root = vec![name.to_owned()];
        self.modules.contains_key(&root).then_some(root)
    }
}

/// A path without what its parts are generic over.
pub(super) fn words<'s>(segments: impl IntoIterator<Item = &'s PathSegment>) -> Place {
    segments.into_iter().map(|segment| segment.ident.to_string()).collect()
}

fn within(place: &[String], name: &str) -> Place {
    place.iter().cloned().chain([name.to_owned()]).collect()
}

impl Scope {
    fn of(module: &Module) -> Self {
        let mut scope = Self::default();
        module.items.iter().for_each(|item| scope.declare(item));
        scope
    }

    fn declare(&mut self, item: &Item) {
        let (names, ident) = match item {
            Item::Use(it) => return self.import(&it.tree, &mut Vec::new()),
            Item::Enum(it) => (&mut self.types, &it.ident),
            Item::Mod(it) => (&mut self.types, &it.ident),
            Item::Struct(it) => (&mut self.types, &it.ident),
            Item::Trait(it) => (&mut self.types, &it.ident),
            Item::Type(it) => (&mut self.types, &it.ident),
            Item::Const(it) => (&mut self.values, &it.ident),
            Item::Fn(it) => (&mut self.values, &it.sig.ident),
            Item::Static(it) => (&mut self.values, &it.ident),
            _ => return,
        };
        names.insert(ident.to_string());
    }

    fn import(&mut self, tree: &UseTree, path: &mut Place) {
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.import(&step.tree, path);
                path.pop();
            }
            UseTree::Name(last) if last.ident == "self" => {
                self.imported.extend(path.last().cloned().map(|name| (name, path.clone())));
            }
            UseTree::Name(last) => self.import_as(&last.ident.to_string(), &last.ident, path),
            UseTree::Rename(last) => self.import_as(&last.rename.to_string(), &last.ident, path),
            UseTree::Glob(_) => self.globs.push(path.clone()),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(tree, path));
            }
        }
    }

    fn import_as(&mut self, name: &str, last: &syn::Ident, path: &[String]) {
        let last = (last != "self").then(|| last.to_string());
        let path = path.iter().cloned().chain(last).collect();
        self.imported.insert(name.to_owned(), path);
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_str;

    use super::super::source::tests::source;
    use super::*;

    #[test]
    fn a_thing_has_one_name_by_whatever_way_it_is_reached() {
        let codec = source(
            "codec",
            "pub mod frame { mod error { pub struct Error; pub fn new() {} }
            pub use error::{Error, new as create}; } pub mod all { pub use super::frame::*; }
            pub use frame::Error as FrameError; use self::frame; use turn::turn;",
        );
        let user = source(
            "user",
            "use codec::{frame::{self, Error}, all as every, FrameError}; mod m
            { use codec::frame::*; }",
        );
        let mut names = Names::default();
        names.add(&codec);
        names.add(&user);
        for (scope, path, want) in [
            ("codec", "FrameError::new", Some("codec::frame::error::Error::new")),
            ("codec", "turn", None),
            ("user", "Error::new", Some("codec::frame::error::Error::new")),
            ("user", "frame::create", Some("codec::frame::error::new")),
            ("user", "every::create", Some("codec::frame::error::new")),
            ("user", "codec::FrameError", Some("codec::frame::error::Error")),
            ("user::m", "Error", Some("codec::frame::error::Error")),
            ("user::m", "super::FrameError", Some("codec::frame::error::Error")),
            ("user", "core::fmt::Display", None),
            ("user", "frame::missing", None),
        ] {
            let scope: Place = scope.split("::").map(str::to_owned).collect();
            let place = names.find(&scope, &words(&parse_str::<syn::Path>(path).unwrap().segments));
            assert_eq!(place.map(|place| place.join("::")).as_deref(), want, "{path}");
        }
    }

    #[test]
    fn types_are_compared_without_lifetimes() {
        let names = Names::default();
        for (of, bare, full) in [
            ("Repeated<'a, &'a [u8]>", "Repeated", "Repeated<&[u8]>"),
            ("&'a mut Log", "&Log", "&Log"),
            ("[core::fmt::Error; 3]", "[Error; _]", "[Error; _]"),
            ("(u8, &str)", "(u8, &str)", "(u8, &str)"),
        ] {
            let parsed = parse_str(of).unwrap();
            assert_eq!(names.bare_type(&[], &parsed), bare, "{of}");
            assert_eq!(names.full_type(&[], &parsed), full, "{of}");
        }
    }
}
