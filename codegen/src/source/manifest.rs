//! The features of the `Cargo.toml` beside a spec: each group of reports compiles only under a feature of its name.

use serde::Deserialize;

use crate::finding::FileId;

/// The path of the manifest as an input file: beside the spec directory.
pub const MANIFEST: &str = "../Cargo.toml";

/// The features that a package declares.
#[derive(Debug)]
pub struct Features {
    /// The manifest.
    pub file: FileId,
    /// The package's name.
    pub package: String,
    /// Their names.
    pub names: Vec<String>,
}

#[derive(Deserialize)]
struct Manifest {
    package: Option<toml::Table>,
    #[serde(default)]
    features: toml::Table,
}

/// The features in a manifest's text; none if it is not that of a package. What is wrong with a manifest, cargo says.
pub(super) fn features(file: FileId, text: &str) -> Option<Features> {
    let manifest: Manifest = toml::from_str(text).ok()?;
    let package = manifest.package?.get("name").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    Some(Features { file, package, names: manifest.features.keys().cloned().collect() })
}
