//! The facts of a published page.

use placewise_model::Filterability;

use super::placed_json::{Json, Repair};
use crate::finding::{Finding, Place};

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

/// The result of reading a published page.
#[derive(Clone, Debug)]
pub struct ReadPage {
    /// The page's facts, or `None` if the text is not the page of a records report.
    pub page: Option<PublishedPage>,
    /// What could not be read, or only after a repair.
    pub findings: Vec<Finding>,
    /// Where the text ends, if it ends before the page does.
    pub ends_early: Option<Place>,
}

/// The facts of a report's published page.
#[derive(Clone, Debug)]
pub struct PublishedPage {
    /// The report's name.
    pub name: At<String>,
    /// The format of its responses.
    pub format: At<String>,
    /// The heading above the page in the site's navigation.
    pub group: Option<At<String>>,
    /// The permit.
    pub permit: Option<At<String>>,
    /// The base cost in tokens.
    pub cost: Option<At<u32>>,
    /// Permit and cost as printed, if nothing separates them.
    pub permit_and_cost: Option<At<String>>,
    /// Titles of the third column of field tables, without repeats, in page order.
    pub columns: Vec<At<String>>,
    /// The heading above the fields.
    pub fields_heading: Option<Place>,
    /// The fields, in page order.
    pub fields: Vec<PublishedField>,
    /// Whether the text may end before the list of fields does.
    pub fields_open: bool,
    /// The aggregations, in page order.
    pub aggregations: Vec<PublishedAggregation>,
    /// Example payloads, in page order.
    pub examples: Vec<PublishedExample>,
    /// Whether the text ends before the page does.
    pub ends_early: bool,
}

/// One field of a published page.
#[derive(Clone, Debug)]
pub struct PublishedField {
    /// Its name, or `None` if its table has no heading.
    pub name: Option<At<String>>,
    /// Its heading, or the first line of its table.
    pub place: Place,
    /// The type as printed.
    pub printed: Option<At<String>>,
    /// The `Filterable` cell: yes, no or a header. `None` if it is empty, as in captures that lost icons.
    pub filterable: Option<At<Filterability>>,
    /// The title of the third column.
    pub column: Option<At<String>>,
    /// The third cell. `None` if it is empty.
    pub cell: Option<At<bool>>,
    /// The listed values.
    pub values: Vec<At<String>>,
    /// The metrics that an object's prose names.
    pub metrics: Vec<Metric>,
    /// Whether the text may end before this field's part does.
    pub open: bool,
}

impl PublishedField {
    /// Its name, or an empty string.
    pub fn name(&self) -> &str {
        self.name.as_ref().map_or("", |name| &name.value)
    }

    /// Whether the text ends between its name and its type.
    pub(crate) fn cut_before_type(&self) -> bool {
        self.open && self.printed.is_none()
    }
}

/// A metric that the prose of an object field names.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Its key.
    pub name: At<String>,
    /// Whether the prose mentions a share, so that the value may be fractional.
    pub share: bool,
}

/// One aggregation of a published page.
#[derive(Clone, Debug)]
pub struct PublishedAggregation {
    /// Its name.
    pub name: At<String>,
    /// The rows of its table of returned fields.
    pub returned: Vec<ReturnedRow>,
    /// Whether the text may end before the table does.
    pub open: bool,
}

/// One row of a table of returned fields.
#[derive(Clone, Debug)]
pub struct ReturnedRow {
    /// The key.
    pub key: At<String>,
    /// The type as printed.
    pub printed: At<String>,
    /// Whether the description refers to the report's field of the same name.
    pub see_fields: bool,
}

/// What an example shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExampleOf {
    /// Rows without aggregation.
    Rows,
    /// Rows of this aggregation.
    Aggregation(String),
    /// The value of this field.
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
    /// The parsed text.
    pub json: Json,
    /// Whether it is a request; otherwise it is a response.
    pub request: bool,
    /// What was repaired to parse it.
    pub repaired: Vec<Repair>,
}

impl PublishedExample {
    /// The rows of a records response.
    pub fn rows(&self) -> &[Json] {
        self.json.get("records").unwrap_or(&self.json).elements()
    }

    /// The payload. For an example of a field this is the field's value, even if the page prints the field's name around it.
    pub fn payload(&self) -> &Json {
        match &self.of {
            ExampleOf::Field(name) if self.json.members().len() == 1 => self.json.get(name).unwrap_or(&self.json),
            _ => &self.json,
        }
    }

    /// The payload as a `serde_json` value.
    pub fn value(&self) -> serde_json::Value {
        self.payload().to_value()
    }
}

impl PublishedPage {
    /// The field with that name.
    pub fn field(&self, name: &str) -> Option<&PublishedField> {
        self.fields.iter().find(|field| field.name() == name && field.name.is_some())
    }

    /// The example responses that show the same thing.
    pub fn responses<'p>(&'p self, of: &'p ExampleOf) -> impl Iterator<Item = &'p PublishedExample> {
        self.examples.iter().filter(move |example| example.of == *of && !example.request)
    }
}
