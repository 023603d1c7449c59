//! Keeps the layout readable: folders are floors, and no ring of files.
//!
//! A `lib.rs` or `mod.rs` whose docs say `Floors, from the ground up:` and list its child modules puts them in order. A child imports from
//! itself and from floors listed before it. Paths inside a package never go through the crate's root.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const PACKAGES: [&str; 5] = ["model", "runtime", "simulator", "codegen", "cli"];
/// Modules that must declare floors; others may.
const WITH_FLOORS: [&str; 4] =
    ["codegen/src/lib.rs", "codegen/src/published/mod.rs", "runtime/src/lib.rs", "simulator/src/lib.rs"];

#[test]
fn a_module_imports_from_its_own_floor_and_from_below() {
    let packages = packages();
    let problems: Vec<String> = packages.iter().flat_map(Package::upward_imports).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    let declared: BTreeSet<String> = packages.iter().flat_map(Package::files_with_floors).collect();
    for file in WITH_FLOORS {
        assert!(declared.contains(file), "{file} lists no floors");
    }
}

#[test]
fn no_ring_of_files_is_left() {
    let rings: Vec<String> = packages().iter().flat_map(Package::rings).collect();
    assert!(rings.is_empty(), "\n{}", rings.join("\n"));
}

#[test]
fn the_checks_see_a_ring_and_an_upward_import() {
    let lib = "//! Floors, from the ground up:\n//! 1. `low`: not `high`\n//! 2. `high`: above\nmod high;\nmod low;\nmod lost;";
    let files = [
        ("lib.rs", lib),
        ("high.rs", "use crate::low::Low;"),
        ("low.rs", "fn f() { let _ = vec![crate::high::X]; }\nuse crate::Low;"),
        ("lost.rs", ""),
    ];
    let package = Package::new("p", files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())));
    assert_eq!(
        package.upward_imports(),
        [
            "p/src/lost.rs:1: `lost` is not among the floors of p/src/lib.rs",
            "p/src/low.rs:1: floor `low` imports `crate::high::X` from `high` above it",
            "p/src/low.rs:2: `crate::Low` goes through the crate's root; name the module that defines it",
        ]
    );
    assert_eq!(package.rings(), ["a ring: p/src/high.rs, p/src/low.rs"]);
}

fn packages() -> Vec<Package> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &&'static str| {
        let mut files = Vec::new();
        read_dir(&root.join(name).join("src"), "", &mut files);
        // A program beside a library is a crate of its own.
        if files.iter().any(|(file, _)| file == "lib.rs") {
            files.retain(|(file, _)| file != "main.rs");
        }
        Package::new(name, files.into_iter())
    };
    PACKAGES.iter().map(read).collect()
}

fn read_dir(dir: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(dir).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = format!("{prefix}{}", path.file_name().and_then(|name| name.to_str()).expect("UTF-8"));
        if path.is_dir() {
            read_dir(&path, &format!("{name}/"), files);
        } else if name.ends_with(".rs") {
            files.push((name, fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

/// The module that a file holds: `query/field.rs` is `["query", "field"]`, `lib.rs` is `[]`.
fn module_of(file: &str) -> Vec<String> {
    let stem = file.trim_end_matches(".rs");
    let stem = stem.strip_suffix("mod").map_or(stem, |folder| folder.trim_end_matches('/'));
    if matches!(stem, "lib" | "main") { Vec::new() } else { stem.split('/').map(str::to_owned).collect() }
}

struct Import {
    line: usize,
    path: Vec<String>,
}

struct Module {
    file: String,
    imports: Vec<Import>,
    /// Child modules by floor, lowest first; none where the module lists no floors.
    floors: Option<Vec<Vec<String>>>,
}

struct Package {
    modules: BTreeMap<Vec<String>, Module>,
}

impl Package {
    fn new(name: &str, files: impl Iterator<Item = (String, String)>) -> Self {
        let parsed: Vec<_> = files
            .map(|(file, text)| {
                let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{name}/src/{file}: {error}"));
                (module_of(&file), file, syntax)
            })
            .collect();
        let names: BTreeSet<Vec<String>> = parsed.iter().map(|(module, ..)| module.clone()).collect();
        let mut tests = BTreeSet::new();
        let mut modules = BTreeMap::new();
        for (module, file, syntax) in parsed {
            let mut found = Imports { names: &names, module: module.clone(), tests: &mut tests, imports: Vec::new() };
            found.visit_file(&syntax);
            let (imports, floors) = (found.imports, floors(&syntax.attrs));
            modules.insert(module, Module { file: format!("{name}/src/{file}"), imports, floors });
        }
        modules.retain(|module, _| !tests.contains(module));
        Self { modules }
    }

    /// The module that defines what a path names: the longest prefix that is one.
    fn target(&self, path: &[String]) -> &[String] {
        let longest = (0..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]));
        self.modules.get_key_value(&path[..longest.unwrap_or(0)]).map_or(&[], |(module, _)| module)
    }

    fn upward_imports(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (module, Module { file, imports, .. }) in &self.modules {
            if let Some((own, parent)) = module.split_last().map(|(own, parent)| (own, &self.modules[parent]))
                && parent.floors.as_ref().is_some_and(|floors| !floors.iter().flatten().any(|floor| floor == own))
            {
                problems.push(format!("{file}:1: `{own}` is not among the floors of {}", parent.file));
            }
            for Import { line, path } in imports {
                let target = self.target(path);
                let shown = path.join("::");
                if target.is_empty() && !module.is_empty() {
                    problems.push(format!(
                        "{file}:{line}: `crate::{shown}` goes through the crate's root; name the module that defines it"
                    ));
                    continue;
                }
                let shared = module.iter().zip(target).take_while(|(a, b)| a == b).count();
                let (Some(from), Some(to)) = (module.get(shared), target.get(shared)) else { continue };
                let Some(floors) = &self.modules[&module[..shared]].floors else { continue };
                let rank = |name: &String| floors.iter().position(|floor| floor.contains(name));
                if rank(to) > rank(from) {
                    problems.push(format!("{file}:{line}: floor `{from}` imports `crate::{shown}` from `{to}` above it"));
                }
            }
        }
        problems
    }

    fn files_with_floors(&self) -> Vec<String> {
        self.modules.values().filter(|module| module.floors.is_some()).map(|module| module.file.clone()).collect()
    }

    fn reaches(&self, from: &[String]) -> BTreeSet<&[String]> {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(module) = open.pop() {
            for import in &self.modules[module].imports {
                let target = self.target(&import.path);
                if target != module && reached.insert(target) {
                    open.push(target);
                }
            }
        }
        reached
    }

    fn rings(&self) -> Vec<String> {
        let reached: BTreeMap<&[String], BTreeSet<&[String]>> =
            self.modules.keys().map(|module| (module.as_slice(), self.reaches(module))).collect();
        let mut rings = BTreeSet::new();
        for (module, targets) in &reached {
            if targets.contains(module) {
                let ring = targets.iter().filter(|target| reached[*target].contains(module));
                let files: Vec<&str> = ring.map(|module| self.modules[*module].file.as_str()).collect();
                rings.insert(format!("a ring: {}", files.join(", ")));
            }
        }
        rings.into_iter().collect()
    }
}

/// One floor for each item of the list after the marker: the names between backticks before its colon.
fn floors(attrs: &[syn::Attribute]) -> Option<Vec<Vec<String>>> {
    let docs: Vec<String> = attrs.iter().filter_map(doc).collect();
    let docs = docs.join("\n");
    let (_, list) = docs.split_once("Floors, from the ground up:")?;
    let items = list.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let names =
        |item: &str| item.split(':').next().unwrap_or_default().split('`').skip(1).step_by(2).map(str::to_owned).collect();
    Some(items.map(names).collect())
}

fn doc(attr: &syn::Attribute) -> Option<String> {
    match &attr.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            path,
            value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
            ..
        }) if path.is_ident("doc") => Some(text.value().trim().to_owned()),
        _ => None,
    }
}

/// Finds what a file imports, as paths from the crate's root.
struct Imports<'a> {
    names: &'a BTreeSet<Vec<String>>,
    /// The module that is read, inline modules included.
    module: Vec<String>,
    tests: &'a mut BTreeSet<Vec<String>>,
    imports: Vec<Import>,
}

impl Imports<'_> {
    fn child(&self, name: &str) -> Vec<String> {
        self.module.iter().cloned().chain([name.to_owned()]).collect()
    }

    fn add(&mut self, segments: &[String], line: usize) {
        let Some(first) = segments.first() else { return };
        let mut path = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len().saturating_sub(1)].to_vec(),
            name if self.names.contains(&self.child(name)) => self.child(name),
            _ => return,
        };
        for segment in &segments[1..] {
            if segment == "super" {
                path.pop();
            } else {
                path.push(segment.clone());
            }
        }
        if path != self.module {
            self.imports.push(Import { line, path });
        }
    }

    fn add_tree(&mut self, tree: &syn::UseTree, mut prefix: Vec<String>) {
        let named = |prefix: &mut Vec<String>, name: &syn::Ident| {
            if name != "self" || prefix.is_empty() {
                prefix.push(name.to_string());
            }
        };
        match tree {
            syn::UseTree::Path(path) => {
                named(&mut prefix, &path.ident);
                self.add_tree(&path.tree, prefix);
            }
            syn::UseTree::Name(name) => {
                named(&mut prefix, &name.ident);
                self.add(&prefix, tree.span().start().line);
            }
            syn::UseTree::Rename(name) => {
                named(&mut prefix, &name.ident);
                self.add(&prefix, tree.span().start().line);
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(tree, prefix.clone())),
            _ => self.add(&prefix, tree.span().start().line),
        }
    }
}

fn is_test(attrs: &[syn::Attribute]) -> bool {
    attrs
        .iter()
        .any(|attr| matches!(&attr.meta, syn::Meta::List(list) if list.path.is_ident("cfg") && list.tokens.to_string() == "test"))
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let module = self.child(&item.ident.to_string());
        if is_test(&item.attrs) {
            self.tests.insert(module);
        } else if item.content.is_some() {
            let outer = std::mem::replace(&mut self.module, module);
            visit::visit_item_mod(self, item);
            self.module = outer;
        }
    }

    /// Says who may see an item, not what the module needs.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&item.tree, Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.add(&segments, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    /// Arguments of the standard library's macros are expressions; templates of generated code are not read.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Ok(arguments) = call.parse_body_with(Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated)
            && !call.path.is_ident("quote")
        {
            for argument in &arguments {
                // Parsed tokens live no longer than this call, so a visitor of their own reads them.
                let mut inner =
                    Imports { names: self.names, module: self.module.clone(), tests: &mut *self.tests, imports: Vec::new() };
                inner.visit_expr(argument);
                let found = inner.imports;
                self.imports.extend(found);
            }
        }
    }
}
