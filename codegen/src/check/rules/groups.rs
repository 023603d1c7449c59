//! Rule: `api.yaml` lists every folder of reports as a group. Groups become features of the crate, so their names must be plain and not
//! among the crate's own features.

use crate::check::rule::Rule;
use crate::check::text_forms::is_plain_name;
use crate::finding::{Finding, Fix, FixEdit, Place, codes, suggest};
use crate::naming::is_device_name;
use crate::resolve::UncheckedModel;
use crate::source::yaml_tree::Kind;
use crate::source::{Doc, Spec};

pub(crate) const RULE: Rule = Rule::Whole(check);

/// The crate's own features.
const FEATURES: [&str; 2] = ["default", "tls"];

fn check(_: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let Some(api) = &spec.api else { return };
    let groups: Vec<&str> =
        api.value["groups"].as_object().into_iter().flat_map(|groups| groups.keys().map(String::as_str)).collect();
    for name in &groups {
        if !is_plain_name(name) || FEATURES.contains(name) || is_device_name(name) {
            findings.push(
                Finding::new(codes::GROUP_NAME, format!("the group `{name}` cannot be a feature of the crate"))
                    .at(api.at_key(&["groups", name]))
                    .help("use lower-case letters, digits and underscores, start with a letter, and avoid the crate's own features `default` and `tls` \
                         and the names of devices on Windows, such as `con` and `aux`"),
            );
        }
    }
    for (group, doc) in &spec.reports {
        // A group in other case has a finding of its own.
        if !groups.iter().any(|name| name.eq_ignore_ascii_case(group)) && !api.lost(&["groups", group]) {
            let finding =
                Finding::new(codes::UNLISTED_GROUP, format!("api.yaml has no group `{group}`, the folder of this report"))
                    .at(doc.at(&["report"]))
                    .related(api.at_key(&["groups"]), "the groups");
            let finding = suggest(finding, group, &groups);
            // A folder cannot be renamed from here; a group can be added.
            let own = finding.help.as_ref().is_none_or(|help| !help.starts_with("did you mean"));
            let fix = own.then(|| add(api, group)).flatten();
            findings.push(Finding { fix, ..finding });
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
            Finding::new(
                codes::GROUP_FEATURE,
                format!("Cargo.toml has no feature `{name}`, so the reports of this group would not be compiled"),
            )
            .at(api.at_key(&["groups", name]))
            .help(format!("add the line `{name} = []` under `[features]` in Cargo.toml, and `{name}` to the list of `default`")),
        );
    }
}

/// Adds a group after the last one.
fn add(api: &Doc, group: &str) -> Option<Fix> {
    let (_, node) = api.tree.get("groups")?;
    let Kind::Mapping(entries) = &node.kind else { return None };
    let (first, last) = (&entries.first()?.0, &entries.last()?.1);
    let place = |span| Place { file: api.file, span };
    let edit = FixEdit::Entry { first: place(first.span()), last: place(last.span()), entry: format!("{group}: {{}}") };
    is_plain_name(group).then(|| Fix { title: format!("add the group `{group}`"), edits: vec![edit] })
}
