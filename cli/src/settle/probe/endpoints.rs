//! Requests to endpoints: at their paths and beside them, with values that fit and values that do not.

use placewise_model::{Endpoint, Format, Report, RequestKey};
use serde_json::{Map, Value};

use super::charts;
use super::tools::Reason;
use crate::settle::judge::keys::{NONSENSE, NONSENSE_KEY};
use crate::settle::judge::{elsewhere, judge};
use crate::settle::lab::{Lab, Stop};
use crate::settle::live::Request;
use crate::settle::role::Role;
use crate::settle::view::is_key;

/// A query of a report as it is asked first.
fn plain(lab: &Lab, report: &Report) -> Option<Request> {
    match report.format {
        Format::Timeseries => charts::recent(lab, report, None),
        Format::Records | Format::Statistics => lab.query(report, &[]),
    }
}

pub(super) async fn path(lab: &mut Lab, index: usize) -> Result<Reason, Stop> {
    let Some(endpoint) = lab.model.endpoints.get(index).cloned() else { return Ok(None) };
    let Some(path) = endpoint.path.value.clone() else { return Ok(None) };
    let id = endpoint.path.assumption.clone().unwrap_or_default();
    let is_decided = |lab: &Lab| judge(&lab.view(), &id, Role::Path(index)).is_some();
    let Some(format) = Format::ALL.iter().copied().find(|format| lab.model.endpoint_of(*format) == endpoint.name) else {
        let Some(request) = carrying(lab, &endpoint) else { return Ok(Some("the request has parts that are not known".into())) };
        lab.twice(&request).await?;
        lab.twice(&Request { path: elsewhere(&path), ..request }).await?;
        return Ok(Some("the server answers alike at a path that does not exist".into()));
    };
    // Something must be known to work, so that a refusal speaks of the path.
    lab.bases().await?;
    for report in lab.reports(format).into_iter().take(2) {
        let Some(request) = plain(lab, &report) else { break };
        lab.twice(&request).await?;
        if format == Format::Statistics {
            lab.twice(&Request { path: elsewhere(&path), ..request }).await?;
        }
        if is_decided(lab) {
            break;
        }
    }
    let others: Vec<String> = Format::ALL
        .iter()
        .filter_map(|other| lab.model.endpoint(lab.model.endpoint_of(*other))?.path.value.clone())
        .filter(|other| *other != path)
        .collect();
    let refuted =
        judge(&lab.view(), &id, Role::Path(index)).is_some_and(|found| found.verdict == placewise_model::Verdict::Refuted);
    if refuted && let Some(report) = lab.reports(format).into_iter().next() {
        for other in others {
            if let Some(request) = plain(lab, &report) {
                lab.twice(&Request { path: other, ..request }).await?;
            }
        }
    }
    Ok(Some("the replies there do not have the layout of the format".into()))
}

/// A request with what an endpoint carries.
fn carrying(lab: &Lab, endpoint: &Endpoint) -> Option<Request> {
    let path = endpoint.path.value.clone().filter(|path| !path.contains('{'))?;
    let mut body = Map::new();
    let (report, field) = described(lab)?;
    if let Some(key) = &endpoint.carries.report {
        body.insert(key.value.clone(), report.into());
    }
    if let Some(key) = &endpoint.carries.field {
        body.insert(key.value.clone(), field.into());
    }
    Some(Request { method: endpoint.method.to_ascii_uppercase(), path, body, customers: None })
}

/// The cheapest report with a field, and that field.
fn described(lab: &Lab) -> Option<(String, String)> {
    let reports = [Format::Records, Format::Timeseries].into_iter().flat_map(|format| lab.reports(format));
    reports.into_iter().find_map(|report| Some((report.name.clone(), report.fields.first()?.name.clone())))
}

pub(super) async fn key(lab: &mut Lab, index: usize, of_field: bool) -> Result<Reason, Stop> {
    let Some(endpoint) = lab.model.endpoints.get(index).cloned() else { return Ok(None) };
    let Some(mut request) = carrying(lab, &endpoint) else { return Ok(None) };
    let setting = if of_field { endpoint.carries.field.clone() } else { endpoint.carries.report.clone() };
    let Some(setting) = setting else { return Ok(None) };
    let (id, role) =
        (setting.assumption.clone().unwrap_or_default(), if of_field { Role::FieldKey(index) } else { Role::ReportKey(index) });
    let Some(good) = request.body.shift_remove(&setting.value) else { return Ok(None) };
    let ask = async |lab: &mut Lab, key: &str, value: Value| {
        let mut request = request.clone();
        request.body.insert(key.to_owned(), value);
        lab.twice(&request).await
    };
    ask(lab, NONSENSE_KEY, good.clone()).await?;
    ask(lab, &setting.value, good.clone()).await?;
    ask(lab, &setting.value, NONSENSE.into()).await?;
    let found = judge(&lab.view(), &id, role);
    if found.is_some_and(|found| found.verdict != placewise_model::Verdict::Refuted) {
        return Ok(None);
    }
    let view = lab.view();
    let at = endpoint.path.value.as_deref();
    let mut told: Vec<String> =
        view.all().filter(|one| Some(one.exchange.path.as_str()) == at).flat_map(|one| view.told_keys(one)).collect();
    let formats = Format::ALL.iter().filter_map(|format| view.key(*format, RequestKey::Report)).map(str::to_owned);
    let carried = lab.model.endpoints.iter().filter_map(|other| {
        let carries = &other.carries;
        (if of_field { &carries.field } else { &carries.report }).as_ref().map(|key| key.value.clone())
    });
    told.extend(formats.filter(|_| !of_field).chain(carried));
    let mut known = std::collections::BTreeSet::new();
    told.retain(|key| {
        *key != setting.value
            && key != NONSENSE_KEY
            && is_key(key)
            && !request.body.contains_key(key)
            && known.insert(key.clone())
    });
    drop(view);
    for candidate in told.into_iter().take(12) {
        ask(lab, &candidate, good.clone()).await?;
        ask(lab, &candidate, NONSENSE.into()).await?;
        if judge(&lab.view(), &id, role).is_some_and(|found| found.value.is_some()) {
            break;
        }
    }
    Ok(Some("the server does not check the value, so the replies do not show which key it reads".into()))
}

pub(super) async fn query_body(lab: &mut Lab, index: usize) -> Result<Reason, Stop> {
    let Some(endpoint) = lab.model.endpoints.get(index).cloned() else { return Ok(None) };
    let Some(path) = endpoint.path.value.clone() else { return Ok(None) };
    let format = endpoint.carries.query_format.unwrap_or(Format::Records);
    let Some(report) = lab.reports(format).into_iter().next() else { return Ok(None) };
    let Some(query) = plain(lab, &report) else { return Ok(None) };
    let mut request = Request { method: endpoint.method.to_ascii_uppercase(), path, ..query };
    lab.twice(&request).await?;
    request.body.insert(NONSENSE_KEY.into(), 1.into());
    lab.twice(&request).await?;
    Ok(Some("the server does not refuse what it does not know, so accepting a query shows nothing".into()))
}
