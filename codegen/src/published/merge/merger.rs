//! The state of a merge: the page as a report file, the file, and the changes so far.

use super::change::Change;
use super::written::Written;
use super::yaml_file::YamlFile;
use crate::finding::{FileId, Finding, Severity, codes};
use crate::published::import::import;
use crate::published::read::{PublishedPage, ReadPage};

/// The result of a merge.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The file's new text. It differs from the old one only in facts.
    pub text: String,
    /// The changes, and what the page does not have.
    pub changes: Vec<Change>,
}

/// Why the file keeps a fact that the page does not have.
pub(super) const CUT: &str = "the page was not read completely; remove it if it is gone";
/// Why the file keeps a fact that could not be edited.
const FIXED: &str = "it is written in a form that cannot be edited; change it by hand";

pub(super) struct Merger<'p> {
    pub page: &'p PublishedPage,
    /// The page as a report file.
    pub theirs: YamlFile,
    /// The report file.
    pub ours: YamlFile,
    /// Whether what the page lacks is gone.
    pub complete: bool,
    /// Fields and aggregations that are new or have another type: their quirks are new too.
    pub touched: Vec<String>,
    pub changes: Vec<Change>,
}

/// Merges a page into the text of a report file. `source` is the page's address, if the caller knows it.
///
/// # Errors
/// If the text is not a report file for the page's report.
pub fn merge(read: &ReadPage, file: FileId, text: &str, source: Option<&str>) -> Result<Merged, Vec<Finding>> {
    let Some(page) = read.report() else { return Err(read.plain_findings()) };
    let ours = YamlFile::parse(file, text)?;
    if ours.scalar(&["report"]) != Some(page.name.value.as_str()) {
        let message = format!("the page describes the report `{}`, the file does not", page.name.value);
        let place = crate::finding::Place { file, span: ours.tree.find(&["report"]) };
        let help = "name that report's file, or create one with `cargo codegen import PAGE --out FILE`";
        let finding = Finding::new(codes::IMPORT_OTHER_FILE, message).at(page.name.place.clone()).related(place, "the file");
        return Err(vec![finding.help(help)]);
    }
    let source = source.map(str::to_owned).or_else(|| ours.scalar(&["source"]).map(str::to_owned));
    let theirs = YamlFile::parse(file, &import(page, source.as_deref()))?;
    let mut merger = Merger { page, theirs, ours, complete: complete(read, page), touched: Vec::new(), changes: Vec::new() };
    merger.header();
    merger.all_fields();
    merger.aggregations();
    merger.examples();
    merger.quirks();
    Ok(Merged { text: merger.ours.text, changes: merger.changes })
}

/// Whether what the page lacks is gone, rather than not read.
fn complete(read: &ReadPage, page: &PublishedPage) -> bool {
    let understood = read.findings.iter().all(|one| one.finding.severity != Severity::Error);
    understood && !page.ends_early && !page.fields.is_empty() && page.fields.iter().all(|field| field.name.is_some())
}

impl Merger<'_> {
    /// The page's value at a path.
    pub fn theirs(&self, path: &[&str]) -> Option<Written> {
        self.theirs.node(path).map(|node| Written::of(node, &self.theirs.text))
    }

    /// Sets the value of a key of a mapping, and notes the change. `order` lists the mapping's keys in their usual order.
    pub fn set(&mut self, parent: &[&str], key: &str, value: &Written, order: &[&str]) {
        let path = [parent, &[key]].concat();
        let from = self.ours.shown(&path);
        let done = self.ours.put(parent, key, value, order);
        self.note(&path, from, Some(value.flow()), (!done).then_some(FIXED));
    }

    /// Removes what the page does not have, or advises to.
    pub fn gone(&mut self, path: &[&str]) {
        let from = self.ours.shown(path);
        let left = if !self.complete {
            Some(CUT)
        } else if self.ours.remove(path) {
            None
        } else {
            Some(FIXED)
        };
        self.note(path, from, None, left);
    }

    /// Removes a value that the page overrules.
    pub fn drop(&mut self, path: &[&str]) {
        let from = self.ours.shown(path);
        let done = self.ours.remove(path);
        self.note(path, from, None, (!done).then_some(FIXED));
    }

    pub fn note(&mut self, path: &[&str], from: Option<String>, to: Option<String>, left: Option<&'static str>) {
        self.changes.push(Change { path: path.join("."), from, to, left: left.map(str::to_owned) });
    }

    /// Raises how a fact is known to what the page shows: nothing is less certain than it was.
    pub fn provenance(&mut self, parent: &[&str], order: &[&str]) {
        let path = [parent, &["provenance"]].concat();
        let rank = |word: Option<&str>| match word {
            None | Some("documented") => 3,
            Some("inferred") => 2,
            Some("example") => 1,
            _ => 0,
        };
        let Some(word) = self.ours.scalar(&path).map(str::to_owned) else { return };
        let theirs = self.theirs.scalar(&path).map(str::to_owned);
        if rank(theirs.as_deref()) <= rank(Some(&word)) {
            return;
        }
        match theirs.filter(|word| word != "documented") {
            Some(better) => self.set(parent, "provenance", &Written::word(&better), order),
            None => {
                let done = self.ours.remove(&path);
                self.note(&path, Some(word), Some("documented".into()), (!done).then_some(FIXED));
            }
        }
    }
}

/// The keys of `all` in their order, and where each new one belongs: an order for [`YamlFile::put`] in which the file's own keys keep
/// their places and each of the page's follows its neighbour on the page.
pub(super) fn order_with(ours: &[String], theirs: &[String], key: &str) -> Vec<String> {
    let mut order = ours.to_vec();
    let at = theirs.iter().position(|known| known == key).unwrap_or(theirs.len());
    let after = theirs[..at].iter().rev().find_map(|known| ours.iter().position(|have| have == known)).map(|at| at + 1);
    let before = || theirs[at..].iter().skip(1).find_map(|known| ours.iter().position(|have| have == known));
    order.insert(after.or_else(before).unwrap_or(ours.len()), key.to_owned());
    order
}
