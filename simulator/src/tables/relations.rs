//! How values of a made-up row hang together. In come the relations of a report and a row; out comes the row with all of them holding
//! at once. Every step only lowers numbers that are not negative, so it comes to an end.

use placewise_model::{Relation, RelationRule, Report};
use serde_json::Value;

use crate::row::Row;
use crate::value::whole;

/// Rounds after which the numbers concerned are all set to zero, which satisfies any funnels and sums. Reached only where relations
/// squeeze numbers towards zero by ever smaller steps.
const MOST_ROUNDS: usize = 1_000;

/// Makes the relations of the report hold in a row. A cell that is null or absent is left so and takes no part, but for a truth value
/// that others decide.
pub(crate) fn hold(report: &Report, row: &mut Row) {
    let rules: Vec<&RelationRule> = report.relations.iter().map(|Relation { rule, .. }| rule).collect();
    if rules.is_empty() {
        return;
    }
    let mut numbers = Numbers { report, row };
    for rule in &rules {
        numbers.begin(rule);
    }
    let settled = (0..MOST_ROUNDS).any(|_| !rules.iter().fold(false, |changed, rule| numbers.lower(rule) | changed));
    if !settled {
        rules.iter().for_each(|rule| numbers.zero(rule));
    }
    for rule in &rules {
        numbers.decide(rule);
    }
}

/// A row's cells by name.
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
        // A made-up fraction is rounded down; no relation is about negative numbers.
        let floor = cell.as_f64().map(f64::floor).map(Value::from);
        whole(cell).or_else(|| whole(&floor?)).and_then(|number| u64::try_from(number).ok())
    }

    /// Sets a number; says whether that changed it.
    fn set(&mut self, name: &str, number: u64) -> bool {
        let changed = self.get(name) != Some(number);
        if let Some(cell) = self.place(name).and_then(|place| self.row.cells.get_mut(place)) {
            *cell = Some(number.into());
        }
        changed
    }

    /// Those of the names that have a number.
    fn present<'n>(&self, names: &'n [String]) -> Vec<(&'n str, u64)> {
        names.iter().filter_map(|name| Some((name.as_str(), self.get(name)?))).collect()
    }

    /// Before the first round: a funnel's numbers in falling order, a whole as large as its parts. It makes for plausible numbers.
    fn begin(&mut self, rule: &RelationRule) {
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

    /// Lowers what is too high; says whether anything was.
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
                let Some(whole) = self.get(to) else { return false };
                let parts = self.present(parts);
                let sum: u128 = parts.iter().map(|(_, number)| u128::from(*number)).sum();
                if sum < u128::from(whole) {
                    return self.set(to, u64::try_from(sum).unwrap_or(whole));
                }
                self.share(&parts, sum, whole)
            }
            RelationRule::Any { .. } => false,
        }
    }

    /// Lowers parts, each by its share, until they add up to the whole.
    fn share(&mut self, parts: &[(&str, u64)], sum: u128, whole: u64) -> bool {
        let (mut before, mut given, mut changed) = (0_u128, 0_u64, false);
        for (name, number) in parts {
            before += u128::from(*number);
            // The running total is rounded down, so the parts add up exactly; no part grows where all fit.
            let until = (before * u128::from(whole)).checked_div(sum).and_then(|until| u64::try_from(until).ok()).unwrap_or(0);
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

    /// Sets a truth value that others decide.
    fn decide(&mut self, rule: &RelationRule) {
        let RelationRule::Any { of, is } = rule else { return };
        let is_true = |name: &String| self.place(name).and_then(|place| self.row.cell(place)) == Some(&Value::Bool(true));
        let any = of.iter().any(is_true);
        if let Some(Some(cell)) = self.place(is).and_then(|place| self.row.cells.get_mut(place)) {
            *cell = any.into();
        }
    }
}
