//! A query as Rust. The names of types, methods and constants come from the generator, which alone knows them.

use serde_json::Value;

use super::filter::{Comparison, Filter};
use super::printed::Query;
use crate::field::{EnumValue, Field, Type};
use crate::formats::Interval;
use crate::report::{Aggregation, Report};
use crate::vocabulary::Format;

/// The Rust names of what a query mentions.
pub trait RustNames {
    /// The module of a report: `sendings`.
    fn module(&self, report: &Report) -> String;
    /// The type of a report: `Sendings`.
    fn report(&self, report: &Report) -> String;
    /// The method of an aggregation: `by_campaign_id`.
    fn aggregation(&self, aggregation: &Aggregation) -> String;
    /// The constant of a field: `CHANNEL`.
    fn field(&self, field: &Field) -> String;
    /// A value of an enumeration, within the module: `Channel::Email`.
    fn value(&self, field: &Field, value: &EnumValue) -> String;
    /// The type of an interval: `Day`.
    fn interval(&self, interval: &Interval) -> String;
}

/// The method or operator of the client for a filter operator: `eq` for `equal`.
pub fn rust_operator(key: &str) -> &'static str {
    match key {
        "and" => "&",
        "or" => "|",
        "equal" => "eq",
        "not_equal" => "ne",
        "greater_than" => "gt",
        "greater_or_equal" => "ge",
        "less_than" => "lt",
        "less_or_equal" => "le",
        "one_of" => "one_of",
        _ => "none_of",
    }
}

/// The method that builds a query of that format, with its arguments.
pub const fn rust_method(format: Format) -> &'static str {
    match format {
        Format::Records => "records()",
        Format::Timeseries => "series(from..to)",
        Format::Statistics => "statistics()",
    }
}

impl Query<'_> {
    /// The call that builds the query, without its parameters: `Sendings::by_campaign_id()`.
    pub fn rust_call(&self, names: &impl RustNames) -> String {
        let report = names.report(self.report);
        match self.aggregation {
            None => format!("{report}::{}", rust_method(self.report.format)),
            Some(of) => {
                let range = if self.report.format == Format::Timeseries { "from..to" } else { "" };
                format!("{report}::{}({range})", names.aggregation(of))
            }
        }
    }

    /// Statements that build the query and fetch its response.
    pub fn rust(&self, names: &impl RustNames) -> String {
        let mut out = String::new();
        if let Some((from, to)) = self.range {
            out.push_str(&format!("let from: Moment = {from:?}.parse()?;\nlet to: Moment = {to:?}.parse()?;\n"));
        }
        out.push_str(&format!("let query = {}", self.rust_call(names)));
        if let Some(interval) = self.interval {
            out.push_str(&format!("\n    .interval(interval::{})", names.interval(interval)));
        }
        if let Some(filter) = &self.filter {
            out.push_str(&format!("\n    .filter({})", filter.rust(self.report, names)));
        }
        out.push_str(";\nlet response = client.fetch(query).await?;\n");
        out
    }
}

impl Filter<'_> {
    /// The expression that builds the filter.
    pub fn rust(&self, report: &Report, names: &impl RustNames) -> String {
        match self {
            Self::All(children) => {
                let children: Vec<_> = children.iter().map(|child| child.rust(report, names)).collect();
                children.join(" & ")
            }
            Self::Compare(Comparison { field, operator, value }) => {
                let module = names.module(report);
                let value = literal(&module, field, value, names);
                format!("{module}::{}.{}({value})", names.field(field), rust_operator(operator))
            }
        }
    }
}

fn literal(module: &str, field: &Field, value: &Value, names: &impl RustNames) -> String {
    match (field.ty.innermost(), value) {
        (_, Value::Array(values)) => {
            let values: Vec<_> = values.iter().map(|value| literal(module, field, value, names)).collect();
            format!("[{}]", values.join(", "))
        }
        (Type::Enum(ty), Value::String(text)) => match ty.values.iter().find(|known| known.value == *text) {
            Some(known) => format!("{module}::{}", names.value(field, known)),
            None => format!("{text:?}.into()"),
        },
        (Type::Timestamp, Value::String(text)) => format!("Timestamp::parse({text:?})?"),
        (Type::Date, Value::String(text)) => format!("{text:?}.parse::<Date>()?"),
        (_, Value::String(text)) => format!("{text:?}"),
        (_, other) => other.to_string(),
    }
}
