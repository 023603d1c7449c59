//! Compares name, format, permit and cost.

use super::comparison::{Comparison, word};
use crate::finding::Place;

impl Comparison<'_> {
    /// Compares name, format, permit and cost. Returns false if the page seems to belong to another report.
    pub(super) fn header(&mut self) -> bool {
        let (page, report) = (self.page, self.report);
        if page.name.value != report.name {
            let message = format!("the page describes the report `{}`, the spec `{}`", page.name.value, report.name);
            let shared = page.fields.iter().filter(|field| report.field(field.name()).is_some()).count();
            let other = shared * 2 <= report.fields.len().max(page.fields.len());
            let hint =
                other.then(|| "few fields agree, so this may be another report's page; nothing else was compared".to_owned());
            self.differs_and("drift-report", message, &page.name.place, &["report"], "`report`", hint);
            if other {
                return false;
            }
        }
        if page.format.value != report.format.word() {
            let message = format!("the format is `{}` on the page, `{}` in the spec", page.format.value, report.format.word());
            self.differs("drift-format", message, &page.format.place, &["format"], "`format`");
        }
        self.permit_and_cost();
        true
    }

    fn permit_and_cost(&mut self) {
        let (page, report) = (self.page, self.report);
        let place = |at: Option<&Place>| at.unwrap_or(&page.name.place).clone();
        let read = page.permit.as_ref().map(|permit| permit.value.as_str());
        // If the reader had to guess the split, the spec's permit or cost decides.
        let permit_stands = read.is_some() && read == report.permit.as_deref();
        let permit = self.permit_before_cost().filter(|_| !permit_stands);
        let cost = if permit.is_some() { report.cost } else { page.cost.as_ref().map(|cost| cost.value) };
        let permit = permit.or(read);
        if permit != report.permit.as_deref() && !(permit.is_none() && page.ends_early) {
            let message = format!("the permit is {} on the page, {} in the spec", word(permit), word(report.permit.as_deref()));
            self.differs("drift-permit", message, &place(page.permit.as_ref().map(|at| &at.place)), &["permit"], "`permit`");
        }
        if cost != report.cost && !(cost.is_none() && page.ends_early) {
            let number = |cost: Option<u32>| cost.map_or("none".into(), |cost| cost.to_string());
            let message = format!("the cost is {} on the page, {} in the spec", number(cost), number(report.cost));
            self.differs("drift-cost", message, &place(page.cost.as_ref().map(|at| &at.place)), &["cost"], "`cost`");
        }
    }
}
