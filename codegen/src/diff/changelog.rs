//! Changes as entries of CHANGELOG.md. Entries are only ever added: what people wrote stays as it is, and so does what they made of an entry.

use super::change::{Cause, Change, Class};
use crate::emit::markdown::{markdown, wrap};

const UNRELEASED: &str = "## Unreleased";
/// Entries break where those of the file do.
const WIDTH: usize = 170;

/// The heading of a class.
const fn heading(class: Class) -> &'static str {
    match class {
        Class::Rust => "### API: breaks Rust users",
        Class::Wire => "### API: breaks on the wire",
        Class::Operation => "### API: breaks in operation",
        Class::Additive => "### API: added",
        Class::Documentation => "### API: documentation",
    }
}

/// The entries of each class, without repetition. Texts that are worded otherwise are no entries.
fn sections(changes: &[Change]) -> Vec<(&'static str, Vec<String>)> {
    let mut sections: Vec<(&'static str, Vec<String>)> = Vec::new();
    for class in Class::ALL {
        let mut entries: Vec<String> = Vec::new();
        for change in changes.iter().filter(|change| change.class == *class && !IN_WORDS_ALONE.contains(&change.rule)) {
            let entry = entry(change);
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
        if !entries.is_empty() {
            sections.push((heading(*class), entries));
        }
    }
    sections
}

/// Rules of what only the wording of the documentation shows.
const IN_WORDS_ALONE: [&str; 3] = ["description", "order", "printed"];

/// One entry, with lines that continue it indented.
fn entry(change: &Change) -> String {
    let message = markdown(&change.message);
    let mut rest = message.chars();
    let message: String = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect();
    let cause = match change.cause {
        Cause::Unknown => String::new(),
        cause => format!(" ({})", cause.describe()),
    };
    wrap(&format!("- {message}{cause}."), WIDTH).join("\n  ")
}

/// The section for a changelog: `### API: …` headings with their entries; empty if there is nothing to tell.
pub fn changelog(changes: &[Change]) -> String {
    let sections = sections(changes).into_iter().map(|(heading, entries)| format!("{heading}\n\n{}\n", entries.join("\n")));
    sections.collect::<Vec<_>>().join("\n")
}

/// A changelog with the entries that it lacks under `## Unreleased`: below their heading if it has it, or else at the end of that section.
///
/// # Errors
/// If the file has no such section.
pub fn add_to_changelog(text: &str, changes: &[Change]) -> Result<String, String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let start = lines.iter().position(|line| line.trim_end() == UNRELEASED);
    let start = start.ok_or_else(|| format!("it has no line `{UNRELEASED}`; add one above the latest release"))?;
    for (heading, entries) in sections(changes) {
        let end = section_end(&lines, start, "## ");
        let known = lines[start..end].iter().position(|line| line.trim_end() == heading).map(|at| start + at);
        let (at, mut added) = match known {
            Some(at) => (section_end(&lines, at, "##"), Vec::new()),
            None => (end, vec![String::new(), heading.to_owned(), String::new()]),
        };
        // Blank lines before the next heading stay there.
        let at = (at.saturating_sub(lines[..at].iter().rev().take_while(|line| line.trim().is_empty()).count())).max(start + 1);
        let unreleased = lines[start..end].join("\n");
        let new: Vec<&String> = entries.iter().filter(|entry| !unreleased.contains(entry.as_str())).collect();
        if new.is_empty() {
            continue;
        }
        if known.is_some_and(|known| known + 1 == at) {
            added.push(String::new());
        }
        added.extend(new.into_iter().flat_map(|entry| entry.lines().map(str::to_owned)));
        lines.splice(at..at, added);
    }
    let end = if text.is_empty() || text.ends_with('\n') { "\n" } else { "" };
    Ok(lines.join("\n") + end)
}

/// The line after a section: the next one that starts with a mark, or the end.
fn section_end(lines: &[String], start: usize, mark: &str) -> usize {
    let next = lines[start + 1..].iter().position(|line| line.starts_with(mark));
    next.map_or(lines.len(), |at| start + 1 + at)
}
