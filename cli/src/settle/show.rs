//! What `settle` prints: the plan with its price, then the verdicts.

use std::collections::BTreeMap;
use std::path::Path;

use placewise_model::exit::{Failure, Outcome};
use placewise_model::{Evidence, SeenFact, Settled, Verdict};
use serde_json::{Value, json};

use super::plan::{Planned, Price};
use crate::terminal::{self, Output, plural, printable};

/// What a run found.
pub(super) struct Found {
    pub evidence: Evidence,
    /// Requests and tokens; none for a recording.
    pub spent: Option<(usize, u64, bool)>,
    /// What ended it early.
    pub stopped: Option<String>,
    pub notes: Vec<String>,
    pub price: Option<Value>,
}

/// Prints what will be asked, and returns it as JSON.
pub(super) fn plan(
    planned: &[Planned],
    control: Price,
    total: Price,
    unprobed: &BTreeMap<String, String>,
    output: Output,
) -> Result<Value, Failure> {
    if output == Output::Text {
        for one in planned {
            line("ask", &format!("{}: {} ({})", one.id, one.asks, one.price.text()))?;
        }
        line("ask", &format!("controls that others are compared with ({})", control.text()))?;
        for (id, reason) in unprobed {
            line("not", &format!("{id}: {reason}"))?;
        }
        line("total", &total.text())?;
        terminal::line("")?;
    }
    let probes: Vec<Value> =
        planned.iter().map(|one| json!({ "assumption": one.id, "asks": one.asks, "price": one.price.json() })).collect();
    Ok(json!({ "probes": probes, "controls": control.json(), "total": total.json() }))
}

/// Whether a fact counts as drift: what the spec states was contradicted twice.
pub(super) fn is_drift(fact: &SeenFact) -> bool {
    !fact.stated.is_null() && fact.hits >= 2
}

/// Prints the verdicts. What is refuted is a finding.
pub(super) fn conclude(found: &Found, out: &Path, output: Output) -> Outcome {
    let evidence = &found.evidence;
    let refuted = is_refuted(evidence);
    let out = printable(&out.display().to_string());
    if output == Output::Json {
        let spent =
            found.spent.map(|(requests, tokens, known)| json!({ "requests": requests, "tokens": tokens, "tokens_known": known }));
        terminal::json(&json!({
            "settled": evidence.settled, "facts": evidence.facts, "unprobed": evidence.unprobed, "plan": found.price, "spent": spent,
            "notes": found.notes, "evidence": out, "ok": !refuted,
        }))?;
    } else {
        for settled in &evidence.settled {
            line(word(settled.verdict), &sentence(settled))?;
        }
        for unprobed in &evidence.unprobed {
            line("not", &format!("{}: {}", unprobed.assumption, unprobed.reason))?;
        }
        for fact in &evidence.facts {
            fact_line(fact)?;
        }
    }
    for note in &found.notes {
        terminal::note(note);
    }
    terminal::note(&format!("wrote `{out}`; `cargo codegen settle {out}` applies it to the spec"));
    match (refuted, &found.stopped) {
        (true, None) => Err(Failure::Findings(String::new())),
        (true, Some(why)) => Err(Failure::Findings(format!("not everything was asked: {why}"))),
        (false, Some(why)) => Err(Failure::Stopped(format!("not everything was asked: {why}"))),
        (false, None) => Ok(()),
    }
}

fn sentence(settled: &Settled) -> String {
    let Settled { assumption, by, value, .. } = settled;
    match (settled.verdict, value) {
        (Verdict::Refuted, Some(value)) => format!("{assumption}: the value is {value}. {}", capital(by)),
        (Verdict::Refuted, None) => format!("{assumption}: the replies do not show the value. {}", capital(by)),
        _ => format!("{assumption}: {}", capital(by)),
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// A fact that the server contradicts.
pub(crate) fn fact_line(fact: &SeenFact) -> Outcome {
    let SeenFact { fact: id, stated, seen, hits, .. } = fact;
    let what = if stated.is_null() {
        "learned"
    } else if is_drift(fact) {
        "drift"
    } else {
        "once"
    };
    let stated = if stated.is_null() { "nothing".to_owned() } else { stated.to_string() };
    line(what, &format!("{id}: the spec says {stated}, the server {seen} ({})", plural(u64::from(*hits), "time")))
}

fn line(what: &str, text: &str) -> Outcome {
    Ok(terminal::line(&format!("{what:<8} {}", printable(text)))?)
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::Refuted => "refuted",
        Verdict::CannotTell => "unknown",
    }
}

/// Whether evidence has something that is wrong in the spec.
fn is_refuted(evidence: &Evidence) -> bool {
    evidence.settled.iter().any(|settled| settled.verdict == Verdict::Refuted) || evidence.facts.iter().any(is_drift)
}
