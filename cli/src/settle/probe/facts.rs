//! Facts that no assumption is about: what each report costs, which fields filters accept, and what logical nodes of a filter cost.

use placewise_model::{Field, Filterability, Format, Report, RequestKey, Type};
use serde_json::{Value, json};

use super::charts;
use crate::settle::judge::facts::refused;
use crate::settle::lab::{Lab, Stop, comparison};
use crate::settle::live::Request;

/// Asks for every report alone, then with filters.
pub(crate) async fn facts(lab: &mut Lab) -> Result<(), Stop> {
    for format in [Format::Records, Format::Timeseries] {
        for report in lab.reports(format) {
            let Some(request) = plain(lab, &report) else { continue };
            let index = lab.twice(&request).await?;
            if (200..300).contains(&lab.exchanges[index].status) && format == Format::Records {
                accepted(lab, &report).await?;
                stated_otherwise(lab, &report).await?;
            }
        }
    }
    logical(lab).await
}

fn plain(lab: &Lab, report: &Report) -> Option<Request> {
    match report.format {
        Format::Records => lab.query(report, &[]),
        _ => charts::recent(lab, report, None),
    }
}

/// Whether null can be compared with a field: any value would need a row.
fn has_null(field: &Field) -> bool {
    !matches!(field.ty, Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json)
}

/// One filter of all fields that the spec allows. The server names those that it refuses, at once or one after the other.
async fn accepted(lab: &mut Lab, report: &Report) -> Result<(), Stop> {
    let mut fields: Vec<&str> = report
        .fields
        .iter()
        .filter(|field| field.filterable.may_filter() && has_null(field))
        .map(|field| field.name.as_str())
        .collect();
    while !fields.is_empty() {
        let tests = fields.iter().map(|name| is_null(lab, name)).collect();
        let filter = node(lab, true, tests);
        let Some(request) = lab.query(report, &[(RequestKey::Filter, filter)]) else { return Ok(()) };
        let index = lab.twice(&request).await?;
        let view = lab.view();
        let refused = refused(&view, &view.asked[index]);
        let before = fields.len();
        fields
            .retain(|name| refused.iter().all(|(fact, _)| *fact != format!("reports/{}/fields/{name}/filterable", report.name)));
        if fields.len() == before {
            break;
        }
    }
    Ok(())
}

/// Each field that the spec says filters refuse.
async fn stated_otherwise(lab: &mut Lab, report: &Report) -> Result<(), Stop> {
    let refused =
        |field: &&Field| matches!(field.filterable, Filterability::No | Filterability::UnknownStrict) && has_null(field);
    for field in report.fields.iter().filter(refused) {
        let filter = is_null(lab, &field.name);
        let Some(request) = lab.query(report, &[(RequestKey::Filter, filter)]) else { return Ok(()) };
        lab.twice(&request).await?;
    }
    Ok(())
}

/// A comparison alone, and as the only child of each logical node.
async fn logical(lab: &mut Lab) -> Result<(), Stop> {
    let Some(report) = lab.bases().await?.into_iter().next() else { return Ok(()) };
    for field in report.fields.iter().filter(|field| field.filterable.may_filter() && has_null(field)).take(3) {
        let test = is_null(lab, &field.name);
        let Some(request) = lab.query(&report, &[(RequestKey::Filter, test.clone())]) else { return Ok(()) };
        let index = lab.twice(&request).await?;
        if !(200..300).contains(&lab.exchanges[index].status) {
            continue;
        }
        for and in [true, false] {
            let filter = node(lab, and, vec![test.clone()]);
            if let Some(request) = lab.query(&report, &[(RequestKey::Filter, filter)]) {
                lab.twice(&request).await?;
            }
        }
        break;
    }
    Ok(())
}

fn is_null(lab: &Lab, field: &str) -> Value {
    comparison(&lab.model, &lab.model.filter.operators.equal.name, field, Value::Null)
}

fn node(lab: &Lab, and: bool, children: Vec<Value>) -> Value {
    let language = &lab.model.filter;
    let operator = if and { &language.operators.and } else { &language.operators.or };
    json!({ (language.keys.ty.clone()): operator.name, (language.keys.operations.clone()): children })
}
