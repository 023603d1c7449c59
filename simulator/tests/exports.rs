//! The crate's root names every type of a public signature, so that its users need no other crate of the workspace.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{GenericParam, ImplItem, Item, TraitBound, TypePath, UseTree, Visibility};

/// Of the prelude and the standard library.
const STANDARD: &[&str] = &[
    "BTreeMap",
    "Duration",
    "Error",
    "Fn",
    "Into",
    "IntoIterator",
    "NonZeroU64",
    "Option",
    "PathBuf",
    "Result",
    "Self",
    "Send",
    "String",
    "Sync",
    "Vec",
    "bool",
    "f64",
    "i64",
    "str",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
];

/// The names of the types and traits of a signature.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_type_path(&mut self, path: &'ast TypePath) {
        self.0.extend(path.path.segments.last().map(|segment| segment.ident.to_string()));
        visit::visit_type_path(self, path);
    }

    fn visit_trait_bound(&mut self, bound: &'ast TraitBound) {
        self.0.extend(bound.path.segments.last().map(|segment| segment.ident.to_string()));
        visit::visit_trait_bound(self, bound);
    }
}

fn items(folder: &Path) -> Vec<Item> {
    let paths = fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path());
    let read = |path: &Path| syn::parse_file(&fs::read_to_string(path).expect("readable")).expect("Rust").items;
    paths.flat_map(|path| if path.is_dir() { items(&path) } else { read(&path) }).collect()
}

fn export(tree: &UseTree, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => export(&path.tree, names),
        UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(rename) => drop(names.insert(rename.ident.to_string())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| export(tree, names)),
        UseTree::Glob(_) => panic!("a glob hides what is exported"),
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[test]
fn every_type_of_a_public_signature_is_exported() {
    let items = items(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut exported = BTreeSet::new();
    for item in &items {
        if let Item::Use(item) = item
            && is_public(&item.vis)
        {
            export(&item.tree, &mut exported);
        }
    }
    let mut used = Names::default();
    for item in &items {
        match item {
            Item::Struct(item) if exported.contains(&item.ident.to_string()) => {
                item.fields.iter().filter(|field| is_public(&field.vis)).for_each(|field| used.visit_type(&field.ty));
            }
            Item::Enum(item) if exported.contains(&item.ident.to_string()) => used.visit_item_enum(item),
            Item::Impl(item) if item.trait_.is_none() => {
                let mut of = Names::default();
                of.visit_type(&item.self_ty);
                let methods = item.items.iter().filter_map(|item| if let ImplItem::Fn(item) = item { Some(item) } else { None });
                for method in methods.filter(|method| is_public(&method.vis) && of.0.is_subset(&exported)) {
                    let mut names = Names::default();
                    names.visit_signature(&method.sig);
                    for param in &method.sig.generics.params {
                        if let GenericParam::Type(param) = param {
                            names.0.remove(&param.ident.to_string());
                        }
                    }
                    used.0.extend(names.0);
                }
            }
            _ => {}
        }
    }
    assert!(["Model", "ErrorName", "Value", "Timestamp"].iter().all(|name| used.0.contains(*name)), "{:?}", used.0);
    let missing: Vec<_> = used.0.iter().filter(|name| !exported.contains(*name) && !STANDARD.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "export these in lib.rs: {missing:?}");
}
