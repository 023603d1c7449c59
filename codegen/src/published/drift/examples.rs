//! Compares examples value by value, and judges those of the page by the rules for examples of the spec: types, nulls, time zones, and
//! quirks that no longer hold.

use std::collections::BTreeSet;

use placewise_model::{Coverage, Example, QuirkKind};
use serde_json::Value;

use super::compare::Comparison;
use super::expected::{example_path, of, on_page, steps};
use super::sample_diff::{Change, diff};
use crate::check::judge_examples;
use crate::finding::{Finding, Place, Severity, codes, shortened};
use crate::published::read::{ExampleOf, FactFinding, PublishedExample, Repair};
use crate::resolve::UncheckedModel;

/// The changed values so far: each its path in a sample and what the page has there.
type Seen = BTreeSet<(Vec<String>, String)>;

impl Comparison<'_> {
    /// Compares examples.
    pub(super) fn examples(&mut self, platform: &UncheckedModel) {
        let (page, report) = (self.page, self.report);
        let mut paired: Vec<Option<&Example>> = Vec::new();
        for shown in &page.examples {
            let free = |example: &&Example| !paired.iter().flatten().any(|known| std::ptr::eq(*known, *example));
            let here = report.examples.iter().filter(|example| on_page(example, report));
            let found = here.filter(free).find(|example| of(example) == shown.of && payload(example, shown.request).is_some());
            paired.push(found);
        }
        let judged = self.judge(&paired, platform);
        let mut seen = Seen::new();
        for ((index, shown), example) in page.examples.iter().enumerate().zip(&paired) {
            let path = example_path(&shown.of, shown.request);
            self.account.states(&steps(&path), words(&shown.of), &first_line(shown));
            match example.and_then(|example| payload(example, shown.request)) {
                Some(value) => self.sample(shown, &path, value, &judged[index], &mut seen),
                // That of an aggregation which nobody knows has the finding of its table.
                None if page.aggregations.iter().any(|one| {
                    one.unnamed
                        && ExampleOf::Aggregation(one.name.value.clone()) == shown.of
                        && report.aggregation(&one.name.value).is_none()
                }) => {}
                None => {
                    let message = format!("the page has an example of {}, the spec does not", words(&shown.of));
                    self.differs(codes::DRIFT_EXAMPLE_ADDED, message, &first_line(shown), &steps(&path), "`examples`");
                }
            }
        }
        for example in report.examples.iter().filter(|example| on_page(example, report)) {
            let is_paired = paired.iter().flatten().any(|known| std::ptr::eq(*known, example));
            let path = example_path(&of(example), example.response.is_none());
            // What has no place on the page is missing with its section.
            let gone = match of(example) {
                ExampleOf::Rows => false,
                ExampleOf::Field(name) => page.field(&name).is_none() && page.fields.iter().all(|field| field.name.is_some()),
                ExampleOf::Aggregation(name) => page.aggregations.iter().all(|one| one.name.value != name),
            };
            if gone {
                self.account.covered(&steps(&path));
            }
            if !is_paired && !gone && !page.ends_early && !self.account.is_unread(&steps(&path)) {
                self.missing_example(example, &path);
            }
        }
    }

    fn missing_example(&mut self, example: &Example, path: &[String]) {
        let page = self.page;
        let message =
            format!("the spec has the example `{}` of {}, the page has no such example", example.name, words(&of(example)));
        let at = match of(example) {
            ExampleOf::Rows => &page.name.place,
            ExampleOf::Field(name) => page.field(&name).map_or(&page.name.place, |field| &field.place),
            ExampleOf::Aggregation(name) => {
                page.aggregations.iter().find(|one| one.name.value == name).map_or(&page.name.place, |one| &one.name.place)
            }
        };
        self.differs(codes::DRIFT_EXAMPLE_MISSING, message, at, &steps(path), "`examples`");
    }

    /// Compares a page's example with the spec's, value by value. What the rules found has a finding already.
    fn sample(
        &mut self,
        shown: &PublishedExample,
        path: &[String],
        value: &Value,
        judged: &BTreeSet<Vec<String>>,
        seen: &mut Seen,
    ) {
        let mut equal = Vec::new();
        let mut changes = Vec::new();
        diff(shown.payload(), value, &mut Vec::new(), &mut equal, &mut changes);
        let place = |span: std::ops::Range<usize>| Place { file: shown.place.file, span };
        for (at, stated, span) in equal {
            self.account.states(&steps(&[path, &at].concat()), stated, &place(span));
        }
        // Lines that were not understood may have the keys.
        let lost = shown.repaired.contains(&Repair::Braces)
            && matches!(&shown.of, ExampleOf::Field(name) if self.account.is_unread(&["fields", name]));
        if lost && changes.iter().any(|(_, change, _)| *change == Change::Gone) {
            let finding =
                Finding::new(codes::PAGE_UNREAD, format!("the rest of the example of {} was not understood", words(&shown.of)));
            let finding = finding.at(first_line(shown)).help("compare it with the spec by hand");
            self.account.read(FactFinding { fact: self.account.id(&steps(path)), finding });
        }
        for (at, change, span) in changes {
            if lost && change == Change::Gone {
                continue;
            }
            let full = [path, &at].concat();
            let (of, key) = (words(&shown.of), at.join("."));
            let (code, stated, message) = match change {
                Change::Added => (
                    codes::DRIFT_EXAMPLE_KEYS,
                    "added".into(),
                    format!("the example of {of} has the key `{key}`, the spec's has not"),
                ),
                Change::Gone => {
                    (codes::DRIFT_EXAMPLE_KEYS, "absent".into(), format!("the example of {of} lacks the key `{key}`"))
                }
                Change::Value { page, spec } => {
                    let message = format!(
                        "`{key}` in the example of {of} is {} on the page, {} in the spec",
                        shortened(&page, 60),
                        shortened(&spec, 60)
                    );
                    (codes::DRIFT_EXAMPLE_VALUE, page, message)
                }
            };
            let place = if code == codes::DRIFT_EXAMPLE_KEYS && stated == "absent" { first_line(shown) } else { place(span) };
            // The same value in several samples, such as a cursor, is one change.
            let again = code == codes::DRIFT_EXAMPLE_VALUE && !seen.insert((at.clone(), stated.clone()));
            self.account.states(&steps(&full), stated, &place);
            if !judged.contains(&at) && !again {
                self.differs(code, message, &place, &steps(&full), "`examples`");
            }
        }
    }

    /// Judges the page's examples by the rules. Returns for each example the paths that have a finding.
    fn judge(&mut self, paired: &[Option<&Example>], platform: &UncheckedModel) -> Vec<BTreeSet<Vec<String>>> {
        let page = self.page;
        let mut out = vec![BTreeSet::new(); page.examples.len()];
        let mut report = self.report.clone();
        report.examples = page.examples.iter().map(as_example).collect();
        for (path, finding) in judge_examples(&report, platform) {
            let index = path.get(1).and_then(|index| index.parse::<usize>().ok()).unwrap_or(usize::MAX);
            if path.first().is_some_and(|step| step == "quirks") {
                self.stale_quirk(index, path.get(3), &finding, &mut out);
                continue;
            }
            let (Some(shown), Some(rest), Some(example)) = (page.examples.get(index), path.get(3..), paired.get(index)) else {
                continue;
            };
            let json = shown.payload().nearest(rest);
            // The comparison of keys finds those that one side lacks, and what an example settles is for the spec's author.
            if finding.code == codes::EXAMPLE_SETTLES {
                continue;
            }
            if finding.code == codes::EXAMPLE_KEY {
                // Of a sample that the spec lacks only its own keys are judged. One that the page lists as a field is one change with it.
                let key = rest.last().filter(|step| step.parse::<usize>().is_err());
                if example.is_some() || key.is_none_or(|key| page.field(key).is_some()) {
                    continue;
                }
            }
            let pointer: String = rest.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
            let known = example.and_then(|example| payload(example, shown.request)?.pointer(&pointer));
            // What the spec has too was judged with the spec.
            if known.is_some_and(|value| *value == json.to_value()) {
                continue;
            }
            out[index].insert(rest.to_vec());
            let full = [&example_path(&shown.of, shown.request)[..], rest].concat();
            let place = Place { file: shown.place.file, span: json.span.clone() };
            let place = if rest.is_empty() { first_line(shown) } else { place };
            // The spec's example has another value, so it is a difference even where the rule only warns.
            let finding = Finding { severity: Severity::Error, ..finding };
            let finding = finding.at(place).label("the page").related(self.account.spec(&steps(&full)), "the spec");
            self.account.read(FactFinding { fact: self.account.id(&steps(&full)), finding });
        }
        out
    }

    /// A quirk that the page's examples no longer show.
    fn stale_quirk(&mut self, index: usize, target: Option<&String>, finding: &Finding, judged: &mut [BTreeSet<Vec<String>>]) {
        let Some(quirk) = self.report.quirks.get(index) else { return };
        let target = target.and_then(|at| at.parse::<usize>().ok()).and_then(|at| quirk.at.get(at));
        let Some(target) = target else { return };
        let of = match target.split_once('.') {
            Some((aggregation, _)) => ExampleOf::Aggregation(aggregation.to_owned()),
            None => ExampleOf::Rows,
        };
        let here = |shown: &&PublishedExample| shown.of == of && !shown.request;
        let key = target.rsplit('.').next().unwrap_or_default();
        let zoneless = quirk.kind == QuirkKind::Zoneless;
        for (shown, judged) in self.page.examples.iter().zip(judged).filter(|(shown, _)| zoneless && here(shown)) {
            // The change of the value is the same difference.
            judged.extend((0..shown.rows().len()).map(|row| vec!["records".to_owned(), row.to_string(), key.to_owned()]));
        }
        let Some(shown) = self.page.examples.iter().find(here) else { return };
        let mut span = shown.place.span.clone();
        if let Some(member) = shown.rows().iter().flat_map(|row| row.members()).find(|member| member.key == key) {
            span = member.span.start..member.value.span.end;
        }
        let place = if span == shown.place.span { first_line(shown) } else { Place { file: shown.place.file, span } };
        let message = format!("{}: the page's examples no longer show it", finding.message);
        self.quirk(index, target, message, &place);
    }

    fn quirk(&mut self, index: usize, target: &str, message: String, at: &Place) {
        let Some(quirk) = self.report.quirks.get(index) else { return };
        let spec = self.account.spec(&["quirks", &index.to_string(), "at"]);
        let help = format!("if the page is right, remove `{target}` from this quirk");
        self.account.differs_from(codes::DRIFT_QUIRK, message, at, &["quirks", quirk.kind.word(), target], &spec, &help);
    }

    /// Finds quirks about broken examples that are valid now.
    pub(super) fn quirks(&mut self) {
        let page = self.page;
        let of = |name: &str| {
            page.examples.iter().filter(|example| matches!(&example.of, ExampleOf::Field(of) if of == name)).collect::<Vec<_>>()
        };
        let broken = self.report.quirks.iter().enumerate().filter(|(_, quirk)| quirk.kind == QuirkKind::BrokenExample);
        for (index, quirk) in broken {
            for at in &quirk.at {
                let examples = of(at);
                if let Some(first) = examples.first().filter(|_| examples.iter().all(|example| example.repaired.is_empty())) {
                    let message = format!("the page's example of `{at}` is valid JSON, but a quirk marks it as broken");
                    self.quirk(index, at, message, &first_line(first));
                }
            }
        }
    }
}

/// A page's example as the rules for examples take it.
fn as_example(shown: &PublishedExample) -> Example {
    let (aggregation, field) = match &shown.of {
        ExampleOf::Rows => (None, None),
        ExampleOf::Aggregation(name) => (Some(name.clone()), None),
        ExampleOf::Field(name) => (None, Some(name.clone())),
    };
    let value = |wanted: bool| (shown.request == wanted).then(|| shown.value());
    let cut = shown.repaired.contains(&Repair::Ellipsis);
    Example {
        name: words(&shown.of),
        coverage: if cut { Coverage::Partial } else { Coverage::Whole },
        source: None,
        aggregation,
        field,
        request: value(true),
        response: value(false),
    }
}

fn payload(example: &Example, request: bool) -> Option<&Value> {
    if request { example.request.as_ref() } else { example.response.as_ref() }
}

fn words(of: &ExampleOf) -> String {
    match of {
        ExampleOf::Rows => "the query without aggregations".into(),
        ExampleOf::Aggregation(name) => format!("the aggregation `{name}`"),
        ExampleOf::Field(name) => format!("the field `{name}`"),
    }
}

/// The first line of an example; the whole example would fill a screen.
fn first_line(shown: &PublishedExample) -> Place {
    let length = shown.raw.find(['\n', '\r']).unwrap_or(shown.raw.len());
    let start = shown.place.span.start;
    Place { file: shown.place.file, span: start..(start + length).min(shown.place.span.end) }
}
