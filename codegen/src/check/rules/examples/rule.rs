//! The rule itself, and the coverage of examples and quirks that no longer hold.

use placewise_model::{Coverage, Example, QuirkKind, Report};

use super::checker::Checker;
use crate::check::rule::Rule;
use crate::finding::{Finding, codes};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, ReportFile};

pub(crate) const RULE: Rule = Rule::Report(check);

fn check(report: &Report, doc: &Doc<ReportFile>, unchecked: &UncheckedModel, findings: &mut Vec<Finding>) {
    let says_more = doc.value.more_aggregations.is_some();
    let judged = judge(report, &doc.stem, says_more, unchecked);
    findings.extend(judged.into_iter().map(|(path, finding)| finding.at(doc.at(&path))));
}

/// Judges the examples of a report that no file describes. Each finding lacks its place; the path names what it is about.
pub(crate) fn judge_examples(report: &Report, unchecked: &UncheckedModel) -> Vec<(Vec<String>, Finding)> {
    judge(report, &report.name, true, unchecked)
}

fn judge(report: &Report, stem: &str, says_more: bool, unchecked: &UncheckedModel) -> Vec<(Vec<String>, Finding)> {
    let (findings, zoneless, unexcused, compared, present, absent) = Default::default();
    let mut checker = Checker { report, stem, says_more, findings, cut: false, zoneless, unexcused, compared, present, absent };
    for (index, example) in report.examples.iter().enumerate() {
        let path = ["examples".to_owned(), index.to_string()];
        checker.cut = example.coverage != Coverage::Whole;
        checker.coverage(example, &path);
        if let Some(request) = &example.request {
            checker.request(example, request, &[&path[..], &["request".to_owned()]].concat(), unchecked);
        }
        if let Some(response) = &example.response {
            checker.response(example, response, &[&path[..], &["response".to_owned()]].concat(), unchecked);
        }
    }
    checker.zones();
    checker.stale_quirks();
    checker.findings
}

impl Checker<'_> {
    fn coverage(&mut self, example: &Example, path: &[String]) {
        let payload = example.request.is_some() || example.response.is_some();
        if example.coverage == Coverage::NameOnly && payload {
            let message = "a name-only example has a payload";
            self.say(
                codes::EXAMPLE_COVERAGE,
                message.into(),
                path,
                "write `coverage: partial`, or remove `coverage` if nothing is missing",
            );
        }
        if example.coverage != Coverage::NameOnly && !payload {
            let message = "the example has neither a request nor a response";
            self.say(codes::EXAMPLE_COVERAGE, message.into(), path, "write `coverage: name-only`");
        }
    }

    /// One finding for all timestamps without a time zone, which one quirk excuses.
    fn zones(&mut self) {
        let mut unexcused = std::mem::take(&mut self.unexcused).into_iter();
        let Some((path, first)) = unexcused.next() else { return };
        let mut targets = vec![first];
        unexcused.for_each(|(_, target)| {
            if !targets.contains(&target) {
                targets.push(target)
            }
        });
        let message = format!("examples have timestamps without a time zone: `{}`", targets.join("`, `"));
        let help = format!("add the quirk `{{ kind: zoneless, at: [{}], description: … }}`", targets.join(", "));
        self.say(codes::EXAMPLE_ZONE, message, &path, &help);
    }

    fn stale_quirks(&mut self) {
        for (index, quirk) in self.report.quirks.iter().enumerate() {
            for (at, target) in quirk.at.iter().enumerate() {
                let has_example = self.compared.contains(&target.split_once('.').map(|(aggregation, _)| aggregation.to_owned()));
                let stale = match quirk.kind {
                    QuirkKind::AbsentInExamples => has_example && !self.absent.contains(target),
                    QuirkKind::OnlyInExamples => has_example && !self.present.contains(target),
                    QuirkKind::Zoneless => has_example && self.present.contains(target) && !self.zoneless.contains(target),
                    _ => false,
                };
                if stale {
                    let path = ["quirks".to_owned(), index.to_string(), "at".to_owned(), at.to_string()];
                    let message = format!("the quirk `{}` does not apply to `{target}`", quirk.kind.word());
                    self.say(codes::STALE_QUIRK, message, &path, "remove it; examples and tables agree here");
                }
            }
        }
    }
}
