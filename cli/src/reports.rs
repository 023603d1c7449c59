//! `placewise reports`: lists the reports, or describes one.

use std::io;

use placewise_model::exit::Outcome;
use placewise_model::{Adds, EnumValue, Field, Format, Model, Provenance, Query, Report, Type};
use serde_json::{Value, json};

use crate::api::Api;
use crate::assumptions;
use crate::completions;
use crate::connection::ApiArguments;
use crate::terminal::{self, Output, plural, printable};

/// What stands for a fact that no page states.
const NOT_DOCUMENTED: &str = Provenance::Unknown.describe();

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The report; without one, all reports are listed
    #[arg(add = completions::reports())]
    report: Option<String>,
    #[command(flatten)]
    api: ApiArguments,
}

pub(crate) fn run(arguments: &Arguments, output: Output) -> Outcome {
    let api = arguments.api.api()?;
    match &arguments.report {
        None => list(&api.model, output),
        Some(name) => {
            let report = api.report(name)?;
            let forms = Forms::of(arguments, &api, report)?;
            if output == Output::Json {
                return Ok(terminal::json(&document(&api.model, report, &forms)?)?);
            }
            describe(&api.model, report)?;
            forms.print()
        }
    }
}

fn list(model: &Model, output: Output) -> Outcome {
    if output == Output::Json {
        let list = model.reports.iter().map(|report| {
            json!({ "report": report.name, "group": report.group, "format": report.format, "coverage": report.coverage, "permit": report.permit, "cost": report.cost })
        });
        return Ok(terminal::json(&list.collect())?);
    }
    let rows = model.reports.iter().map(|report| {
        let cost = report.cost.map_or_else(|| "not known".into(), |cost| cost.to_string());
        vec![report.name.clone(), report.group.clone(), report.format.word().into(), report.coverage.word().into(), cost]
    });
    Ok(terminal::table(&["report", "group", "format", "coverage", "tokens"], rows)?)
}

/// The report as in the model, with what the model says elsewhere about it.
fn document(model: &Model, report: &Report, forms: &Forms) -> serde_json::Result<Value> {
    // The query in Rust is among its other forms.
    let mut document = serde_json::to_value(Report { rust_query: None, ..report.clone() })?;
    if report.format == Format::Timeseries {
        document["offered_intervals"] = model.intervals(report).map(serde_json::to_value).collect::<Result<_, _>>()?;
    }
    document["permits"] = json!([model.api.permit.name, report.permit]);
    document["assumptions"] = assumptions::of(model, report)?.iter().map(|assumption| assumption.id.as_str()).collect();
    document["query"] = json!({ "command": forms.command, "curl": forms.curl, "rust": forms.rust, "body": forms.body });
    Ok(document)
}

/// One query in every form.
struct Forms {
    command: Option<String>,
    curl: String,
    rust: Option<String>,
    body: Value,
}

impl Forms {
    fn of(arguments: &Arguments, api: &Api, report: &Report) -> Result<Self, placewise_model::exit::Failure> {
        let query = Query::example(&api.model, report);
        // The program's own API has a crate of generated types. The registry of another is made of its model.
        let rust = match arguments.api.model()? {
            None => report.rust_query.as_ref().map(|statements| format!("use placewise_reporting::*;\n\n{statements}")),
            Some(path) => query.rust_by_name("registry.").map(|statements| {
                let path = path.display().to_string();
                format!("let registry = Registry::from_model(&std::fs::read_to_string({path:?})?)?;\n{statements}")
            }),
        };
        Ok(Self {
            command: query.command_line().map(|command| arguments.api.repeated(&command)),
            curl: query.curl(&query.documented_target()),
            rust,
            body: serde_json::to_value(&query)?,
        })
    }

    fn print(&self) -> Outcome {
        terminal::heading("Query")?;
        match &self.command {
            Some(command) => terminal::line(command)?,
            None => terminal::line("The conditions of `placewise query` cannot express this filter.")?,
        }
        terminal::heading("The same with curl")?;
        terminal::line(&self.curl)?;
        if let Some(rust) = &self.rust {
            terminal::heading("The same in Rust")?;
            terminal::line(rust.trim_end())?;
        }
        Ok(())
    }
}

fn describe(model: &Model, report: &Report) -> Outcome {
    terminal::line(&format!("{} ({}, group {})", report.name, report.format.word(), report.group))?;
    if let Some(description) = &report.description {
        terminal::line(&paragraphs(description))?;
    }
    terminal::line("")?;
    let known = known_as(report.provenance);
    let permit = report.permit.as_ref().map(|permit| format!("{permit}{known}, together with {}", model.api.permit.name));
    fact("permit", permit.as_deref().unwrap_or("not known"))?;
    let tokens = |cost: u32| format!("{} for each request{known}", plural(cost.into(), "token"));
    fact("cost", &report.cost.map_or_else(|| "not known".into(), tokens))?;
    fact("coverage", &format!("{}: {}", report.coverage.word(), report.coverage.describe()))?;
    if let Some(source) = &report.source {
        fact("page", source)?;
    }
    let assumptions: Vec<&str> = assumptions::of(model, report)?.iter().map(|assumption| assumption.id.as_str()).collect();
    if !assumptions.is_empty() {
        fact("assumptions", &assumptions.join(", "))?;
    }
    for quirk in &report.quirks {
        fact("note", quirk.description.trim_end())?;
    }
    if report.format == Format::Timeseries {
        timeseries(model, report)?;
    }
    if report.fields.is_empty() {
        fact("fields", "not known")?;
    } else {
        if report.format != Format::Timeseries {
            fact("numbers add up", "not documented unless the field says so")?;
        }
        table(&["field", "type", "values", "filterable", "meaning"], &report.fields)?;
    }
    aggregations(report)
}

fn fact(name: &str, text: &str) -> io::Result<()> {
    terminal::line(&format!("{name}: {}", paragraphs(text)))
}

/// A text of the spec, line by line, so that it cannot control the terminal.
fn paragraphs(text: &str) -> String {
    text.trim_end().lines().map(printable).collect::<Vec<_>>().join("\n")
}

fn timeseries(model: &Model, report: &Report) -> Outcome {
    let lag = report.data_lag.map(|lag| format!("{lag}{}", known_as(lag.provenance)));
    fact("data lag", lag.as_deref().unwrap_or(NOT_DOCUMENTED))?;
    let adds = report.adds.as_ref().map(|adds| adds.describe() + &known_as(adds.provenance));
    fact("values add up", adds.as_deref().unwrap_or(NOT_DOCUMENTED))?;
    let automatic = &model.timeseries.auto.name;
    let intervals: Vec<&str> = model.intervals(report).map(|interval| interval.name.as_str()).collect();
    fact(
        "intervals",
        &format!("{}{}; without one, the server chooses (`{automatic}`)", intervals.join(", "), report.intervals_note()),
    )?;
    let rows = model.intervals(report).map(|interval| {
        let kept = String::from(interval.retention);
        vec![interval.name.clone(), interval.bucket_length.to_string(), kept, interval.provenance.describe().into()]
    });
    terminal::table(&["interval", "one value for each", "kept for", "known"], rows)?;
    match report.labels.as_deref() {
        None => fact("label keys", "not known")?,
        Some(labels) => {
            fact("label keys", &names(labels.iter()))?;
            table(&["label key", "type", "values", "", "meaning"], labels)?;
        }
    }
    Ok(())
}

/// The fields, those of objects under the name of the object.
fn table(heads: &[&str; 5], fields: &[Field]) -> Outcome {
    let mut rows = Vec::new();
    let mut described = Vec::new();
    nested("", fields, true, &mut |path, field, top| {
        let adds = field.adds.as_ref().map(Adds::sentence);
        let deprecated = field.deprecated.then(|| "Deprecated.".to_owned());
        let meaning: Vec<String> = field.description.clone().into_iter().chain(adds).chain(deprecated).collect();
        let filterable = if top { field.filterable.describe() } else { String::new() };
        rows.push(vec![path.to_owned(), field.ty.word(), values(field).join(", "), filterable, meaning.join(" ")]);
        let meanings = enumerated(field)
            .iter()
            .filter_map(|value| Some(format!("  {path} = {}: {}", value.value, value.description.as_ref()?)));
        described.extend(meanings);
    });
    // A column without a name is left out, and one without any cell tells nothing.
    let told = |column: &usize| !heads[*column].is_empty() && rows.iter().any(|row| !row[*column].is_empty());
    let filled: Vec<usize> = (0..heads.len()).filter(told).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let heads: Vec<&str> = filled.iter().map(|column| heads[*column]).collect();
    let rows = rows.iter().map(|row| filled.iter().map(|column| row[*column].clone()).collect());
    terminal::table(&heads, rows)?;
    Ok(described.iter().try_for_each(|line| terminal::line(&printable(line)))?)
}

fn nested(prefix: &str, fields: &[Field], top: bool, each: &mut impl FnMut(&str, &Field, bool)) {
    for field in fields {
        let path = format!("{prefix}{}", field.name);
        each(&path, field, top);
        if let Type::Object { fields } = field.ty.innermost() {
            nested(&format!("{path}."), fields, false, each);
        }
    }
}

fn enumerated(field: &Field) -> &[EnumValue] {
    match field.ty.innermost() {
        Type::Enum(ty) => &ty.values,
        _ => &[],
    }
}

fn values(field: &Field) -> Vec<String> {
    match field.ty.innermost() {
        Type::Boolean => vec!["true".into(), "false".into()],
        Type::Enum(ty) if ty.values.is_empty() => vec![NOT_DOCUMENTED.into()],
        _ => enumerated(field).iter().map(|value| value.value.clone()).collect(),
    }
}

fn aggregations(report: &Report) -> Outcome {
    for aggregation in &report.aggregations {
        let keys = match report.format {
            Format::Timeseries => aggregation.labels.as_deref().map_or_else(|| "not known".into(), |labels| names(labels.iter())),
            Format::Records | Format::Statistics => returned(aggregation.returns.iter().map(|returned| &returned.field)),
        };
        let description = aggregation.description.as_ref().map_or_else(String::new, |text| format!("\n  {}", text.trim_end()));
        fact(
            &format!("by {}", printable(&aggregation.name)),
            &format!("{keys}{}{description}", known_as(aggregation.provenance)),
        )?;
    }
    if report.more_aggregations {
        fact("aggregations", "the report can have more than are known")?;
    } else if report.aggregations.is_empty() {
        fact("aggregations", "none")?;
    }
    Ok(())
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
    let names: Vec<&str> = fields.map(|field| field.name.as_str()).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}
