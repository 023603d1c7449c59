//! YAML as written. In: the files of a spec directory; out: one typed document per file with the tree that tells where each value
//! stands, and every structural finding (not YAML, unknown or missing key, wrong type) of all files at once. Nothing is resolved here.

mod files;
mod formats;
mod platform;
mod report;
pub mod shape;
pub mod tree;

pub(crate) use files::named;
pub use files::{InputFile, read_dir};
pub use formats::*;
pub use platform::*;
pub use report::*;

use rayon::prelude::*;

use crate::finding::{FileId, Finding, Place, Sources};
use files::Role;
use shape::Shape;
use tree::Node;

/// One file: its typed value and the tree that tells where things stand.
#[derive(Debug)]
pub struct Doc<T> {
    /// The file.
    pub file: FileId,
    /// Its name without the ending.
    pub stem: String,
    /// Where things stand.
    pub tree: Node,
    /// What it says.
    pub value: T,
}

impl<T> Doc<T> {
    /// Where the value at that path stands.
    pub fn at(&self, path: &[impl AsRef<str>]) -> Place {
        Place { file: self.file, span: self.tree.find(path) }
    }

    /// Whether the file says that word under that key of the top: one that could not be read has another standing in for it.
    pub fn says(&self, key: &str, word: &str) -> bool {
        self.tree.get(key).is_some_and(|(_, node)| node.to_json().as_str() == Some(word))
    }

    /// Where the key at the end of that path stands.
    pub fn at_key(&self, path: &[impl AsRef<str>]) -> Place {
        Place { file: self.file, span: self.tree.find_key(path) }
    }
}

/// A spec as written; a part is missing when its file is, or could not be read.
#[derive(Debug, Default)]
pub struct Spec {
    /// `api.yaml`
    pub api: Option<Doc<ApiFile>>,
    /// `filters.yaml`
    pub filters: Option<Doc<FiltersFile>>,
    /// `formats.yaml`
    pub formats: Option<Doc<FormatsFile>>,
    /// `endpoints.yaml`
    pub endpoints: Option<Doc<EndpointsFile>>,
    /// `assumptions.yaml`
    pub assumptions: Option<Doc<AssumptionsFile>>,
    /// `reports/<group>/<report>.yaml`, with the group's name
    pub reports: Vec<(String, Doc<ReportFile>)>,
}

/// What reading gave: as much of the spec as could be read, the texts, and every finding.
#[derive(Debug, Default)]
pub struct Read {
    /// The spec as written.
    pub spec: Spec,
    /// The texts that findings point into.
    pub sources: Sources,
    /// What is structurally wrong.
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

/// Reads every file of a spec. Files are independent, so all cores read.
pub fn read(files: Vec<InputFile>) -> Read {
    let mut read = Read::default();
    let mut jobs = Vec::new();
    for file in files {
        let role = files::role(&file.path);
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
    files::report_missing(&jobs, &mut read.findings);
    let sources = &read.sources;
    let parsed: Vec<(Option<Parsed>, Vec<Finding>)> = jobs
        .into_par_iter()
        .map(|(role, id, stem)| {
            let text = &sources.get(id).text;
            let file = (id, stem);
            match role {
                Role::Api => parse(file, text, &shape::API, |doc| Parsed::Api(Box::new(doc))),
                Role::Filters => parse(file, text, &shape::FILTERS, |doc| Parsed::Filters(Box::new(doc))),
                Role::Formats => parse(file, text, &shape::FORMATS, |doc| Parsed::Formats(Box::new(doc))),
                Role::Endpoints => parse(file, text, &shape::ENDPOINTS, |doc| Parsed::Endpoints(Box::new(doc))),
                Role::Assumptions => parse(file, text, &shape::ASSUMPTIONS, |doc| Parsed::Assumptions(Box::new(doc))),
                Role::Report(group) => parse(file, text, &shape::REPORT, |doc| Parsed::Report(group, Box::new(doc))),
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

fn parse<T: serde::de::DeserializeOwned>(
    (file, stem): (FileId, String),
    text: &str,
    shape: &Shape,
    wrap: impl FnOnce(Doc<T>) -> Parsed,
) -> (Option<Parsed>, Vec<Finding>) {
    let (tree, mut findings) = tree::parse(file, text);
    let Some(tree) = tree else { return (None, findings) };
    let mut json = tree.to_json();
    findings.extend(shape.check(file, &tree, &mut json));
    match serde_json::from_value(json) {
        Ok(value) => (Some(wrap(Doc { file, stem, tree, value })), findings),
        // What was cut out was needed: its finding is enough.
        Err(_) if !findings.is_empty() => (None, findings),
        Err(error) => {
            // The schema is derived from the same types, so this is a gap between the two, not the author's fault alone.
            findings.push(Finding::error("shape", error.to_string()).at(Place { file, span: 0..0 }));
            (None, findings)
        }
    }
}
