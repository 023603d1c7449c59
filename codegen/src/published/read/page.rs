//! The facts of a published page.

use placewise_model::{DataLag, Filterability};

use super::document::Document;
pub use super::fact::{At, FactFinding, fact_id};
use super::navigation::Navigation;
use super::placed_json::{Json, Repair};
use crate::finding::{Finding, Place, Sources};

/// The result of reading a published page.
#[derive(Clone, Debug)]
pub struct ReadPage {
    /// The page's facts, or `None` if the text is no known kind of page.
    pub page: Option<Page>,
    /// What was not understood, or only after a repair. Together with the facts and with prose, this accounts for every line.
    pub findings: Vec<FactFinding>,
    /// Where the text ends, if it has no footer. The last line may be incomplete, so `page` does not include it.
    pub ends_early: Option<Place>,
    /// The navigation before the page.
    pub navigation: Navigation,
    /// The kind of page that the user named.
    pub kind: Option<Kind>,
    /// The text without a footer, read together with its last line. Right if nothing is missing.
    pub with_last_line: Option<Box<ReadPage>>,
}

/// The facts of a page, by kind.
#[derive(Clone, Debug)]
pub enum Page {
    /// A report's page.
    Report(Box<PublishedPage>),
    /// Any other page.
    Document(Box<Document>),
}

impl Page {
    /// Where its title stands.
    pub fn title(&self) -> &Place {
        match self {
            Self::Report(page) => &page.name.place,
            Self::Document(document) => &document.title.place,
        }
    }
}

/// The kinds of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// A report
    Report,
    /// The filter specification
    Filters,
    /// The format of records
    Records,
    /// The format of timeseries
    Timeseries,
    /// The format of statistics
    Statistics,
    /// An endpoint
    Endpoint,
    /// An example
    Example,
    /// Rate limiting
    RateLimit,
    /// Error statuses
    Errors,
    /// Validation of parameters
    Validation,
    /// Headers
    Headers,
}

impl ReadPage {
    /// The facts, if the page is a report's.
    pub fn report(&self) -> Option<&PublishedPage> {
        match &self.page {
            Some(Page::Report(page)) => Some(page),
            Some(Page::Document(_)) | None => None,
        }
    }

    /// Numbers lines as in the capture that the page's text was made from. Comments of an imported report name them.
    pub fn number_lines(&mut self, sources: &Sources) {
        let Some(Page::Report(page)) = &mut self.page else { return };
        let capture = &sources.get(sources.shown(&page.name.place).file).text;
        let ends: Vec<usize> = capture.match_indices('\n').map(|(at, _)| at).collect();
        let number = |place: &Place| ends.partition_point(|end| *end < sources.shown(place).span.start) + 1;
        let numbered = |at: &mut At<String>| at.line = number(&at.place);
        page.columns.iter_mut().for_each(numbered);
        for field in &mut page.fields {
            field.name.iter_mut().chain(&mut field.printed).for_each(numbered);
            field.metrics.iter_mut().for_each(|metric| numbered(&mut metric.name));
        }
        let rows = page.aggregations.iter_mut().flat_map(|one| {
            numbered(&mut one.name);
            &mut one.returned
        });
        rows.chain(page.labels.iter_mut().flat_map(|labels| &mut labels.rows)).for_each(|row| numbered(&mut row.key));
        page.examples.iter_mut().for_each(|example| example.line = number(&example.place));
    }

    /// A text that is no page.
    pub fn unreadable(findings: Vec<FactFinding>) -> Self {
        Self { page: None, findings, ends_early: None, navigation: Navigation::default(), kind: None, with_last_line: None }
    }

    /// The findings for people.
    pub fn plain_findings(&self) -> Vec<Finding> {
        self.findings.iter().map(|one| one.finding.clone()).collect()
    }
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
    /// The names of the available intervals.
    pub intervals: Option<At<Vec<String>>>,
    /// The data lag.
    pub data_lag: Option<At<DataLag>>,
    /// The row with permit, cost, intervals and data lag as printed, if it was found.
    pub row: Option<At<String>>,
    /// Titles of the third column of field tables, without repeats, in page order.
    pub columns: Vec<At<String>>,
    /// The heading above the fields.
    pub fields_heading: Option<Place>,
    /// The fields, in page order.
    pub fields: Vec<PublishedField>,
    /// Whether the text may end before the list of fields does.
    pub fields_open: bool,
    /// The table of label keys of a timeseries without aggregation.
    pub labels: Option<LabelTable>,
    /// The aggregations, in page order.
    pub aggregations: Vec<PublishedAggregation>,
    /// The facts that the page marks as deprecated, as paths: `fields`, `id`.
    pub deprecated: Vec<At<Vec<String>>>,
    /// Sentences whose words are those of facts.
    pub statements: Vec<At<Statement>>,
    /// Whether any cell of a field's table has an icon, so that a blank cell is not a lost icon.
    pub icons: bool,
    /// Example payloads, in page order.
    pub examples: Vec<PublishedExample>,
    /// Whether the text ends before the page does.
    pub ends_early: bool,
}

impl PublishedPage {
    /// The title of the third column that most fields share: the first one, unless a field has no such column.
    pub fn shared_column(&self) -> Option<&str> {
        let all = self.fields.iter().filter(|field| field.printed.is_some()).all(|field| field.column.is_some());
        self.columns.first().filter(|_| all).map(|title| title.value.as_str())
    }
}

/// A sentence that seems to state a fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The fact that its part of the page is about.
    pub owner: String,
    /// The sentence, with single spaces.
    pub text: String,
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
    /// The cells that were not understood, by the last step of their fact: `type`, `filterable`, `column`.
    pub unread: Vec<&'static str>,
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

/// The label keys of a timeseries without aggregation.
#[derive(Clone, Debug)]
pub struct LabelTable {
    /// Its heading or header.
    pub place: Place,
    /// Its rows.
    pub rows: Vec<ReturnedRow>,
    /// Whether the text may end before the table does.
    pub open: bool,
}

/// One aggregation of a published page.
#[derive(Clone, Debug)]
pub struct PublishedAggregation {
    /// Its name; `#1` if the page lost its headings.
    pub name: At<String>,
    /// Whether the page does not state its name.
    pub unnamed: bool,
    /// The rows of its table of returned fields; for a timeseries, of label keys.
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
    /// The description; `None` if the cell is blank or missing.
    pub description: Option<At<String>>,
}

impl ReturnedRow {
    /// Whether the description refers to the report's field of the same name.
    pub fn see_fields(&self) -> bool {
        self.description.as_ref().is_some_and(|text| {
            let letters: String = text.value.to_lowercase().chars().filter(|c| c.is_alphabetic() || *c == ' ').collect();
            let words: Vec<&str> = letters.split_whitespace().filter(|word| !matches!(*word, "in" | "the" | "section")).collect();
            matches!(words[..], ["see", "fields" | "field"])
        })
    }
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

    /// The labels of a timeseries response.
    pub fn labels(&self) -> impl Iterator<Item = &Json> {
        let series = self.json.get("series").map(Json::elements).unwrap_or_default();
        series.iter().filter_map(|one| one.get("label"))
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

    /// The page with the names that the spec has for its aggregations without a name, if there are as many.
    pub(crate) fn with_aggregations(&self, names: &[&str]) -> Option<Self> {
        if names.len() != self.aggregations.len() || !self.aggregations.iter().any(|one| one.unnamed) {
            return None;
        }
        let mut page = self.clone();
        for (one, name) in page.aggregations.iter_mut().zip(names).filter(|(one, _)| one.unnamed) {
            let of = ExampleOf::Aggregation(std::mem::replace(&mut one.name.value, (*name).to_owned()));
            let named = ExampleOf::Aggregation((*name).to_owned());
            page.examples.iter_mut().filter(|example| example.of == of).for_each(|example| example.of = named.clone());
        }
        Some(page)
    }

    /// The example responses that show the same thing.
    pub fn responses<'p>(&'p self, of: &'p ExampleOf) -> impl Iterator<Item = &'p PublishedExample> {
        self.examples.iter().filter(move |example| example.of == *of && !example.request)
    }
}
