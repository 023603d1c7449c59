//! Rule: every folder of reports is a group that `api.yaml` lists. Groups become features of the crate, so only plain names are taken,
//! and none that the crate uses itself.

use super::places::plain;
use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::Spec;
use crate::suggest;

pub(super) const RULE: Rule = Rule {
    codes: &["group-name", "unlisted-group"],
    description: "A group is a feature of the crate: its name is `[a-z][a-z0-9_]*`, no feature of the crate's own, and stands in api.yaml.",
    check: Check::Whole(check),
};

/// Features that the crate has already.
const FEATURES: [&str; 2] = ["default", "tls"];

fn check(_: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(api) = &spec.api else { return };
    let groups: Vec<&str> = api.value.groups.keys().map(String::as_str).collect();
    for name in &groups {
        if !plain(name) || FEATURES.contains(name) {
            findings.push(
                Finding::error("group-name", format!("the group `{name}` cannot be a feature of the crate"))
                    .at(api.at_key(&["groups", name]))
                    .help("use small letters, digits and underscores, a letter first; not `default` or `tls`, which the crate has already"),
            );
        }
    }
    for (group, doc) in &spec.reports {
        if !groups.contains(&group.as_str()) {
            let finding =
                Finding::error("unlisted-group", format!("api.yaml lists no group `{group}`, the folder of this report"))
                    .at(doc.at(&["report"]))
                    .related(api.at_key(&["groups"]), "the groups");
            findings.push(suggest::help(finding, group, &groups));
        }
    }
}
