//! Endpoints, and what a request to one takes from a report.

use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::setting::Setting;
use crate::vocabulary::{Coverage, Format, Provenance};

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its name in the spec.
    pub name: String,
    /// Its title on the documentation site.
    pub title: Option<String>,
    /// Its group on that site, if it is not the API's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its HTTP method.
    pub method: String,
    /// Its path; no value if not known. A name in braces is a placeholder for a value of the request.
    pub path: Setting<Option<String>>,
    /// The permit that it needs; none if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<String>,
    /// Cost of a call in tokens, unless the report decides.
    pub cost: Option<u32>,
    /// How much of its page is known.
    pub coverage: Coverage,
    /// What a request takes from a report.
    #[serde(default)]
    pub carries: Carries,
    /// Keys of the request; empty if not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request: Vec<Field>,
    /// Keys of the response; empty if not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response: Vec<Field>,
    /// What it is for.
    pub description: Option<String>,
    /// How well it is known.
    pub provenance: Provenance,
    /// The page that documents it.
    pub source: Option<String>,
}

/// What a request takes from a report, so that a client can fill it in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carries {
    /// The key of the report's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Setting<String>>,
    /// The key of a field's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Setting<String>>,
    /// Whether the body is that of a query of the format `query_format`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Setting<bool>>,
    /// The format of that query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_format: Option<Format>,
}
