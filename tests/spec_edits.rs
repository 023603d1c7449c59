//! What edits of a spec change, tried on a copy of the invented API: one line reaches every output, and filling in what was unknown adds types.

use std::path::Path;

use harbour_api::blocking::Client;
use harbour_api::{Berths, Customers};
use placewise_codegen::source::{InputFile, read_dir};
use placewise_codegen::{check_spec, emit};
use placewise_simulator::Simulator;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn generate(files: Vec<InputFile>) -> emit::Files {
    let checked = check_spec(files);
    let findings = placewise_codegen::finding::render(&checked.findings, &checked.sources, false);
    emit::emit(&checked.model.unwrap_or_else(|| panic!("{findings}")))
}

/// Generates from the invented API with each `(file, text, replacement)` applied once.
fn edited(edits: &[(&str, &str, &str)]) -> emit::Files {
    let mut files = read_dir(&root().join("tests/fixtures/harbour/spec")).expect("the spec is readable");
    for (path, from, to) in edits {
        let file = files.iter_mut().find(|file| file.path == *path).expect("the file is there");
        let text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
        assert!(text.contains(from), "{from} is not in {path}");
        file.bytes = text.replacen(from, to, 1).into_bytes();
    }
    generate(files)
}

#[test]
fn the_generated_files_are_fresh() {
    let files = generate(read_dir(&root().join("spec")).expect("the spec is readable"));
    let stale = placewise_codegen::disk::generated_folder::compare(&files, &root().join("generated")).expect("readable");
    assert!(stale.is_empty(), "{:?}", stale.iter().map(|one| (&one.path, one.difference)).collect::<Vec<_>>());
}

#[test]
fn one_line_reaches_every_output() {
    let before = edited(&[]);
    let after = edited(&[("reports/port/berths.yaml", "values: [no, dk]", "values: [se]")]);
    let changed: Vec<&str> =
        after.iter().filter(|(path, text)| before.get(*path) != Some(text)).map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        changed,
        ["docs/reports/berths.md", "model.json", "rust/berths.rs", "schema/rows/berths.schema.json", "tests/examples.rs"]
    );
    assert!(after["rust/berths.rs"].contains("Se = \"se\""));
    assert!(after["docs/reports/berths.md"].contains("Known values: `se`"));

    let server = Simulator::from_json(&after["model.json"]).expect("a model").rows(20).start().expect("started");
    let builder = Client::builder().base_url(server.url()).token("any").customers(Customers::all());
    let page = builder.build().expect("a client").fetch(Berths::records()).expect("a page");
    let flags: Vec<&str> = page.rows.iter().filter_map(|row| row.flag.as_ref()).map(|flag| flag.as_str()).collect();
    assert!(!flags.is_empty() && flags.iter().all(|flag| *flag == "se"), "{flags:?}");
}

#[test]
fn an_endpoint_whose_page_turns_up_is_typed() {
    let before = edited(&[]);
    assert!(before["rust/endpoints.rs"].contains("path: Setting::assumed(None, \"tell-path\")"));
    let after = edited(&[
        (
            "endpoints.yaml",
            "path: { assumed: tell-path }, cost: 1, coverage: name-only,",
            "path: /tell, cost: 1, coverage: whole, response: { told: { type: \"array[string]\", description: What it tells. } },",
        ),
        ("assumptions.yaml", "\n  tell-path: ", "\n  # "),
    ]);
    let endpoints = &after["rust/endpoints.rs"];
    assert!(endpoints.contains("path: Setting::stated(Some(\"/tell\"))"), "{endpoints}");
    assert!(endpoints.contains("type Reply = TellReply;") && endpoints.contains("pub told: Option<Vec<Text>>"));
    assert!(!after["docs/assumptions.md"].contains("\n## tell-path\n"));
    assert!(after["docs/endpoints.md"].contains("`told`"));
}

#[test]
fn a_report_known_by_name_gets_rows_when_its_fields_are_written() {
    let before = edited(&[]);
    assert!(before["rust/tides.rs"].contains("Records<Self, JsonRow>"));
    let after = edited(&[(
        "reports/port/tides.yaml",
        "coverage: name-only\n",
        "coverage: partial\ndescription: One row per tide.\nfields:\n  id: { type: integer, nullable: assumed-never, description: Id of the tide. }\n",
    )]);
    let tides = &after["rust/tides.rs"];
    assert!(tides.contains("pub const fn records() -> Records<Self, Row>") && tides.contains("pub other: Other"), "{tides}");
    assert!(tides.contains("pub const ID: Field<Tides, i64>"));
}
