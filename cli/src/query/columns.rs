//! The columns of an answer, checked against the model.

use placewise_model::exit::Failure;
use placewise_model::nearest;
use placewise_reporting::{Coverage, FieldInfo, Format, ReportInfo};

use crate::output::{ColumnType, Columns};
use crate::terminal::printable;

/// The columns of a query of the report.
pub(super) fn of(report: &ReportInfo, by: Option<&str>, chosen: Option<&[String]>, raw: bool) -> Result<Columns, Failure> {
    let known = known(report, by);
    let names: Vec<String> = known.iter().map(|(name, _)| (*name).to_owned()).collect();
    if let Some(chosen) = chosen {
        check(report, &names, chosen)?;
    }
    let types = known.into_iter().map(|(name, column)| (name.to_owned(), column)).collect();
    Ok(Columns { chosen: chosen.map(<[String]>::to_vec), known: names, types, raw, ..Columns::default() })
}

fn known(report: &ReportInfo, by: Option<&str>) -> Vec<(&'static str, ColumnType)> {
    let aggregation = by.map(|name| report.aggregation(name).map_or(&[][..], |aggregation| &aggregation.fields));
    let fields = match report.format {
        Format::Records => aggregation.unwrap_or(&report.fields),
        Format::Timeseries => aggregation.unwrap_or(&report.labels),
        _ => &[],
    };
    let of_field = |field: &FieldInfo| ColumnType { ty: field.ty, required: !field.nullable && !field.optional };
    let fields = fields.iter().map(|field| (field.name, of_field(field)));
    match report.format {
        Format::Timeseries => {
            let bucket = ("bucket", ColumnType { ty: "timestamp", required: true });
            let value = ("value", ColumnType { ty: "number", required: false });
            [bucket].into_iter().chain(fields).chain([value]).collect()
        }
        _ => fields.collect(),
    }
}

/// Where the model has every column, another one is a mistake.
fn check(report: &ReportInfo, known: &[String], chosen: &[String]) -> Result<(), Failure> {
    if let Some(twice) = chosen.iter().enumerate().find(|(index, name)| chosen[..*index].contains(name)) {
        return Err(Failure::CannotRun(format!("--columns: `{}` is there twice", printable(twice.1))));
    }
    if report.coverage != Coverage::Whole || report.format == Format::Statistics || known.is_empty() {
        return Ok(());
    }
    let Some(unknown) = chosen.iter().find(|name| !known.contains(name)) else { return Ok(()) };
    let meant = nearest(unknown, known.iter().map(String::as_str));
    let meant =
        meant.map_or_else(|| format!("; the columns are {}", known.join(", ")), |name| format!("; did you mean `{name}`?"));
    Err(Failure::CannotRun(format!("--columns: `{}` has no column `{}`{}", report.name, printable(unknown), printable(&meant))))
}
