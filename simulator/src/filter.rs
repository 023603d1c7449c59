//! Filters: what a row must satisfy. In comes a tree that `filter_read` has checked; out comes whether a row satisfies it.
//!
//! Nulls follow SQL, which the documentation hints at (`equal` with null "means IS NULL"): a comparison with a null field never
//! holds, neither `equal` nor `not_equal`, `in` nor `not_in`. That is the simulator's reading; only the two null tests are documented.
//! A key that a row lacks counts as null.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use placewise_model::{Field, Type};
use serde_json::Value;

use crate::row::Row;
use crate::value::{Operand, present};

/// A checked filter. Fields are places in the report's list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    /// All hold; an empty list does.
    And(Vec<Filter>),
    /// Any holds; an empty list does not.
    Or(Vec<Filter>),
    /// The field is null, or is not.
    Null { field: usize, is: bool },
    /// The field compares so with the value.
    Compare { field: usize, test: Test, value: Operand<'static> },
    /// The field is one of the values, or none of them. An array is where any of its elements is.
    Among { field: usize, values: Vec<Operand<'static>>, is: bool },
}

/// How a field compares with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Test {
    fn holds(self, order: Ordering) -> bool {
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
    /// Whether any part of it is about the field at that place.
    pub(crate) fn asks(&self, place: usize) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.asks(place)),
            Self::Null { field, .. } | Self::Compare { field, .. } | Self::Among { field, .. } => *field == place,
        }
    }

    /// Whether the row satisfies it.
    pub(crate) fn holds(&self, fields: &[Field], row: &Row, zone: &TimeZone) -> bool {
        match self {
            Self::And(all) => all.iter().all(|filter| filter.holds(fields, row, zone)),
            Self::Or(any) => any.iter().any(|filter| filter.holds(fields, row, zone)),
            Self::Null { field, is } => present(row.cell(*field)).is_none() == *is,
            Self::Compare { field, test, value } => {
                let order = cell(fields, row, *field).and_then(|(ty, cell)| Operand::read(ty, cell, zone)?.order(value));
                order.is_some_and(|order| test.holds(order))
            }
            Self::Among { field, values, is } => {
                cell(fields, row, *field).is_some_and(|(ty, cell)| among(ty, cell, values, zone) == *is)
            }
        }
    }
}

/// A cell that is not null, with its type.
fn cell<'a>(fields: &'a [Field], row: &'a Row, index: usize) -> Option<(&'a Type, &'a Value)> {
    Some((&fields.get(index)?.ty, present(row.cell(index))?))
}

fn among(ty: &Type, cell: &Value, values: &[Operand<'_>], zone: &TimeZone) -> bool {
    match (ty, cell) {
        (Type::Array { of }, Value::Array(items)) => items.iter().any(|item| among(of, item, values, zone)),
        _ => Operand::read(ty, cell, zone)
            .is_some_and(|cell| values.iter().any(|value| cell.order(value) == Some(Ordering::Equal))),
    }
}
