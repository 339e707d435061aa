use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Attribute, ExprPath, Item, ItemFn, Meta};

use super::names::{Names, words};
use super::source::{Place, Source};

/// The functions that are exported from a crate's library, and what each of them calls.
///
/// A call is seen when it is written as a path: `frame::decode(..)`, `Type::function(..)` or
/// `<Type as Trait>::function(..)`; not as `value.function()`, and not inside a macro.
pub(super) struct Entries {
    calls: BTreeMap<Place, BTreeSet<Call>>,
}

/// A function, and the types that its trait is generic over; see [`Public`](super::public::Public).
pub(super) type Call = (String, String);

struct Body<'n> {
    names: &'n Names,
    scope: &'n [String],
    calls: BTreeSet<Call>,
}

impl Entries {
    pub(super) fn of(source: &Source, names: &Names) -> Self {
        let mut calls = BTreeMap::new();
        for (scope, module) in &source.modules {
            let functions = module.items.iter().filter_map(|item| match item {
                Item::Fn(it) if is_exported(&it.attrs) => Some(it),
                _ => None,
            });
            calls.extend(functions.map(|it| entry(it, scope, names)));
        }
        Self { calls }
    }

    pub(super) fn count(&self) -> usize {
        self.calls.len()
    }

    /// All that is called.
    pub(super) fn called(&self) -> BTreeSet<&Call> {
        self.calls.values().flatten().collect()
    }
}

fn entry(it: &ItemFn, scope: &[String], names: &Names) -> (Place, BTreeSet<Call>) {
    let mut body = Body { names, scope, calls: BTreeSet::new() };
    body.visit_block(&it.block);
    (super::source::child(scope, &it.sig.ident), body.calls)
}

/// `#[unsafe(no_mangle)]`
fn is_exported(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("unsafe")
            && attribute.parse_args().is_ok_and(|meta: Meta| meta.path().is_ident("no_mangle"))
    })
}

impl<'ast> Visit<'ast> for Body<'_> {
    fn visit_expr_path(&mut self, it: &'ast ExprPath) {
        self.calls.extend(self.call(it));
        visit::visit_expr_path(self, it);
    }
}

impl Body<'_> {
    /// What a path names; with a type and its trait also the trait's function for any type.
    fn call(&self, it: &ExprPath) -> Vec<Call> {
        let path = words(&it.path.segments);
        let Some(of) = &it.qself else { return vec![(self.name(&path), String::new())] };
        let (before, after) = path.split_at(of.position);
        let (of, function) = (self.names.bare_type(self.scope, &of.ty), after.join("::"));
        if before.is_empty() {
            return vec![(format!("{of}::{function}"), String::new())];
        }
        let last = it.path.segments.get(before.len() - 1).map(|last| &last.arguments);
        let (name, given) = (self.name(before), self.names.arguments(self.scope, last));
        let any = (format!("{name}::{function}"), String::new());
        vec![(format!("<{of} as {name}>::{function}"), given), any]
    }

    fn name(&self, path: &[String]) -> String {
        self.names.name(self.scope, path)
    }
}
