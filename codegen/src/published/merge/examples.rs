//! Merges example payloads. They are paired by what they show, in page order.

use super::header::ORDER;
use super::merger::Merger;
use super::written::Written;
use super::yaml_file::YamlFile;

/// What an example shows: its aggregation or field, and whether it is a request.
type Subject = (Option<String>, Option<String>, bool);

impl Merger<'_> {
    pub(super) fn examples(&mut self) {
        let mut paired = vec![false; self.ours.len(&["examples"])];
        let mut previous = None;
        for at in 0..self.theirs.len(&["examples"]) {
            let wanted = subject(&self.theirs, at);
            let found = (0..paired.len()).find(|&at| {
                !paired[at] && self.is_here(at) && subject(&self.ours, at).is_some_and(|have| fits(&have, wanted.as_ref()))
            });
            match found {
                Some(ours) => {
                    paired[ours] = true;
                    previous = Some(ours);
                    self.payload(ours, at);
                }
                None => {
                    let index = previous.map_or(0, |at: usize| at + 1);
                    if self.add_example(index, at) {
                        paired.insert(index.min(paired.len()), true);
                        previous = Some(index);
                    }
                }
            }
        }
        for at in (0..paired.len()).rev().filter(|at| !paired[*at]) {
            if self.is_here(at) && !self.page.ends_early {
                self.gone_example(at);
            }
        }
    }

    /// Whether an example of the file is from this page and whole.
    fn is_here(&self, at: usize) -> bool {
        let word = |key: &str| self.ours.scalar(&["examples", &at.to_string(), key]);
        let here = word("source").is_none() || word("source") == self.ours.scalar(&["source"]);
        here && !matches!(word("coverage"), Some("name-only" | "partial"))
    }

    /// Replaces a payload that differs, if the page was read completely.
    fn payload(&mut self, ours: usize, theirs: usize) {
        for key in ["request", "response"] {
            let (at, from) = (ours.to_string(), theirs.to_string());
            let (at, from) = (["examples", at.as_str(), key], ["examples", from.as_str(), key]);
            let (Some(have), Some(want)) = (self.ours.node(&at), self.theirs.node(&from)) else { continue };
            if !self.complete || have.to_json() == want.to_json() {
                continue;
            }
            let to = want.to_json().to_string();
            let old = have.to_json().to_string();
            let lines = self.ours.source(&at).is_some_and(|text| text.contains('\n'));
            let (indent, base) = (self.ours.indent_at(&at).unwrap_or(0), self.theirs.indent_at(&from).unwrap_or(0));
            let text = match self.theirs.source(&from) {
                Some(text) if lines => shift(text, base, indent),
                _ => Written::of(want, &self.theirs.text).flow(),
            };
            let done = self.ours.set(&at, &text);
            self.note(&at, Some(old), Some(to), (!done).then_some("replace the payload by hand"));
        }
    }

    /// Inserts an example of the page with its layout.
    fn add_example(&mut self, index: usize, theirs: usize) -> bool {
        let from = theirs.to_string();
        let path = ["examples", from.as_str()];
        let Some(text) = self.theirs.source(&path).map(str::to_owned) else { return false };
        let base = self.theirs.dash_column(&["examples"]).unwrap_or(0);
        let name = self.theirs.shown(&["examples", &from, "name"]);
        let done = match self.ours.dash_column(&["examples"]) {
            Some(column) => self.ours.insert_item(&["examples"], index, &shift(&text, base, column)),
            None if self.ours.node(&["examples"]).is_none() => {
                let section = format!("examples:\n{}- {}\n", " ".repeat(base), text.trim_end());
                self.ours.insert_section("examples", &section, &ORDER)
            }
            None => false,
        };
        self.note(&["examples"], None, name, (!done).then_some("add it by hand: `cargo codegen import PAGE` prints it"));
        done
    }

    fn gone_example(&mut self, at: usize) {
        let at = at.to_string();
        let name = self.ours.shown(&["examples", &at, "name"]);
        let before = self.changes.len();
        self.gone(&["examples", &at]);
        if let Some(change) = self.changes.get_mut(before) {
            change.from = name;
        }
    }
}

fn subject(file: &YamlFile, at: usize) -> Option<Subject> {
    let at = at.to_string();
    let word = |key: &str| file.scalar(&["examples", &at, key]).map(str::to_owned);
    file.node(&["examples", &at])?;
    Some((word("aggregation"), word("field"), file.node(&["examples", &at, "request"]).is_some()))
}

fn fits(have: &Subject, wanted: Option<&Subject>) -> bool {
    wanted == Some(have)
}

/// Text whose lines after the first are moved from one indentation to another.
fn shift(text: &str, from: usize, to: usize) -> String {
    let mut lines = text.trim_end().split('\n').map(|line| line.trim_end_matches('\r'));
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let rest = line.trim_start_matches(' ');
        let indent = (line.len() - rest.len() + to).saturating_sub(from);
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        out.push_str(rest);
    }
    out
}
