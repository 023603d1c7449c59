//! Charts of recent ranges, of ranges at the limit of time points, and of ranges before the retention.

use jiff::{SignedDuration, Timestamp};
use placewise_model::{Format, Interval, Report, RequestKey};
use serde_json::Value;

use super::tools::{Reason, is_decided};
use crate::settle::judge::{bucket_seconds, surely_beyond};
use crate::settle::lab::{Lab, Stop};
use crate::settle::live::Request;
use crate::settle::role::Role;

/// The hours of a recent chart: most intervals have few buckets in it, and the finest has not too many.
const HOURS: i64 = 3;

/// The end of recent ranges: an hour before the full hour in which the run started, so that it is the same in requests that are compared.
fn recent_end(lab: &Lab) -> i64 {
    lab.started.as_second().div_euclid(3600) * 3600 - 3600
}

/// A recent range as texts.
pub(super) fn recent_range(lab: &Lab) -> (String, String) {
    let end = recent_end(lab);
    (text(end - HOURS * 3600), text(end))
}

fn text(second: i64) -> String {
    Timestamp::from_second(second).map(|at| format!("{at:.3}")).unwrap_or_default()
}

/// Whether an interval has buckets of a fixed length that fit into a recent chart.
pub(super) fn fits(interval: &Interval) -> bool {
    bucket_seconds(interval.bucket_length).is_some_and(|seconds| seconds <= HOURS * 3600)
}

/// A chart of a recent range; with an interval, if the key of intervals is to be sent.
pub(super) fn recent(lab: &Lab, report: &Report, interval: Option<&str>) -> Option<Request> {
    let (from, to) = recent_range(lab);
    chart(lab, report, interval, from, to)
}

fn chart(lab: &Lab, report: &Report, interval: Option<&str>, from: String, to: String) -> Option<Request> {
    let mut parts: Vec<(RequestKey, Value)> = vec![(RequestKey::From, from.into()), (RequestKey::To, to.into())];
    parts.extend(interval.map(|name| (RequestKey::Interval, name.into())));
    lab.query(report, &parts)
}

/// The cheapest report with an interval of fixed length, and the finest such interval that also fits.
fn finest(lab: &Lab, fits: impl Fn(&Interval) -> bool) -> Vec<(Report, Interval)> {
    let with_interval = |report: Report| {
        let interval = lab
            .model
            .intervals(&report)
            .find(|interval| bucket_seconds(interval.bucket_length).is_some() && fits(interval))
            .cloned();
        interval.map(|interval| (report, interval))
    };
    lab.reports(Format::Timeseries).into_iter().filter_map(with_interval).take(2).collect()
}

const NO_CHART: &str = "no chart could be queried";

fn has_chart(lab: &Lab) -> bool {
    lab.view().queries(Format::Timeseries).any(|one| one.is_ok())
}

/// Ranges of exactly the limit, and of one bucket more or less.
pub(super) async fn time_points(lab: &mut Lab) -> Result<Reason, Stop> {
    let most = i64::from(lab.model.timeseries.most_time_points);
    let id = lab.model.timeseries.time_points.assumption.clone().unwrap_or_default();
    for (report, interval) in finest(lab, |_| true) {
        let Some(seconds) = bucket_seconds(interval.bucket_length) else { continue };
        let end = recent_end(lab);
        for points in [most, most + 1, most - 1] {
            let request = chart(lab, &report, Some(&interval.name), text(end - points * seconds), text(end));
            let Some(request) = request else { return Ok(Some("no path of charts is known".into())) };
            lab.twice(&request).await?;
            if is_decided(lab, &id, Role::TimePoints) {
                return Ok(None);
            }
        }
    }
    if !has_chart(lab) {
        return Ok(Some(NO_CHART.into()));
    }
    Ok(Some("the server does not refuse a range because of its length, or refuses shorter ones too".into()))
}

/// A range that is kept, and one that is not.
pub(super) async fn beyond_retention(lab: &mut Lab) -> Result<Reason, Stop> {
    let id = lab.model.timeseries.beyond_retention.assumption.clone().unwrap_or_default();
    for (report, interval) in finest(lab, |interval| interval.retention.0.is_some()) {
        let (Some(seconds), Some(limit)) = (bucket_seconds(interval.bucket_length), surely_beyond(&interval, lab.started)) else {
            continue;
        };
        let day = SignedDuration::from_hours(24).as_secs();
        let old = limit.as_second().div_euclid(3600) * 3600 - day;
        for end in [recent_end(lab), old] {
            let Some(request) = chart(lab, &report, Some(&interval.name), text(end - 2 * seconds), text(end)) else {
                return Ok(Some("no path of charts is known".into()));
            };
            lab.twice(&request).await?;
        }
        if is_decided(lab, &id, Role::BeyondRetention) {
            return Ok(None);
        }
    }
    if !has_chart(lab) {
        return Ok(Some(NO_CHART.into()));
    }
    Ok(Some("the server has values from before the retention, or refuses what is kept".into()))
}
