//! Compares examples by their keys, finds nulls where the spec says "never null", and finds quirks that no longer hold.

use std::collections::BTreeSet;
use std::ops::Range;

use placewise_model::{Coverage, Example, Nullable, QuirkKind};
use serde_json::Value;

use super::comparison::{Comparison, list};
use crate::finding::Place;
use crate::published::read::{ExampleOf, Json, Node, PublishedExample};

impl Comparison<'_> {
    /// Compares examples.
    pub(super) fn examples(&mut self) {
        let (page, report) = (self.page, self.report);
        // A name-only example has a page of its own.
        let here = |example: &&Example| {
            example.coverage != Coverage::NameOnly && (example.source.is_none() || example.source == report.source)
        };
        let mut paired: Vec<bool> = vec![false; report.examples.len()];
        for shown in &page.examples {
            let found = report.examples.iter().enumerate().find(|(index, example)| {
                here(example) && !paired[*index] && of(example) == shown.of && payload(example, shown.request).is_some()
            });
            match found {
                Some((index, example)) => {
                    paired[index] = true;
                    if let Some(value) = payload(example, shown.request) {
                        keys(self, shown, &example.name, value);
                    }
                }
                None => {
                    let message = format!("the page has an example of {}, the spec does not", words(&shown.of));
                    self.differs("drift-example-added", message, &first_line(shown), &["examples"], "`examples`");
                }
            }
            if !shown.request {
                nulls(self, shown);
            }
        }
        for (example, _) in
            report.examples.iter().zip(&paired).filter(|(example, paired)| here(example) && !**paired && !page.ends_early)
        {
            let message =
                format!("the spec has the example `{}` of {}, the page has no such example", example.name, words(&of(example)));
            let at = match of(example) {
                ExampleOf::Rows => &page.name.place,
                ExampleOf::Field(name) => page.field(&name).map_or(&page.name.place, |field| &field.place),
                ExampleOf::Aggregation(name) => {
                    page.aggregations.iter().find(|one| one.name.value == name).map_or(&page.name.place, |one| &one.name.place)
                }
            };
            self.differs("drift-example-missing", message, at, &["examples"], "`examples`");
        }
    }

    /// Finds quirks about broken examples that are valid now.
    pub(super) fn quirks(&mut self) {
        let page = self.page;
        let of = |name: &str| {
            page.examples.iter().filter(|example| matches!(&example.of, ExampleOf::Field(of) if of == name)).collect::<Vec<_>>()
        };
        for quirk in self.report.quirks.iter().filter(|quirk| quirk.kind == QuirkKind::BrokenExample) {
            for at in &quirk.at {
                let examples = of(at);
                if let Some(first) = examples.first().filter(|_| examples.iter().all(|example| example.repaired.is_empty())) {
                    let message = format!("the page's example of `{at}` is valid JSON, but a quirk marks it as broken");
                    self.differs("drift-quirk", message, &first.place, &["quirks"], "`quirks`");
                    self.soften();
                }
            }
        }
    }
}

fn payload(example: &Example, request: bool) -> Option<&Value> {
    if request { example.request.as_ref() } else { example.response.as_ref() }
}

fn of(example: &Example) -> ExampleOf {
    match (&example.aggregation, &example.field) {
        (Some(name), _) => ExampleOf::Aggregation(name.clone()),
        (None, Some(name)) => ExampleOf::Field(name.clone()),
        (None, None) => ExampleOf::Rows,
    }
}

fn words(of: &ExampleOf) -> String {
    match of {
        ExampleOf::Rows => "the query without aggregations".into(),
        ExampleOf::Aggregation(name) => format!("the aggregation `{name}`"),
        ExampleOf::Field(name) => format!("the field `{name}`"),
    }
}

/// The first line of an example; the whole example would fill a screen.
fn first_line(shown: &PublishedExample) -> Place {
    let length = shown.raw.find(['\n', '\r']).unwrap_or(shown.raw.len());
    Place { file: shown.place.file, span: shown.place.span.start..shown.place.span.start + length }
}

/// One finding names at most this many keys.
const NAMED: usize = 8;

fn keys(comparison: &mut Comparison<'_>, shown: &PublishedExample, example: &str, value: &Value) {
    let mut page = Vec::new();
    page_paths(shown.payload(), "", &mut page);
    let mut spec = BTreeSet::new();
    spec_paths(value, "", &mut spec);
    let mut seen = BTreeSet::new();
    let added: Vec<_> = page.iter().filter(|(path, _)| !spec.contains(path) && seen.insert(path.as_str())).collect();
    if let Some((_, span)) = added.first() {
        let message = format!(
            "the example of {} has keys that the spec's example `{example}` lacks: {}",
            words(&shown.of),
            names(added.iter().map(|(path, _)| path.as_str()))
        );
        let at = Place { file: shown.place.file, span: span.clone() };
        comparison.differs("drift-example-keys", message, &at, &["examples"], "`examples`");
    }
    let on_page: BTreeSet<&str> = page.iter().map(|(path, _)| path.as_str()).collect();
    let gone: Vec<&str> = spec.iter().map(String::as_str).filter(|path| !on_page.contains(path)).collect();
    if !gone.is_empty() {
        let message = format!(
            "the example of {} lacks keys that the spec's example `{example}` has: {}",
            words(&shown.of),
            names(gone.iter().copied())
        );
        comparison.differs("drift-example-keys", message, &first_line(shown), &["examples"], "`examples`");
    }
}

/// The first names of a list, and how many more there are.
fn names<'n>(all: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = all.len().saturating_sub(NAMED);
    let first = list(&all.take(NAMED).collect::<Vec<_>>());
    if more > 0 { format!("{first} and {more} more") } else { first }
}

/// The path of every key. All elements of a list have the same path.
fn page_paths(json: &Json, at: &str, out: &mut Vec<(String, Range<usize>)>) {
    for element in json.elements() {
        page_paths(element, at, out);
    }
    for member in json.members() {
        let path = join(at, &member.key);
        page_paths(&member.value, &path, out);
        out.push((path, member.span.clone()));
    }
}

fn spec_paths(value: &Value, at: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| spec_paths(element, at, out)),
        Value::Object(members) => {
            for (key, value) in members {
                let path = join(at, key);
                spec_paths(value, &path, out);
                out.insert(path);
            }
        }
        _ => {}
    }
}

fn join(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

/// Finds nulls in a response where the spec says "never null".
fn nulls(comparison: &mut Comparison<'_>, shown: &PublishedExample) {
    let report = comparison.report;
    let mut seen = BTreeSet::new();
    for member in shown.rows().iter().flat_map(|row| row.members()).filter(|member| member.value.node == Node::Null) {
        let key = member.key.as_str();
        let (field, path) = match &shown.of {
            ExampleOf::Field(_) => return,
            ExampleOf::Rows => (report.field(key), vec!["fields", key, "nullable"]),
            ExampleOf::Aggregation(name) => {
                let of = report.aggregation(name).and_then(|one| one.returns.iter().find(|returned| returned.field.name == key));
                (of.map(|returned| &returned.field), vec!["aggregations", name, "returns", key])
            }
        };
        if field.is_some_and(|field| matches!(field.nullable, Nullable::Never | Nullable::AssumedNever)) && seen.insert(key) {
            let message = format!("an example of {} has `{key}: null`, but the spec says it is never null", words(&shown.of));
            let place = Place { file: shown.place.file, span: member.span.clone() };
            comparison.differs("drift-null", message, &place, &path, "`nullable`");
        }
    }
}
