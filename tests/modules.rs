//! No directory contains modules that import each other in a cycle.
//!
//! The sources are parsed. A module refers to another by a `use`, or by a path anywhere in its code that begins with `crate`, `self`, or
//! `super`, also in the arguments of a macro. A name that a module only re-exports belongs to the module that declares it. What stands
//! behind `#[cfg(test)]` does not count, and neither does a parent that uses its own children.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemUse, Macro, UseTree, Visibility,
    visit::{self, Visit},
};

/// The path of a module from the root of its crate.
type ModulePath = Vec<String>;

/// A module: where it is, what it declares, what it imports, and what its code refers to.
#[derive(Default)]
struct Module {
    file: String,
    children: BTreeSet<String>,
    /// The names that `use` brings into the module, each with its path.
    imports: BTreeMap<String, Vec<String>>,
    /// Every path that refers to a place in the crate.
    paths: BTreeSet<Vec<String>>,
    /// The paths of imports that do not say what they import, which nothing here can follow.
    globs: Vec<String>,
}

/// The modules of a crate.
#[derive(Default)]
struct Modules(BTreeMap<ModulePath, Module>);

impl Modules {
    fn read(source: &Path) -> Self {
        let mut modules = Modules::default();
        modules.file(Vec::new(), &source.join("lib.rs"), source);
        modules
    }

    /// Reads a file, whose submodules are in `folder`.
    fn file(&mut self, path: ModulePath, file: &Path, folder: &Path) {
        let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.items(path, &file.display().to_string(), folder, &parsed.items);
    }

    fn items(&mut self, path: ModulePath, file: &str, folder: &Path, items: &[Item]) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        let mut nested = Vec::new();
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            match item {
                Item::Mod(child) => {
                    let name = child.ident.to_string();
                    module.children.insert(name.clone());
                    nested.push((name, child));
                }
                item => References(&mut module).visit_item(item),
            }
        }
        self.0.insert(path.clone(), module);
        for (name, child) in nested {
            let path: ModulePath = path.iter().cloned().chain([name.clone()]).collect();
            let below = folder.join(&name);
            match &child.content {
                Some((_, items)) => self.items(path, file, &below, items),
                None => {
                    let beside = folder.join(format!("{name}.rs"));
                    let file = if beside.exists() { beside } else { below.join("mod.rs") };
                    self.file(path, &file, &below);
                }
            }
        }
    }

    /// Returns the module that declares what a path in a module refers to; `None` if that is not in the crate.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<ModulePath> {
        let mut at = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "self" => from.to_vec(),
            "super" => from[..from.len().checked_sub(1)?].to_vec(),
            name => {
                let module = &self.0[from];
                // `use clap;` names a crate.
                let is_imported = module.imports.get(name).is_some_and(|import| import[0] != name);
                return match module.children.contains(name) || is_imported {
                    true => self.walk(from.to_vec(), path, depth),
                    false => None,
                };
            }
        };
        let mut rest = &path[1..];
        while let Some((first, others)) = rest.split_first()
            && first == "super"
        {
            at.pop()?;
            rest = others;
        }
        self.walk(at, rest, depth)
    }

    /// Goes from a module along a path: into submodules, and to where a name was imported from.
    fn walk(&self, mut at: ModulePath, path: &[String], depth: usize) -> Option<ModulePath> {
        assert!(depth < 32, "{} refers to itself in a circle", at.join("::"));
        for (i, name) in path.iter().enumerate() {
            let module = &self.0[&at];
            if module.children.contains(name) {
                at.push(name.clone());
            } else if let Some(import) = module.imports.get(name).filter(|import| import[0] != *name) {
                let whole: Vec<_> = import.iter().chain(&path[i + 1..]).cloned().collect();
                // A name of another crate is declared outside, but the module hands it on.
                return self.resolve(&at, &whole, depth + 1).or(Some(at));
            } else {
                break;
            }
        }
        Some(at)
    }

    /// Returns the cycles of each directory, as `emit: aws → terraform → aws`, with the places of the references.
    fn cycles(&self) -> Vec<String> {
        // In each directory: which of its modules refers to which, and where.
        let mut directories: BTreeMap<ModulePath, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
        for (from, module) in &self.0 {
            for path in &module.paths {
                let Some(to) = self.resolve(from, path, 0) else { continue };
                let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                if let (Some(a), Some(b)) = (from.get(common), to.get(common)) {
                    let place = format!("{}: {}", module.file, path.join("::"));
                    let directory = directories.entry(from[..common].to_vec()).or_default();
                    directory.entry(a.clone()).or_default().entry(b.clone()).or_insert(place);
                }
            }
        }
        let mut found = Vec::new();
        for (directory, edges) in &directories {
            let mut reported = BTreeSet::new();
            for start in edges.keys() {
                if let Some(cycle) = shortest_cycle(edges, start)
                    && reported.insert(cycle.iter().cloned().collect::<BTreeSet<_>>())
                {
                    let places = cycle.windows(2).map(|pair| format!("\n    {}", edges[&pair[0]][&pair[1]]));
                    let name = if directory.is_empty() { "the crate".to_owned() } else { directory.join("::") };
                    found.push(format!("{name}: {}{}", cycle.join(" → "), places.collect::<String>()));
                }
            }
        }
        found
    }
}

/// Returns the shortest way from a module back to itself.
fn shortest_cycle(edges: &BTreeMap<String, BTreeMap<String, String>>, start: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![start.to_owned()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in edges.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
                let extended: Vec<_> = way.iter().cloned().chain([next.clone()]).collect();
                if next == start {
                    return Some(extended);
                }
                if seen.insert(next.clone()) {
                    longer.push(extended);
                }
            }
        }
        ways = longer;
    }
    None
}

/// Collects what the items of one module refer to.
struct References<'m>(&'m mut Module);

impl References<'_> {
    fn tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.tree(&with(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(before, tree)),
            UseTree::Glob(_) => {
                self.0.globs.push(before.join("::"));
                self.import(None, before.to_vec());
            }
            UseTree::Name(name) if name.ident == "self" => self.import(before.last().cloned(), before.to_vec()),
            UseTree::Name(name) => self.import(Some(name.ident.to_string()), with(name.ident.to_string())),
            UseTree::Rename(rename) => self.import(Some(rename.rename.to_string()), with(rename.ident.to_string())),
        }
    }

    fn import(&mut self, name: Option<String>, path: Vec<String>) {
        if let Some(name) = name {
            self.0.imports.insert(name, path.clone());
        }
        self.0.paths.insert(path);
    }

    /// Finds paths in the tokens of a macro, which are not parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if path.is_empty() || colons != 2 => {
                    self.found(std::mem::take(&mut path));
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Ident(ident) => {
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.found(std::mem::take(&mut path));
                    self.tokens(group.stream());
                }
                _ => self.found(std::mem::take(&mut path)),
            }
        }
        self.found(path);
    }

    fn found(&mut self, path: Vec<String>) {
        if path.first().is_some_and(|first| matches!(first.as_str(), "crate" | "self" | "super")) {
            self.0.paths.insert(path);
        }
    }
}

impl<'ast> Visit<'ast> for References<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_test(&item.attrs) {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.found(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    /// `pub(in crate::emit)` restricts the modules that may refer to an item.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        _ => false,
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[test]
fn no_module_cycle_in_cli() {
    let modules = Modules::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cli/src"));
    assert!(modules.0.len() > 100, "{} modules", modules.0.len());
    for module in modules.0.values() {
        assert!(module.globs.is_empty(), "{} imports {:?} as a whole: name what it needs", module.file, module.globs);
    }
    let found = modules.cycles();
    assert!(found.is_empty(), "modules refer to each other in a cycle:\n  {}", found.join("\n  "));
}

/// Sources with a cycle by each kind of reference, and one without.
#[test]
fn a_cycle_is_found_however_it_is_written() {
    /// A name, the files with their texts, and the cycle that is found.
    type Case = (&'static str, &'static [(&'static str, &'static str)], Option<&'static str>);
    let cases: [Case; 10] = [
        ("use", &[("a", "use crate::b::B; pub struct A;"), ("b", "use crate::a::A; pub struct B;")], Some("a → b → a")),
        ("groups", &[("a", "use super::{b::{self, B}};"), ("b", "use crate::{a as other};")], Some("a → b → a")),
        ("code", &[("a", "fn a() -> crate::b::B { todo!() }"), ("b", "use super::a::A;")], Some("a → b → a")),
        ("macro", &[("a", "fn a() { println!(\"{}\", crate::b::B); }"), ("b", "use crate::a::A;")], Some("a → b → a")),
        (
            "three",
            &[("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "use crate::a::A;")],
            Some("a → b → c → a"),
        ),
        (
            "re-export",
            &[("a", "use crate::B;"), ("b", "use crate::a::A;"), ("lib", "pub use b::B;")],
            Some("a → b → a"),
        ),
        ("nested", &[("a", "pub mod x { use super::y::Y; } pub mod y { use super::x::X; }")], Some("a: x → y → x")),
        ("tests", &[("a", "use crate::b::B; "), ("b", "#[cfg(test)] mod tests { use crate::a::A; }")], None),
        ("visibility", &[("a", "use crate::b::B; "), ("b", "pub(in crate::a) fn f() {}")], None),
        ("parent", &[("a", "mod x { use super::A; } use x::X; pub struct A;")], None),
    ];
    for (name, files, expected) in cases {
        let folder = std::env::temp_dir().join(format!("omnifn-modules-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut lib: String =
            files.iter().filter(|(file, _)| *file != "lib").map(|(file, _)| format!("mod {file};\n")).collect();
        for (file, text) in files {
            match *file {
                "lib" => lib.push_str(text),
                file => fs::write(folder.join(format!("{file}.rs")), text).unwrap(),
            }
        }
        fs::write(folder.join("lib.rs"), lib).unwrap();
        let found = Modules::read(&folder).cycles();
        fs::remove_dir_all(&folder).unwrap();
        match expected {
            Some(cycle) => assert!(found.len() == 1 && found[0].contains(cycle), "{name}: {found:?}"),
            None => assert!(found.is_empty(), "{name}: {found:?}"),
        }
    }
}
