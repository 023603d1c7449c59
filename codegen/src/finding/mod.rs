//! Findings: errors, warnings and differences, each at its place in a file. Stages return findings and never print; the program renders
//! them.

mod edit;
#[expect(clippy::module_inception, reason = "the file of the type `Finding`")]
mod finding;
mod invisible;
mod place;
mod render;
mod suggest;

pub use edit::{Edit, EditError, apply};
pub use finding::{Finding, Severity, has_errors, sort};
pub(crate) use invisible::{escape, invisible, odd_in_name};
pub use place::{FileId, Origins, Place, SourceFile, Sources};
pub use render::{brief, render, to_json};
pub(crate) use suggest::suggest;
