//! Every bad spec gets placed, readable findings, all in one run: each file under `tests/bad/` stands in for a report of the invented
//! harbour API, and a snapshot holds what a maintainer would read.

use std::path::{Path, PathBuf};

use placewise_codegen::source::{InputFile, read_dir};
use placewise_codegen::{Checked, check_spec, finding};

fn harbour() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/harbour/spec")
}

fn base() -> Vec<InputFile> {
    let mut files = read_dir(&harbour()).expect("the fixture is readable");
    files.retain(|file| !file.path.starts_with("reports/"));
    for file in &mut files {
        file.label = format!("spec/{}", file.path);
    }
    files
}

fn with(path: &str, bytes: &[u8]) -> Checked {
    let mut files = base();
    files.retain(|file| file.path != path);
    files.push(InputFile { path: path.into(), label: format!("spec/{path}"), bytes: bytes.into() });
    check_spec(files)
}

fn rendered(checked: &Checked) -> String {
    finding::render(&checked.findings, &checked.sources, false)
}

#[test]
fn bad_reports_are_explained() {
    insta::glob!("bad/*.yaml", |path| {
        let text = std::fs::read(path).expect("readable");
        let checked = with("reports/port/bad.yaml", &text);
        assert!(checked.model.is_none(), "{} was taken as valid", path.display());
        for finding in &checked.findings {
            assert!(finding.place.is_some(), "no place: {finding:?}");
        }
        insta::assert_snapshot!(rendered(&checked));
    });
}

#[test]
fn errors_of_several_files_come_at_once() {
    let mut files = base();
    for file in &mut files {
        let text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
        let text = match file.path.as_str() {
            "api.yaml" => text.replace("refill: 1000", "refil: 1000").replace("X-Token", "X Token"),
            "filters.yaml" => text.replace("assumed: any-cost", "assumed: any-cots"),
            "endpoints.yaml" => text.replace("path: /ask", "path: https://elsewhere"),
            "formats.yaml" => text.replace("endpoint: ask", "endpoint: aks"),
            _ => text,
        };
        file.bytes = text.into_bytes();
    }
    let bytes = b"report: one\nformat: records\ncoverage: sort-of\n".to_vec();
    files.push(InputFile { path: "reports/port/one.yaml".into(), label: "spec/reports/port/one.yaml".into(), bytes });
    files.push(InputFile { path: "reports/stray.yaml".into(), label: "spec/reports/stray.yaml".into(), bytes: b"x".to_vec() });
    files.push(InputFile {
        path: "reports/port/latin.yaml".into(),
        label: "spec/reports/port/latin.yaml".into(),
        bytes: b"report: \xe9".to_vec(),
    });
    insta::assert_snapshot!(rendered(&check_spec(files)));
}

#[test]
fn missing_platform_files_are_named() {
    let checked = check_spec(Vec::new());
    assert_eq!(checked.findings.iter().filter(|finding| finding.code == "missing-file").count(), 5);
}

#[test]
fn every_rule_has_its_own_codes() {
    let mut seen = std::collections::HashSet::new();
    for rule in placewise_codegen::check::RULES {
        assert!(!rule.codes.is_empty() && !rule.about.is_empty());
        for code in rule.codes.iter().filter(|code| !matches!(**code, "dangling-reference" | "bad-link" | "same-rust-name")) {
            assert!(seen.insert(*code), "{code} belongs to two rules");
        }
    }
}
