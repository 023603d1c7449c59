//! Rule: each report has one file, `reports/<group>/<report>.yaml`. Names become modules and paths, so they must be plain.

use std::collections::HashMap;

use crate::check::rule::Rule;
use crate::check::text_forms::{PLAIN_NAME, is_plain_name};
use crate::finding::{Finding, codes};
use crate::naming;
use crate::resolve::UncheckedModel;
use crate::source::Spec;

pub(crate) const RULE: Rule = Rule::Whole(check);

fn check(unchecked: &UncheckedModel, spec: &Spec, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut rust_names: HashMap<String, usize> = HashMap::new();
    // Resolved reports are in the order of their files.
    for (index, ((group, doc), report)) in spec.reports.iter().zip(&unchecked.reports).enumerate() {
        let name = doc.value.report.as_str();
        let at = doc.at(&["report"]);
        if !is_plain_name(name) || !is_plain_name(group) {
            let what = if is_plain_name(name) { format!("the group `{group}`") } else { format!("the report `{name}`") };
            findings.push(
                Finding::new(codes::REPORT_NAME, format!("{what} has a name that cannot be a module"))
                    .at(at.clone())
                    .help(PLAIN_NAME),
            );
        }
        if naming::is_device_name(name) {
            findings.push(
                Finding::new(codes::REPORT_NAME, format!("Windows keeps the name `{name}` for a device, so no file can have it"))
                    .at(at.clone())
                    .help("the generator has to learn another name for the report's files first"),
            );
        }
        if let Some(&first) = seen.get(name) {
            findings.push(
                Finding::new(codes::DUPLICATE_REPORT, format!("two files describe the report `{name}`"))
                    .at(at.clone())
                    .related(spec.reports[first].1.at(&["report"]), "first here")
                    .help("remove one of them, or correct its report's name"),
            );
        }
        seen.entry(name).or_insert(index);
        let names = naming::report(report);
        for rust in [names.module, names.marker] {
            let first = *rust_names.entry(rust.clone()).or_insert(index);
            let other = &spec.reports[first].1;
            if other.value.report != name {
                findings.push(
                    Finding::new(
                        codes::SAME_RUST_NAME,
                        format!("reports `{name}` and `{}` would both be named `{rust}` in Rust", other.value.report),
                    )
                    .at(at.clone())
                    .related(other.at(&["report"]), "the other")
                    .help("choose a name in code for one of them: add the key `name` beside `report`"),
                );
            }
        }
        if !doc.stem.is_empty() && doc.stem != name && is_plain_name(name) {
            let moved = format!("rename the file to reports/{group}/{name}.yaml, or correct the report's name");
            findings.push(
                Finding::new(codes::REPORT_FILE, format!("the file `{}.yaml` describes the report `{name}`", doc.stem))
                    .at(at)
                    .help(moved),
            );
        }
    }
}
