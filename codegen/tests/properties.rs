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
    fn hostile_names_and_texts_are_carried_or_refused(name in "\\PC{0,12}", about in "\\PC{0,40}", value in "\\PC{0,10}") {
        let report = json!({
            "report": "berths", "format": "records", "coverage": "partial", "about": about,
            "fields": { name: { "type": "enum", "values": [value, "other"], "about": about }, "plain": { "type": "integer", "about": "x" } },
        });
        let mut files = source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/harbour/spec")).unwrap();
        files.retain(|file| !file.path.starts_with("reports/"));
        let bytes = report.to_string().into_bytes();
        files.push(InputFile { path: "reports/port/berths.yaml".into(), label: "berths.yaml".into(), bytes });
        let checked = check_spec(files);
        match checked.model {
            None => prop_assert!(checked.findings.iter().all(|finding| finding.place.is_some())),
            Some(model) => {
                let files = emit::emit(&model);
                let rust = &files["rust/berths.rs"];
                prop_assert!(!rust.contains("compile_error!"), "{rust}");
                prop_assert!(syn::parse_file(rust).is_ok(), "{rust}");
            }
        }
    }
}
