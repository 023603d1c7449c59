//! `placewise assumptions`: the named values that are used because no page states them, and how to override each.

use std::collections::BTreeSet;

use placewise_model::exit::Outcome;
use placewise_model::{Assumption, Format, Model, Report, Scope};
use serde_json::{Value, json};

use crate::completions;
use crate::connection::ApiArguments;
use crate::terminal::{self, Output, printable};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only those that queries of this report depend on
    #[arg(add = completions::reports())]
    report: Option<String>,
    #[command(flatten)]
    api: ApiArguments,
}

pub(crate) fn run(arguments: &Arguments, output: Output) -> Outcome {
    let api = arguments.api.api()?;
    let assumptions = match &arguments.report {
        None => api.model.assumptions.iter().collect(),
        Some(name) => of(&api.model, api.report(name)?)?,
    };
    if output == Output::Json {
        let list: Vec<Value> = assumptions.iter().map(|assumption| {
            json!({
                "id": assumption.id, "value": assumption.value, "reason": assumption.reason, "settled_by": assumption.settled_by,
                "settled": assumption.settled, "scope": assumption.scope, "override": overriding(assumption),
            })
        }).collect();
        return Ok(terminal::json(&list.into())?);
    }
    if assumptions.is_empty() {
        return Ok(terminal::line("none")?);
    }
    for (index, assumption) in assumptions.iter().enumerate() {
        if index > 0 {
            terminal::line("")?;
        }
        terminal::line(&printable(&format!("{} = {} ({})", assumption.id, value(assumption), assumption.scope.word())))?;
        let settled = if assumption.settled { "settled" } else { "settled by" };
        for (name, text) in [("why", &assumption.reason), (settled, &assumption.settled_by)] {
            let text: Vec<&str> = text.split_whitespace().collect();
            terminal::line(&printable(&format!("  {name}: {}", text.join(" "))))?;
        }
        terminal::line(&printable(&format!("  to override: {}", overriding(assumption))))?;
    }
    Ok(())
}

fn value(assumption: &Assumption) -> String {
    if assumption.value.is_null() { "not known".into() } else { assumption.value.to_string() }
}

fn overriding(assumption: &Assumption) -> String {
    let id = &assumption.id;
    match assumption.scope {
        Scope::Client => format!("`placewise query … --assume {id}=VALUE`, or in Rust `.assume(\"{id}\", VALUE)`"),
        Scope::Simulator => format!("`placewise simulate --assume {id}=VALUE`"),
        Scope::Types => "in the spec; the generated types depend on it".into(),
    }
}

/// The assumptions that queries of a report depend on, in the model's order.
///
/// Settings carry the id of their assumption, so those of the report, its format and its endpoint are found in the model itself. No setting
/// refers to an assumption about types, which touches every field.
pub(crate) fn of<'m>(model: &'m Model, report: &Report) -> serde_json::Result<Vec<&'m Assumption>> {
    let mut ids = BTreeSet::new();
    let format = match report.format {
        Format::Records => serde_json::to_value(&model.records)?,
        Format::Timeseries => serde_json::to_value(&model.timeseries)?,
        Format::Statistics => serde_json::to_value(&model.statistics)?,
    };
    let endpoint = model.endpoint(model.endpoint_of(report.format));
    for part in [format, serde_json::to_value(endpoint)?, serde_json::to_value(&model.filter)?, serde_json::to_value(&model.api)?]
    {
        collect(&part, &mut ids);
    }
    // What the model says of the report itself makes some of these matter or not.
    let limit = &model.api.rate_limit;
    if report.cost.is_some() {
        limit.unknown_cost.assumption.iter().for_each(|id| _ = ids.remove(id));
    }
    if report.aggregations.is_empty() && !report.more_aggregations {
        limit.aggregation_cost.assumption.iter().for_each(|id| _ = ids.remove(id));
    }
    Ok(model.assumptions.iter().filter(|assumption| ids.contains(&assumption.id) || assumption.scope == Scope::Types).collect())
}

fn collect(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let (2, Some(Value::String(id)), true) = (map.len(), map.get("assumption"), map.contains_key("value")) {
                ids.insert(id.clone());
            }
            map.values().for_each(|value| collect(value, ids));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        _ => {}
    }
}
