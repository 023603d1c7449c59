//! The constants of one report that its queries need. Everything else about a report is in the registry.

use super::api::StaticApi;
use super::key::Key;
use super::metric::{Adds, DataLag};
use super::vocabulary::Format;

/// A report of an API. Generated code implements it for one marker type per report.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a report",
    label = "not a report",
    note = "reports are the unit structs that the generated client exports, one per report"
)]
pub trait Report: Copy + Send + Sync + 'static {
    /// The API it belongs to.
    type Api: StaticApi;
    /// What its queries need.
    #[doc(hidden)]
    const SPEC: &'static ReportSpec;
}

/// Stands for a report known only at run time: the one of a [`ReportInfo`](crate::ReportInfo).
#[derive(Debug)]
pub enum AnyReport {}

/// What the queries of a report need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportSpec {
    pub(crate) name: &'static str,
    pub(crate) format: Format,
    /// Base cost in tokens; none if unknown.
    pub(crate) cost: Option<u32>,
    /// The permit that a token needs for it; none if unknown.
    pub(crate) permit: Option<&'static str>,
    /// The names of its intervals, finest first; empty if it has every interval of the format.
    pub(crate) intervals: &'static [&'static str],
    /// For a timeseries: over what its values add up; none if unknown.
    pub(crate) adds: Option<Adds>,
    /// How far its data lag behind; none if unknown.
    pub(crate) data_lag: Option<DataLag>,
    /// The keys of its rows. Only needed to see whether the rows of an aggregation hold them.
    pub(crate) keys: &'static [Key],
    /// The only aggregations that a query may name; none if there may be more, or if their names are methods.
    pub(crate) aggregations: Option<&'static [&'static str]>,
}

impl ReportSpec {
    /// A report of unknown cost.
    pub const fn new(name: &'static str, format: Format) -> Self {
        Self { name, format, cost: None, permit: None, intervals: &[], adds: None, data_lag: None, keys: &[], aggregations: None }
    }

    /// With a base cost in tokens.
    pub const fn cost(self, tokens: u32) -> Self {
        Self { cost: Some(tokens), ..self }
    }

    /// With a permit.
    pub const fn permit(self, name: &'static str) -> Self {
        Self { permit: Some(name), ..self }
    }

    /// With only these intervals, finest first.
    pub const fn intervals(self, names: &'static [&'static str]) -> Self {
        Self { intervals: names, ..self }
    }

    /// With values that add up in this way, or never do.
    pub const fn adds(self, adds: Adds) -> Self {
        Self { adds: Some(adds), ..self }
    }

    /// With data that lag behind by this much.
    pub const fn data_lag(self, lag: DataLag) -> Self {
        Self { data_lag: Some(lag), ..self }
    }

    /// With rows of these keys.
    pub const fn keys(self, keys: &'static [Key]) -> Self {
        Self { keys, ..self }
    }
}
