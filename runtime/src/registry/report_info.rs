//! What is known of a report: the texts, types and names that its typed queries do not need.

use crate::facts::api::ApiRef;
use crate::facts::formats::IntervalInfo;
use crate::facts::metric::{Adds, DataLag};
use crate::facts::report::ReportSpec;
use crate::facts::vocabulary::{Coverage, Filterability, Format, Provenance};
use crate::{error::Error, text::nearest::unknown};

/// What is known of a report. It also makes queries of the report, checked against what is known.
///
/// ```
/// # fn main() -> Result<(), harbour_api::Error> {
/// use harbour_api::{Comparison, find_report};
///
/// let report = find_report("berths")?;
/// for field in &report.fields {
///     println!("{}: {} {:?}", field.name, field.ty, field.filterable);
/// }
/// let long = report.filter("length", Comparison::GreaterThan, 12.5)?;
/// let dry = report.filter("kind", "eq".parse()?, "dry")?;
/// let query = report.records()?.aggregated_by("kind")?.filter(long & dry);
/// assert_eq!(query.cost(), Some(8));
/// assert!(find_report("berth").unwrap_err().to_string().contains("did you mean `berths`?"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReportInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// The group it belongs to: the cargo feature of a generated crate.
    pub group: &'static str,
    /// The format of its responses.
    pub format: Format,
    /// The permit that a token needs; none if unknown.
    pub permit: Option<&'static str>,
    /// Its base cost in rate-limit tokens; none if unknown.
    pub cost: Option<u32>,
    /// How well permit and cost are known.
    pub provenance: Provenance,
    /// How much of its page is known.
    pub coverage: Coverage,
    /// What it shows; may have several paragraphs.
    pub description: Option<&'static str>,
    /// The URL of its documentation page.
    pub source: Option<&'static str>,
    /// How far the data of a timeseries lag behind; none if unknown.
    pub data_lag: Option<DataLag>,
    /// Over what the values of a timeseries add up; none if unknown. For the numbers of rows and figures see [`FieldInfo::adds`].
    pub adds: Option<Adds>,
    /// Its fields, in the order of the page.
    pub fields: Vec<FieldInfo>,
    /// The keys of a series label without aggregation; empty if unknown, or if the report is not a timeseries.
    pub labels: Vec<FieldInfo>,
    /// Its documented aggregations, in the order of the page.
    pub aggregations: Vec<AggregationInfo>,
    /// Whether it may have other aggregations than these.
    pub more_aggregations: bool,
    /// The intervals of a timeseries, finest first: all of the format if its own are not documented. Empty for other formats.
    pub intervals: Vec<IntervalInfo>,
    pub(super) api: ApiRef,
    pub(super) spec: &'static ReportSpec,
}

impl ReportInfo {
    /// The field with that wire name.
    pub fn field(&self, name: &str) -> Option<&FieldInfo> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field with that wire name.
    ///
    /// # Errors
    ///
    /// A configuration error that names the nearest field.
    pub fn find_field(&self, name: &str) -> Result<&FieldInfo, Error> {
        self.field(name).ok_or_else(|| {
            let known = self.fields.iter().map(|field| field.name);
            Error::configuration("field", format!("report {}: {}", self.name, unknown("field", name, known)))
        })
    }

    /// The aggregation with that wire name.
    pub fn aggregation(&self, name: &str) -> Option<&AggregationInfo> {
        self.aggregations.iter().find(|aggregation| aggregation.name == name)
    }
}

/// What is known of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// Its type as the spec writes it: `integer`, `number`, `string`, `boolean`, `timestamp`, `date`, `enum`, `object`, `json`, or a list
    /// or an object with free keys of these, such as `array[string]` and `map[string]integer`.
    pub ty: &'static str,
    /// The known values of an enumeration, also inside a list or an object with free keys. There may be others.
    pub values: Vec<ValueInfo>,
    /// Whether it may be null. True if unknown.
    pub nullable: bool,
    /// Whether rows may lack the key.
    pub optional: bool,
    /// Over what its values add up; none if unknown, or if it is no number.
    pub adds: Option<Adds>,
    /// Whether a filter may use it. Always unknown for the fields of aggregations and labels.
    pub filterable: Filterability,
    /// What it means.
    pub description: Option<&'static str>,
    /// How well it is known.
    pub provenance: Provenance,
}

/// A known value of an enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValueInfo {
    /// The value on the wire.
    pub value: &'static str,
    /// What it means.
    pub description: Option<&'static str>,
    /// How well it is known.
    pub provenance: Provenance,
}

/// What is known of an aggregation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AggregationInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// What it shows.
    pub description: Option<&'static str>,
    /// How well it is known.
    pub provenance: Provenance,
    /// The fields of its rows, or the keys of a series label; empty if unknown.
    pub fields: Vec<FieldInfo>,
}
