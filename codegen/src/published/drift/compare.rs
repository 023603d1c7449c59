//! Runs a comparison: header, fields, aggregations, examples, quirks.

use placewise_model::{Coverage, QuirkKind, Report};

use super::comparison::Comparison;
use crate::finding::{Finding, Place};
use crate::published::read::{ExampleOf, ReadPage};

/// The differences between a published page and the spec's report, and those findings of reading that the spec does not answer.
///
/// `place_of` returns the place in the report file of a path of keys, such as `fields`, `id`, `type`, or of its nearest ancestor.
pub fn drift(read: &ReadPage, report: &Report, place_of: &dyn Fn(&[&str]) -> Place) -> Vec<Finding> {
    let Some(page) = &read.page else { return read.findings.clone() };
    let mut comparison = Comparison { page, report, place_of, out: Vec::new() };
    let open: Vec<Finding> = read.findings.iter().filter(|finding| !is_settled(&comparison, finding)).cloned().collect();
    comparison.out.extend(open);
    if comparison.header() {
        comparison.fields();
        // A name-only report has nothing else to compare.
        if report.coverage != Coverage::NameOnly {
            comparison.aggregations();
            comparison.examples();
            comparison.quirks();
        }
    }
    comparison.out
}

/// Whether the spec already answers a finding of reading.
fn is_settled(comparison: &Comparison<'_>, finding: &Finding) -> bool {
    match finding.code {
        "page-broken-example" => comparison.page.examples.iter().any(|example| {
            let here = finding.place.as_ref() == Some(&example.place);
            here && match &example.of {
                ExampleOf::Rows | ExampleOf::Aggregation(_) => true,
                ExampleOf::Field(name) => comparison.has_quirk(QuirkKind::BrokenExample, name),
            }
        }),
        "page-permit-ambiguous" => comparison.permit_before_cost().is_some(),
        _ => false,
    }
}
