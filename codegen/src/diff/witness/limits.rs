//! Programs that need just what a cost, a permit or a limit allowed.

use placewise_model::{Format, Interval, Report, Unit};

use super::program::{Program, Query, fetch, minutes, of_format, query, retained_minutes, series, usual_report};
use super::requests::{any_query, call, customers, endpoint, operator};
use crate::diff::change::Witness;
use crate::diff::rule::Pair;
use crate::naming;

/// A query that is charged more than before.
pub(in crate::diff) fn cost(pair: &Pair<'_>) -> Option<Witness> {
    let path = &pair.difference.path;
    let limits = &pair.old.model.api.rate_limit;
    let base = |report: &Report| report.cost.unwrap_or(limits.unknown_cost.value);
    let (query, most) = match pair.step(0) {
        "endpoints" => {
            let (before, call) = call(pair)?;
            let most = pair.old.model.endpoint(pair.step(1))?.cost.unwrap_or(limits.unknown_cost.value);
            return Some(over_budget(pair, Query { before, call }, most));
        }
        "filters" => {
            let (report, filter, cost) = operator(pair, pair.step(2))?;
            let mut query = query(pair, report, None)?;
            query.call.push_str(&format!(".filter({filter})"));
            (query, base(report).saturating_add(cost))
        }
        "api" if pair.key() == "aggregation_cost" => {
            let known = |report: &&Report| !report.aggregations.is_empty() && report.format != Format::Statistics;
            let report = pair.old.model.reports.iter().find(known)?;
            let (_, method) = naming::aggregation(report.aggregations.first()?);
            (query(pair, report, Some(&method))?, base(report).saturating_add(limits.aggregation_cost.value))
        }
        "api" => {
            let unknown = |report: &&Report| report.cost.is_none() && report.format == Format::Records;
            let report = pair.old.model.reports.iter().find(unknown)?;
            (query(pair, report, None)?, base(report))
        }
        _ => {
            let report = pair.old.report(path)?;
            (query(pair, report, None)?, base(report))
        }
    };
    Some(over_budget(pair, query, most))
}

fn over_budget(pair: &Pair<'_>, query: Query, most: u32) -> Witness {
    let meta = if query.call.contains("::endpoints::") || query.call.contains("::statistics(") { "meta()" } else { "meta" };
    Program::with(query.before)
        .step(format!("let response = client.fetch({})?;", query.call))
        .unless(&format!("response.{meta}.tokens > Some({most})"), "more tokens than planned")
        .witness(pair.crate_name)
}

/// A request that needs the permit of the difference.
pub(in crate::diff) fn permit(pair: &Pair<'_>) -> Option<Witness> {
    if pair.step(0) == "endpoints" { endpoint(pair) } else { any_query(pair) }
}

/// A request that just fits the limit of the difference; none if only many do.
pub(in crate::diff) fn limit(pair: &Pair<'_>) -> Option<Witness> {
    match pair.key() {
        "most_page_size" => page_size(pair),
        "default_page_size" => default_page_size(pair),
        "most_time_points" => time_points(pair),
        "fewer_than" => customers(pair),
        "capacity" => capacity(pair),
        _ => None,
    }
}

/// As many queries as use up a new bucket, sent without waiting.
fn capacity(pair: &Pair<'_>) -> Option<Witness> {
    let report = usual_report(pair)?;
    let limits = &pair.new.model.api.rate_limit;
    let cost = pair.new.model.report(&report.name)?.cost.unwrap_or(limits.unknown_cost.value).max(1);
    let count = limits.capacity.value / cost + 1;
    if count > 200 {
        return None;
    }
    let query = query(pair, report, None)?;
    let builder = vec![
        ".customers(K::Customers::all())".into(),
        ".product_name(\"witness\")".into(),
        ".max_rate_limit_wait(std::time::Duration::ZERO)".into(),
    ];
    let program = Program { builder, ..Program::with(query.before) };
    let program = program.step(format!("for _ in 0..{count} {{")).breaks(format!("    client.fetch({})?;", query.call)).step("}");
    Some(program.witness(pair.crate_name))
}

/// A page of the largest size that was allowed.
fn page_size(pair: &Pair<'_>) -> Option<Witness> {
    let query = query(pair, of_format(pair, Format::Records)?, None)?;
    let most = pair.old.model.records.most_page_size.value;
    Some(fetch(pair, Query { call: format!("{}.page_size({most})", query.call), ..query }))
}

/// A page of the size that the server chose.
fn default_page_size(pair: &Pair<'_>) -> Option<Witness> {
    let query = query(pair, of_format(pair, Format::Records)?, None)?;
    let size = pair.old.model.records.default_page_size.value;
    let program = Program::with(query.before).step(format!("let page = client.fetch({})?;", query.call));
    Some(program.unless(&format!("page.rows.len() < {size}"), "more requests than planned").witness(pair.crate_name))
}

/// A chart of as many time points as were allowed.
fn time_points(pair: &Pair<'_>) -> Option<Witness> {
    let most = u64::from(pair.old.model.timeseries.most_time_points);
    let (report, interval) =
        charted(pair, |interval| interval.retention.0.is_none() && interval.bucket_length.unit <= Unit::Week)?;
    let length = minutes(interval) * most.checked_sub(1)?;
    Some(fetch(pair, series(&naming::report(report).marker, None, interval, 0, length)))
}

/// A report that offers an interval of some kind on both sides.
fn charted<'a>(pair: &'a Pair<'_>, of: impl Fn(&Interval) -> bool) -> Option<(&'a Report, &'a Interval)> {
    let mut reports: Vec<&Report> = pair.old.model.reports.iter().filter(|report| report.format == Format::Timeseries).collect();
    // The better a report is known, the more data it has.
    reports.sort_by_key(|report| report.coverage);
    reports.into_iter().find_map(|report| {
        let new = pair.new.model.report(&report.name)?;
        let still = |interval: &&Interval| pair.new.model.intervals(new).any(|other| other.name == interval.name);
        let interval = pair.old.model.intervals(report).filter(|interval| of(interval)).find(still)?;
        Some((report, interval))
    })
}

/// A chart of a time that is not retained any more.
pub(in crate::diff) fn retention(pair: &Pair<'_>) -> Option<Witness> {
    let (report, interval) = charted(pair, |interval| interval.name == pair.step(3))?;
    let new = pair.new.model.timeseries.interval(&interval.name)?;
    let bucket = minutes(interval);
    let end = retained_minutes(new.retention)? + bucket * 2;
    let most = bucket * u64::from(pair.old.model.timeseries.most_time_points.saturating_sub(2).max(1));
    let length = retained_minutes(interval.retention).map_or(most, |kept| kept.saturating_sub(end + bucket)).clamp(1, most);
    let query = series(&naming::report(report).marker, None, interval, end, length);
    let program = Program::with(query.before).step(format!("let chart = client.fetch({})?;", query.call));
    Some(program.unless("chart.data_points == Some(0)", "no data of that time").witness(pair.crate_name))
}
