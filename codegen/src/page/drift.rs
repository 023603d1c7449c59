//! Compares a page with the spec, fact by fact: header, fields, aggregations, examples. In: a reading and the report of the model; out:
//! one finding for each difference, at the page's place and with the spec's. Prose is not compared, and what a page that ends early
//! does not show is not taken for removed.

use placewise_model::{Coverage, Field, Filterable, Provenance, QuirkKind, Report, Type};

use super::types::same_print;
use super::{At, ExampleOf, FilterCell, Page, PageField, Reading, drift_rows};
use crate::finding::{Finding, Place, Severity};

/// Tells where a path of keys stands in the report file.
pub(super) type PlaceOf<'a> = &'a dyn Fn(&[&str]) -> Place;

/// The differences between a page and the spec's report, and those findings of the reading that bear on the comparison.
///
/// `place_of` gives the place in the report file of a path of keys, such as `fields`, `id`, `type`, or of its nearest ancestor.
pub fn drift(reading: &Reading, report: &Report, place_of: &dyn Fn(&[&str]) -> Place) -> Vec<Finding> {
    let Some(page) = &reading.page else { return reading.findings.clone() };
    let mut drift = Drift { page, report, place_of, out: Vec::new() };
    let open: Vec<Finding> = reading.findings.iter().filter(|finding| !drift.settled(finding)).cloned().collect();
    drift.out.extend(open);
    if drift.header() {
        drift.fields();
        // A spec that has only the name has nothing further to compare.
        if report.coverage != Coverage::NameOnly {
            drift_rows::aggregations(&mut drift);
            drift_rows::examples(&mut drift);
            drift.quirks();
        }
    }
    drift.out
}

pub(super) struct Drift<'a> {
    pub page: &'a Page,
    pub report: &'a Report,
    place_of: PlaceOf<'a>,
    out: Vec<Finding>,
}

impl<'a> Drift<'a> {
    /// Adds a difference; `edit` names the key of the report file that would change.
    pub fn differs(&mut self, code: &'static str, message: String, at: &Place, path: &[&str], edit: &str) {
        self.differs_and(code, message, at, path, edit, None);
    }

    /// Adds a difference with a further hint.
    pub fn differs_and(
        &mut self,
        code: &'static str,
        message: String,
        at: &Place,
        path: &[&str],
        edit: &str,
        hint: Option<String>,
    ) {
        let help = format!("if the page is right, edit {edit} in the report file; if it is wrong, record that as a quirk");
        let help = hint.map_or(help.clone(), |hint| format!("{hint}; {help}"));
        let label = if code.ends_with("-missing") { "missing after this" } else { "the page" };
        self.out.push(
            Finding::error(code, message).at(at.clone()).label(label).related((self.place_of)(path), "the spec").help(help),
        );
    }

    /// Makes the last difference a warning.
    pub fn soften(&mut self) {
        if let Some(last) = self.out.last_mut() {
            last.severity = Severity::Warning;
        }
    }

    /// Whether the spec already answers a finding of the reading.
    fn settled(&self, finding: &Finding) -> bool {
        match finding.code {
            "page-broken-example" => self.page.examples.iter().any(|example| {
                let here = finding.place.as_ref() == Some(&example.place);
                here && match &example.of {
                    ExampleOf::Rows | ExampleOf::Aggregation(_) => true,
                    ExampleOf::Field(name) => self.has_quirk(QuirkKind::BrokenExample, name),
                }
            }),
            "page-permit-ambiguous" => self.permit_before_cost().is_some(),
            _ => false,
        }
    }

    fn has_quirk(&self, kind: QuirkKind, at: &str) -> bool {
        self.report.quirks.iter().any(|quirk| quirk.kind == kind && quirk.at.iter().any(|known| known == at))
    }

    /// The permit of a page that runs permit and cost together, if the spec's cost is what they end in.
    fn permit_before_cost(&self) -> Option<&'a str> {
        let (page, cost) = (self.page, self.report.cost?);
        page.permit_and_cost.as_ref()?.value.strip_suffix(&cost.to_string())
    }

    /// Compares name, format, permit and cost; false where the page seems to be another report's.
    fn header(&mut self) -> bool {
        let (page, report) = (self.page, self.report);
        if page.name.value != report.name {
            let message = format!("the page describes the report `{}`, the spec `{}`", page.name.value, report.name);
            let shared = page.fields.iter().filter(|field| report.field(field.name()).is_some()).count();
            let other = shared * 2 <= report.fields.len().max(page.fields.len());
            let hint = other
                .then(|| "few fields agree, so this may be the page of another report; nothing else was compared".to_owned());
            self.differs_and("drift-report", message, &page.name.place, &["report"], "`report`", hint);
            if other {
                return false;
            }
        }
        if page.format.value != report.format.word() {
            let message = format!("the page says the format `{}`, the spec `{}`", page.format.value, report.format.word());
            self.differs("drift-format", message, &page.format.place, &["format"], "`format`");
        }
        self.permit_and_cost();
        true
    }

    fn permit_and_cost(&mut self) {
        let (page, report) = (self.page, self.report);
        let place = |at: Option<&Place>| at.unwrap_or(&page.name.place).clone();
        let read = page.permit.as_ref().map(|permit| permit.value.as_str());
        // Where the reading had to choose, the spec's own permit or cost decides.
        let permit_stands = read.is_some() && read == report.permit.as_deref();
        let permit = self.permit_before_cost().filter(|_| !permit_stands);
        let cost = if permit.is_some() { report.cost } else { page.cost.as_ref().map(|cost| cost.value) };
        let permit = permit.or(read);
        if permit != report.permit.as_deref() && !(permit.is_none() && page.ends_early) {
            let message = format!("the page says the permit {}, the spec {}", word(permit), word(report.permit.as_deref()));
            self.differs("drift-permit", message, &place(page.permit.as_ref().map(|at| &at.place)), &["permit"], "`permit`");
        }
        if cost != report.cost && !(cost.is_none() && page.ends_early) {
            let number = |cost: Option<u32>| cost.map_or("none".into(), |cost| cost.to_string());
            let message = format!("the page says the cost {}, the spec {}", number(cost), number(report.cost));
            self.differs("drift-cost", message, &place(page.cost.as_ref().map(|at| &at.place)), &["cost"], "`cost`");
        }
    }

    fn fields(&mut self) {
        let (page, report) = (self.page, self.report);
        if report.coverage == Coverage::NameOnly {
            if let Some(first) = page.fields.first() {
                let message = format!("the page describes {} fields; the spec has only the report's name", page.fields.len());
                self.differs(
                    "drift-coverage",
                    message,
                    &first.place,
                    &["coverage"],
                    "`coverage`, with the fields that `import` prints,",
                );
            }
            return;
        }
        let unnamed = page.fields.iter().filter(|field| field.name.is_none()).count();
        let aligned = unnamed > 0 && page.fields.len() == report.fields.len();
        if unnamed > 0 && !aligned && !page.fields_open {
            let message = format!(
                "the page has {} fields, {unnamed} of them without a readable name; the spec has {}",
                page.fields.len(),
                report.fields.len()
            );
            let at = page.fields.first().map_or(&page.name.place, |field| &field.place);
            self.differs("drift-field-count", message, at, &["fields"], "`fields`");
        }
        for (index, field) in page.fields.iter().enumerate() {
            let spec = match &field.name {
                Some(name) => report.field(&name.value),
                // Without a name only the order tells which field it is.
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

    fn added(&mut self, index: usize, field: &PageField, name: &At<String>) {
        let printed = field.printed.as_ref().map_or("unreadable", |printed| &printed.value);
        let message = format!("the page lists the field `{}` of type {printed}; the spec does not", name.value);
        let before = self.page.fields[..index].last().map(PageField::name);
        let after = self.page.fields.get(index + 1).map(PageField::name);
        let gone = self.report.fields.iter().enumerate().find(|(at, spec)| {
            let neighbour = |at: Option<usize>| at.and_then(|at| self.report.fields.get(at)).map(|field| field.name.as_str());
            let same_place = neighbour(at.checked_sub(1)) == before || neighbour(Some(at + 1)) == after;
            self.page.field(&spec.name).is_none() && same_place && same_print(&spec.printed, printed)
        });
        let hint =
            gone.map(|(_, spec)| format!("`{}` of the same type is gone from that place: perhaps it was renamed", spec.name));
        self.differs_and("drift-field-added", message, &field.place, &["fields"], "`fields`", hint);
    }

    fn missing(&mut self) {
        let (page, report) = (self.page, self.report);
        let last = report.fields.iter().rposition(|spec| page.field(&spec.name).is_some());
        for (index, spec) in report.fields.iter().enumerate() {
            // A field that would stand after the cut is not known to be gone.
            let beyond = page.fields_open && last.is_none_or(|last| index > last);
            if page.field(&spec.name).is_some() || beyond || spec.provenance == Provenance::Example {
                continue;
            }
            let before = report.fields[..index].iter().rev().find_map(|spec| page.field(&spec.name));
            let at = before.map(|field| &field.place).or(page.fields_heading.as_ref()).unwrap_or(&page.name.place);
            let message = format!("the spec has the field `{}` of type {}; the page does not list it", spec.name, spec.printed);
            self.differs("drift-field-missing", message, at, &["fields", &spec.name], &format!("`{}`", spec.name));
        }
    }

    /// The same fields in another order.
    fn order(&mut self) {
        let (page, report) = (self.page, self.report);
        let known: Vec<&PageField> = page.fields.iter().filter(|field| report.field(field.name()).is_some()).collect();
        let spec: Vec<&Field> = report.fields.iter().filter(|spec| page.field(&spec.name).is_some()).collect();
        if known.len() != page.fields.len() || (spec.len() != report.fields.len() && !page.fields_open) {
            return;
        }
        let Some((field, spec)) = known.iter().zip(&spec).find(|(field, spec)| field.name() != spec.name) else { return };
        let message =
            format!("the fields stand in another order: the page has `{}` where the spec has `{}`", field.name(), spec.name);
        self.differs("drift-order", message, &field.place, &["fields", &spec.name], "the order of `fields`");
        self.soften();
    }

    fn field(&mut self, field: &PageField, spec: &Field) {
        let name = spec.name.as_str();
        if spec.provenance == Provenance::Example {
            let message = format!("the page's table lists the field `{name}`; the spec has it from examples only");
            self.differs("drift-standing", message, &field.place, &["fields", name, "provenance"], "`provenance`");
        }
        if let Some(printed) = &field.printed
            && !same_print(&printed.value, &spec.printed)
        {
            let message = format!("`{name}` has the type {} on the page, {} in the spec", printed.value, spec.printed);
            self.differs("drift-type", message, &printed.place, &["fields", name, "type"], "`type` or `printed`");
        }
        self.values(field, spec);
        self.metrics(field, spec);
        self.filterable(field, spec);
        self.column(field, spec);
    }

    fn values(&mut self, field: &PageField, spec: &Field) {
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
            let message = format!("`{}` has the values {} on the page, {} in the spec", spec.name, list(&listed), list(&known));
            let first_new = field.values.iter().find(|value| !known.contains(&value.value.as_str())).or(field.values.first());
            let at = first_new.map_or(&field.place, |value| &value.place);
            self.differs("drift-values", message, at, &["fields", &spec.name, "values"], "`values`");
        }
    }

    fn metrics(&mut self, field: &PageField, spec: &Field) {
        let Type::Object { fields } = &spec.ty else { return };
        let known: Vec<&str> =
            fields.iter().filter(|field| field.provenance != Provenance::Example).map(|field| field.name.as_str()).collect();
        let listed: Vec<&str> = field.metrics.iter().map(|metric| metric.name.value.as_str()).collect();
        let added = listed.iter().any(|name| !known.contains(name));
        let removed = known.iter().any(|name| !listed.contains(name));
        if added || (removed && !field.open) {
            let message =
                format!("`{}` names the metrics {} on the page, {} in the spec", spec.name, list(&listed), list(&known));
            let first_new =
                field.metrics.iter().find(|metric| !known.contains(&metric.name.value.as_str())).or(field.metrics.first());
            let at = first_new.map_or(&field.place, |metric| &metric.name.place);
            self.differs("drift-metrics", message, at, &["fields", &spec.name, "fields"], "the object's `fields`");
        }
    }

    /// An empty cell tells nothing: captures lose the icons. A header's name is text and does not get lost.
    fn filterable(&mut self, field: &PageField, spec: &Field) {
        let printed = field.filterable.as_ref();
        let cell = printed.map(|cell| &cell.value);
        let same = match (cell, &spec.filterable) {
            (Some(FilterCell::Header(page)), Filterable::Header(spec)) => page.eq_ignore_ascii_case(spec),
            (Some(FilterCell::Yes), Filterable::Yes) | (Some(FilterCell::No), Filterable::No) => true,
            (Some(_), _) => false,
            (None, Filterable::Header(_)) => field.printed.is_none(),
            (None, _) => true,
        };
        if !same {
            let page = match cell {
                Some(FilterCell::Header(header)) => format!("by the header {header}"),
                Some(FilterCell::Yes) => "yes".into(),
                Some(FilterCell::No) => "no".into(),
                None => "by no header".into(),
            };
            let spec_word = match &spec.filterable {
                Filterable::Header(header) => format!("by the header {header}"),
                Filterable::Yes => "yes".into(),
                Filterable::No => "no".into(),
                Filterable::Example => "from an example".into(),
                Filterable::Unknown | Filterable::UnknownStrict => "unknown".into(),
            };
            let message = format!("`{}` is filterable: {page} on the page, {spec_word} in the spec", spec.name);
            let at = printed.map(|cell| &cell.place).or(field.printed.as_ref().map(|at| &at.place)).unwrap_or(&field.place);
            self.differs("drift-filterable", message, at, &["fields", &spec.name, "filterable"], "`filterable`");
        }
    }

    fn column(&mut self, field: &PageField, spec: &Field) {
        if field.printed.is_none() {
            return;
        }
        let page = field.column.as_ref().map(|column| column.value.as_str());
        let known = spec.column.as_ref().map(|column| column.title.as_str());
        let at = field.column.as_ref().map_or(&field.place, |column| &column.place);
        if page != known {
            // The spec has one title for all fields, so one finding tells.
            let message = format!("the third column is {} on the page, {} in the spec", word(page), word(known));
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

    /// Quirks about examples that were broken and are whole now.
    fn quirks(&mut self) {
        let page = self.page;
        let of = |name: &str| {
            page.examples.iter().filter(|example| matches!(&example.of, ExampleOf::Field(of) if of == name)).collect::<Vec<_>>()
        };
        for quirk in self.report.quirks.iter().filter(|quirk| quirk.kind == QuirkKind::BrokenExample) {
            for at in &quirk.at {
                let examples = of(at);
                if let Some(first) = examples.first().filter(|_| examples.iter().all(|example| example.repaired.is_empty())) {
                    let message = format!("the page's example of `{at}` is whole JSON; the spec records that it is broken");
                    self.differs("drift-quirk", message, &first.place, &["quirks"], "`quirks`");
                    self.soften();
                }
            }
        }
    }
}

/// A value in a sentence.
pub(super) fn word(value: Option<&str>) -> String {
    value.map_or("none".into(), |value| format!("`{value}`"))
}

/// Several values in a sentence.
pub(super) fn list(values: &[&str]) -> String {
    if values.is_empty() { "none".into() } else { values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ") }
}
