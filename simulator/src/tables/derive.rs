//! Rows that come from those of another report, so that the two agree. In come the other report's rows and how the model says that
//! rows come from them; out come rows of this report.

use std::collections::BTreeMap;

use placewise_model::{Aggregation, Compute, Provenance, Report, Returned, Simulate, Type};
use serde_json::Value;

use crate::aggregate::aggregate;
use crate::generate::{Generator, club_of, is_club};
use crate::random::{Random, hash, mix};
use crate::row::Row;
use crate::value::as_text;

/// Makes rows of one report from those of another.
pub(crate) struct Deriver<'a> {
    /// Makes what does not come from the other report.
    pub(crate) own: &'a Generator<'a>,
    /// The other report and its rows.
    pub(crate) other: &'a Report,
    pub(crate) rows: &'a [Row],
}

impl Deriver<'_> {
    /// The rows. Timeseries have none.
    pub(crate) fn rows(&self, simulate: &Simulate) -> Vec<Row> {
        match simulate {
            Simulate::Each { take, most, .. } => self.each(&take.iter().collect::<Vec<_>>(), *most),
            Simulate::Summary { sum, .. } => self.summary(sum),
            Simulate::Tally { by, value, count, .. } => self.tally(by, value, count),
            Simulate::Events { .. } => Vec::new(),
        }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.own.report.fields.iter().position(|field| field.name == name)
    }

    fn club_place(&self, report: &Report) -> Option<usize> {
        report.fields.iter().position(|field| is_club(self.own.model, field))
    }

    /// Puts a value into the cell of that name; as text where the field is one.
    fn put(&self, row: &mut Row, name: &str, value: Value) {
        let Some(place) = self.place(name) else { return };
        let text = matches!(self.own.report.fields[place].ty, Type::String | Type::Enum(_));
        if let Some(cell) = row.cells.get_mut(place) {
            *cell = Some(if text { as_text(value) } else { value });
        }
    }

    /// One row or more for each row there.
    fn each(&self, take: &[(&String, &Vec<String>)], most: u32) -> Vec<Row> {
        let mut of: Vec<&Row> = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let mut random = self.random(index, "each");
            let count = if most == 0 { 0 } else { 1 + random.below(most.into()) };
            of.extend((0..count).map(|_| row));
        }
        let clubs = self.club_place(self.own.report).zip(self.club_place(self.other));
        let mut rows = self.own.rows(of.len());
        for (row, other) in rows.iter_mut().zip(of) {
            if let Some((here, there)) = clubs {
                row.cells[here] = other.cell(there).cloned();
            }
            for (name, sources) in take {
                let mut known = sources.iter().filter_map(|source| other.get(&self.other.fields, source));
                let value = known.find(|value| !value.is_null()).cloned();
                self.put(row, name, value.unwrap_or(Value::Null));
            }
        }
        rows
    }

    /// The rows there added up: an aggregation by all fields that are not added.
    fn summary(&self, sum: &[String]) -> Vec<Row> {
        let fields = &self.own.report.fields;
        let added = |name: &String| sum.contains(name);
        let returns = fields.iter().map(|field| Returned {
            compute: if added(&field.name) { Compute::Sum(field.name.clone()) } else { Compute::Key },
            field: field.clone(),
        });
        let aggregation = Aggregation {
            name: String::new(),
            by: fields.iter().map(|field| &field.name).filter(|name| !added(name)).cloned().collect(),
            description: None,
            provenance: Provenance::default(),
            returns: returns.collect(),
            labels: None,
        };
        aggregate(self.other, &aggregation, self.rows.iter().collect(), self.own.zone)
    }

    /// How many rows there have each value, for each customer and each of several of their fields.
    fn tally(&self, by: &str, value: &str, count: &str) -> Vec<Row> {
        let Some(place) = self.place(by) else { return Vec::new() };
        let there = self.club_place(self.other);
        let mut counts: BTreeMap<(Option<i64>, usize, String), (Value, u64)> = BTreeMap::new();
        let kinds = self.own.words(place);
        for (order, kind) in kinds.iter().enumerate() {
            for (index, row) in self.rows.iter().enumerate() {
                let club = there.and_then(|there| club_of(row, there));
                for value in self.counted(kind, row, index, value) {
                    counts.entry((club, order, value.to_string())).or_insert_with(|| (value, 0)).1 += 1;
                }
            }
        }
        let here = self.club_place(self.own.report);
        let mut rows = self.own.rows(counts.len());
        for (row, ((club, order, _), (group, number))) in rows.iter_mut().zip(counts) {
            if let Some(here) = here {
                row.cells[here] = Some(club.map_or(Value::Null, Value::from));
            }
            self.put(row, by, kinds.get(order).cloned().unwrap_or_default().into());
            self.put(row, value, group);
            self.put(row, count, number.into());
        }
        rows
    }

    /// What a row is counted under: the value of the field of that name, each element of an array, each key of a map that is true.
    /// Where the other report has no such field a value is made up, out of those that examples show for it.
    fn counted(&self, kind: &str, row: &Row, index: usize, value: &str) -> Vec<Value> {
        if self.other.field(kind).is_none() {
            return vec![self.own.beside(kind, value, &mut self.random(index, kind))];
        }
        match row.get(&self.other.fields, kind) {
            None | Some(Value::Null) => vec![Value::Null],
            Some(Value::Array(items)) => items.iter().cloned().map(as_text).collect(),
            Some(Value::Object(keys)) => {
                keys.iter().filter(|(_, value)| **value == Value::Bool(true)).map(|(key, _)| key.as_str().into()).collect()
            }
            Some(value) => vec![as_text(value.clone())],
        }
    }

    fn random(&self, index: usize, what: &str) -> Random {
        Random::new(mix(self.own.seed) ^ hash([self.own.report.name.as_str(), "from", what]) ^ mix(index as u64 + 1))
    }
}
