//! Compares name, format, permit, cost, intervals and data lag.

use placewise_model::{DataLag, Provenance};

use super::account::{list, word};
use super::compare::Comparison;
use crate::finding::{Place, codes};
use crate::published::read::At;

impl<'a> Comparison<'a> {
    /// Compares the title and the table below it. Returns false if the page seems to belong to another report.
    pub(super) fn header(&mut self) -> bool {
        let (page, report) = (self.page, self.report);
        self.account.states(&["report"], &page.name.value, &page.name.place);
        if page.name.value != report.name {
            let message = format!("the page describes the report `{}`, the spec `{}`", page.name.value, report.name);
            let shared = page.fields.iter().filter(|field| report.field(field.name()).is_some()).count();
            let other = shared * 2 <= report.fields.len().max(page.fields.len());
            let hint =
                other.then(|| "few fields agree, so this may be another report's page; nothing else was compared".to_owned());
            self.account.differs_and(codes::DRIFT_REPORT, message, &page.name.place, &["report"], "`report`", hint);
            if other {
                return false;
            }
        }
        self.account.states(&["format"], &page.format.value, &page.format.place);
        if page.format.value != report.format.word() {
            let message = format!("the format is `{}` on the page, `{}` in the spec", page.format.value, report.format.word());
            self.differs(codes::DRIFT_FORMAT, message, &page.format.place, &["format"], "`format`");
        }
        if let Some(row) = &page.row {
            self.row(&row.place);
        }
        true
    }

    /// Compares the row with permit, cost, intervals and data lag. If the reader had to guess where its cells end, the spec decides.
    fn row(&mut self, row: &Place) {
        let (page, report) = (self.page, self.report);
        if self.row_agrees() {
            fn place<'p, T: PartialEq>(at: &'p Option<At<T>>, spec: Option<&T>, row: &'p Place) -> &'p Place {
                at.as_ref().filter(|at| Some(&at.value) == spec).map_or(row, |at| &at.place)
            }
            let permit = report.permit.as_deref().unwrap_or_default();
            self.account.states(&["permit"], permit, place(&page.permit, report.permit.as_ref(), row));
            let cost = report.cost.unwrap_or_default().to_string();
            self.account.states(&["cost"], cost, place(&page.cost, report.cost.as_ref(), row));
            if let Some(intervals) = &report.intervals {
                self.account.states(&["intervals"], intervals.join(", "), place(&page.intervals, Some(intervals), row));
            }
            if let Some(lag) = &report.data_lag {
                let at = page.data_lag.as_ref().map_or(row, |at| &at.place);
                self.account.states(&["data_lag"], lag.to_string(), at);
                self.documents_lag(lag, at);
            }
            return;
        }
        self.permit_and_cost(row);
        if page.permit_and_cost.is_some() && self.account.is_unread(&["cost"]) {
            // Without separators, nobody knows where the other cells begin.
            return;
        }
        let known: Option<Vec<&str>> = report.intervals.as_ref().map(|list| list.iter().map(String::as_str).collect());
        let read: Option<Vec<&str>> = page.intervals.as_ref().map(|at| at.value.iter().map(String::as_str).collect());
        if let Some(at) = &page.intervals {
            self.account.states(&["intervals"], at.value.join(", "), &at.place);
        }
        if read != known && !self.account.is_unread(&["intervals"]) {
            let words = |names: &Option<Vec<&str>>| names.as_ref().map_or("not stated".into(), |names| list(names));
            let message = format!("the intervals are {} on the page, {} in the spec", words(&read), words(&known));
            let at = page.intervals.as_ref().map_or(row, |at| &at.place);
            self.differs(codes::DRIFT_INTERVALS, message, at, &["intervals"], "`intervals`");
        }
        self.data_lag(row);
    }

    fn data_lag(&mut self, row: &Place) {
        let (page, report) = (self.page, self.report);
        if let Some(at) = &page.data_lag {
            self.account.states(&["data_lag"], at.value.to_string(), &at.place);
        }
        let (read, known) = (page.data_lag.as_ref().map(|at| at.value), report.data_lag);
        let same = match (read, known) {
            (Some(read), Some(known)) => read.same_length(&known),
            // What no page states is not missing there.
            (None, Some(known)) => known.provenance != Provenance::Documented,
            (read, None) => read.is_none(),
        };
        let at = page.data_lag.as_ref().map_or(row, |at| &at.place);
        if !same && !self.account.is_unread(&["data_lag"]) {
            let text = |lag: Option<DataLag>| word(lag.map(|lag| lag.to_string()).as_deref());
            let message = format!("the data lag is {} on the page, {} in the spec", text(read), text(known));
            self.differs(codes::DRIFT_DATA_LAG, message, at, &["data_lag"], "`data_lag`");
        } else if let (Some(_), Some(known)) = (read, &known) {
            self.documents_lag(known, at);
        }
    }

    /// The page states the data lag that the spec knows.
    fn documents_lag(&mut self, lag: &DataLag, at: &Place) {
        if lag.provenance != Provenance::Documented {
            let message = format!("the page states the data lag `{lag}`; the spec says that it is {}", lag.provenance.describe());
            self.differs(codes::DRIFT_PROVENANCE, message, at, &["data_lag", "provenance"], "`provenance`");
        }
    }

    fn permit_and_cost(&mut self, row: &Place) {
        let (page, report) = (self.page, self.report);
        let place = |at: Option<&Place>| at.unwrap_or(row).clone();
        let read = page.permit.as_ref().map(|permit| permit.value.as_str());
        let permit_stands = read.is_some() && read == report.permit.as_deref();
        let permit = self.permit_before_cost().filter(|_| !permit_stands);
        let cost = if permit.is_some() { report.cost } else { page.cost.as_ref().map(|cost| cost.value) };
        let permit = permit.or(read);
        if let Some(permit) = permit {
            self.account.states(&["permit"], permit, &place(page.permit.as_ref().map(|at| &at.place)));
        }
        if let Some(cost) = cost {
            self.account.states(&["cost"], cost.to_string(), &place(page.cost.as_ref().map(|at| &at.place)));
        }
        if permit != report.permit.as_deref() {
            let message = format!("the permit is {} on the page, {} in the spec", word(permit), word(report.permit.as_deref()));
            self.differs(codes::DRIFT_PERMIT, message, &place(page.permit.as_ref().map(|at| &at.place)), &["permit"], "`permit`");
        }
        if cost != report.cost && !self.account.is_unread(&["cost"]) {
            let number = |cost: Option<u32>| cost.map_or("none".into(), |cost| cost.to_string());
            let message = format!("the cost is {} on the page, {} in the spec", number(cost), number(report.cost));
            self.differs(codes::DRIFT_COST, message, &place(page.cost.as_ref().map(|at| &at.place)), &["cost"], "`cost`");
        }
    }

    /// The permit on a page that prints permit and cost without a separator, if that text ends with the spec's cost.
    pub fn permit_before_cost(&self) -> Option<&'a str> {
        let (page, cost) = (self.page, self.report.cost?);
        page.permit_and_cost.as_ref()?.value.strip_suffix(&cost.to_string())
    }

    /// Whether nothing separates permit and cost, and the row's cells are together what the spec says.
    pub fn row_agrees(&self) -> bool {
        let (page, report) = (self.page, self.report);
        let (Some(row), Some(permit), Some(cost)) = (&page.row, &report.permit, report.cost) else { return false };
        let intervals = report.intervals.as_ref().map(|names| names.join(",")).unwrap_or_default();
        let spec = format!("{permit}{cost}{intervals}{}", report.data_lag.map(|lag| lag.to_string()).unwrap_or_default());
        page.permit_and_cost.is_some() && dense(&row.value) == dense(&spec)
    }
}

/// A text without spaces.
fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
