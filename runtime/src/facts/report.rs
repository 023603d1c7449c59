//! The constants of one report: name, permit, cost, fields and intervals.

use std::fmt;

use super::api::Api;
use super::vocabulary::{Coverage, Filterability, Format, Provenance};

/// A report of an API. Generated code implements it for one marker type per report.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a report",
    label = "not a report",
    note = "reports are the unit structs that the generated client exports, one per report"
)]
pub trait Report: Copy + Send + Sync + 'static {
    /// The API it belongs to.
    type Api: Api;
    /// Its facts.
    const INFO: &'static ReportInfo;
}

/// The facts of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// The group it belongs to.
    pub group: &'static str,
    /// The format of its responses.
    pub format: Format,
    /// The permit that a token needs; none if unknown.
    pub permit: Option<&'static str>,
    /// Its base cost in rate-limit tokens; none if unknown.
    pub cost: Option<u32>,
    /// How much of its page is known.
    pub coverage: Coverage,
    /// The URL of its documentation page.
    pub source: Option<&'static str>,
    /// Its fields, in the order of the page.
    pub fields: &'static [FieldInfo],
    /// The intervals of a timeseries, finest first; empty if the report has every interval of the format.
    pub intervals: &'static [&'static str],
}

impl ReportInfo {
    /// The field with that wire name.
    pub fn field(&self, name: &str) -> Option<&'static FieldInfo> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The facts of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// Its type as a word: `integer`, `array[string]`.
    pub ty: TypeWord,
    /// Whether a filter may use it.
    pub filterable: Filterability,
    /// Where the fact comes from.
    pub provenance: Provenance,
}

/// A type as the spec writes it: `integer`, `array[string]`, `map[string]object`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeWord {
    /// One word.
    Plain(&'static str),
    /// A list.
    Array(&'static TypeWord),
    /// An object with free keys.
    Map(&'static TypeWord),
}

impl fmt::Display for TypeWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(word) => f.write_str(word),
            Self::Array(of) => write!(f, "array[{of}]"),
            Self::Map(of) => write!(f, "map[string]{of}"),
        }
    }
}
