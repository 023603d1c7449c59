//! From exchanges to verdicts, for a recording and for probes alike.
//!
//! What is found is taken as known when the rest is judged, until nothing new is found. Each verdict is about the value of the model as it was
//! read, whatever was assumed meanwhile.

use std::collections::BTreeMap;

use jiff::Timestamp;
use placewise_model::{Assumption, Exchange, Model, SeenFact, Settled, Verdict};

use super::finding::Finding;
use super::judge::{facts, judge};
use super::role::{Role, roles};
use super::view::View;

/// The most rounds: each finds something, and little depends on more than two others.
const MOST_ROUNDS: usize = 5;

/// What exchanges show.
pub(crate) struct Conclusions {
    /// By assumption; what is not decided is missing.
    pub findings: BTreeMap<String, Finding>,
    pub facts: Vec<SeenFact>,
    /// Requests that the server answered in several ways.
    pub unstable: bool,
}

/// Judges everything. `known` is the model with what is assumed or was found, `stated` the one as it was read.
pub(crate) fn conclude(stated: &Model, known: Model, exchanges: &[Exchange], start: Timestamp) -> Conclusions {
    let mut model = known;
    for _ in 0..MOST_ROUNDS {
        let found = found(&View::new(&model, exchanges, start));
        let mut changed = false;
        for (id, finding) in &found {
            if let Some(value) = &finding.value {
                changed |= model.assume(id, value).is_ok_and(|settings| settings > 0);
            }
        }
        if !changed {
            break;
        }
    }
    let view = View::new(&model, exchanges, start);
    let findings = found(&view).into_iter().map(|(id, finding)| {
        let finding = about_stated(stated, &model, &id, finding);
        (id, finding)
    });
    Conclusions { findings: findings.collect(), facts: facts::facts(&view), unstable: !view.unstable.is_empty() }
}

fn found(view: &View<'_>) -> BTreeMap<String, Finding> {
    let mut all: BTreeMap<String, Finding> = BTreeMap::new();
    let mut judged: Vec<(String, Role)> = Vec::new();
    for (id, role) in roles(view.model) {
        // Operators of one assumption are judged together.
        let same =
            |(of, other): &(String, Role)| *of == id && matches!((other, role), (Role::OperatorCost(_), Role::OperatorCost(_)));
        if judged.iter().any(same) {
            continue;
        }
        if let Some(finding) = judge(view, &id, role) {
            let merged = match all.remove(&id) {
                None => finding,
                Some(other) => merge(other, finding),
            };
            all.insert(id.clone(), merged);
        }
        judged.push((id, role));
    }
    all
}

/// Two findings about settings that depend on one assumption.
pub(crate) fn merge(one: Finding, other: Finding) -> Finding {
    let exchanges = one.exchanges.iter().chain(&other.exchanges).copied().collect::<Vec<_>>();
    match (one.verdict, other.verdict) {
        (Verdict::CannotTell, _) => one,
        (_, Verdict::CannotTell) => other,
        (a, b) if a == b && (one.value == other.value || other.value.is_none()) => one,
        (a, b) if a == b && one.value.is_none() => other,
        _ => Finding::cannot_tell(format!("two settings differ: {} {}", one.by, other.by), exchanges),
    }
}

/// The finding in relation to the model as it was read.
fn about_stated(stated: &Model, model: &Model, id: &str, finding: Finding) -> Finding {
    let (Some(was), Some(is)) = (stated.assumption(id), model.assumption(id)) else { return finding };
    match finding.verdict {
        Verdict::Holds if was.value != is.value => {
            Finding { verdict: Verdict::Refuted, value: Some(is.value.clone()), ..finding }
        }
        Verdict::Refuted if finding.value.as_ref() == Some(&was.value) => {
            Finding { verdict: Verdict::Holds, value: None, ..finding }
        }
        _ => finding,
    }
}

/// A verdict on an assumption of the model as it was read, as evidence.
pub(crate) fn settled(assumption: &Assumption, finding: Finding) -> Settled {
    Settled {
        assumption: assumption.id.clone(),
        verdict: finding.verdict,
        assumed: Some(assumption.value.clone()),
        value: finding.value,
        by: finding.by,
        exchanges: finding.exchanges,
    }
}
