//! Filling in the YAML types what was JSON: an endpoint whose page turns up gets its path, its request and its reply; a report known by name gets
//! fields; and the size of what is generated is held. In: a copy of the spec with a few lines more; out: what is generated of it.

use std::path::Path;

use placewise_codegen::source::{InputFile, read_dir};
use placewise_codegen::{check_spec, emit};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn generate(edits: &[(&str, &str, &str)]) -> emit::Files {
    let mut files: Vec<InputFile> = read_dir(&root().join("spec")).expect("the spec is readable");
    for (path, from, to) in edits {
        let file = files.iter_mut().find(|file| file.path == *path).expect("the file is there");
        let text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
        assert!(text.contains(from), "{from} is not in {path}");
        file.bytes = text.replacen(from, to, 1).into_bytes();
    }
    let checked = check_spec(files);
    let findings = placewise_codegen::finding::render(&checked.findings, &checked.sources, false);
    emit::emit(&checked.model.unwrap_or_else(|| panic!("{findings}")))
}

#[test]
fn an_endpoint_whose_page_turns_up_is_typed() {
    let before = generate(&[]);
    assert!(before["rust/endpoints.rs"].contains("path: Setting::assumed(None, \"metadata-path\")"));
    let after = generate(&[
        (
            "endpoints.yaml",
            "    path: { assumed: metadata-path }\n    cost: 1\n    coverage: partial\n",
            "    path: /v1/reporting/metadata\n    cost: 1\n    coverage: whole\n    response:\n      \
             filterable_fields: { type: \"array[string]\", description: Fields that can be filtered. }\n      \
             aggregates: { type: \"array[string]\", description: Aggregations that there are. }\n",
        ),
        (
            "assumptions.yaml",
            "  metadata-path:\n    value: null\n    reason: The endpoint is known by name and method; its page was not seen.\n    \
             settled_by: The page of the endpoint Metadata.\n    scope: client\n",
            "",
        ),
    ]);
    let endpoints = &after["rust/endpoints.rs"];
    assert!(endpoints.contains("path: Setting::stated(Some(\"/v1/reporting/metadata\"))"), "{endpoints}");
    assert!(
        endpoints.contains("type Reply = MetadataReply;") && endpoints.contains("pub filterable_fields: Option<Vec<String>>")
    );
    assert!(!after["docs/assumptions.md"].contains("\n## metadata-path\n"));
    assert!(after["docs/endpoints.md"].contains("`filterable_fields`"));
}

#[test]
fn a_report_known_by_name_gets_rows_when_its_fields_are_written() {
    let before = generate(&[]);
    assert!(before["rust/offers.rs"].contains("Records<Self, JsonRow>"));
    let after = generate(&[(
        "reports/offers/offers.yaml",
        "coverage: name-only\ndescription: Known from the newest navigation only; no capture shows its page.\n",
        "coverage: partial\ndescription: One row per offer.\nfields:\n  id: { type: integer, nullable: assumed-never, description: Id of the offer. }\n",
    )]);
    let offers = &after["rust/offers.rs"];
    assert!(
        offers.contains("pub const fn records() -> Records<Self, Record>") && offers.contains("pub other: Other"),
        "{offers}"
    );
    assert!(offers.contains("pub const ID: Field<Offers, i64>"));
}

/// Every line costs compile time in every user's build.
#[test]
fn the_generated_crate_stays_small() {
    let lines = |(path, text): (&String, &String)| if path.starts_with("rust/") { text.lines().count() } else { 0 };
    let lines: usize = generate(&[]).iter().map(lines).sum();
    assert!(lines < 5000, "{lines} lines");
}
