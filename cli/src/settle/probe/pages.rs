//! Pages of different sizes, the last one, and rows asked for by their timestamps.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use placewise_model::{Format, Nullable, Report, RequestKey, Type};
use serde_json::{Value, json};

use super::keys::{base, small};
use super::tools::{Reason, comparable, impossible, is_decided, is_simple, no_rows};
use crate::settle::judge::judge;
use crate::settle::judge::pages::proven;
use crate::settle::judge::zone::{is_in, known_zones, named, zoneless};
use crate::settle::lab::{Lab, Stop, comparison};
use crate::settle::live::Request;
use crate::settle::role::Role;
use crate::settle::view::Next;

/// A page that has fewer rows than requested: of one row, or of none.
pub(super) async fn last_page(lab: &mut Lab) -> Result<Reason, Stop> {
    let Some((report, _)) = base(lab).await? else { return no_rows() };
    let sized = small(lab, 3);
    let rows = lab.rows_of(&report);
    let equal = lab.model.filter.operators.equal.name.clone();
    let unique = |field: &str, value: &Value| rows.iter().filter(|row| row.get(field) == Some(value)).count() == 1;
    let mut filters: Vec<Value> = comparable(&report, &rows, is_simple)
        .into_iter()
        // Without a page size, only a page without rows is surely the last.
        .filter(|(field, value)| !sized.is_empty() && unique(&field.name, value))
        .map(|(field, value)| comparison(&lab.model, &equal, &field.name, value))
        .take(2)
        .collect();
    filters.extend(impossible(lab, &report).into_iter().take(1));
    for filter in filters {
        let parts: Vec<_> = [(RequestKey::Filter, filter)].into_iter().chain(sized.clone()).collect();
        let Some(request) = lab.query(&report, &parts) else { break };
        lab.twice(&request).await?;
        let decided = lab.model.records.null_cursor_ends.assumption.clone();
        if decided.is_none_or(|id| is_decided(lab, &id, Role::NullCursor)) {
            break;
        }
    }
    Ok(Some("no page was surely the last".into()))
}

/// The first page, and the one that a cursor without text leads to.
pub(super) async fn empty_cursor(lab: &mut Lab) -> Result<Reason, Stop> {
    let Some((report, _)) = base(lab).await? else { return no_rows() };
    let parts = small(lab, 2);
    let Some(first) = lab.query(&report, &parts) else { return no_rows() };
    lab.twice(&first).await?;
    if proven(&lab.view(), RequestKey::Cursor).is_none() {
        return Ok(Some("the key of the cursor is not known".into()));
    }
    let parts: Vec<_> = parts.into_iter().chain([(RequestKey::Cursor, "".into())]).collect();
    if let Some(request) = lab.query(&report, &parts) {
        lab.twice(&request).await?;
    }
    Ok(Some("the reply to a cursor without text is neither the first page nor another one".into()))
}

/// Plain pages, until one is not the last.
pub(super) async fn default_size(lab: &mut Lab) -> Result<Reason, Stop> {
    for report in lab.reports(Format::Records).into_iter().take(4) {
        let Some(request) = lab.query(&report, &[]) else { break };
        let index = lab.twice(&request).await?;
        let view = lab.view();
        if matches!(view.next(&view.asked[index]), Some(Next::Text(_))) {
            return Ok(None);
        }
        // One customer may have fewer rows than all those of the connection.
        if request.customers.is_some() {
            lab.twice(&Request { customers: None, ..request }).await?;
        }
    }
    Ok(Some("all rows of the reports that were asked fit on one page".into()))
}

/// A page of one row more than may be.
pub(super) async fn most_size(lab: &mut Lab) -> Result<Reason, Stop> {
    let Some((report, _)) = base(lab).await? else { return no_rows() };
    if proven(&lab.view(), RequestKey::PageSize).is_none() {
        return Ok(Some("the key of the page size is not known".into()));
    }
    let most = lab.model.records.most_page_size.clone();
    for size in [most.value.saturating_add(1), most.value] {
        let Some(request) = lab.query(&report, &[(RequestKey::PageSize, size.into())]) else { break };
        lab.twice(&request).await?;
        if most.assumption.as_deref().is_some_and(|id| is_decided(lab, id, Role::MostPageSize)) {
            break;
        }
    }
    Ok(Some("the server takes larger sizes, and there are too few rows to see how many it sends".into()))
}

/// Rows by their timestamps, taken in the assumed zone and then in others.
pub(super) async fn zone(lab: &mut Lab) -> Result<Reason, Stop> {
    let id = lab.model.records.zoneless_timestamps_in.assumption.clone().unwrap_or_default();
    let assumed = lab.model.records.zoneless_timestamps_in.value.clone();
    let mut reason = "no row has a timestamp without a zone in a field that can be filtered";
    // The server may refuse a filter that the spec allows, so another field is asked then.
    for (report, field, times) in timestamps(lab).await? {
        let mut zones = known_zones(&lab.view());
        zones.remove(&assumed);
        for zone in std::iter::once(assumed.clone()).chain(zones) {
            let mut all = true;
            for time in &times {
                all &= by_time(lab, &report, &field, *time, &zone, 1).await?;
            }
            if all {
                return Ok(None);
            }
        }
        if let (Some(time), false) = (times.first(), is_decided(lab, &id, Role::Zone)) {
            by_time(lab, &report, &field, *time, "UTC", 16 * 3600).await?;
        }
        if judge(&lab.view(), &id, Role::Zone).is_some() {
            return Ok(None);
        }
        reason = "rows are not found by their timestamps";
    }
    Ok(Some(reason.into()))
}

/// Reports whose rows have timestamps without zone in a field that may be filtered: one of summer, one of winter.
async fn timestamps(lab: &mut Lab) -> Result<Vec<(Report, String, Vec<DateTime>)>, Stop> {
    let mut found = Vec::new();
    let has_field =
        |report: &Report| report.fields.iter().any(|field| matches!(field.ty, Type::Timestamp) && field.filterable.may_filter());
    for report in lab.reports(Format::Records).into_iter().filter(has_field).take(2) {
        let Some(request) = lab.query(&report, &[]) else { break };
        lab.twice(&request).await?;
        let rows = lab.rows_of(&report);
        for (field, _) in comparable(&report, &rows, |ty| matches!(ty, Type::Timestamp)) {
            let times: Vec<DateTime> = rows.iter().filter_map(|row| zoneless(row.get(&field.name)?)).collect();
            let of = |summer: bool| times.iter().find(|time| is_in(**time, summer)).copied();
            let mut chosen: Vec<DateTime> = [of(true), of(false)].into_iter().flatten().collect();
            if chosen.is_empty() {
                chosen.extend(times.first());
            }
            if !chosen.is_empty() {
                found.push((report.clone(), field.name.clone(), chosen));
            }
        }
    }
    Ok(found)
}

/// Asks for the rows around a time in a zone; whether there are any.
async fn by_time(lab: &mut Lab, report: &Report, field: &str, time: DateTime, zone: &str, seconds: i64) -> Result<bool, Stop> {
    let Some(at) = named(zone).and_then(|zone| zone.to_timestamp(time).ok()) else { return Ok(false) };
    let around = SignedDuration::from_secs(seconds);
    let (Ok(low), Ok(high)) = (at.checked_sub(around), at.checked_add(around)) else { return Ok(false) };
    let text = |at: Timestamp| Value::from(format!("{at:.6}"));
    let (keys, operators) = (&lab.model.filter.keys, &lab.model.filter.operators);
    let ends = [
        comparison(&lab.model, &operators.greater_or_equal.name, field, text(low)),
        comparison(&lab.model, &operators.less_or_equal.name, field, text(high)),
    ];
    let filter = json!({ (keys.ty.clone()): operators.and.name.clone(), (keys.operations.clone()): ends });
    let Some(request) = lab.query(report, &[(RequestKey::Filter, filter)]) else { return Ok(false) };
    let index = lab.twice(&request).await?;
    let view = lab.view();
    Ok(view.rows(&view.asked[index]).is_some_and(|rows| !rows.is_empty()))
}

/// Plain pages of reports with fields that are assumed to be never null.
pub(super) async fn nulls(lab: &mut Lab, id: &str) -> Result<Reason, Stop> {
    let has_field = |report: &Report| report.fields.iter().any(|field| field.nullable == Nullable::AssumedNever);
    for report in lab.reports(Format::Records).into_iter().filter(has_field).take(3) {
        let Some(request) = lab.query(&report, &[]) else { break };
        lab.twice(&request).await?;
        // What is seen once is enough: the value is not to be found out.
        if judge(&lab.view(), id, Role::Types).is_some() {
            break;
        }
    }
    Ok(Some("no null was seen, which proves nothing".into()))
}
