//! Writes a report file from a published page, in the form of the files under `spec/reports`. Descriptions are not copied: a comment
//! names the page's line, and the maintainer describes each in their own words.

mod example_types;
mod infer_report;
mod outline;
mod report_yaml;
mod yaml_text;

pub use report_yaml::import;
pub(super) use yaml_text::{json_text, scalar};
