//! Rule: `api.yaml` lists every folder of reports as a group. Groups become features of the crate, so their names must be plain and not
//! among the crate's own features.

use crate::check::rule::{Check, Rule};
use crate::check::text_forms::is_plain_name;
use crate::finding::{Finding, suggest};
use crate::naming::is_device_name;
use crate::resolve::UncheckedModel;
use crate::source::Spec;

pub(crate) const RULE: Rule = Rule { codes: &["group-name", "unlisted-group", "group-feature"], check: Check::Whole(check) };

/// The crate's own features.
const FEATURES: [&str; 2] = ["default", "tls"];

fn check(_: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(api) = &spec.api else { return };
    let groups: Vec<&str> =
        api.value["groups"].as_object().into_iter().flat_map(|groups| groups.keys().map(String::as_str)).collect();
    for name in &groups {
        if !is_plain_name(name) || FEATURES.contains(name) || is_device_name(name) {
            findings.push(
                Finding::error("group-name", format!("the group `{name}` cannot be a feature of the crate"))
                    .at(api.at_key(&["groups", name]))
                    .help("use lower-case letters, digits and underscores, start with a letter, and avoid the crate's own features `default` and `tls` \
                         and the names of devices on Windows, such as `con` and `aux`"),
            );
        }
    }
    for (group, doc) in &spec.reports {
        if !groups.contains(&group.as_str()) && !api.lost(&["groups", group]) {
            let finding = Finding::error("unlisted-group", format!("api.yaml has no group `{group}`, the folder of this report"))
                .at(doc.at(&["report"]))
                .related(api.at_key(&["groups"]), "the groups");
            findings.push(suggest(finding, group, &groups));
        }
    }
    features(spec, &groups, findings);
}

/// The reports of a group without a feature would be compiled out, without a word.
fn features(spec: &Spec, groups: &[&str], findings: &mut Vec<Finding>) {
    let (Some(api), Some(features)) = (&spec.api, &spec.features) else { return };
    let has_reports = |name: &&&str| spec.reports.iter().any(|(group, _)| group == **name);
    let has_feature = |name: &&&str| features.names.iter().any(|feature| feature == **name);
    for name in groups.iter().filter(has_reports).filter(|name| !has_feature(name)) {
        findings.push(
            Finding::error(
                "group-feature",
                format!("Cargo.toml has no feature `{name}`, so the reports of this group would not be compiled"),
            )
            .at(api.at_key(&["groups", name]))
            .help(format!("add the line `{name} = []` under `[features]` in Cargo.toml, and `{name}` to the list of `default`")),
        );
    }
}
