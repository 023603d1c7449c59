//! One rule per file. Each file has one or two `Rule`s; `check::registry` lists them all.

pub(super) mod additivity;
pub(super) mod coverage;
pub(super) mod descriptions;
pub(super) mod endpoints;
pub(super) mod examples;
pub(super) mod formats;
pub(super) mod groups;
pub(super) mod headers_and_limits;
pub(super) mod keys_of_other_formats;
pub(super) mod nested_keys;
pub(super) mod nulls;
pub(super) mod permits;
pub(super) mod platform;
pub(super) mod quirks;
pub(super) mod references;
pub(super) mod relations;
pub(super) mod report_files;
pub(super) mod rust_names;
pub(super) mod simulate;
pub(super) mod sources;
pub(super) mod values;
