//! The generated files on disk: comparing, writing, and the locks that tell `build.rs` whether they are fresh.

pub mod generated_folder;
pub mod lock;
pub mod write;

// `lock` finds it beside itself, as it does in `build.rs`.
use crate::source::folder;
