//! The part of the comparison that concerns rows: aggregations with their returned fields, and the keys of examples. In: the
//! comparison so far; out: its further findings.

use std::collections::BTreeSet;

use placewise_model::{Aggregation, Coverage, Example, Field, Nullable, Provenance};
use serde_json::Value;

use super::drift::{Drift, list};
use super::json::{Json, Node};
use super::types::same_print;
use super::{ExampleOf, PageAggregation, PublishedExample};
use crate::finding::Place;

/// Compares aggregations.
pub(super) fn aggregations(drift: &mut Drift<'_>) {
    let (page, report) = (drift.page, drift.report);
    for one in &page.aggregations {
        match report.aggregation(&one.name.value) {
            Some(spec) => aggregation(drift, one, spec),
            None => {
                let message = format!("the page describes the aggregation `{}`; the spec does not", one.name.value);
                drift.differs("drift-aggregation-added", message, &one.name.place, &["aggregations"], "`aggregations`");
            }
        }
    }
    let on_page = |spec: &Aggregation| page.aggregations.iter().find(|one| one.name.value == spec.name);
    let last = report.aggregations.iter().rposition(|spec| on_page(spec).is_some());
    for (index, spec) in report.aggregations.iter().enumerate() {
        let beyond = page.ends_early && last.is_none_or(|last| index > last);
        if on_page(spec).is_some() || beyond || spec.provenance != Provenance::Documented {
            continue;
        }
        let before = report.aggregations[..index].iter().rev().find_map(on_page);
        let at = before.map_or(&page.name.place, |one| &one.name.place);
        let message = format!("the spec has the aggregation `{}`; the page does not describe it", spec.name);
        drift.differs("drift-aggregation-missing", message, at, &["aggregations", &spec.name], &format!("`{}`", spec.name));
    }
}

fn aggregation(drift: &mut Drift<'_>, one: &PageAggregation, spec: &Aggregation) {
    let name = spec.name.as_str();
    let known = |key: &str| spec.returns.iter().map(|returned| &returned.field).find(|field| field.name == key);
    for row in &one.returned {
        let key = row.key.value.as_str();
        let Some(field) = known(key) else {
            let message =
                format!("`{name}` returns `{key}` of type {} on the page; the spec does not have it", row.printed.value);
            drift.differs("drift-returned-added", message, &row.key.place, &["aggregations", name, "returns"], "`returns`");
            continue;
        };
        if field.provenance == Provenance::Example {
            let message = format!("the page's table of `{name}` lists `{key}`; the spec has it from examples only");
            drift.differs("drift-standing", message, &row.key.place, &["aggregations", name, "returns", key], "`provenance`");
        }
        if !same_print(&row.printed.value, &field.printed) {
            let message = format!(
                "`{key}`, returned by `{name}`, has the type {} on the page, {} in the spec",
                row.printed.value, field.printed
            );
            drift.differs(
                "drift-type",
                message,
                &row.printed.place,
                &["aggregations", name, "returns", key],
                "`type` or `printed`",
            );
        }
    }
    missing_returned(drift, one, spec);
}

fn missing_returned(drift: &mut Drift<'_>, one: &PageAggregation, spec: &Aggregation) {
    let name = spec.name.as_str();
    let row = |field: &Field| one.returned.iter().find(|row| row.key.value == field.name);
    let last = spec.returns.iter().rposition(|returned| row(&returned.field).is_some());
    let of = ExampleOf::Aggregation(spec.name.clone());
    let page = drift.page;
    let mut rows = page.answers(&of).flat_map(|shown| shown.rows()).peekable();
    let exampled = rows.peek().is_some();
    let keys: BTreeSet<&str> = rows.flat_map(|row| row.members()).map(|member| member.key.as_str()).collect();
    let in_example = drift.report.examples.iter().any(|example| example.aggregation.as_deref() == Some(name));
    for (index, returned) in spec.returns.iter().enumerate() {
        let field = &returned.field;
        let key = field.name.as_str();
        let before = spec.returns[..index].iter().rev().find_map(|returned| row(&returned.field));
        let at = before.map_or(&one.name.place, |row| &row.key.place);
        let path = ["aggregations", name, "returns", key];
        if field.provenance == Provenance::Example {
            // Examples that both have are compared key by key.
            if exampled && !in_example && !keys.contains(key) {
                let message = format!("the spec has `{key}` of `{name}` from examples; no example of the page has it");
                drift.differs("drift-returned-missing", message, at, &path, &format!("`{key}`"));
            }
        } else if row(field).is_none() && !(one.open && last.is_none_or(|last| index > last)) {
            let message = format!("the spec has `{key}` among what `{name}` returns; the page does not list it");
            drift.differs("drift-returned-missing", message, at, &path, &format!("`{key}`"));
        }
    }
}

/// Compares the keys of examples, and looks for null where the spec takes a value as present.
pub(super) fn examples(drift: &mut Drift<'_>) {
    let (page, report) = (drift.page, drift.report);
    // An example page of which only the name is known has no example on this one.
    let here = |example: &&Example| {
        example.coverage != Coverage::NameOnly && (example.source.is_none() || example.source == report.source)
    };
    let mut paired: Vec<bool> = vec![false; report.examples.len()];
    for shown in &page.examples {
        let found = report
            .examples
            .iter()
            .enumerate()
            .filter(|(_, example)| here(example))
            .find(|(index, example)| !paired[*index] && of(example) == shown.of && payload(example, shown.request).is_some());
        match found {
            Some((index, example)) => {
                paired[index] = true;
                if let Some(value) = payload(example, shown.request) {
                    keys(drift, shown, &example.name, value);
                }
            }
            None => {
                let message = format!("the page has an example of {} that the spec has not", words(&shown.of));
                drift.differs("drift-example-added", message, &first_line(shown), &["examples"], "`examples`");
            }
        }
        if !shown.request {
            nulls(drift, shown);
        }
    }
    for (example, _) in
        report.examples.iter().zip(&paired).filter(|(example, paired)| here(example) && !**paired && !page.ends_early)
    {
        let message =
            format!("the spec has the example `{}` of {}; the page has no such example", example.name, words(&of(example)));
        let at = match of(example) {
            ExampleOf::Rows => &page.name.place,
            ExampleOf::Field(name) => page.field(&name).map_or(&page.name.place, |field| &field.place),
            ExampleOf::Aggregation(name) => {
                page.aggregations.iter().find(|one| one.name.value == name).map_or(&page.name.place, |one| &one.name.place)
            }
        };
        drift.differs("drift-example-missing", message, at, &["examples"], "`examples`");
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

/// The first line of an example: the whole would fill a screen.
fn first_line(shown: &PublishedExample) -> Place {
    let length = shown.raw.find(['\n', '\r']).unwrap_or(shown.raw.len());
    Place { file: shown.place.file, span: shown.place.span.start..shown.place.span.start + length }
}

/// At most this many keys are named in one finding.
const NAMED: usize = 8;

fn keys(drift: &mut Drift<'_>, shown: &PublishedExample, example: &str, value: &Value) {
    let mut page = Vec::new();
    page_paths(shown.payload(), "", &mut page);
    let mut spec = BTreeSet::new();
    spec_paths(value, "", &mut spec);
    let mut seen = BTreeSet::new();
    let added: Vec<_> = page.iter().filter(|(path, _)| !spec.contains(path) && seen.insert(path.as_str())).collect();
    if let Some((_, span)) = added.first() {
        let names: Vec<&str> = added.iter().map(|(path, _)| path.as_str()).take(NAMED).collect();
        let more = more(added.len());
        let message = format!(
            "the example of {} has the keys {}{more}, which the spec's example `{example}` lacks",
            words(&shown.of),
            list(&names)
        );
        let at = Place { file: shown.place.file, span: span.clone() };
        drift.differs("drift-example-keys", message, &at, &["examples"], "`examples`");
    }
    let on_page: BTreeSet<&str> = page.iter().map(|(path, _)| path.as_str()).collect();
    let gone: Vec<&str> = spec.iter().map(String::as_str).filter(|path| !on_page.contains(path)).collect();
    if !gone.is_empty() {
        let names: Vec<&str> = gone.iter().copied().take(NAMED).collect();
        let more = more(gone.len());
        let message = format!(
            "the example of {} lacks the keys {}{more}, which the spec's example `{example}` has",
            words(&shown.of),
            list(&names)
        );
        drift.differs("drift-example-keys", message, &first_line(shown), &["examples"], "`examples`");
    }
}

fn more(count: usize) -> String {
    if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() }
}

/// The path of every key, elements of a list not told apart.
fn page_paths(json: &Json, at: &str, out: &mut Vec<(String, std::ops::Range<usize>)>) {
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

fn nulls(drift: &mut Drift<'_>, shown: &PublishedExample) {
    let report = drift.report;
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
            let message = format!("an example of {} shows `{key}` null; the spec takes it as never null", words(&shown.of));
            let place = Place { file: shown.place.file, span: member.span.clone() };
            drift.differs("drift-null", message, &place, &path, "`nullable`");
        }
    }
}
