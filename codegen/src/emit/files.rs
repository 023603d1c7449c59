//! Every generated file.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use placewise_model::{Model, Report};
use rayon::prelude::*;

use super::banner::spec_path;
use super::{docs, json, row_schema, rust};
use crate::check::Valid;
use crate::naming;
use crate::source::schema;

/// Files by path under the generated folder.
pub type Files = BTreeMap<String, String>;

/// What a file is generated from, apart from the generator. It decides which lock has the file's digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// The platform, and this report alone.
    Report(&'a str),
    /// The platform alone.
    Platform,
    /// The platform and all reports.
    All,
}

/// Emits every file.
pub fn emit(model: &Valid<Model>) -> Files {
    let files = Mutex::new(Files::new());
    let collect = |_: Origin<'_>, path: String, text: String| {
        files.lock().unwrap_or_else(PoisonError::into_inner).insert(path, text);
        Ok::<(), Infallible>(())
    };
    let Ok(()) = emit_each(model, collect);
    files.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Passes each file to `take` as soon as it is emitted, so that few are in memory. All cores work, so the order varies.
///
/// # Errors
/// The first error of `take`. Files emitted after it are not passed on.
pub fn emit_each<E: Send>(
    model: &Valid<Model>,
    take: impl Fn(Origin<'_>, String, String) -> Result<(), E> + Sync,
) -> Result<(), E> {
    model.reports.par_iter().try_for_each(|report| {
        of_report(model, report).into_iter().try_for_each(|(path, text)| take(Origin::Report(&report.name), path, text))
    })?;
    for (path, text) in rust::platform(model).into_iter().chain([rust::examples(model)]).chain(docs::pages(model)) {
        let origin = if OF_ALL.contains(&path.as_str()) { Origin::All } else { Origin::Platform };
        take(origin, path, text)?;
    }
    for file in schema::all() {
        let text = json::schema(file.schema().clone(), "codegen/src/source");
        take(Origin::Platform, format!("schema/spec/{}.schema.json", file.name), text)?;
    }
    take(Origin::All, "model.json".into(), json::model(model))
}

/// The files with a part for each report, besides `model.json`.
const OF_ALL: [&str; 5] = ["rust/lib.rs", "tests/examples.rs", "docs/README.md", "docs/coverage.md", "docs/assumptions.md"];

fn of_report(model: &Model, report: &Report) -> [(String, String); 3] {
    let module = naming::report(report).module;
    let rows = json::schema(row_schema::schema(model, report), &spec_path(report));
    [
        (format!("rust/{module}.rs"), rust::report(model, report)),
        (format!("docs/reports/{}.md", report.name), docs::report(model, report)),
        (format!("schema/rows/{}.schema.json", report.name), rows),
    ]
}
