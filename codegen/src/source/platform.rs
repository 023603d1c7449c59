//! The form of files that hold for every report (`api.yaml`, `filters.yaml`, `assumptions.yaml`), as written. Plain serde types whose
//! derived JSON Schema judges each file.

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
    /// The value; a page states it.
    Plain(T),
}

impl<T: Clone> SettingDef<T> {
    /// The same setting with its value made into another.
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
    /// What it is, in your own words.
    pub description: Option<String>,
    /// The page that introduces it.
    pub source: Option<String>,
    /// The permit for every query.
    pub permit: PermitDef,
    /// Where it is served, by name.
    pub hosts: IndexMap<String, Host>,
    /// Its request headers, by what they are for.
    pub headers: Headers,
    /// How the customer header is written.
    pub customers: CustomersDef,
    /// The rate limit.
    pub rate_limit: RateLimitDef,
    /// The groups of reports, in the site's order. Each folder of `reports/` is listed here; a group may have no reports yet.
    pub groups: IndexMap<String, GroupDef>,
    /// Documented error statuses, by number.
    pub errors: IndexMap<String, ErrorDef>,
    /// The keys of error bodies.
    pub error_body: ErrorBody,
    /// Further rules of the platform, for readers, by name.
    #[serde(default)]
    pub notes: IndexMap<String, Note>,
}

/// How the customer header is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomersDef {
    /// What stands before one id (`id=`).
    pub id_prefix: String,
    /// Whether that stands before several ids too.
    pub several_prefixed: SettingDef<bool>,
    /// What stands between ids (`_`).
    pub id_separator: String,
    /// The whole value that means all customers (`all=all`).
    pub all: String,
    /// What stands between filters that must all hold (`;`).
    pub filter_separator: String,
    /// A list of ids must be shorter than this.
    pub fewer_than: u32,
    /// What else a reader should know.
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
    /// Whether it is needed together with the report's own.
    pub with_report: SettingDef<bool>,
    /// The page that names it.
    pub source: Option<String>,
}

/// The rate limit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimitDef {
    /// The status of a refused request.
    pub status: u16,
    /// Response header: least seconds to wait.
    pub retry_after: String,
    /// Response header: which bucket paid.
    pub bucket: String,
    /// Response header: tokens left.
    pub remaining: String,
    /// Response header: tokens taken.
    pub cost: String,
    /// Bucket of a query about one customer.
    pub one_customer: SettingDef<String>,
    /// Bucket of a query about several.
    pub several_customers: SettingDef<String>,
    /// Tokens that an aggregation adds to a query.
    pub aggregation_cost: SettingDef<u32>,
    /// Tokens that a report takes whose cost is not known.
    pub unknown_cost: SettingDef<u32>,
    /// Tokens that a full bucket holds.
    pub capacity: SettingDef<u32>,
    /// Tokens added each second.
    pub refill: SettingDef<u32>,
    /// Whether the headers come on every response.
    pub on_every_response: SettingDef<bool>,
    /// What else a reader should know.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
}

/// A group of reports.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupDef {
    /// What its reports are about.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// One documented error status.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorDef {
    /// What it stands for.
    pub name: ErrorName,
    /// What it means.
    pub description: String,
    /// What the caller can do.
    pub advice: String,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// `filters.yaml`
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiltersFile {
    /// How much of it this file holds.
    #[serde(default)]
    pub coverage: Coverage,
    /// What the filter language is.
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

/// The node types, by what they mean. The set is closed: the client knows how to write each.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorsDef {
    /// All operations hold.
    pub and: OperatorDef,
    /// Any operation holds.
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
    /// Its name on the wire.
    pub name: String,
    /// Tokens that each such node adds.
    pub cost: SettingDef<u32>,
    /// What it means.
    pub description: Option<String>,
    /// How well it is known.
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
    /// What is taken as given.
    pub value: Value,
    /// Why this value.
    pub reason: String,
    /// What would settle it.
    pub settled_by: String,
    /// Whom it concerns.
    pub scope: Scope,
}
