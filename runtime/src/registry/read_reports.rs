//! Reads the reports of a model.

use super::reader::{Node, Problem};
use super::report_info::{AggregationInfo, FieldInfo, ReportInfo, ValueInfo};
use crate::facts::api::ApiRef;
use crate::facts::formats::IntervalInfo;
use crate::facts::metric::{Adds, DataLag};
use crate::facts::report::ReportSpec;
use crate::facts::vocabulary::{Coverage, Filterability, Format, Provenance};

const FORMATS: [(&str, Format); 3] =
    [("records", Format::Records), ("timeseries", Format::Timeseries), ("statistics", Format::Statistics)];
const COVERAGES: [(&str, Coverage); 3] =
    [("whole", Coverage::Whole), ("partial", Coverage::Partial), ("name-only", Coverage::NameOnly)];
const PROVENANCES: [(&str, Provenance); 5] = [
    ("documented", Provenance::Documented),
    ("example", Provenance::Example),
    ("inferred", Provenance::Inferred),
    ("assumed", Provenance::Assumed),
    ("unknown", Provenance::Unknown),
];
const FILTERABLE: [(&str, Filterability); 5] = [
    ("yes", Filterability::Yes),
    ("example", Filterability::Example),
    ("no", Filterability::No),
    ("unknown", Filterability::Unknown),
    ("unknown-strict", Filterability::UnknownStrict),
];
const NULLABLE: [(&str, bool); 4] = [("unknown", true), ("seen", true), ("never", false), ("assumed-never", false)];

pub(super) fn read(model: &Node<'_>, api: ApiRef) -> Result<Vec<ReportInfo>, Problem> {
    model.get("reports")?.list()?.map(|node| report(&node, api)).collect()
}

fn report(node: &Node<'_>, api: ApiRef) -> Result<ReportInfo, Problem> {
    let (name, format) = (node.get_text("name")?, node.get("format")?.word(&FORMATS)?);
    let cost = node.find("cost").map(|cost| cost.number()).transpose()?;
    let own: Vec<&'static str> = match node.find("intervals") {
        Some(names) => names.list()?.map(|name| name.text()).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let offered = |interval: &&IntervalInfo| format == Format::Timeseries && (own.is_empty() || own.contains(&interval.name));
    let intervals = api.0.timeseries.intervals.iter().filter(offered).copied().collect();
    let aggregations = list(node.find("aggregations"), aggregation)?;
    let more_aggregations = flag(node, "more_aggregations")?;
    let names: Vec<&'static str> = aggregations.iter().map(|aggregation| aggregation.name).collect();
    let (adds, data_lag) = (adds(node)?, data_lag(node)?);
    let spec = ReportSpec {
        cost,
        permit: node.find_text("permit")?,
        adds,
        data_lag,
        intervals: own.leak(),
        aggregations: (!more_aggregations).then(|| &*names.leak()),
        ..ReportSpec::new(name, format)
    };
    Ok(ReportInfo {
        name,
        group: node.get_text("group")?,
        format,
        permit: node.find_text("permit")?,
        cost,
        provenance: provenance(node)?,
        coverage: node.get("coverage")?.word(&COVERAGES)?,
        description: node.find_text("description")?.map(str::trim_end),
        source: node.find_text("source")?,
        data_lag,
        adds,
        fields: list(node.find("fields"), field)?,
        labels: list(node.find("labels"), field)?,
        aggregations,
        more_aggregations,
        intervals,
        api,
        spec: Box::leak(Box::new(spec)),
    })
}

fn list<T>(node: Option<Node<'_>>, read: impl Fn(&Node<'_>) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
    let Some(node) = node else { return Ok(Vec::new()) };
    node.list()?.map(|item| read(&item)).collect()
}

fn flag(node: &Node<'_>, key: &str) -> Result<bool, Problem> {
    node.find(key).map_or(Ok(false), |flag| flag.flag())
}

fn provenance(node: &Node<'_>) -> Result<Provenance, Problem> {
    node.find("provenance").map_or(Ok(Provenance::Documented), |word| word.word(&PROVENANCES))
}

/// Over what values add up; the model lists the dimensions.
fn adds(node: &Node<'_>) -> Result<Option<Adds>, Problem> {
    let Some(node) = node.find("adds") else { return Ok(None) };
    let mut adds = Adds::NEVER.known_as(provenance(&node)?);
    for dimension in node.get("over")?.list()? {
        match dimension.word(&[("customers", 0), ("time", 1), ("labels", 2)])? {
            0 => adds.customers = true,
            1 => adds.time = true,
            _ => adds.labels = true,
        }
    }
    Ok(Some(adds))
}

fn data_lag(node: &Node<'_>) -> Result<Option<DataLag>, Problem> {
    let Some(node) = node.find("data_lag") else { return Ok(None) };
    let (period, approximate) = (node.get("period")?.period()?, flag(&node, "approximate")?);
    Ok(Some(DataLag { period, approximate, provenance: provenance(&node)? }))
}

fn aggregation(node: &Node<'_>) -> Result<AggregationInfo, Problem> {
    Ok(AggregationInfo {
        name: node.get_text("name")?,
        description: node.find_text("description")?.map(str::trim_end),
        provenance: provenance(node)?,
        fields: list(node.find("labels").or_else(|| node.find("returns")), field)?,
    })
}

fn field(node: &Node<'_>) -> Result<FieldInfo, Problem> {
    let (ty, values) = kind(&node.get("type")?)?;
    let filterable = match node.find("filterable") {
        Some(by) => match by.find("header") {
            Some(header) => Filterability::Header(header.text()?),
            None => by.word(&FILTERABLE)?,
        },
        None => Filterability::Unknown,
    };
    Ok(FieldInfo {
        name: node.get_text("name")?,
        ty: ty.leak(),
        values,
        nullable: node.find("nullable").map_or(Ok(true), |word| word.word(&NULLABLE))?,
        optional: flag(node, "optional")?,
        adds: adds(node)?,
        filterable,
        description: node.find_text("description")?.map(str::trim_end),
        provenance: provenance(node)?,
    })
}

/// A type as the spec writes it, with the known values of its innermost type.
fn kind(node: &Node<'_>) -> Result<(String, Vec<ValueInfo>), Problem> {
    let plain = ["integer", "number", "string", "boolean", "timestamp", "date", "object", "json"].map(|word| (word, word));
    let outer = [("enum", "enum"), ("array", "array"), ("map", "map")];
    let words: Vec<_> = plain.into_iter().chain(outer).collect();
    match node.get("kind")?.word(&words)? {
        "enum" => Ok(("enum".into(), list(node.find("values"), value)?)),
        "array" => kind(&node.get("of")?).map(|(of, values)| (format!("array[{of}]"), values)),
        "map" => kind(&node.get("of")?).map(|(of, values)| (format!("map[string]{of}"), values)),
        plain => Ok((plain.into(), Vec::new())),
    }
}

fn value(node: &Node<'_>) -> Result<ValueInfo, Problem> {
    let description = node.find_text("description")?.map(str::trim_end);
    Ok(ValueInfo { value: node.get_text("value")?, description, provenance: provenance(node)? })
}
