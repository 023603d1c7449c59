//! Reads the files of a spec directory into typed documents, and reports all structural faults of all files: not YAML, unknown or missing
//! keys, wrong types.

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::document::{Doc, Spec};
use super::formats::{EndpointsFile, FormatsFile};
use super::platform::{ApiFile, AssumptionsFile, FiltersFile};
use super::report::ReportFile;
use super::schema::{self, FileSchema};
use super::spec_dir::{self, InputFile, Role};
use super::yaml_tree;
use crate::finding::{FileId, Finding, Place, Sources};

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
    Api(Box<Doc<ApiFile>>),
    Filters(Box<Doc<FiltersFile>>),
    Formats(Box<Doc<FormatsFile>>),
    Endpoints(Box<Doc<EndpointsFile>>),
    Assumptions(Box<Doc<AssumptionsFile>>),
    Report(String, Box<Doc<ReportFile>>),
}

/// Reads every file of a spec, in parallel.
pub fn read(files: Vec<InputFile>) -> Read {
    let mut read = Read::default();
    let mut jobs = Vec::new();
    for file in files {
        let role = spec_dir::role(&file.path);
        let stem = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".yaml").to_owned();
        let text = String::from_utf8(file.bytes);
        let (text, broken) = match text {
            Ok(text) => (text, None),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(error.utf8_error().valid_up_to())),
        };
        let id = read.sources.add(file.label, text);
        match (broken, role) {
            (Some(at), _) => {
                let place = Place { file: id, span: at..at + 1 };
                read.findings.push(Finding::error("yaml-encoding", "the file is not UTF-8").at(place));
            }
            (None, Ok(role)) => jobs.push((role, id, stem)),
            (None, Err(finding)) => read.findings.push(finding.at(Place { file: id, span: 0..0 })),
        }
    }
    spec_dir::report_missing(&jobs, &mut read.findings);
    let sources = &read.sources;
    let parsed: Vec<(Option<Parsed>, Vec<Finding>)> = jobs
        .into_par_iter()
        .map(|(role, id, stem)| {
            let text = &sources.get(id).text;
            let file = (id, stem);
            match role {
                Role::Api => parse(file, text, &schema::API, |doc| Parsed::Api(Box::new(doc))),
                Role::Filters => parse(file, text, &schema::FILTERS, |doc| Parsed::Filters(Box::new(doc))),
                Role::Formats => parse(file, text, &schema::FORMATS, |doc| Parsed::Formats(Box::new(doc))),
                Role::Endpoints => parse(file, text, &schema::ENDPOINTS, |doc| Parsed::Endpoints(Box::new(doc))),
                Role::Assumptions => parse(file, text, &schema::ASSUMPTIONS, |doc| Parsed::Assumptions(Box::new(doc))),
                Role::Report(group) => parse(file, text, &schema::REPORT, |doc| Parsed::Report(group, Box::new(doc))),
            }
        })
        .collect();
    for (parsed, findings) in parsed {
        read.findings.extend(findings);
        match parsed {
            Some(Parsed::Api(doc)) => read.spec.api = Some(*doc),
            Some(Parsed::Filters(doc)) => read.spec.filters = Some(*doc),
            Some(Parsed::Formats(doc)) => read.spec.formats = Some(*doc),
            Some(Parsed::Endpoints(doc)) => read.spec.endpoints = Some(*doc),
            Some(Parsed::Assumptions(doc)) => read.spec.assumptions = Some(*doc),
            Some(Parsed::Report(group, doc)) => read.spec.reports.push((group, *doc)),
            None => {}
        }
    }
    read
}

fn parse<T: DeserializeOwned>(
    (file, stem): (FileId, String),
    text: &str,
    schema: &FileSchema,
    wrap: impl FnOnce(Doc<T>) -> Parsed,
) -> (Option<Parsed>, Vec<Finding>) {
    let (tree, mut findings) = yaml_tree::parse(file, text);
    let Some(tree) = tree else { return (None, findings) };
    let mut json = tree.to_json();
    findings.extend(schema.check(file, &tree, &mut json));
    match serde_json::from_value(json) {
        Ok(value) => (Some(wrap(Doc { file, stem, tree, value })), findings),
        // A required part was removed; its finding is enough.
        Err(_) if !findings.is_empty() => (None, findings),
        Err(error) => {
            // The schema is derived from the same types, so this is a gap between the two.
            findings.push(Finding::error("schema", error.to_string()).at(Place { file, span: 0..0 }));
            (None, findings)
        }
    }
}
