//! Findings: errors, warnings and differences, each at its place in a file. Stages return findings and never print; the program renders
//! them.

#[expect(clippy::module_inception, reason = "the file of the type `Finding`")]
mod finding;
mod place;
mod render;
mod suggest;

pub use finding::{Finding, Severity, has_errors, sort};
pub use place::{FileId, Place, SourceFile, Sources};
pub use render::{brief, render, to_json};
pub(crate) use suggest::suggest;
