//! What must hold whatever the input: reading never panics, our reading of JSON-shaped YAML is JSON's, and escaped text is text to a
//! Markdown renderer that we did not write.

use std::path::Path;

use placewise_codegen::emit::text;
use placewise_codegen::finding::FileId;
use placewise_codegen::source::{InputFile, tree};
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

/// What a Markdown renderer makes of a text: its words, and whether anything but words and code came out.
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
            let (tree, findings) = tree::parse(FileId(0), &text);
            prop_assert!(findings.is_empty(), "{findings:?}");
            prop_assert_eq!(tree.unwrap().to_json(), value.clone());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let file = InputFile { path: "reports/port/x.yaml".into(), label: "x.yaml".into(), bytes };
        let checked = check_spec(vec![file]);
        prop_assert!(checked.model.is_none());
        placewise_codegen::finding::render(&checked.findings, &checked.sources, true);
    }

    #[test]
    fn yaml_like_text_never_panics(text in "[a-z:{}\\[\\]&*!|>\"'#\\- \n,?%@`~0-9]{0,120}") {
        let (_, findings) = tree::parse(FileId(0), &text);
        for finding in findings {
            prop_assert!(finding.place.is_some());
        }
    }

    #[test]
    fn escaped_text_is_shown_as_written(text in "[ -~äøß日]{0,60}") {
        let escaped = text::markdown(&text);
        let (words, plain) = rendered(&escaped);
        prop_assert!(plain, "{text:?} became {escaped:?}: {words}");
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        prop_assert_eq!(letters(&words), letters(&text));
    }

    #[test]
    fn code_is_code(text in "[ -~]{1,30}") {
        let (_, plain) = rendered(&text::code(&text));
        prop_assert!(plain, "{}", text::code(&text));
    }

    /// Any name and any text of a field is carried into Rust that parses, or refused with a place.
    #[test]
    fn hostile_names_and_texts_are_carried_or_refused(name in "\\PC{0,12}", description in "\\PC{0,40}", value in "\\PC{0,10}") {
        let report = json!({
            "report": "berths", "format": "records", "coverage": "partial", "description": description,
            "fields": { name: { "type": "enum", "values": [value, "other"], "description": description }, "plain": { "type": "integer", "description": "x" } },
        });
        carried_or_refused(vec![file("reports/port/berths.yaml", &report)], "rust/berths.rs")?;
    }

    /// The same for the keys of labels and the names of aggregations.
    #[test]
    fn hostile_labels_are_carried_or_refused(name in "\\PC{0,12}", description in "\\PC{0,40}", value in "\\PC{0,10}") {
        let label = json!({ name.as_str(): { "type": "enum", "values": [value, "other"], "description": description }, "plain": { "type": "integer" } });
        let report = json!({
            "report": "tides", "format": "timeseries", "coverage": "partial", "description": description, "cost": 1,
            "labels": label, "aggregations": { name: { "description": description, "labels": label } },
        });
        carried_or_refused(vec![file("reports/port/tides.yaml", &report)], "rust/tides.rs")?;
    }

    /// The same for an endpoint and the keys of its request and reply.
    #[test]
    fn hostile_endpoints_are_carried_or_refused(name in "[a-z][a-z0-9_]{0,10}", key in "\\PC{0,12}", path in "[a-z/. ]{0,12}", description in "\\PC{0,40}") {
        let keys = json!({ key: { "type": "enum", "values": ["one", "other"], "description": description } });
        let ask = json!({ "method": "POST", "path": "/ask" });
        let endpoints = json!({ "endpoints": {
            "ask": ask, "chart": ask, "figures": ask,
            name: { "method": "GET", "path": format!("/{path}"), "description": description, "request": keys, "response": keys },
        } });
        carried_or_refused(vec![file("endpoints.yaml", &endpoints)], "rust/endpoints.rs")?;
    }

    /// What the schema takes for a length of time is one to the reader too.
    #[test]
    fn the_schema_and_the_reader_agree_on_lengths(text in "(0|[1-9][0-9]{0,9}|forever)? ?(minute|hour|day|week|month|year|age)?s?") {
        let mut files = platform();
        let formats = files.iter_mut().find(|file| file.path == "formats.yaml").unwrap();
        let replaced = String::from_utf8_lossy(&formats.bytes).replace("retention: 7 days", &format!("retention: {}", json!(text)));
        formats.bytes = replaced.into_bytes();
        let checked = check_spec(files);
        prop_assert!(checked.findings.iter().all(|finding| finding.code != "shape"), "{:?}", checked.findings);
    }
}

/// The platform files of an invented API.
fn platform() -> Vec<InputFile> {
    source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform")).unwrap()
}

fn file(path: &str, value: &Value) -> InputFile {
    InputFile { path: path.into(), label: path.into(), bytes: value.to_string().into_bytes() }
}

/// A spec with these files becomes Rust that parses, or gets findings that all have a place.
fn carried_or_refused(changed: Vec<InputFile>, emitted: &str) -> Result<(), TestCaseError> {
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
