//! Every code has a page, and the page's examples prove it: the bad one has findings of this code alone, the good one has none, and
//! where a fix is sure, it turns the bad example into the good one.
//!
//! Examples about specs start from `tests/platform`. Examples about pages also have the page and the report of `tests/published/berths`.
//! A block names its file: ```` ```yaml reports/port/boats.yaml ```` is a whole file, ```` ```diff api.yaml ```` an edit of one. Good
//! examples are edits of the bad ones. `page.md`, `evidence.json` and `lockstep/` stand beside the spec, everything else in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use placewise_codegen::diff::rule_index;
use placewise_codegen::finding::{Code, Finding, Severity, codes, render};
use placewise_codegen::source::{InputFile, read_dir};
use placewise_codegen::{Checked, check_spec, fix_spec};

const HEADINGS: [&str; 5] = ["What it does", "Why is this bad?", "How to mend", "Bad", "Good"];

/// Codes that no example can show: they need the network, a generated folder, bytes that are no text, or a program built without a feature.
const WITHOUT_EXAMPLE: [&str; 9] = [
    "drift-report",
    "page-html",
    "page-not-text",
    "schema",
    "site-gone",
    "site-moved",
    "site-unreadable",
    "stale-file",
    "yaml-too-large",
];

/// Codes whose finding always has others beside it: the count of fields is only compared if a field has no name, which `drift` then does
/// not reach.
const COMPANIONS: [(&str, &[&str]); 1] = [("drift-field-count", &["page-field-unnamed", "page-unreached"])];

const PAGE: &str = "page.md";
const EVIDENCE: &str = "evidence.json";

/// The day of every example: decisions are judged by it.
const TODAY: &str = "2026-06-15";

/// The files of an example by path.
type Files = BTreeMap<String, Vec<u8>>;

fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_about_pages(code: Code) -> bool {
    ["page-", "drift-", "import-", "assumption-refuted", "decision", "captures-", "site-"]
        .iter()
        .any(|start| code.name().starts_with(start))
}

/// The command that finds a code of pages.
fn command(code: Code) -> Vec<&'static str> {
    match code.name() {
        // With a spec, `drift` knows what is meant, or tells what it did not reach.
        "page-ends-early" | "page-field-unnamed" | "page-not-a-report" | "page-permit-ambiguous" => vec!["import", PAGE],
        "assumption-refuted" | "drift-live" => vec!["settle", EVIDENCE, "--spec", "spec"],
        "import-other-file" => vec!["import", PAGE, "--into", "spec/reports/port/berths.yaml"],
        "decisions" => {
            vec!["drift", "--spec", "spec", "--decide", "drift-cost:reports/boats/cost", "--as", "accepted", "--reason", "It is."]
        }
        _ => vec!["drift", PAGE, "--spec", "spec", "--today", TODAY],
    }
}

/// Whether a file of an example belongs to its spec.
fn is_spec(path: &str) -> bool {
    path != PAGE && path != EVIDENCE && !path.starts_with("lockstep/")
}

fn base(code: Code) -> Files {
    let mut files: Files =
        read_dir(&crate_dir().join("tests/platform")).unwrap().into_iter().map(|file| (file.path, file.bytes)).collect();
    if is_about_pages(code) {
        let read = |path: &str| fs::read(crate_dir().join("tests/published").join(path)).unwrap();
        files.insert(PAGE.into(), read("berths.md"));
        files.insert("reports/port/berths.yaml".into(), read("berths.yaml"));
    }
    files
}

/// The blocks of a section: what follows the backticks, and the text.
fn blocks(section: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        let fence: String = line.chars().take_while(|c| *c == '`').collect();
        if fence.len() >= 3 {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
            let text = text.iter().map(|line| format!("{line}\n")).collect();
            found.push((line[fence.len()..].to_owned(), text));
        }
    }
    found
}

/// The files after the blocks of a section.
fn apply(code: Code, mut files: Files, heading: &str) -> Files {
    for (info, text) in blocks(code.section(heading).unwrap()) {
        let words: Vec<&str> = info.split(' ').collect();
        match words[..] {
            ["yaml" | "text", path] => drop(files.insert(path.into(), text.into_bytes())),
            ["yaml" | "text", path, "latin-1"] => {
                let bytes = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
                files.insert(path.into(), bytes);
            }
            ["diff", path, "removed"] => drop(files.remove(path).expect("a file to remove")),
            ["diff", path] => {
                let file = files.get_mut(path).unwrap_or_else(|| panic!("{code}: no file {path}"));
                *file = edited(code, &String::from_utf8(file.clone()).unwrap(), &text).into_bytes();
            }
            _ => panic!("{code}: unknown block `{info}`"),
        }
    }
    files
}

/// A text after an edit: `-` removes a line, `+` adds one, `@@` separates places.
fn edited(code: Code, text: &str, edit: &str) -> String {
    let mut text = format!("\n{text}");
    for hunk in edit.split("@@\n") {
        let lines = |skipped: char| -> String {
            let kept = hunk.lines().filter(|line| !line.starts_with(skipped));
            kept.map(|line| format!("{}\n", line.get(1..).unwrap_or_default())).collect()
        };
        let (old, new) = (format!("\n{}", lines('+')), format!("\n{}", lines('-')));
        assert_eq!(text.matches(&old).count(), 1, "{code}: the lines to edit are not there once:{old}");
        text = text.replace(&old, &new);
    }
    text[1..].to_owned()
}

fn bad(code: Code) -> Files {
    apply(code, base(code), "Bad")
}

fn good(code: Code) -> Files {
    // A good example without a block is the base itself.
    let start = if blocks(code.section("Good").unwrap()).is_empty() { base(code) } else { bad(code) };
    apply(code, start, "Good")
}

fn input(files: &Files) -> Vec<InputFile> {
    let spec = files.iter().filter(|(path, _)| is_spec(path));
    spec.map(|(path, bytes)| InputFile { path: path.clone(), label: format!("spec/{path}"), bytes: bytes.clone() }).collect()
}

fn checked(files: &Files) -> Checked {
    check_spec(input(files))
}

/// Runs a command on an example with a page.
fn run(files: &Files, arguments: &[&str]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = if is_spec(path) { dir.path().join("spec").join(path) } else { dir.path().join(path) };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_placewise-codegen"));
    command.current_dir(dir.path()).args(arguments).output().unwrap()
}

/// What a maintainer reads about an example, and the codes of its findings.
fn shown(code: Code, files: &Files) -> (String, Vec<String>) {
    if is_about_pages(code) {
        let said = String::from_utf8(run(files, &command(code)).stderr).unwrap();
        let code =
            |line: &str| Some(line.strip_prefix("error[").or(line.strip_prefix("warning["))?.split_once(']')?.0.to_owned());
        let codes = said.lines().filter_map(code).collect();
        return (said, codes);
    }
    let checked = checked(files);
    let codes = checked.findings.iter().map(|finding| finding.code.name().to_owned()).collect();
    (render(&checked.findings, &checked.sources, false), codes)
}

fn with_examples() -> impl Iterator<Item = Code> {
    codes::ALL.iter().copied().filter(|code| !WITHOUT_EXAMPLE.contains(&code.name()))
}

#[test]
fn every_code_has_one_page_with_all_headings() {
    let names: Vec<&str> = codes::ALL.iter().map(|code| code.name()).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "codes are unique and sorted: {names:?}");
    let mut files: Vec<String> = fs::read_dir(crate_dir().join("src/finding/codes"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".markdown", ""))
        .collect();
    files.sort();
    assert_eq!(files, names, "each page belongs to a code");
    for code in codes::ALL {
        let word = if code.severity() == Severity::Error { "error" } else { "warning" };
        let start = format!("# {code}\n\nSeverity: {word}\n\n## {}\n", HEADINGS[0]);
        assert!(code.page().starts_with(&start), "{code} starts otherwise than\n{start}");
        let headings: Vec<&str> = code.page().lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert!(headings.starts_with(&HEADINGS[..4]) && headings.contains(&HEADINGS[4]), "{code}: {headings:?}");
        for heading in HEADINGS {
            assert!(code.section(heading).is_some_and(|text| text.len() > 10), "{code}: nothing under {heading}");
        }
        let summary = code.summary();
        assert!(summary.ends_with('.') && summary.len() < 130, "{code}: {summary}");
    }
}

/// One snapshot for each code shows what a maintainer reads.
#[test]
fn a_bad_example_has_findings_of_its_code_alone() {
    let mut problems = Vec::new();
    for code in with_examples() {
        let (shown, codes) = shown(code, &bad(code));
        let companions = COMPANIONS.iter().filter(|(one, _)| *one == code.name()).flat_map(|(_, others)| *others);
        let companions: Vec<&str> = companions.copied().collect();
        let expected = |found: &str| found == code.name() || companions.contains(&found);
        if !codes.iter().any(|found| found == code.name()) || !codes.iter().all(|found| expected(found)) {
            problems.push(format!("{code}: {codes:?}\n{shown}"));
        }
        insta::with_settings!({ snapshot_path => "findings", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(code.name(), shown);
        });
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
    let mut shown: Vec<String> = fs::read_dir(crate_dir().join("tests/findings"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".snap", ""))
        .collect();
    shown.sort();
    assert_eq!(shown, with_examples().map(|code| code.name()).collect::<Vec<_>>(), "each snapshot belongs to a code");
}

#[test]
fn a_good_example_has_no_finding() {
    let mut problems = Vec::new();
    for code in codes::ALL {
        let (shown, codes) = shown(*code, &good(*code));
        if !codes.is_empty() {
            problems.push(format!("{code}: {codes:?}\n{shown}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

#[test]
fn a_valid_spec_has_no_finding() {
    for spec in ["../spec", "../tests/fixtures/harbour/spec", "tests/platform"] {
        let checked = check_spec(read_dir(&crate_dir().join(spec)).unwrap());
        // The harbour has these on purpose.
        let intended = [codes::NO_DESCRIPTION, codes::EXAMPLE_AGGREGATION, codes::EXAMPLE_VALUE];
        let is_intended = |finding: &Finding| spec.contains("harbour") && intended.contains(&finding.code);
        let left: Vec<_> = checked.findings.into_iter().filter(|finding| !is_intended(finding)).collect();
        assert!(left.is_empty(), "{spec}:\n{}", render(&left, &checked.sources, false));
    }
}

#[test]
fn a_fix_turns_the_bad_example_into_the_good_one() {
    let mut fixable = Vec::new();
    for code in with_examples().filter(|code| !is_about_pages(*code)) {
        let fixed = fix_spec(input(&bad(code)));
        if fixed.fixed.is_empty() {
            continue;
        }
        fixable.push(code.name());
        let want = input(&good(code));
        for (have, want) in fixed.files.iter().zip(&want) {
            assert_eq!(String::from_utf8_lossy(&have.bytes), String::from_utf8_lossy(&want.bytes), "{code}: {}", have.path);
        }
        let again = fix_spec(fixed.files.clone());
        assert!(again.fixed.is_empty(), "{code} is fixed twice: {:?}", again.fixed);
    }
    assert_eq!(
        fixable,
        ["bad-method", "dangling-reference", "duplicate-value", "unknown-key", "unknown-type", "unknown-word", "unlisted-group"]
    );
}

#[test]
fn a_finding_of_a_spec_has_a_place() {
    // A file that is missing has none.
    for code in with_examples().filter(|code| !is_about_pages(*code) && *code != codes::MISSING_FILE) {
        for finding in checked(&bad(code)).findings {
            assert!(finding.place.is_some(), "{finding:?}");
        }
    }
}

/// `cargo codegen explain > docs/findings.md` makes it.
#[test]
fn the_list_in_the_docs_is_fresh() {
    let path: PathBuf = crate_dir().join("../docs/findings.md");
    assert_eq!(
        fs::read_to_string(&path).unwrap_or_default(),
        codes::index() + &rule_index(),
        "run `cargo codegen explain > docs/findings.md`"
    );
}
