//! A query as Rust. The names of types, methods and constants come from the generator, which alone knows them.

use serde_json::Value;

use super::body::Query;
use crate::field::{EnumValue, Field, Type};
use crate::formats::Interval;
use crate::report::{Aggregation, Report};
use crate::vocabulary::{Format, RequestKey};

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
    /// The type of a field's values, within the module: `Channel`.
    fn enumeration(&self, field: &Field) -> String;
    /// A value of an enumeration: `Email`.
    fn variant(&self, value: &EnumValue) -> String;
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
        let range = if self.report.format == Format::Timeseries { "from..to" } else { "" };
        match self.text(RequestKey::Aggregation).map(|name| (name, self.report.aggregation(name))) {
            None => format!("{report}::{}", rust_method(self.report.format)),
            Some((_, Some(of))) => format!("{report}::{}({range})", names.aggregation(of)),
            Some((name, None)) if range.is_empty() => format!("{report}::aggregated_by({name:?})"),
            Some((name, None)) => format!("{report}::aggregated_by({name:?}, {range})"),
        }
    }

    /// Statements that build the query and fetch its response.
    pub fn rust(&self, names: &impl RustNames) -> String {
        self.rust_query(names).unwrap_or_default() + "let response = client.fetch(query).await?;\n"
    }

    /// Statements that build the query; none if its range is incomplete.
    pub fn rust_query(&self, names: &impl RustNames) -> Option<String> {
        self.statements(self.typed(names).unwrap_or_else(|| self.untyped("")))
    }

    /// Statements that build the query of a report known only by name, and fetch its response; none if its range is incomplete. `receiver`
    /// is empty, or the registry of another API with a dot, such as `registry.`.
    pub fn rust_by_name(&self, receiver: &str) -> Option<String> {
        Some(self.statements(self.untyped(receiver))? + "let response = client.fetch(query).await?;\n")
    }

    fn statements(&self, mut steps: Vec<String>) -> Option<String> {
        let range = match (self.text(RequestKey::From), self.text(RequestKey::To)) {
            (Some(from), Some(to)) => format!("let from: Moment = {from:?}.parse()?;\nlet to: Moment = {to:?}.parse()?;\n"),
            (None, None) if self.report.format != Format::Timeseries => String::new(),
            _ => return None,
        };
        if self.report.format == Format::Statistics && !range.is_empty() {
            steps.push("range(from..to)".into());
        }
        steps.extend(self.value(RequestKey::PageSize).map(|size| format!("page_size({size})")));
        steps.extend(self.text(RequestKey::Cursor).map(|cursor| format!("resume_from({cursor:?})")));
        Some(format!("{range}let query = {};\n", steps.join("\n    .")))
    }

    /// The call, interval and filter with the types of the report; none if these cannot express it.
    fn typed(&self, names: &impl RustNames) -> Option<Vec<String>> {
        let aggregation = self.text(RequestKey::Aggregation).map(|name| self.report.aggregation(name));
        if aggregation == Some(None) && !self.report.more_aggregations {
            return None;
        }
        let mut steps = vec![self.rust_call(names)];
        steps.extend(self.text(RequestKey::Interval).map(|name| {
            let known = self.model.intervals(self.report).find(|interval| interval.name == name);
            match known {
                _ if name == self.model.timeseries.auto.name => "interval(interval::Auto)".into(),
                Some(interval) => format!("interval(interval::{})", names.interval(interval)),
                None => format!("interval_named({name:?})"),
            }
        }));
        if self.value(RequestKey::Filter).is_some() {
            steps.push(format!("filter({})", self.rust_filter(names)?));
        }
        Some(steps)
    }

    /// The same for a report known only at run time, with the filter as JSON.
    fn untyped(&self, receiver: &str) -> Vec<String> {
        let call = format!("{receiver}find_report({:?})?.{}?", self.report.name, rust_method(self.report.format));
        let text = |key| self.text(key).map(|text| format!("{text:?}"));
        let steps = [
            text(RequestKey::Aggregation).map(|name| format!("aggregated_by({name})?")),
            text(RequestKey::Interval).map(|name| format!("interval({name})")),
            self.value(RequestKey::Filter).map(|filter| format!("filter(Filter::raw({:?}.parse()?))", filter.to_string())),
        ];
        std::iter::once(call).chain(steps.into_iter().flatten()).collect()
    }

    /// The expression that builds the filter; none if the types of the report cannot express it.
    pub fn rust_filter(&self, names: &impl RustNames) -> Option<String> {
        let module = names.module(self.report);
        let comparison = |key: &str, field: &Field, value: &Value| {
            let call = comparison(key, &module, field, value, names)?;
            Some(format!("{module}::{}.{call}", names.field(field)))
        };
        self.infix(self.value(RequestKey::Filter)?, None, rust_operator, &comparison)
    }
}

/// The method call that compares a field.
fn comparison(key: &str, module: &str, field: &Field, value: &Value, names: &impl RustNames) -> Option<String> {
    let ordered = matches!(field.ty, Type::Integer | Type::Number | Type::Timestamp | Type::Date);
    let element = if let Type::Array { of } = &field.ty { of } else { &field.ty };
    let arguments = match key {
        "equal" if value.is_null() => return Some("is_null()".into()),
        "not_equal" if value.is_null() => return Some("is_not_null()".into()),
        "one_of" | "none_of" => {
            let values = value.as_array().filter(|values| !values.is_empty())?;
            let values = values.iter().map(|value| operand(module, field, element, value, names));
            format!("[{}]", values.collect::<Option<Vec<_>>>()?.join(", "))
        }
        "equal" | "not_equal" => operand(module, field, &field.ty, value, names)?,
        _ if ordered => operand(module, field, &field.ty, value, names)?,
        _ => return None,
    };
    Some(format!("{}({arguments})", rust_operator(key)))
}

/// A value as an operand of that type.
fn operand(module: &str, field: &Field, ty: &Type, value: &Value, names: &impl RustNames) -> Option<String> {
    Some(match (ty, value) {
        // A literal needs no suffix if it fits 32 bits.
        (Type::Integer | Type::Number, Value::Number(number)) => match (number.as_i64(), ty) {
            (Some(whole), _) if i32::try_from(whole).is_ok() => whole.to_string(),
            (Some(whole), Type::Integer) => format!("{whole}i64"),
            (None, Type::Number) => format!("{:?}", number.as_f64()?),
            _ => return None,
        },
        (Type::String, Value::String(text)) => format!("{text:?}"),
        (Type::Boolean, Value::Bool(value)) => value.to_string(),
        (Type::Timestamp, Value::String(text)) => format!("Timestamp::parse({text:?})?"),
        (Type::Date, Value::String(text)) => format!("{text:?}.parse::<Date>()?"),
        (Type::Enum(ty), Value::String(text)) => {
            let listed = ty.values.iter().find(|known| known.value == *text);
            let variant = listed.map_or_else(|| format!("from({text:?})"), |known| names.variant(known));
            format!("{module}::{}::{variant}", names.enumeration(field))
        }
        _ => return None,
    })
}
