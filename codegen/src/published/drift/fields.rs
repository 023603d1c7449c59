//! Compares fields: which exist, their order, types, values, metrics, filterability and third column.

use placewise_model::{Coverage, Field, Filterability, Provenance, Type};

use super::account::{list, word};
use super::compare::Comparison;
use super::expected::{listed, metrics};
use crate::finding::{Code, codes};
use crate::published::read::{At, PublishedField, same_print};

fn count(fields: usize) -> String {
    if fields == 1 { "one field".into() } else { format!("{fields} fields") }
}

impl Comparison<'_> {
    pub(super) fn fields(&mut self) {
        let (page, report) = (self.page, self.report);
        if report.coverage == Coverage::NameOnly {
            if let Some(first) = page.fields.first() {
                let message = format!("the page describes {}, but the spec has only the report's name", count(page.fields.len()));
                self.differs(
                    codes::DRIFT_COVERAGE,
                    message,
                    &first.place,
                    &["coverage"],
                    "`coverage` and add the fields that `cargo codegen import` prints",
                );
            }
            return;
        }
        let unnamed = self.unnamed();
        let aligned = self.aligned();
        if unnamed > 0 && !aligned && !page.fields_open {
            let message = format!(
                "the page has {} fields, {unnamed} of them without a name; the spec has {}",
                page.fields.len(),
                report.fields.len()
            );
            let at = page.fields.first().map_or(&page.name.place, |field| &field.place);
            self.differs(codes::DRIFT_FIELD_COUNT, message, at, &["fields"], "`fields`");
        }
        for (index, field) in page.fields.iter().enumerate() {
            let spec = match &field.name {
                Some(name) => report.field(&name.value),
                // A field without a name is identified by its position.
                None => report.fields.get(index).filter(|spec| aligned && page.field(&spec.name).is_none()),
            };
            match (spec, &field.name) {
                (Some(spec), _) => self.field(field, spec),
                (None, Some(name)) => self.added(index, field, name),
                (None, None) => {}
            }
        }
        if unnamed == 0 {
            self.missing();
            self.order();
        }
    }

    /// The number of fields whose name the page does not state.
    fn unnamed(&self) -> usize {
        self.page.fields.iter().filter(|field| field.name.is_none()).count()
    }

    /// Whether fields without a name can be compared by their position.
    pub(super) fn aligned(&self) -> bool {
        self.unnamed() > 0 && self.page.fields.len() == self.report.fields.len()
    }

    fn added(&mut self, index: usize, field: &PublishedField, name: &At<String>) {
        let printed = field.printed.as_ref().map_or("unreadable", |printed| &printed.value);
        let message = format!("the page lists the field `{}` of type {printed}, the spec does not", name.value);
        let before = self.page.fields[..index].last().map(PublishedField::name);
        let after = self.page.fields.get(index + 1).map(PublishedField::name);
        let gone = self.report.fields.iter().enumerate().find(|(at, spec)| {
            let neighbour = |at: Option<usize>| at.and_then(|at| self.report.fields.get(at)).map(|field| field.name.as_str());
            let same_place = neighbour(at.checked_sub(1)) == before || neighbour(Some(at + 1)) == after;
            self.page.field(&spec.name).is_none() && same_place && same_print(&spec.printed, printed)
        });
        let path = ["fields", name.value.as_str()];
        self.account.states(&path, printed, &name.place);
        let hint = gone
            .map(|(_, spec)| format!("`{}` of the same type is missing at that position: it may have been renamed", spec.name));
        self.account.differs_and(codes::DRIFT_FIELD_ADDED, message, &field.place, &path, "`fields`", hint);
    }

    fn missing(&mut self) {
        let (page, report) = (self.page, self.report);
        let last = report.fields.iter().rposition(|spec| page.field(&spec.name).is_some());
        for (index, spec) in report.fields.iter().enumerate() {
            // A field after the cut may still exist.
            let beyond = page.fields_open && last.is_none_or(|last| index > last);
            if page.field(&spec.name).is_some() || beyond || spec.provenance == Provenance::Example {
                continue;
            }
            let before = report.fields[..index].iter().rev().find_map(|spec| page.field(&spec.name));
            let at = before.map(|field| &field.place).or(page.fields_heading.as_ref()).unwrap_or(&page.name.place);
            let message = format!("the spec has the field `{}` of type {}, the page does not", spec.name, spec.printed);
            let edit = format!("`{}`", spec.name);
            self.account.lacks(codes::DRIFT_FIELD_MISSING, message, at, &["fields", &spec.name], &edit);
        }
    }

    /// Compares the order of equal sets of fields.
    fn order(&mut self) {
        let (page, report) = (self.page, self.report);
        let known: Vec<&PublishedField> = page.fields.iter().filter(|field| report.field(field.name()).is_some()).collect();
        let spec: Vec<&Field> = report.fields.iter().filter(|spec| page.field(&spec.name).is_some()).collect();
        if known.len() != page.fields.len() || (spec.len() != report.fields.len() && !page.fields_open) {
            return;
        }
        let Some((field, spec)) = known.iter().zip(&spec).find(|(field, spec)| field.name() != spec.name) else { return };
        let message =
            format!("the fields have another order: the page has `{}` where the spec has `{}`", field.name(), spec.name);
        self.differs(codes::DRIFT_ORDER, message, &field.place, &["fields"], "the order of `fields`");
    }

    fn field(&mut self, field: &PublishedField, spec: &Field) {
        let name = spec.name.as_str();
        if let Some(at) = &field.name {
            self.account.states(&["fields", name], name, &at.place);
        }
        if spec.provenance == Provenance::Example {
            let message = format!("the page's table lists the field `{name}`; the spec says that only examples have it");
            self.differs(codes::DRIFT_PROVENANCE, message, &field.place, &["fields", name, "provenance"], "`provenance`");
        }
        if let Some(printed) = &field.printed {
            let path = ["fields", name, "type"];
            let same = same_print(&printed.value, &spec.printed);
            // Captures differ in spaces; the spec's print is the same for all of them.
            self.account.states(&path, if same { &spec.printed } else { &printed.value }, &printed.place);
            if !same {
                let message = format!("`{name}` has type {} on the page, {} in the spec", printed.value, spec.printed);
                self.differs(codes::DRIFT_TYPE, message, &printed.place, &path, "`type` or `printed`");
            }
        }
        self.names(field, &field.values, &listed(spec), ("values", codes::DRIFT_VALUES, "`values`"), spec);
        let metrics_read: Vec<At<String>> = field.metrics.iter().map(|metric| metric.name.clone()).collect();
        self.names(field, &metrics_read, &metrics(spec), ("fields", codes::DRIFT_METRICS, "the object's `fields`"), spec);
        self.filterable(field, spec);
        self.column(field, spec);
    }

    /// Compares the listed values or the metrics of a field. Their order is no fact: they are sets, and nothing is made from it.
    fn names(
        &mut self,
        field: &PublishedField,
        read: &[At<String>],
        known: &[&str],
        (key, code, edit): (&str, Code, &str),
        spec: &Field,
    ) {
        let listed: Vec<&str> = read.iter().map(|at| at.value.as_str()).collect();
        let first_new = read.iter().find(|at| !known.contains(&at.value.as_str()));
        let removed = known.iter().any(|name| !listed.contains(name));
        let path = ["fields", spec.name.as_str(), key];
        let place = first_new.or(read.first()).map_or(&field.place, |at| &at.place);
        // Those that are gone may stand after the cut, or in a line that was not understood.
        if removed && first_new.is_none() && (field.open || self.account.is_unread(&path[..2])) {
            return;
        }
        if !read.is_empty() {
            // Their order is no fact.
            let mut names = listed.clone();
            names.sort_unstable();
            names.dedup();
            self.account.states(&path, names.join(", "), place);
        }
        // A dynamic object's keys are data, which prose may name all the same.
        let data = key == "fields" && known.is_empty() && !matches!(spec.ty, Type::Object { .. });
        // Values that the spec knows from examples alone are settled by a page that lists them.
        let in_spec = |value: &At<String>| match spec.ty.innermost() {
            Type::Enum(of) => of.values.iter().any(|known| known.value == value.value),
            _ => false,
        };
        if key == "values" && !removed && first_new.is_some() && read.iter().all(in_spec) {
            let message = format!(
                "the page lists the values {} of `{}`, which the spec knows from examples only",
                list(&listed),
                spec.name
            );
            self.differs(codes::DRIFT_SETTLED, message, place, &path, "the `provenance` of these `values`");
            return;
        }
        if (first_new.is_some() && !data) || removed {
            let what = if key == "fields" { "metrics" } else { "values" };
            let all: Vec<&str> = match spec.ty.innermost() {
                Type::Enum(of) if key == "values" => of.values.iter().map(|value| value.value.as_str()).collect(),
                _ => known.to_vec(),
            };
            let message = format!("`{}` has {what} {} on the page, {} in the spec", spec.name, list(&listed), list(&all));
            self.differs(code, message, place, &path, edit);
        }
    }

    /// Compares filterability. A blank cell means nothing where icons are lost; a header's name is text and stays.
    fn filterable(&mut self, field: &PublishedField, spec: &Field) {
        let printed = field.filterable.as_ref();
        let path = ["fields", spec.name.as_str(), "filterable"];
        let cell = printed.map(|cell| &cell.value);
        let same = match (cell, &spec.filterable) {
            (Some(Filterability::Header(page)), Filterability::Header(spec)) => page.eq_ignore_ascii_case(spec),
            (Some(page), spec) => page == spec,
            (None, Filterability::Header(_)) => field.printed.is_none() || field.unread.contains(&"filterable"),
            (None, _) => true,
        };
        if let Some(cell) = printed {
            let stated = if same { &spec.filterable } else { &cell.value };
            self.account.states(&path, stated.describe(), &cell.place);
        }
        if !same {
            let message = format!(
                "filterability of `{}` on the page: {}; in the spec: {}",
                spec.name,
                cell.map_or("by no header".into(), Filterability::describe),
                spec.filterable.describe()
            );
            let at = printed.map(|cell| &cell.place).or(field.printed.as_ref().map(|at| &at.place)).unwrap_or(&field.place);
            self.differs(codes::DRIFT_FILTERABLE, message, at, &path, "`filterable`");
        }
    }

    fn column(&mut self, field: &PublishedField, spec: &Field) {
        if field.printed.is_none() {
            return;
        }
        let page = field.column.as_ref().map(|column| column.value.as_str());
        let known = spec.column.as_ref().map(|column| column.title.as_str());
        let at = field.column.as_ref().map_or(&field.place, |column| &column.place);
        let same = page.map(str::to_lowercase) == known.map(str::to_lowercase);
        if let Some(page) = page
            && !self.account.is_met(&["column"])
        {
            self.account.states(&["column"], known.filter(|_| same).unwrap_or(page), at);
        }
        let path = ["fields", spec.name.as_str(), "column"];
        if let Some(cell) = &field.cell {
            self.account.states(&path, if cell.value { "yes" } else { "no" }, &cell.place);
        }
        if !same {
            // Fields share their title as a rule, so one finding is enough.
            let message = format!("the third column is titled {} on the page, {} in the spec", word(page), word(known));
            if !self.account.has_said(&message) {
                self.differs(codes::DRIFT_COLUMN, message, at, &["column"], "`column`");
            }
        } else if let (Some(cell), Some(column)) = (&field.cell, &spec.column) {
            let says = if cell.value { "yes" } else { "no" };
            if column.value.word() != says {
                let message =
                    format!("`{}` of `{}` is {says} on the page, {} in the spec", column.title, spec.name, column.value.word());
                self.differs(codes::DRIFT_COLUMN, message, &cell.place, &path, "`column`");
            }
        }
    }
}
