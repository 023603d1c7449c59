//! Writes a checked model as the files of `generated/`: Rust, documentation, schemas and `model.json`.
//!
//! The bytes are the same on every machine. Emitters take names from [`crate::naming`] and decide nothing.

pub(crate) mod banner;
mod docs;
mod files;
mod json;
pub mod markdown;
mod row_schema;
mod rust;

pub use files::{Files, Origin, emit, emit_each};
pub(crate) use rust::{has_row, has_rows, own_endpoints};
