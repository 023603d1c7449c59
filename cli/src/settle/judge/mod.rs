//! Judges: exchanges in, conclusions out. None of them sends anything, so a recording is judged like an experiment.
//!
//! Each judge looks for exchanges that differ in one thing. Without such a pair, or if pairs disagree, there is no verdict.

mod charts;
mod costs;
mod endpoints;
pub(crate) mod facts;
pub(crate) mod keys;
mod limits;
pub(crate) mod pages;
mod paths;
pub(crate) mod zone;

use super::finding::Finding;
use super::role::Role;
use super::view::View;

pub(crate) use charts::{bucket_seconds, surely_beyond};
pub(crate) use paths::elsewhere;

/// What the exchanges say about one role; none if they do not decide it.
pub(crate) fn judge(view: &View<'_>, id: &str, role: Role) -> Option<Finding> {
    let assumed = view.model.assumption(id)?.value.clone();
    match role {
        Role::Key(format, role) => keys::key(view, format, role),
        Role::Path(index) => paths::path(view, view.model.endpoints.get(index)?),
        Role::ReportKey(index) => endpoints::report_key(view, view.model.endpoints.get(index)?),
        Role::FieldKey(index) => endpoints::field_key(view, view.model.endpoints.get(index)?),
        Role::QueryBody(index) => endpoints::query_body(view, view.model.endpoints.get(index)?),
        Role::NullCursor => pages::null_cursor(view),
        Role::EmptyCursor => pages::empty_cursor(view),
        Role::DefaultPageSize => pages::default_size(view, &assumed),
        Role::MostPageSize => pages::most_size(view),
        Role::Zone => zone::zone(view),
        Role::TimePoints => charts::time_points(view),
        Role::BeyondRetention => charts::beyond_retention(view),
        Role::OperatorCost(_) => costs::operator(view, id, &assumed),
        Role::AggregationCost => costs::aggregation(view, &assumed),
        Role::UnknownCost => costs::unknown(view, &assumed),
        Role::SeveralPrefixed => limits::several_prefixed(view),
        Role::BothPermits => None,
        Role::OneBucket => limits::bucket(view, &assumed, false),
        Role::SeveralBucket => limits::bucket(view, &assumed, true),
        Role::Capacity => limits::capacity(view, &assumed),
        Role::Refill => limits::refill(view, &assumed),
        Role::LimitHeaders => limits::headers(view),
        Role::Types => facts::types(view),
    }
}
