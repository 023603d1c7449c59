//! The Rust names that a printed query mentions.

use placewise_model::{Aggregation, EnumValue, Field, Interval, Report, RustNames};

use super::{defined_types, identifiers, items};

/// The names of the generated crate.
pub struct QueryNames;

impl RustNames for QueryNames {
    fn module(&self, report: &Report) -> String {
        items::report(report).module
    }

    fn report(&self, report: &Report) -> String {
        items::report(report).marker
    }

    fn aggregation(&self, aggregation: &Aggregation) -> String {
        items::aggregation(aggregation).1
    }

    fn field(&self, field: &Field) -> String {
        identifiers::constant(field)
    }

    fn enumeration(&self, field: &Field) -> String {
        defined_types::defined_name(field, "")
    }

    fn variant(&self, value: &EnumValue) -> String {
        identifiers::value(value)
    }

    fn interval(&self, interval: &Interval) -> String {
        items::interval(interval.bucket_length)
    }
}
