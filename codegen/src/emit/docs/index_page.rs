//! The index of the documentation.

use placewise_model::{Model, Provenance};

use super::phrases::{banner, cell, paragraphs};
use super::table::{
    Column::{Shown, Varying},
    table,
};
use crate::emit::markdown;

pub(super) fn page(model: &Model) -> String {
    let mut out = banner("spec");
    out.push_str(&format!("# {}\n\n", markdown::markdown(&model.api.name)));
    out.push_str(&paragraphs(model.api.description.as_deref()));
    for (page, description) in [
        ("[Platform](platform.md)", "hosts, headers, permits, rate limit and errors"),
        ("[Formats](formats.md)", "requests, responses and limits of records, timeseries and statistics"),
        ("[Filters](filters.md)", "operators and their costs"),
        ("[Endpoints](endpoints.md)", "everything that can be called besides reports"),
        ("[Coverage](coverage.md)", "how much is known of each report, endpoint, format and example"),
        ("[Assumptions](assumptions.md)", "what is assumed because no page states it, and how to override it"),
    ] {
        out.push_str(&format!("- {page}: {description}\n"));
    }
    out.push_str("\n## Reports\n\n");
    for group in &model.api.groups {
        out.push_str(&format!("### {}\n\n", markdown::markdown(&group.name)));
        out.push_str(&paragraphs(group.description.as_deref()));
        if group.provenance != Provenance::Documented {
            out.push_str(&format!("Provenance of this group: {}.\n\n", group.provenance.describe()));
        }
        let reports = model.reports.iter().filter(|report| report.group == group.name);
        let rows: Vec<_> = reports
            .map(|report| {
                vec![
                    format!("[{0}](reports/{0}.md)", report.name),
                    cell(report.description.as_deref().map(markdown::summary).as_deref()),
                    report.format.word().into(),
                    report.coverage.word().into(),
                ]
            })
            .collect();
        if rows.is_empty() {
            out.push_str("No report of this group is known.\n\n");
        } else {
            let columns = [Shown("report"), Shown("meaning"), Shown("format"), Varying("coverage")];
            out.push_str(&table("report", &columns, rows));
        }
    }
    out
}
