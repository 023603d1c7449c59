//! Merges a published page into an existing report file. Both sides are report files: the page as [`import`] writes it, and the file.
//! Only facts of the page change; comments, order, descriptions and everything that no page states keep their bytes.
//!
//! What a page does not have is removed only if the page was read completely. Otherwise it is listed as advice.

mod amend;
mod change;
mod examples;
mod fields;
mod header;
mod merger;
mod quirks;
mod written;
mod yaml_file;

pub use amend::{AmendedSpec, amend};
pub use change::Change;
pub use merger::{Merged, merge};
pub(crate) use written::Written;
pub(crate) use yaml_file::YamlFile;
