//! Writes an outline as the YAML of a report file, with the page's lines as comments.

use placewise_model::Nullable;

use super::infer_report::infer;
use super::outline::{AggregationOutline, FieldOutline, ReportOutline};
use super::yaml_text;
use crate::published::read::{ExampleOf, Node, PublishedExample, PublishedPage};

/// Values align in one column up to this width.
const PAD: usize = 32;

/// The text of a report file for a page. `source` is the page's address.
pub fn import(page: &PublishedPage, source: Option<&str>) -> String {
    let mut writer = Writer { out: String::new(), page };
    let mut outline = infer(page);
    if outline.fields.is_empty() {
        // Everything else refers to fields.
        outline = ReportOutline::default();
    }
    writer.header(&outline, source);
    writer.fields(&outline);
    writer.labels(&outline);
    writer.aggregations(&outline);
    writer.examples(&outline);
    writer.quirks(&outline);
    writer.out
}

struct Writer<'p> {
    out: String,
    page: &'p PublishedPage,
}

impl Writer<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn header(&mut self, outline: &ReportOutline, source: Option<&str>) {
        let page = self.page;
        self.line(0, &format!("report: {}", yaml_text::scalar(&page.name.value)));
        self.line(0, &format!("format: {}", yaml_text::scalar(&page.format.value)));
        match &page.permit {
            Some(permit) => self.line(0, &format!("permit: {}", yaml_text::scalar(&permit.value))),
            None => self.line(0, "# permit: cannot read the page's permit"),
        }
        match &page.cost {
            Some(cost) => self.line(0, &format!("cost: {}", cost.value)),
            None => self.line(0, "# cost: cannot read the page's cost"),
        }
        if let Some(intervals) = &page.intervals {
            let names: Vec<_> = intervals.value.iter().map(|name| yaml_text::scalar(name)).collect();
            self.line(0, &format!("intervals: [{}]", names.join(", ")));
        }
        if let Some(lag) = &page.data_lag {
            self.line(0, &format!("data_lag: {}", lag.value));
        }
        match source {
            Some(source) => self.line(0, &format!("source: {}", yaml_text::scalar(source))),
            None => self.line(0, "# source: the address of the page"),
        }
        let lacks_header = page.permit.is_none() || page.cost.is_none() || source.is_none();
        let (coverage, why) = if outline.fields.is_empty() {
            ("name-only", "cannot read the name of any field")
        } else if page.ends_early {
            ("partial", "the page's text ends early")
        } else if page.fields.iter().any(|field| field.name.is_none()) {
            ("partial", "fields without a name are omitted")
        } else if lacks_header {
            ("partial", "change to whole after adding permit, cost and source above")
        } else {
            ("whole", "")
        };
        let why = if why.is_empty() { String::new() } else { format!("  # {why}") };
        self.line(0, &format!("coverage: {coverage}{why}"));
        self.line(0, "# description: describe the report and each field below in your own words; comments name the page's line");
        for one in page.deprecated.iter().filter(|one| !matches!(one.value.first().map(String::as_str), Some("fields"))) {
            let name = one.value.last().map_or("the report", String::as_str);
            self.line(0, &format!("# page line {} says that {} is deprecated", one.line, yaml_text::comment(name)));
        }
        if let Some(title) = page.shared_column() {
            self.out.push('\n');
            self.line(0, &format!("column: {}", yaml_text::scalar(title)));
        }
    }

    fn fields(&mut self, outline: &ReportOutline) {
        self.out.push('\n');
        if outline.fields.is_empty() {
            self.line(0, "fields: {}");
        } else {
            self.line(0, "fields:");
            let width = width(&outline.fields);
            for field in &outline.fields {
                self.field(2, field, width);
            }
        }
        for field in self.page.fields.iter().filter(|field| field.name.is_some() && field.cut_before_type()) {
            self.line(2, &format!("# {}: the page's text ends before its type", yaml_text::comment(field.name())));
        }
        for field in self.page.fields.iter().filter(|field| field.name.is_none()) {
            let printed = field.printed.as_ref();
            let line = printed.map_or(String::new(), |printed| format!(", page line {}", printed.line));
            let printed = printed.map_or("unreadable type".into(), |printed| yaml_text::comment(&printed.value));
            self.line(2, &format!("# a field without a name on the page: {printed}{line}"));
        }
    }

    /// A field on one line, or as a block if it has fields of its own.
    fn field(&mut self, indent: usize, field: &FieldOutline, width: usize) {
        let key = format!("{}:", yaml_text::scalar(&field.name));
        let comment = comment(field);
        let entries = entries(field);
        if field.fields.is_empty() {
            let value = match (entries.as_slice(), &field.field) {
                ([], _) => "{}".into(),
                ([(_, of)], Some(name)) if *name == field.name && *of == yaml_text::scalar(name) => "field".into(),
                _ => {
                    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                    format!("{{ {} }}", entries.join(", "))
                }
            };
            self.line(indent, &format!("{key:<width$} {value}{comment}"));
            return;
        }
        self.line(indent, &format!("{key}{comment}"));
        for (key, value) in &entries {
            self.line(indent + 2, &format!("{key}: {value}"));
        }
        self.line(indent + 2, "fields:");
        let width = self::width(&field.fields);
        for inner in &field.fields {
            self.field(indent + 4, inner, width);
        }
    }

    fn labels(&mut self, outline: &ReportOutline) {
        let Some(labels) = &outline.labels else { return };
        self.line(0, "\nlabels:");
        let width = width(labels);
        for field in labels {
            self.field(2, field, width);
        }
    }

    fn aggregations(&mut self, outline: &ReportOutline) {
        if outline.aggregations.is_empty() {
            return;
        }
        self.line(0, "\naggregations:");
        for AggregationOutline { name, line, by, returns } in &outline.aggregations {
            let series = self.page.format.value == "timeseries";
            if series && returns.is_empty() {
                self.line(2, &format!("{}: {{}}  # page line {line}; the page lists no labels", yaml_text::scalar(name)));
                continue;
            }
            self.line(2, &format!("{}:  # page line {line}", yaml_text::scalar(name)));
            if let Some(by) = by {
                let names: Vec<_> = by.iter().map(|field| yaml_text::scalar(field)).collect();
                let (by, guessed) = match names.is_empty() {
                    true => ("unknown".into(), ""),
                    false => (format!("[{}]", names.join(", ")), "guessed from the names; "),
                };
                let why = "the page does not state what the rows of a group have in common";
                self.line(4, &format!("by: {by}  # {guessed}{why}"));
            }
            if returns.is_empty() {
                self.line(4, "returns: {}  # the page lists none");
                continue;
            }
            let key = if series { "labels" } else { "returns" };
            self.line(4, &format!("{key}:"));
            let width = width(returns);
            for field in returns {
                self.field(6, field, width);
            }
        }
    }

    fn examples(&mut self, outline: &ReportOutline) {
        let (good, bad): (Vec<&PublishedExample>, Vec<&PublishedExample>) =
            self.page.examples.iter().filter(|_| !outline.fields.is_empty()).partition(|example| self.fits_the_spec(example));
        if !good.is_empty() {
            self.line(0, "\nexamples:");
        }
        let mut names = std::collections::HashMap::new();
        for example in good {
            self.example(example, &mut names);
        }
        for example in bad {
            self.line(
                0,
                &format!(
                    "# the example at page line {} is omitted: it is neither a request nor a response of this format",
                    example.line
                ),
            );
        }
    }

    /// Whether the spec can hold an example: a request for this report, a response with rows, or a field's value.
    fn fits_the_spec(&self, example: &PublishedExample) -> bool {
        let shaped = match &example.of {
            _ if example.request => {
                matches!(example.json.get("report").map(|json| &json.node), Some(Node::String(name)) if *name == self.page.name.value)
            }
            ExampleOf::Field(_) => true,
            // The form of a statistics response is not known.
            _ if self.page.format.value == "statistics" => true,
            _ if self.page.format.value == "timeseries" => {
                example.json.get("series").is_some_and(|series| matches!(&series.node, Node::Array(_)))
            }
            ExampleOf::Rows | ExampleOf::Aggregation(_) => example.json.get("records").is_some_and(
                |rows| matches!(&rows.node, Node::Array(rows) if rows.iter().all(|row| matches!(row.node, Node::Object(_)))),
            ),
        };
        shaped && yaml_text::can_stand(&example.json)
    }

    fn example(&mut self, example: &PublishedExample, names: &mut std::collections::HashMap<String, usize>) {
        let what = match self.page.format.value.as_str() {
            "timeseries" => "series",
            "statistics" => "figures",
            _ => "rows",
        };
        let (name, owner) = match &example.of {
            ExampleOf::Rows => (format!("{what} without aggregation"), None),
            ExampleOf::Aggregation(name) => (format!("{what} by {name}"), Some(("aggregation", name))),
            ExampleOf::Field(name) => (format!("a value of {name}"), Some(("field", name))),
        };
        let name = if example.request { format!("a request for {name}") } else { name };
        let count = names.entry(name.clone()).or_insert(0);
        *count += 1;
        let name = if *count > 1 { format!("{name}, {count}") } else { name };
        let repaired = if example.repaired.is_empty() { "" } else { ", repaired" };
        self.line(2, &format!("- name: {}  # page line {}{repaired}", yaml_text::scalar(&name), example.line));
        if let Some((key, owner)) = owner {
            self.line(4, &format!("{key}: {}", yaml_text::scalar(owner)));
        }
        let mut text = String::new();
        yaml_text::json(example.payload(), 6, &mut text);
        self.line(4, &format!("{}: {text}", if example.request { "request" } else { "response" }));
    }

    fn quirks(&mut self, outline: &ReportOutline) {
        if outline.quirks.is_empty() {
            return;
        }
        self.line(0, "\nquirks:");
        for quirk in &outline.quirks {
            let at: Vec<_> = quirk.at.iter().map(|at| yaml_text::scalar(at)).collect();
            self.line(2, &format!("- kind: {}", quirk.kind.word()));
            self.line(4, &format!("at: [{}]", at.join(", ")));
            self.line(4, &format!("description: {}", quirk.description));
        }
    }
}

/// The column where values start.
fn width(fields: &[FieldOutline]) -> usize {
    let names = fields.iter().filter(|field| field.fields.is_empty()).map(|field| yaml_text::scalar(&field.name).len() + 1);
    names.filter(|width| *width <= PAD).max().unwrap_or(0)
}

fn comment(field: &FieldOutline) -> String {
    let line = field.line.map(|line| format!("page line {line}"));
    let parts: Vec<String> = line.into_iter().chain(field.remark.clone()).collect();
    if parts.is_empty() { String::new() } else { format!("  # {}", parts.join("; ")) }
}

/// The keys of a field's entry, in the order that the spec uses.
fn entries(field: &FieldOutline) -> Vec<(&'static str, String)> {
    let mut out: Vec<(&'static str, String)> = Vec::new();
    let mut put = |key, value: Option<String>| out.extend(value.map(|value| (key, value)));
    put("type", field.ty.as_deref().map(yaml_text::scalar));
    put("field", field.field.as_deref().map(yaml_text::scalar));
    let values: Vec<_> = field.values.iter().map(|value| yaml_text::scalar(value)).collect();
    put("values", (!values.is_empty()).then(|| format!("[{}]", values.join(", "))));
    put(
        "nullable",
        match field.nullable {
            Nullable::Seen => Some("seen".into()),
            Nullable::Never => Some("never".into()),
            Nullable::AssumedNever => Some("assumed-never".into()),
            Nullable::Unknown => None,
        },
    );
    let filterable = match (&field.header, field.filterable) {
        (Some(header), _) => Some(format!("{{ header: {} }}", yaml_text::scalar(header))),
        (None, Some(yes)) => Some(if yes { "yes" } else { "no" }.into()),
        (None, None) => None,
    };
    put("filterable", filterable);
    put("column", field.cell.map(|yes| if yes { "yes" } else { "no" }.into()));
    put("column_title", field.column_title.as_deref().map(yaml_text::scalar));
    put("printed", field.printed.as_deref().map(yaml_text::scalar));
    put("provenance", field.provenance.map(str::to_owned));
    put("deprecated", field.deprecated.then(|| "yes".into()));
    put("compute", field.compute.clone());
    out
}
