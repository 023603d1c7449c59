//! Compares fields: which exist, their order, types, values, metrics, filterability and third column.

use placewise_model::{Coverage, Field, Filterability, Provenance, Type};

use super::comparison::{Comparison, list, word};
use crate::published::read::{At, PublishedField, same_print};

impl Comparison<'_> {
    pub(super) fn fields(&mut self) {
        let (page, report) = (self.page, self.report);
        if report.coverage == Coverage::NameOnly {
            if let Some(first) = page.fields.first() {
                let message = format!("the page describes {} fields, but the spec has only the report's name", page.fields.len());
                self.differs(
                    "drift-coverage",
                    message,
                    &first.place,
                    &["coverage"],
                    "`coverage` and add the fields that `cargo codegen import` prints",
                );
            }
            return;
        }
        let unnamed = page.fields.iter().filter(|field| field.name.is_none()).count();
        let aligned = unnamed > 0 && page.fields.len() == report.fields.len();
        if unnamed > 0 && !aligned && !page.fields_open {
            let message = format!(
                "the page has {} fields, {unnamed} of them without a name; the spec has {}",
                page.fields.len(),
                report.fields.len()
            );
            let at = page.fields.first().map_or(&page.name.place, |field| &field.place);
            self.differs("drift-field-count", message, at, &["fields"], "`fields`");
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
        let hint = gone
            .map(|(_, spec)| format!("`{}` of the same type is missing at that position: it may have been renamed", spec.name));
        self.differs_and("drift-field-added", message, &field.place, &["fields"], "`fields`", hint);
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
            self.differs("drift-field-missing", message, at, &["fields", &spec.name], &format!("`{}`", spec.name));
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
        self.differs("drift-order", message, &field.place, &["fields", &spec.name], "the order of `fields`");
        self.soften();
    }

    fn field(&mut self, field: &PublishedField, spec: &Field) {
        let name = spec.name.as_str();
        if spec.provenance == Provenance::Example {
            let message = format!("the page's table lists the field `{name}`; the spec says that only examples have it");
            self.differs("drift-provenance", message, &field.place, &["fields", name, "provenance"], "`provenance`");
        }
        if let Some(printed) = &field.printed
            && !same_print(&printed.value, &spec.printed)
        {
            let message = format!("`{name}` has type {} on the page, {} in the spec", printed.value, spec.printed);
            self.differs("drift-type", message, &printed.place, &["fields", name, "type"], "`type` or `printed`");
        }
        self.values(field, spec);
        self.metrics(field, spec);
        self.filterable(field, spec);
        self.column(field, spec);
    }

    fn values(&mut self, field: &PublishedField, spec: &Field) {
        let known: Vec<&str> = match spec.ty.innermost() {
            Type::Enum(of) => of
                .values
                .iter()
                .filter(|value| value.provenance == Provenance::Documented)
                .map(|value| value.value.as_str())
                .collect(),
            _ => Vec::new(),
        };
        let listed: Vec<&str> = field.values.iter().map(|value| value.value.as_str()).collect();
        let added = listed.iter().any(|value| !known.contains(value));
        let removed = known.iter().any(|value| !listed.contains(value));
        if added || (removed && !field.open) {
            let message = format!("`{}` has values {} on the page, {} in the spec", spec.name, list(&listed), list(&known));
            let first_new = field.values.iter().find(|value| !known.contains(&value.value.as_str())).or(field.values.first());
            let at = first_new.map_or(&field.place, |value| &value.place);
            self.differs("drift-values", message, at, &["fields", &spec.name, "values"], "`values`");
        }
    }

    fn metrics(&mut self, field: &PublishedField, spec: &Field) {
        let Type::Object { fields } = &spec.ty else { return };
        let known: Vec<&str> =
            fields.iter().filter(|field| field.provenance != Provenance::Example).map(|field| field.name.as_str()).collect();
        let listed: Vec<&str> = field.metrics.iter().map(|metric| metric.name.value.as_str()).collect();
        let added = listed.iter().any(|name| !known.contains(name));
        let removed = known.iter().any(|name| !listed.contains(name));
        if added || (removed && !field.open) {
            let message = format!("`{}` has metrics {} on the page, {} in the spec", spec.name, list(&listed), list(&known));
            let first_new =
                field.metrics.iter().find(|metric| !known.contains(&metric.name.value.as_str())).or(field.metrics.first());
            let at = first_new.map_or(&field.place, |metric| &metric.name.place);
            self.differs("drift-metrics", message, at, &["fields", &spec.name, "fields"], "the object's `fields`");
        }
    }

    /// Compares filterability. An empty cell means nothing, since captures lose icons; a header's name is text and stays.
    fn filterable(&mut self, field: &PublishedField, spec: &Field) {
        let printed = field.filterable.as_ref();
        let cell = printed.map(|cell| &cell.value);
        let same = match (cell, &spec.filterable) {
            (Some(Filterability::Header(page)), Filterability::Header(spec)) => page.eq_ignore_ascii_case(spec),
            (Some(page), spec) => page == spec,
            (None, Filterability::Header(_)) => field.printed.is_none(),
            (None, _) => true,
        };
        if !same {
            let message = format!(
                "filterability of `{}` on the page: {}; in the spec: {}",
                spec.name,
                cell.map_or("by no header".into(), Filterability::describe),
                spec.filterable.describe()
            );
            let at = printed.map(|cell| &cell.place).or(field.printed.as_ref().map(|at| &at.place)).unwrap_or(&field.place);
            self.differs("drift-filterable", message, at, &["fields", &spec.name, "filterable"], "`filterable`");
        }
    }

    fn column(&mut self, field: &PublishedField, spec: &Field) {
        if field.printed.is_none() {
            return;
        }
        let page = field.column.as_ref().map(|column| column.value.as_str());
        let known = spec.column.as_ref().map(|column| column.title.as_str());
        let at = field.column.as_ref().map_or(&field.place, |column| &column.place);
        if page != known {
            // The spec has one title for all fields, so one finding is enough.
            let message = format!("the third column is titled {} on the page, {} in the spec", word(page), word(known));
            if !self.out.iter().any(|finding| finding.message == message) {
                self.differs("drift-column", message, at, &["column"], "`column`");
            }
        } else if let (Some(cell), Some(column)) = (&field.cell, &spec.column) {
            let says = if cell.value { "yes" } else { "no" };
            if column.value.word() != says {
                let message =
                    format!("`{}` of `{}` is {says} on the page, {} in the spec", column.title, spec.name, column.value.word());
                self.differs("drift-column", message, &cell.place, &["fields", &spec.name, "column"], "`column`");
            }
        }
    }
}
