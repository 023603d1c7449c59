//! Filters by the name of a field, checked as the types of a generated crate check theirs.

use jiff::civil;
use serde_json::Value as Json;

use super::report_info::{FieldInfo, ReportInfo};
use crate::error::Error;
use crate::facts::report::{AnyReport, ReportSpec};
use crate::facts::vocabulary::Filterability;
use crate::query::filter::Filter;
use crate::request::comparison::Comparison;
use crate::request::filter::{ComparedField, FilterNode};
use crate::text::excerpt::snippet;
use crate::time::{iso::date_text, timestamp::Timestamp};

impl ReportInfo {
    /// Compares a field with a value. Join filters with `&` and `|`.
    ///
    /// The value has the JSON of the field's type: a number, text, true or false. A timestamp, a date and a value of an enumeration are
    /// text; one that [`FieldInfo::values`] does not list is sent all the same. `one_of` and `none_of` take a list. Only `eq` and `ne` take
    /// null, and fields of every type can be compared with it. [`FieldInfo::parse`] reads what a user typed.
    ///
    /// # Errors
    ///
    /// A configuration error if the report has no such field, if a filter cannot use it, or if the comparison or the value does not suit
    /// its type.
    pub fn filter(&self, field: &str, comparison: Comparison, value: impl Into<Json>) -> Result<Filter<AnyReport>, Error> {
        self.compare(field, comparison, value.into())
    }

    fn compare(&self, field: &str, comparison: Comparison, value: Json) -> Result<Filter<AnyReport>, Error> {
        let field = self.find_field(field)?;
        let value = check_access(field).and_then(|()| operand(field.ty, comparison, value));
        let value = value.map_err(|problem| {
            Error::configuration("filter", format!("report {}: the field `{}` {problem}", self.name, field.name))
        })?;
        let report: Option<&'static ReportSpec> = Some(self.spec);
        Ok(Filter::of(FilterNode::Compare(comparison, ComparedField { name: field.name, report }, Ok(value))))
    }
}

impl FieldInfo {
    /// The value that a user typed: `5` for a number, `true` for a boolean, and the text itself for all else. For a list, one of its
    /// elements.
    ///
    /// # Errors
    ///
    /// A configuration error if the text is no value of the field's type.
    pub fn parse(&self, text: &str) -> Result<Json, Error> {
        let ty = self.ty.strip_prefix("array[").and_then(|of| of.strip_suffix(']')).unwrap_or(self.ty);
        let value = match ty {
            "integer" | "number" | "boolean" => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
            _ => Json::from(text),
        };
        single(ty, value).map_err(|problem| Error::configuration("filter", format!("the field `{}` {problem}", self.name)))
    }
}

fn check_access(field: &FieldInfo) -> Result<(), String> {
    match field.filterable {
        Filterability::Yes | Filterability::Example | Filterability::Unknown => Ok(()),
        Filterability::Header(_) => {
            Err("is filtered by the client's customers: set them with `ClientBuilder::customers`, or for one \
                                         query with `with_customers`"
                .into())
        }
        Filterability::No | Filterability::UnknownStrict => {
            Err("cannot be filtered by the server: fetch the rows and filter them in your code".into())
        }
    }
}

/// The value to send.
fn operand(ty: &str, comparison: Comparison, value: Json) -> Result<Json, String> {
    let list = ty.strip_prefix("array[").and_then(|of| of.strip_suffix(']'));
    match comparison {
        Comparison::Equal | Comparison::NotEqual if value.is_null() => Ok(Json::Null),
        Comparison::Equal | Comparison::NotEqual => match list {
            Some(_) => Err("is a list and cannot equal one value; use `one_of`, which matches when any element is common".into()),
            None => single(ty, value),
        },
        Comparison::OneOf | Comparison::NoneOf => match value {
            Json::Array(values) => {
                let ty = list.unwrap_or(ty);
                values.into_iter().map(|value| single(ty, value)).collect::<Result<_, _>>().map(Json::Array)
            }
            other => Err(format!("takes a list of values with `{comparison}`, not {}", shown(&other))),
        },
        _ if matches!(ty, "integer" | "number" | "timestamp" | "date") => single(ty, value),
        _ => Err(format!("has the type `{ty}`, which has no order; use `eq`, `ne` or `one_of` instead of `{comparison}`")),
    }
}

/// One value of that type, written as a typed filter writes it.
fn single(ty: &str, value: Json) -> Result<Json, String> {
    let (suits, example) = match (ty, &value) {
        ("integer", _) => (value.is_i64() || value.is_u64(), "a whole number"),
        ("number", _) => (value.is_number(), "a number"),
        ("string" | "enum", _) => (value.is_string(), "text"),
        ("boolean", _) => (value.is_boolean(), "true or false"),
        ("timestamp", Json::String(text)) => match Timestamp::parse(text) {
            Ok(timestamp) => return Ok(timestamp.plain().to_string().into()),
            Err(_) => (false, TIMESTAMP),
        },
        ("timestamp", _) => (false, TIMESTAMP),
        ("date", Json::String(text)) => match text.parse::<civil::Date>() {
            Ok(date) => return Ok(date_text(date).into()),
            Err(_) => (false, DATE),
        },
        ("date", _) => (false, DATE),
        _ => return Err(format!("has the type `{ty}` and can only be compared with null")),
    };
    if suits { Ok(value) } else { Err(format!("has the type `{ty}`, so its values are {example}, not {}", shown(&value))) }
}

const TIMESTAMP: &str = "text such as \"2025-01-31T08:00:00Z\"";
const DATE: &str = "text such as \"2025-01-31\"";

fn shown(value: &Json) -> String {
    snippet(&value.to_string())
}
