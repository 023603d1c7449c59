//! Validates a spec file against the JSON Schema that its type derives. Editors load the same schema from `generated/schema/spec/`, so
//! editor and checker agree.

use std::sync::{LazyLock, OnceLock};

use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use placewise_model::{Api, FilterLanguage};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use super::invalid_parts::{invalid_parts, remove_all, segments};
use super::old_words::renamed;
use super::platform::{AssumptionsFile, EndpointsFile, FormatsFile};
use super::report::ReportFile;
use super::yaml_tree::Node;
use crate::finding::{FileId, Finding, Place, suggest};

/// The schema of one sort of spec file.
pub struct FileSchema {
    /// The name of the schema's file.
    pub name: &'static str,
    schema: Value,
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
}

impl FileSchema {
    fn of<T: JsonSchema>(name: &'static str) -> Self {
        let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
        bound(&mut schema);
        Self::new(name, schema)
    }

    fn new(name: &'static str, schema: Value) -> Self {
        let validator = jsonschema::validator_for(&schema).ok();
        Self { name, schema, validator, with_values: OnceLock::new() }
    }

    /// The schema of the file once each `{ assumed: <id> }` is replaced by a value.
    pub fn with_values(&self) -> &Self {
        self.with_values.get_or_init(|| {
            let mut schema = self.schema.clone();
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

    /// Validates a file. Invalid parts are removed from `json`, so that the same run can check the rest.
    pub fn check(&self, file: FileId, tree: &Node, json: &mut Value) -> Vec<Finding> {
        let Some(validator) = &self.validator else {
            return vec![Finding::error("schema", "the schema of this file does not compile").at(Place { file, span: 0..0 })];
        };
        if validator.is_valid(json) {
            return Vec::new();
        }
        let errors = SchemaErrors { schema: self, file, tree };
        let mut findings = Vec::new();
        let mut invalid = Vec::new();
        for error in validator.iter_errors(json) {
            findings.extend(errors.findings(&error, ""));
            invalid.extend(invalid_parts(&error));
        }
        drop_echoes(&mut findings);
        remove_all(json, invalid);
        findings
    }

    /// The known keys at a schema path, which is that of a failed `additionalProperties`.
    fn known_keys(&self, schema_path: &str) -> Vec<String> {
        let mut node = self.around(schema_path);
        // A shared struct is one reference further.
        if let Some(target) = node.get("$ref").and_then(Value::as_str) {
            node = self.schema.pointer(target.trim_start_matches('#')).unwrap_or(&Value::Null);
        }
        node.get("properties").and_then(Value::as_object).map(|keys| keys.keys().cloned().collect()).unwrap_or_default()
    }

    /// The schema with the failed keyword at the end of a schema path.
    fn around(&self, schema_path: &str) -> &Value {
        let mut node = &self.schema;
        let parts: Vec<&str> = schema_path.split('/').skip(1).collect();
        for part in &parts[..parts.len().saturating_sub(1)] {
            let part = part.replace("~1", "/").replace("~0", "~");
            node = match node {
                Value::Array(items) => part.parse::<usize>().ok().and_then(|at| items.get(at)),
                _ => node.get(&part),
            }
            .unwrap_or(&Value::Null);
            if let (true, Some(target)) = (part == "$ref", node.as_str()) {
                node = self.schema.pointer(target.trim_start_matches('#')).unwrap_or(&Value::Null);
            }
        }
        node
    }
}

/// Drops missing keys that only have an old or a misspelled name.
fn drop_echoes(findings: &mut Vec<Finding>) {
    let meant: Vec<String> = findings
        .iter()
        .filter(|finding| finding.code == "unknown-key")
        .filter(|finding| finding.help.as_ref().is_none_or(|help| help.starts_with("did you mean")))
        .filter_map(|finding| last_quoted(finding.help.as_ref().unwrap_or(&finding.message)).map(str::to_owned))
        .collect();
    findings.retain(|finding| {
        finding.code != "missing-key" || last_quoted(&finding.message).is_none_or(|key| meant.iter().all(|meant| meant != key))
    });
}

/// The last part of a sentence that is in backticks.
fn last_quoted(text: &str) -> Option<&str> {
    text.rsplit('`').nth(1)
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

/// A valid file that cannot be deserialized. The schema derives from the same types, so this is a gap between the two.
pub(crate) fn gap(file: FileId, error: &serde_json::Error) -> Finding {
    Finding::error("schema", error.to_string()).at(Place { file, span: 0..0 })
}

/// Turns schema errors into findings.
struct SchemaErrors<'a> {
    schema: &'a FileSchema,
    file: FileId,
    tree: &'a Node,
}

impl SchemaErrors<'_> {
    fn findings(&self, error: &ValidationError<'_>, schema_prefix: &str) -> Vec<Finding> {
        let path = segments(error.instance_path().as_str());
        let value = || Place { file: self.file, span: self.tree.find(&path) };
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = self.schema.known_keys(&format!("{schema_prefix}{}", error.schema_path().as_str()));
                unexpected.iter().map(|key| self.unknown_key(&path, key, &known)).collect()
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                vec![Finding::error("missing-key", format!("{} lacks the key `{key}`", subject(&path))).at(value())]
            }
            ValidationErrorKind::Type { kind } => {
                vec![Finding::error("wrong-type", format!("{} must be {}", subject(&path), type_words(kind))).at(value())]
            }
            ValidationErrorKind::Enum { options } => vec![self.unknown_word(&path, error.instance(), &words(options), value())],
            ValidationErrorKind::Constant { expected_value } => {
                vec![self.unknown_word(&path, error.instance(), &words(expected_value), value())]
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                self.best_branch(error, context, &path, value())
            }
            ValidationErrorKind::Pattern { .. } => {
                let schema = self.schema.around(&format!("{schema_prefix}{}", error.schema_path().as_str()));
                let form = schema.get("description").and_then(Value::as_str);
                let message = format!("{} cannot be `{}`", subject(&path), plain(error.instance()));
                vec![
                    Finding::error("wrong-form", message)
                        .at(value())
                        .help(form.map_or_else(|| "see the file's schema".into(), in_a_sentence)),
                ]
            }
            other => vec![
                Finding::error("wrong-value", format!("invalid value for {}: {}", subject(&path), error))
                    .at(value())
                    .label(other.keyword().to_owned()),
            ],
        }
    }

    fn unknown_key(&self, path: &[String], key: &str, known: &[String]) -> Finding {
        let mut full = path.to_vec();
        full.push(key.to_owned());
        let place = Place { file: self.file, span: self.tree.find_key(&full) };
        let new = renamed(key, known);
        match new {
            Some(new) => Finding::error("unknown-key", format!("unknown key `{key}`; it is now `{new}`")).at(place),
            None => {
                suggest(Finding::error("unknown-key", format!("unknown key `{key}` in {}", subject(path))).at(place), key, known)
            }
        }
    }

    fn unknown_word(&self, path: &[String], value: &Value, words: &[String], place: Place) -> Finding {
        let word = plain(value);
        match renamed(&word, words) {
            Some(new) => Finding::error("unknown-word", format!("unknown word `{word}`; it is now `{new}`")).at(place),
            None => {
                suggest(Finding::error("unknown-word", format!("{} cannot be `{word}`", subject(path))).at(place), &word, words)
            }
        }
    }

    /// Of several forms, the author meant the one with the value's JSON type: only its errors are reported.
    fn best_branch(
        &self,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'static>>],
        path: &[String],
        place: Place,
    ) -> Vec<Finding> {
        let wrong_type = |errors: &Vec<ValidationError<'static>>| {
            errors.iter().any(|inner| {
                inner.instance_path() == error.instance_path() && matches!(inner.kind(), ValidationErrorKind::Type { .. })
            })
        };
        let fitting: Vec<&Vec<ValidationError<'static>>> =
            context.iter().filter(|errors| !errors.is_empty() && !wrong_type(errors)).collect();
        let all_words: Vec<String> = fitting
            .iter()
            .flat_map(|errors| errors.iter())
            .filter(|inner| inner.instance_path() == error.instance_path())
            .flat_map(|inner| match inner.kind() {
                ValidationErrorKind::Enum { options } => words(options),
                ValidationErrorKind::Constant { expected_value } => words(expected_value),
                _ => Vec::new(),
            })
            .collect();
        if error.instance().is_string() && !all_words.is_empty() {
            return vec![self.unknown_word(path, error.instance(), &all_words, place)];
        }
        if let Some(finding) = self.unknown_tag(error, &fitting, path) {
            return vec![finding];
        }
        let own = |errors: &[ValidationError<'static>]| errors.iter().any(|inner| inner.instance_path() == error.instance_path());
        match fitting.into_iter().min_by_key(|errors| (own(errors), errors.len())) {
            Some(errors) => errors.iter().flat_map(|inner| self.findings(inner, "")).collect(),
            None => vec![Finding::error("wrong-type", format!("{} must be {}", subject(path), any_of(context))).at(place)],
        }
    }

    /// If each form has its own distinguishing key: the written key, if it is none of these.
    fn unknown_tag(
        &self,
        error: &ValidationError<'_>,
        forms: &[&Vec<ValidationError<'static>>],
        path: &[String],
    ) -> Option<Finding> {
        let tag = |errors: &&Vec<ValidationError<'static>>| {
            errors.iter().filter(|inner| inner.instance_path() == error.instance_path()).find_map(|inner| match inner.kind() {
                ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
                _ => None,
            })
        };
        let tags: Vec<String> = forms.iter().map(tag).collect::<Option<_>>()?;
        let mut keys = error.instance().as_object()?.keys();
        match (keys.next(), keys.next()) {
            (Some(key), None) if tags.len() > 1 => Some(self.unknown_key(path, key, &tags)),
            _ => None,
        }
    }
}

fn subject(path: &[String]) -> String {
    if path.is_empty() { "the file".into() } else { format!("`{}`", path.join(".")) }
}

fn words(options: &Value) -> Vec<String> {
    match options {
        Value::Array(items) => items.iter().map(plain).collect(),
        one => vec![plain(one)],
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A form's description as a sentence: `it is a length of time`.
fn in_a_sentence(description: &str) -> String {
    let mut letters = description.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    format!("it is {}", first.into_iter().chain(letters).collect::<String>())
}

/// The types of several forms, in words.
fn any_of(forms: &[Vec<ValidationError<'static>>]) -> String {
    let mut types: Vec<String> = Vec::new();
    for error in forms.iter().flatten() {
        if let ValidationErrorKind::Type { kind } = error.kind() {
            let word = type_words(kind);
            if !types.contains(&word) {
                types.push(word);
            }
        }
    }
    if types.is_empty() { "of another type".into() } else { types.join(" or ") }
}

fn type_words(kind: &TypeKind) -> String {
    let word = |kind: &str| match kind {
        "object" => "a mapping".to_owned(),
        "array" => "a list".to_owned(),
        "string" => "text".to_owned(),
        "integer" => "a whole number".to_owned(),
        "number" => "a number".to_owned(),
        "boolean" => "true or false".to_owned(),
        other => other.to_owned(),
    };
    match kind {
        TypeKind::Single(one) => word(&one.to_string()),
        TypeKind::Multiple(many) => many
            .iter()
            .map(|one| one.to_string())
            .filter(|one| one != "null")
            .map(|one| word(&one))
            .collect::<Vec<_>>()
            .join(" or "),
    }
}
