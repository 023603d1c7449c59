//! The account of a comparison: which facts of the spec a page states, which differ, and which the page did not reach. It knows no kind of
//! page. A fact of the spec is expected first, and met by a lookup, by a difference or by a finding of reading; the others are unreached.

use std::collections::HashMap;

use placewise_model::Provenance;

use super::amendment::{Amendment, Edit, Renames};
use crate::finding::{Code, FileId, Finding, Place, codes, suggest};
use crate::published::read::{FactFinding, fact_id};

/// Returns the place in the spec of a path of keys.
pub type PlaceOf<'a> = &'a dyn Fn(&[&str]) -> Place;

/// A fact that a page states and that was compared with the spec.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedFact {
    /// Its id: `reports/sendings/fields/channel/values`.
    pub fact: String,
    /// What the page states, with single spaces.
    pub stated: String,
    /// Where the page states it.
    pub place: Place,
}

/// The result of comparing a page with the spec.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    /// The differences, what was not understood (`page-unread`) and what was not reached (`page-unreached`).
    pub findings: Vec<FactFinding>,
    /// The facts that were compared, equal or not.
    pub facts: Vec<ComparedFact>,
    /// The ids of the spec's facts that the page does not state.
    pub unreached: Vec<String>,
    /// Changes of the spec that would make it agree, as far as the page alone tells them.
    pub amendments: Vec<Amendment>,
    /// The file of the spec that the page is about.
    pub about: Option<FileId>,
}

impl Drift {
    /// Adds the result of another comparison.
    pub(super) fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.facts.extend(other.facts);
        self.unreached.extend(other.unreached);
        self.amendments.extend(other.amendments);
    }

    /// The findings for people.
    pub fn plain_findings(&self) -> Vec<Finding> {
        self.findings.iter().map(|one| one.finding.clone()).collect()
    }
}

pub(super) struct Account<'a> {
    /// The steps of the subject's fact: `reports`, `sendings`.
    root: Vec<String>,
    place_of: PlaceOf<'a>,
    /// Where the subject stands in its file.
    within: &'a [&'a str],
    /// The spec's facts in order, each with its path.
    expected: Vec<(String, Vec<String>)>,
    /// Whether each expected fact was met.
    met: HashMap<String, bool>,
    /// The facts that an assumption stands in for, each with its assumption.
    assumed: HashMap<String, String>,
    renames: Renames,
    drift: Drift,
}

/// An unreached finding names at most this many facts.
const NAMED: usize = 5;

impl<'a> Account<'a> {
    /// The account of a subject, such as `["reports", "sendings"]`.
    pub fn new(root: &[&str], place_of: PlaceOf<'a>) -> Self {
        let root = root.iter().map(|step| (*step).to_owned()).collect();
        Self {
            root,
            place_of,
            within: &[],
            expected: Vec::new(),
            met: HashMap::new(),
            assumed: HashMap::new(),
            renames: Renames::default(),
            drift: Drift::default(),
        }
    }

    /// Tells where the subject stands in its file.
    pub fn within(self, within: &'a [&'a str]) -> Self {
        Self { within, ..self }
    }

    /// The id of a fact of the subject.
    pub fn id(&self, path: &[&str]) -> String {
        let steps: Vec<&str> = self.root.iter().map(String::as_str).chain(path.iter().copied()).collect();
        fact_id(&steps)
    }

    /// Adds a fact that the spec states and that its page should state.
    pub fn expect(&mut self, path: &[&str]) {
        let id = self.id(path);
        if self.met.insert(id.clone(), false).is_none() {
            self.expected.push((id, path.iter().map(|step| (*step).to_owned()).collect()));
        }
    }

    /// Adds the name on the wire of something that the spec must have, and the key that holds it, if not the fact itself: a page that has
    /// another name instead renames it.
    pub fn named(&mut self, path: &[&str], name: &str, key: Option<&str>) {
        self.renames.known(path, name, key);
    }

    /// Tells that the spec assumes a fact.
    pub fn assumes(&mut self, path: &[&str], assumption: &str) {
        self.assumed.insert(self.id(path), assumption.to_owned());
    }

    /// Takes over a finding of reading. It accounts for its fact.
    pub fn read(&mut self, finding: FactFinding) {
        if let Some(met) = self.met.get_mut(&finding.fact) {
            *met = true;
        }
        self.drift.findings.push(finding);
    }

    /// Adds that a fact, or what stands where it belongs, was not understood.
    pub fn unread(&mut self, path: &[&str], message: impl Into<String>, at: Place) {
        let finding = Finding::new(codes::PAGE_UNREAD, message).at(at).help("compare it with the page in a browser");
        self.read(FactFinding { fact: self.id(path), finding });
    }

    /// Whether a fact was met.
    pub fn is_met(&self, path: &[&str]) -> bool {
        self.met.get(&self.id(path)).is_some_and(|met| *met)
    }

    /// Whether reading a fact failed, which has a finding.
    pub fn is_unread(&self, path: &[&str]) -> bool {
        let id = self.id(path);
        self.drift.findings.iter().any(|one| one.fact == id && one.finding.code == codes::PAGE_UNREAD)
    }

    /// Where the page states a fact.
    pub fn stated_at(&self, path: &[&str]) -> Option<Place> {
        let id = self.id(path);
        self.drift.facts.iter().find(|fact| fact.fact == id).map(|fact| fact.place.clone())
    }

    /// Records what the page states.
    pub fn states(&mut self, path: &[&str], stated: impl Into<String>, at: &Place) {
        let fact = self.id(path);
        if let Some(met) = self.met.get_mut(&fact) {
            *met = true;
        }
        self.drift.facts.push(ComparedFact { fact, stated: stated.into(), place: at.clone() });
    }

    /// Records what the page states of a fact in another way than the spec, and how the spec would say it.
    pub fn states_other(&mut self, code: Code, message: String, stated: &str, at: &Place, path: &[&str]) {
        self.states(path, stated, at);
        self.differs(code, message, at, path, &format!("`{}`", path.last().unwrap_or(&"")));
        self.amend(path, Edit::value(stated));
    }

    /// Records a name that the page states. One that the spec assumes is settled by that.
    pub fn settles(&mut self, path: &[&str], stated: &str, at: &Place) {
        match self.assumed.remove(&self.id(path)) {
            Some(id) => {
                let message = format!("the page states `{stated}`, which the spec assumes (`{id}`)");
                self.states_other(codes::DRIFT_SETTLED, message, stated, at, path);
            }
            None => self.states(path, stated, at),
        }
    }

    /// Adds a name that only the page has. `path` leads to where its kind stands in the spec, and `known` are the spec's names.
    pub fn added(&mut self, path: &[&str], name: &str, message: String, at: &Place, known: &[&str]) {
        let finding = Finding::new(codes::DRIFT_ADDED, message).at(at.clone()).label("the page");
        let fact = self.id(&[path, &["added", name]].concat());
        self.renames.added(path, name);
        self.read(FactFinding { fact, finding: suggest(finding, name, known) });
    }

    /// Adds changes that would make the spec agree, and that are made together.
    pub fn amend_all(&mut self, amendment: Amendment) {
        self.drift.amendments.push(amendment);
    }

    /// Adds a change that would make the spec agree.
    pub fn amend(&mut self, path: &[&str], edit: Edit) {
        let inner = [self.within, path].concat();
        self.drift.amendments.push(Amendment::of(self.spec(path).file, &inner, edit));
    }

    /// Adds that the page states an entry of the spec completely. `known` is how the spec knows it.
    pub fn documents(&mut self, path: &[&str], known: Provenance) {
        if known != Provenance::Documented {
            self.amend(path, Edit::Documented);
        }
    }

    /// Adds a difference. `edit` names the key of the spec to change.
    pub fn differs(&mut self, code: Code, message: String, at: &Place, path: &[&str], edit: &str) {
        self.differs_and(code, message, at, path, edit, None);
    }

    /// Adds a difference with a further hint.
    pub fn differs_and(&mut self, code: Code, message: String, at: &Place, path: &[&str], edit: &str, hint: Option<String>) {
        let help = format!(
            "if the page is right, edit {edit} in the spec or merge the page with `import --into`; if not, decide on it with `drift --decide`"
        );
        let help = hint.map_or(help.clone(), |hint| format!("{hint}; {help}"));
        self.differs_from(code, message, at, path, &(self.place_of)(path), &help);
    }

    /// Adds a difference from a place in the spec, with a help of its own.
    pub fn differs_from(&mut self, code: Code, message: String, at: &Place, path: &[&str], spec: &Place, help: &str) {
        // What has a damaged character was not read.
        let damaged = message.contains(char::REPLACEMENT_CHARACTER);
        let code = if damaged { codes::PAGE_UNREAD } else { code };
        let label = if code.name().ends_with("-missing") { "missing after this" } else { "the page" };
        let finding = Finding::new(code, message).at(at.clone()).label(label).help(help);
        let finding = finding.related(spec.clone(), "the spec");
        self.read(FactFinding { fact: self.id(path), finding });
    }

    /// Adds the difference that the page lacks a fact and everything below it.
    pub fn lacks(&mut self, code: Code, message: String, at: &Place, path: &[&str], edit: &str) {
        self.differs(code, message, at, path, edit);
        self.skip(path);
    }

    /// Accounts for a fact and everything below it, which has a finding elsewhere.
    pub fn covered(&mut self, path: &[&str]) {
        let id = self.id(path);
        self.met.entry(id).and_modify(|met| *met = true);
        self.skip(path);
    }

    /// Accounts for everything below a fact.
    pub fn skip(&mut self, path: &[&str]) {
        let below = format!("{}/", self.id(path));
        self.met.iter_mut().filter(|(id, _)| id.starts_with(&below)).for_each(|(_, met)| *met = true);
    }

    /// Adds a difference for each fact that was not met although the page states its siblings: the page is whole and does not have it.
    pub fn lacks_unmet(&mut self, at: &Place) {
        let met = |path: &[String]| self.met.get(&self.id(&path.iter().map(String::as_str).collect::<Vec<_>>())) == Some(&true);
        let beside = |path: &[String]| {
            let parent = &path[..path.len() - 1];
            met(parent)
                || self.expected.iter().any(|(_, other)| other.len() == path.len() && other.starts_with(parent) && met(other))
        };
        let missing: Vec<Vec<String>> =
            self.expected.iter().filter(|(id, path)| !self.met[id] && beside(path)).map(|(_, path)| path.clone()).collect();
        for path in missing {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            if !self.is_met(&path) {
                let message = format!("the spec has `{}`, the page does not", fact_id(&path));
                // What the spec must have is renamed or stays.
                if !self.renames.missing(&path) {
                    self.amend(&path, Edit::Remove);
                }
                self.lacks(codes::DRIFT_MISSING, message, at, &path, &format!("`{}`", path.last().unwrap_or(&"")));
            }
        }
        for (path, name) in self.renames.pairs() {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            self.amend(&path, Edit::value(&name));
        }
    }

    /// The place in the spec of a path of keys.
    pub fn spec(&self, path: &[&str]) -> Place {
        (self.place_of)(path)
    }

    /// Whether some difference has that message already.
    pub fn has_said(&self, message: &str) -> bool {
        self.drift.findings.iter().any(|one| one.finding.message == message)
    }

    /// Ends the comparison. `end` is the last line of a text that may be cut, `line_left` whether that line itself was not compared.
    /// `title` stands for a text that is not cut.
    pub fn finish(mut self, end: Option<&Place>, line_left: bool, title: &Place) -> Drift {
        let (last, label, help) = match end {
            Some(end) => (end, "the text ends here", "copy the whole page, from its title to its footer"),
            None => (title, "this page", "compare them with the page in a browser: this capture of it may have lost them"),
        };
        let unreached: Vec<&(String, Vec<String>)> = self.expected.iter().filter(|(id, _)| !self.met[id]).collect();
        let finding = match unreached.first() {
            Some((_, path)) => {
                let names: Vec<String> = unreached.iter().take(NAMED).map(|(_, path)| format!("`{}`", fact_id(path))).collect();
                let more = unreached.len() - names.len();
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let message =
                    format!("the page's text does not state {} of the spec: {}{more}", facts(unreached.len()), names.join(", "));
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                Some(
                    Finding::new(codes::PAGE_UNREACHED, message)
                        .at(last.clone())
                        .label(label)
                        .related((self.place_of)(&path), "the first of them"),
                )
            }
            None if line_left => {
                let message = "the last line of the text may be incomplete and was not compared";
                Some(Finding::new(codes::PAGE_UNREACHED, message).at(last.clone()))
            }
            None => None,
        };
        self.drift.unreached = unreached.iter().map(|(id, _)| id.clone()).collect();
        if let Some(finding) = finding {
            let finding = finding.help(format!("{help}; `--partial` accepts this"));
            self.drift.findings.push(FactFinding { fact: fact_id(&self.root), finding });
        }
        self.drift
    }
}

fn facts(count: usize) -> String {
    if count == 1 { "a fact".into() } else { format!("{count} facts") }
}

/// A value as part of a sentence.
pub(super) fn word(value: Option<&str>) -> String {
    value.map_or("none".into(), |value| format!("`{value}`"))
}

/// Several values as part of a sentence.
pub(super) fn list(values: &[&str]) -> String {
    if values.is_empty() { "none".into() } else { values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ") }
}
