//! Resolves settings: `{ assumed: <id> }` stands for the value of that assumption.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use placewise_model::{Scope, Setting};
use serde::de::DeserializeOwned;

use crate::finding::{Finding, suggest};
use crate::source::{AssumptionDef, Doc, SettingDef, Spec};

/// Resolves settings and remembers which assumptions they use.
pub(super) struct Settings<'a> {
    spec: &'a Spec,
    used: BTreeSet<String>,
    /// Whether a reference was wrong. An assumption that looks unused may then be the one that was meant.
    dangling: bool,
}

impl<'a> Settings<'a> {
    pub(super) fn new(spec: &'a Spec) -> Self {
        Self { spec, used: BTreeSet::new(), dangling: false }
    }

    fn known(&self) -> Option<&'a IndexMap<String, AssumptionDef>> {
        self.spec.assumptions.as_ref().map(|doc| &doc.value.assumptions)
    }

    pub(super) fn get<T: DeserializeOwned + Clone, D>(
        &mut self,
        doc: &Doc<D>,
        path: &[&str],
        def: &SettingDef<T>,
        findings: &mut Vec<Finding>,
    ) -> Option<Setting<T>> {
        let id = match def {
            SettingDef::Plain(value) => return Some(Setting { value: value.clone(), assumption: None }),
            SettingDef::Assumed(reference) => &reference.assumed,
        };
        self.used.insert(id.clone());
        let at = doc.at(&[path, &["assumed"]].concat());
        let known = self.known()?;
        let Some(assumption) = known.get(id) else {
            self.dangling = true;
            let ids: Vec<&String> = known.keys().collect();
            let finding = Finding::error("dangling-reference", format!("no assumption is called `{id}`")).at(at);
            findings.push(suggest(finding, id, &ids));
            return None;
        };
        match serde_json::from_value(assumption.value.clone()) {
            Ok(value) => Some(Setting { value, assumption: Some(id.clone()) }),
            Err(error) => {
                let mut finding =
                    Finding::error("assumption-type", format!("the value of the assumption `{id}` has the wrong type: {error}"))
                        .at(at);
                if let Some(doc) = &self.spec.assumptions {
                    finding = finding.related(doc.at(&["assumptions", id, "value"]), "its value");
                }
                findings.push(finding);
                None
            }
        }
    }

    /// Reports assumptions that no setting uses. They would look effective.
    pub(super) fn report_unused(&self, findings: &mut Vec<Finding>) {
        let all_read = self.spec.api.is_some()
            && self.spec.filters.is_some()
            && self.spec.formats.is_some()
            && self.spec.endpoints.is_some();
        let Some(doc) = self.spec.assumptions.as_ref().filter(|_| all_read && !self.dangling) else { return };
        for (id, assumption) in &doc.value.assumptions {
            if assumption.scope != Scope::Types && !self.used.contains(id) {
                findings.push(
                    Finding::warning("unused-assumption", format!("no setting uses the assumption `{id}`"))
                        .at(doc.at_key(&["assumptions", id]))
                        .help("write `{ assumed: … }` where it applies, or remove it"),
                );
            }
        }
    }
}
