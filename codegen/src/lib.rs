//! From the YAML description of a reporting API to a typed client, documentation and schemas. In: the files of a spec directory; out: the
//! files of the generated folder and every finding. Each stage is pure: `source` reads, `resolve` follows references into a draft of the
//! model, `check` judges it, `emit` prints it; `page` reads published documentation. Files are touched only in `source::read_dir` and
//! `output`.

pub mod check;
pub mod emit;
pub mod finding;
pub mod lock;
pub mod naming;
pub mod output;
pub mod page;
pub mod printed;
pub mod program;
pub mod resolve;
pub mod source;
mod suggest;

use placewise_model::Model;

use check::Valid;
use finding::{Finding, Sources};
use source::{InputFile, Spec};

/// A spec read, resolved and checked.
#[derive(Debug)]
pub struct Checked {
    /// The model, if no finding is an error.
    pub model: Option<Valid<Model>>,
    /// The documents, to tell where things stand.
    pub spec: Spec,
    /// The texts that findings point into.
    pub sources: Sources,
    /// Every finding of every stage, ordered by place.
    pub findings: Vec<Finding>,
}

/// Reads, resolves and checks a spec. All findings of all stages come at once.
pub fn check_spec(files: Vec<InputFile>) -> Checked {
    let source::Read { spec, sources, mut findings } = source::read(files);
    let (draft, resolved) = resolve::resolve(&spec);
    findings.extend(resolved);
    let (model, checked) = check::check(draft, &spec, &findings);
    findings.extend(checked);
    finding::sort(&mut findings, &sources);
    Checked { model, spec, sources, findings }
}
