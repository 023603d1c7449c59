//! Reads a report's spec out of its page: which type a print means, what samples tell about null and about keys no table lists,
//! and where the page contradicts itself. In: a page; out: a draft. Whatever the page does not tell stays unsaid.

use std::collections::{BTreeSet, HashMap, HashSet};

use placewise_model::{Nullable, QuirkKind};

use super::draft::{Draft, DraftAggregation, DraftField, DraftQuirk};
use super::json::{Json, Node};
use super::types::{self, Kind, same_print};
use super::{FilterCell, Page, PageAggregation, PageField, PageReturned, SampleOf};

/// The draft of a page's report.
pub(super) fn draft(page: &Page) -> Draft {
    let mut quirks = Quirks::default();
    let rows: Vec<&Json> = page.answers(&SampleOf::Rows).flat_map(|sample| sample.rows()).collect();
    let seen = Seen::new(page, &rows);
    let mut fields = Vec::new();
    for field in page.fields.iter().filter(|field| field.name.is_some() && !field.cut_before_type()) {
        fields.push(report_field(field, &seen, &mut quirks));
    }
    let known: HashSet<&str> = page.fields.iter().map(|field| field.name()).collect();
    let unnamed = page.fields.iter().any(|field| field.name.is_none());
    for (key, values) in extra_keys(&rows, &known) {
        let mut field = from_sample(key, &values);
        if unnamed {
            field.remark = Some("perhaps one of the fields without a name".into());
        } else if !page.fields_open {
            quirks.add(QuirkKind::OnlyInSamples, key);
        }
        fields.push(field);
    }
    let known = Known { page: page.fields.iter().map(|field| (field.name(), field)).collect(), names: names(&fields) };
    let aggregations = page.aggregations.iter().map(|one| aggregation(page, one, &known, &mut quirks)).collect();
    for sample in page.samples.iter().filter(|sample| !sample.mended.is_empty()) {
        match &sample.of {
            SampleOf::Rows => {}
            SampleOf::Aggregation(name) | SampleOf::Field(name) => quirks.add(QuirkKind::BrokenSample, name),
        }
    }
    Draft { fields, aggregations, quirks: quirks.finish() }
}

fn names(fields: &[DraftField]) -> HashSet<String> {
    fields.iter().map(|field| field.name.clone()).collect()
}

/// The report's fields, for the aggregations that refer to them.
struct Known<'p> {
    /// As the page's tables have them.
    page: HashMap<&'p str, &'p PageField>,
    /// Those that only samples show, too.
    names: HashSet<String>,
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
            (QuirkKind::AbsentInSamples, "A table of the page lists it, yet no sample has it."),
            (QuirkKind::Zoneless, "Typed as a timestamp, but the samples print it without a zone."),
            (QuirkKind::OnlyInSamples, "Samples have it; the table it belongs to does not list it."),
            (QuirkKind::TypeDisagrees, "The type column says one thing, the text or another table of the page another."),
            (QuirkKind::NoValues, "Typed Enum without a list of values."),
            (QuirkKind::BrokenSample, "The sample is not JSON as printed; it stands here mended."),
        ];
        let of = |kind| self.list.iter().filter(|(known, _)| *known == kind).map(|(_, at)| at.clone()).collect::<Vec<_>>();
        sentences
            .into_iter()
            .map(|(kind, about)| DraftQuirk { kind, at: of(kind), about })
            .filter(|quirk| !quirk.at.is_empty())
            .collect()
    }
}

/// What samples show under each name.
struct Seen<'p> {
    /// Whether there is any row without aggregation.
    any_rows: bool,
    /// In rows without aggregation.
    rows: HashMap<&'p str, Vec<&'p Json>>,
    /// In every sample.
    all: HashMap<&'p str, Vec<&'p Json>>,
}

impl<'p> Seen<'p> {
    fn new(page: &'p Page, rows: &[&'p Json]) -> Self {
        let mut seen = Self { any_rows: !rows.is_empty(), rows: HashMap::new(), all: HashMap::new() };
        for member in rows.iter().flat_map(|row| row.members()) {
            seen.rows.entry(&member.key).or_default().push(&member.value);
        }
        for sample in page.samples.iter().filter(|sample| !sample.request) {
            if let SampleOf::Field(name) = &sample.of {
                // Such a sample may show the value, or the field with its value.
                seen.all.entry(name).or_default().push(sample.json.get(name).unwrap_or(&sample.json));
                continue;
            }
            for member in sample.rows().iter().flat_map(|row| row.members()) {
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
        let metric = |metric: &super::Metric| DraftField {
            name: metric.name.value.clone(),
            ty: Some(if metric.share { "number" } else { "integer" }.into()),
            standing: Some("inferred"),
            line: Some(metric.name.line),
            ..DraftField::default()
        };
        retype(&mut out, "object", printed);
        out.fields = field.metrics.iter().map(metric).collect();
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
    if values.is_empty() && seen.any_rows {
        quirks.add(QuirkKind::AbsentInSamples, name);
    }
    out.nullable = nullable(&kind, values, all);
    if kind == Kind::Timestamp && zoneless(all) {
        quirks.add(QuirkKind::Zoneless, name);
    }
    out
}

/// A field of a printed type; what samples show fills in the keys of objects.
fn typed(name: &str, printed: Option<&str>, kind: &Kind, values: &[&Json]) -> DraftField {
    let mut out = DraftField { name: name.to_owned(), ty: Some(kind.word()), ..DraftField::default() };
    // A dynamic object's keys are data, even where each sample has the same.
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
    out.printed = printed.filter(|printed| !same_print(printed, &types::usual_print(word))).map(str::to_owned);
    out.ty = Some(word.to_owned());
}

fn innermost(kind: &Kind) -> &Kind {
    match kind {
        Kind::Array(of) | Kind::Map(of) => innermost(of),
        other => other,
    }
}

/// `values` are those of plain rows, `elsewhere` those of every sample.
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
    let of = SampleOf::Aggregation(one.name.value.clone());
    let rows: Vec<&Json> = page.answers(&of).flat_map(|sample| sample.rows()).collect();
    let mut returns = Vec::new();
    for row in &one.returned {
        let at = format!("{}.{}", one.name.value, row.key.value);
        let values: Vec<&Json> = rows.iter().filter_map(|sample| sample.get(&row.key.value)).collect();
        if values.is_empty() && !rows.is_empty() {
            quirks.add(QuirkKind::AbsentInSamples, &at);
        }
        returns.push(returned(row, &at, &values, known, quirks));
    }
    let listed: HashSet<&str> = one.returned.iter().map(|row| row.key.value.as_str()).collect();
    for (key, values) in extra_keys(&rows, &listed) {
        quirks.add(QuirkKind::OnlyInSamples, &format!("{}.{key}", one.name.value));
        returns.push(if known.names.contains(key) {
            DraftField { name: key.to_owned(), field: Some(key.to_owned()), standing: Some("example"), ..DraftField::default() }
        } else {
            DraftField { compute: Some("unknown".into()), ..from_sample(key, &values) }
        });
    }
    DraftAggregation { name: one.name.value.clone(), line: one.name.line, returns }
}

fn returned(row: &PageReturned, at: &str, values: &[&Json], known: &Known<'_>, quirks: &mut Quirks) -> DraftField {
    let key = row.key.value.as_str();
    let printed = row.printed.value.as_str();
    let kind = types::kind(printed);
    let line = Some(row.key.line);
    if kind == Kind::Timestamp && zoneless(values) {
        quirks.add(QuirkKind::Zoneless, at);
    }
    if row.see_fields
        && let Some(field) = known.page.get(key)
    {
        let same = field.printed.as_ref().is_none_or(|of| same_print(&of.value, printed));
        if !same {
            quirks.add(QuirkKind::TypeDisagrees, at);
        }
        let printed = (!same).then(|| printed.to_owned());
        return DraftField { name: key.to_owned(), field: Some(key.to_owned()), printed, line, ..DraftField::default() };
    }
    if *innermost(&kind) == Kind::Enum {
        quirks.add(QuirkKind::NoValues, at);
    }
    let compute = compute(key, &kind, &known.names);
    let mut out = DraftField { line, ..typed(key, Some(printed), &kind, values) };
    // Where it is not known how a value comes about, a simulator sends null.
    if compute != "unknown" {
        let present = !values.is_empty() && values.iter().all(|value| value.node != Node::Null);
        let sure = matches!(kind, Kind::Integer | Kind::Timestamp | Kind::Array(_));
        out.nullable = if present && sure { Nullable::AssumedNever } else { nullable(&kind, &[], values) };
    } else if values.iter().any(|value| value.node == Node::Null) {
        out.nullable = Nullable::Seen;
    }
    if row.see_fields {
        out.remark = Some("the page refers to a field of that name, but has none".into());
    }
    out.compute = Some(compute);
    out
}

/// How a new returned field comes from the rows, where its name says so.
fn compute(key: &str, kind: &Kind, fields: &HashSet<String>) -> String {
    let has = |name: &str| fields.contains(name);
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

/// Keys of sample rows that a table lacks, in the order of the samples, each with its values.
fn extra_keys<'p>(rows: &[&'p Json], known: &HashSet<&str>) -> Vec<(&'p str, Vec<&'p Json>)> {
    let mut order: Vec<(&str, Vec<&Json>)> = Vec::new();
    let mut index = HashMap::new();
    for member in rows.iter().flat_map(|row| row.members()).filter(|member| !known.contains(member.key.as_str())) {
        let at = *index.entry(member.key.as_str()).or_insert_with(|| {
            order.push((&member.key, Vec::new()));
            order.len() - 1
        });
        order[at].1.push(&member.value);
    }
    order
}

/// A field that only samples show.
fn from_sample(name: &str, values: &[&Json]) -> DraftField {
    let (word, fields) = shape(values).unwrap_or(("json".into(), Vec::new()));
    let nullable = if values.iter().any(|value| value.node == Node::Null) { Nullable::Seen } else { Nullable::Unknown };
    DraftField { name: name.to_owned(), ty: Some(word), fields, nullable, standing: Some("example"), ..DraftField::default() }
}

/// The type that all values have in common, null left out: its word and the keys of its objects.
fn shape(values: &[&Json]) -> Option<(String, Vec<DraftField>)> {
    let values: Vec<&Json> = values.iter().copied().filter(|value| value.node != Node::Null).collect();
    let first = values.first()?;
    let all = |test: fn(&Node) -> bool| values.iter().all(|value| test(&value.node));
    let plain = |word: &str| Some((word.to_owned(), Vec::new()));
    match &first.node {
        Node::Bool(_) if all(|node| matches!(node, Node::Bool(_))) => plain("boolean"),
        Node::Number(_) if all(is_integer) => plain("integer"),
        Node::Number(_) if all(|node| matches!(node, Node::Number(_))) => plain("number"),
        Node::String(_) if all(|node| text_is(node, is_timestamp)) => plain("timestamp"),
        Node::String(_) if all(|node| text_is(node, is_date)) => plain("date"),
        Node::String(_) if all(|node| matches!(node, Node::String(_))) => plain("string"),
        Node::Array(_) if all(|node| matches!(node, Node::Array(_))) => {
            let inner: Vec<&Json> = values.iter().flat_map(|value| value.elements()).collect();
            match shape(&inner) {
                Some((word, fields)) if fields.is_empty() => plain(&format!("array[{word}]")),
                _ => plain("array[json]"),
            }
        }
        Node::Object(_) if all(|node| matches!(node, Node::Object(_))) => object_shape(&values),
        _ => plain("json"),
    }
}

/// An object whose values are objects of the same keys is a map; any other has keys of its own.
fn object_shape(values: &[&Json]) -> Option<(String, Vec<DraftField>)> {
    let inner: Vec<&Json> = values.iter().flat_map(|value| value.members()).map(|member| &member.value).collect();
    let keys = |json: &Json| json.members().iter().map(|member| member.key.clone()).collect::<BTreeSet<_>>();
    let uniform = inner.first().is_some_and(|first| {
        let expected = keys(first);
        !expected.is_empty() && inner.iter().all(|json| keys(json) == expected)
    });
    let (word, of): (&str, Vec<&Json>) = if uniform { ("map[string]object", inner) } else { ("object", values.to_vec()) };
    let fields: Vec<DraftField> =
        extra_keys(&of, &HashSet::new()).into_iter().map(|(key, values)| from_sample(key, &values)).collect();
    (!fields.is_empty()).then(|| (word.to_owned(), fields))
}

fn is_integer(node: &Node) -> bool {
    matches!(node, Node::Number(raw) if !raw.contains(['.', 'e', 'E']))
}

fn text_is(node: &Node, test: fn(&str) -> bool) -> bool {
    matches!(node, Node::String(text) if test(text))
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

fn is_timestamp(text: &str) -> bool {
    text.get(..10).is_some_and(is_date) && text[10..].starts_with('T') && text.len() >= 16
}

/// Whether samples print a timestamp without its zone.
fn zoneless(values: &[&Json]) -> bool {
    values.iter().any(|value| {
        let Node::String(text) = &value.node else { return false };
        is_timestamp(text) && !text.ends_with(['Z', 'z']) && !text[11..].contains(['+', '-'])
    })
}
