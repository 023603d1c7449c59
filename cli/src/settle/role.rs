//! What each assumption is about, found in the settings of the model.

use placewise_model::{Endpoint, Format, Model, RequestKey, Scope, Setting};

/// What a setting decides. An assumption may stand behind several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The key of a part of a format's requests.
    Key(Format, RequestKey),
    /// The path of an endpoint, given by its index.
    Path(usize),
    /// The key of the report in an endpoint's requests.
    ReportKey(usize),
    FieldKey(usize),
    /// Whether an endpoint's body is a query.
    QueryBody(usize),
    NullCursor,
    EmptyCursor,
    DefaultPageSize,
    MostPageSize,
    Zone,
    TimePoints,
    BeyondRetention,
    /// The cost of an operator, given by its key in the spec.
    OperatorCost(&'static str),
    AggregationCost,
    UnknownCost,
    SeveralPrefixed,
    BothPermits,
    OneBucket,
    SeveralBucket,
    Capacity,
    Refill,
    LimitHeaders,
    /// The generated types.
    Types,
}

/// Every role with the assumption behind it. Those on which others depend come first.
pub(crate) fn roles(model: &Model) -> Vec<(String, Role)> {
    let mut found = Found::default();
    let limit = &model.api.rate_limit;
    let endpoints = || model.endpoints.iter().enumerate();
    found.add(&limit.on_every_response, Role::LimitHeaders);
    // The bucket is full before the rest is asked, and is not afterwards.
    found.add(&limit.capacity, Role::Capacity);
    endpoints().for_each(|(index, endpoint)| found.add(&endpoint.path, Role::Path(index)));
    for format in Format::ALL {
        let mut keys = model.request_keys(*format);
        // Pages and their keys come before what is asked with several pages.
        keys.sort_by_key(|(role, _)| (*role != RequestKey::Report, *role != RequestKey::PageSize));
        keys.into_iter().for_each(|(role, key)| found.add(key, Role::Key(*format, role)));
    }
    endpoints().for_each(|(index, endpoint)| found.endpoint(index, endpoint));
    let (records, timeseries) = (&model.records, &model.timeseries);
    found.add(&records.null_cursor_ends, Role::NullCursor);
    found.add(&records.empty_cursor_ends, Role::EmptyCursor);
    found.add(&records.default_page_size, Role::DefaultPageSize);
    found.add(&records.most_page_size, Role::MostPageSize);
    for (key, operator) in model.filter.operators() {
        found.add(&operator.cost, Role::OperatorCost(key));
    }
    found.add(&limit.aggregation_cost, Role::AggregationCost);
    found.add(&limit.unknown_cost, Role::UnknownCost);
    found.add(&limit.one_customer, Role::OneBucket);
    found.add(&limit.several_customers, Role::SeveralBucket);
    found.add(&model.api.customers.several_prefixed, Role::SeveralPrefixed);
    found.add(&timeseries.time_points, Role::TimePoints);
    found.add(&timeseries.beyond_retention, Role::BeyondRetention);
    found.add(&records.zoneless_timestamps_in, Role::Zone);
    found.add(&model.api.permit.with_report, Role::BothPermits);
    found.add(&limit.refill, Role::Refill);
    let types = model.assumptions.iter().filter(|assumption| assumption.scope == Scope::Types);
    types.for_each(|assumption| found.0.push((assumption.id.clone(), Role::Types)));
    found.0
}

#[derive(Default)]
struct Found(Vec<(String, Role)>);

impl Found {
    fn add<T>(&mut self, setting: &Setting<T>, role: Role) {
        self.0.extend(setting.assumption.clone().map(|id| (id, role)));
    }

    fn endpoint(&mut self, index: usize, endpoint: &Endpoint) {
        let carries = &endpoint.carries;
        carries.report.iter().for_each(|key| self.add(key, Role::ReportKey(index)));
        carries.field.iter().for_each(|key| self.add(key, Role::FieldKey(index)));
        carries.query.iter().for_each(|whole| self.add(whole, Role::QueryBody(index)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use placewise_reporting::MODEL;

    #[test]
    fn every_assumption_has_a_role() {
        let model: Model = serde_json::from_str(MODEL).expect("a model");
        let with_role: BTreeSet<String> = roles(&model).into_iter().map(|(id, _)| id).collect();
        let all: BTreeSet<String> = model.assumptions.iter().map(|assumption| assumption.id.clone()).collect();
        assert_eq!(with_role, all);
    }
}
