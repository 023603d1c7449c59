//! Generates rows from a report's fields: they fit the spec and reuse values that the documentation's examples show.
//!
//! Each cell has its own random sequence, so adding a field to the spec leaves all other cells unchanged.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use placewise_model::{Field, Model, Report, Type};
use serde_json::{Map, Value};

use crate::data::field_roles::{amounts, is_customer, is_zoneless, time_range};
use crate::data::row::Row;
use crate::random::{Random, hash, mix};
use crate::typed_value::{parse_timestamp, print_timestamp};

/// Rows spread over the year before the simulator starts, in seconds.
const ROW_PERIOD: u64 = 365 * 24 * 3600;
/// One in this many nullable cells is null.
const NULL_ONE_IN: u64 = 8;
/// Number of values of a text field whose values no page lists.
const DEFAULT_VALUES: usize = 3;

/// Generates the rows of one report.
pub(crate) struct RowGenerator<'a> {
    pub(crate) model: &'a Model,
    pub(crate) report: &'a Report,
    /// Index of the field that identifies rows.
    pub(crate) row_id: Option<usize>,
    pub(crate) zone: &'a TimeZone,
    pub(crate) seed: u64,
    /// Start of the simulator; all timestamps are earlier.
    pub(crate) start: Timestamp,
    pub(crate) customers: &'a [i64],
    /// Whether rows have the keys that examples lack.
    pub(crate) with_optional: bool,
    /// Whether row ids may be null.
    pub(crate) null_ids: bool,
}

/// A cell to generate.
struct Cell<'a> {
    /// `field`, or `field.key` inside an object.
    path: &'a str,
    field: &'a Field,
    /// Seed of the field's cells.
    seed: u64,
    /// Values in the documentation's examples.
    seen: &'a [&'a Value],
    /// Whether integers are amounts and not ids.
    amount: bool,
    row: usize,
    row_count: usize,
}

impl RowGenerator<'_> {
    /// Generates rows, the earliest first.
    pub(crate) fn rows(&self, row_count: usize) -> Vec<Row> {
        let amounts: HashSet<&str> = amounts(self.model, self.report);
        // Computed once per column.
        let columns: Vec<(&Field, u64, Vec<&Value>)> =
            self.report.fields.iter().map(|field| (field, self.seed_of(&field.name), self.seen(&field.name))).collect();
        let id_seed = self.seed_of("");
        let row = |row| {
            let cells = columns.iter().enumerate().map(|(index, (field, seed, seen))| {
                if self.row_id == Some(index) {
                    return Some(self.row_id(field, id_seed, row));
                }
                if is_customer(self.model, field) {
                    return Some(self.customer(row));
                }
                if field.optional && !self.with_optional {
                    return None;
                }
                let amount = amounts.contains(field.name.as_str());
                Some(self.cell(&Cell { path: &field.name, field, seed: *seed, seen, amount, row, row_count }))
            });
            Row { cells: cells.collect(), other: Map::new() }
        };
        (0..row_count).map(row).collect()
    }

    /// Values of a field in the examples: in whole responses, aggregated or not, and in examples of that field.
    fn seen(&self, name: &str) -> Vec<&Value> {
        let mut seen = Vec::new();
        for example in &self.report.examples {
            let Some(response) = &example.response else { continue };
            if let Some(field) = &example.field {
                seen.extend((field == name).then_some(response));
            } else if let Some(rows) = response.get(&self.model.records.response.rows).and_then(Value::as_array) {
                seen.extend(rows.iter().filter_map(|row| row.get(name)));
            }
        }
        seen
    }

    /// Known values of a text field: those in the spec, or else those in examples.
    pub(crate) fn known_values(&self, index: usize) -> Vec<String> {
        let Some(field) = self.report.fields.get(index) else { return Vec::new() };
        match &field.ty {
            Type::Enum(known) if !known.values.is_empty() => known.values.iter().map(|known| known.value.clone()).collect(),
            _ => distinct(&self.seen(&field.name)).into_iter().map(str::to_owned).collect(),
        }
    }

    /// A text for field `name` of a row in which any field has the value `other`, preferably one that such an example row has.
    pub(crate) fn value_beside(&self, other: &str, name: &str, random: &mut Random) -> Value {
        let responses = self.report.examples.iter().filter_map(|example| example.response.as_ref());
        let rows = responses.filter_map(|response| response.get(&self.model.records.response.rows)?.as_array()).flatten();
        let beside = rows.filter(|row| row.as_object().is_some_and(|row| row.values().any(|value| value == other)));
        let seen: Vec<&Value> = beside.filter_map(|row| row.get(name)).collect();
        text(other, &seen, random)
    }

    fn seed_of(&self, path: &str) -> u64 {
        mix(self.seed) ^ hash([self.report.name.as_str(), path])
    }

    /// Ids ascend in steps of one to seven.
    fn row_id(&self, field: &Field, seed: u64, row: usize) -> Value {
        let mut random = random(seed, row);
        let gap = random.below(4);
        if self.null_ids && field.nullable.possible() && random.below(NULL_ONE_IN) == 0 {
            return Value::Null;
        }
        Value::from(1000 + 4 * row as u64 + gap)
    }

    /// Customers take turns, so each has the same number of rows or one less.
    fn customer(&self, row: usize) -> Value {
        if self.customers.is_empty() { Value::Null } else { self.customers[row % self.customers.len()].into() }
    }

    fn cell(&self, cell: &Cell<'_>) -> Value {
        let mut random = random(cell.seed, cell.row);
        if cell.field.nullable.possible() && random.below(NULL_ONE_IN) == 0 {
            return Value::Null;
        }
        self.value(&cell.field.ty, cell, cell.seen, &mut random)
    }

    fn value(&self, ty: &Type, cell: &Cell<'_>, seen: &[&Value], random: &mut Random) -> Value {
        match ty {
            Type::Integer if cell.amount => amount(random),
            Type::Integer => shared_id(cell.row_count, random),
            Type::Number => Value::from(f64::from(u32::try_from(random.below(10_001)).unwrap_or(0)) / 100.0),
            Type::Boolean => Value::from(random.below(2) == 0),
            Type::Enum(known) if !known.values.is_empty() => {
                random.pick(&known.values).map_or(Value::Null, |known| known.value.as_str().into())
            }
            Type::String | Type::Enum(_) => text(&cell.field.name, seen, random),
            Type::Timestamp => print_timestamp(self.time(cell, random), is_zoneless(self.report, cell.path), self.zone).into(),
            Type::Date => TimeZone::UTC.to_datetime(self.time(cell, random)).date().to_string().into(),
            Type::Array { of } => {
                let items: Vec<&Value> = seen.iter().filter_map(|value| value.as_array()).flatten().collect();
                (0..random.below(4)).map(|_| self.value(of, cell, &items, random)).collect()
            }
            Type::Map { of } => self.map(of, cell, seen, random),
            Type::Object { fields } => self.object(fields, cell, seen, random),
            Type::Json => random.pick(seen).map_or_else(|| Map::new().into(), |value| (*value).clone()),
        }
    }

    /// A map with the keys that examples show, or with invented ones.
    fn map(&self, of: &Type, cell: &Cell<'_>, seen: &[&Value], random: &mut Random) -> Value {
        let examples: Vec<(&String, &Value)> = seen.iter().filter_map(|value| value.as_object()).flatten().collect();
        let mut keys: Vec<String> = examples.iter().map(|(key, _)| (*key).clone()).collect();
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            keys = (1..=DEFAULT_VALUES).map(|n| format!("{}-{n}", cell.field.name)).collect();
        }
        let value = |key: &String, random: &mut Random| {
            let seen: Vec<&Value> = examples.iter().filter(|(example, _)| *example == key).map(|(_, value)| *value).collect();
            self.value(of, cell, &seen, random)
        };
        keys.into_iter().map(|key| (key.clone(), value(&key, random))).collect::<Map<_, _>>().into()
    }

    /// An object with its known keys. A time range starts before it ends.
    fn object(&self, fields: &[Field], outer: &Cell<'_>, seen: &[&Value], random: &mut Random) -> Value {
        let mut object = Map::new();
        for field in fields.iter().filter(|field| !field.optional || self.with_optional) {
            let path = format!("{}.{}", outer.path, field.name);
            let seen: Vec<&Value> = seen.iter().filter_map(|value| value.get(&field.name)).collect();
            let null = field.nullable.possible() && random.below(NULL_ONE_IN) == 0;
            let cell = Cell { path: &path, field, seen: &[], amount: true, ..*outer };
            let value = if null { Value::Null } else { self.value(&field.ty, &cell, &seen, random) };
            object.insert(field.name.clone(), value);
        }
        // Two timestamps of one style compare as text; that saves parsing them.
        let later = |start: &str, end: &str| {
            if start.len() == end.len() {
                start > end
            } else {
                parse_timestamp(start, self.zone) > parse_timestamp(end, self.zone)
            }
        };
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        if let Some((start, end)) = time_range(fields)
            && text(start).zip(text(end)).is_some_and(|(start, end)| later(start, end))
        {
            let (first, last) = (object.remove(end), object.remove(start));
            object.extend(first.map(|time| (start.to_owned(), time)));
            object.extend(last.map(|time| (end.to_owned(), time)));
        }
        object.into()
    }

    /// A time in the row's share of the year before the start; later rows have later times.
    fn time(&self, cell: &Cell<'_>, random: &mut Random) -> Timestamp {
        let step = ROW_PERIOD / (cell.row_count as u64).max(1);
        let second = step * cell.row as u64 + random.below(step.max(1));
        let micros = random.below(1_000_000);
        let before = SignedDuration::from_secs(i64::try_from(ROW_PERIOD.saturating_sub(second)).unwrap_or(0))
            - SignedDuration::from_micros(i64::try_from(micros).unwrap_or(0));
        // Whole seconds, so that printed microseconds lose nothing.
        let start = Timestamp::from_second(self.start.as_second()).unwrap_or(self.start);
        start.checked_sub(before).unwrap_or(start)
    }
}

/// Amounts are mostly small.
fn amount(random: &mut Random) -> Value {
    let limit = 1 + random.below(5000);
    random.below(limit).into()
}

/// Ids come from a small pool, so that rows share them.
fn shared_id(row_count: usize, random: &mut Random) -> Value {
    let pool = (row_count as u64 / 8).max(3);
    (7000 + random.below(pool)).into()
}

/// A text that examples show, or an invented one such as `channel-2`.
fn text(name: &str, seen: &[&Value], random: &mut Random) -> Value {
    let known = distinct(seen);
    let count = known.len().max(DEFAULT_VALUES);
    let index = usize::try_from(random.below(count as u64)).unwrap_or(0);
    known.get(index).map_or_else(|| format!("{name}-{}", index + 1), |text| (*text).to_owned()).into()
}

fn distinct<'v>(values: &[&'v Value]) -> Vec<&'v str> {
    let mut texts: Vec<&str> = values.iter().filter_map(|value| value.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// The random sequence of one cell.
fn random(seed: u64, row: usize) -> Random {
    Random::new(seed ^ mix(row as u64 + 1))
}
