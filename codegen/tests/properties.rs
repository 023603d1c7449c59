//! Properties for any input: reading never panics, JSON is read as a JSON parser reads it, and a Markdown renderer shows escaped text as
//! written.

use std::path::Path;

use placewise_codegen::emit::markdown;
use placewise_codegen::finding::FileId;
use placewise_codegen::source::{InputFile, yaml_tree};
use placewise_codegen::{check_spec, emit, source};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e15..1e15f64).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z0-9 _:#-]{0,8}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The words that a Markdown renderer shows, and whether it shows anything but words and code.
fn rendered(markdown: &str) -> (String, bool) {
    let mut words = String::new();
    let mut plain = true;
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            Event::SoftBreak => words.push(' '),
            Event::Start(Tag::Paragraph) | Event::End(_) => {}
            other => {
                plain = false;
                words.push_str(&format!("{other:?}"));
            }
        }
    }
    (words, plain)
}

proptest! {
    #[test]
    fn json_is_read_as_json_reads_it(value in any_json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let (tree, findings) = yaml_tree::parse(FileId(0), &text);
            prop_assert!(findings.is_empty(), "{findings:?}");
            prop_assert_eq!(tree.unwrap().to_json(), value.clone());
        }
    }

    #[test]
    fn the_reader_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let file = InputFile { path: "reports/port/x.yaml".into(), label: "x.yaml".into(), bytes };
        let checked = check_spec(vec![file]);
        prop_assert!(checked.model.is_none());
        placewise_codegen::finding::render(&checked.findings, &checked.sources, true);
    }

    #[test]
    fn yaml_like_text_never_panics(text in "[a-z:{}\\[\\]&*!|>\"'#\\- \n,?%@`~0-9]{0,120}") {
        let (_, findings) = yaml_tree::parse(FileId(0), &text);
        for finding in findings {
            prop_assert!(finding.place.is_some());
        }
    }

    #[test]
    fn escaped_text_is_shown_as_written(text in "[ -~äøß日]{0,60}") {
        let escaped = markdown::markdown(&text);
        let (words, plain) = rendered(&escaped);
        prop_assert!(plain, "{text:?} became {escaped:?}: {words}");
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        prop_assert_eq!(letters(&words), letters(&text));
    }

    #[test]
    fn code_is_code(text in "[ -~]{1,30}") {
        let (_, plain) = rendered(&markdown::code(&text));
        prop_assert!(plain, "{}", markdown::code(&text));
    }

    /// Any name and text of a field becomes Rust that parses, or gets a finding with a place.
    #[test]
    fn hostile_names_and_texts_are_emitted_or_rejected(name in "\\PC{0,12}", description in "\\PC{0,40}", value in "\\PC{0,10}") {
        let report = json!({
            "report": "berths", "format": "records", "coverage": "partial", "description": description,
            "fields": { name: { "type": "enum", "values": [value, "other"], "description": description }, "plain": { "type": "integer", "description": "x" } },
        });
        emitted_or_rejected(vec![file("reports/port/berths.yaml", &report)], "rust/berths.rs")?;
    }

    /// So do keys of labels and names of aggregations.
    #[test]
    fn hostile_labels_are_emitted_or_rejected(name in "\\PC{0,12}", description in "\\PC{0,40}", value in "\\PC{0,10}") {
        let label = json!({ name.as_str(): { "type": "enum", "values": [value, "other"], "description": description }, "plain": { "type": "integer" } });
        let report = json!({
            "report": "tides", "format": "timeseries", "coverage": "partial", "description": description, "cost": 1,
            "labels": label, "aggregations": { name: { "description": description, "labels": label } },
        });
        emitted_or_rejected(vec![file("reports/port/tides.yaml", &report)], "rust/tides.rs")?;
    }

    /// So do endpoints and the keys of their requests and replies.
    #[test]
    fn hostile_endpoints_are_emitted_or_rejected(name in "[a-z][a-z0-9_]{0,10}", key in "\\PC{0,12}", path in "[a-z/. ]{0,12}", description in "\\PC{0,40}") {
        let keys = json!({ key: { "type": "enum", "values": ["one", "other"], "description": description } });
        let ask = json!({ "method": "POST", "path": "/ask" });
        let endpoints = json!({ "endpoints": {
            "ask": ask, "chart": ask, "figures": ask,
            name: { "method": "GET", "path": format!("/{path}"), "description": description, "request": keys, "response": keys },
        } });
        emitted_or_rejected(vec![file("endpoints.yaml", &endpoints)], "rust/endpoints.rs")?;
    }

    /// The schema and the reader accept the same lengths of time.
    #[test]
    fn the_schema_and_the_reader_agree_on_lengths(text in "(0|[1-9][0-9]{0,9}|forever)? ?(minute|hour|day|week|month|year|age)?s?") {
        let mut files = platform();
        let formats = files.iter_mut().find(|file| file.path == "formats.yaml").unwrap();
        let replaced = String::from_utf8_lossy(&formats.bytes).replace("retention: 7 days", &format!("retention: {}", json!(text)));
        formats.bytes = replaced.into_bytes();
        let checked = check_spec(files);
        prop_assert!(checked.findings.iter().all(|finding| finding.code != "schema"), "{:?}", checked.findings);
    }
}

/// The platform files of an invented API.
fn platform() -> Vec<InputFile> {
    source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform")).unwrap()
}

fn file(path: &str, value: &Value) -> InputFile {
    InputFile { path: path.into(), label: path.into(), bytes: value.to_string().into_bytes() }
}

/// Checks that a spec with these files becomes Rust that parses, or gets findings with places.
fn emitted_or_rejected(changed: Vec<InputFile>, emitted: &str) -> Result<(), TestCaseError> {
    let mut files = platform();
    files.retain(|file| changed.iter().all(|changed| changed.path != file.path));
    files.extend(changed);
    let checked = check_spec(files);
    match checked.model {
        None => prop_assert!(checked.findings.iter().all(|finding| finding.place.is_some()), "{:?}", checked.findings),
        Some(model) => {
            let files = emit::emit(&model);
            let rust = &files[emitted];
            prop_assert!(!rust.contains("compile_error!"), "{rust}");
            prop_assert!(syn::parse_file(rust).is_ok(), "{rust}");
        }
    }
    Ok(())
}
