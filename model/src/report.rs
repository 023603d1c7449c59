//! One report: fields, aggregations, labels, examples and quirks.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::Field;
use crate::metric::{Adds, DataLag};
use crate::simulation::{Relation, Simulate};
use crate::vocabulary::{Coverage, Format, Provenance, QuirkKind};

/// One report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Name on the wire.
    pub name: String,
    /// Its name in code, in snake case, if the wire name makes no good or unique one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rust_name: Option<String>,
    /// Its folder in the spec.
    pub group: String,
    /// The format of its responses.
    pub format: Format,
    /// The permit that a caller's token needs; none if not known.
    pub permit: Option<String>,
    /// Its base cost in tokens; none if not known.
    pub cost: Option<u32>,
    /// The page that documents it.
    pub source: Option<String>,
    /// How much of its page is known.
    pub coverage: Coverage,
    /// What it shows, in one or more paragraphs.
    pub description: Option<String>,
    /// How well permit and cost are known.
    #[serde(default)]
    pub provenance: Provenance,
    /// For a timeseries: the names of its intervals; none if not documented, so that a caller can request any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intervals: Option<Vec<String>>,
    /// For a timeseries: how far its data lag behind; none if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_lag: Option<DataLag>,
    /// For a timeseries: whether the values of its series add up; none if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adds: Option<Adds>,
    /// Its fields, in the page's order.
    pub fields: Vec<Field>,
    /// Fields whose names no capture shows, in the page's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnamed: Vec<Unnamed>,
    /// For a timeseries: the keys of a label without aggregation; none if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<Field>>,
    /// Its aggregations, in the page's order.
    pub aggregations: Vec<Aggregation>,
    /// Whether it can have more aggregations than these, so that a caller can request any name.
    #[serde(default)]
    pub more_aggregations: bool,
    /// Relations between the values of a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// How the simulator generates its data; if absent, row by row from the fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulate: Option<Simulate>,
    /// Examples of the documentation.
    pub examples: Vec<Example>,
    /// Contradictions of the page.
    pub quirks: Vec<Quirk>,
    /// The query that pages show, in Rust with the names of the generated crate. Only `model.json` has it, for programs that cannot make
    /// these names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rust_query: Option<String>,
}

impl Report {
    /// The field of that wire name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The aggregation of that wire name.
    pub fn aggregation(&self, name: &str) -> Option<&Aggregation> {
        self.aggregations.iter().find(|aggregation| aggregation.name == name)
    }

    /// What to say after the list of its intervals, for people; empty if they are documented.
    pub const fn intervals_note(&self) -> &'static str {
        if self.intervals.is_some() { "" } else { " (all of the format, because the report's own are not documented)" }
    }
}

/// One way to group a report's rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aggregation {
    /// Name on the wire.
    pub name: String,
    /// Its name in code, in snake case, if the wire name makes no good or unique one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rust_name: Option<String>,
    /// The fields to group by; there is one row per distinct value of these. Empty if not known.
    pub by: Vec<String>,
    /// What it shows.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// For records: the returned fields, in the page's order.
    pub returns: Vec<Returned>,
    /// For a timeseries: the keys of a label; none if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<Field>>,
}

/// A field whose type is known but whose name is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Unnamed {
    /// The type as the page prints it, as far as captures show it.
    pub printed: String,
    /// What is known of it.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// One returned field of an aggregation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Returned {
    /// Name, type and meaning.
    #[serde(flatten)]
    pub field: Field,
    /// How the simulator computes it.
    pub compute: Compute,
}

/// How a returned field is computed from the rows of its group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Compute {
    /// The value that the rows are grouped by.
    Key,
    /// The sum of that field; null counts as zero.
    Sum(String),
    /// The smallest value of that field.
    Min(String),
    /// The largest value of that field.
    Max(String),
    /// All values of that field, ascending.
    Collect(String),
    /// The number of rows.
    Count,
    /// The value of that field if it is the same in all rows, else null.
    Same(String),
    /// Per key, the earliest `from` and the latest `to` of that map of ranges (an open `to` stays open).
    Span(String),
    /// Not known; the simulator sends null.
    Unknown,
}

/// An example of the documentation; of some only the name is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// A short name.
    pub name: String,
    /// How much of it is known. A `name-only` example has no payload, a `partial` one has a cut payload.
    #[serde(default = "Coverage::whole")]
    pub coverage: Coverage,
    /// Its page. In the spec: if not the report's own.
    pub source: Option<String>,
    /// The aggregation that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation: Option<String>,
    /// The field whose value it shows, if it is not a complete response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The request body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
    /// The response body, or the field's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
}

/// A contradiction of the documentation, and how the client handles it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Quirk {
    /// The kind of contradiction.
    pub kind: QuirkKind,
    /// What it affects: `created_at`, or `reporting_id.timeseries_time_ranges` for a returned field.
    pub at: Vec<String>,
    /// The contradiction, in a sentence.
    pub description: String,
}
