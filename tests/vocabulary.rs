//! The vocabulary enums of `model` and `runtime` have the same variants. Neither package depends on the other, so the sources are compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use syn::{Item, ItemEnum};

type Enums = BTreeMap<String, Vec<String>>;

/// Every public enum of a package by name, with its variants.
fn enums(package: &str) -> Enums {
    let mut out = Enums::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(package).join("src"), &mut out);
    out
}

fn collect(dir: &Path, out: &mut Enums) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, out);
        } else {
            let file = syn::parse_file(&fs::read_to_string(&path).expect("text")).expect("Rust");
            for item in file.items.into_iter().filter_map(enumeration) {
                if matches!(item.vis, syn::Visibility::Public(_)) {
                    out.insert(item.ident.to_string(), item.variants.iter().map(|variant| variant.ident.to_string()).collect());
                }
            }
        }
    }
}

/// An enum, or one inside the macro of the model's vocabulary.
fn enumeration(item: Item) -> Option<ItemEnum> {
    match item {
        Item::Enum(item) => Some(item),
        Item::Macro(item) if item.mac.path.is_ident("vocabulary") => item.mac.parse_body().ok(),
        _ => None,
    }
}

#[test]
fn enums_of_model_and_runtime_have_the_same_variants() {
    let (model, runtime) = (enums("model"), enums("runtime"));
    for name in ["Coverage", "ErrorName", "Filterability", "Format", "Provenance", "TimePoints", "Unit"] {
        assert!(model.contains_key(name) && runtime.contains_key(name), "`{name}` is missing on one side");
    }
    for (name, variants) in &runtime {
        if let Some(known) = model.get(name) {
            assert_eq!(variants, known, "`{name}` of runtime and model");
        }
    }
}

/// The client knows two of the three scopes: what only the simulator assumes is no constant of the client.
#[test]
fn the_client_knows_where_to_override_an_assumption() {
    assert_eq!(enums("model")["Scope"], ["Client", "Simulator", "Types"]);
    assert_eq!(enums("runtime")["OverrideAt"], ["Client", "Spec"]);
}
