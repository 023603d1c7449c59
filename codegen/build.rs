//! Embeds the digest of the generator's sources, by which the root's `build.rs` knows whether a program that it finds is theirs.

use std::path::Path;

#[path = "src/source/folder.rs"]
#[allow(dead_code, reason = "the generator uses the rest")]
mod folder;
#[path = "src/disk/lock.rs"]
#[allow(dead_code, reason = "the generator uses the rest")]
mod lock;

fn main() {
    let root = Path::new("..");
    for part in lock::GENERATOR.map(|part| root.join(part)) {
        // A packed copy has only some; cargo would run this script each time for the others.
        if part.exists() {
            println!("cargo::rerun-if-changed={}", part.display());
        }
    }
    match lock::of_generator(root) {
        Ok(digest) => println!("cargo::rustc-env=PLACEWISE_CODEGEN_SOURCES={digest}"),
        Err(error) => println!("cargo::error=cannot read the generator's sources: {error}"),
    }
}
