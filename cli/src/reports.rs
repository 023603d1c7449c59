//! `placewise reports`: what can be asked. In: a report's name, or none; out: the list of reports, or one report's fields.

use placewise_model::{Field, Filterable, Format as ReportFormat, Model, Report};
use placewise_reporting::MODEL;

use crate::output::{self, Format};
use crate::{Failure, Outcome};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A report; all of them if left out
    report: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Outcome {
    let model: Model = serde_json::from_str(MODEL)
        .map_err(|error| Failure::Impossible(format!("the built-in description is damaged: {error}")))?;
    match &arguments.report {
        None => list(&model, format),
        Some(name) => match model.report(name) {
            Some(report) => show(&model, report, format),
            None => {
                let known: Vec<&str> = model.reports.iter().map(|report| report.name.as_str()).collect();
                Err(Failure::Findings(format!("there is no report `{name}`; there are {}", known.join(", "))))
            }
        },
    }
}

fn list(model: &Model, format: Format) -> Outcome {
    if format == Format::Json {
        let list = model.reports.iter().map(|report| {
            serde_json::json!({ "report": report.name, "group": report.group, "format": report.format, "coverage": report.coverage, "permit": report.permit, "cost": report.cost })
        });
        return Ok(output::json(&list.collect())?);
    }
    let rows = model.reports.iter().map(|report| {
        let cost = report.cost.map_or_else(|| "not known".into(), |cost| cost.to_string());
        vec![report.name.clone(), report.group.clone(), report.format.word().into(), report.coverage.word().into(), cost]
    });
    Ok(output::table(&["report", "group", "format", "coverage", "tokens"], rows)?)
}

fn show(model: &Model, report: &Report, format: Format) -> Outcome {
    if format == Format::Json {
        let value = serde_json::to_value(report).map_err(|error| Failure::Impossible(error.to_string()))?;
        return Ok(output::json(&value)?);
    }
    output::line(&format!("{} ({})", report.name, report.format.word()))?;
    if let Some(description) = &report.description {
        output::line(description.trim_end())?;
    }
    output::line(&format!("permit {}", report.permit.as_deref().unwrap_or("not known")))?;
    if report.format == ReportFormat::Timeseries {
        let intervals: Vec<&str> = model.intervals(report).map(|interval| interval.name.as_str()).collect();
        let known = if report.intervals.is_some() { "" } else { " (those of every timeseries; its own are not known)" };
        output::line(&format!("intervals {}{known}", intervals.join(", ")))?;
        if let Some(lag) = &report.data_lag {
            output::line(&format!("data lag {lag}"))?;
        }
        output::line(&format!("labels {}", labels(report.labels.as_deref())))?;
    }
    if report.fields.is_empty() {
        output::line("fields not known")?;
        return aggregations(report);
    }
    let rows = report.fields.iter().map(|field| {
        let description = field.description.clone().unwrap_or_default();
        vec![field.name.clone(), field.ty.word(), filterable(&field.filterable).into(), description]
    });
    output::table(&["field", "type", "filterable", "meaning"], rows)?;
    aggregations(report)
}

fn aggregations(report: &Report) -> Outcome {
    for aggregation in &report.aggregations {
        let keys = match report.format {
            ReportFormat::Timeseries => labels(aggregation.labels.as_deref()),
            _ => names(aggregation.returns.iter().map(|returned| &returned.field)),
        };
        output::line(&format!("by {}: {keys}", aggregation.name))?;
    }
    if report.more_aggregations {
        output::line("aggregations: there may be more than are known")?;
    }
    Ok(())
}

fn labels(labels: Option<&[Field]>) -> String {
    labels.map_or_else(|| "not known".into(), |labels| names(labels.iter()))
}

fn names<'a>(fields: impl Iterator<Item = &'a Field>) -> String {
    fields.map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn filterable(filterable: &Filterable) -> &'static str {
    match filterable {
        Filterable::Yes => "yes",
        Filterable::Example => "yes, by an example",
        Filterable::No => "no",
        Filterable::Unknown | Filterable::UnknownStrict => "not documented",
        Filterable::Header(_) => "by header",
    }
}
