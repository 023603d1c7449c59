//! What holds for every report: hosts, headers, permits, rate limits, errors, notes and assumptions.
//! In and out: plain data.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Coverage, Provenance, Setting, Tristate};

/// The platform under the reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Api {
    /// Its name, for people.
    pub name: String,
    /// What it is, in the spec's own words.
    pub description: Option<String>,
    /// The page that introduces it.
    pub source: Option<String>,
    /// The permit that every query needs besides the report's own.
    pub permit: Permit,
    /// Where it is served, by name.
    pub hosts: IndexMap<String, Host>,
    /// The headers it reads, by what they are for.
    pub headers: Headers,
    /// How the header for customers is written.
    pub customers: Customers,
    /// The rate limit.
    pub rate_limit: RateLimit,
    /// The groups of reports, in the site's order; a group may have none yet.
    pub groups: Vec<Group>,
    /// The error statuses it documents, by number.
    pub errors: Vec<ErrorStatus>,
    /// How error bodies look.
    pub error_body: ErrorBody,
    /// Further rules of the platform that queries have no part in or that only a reader needs, by name.
    #[serde(default)]
    pub notes: IndexMap<String, Note>,
}

/// A rule of the platform for readers.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A group of reports: a folder of the spec, a feature of the crate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// What its reports are about.
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
}

/// The general permit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Permit {
    /// The permit's name.
    pub name: String,
    /// Whether a query needs it together with the report's own permit.
    pub with_report: Setting<bool>,
    /// The page that names it.
    pub source: Option<String>,
}

/// One place where the API is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Base address, without a trailing slash.
    pub url: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The request headers, by what they are for. The set is closed: the client knows what to put in each.
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
    /// Names a part of the integrating system; none where the API has no such header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subproduct_name: Option<Header>,
    /// Carries the client token.
    pub token: Header,
    /// Carries a user's token, for endpoints that take one.
    pub user_token: Header,
    /// Chooses customers.
    pub customer: Header,
    /// Chooses one loyalty club by its slug.
    pub loyalty_club_slug: Header,
    /// Chooses the language of texts.
    pub locale: Header,
}

impl Headers {
    /// Every header with the key it has in the spec.
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
    /// Its one allowed value, or what stands before the secret (`Bearer `).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether a request without it is refused.
    #[serde(default)]
    pub required: Tristate,
    /// A documented example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How well it is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The page that documents it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// How the value of the customer header is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customers {
    /// What stands before one id (`id=`).
    pub id_prefix: String,
    /// Whether that stands before several ids too.
    pub several_prefixed: Setting<bool>,
    /// What stands between ids (`_`).
    pub id_separator: String,
    /// The whole value that means all customers (`all=all`).
    pub all: String,
    /// What stands between filters that must all hold (`;`).
    pub filter_separator: String,
    /// A list of ids must be shorter than this.
    pub fewer_than: u32,
    /// What else a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The page that documents it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The rate limit: a token bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateLimit {
    /// The status of a refused request.
    pub status: u16,
    /// Response header: least seconds to wait.
    pub retry_after: String,
    /// Response header: which bucket paid.
    pub bucket: String,
    /// Response header: tokens left; may be below zero.
    pub remaining: String,
    /// Response header: tokens that this request took.
    pub cost: String,
    /// Bucket of a query about one customer.
    pub one_customer: Setting<String>,
    /// Bucket of a query about several customers.
    pub several_customers: Setting<String>,
    /// Tokens that an aggregation adds to a query.
    pub aggregation_cost: Setting<u32>,
    /// Tokens that a report takes whose cost is not known. For the simulator.
    pub unknown_cost: Setting<u32>,
    /// Tokens that a full bucket holds.
    pub capacity: Setting<u32>,
    /// Tokens added each second.
    pub refill: Setting<u32>,
    /// Whether the headers come on every response and not only on refusals.
    pub on_every_response: Setting<bool>,
    /// What else a reader should know.
    pub description: Option<String>,
    /// The page that documents it.
    pub source: Option<String>,
}

/// One documented error status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorStatus {
    /// The HTTP status.
    pub status: u16,
    /// What the status stands for, out of the closed set that the client knows.
    pub name: ErrorName,
    /// What it means.
    pub description: String,
    /// What the caller can do.
    pub advice: String,
    /// How well it is known.
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// What an error status stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorName {
    /// The request cannot be parsed.
    BadRequest,
    /// The token is not accepted.
    Unauthorized,
    /// The feature is not enabled for the club.
    FeatureNotEnabled,
    /// The token lacks a permit.
    Forbidden,
    /// The thing asked for does not exist.
    NotFound,
    /// The action is not possible.
    NotPossible,
    /// Parameters are invalid.
    InvalidParameters,
    /// The rate limit is used up.
    TooManyRequests,
    /// The firewall refused.
    Firewall,
    /// The action's OAuth token is invalid.
    OauthToken,
    /// A required header is missing.
    HeaderMissing,
    /// A header is wrong.
    HeaderIncorrect,
    /// The API is in maintenance.
    Maintenance,
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
    /// The message that comes with invalid parameters.
    pub invalid_parameters: String,
    /// The symbols known, which are not all.
    #[serde(default)]
    pub symbols: IndexMap<String, Symbol>,
    /// What else a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The page that documents it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What one symbol of the tree of invalid parameters says.
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

/// Something the client takes as given because no page says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    /// Its name, in kebab case.
    pub id: String,
    /// What is taken as given.
    pub value: Value,
    /// Why this value.
    pub reason: String,
    /// What would settle it.
    pub settled_by: String,
    /// Whom it concerns.
    pub scope: Scope,
}

/// Whom an assumption concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The client: it can be turned when the client is built.
    Client,
    /// Only the simulator: numbers and behaviour that the real server decides.
    Simulator,
    /// The generated types: turned by editing the spec.
    Types,
}
