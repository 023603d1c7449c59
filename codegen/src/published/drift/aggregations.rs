//! Compares aggregations and their returned fields.

use std::collections::BTreeSet;

use placewise_model::{Aggregation, Field, Provenance};

use super::comparison::Comparison;
use crate::published::read::{ExampleOf, PublishedAggregation, same_print};

impl Comparison<'_> {
    /// Compares aggregations.
    pub(super) fn aggregations(&mut self) {
        let (page, report) = (self.page, self.report);
        for one in &page.aggregations {
            match report.aggregation(&one.name.value) {
                Some(spec) => aggregation(self, one, spec),
                None => {
                    let message = format!("the page describes the aggregation `{}`, the spec does not", one.name.value);
                    self.differs("drift-aggregation-added", message, &one.name.place, &["aggregations"], "`aggregations`");
                }
            }
        }
        let on_page = |spec: &Aggregation| page.aggregations.iter().find(|one| one.name.value == spec.name);
        let last = report.aggregations.iter().rposition(|spec| on_page(spec).is_some());
        for (index, spec) in report.aggregations.iter().enumerate() {
            let beyond = page.ends_early && last.is_none_or(|last| index > last);
            if on_page(spec).is_some() || beyond || spec.provenance != Provenance::Documented {
                continue;
            }
            let before = report.aggregations[..index].iter().rev().find_map(on_page);
            let at = before.map_or(&page.name.place, |one| &one.name.place);
            let message = format!("the spec has the aggregation `{}`, the page does not", spec.name);
            self.differs("drift-aggregation-missing", message, at, &["aggregations", &spec.name], &format!("`{}`", spec.name));
        }
    }
}

fn aggregation(drift: &mut Comparison<'_>, one: &PublishedAggregation, spec: &Aggregation) {
    let name = spec.name.as_str();
    let known = |key: &str| spec.returns.iter().map(|returned| &returned.field).find(|field| field.name == key);
    for row in &one.returned {
        let key = row.key.value.as_str();
        let Some(field) = known(key) else {
            let message = format!("`{name}` returns `{key}` of type {} on the page, but not in the spec", row.printed.value);
            drift.differs("drift-returned-added", message, &row.key.place, &["aggregations", name, "returns"], "`returns`");
            continue;
        };
        if field.provenance == Provenance::Example {
            let message = format!("the page's table of `{name}` lists `{key}`; the spec says that only examples have it");
            drift.differs("drift-provenance", message, &row.key.place, &["aggregations", name, "returns", key], "`provenance`");
        }
        if !same_print(&row.printed.value, &field.printed) {
            let message = format!(
                "`{key}`, returned by `{name}`, has type {} on the page, {} in the spec",
                row.printed.value, field.printed
            );
            drift.differs(
                "drift-type",
                message,
                &row.printed.place,
                &["aggregations", name, "returns", key],
                "`type` or `printed`",
            );
        }
    }
    missing_returned(drift, one, spec);
}

fn missing_returned(drift: &mut Comparison<'_>, one: &PublishedAggregation, spec: &Aggregation) {
    let name = spec.name.as_str();
    let row = |field: &Field| one.returned.iter().find(|row| row.key.value == field.name);
    let last = spec.returns.iter().rposition(|returned| row(&returned.field).is_some());
    let of = ExampleOf::Aggregation(spec.name.clone());
    let page = drift.page;
    let mut rows = page.responses(&of).flat_map(|example| example.rows()).peekable();
    let exampled = rows.peek().is_some();
    let keys: BTreeSet<&str> = rows.flat_map(|row| row.members()).map(|member| member.key.as_str()).collect();
    let in_example = drift.report.examples.iter().any(|example| example.aggregation.as_deref() == Some(name));
    for (index, returned) in spec.returns.iter().enumerate() {
        let field = &returned.field;
        let key = field.name.as_str();
        let before = spec.returns[..index].iter().rev().find_map(|returned| row(&returned.field));
        let at = before.map_or(&one.name.place, |row| &row.key.place);
        let path = ["aggregations", name, "returns", key];
        if field.provenance == Provenance::Example {
            // If both sides have an example, its keys are compared elsewhere.
            if exampled && !in_example && !keys.contains(key) {
                let message = format!("the spec says that examples of `{name}` have `{key}`, but no example on the page has it");
                drift.differs("drift-returned-missing", message, at, &path, &format!("`{key}`"));
            }
        } else if row(field).is_none() && !(one.open && last.is_none_or(|last| index > last)) {
            let message = format!("`{name}` returns `{key}` in the spec, but not on the page");
            drift.differs("drift-returned-missing", message, at, &path, &format!("`{key}`"));
        }
    }
}
