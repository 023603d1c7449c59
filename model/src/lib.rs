//! The resolved spec of a reporting API as plain serde values: what emitters, programs and the simulator read.
//!
//! `codegen` resolves the spec into a [`Model`], and `serde_json` reads one from `generated/model.json`. Nothing here parses or checks
//! a spec.
//!
//! Floors, from the ground up:
//!
//! 1. `exit`, `nearest`, `printable`: shared by the programs
//! 2. `vocabulary`, `period`
//! 3. `setting`, `metric`, `field`
//! 4. `assumption`, `evidence`, `filter_language`, `formats`, `endpoint`, `api`, `simulation`
//! 5. `report`
//! 6. `model`
//! 7. `query`: prints a query as JSON, curl, Rust and command line
#![warn(missing_docs)]

mod api;
mod assumption;
mod endpoint;
mod evidence;
pub mod exit;
mod field;
mod filter_language;
mod formats;
mod metric;
mod model;
mod nearest;
mod period;
mod printable;
mod query;
mod report;
mod setting;
mod simulation;
mod vocabulary;

pub use api::*;
pub use assumption::*;
pub use endpoint::*;
pub use evidence::*;
pub use field::*;
pub use filter_language::*;
pub use formats::*;
pub use metric::*;
pub use model::*;
pub use nearest::nearest;
pub use period::*;
pub use printable::is_printable;
pub use query::*;
pub use report::*;
pub use setting::*;
pub use simulation::*;
pub use vocabulary::*;

/// Compiles the snippets of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
