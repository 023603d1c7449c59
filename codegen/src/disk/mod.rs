//! The generated files on disk: comparing, writing, and the lock that tells `build.rs` whether they are fresh.

pub mod generated_folder;
pub mod lock;
