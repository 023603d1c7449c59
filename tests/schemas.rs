//! The generated JSON Schemas, checked with a third-party validator: spec files fit theirs, documented examples fit those of their rows.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use placewise_codegen::finding::FileId;
use placewise_codegen::source::{read_dir, yaml_tree};
use placewise_model::{Coverage, Model};
use placewise_reporting::MODEL;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The schemas of `generated/schema/spec` or `generated/schema/rows`, by file name.
fn schemas(part: &str) -> Vec<(String, Value)> {
    let read = |path: PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".schema.json"));
        let text = std::fs::read_to_string(&path).expect("readable");
        (name.expect("a schema").to_owned(), serde_json::from_str(&text).expect("JSON"))
    };
    let folder = root().join("generated/schema").join(part);
    folder.read_dir().expect("readable").map(|entry| read(entry.expect("an entry").path())).collect()
}

fn validator(part: &str, name: &str) -> Validator {
    let found = schemas(part).into_iter().find(|(known, _)| known == name);
    jsonschema::validator_for(&found.unwrap_or_else(|| panic!("no schema {part}/{name}")).1).expect("a schema")
}

/// The first number in an example's rows or series.
fn first_number(json: &mut Value) -> Option<&mut Value> {
    match json {
        Value::Array(items) => items.iter_mut().find_map(first_number),
        Value::Object(object) => object.values_mut().find_map(first_number),
        Value::Number(_) => Some(json),
        _ => None,
    }
}

#[test]
fn every_schema_fits_its_meta_schema() {
    for (name, schema) in schemas("spec").into_iter().chain(schemas("rows")) {
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
    }
}

#[test]
fn every_spec_file_fits_its_schema_and_no_longer_with_an_unknown_key() {
    let mut used = std::collections::BTreeSet::new();
    let spec = read_dir(&root().join("spec")).expect("the spec is readable");
    let spec = spec.into_iter().map(|file| (file.path, String::from_utf8(file.bytes).expect("UTF-8")));
    // There need not be any decision in `lockstep/`.
    let decisions = "decisions: { 'drift-cost:reports/sendings/cost': { as: disputed, reason: The invoice says so. } }";
    for (path, text) in spec.chain([("drift.yaml".to_owned(), decisions.to_owned())]) {
        let (node, findings) = yaml_tree::parse(FileId(0), &text);
        assert!(findings.is_empty(), "{path}: {findings:?}");
        let mut json = node.expect("YAML").to_json();
        let name = if path.starts_with("reports/") { "report" } else { path.trim_end_matches(".yaml") };
        let validator = validator("spec", name);
        let errors: Vec<_> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{path}: {errors:?}");
        // Names of the entries of assumptions and endpoints are free, so the unknown key goes into an entry.
        let entry = match name {
            "assumptions" | "endpoints" => json[name].as_object_mut().and_then(|entries| entries.values_mut().next()),
            "drift" => json["decisions"].as_object_mut().and_then(|entries| entries.values_mut().next()),
            _ => Some(&mut json),
        };
        entry.expect("an entry")["unheard_of"] = "x".into();
        assert!(!validator.is_valid(&json), "{path}");
        used.insert(name.to_owned());
    }
    assert_eq!(used, schemas("spec").into_iter().map(|(name, _)| name).collect());
}

#[test]
fn every_whole_example_of_rows_fits_the_schema_of_its_report_and_no_longer_with_text_for_a_number() {
    let model: Model = serde_json::from_str(MODEL).expect("the model is JSON");
    let mut examples = 0;
    for report in &model.reports {
        let validator = validator("rows", &report.name);
        let whole = report.examples.iter().filter(|example| example.coverage == Coverage::Whole && example.field.is_none());
        for response in whole.filter_map(|example| example.response.as_ref()) {
            let errors: Vec<_> = validator.iter_errors(response).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", report.name);
            let mut spoiled = response.clone();
            let number = first_number(&mut spoiled).expect("an example holds a number");
            *number = "many".into();
            assert!(!validator.is_valid(&spoiled), "{}", report.name);
            examples += 1;
        }
    }
    assert!(examples > 0, "the spec has no example to check");
}
