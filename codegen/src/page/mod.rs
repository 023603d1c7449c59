//! Reads the published documentation page of a records report. In: the page's text as a browser copies it or as Markdown; out:
//! its facts, each with its place ([`read`]), a report file made from them ([`import`]), or the differences to a report of the
//! spec, fact by fact ([`drift`]).
//!
//! Reading goes by a page's structure: `lines` takes off what the copying left, `title` finds where the body stands, `blocks` cuts it
//! at its headings, and one module reads each sort of block. A page that stops early is read as far as it goes; its last line is
//! left out, because nothing tells whether it is whole.

mod blocks;
mod body;
mod draft;
mod drift;
mod drift_rows;
mod field;
mod import;
mod infer;
mod json;
mod lines;
mod returned;
mod shape;
mod title;
mod types;
mod yaml;

pub use drift::drift;
pub use import::import;
pub use json::{Json, Member, Mend, Node};

use crate::finding::{FileId, Finding, Place};

/// A fact and where the page states it.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The fact.
    pub value: T,
    /// The bytes that state it.
    pub place: Place,
    /// Their line, from 1.
    pub line: usize,
}

/// What reading a page gave.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The page's facts; none where it is not the page of a records report.
    pub page: Option<Page>,
    /// What could not be read, or only with mending.
    pub findings: Vec<Finding>,
    /// Where the text stops, if it stops before the page does.
    pub ends_early: Option<Place>,
}

/// The facts of a report's page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The report's name.
    pub name: At<String>,
    /// The format of its answers.
    pub format: At<String>,
    /// The heading that the page stands under in the site's navigation.
    pub group: Option<At<String>>,
    /// The permit.
    pub permit: Option<At<String>>,
    /// The base cost in tokens.
    pub cost: Option<At<u32>>,
    /// Permit and cost as the page prints them, where they run together.
    pub permit_and_cost: Option<At<String>>,
    /// Titles of a third column of the fields' tables, each once, in the page's order.
    pub columns: Vec<At<String>>,
    /// The heading of the fields.
    pub fields_heading: Option<Place>,
    /// The fields, in the page's order.
    pub fields: Vec<PageField>,
    /// Whether the text stops before the list of fields is known to end.
    pub fields_open: bool,
    /// The aggregations, in the page's order.
    pub aggregations: Vec<PageAggregation>,
    /// Example payloads, in the page's order.
    pub examples: Vec<PublishedExample>,
    /// Whether the text stops before the page does.
    pub ends_early: bool,
}

/// One field of a page.
#[derive(Clone, Debug)]
pub struct PageField {
    /// Its name; none where the page has a table without a heading.
    pub name: Option<At<String>>,
    /// Where its table or heading stands.
    pub place: Place,
    /// The type as printed.
    pub printed: Option<At<String>>,
    /// What the `Filterable` cell says; none where it is empty, as captures that lost icons have it.
    pub filterable: Option<At<FilterCell>>,
    /// The title of the third column.
    pub column: Option<At<String>>,
    /// What the third cell says; none where it is empty.
    pub cell: Option<At<bool>>,
    /// The values listed.
    pub values: Vec<At<String>>,
    /// The metrics that the prose of an object names.
    pub metrics: Vec<Metric>,
    /// Whether the text stops before the field's part is known to end.
    pub open: bool,
}

impl PageField {
    /// Its name, or the empty text.
    pub fn name(&self) -> &str {
        self.name.as_ref().map_or("", |name| &name.value)
    }

    /// Whether the text stops between its name and its type.
    fn cut_before_type(&self) -> bool {
        self.open && self.printed.is_none()
    }
}

/// What a `Filterable` cell says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterCell {
    /// The field may be filtered.
    Yes,
    /// It may not.
    No,
    /// A request header narrows it.
    Header(String),
}

/// A metric that the prose of an object field names.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Its key.
    pub name: At<String>,
    /// Whether the prose speaks of a share, so that it need not be a whole number.
    pub share: bool,
}

/// One aggregation of a page.
#[derive(Clone, Debug)]
pub struct PageAggregation {
    /// Its name.
    pub name: At<String>,
    /// The rows of its table.
    pub returned: Vec<PageReturned>,
    /// Whether the text stops before the table is known to end.
    pub open: bool,
}

/// One row of a table of returned fields.
#[derive(Clone, Debug)]
pub struct PageReturned {
    /// The key.
    pub key: At<String>,
    /// The type as printed.
    pub printed: At<String>,
    /// Whether the description refers to the report's field of that name.
    pub see_fields: bool,
}

/// What an example shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExampleOf {
    /// Rows without aggregation.
    Rows,
    /// Rows of that aggregation.
    Aggregation(String),
    /// The value of that field.
    Field(String),
}

/// One example payload.
#[derive(Clone, Debug)]
pub struct PublishedExample {
    /// What it shows.
    pub of: ExampleOf,
    /// The bytes of its text.
    pub place: Place,
    /// Its first line.
    pub line: usize,
    /// The text as printed.
    pub raw: String,
    /// What it says.
    pub json: Json,
    /// Whether it is a request rather than an answer.
    pub request: bool,
    /// What had to be mended.
    pub repaired: Vec<Mend>,
}

impl PublishedExample {
    /// The rows of a response in the records format.
    pub fn rows(&self) -> &[Json] {
        self.json.get("records").unwrap_or(&self.json).elements()
    }

    /// What it shows: for an example of a field its value, even where the page prints the field's name around it.
    pub fn payload(&self) -> &Json {
        match &self.of {
            ExampleOf::Field(name) if self.json.members().len() == 1 => self.json.get(name).unwrap_or(&self.json),
            _ => &self.json,
        }
    }

    /// What it shows, as a `serde_json` value.
    pub fn value(&self) -> serde_json::Value {
        self.payload().to_value()
    }
}

impl Page {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&PageField> {
        self.fields.iter().find(|field| field.name() == name && field.name.is_some())
    }

    /// The answers shown of one sort.
    pub fn answers<'p>(&'p self, of: &'p ExampleOf) -> impl Iterator<Item = &'p PublishedExample> {
        self.examples.iter().filter(move |example| example.of == *of && !example.request)
    }
}

/// Reads a page. Never fails: what cannot be read is a finding.
pub fn read(file: FileId, text: &str) -> Reading {
    let lines = lines::lines(text);
    let frame = title::frame(&lines);
    let Some(at) = frame.title else { return body::no_report(file, &lines, &frame) };
    body::report(file, text, &lines, &frame, at)
}
