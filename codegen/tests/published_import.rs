//! Pages that are no report's, merged into files of the spec: what a page states differently is changed there and nothing else is, until
//! page and spec agree.

use std::fs;
use std::process::Command;

use placewise_codegen::finding::Sources;
use placewise_codegen::published::{self, AmendedSpec, Kind, ReadPage};
use placewise_codegen::source::InputFile;

#[path = "published/changed.rs"]
mod changed;
// This test needs a part of it.
#[allow(dead_code)]
#[path = "published/site.rs"]
mod site;

use changed::each_changed;
use site::*;

/// The platform with a comment at each entry that stands on one line, as a maintainer may have written them.
fn kept() -> Vec<InputFile> {
    let mut files = files();
    for file in &mut files {
        let text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
        let mut out = String::from("# kept by hand\n");
        for (number, line) in text.lines().enumerate() {
            let entry = line.ends_with('}') && !line.contains("examples:");
            if entry && line.starts_with("  ") {
                let indent = line.len() - line.trim_start().len();
                out += &format!("{}# above {number}\n{line}  # beside {number}\n", " ".repeat(indent));
            } else {
                out += &format!("{line}\n");
            }
        }
        file.bytes = out.into_bytes();
    }
    files
}

fn read(text: &str, kind: Option<Kind>) -> ReadPage {
    let mut sources = Sources::default();
    let capture = published::open("page", text.as_bytes(), &mut sources);
    published::read_as(capture.pages[0], &sources.get(capture.pages[0]).text, kind)
}

fn text(files: &[InputFile], path: &str) -> String {
    let file = files.iter().find(|file| file.path == path).expect("a file of the spec");
    String::from_utf8(file.bytes.clone()).expect("UTF-8")
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_once('#').map(|(_, comment)| comment)).collect()
}

/// Merges a page into a file, and checks that nothing else changes. Returns the changes, and the findings that are left.
fn merged(what: &str, page: &str, path: &str, kind: Option<Kind>) -> String {
    let (read, before) = (read(page, kind), kept());
    let amended = published::amend(&read, None, before.clone(), path).unwrap_or_else(|about| panic!("{what}: about {about:?}"));
    let AmendedSpec { files, changes, checked, file } = amended;
    let shown: Vec<String> = changes.iter().map(|change| format!("  {change}\n")).collect();
    let model = checked.model.as_ref().expect("valid");
    let drift = published::compare_with_file(&read, None, model, &checked.spec, file).expect("of the file");
    // Twice changes nothing.
    let again = published::amend(&read, None, files.clone(), path).expect("the same page");
    assert!(again.changes.iter().all(|change| change.left.is_some()), "{what}: {:?}", again.changes);
    let made = changes.iter().filter(|change| change.left.is_none()).count();
    let removed = changes.iter().filter(|change| change.left.is_none() && change.to.is_none()).count();
    for (old, new) in before.iter().zip(&files) {
        assert_eq!(text(&again.files, &old.path), text(&files, &old.path), "{what}");
        let (old, new) = (text(&before, &old.path), text(&files, &new.path));
        let (had, have) = (comments(&old), comments(&new));
        assert!(have.iter().all(|comment| had.contains(comment)), "{what}\n{new}");
        assert!(had.len() - have.len() <= removed, "{what}\n{new}");
        // Each change touches a line, or the few of a payload.
        let kept = old.lines().filter(|line| new.lines().any(|have| have == *line)).count();
        assert!(old.lines().count() - kept <= 8 * made, "{what}\n{new}");
    }
    let left: Vec<String> =
        drift.findings.iter().map(|one| format!("  left: {}: {}\n", one.finding.code, one.finding.message)).collect();
    format!("{what}\n{}{}", shown.concat(), left.concat())
}

#[test]
fn every_changed_fact_is_merged_or_left_to_judge() {
    let mut out = String::new();
    let navigation = ("navigation", &*format!("{NAVIGATION}{RECORDS}"), "endpoints.yaml", NAVIGATION_CHANGES);
    for (what, page, path, changes) in CHANGES.into_iter().chain([navigation]) {
        let titles = changes.iter().map(|(from, to, _)| (*from, *to, format!("{what}: {from:?} -> {to:?}")));
        each_changed(page, &titles.collect::<Vec<_>>(), |copy, title| {
            out += &merged(title, copy, path, None);
            None
        });
    }
    snapshot("import", &out);
}

/// A page of something new, and one of something of which the spec knew little.
#[test]
fn what_was_not_known_is_added_and_what_was_assumed_is_settled() {
    let records =
        RECORDS.replace("Format of response#", "Request#\n\n{ \"what\": \"boats\", \"after\": \"abc\" }\n\nFormat of response#");
    let table = RECORDS.replace(
        "Format of response#",
        "Request parameters#\n\n| Name | Description |\n|---|---|\n| `what` | The report |\n| `after` | The cursor |\n\nFormat of response#",
    );
    let tow = ENDPOINT_TWIN.replace("Show berth", "Tow away").replace("/berths/", "/tows/");
    let tell = ENDPOINT.replace("Show berth", "Haul").replace("/berths/:id", "/haul/:id").replace("GET", "POST");
    let tell = tell.replace("id\ninteger", "after\nstring");
    let example = EXAMPLE.replace("show ships by day", "show ships by night").replace("\"sail\"", "\"motor\"");
    let boats = "boats - show two boats\n\nPOST\nhttps://harbour.invalid/ask\n\nBody#\n\n{ \"what\": \"boats\", \"rows\": 2 }\n\nResponse#\n\n\
                 {\n  \"lines\": [],\n  \"more\": { \"at\": null },\n  \"kind\": \"lines\"\n}\nPrevious\nHarbour\nBuilt with\n";
    let found = VALIDATION_TWIN.replace("| `odd` |", "| `even` | | Even |\n| `odd` |");
    let out: String = [
        ("a request with an assumed key", records.as_str(), "formats.yaml"),
        ("a table of requests with an assumed key", &table, "formats.yaml"),
        ("a new endpoint", &tow, "endpoints.yaml"),
        ("an endpoint that carries a query", &tell, "endpoints.yaml"),
        ("another example of a report, or the same by another name", &example, "reports/sea/ships.yaml"),
        ("an example of a report without examples", boats, "reports/port/boats.yaml"),
        ("a new error symbol", &found, "api.yaml"),
    ]
    .map(|(what, page, path)| merged(what, page, path, None))
    .concat();
    snapshot("import_new", &out);
}

#[test]
fn a_cut_page_removes_nothing() {
    for (what, page, path, _) in CHANGES {
        for at in page.match_indices('\n').map(|(at, _)| at).filter(|at| *at < page.rfind("Previous").unwrap_or(0)) {
            let read = read(&page[..at], None);
            let Ok(amended) = published::amend(&read, None, files(), path) else { continue };
            let wrong: Vec<_> = amended.changes.iter().filter(|change| !change.path.ends_with("provenance")).collect();
            assert!(wrong.is_empty(), "{what} cut after {at}: {wrong:?}");
        }
    }
}

/// Runs the program on a page and a spec on disk.
#[test]
fn the_program_merges_a_page_and_says_what_is_left() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for file in files() {
        let path = dir.path().join("spec").join(&file.path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        fs::write(path, &file.bytes).expect("writable");
    }
    let import = |page: &str, arguments: &[&str]| {
        fs::write(dir.path().join("page.txt"), page).expect("writable");
        let mut command = Command::new(env!("CARGO_BIN_EXE_placewise-codegen"));
        let output =
            command.current_dir(dir.path()).args(["import", "page.txt"]).args(arguments).output().expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let page = FILTERS.replace("hold.2", "hold.3").replace("not_amongThe", "nearThe field is near1\nnot_amongThe");
    let (status, out, said) = import(&page, &["--into", "spec/filters.yaml"]);
    assert_eq!(
        (status, out.as_str()),
        (Some(1), "operators.and.cost: 2 → 3\noperators.none_of.provenance: inferred → documented\n"),
        "{said}"
    );
    assert!(said.contains("drift-added") && said.contains("filters.yaml: 2 facts changed, 1 left for you to judge"), "{said}");
    assert!(
        fs::read_to_string(dir.path().join("spec/filters.yaml"))
            .expect("readable")
            .contains("and: { name: all, cost: 3, description: All match. }")
    );
    let (status, out, said) = import(&FILTERS.replace("hold.2", "hold.3"), &["--into", "spec/filters.yaml"]);
    assert_eq!((status, out.as_str(), said.as_str()), (Some(0), "", "filters.yaml: 0 facts changed\n"));
    // A page that is about another file, one without a file, and a file outside any spec.
    let (status, _, said) = import(FILTERS, &["--into", "spec/formats.yaml"]);
    assert!(status == Some(1) && said.contains("the page is about `filters.yaml`"), "{said}");
    let (status, _, said) = import(FILTERS, &[]);
    assert!(status == Some(1) && said.contains("`--into`") && said.contains("filters.yaml"), "{said}");
    let (status, _, said) = import(FILTERS, &["--into", "page.txt"]);
    assert!(status == Some(2) && said.contains("no such file in a spec"), "{said}");
    // The navigation has its file too.
    let page = format!("{NAVIGATION}{RECORDS}").replace("  • Haul\n", "  • Tow\n    POST\n  • Haul\n");
    let (status, out, said) = import(&page, &["--into", "spec/endpoints.yaml", "--format", "json"]);
    assert!(
        status == Some(0) && out.contains("endpoints.tow") && out.contains("assumptions.yaml: assumptions.tow-path"),
        "{out}{said}"
    );
    assert!(fs::read_to_string(dir.path().join("spec/assumptions.yaml")).expect("readable").contains("tow-path:"));
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "published/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn a_page_that_agrees_changes_nothing() {
    for (what, page) in PAGES {
        for path in ["filters.yaml", "formats.yaml", "endpoints.yaml", "api.yaml", "reports/sea/ships.yaml"] {
            let read = read(&format!("{NAVIGATION}{page}"), None);
            let Ok(amended) = published::amend(&read, None, kept(), path) else { continue };
            let raised = |change: &published::Change| change.path.ends_with("provenance");
            let changes: Vec<_> = amended.changes.iter().filter(|change| !raised(change)).map(ToString::to_string).collect();
            assert_eq!(changes, [""; 0], "{what} into {path}");
        }
    }
}

#[test]
fn a_page_of_another_file_is_refused() {
    let about =
        |page: &str, path: &str| published::amend(&read(page, None), None, files(), path).map(|_| ()).expect_err("another file");
    assert_eq!(about(FILTERS, "formats.yaml").as_deref(), Some("filters.yaml"));
    assert_eq!(about(RECORDS, "endpoints.yaml").as_deref(), Some("formats.yaml"));
    assert_eq!(about(EXAMPLE, "api.yaml").as_deref(), Some("reports/sea/ships.yaml"));
    assert_eq!(about(&RECORDS.replace("Records\n\nThis", "Harbour fees\n\nThis"), "formats.yaml"), None);
}
