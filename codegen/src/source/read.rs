//! Reads the files of a spec directory into typed documents, and reports all structural faults of all files: not YAML, unknown or missing
//! keys, wrong types.

use std::collections::HashSet;

use rayon::prelude::*;

use super::document::{Doc, Spec};
use super::invisible_characters;
use super::manifest::{self, MANIFEST};
use super::report::ReportFile;
use super::schema::{self, FileSchema};
use super::schema_errors::Rejection;
use super::spec_dir::{self, InputFile, Role};
use super::{empty_values, yaml_tree};
use crate::finding::{FileId, Finding, Place, Sources, codes};

/// The result of reading: the readable part of the spec, the texts, and all findings.
#[derive(Debug, Default)]
pub struct Read {
    /// The spec as written.
    pub spec: Spec,
    /// The texts that findings refer to.
    pub sources: Sources,
    /// The structural faults.
    pub findings: Vec<Finding>,
}

enum Parsed {
    Platform(Role, Box<Doc>),
    Report(String, Box<Doc<ReportFile>>),
}

/// Reads every file of a spec, in parallel.
pub fn read(files: Vec<InputFile>) -> Read {
    let mut read = Read::default();
    let mut jobs = Vec::new();
    let mut roles = Vec::new();
    let mut unknown = Vec::new();
    for file in files {
        if file.path == MANIFEST {
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            let id = read.sources.add(file.label, text);
            read.spec.features = manifest::features(id, &read.sources.get(id).text);
            continue;
        }
        let role = spec_dir::role(&file.path);
        let stem = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".yaml").to_owned();
        let text = String::from_utf8(file.bytes);
        let (text, broken) = match text {
            Ok(text) => (text, None),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(error.utf8_error().valid_up_to())),
        };
        let id = read.sources.add(file.label, text);
        roles.extend(role.as_ref().ok().cloned());
        match (broken, role) {
            (Some(at), role) => {
                let place = Place { file: id, span: at..at + 1 };
                let finding = Finding::new(codes::YAML_ENCODING, "the file is not UTF-8").at(place);
                read.findings.push(finding.help("save it as UTF-8; many editors call this \"Save with encoding\""));
                if let Ok(Role::Report(_)) = role {
                    read.spec.unread.push(stem);
                }
            }
            (None, Ok(role)) => jobs.push((role, id, stem)),
            (None, Err(finding)) => {
                read.findings.push(finding.at(Place { file: id, span: 0..0 }));
                unknown.push(file.path);
            }
        }
    }
    spec_dir::report_missing(&roles, &unknown, &mut read.findings);
    let sources = &read.sources;
    let parsed: Vec<(Result<Parsed, String>, Vec<Finding>)> = jobs
        .into_par_iter()
        .map(|(role, id, stem)| {
            let schema: &FileSchema = match role {
                Role::Api => &schema::API,
                Role::Filters => &schema::FILTERS,
                Role::Formats => &schema::FORMATS,
                Role::Endpoints => &schema::ENDPOINTS,
                Role::Assumptions => &schema::ASSUMPTIONS,
                Role::Report(_) => &schema::REPORT,
            };
            let (doc, mut findings) = parse(id, &role, stem.clone(), &sources.get(id).text, schema);
            let parsed = doc.and_then(|doc| match role {
                Role::Report(group) => Some(Parsed::Report(group, Box::new(typed(doc, &mut findings)?))),
                platform => Some(Parsed::Platform(platform, Box::new(doc))),
            });
            (parsed.ok_or(stem), findings)
        })
        .collect();
    for (parsed, findings) in parsed {
        read.findings.extend(findings);
        match parsed {
            Ok(Parsed::Report(group, doc)) => read.spec.reports.push((group, *doc)),
            Ok(Parsed::Platform(Role::Api, doc)) => read.spec.api = Some(*doc),
            Ok(Parsed::Platform(Role::Filters, doc)) => read.spec.filters = Some(*doc),
            Ok(Parsed::Platform(Role::Formats, doc)) => read.spec.formats = Some(*doc),
            Ok(Parsed::Platform(Role::Endpoints, doc)) => read.spec.endpoints = Some(*doc),
            Ok(Parsed::Platform(Role::Assumptions, doc)) => read.spec.assumptions = Some(*doc),
            Ok(Parsed::Platform(Role::Report(_), _)) => {}
            // The name of an unreadable platform file is no report's, so no reference means it.
            Err(stem) => read.spec.unread.push(stem),
        }
    }
    read
}

/// One file, unless its schema removed a required part.
fn parse(file: FileId, role: &Role, stem: String, text: &str, schema: &FileSchema) -> (Option<Doc>, Vec<Finding>) {
    let (tree, mut findings) = yaml_tree::parse(file, text);
    let Some(mut tree) = tree else { return (None, findings) };
    findings.extend(invisible_characters::report(file, text, &mut tree));
    let mut value = tree.to_json();
    let odd = empty_values::settle(file, role, text, &tree, &mut value);
    let (rejected, removed) = schema.check(file, &tree, &mut value);
    let lost: HashSet<Vec<String>> =
        odd.iter().chain(&rejected).flat_map(|of| std::iter::once(of.path.clone()).chain(of.meant())).chain(removed).collect();
    let complete = rejected.is_empty() || schema.fits(&value);
    findings.extend(without_consequences(odd, rejected, &findings));
    (complete.then_some(Doc { file, stem, tree, value, lost }), findings)
}

/// The findings of both, without those that another one explains.
fn without_consequences(odd: Vec<Rejection>, rejected: Vec<Rejection>, before: &[Finding]) -> Vec<Finding> {
    let unknown: HashSet<Vec<String>> =
        rejected.iter().filter(|of| of.finding.code == codes::UNKNOWN_KEY).map(|of| of.path.clone()).collect();
    let wrong: HashSet<Vec<String>> = rejected.iter().map(|of| of.path.clone()).collect();
    let within_wrong = |path: &[String]| (0..path.len()).any(|end| wrong.contains(&path[..end]));
    let odd: Vec<Rejection> = odd.into_iter().filter(|of| !unknown.contains(&of.path) && !within_wrong(&of.path)).collect();
    let empty: HashSet<Vec<String>> = odd.iter().map(|of| of.path.clone()).collect();
    // In `values: a, b`, `values` is no list, and `b` became a key.
    let parent = |path: &[String]| path[..path.len().saturating_sub(1)].to_vec();
    let no_list: HashSet<Vec<String>> =
        rejected.iter().filter(|of| of.finding.code == codes::WRONG_TYPE).map(|of| parent(&of.path)).collect();
    let rejected = rejected.into_iter().filter(|of| {
        let of_list = of.bare && no_list.contains(&parent(&of.path));
        !of_list && !empty.contains(&of.path) && before.iter().all(|finding| finding.place != of.finding.place)
    });
    odd.into_iter().chain(rejected).map(|of| of.finding).collect()
}

fn typed(doc: Doc, findings: &mut Vec<Finding>) -> Option<Doc<ReportFile>> {
    let Doc { file, stem, tree, value, lost } = doc;
    match serde_json::from_value(value) {
        Ok(value) => Some(Doc { file, stem, tree, value, lost }),
        Err(error) => {
            findings.push(schema::gap(file, &error));
            None
        }
    }
}
