//! Facts that apply to every report: hosts, headers, permits, rate limit, errors and notes.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::setting::Setting;
use crate::vocabulary::{Coverage, ErrorName, Provenance, Tristate};

/// Facts that apply to every report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The API's name.
    #[serde(rename = "api")]
    pub name: String,
    /// A description in your own words.
    pub description: Option<String>,
    /// The page that introduces it.
    pub source: Option<String>,
    /// The permit that every query needs besides the report's own.
    pub permit: Permit,
    /// Its hosts, by name.
    pub hosts: IndexMap<String, Host>,
    /// The headers that it reads, by purpose.
    pub headers: Headers,
    /// The grammar of the customer header.
    pub customers: Customers,
    /// The rate limit.
    pub rate_limit: RateLimit,
    /// The groups of reports, in the site's order. Each folder of `reports/` needs one; a group may have no reports yet.
    #[cfg_attr(feature = "schema", schemars(with = "IndexMap<String, Group>"))]
    pub groups: Vec<Group>,
    /// The documented error statuses, by number.
    #[cfg_attr(feature = "schema", schemars(with = "IndexMap<String, ErrorStatus>"))]
    pub errors: Vec<ErrorStatus>,
    /// The keys of error bodies.
    pub error_body: ErrorBody,
    /// Further rules for readers, by name.
    #[serde(default)]
    pub notes: IndexMap<String, Note>,
}

/// A rule for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// How much of its page is known.
    pub coverage: Coverage,
    /// What it says.
    pub description: String,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// A group of reports: a folder of the spec, a feature of the crate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name: its key in the spec.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub name: String,
    /// A description in your own words.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// The permit that every query needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// The permit's name.
    pub name: String,
    /// Whether a query needs it together with the report's own permit.
    pub with_report: Setting<bool>,
    /// The pattern of the reports' permits, with `{Report}` for the report's name in upper camel case. Omit if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_report: Option<String>,
    /// The page that names it.
    pub source: Option<String>,
}

/// One host of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Base URL, without a trailing slash.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The page that shows it.
    pub source: Option<String>,
}

/// The request headers, by purpose. The set is closed: the client knows the value of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Headers {
    /// The media type of bodies.
    pub content_type: Header,
    /// Names the client software.
    pub user_agent: Header,
    /// Names the integrating system.
    pub product_name: Header,
    /// Names a part of the integrating system; none if the API has no such header.
    pub subproduct_name: Option<Header>,
    /// Carries the client token.
    pub token: Header,
    /// Carries a user's token, for endpoints that accept one.
    pub user_token: Header,
    /// Selects customers.
    pub customer: Header,
    /// Selects one loyalty club by its slug.
    pub loyalty_club_slug: Header,
    /// Selects the language of texts.
    pub locale: Header,
}

impl Headers {
    /// Every header with its key in the spec.
    pub fn all(&self) -> Vec<(&'static str, &Header)> {
        let subproduct = self.subproduct_name.as_ref().map(|header| ("subproduct_name", header));
        let others = [
            ("content_type", &self.content_type),
            ("user_agent", &self.user_agent),
            ("product_name", &self.product_name),
            ("token", &self.token),
            ("user_token", &self.user_token),
            ("customer", &self.customer),
            ("loyalty_club_slug", &self.loyalty_club_slug),
            ("locale", &self.locale),
        ];
        others.into_iter().chain(subproduct).collect()
    }
}

/// One request header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its only value, or the prefix of the secret (`Bearer `).
    pub value: Option<String>,
    /// Whether the server rejects a request without it.
    #[serde(default)]
    pub required: Tristate,
    /// A documented example.
    pub example: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// The grammar of the customer header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Customers {
    /// The prefix of one id (`id=`).
    pub id_prefix: String,
    /// Whether several ids have that prefix too.
    pub several_prefixed: Setting<bool>,
    /// The separator of ids (`_`).
    pub id_separator: String,
    /// The value that selects all customers (`all=all`).
    pub all: String,
    /// The separator of filters that must all hold (`;`).
    pub filter_separator: String,
    /// A list of ids must be shorter than this.
    pub fewer_than: u32,
    /// Further notes.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
}

/// The rate limit: a token bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// The status of a rejected request.
    pub status: u16,
    /// Response header: minimum of seconds to wait.
    pub retry_after: String,
    /// Response header: the bucket that paid.
    pub bucket: String,
    /// Response header: tokens left; can be negative.
    pub remaining: String,
    /// Response header: cost of this request in tokens.
    pub cost: String,
    /// Bucket of a query about one customer.
    pub one_customer: Setting<String>,
    /// Bucket of a query about several customers.
    pub several_customers: Setting<String>,
    /// Cost in tokens that an aggregation adds to a query.
    pub aggregation_cost: Setting<u32>,
    /// Cost in tokens of a report whose cost is not known: the simulator charges it, and the client reserves it.
    pub unknown_cost: Setting<u32>,
    /// Tokens in a full bucket.
    pub capacity: Setting<u32>,
    /// Tokens added per second.
    pub refill: Setting<u32>,
    /// Whether every response has these headers, not only rejections.
    pub on_every_response: Setting<bool>,
    /// Further notes.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
}

/// One documented error status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorStatus {
    /// The HTTP status: its key in the spec.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub status: u16,
    /// What the status stands for.
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

/// The keys of error bodies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorBody {
    /// The key of the message.
    pub message: String,
    /// The key of the tree of invalid parameters.
    pub details: String,
    /// In a leaf of that tree: the key of the error's symbol.
    pub symbol: String,
    /// In a leaf of that tree: the key of its options.
    pub options: String,
    /// The message of an error about invalid parameters.
    pub invalid_parameters: String,
    /// The known symbols; there are more.
    #[serde(default)]
    pub symbols: IndexMap<String, Symbol>,
    /// Further notes.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
}

/// One symbol of the tree of invalid parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Symbol {
    /// The keys of its options.
    #[serde(default)]
    pub options: Vec<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}
