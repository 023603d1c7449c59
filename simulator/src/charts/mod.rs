//! The timeseries format: reading queries and counting events in time buckets.

pub(crate) mod chart;
pub(crate) mod labels;
pub(crate) mod time_zones;
pub(crate) mod timeseries_query;
