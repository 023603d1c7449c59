//! Probes: which requests to send so that a judge can decide. They conclude nothing themselves.
//!
//! Each request is sent twice, so that a server that answers differently each time is noticed.

mod charts;
mod customers;
mod endpoints;
mod facts;
mod keys;
mod pages;
mod tools;

use std::time::Duration;

use placewise_model::{Format, Report, RequestKey, Type};
use serde_json::Value;
use tokio::time::sleep;

use super::lab::{Lab, Stop, comparison};
use super::role::Role;
use tools::{comparable, is_simple, no_rows};

pub(crate) use facts::facts;
pub(crate) use tools::{Reason, is_decided};

/// Sends the requests of one role.
pub(crate) async fn probe(lab: &mut Lab, id: &str, role: Role) -> Result<Reason, Stop> {
    match role {
        Role::Key(format, role) => keys::probe(lab, format, role).await,
        Role::Path(index) => endpoints::path(lab, index).await,
        Role::ReportKey(index) => endpoints::key(lab, index, false).await,
        Role::FieldKey(index) => endpoints::key(lab, index, true).await,
        Role::QueryBody(index) => endpoints::query_body(lab, index).await,
        Role::NullCursor => pages::last_page(lab).await,
        Role::EmptyCursor => pages::empty_cursor(lab).await,
        Role::DefaultPageSize => pages::default_size(lab).await,
        Role::MostPageSize => pages::most_size(lab).await,
        Role::Zone => pages::zone(lab).await,
        Role::TimePoints => charts::time_points(lab).await,
        Role::BeyondRetention => charts::beyond_retention(lab).await,
        Role::OperatorCost(_) => operator_cost(lab, id).await,
        Role::AggregationCost => keys::probe(lab, Format::Records, RequestKey::Aggregation).await,
        Role::UnknownCost => unknown_cost(lab).await,
        Role::SeveralPrefixed => customers::several_prefixed(lab).await,
        Role::OneBucket => customers::bucket(lab, false).await,
        Role::SeveralBucket => customers::bucket(lab, true).await,
        Role::Capacity => capacity(lab).await,
        Role::LimitHeaders => lab.bases().await.map(|_| None),
        Role::BothPermits => Ok(None),
        Role::Refill => refill(lab, id).await,
        Role::Types => pages::nulls(lab, id).await,
    }
}

/// What must be known before a role can be probed.
pub(crate) fn needs(role: Role) -> &'static [Role] {
    const SIZE: Role = Role::Key(Format::Records, RequestKey::PageSize);
    const CURSOR: Role = Role::Key(Format::Records, RequestKey::Cursor);
    const INTERVAL: Role = Role::Key(Format::Timeseries, RequestKey::Interval);
    match role {
        Role::Key(Format::Records, RequestKey::Cursor) | Role::NullCursor | Role::MostPageSize => &[SIZE],
        Role::EmptyCursor => &[SIZE, CURSOR],
        Role::TimePoints | Role::BeyondRetention => &[INTERVAL],
        Role::AggregationCost => &[Role::Key(Format::Records, RequestKey::Aggregation)],
        _ => &[],
    }
}

/// Asks plain queries and the same with a filter of the operators that depend on an assumption.
async fn operator_cost(lab: &mut Lab, id: &str) -> Result<Reason, Stop> {
    let operators: Vec<(&'static str, String)> = lab
        .model
        .filter
        .operators()
        .into_iter()
        .filter(|(_, operator)| operator.cost.assumption.as_deref() == Some(id))
        .map(|(key, operator)| (key, operator.name.clone()))
        .collect();
    let Some(report) = lab.bases().await?.into_iter().next() else { return no_rows() };
    let rows = lab.rows_of(&report);
    let equal = lab.model.filter.operators.equal.name.clone();
    // Two operators of the assumption, because they may differ.
    for (key, name) in operators.into_iter().take(2) {
        for (field, value) in comparable(&report, &rows, is_simple).into_iter().take(3) {
            let node = match key {
                "and" | "or" => {
                    let one = comparison(&lab.model, &equal, &field.name, value.clone());
                    let keys = &lab.model.filter.keys;
                    serde_json::json!({ (keys.ty.clone()): name, (keys.operations.clone()): [one.clone(), one] })
                }
                "one_of" | "none_of" => comparison(&lab.model, &name, &field.name, Value::Array(vec![value])),
                "equal" | "not_equal" => comparison(&lab.model, &name, &field.name, value),
                _ if matches!(field.ty, Type::Integer | Type::Number) => comparison(&lab.model, &name, &field.name, value),
                _ => continue,
            };
            let Some(request) = lab.query(&report, &[(RequestKey::Filter, node)]) else { break };
            let index = lab.twice(&request).await?;
            if (200..300).contains(&lab.exchanges[index].status) {
                break;
            }
        }
    }
    Ok(Some("no filter was accepted, or no reply says what it cost".into()))
}

async fn unknown_cost(lab: &mut Lab) -> Result<Reason, Stop> {
    let formats = [Format::Records, Format::Timeseries];
    let reports: Vec<Report> =
        formats.into_iter().flat_map(|format| lab.reports(format)).filter(|report| report.cost.is_none()).take(2).collect();
    for report in &reports {
        let request = match report.format {
            Format::Records => lab.query(report, &[]),
            _ => charts::recent(lab, report, None),
        };
        if let Some(request) = request {
            lab.twice(&request).await?;
        }
    }
    Ok(Some("no reply says what such a report cost".into()))
}

/// Looks at the bucket of the cheapest query three times, with two pauses of different length.
async fn capacity(lab: &mut Lab) -> Result<Reason, Stop> {
    let Some(report) = lab.bases().await?.into_iter().next() else { return no_rows() };
    let Some(request) = lab.query(&report, &[]) else { return no_rows() };
    for pause in [0, 1100, 2200] {
        sleep(Duration::from_millis(pause)).await;
        lab.ask(&request).await?;
    }
    Ok(Some("the bucket did not return to one level, so it was not seen full, or others use it".into()))
}

/// Looks at the bucket many times a second, after other probes took tokens from it.
async fn refill(lab: &mut Lab, id: &str) -> Result<Reason, Stop> {
    let Some(report) = lab.bases().await?.into_iter().next() else { return no_rows() };
    let Some(request) = lab.query(&report, &[]) else { return no_rows() };
    for _ in 0..40 {
        if is_decided(lab, id, Role::Refill) {
            return Ok(None);
        }
        // Tokens must be spent faster than they are added.
        sleep(Duration::from_millis(80)).await;
        lab.ask(&request).await?;
    }
    Ok(Some("the bucket was full, or its level changed in no regular way".into()))
}
