//! Derives the rows of one report from those of another, as the model's `simulate` rules say, so that the two agree.

use std::collections::BTreeMap;

use placewise_model::{Aggregation, Compute, Provenance, Report, Returned, Simulate, Type};
use serde_json::Value;

use crate::data::aggregate::aggregate;
use crate::data::field_roles::{customer_index, customer_of};
use crate::data::generate_rows::RowGenerator;
use crate::data::row::Row;
use crate::random::{Random, hash, mix};
use crate::typed_value::number_as_text;

/// Derives rows of one report from those of another.
pub(crate) struct RowDeriver<'a> {
    /// Generates what the source does not determine.
    pub(crate) generator: &'a RowGenerator<'a>,
    pub(crate) source: &'a Report,
    pub(crate) source_rows: &'a [Row],
}

impl RowDeriver<'_> {
    /// The derived rows. Timeseries have none.
    pub(crate) fn rows(&self, simulate: &Simulate) -> Vec<Row> {
        match simulate {
            Simulate::Each { take, most, .. } => self.each(&take.iter().collect::<Vec<_>>(), *most),
            Simulate::Summary { sum, .. } => self.summary(sum),
            Simulate::Tally { by, value, count, .. } => self.tally(by, value, count),
            Simulate::Events { .. } => Vec::new(),
        }
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.generator.report.fields.iter().position(|field| field.name == name)
    }

    fn customer_index(&self, report: &Report) -> Option<usize> {
        customer_index(self.generator.model, &report.fields)
    }

    /// Sets a cell; numbers become text if the field is text.
    fn put(&self, row: &mut Row, name: &str, value: Value) {
        let Some(index) = self.index(name) else { return };
        let text = matches!(self.generator.report.fields[index].ty, Type::String | Type::Enum(_));
        if let Some(cell) = row.cells.get_mut(index) {
            *cell = Some(if text { number_as_text(value) } else { value });
        }
    }

    /// Up to `most` rows for each source row.
    fn each(&self, take: &[(&String, &Vec<String>)], most: u32) -> Vec<Row> {
        let mut of: Vec<&Row> = Vec::new();
        for (index, row) in self.source_rows.iter().enumerate() {
            let mut random = self.random(index, "each");
            let count = if most == 0 { 0 } else { 1 + random.below(most.into()) };
            of.extend((0..count).map(|_| row));
        }
        let customers = self.customer_index(self.generator.report).zip(self.customer_index(self.source));
        let mut rows = self.generator.rows(of.len());
        for (row, source) in rows.iter_mut().zip(of) {
            if let Some((here, there)) = customers {
                row.cells[here] = source.cell(there).cloned();
            }
            for (name, names) in take {
                let mut known = names.iter().filter_map(|name| source.get(&self.source.fields, name));
                let value = known.find(|value| !value.is_null()).cloned();
                self.put(row, name, value.unwrap_or(Value::Null));
            }
        }
        rows
    }

    /// The source rows added up: an aggregation by all fields that are not added.
    fn summary(&self, sum: &[String]) -> Vec<Row> {
        let fields = &self.generator.report.fields;
        let added = |name: &String| sum.contains(name);
        let returns = fields.iter().map(|field| Returned {
            compute: if added(&field.name) { Compute::Sum(field.name.clone()) } else { Compute::Key },
            field: field.clone(),
        });
        let aggregation = Aggregation {
            name: String::new(),
            rust_name: None,
            by: fields.iter().map(|field| &field.name).filter(|name| !added(name)).cloned().collect(),
            description: None,
            provenance: Provenance::default(),
            returns: returns.collect(),
            labels: None,
        };
        aggregate(self.source, &aggregation, self.source_rows.iter().collect(), self.generator.zone)
    }

    /// The number of source rows per customer, field and value.
    fn tally(&self, by: &str, value: &str, count: &str) -> Vec<Row> {
        let Some(index) = self.index(by) else { return Vec::new() };
        let there = self.customer_index(self.source);
        let mut counts: BTreeMap<(Option<i64>, usize, String), (Value, u64)> = BTreeMap::new();
        let names = self.generator.known_values(index);
        for (order, name) in names.iter().enumerate() {
            for (index, row) in self.source_rows.iter().enumerate() {
                let customer = there.and_then(|there| customer_of(row, there));
                for value in self.counted(name, row, index, value) {
                    counts.entry((customer, order, value.to_string())).or_insert_with(|| (value, 0)).1 += 1;
                }
            }
        }
        let here = self.customer_index(self.generator.report);
        let mut rows = self.generator.rows(counts.len());
        for (row, ((customer, order, _), (group, number))) in rows.iter_mut().zip(counts) {
            if let Some(here) = here {
                row.cells[here] = Some(customer.map_or(Value::Null, Value::from));
            }
            self.put(row, by, names.get(order).cloned().unwrap_or_default().into());
            self.put(row, value, group);
            self.put(row, count, number.into());
        }
        rows
    }

    /// The values under which a row counts: the field's value, each element of an array, or each key of a map whose value is true.
    /// If the source has no such field, a value is generated.
    fn counted(&self, name: &str, row: &Row, index: usize, value: &str) -> Vec<Value> {
        if self.source.field(name).is_none() {
            return vec![self.generator.value_beside(name, value, &mut self.random(index, name))];
        }
        match row.get(&self.source.fields, name) {
            None | Some(Value::Null) => vec![Value::Null],
            Some(Value::Array(items)) => items.iter().cloned().map(number_as_text).collect(),
            Some(Value::Object(keys)) => {
                keys.iter().filter(|(_, value)| **value == Value::Bool(true)).map(|(key, _)| key.as_str().into()).collect()
            }
            Some(value) => vec![number_as_text(value.clone())],
        }
    }

    fn random(&self, index: usize, purpose: &str) -> Random {
        Random::new(
            mix(self.generator.seed) ^ hash([self.generator.report.name.as_str(), "from", purpose]) ^ mix(index as u64 + 1),
        )
    }
}
