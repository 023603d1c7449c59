//! Turns the errors of a schema into findings, in the words of the spec language.

use std::collections::{HashMap, HashSet};

use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use placewise_model::nearest;
use serde_json::Value;

use super::invalid_parts::segments;
use super::old_words::renamed;
use super::yaml_tree::Node;
use crate::finding::{FileId, Finding, Fix, Place, codes, suggest};

/// What a schema rejects: a part of a file, with its finding.
pub struct Rejection {
    /// The rejected key or value; a missing key is one too.
    pub path: Vec<String>,
    /// The known key that an unknown one stands for.
    pub meant: Option<String>,
    /// Whether it is a key without a value, as a comma in text makes one.
    pub bare: bool,
    /// What is wrong with it.
    pub finding: Finding,
}

impl Rejection {
    fn new(path: &[String], finding: Finding) -> Self {
        Self { path: path.to_vec(), meant: None, bare: false, finding }
    }

    /// The path of the key that the author meant.
    pub(super) fn meant(&self) -> Option<Vec<String>> {
        let (_, parents) = self.path.split_last()?;
        self.meant.as_ref().map(|key| [parents, std::slice::from_ref(key)].concat())
    }
}

/// Turns schema errors into findings.
pub(super) struct SchemaErrors<'a> {
    /// The JSON Schema of the file.
    pub(super) schema: &'a Value,
    pub(super) file: FileId,
    pub(super) tree: &'a Node,
}

impl SchemaErrors<'_> {
    /// The findings of one error. `schema_prefix` is the path in the schema of the error's own path.
    pub(super) fn findings(&self, error: &ValidationError<'_>, schema_prefix: &str) -> Vec<Rejection> {
        let path = segments(error.instance_path().as_str());
        let value = || Place { file: self.file, span: self.tree.find(&path) };
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = self.known_keys(&format!("{schema_prefix}{}", error.schema_path().as_str()));
                unexpected.iter().map(|key| self.unknown_key(&path, error.instance(), key, &known)).collect()
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let finding = Finding::new(codes::MISSING_KEY, format!("{} lacks the key `{key}`", subject(&path))).at(value());
                let path = [&path[..], &[key.to_owned()]].concat();
                vec![Rejection::new(&path, finding.help(format!("add `{key}: …`")))]
            }
            ValidationErrorKind::Type { kind } => {
                let finding = Finding::new(codes::WRONG_TYPE, format!("{} must be {}", subject(&path), type_words(kind)));
                let schema = self.around(&format!("{schema_prefix}{}", error.schema_path().as_str()));
                let form = schema.get("description").and_then(Value::as_str).filter(|_| schema.get("pattern").is_some());
                let help = form.map_or_else(|| type_help(&types(kind), error.instance()), in_a_sentence);
                vec![Rejection::new(&path, finding.at(value()).help(help))]
            }
            ValidationErrorKind::Enum { options: known } | ValidationErrorKind::Constant { expected_value: known } => {
                vec![Rejection::new(&path, unknown_word(&path, error.instance(), &words(known), value()))]
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                self.best_branch(error, context, &path, value())
            }
            ValidationErrorKind::Pattern { .. } => {
                let schema = self.around(&format!("{schema_prefix}{}", error.schema_path().as_str()));
                let form = schema.get("description").and_then(Value::as_str);
                let message = format!("{} cannot be `{}`", subject(&path), plain(error.instance()));
                let help = form.map_or_else(|| "see the file's schema".into(), in_a_sentence);
                vec![Rejection::new(&path, Finding::new(codes::WRONG_FORM, message).at(value()).help(help))]
            }
            other => {
                let message = format!("{} cannot be {}", subject(&path), short(&plain(error.instance())));
                let help = match other {
                    ValidationErrorKind::Minimum { limit } => format!("write a number that is at least {limit}"),
                    ValidationErrorKind::Maximum { limit } => format!("write a number that is at most {limit}"),
                    _ => error.to_string(),
                };
                vec![Rejection::new(&path, Finding::new(codes::WRONG_VALUE, message).at(value()).help(help))]
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

    fn unknown_key(&self, path: &[String], around: &Value, key: &str, known: &[String]) -> Rejection {
        let full = [path, &[key.to_owned()]].concat();
        let place = Place { file: self.file, span: self.tree.find_key(&full) };
        let entry = |known: &str| around.get(known).is_some();
        // A key that is there already is not what was meant.
        let absent: Vec<&str> = known.iter().map(String::as_str).filter(|known| !entry(known)).collect();
        let bare = around[key].is_null();
        let glued = key.split([':', ' ', '=']).next().filter(|word| bare && *word != key && absent.contains(word));
        let (meant, finding) = if let Some(word) = glued {
            let rest = key[word.len()..].trim_start_matches([':', ' ', '=']);
            let finding = Finding::new(codes::UNKNOWN_KEY, format!("`{}` has no colon with a space after it", short(key)));
            let finding = finding.at(place.clone()).help(format!("write `{word}: {}`", short(rest)));
            (Some(word), finding.fix(Fix::space(place)))
        } else if let Some(new) = renamed(key, known) {
            let finding = Finding::new(codes::UNKNOWN_KEY, format!("unknown key `{key}`; it is now `{new}`"));
            let fix = absent.contains(&new).then(|| Fix::word(place.clone(), key, new));
            (Some(new), Finding { fix, ..finding.at(place).help(format!("write `{new}`")) })
        } else {
            let finding =
                Finding::new(codes::UNKNOWN_KEY, format!("unknown key `{}` in {}", short(key), subject(path))).at(place);
            match nearest(key, absent.iter().copied()) {
                Some(near) => (Some(near), suggest(finding, key, &absent)),
                None if bare => {
                    let message = format!("a comma before `{}` makes it a key of {}", short(key), subject(path));
                    (
                        None,
                        Finding { message, ..finding }
                            .help("put text with a comma or a brace in double quotes, and a list in brackets"),
                    )
                }
                None => (None, suggest(finding, key, known)),
            }
        };
        Rejection { path: full, meant: meant.map(str::to_owned), bare, finding }
    }

    /// Of several forms, the author meant the one with the value's JSON type: only its errors are reported.
    fn best_branch(
        &self,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'static>>],
        path: &[String],
        place: Place,
    ) -> Vec<Rejection> {
        let wrong_type = |errors: &Vec<ValidationError<'static>>| {
            errors.iter().any(|inner| is_wrong_type(inner, error.instance_path().as_str()))
        };
        let fitting: Vec<&Vec<ValidationError<'static>>> =
            context.iter().filter(|errors| !errors.is_empty() && !wrong_type(errors)).collect();
        let words_here =
            fitting.iter().flat_map(|errors| errors.iter()).filter(|inner| inner.instance_path() == error.instance_path());
        let all_known: Vec<String> = words_here.flat_map(words_of).collect();
        let list = context.iter().flatten().filter_map(wanted).flatten().any(|kind| kind == "array");
        if let (true, Some(word)) = (list, error.instance().as_str())
            && nearest(word, all_known.iter().map(String::as_str)).is_none()
        {
            let finding = Finding::new(codes::WRONG_TYPE, format!("{} must be a list", subject(path))).at(place);
            return vec![Rejection::new(path, finding.help(type_help(&["array".into()], error.instance())))];
        }
        if error.instance().is_string() && !all_known.is_empty() {
            return vec![Rejection::new(path, unknown_word(path, error.instance(), &all_known, place))];
        }
        if let Some(rejection) = self.unknown_tag(error, &fitting, path) {
            return vec![rejection];
        }
        if let Some(rejection) = self.other_form(error, path) {
            return vec![rejection];
        }
        let own = |errors: &[ValidationError<'static>]| errors.iter().any(|inner| inner.instance_path() == error.instance_path());
        match fitting.into_iter().min_by_key(|errors| (own(errors), errors.len())) {
            Some(errors) => errors.iter().flat_map(|inner| self.findings(inner, "")).collect(),
            // YAML's `true`, or a number, where a word is wanted.
            None if (error.instance().is_boolean() || error.instance().is_number()) && !all_words(context).is_empty() => {
                vec![Rejection::new(path, unknown_word(path, error.instance(), &all_words(context), place))]
            }
            None => {
                let kinds: Vec<String> = context.iter().flatten().filter_map(wanted).flatten().collect();
                let finding = Finding::new(codes::WRONG_TYPE, format!("{} must be {}", subject(path), any_of(context))).at(place);
                vec![Rejection::new(path, finding.help(type_help(&kinds, error.instance())))]
            }
        }
    }

    /// If each form has its own distinguishing key: the written key, if what follows it fits exactly one other form.
    fn other_form(&self, error: &ValidationError<'_>, path: &[String]) -> Option<Rejection> {
        let (tag, inner) = error.instance().as_object().filter(|entries| entries.len() == 1)?.iter().next()?;
        let inner = inner.as_object().filter(|entries| !entries.is_empty())?;
        let schema = self.around(error.schema_path().as_str());
        let forms = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array())?;
        let fitting = forms.iter().filter_map(|form| {
            let (name, of) = form.get("properties")?.as_object().filter(|of| of.len() == 1)?.iter().next()?;
            let known = of.get("properties")?.as_object()?;
            let needed = of.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let fits = inner.keys().all(|key| known.contains_key(key)) && needed.into_iter().all(|key| inner.contains_key(key));
            fits.then_some(name)
        });
        let fitting: Vec<&String> = fitting.collect();
        let [meant] = fitting[..] else { return None };
        let full = [path, std::slice::from_ref(tag)].concat();
        let place = Place { file: self.file, span: self.tree.find_key(&full) };
        let finding = Finding::new(codes::UNKNOWN_KEY, format!("`{}` has the keys of `{meant}`", full.join(".")));
        let finding = finding.at(place).help(format!("write `{meant}`, or the keys of `{tag}`"));
        (meant != tag).then(|| Rejection::new(path, finding))
    }

    /// If each form has its own distinguishing key: the written key, if it is none of these.
    fn unknown_tag(
        &self,
        error: &ValidationError<'_>,
        forms: &[&Vec<ValidationError<'static>>],
        path: &[String],
    ) -> Option<Rejection> {
        let tag = |errors: &&Vec<ValidationError<'static>>| {
            errors.iter().filter(|inner| inner.instance_path() == error.instance_path()).find_map(|inner| match inner.kind() {
                ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
                _ => None,
            })
        };
        let tags: Vec<String> = forms.iter().map(tag).collect::<Option<_>>()?;
        let mut keys = error.instance().as_object()?.keys();
        match (keys.next(), keys.next()) {
            (Some(key), None) if tags.len() > 1 => Some(self.unknown_key(path, error.instance(), key, &tags)),
            _ => None,
        }
    }
}

/// Whether an error says that the value at a path has the wrong type, in all of its forms if there are several.
fn is_wrong_type(error: &ValidationError<'_>, path: &str) -> bool {
    error.instance_path().as_str() == path
        && match error.kind() {
            ValidationErrorKind::Type { .. } => true,
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                context.iter().all(|errors| errors.iter().any(|inner| is_wrong_type(inner, path)))
            }
            _ => false,
        }
}

/// The words that an error lists.
fn words_of(error: &ValidationError<'_>) -> Vec<String> {
    match error.kind() {
        ValidationErrorKind::Enum { options: known } | ValidationErrorKind::Constant { expected_value: known } => words(known),
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => all_words(context),
        _ => Vec::new(),
    }
}

fn all_words(forms: &[Vec<ValidationError<'static>>]) -> Vec<String> {
    forms.iter().flatten().flat_map(words_of).collect()
}

fn unknown_word(path: &[String], value: &Value, words: &[String], place: Place) -> Finding {
    let word = plain(value);
    if let Some(new) = renamed(&word, words) {
        let finding = Finding::new(codes::UNKNOWN_WORD, format!("unknown word `{word}`; it is now `{new}`"));
        return finding.at(place.clone()).help(format!("write `{new}`")).fix(Fix::word(place, &word, new));
    }
    let finding = Finding::new(codes::UNKNOWN_WORD, format!("{} cannot be `{}`", subject(path), short(&word))).at(place);
    // Other words for yes and no, some of which YAML 1.1 had.
    let meant = match word.as_str() {
        "true" | "on" | "y" => "yes",
        "false" | "off" | "n" => "no",
        _ => &word,
    };
    suggest(finding, if words.iter().any(|known| known == meant) { meant } else { &word }, words)
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
        _ if wants("object") && wants("integer") => "write a whole number or `{ assumed: <id> }`".into(),
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

/// Drops missing keys that only have an old, a misspelled or another name.
pub(super) fn drop_echoes(rejections: &mut Vec<Rejection>) {
    let meant: HashSet<Vec<String>> = rejections.iter().filter_map(Rejection::meant).collect();
    rejections.retain(|rejection| rejection.finding.code != codes::MISSING_KEY || !meant.contains(&rejection.path));
    let around = |of: &Rejection| of.path[..of.path.len().saturating_sub(1)].to_vec();
    // Each unknown key without a meaning may be one that is missing.
    let mut unknown: HashMap<Vec<String>, usize> = HashMap::new();
    for rejection in rejections.iter().filter(|of| of.finding.code == codes::UNKNOWN_KEY && of.meant.is_none() && !of.bare) {
        *unknown.entry(around(rejection)).or_default() += 1;
    }
    rejections.retain(|rejection| {
        let free = unknown.get_mut(&around(rejection)).filter(|left| rejection.finding.code == codes::MISSING_KEY && **left > 0);
        free.map(|left| *left -= 1).is_none()
    });
}
