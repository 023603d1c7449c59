//! Rule: a report stands in `reports/<group>/<report>.yaml` under its own name, once. Names become modules and paths, so only plain
//! ones are taken.

use std::collections::HashMap;

use super::{Check, Rule};
use crate::finding::Finding;
use crate::resolve::Draft;
use crate::source::Spec;

pub(super) const RULE: Rule = Rule {
    codes: &["report-name", "report-place", "duplicate-report", "same-rust-name"],
    description: "Report and group names are `[a-z][a-z0-9_]*`; the file is named like the report, and no two reports share a name.",
    check: Check::Whole(check),
};

/// Whether a name can be a module, a file and a feature.
pub(super) fn plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn check(_: &Draft, spec: &Spec, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut rust_names: HashMap<String, usize> = HashMap::new();
    for (index, (group, doc)) in spec.reports.iter().enumerate() {
        let name = doc.value.report.as_str();
        let at = doc.at(&["report"]);
        if !plain(name) || !plain(group) {
            let what = if plain(name) { format!("the group `{group}`") } else { format!("the report `{name}`") };
            findings.push(
                Finding::error("report-name", format!("{what} has a name that cannot be a module"))
                    .at(at.clone())
                    .help("use small letters, digits and underscores, a letter first, at most 64"),
            );
        }
        if let Some(&first) = seen.get(name) {
            findings.push(
                Finding::error("duplicate-report", format!("two files describe the report `{name}`"))
                    .at(at.clone())
                    .related(spec.reports[first].1.at(&["report"]), "first here"),
            );
        }
        seen.entry(name).or_insert(index);
        let names = crate::naming::report(name);
        for rust in [names.module, names.marker] {
            let first = *rust_names.entry(rust.clone()).or_insert(index);
            let other = &spec.reports[first].1;
            if other.value.report != name {
                findings.push(
                    Finding::error(
                        "same-rust-name",
                        format!("reports `{name}` and `{}` would both be called `{rust}` in Rust", other.value.report),
                    )
                    .at(at.clone())
                    .related(other.at(&["report"]), "the other"),
                );
            }
        }
        if !doc.stem.is_empty() && doc.stem != name {
            let moved = if plain(name) {
                format!("move it to reports/{group}/{name}.yaml, or correct the name")
            } else {
                "correct the name".into()
            };
            findings.push(
                Finding::error("report-place", format!("this file is called `{}.yaml`, its report `{name}`", doc.stem))
                    .at(at)
                    .help(moved),
            );
        }
    }
}
