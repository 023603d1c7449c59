//! Validates a spec file against the JSON Schema that its type derives. Editors load the same schema from `generated/schema/spec/`, so
//! editor and checker agree.

use std::sync::{LazyLock, OnceLock};

use jsonschema::Validator;
use placewise_model::{Api, FilterLanguage};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use super::decisions::DecisionsFile;
use super::invalid_parts::{invalid_parts, remove_all};
use super::platform::{AssumptionsFile, EndpointsFile, FormatsFile};
use super::report::ReportFile;
use super::schema_errors::{Rejection, SchemaErrors, drop_echoes};
use super::yaml_tree::Node;
use crate::finding::{FileId, Finding, Place, codes};

/// The schema of one sort of spec file.
pub struct FileSchema {
    /// The name of the schema's file.
    pub name: &'static str,
    schema: Value,
    /// The same, but with null where the model has an option. An assumption may be null, a file says nothing instead.
    with_null: Value,
    validator: Option<Validator>,
    with_values: OnceLock<Box<Self>>,
}

macro_rules! schemas {
    ($($(#[$doc:meta])* $name:ident = $file:literal, $type:ty;)*) => {
        $($(#[$doc])* pub static $name: LazyLock<FileSchema> = LazyLock::new(|| FileSchema::of::<$type>($file));)*
        /// The schemas of all sorts of file.
        pub fn all() -> Vec<&'static FileSchema> {
            vec![$(&*$name),*]
        }
    };
}

schemas! {
    /// `api.yaml`
    API = "api", Api;
    /// `filters.yaml`
    FILTERS = "filters", FilterLanguage;
    /// `formats.yaml`
    FORMATS = "formats", FormatsFile;
    /// `endpoints.yaml`
    ENDPOINTS = "endpoints", EndpointsFile;
    /// `assumptions.yaml`
    ASSUMPTIONS = "assumptions", AssumptionsFile;
    /// `reports/<group>/<report>.yaml`
    REPORT = "report", ReportFile;
    /// `lockstep/drift.yaml`, beside the spec
    DECISIONS = "drift", DecisionsFile;
}

impl FileSchema {
    fn of<T: JsonSchema>(name: &'static str) -> Self {
        let mut with_null = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
        bound(&mut with_null);
        let mut schema = with_null.clone();
        without_null(&mut schema);
        Self { with_null, ..Self::new(name, schema) }
    }

    fn new(name: &'static str, schema: Value) -> Self {
        let validator = jsonschema::validator_for(&schema).ok();
        Self { name, schema, with_null: Value::Null, validator, with_values: OnceLock::new() }
    }

    /// The schema of the file once each `{ assumed: <id> }` is replaced by a value.
    pub fn with_values(&self) -> &Self {
        self.with_values.get_or_init(|| {
            let mut schema = self.with_null.clone();
            without_assumed(&mut schema);
            Box::new(Self::new(self.name, schema))
        })
    }

    /// Whether a file fits.
    pub fn fits(&self, json: &Value) -> bool {
        self.validator.as_ref().is_some_and(|validator| validator.is_valid(json))
    }

    /// The JSON Schema.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// Validates a file. Invalid parts are removed from `json`, so that the same run can check the rest; their paths are returned.
    pub fn check(&self, file: FileId, tree: &Node, json: &mut Value) -> (Vec<Rejection>, Vec<Vec<String>>) {
        let Some(validator) = &self.validator else {
            let finding = Finding::new(codes::SCHEMA, "the schema of this file does not compile").at(Place { file, span: 0..0 });
            return (
                vec![Rejection { path: Vec::new(), meant: None, bare: false, finding: finding.help(REPORT_IT) }],
                Vec::new(),
            );
        };
        if validator.is_valid(json) {
            return (Vec::new(), Vec::new());
        }
        let errors = SchemaErrors { schema: &self.schema, file, tree };
        let mut rejections = Vec::new();
        let mut invalid = Vec::new();
        for error in validator.iter_errors(json) {
            rejections.extend(errors.findings(&error, ""));
            invalid.extend(invalid_parts(&error));
        }
        drop_echoes(&mut rejections);
        remove_all(json, &mut invalid);
        (rejections, invalid)
    }
}

/// Adds the upper bounds of Rust's number types; the derived schema only has lower ones.
fn bound(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(bound),
        Value::Object(entries) => {
            let most = match entries.get("format").and_then(Value::as_str) {
                Some("uint16") => Some(u32::from(u16::MAX)),
                Some("uint32") => Some(u32::MAX),
                _ => None,
            };
            if let Some(most) = most {
                entries.insert("maximum".into(), most.into());
            }
            entries.values_mut().for_each(bound);
        }
        _ => {}
    }
}

/// Removes null from what a file may say: an unknown value has no key.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(entries) => {
            if entries.get("default").is_some_and(Value::is_null) {
                entries.shift_remove("default");
            }
            if let Some(Value::Array(types)) = entries.get_mut("type") {
                types.retain(|one| one != "null");
                if let [one] = &types[..] {
                    let one = one.clone();
                    entries.insert("type".into(), one);
                }
            }
            if let Some(Value::Array(forms)) = entries.get_mut("anyOf") {
                let before = forms.len();
                forms.retain(|form| form["type"] != "null");
                if let (true, [Value::Object(one)]) = (forms.len() < before, &forms[..]) {
                    let one = one.clone();
                    entries.shift_remove("anyOf");
                    for (key, value) in one {
                        entries.entry(key).or_insert(value);
                    }
                }
            }
            entries.values_mut().for_each(without_null);
        }
        _ => {}
    }
}

/// Removes the form `{ assumed: <id> }` of settings.
fn without_assumed(schema: &mut Value) {
    match schema {
        Value::Array(forms) => {
            forms.retain(|form| form["properties"].get("assumed").is_none());
            forms.iter_mut().for_each(without_assumed);
        }
        Value::Object(entries) => entries.values_mut().for_each(without_assumed),
        _ => {}
    }
}

/// Such a finding is never the fault of who wrote the file.
const REPORT_IT: &str = "this is a fault of the generator; report it with the file";

/// A valid file that cannot be deserialized. The schema derives from the same types, so this is a gap between the two.
pub(crate) fn gap(file: FileId, error: &serde_json::Error) -> Finding {
    Finding::new(codes::SCHEMA, error.to_string()).at(Place { file, span: 0..0 }).help(REPORT_IT)
}
