//! Generates a typed client, documentation and schemas from the YAML description of a reporting API.
//!
//! Floors, from the ground up:
//!
//! 1. `finding`: errors and warnings with their place in a file
//! 2. `source`: the spec as written
//! 3. `resolve`: the model, with all references followed
//! 4. `naming`: the Rust name of each thing
//! 5. `check`: the rules that a model must pass
//! 6. `emit`: the generated files of a valid model
//! 7. `disk`: the generated files on disk
//! 8. `published`: published documentation pages
//! 9. `diff`, `evidence`: what the differences of two specs break; what exchanges with the live API settle
//! 10. `program`: the command line
//!
//! All stages are pure, except that `source::read_dir` and `disk` read and write files.

pub mod check;
pub mod diff;
pub mod disk;
pub mod emit;
pub mod evidence;
pub mod finding;
pub mod naming;
pub mod program;
pub mod published;
pub mod resolve;
pub mod source;

pub use check::{Checked, check_spec, fix_spec};

/// Compiles the snippets of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
