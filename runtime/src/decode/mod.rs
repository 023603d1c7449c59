//! Decodes responses in place, and reports what contradicts an assumption.

pub(crate) mod chart;
pub(crate) mod chart_reader;
mod chart_warnings;
pub(crate) mod fault;
pub(crate) mod page;
pub(crate) mod points;
pub(crate) mod raw;
pub(crate) mod response;
pub(crate) mod warning;
