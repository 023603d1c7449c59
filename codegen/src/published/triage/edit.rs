//! Adds a decision to the text of `lockstep/drift.yaml`.

use crate::finding::{FileId, Finding, codes};
use crate::published::import::scalar;
use crate::published::merge::{Written, YamlFile};
use crate::source::{Decision, yaml_tree};

/// What a new file starts with.
const HEAD: &str = "# yaml-language-server: $schema=../generated/schema/spec/drift.schema.json
# What was decided about differences between the published pages and spec/. Only `cargo codegen drift` reads this file.
";

/// The file's text with a decision added or replaced. An empty text makes a new file.
///
/// # Errors
/// If the text is not YAML, or its `decisions` are no mapping.
pub fn decide(file: FileId, text: &str, fingerprint: &str, decision: &Decision) -> Result<String, Vec<Finding>> {
    let entry = |key: &str, value: &str| (key.to_owned(), Written::Scalar(scalar(value)));
    let mut entries = vec![entry("as", decision.verdict.word())];
    // A date is text, quoted or not.
    entries.extend(decision.until.as_ref().map(|until| ("until".to_owned(), Written::Scalar(until.clone()))));
    entries.push(entry("reason", decision.reason.trim()));
    let value = Written::Mapping(entries);
    if text.trim().is_empty() {
        let lines = value.entry(fingerprint, 2, 2, true, 0).join("\n");
        return Ok(format!("{HEAD}decisions:\n{lines}\n"));
    }
    let mut yaml = YamlFile::parse(file, text)?;
    let keys = yaml.keys(&["decisions"]);
    let mut order: Vec<&str> = keys.iter().map(String::as_str).filter(|key| *key != fingerprint).collect();
    order.push(fingerprint);
    if yaml.put(&["decisions"], fingerprint, &value, &order) {
        return Ok(yaml.text);
    }
    let (_, mut findings) = yaml_tree::parse(file, text);
    findings.push(Finding::new(codes::DECISIONS, "the file has no mapping `decisions` to add to").help("write `decisions: {}`"));
    Err(findings)
}
