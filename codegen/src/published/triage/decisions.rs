//! Reads `lockstep/drift.yaml` and applies it: a decided finding becomes a warning, and a decision that expired or that no finding needs is
//! an error.

use crate::finding::{FileId, Finding, Place, Severity, codes};
use crate::source::schema::DECISIONS;
use crate::source::yaml_tree;
use crate::source::{Decision, Verdict};

use super::date::Date;

/// The decisions of a file.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    fingerprint: String,
    decision: Decision,
    /// The fingerprint in the file.
    place: Place,
    /// Whether it decides anything today.
    holds: bool,
}

/// What decisions did to the findings of a run.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// The number of findings that a decision answers.
    pub count: usize,
    /// The decisions that no finding needs.
    pub stale: Vec<Finding>,
}

impl Decisions {
    /// Reads the file. What is wrong with it is a finding, and the other decisions still count.
    pub fn read(file: FileId, text: &str, today: Date) -> (Self, Vec<Finding>) {
        let (tree, mut findings) = yaml_tree::parse(file, text);
        let Some(tree) = tree else { return (Self::default(), findings) };
        let mut json = tree.to_json();
        let (rejected, _) = DECISIONS.check(file, &tree, &mut json);
        findings.extend(rejected.into_iter().map(|of| of.finding));
        let mut entries = Vec::new();
        for (fingerprint, value) in json.get("decisions").and_then(|all| all.as_object()).into_iter().flatten() {
            // An entry that does not fit has a finding.
            let Ok(decision) = serde_json::from_value::<Decision>(value.clone()) else { continue };
            let at = |part: &str| Place { file, span: tree.find(&["decisions", fingerprint, part]) };
            faults(fingerprint, &decision, today, &at, &mut findings);
            let place = Place { file, span: tree.find_key(&["decisions", fingerprint]) };
            let whole = tree
                .get("decisions")
                .and_then(|(_, all)| all.get(fingerprint))
                .map_or(0..0, |(key, value)| key.span().start..value.span().end);
            // A faulty entry decides nothing.
            let holds =
                findings.iter().filter_map(|finding| finding.place.as_ref()).all(|place| !whole.contains(&place.span.start));
            entries.push(Entry { fingerprint: fingerprint.clone(), decision, place, holds });
        }
        (Self { entries }, findings)
    }

    /// Turns decided findings into warnings. `compared` tells whether everything that the page of a fact states was compared: only then is
    /// a decision without a finding stale.
    pub fn apply(&self, findings: &mut [Finding], compared: &dyn Fn(&str) -> bool) -> Decided {
        let mut decided = Decided::default();
        for entry in &self.entries {
            let mut met = false;
            for finding in findings.iter_mut().filter(|finding| finding.fingerprint().as_deref() == Some(&entry.fingerprint)) {
                met = true;
                if entry.holds {
                    let word = entry.decision.verdict.word();
                    finding.severity = Severity::Warning;
                    finding.related.push((entry.place.clone(), format!("{word}: {}", entry.decision.reason.trim())));
                    decided.count += 1;
                }
            }
            let fact = entry.fingerprint.split_once(':').map_or("", |(_, fact)| fact);
            // A decision on text that was not understood names the text's digest. One without is older than that.
            let other = format!("{}/", entry.fingerprint);
            let nameless = entry.fingerprint.starts_with("page-unread:")
                && findings.iter().any(|finding| finding.fingerprint().is_some_and(|known| known.starts_with(&other)));
            // Other faults of the entry are enough to look at it.
            if !met && entry.holds && (nameless || compared(fact)) {
                let now = if nameless { "this decision names no text" } else { "the pages no longer differ there" };
                let message = format!("`{}` is decided, but {now}", entry.fingerprint);
                decided
                    .stale
                    .push(Finding::new(codes::DECISION_STALE, message).at(entry.place.clone()).help("remove this decision"));
            }
        }
        decided
    }
}

/// What is wrong with a decision whose keys are right.
fn faults(fingerprint: &str, decision: &Decision, today: Date, at: &dyn Fn(&str) -> Place, findings: &mut Vec<Finding>) {
    if fingerprint.split_once(':').is_none_or(|(code, fact)| codes::find(code).is_none() || fact.is_empty()) {
        let finding = Finding::new(codes::DECISION_FINGERPRINT, format!("`{fingerprint}` is no fingerprint")).at(at(""));
        findings.push(finding.help("copy it from the output of `cargo codegen drift`: a code, a colon and a fact"));
    }
    if fingerprint.starts_with("page-unreached:") {
        let message = "a page that was not read to its end cannot be decided on";
        let finding = Finding::new(codes::DECISION_FINGERPRINT, message).at(at(""));
        findings.push(finding.help("capture the whole page, or run `drift` with `--partial`"));
    }
    if decision.reason.trim().is_empty() {
        findings.push(
            Finding::new(codes::DECISION_REASON, "this decision has no reason").at(at("reason")).help("say why, in a sentence"),
        );
    }
    match (decision.verdict, decision.until.as_deref().map(Date::parse)) {
        (_, Some(None)) => {
            findings.push(
                Finding::new(codes::DECISION_UNTIL, "`until` is not a date").at(at("until")).help("write it as 2026-12-31"),
            );
        }
        (Verdict::Waived, None) => {
            findings.push(
                Finding::new(codes::DECISION_UNTIL, "a waiver needs an end")
                    .at(at("as"))
                    .help("add `until: <date>`, or write `accepted` or `disputed`"),
            );
        }
        (Verdict::Waived, Some(Some(until))) if until < today => {
            let message = format!("the waiver of `{fingerprint}` ended on {until}");
            let finding = Finding::new(codes::DECISION_EXPIRED, message).at(at("until"));
            findings.push(finding.help("settle the difference and remove this decision, or decide anew"));
        }
        (Verdict::Waived, _) | (_, None) => {}
        (other, Some(_)) => {
            let message = format!("`until` belongs to a waiver, not to `{}`", other.word());
            findings.push(Finding::new(codes::DECISION_UNTIL, message).at(at("until")).help("remove it, or write `as: waived`"));
        }
    }
}
