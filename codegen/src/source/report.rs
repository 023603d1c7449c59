//! The form of `reports/<group>/<report>.yaml`, as written. Plain serde types whose derived JSON Schema judges the file.

use indexmap::IndexMap;
use placewise_model::{Compute, Coverage, Format, Nullable, Provenance, QuirkKind, Relation, Simulate, Tristate, Unnamed};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::formats::whole;

/// One report.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportFile {
    /// Name on the wire, as the page's title gives it; also the file's name.
    pub report: String,
    /// The format of its answers.
    pub format: Format,
    /// The permit that a token needs for it; left out where not known.
    pub permit: Option<String>,
    /// Its base cost in rate-limit tokens; left out where not known.
    pub cost: Option<u32>,
    /// The page that documents it.
    pub source: Option<String>,
    /// How much of it this file holds.
    pub coverage: Coverage,
    /// What it tells, in your own words.
    pub description: Option<String>,
    /// How well permit and cost are known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The title of the page's third column, such as `Can change?`.
    pub column: Option<String>,
    /// What an unknown filterability means.
    #[serde(default)]
    pub filter_policy: FilterPolicy,
    /// For a timeseries: the intervals it offers; left out where no page says.
    pub intervals: Option<Vec<String>>,
    /// For a timeseries: how far its data lag behind, as the page prints it.
    pub data_lag: Option<String>,
    /// The fields, in the order of the page.
    #[serde(default)]
    pub fields: IndexMap<String, FieldDef>,
    /// Fields whose names no capture shows, in the order of the page.
    #[serde(default)]
    pub unnamed: Vec<Unnamed>,
    /// For a timeseries: the keys of a series' label when nothing is aggregated; left out where not known.
    pub labels: Option<IndexMap<String, ReturnDef>>,
    /// The aggregations, in the order of the page.
    #[serde(default)]
    pub aggregations: IndexMap<String, AggregationDef>,
    /// Whether it may know more aggregations than these; where left out, a report that is not covered whole may.
    pub more_aggregations: Option<YesNo>,
    /// How values of a row hang together.
    #[serde(default)]
    pub relations: Vec<Relation>,
    /// How a simulator makes its data; from the fields alone where left out.
    pub simulate: Option<Simulate>,
    /// Example payloads.
    #[serde(default)]
    pub examples: Vec<ExampleDef>,
    /// What to know of the page: where it contradicts itself, or where captures of it lose something.
    #[serde(default)]
    pub quirks: Vec<QuirkDef>,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// What an unknown filterability means for the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FilterPolicy {
    /// The field can be filtered; the server decides.
    #[default]
    Lenient,
    /// Filtering by the field does not compile.
    Strict,
}

/// One field of a row or an object.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldDef {
    /// `integer`, `number`, `string`, `boolean`, `timestamp`, `date`, `enum`, `object`, `json`, `array[T]` or `map[string]T`.
    #[serde(rename = "type")]
    pub ty: String,
    /// The values of an enumeration, each a text or `{ value, name, about, standing }`. A `string` with values is an enumeration that the page types String.
    #[serde(default)]
    pub values: Vec<ValueDef>,
    /// The keys of an object.
    #[serde(default)]
    pub fields: IndexMap<String, FieldDef>,
    /// Whether it may be null.
    #[serde(default)]
    pub nullable: Nullable,
    /// Whether it may stand in a filter.
    #[serde(default)]
    pub filterable: FilterableDef,
    /// What the cell of the page's third column says.
    #[serde(default)]
    pub column: Tristate,
    /// The type as the page prints it, where that is not what this type is usually printed as.
    pub printed: Option<String>,
    /// What it means, in your own words.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// One value of an enumeration.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ValueDef {
    /// The value alone.
    Plain(String),
    /// The value with more to say.
    Full(FullValueDef),
}

/// One value of an enumeration, with more to say.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullValueDef {
    /// The value on the wire.
    pub value: String,
    /// What to call it in code, where the value itself gives no good name or the same as another.
    pub name: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// Whether a field may stand in a filter.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FilterableDef {
    /// One word.
    Word(FilterableWord),
    /// Narrowed by a request header.
    Header(HeaderRef),
}

impl Default for FilterableDef {
    fn default() -> Self {
        Self::Word(FilterableWord::Unknown)
    }
}

/// Whether a field may stand in a filter, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FilterableWord {
    /// The page says yes.
    Yes,
    /// The page says no.
    No,
    /// An example request filters it.
    Example,
    /// Not known.
    Unknown,
}

/// The header that narrows a field.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderRef {
    /// The header's name.
    pub header: String,
}

/// One aggregation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregationDef {
    /// The fields that a row's group has in common; the field named like the aggregation if left out.
    pub by: Option<Vec<String>>,
    /// What it tells, in your own words.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The returned fields, in the order of the page.
    #[serde(default)]
    pub returns: IndexMap<String, ReturnDef>,
    /// For a timeseries, in place of what it returns: the keys of a series' label; left out where not known.
    pub labels: Option<IndexMap<String, ReturnDef>>,
}

/// One returned field, or one key of a label.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ReturnDef {
    /// `field`: the report's field of the same name.
    Word(ReturnWord),
    /// More to say.
    Full(Box<FullReturnDef>),
}

/// The one word that a returned field can be.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnWord {
    /// The report's field of the same name.
    Field,
}

/// A returned field with more to say: either `field` or `type`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullReturnDef {
    /// The report's field that it repeats.
    pub field: Option<String>,
    /// Its type, where it is new.
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// As in a field.
    #[serde(default)]
    pub values: Vec<ValueDef>,
    /// As in a field.
    #[serde(default)]
    pub fields: IndexMap<String, FieldDef>,
    /// As in a field; for a repeated field, what the field says unless given.
    pub nullable: Option<Nullable>,
    /// The type as this aggregation's table prints it, where that differs.
    pub printed: Option<String>,
    /// How it comes from the rows of its group; not for keys of labels.
    pub compute: Option<Compute>,
    /// What it means, in your own words.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// An example payload, or an example page.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleDef {
    /// What it shows.
    pub name: String,
    /// How much of it was seen: of a `name-only` one nothing but the name, of a `partial` one a cut payload.
    #[serde(default = "whole")]
    pub coverage: Coverage,
    /// The page it stands on, if not the report's own.
    pub source: Option<String>,
    /// The aggregation it belongs to.
    pub aggregation: Option<String>,
    /// The field whose value it shows.
    pub field: Option<String>,
    /// The request body.
    pub request: Option<Value>,
    /// The response body, or the field's value.
    pub response: Option<Value>,
}

/// A contradiction of the page.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuirkDef {
    /// What sort.
    pub kind: QuirkKind,
    /// What it concerns: fields, or `aggregation.field`.
    pub at: Vec<String>,
    /// One sentence that tells.
    pub description: String,
}
