//! The spec as written: one document per YAML file, with the place of every value. References are not resolved here.

mod decisions;
mod document;
mod empty_values;
pub mod folder;
mod invalid_parts;
mod invisible_characters;
mod manifest;
mod metric;
mod old_words;
mod platform;
mod read;
mod report;
mod scalars;
pub mod schema;
mod schema_errors;
mod spec_dir;
mod usual_print;
mod yaml_slips;
pub mod yaml_tree;

pub use decisions::{Decision, DecisionsFile, Verdict};
pub use document::{Doc, Spec};
pub use manifest::{Features, MANIFEST};
pub use metric::{AddsDef, AddsWord, DataLagDef, OverDef};
pub use read::{Read, read};
pub use report::*;
pub use spec_dir::{InputFile, read_dir};
pub use usual_print::usual_print;
