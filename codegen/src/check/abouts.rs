//! Rule: every report, field, aggregation and new returned field says what it means, in the maintainer's own words.

use placewise_model::{Coverage, Report};

use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::{Doc, ReportFile};

pub(super) const RULE: Rule = Rule {
    codes: &["no-about"],
    about: "What has no `about` is documented as \"not described\": a warning, since an imported page starts so.",
    check: Check::Report(check),
};

fn check(report: &Report, doc: &Doc<ReportFile>, _: &Draft, findings: &mut Vec<Finding>) {
    let mut missing: Vec<String> = Vec::new();
    if report.about.is_none() && report.coverage != Coverage::NameOnly {
        missing.push("the report itself".into());
    }
    missing.extend(report.fields.iter().filter(|field| field.about.is_none()).map(|field| format!("`{}`", field.name)));
    for aggregation in &report.aggregations {
        if aggregation.about.is_none() {
            missing.push(format!("`aggregations.{}`", aggregation.name));
        }
        let new =
            aggregation.returns.iter().filter(|returned| returned.field.about.is_none() && returned.field.same_as.is_none());
        missing.extend(new.map(|returned| format!("`{}.{}`", aggregation.name, returned.field.name)));
    }
    if !missing.is_empty() {
        let more = missing.len().saturating_sub(8);
        missing.truncate(8);
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        findings.push(
            Finding::warning("no-about", format!("without `about`: {}{tail}", missing.join(", ")))
                .at(doc.at(&["report"]))
                .help("describe each in your own words; the page's text is not to be copied"),
        );
    }
}
