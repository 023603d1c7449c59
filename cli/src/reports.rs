//! `placewise reports`: lists the reports, or describes one.

use placewise_model::exit::{Failure, Outcome};
use placewise_model::{Field, Format, Model, Query, Report, nearest};
use placewise_reporting::MODEL;

use crate::terminal::{self, Output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The report; without one, all reports are listed
    report: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, output: Output) -> Outcome {
    let model: Model = serde_json::from_str(MODEL)?;
    match &arguments.report {
        None => list(&model, output),
        Some(name) => match model.report(name) {
            Some(report) => describe(&model, report, output),
            None => Err(Failure::Findings(unknown(&model, name))),
        },
    }
}

fn unknown(model: &Model, name: &str) -> String {
    let known: Vec<&str> = model.reports.iter().map(|report| report.name.as_str()).collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("no report is called `{name}`; did you mean `{near}`?"),
        None => format!("no report is called `{name}`; the reports are {}", known.join(", ")),
    }
}

fn list(model: &Model, output: Output) -> Outcome {
    if output == Output::Json {
        let list = model.reports.iter().map(|report| {
            serde_json::json!({ "report": report.name, "group": report.group, "format": report.format, "coverage": report.coverage, "permit": report.permit, "cost": report.cost })
        });
        return Ok(terminal::json(&list.collect())?);
    }
    let rows = model.reports.iter().map(|report| {
        let cost = report.cost.map_or_else(|| "not known".into(), |cost| cost.to_string());
        vec![report.name.clone(), report.group.clone(), report.format.word().into(), report.coverage.word().into(), cost]
    });
    Ok(terminal::table(&["report", "group", "format", "coverage", "tokens"], rows)?)
}

fn describe(model: &Model, report: &Report, output: Output) -> Outcome {
    if output == Output::Json {
        return Ok(terminal::json(&serde_json::to_value(report)?)?);
    }
    terminal::line(&format!("{} ({})", report.name, report.format.word()))?;
    if let Some(description) = &report.description {
        terminal::line(description.trim_end())?;
    }
    terminal::line(&format!("permit: {}", report.permit.as_deref().unwrap_or("not known")))?;
    if report.format == Format::Timeseries {
        let intervals: Vec<&str> = model.intervals(report).map(|interval| interval.name.as_str()).collect();
        terminal::line(&format!("intervals: {}{}", intervals.join(", "), report.intervals_note()))?;
        if let Some(lag) = &report.data_lag {
            terminal::line(&format!("data lag: {lag}"))?;
        }
        terminal::line(&format!("label keys: {}", labels(report.labels.as_deref())))?;
    }
    if report.fields.is_empty() {
        terminal::line("fields: not known")?;
    } else {
        let rows = report.fields.iter().map(|field| {
            let description = field.description.clone().unwrap_or_default();
            vec![field.name.clone(), description, field.ty.word(), field.filterable.describe()]
        });
        terminal::table(&["field", "meaning", "type", "filterable"], rows)?;
    }
    aggregations(report)?;
    terminal::heading("Query")?;
    let query = Query::example(model, report);
    Ok(terminal::line(&query.curl(&query.documented_target()))?)
}

fn aggregations(report: &Report) -> Outcome {
    for aggregation in &report.aggregations {
        let keys = match report.format {
            Format::Timeseries => labels(aggregation.labels.as_deref()),
            Format::Records | Format::Statistics => names(aggregation.returns.iter().map(|returned| &returned.field)),
        };
        terminal::line(&format!("by {}: {keys}", aggregation.name))?;
    }
    if report.more_aggregations {
        terminal::line("aggregations: the report can have more than are known")?;
    }
    Ok(())
}

fn labels(labels: Option<&[Field]>) -> String {
    labels.map_or_else(|| "not known".into(), |labels| names(labels.iter()))
}

fn names<'a>(fields: impl Iterator<Item = &'a Field>) -> String {
    fields.map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
}
