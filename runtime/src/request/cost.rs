//! The cost of a query in rate-limit tokens, and the assumptions behind it.

use super::spec::{QueryKind, QuerySpec};
use crate::{error::assumption::AssumedValue, overrides::Overrides};

impl QuerySpec {
    /// Cost in tokens; none if unknown.
    pub(crate) fn cost(&self, overrides: &Overrides) -> Option<u32> {
        let base = match &self.kind {
            QueryKind::Report(info, _) => info.cost,
            QueryKind::Call(call) => call.info.cost,
        };
        let filter = self.filter.as_ref().map_or(0, |filter| filter.cost(overrides));
        let aggregation = self.aggregation.as_ref().map_or(0, |_| overrides.get(overrides.spec.rate_limit.aggregation_cost));
        base.map(|base| base.saturating_add(filter).saturating_add(aggregation))
    }

    /// The assumptions behind the cost.
    pub(crate) fn cost_assumptions(&self, overrides: &Overrides) -> Vec<AssumedValue> {
        let mut ids: Vec<&'static str> = Vec::new();
        if let Some(filter) = &self.filter {
            filter.operators(&overrides.spec.filter, &mut |operator| {
                ids.extend(operator.cost.assumption.filter(|id| !ids.contains(id)));
            });
        }
        ids.extend(self.aggregation.as_ref().and(overrides.spec.rate_limit.aggregation_cost.assumption));
        ids.into_iter().filter_map(|id| overrides.assumed(Some(id))).collect()
    }
}
