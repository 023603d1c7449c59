//! Turns the errors of a schema into findings, in the words of the spec language.

use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use serde_json::Value;

use super::invalid_parts::segments;
use super::old_words::renamed;
use super::yaml_tree::Node;
use crate::finding::{FileId, Finding, Place, suggest};

/// Turns schema errors into findings.
pub(super) struct SchemaErrors<'a> {
    /// The JSON Schema of the file.
    pub(super) schema: &'a Value,
    pub(super) file: FileId,
    pub(super) tree: &'a Node,
}

impl SchemaErrors<'_> {
    /// The findings of one error. `schema_prefix` is the path in the schema of the error's own path.
    pub(super) fn findings(&self, error: &ValidationError<'_>, schema_prefix: &str) -> Vec<Finding> {
        let path = segments(error.instance_path().as_str());
        let value = || Place { file: self.file, span: self.tree.find(&path) };
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = self.known_keys(&format!("{schema_prefix}{}", error.schema_path().as_str()));
                unexpected.iter().map(|key| self.unknown_key(&path, key, &known)).collect()
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let finding = Finding::error("missing-key", format!("{} lacks the key `{key}`", subject(&path))).at(value());
                vec![finding.help(format!("add `{key}: …`"))]
            }
            ValidationErrorKind::Type { kind } => {
                let finding = Finding::error("wrong-type", format!("{} must be {}", subject(&path), type_words(kind)));
                vec![finding.at(value()).help(type_help(&types(kind), error.instance()))]
            }
            ValidationErrorKind::Enum { options } => vec![self.unknown_word(&path, error.instance(), &words(options), value())],
            ValidationErrorKind::Constant { expected_value } => {
                vec![self.unknown_word(&path, error.instance(), &words(expected_value), value())]
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                self.best_branch(error, context, &path, value())
            }
            ValidationErrorKind::Pattern { .. } => {
                let schema = self.around(&format!("{schema_prefix}{}", error.schema_path().as_str()));
                let form = schema.get("description").and_then(Value::as_str);
                let message = format!("{} cannot be `{}`", subject(&path), plain(error.instance()));
                vec![
                    Finding::error("wrong-form", message)
                        .at(value())
                        .help(form.map_or_else(|| "see the file's schema".into(), in_a_sentence)),
                ]
            }
            ValidationErrorKind::Minimum { limit } => {
                vec![self.out_of_range(&path, error.instance(), &format!("at least {limit}"), value())]
            }
            ValidationErrorKind::Maximum { limit } => {
                vec![self.out_of_range(&path, error.instance(), &format!("at most {limit}"), value())]
            }
            other => vec![
                Finding::error("wrong-value", format!("invalid value for {}: {}", subject(&path), error))
                    .at(value())
                    .label(other.keyword().to_owned())
                    .help("see the file's schema in generated/schema/spec/"),
            ],
        }
    }

    fn out_of_range(&self, path: &[String], value: &Value, limit: &str, place: Place) -> Finding {
        Finding::error("wrong-value", format!("{} cannot be {}", subject(path), plain(value)))
            .at(place)
            .help(format!("write a number that is {limit}"))
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
        let mut node = self.schema;
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
            None => {
                let kinds: Vec<String> = context.iter().flatten().filter_map(wanted).flatten().collect();
                let finding = Finding::error("wrong-type", format!("{} must be {}", subject(path), any_of(context))).at(place);
                vec![finding.help(type_help(&kinds, error.instance()))]
            }
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

/// The JSON types that a value may have, without null: a key that is absent says that.
fn types(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(many) => many.iter().map(|one| one.to_string()).filter(|one| one != "null").collect(),
    }
}

/// The types that an error asks for.
fn wanted(error: &ValidationError<'_>) -> Option<Vec<String>> {
    match error.kind() {
        ValidationErrorKind::Type { kind } => Some(types(kind)),
        _ => None,
    }
}

fn type_words(kind: &TypeKind) -> String {
    let word = |kind: String| match kind.as_str() {
        "object" => "a mapping".to_owned(),
        "array" => "a list".to_owned(),
        "string" => "text".to_owned(),
        "integer" => "a whole number".to_owned(),
        "number" => "a number".to_owned(),
        "boolean" => "true or false".to_owned(),
        _ => kind,
    };
    types(kind).into_iter().map(word).collect::<Vec<_>>().join(" or ")
}

/// What to write instead of a value of the wrong type.
fn type_help(wanted: &[String], value: &Value) -> String {
    let wants = |kind: &str| wanted.iter().any(|one| one == kind);
    let dash = value.as_object().and_then(|entries| entries.keys().find(|key| key.starts_with('-')));
    match value {
        Value::Null => "write its value".into(),
        _ if wants("object") && wants("boolean") => "write `true`, `false` or `{ assumed: <id> }`".into(),
        _ if wants("string") && !matches!(value, Value::Array(_) | Value::Object(_)) => {
            format!("put it in double quotes: `\"{}\"`", short(&plain(value)))
        }
        _ if wants("array") && dash.is_some() => "write a space after each `-`".into(),
        _ if wants("array") => "write a list: `[a, b]`, or lines that start with `- `".into(),
        _ if wants("string") => "write one text; put text that starts with `{` or `[` in double quotes".into(),
        Value::Bool(flag) if wants("object") => format!("write `key: value` lines below it, not `{flag}`"),
        _ if wants("object") => "write `key: value` lines below it, indented further, or `{ key: value }`".into(),
        _ if wants("boolean") => "write `true` or `false`; YAML reads `yes`, `no`, `on` and `off` as text".into(),
        _ => "write it in digits, such as `3`, without quotes, commas or a unit".into(),
    }
}

/// The start of a text.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Drops missing keys that only have an old or a misspelled name.
pub(super) fn drop_echoes(findings: &mut Vec<Finding>) {
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
