//! Adds the contradictions of new and changed facts, and removes those that the page no longer shows. Quirks of other facts are the
//! maintainer's.

use super::header::ORDER;
use super::merger::Merger;
use super::yaml_file::YamlFile;

impl Merger<'_> {
    pub(super) fn quirks(&mut self) {
        for theirs in 0..self.theirs.len(&["quirks"]) {
            let theirs = theirs.to_string();
            let Some(kind) = self.theirs.scalar(&["quirks", &theirs, "kind"]).map(str::to_owned) else { continue };
            for at in 0..self.theirs.len(&["quirks", &theirs, "at"]) {
                let at = at.to_string();
                let Some(subject) = self.theirs.scalar(&["quirks", &theirs, "at", &at]).map(str::to_owned) else { continue };
                if self.is_touched(&subject) {
                    self.quirk(&kind, &subject, &theirs);
                }
            }
        }
        if self.complete {
            self.settled();
        }
    }

    fn is_touched(&self, subject: &str) -> bool {
        let inside = |of: &String| subject.strip_prefix(of.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.touched.iter().any(inside)
    }

    /// Removes the quirks of changed and removed facts that no longer apply.
    fn settled(&mut self) {
        for quirk in (0..self.ours.len(&["quirks"])).rev().map(|at| at.to_string()) {
            let Some(kind) = self.ours.scalar(&["quirks", &quirk, "kind"]).map(str::to_owned) else { continue };
            for at in (0..self.ours.len(&["quirks", &quirk, "at"])).rev().map(|at| at.to_string()) {
                let path = ["quirks", &quirk, "at", &at];
                let Some(subject) = self.ours.scalar(&path).map(str::to_owned) else { continue };
                if !self.is_touched(&subject) || has_quirk(&self.theirs, &kind, &subject) {
                    continue;
                }
                let last = self.ours.len(&["quirks", &quirk, "at"]) == 1;
                let done = self.ours.remove(if last { &path[..2] } else { &path });
                self.note(&["quirks", &kind], Some(subject), None, (!done).then_some("remove the quirk by hand"));
                if last {
                    break;
                }
            }
        }
    }

    /// Adds a subject to the file's quirk of that kind, or a new quirk.
    fn quirk(&mut self, kind: &str, subject: &str, theirs: &str) {
        let written = crate::published::import::scalar(subject);
        let count = self.ours.len(&["quirks"]);
        let known = |at: &usize| self.ours.scalar(&["quirks", &at.to_string(), "kind"]) == Some(kind);
        let same: Vec<String> = (0..count).filter(known).map(|at| at.to_string()).collect();
        if has_quirk(&self.ours, kind, subject) {
            return;
        }
        let done = match same.first() {
            Some(at) => {
                let path = ["quirks", at.as_str(), "at"];
                self.ours.insert_item(&path, self.ours.len(&path), &written)
            }
            None => {
                let sentence = self.theirs.shown(&["quirks", theirs, "description"]).unwrap_or_default();
                let column = self.ours.dash_column(&["quirks"]);
                let inner = " ".repeat(column.unwrap_or(2) + 2);
                let item = format!("kind: {kind}\n{inner}at: [{written}]\n{inner}description: {sentence}");
                match column {
                    Some(_) => self.ours.insert_item(&["quirks"], count, &item),
                    None if self.ours.node(&["quirks"]).is_none() => {
                        self.ours.insert_section("quirks", &format!("quirks:\n  - {item}\n"), &ORDER)
                    }
                    None => false,
                }
            }
        };
        let left = (!done).then_some("add the quirk by hand");
        self.note(&["quirks", kind], None, Some(written), left);
    }
}

/// Whether a report file has a quirk of that kind for a subject.
fn has_quirk(file: &YamlFile, kind: &str, subject: &str) -> bool {
    (0..file.len(&["quirks"])).map(|at| at.to_string()).any(|quirk| {
        let at = ["quirks", &quirk, "at"];
        file.scalar(&["quirks", &quirk, "kind"]) == Some(kind)
            && (0..file.len(&at)).any(|item| file.scalar(&[&at[..], &[&item.to_string()]].concat()) == Some(subject))
    })
}
