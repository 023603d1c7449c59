//! `reports/<group>/<report>.yaml` as written. The derived JSON Schema validates the file, and its descriptions are these comments.

use indexmap::IndexMap;
use placewise_model::{
    Compute, Coverage, EnumValue, Example, Format, Nullable, Provenance, Quirk, Relation, Simulate, Tristate, Unnamed,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::metric::{AddsDef, DataLagDef};

/// One report.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportFile {
    /// Its wire name, as in the page's title and the file's name.
    pub report: String,
    /// A name in code, in snake case such as `created_at_text`. Needed only where the wire name makes no good or unique one.
    #[schemars(regex(pattern = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"))]
    pub name: Option<String>,
    /// Its format.
    pub format: Format,
    /// The permit that a token needs. Omit if unknown.
    pub permit: Option<String>,
    /// Its base cost in tokens. Omit if unknown.
    pub cost: Option<u32>,
    /// The page that documents it.
    pub source: Option<String>,
    /// How much of the page this file covers.
    pub coverage: Coverage,
    /// A description in your own words.
    pub description: Option<String>,
    /// How permit and cost are known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The title of the page's third column, such as `Can change?`.
    pub column: Option<String>,
    /// How the client treats unknown filterability.
    #[serde(default)]
    pub filter_policy: FilterPolicy,
    /// Timeseries only: the available intervals. Omit if no page names them.
    pub intervals: Option<Vec<String>>,
    /// Timeseries only: the data lag, as printed on the page: `~15 minutes`. If no page states it: `{ value, provenance }`. Omit if unknown.
    pub data_lag: Option<DataLagDef>,
    /// Timeseries only: over what the values of its series add up. Omit if unknown.
    pub adds: Option<AddsDef>,
    /// The fields, in page order.
    #[serde(default)]
    pub fields: IndexMap<String, FieldDef>,
    /// Fields with unknown names, in page order.
    #[serde(default)]
    pub unnamed: Vec<Unnamed>,
    /// Timeseries only: the label keys of a series without aggregation. Omit if unknown.
    pub labels: Option<IndexMap<String, ReturnDef>>,
    /// The aggregations, in page order.
    #[serde(default)]
    pub aggregations: IndexMap<String, AggregationDef>,
    /// Whether the report may have other aggregations. Default: yes, unless `coverage` is `whole`.
    pub more_aggregations: Option<YesNo>,
    /// Relations between the values of a row.
    #[serde(default)]
    pub relations: Vec<Relation>,
    /// How the simulator makes its data. Default: from the fields alone.
    pub simulate: Option<Simulate>,
    /// Example payloads.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Contradictions of the page, and details that captures lose.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
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

/// How the client treats unknown filterability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FilterPolicy {
    /// The field can be filtered; the server decides.
    #[default]
    Lenient,
    /// A filter on the field does not compile.
    Strict,
}

/// One field of a row or an object.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldDef {
    /// `integer`, `number`, `string`, `boolean`, `timestamp`, `date`, `enum`, `object`, `json`, `array[T]` or `map[string]T`.
    #[serde(rename = "type")]
    pub ty: String,
    /// A name in code, in snake case such as `created_at_text`. Needed only where the wire name makes no good or unique one.
    #[schemars(regex(pattern = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"))]
    pub name: Option<String>,
    /// The values of an enumeration, each a text or `{ value, name, description, provenance }`. A `string` with values is an enumeration that the page types String.
    #[serde(default)]
    pub values: Vec<ValueDef>,
    /// The keys of an object.
    #[serde(default)]
    pub fields: IndexMap<String, FieldDef>,
    /// Whether it may be null.
    #[serde(default)]
    pub nullable: Nullable,
    /// Whether a filter can use it. Only for the report's own fields.
    #[serde(default)]
    pub filterable: FilterableDef,
    /// The cell of the page's third column. Only for the report's own fields.
    #[serde(default)]
    pub column: Tristate,
    /// The title of that column, if other fields of the report have none or another.
    pub column_title: Option<String>,
    /// The type as printed on the page, if that is not the usual print.
    pub printed: Option<String>,
    /// Whether the page marks it as deprecated.
    pub deprecated: Option<YesNo>,
    /// For a number in rows or figures: over what its values add up. Omit if unknown.
    pub adds: Option<AddsDef>,
    /// A description in your own words.
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// One value of an enumeration.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ValueDef {
    /// The value alone.
    Plain(String),
    /// The value with more details.
    Full(EnumValue),
}

/// Whether a filter can use a field.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FilterableDef {
    /// One word.
    Word(FilterableWord),
    /// A request header selects by it.
    Header(HeaderRef),
}

impl Default for FilterableDef {
    fn default() -> Self {
        Self::Word(FilterableWord::Unknown)
    }
}

/// Whether a filter can use a field, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FilterableWord {
    /// The page says yes.
    Yes,
    /// The page says no.
    No,
    /// An example request filters it, or the live API accepted a filter on it.
    Example,
    /// The live API refused a filter on it. No page says so.
    Refused,
    /// Not known.
    Unknown,
}

/// The header that selects by a field.
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
    /// The fields that a row's group has in common. Default: the field with the aggregation's name.
    pub by: Option<GroupingDef>,
    /// A name in code, in snake case such as `created_at_text`. Needed only where the wire name makes no good or unique one.
    #[schemars(regex(pattern = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"))]
    pub name: Option<String>,
    /// A description in your own words.
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The returned fields, in page order.
    #[serde(default)]
    pub returns: IndexMap<String, ReturnDef>,
    /// Timeseries only, instead of `returns`: the label keys of a series. Omit if unknown.
    pub labels: Option<IndexMap<String, ReturnDef>>,
}

/// What the rows of a group have in common.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum GroupingDef {
    /// The fields.
    Fields(Vec<String>),
    /// One word.
    Word(GroupingWord),
}

/// What the rows of a group have in common, in one word.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GroupingWord {
    /// Not known.
    Unknown,
}

/// One returned field, or one label key.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ReturnDef {
    /// `field`: the report's field of the same name.
    Word(ReturnWord),
    /// A mapping with more details.
    Full(Box<FullReturnDef>),
}

/// A returned field in one word.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnWord {
    /// The report's field of the same name.
    Field,
}

/// A returned field with more details. It has either `field` or `type`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullReturnDef {
    /// The report's field that it repeats.
    pub field: Option<String>,
    /// The type of a new field.
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// A name in code, in snake case such as `created_at_text`. Needed only where the wire name makes no good or unique one.
    #[schemars(regex(pattern = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"))]
    pub name: Option<String>,
    /// As in a field.
    #[serde(default)]
    pub values: Vec<ValueDef>,
    /// As in a field.
    #[serde(default)]
    pub fields: IndexMap<String, FieldDef>,
    /// As in a field. Default for a repeated field: that of the field.
    pub nullable: Option<Nullable>,
    /// The type as printed in this aggregation's table, if it differs.
    pub printed: Option<String>,
    /// How it is computed from the rows of its group. Not for label keys.
    pub compute: Option<Compute>,
    /// As in a field. Default for a repeated field: that of the field, unless rows are grouped by it.
    pub adds: Option<AddsDef>,
    /// A description in your own words.
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}
