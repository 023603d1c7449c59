//! Adjusts a generated row until all relations of its report hold.
//!
//! Every step only lowers nonnegative numbers, so the adjustment ends.

use placewise_model::{Relation, RelationRule, Report};
use serde_json::Value;

use crate::data::row::Row;
use crate::typed_value::integer;

/// Rounds after which all related numbers become zero, which satisfies any funnel and sum. Reached only if relations lower numbers
/// by ever smaller steps.
const MOST_ROUNDS: usize = 1_000;

/// Makes the relations of the report hold in a row. Null and absent cells stay as they are, except for booleans that follow from
/// others.
pub(crate) fn enforce(report: &Report, row: &mut Row) {
    let rules: Vec<&RelationRule> = report.relations.iter().map(|Relation { rule, .. }| rule).collect();
    if rules.is_empty() {
        return;
    }
    let mut numbers = Numbers { report, row };
    for rule in &rules {
        numbers.initialize(rule);
    }
    let settled = (0..MOST_ROUNDS).any(|_| !rules.iter().fold(false, |changed, rule| numbers.lower(rule) | changed));
    if !settled {
        rules.iter().for_each(|rule| numbers.zero(rule));
    }
    for rule in &rules {
        numbers.decide(rule);
    }
}

/// The numbers of a row by field name.
struct Numbers<'a> {
    report: &'a Report,
    row: &'a mut Row,
}

impl Numbers<'_> {
    fn place(&self, name: &str) -> Option<usize> {
        self.report.fields.iter().position(|field| field.name == name)
    }

    fn get(&self, name: &str) -> Option<u64> {
        let cell = self.row.cell(self.place(name)?)?;
        // Generated fractions are rounded down; no relation involves negative numbers.
        let floor = cell.as_f64().map(f64::floor).map(Value::from);
        integer(cell).or_else(|| integer(&floor?)).and_then(|number| u64::try_from(number).ok())
    }

    /// Sets a number; returns whether it changed.
    fn set(&mut self, name: &str, number: u64) -> bool {
        let changed = self.get(name) != Some(number);
        if let Some(cell) = self.place(name).and_then(|place| self.row.cells.get_mut(place)) {
            *cell = Some(number.into());
        }
        changed
    }

    /// The fields that have a number.
    fn present<'n>(&self, names: &'n [String]) -> Vec<(&'n str, u64)> {
        names.iter().filter_map(|name| Some((name.as_str(), self.get(name)?))).collect()
    }

    /// Starts with plausible numbers: funnels in descending order, totals equal to the sum of their parts.
    fn initialize(&mut self, rule: &RelationRule) {
        match rule {
            RelationRule::NeverGrows(names) => {
                let present = self.present(names);
                let mut numbers: Vec<u64> = present.iter().map(|(_, number)| *number).collect();
                numbers.sort_unstable_by(|a, b| b.cmp(a));
                for ((name, _), number) in present.into_iter().zip(numbers) {
                    self.set(name, number);
                }
            }
            RelationRule::AddsUp { parts, to } => {
                let sum = self.present(parts).iter().fold(0_u64, |sum, (_, number)| sum.saturating_add(*number));
                if self.get(to).is_some() {
                    self.set(to, sum);
                }
            }
            RelationRule::Any { .. } => {}
        }
    }

    /// Lowers numbers that are too high; returns whether any was.
    fn lower(&mut self, rule: &RelationRule) -> bool {
        match rule {
            RelationRule::NeverGrows(names) => {
                let (mut most, mut changed) = (u64::MAX, false);
                for (name, number) in self.present(names) {
                    most = most.min(number);
                    changed |= self.set(name, most);
                }
                changed
            }
            RelationRule::AddsUp { parts, to } => {
                let Some(total) = self.get(to) else { return false };
                let parts = self.present(parts);
                let sum: u128 = parts.iter().map(|(_, number)| u128::from(*number)).sum();
                if sum < u128::from(total) {
                    return self.set(to, u64::try_from(sum).unwrap_or(total));
                }
                self.share(&parts, sum, total)
            }
            RelationRule::Any { .. } => false,
        }
    }

    /// Lowers parts in proportion until they add up to the total.
    fn share(&mut self, parts: &[(&str, u64)], sum: u128, total: u64) -> bool {
        let (mut before, mut given, mut changed) = (0_u128, 0_u64, false);
        for (name, number) in parts {
            before += u128::from(*number);
            // Rounding the running sum down makes the parts add up exactly, and no part grows.
            let until = (before * u128::from(total)).checked_div(sum).and_then(|until| u64::try_from(until).ok()).unwrap_or(0);
            let share = (until - given).min(*number);
            given += share;
            changed |= self.set(name, share);
        }
        changed
    }

    fn zero(&mut self, rule: &RelationRule) {
        let names: Vec<&String> = match rule {
            RelationRule::NeverGrows(names) => names.iter().collect(),
            RelationRule::AddsUp { parts, to } => parts.iter().chain([to]).collect(),
            RelationRule::Any { .. } => Vec::new(),
        };
        for name in names {
            if self.get(name).is_some() {
                self.set(name, 0);
            }
        }
    }

    /// Sets a boolean that follows from others.
    fn decide(&mut self, rule: &RelationRule) {
        let RelationRule::Any { of, is } = rule else { return };
        let is_true = |name: &String| self.place(name).and_then(|place| self.row.cell(place)) == Some(&Value::Bool(true));
        let any = of.iter().any(is_true);
        if let Some(Some(cell)) = self.place(is).and_then(|place| self.row.cells.get_mut(place)) {
            *cell = any.into();
        }
    }
}
