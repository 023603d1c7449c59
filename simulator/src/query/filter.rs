//! Filters: whether a row matches.
//!
//! Nulls follow SQL, as the documentation hints (`equal` with null "means IS NULL"): a comparison with a null field never matches, neither
//! `equal` nor `not_equal`, `in` nor `not_in`. Only the two null tests are documented. An absent key counts as null.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use placewise_model::{Field, Type};
use serde_json::Value;

use crate::data::row::Row;
use crate::typed_value::{TypedValue, ValueSet, not_null};

/// A valid filter. Fields are indices into the report's fields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    /// All match.
    And(Vec<Filter>),
    /// Any matches.
    Or(Vec<Filter>),
    /// The field is null, or not null.
    Null { field: usize, is: bool },
    /// The field compares with the value as stated.
    Compare { field: usize, comparison: Comparison, value: TypedValue<'static> },
    /// The field is one of the values, or none of them; for an array any of its elements.
    OneOf { field: usize, values: ValueSet, is: bool },
}

/// How a field compares with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    fn matches(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }
}

impl Filter {
    /// Whether any part of it refers to the field with that index.
    pub(crate) fn refers_to(&self, index: usize) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.refers_to(index)),
            Self::Null { field, .. } | Self::Compare { field, .. } | Self::OneOf { field, .. } => *field == index,
        }
    }

    /// Whether the row matches.
    pub(crate) fn matches(&self, fields: &[Field], row: &Row, zone: &TimeZone) -> bool {
        match self {
            Self::And(all) => all.iter().all(|filter| filter.matches(fields, row, zone)),
            Self::Or(any) => any.iter().any(|filter| filter.matches(fields, row, zone)),
            Self::Null { field, is } => not_null(row.cell(*field)).is_none() == *is,
            Self::Compare { field, comparison, value } => {
                let order = cell(fields, row, *field).and_then(|(ty, cell)| TypedValue::read(ty, cell, zone)?.compare(value));
                order.is_some_and(|order| comparison.matches(order))
            }
            Self::OneOf { field, values, is } => {
                cell(fields, row, *field).is_some_and(|(ty, cell)| is_one_of(ty, cell, values, zone) == *is)
            }
        }
    }
}

/// A cell and its type, unless it is null.
fn cell<'a>(fields: &'a [Field], row: &'a Row, index: usize) -> Option<(&'a Type, &'a Value)> {
    Some((&fields.get(index)?.ty, not_null(row.cell(index))?))
}

fn is_one_of(ty: &Type, cell: &Value, values: &ValueSet, zone: &TimeZone) -> bool {
    match (ty, cell) {
        (Type::Array { of }, Value::Array(items)) => items.iter().any(|item| is_one_of(of, item, values, zone)),
        _ => TypedValue::read(ty, cell, zone).is_some_and(|cell| values.contains(&cell)),
    }
}
