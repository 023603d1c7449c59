//! What several files of evidence say of one thing. Files that disagree settle nothing: the error names both.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use placewise_model::{Evidence, Model, SeenFact, Settled, Verdict};
use serde_json::Value;

use crate::finding::{one_line, shortened};

/// One file of evidence.
#[derive(Clone, Debug)]
pub struct EvidenceFile {
    /// Its path as shown to people.
    pub label: String,
    /// Its content.
    pub evidence: Evidence,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where evidence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The caller names it.
    Given,
    /// An earlier run kept it. It settles nothing again, but nothing may contradict it.
    Kept,
}

/// What all files say of one assumption or fact.
#[derive(Clone, Debug)]
pub(super) struct Claim<'e> {
    /// The value that the server has, if the exchanges show it.
    pub is: Option<Seen<'e>>,
    /// A value that the server does not have.
    pub is_not: Option<Seen<'e>>,
    /// What showed it, in a sentence.
    pub by: &'e str,
    /// How often it was seen; for facts.
    pub hits: u32,
    /// Whether a given file says it.
    pub given: bool,
    /// The files that say it.
    pub files: Vec<&'e EvidenceFile>,
}

/// A value, and the file that shows it.
#[derive(Clone, Debug)]
pub(super) struct Seen<'e> {
    pub value: Value,
    pub file: &'e EvidenceFile,
}

/// The claims about one sort of thing, by id.
pub(super) type Claims<'e> = IndexMap<&'e str, Claim<'e>>;

/// What the files say of assumptions.
///
/// # Errors
/// Two files that disagree.
pub(super) fn of_assumptions<'e>(files: &'e [EvidenceFile], model: &Model) -> Result<Claims<'e>, String> {
    let mut claims = Claims::new();
    for (file, settled) in files.iter().flat_map(|file| file.evidence.settled.iter().map(move |settled| (file, settled))) {
        let Settled { assumption, verdict, assumed, value, by, .. } = settled;
        let now = || model.assumption(assumption).map(|known| known.value.clone());
        let seen = |value: &Value| Seen { value: value.clone(), file };
        let assumed = assumed.clone().or_else(now).map(|value| Seen { value, file });
        // A path that is null is no value.
        let (is, is_not) = match verdict {
            Verdict::Holds => (assumed.filter(|seen| !seen.value.is_null()), None),
            Verdict::Refuted => (value.as_ref().filter(|value| !value.is_null()).map(seen), assumed),
            Verdict::CannotTell => continue,
        };
        add(&mut claims, assumption, file, Claim { is, is_not, by, hits: 0, given: false, files: Vec::new() })?;
    }
    Ok(claims)
}

/// What the files say of facts. Lists of values add up; so do hits.
///
/// # Errors
/// Two files that disagree.
pub(super) fn of_facts(files: &[EvidenceFile]) -> Result<Claims<'_>, String> {
    let mut claims: Claims<'_> = Claims::new();
    let unsteady: BTreeSet<&str> = files.iter().flat_map(unsteady).collect();
    for (file, fact) in files.iter().flat_map(|file| file.evidence.facts.iter().map(move |fact| (file, fact))) {
        let SeenFact { fact, seen, hits, .. } = fact;
        if unsteady.contains(fact.as_str()) {
            add(&mut claims, fact, file, Claim { is: None, is_not: None, by: "", hits: *hits, given: false, files: Vec::new() })?;
            continue;
        }
        let is = Seen { value: all_values(claims.get(fact.as_str()), seen), file };
        if let Some(before) = claims.get_mut(fact.as_str()).filter(|_| is.value != *seen) {
            before.is = Some(is.clone());
        }
        add(&mut claims, fact, file, Claim { is: Some(is), is_not: None, by: "", hits: *hits, given: false, files: Vec::new() })?;
    }
    Ok(claims)
}

/// Facts of which one server showed several values. There is no verdict on them.
fn unsteady(file: &EvidenceFile) -> impl Iterator<Item = &str> {
    let facts = &file.evidence.facts;
    let other = |one: &SeenFact| facts.iter().any(|other| other.fact == one.fact && other.seen != one.seen);
    facts.iter().filter(move |fact| !fact.seen.is_array() && other(fact)).map(|fact| fact.fact.as_str())
}

/// A list of seen values together with those seen before.
fn all_values(before: Option<&Claim<'_>>, seen: &Value) -> Value {
    let had = before.and_then(|claim| claim.is.as_ref()).and_then(|seen| seen.value.as_array());
    match (had, seen) {
        (Some(had), Value::Array(new)) => had.iter().chain(new.iter().filter(|value| !had.contains(value))).cloned().collect(),
        _ => seen.clone(),
    }
}

fn add<'e>(claims: &mut Claims<'e>, id: &'e str, file: &'e EvidenceFile, claim: Claim<'e>) -> Result<(), String> {
    let given = file.origin == Origin::Given;
    let Some(before) = claims.get_mut(id) else {
        claims.insert(id, Claim { given, files: vec![file], ..claim });
        return Ok(());
    };
    match (&before.is, &claim.is, &before.is_not, &claim.is_not) {
        (Some(one), Some(other), ..) if one.value != other.value => return Err(disagree(id, one, "", other)),
        (Some(one), _, _, Some(other)) | (_, Some(one), Some(other), _) if one.value == other.value => {
            return Err(disagree(id, one, "not ", other));
        }
        _ => {}
    }
    before.is = before.is.take().or(claim.is);
    before.is_not = before.is_not.take().or(claim.is_not);
    before.hits = before.hits.saturating_add(claim.hits);
    before.given |= given;
    before.files.push(file);
    Ok(())
}

fn disagree(id: &str, one: &Seen<'_>, not: &str, other: &Seen<'_>) -> String {
    let said = |seen: &Seen<'_>| shown(&seen.value.to_string());
    let kept = [one, other].into_iter().find(|seen| seen.file.origin == Origin::Kept);
    let help = kept.map_or_else(
        || "run `placewise settle` again".to_owned(),
        |kept| format!("if the API changed, remove {}", kept.file.label),
    );
    let (id, first, second) = (shown(id), said(one), said(other));
    format!("`{id}` is {first} in {} and {not}{second} in {}; {help}", one.file.label, other.file.label)
}

/// Text of evidence must not control the terminal, nor fill it.
pub(super) fn shown(text: &str) -> String {
    one_line(&shortened(text, 200))
}
