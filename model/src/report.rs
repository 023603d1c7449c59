//! One report of the API: its fields, aggregations, labels, examples and contradictions. In and out: plain data.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Provenance, Relation, Simulate, Type};

/// One report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Name on the wire.
    pub name: String,
    /// The folder of the spec it stands in.
    pub group: String,
    /// Which format its answers have.
    pub format: Format,
    /// The permit a caller's token needs for it; none where not known.
    pub permit: Option<String>,
    /// Its own base cost in rate-limit tokens; none where not known.
    pub cost: Option<u32>,
    /// The page that documents it.
    pub source: Option<String>,
    /// How much of it the spec holds.
    pub coverage: Coverage,
    /// What it tells, in one or more paragraphs.
    pub description: Option<String>,
    /// How well the header facts (permit, cost) are known.
    #[serde(default)]
    pub provenance: Provenance,
    /// For a timeseries: the intervals it offers, by name; none where no page says, so that all of the format's may be asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intervals: Option<Vec<String>>,
    /// For a timeseries: how far its data lag behind, as the page prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_lag: Option<String>,
    /// Its fields, in the page's order.
    pub fields: Vec<Field>,
    /// Fields whose names no capture shows, in the page's order, after the named ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnamed: Vec<Unnamed>,
    /// For a timeseries: the keys of a series' label when nothing is aggregated; none where not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<Field>>,
    /// Its aggregations, in the page's order.
    pub aggregations: Vec<Aggregation>,
    /// Whether it may know more aggregations than these, so that any name can be asked for.
    #[serde(default)]
    pub more_aggregations: bool,
    /// How values of its rows hang together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// How a simulator makes its data; row by row from the fields alone where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulate: Option<Simulate>,
    /// Example payloads and example pages.
    pub examples: Vec<Example>,
    /// Where the page contradicts itself.
    pub quirks: Vec<Quirk>,
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
}

/// The format of a report's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Rows with cursor pages.
    Records,
    /// Series of values over time buckets.
    Timeseries,
    /// Figures; their form is not known.
    Statistics,
}

impl Format {
    /// The word as written in the spec and on pages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Timeseries => "timeseries",
            Self::Statistics => "statistics",
        }
    }
}

/// How much of a report the spec holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// All that its page tells.
    #[default]
    Whole,
    /// Only a part; rows keep what is not modelled.
    Partial,
    /// Only its name; rows are JSON objects.
    NameOnly,
}

impl Coverage {
    /// The word as written in the spec.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Partial => "partial",
            Self::NameOnly => "name-only",
        }
    }
}

/// Whether a field may stand in a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filterable {
    /// It may.
    Yes,
    /// Not documented, but an example request filters it.
    Example,
    /// It may not.
    No,
    /// Not documented; the server decides.
    Unknown,
    /// Not documented, and the spec's strict policy keeps it out of filters.
    UnknownStrict,
    /// It is narrowed by a request header instead.
    Header(String),
}

/// Whether a value may be JSON null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Nullable {
    /// Not documented: taken as nullable.
    #[default]
    Unknown,
    /// A page or an example shows it null.
    Seen,
    /// A page says that it is never null.
    Never,
    /// No example shows it null; taken as present under the assumption `never-null`.
    AssumedNever,
}

impl Nullable {
    /// Whether the decoder must cope with null.
    pub const fn possible(self) -> bool {
        matches!(self, Self::Unknown | Self::Seen)
    }
}

/// One field of a row or an object, or one returned field of an aggregation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name on the wire.
    pub name: String,
    /// What its value looks like.
    #[serde(rename = "type")]
    pub ty: Type,
    /// The type as the page prints it.
    pub printed: String,
    /// Whether it may be null.
    #[serde(default)]
    pub nullable: Nullable,
    /// Whether examples lack the key.
    #[serde(default)]
    pub optional: bool,
    /// Whether it may stand in a filter. For objects' keys and returned fields: unknown.
    pub filterable: Filterable,
    /// The page's third column and what it holds, if known (`Can change?`, `Readonly`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// What it means, in the spec's own words.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// For a returned field: the report's field it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
}

/// A further column of a page's field table, kept under its own name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The column's title on the page.
    pub title: String,
    /// What the cell says; `unknown` where captures lost it.
    #[serde(default)]
    pub value: Tristate,
}

/// Yes, no, or not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Tristate {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Not known.
    #[default]
    Unknown,
}

impl Tristate {
    /// The word as written in the spec.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// One way to group a report's rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aggregation {
    /// Name on the wire.
    pub name: String,
    /// The fields that a group has in common; its rows are one per distinct value of these.
    pub by: Vec<String>,
    /// What it tells.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// For records: what each row holds, in the page's order, `compute` telling how it comes from the rows grouped.
    pub returns: Vec<Returned>,
    /// For a timeseries: the keys of a series' label; none where not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<Field>>,
}

/// A field of which captures show the type and not the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Unnamed {
    /// The type as the page prints it, as far as it is seen.
    pub printed: String,
    /// What is known of it.
    pub description: Option<String>,
    /// How well that is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// One returned field of an aggregation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Returned {
    /// Name, type and meaning.
    #[serde(flatten)]
    pub field: Field,
    /// How its value comes from the rows of the group.
    pub compute: Compute,
}

/// How a returned field comes from the rows of its group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Compute {
    /// The value that the group has in common.
    Key,
    /// The sum of that field over the rows; null counts as nothing.
    Sum(String),
    /// The smallest value of that field.
    Min(String),
    /// The largest value of that field.
    Max(String),
    /// All values of that field, ascending.
    Collect(String),
    /// How many rows.
    Count,
    /// That field's value where all rows agree, else null.
    Same(String),
    /// Per key, the earliest `from` and the latest `to` of that map of ranges (an open `to` stays open).
    Span(String),
    /// Not known: a simulator sends null.
    Unknown,
}

/// An example payload of the documentation, or an example page of which only the name is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// How much of it was seen: of a name-only one nothing but the name, of a partial one a cut payload.
    #[serde(default = "whole")]
    pub coverage: Coverage,
    /// The page it stands on.
    pub source: Option<String>,
    /// The aggregation it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation: Option<String>,
    /// The field whose value it shows, where it is no whole response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The request body, where one is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
    /// The response body, where one is shown; the field's value for an example of a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
}

const fn whole() -> Coverage {
    Coverage::Whole
}

/// A place where the documentation contradicts itself, and how the client copes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quirk {
    /// What sort of contradiction.
    pub kind: QuirkKind,
    /// What it concerns: `created_at`, or `reporting_id.timeseries_time_ranges` for a returned field.
    pub at: Vec<String>,
    /// The sentence that tells.
    pub description: String,
}

/// What sort of contradiction a quirk records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum QuirkKind {
    /// The table lists it; the examples lack it. The client takes the key as optional.
    AbsentInExamples,
    /// The examples have it; no table lists it.
    OnlyInExamples,
    /// Timestamps in examples have no zone designator.
    Zoneless,
    /// The type column says one thing, the text another.
    TypeDisagrees,
    /// Typed as an enumeration, without any value listed.
    NoValues,
    /// The example is not valid JSON as printed.
    BrokenExample,
    /// The example does not answer what it asks.
    ExampleDisagrees,
}

impl QuirkKind {
    /// The word as written in the spec.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AbsentInExamples => "absent-in-examples",
            Self::OnlyInExamples => "only-in-examples",
            Self::Zoneless => "zoneless",
            Self::TypeDisagrees => "type-disagrees",
            Self::NoValues => "no-values",
            Self::BrokenExample => "broken-example",
            Self::ExampleDisagrees => "example-disagrees",
        }
    }
}
