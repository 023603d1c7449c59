//! Compares a page with the spec. This is the one place that tells the kinds of pages apart.

use placewise_model::{Coverage, Field, QuirkKind, Report};

use super::account::{Account, Drift, PlaceOf};
use super::expected::expect;
use crate::finding::{Code, Finding, Place, Severity, codes};
use crate::published::read::{ExampleOf, FactFinding, Page, PublishedPage, ReadPage, Repair, fact_id};
use crate::resolve::UncheckedModel;

/// Compares a published page with the spec's report, and accounts for what was not understood and not reached.
///
/// `platform` holds the formats that examples are judged by. `place_of` returns the place in the report file of a path of keys, such as
/// `fields`, `id`, `type`, or of its nearest ancestor.
pub fn drift(read: &ReadPage, report: &Report, platform: &UncheckedModel, place_of: PlaceOf<'_>) -> Drift {
    if let Some(whole) = &read.with_last_line {
        let drift = drift(whole, report, platform, place_of);
        if drift.findings.is_empty() {
            return drift;
        }
    }
    match &read.page {
        Some(Page::Report(page)) => compare(read, page, report, platform, place_of),
        Some(Page::Document(page)) => {
            let finding = Finding::new(codes::PAGE_NOT_A_REPORT, "this is not a report's page").at(page.title.place.clone());
            let finding = FactFinding {
                fact: "page".into(),
                finding: finding.help("pass the report's page, from its title to its footer"),
            };
            Drift { findings: read.findings.iter().cloned().chain([finding]).collect(), ..Drift::default() }
        }
        None => Drift { findings: read.findings.clone(), ..Drift::default() },
    }
}

/// Both sides of a comparison, and its account so far.
pub(super) struct Comparison<'a> {
    pub page: &'a PublishedPage,
    pub report: &'a Report,
    pub account: Account<'a>,
}

fn compare(read: &ReadPage, page: &PublishedPage, report: &Report, platform: &UncheckedModel, place_of: PlaceOf<'_>) -> Drift {
    let names: Vec<&str> = report.aggregations.iter().map(|one| one.name.as_str()).collect();
    let aligned = page.with_aggregations(&names);
    let page = aligned.as_ref().unwrap_or(page);
    let mut comparison = Comparison { page, report, account: Account::new(&["reports", &report.name], place_of) };
    expect(&mut comparison.account, report);
    let roots = [fact_id(&["reports", &page.name.value]), comparison.account.id(&[])];
    let open: Vec<&FactFinding> = read.findings.iter().filter(|finding| !is_settled(&comparison, finding)).collect();
    for finding in open {
        // On a page that another name heads, the facts are still those of the report.
        let fact = finding.fact.strip_prefix(&roots[0]).map_or(finding.fact.clone(), |rest| format!("{}{rest}", roots[1]));
        // What the spec does not settle is a difference, even if reading could repair it.
        let finding = Finding { severity: Severity::Error, ..finding.finding.clone() };
        comparison.account.read(FactFinding { fact, finding });
    }
    if comparison.header() {
        comparison.fields();
        // A name-only report has nothing else to compare.
        if report.coverage != Coverage::NameOnly {
            comparison.labels();
            comparison.aggregations();
            comparison.examples(platform);
            comparison.quirks();
        }
        comparison.deprecated();
        comparison.prose();
    } else {
        comparison.account.skip(&[]);
    }
    comparison.account.finish(read.ends_early.as_ref(), read.with_last_line.is_some(), &page.name.place)
}

impl Comparison<'_> {
    /// What only one side marks as deprecated. Of reports and aggregations, the spec cannot say it.
    fn deprecated(&mut self) {
        let marked = |field: &&Field| field.deprecated;
        for one in &self.page.deprecated {
            let (path, place) = (&one.value, &one.place);
            let name = path.last().map_or("the report", String::as_str);
            let path: Vec<&str> = path.iter().map(String::as_str).chain(["deprecated"]).collect();
            self.account.states(&path, "deprecated", place);
            let is_field = matches!(path[..], ["fields", ..]);
            if is_field && self.report.field(name).as_ref().is_some_and(marked) {
                continue;
            }
            let message = format!("the page says that `{name}` is deprecated; the spec does not");
            let spec = self.account.spec(&path);
            let help = if is_field {
                "write `deprecated: yes` at the field in the spec"
            } else {
                "the spec has no key for this; say it in the `description`, and decide on this finding with `drift --decide`"
            };
            self.account.differs_from(codes::DRIFT_DEPRECATED, message, place, &path, &spec, help);
        }
        for field in self.report.fields.iter().filter(marked) {
            let path = ["fields", field.name.as_str(), "deprecated"];
            let Some(stated) = self.page.field(&field.name).filter(|_| !self.account.is_met(&path)) else { continue };
            let message = format!("the spec says that `{}` is deprecated; the page does not", field.name);
            self.account.differs(codes::DRIFT_DEPRECATED, message, &stated.place, &path, "`deprecated`");
        }
    }
}

/// Whether the spec already answers a finding of reading.
fn is_settled(comparison: &Comparison<'_>, finding: &FactFinding) -> bool {
    let page = comparison.page;
    match finding.finding.code {
        codes::PAGE_BROKEN_EXAMPLE => page.examples.iter().any(|example| {
            let here = finding.finding.place.as_ref() == Some(&example.place);
            // Anything else that was repaired may have lost a part of the example.
            let kept = example.repaired.iter().all(|one| matches!(one, Repair::Braces | Repair::Quotes | Repair::Commas));
            here && kept
                && match &example.of {
                    // A stray comma may tell that something was removed.
                    ExampleOf::Rows | ExampleOf::Aggregation(_) => !example.repaired.contains(&Repair::Commas),
                    ExampleOf::Field(name) => comparison.has_quirk(QuirkKind::BrokenExample, name),
                }
        }),
        codes::PAGE_PERMIT_AMBIGUOUS => comparison.permit_before_cost().is_some() || comparison.row_agrees(),
        // The names of such fields are unreached.
        codes::PAGE_FIELD_UNNAMED => comparison.aligned(),
        _ => false,
    }
}

impl Comparison<'_> {
    /// Whether the spec records that quirk of a field.
    pub fn has_quirk(&self, kind: QuirkKind, at: &str) -> bool {
        self.report.quirks.iter().any(|quirk| quirk.kind == kind && quirk.at.iter().any(|known| known == at))
    }

    /// Adds a difference.
    pub fn differs(&mut self, code: Code, message: String, at: &Place, path: &[&str], edit: &str) {
        self.account.differs(code, message, at, path, edit);
    }
}
