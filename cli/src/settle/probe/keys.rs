//! Requests with and without a key, with a key that no server knows, and with the keys that it may be instead.

use std::collections::BTreeSet;

use placewise_model::{Format, Report, RequestKey};
use serde_json::{Map, Value};

use super::charts;
use super::tools::{Reason, impossible};
use crate::settle::judge::keys::{NONSENSE, NONSENSE_KEY, votes};
use crate::settle::judge::pages::proven;
use crate::settle::lab::{Lab, Stop, comparison};
use crate::settle::live::Request;
use crate::settle::view::{Next, is_key};

/// A request without the part, and the values that the part may have.
pub(super) struct Experiment {
    control: Request,
    values: Vec<Value>,
}

pub(super) async fn probe(lab: &mut Lab, format: Format, role: RequestKey) -> Result<Reason, Stop> {
    let experiments = match format {
        Format::Records => rows(lab, role).await?,
        Format::Timeseries => chart(lab, role).await?,
        Format::Statistics => statistics(lab, role),
    };
    if experiments.is_empty() {
        return Ok(Some(missing(format, role)));
    }
    for experiment in experiments {
        if seek(lab, format, role, &experiment).await? {
            return Ok(None);
        }
    }
    Ok(Some("the replies with and without it do not show whether it is read".into()))
}

fn missing(format: Format, role: RequestKey) -> String {
    match (format, role) {
        (Format::Records, RequestKey::Cursor) => "no page has a cursor: all rows fit on one".into(),
        (Format::Records, _) => "no report that may be queried has rows to compare".into(),
        (Format::Timeseries, _) => "no chart that may be queried shows it".into(),
        (Format::Statistics, _) => "no report of that format may be queried".into(),
    }
}

/// Sends an experiment; whether it decided. The keys that it may be instead are tried only after the assumed one failed.
async fn seek(lab: &mut Lab, format: Format, role: RequestKey, experiment: &Experiment) -> Result<bool, Stop> {
    let Some(assumed) = lab.view().key(format, role).map(str::to_owned) else { return Ok(false) };
    lab.twice(&experiment.control).await?;
    with_key(lab, experiment, &assumed).await?;
    if decided(lab, format, role, &assumed) == Some(true) {
        return Ok(true);
    }
    nonsense(lab, experiment).await?;
    let votes = decided(lab, format, role, &assumed);
    // Without a sign against the assumed key, others are tried only if the server names some.
    if votes == Some(true) || votes.is_none() && lab.view().queries(format).all(|one| lab.view().told_keys(one).is_empty()) {
        return Ok(votes.is_some());
    }
    for candidate in candidates(lab, format, role, &assumed) {
        with_key(lab, experiment, &candidate).await?;
        if decided(lab, format, role, &candidate) == Some(true) {
            return Ok(true);
        }
    }
    Ok(votes.is_some())
}

fn decided(lab: &Lab, format: Format, role: RequestKey, key: &str) -> Option<bool> {
    votes(&lab.view(), format, role, key).decided()
}

async fn with_key(lab: &mut Lab, experiment: &Experiment, key: &str) -> Result<(), Stop> {
    for value in &experiment.values {
        let mut request = experiment.control.clone();
        request.body.insert(key.to_owned(), value.clone());
        lab.twice(&request).await?;
    }
    Ok(())
}

/// A server that refuses keys that it does not know often says which it does.
async fn nonsense(lab: &mut Lab, experiment: &Experiment) -> Result<(), Stop> {
    with_key(
        lab,
        &Experiment { control: experiment.control.clone(), values: experiment.values.iter().take(1).cloned().collect() },
        NONSENSE_KEY,
    )
    .await
}

/// The keys that it may be: those that the server named, then those of the same part elsewhere in the model.
fn candidates(lab: &Lab, format: Format, role: RequestKey, assumed: &str) -> Vec<String> {
    let (model, view) = (&lab.model, lab.view());
    let mut all: Vec<String> = view.queries(format).flat_map(|one| view.told_keys(one)).collect();
    let elsewhere = Format::ALL.iter().filter_map(|other| view.key(*other, role));
    all.extend(elsewhere.map(str::to_owned));
    if role == RequestKey::Cursor {
        all.push(model.records.response.next.clone());
    }
    let others: BTreeSet<&str> = model
        .request_keys(format)
        .into_iter()
        .filter(|(of, key)| {
            *of != role && (key.assumption.is_none() || votes(&view, format, *of, &key.value).decided() == Some(true))
        })
        .map(|(_, key)| key.value.as_str())
        .collect();
    let mut known = BTreeSet::new();
    all.retain(|key| {
        key != assumed && key != NONSENSE_KEY && is_key(key) && !others.contains(key.as_str()) && known.insert(key.clone())
    });
    all.truncate(12);
    all
}

/// The parts that make pages small, if the key of the page size is known to work.
pub(super) fn small(lab: &Lab, rows: u64) -> Vec<(RequestKey, Value)> {
    let known = proven(&lab.view(), RequestKey::PageSize).is_some();
    known.then(|| (RequestKey::PageSize, rows.into())).into_iter().collect()
}

async fn rows(lab: &mut Lab, role: RequestKey) -> Result<Vec<Experiment>, Stop> {
    let mut all = Vec::new();
    match role {
        RequestKey::PageSize => {
            for report in lab.bases().await? {
                all.extend(lab.query(&report, &[]).map(|control| Experiment { control, values: vec![1.into()] }));
            }
        }
        RequestKey::Cursor => {
            // Without a page size, all rows of a small report are on one page.
            let mut reports = lab.bases().await?;
            let others = lab.reports(Format::Records).into_iter().filter(|one| reports.iter().all(|base| base.name != one.name));
            let others: Vec<Report> = others.take(4).collect();
            reports.extend(others);
            for report in reports {
                if !all.is_empty() {
                    break;
                }
                let Some(control) = lab.query(&report, &small(lab, 2)) else { continue };
                let index = lab.twice(&control).await?;
                let view = lab.view();
                let cursor = match view.next(&view.asked[index]) {
                    Some(Next::Text(cursor)) => cursor,
                    Some(Next::Empty) => "",
                    _ => continue,
                };
                all.push(Experiment { control, values: vec![cursor.into()] });
            }
        }
        RequestKey::Aggregation => {
            let tells = |report: &Report| {
                report.aggregations.iter().position(|one| {
                    one.returns.iter().any(|returned| report.field(&returned.field.name).is_none())
                        || report.fields.iter().any(|field| one.returns.iter().all(|returned| returned.field.name != field.name))
                            && !one.returns.is_empty()
                })
            };
            for report in lab.reports(Format::Records).into_iter().take(8) {
                let Some(name) = tells(&report).map(|index| report.aggregations[index].name.clone()) else { continue };
                if let Some(control) = lab.query(&report, &[]) {
                    all.push(Experiment { control, values: vec![name.into()] });
                }
                if all.len() > 1 {
                    break;
                }
            }
        }
        RequestKey::Filter => {
            for report in lab.bases().await? {
                let values = impossible(lab, &report).into_iter().take(1).collect::<Vec<_>>();
                all.extend(lab.query(&report, &[]).filter(|_| !values.is_empty()).map(|control| Experiment { control, values }));
            }
        }
        _ => {}
    }
    Ok(all)
}

async fn chart(lab: &mut Lab, role: RequestKey) -> Result<Vec<Experiment>, Stop> {
    let mut all = Vec::new();
    for report in lab.reports(Format::Timeseries).into_iter().take(3) {
        let Some(control) = charts::recent(lab, &report, None) else { continue };
        let values: Vec<Value> = match role {
            RequestKey::Interval => {
                let index = lab.twice(&control).await?;
                let view = lab.view();
                let used = view.asked[index]
                    .ok()
                    .and_then(|reply| reply.get(&lab.model.timeseries.response.interval))
                    .and_then(Value::as_str);
                let other = lab
                    .model
                    .intervals(&report)
                    .find(|interval| used.is_some_and(|used| used != interval.name) && charts::fits(interval));
                other.map(|interval| interval.name.as_str().into()).into_iter().collect()
            }
            RequestKey::Aggregation => report
                .aggregations
                .iter()
                .filter(|one| one.labels != report.labels)
                .map(|one| one.name.as_str().into())
                .take(1)
                .collect(),
            RequestKey::Filter => impossible(lab, &report).into_iter().take(1).collect(),
            _ => Vec::new(),
        };
        if !values.is_empty() {
            all.push(Experiment { control, values });
        }
    }
    all.truncate(2);
    Ok(all)
}

/// A value that fits and one that does not: nothing else is known of statistics.
fn statistics(lab: &Lab, role: RequestKey) -> Vec<Experiment> {
    let Some(report) = lab.reports(Format::Statistics).into_iter().next() else { return Vec::new() };
    let Some(mut control) = lab.query(&report, &[]) else { return Vec::new() };
    let values = match role {
        RequestKey::Report => {
            control.body = Map::new();
            vec![Value::from(report.name.as_str()), NONSENSE.into()]
        }
        RequestKey::From | RequestKey::To => {
            let (from, _) = charts::recent_range(lab);
            vec![Value::from(from), NONSENSE.into()]
        }
        RequestKey::Filter => {
            let equal = &lab.model.filter.operators.equal.name;
            vec![comparison(&lab.model, equal, NONSENSE, NONSENSE.into())]
        }
        RequestKey::Aggregation => vec![NONSENSE.into()],
        _ => Vec::new(),
    };
    if values.is_empty() { Vec::new() } else { vec![Experiment { control, values }] }
}

/// For other probes: a page of the cheapest report with rows.
pub(super) async fn base(lab: &mut Lab) -> Result<Option<(Report, Request)>, Stop> {
    let Some(report) = lab.bases().await?.into_iter().next() else { return Ok(None) };
    Ok(lab.query(&report, &[]).map(|request| (report, request)))
}
