//! `api.yaml`, `filters.yaml` and `assumptions.yaml` as written. The derived JSON Schema validates the files, and its descriptions are
//! these comments.

use indexmap::IndexMap;
use placewise_model::{Coverage, ErrorBody, ErrorName, Headers, Host, Note, Provenance, Scope};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// A value, or the name of the assumption that holds it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SettingDef<T> {
    /// `{ assumed: <id> }`
    Assumed(AssumedRef),
    /// The value that a page states.
    Plain(T),
}

impl<T: Clone> SettingDef<T> {
    /// The same setting with another value.
    pub fn map<U>(&self, make: impl FnOnce(T) -> U) -> SettingDef<U> {
        match self {
            Self::Assumed(reference) => SettingDef::Assumed(reference.clone()),
            Self::Plain(value) => SettingDef::Plain(make(value.clone())),
        }
    }
}

/// The name of an assumption.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssumedRef {
    /// Its id in `assumptions.yaml`.
    pub assumed: String,
}

/// `api.yaml`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiFile {
    /// The API's name.
    pub api: String,
    /// A description in your own words.
    pub description: Option<String>,
    /// The page that introduces it.
    pub source: Option<String>,
    /// The permit that every query needs.
    pub permit: PermitDef,
    /// Its hosts, by name.
    pub hosts: IndexMap<String, Host>,
    /// Its request headers, by purpose.
    pub headers: Headers,
    /// The syntax of the customer header.
    pub customers: CustomersDef,
    /// The rate limit.
    pub rate_limit: RateLimitDef,
    /// The groups of reports, in the site's order. Each folder of `reports/` needs one; a group may have no reports yet.
    pub groups: IndexMap<String, GroupDef>,
    /// The documented error statuses, by number.
    pub errors: IndexMap<String, ErrorDef>,
    /// The keys of error bodies.
    pub error_body: ErrorBody,
    /// Other rules of the platform, by name.
    #[serde(default)]
    pub notes: IndexMap<String, Note>,
}

/// The syntax of the customer header.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomersDef {
    /// The text before one id (`id=`).
    pub id_prefix: String,
    /// Whether several ids have that prefix too.
    pub several_prefixed: SettingDef<bool>,
    /// The separator between ids (`_`).
    pub id_separator: String,
    /// The value for all customers (`all=all`).
    pub all: String,
    /// The separator between filters that must all match (`;`).
    pub filter_separator: String,
    /// A list must have fewer ids than this.
    pub fewer_than: u32,
    /// Anything else worth knowing.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
}

/// The permit for every query.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitDef {
    /// Its name.
    pub name: String,
    /// Whether a query also needs the report's own permit.
    pub with_report: SettingDef<bool>,
    /// The page that names it.
    pub source: Option<String>,
}

/// The rate limit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimitDef {
    /// The status of a rejected request.
    pub status: u16,
    /// The response header with the minimum seconds to wait.
    pub retry_after: String,
    /// The response header with the charged bucket.
    pub bucket: String,
    /// The response header with the remaining tokens.
    pub remaining: String,
    /// The response header with the tokens charged.
    pub cost: String,
    /// The bucket of a query for one customer.
    pub one_customer: SettingDef<String>,
    /// The bucket of a query for several customers.
    pub several_customers: SettingDef<String>,
    /// The tokens that an aggregation adds.
    pub aggregation_cost: SettingDef<u32>,
    /// The tokens for a report with unknown cost.
    pub unknown_cost: SettingDef<u32>,
    /// The capacity of a bucket in tokens.
    pub capacity: SettingDef<u32>,
    /// The tokens added per second.
    pub refill: SettingDef<u32>,
    /// Whether every response has these headers.
    pub on_every_response: SettingDef<bool>,
    /// Anything else worth knowing.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
}

/// A group of reports.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupDef {
    /// A description in your own words.
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// One documented error status.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorDef {
    /// Its meaning, as one of the known names.
    pub name: ErrorName,
    /// A description in your own words.
    pub description: String,
    /// What the caller can do.
    pub advice: String,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// `filters.yaml`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiltersFile {
    /// How much of the page this file covers.
    #[serde(default)]
    pub coverage: Coverage,
    /// A description in your own words.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
    /// The keys of nodes.
    pub keys: FilterKeys,
    /// The node types.
    pub operators: OperatorsDef,
}

/// The keys of filter nodes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilterKeys {
    /// The node's type.
    #[serde(rename = "type")]
    pub ty: String,
    /// A logical node's children.
    pub operations: String,
    /// A comparison's field.
    pub field: String,
    /// A comparison's value.
    pub value: String,
}

/// The node types, by meaning. The set is closed, because the client implements each.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorsDef {
    /// All operations match.
    pub and: OperatorDef,
    /// Any operation matches.
    pub or: OperatorDef,
    /// Field equals value.
    pub equal: OperatorDef,
    /// Field differs from value.
    pub not_equal: OperatorDef,
    /// Field is greater.
    pub greater_than: OperatorDef,
    /// Field is greater or equal.
    pub greater_or_equal: OperatorDef,
    /// Field is less.
    pub less_than: OperatorDef,
    /// Field is less or equal.
    pub less_or_equal: OperatorDef,
    /// Field is one of the values.
    pub one_of: OperatorDef,
    /// Field is none of the values.
    pub none_of: OperatorDef,
}

/// One node type.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorDef {
    /// Its wire name.
    pub name: String,
    /// The tokens that each such node adds.
    pub cost: SettingDef<u32>,
    /// A description in your own words.
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// `assumptions.yaml`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssumptionsFile {
    /// The assumptions by id.
    pub assumptions: IndexMap<String, AssumptionDef>,
}

/// One assumption.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssumptionDef {
    /// The assumed value.
    pub value: Value,
    /// Why this value.
    pub reason: String,
    /// What would settle it.
    pub settled_by: String,
    /// What it affects.
    pub scope: Scope,
}
