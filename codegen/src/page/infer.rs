//! Reads a report's spec out of its page: which type a print means, what examples tell about null and about keys no table lists,
//! and where the page contradicts itself. In: a page; out: a draft. Whatever the page does not tell stays unsaid.

use std::collections::{HashMap, HashSet};

use placewise_model::{Nullable, QuirkKind};

use super::draft::{Draft, DraftAggregation, DraftField, DraftQuirk};
use super::json::{Json, Node};
use super::shape::{extra_keys, fits_field, from_example, shape, zoneless};
use super::types::{self, Kind, same_print};
use super::{ExampleOf, FilterCell, Metric, Page, PageAggregation, PageField, PageReturned};

/// The draft of a page's report.
pub(super) fn draft(page: &Page) -> Draft {
    let mut quirks = Quirks::default();
    let rows: Vec<&Json> = page.answers(&ExampleOf::Rows).flat_map(|example| example.rows()).collect();
    let seen = Seen::new(page, &rows);
    let mut fields = Vec::new();
    for field in page.fields.iter().filter(|field| field.name.is_some() && !field.cut_before_type()) {
        fields.push(report_field(field, &seen, &mut quirks));
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
    let aggregations = page.aggregations.iter().map(|one| aggregation(page, one, &known, &mut quirks)).collect();
    for example in page.examples.iter().filter(|example| !example.repaired.is_empty()) {
        // Whole answers are no field's, so only a remark beside them tells that they were repaired.
        if let ExampleOf::Field(name) = &example.of {
            quirks.add(QuirkKind::BrokenExample, name);
        }
    }
    Draft { fields, aggregations, quirks: quirks.finish() }
}

/// The report's fields, for the aggregations that refer to them.
struct Known<'p> {
    /// As the page's tables have them.
    page: HashMap<&'p str, &'p PageField>,
    /// As drafted, with those that only examples show.
    fields: HashMap<&'p str, &'p DraftField>,
}

/// Contradictions met so far.
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

    fn finish(self) -> Vec<DraftQuirk> {
        let sentences = [
            (QuirkKind::AbsentInExamples, "A table of the page lists it, yet examples lack it."),
            (QuirkKind::Zoneless, "Typed as a timestamp, but the examples print it without a zone."),
            (QuirkKind::OnlyInExamples, "Examples have it; the table it belongs to does not list it."),
            (
                QuirkKind::TypeDisagrees,
                "The type column says one thing; the text, an example or another table of the page says another.",
            ),
            (QuirkKind::NoValues, "Typed Enum without a list of values."),
            (QuirkKind::BrokenExample, "The example is not JSON as printed; it stands here repaired."),
        ];
        let of = |kind| self.list.iter().filter(|(known, _)| *known == kind).map(|(_, at)| at.clone()).collect::<Vec<_>>();
        sentences
            .into_iter()
            .map(|(kind, description)| DraftQuirk { kind, at: of(kind), description })
            .filter(|quirk| !quirk.at.is_empty())
            .collect()
    }
}

/// What examples show under each name.
struct Seen<'p> {
    /// How many rows without aggregation there are.
    count: usize,
    /// In rows without aggregation.
    rows: HashMap<&'p str, Vec<&'p Json>>,
    /// In rows without aggregation and in examples of the field itself.
    own: HashMap<&'p str, Vec<&'p Json>>,
    /// In every example.
    all: HashMap<&'p str, Vec<&'p Json>>,
}

impl<'p> Seen<'p> {
    fn new(page: &'p Page, rows: &[&'p Json]) -> Self {
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

fn report_field(field: &PageField, seen: &Seen<'_>, quirks: &mut Quirks) -> DraftField {
    let name = field.name();
    let printed = field.printed.as_ref().map(|printed| printed.value.as_str());
    let kind = printed.map_or(Kind::Unknown, types::kind);
    let all = seen.all.get(name).map(Vec::as_slice).unwrap_or_default();
    let values = seen.rows.get(name).map(Vec::as_slice).unwrap_or_default();
    let mut out = typed(name, printed, &kind, all);
    out.values = field.values.iter().map(|value| value.value.clone()).collect();
    out.line = field.name.as_ref().map(|name| name.line);
    if !field.metrics.is_empty() && matches!(kind, Kind::Object | Kind::Dynamic) {
        retype(&mut out, "object", printed);
        out.fields = field.metrics.iter().map(|one| metric(one, all)).collect();
    }
    if widen(&mut out, printed, all) {
        quirks.add(QuirkKind::TypeDisagrees, name);
    }
    match field.filterable.as_ref().map(|cell| &cell.value) {
        Some(FilterCell::Header(header)) => out.header = Some(header.clone()),
        Some(FilterCell::Yes) => out.filterable = Some(true),
        Some(FilterCell::No) => out.filterable = Some(false),
        None => {}
    }
    out.cell = field.cell.as_ref().map(|cell| cell.value);
    match innermost(&kind) {
        Kind::String if !out.values.is_empty() => quirks.add(QuirkKind::TypeDisagrees, name),
        Kind::Enum if out.values.is_empty() && !field.open => quirks.add(QuirkKind::NoValues, name),
        _ => {}
    }
    if values.len() < seen.count {
        quirks.add(QuirkKind::AbsentInExamples, name);
    }
    out.nullable = nullable(&kind, values, all);
    if zoneless(&out, seen.own.get(name).map(Vec::as_slice).unwrap_or_default()) {
        quirks.add(QuirkKind::Zoneless, name);
    }
    out
}

/// A metric that prose names. Counts are whole numbers unless the prose speaks of shares or examples show otherwise.
fn metric(metric: &Metric, objects: &[&Json]) -> DraftField {
    let name = &metric.name;
    let values: Vec<&Json> = objects.iter().filter_map(|json| json.get(&name.value)).collect();
    let mut out =
        DraftField { name: name.value.clone(), provenance: Some("inferred"), line: Some(name.line), ..DraftField::default() };
    out.ty = Some(if metric.share { "number" } else { "integer" }.into());
    if !values.iter().all(|json| fits_field(&out, json)) {
        out.ty = shape(&values).map(|(word, fields)| if fields.is_empty() { word } else { "json".into() });
    }
    out
}

/// Takes a wider type where examples do not fit the one printed; tells whether it did.
fn widen(out: &mut DraftField, printed: Option<&str>, values: &[&Json]) -> bool {
    if values.iter().all(|json| fits_field(out, json)) {
        return false;
    }
    let word = match shape(values) {
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

/// A field of a printed type; what examples show fills in the keys of objects.
fn typed(name: &str, printed: Option<&str>, kind: &Kind, values: &[&Json]) -> DraftField {
    let mut out = DraftField { name: name.to_owned(), ty: Some(kind.word()), ..DraftField::default() };
    // A dynamic object's keys are data, even where each example has the same.
    let (expected, shown) = match kind {
        Kind::Object => ("object", shape(values)),
        Kind::Dynamic => ("map[string]object", shape(values)),
        _ => ("", None),
    };
    if let Some((word, fields)) = shown.filter(|(word, _)| word == expected) {
        out.ty = Some(word);
        out.fields = fields;
    }
    out.remark = match (kind, printed) {
        (_, None) => Some("the page's type cannot be read".into()),
        (Kind::Unknown, Some(_)) => Some("a type that this reader does not know".into()),
        _ => None,
    };
    let word = out.ty.clone().unwrap_or_default();
    retype(&mut out, &word, printed);
    out
}

/// Sets the type's word, and its print where that is not the usual one.
fn retype(out: &mut DraftField, word: &str, printed: Option<&str>) {
    out.printed = printed.filter(|printed| !same_print(printed, &crate::printed::usually(word))).map(str::to_owned);
    out.ty = Some(word.to_owned());
}

fn innermost(kind: &Kind) -> &Kind {
    match kind {
        Kind::Array(of) | Kind::Map(of) => innermost(of),
        other => other,
    }
}

/// `values` are those of plain rows, `elsewhere` those of every example.
fn nullable(kind: &Kind, values: &[&Json], elsewhere: &[&Json]) -> Nullable {
    if elsewhere.iter().any(|value| value.node == Node::Null) {
        Nullable::Seen
    } else if !values.is_empty() && matches!(kind, Kind::Integer | Kind::Timestamp) {
        Nullable::AssumedNever
    } else {
        Nullable::Unknown
    }
}

fn aggregation(page: &Page, one: &PageAggregation, known: &Known<'_>, quirks: &mut Quirks) -> DraftAggregation {
    let of = ExampleOf::Aggregation(one.name.value.clone());
    let rows: Vec<&Json> = page.answers(&of).flat_map(|example| example.rows()).collect();
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
            Some(_) => DraftField {
                name: key.to_owned(),
                field: Some(key.to_owned()),
                provenance: Some("example"),
                ..DraftField::default()
            },
            None => DraftField { compute: Some("unknown".into()), ..new },
        });
    }
    DraftAggregation { name: one.name.value.clone(), line: one.name.line, by, returns }
}

/// The fields that a group has in common, where the aggregation's name is not that field's: a reading of the names, for the
/// maintainer to settle. None where the name says it.
fn by(one: &PageAggregation, known: &Known<'_>) -> Option<Vec<String>> {
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
        let is_figure = matches!(types::kind(&row.printed.value), Kind::Integer | Kind::Number);
        // `by_type_and_value` groups by `grouping_type` and `grouping_value`.
        let named = name.split('_').any(|word| word.len() > 2 && key.split('_').any(|part| part == word));
        if named && !is_figure {
            keys.push(key.to_owned());
        }
    }
    Some(keys)
}

fn returned(row: &PageReturned, at: &str, values: &[&Json], known: &Known<'_>, quirks: &mut Quirks) -> DraftField {
    let key = row.key.value.as_str();
    let printed = row.printed.value.as_str();
    let kind = types::kind(printed);
    let line = Some(row.key.line);
    if row.see_fields
        && known.fields.contains_key(key)
        && let Some(field) = known.page.get(key)
    {
        let same = field.printed.as_ref().is_some_and(|of| same_print(&of.value, printed));
        if !same && field.printed.is_some() {
            quirks.add(QuirkKind::TypeDisagrees, at);
        }
        let printed = (!same).then(|| printed.to_owned());
        return DraftField { name: key.to_owned(), field: Some(key.to_owned()), printed, line, ..DraftField::default() };
    }
    if *innermost(&kind) == Kind::Enum {
        quirks.add(QuirkKind::NoValues, at);
    }
    let compute = compute(key, &kind, known);
    let mut out = DraftField { line, ..typed(key, Some(printed), &kind, values) };
    // Where it is not known how a value comes about, a simulator sends null.
    if compute != "unknown" {
        let present = !values.is_empty() && values.iter().all(|value| value.node != Node::Null);
        let sure = matches!(kind, Kind::Integer | Kind::Timestamp | Kind::Array(_));
        out.nullable = if present && sure { Nullable::AssumedNever } else { nullable(&kind, &[], values) };
    } else if values.iter().any(|value| value.node == Node::Null) {
        out.nullable = Nullable::Seen;
    }
    if widen(&mut out, Some(printed), values) {
        quirks.add(QuirkKind::TypeDisagrees, at);
    }
    if row.see_fields {
        out.remark = Some("the page refers to a field of that name, but has none".into());
    }
    out.compute = Some(compute);
    out
}

/// How a new returned field comes from the rows, where its name says so.
fn compute(key: &str, kind: &Kind, known: &Known<'_>) -> String {
    let has = |name: &str| known.fields.contains_key(name);
    if key == "ids" && matches!(kind, Kind::Array(_)) && has("id") {
        return "{ collect: id }".into();
    }
    for (start, how) in [("first_", "min"), ("last_", "max")] {
        if let Some(of) = key.strip_prefix(start).filter(|of| has(of)) {
            return format!("{{ {how}: {} }}", super::yaml::scalar(of));
        }
    }
    "unknown".into()
}
