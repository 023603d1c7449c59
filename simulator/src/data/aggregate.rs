//! Aggregations: one row per group, in ascending order of the group's key.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use placewise_model::{Aggregation, Compute, Field, Report, Returned, Type};
use serde_json::{Map, Number, Value};

use crate::data::field_roles::{is_zoneless, time_range_in_map};
use crate::data::row::Row;
use crate::typed_value::{compare_cells, integer, parse_timestamp, with_zone_style};

/// Groups rows and computes the returned fields. Rows whose key is null form the last group; whether the server omits them is
/// undocumented.
pub(crate) fn aggregate(report: &Report, aggregation: &Aggregation, mut rows: Vec<&Row>, zone: &TimeZone) -> Vec<Row> {
    let by = |a: &&Row, b: &&Row| {
        let orders = aggregation
            .by
            .iter()
            .map(|name| compare_cells(type_of(report, name), a.get(&report.fields, name), b.get(&report.fields, name), zone));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    rows.sort_by(by);
    let groups = rows.chunk_by(|a, b| by(a, b).is_eq());
    groups.map(|rows| Group { report, aggregation, rows, zone }.row()).collect()
}

/// The type of a field; any JSON if the report lacks it.
fn type_of<'a>(report: &'a Report, name: &str) -> &'a Type {
    report.field(name).map_or(&Type::Json, |field| &field.ty)
}

/// Rows with one key.
struct Group<'a> {
    report: &'a Report,
    aggregation: &'a Aggregation,
    rows: &'a [&'a Row],
    zone: &'a TimeZone,
}

impl<'a> Group<'a> {
    fn row(&self) -> Row {
        Row { cells: self.aggregation.returns.iter().map(|returned| self.cell(returned)).collect(), other: Map::new() }
    }

    /// A returned field's value; `None` if both the examples and the rows lack the key.
    fn cell(&self, returned: &Returned) -> Option<Value> {
        let field = &returned.field;
        let value = match &returned.compute {
            Compute::Key => self.cells(field.same_as.as_ref().unwrap_or(&field.name)).next().cloned(),
            // Neither a row nor an example of the sum has the key.
            Compute::Sum(of) if field.optional && self.cells(of).next().is_none() => None,
            Compute::Sum(of) => Some(self.sum(of)),
            Compute::Min(of) => self.extreme(of, Ordering::Less),
            Compute::Max(of) => self.extreme(of, Ordering::Greater),
            Compute::Collect(of) => Some(self.collect(of)),
            Compute::Count => Some(self.rows.len().into()),
            Compute::Same(of) => self.same(of),
            Compute::Span(of) => self.ranges(of),
            Compute::Unknown => None,
        };
        match value {
            Some(value) => Some(self.styled(field, value)),
            None if field.optional => None,
            None => Some(Value::Null),
        }
    }

    /// All cells of that name, including nulls but not absent keys.
    fn cells(&self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.rows.iter().filter_map(move |row| row.get(&self.report.fields, name))
    }

    fn sum(&self, of: &str) -> Value {
        let (mut integers, mut fractions, mut exact) = (0_i128, 0.0_f64, true);
        for cell in self.cells(of) {
            match integer(cell) {
                Some(n) if !cell.is_f64() => integers = integers.saturating_add(n),
                _ => {
                    let n = cell.as_f64();
                    exact &= n.is_none();
                    fractions += n.unwrap_or(0.0);
                }
            }
        }
        let inexact = || Number::from_f64(integers as f64 + fractions).map_or(Value::Null, Value::Number);
        let number = exact.then(|| Number::from_i128(integers)).flatten();
        number.map_or_else(inexact, Value::Number)
    }

    fn extreme(&self, of: &str, wanted: Ordering) -> Option<Value> {
        let ty = type_of(self.report, of);
        let cells = self.cells(of).filter(|cell| !cell.is_null());
        let best =
            cells.reduce(|best, cell| if compare_cells(ty, Some(cell), Some(best), self.zone) == wanted { cell } else { best });
        best.cloned()
    }

    /// All values except nulls, ascending; arrays are flattened.
    fn collect(&self, of: &str) -> Value {
        let ty = match type_of(self.report, of) {
            Type::Array { of } => of,
            other => other,
        };
        let mut values: Vec<&Value> = Vec::new();
        for cell in self.cells(of) {
            match cell {
                Value::Array(items) => values.extend(items),
                Value::Null => {}
                other => values.push(other),
            }
        }
        values.sort_by(|a, b| compare_cells(ty, Some(a), Some(b), self.zone));
        values.into_iter().cloned().collect()
    }

    fn same(&self, of: &str) -> Option<Value> {
        let ty = type_of(self.report, of);
        let mut cells = self.rows.iter().map(|row| row.get(&self.report.fields, of));
        let first = cells.next()?;
        let agree = cells.all(|cell| compare_cells(ty, first, cell, self.zone).is_eq());
        agree.then(|| first.cloned()).flatten()
    }

    /// Per key of a map of time ranges: the earliest start and the latest end. An end that is open in any row stays open.
    fn ranges(&self, of: &str) -> Option<Value> {
        let ends = time_range_in_map(type_of(self.report, of));
        let mut ranges: Option<Map<String, Value>> = None;
        for (key, range) in self.cells(of).filter_map(Value::as_object).flatten() {
            let ranges = ranges.get_or_insert_default();
            match (ranges.get_mut(key), ends) {
                (Some(known), Some((start, end))) => {
                    self.widen(known, range, start, Ordering::Less);
                    self.widen(known, range, end, Ordering::Greater);
                }
                (Some(_), None) => {}
                (None, _) => {
                    ranges.insert(key.clone(), range.clone());
                }
            }
        }
        // Rows with empty maps only have no ranges; that is not the same as unknown ones.
        let any = self.cells(of).any(Value::is_object);
        ranges.or_else(|| any.then(Map::new)).map(Value::Object)
    }

    /// Moves one end of a range outward to that of another range.
    fn widen(&self, known: &mut Value, range: &Value, end: &str, wanted: Ordering) {
        let (Some(known), Some(other)) = (known.get_mut(end), range.get(end)) else { return };
        let at = |value: &Value| value.as_str().and_then(|text| parse_timestamp(text, self.zone));
        let further = match (at(known), at(other)) {
            (Some(known), Some(other)) => other.cmp(&known) == wanted,
            // Null is an open end, further out than any time.
            (known, other) => known.is_some() && other.is_none(),
        };
        if further {
            *known = other.clone();
        }
    }

    /// A timestamp with or without zone, as this aggregation's examples print it.
    fn styled(&self, field: &Field, value: Value) -> Value {
        match (&field.ty, &value) {
            (Type::Timestamp, Value::String(text)) => {
                let place = format!("{}.{}", self.aggregation.name, field.name);
                with_zone_style(text, is_zoneless(self.report, &place), self.zone).into()
            }
            _ => value,
        }
    }
}
