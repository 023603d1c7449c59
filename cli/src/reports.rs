//! `placewise reports`: lists the reports, or describes one.

use placewise_model::exit::{Failure, Outcome};
use placewise_model::{Adds, Field, Format, Model, Provenance, Query, Report, nearest};
use placewise_reporting::MODEL;

use crate::terminal::{self, Output};

/// What stands for a fact that no page states.
const NOT_DOCUMENTED: &str = Provenance::Unknown.describe();

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
        let lag = report.data_lag.map(|lag| format!("{lag}{}", known_as(lag.provenance)));
        terminal::line(&format!("data lag: {}", lag.as_deref().unwrap_or(NOT_DOCUMENTED)))?;
        let adds = report.adds.as_ref().map(|adds| adds.describe() + &known_as(adds.provenance));
        terminal::line(&format!("values add up: {}", adds.as_deref().unwrap_or(NOT_DOCUMENTED)))?;
        terminal::line(&format!("label keys: {}", labels(report.labels.as_deref())))?;
    }
    if report.fields.is_empty() {
        terminal::line("fields: not known")?;
    } else {
        if report.format != Format::Timeseries {
            terminal::line("numbers add up: not documented unless the field says so")?;
        }
        let rows = report.fields.iter().map(|field| {
            let adds = field.adds.as_ref().map(Adds::sentence);
            let meaning: Vec<String> = field.description.clone().into_iter().chain(adds).collect();
            vec![field.name.clone(), meaning.join(" "), field.ty.word(), field.filterable.describe()]
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
            Format::Records | Format::Statistics => returned(aggregation.returns.iter().map(|returned| &returned.field)),
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

/// The returned fields, each with over what it adds up, if that is known.
fn returned<'a>(fields: impl Iterator<Item = &'a Field>) -> String {
    let one = |field: &Field| match &field.adds {
        Some(adds) => format!("{} (adds up: {}{})", field.name, adds.describe(), known_as(adds.provenance)),
        None => field.name.clone(),
    };
    fields.map(one).collect::<Vec<_>>().join(", ")
}

/// How a fact is known, unless a page states it.
fn known_as(provenance: Provenance) -> String {
    if provenance == Provenance::Documented { String::new() } else { format!(", {}", provenance.describe()) }
}

fn names<'a>(fields: impl Iterator<Item = &'a Field>) -> String {
    fields.map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
}
