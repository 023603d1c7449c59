//! Compares a published page with a report of the spec, fact by fact. Prose is not compared, and what is missing after the end of a cut
//! page does not count as removed.

mod aggregations;
mod compare;
mod comparison;
mod examples;
mod fields;
mod header;

pub use compare::drift;
