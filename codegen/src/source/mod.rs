//! The spec as written: one document per YAML file, with the place of every value. References are not resolved here.

mod document;
pub mod folder;
mod invalid_parts;
mod old_words;
mod platform;
mod read;
mod report;
pub mod schema;
mod spec_dir;
mod usual_print;
pub mod yaml_tree;

pub use document::{Doc, Spec};
pub use read::{Read, read};
pub use report::*;
pub use spec_dir::{InputFile, read_dir};
pub use usual_print::usual_print;
