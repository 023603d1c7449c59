//! Typed queries and calls. Each is a thin shell over the plain value in `request`.

pub(crate) mod call;
pub(crate) mod field;
pub(crate) mod filter;
pub(crate) mod interval;
pub(crate) mod operand;
pub(crate) mod records;
pub(crate) mod report_query;
pub(crate) mod statistics;
pub(crate) mod timeseries;
pub(crate) mod traits;
