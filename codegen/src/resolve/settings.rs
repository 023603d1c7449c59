//! Resolves settings in the JSON of a file: the value of the assumption replaces `{ assumed: <id> }`.

use std::collections::BTreeSet;

use placewise_model::{Assumption, Scope, nearest};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::finding::{Finding, codes, suggest};
use crate::source::schema::{FileSchema, gap};
use crate::source::{Doc, Spec};

/// Resolves settings and remembers which assumptions they use.
pub(super) struct Settings<'a> {
    spec: &'a Spec,
    assumptions: &'a [Assumption],
    used: BTreeSet<String>,
    /// Whether a setting has no value. Its part of the model is then missing.
    missing: bool,
}

/// The path of a setting and the id of its assumption.
type Assumed = (Vec<String>, String);

impl<'a> Settings<'a> {
    pub(super) fn new(spec: &'a Spec, assumptions: &'a [Assumption]) -> Self {
        Self { spec, assumptions, used: BTreeSet::new(), missing: false }
    }

    /// The file with `{ value, assumption }` for each assumed setting, and without those that have a finding.
    pub(super) fn resolve(&mut self, doc: &Doc, schema: &FileSchema, findings: &mut Vec<Finding>) -> Value {
        let mut json = doc.value.clone();
        let mut assumed = Vec::new();
        self.replace(&mut json, &mut Vec::new(), doc, &mut assumed, findings);
        for rejection in schema.with_values().check(doc.file, &doc.tree, &mut json).0 {
            self.missing = true;
            let finding = rejection.finding;
            match assumed.iter().find(|(path, _)| finding.place == Some(doc.at(path))) {
                // A value that is not there has a finding already.
                Some((_, id)) if self.spec.assumptions.as_ref().is_some_and(|doc| doc.lost(&["assumptions", id, "value"])) => {}
                Some(setting) => findings.push(self.wrong_type(setting, doc, finding)),
                // A setting without a value is missing, and has a finding already.
                None if finding.code == codes::MISSING_KEY => {}
                None => findings.push(finding),
            }
        }
        for (path, id) in assumed {
            if let Some(value) = path.iter().try_fold(&mut json, |node, part| node.get_mut(part)) {
                *value = json!({ "value": value.take(), "assumption": id });
            }
        }
        json
    }

    fn replace(
        &mut self,
        json: &mut Value,
        path: &mut Vec<String>,
        doc: &Doc,
        assumed: &mut Vec<Assumed>,
        findings: &mut Vec<Finding>,
    ) {
        let Value::Object(entries) = json else { return };
        entries.retain(|key, value| {
            path.push(key.clone());
            let id = value.get("assumed").and_then(Value::as_str).map(str::to_owned);
            let kept = match id {
                None => {
                    self.replace(value, path, doc, assumed, findings);
                    true
                }
                Some(id) => {
                    let found = self.value(&id, path, doc, findings);
                    *value = found.cloned().unwrap_or_default();
                    assumed.push((path.clone(), id));
                    found.is_some()
                }
            };
            path.pop();
            self.missing |= !kept;
            kept
        });
    }

    fn value(&mut self, id: &str, path: &[String], doc: &Doc, findings: &mut Vec<Finding>) -> Option<&'a Value> {
        self.used.insert(id.to_owned());
        // Unreadable assumptions have a finding already.
        let all = self.spec.assumptions.as_ref()?;
        let found = self.assumptions.iter().find(|assumption| assumption.id == id);
        if found.is_none() && !all.lost(&["assumptions", id]) {
            let ids: Vec<&str> = self.assumptions.iter().map(|assumption| assumption.id.as_str()).collect();
            let finding = Finding::new(codes::DANGLING_REFERENCE, format!("no assumption is called `{id}`"));
            let finding = finding.at(doc.at(&[path, &["assumed".into()]].concat()));
            let finding = match (nearest(id, ids.iter().copied()), &self.spec.assumptions) {
                (Some(near), Some(doc)) => finding.related(doc.at_key(&["assumptions", near]), "a similar one"),
                _ => finding,
            };
            findings.push(suggest(finding, id, &ids));
        }
        found.map(|assumption| &assumption.value)
    }

    fn wrong_type(&self, (path, id): &Assumed, doc: &Doc, finding: Finding) -> Finding {
        let message = format!("the value of the assumption `{id}` has the wrong type: {}", finding.message);
        let at = doc.at(&[&path[..], &["assumed".into()]].concat());
        let wrong = Finding { code: codes::ASSUMPTION_TYPE, message, ..finding }.at(at);
        match &self.spec.assumptions {
            Some(doc) => wrong.related(doc.at(&["assumptions", id, "value"]), "its value"),
            None => wrong,
        }
    }

    /// A part of a resolved file as its type.
    pub(super) fn typed<T: DeserializeOwned>(&self, doc: &Doc, json: Value, findings: &mut Vec<Finding>) -> Option<T> {
        match serde_json::from_value(json) {
            Ok(value) => Some(value),
            Err(_) if self.missing => None,
            Err(error) => {
                findings.push(gap(doc.file, &error));
                None
            }
        }
    }

    /// Reports assumptions that no setting uses. They would look effective.
    pub(super) fn report_unused(&self, findings: &mut Vec<Finding>) {
        let Some(doc) = &self.spec.assumptions else { return };
        for Assumption { id, scope, .. } in self.assumptions {
            if *scope != Scope::Types && !self.used.contains(id) {
                findings.push(
                    Finding::new(codes::UNUSED_ASSUMPTION, format!("no setting uses the assumption `{id}`"))
                        .at(doc.at_key(&["assumptions", id]))
                        .help("write `{ assumed: … }` where it applies, or remove it"),
                );
            }
        }
    }
}
