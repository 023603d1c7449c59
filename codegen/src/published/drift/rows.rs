//! Compares the tables of returned fields and of label keys, and which aggregations there are.

use std::collections::BTreeSet;

use placewise_model::{Aggregation, Field, Format, Provenance};

use super::compare::Comparison;
use crate::finding::{Finding, Place, codes};
use crate::published::read::{ExampleOf, FactFinding, Json, PublishedAggregation, ReturnedRow, same_print};

/// A table of the page and what the spec says of it.
struct Table<'t> {
    /// Its path in the spec.
    path: &'t [&'t str],
    /// What the page calls it, as the start of a sentence.
    words: String,
    of: ExampleOf,
    /// Its place if it has no rows.
    place: &'t Place,
    rows: &'t [ReturnedRow],
    spec: Vec<&'t Field>,
    open: bool,
}

impl Comparison<'_> {
    /// Compares the label keys of a timeseries without aggregation.
    pub(super) fn labels(&mut self) {
        let (page, report) = (self.page, self.report);
        let spec: Vec<&Field> = report.labels.iter().flatten().collect();
        let Some(labels) = &page.labels else {
            // Without a table, the labels of examples state the keys.
            self.labels_of_examples(&["labels"], &ExampleOf::Rows, &spec);
            return;
        };
        let keys: Vec<&str> = labels.rows.iter().map(|row| row.key.value.as_str()).collect();
        self.account.states(&["labels"], keys.join(", "), &labels.place);
        let (path, words) = (&["labels"][..], "a label without aggregation has".to_owned());
        self.table(&Table {
            path,
            words,
            of: ExampleOf::Rows,
            place: &labels.place,
            rows: &labels.rows,
            spec,
            open: labels.open,
        });
    }

    /// Compares aggregations.
    pub(super) fn aggregations(&mut self) {
        let (page, report) = (self.page, self.report);
        for one in &page.aggregations {
            let path = ["aggregations", one.name.value.as_str()];
            if !one.unnamed {
                self.account.states(&path, &one.name.value, &one.name.place);
            } else if report.aggregation(&one.name.value).is_none() {
                let message = "this table of returned fields has no heading, and the spec has another number of aggregations";
                let finding = Finding::new(codes::PAGE_UNREAD, message).at(one.name.place.clone());
                let finding = finding.help("copy the page from a browser, with its headings");
                self.account.read(FactFinding { fact: self.account.id(&["aggregations"]), finding });
                continue;
            }
            match report.aggregation(&one.name.value) {
                Some(spec) => self.aggregation(one, spec),
                None => {
                    let message = format!("the page describes the aggregation `{}`, the spec does not", one.name.value);
                    self.differs(codes::DRIFT_AGGREGATION_ADDED, message, &one.name.place, &path, "`aggregations`");
                }
            }
        }
        let on_page = |spec: &Aggregation| page.aggregations.iter().find(|one| one.name.value == spec.name);
        let last = report.aggregations.iter().rposition(|spec| on_page(spec).is_some());
        for (index, spec) in report.aggregations.iter().enumerate() {
            let beyond = page.ends_early && last.is_none_or(|last| index > last);
            // One without a name may be any of the spec's.
            let beyond = beyond || page.aggregations.iter().any(|one| one.unnamed);
            if on_page(spec).is_some() || beyond || spec.provenance != Provenance::Documented {
                continue;
            }
            let before = report.aggregations[..index].iter().rev().find_map(on_page);
            let at = before.map_or(&page.name.place, |one| &one.name.place);
            let message = format!("the spec has the aggregation `{}`, the page does not", spec.name);
            let edit = format!("`{}`", spec.name);
            self.account.lacks(codes::DRIFT_AGGREGATION_MISSING, message, at, &["aggregations", &spec.name], &edit);
            self.account.skip(&["examples", "aggregations", &spec.name]);
        }
        let order = |name: &str| report.aggregations.iter().position(|spec| spec.name == name);
        let known: Vec<usize> = page.aggregations.iter().filter_map(|one| order(&one.name.value)).collect();
        if let Some(at) = known.windows(2).position(|pair| pair[0] > pair[1]) {
            let one = page.aggregations.iter().filter(|one| order(&one.name.value).is_some()).nth(at + 1);
            let message = "the aggregations have another order on the page than in the spec".to_owned();
            let place = one.map_or(&page.name.place, |one| &one.name.place);
            self.differs(codes::DRIFT_ORDER, message, place, &["aggregations"], "the order of `aggregations`");
        }
    }

    fn aggregation(&mut self, one: &PublishedAggregation, spec: &Aggregation) {
        let name = spec.name.as_str();
        let series = self.report.format == Format::Timeseries;
        let key = if series { "labels" } else { "returns" };
        let fields: Vec<&Field> = if series {
            spec.labels.iter().flatten().collect()
        } else {
            spec.returns.iter().map(|returned| &returned.field).collect()
        };
        let of = ExampleOf::Aggregation(spec.name.clone());
        let path = &["aggregations", name, key][..];
        if series && one.returned.is_empty() && !one.open {
            self.labels_of_examples(path, &of, &fields);
            return;
        }
        let words = if series { format!("a label of `{name}` has") } else { format!("`{name}` returns") };
        let place = &one.name.place;
        self.table(&Table { path, words, of, place, rows: &one.returned, spec: fields, open: one.open });
    }

    fn table(&mut self, table: &Table<'_>) {
        for row in table.rows {
            let key = row.key.value.as_str();
            let path = [table.path, &[key]].concat();
            self.account.states(&path, key, &row.key.place);
            let Some(field) = table.spec.iter().find(|field| field.name == key) else {
                let list = table.path.last().copied().unwrap_or_default();
                let message = format!("{} `{key}` of type {} on the page, but not in the spec", table.words, row.printed.value);
                self.differs(codes::DRIFT_RETURNED_ADDED, message, &row.key.place, &path, &format!("`{list}`"));
                continue;
            };
            self.row_of(table, row, field, &path);
        }
        self.missing_rows(table);
        let order = |key: &str| table.spec.iter().position(|field| field.name == key);
        let known: Vec<(usize, &ReturnedRow)> = table.rows.iter().filter_map(|row| Some((order(&row.key.value)?, row))).collect();
        if let Some(pair) = known.windows(2).find(|pair| pair[0].0 > pair[1].0) {
            let key = &pair[1].1.key;
            let message =
                format!("the table has another order than the spec: `{}` stands below `{}`", key.value, pair[0].1.key.value);
            let list = table.path.last().copied().unwrap_or_default();
            self.differs(codes::DRIFT_ORDER, message, &key.place, table.path, &format!("the order of `{list}`"));
        }
    }

    fn row_of(&mut self, table: &Table<'_>, row: &ReturnedRow, field: &Field, path: &[&str]) {
        let key = field.name.as_str();
        if field.provenance == Provenance::Example {
            let message = format!("a table of the page lists `{key}`; the spec says that only examples have it");
            self.differs(codes::DRIFT_PROVENANCE, message, &row.key.place, path, "`provenance`");
        }
        let ty = [path, &["type"]].concat();
        let same_type = same_print(&row.printed.value, &field.printed);
        self.account.states(&ty, if same_type { &field.printed } else { &row.printed.value }, &row.printed.place);
        if !same_type {
            let message =
                format!("{} `{key}` of type {} on the page, {} in the spec", table.words, row.printed.value, field.printed);
            self.differs(codes::DRIFT_TYPE, message, &row.printed.place, &ty, "`type` or `printed`");
        }
        let Some(description) = &row.description else { return };
        let same = [path, &["field"]].concat();
        let refers = row.see_fields();
        // A page may refer to a field that it does not have.
        let has_field = self.report.field(key).is_some();
        if (refers && has_field) || field.same_as.is_some() {
            self.account.states(&same, if refers { "See in Fields" } else { "a description of its own" }, &description.place);
        }
        if refers && field.same_as.is_none() && has_field {
            let message = format!("the page refers to the field `{key}`, but in the spec {} a field of its own", table.words);
            self.differs(codes::DRIFT_SEE_FIELDS, message, &description.place, &same, "the returned field");
        } else if !refers && field.same_as.is_some() {
            let message = format!("the page describes `{key}` anew, but in the spec it repeats the report's field");
            self.differs(codes::DRIFT_SEE_FIELDS, message, &description.place, &same, "the returned field");
        }
    }

    fn missing_rows(&mut self, table: &Table<'_>) {
        let row = |field: &Field| table.rows.iter().find(|row| row.key.value == field.name);
        let last = table.spec.iter().rposition(|field| row(field).is_some());
        // The row may stand in a line that was not understood.
        let unread = self.account.is_unread(&table.path[..table.path.len() - 1]);
        let page = self.page;
        let mut rows = page.responses(&table.of).flat_map(|example| example.rows()).peekable();
        let exampled = rows.peek().is_some();
        let keys: BTreeSet<&str> = rows.flat_map(Json::members).map(|member| member.key.as_str()).collect();
        let in_example = self.report.examples.iter().any(|example| super::expected::of(example) == table.of);
        for (index, field) in table.spec.iter().enumerate() {
            let key = field.name.as_str();
            let before = table.spec[..index].iter().rev().find_map(|field| row(field));
            let at = before.map_or(table.place, |row| &row.key.place);
            let path = [table.path, &[key]].concat();
            if field.provenance == Provenance::Example {
                // If both sides have an example, its keys are compared elsewhere.
                if exampled && !in_example && !keys.contains(key) && self.report.format == Format::Records {
                    let message = format!("the spec says that examples have `{key}`, but no example on the page has it");
                    self.account.lacks(codes::DRIFT_RETURNED_MISSING, message, at, &path, &format!("`{key}`"));
                }
            } else if row(field).is_none() && !unread && !(table.open && last.is_none_or(|last| index > last)) {
                let message = format!("{} `{key}` in the spec, but not on the page", table.words);
                self.account.lacks(codes::DRIFT_RETURNED_MISSING, message, at, &path, &format!("`{key}`"));
            }
        }
    }

    /// Label keys that only the labels of examples state.
    fn labels_of_examples(&mut self, path: &[&str], of: &ExampleOf, spec: &[&Field]) {
        let page = self.page;
        for member in page.responses(of).flat_map(|example| example.labels()).flat_map(Json::members) {
            let key = [path, &[member.key.as_str()]].concat();
            if self.account.is_met(&key) || spec.iter().all(|field| field.name != member.key) {
                continue;
            }
            let place = Place { file: page.name.place.file, span: member.span.clone() };
            if !self.account.is_met(path) {
                self.account.states(path, "in examples", &place);
            }
            self.account.states(&key, &member.key, &place);
        }
    }
}
