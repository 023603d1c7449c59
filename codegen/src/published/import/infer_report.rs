//! Infers a report file from a published page: types, nullability, keys that only examples have, and contradictions of the page. What
//! the page does not state is left out.

use std::collections::{HashMap, HashSet};

use placewise_model::{Filterability, Nullable, QuirkKind};

use super::example_types::{extra_keys, fits, from_example, type_of, zoneless};
use super::outline::{AggregationOutline, FieldOutline, QuirkOutline, ReportOutline};
use super::yaml_text::scalar;
use crate::published::read::{
    ExampleOf, Json, Metric, Node, PrintedType, PublishedAggregation, PublishedField, PublishedPage, ReturnedRow, same_print,
};
use crate::source::usual_print;

/// The outline of a page's report.
pub(super) fn infer(page: &PublishedPage) -> ReportOutline {
    let mut quirks = Quirks::default();
    let rows: Vec<&Json> = page.responses(&ExampleOf::Rows).flat_map(|example| example.rows()).collect();
    let seen = Seen::new(page, &rows);
    let mut fields = Vec::new();
    for field in page.fields.iter().filter(|field| field.name.is_some() && !field.cut_before_type()) {
        let outline = report_field(field, page.shared_column(), &seen, &mut quirks);
        let marked = page.deprecated.iter().any(|one| one.value == ["fields", field.name()]);
        fields.push(FieldOutline { deprecated: marked, ..outline });
    }
    let known: HashSet<&str> = page.fields.iter().map(|field| field.name()).collect();
    let unnamed = page.fields.iter().any(|field| field.name.is_none());
    for (key, values) in extra_keys(&rows, &known) {
        let mut field = from_example(key, &values);
        if unnamed {
            field.remark = Some("perhaps one of the fields without a name".into());
        } else if !page.fields_open {
            quirks.add(QuirkKind::OnlyInExamples, key);
        }
        if zoneless(&field, &values) {
            quirks.add(QuirkKind::Zoneless, key);
        }
        fields.push(field);
    }
    let known = Known {
        page: page.fields.iter().map(|field| (field.name(), field)).collect(),
        fields: fields.iter().map(|field| (field.name.as_str(), field)).collect(),
    };
    let series = page.format.value == "timeseries";
    let labels = series.then(|| {
        let rows = page.labels.as_ref().map(|labels| labels.rows.as_slice());
        label_keys(page, &ExampleOf::Rows, rows.unwrap_or_default(), &known)
    });
    let labels = labels.filter(|labels| !labels.is_empty());
    let mut of = |one: &PublishedAggregation| {
        if series { series_aggregation(page, one, &known) } else { aggregation(page, one, &known, &mut quirks) }
    };
    let aggregations = page.aggregations.iter().filter(|one| !one.unnamed).map(&mut of).collect();
    for example in page.examples.iter().filter(|example| !example.repaired.is_empty()) {
        // A quirk needs a field; a comment beside any other example says that it was repaired.
        if let ExampleOf::Field(name) = &example.of {
            quirks.add(QuirkKind::BrokenExample, name);
        }
    }
    ReportOutline { fields, labels, aggregations, quirks: quirks.finish() }
}

/// The report's fields that aggregations refer to.
struct Known<'p> {
    /// As in the page's tables.
    page: HashMap<&'p str, &'p PublishedField>,
    /// As outlined, including fields that only examples show.
    fields: HashMap<&'p str, &'p FieldOutline>,
}

/// The contradictions found so far.
#[derive(Default)]
struct Quirks {
    list: Vec<(QuirkKind, String)>,
    met: HashSet<(QuirkKind, String)>,
}

impl Quirks {
    fn add(&mut self, kind: QuirkKind, at: &str) {
        if self.met.insert((kind, at.to_owned())) {
            self.list.push((kind, at.to_owned()));
        }
    }

    fn finish(self) -> Vec<QuirkOutline> {
        let sentences = [
            (QuirkKind::AbsentInExamples, "A table of the page lists it, but examples lack it."),
            (QuirkKind::Zoneless, "Typed as a timestamp, but the examples print it without a time zone."),
            (QuirkKind::OnlyInExamples, "Examples have it, but its table does not list it."),
            (QuirkKind::TypeDisagrees, "The type column contradicts the text, an example or another table of the page."),
            (QuirkKind::NoValues, "Typed Enum, without a list of values."),
            (QuirkKind::BrokenExample, "The published example is not valid JSON; this one is repaired."),
        ];
        let of = |kind| self.list.iter().filter(|(known, _)| *known == kind).map(|(_, at)| at.clone()).collect::<Vec<_>>();
        sentences
            .into_iter()
            .map(|(kind, description)| QuirkOutline { kind, at: of(kind), description })
            .filter(|quirk| !quirk.at.is_empty())
            .collect()
    }
}

/// The example values of each field.
struct Seen<'p> {
    /// The number of rows without aggregation.
    count: usize,
    /// In rows without aggregation.
    rows: HashMap<&'p str, Vec<&'p Json>>,
    /// In rows without aggregation and in examples of the field itself.
    own: HashMap<&'p str, Vec<&'p Json>>,
    /// In every example.
    all: HashMap<&'p str, Vec<&'p Json>>,
}

impl<'p> Seen<'p> {
    fn new(page: &'p PublishedPage, rows: &[&'p Json]) -> Self {
        let mut seen = Self { count: rows.len(), rows: HashMap::new(), own: HashMap::new(), all: HashMap::new() };
        for member in rows.iter().flat_map(|row| row.members()) {
            seen.rows.entry(&member.key).or_default().push(&member.value);
            seen.own.entry(&member.key).or_default().push(&member.value);
        }
        for example in page.examples.iter().filter(|example| !example.request) {
            if let ExampleOf::Field(name) = &example.of {
                seen.own.entry(name).or_default().push(example.payload());
                seen.all.entry(name).or_default().push(example.payload());
                continue;
            }
            for member in example.rows().iter().flat_map(|row| row.members()) {
                seen.all.entry(&member.key).or_default().push(&member.value);
            }
        }
        seen
    }
}

/// `shared` is the title of the third column that the report's fields share.
fn report_field(field: &PublishedField, shared: Option<&str>, seen: &Seen<'_>, quirks: &mut Quirks) -> FieldOutline {
    let name = field.name();
    let printed = field.printed.as_ref().map(|printed| printed.value.as_str());
    let ty = printed.map_or(PrintedType::Unknown, PrintedType::parse);
    let all = seen.all.get(name).map(Vec::as_slice).unwrap_or_default();
    let values = seen.rows.get(name).map(Vec::as_slice).unwrap_or_default();
    let mut out = typed(name, printed, &ty, all);
    out.values = field.values.iter().map(|value| value.value.clone()).collect();
    out.line = field.name.as_ref().map(|name| name.line);
    if !field.metrics.is_empty() && matches!(ty, PrintedType::Object | PrintedType::Dynamic) {
        retype(&mut out, "object", printed);
        out.fields = field.metrics.iter().map(|one| metric(one, all)).collect();
    }
    if widen(&mut out, printed, all) {
        quirks.add(QuirkKind::TypeDisagrees, name);
    }
    match field.filterable.as_ref().map(|cell| &cell.value) {
        Some(Filterability::Header(header)) => out.header = Some(header.clone()),
        Some(Filterability::Yes) => out.filterable = Some(true),
        Some(Filterability::No) => out.filterable = Some(false),
        _ => {}
    }
    out.cell = field.cell.as_ref().map(|cell| cell.value);
    let title = field.column.as_ref().map(|column| column.value.as_str());
    out.column_title = title.filter(|title| shared != Some(title)).map(str::to_owned);
    match ty.innermost() {
        PrintedType::String if !out.values.is_empty() => quirks.add(QuirkKind::TypeDisagrees, name),
        PrintedType::Enum if out.values.is_empty() && !field.open => quirks.add(QuirkKind::NoValues, name),
        _ => {}
    }
    if values.len() < seen.count {
        quirks.add(QuirkKind::AbsentInExamples, name);
    }
    out.nullable = nullable(&ty, values, all);
    if zoneless(&out, seen.own.get(name).map(Vec::as_slice).unwrap_or_default()) {
        quirks.add(QuirkKind::Zoneless, name);
    }
    out
}

/// A metric that prose names: a whole number, unless the prose mentions a share or examples show otherwise.
fn metric(metric: &Metric, objects: &[&Json]) -> FieldOutline {
    let name = &metric.name;
    let values: Vec<&Json> = objects.iter().filter_map(|json| json.get(&name.value)).collect();
    let mut out =
        FieldOutline { name: name.value.clone(), provenance: Some("inferred"), line: Some(name.line), ..FieldOutline::default() };
    out.ty = Some(if metric.share { "number" } else { "integer" }.into());
    if !values.iter().all(|json| fits(&out, json)) {
        out.ty = type_of(&values).map(|(word, fields)| if fields.is_empty() { word } else { "json".into() });
    }
    out
}

/// Widens the type if examples do not fit the printed one. Returns whether it did.
fn widen(out: &mut FieldOutline, printed: Option<&str>, values: &[&Json]) -> bool {
    if values.iter().all(|json| fits(out, json)) {
        return false;
    }
    let word = match type_of(values) {
        Some((word, _)) if matches!(word.as_str(), "number" | "string") => word,
        _ => "json".to_owned(),
    };
    out.fields.clear();
    if word != "string" {
        out.values.clear();
    }
    retype(out, &word, printed);
    out.remark = Some("examples do not fit the printed type".into());
    true
}

/// A field of a printed type. Examples supply the keys of objects.
fn typed(name: &str, printed: Option<&str>, ty: &PrintedType, values: &[&Json]) -> FieldOutline {
    let mut out = FieldOutline { name: name.to_owned(), ty: Some(ty.word()), ..FieldOutline::default() };
    // A dynamic object's keys are data, even if every example has the same keys.
    let (expected, shown) = match ty {
        PrintedType::Object => ("object", type_of(values)),
        PrintedType::Dynamic => ("map[string]object", type_of(values)),
        _ => ("", None),
    };
    if let Some((word, fields)) = shown.filter(|(word, _)| word == expected) {
        out.ty = Some(word);
        out.fields = fields;
    }
    out.remark = match (ty, printed) {
        (_, None) => Some("cannot read the page's type".into()),
        (PrintedType::Unknown, Some(_)) => Some("unknown type".into()),
        _ => None,
    };
    let word = out.ty.clone().unwrap_or_default();
    retype(&mut out, &word, printed);
    out
}

/// Sets the type word, and the printed type if it is not the usual one.
fn retype(out: &mut FieldOutline, word: &str, printed: Option<&str>) {
    out.printed = printed.filter(|printed| !same_print(printed, &usual_print(word))).map(str::to_owned);
    out.ty = Some(word.to_owned());
}

/// `values` are from rows without aggregation, `elsewhere` from every example.
fn nullable(ty: &PrintedType, values: &[&Json], elsewhere: &[&Json]) -> Nullable {
    if elsewhere.iter().any(|value| value.node == Node::Null) {
        Nullable::Seen
    } else if !values.is_empty() && matches!(ty, PrintedType::Integer | PrintedType::Timestamp) {
        Nullable::AssumedNever
    } else {
        Nullable::Unknown
    }
}

fn aggregation(page: &PublishedPage, one: &PublishedAggregation, known: &Known<'_>, quirks: &mut Quirks) -> AggregationOutline {
    let of = ExampleOf::Aggregation(one.name.value.clone());
    let rows: Vec<&Json> = page.responses(&of).flat_map(|example| example.rows()).collect();
    let by = by(one, known);
    let mut returns = Vec::new();
    for row in &one.returned {
        let at = format!("{}.{}", one.name.value, row.key.value);
        let values: Vec<&Json> = rows.iter().filter_map(|example| example.get(&row.key.value)).collect();
        if values.len() < rows.len() {
            quirks.add(QuirkKind::AbsentInExamples, &at);
        }
        let mut field = returned(row, &at, &values, known, quirks);
        if field.field.is_none() && by.as_ref().is_some_and(|by| by.contains(&row.key.value)) {
            field.compute = Some("key".into());
        }
        if zoneless(known.fields.get(row.key.value.as_str()).filter(|_| field.field.is_some()).unwrap_or(&&field), &values) {
            quirks.add(QuirkKind::Zoneless, &at);
        }
        returns.push(field);
    }
    let listed: HashSet<&str> = one.returned.iter().map(|row| row.key.value.as_str()).collect();
    for (key, values) in extra_keys(&rows, &listed) {
        let at = format!("{}.{key}", one.name.value);
        quirks.add(QuirkKind::OnlyInExamples, &at);
        let new = from_example(key, &values);
        let repeated = known.fields.get(key);
        if zoneless(repeated.unwrap_or(&&new), &values) {
            quirks.add(QuirkKind::Zoneless, &at);
        }
        returns.push(match repeated {
            Some(_) => repeated_in_example(key),
            None => FieldOutline { compute: Some("unknown".into()), ..new },
        });
    }
    AggregationOutline { name: one.name.value.clone(), line: one.name.line, by, returns }
}

fn series_aggregation(page: &PublishedPage, one: &PublishedAggregation, known: &Known<'_>) -> AggregationOutline {
    let of = ExampleOf::Aggregation(one.name.value.clone());
    let returns = label_keys(page, &of, &one.returned, known);
    AggregationOutline { name: one.name.value.clone(), line: one.name.line, by: None, returns }
}

/// The keys of a label: those of its table, then those that only examples have.
fn label_keys(page: &PublishedPage, of: &ExampleOf, rows: &[ReturnedRow], known: &Known<'_>) -> Vec<FieldOutline> {
    let labels: Vec<&Json> = page.responses(of).flat_map(|example| example.labels()).collect();
    let mut keys = Vec::new();
    for row in rows {
        let values: Vec<&Json> = labels.iter().filter_map(|label| label.get(&row.key.value)).collect();
        // A contradiction of types is no quirk of a label.
        let field = returned(row, "", &values, known, &mut Quirks::default());
        keys.push(FieldOutline { compute: None, ..field });
    }
    let listed: HashSet<&str> = rows.iter().map(|row| row.key.value.as_str()).collect();
    for (key, values) in extra_keys(&labels, &listed) {
        keys.push(match known.fields.contains_key(key) {
            true => repeated_in_example(key),
            false => from_example(key, &values),
        });
    }
    keys
}

/// A field of the report that only an example repeats.
fn repeated_in_example(key: &str) -> FieldOutline {
    FieldOutline { name: key.to_owned(), field: Some(key.to_owned()), provenance: Some("example"), ..FieldOutline::default() }
}

/// The fields that a group has in common, guessed from the names. `None` if the aggregation has the name of a field.
fn by(one: &PublishedAggregation, known: &Known<'_>) -> Option<Vec<String>> {
    let name = one.name.value.as_str();
    if known.fields.contains_key(name) {
        return None;
    }
    if let Some(field) = name.strip_prefix("by_").filter(|field| known.fields.contains_key(field)) {
        return Some(vec![field.to_owned()]);
    }
    let mut keys = Vec::new();
    for row in one.returned.iter().filter(|row| known.fields.contains_key(row.key.value.as_str())) {
        let key = row.key.value.as_str();
        let is_figure = matches!(PrintedType::parse(&row.printed.value), PrintedType::Integer | PrintedType::Number);
        // `by_type_and_value` groups by `grouping_type` and `grouping_value`.
        let named = name.split('_').any(|word| word.len() > 2 && key.split('_').any(|part| part == word));
        if named && !is_figure {
            keys.push(key.to_owned());
        }
    }
    Some(keys)
}

fn returned(row: &ReturnedRow, at: &str, values: &[&Json], known: &Known<'_>, quirks: &mut Quirks) -> FieldOutline {
    let key = row.key.value.as_str();
    let printed = row.printed.value.as_str();
    let ty = PrintedType::parse(printed);
    let line = Some(row.key.line);
    if row.see_fields()
        && known.fields.contains_key(key)
        && let Some(field) = known.page.get(key)
    {
        let same = field.printed.as_ref().is_some_and(|of| same_print(&of.value, printed));
        if !same && field.printed.is_some() {
            quirks.add(QuirkKind::TypeDisagrees, at);
        }
        let printed = (!same).then(|| printed.to_owned());
        return FieldOutline { name: key.to_owned(), field: Some(key.to_owned()), printed, line, ..FieldOutline::default() };
    }
    if *ty.innermost() == PrintedType::Enum {
        quirks.add(QuirkKind::NoValues, at);
    }
    let compute = compute(key, &ty, known);
    let mut out = FieldOutline { line, ..typed(key, Some(printed), &ty, values) };
    // The simulator sends null for a value with an unknown computation.
    if compute != "unknown" {
        let present = !values.is_empty() && values.iter().all(|value| value.node != Node::Null);
        let sure = matches!(ty, PrintedType::Integer | PrintedType::Timestamp | PrintedType::Array(_));
        out.nullable = if present && sure { Nullable::AssumedNever } else { nullable(&ty, &[], values) };
    } else if values.iter().any(|value| value.node == Node::Null) {
        out.nullable = Nullable::Seen;
    }
    if widen(&mut out, Some(printed), values) {
        quirks.add(QuirkKind::TypeDisagrees, at);
    }
    if row.see_fields() {
        out.remark = Some("the page refers to a field of that name, but has none".into());
    }
    out.compute = Some(compute);
    out
}

/// How a new returned field is computed from rows, if its name says so.
fn compute(key: &str, ty: &PrintedType, known: &Known<'_>) -> String {
    let has = |name: &str| known.fields.contains_key(name);
    if key == "ids" && matches!(ty, PrintedType::Array(_)) && has("id") {
        return "{ collect: id }".into();
    }
    for (start, how) in [("first_", "min"), ("last_", "max")] {
        if let Some(of) = key.strip_prefix(start).filter(|of| has(of)) {
            return format!("{{ {how}: {} }}", scalar(of));
        }
    }
    "unknown".into()
}
