use std::collections::{BTreeMap, BTreeSet};

use syn::punctuated::Punctuated;
use syn::{Attribute, ImplItem, Item, ItemImpl, ItemTrait, Meta, Token, TraitItem, Visibility};

use super::entries::Call;
use super::names::{Names, words};
use super::source::{Place, Source, child, is_built};
use crate::failure::Failure;

/// The functions that a crate offers to its users.
///
/// Of a module or type: what is `pub`. The compiler's `unreachable_pub`, which is on in this
/// workspace, makes sure that this reaches users. Of a trait of the crate: its methods for each type
/// of the crate that has it, and if none has, its methods for any type. Of a foreign trait: the
/// methods that an `impl` writes out. Left out are what derives make, `Debug`, which is not for
/// programs, and what is hidden from the documentation.
pub(super) struct Public {
    functions: Functions,
}

/// By name: the types that the implemented trait is generic over, one entry for each `impl`.
type Functions = BTreeMap<String, BTreeSet<String>>;

struct Reading<'s> {
    names: &'s Names,
    types: BTreeSet<Place>,
    /// Methods of the crate's own traits.
    traits: BTreeMap<Place, Vec<String>>,
    implemented: BTreeSet<Place>,
    functions: Functions,
}

impl Public {
    pub(super) fn of(source: &Source, names: &Names) -> Result<Self, Failure> {
        let mut reading = Reading {
            names,
            types: BTreeSet::new(),
            traits: BTreeMap::new(),
            implemented: BTreeSet::new(),
            functions: BTreeMap::new(),
        };
        for (place, module) in &source.modules {
            module.items.iter().for_each(|item| reading.declare(place, item));
        }
        for (place, module) in &source.modules {
            for item in &module.items {
                reading
                    .read(place, item)
                    .map_err(|what| Failure::check(format!("{}: {what}", module.file.display())))?;
            }
        }
        reading.traits_of_others();
        Ok(Self { functions: reading.functions })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.functions.keys()
    }

    /// The functions that are not among `called`. Of several `impl`s of one trait for one type, as
    /// many have to be called as there are.
    pub(super) fn missing(&self, called: &BTreeSet<&Call>) -> Vec<String> {
        let calls = |name: &str| called.iter().filter(|(called, _)| called == name).count();
        let missing = self.functions.iter().filter(|(name, impls)| calls(name) < impls.len());
        missing.map(|(name, _)| shown(name)).collect()
    }
}

/// A name without the crate's.
pub(super) fn shown(name: &str) -> String {
    name.replace("eyelet_codec::", "")
}

impl Reading<'_> {
    fn declare(&mut self, scope: &[String], item: &Item) {
        let (attributes, visibility, ident) = match item {
            Item::Struct(it) => (&it.attrs, &it.vis, &it.ident),
            Item::Enum(it) => (&it.attrs, &it.vis, &it.ident),
            Item::Trait(it) => (&it.attrs, &it.vis, &it.ident),
            _ => return,
        };
        if is_public(visibility) && !is_hidden(attributes) {
            self.types.insert(child(scope, ident));
        }
        if let Item::Trait(it) = item {
            self.traits.insert(child(scope, ident), methods(it));
        }
    }

    fn read(&mut self, scope: &[String], item: &Item) -> Result<(), String> {
        match item {
            Item::Fn(it) if is_public(&it.vis) && !is_hidden(&it.attrs) => {
                self.add(child(scope, &it.sig.ident).join("::"), String::new());
            }
            Item::Impl(it) => self.read_impl(scope, it),
            Item::Macro(it) if makes_functions(&it.mac.tokens.to_string()) => {
                return Err("a macro makes public functions, which cannot be listed; \
                            write them out, or teach the link proof to see them"
                    .to_owned());
            }
            Item::Macro(it) if it.mac.path.is_ident("include") => {
                return Err("what is included cannot be listed; make it a module".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    fn read_impl(&mut self, scope: &[String], it: &ItemImpl) {
        let of = self.names.bare_type(scope, &it.self_ty);
        if !self.types.iter().any(|place| place.join("::") == of.trim_start_matches('&')) {
            return;
        }
        let Some((path, _)) = &it.trait_ else {
            for name in written(it, is_public) {
                self.add(format!("{of}::{name}"), String::new());
            }
            return;
        };
        let words = words(&path.segments);
        let name = self.names.name(scope, &words);
        let given = self.names.arguments(scope, path.segments.last().map(|last| &last.arguments));
        let place = self.names.find(scope, &words);
        let methods = match place.as_ref().and_then(|place| self.traits.get(place)) {
            Some(_) if place.as_ref().is_some_and(|place| !self.types.contains(place)) => return,
            Some(methods) => methods.clone(),
            None if name == "Debug" => return,
            None => written(it, |_| true),
        };
        self.implemented.extend(place);
        for method in methods {
            self.add(format!("<{of} as {name}>::{method}"), given.clone());
        }
    }

    /// The methods of traits that no type of the crate has.
    fn traits_of_others(&mut self) {
        let mut others = self.traits.clone();
        others.retain(|place, _| self.types.contains(place) && !self.implemented.contains(place));
        for (place, methods) in others {
            for method in methods {
                self.add(format!("{}::{method}", place.join("::")), String::new());
            }
        }
    }

    fn add(&mut self, name: String, given: String) {
        self.functions.entry(name).or_default().insert(given);
    }
}

fn methods(it: &ItemTrait) -> Vec<String> {
    let methods = it.items.iter().filter_map(|item| match item {
        TraitItem::Fn(method) => Some(method),
        _ => None,
    });
    let visible = methods.filter(|method| is_built(&method.attrs) && !is_hidden(&method.attrs));
    visible.map(|method| method.sig.ident.to_string()).collect()
}

fn written(it: &ItemImpl, wanted: impl Fn(&Visibility) -> bool) -> Vec<String> {
    let methods = it.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) if wanted(&method.vis) => Some(method),
        _ => None,
    });
    let visible = methods.filter(|method| is_built(&method.attrs) && !is_hidden(&method.attrs));
    visible.map(|method| method.sig.ident.to_string()).collect()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    let docs = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    docs.filter_map(|doc| doc.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok())
        .flatten()
        .any(|meta| meta.path().is_ident("hidden"))
}

/// Whether the tokens of a macro have a `pub fn` in them.
fn makes_functions(tokens: &str) -> bool {
    let words: Vec<&str> = tokens.split_whitespace().collect();
    let follows = |(at, word): (usize, &&str)| {
        *word == "pub"
            && words[at + 1..].iter().find(|next| !matches!(**next, "const" | "async" | "unsafe"))
                == Some(&"fn")
    };
    words.iter().enumerate().any(follows)
}
