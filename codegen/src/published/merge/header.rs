//! Merges the facts about the report as a whole.

use super::merger::Merger;
use super::written::Written;

/// The keys of a report file, as `source::ReportFile` lists them.
pub(super) const ORDER: [&str; 22] = [
    "report",
    "format",
    "permit",
    "cost",
    "intervals",
    "data_lag",
    "adds",
    "source",
    "coverage",
    "description",
    "provenance",
    "column",
    "filter_policy",
    "fields",
    "unnamed",
    "labels",
    "aggregations",
    "more_aggregations",
    "relations",
    "simulate",
    "examples",
    "quirks",
];

impl Merger<'_> {
    pub(super) fn header(&mut self) {
        let same = self.same_permit_and_cost();
        for key in ["format", "permit", "cost", "data_lag", "source", "column"] {
            let (ours, theirs) = (self.ours.scalar(&[key]), self.theirs.scalar(&[key]));
            match (ours, theirs) {
                (_, Some(_)) if same && matches!(key, "permit" | "cost") => {}
                (ours, Some(theirs)) if ours != Some(theirs) => {
                    if let Some(value) = self.theirs(&[key]) {
                        self.set(&[], key, &value, &ORDER);
                    }
                }
                // A table without rows has no third column to title.
                (Some(_), None) if key != "source" && !self.page.fields.is_empty() => self.gone(&[key]),
                _ => {}
            }
        }
        if self.theirs.node(&["intervals"]).is_some() {
            self.list(&["intervals"], &[], &ORDER, true);
        }
        self.coverage();
        if self.theirs.node(&["permit"]).is_some() && self.theirs.node(&["cost"]).is_some() {
            self.provenance(&[], &ORDER);
        }
        if self.complete && self.ours.node(&["unnamed"]).is_some() {
            self.gone(&["unnamed"]);
        }
    }

    /// A page that prints permit and cost without a space does not say where one ends: the file may know.
    fn same_permit_and_cost(&self) -> bool {
        let Some(glued) = &self.page.permit_and_cost else { return false };
        match (self.ours.scalar(&["permit"]), self.ours.scalar(&["cost"])) {
            (Some(permit), Some(cost)) => format!("{permit}{cost}") == glued.value,
            _ => false,
        }
    }

    /// Coverage never falls: a page that was cut does not unsay what another capture showed.
    fn coverage(&mut self) {
        let rank = |word: Option<&str>| match word {
            Some("whole") => 2,
            Some("partial") => 1,
            _ => 0,
        };
        let theirs = self.theirs.scalar(&["coverage"]).map(str::to_owned);
        let whole = theirs.as_deref() != Some("whole") || self.complete;
        if rank(theirs.as_deref()) > rank(self.ours.scalar(&["coverage"]))
            && let Some(word) = theirs.filter(|_| whole)
        {
            self.set(&[], "coverage", &Written::word(&word), &ORDER);
        }
    }
}
