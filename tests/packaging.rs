//! What a registry user gets: plain checked-in source, without a build script, build-dependencies or the generator in the lock file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs cargo without the network, and with it where that is not enough: a machine that built for one platform has not met the packages
/// of the others, which a lock file names all the same. Returns its output.
fn cargo(arguments: &[&str], dir: &Path) -> String {
    let run = |more: &[&str]| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(dir).args(arguments).args(more).env_remove("CARGO_TARGET_DIR").output().expect("cargo runs")
    };
    let mut output = run(&["--offline"]);
    if !output.status.success() {
        output = run(&[]);
    }
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Packs runtime and client, and unpacks them.
fn unpacked() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
    let target_text = target.to_str().expect("UTF-8");
    let arguments = [
        "package",
        "--no-verify",
        "--allow-dirty",
        "-p",
        "placewise-runtime",
        "-p",
        "placewise-reporting",
        "--target-dir",
        target_text,
    ];
    cargo(&arguments, root());
    let packages = target.join("package");
    for name in ["placewise-runtime", "placewise-reporting"] {
        let archive = format!("{name}-{}.crate", env!("CARGO_PKG_VERSION"));
        let status = Command::new("tar").current_dir(&packages).args(["xzf", &archive]).status().expect("tar runs");
        assert!(status.success());
    }
    packages
}

#[test]
fn the_package_is_plain_source_and_brings_no_generator() {
    let packages = unpacked();
    let version = env!("CARGO_PKG_VERSION");
    let package = packages.join(format!("placewise-reporting-{version}"));

    let manifest = fs::read_to_string(package.join("Cargo.toml")).expect("the manifest is there");
    assert!(manifest.contains("build = false") && !manifest.contains("build-dependencies"), "{manifest}");
    // Generated code builds the runtime's structs by literals.
    assert!(manifest.contains(&format!("[dependencies.placewise-runtime]\nversion = \"={version}\"\n")), "{manifest}");
    for part in ["build.rs", "spec", "codegen", "model", "simulator", "tests", "benches", ".cargo", "generated/lock"] {
        assert!(!package.join(part).exists(), "{part} is in the package");
    }
    for part in ["generated/rust/lib.rs", "generated/model.json", "docs/front.md", "LICENSE-MIT", "LICENSE-APACHE", "README.md"] {
        assert!(package.join(part).exists(), "{part} is missing from the package");
    }

    let user = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(user.path().join("src")).expect("writable");
    fs::write(user.path().join("src/lib.rs"), "").expect("writable");
    let runtime = packages.join(format!("placewise-runtime-{version}"));
    let manifest = format!(
        "[package]\nname = \"user\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\nplacewise-reporting = {{ path = {package:?} }}\n\n\
         [patch.crates-io]\nplacewise-runtime = {{ path = {runtime:?} }}\n"
    );
    fs::write(user.path().join("Cargo.toml"), manifest).expect("writable");
    cargo(&["generate-lockfile"], user.path());
    let lock = fs::read_to_string(user.path().join("Cargo.lock")).expect("the lock file is there");
    for name in [
        "placewise-codegen",
        "placewise-model",
        "placewise-simulator",
        "granit-parser",
        "prettyplease",
        "jsonschema",
        "schemars",
        "insta",
    ] {
        assert!(!lock.contains(&format!("name = \"{name}\"")), "{name} is in a user's lock file");
    }
    assert!(lock.contains("name = \"placewise-runtime\""));
}

/// The packages of the workspace that are, or may be, published: version 0.0.0 marks the internal ones.
fn shipped() -> Vec<Value> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"], root());
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    let mut packages = metadata["packages"].as_array().expect("packages").clone();
    packages.retain(|package| {
        let internal = package["version"] == "0.0.0";
        assert!(!internal || package["publish"] == json!([]), "{} would be published", package["name"]);
        !internal
    });
    packages
}

/// The files of a package, as cargo would pack them.
fn packed(name: &str) -> BTreeSet<String> {
    cargo(&["package", "--list", "--allow-dirty", "-p", name], root()).lines().map(str::to_owned).collect()
}

#[test]
fn every_package_describes_itself_to_a_registry() {
    for package in shipped() {
        let name = package["name"].as_str().expect("a name");
        for key in ["description", "license", "rust_version"] {
            assert!(package[key].is_string(), "{name} has no {key}");
        }
        for key in ["keywords", "categories"] {
            let count = package[key].as_array().map_or(0, Vec::len);
            assert!((1..=5).contains(&count), "{name} has {count} {key}; a registry takes one to five");
        }
        let docs = &package["metadata"]["docs"]["rs"];
        assert_eq!(docs, &json!({ "all-features": true, "targets": ["x86_64-unknown-linux-gnu"] }), "{name}");
    }
}

#[test]
fn every_package_holds_its_readme_and_both_licenses() {
    for package in shipped() {
        let name = package["name"].as_str().expect("a name");
        let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
        let folder = manifest.parent().expect("a folder");
        let files = packed(name);
        assert_eq!(package["readme"], "README.md", "{name}");
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(files.contains(file), "{name} does not pack {file}");
        }
        for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let read = |folder: &Path| fs::read_to_string(folder.join(file)).expect("readable");
            // Where git makes no symbolic links, the file holds a path.
            assert_eq!(read(folder), read(root()), "{name} packs another {file}");
        }
        let readme = fs::read_to_string(folder.join("README.md")).expect("readable");
        assert!(readme.starts_with(&format!("# {name}\n")), "{name}");
        for target in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(
                target.starts_with("https://") || files.contains(target),
                "the README of {name} links to {target}, which is not packed"
            );
        }
    }
}

/// Each group that has reports is a feature, on by default, and is built alone by the gate; nothing else is.
#[test]
fn every_group_of_reports_is_a_feature() {
    let model: placewise_model::Model = serde_json::from_str(placewise_reporting::MODEL).expect("a model");
    let groups = model.api.groups.iter().map(|group| group.name.as_str());
    let groups: Vec<&str> = groups.filter(|group| model.reports.iter().any(|report| report.group == **group)).collect();
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is there");
    let quoted: Vec<String> = groups.iter().map(|group| format!("\"{group}\"")).collect();
    assert!(manifest.contains(&format!("default = [\"tls\", \"tracing\", \"tzdb\", {}]", quoted.join(", "))), "{groups:?}");
    for group in &groups {
        assert!(manifest.contains(&format!("\n{group} = []\n")), "{group}");
    }
    let gate = fs::read_to_string(root().join(".ci/run")).expect("the gate is there");
    assert!(gate.contains(&format!("for group in \"\" {}; do", groups.join(" "))), "{groups:?}");
}
