//! Evidence in, an edited spec out. All edits together must leave a spec that checks; otherwise none is made.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use placewise_model::{Assumption, Model, SeenFact, Settled, Verdict};
use serde_json::Value;

use super::claims::{Claim, Claims, EvidenceFile, Origin, Seen, of_assumptions, of_facts, shown};
use super::edits::{self, FactFile, FactPath, NoEdit, fact_path};
use super::kept::{self, Kept};
use crate::check::{Checked, Valid, check_spec};
use crate::finding::{FileId, Finding, Place, Sources, codes, sort};
use crate::published::{Change, Written};
use crate::source::{InputFile, Spec};

/// A spec after evidence was applied to it.
#[derive(Debug)]
pub struct Settlement {
    /// Its files.
    pub files: Vec<InputFile>,
    /// What changed, in the order of the spec.
    pub changes: Vec<SpecChange>,
    /// What is still open.
    pub open: Vec<Open>,
    /// What contradicts the spec. An error is left for people to judge; a warning was mended.
    pub findings: Vec<Finding>,
    /// The texts that findings refer to: the spec as it was.
    pub sources: Sources,
    /// The evidence to keep beside the spec.
    pub kept: Vec<Kept>,
    /// Assumptions and facts that the spec already has as the evidence says.
    pub confirmed: usize,
}

/// A changed fact and its place before the change: `spec/assumptions.yaml:12:3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecChange {
    /// Path, line and column.
    pub link: String,
    /// What changed.
    pub change: Change,
}

/// An assumption or a fact that the evidence does not settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its id.
    pub id: String,
    /// Why it is open.
    pub reason: String,
}

/// Why nothing was settled.
#[derive(Debug)]
pub enum Unsettled {
    /// The evidence contradicts itself or the spec, or is of another API. One sentence.
    Evidence(String),
    /// The spec has errors: as it is, or as it would be.
    Spec(Box<Checked>, When),
}

/// When a spec has errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before any edit.
    Before,
    /// With the edits.
    After,
}

/// Applies evidence to a spec.
///
/// # Errors
/// If files contradict each other or what was settled before, if one is of another API, or if the spec does not check before or after.
pub fn settle(files: Vec<InputFile>, evidence: &[EvidenceFile]) -> Result<Settlement, Unsettled> {
    let mut before = check_spec(files.clone());
    let Some(model) = before.model.take() else { return Err(Unsettled::Spec(Box::new(before), When::Before)) };
    if let Some(other) = evidence.iter().find(|file| file.evidence.api != model.api.name) {
        let (is, has) = (shown(&other.evidence.api), shown(&model.api.name));
        return Err(Unsettled::Evidence(format!("{}: it is about `{is}`, and the spec about `{has}`", other.label)));
    }
    let assumptions = of_assumptions(evidence, &model).map_err(Unsettled::Evidence)?;
    let facts = of_facts(evidence).map_err(Unsettled::Evidence)?;
    let mut run = Run {
        model: &model,
        spec: &before.spec,
        sources: &before.sources,
        files,
        changes: BTreeMap::new(),
        open: IndexMap::new(),
        findings: Vec::new(),
        kept: Vec::new(),
        confirmed: 0,
    };
    run.reasons(evidence);
    run.assumptions(&assumptions)?;
    run.facts(&facts);
    let Run { files, changes, open, mut findings, kept, confirmed, .. } = run;
    if !changes.is_empty() {
        let after = check_spec(files.clone());
        if after.model.is_none() {
            return Err(Unsettled::Spec(Box::new(after), When::After));
        }
    }
    sort(&mut findings, &before.sources);
    let open = open.into_iter().map(|(id, reason)| Open { id, reason }).collect();
    Ok(Settlement { files, changes: changes.into_values().collect(), open, findings, sources: before.sources, kept, confirmed })
}

struct Run<'a> {
    model: &'a Valid<Model>,
    spec: &'a Spec,
    sources: &'a Sources,
    files: Vec<InputFile>,
    /// By file and byte.
    changes: BTreeMap<(FileId, usize, String), SpecChange>,
    open: IndexMap<String, String>,
    findings: Vec<Finding>,
    kept: Vec<Kept>,
    confirmed: usize,
}

impl Run<'_> {
    /// Every open assumption, and why the evidence does not settle it.
    fn reasons(&mut self, evidence: &[EvidenceFile]) {
        let given = || evidence.iter().filter(|file| file.origin == Origin::Given).map(|file| &file.evidence);
        for Assumption { id, .. } in self.model.assumptions.iter().filter(|assumption| !assumption.settled) {
            let unprobed = given().flat_map(|of| &of.unprobed).find(|of| of.assumption == *id).map(|of| of.reason.as_str());
            let undecided = given().filter_map(|of| of.settled(id)).find(|of| of.verdict == Verdict::CannotTell);
            let reason = undecided.map(|of| of.by.as_str()).or(unprobed).unwrap_or("no evidence is about it");
            self.open.insert(id.clone(), shown(reason));
        }
    }

    fn assumptions(&mut self, claims: &Claims<'_>) -> Result<(), Unsettled> {
        for (id, claim) in claims.iter().filter(|(_, claim)| claim.given) {
            let Some(assumption) = self.model.assumption(id) else {
                self.open.insert(shown(id), "the spec has no such assumption".into());
                continue;
            };
            match &claim.is {
                Some(seen) if seen.value == assumption.value && assumption.settled => self.confirmed += 1,
                Some(seen) if assumption.settled => return Err(self.settled_otherwise(assumption, seen)),
                Some(seen) => self.settle(assumption, &seen.value, claim),
                None => self.refuted(assumption, claim),
            }
        }
        Ok(())
    }

    fn place(&self, id: &str) -> Option<Place> {
        self.spec.assumptions.as_ref().map(|doc| doc.at_key(&["assumptions", id]))
    }

    fn settled_otherwise(&self, assumption: &Assumption, seen: &Seen<'_>) -> Unsettled {
        let link = self.place(&assumption.id).map(|place| self.link(&place)).unwrap_or_default();
        let (is, now) = (shown(&seen.value.to_string()), shown(&assumption.value.to_string()));
        let id = &assumption.id;
        Unsettled::Evidence(format!(
            "`{id}` is {is} in {}, but {link} says that {now} is settled; if the API changed, write `settled_by` there again",
            seen.file.label
        ))
    }

    fn settle(&mut self, assumption: &Assumption, value: &Value, claim: &Claim<'_>) {
        let (Some(place), Some(doc)) = (self.place(&assumption.id), &self.spec.assumptions) else { return };
        let edited = self.edit(doc.file, |text| edits::settled(text, &assumption.id, value, claim.by));
        if !edited {
            let message = format!("what was seen of `{}` cannot be written: {}", assumption.id, shown(&value.to_string()));
            let finding = Finding::new(codes::ASSUMPTION_REFUTED, message).at(place);
            self.findings.push(finding.help("edit the assumption by hand"));
            return;
        }
        self.open.shift_remove(&assumption.id);
        let same = *value == assumption.value;
        let from = if same { "assumed".to_owned() } else { text(&assumption.value) };
        let to = if same { format!("settled: {}", text(value)) } else { text(value) };
        self.change(place, &assumption.id, Some(from), to);
        let verdict = Settled {
            assumption: assumption.id.clone(),
            verdict: Verdict::Holds,
            assumed: Some(value.clone()),
            value: None,
            by: claim.by.to_owned(),
            exchanges: Vec::new(),
        };
        self.kept.extend(kept::of_assumption(&assumption.id, claim, verdict, self.model));
    }

    /// The server has another value, which the exchanges do not show.
    fn refuted(&mut self, assumption: &Assumption, claim: &Claim<'_>) {
        if claim.is_not.as_ref().is_none_or(|seen| seen.value != assumption.value) {
            self.open.insert(assumption.id.clone(), "the evidence refutes another value than the spec has now".into());
            return;
        }
        let message =
            format!("the live API does not have `{}`, the value of `{}`", shown(&text(&assumption.value)), assumption.id);
        let mut finding = Finding::new(codes::ASSUMPTION_REFUTED, message).label(shown(claim.by));
        finding.place = self.spec.assumptions.as_ref().map(|doc| doc.at(&["assumptions", assumption.id.as_str(), "value"]));
        let help = format!("the evidence does not show the right value. Settled by: {}", shown(&assumption.settled_by));
        self.findings.push(finding.help(help).fact(format!("assumptions/{}", assumption.id)));
        self.open.insert(assumption.id.clone(), "refuted, and the right value was not seen".into());
    }

    fn facts(&mut self, claims: &Claims<'_>) {
        for (id, claim) in claims.iter().filter(|(_, claim)| claim.given) {
            let Some(seen) = &claim.is else {
                self.open.insert(shown(id), "the server showed several values".into());
                continue;
            };
            let found = fact_path(id).and_then(|of| self.file_of(&of).map(|file| (of, file)));
            match found {
                Some((of, file)) => self.fact(id, claim, &seen.value, &of, file),
                None => self.no_such_fact(id),
            }
        }
    }

    fn no_such_fact(&mut self, id: &str) {
        self.open.insert(shown(id), "the spec has no such fact".into());
    }

    fn fact(&mut self, id: &str, claim: &Claim<'_>, seen: &Value, of: &FactPath, file: FileId) {
        let stated =
            claim.files.iter().flat_map(|file| &file.evidence.facts).find(|fact| fact.fact == id).map(|fact| &fact.stated);
        if stated == Some(seen) {
            self.confirmed += 1;
            return;
        }
        let place = self.fact_place(of);
        let outcome = self.text(file).map_or(Err(NoEdit::Missing), |text| edits::fact(&text, of, seen));
        match outcome {
            Err(NoEdit::Already) => self.confirmed += 1,
            Err(NoEdit::Missing) => self.no_such_fact(id),
            Err(NoEdit::Assumed(assumption)) => {
                self.open.insert(shown(id), format!("the assumption `{assumption}` has its value; settle that"));
            }
            _ if claim.hits < 2 => {
                let seen = shown(&text(seen));
                self.open.insert(shown(id), format!("seen once, as {seen}; a second time settles it"));
            }
            Ok(edit) => {
                self.replace(file, edit.text);
                // What is refused although the spec allows it is told even if the spec now says so.
                if seen == "no" {
                    self.drift(id, seen, place.clone(), "mended here; see whether the page says otherwise", true);
                }
                if let Some(place) = place {
                    self.change(place, id, edit.from, edit.to);
                }
                let stated = stated.cloned().unwrap_or_default();
                let fact = SeenFact { fact: id.to_owned(), stated, seen: seen.clone(), hits: claim.hits, exchanges: Vec::new() };
                self.kept.extend(kept::of_fact(id, claim, fact, self.model));
            }
            Err(NoEdit::Not) => self.drift(id, seen, place, "edit the spec by hand, or ask the vendor", false),
        }
    }

    fn drift(&mut self, id: &str, seen: &Value, place: Option<Place>, help: &str, mended: bool) {
        let message = match seen.as_str() {
            Some("no") => format!("the live API refuses what the spec allows: `{}`", shown(id)),
            _ => format!("the live API shows `{}` as {}", shown(id), shown(&text(seen))),
        };
        let finding = Finding { place, ..Finding::new(codes::DRIFT_LIVE, message) };
        let finding = finding.help(help).fact(id.to_owned());
        self.findings.push(if mended { finding.softened() } else { finding });
    }

    fn file_of(&self, of: &FactPath) -> Option<FileId> {
        let spec = self.spec;
        match &of.file {
            FactFile::Report(name) => spec.reports.iter().find(|(_, doc)| doc.value.report == *name).map(|(_, doc)| doc.file),
            FactFile::Platform(path) => self.platform(path).map(|doc| doc.file),
        }
    }

    fn platform(&self, path: &str) -> Option<&crate::source::Doc> {
        let doc = match path {
            "api.yaml" => &self.spec.api,
            "filters.yaml" => &self.spec.filters,
            "formats.yaml" => &self.spec.formats,
            _ => &self.spec.endpoints,
        };
        doc.as_ref()
    }

    fn fact_place(&self, of: &FactPath) -> Option<Place> {
        match &of.file {
            FactFile::Report(name) => {
                self.spec.reports.iter().find(|(_, doc)| doc.value.report == *name).map(|(_, doc)| doc.at_key(&of.path))
            }
            FactFile::Platform(path) => self.platform(path).map(|doc| doc.at_key(&of.path)),
        }
    }

    /// The file of the spec that was read as `file`, as it is now.
    fn input(&mut self, file: FileId) -> Option<&mut InputFile> {
        let label = &self.sources.get(file).path;
        self.files.iter_mut().find(|input| input.label == *label)
    }

    fn text(&mut self, file: FileId) -> Option<String> {
        self.input(file).and_then(|input| String::from_utf8(input.bytes.clone()).ok())
    }

    fn replace(&mut self, file: FileId, text: String) {
        if let Some(input) = self.input(file) {
            input.bytes = text.into_bytes();
        }
    }

    fn edit(&mut self, file: FileId, edit: impl Fn(&str) -> Option<String>) -> bool {
        let new = self.text(file).and_then(|text| edit(&text));
        let edited = new.is_some();
        new.into_iter().for_each(|text| self.replace(file, text));
        edited
    }

    fn change(&mut self, place: Place, id: &str, from: Option<String>, to: String) {
        let link = self.link(&place);
        let change = Change { path: id.to_owned(), from, to: Some(to), left: None };
        self.changes.insert((place.file, place.span.start, id.to_owned()), SpecChange { link, change });
    }

    fn link(&self, place: &Place) -> String {
        let (line, column) = self.sources.line_column(place);
        format!("{}:{line}:{column}", self.sources.get(place.file).path)
    }
}

/// A value as the spec would show it.
fn text(value: &Value) -> String {
    Written::json(value).flow()
}
