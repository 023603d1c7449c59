//! The vocabulary enums of `model` and `runtime` have the same variants, and a model read at run time has the facts of the generated code.
//! Neither package depends on the other, so the sources and the results are compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use placewise_model::{Coverage, ErrorName, Filterability, Format, Nullable, Provenance, TimePoints};
use placewise_reporting::{ApiSpec, Registry, StaticApi};
use serde_json::{Value, json};
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

#[test]
fn a_spec_read_from_the_model_equals_the_generated_one() {
    let ours = (placewise_reporting::ReportingApi::SPEC, placewise_reporting::MODEL);
    for (generated, model) in [ours, (harbour_api::ReportingApi::SPEC, harbour_api::MODEL)] {
        // Only the generated crate has a name and a version of its own.
        let read = ApiSpec { user_agent: generated.user_agent, ..*ApiSpec::from_model(model).expect("a spec") };
        assert_eq!(format!("{read:#?}"), format!("{generated:#?}"));
    }
}

#[test]
fn the_registry_knows_every_word_of_the_model() {
    let model: Value = serde_json::from_str(harbour_api::MODEL).expect("JSON");
    let accepts = |path: &str, word: Value| {
        let mut model = model.clone();
        *model.pointer_mut(path).expect("a value") = word;
        Registry::from_model(&model.to_string()).map(drop).unwrap_or_else(|error| panic!("{error}"));
    };
    let word = |word: &str| json!(word);
    ErrorName::ALL.iter().for_each(|name| accepts("/api/errors/0/name", word(name.word())));
    TimePoints::ALL.iter().for_each(|counting| accepts("/timeseries/time_points", word(counting.word())));
    Format::ALL.iter().for_each(|format| accepts("/reports/1/format", word(format.word())));
    Coverage::ALL.iter().for_each(|coverage| accepts("/reports/1/coverage", word(coverage.word())));
    Provenance::ALL.iter().for_each(|provenance| accepts("/reports/1/provenance", word(provenance.word())));
    Nullable::ALL.iter().for_each(|nullable| accepts("/reports/1/fields/0/nullable", word(nullable.word())));
    use Filterability::{Example, Header, No, Unknown, UnknownStrict, Yes};
    for filterable in [Yes, Example, No, Unknown, UnknownStrict, Header("X".into())] {
        accepts("/reports/1/fields/0/filterable", serde_json::to_value(filterable).expect("JSON"));
    }
}

#[test]
fn the_registry_has_every_report_and_type_of_the_model() {
    for (registry, model) in
        [(&placewise_reporting::REGISTRY, placewise_reporting::MODEL), (&harbour_api::REGISTRY, harbour_api::MODEL)]
    {
        let model: placewise_model::Model = serde_json::from_str(model).expect("a model");
        assert_eq!(registry.reports().len(), model.reports.len());
        for (info, report) in registry.reports().iter().zip(&model.reports) {
            let known: Vec<_> = info.fields.iter().map(|field| (field.name, field.ty.to_owned(), field.nullable)).collect();
            let fields = report.fields.iter();
            let expected: Vec<_> =
                fields.map(|field| (field.name.as_str(), field.ty.word(), field.nullable.possible())).collect();
            assert_eq!((info.name, known), (report.name.as_str(), expected));
        }
    }
}
