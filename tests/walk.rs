//! CONTRIBUTING's walk, done on a copy of the spec: one edited line changes type, docs, schema, and what the simulator serves.

use std::path::Path;

use placewise_codegen::source::{InputFile, read_dir};
use placewise_codegen::{check_spec, emit};
use placewise_simulator::Simulator;

fn spec() -> Vec<InputFile> {
    read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("spec")).expect("the spec is readable")
}

fn generate(files: Vec<InputFile>) -> emit::Files {
    let checked = check_spec(files);
    let findings = placewise_codegen::finding::render(&checked.findings, &checked.sources, false);
    emit::emit(&checked.model.unwrap_or_else(|| panic!("{findings}")))
}

#[test]
fn the_tree_is_fresh() {
    let files = generate(spec());
    let stale =
        placewise_codegen::output::compare(&files, &Path::new(env!("CARGO_MANIFEST_DIR")).join("generated")).expect("readable");
    assert!(stale.is_empty(), "{:?}", stale.iter().map(|one| (&one.path, one.difference)).collect::<Vec<_>>());
}

#[test]
fn one_line_reaches_every_output() {
    let mut files = spec();
    let report = files.iter_mut().find(|file| file.path == "reports/sendings/sendings.yaml").expect("the report is there");
    let text = String::from_utf8(report.bytes.clone()).expect("UTF-8");
    let edited = text.replace("values: [sms, email, push]", "values: [voice]");
    assert_ne!(edited, text);
    report.bytes = edited.into_bytes();

    let before = generate(spec());
    let after = generate(files);
    let changed: Vec<&str> =
        after.iter().filter(|(path, text)| before.get(*path) != Some(text)).map(|(path, _)| path.as_str()).collect();
    assert_eq!(changed, ["docs/reports/sendings.md", "model.json", "rust/sendings.rs", "schema/rows/sendings.schema.json"]);
    assert!(after["rust/sendings.rs"].contains("Voice = \"voice\""));
    assert!(after["docs/reports/sendings.md"].contains("Known values: `voice`"));

    let server = Simulator::from_json(&after["model.json"]).expect("a model").rows(5).start().expect("started");
    let reply = placewise_reporting::blocking::Client::builder()
        .base_url(server.url())
        .token("any")
        .customers(placewise_reporting::Customers::id(1_000_941))
        .product_name("tests")
        .build()
        .expect("a client")
        .fetch(placewise_reporting::Sendings::records())
        .expect("a page");
    let channels: Vec<_> =
        reply.rows.iter().filter_map(|row| row.channel.as_ref()).map(|channel| channel.as_str().to_owned()).collect();
    assert!(!channels.is_empty() && channels.iter().all(|channel| channel == "voice"), "{channels:?}");
}
