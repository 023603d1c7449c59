//! Rows made up from a report's fields. In come the report, a seed, a moment and the clubs; out come rows that fit the spec: ids
//! ascending and unique, times in the year before the moment, nulls only where the spec has them possible, keys that examples lack left
//! out, values that examples show used again.
//! Every cell has its own sequence of random numbers, so a field added to the spec leaves the other cells as they were.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use placewise_model::{Field, Filterable, Model, Report, Type};
use serde_json::{Map, Value};

use crate::aggregate::zoneless;
use crate::random::{Random, hash, mix};
use crate::row::Row;
use crate::value::{instant, print, whole};

/// Seconds over which the rows of a report spread: the year before the simulator's start.
const SPREAD: u64 = 365 * 24 * 3600;
/// One in so many cells that may be null is.
const NULL_ONE_IN: u64 = 8;
/// Words of a text field whose values no page lists.
const FEWEST_WORDS: usize = 3;

/// Makes the rows of one report.
pub(crate) struct Generator<'a> {
    pub(crate) model: &'a Model,
    pub(crate) report: &'a Report,
    pub(crate) zone: &'a TimeZone,
    pub(crate) seed: u64,
    /// No row happens later.
    pub(crate) start: Timestamp,
    pub(crate) clubs: &'a [i64],
    /// Whether keys that examples lack are there.
    pub(crate) with_optional: bool,
    /// Whether also the field that tells rows apart may be null.
    pub(crate) null_ids: bool,
}

/// The cell being made.
struct Cell<'a> {
    /// `field`, or `field.key` inside an object.
    place: &'a str,
    field: &'a Field,
    /// Where the random numbers of the field's cells begin.
    base: u64,
    /// Values of the documentation's examples.
    seen: &'a [&'a Value],
    index: usize,
    count: usize,
}

impl Generator<'_> {
    /// The rows, in the order in which they were made.
    pub(crate) fn rows(&self, count: usize) -> Vec<Row> {
        let id = self.id_field();
        // What every cell of a column has in common is worked out once.
        let columns: Vec<(&Field, u64, Vec<&Value>)> =
            self.report.fields.iter().map(|field| (field, self.base(&field.name), self.seen(&field.name))).collect();
        let ids = self.base("");
        let row = |index| {
            let cells = columns.iter().enumerate().map(|(place, (field, base, seen))| {
                let base = *base;
                if id == Some(place) {
                    return Some(self.id(field, ids, index));
                }
                if is_club(self.model, field) {
                    return Some(self.club(index));
                }
                if field.optional && !self.with_optional {
                    return None;
                }
                Some(self.cell(&Cell { place: &field.name, field, base, seen, index, count }))
            });
            Row { cells: cells.collect(), other: Map::new() }
        };
        (0..count).map(row).collect()
    }

    /// The field that tells rows apart: `id`, or else the first whole number that is never null, no club and no count.
    fn id_field(&self) -> Option<usize> {
        let fields = &self.report.fields;
        let whole = |field: &Field| field.ty == Type::Integer && !is_club(self.model, field);
        let named = fields.iter().position(|field| field.name == "id" && whole(field));
        let eligible = |field: &Field| whole(field) && !field.nullable.possible() && !field.optional && !is_count(&field.name);
        named.or_else(|| fields.iter().position(eligible))
    }

    /// Values of a field in the examples: whole responses, plain or aggregated, and examples of the field itself.
    fn seen(&self, name: &str) -> Vec<&Value> {
        let mut seen = Vec::new();
        for example in &self.report.examples {
            let Some(response) = &example.response else { continue };
            if let Some(field) = &example.field {
                seen.extend((field == name).then_some(response));
            } else if let Some(rows) = response.get(&self.model.records.rows_key).and_then(Value::as_array) {
                seen.extend(rows.iter().filter_map(|row| row.get(name)));
            }
        }
        seen
    }

    /// The values that a field of text has: those that the spec knows, or else those of examples.
    pub(crate) fn words(&self, place: usize) -> Vec<String> {
        let Some(field) = self.report.fields.get(place) else { return Vec::new() };
        match &field.ty {
            Type::Enum(known) if !known.values.is_empty() => known.values.iter().map(|known| known.value.clone()).collect(),
            _ => {
                let mut words: Vec<&str> = self.seen(&field.name).into_iter().filter_map(Value::as_str).collect();
                words.sort_unstable();
                words.dedup();
                words.into_iter().map(str::to_owned).collect()
            }
        }
    }

    /// A made-up text for the field `name` of a row that has the value `kind` in any field; one that such rows have in examples, where
    /// there are any.
    pub(crate) fn beside(&self, kind: &str, name: &str, random: &mut Random) -> Value {
        let responses = self.report.examples.iter().filter_map(|example| example.response.as_ref());
        let rows = responses.filter_map(|response| response.get(&self.model.records.rows_key)?.as_array()).flatten();
        let of_kind = rows.filter(|row| row.as_object().is_some_and(|row| row.values().any(|value| value == kind)));
        let seen: Vec<&Value> = of_kind.filter_map(|row| row.get(name)).collect();
        word(kind, &seen, random)
    }

    fn base(&self, place: &str) -> u64 {
        mix(self.seed) ^ hash([self.report.name.as_str(), place])
    }

    /// Ids ascend in steps of one to four.
    fn id(&self, field: &Field, base: u64, index: usize) -> Value {
        let mut random = random(base, index);
        let gap = random.below(4);
        if self.null_ids && field.nullable.possible() && random.below(NULL_ONE_IN) == 0 {
            return Value::Null;
        }
        Value::from(1000 + 4 * index as u64 + gap)
    }

    /// Every club gets as many rows as the others, give or take one.
    fn club(&self, index: usize) -> Value {
        if self.clubs.is_empty() { Value::Null } else { self.clubs[index % self.clubs.len()].into() }
    }

    fn cell(&self, cell: &Cell<'_>) -> Value {
        let mut random = random(cell.base, cell.index);
        if cell.field.nullable.possible() && random.below(NULL_ONE_IN) == 0 {
            return Value::Null;
        }
        self.value(&cell.field.ty, cell, cell.seen, &mut random)
    }

    fn value(&self, ty: &Type, cell: &Cell<'_>, seen: &[&Value], random: &mut Random) -> Value {
        match ty {
            Type::Integer => integer(&cell.field.name, cell.count, random),
            Type::Number => Value::from(f64::from(u32::try_from(random.below(10_001)).unwrap_or(0)) / 100.0),
            Type::Boolean => Value::from(random.below(2) == 0),
            Type::Enum(known) if !known.values.is_empty() => {
                random.pick(&known.values).map_or(Value::Null, |known| known.value.as_str().into())
            }
            Type::String | Type::Enum(_) => word(&cell.field.name, seen, random),
            Type::Timestamp => print(self.moment(cell, random), zoneless(self.report, cell.place), self.zone).into(),
            Type::Date => TimeZone::UTC.to_datetime(self.moment(cell, random)).date().to_string().into(),
            Type::Array { of } => {
                let items: Vec<&Value> = seen.iter().filter_map(|value| value.as_array()).flatten().collect();
                (0..random.below(4)).map(|_| self.value(of, cell, &items, random)).collect()
            }
            Type::Map { of } => self.map(of, cell, seen, random),
            Type::Object { fields } => self.object(fields, cell, seen, random),
            Type::Json => random.pick(seen).map_or_else(|| Map::new().into(), |value| (*value).clone()),
        }
    }

    /// A map with the keys that examples show, or made-up ones.
    fn map(&self, of: &Type, cell: &Cell<'_>, seen: &[&Value], random: &mut Random) -> Value {
        let examples: Vec<(&String, &Value)> = seen.iter().filter_map(|value| value.as_object()).flatten().collect();
        let mut keys: Vec<String> = examples.iter().map(|(key, _)| (*key).clone()).collect();
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            keys = (1..=FEWEST_WORDS).map(|n| format!("{}-{n}", cell.field.name)).collect();
        }
        let value = |key: &String, random: &mut Random| {
            let seen: Vec<&Value> = examples.iter().filter(|(example, _)| *example == key).map(|(_, value)| *value).collect();
            self.value(of, cell, &seen, random)
        };
        keys.into_iter().map(|key| (key.clone(), value(&key, random))).collect::<Map<_, _>>().into()
    }

    /// An object with its known keys. A range of timestamps starts before it ends.
    fn object(&self, fields: &[Field], outer: &Cell<'_>, seen: &[&Value], random: &mut Random) -> Value {
        let mut object = Map::new();
        for field in fields.iter().filter(|field| !field.optional || self.with_optional) {
            let place = format!("{}.{}", outer.place, field.name);
            let seen: Vec<&Value> = seen.iter().filter_map(|value| value.get(&field.name)).collect();
            let null = field.nullable.possible() && random.below(NULL_ONE_IN) == 0;
            let cell = Cell { place: &place, field, seen: &[], ..*outer };
            let value = if null { Value::Null } else { self.value(&field.ty, &cell, &seen, random) };
            object.insert(field.name.clone(), value);
        }
        let time = |key: &str| {
            let is_time = fields.iter().any(|field| field.name == key && field.ty == Type::Timestamp);
            object.get(key).and_then(Value::as_str).filter(|_| is_time)
        };
        // Where both are printed alike the later one has the greater text, and nothing need be read again.
        let later = |from: &str, to: &str| {
            if from.len() == to.len() { from > to } else { instant(from, self.zone) > instant(to, self.zone) }
        };
        if let Some((from, to)) = time("from").zip(time("to"))
            && later(from, to)
        {
            let (from, to) = (object.remove("from"), object.remove("to"));
            object.extend(to.map(|to| ("from".to_owned(), to)));
            object.extend(from.map(|from| ("to".to_owned(), from)));
        }
        object.into()
    }

    /// A moment in the row's part of the year before the start; later rows happen later.
    fn moment(&self, cell: &Cell<'_>, random: &mut Random) -> Timestamp {
        let step = SPREAD / (cell.count as u64).max(1);
        let second = step * cell.index as u64 + random.below(step.max(1));
        let micros = random.below(1_000_000);
        let left = SignedDuration::from_secs(i64::try_from(SPREAD.saturating_sub(second)).unwrap_or(0))
            - SignedDuration::from_micros(i64::try_from(micros).unwrap_or(0));
        // The start is taken as the second that it is in: what made-up rows print has as many digits as they are given here.
        let start = Timestamp::from_second(self.start.as_second()).unwrap_or(self.start);
        start.checked_sub(left).unwrap_or(start)
    }
}

/// Whether the header of customers narrows that field.
pub(crate) fn is_club(model: &Model, field: &Field) -> bool {
    matches!(&field.filterable, Filterable::Header(header) if header.eq_ignore_ascii_case(&model.api.headers.customer.name))
}

/// The club of a row whose club stands at that place.
pub(crate) fn club_of(row: &Row, place: usize) -> Option<i64> {
    row.cell(place).and_then(whole).and_then(|id| i64::try_from(id).ok())
}

fn is_count(name: &str) -> bool {
    name.ends_with("_count")
}

/// Counts are mostly small, ids come from a small pool so that rows share them.
fn integer(name: &str, count: usize, random: &mut Random) -> Value {
    if is_count(name) {
        let limit = 1 + random.below(5000);
        random.below(limit).into()
    } else if name.ends_with("_id") || name.ends_with("_ids") {
        let pool = (count as u64 / 8).max(3);
        (7000 + random.below(pool)).into()
    } else {
        random.below(1000).into()
    }
}

/// A text that examples show, or a made-up one: `channel-2`.
fn word(name: &str, seen: &[&Value], random: &mut Random) -> Value {
    let mut words: Vec<&str> = seen.iter().filter_map(|value| value.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    let count = words.len().max(FEWEST_WORDS);
    let index = usize::try_from(random.below(count as u64)).unwrap_or(0);
    words.get(index).map_or_else(|| format!("{name}-{}", index + 1), |word| (*word).to_owned()).into()
}

/// The random numbers of one cell.
fn random(base: u64, index: usize) -> Random {
    Random::new(base ^ mix(index as u64 + 1))
}
