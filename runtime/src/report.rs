//! What generated code tells of one report: its name, permit, cost and fields. In and out: plain data, read by queries and by
//! programs that list reports.

use std::fmt;

use crate::{Api, Format};

/// A report of an API. Implemented by one marker type of generated code per report.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a report",
    label = "not a report",
    note = "reports are the unit structs that the generated client exports, one per report"
)]
pub trait Report: Copy + Send + Sync + 'static {
    /// The API it belongs to.
    type Api: Api;
    /// What is known of it.
    const INFO: &'static ReportInfo;
}

/// What is known of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// The group it stands in.
    pub group: &'static str,
    /// The format of its answers.
    pub format: Format,
    /// The permit that a token needs for it; none where not known.
    pub permit: Option<&'static str>,
    /// Its base cost in rate-limit tokens; none where not known.
    pub cost: Option<u32>,
    /// How much of it is known.
    pub coverage: Coverage,
    /// The page that documents it.
    pub source: Option<&'static str>,
    /// Its fields, in the page's order.
    pub fields: &'static [FieldInfo],
    /// For a timeseries: the intervals it offers, finest first; empty where it offers all that the format has.
    pub intervals: &'static [&'static str],
}

impl ReportInfo {
    /// The field of that wire name.
    pub fn field(&self, name: &str) -> Option<&'static FieldInfo> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// How much of a report is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coverage {
    /// All that its page tells.
    Whole,
    /// Only a part; rows keep what is not modelled.
    Partial,
    /// Only its name; rows are JSON objects.
    NameOnly,
}

/// What is known of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// Its type in words: `integer`, `array[string]`.
    pub ty: TypeWord,
    /// Whether it may stand in a filter.
    pub filterable: Filterable,
    /// How well it is known.
    pub provenance: Provenance,
}

/// A type as the spec writes it: `integer`, `array[string]`, `map[string]object`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeWord {
    /// One word.
    Plain(&'static str),
    /// A list of that.
    Array(&'static TypeWord),
    /// An object with free keys and such values.
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

/// Whether a field may stand in a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Filterable {
    /// It may.
    Yes,
    /// Not documented, but an example request filters it.
    Example,
    /// It may not.
    No,
    /// Not documented; the server decides.
    Unknown,
    /// Not documented, and kept out of filters for that reason.
    UnknownStrict,
    /// It is narrowed by a request header instead.
    Header(&'static str),
}

/// How well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provenance {
    /// A page states it.
    Documented,
    /// Seen only in an example payload.
    Example,
    /// A reading of what a page says, not a statement of it.
    Inferred,
    /// Taken as given because something must be.
    Assumed,
    /// Not known.
    Unknown,
}
