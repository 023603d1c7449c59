//! Whether a file has the form of the spec language. The JSON Schema that the source types derive is the one truth: editors load it
//! from `generated/schema/spec/`, and here it judges each file. In: a file as JSON and its tree; out: findings at the very key or value,
//! with the nearest known key or word for a misspelt one.

use std::sync::LazyLock;

use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use crate::finding::{FileId, Finding, Place};
use crate::source::tree::Node;
use crate::source::{ApiFile, AssumptionsFile, EndpointsFile, FiltersFile, FormatsFile, ReportFile};
use crate::suggest;

/// The form of one sort of file.
pub struct Shape {
    /// The sort's name, for the schema's file name.
    pub name: &'static str,
    schema: Value,
    validator: Option<Validator>,
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident = $file:literal, $type:ty;)*) => {
        $($(#[$doc])* pub static $name: LazyLock<Shape> = LazyLock::new(|| Shape::of::<$type>($file));)*
        /// Every sort of file.
        pub fn all() -> Vec<&'static Shape> {
            vec![$(&*$name),*]
        }
    };
}

shapes! {
    /// `api.yaml`
    API = "api", ApiFile;
    /// `filters.yaml`
    FILTERS = "filters", FiltersFile;
    /// `formats.yaml`
    FORMATS = "formats", FormatsFile;
    /// `endpoints.yaml`
    ENDPOINTS = "endpoints", EndpointsFile;
    /// `assumptions.yaml`
    ASSUMPTIONS = "assumptions", AssumptionsFile;
    /// `reports/<group>/<report>.yaml`
    REPORT = "report", ReportFile;
}

impl Shape {
    fn of<T: JsonSchema>(name: &'static str) -> Self {
        let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
        bound(&mut schema);
        let validator = jsonschema::validator_for(&schema).ok();
        Self { name, schema, validator }
    }

    /// The JSON Schema, for editors.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// Everything about the file that is not of this form. What is wrong is cut out of `json`, so that the rest can be judged in the
    /// same run.
    pub fn check(&self, file: FileId, tree: &Node, json: &mut Value) -> Vec<Finding> {
        let Some(validator) = &self.validator else {
            return vec![Finding::error("shape", "the schema of this file does not compile").at(Place { file, span: 0..0 })];
        };
        if validator.is_valid(json) {
            return Vec::new();
        }
        let judge = Judge { shape: self, file, tree };
        let mut findings = Vec::new();
        let mut cuts = Vec::new();
        for error in validator.iter_errors(json) {
            findings.extend(judge.findings(&error, ""));
            cuts.extend(wrong_parts(&error).into_iter().map(whole_part));
        }
        drop_echoes(&mut findings);
        // Later elements first, so that the places of earlier ones in a list still hold.
        cuts.sort();
        cuts.dedup();
        for path in cuts.iter().rev() {
            mend(json, path);
        }
        findings
    }

    /// The keys that the schema lists at that schema path (the path of a failed `additionalProperties`).
    fn known_keys(&self, schema_path: &str) -> Vec<String> {
        let mut node = self.around(schema_path);
        // A struct with a flattened or shared part may have its keys one reference further.
        if let Some(target) = node.get("$ref").and_then(Value::as_str) {
            node = self.schema.pointer(target.trim_start_matches('#')).unwrap_or(&Value::Null);
        }
        node.get("properties").and_then(Value::as_object).map(|keys| keys.keys().cloned().collect()).unwrap_or_default()
    }

    /// The schema that holds the failed keyword at the end of that schema path.
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

/// A key that is missing because it is misspelt was told already.
fn drop_echoes(findings: &mut Vec<Finding>) {
    let meant: Vec<String> =
        findings.iter().filter(|finding| finding.code == "unknown-key").filter_map(|finding| finding.help.clone()).collect();
    findings.retain(|finding| {
        let key = finding.message.rsplit('`').nth(1).unwrap_or_default();
        finding.code != "missing-key" || !meant.contains(&format!("did you mean `{key}`?"))
    });
}

/// Numbers get the bounds of their Rust types: the derived schema has the lower one only.
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

/// The keys or values that make an error; a key that is missing counts as wrong.
fn wrong_parts(error: &ValidationError<'_>) -> Vec<Vec<String>> {
    let path = segments(error.instance_path().as_str());
    let with = |key: &str| [&path[..], &[key.to_owned()]].concat();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected.iter().map(|key| with(key)).collect(),
        ValidationErrorKind::Required { property } => property.as_str().map(with).into_iter().collect(),
        _ => vec![path],
    }
}

/// What is cut out with a wrong part: relations, fields without names and the simulator's part are of no use in halves.
fn whole_part(mut path: Vec<String>) -> Vec<String> {
    match path.first().map(String::as_str) {
        Some("relations" | "unnamed") => path.truncate(2),
        Some("simulate") => path.truncate(1),
        _ => {}
    }
    path
}

/// Takes out what is wrong, or puts something in its place that raises no finding of its own, so that rules can judge the rest: a field
/// that others may refer to stays a field.
fn mend(json: &mut Value, path: &[String]) {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    let stand_in = match words[..] {
        ["format"] => Some("records".into()),
        ["coverage"] => Some("partial".into()),
        ["examples", _, "coverage"] => Some("partial".into()),
        ["endpoints", _, "coverage"] => Some("partial".into()),
        [.., "fields" | "returns" | "labels", _] | ["endpoints", _, "request" | "response", _] => {
            Some(serde_json::json!({ "type": "json" }))
        }
        [.., "fields" | "returns" | "labels", _, "type"] | ["endpoints", _, "request" | "response", _, "type"] => {
            Some("json".into())
        }
        _ => None,
    };
    let Some((last, parents)) = path.split_last() else { return };
    let mut node = json;
    for part in parents {
        let next = match node {
            Value::Array(items) => part.parse::<usize>().ok().and_then(|at| items.get_mut(at)),
            other => other.get_mut(part),
        };
        match next {
            Some(next) => node = next,
            None => return,
        }
    }
    match (node, stand_in) {
        (Value::Object(entries), Some(value)) => {
            entries.insert(last.clone(), value);
        }
        (Value::Object(entries), None) => {
            entries.shift_remove(last);
        }
        (Value::Array(items), _) => {
            if let Some(at) = last.parse::<usize>().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

struct Judge<'a> {
    shape: &'a Shape,
    file: FileId,
    tree: &'a Node,
}

impl Judge<'_> {
    fn findings(&self, error: &ValidationError<'_>, schema_prefix: &str) -> Vec<Finding> {
        let path = segments(error.instance_path().as_str());
        let value = || Place { file: self.file, span: self.tree.find(&path) };
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = self.shape.known_keys(&format!("{schema_prefix}{}", error.schema_path().as_str()));
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
                let schema = self.shape.around(&format!("{schema_prefix}{}", error.schema_path().as_str()));
                let form = schema.get("description").and_then(Value::as_str);
                let message = format!("{} cannot be `{}`", subject(&path), plain(error.instance()));
                vec![
                    Finding::error("wrong-form", message)
                        .at(value())
                        .help(form.map_or_else(|| "see the schema".into(), in_a_sentence)),
                ]
            }
            other => vec![
                Finding::error("wrong-value", format!("{} is not as the spec language wants it: {}", subject(&path), error))
                    .at(value())
                    .label(other.keyword().to_owned()),
            ],
        }
    }

    fn unknown_key(&self, path: &[String], key: &str, known: &[String]) -> Finding {
        let mut full = path.to_vec();
        full.push(key.to_owned());
        let finding = Finding::error("unknown-key", format!("unknown key `{key}` in {}", subject(path)))
            .at(Place { file: self.file, span: self.tree.find_key(&full) });
        suggest::help(finding, key, known)
    }

    fn unknown_word(&self, path: &[String], value: &Value, words: &[String], place: Place) -> Finding {
        let finding = Finding::error("unknown-word", format!("{} cannot be `{}`", subject(path), plain(value))).at(place);
        suggest::help(finding, &plain(value), words)
    }

    /// Of several forms a value may have, the author meant the one of its JSON type: its complaints are the ones to hear.
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

    /// Where each form has a key of its own that tells which it is: the key written, when it is none of these.
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

fn segments(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
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

/// A description of a form as the end of a sentence: `it is a length of time`.
fn in_a_sentence(description: &str) -> String {
    let mut letters = description.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    format!("it is {}", first.into_iter().chain(letters).collect::<String>())
}

/// The types of several forms, for people.
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
