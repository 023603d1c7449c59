//! Whether a path serves what it is assumed to serve.

use std::collections::BTreeSet;

use placewise_model::{Endpoint, Format};

use super::keys::NONSENSE;
use crate::settle::finding::Finding;
use crate::settle::view::{Asked, View};

/// The statuses of a path, or of a method of it, that is not served.
const NOT_SERVED: [u16; 2] = [404, 405];

/// The verdict on the path of an endpoint.
pub(crate) fn path(view: &View<'_>, endpoint: &Endpoint) -> Option<Finding> {
    let assumed = endpoint.path.value.as_deref();
    match Format::ALL.iter().copied().find(|format| view.model.endpoint_of(*format) == endpoint.name) {
        Some(format) => of_format(view, format, assumed),
        None => of_endpoint(view, endpoint, assumed?),
    }
}

/// Whether a reply has the layout of a format.
fn is_of(view: &View<'_>, asked: &Asked<'_>, format: Format) -> bool {
    match format {
        Format::Records => view.rows(asked).is_some(),
        Format::Timeseries => view.buckets(asked).is_some() && view.series(asked).is_some(),
        Format::Statistics => false,
    }
}

fn of_format(view: &View<'_>, format: Format, assumed: Option<&str>) -> Option<Finding> {
    let of_report = || view.all().filter(|one| one.report.is_some_and(|(_, report)| report.format == format));
    let serving: Vec<&Asked<'_>> = of_report().filter(|one| is_of(view, one, format)).collect();
    if let Some(one) = serving.iter().find(|one| Some(one.exchange.path.as_str()) == assumed) {
        return Some(Finding::holds(format!("`{}` answers a query with {}.", one.exchange.path, described(format)), [one.index]));
    }
    // Statistics have no layout that is known: a path that serves nothing is told apart by one that surely does not.
    if format == Format::Statistics
        && let Some(path) = assumed
        && let Some(found) = unlike_elsewhere(view, path, of_report().filter(|one| one.exchange.path == path))
    {
        return Some(found);
    }
    // A report may be missing, so two must be.
    let absent: Vec<&Asked<'_>> =
        of_report().filter(|one| Some(one.exchange.path.as_str()) == assumed && is_not_served(view, one)).collect();
    let reports: BTreeSet<&str> = absent.iter().filter_map(|one| Some(one.report?.1.name.as_str())).collect();
    let path = assumed?;
    let other_works = view.all().any(|one| one.is_ok());
    // What is not about a report of another format shows that something is served there.
    let is_served = view.all().any(|one| {
        let of_another = one.report.is_some_and(|(_, report)| report.format != format);
        one.exchange.path == path && !of_another && !is_not_served(view, one)
    });
    if !(reports.len() > 1 && other_works && !is_served) {
        return None;
    }
    let absent = absent.iter().map(|one| one.index);
    // Another path that serves charts may be that of another endpoint, as long as the assumed one does.
    let paths: BTreeSet<&str> = serving.iter().map(|one| one.exchange.path.as_str()).collect();
    Some(match (paths.first(), paths.len()) {
        (Some(other), 1) => {
            let by = format!("`{other}` answers a query with {}, and `{path}` does not.", described(format));
            Finding::refuted(Some((*other).into()), by, absent.chain(serving.iter().map(|one| one.index)))
        }
        _ => Finding::refuted(None, format!("`{path}` does not serve {}.", described(format)), absent),
    })
}

/// Whether the server says that there is nothing: by its status, or because it does not know the report there.
fn is_not_served(view: &View<'_>, asked: &Asked<'_>) -> bool {
    NOT_SERVED.contains(&asked.exchange.status) || asked.report.is_some_and(|(key, _)| view.named(asked, key).is_some())
}

const fn described(format: Format) -> &'static str {
    match format {
        Format::Records => "rows",
        Format::Timeseries => "a chart",
        Format::Statistics => "statistics",
    }
}

fn of_endpoint(view: &View<'_>, endpoint: &Endpoint, path: &str) -> Option<Finding> {
    let same_method = |one: &&Asked<'_>| one.exchange.method.eq_ignore_ascii_case(&endpoint.method);
    let at: Vec<&Asked<'_>> = view.all().filter(|one| one.exchange.path == path).filter(same_method).collect();
    if let Some(found) = unlike_elsewhere(view, path, at.iter().copied()) {
        return Some(found);
    }
    let other_works = view.all().any(|one| one.is_ok() && one.exchange.path != path);
    let absent = !at.is_empty() && at.iter().all(|one| NOT_SERVED.contains(&one.exchange.status));
    (absent && other_works).then(|| Finding::refuted(None, format!("`{path}` serves nothing."), at.iter().map(|one| one.index)))
}

/// A path that the server answers, while it answers a path beside it with "not found".
fn unlike_elsewhere<'v>(view: &View<'_>, path: &str, at: impl Iterator<Item = &'v Asked<'v>>) -> Option<Finding> {
    let beside = view.asked.iter().find(|one| one.exchange.path == elsewhere(path))?;
    if !NOT_SERVED.contains(&beside.exchange.status) {
        return None;
    }
    let mut served = at.filter(|one| !NOT_SERVED.contains(&one.exchange.status));
    let one = served.next()?;
    let by = format!("the server answers at `{path}` and says \"not found\" at a path that does not exist.");
    Some(Finding::holds(by, [one.index, beside.index]))
}

/// A path that surely does not exist.
pub(crate) fn elsewhere(path: &str) -> String {
    format!("{}/{NONSENSE}", path.trim_end_matches('/'))
}
