//! Bad specs get readable findings with places, all in one run. Each file under `tests/bad/` is a report of an invented API with the
//! platform files of `tests/platform/`; a snapshot holds what a maintainer reads.

use std::path::{Path, PathBuf};

use placewise_codegen::finding::codes;
use placewise_codegen::source::{InputFile, read_dir};
use placewise_codegen::{Checked, check_spec, finding};

fn platform() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform")
}

fn base() -> Vec<InputFile> {
    let mut files = read_dir(&platform()).expect("the fixture is readable");
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

/// Checks the platform files after replacing texts in the named files, and further files.
fn edited(edits: &[(&str, &[(&str, &str)])], more: &[(&str, &str)]) -> Checked {
    let mut files = base();
    for (path, replaced) in edits {
        let file = files.iter_mut().find(|file| file.path == *path).expect("a platform file");
        let mut text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
        for (from, to) in *replaced {
            assert!(text.contains(from), "{path} has no `{from}`");
            text = text.replace(from, to);
        }
        file.bytes = text.into_bytes();
    }
    for (path, text) in more {
        files.push(InputFile { path: (*path).into(), label: format!("spec/{path}"), bytes: (*text).into() });
    }
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
        assert!(checked.model.is_none(), "{} is valid", path.display());
        for finding in &checked.findings {
            assert!(finding.place.is_some(), "no place: {finding:?}");
        }
        insta::assert_snapshot!(rendered(&checked));
    });
}

#[test]
fn errors_of_all_files_are_reported_at_once() {
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
fn the_platform_alone_is_valid() {
    let checked = edited(&[], &[]);
    assert!(checked.findings.is_empty(), "{}", rendered(&checked));
    assert!(checked.model.is_some());
}

#[test]
fn formats_are_checked() {
    let formats: &[(&str, &str)] = &[
        ("bucket_length: 1 hour", "bucket_length: 5 minutes"),
        ("retention: 7 days", "retention: 5 minutes"),
        ("interval: hour }", "interval: hoour }"),
        ("up_to: 4 days", "up_to: 6 hours"),
        ("otherwise: day", "otherwise: dya"),
        ("name: any", "name: day"),
        ("most_time_points: 20", "most_time_points: 0"),
        ("interval: every, from: since, to: until", "interval: every, from: since, to: since"),
        ("label: tag", "label: heights"),
        ("endpoint: chart", "endpoint: berth"),
        ("endpoint: figures", "endpoint: figure"),
        ("page_size: rows", "page_size: { assumed: cursor-key }"),
    ];
    insta::assert_snapshot!(rendered(&edited(&[("formats.yaml", formats)], &[])));
}

#[test]
fn lengths_of_time_and_words_are_checked() {
    let formats: &[(&str, &str)] = &[
        ("bucket_length: 1 hour", "bucket_length: 1h"),
        ("retention: 7 days", "retention: 7 fortnights"),
        ("retention: forever", "retention: 3"),
        ("up_to: 6 hours", "up_to: 0 hours"),
        ("beyond_retention: refused", "beyond_retention: refsued"),
        ("time_points: { assumed: points }", "time_points: 5"),
        ("most_data_points: 60", "most_data_points: many"),
    ];
    insta::assert_snapshot!(rendered(&edited(&[("formats.yaml", formats)], &[])));
}

#[test]
fn an_assumption_of_the_wrong_type_is_rejected() {
    let assumptions: &[(&str, &str)] = &[("value: buckets", "value: bucket"), ("value: after", "value: null")];
    let formats: &[(&str, &str)] = &[("beyond_retention: refused", "beyond_retention: { assumed: pionts }")];
    insta::assert_snapshot!(rendered(&edited(&[("assumptions.yaml", assumptions), ("formats.yaml", formats)], &[])));
}

#[test]
fn endpoints_are_checked() {
    let endpoints: &[(&str, &str)] = &[
        ("path: /haul", "path: \"haul/{}\""),
        ("query: true, query_format: records", "query: true"),
        ("/berths/{id}", "/berths/{no}"),
        ("[port, starboard]", "[port, Port, port]"),
        ("carries: { report: what, field: which }", "carries: { field: which, query_format: records }"),
        ("path: { assumed: figures-path }, coverage: name-only", "coverage: whole"),
        ("method: POST, path: /ask, description: Asks for rows.", "method: ask, path: /ask"),
        (
            "  chart:",
            "  char-t: { method: POST, path: { assumed: points }, coverage: name-only, request: { a: { type: integr } } }\n  chart:",
        ),
        ("id: { type: integer, nullable: never, description: The berth. } }", "id: { type: integer, filterable: yes } }"),
    ];
    insta::assert_snapshot!(rendered(&edited(&[("endpoints.yaml", endpoints)], &[])));
}

#[test]
fn keys_of_endpoints_are_checked() {
    let endpoints: &[(&str, &str)] = &[
        ("carries: { report: what, field: which }", "carries: { reports: what, query: 7 }"),
        ("request: { id: { type: integer, nullable: never, description: The berth. } }", "request: { id: 5 }"),
        ("coverage: partial", "coverage: partly"),
    ];
    insta::assert_snapshot!(rendered(&edited(&[("endpoints.yaml", endpoints)], &[])));
}

#[test]
fn groups_are_checked() {
    let api: &[(&str, &str)] = &[("  sea:", "  tls: {}\n  Far-Sea: {}\n  sae:")];
    let report = "report: boats\nformat: records\ncoverage: name-only\n";
    insta::assert_snapshot!(rendered(&edited(&[("api.yaml", api)], &[("reports/sea/boats.yaml", report)])));
}

#[test]
fn a_group_without_a_feature_of_the_crate_is_reported() {
    let boats = ("reports/port/boats.yaml", "report: boats\nformat: records\ncoverage: name-only\n");
    let manifest = |text| ("../Cargo.toml", text);
    let without = manifest("[package]\nname = \"x\"\n\n[features]\ndefault = [\"sea\"]\nsea = []\n");
    insta::assert_snapshot!(rendered(&edited(&[], &[boats, without])));
    // A group without reports needs none, and a manifest of no package decides nothing.
    for fine in ["[package]\nname = \"x\"\n[features]\nport = []\n", "[workspace]\nmembers = []\n", "not a manifest"] {
        assert!(edited(&[], &[boats, manifest(fine)]).findings.is_empty(), "{fine}");
    }
}

#[test]
fn headers_limits_and_permits_are_checked() {
    let api: &[(&str, &str)] = &[
        ("name: X-Token", "name: x-agent"),
        ("cost: x-cost", "cost: x-remaining"),
        ("status: 429", "status: 200"),
        ("with_report: true", "with_report: true, of_report: Ask"),
    ];
    let formats: &[(&str, &str)] = &[("most_page_size: 50", "most_page_size: 5")];
    let report = |name: &str| {
        format!(
            "report: {name}\nformat: records\npermit: Ask:Boats\ncoverage: partial\ndescription: A.\nfields:\n  kind: {{ type: enum, values: [sloop], \
             description: B. }}\nexamples:\n  - {{ name: one, response: {{ lines: [{{ kind: sloep }}] }} }}\n"
        )
    };
    let files = [("reports/port/boats.yaml", report("boats")), ("reports/sea/ships.yaml", report("ships"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let wrong = rendered(&edited(&[("api.yaml", api), ("formats.yaml", formats)], &files));
    let pattern: &[(&str, &str)] = &[("with_report: true", "with_report: true, of_report: \"Ask:{Report}\"")];
    insta::assert_snapshot!(format!("{wrong}\n{}", rendered(&edited(&[("api.yaml", pattern)], &files))));
}

#[test]
fn names_of_devices_cannot_be_files() {
    let report = |name: &str| format!("report: {name}\nformat: records\ncoverage: name-only\n");
    let files = [("reports/port/aux.yaml", report("aux")), ("reports/com1/one.yaml", report("one"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    insta::assert_snapshot!(rendered(&edited(&[("api.yaml", &[("  sea:", "  com1: {}\n  sea:")])], &files)));
}

/// A report with fields of several types and that `simulate`.
fn simulated(name: &str, format: &str, simulate: &str) -> (String, String) {
    let text = format!(
        "report: {name}\nformat: {format}\ncoverage: partial\ndescription: Data that come from elsewhere.\nfields:\n  \
         id: {{ type: integer, description: A }}\n  count: {{ type: integer, description: B }}\n  at: {{ type: timestamp, description: C }}\n  \
         way: {{ type: enum, values: [in, out], description: D }}\n  ids: {{ type: \"array[integer]\", description: E }}\n  \
         only_{name}: {{ type: string, description: F }}\nsimulate: {simulate}\n"
    );
    (format!("reports/port/{name}.yaml"), text)
}

#[test]
fn sources_of_simulated_data_are_checked() {
    let files = [
        simulated("rows", "records", "{ each: { of: rows, take: {}, most: 1 } }"),
        simulated("ring_a", "records", "{ summary: { of: ring_b, sum: [count] } }"),
        simulated("ring_b", "records", "{ summary: { of: ring_a, sum: [count] } }"),
        simulated(
            "each",
            "records",
            "{ each: { of: end, take: { id: [way, ids], way: [cuont], onyl: [id], at: [] }, most: 0 } }",
        ),
        simulated("summary", "records", "{ summary: { of: end, sum: [count, way] } }"),
        simulated("tally", "records", "{ tally: { of: end, by: id, value: way, count: at } }"),
        simulated(
            "events",
            "timeseries",
            "{ events: { of: end, take: { idd: id, id: idd }, count: at, begin: id, direction: id } }",
        ),
        simulated("series", "timeseries", "{ events: { of: good, count: count } }"),
        simulated(
            "good",
            "timeseries",
            "{ events: { of: end, take: { id: id }, count: count, begin: at, direction: way, running: true } }",
        ),
        simulated("levels", "timeseries", "{ events: { of: good, running: true } }"),
        simulated("wrong", "timeseries", "{ tally: { of: edn, by: way, value: way, count: count } }"),
        simulated("figures", "statistics", "{ each: { of: good, take: {}, most: 1 } }"),
        ("reports/port/end.yaml".to_owned(), simulated("end", "records", "").1.replace("simulate: \n", "")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    insta::assert_snapshot!(rendered(&edited(&[], &files)));
}

#[test]
fn an_unused_assumption_is_reported() {
    let endpoints: &[(&str, &str)] = &[("path: { assumed: tell-path }", "path: /tell")];
    let checked = edited(&[("endpoints.yaml", endpoints)], &[]);
    let codes: Vec<&str> = checked.findings.iter().map(|finding| finding.code.name()).collect();
    assert_eq!(codes, ["unused-assumption"], "{}", rendered(&checked));
    assert!(checked.findings[0].message.contains("`tell-path`"));
}

#[test]
fn missing_platform_files_are_named() {
    let checked = check_spec(Vec::new());
    assert_eq!(checked.findings.iter().filter(|finding| finding.code == codes::MISSING_FILE).count(), 5);
}

#[test]
fn the_platform_is_checked() {
    let api: &[(&str, &str)] = &[
        ("https://harbour.invalid, provenance", "harbour.invalid/v1, provenance"),
        ("open-sea:", "Local:"),
        ("name: X-Token", "name: X Token"),
        ("cost: x-cost", "cost: x/cost"),
        ("name: not-possible", "name: not-found"),
        ("source: https://harbour.invalid/headers", "source: http://harbour.invalid/headers"),
    ];
    let filters: &[(&str, &str)] = &[("name: any,", "name: all,")];
    insta::assert_snapshot!(rendered(&edited(&[("api.yaml", api), ("filters.yaml", filters)], &[])));
}

#[test]
fn files_and_assumptions_of_reports_are_checked() {
    let assumptions: &[(&str, &str)] = &[("never-null:", "never:")];
    let report = "report: boats\nformat: records\ncoverage: partial\ndescription: Boats.\nfields:\n  \
                  id: { type: integer, nullable: assumed-never, description: The boat. }\n";
    let files = [("reports/sea/boats.yaml", report), ("reports/port/ships.yaml", report)];
    insta::assert_snapshot!(rendered(&edited(&[("assumptions.yaml", assumptions)], &files)));
}

/// Former keys and words of the spec language, in every file that had them.
#[test]
fn former_words_name_their_successors() {
    let assumptions: &[(&str, &str)] = &[(
        "reason: Nobody counted., settled_by: Count., scope: client",
        "why: Nobody counted., settle: Count., concerns: client",
    )];
    let formats: &[(&str, &str)] = &[
        ("bucket_length: 1 hour, retention: 3 months", "every: 1 hour, kept: 3 months"),
        ("interval: every,", "interval: step,"),
    ];
    let report = "report: boats\nformat: records\ncoverage: partial\nabout: Boats.\nstanding: inferred\nfields:\n  \
                  id: { type: integer, about: The boat., standing: inferred }\nquirks:\n  \
                  - { kind: absent-in-samples, at: [id], about: A. }\n  - { kind: only-in-samples, at: [id], description: B. }\n  \
                  - { kind: broken-sample, at: [id], description: C. }\n  - { kind: sample-disagrees, at: [id], description: D. }\n";
    let edits: &[(&str, &[(&str, &str)])] = &[("assumptions.yaml", assumptions), ("formats.yaml", formats)];
    let checked = edited(edits, &[("reports/sea/boats.yaml", report)]);
    insta::assert_snapshot!(rendered(&checked));
}
