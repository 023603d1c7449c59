//! The invented API's spec, edited.

use std::collections::BTreeMap;

use placewise_codegen::finding::{Finding, Severity, codes, render};
use placewise_codegen::source::{InputFile, MANIFEST, read, read_dir};
use placewise_codegen::{Checked, check_spec, emit};
use serde::Deserialize;

use super::project::root;
use super::rule_cases::{MOVE, REMOVE};

/// An edit of one file: a text that occurs once and what takes its place, or the text of a new file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    pub file: String,
    pub from: Option<String>,
    pub to: String,
}

/// A spec by the paths of its files.
pub type Texts = BTreeMap<String, String>;

/// The spec as it stands.
pub fn harbour() -> Texts {
    let folder = root().join("tests/fixtures/harbour");
    let mut files = read_dir(&folder.join("spec")).expect("the spec is readable");
    let bytes = std::fs::read(folder.join("Cargo.toml")).expect("readable");
    files.push(InputFile { path: MANIFEST.into(), label: MANIFEST.into(), bytes });
    files.into_iter().map(|file| (file.path, String::from_utf8(file.bytes).expect("UTF-8"))).collect()
}

/// Applies edits in their order.
pub fn edit(texts: &mut Texts, edits: &[Edit]) {
    for Edit { file, from, to } in edits {
        match (texts.get_mut(file), from) {
            (Some(text), Some(from)) => {
                assert_eq!(text.matches(from.as_str()).count(), 1, "{from:?} occurs once in {file}");
                *text = text.replace(from.as_str(), to);
            }
            (None, None) => drop(texts.insert(file.clone(), to.clone())),
            (None, Some(_)) => panic!("there is no {file}"),
            (Some(_), None) => panic!("there is a {file} already"),
        }
    }
}

/// The spec with each `(file, text, replacement)` applied wherever the text stands, or with files removed or moved.
pub fn edit_everywhere(texts: &Texts, edits: &[(&str, &str, &str)]) -> Texts {
    let mut texts = texts.clone();
    for (file, from, to) in edits {
        let text = texts.remove(*file).unwrap_or_else(|| panic!("there is no {file}"));
        match *from {
            REMOVE => {}
            MOVE => drop(texts.insert((*to).to_owned(), text)),
            from => drop(texts.insert((*file).to_owned(), text.replace(from, to))),
        }
    }
    texts
}

fn check(texts: &Texts) -> Checked {
    let file = |(path, text): (&String, &String)| InputFile {
        label: path.clone(),
        path: path.clone(),
        bytes: text.clone().into_bytes(),
    };
    check_spec(texts.iter().map(file).collect())
}

/// Checks a spec that must be valid.
pub fn checked(texts: &Texts) -> Checked {
    let mut checked = check(texts);
    checked.findings.retain(|finding| finding.severity == Severity::Error);
    assert!(checked.model.is_some(), "{}", render(&checked.findings, &checked.sources, false));
    checked
}

/// Checks a spec of which one file differs from a valid one; none if it has errors.
pub fn valid(texts: &Texts, changed: &str) -> Option<Checked> {
    // Most errors are found when the file is read, which is quicker than a check of the whole spec.
    let file = InputFile { path: changed.to_owned(), label: changed.to_owned(), bytes: texts[changed].clone().into_bytes() };
    let of_file = |finding: &Finding| finding.severity == Severity::Error && finding.code != codes::MISSING_FILE;
    if read(vec![file]).findings.iter().any(of_file) {
        return None;
    }
    let checked = check(texts);
    checked.model.is_some().then_some(checked)
}

/// The generated files of a checked spec.
pub fn generate(checked: &Checked) -> emit::Files {
    emit::emit(checked.model.as_ref().expect("a valid spec"))
}
