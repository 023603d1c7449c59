//! Findings: errors, warnings and differences, each at its place in a file. Stages return findings and never print; the program renders
//! them.

mod code;
pub mod codes;
mod edit;
#[expect(clippy::module_inception, reason = "the file of the type `Finding`")]
mod finding;
mod fix;
mod invisible;
mod machine;
mod place;
mod render;
mod suggest;

pub use code::{Code, Severity};
pub use edit::{Edit, EditError, apply};
pub use finding::{Finding, has_errors, sort};
pub use fix::{Fix, FixEdit, Fixed, apply_fixes};
pub(crate) use invisible::{escape, invisible, latin, odd_in_name};
pub(crate) use machine::{data as workflow_data, property as workflow_property};
pub use machine::{to_github, to_json, to_sarif};
pub use place::{FileId, Origins, Place, SourceFile, Sources};
pub use render::{brief, render};
pub(crate) use render::{one_line, plural, shortened};
pub(crate) use suggest::{dangling, suggest};
