//! Rule: only a report's own fields have `filterable`, `column` and `column_title`; on nested fields and on keys of endpoints they have no
//! effect. Nothing adds up keys of endpoints, so they have no `adds` either. `column` needs the title of the column, which the report or the field states.

use indexmap::IndexMap;
use placewise_model::Report;
use serde::Deserialize;

use crate::check::rule::Rule;
use crate::finding::{Finding, codes};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, FieldDef, ReportFile, ReturnDef, Spec};

pub(crate) const RULE: Rule = Rule::Report(check);

/// The keys that only a report's own fields have.
const OWN: [&str; 3] = ["filterable", "column", "column_title"];

pub(crate) const ENDPOINTS: Rule = Rule::Whole(check_endpoints);

fn check(_: &Report, doc: &Doc<ReportFile>, _: &UncheckedModel, findings: &mut Vec<Finding>) {
    for (name, def) in &doc.value.fields {
        let path = ["fields", name, "column"];
        let titled = doc.value.column.is_some() || def.column_title.is_some();
        if !titled && doc.tree.has(&path) && !doc.lost(&["column"]) {
            let message = format!("`column` has no effect on `{name}`, because the report does not say which column it is");
            let finding = Finding::new(codes::NESTED_KEY, message).at(doc.at_key(&path));
            findings.push(
                finding.help("write `column: <title of the page's third column>` at the report, or `column_title` at the field"),
            );
            break;
        }
    }
    for (name, def) in &doc.value.fields {
        nested(&def.fields, &["fields", name, "fields"], &OWN, doc, findings);
    }
    let mut keys = |defs: &IndexMap<String, ReturnDef>, path: &[&str]| {
        for (name, def) in defs {
            if let ReturnDef::Full(full) = def {
                nested(&full.fields, &[path, &[name, "fields"]].concat(), &OWN, doc, findings);
            }
        }
    };
    keys(doc.value.labels.as_ref().unwrap_or(&IndexMap::new()), &["labels"]);
    for (name, def) in &doc.value.aggregations {
        keys(&def.returns, &["aggregations", name, "returns"]);
        keys(def.labels.as_ref().unwrap_or(&IndexMap::new()), &["aggregations", name, "labels"]);
    }
}

fn check_endpoints(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(doc) = &spec.endpoints else { return };
    for name in unchecked.endpoints.iter().map(|endpoint| &endpoint.name) {
        for part in ["request", "response"] {
            let defs = IndexMap::deserialize(&doc.value["endpoints"][name][part]).unwrap_or_default();
            nested(&defs, &["endpoints", name, part], &[&OWN[..], &["adds"]].concat(), doc, findings);
        }
    }
}

fn nested<T>(fields: &IndexMap<String, FieldDef>, path: &[&str], keys: &[&str], doc: &Doc<T>, findings: &mut Vec<Finding>) {
    for (name, def) in fields {
        let path = [path, &[name.as_str()]].concat();
        for key in keys {
            let path = [&path[..], &[*key]].concat();
            if doc.tree.has(&path) {
                findings.push(
                    Finding::new(
                        codes::NESTED_KEY,
                        format!("`{key}` has no effect on `{name}`, which is not a report's own field"),
                    )
                    .at(doc.at_key(&path))
                    .help("remove it"),
                );
            }
        }
        nested(&def.fields, &[&path[..], &["fields"]].concat(), keys, doc, findings);
    }
}
