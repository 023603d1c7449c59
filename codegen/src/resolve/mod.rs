//! Resolves the spec as written to the model: defaults, type words and references.
//!
//! Resolving never stops early. What cannot be resolved is a finding, and the rest goes on.

mod aggregations;
mod fields_and_types;
mod metric;
mod platform;
mod report;
mod settings;
mod spec;

pub(crate) use aggregations::computed_from;
pub use spec::{UncheckedModel, resolve};
