//! Queries and calls as plain values: their bodies, their cost, and the limits checked before sending.

pub(crate) mod body;
pub(crate) mod builder;
pub(crate) mod check;
pub(crate) mod comparison;
pub(crate) mod cost;
pub(crate) mod filter;
pub(crate) mod grid;
pub(crate) mod points;
mod query_part;
pub(crate) mod range_check;
pub(crate) mod spec;
