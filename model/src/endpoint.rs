//! Endpoints, and what a request to one takes from a report.

use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::setting::Setting;
use crate::vocabulary::{Coverage, Format, Provenance};

/// One endpoint. The spec writes its keys as `Fields` of another type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Endpoint<Fields: Default = Vec<Field>> {
    /// Its name: its key in the spec.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub name: String,
    /// Its title on the documentation site.
    pub title: Option<String>,
    /// Its group on that site, if not the API's own.
    pub group: Option<String>,
    /// Its HTTP method.
    pub method: String,
    /// Its path. A name in braces stands for a value of the request. If the path is unknown: an assumption with value null.
    #[serde(default)]
    pub path: Setting<Option<String>>,
    /// The permit it needs. Omit if unknown.
    pub permit: Option<String>,
    /// The tokens that a call costs, unless the report decides.
    pub cost: Option<u32>,
    /// Whether a call only reads, so that the client may send it again after a failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_reads: bool,
    /// How much of the page this file covers.
    #[serde(default = "Coverage::whole")]
    pub coverage: Coverage,
    /// What a request contains of a report.
    #[serde(default)]
    pub carries: Carries,
    /// The keys of the request. Omit if unknown.
    #[serde(default)]
    pub request: Fields,
    /// The keys of the response. Omit if unknown.
    #[serde(default)]
    pub response: Fields,
    /// A description in your own words.
    pub description: Option<String>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// What a request contains of a report, so that a client can fill it in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Carries {
    /// The key of the report's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Setting<String>"))]
    pub report: Option<Setting<String>>,
    /// The key of a field's name. Needs `report`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Setting<String>"))]
    pub field: Option<Setting<String>>,
    /// Whether the body is a query. Needs `query_format`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Setting<bool>"))]
    pub query: Option<Setting<bool>>,
    /// The format of that query.
    pub query_format: Option<Format>,
}
