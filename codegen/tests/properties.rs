//! Properties for any input: reading never panics, damaged files never lose a fact in silence, JSON is read as a JSON parser reads it,
//! and a Markdown renderer shows escaped text as written. `many_cases.sh` runs them with far more cases.

use std::path::Path;

use placewise_codegen::emit::markdown;
use placewise_codegen::finding::{FileId, codes};
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
        prop_assert!(checked.findings.iter().all(|finding| finding.code != codes::SCHEMA), "{:?}", checked.findings);
    }
}

/// One way to damage a file.
#[derive(Clone, Debug)]
enum Damage {
    /// Ends after this many lines.
    Cut(usize),
    /// Ends inside of a line.
    CutAt(usize),
    Drop(usize),
    Swap(usize, usize),
    Twice(usize),
    Indent(usize, usize),
    Tabs,
    Crlf,
    Bom,
    Utf16(bool),
    Latin1,
    Insert(usize, Vec<u8>),
    Replace(usize, u8),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let at = 0..10_000usize;
    prop_oneof![
        4 => at.clone().prop_map(Damage::Cut),
        2 => at.clone().prop_map(Damage::CutAt),
        2 => at.clone().prop_map(Damage::Drop),
        2 => (at.clone(), at.clone()).prop_map(|(a, b)| Damage::Swap(a, b)),
        1 => at.clone().prop_map(Damage::Twice),
        1 => (at.clone(), 0..5usize).prop_map(|(a, b)| Damage::Indent(a, b)),
        1 => Just(Damage::Tabs),
        1 => Just(Damage::Crlf),
        1 => Just(Damage::Bom),
        1 => any::<bool>().prop_map(Damage::Utf16),
        1 => Just(Damage::Latin1),
        2 => (at.clone(), prop::collection::vec(any::<u8>(), 1..6)).prop_map(|(a, b)| Damage::Insert(a, b)),
        2 => (at, any::<u8>()).prop_map(|(a, b)| Damage::Replace(a, b)),
    ]
}

fn damaged(bytes: &[u8], damage: &Damage) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let count = lines.len();
    let utf16 = |big: bool| {
        let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
    };
    match damage {
        Damage::Cut(at) => lines.truncate(at % count),
        Damage::CutAt(at) => return bytes[..at % (bytes.len() + 1)].to_vec(),
        Damage::Drop(at) => drop(lines.remove(at % count)),
        Damage::Swap(a, b) => lines.swap(a % count, b % count),
        Damage::Twice(at) => lines.insert(at % count, lines[at % count].clone()),
        Damage::Indent(at, by) => lines[at % count].insert_str(0, &" ".repeat(*by)),
        Damage::Tabs => return text.replace("  ", "\t").into_bytes(),
        Damage::Crlf => return text.replace('\n', "\r\n").into_bytes(),
        Damage::Bom => return [b"\xef\xbb\xbf", bytes].concat(),
        Damage::Utf16(big) => return utf16(*big),
        Damage::Latin1 => return [bytes, b"\n# caf\xe9\n"].concat(),
        Damage::Insert(at, more) => {
            let mut bytes = bytes.to_vec();
            let at = at % (bytes.len() + 1);
            bytes.splice(at..at, more.iter().copied());
            return bytes;
        }
        Damage::Replace(at, byte) => {
            let mut bytes = bytes.to_vec();
            let at = at % bytes.len().max(1);
            bytes[at] = *byte;
            return bytes;
        }
    }
    lines.concat().into_bytes()
}

/// The words of a file outside of comments. Lines with escapes, anchors or directives are left out, and words that YAML may write
/// otherwise: numbers, booleans and null.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let plain = text.lines().filter(|line| !line.contains(['\\', '&', '*']) && !line.starts_with(['#', '%']));
    let before_comment =
        |line| [" #", "\t#"].into_iter().fold(line, |line: &str, mark| line.split(mark).next().unwrap_or_default());
    let words = plain.flat_map(move |line| before_comment(line).split(|c: char| !c.is_ascii_alphanumeric()));
    let is_word = |word: &&str| word.len() > 1 && word.starts_with(|c: char| c.is_ascii_alphabetic());
    words.filter(is_word).filter(|word| !["true", "false", "null"].contains(&word.to_lowercase().as_str()))
}

/// All files that maintainers write, and the platform files of an invented API.
fn written() -> &'static [InputFile] {
    static FILES: std::sync::LazyLock<Vec<InputFile>> = std::sync::LazyLock::new(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |path: &str| source::read_dir(&dir.join(path)).unwrap();
        [read("../spec"), read("../tests/fixtures/harbour/spec"), read("tests/platform")].concat()
    });
    &FILES
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1500), ..ProptestConfig::default() })]

    /// A damaged file either has a finding with a place, or every word of it outside of comments is in the value that was read.
    #[test]
    fn a_damaged_file_loses_nothing_in_silence(which in any::<prop::sample::Index>(), damages in prop::collection::vec(any_damage(), 1..3)) {
        let file = which.get(written());
        let bytes = damages.iter().fold(file.bytes.clone(), |bytes, damage| damaged(&bytes, damage));
        let read = source::read(vec![InputFile { bytes: bytes.clone(), ..file.clone() }]);
        let findings: Vec<_> = read.findings.iter().filter(|one| one.code != codes::MISSING_FILE).collect();
        prop_assert!(findings.iter().all(|one| one.place.is_some() && one.code != codes::SCHEMA), "{findings:?}");
        placewise_codegen::finding::render(&read.findings, &read.sources, true);
        if findings.is_empty() {
            let text = String::from_utf8(bytes).expect("a file that is not UTF-8 has a finding");
            let value = yaml_tree::parse(FileId(0), &text).0.expect("a file without findings has a value").to_json().to_string();
            let lost: Vec<&str> = words(&text).filter(|word| !value.contains(word)).collect();
            prop_assert!(lost.is_empty(), "lost {lost:?} of\n{text}");
        }
    }

    /// So does the spec as a whole: no damage of one of its files panics or hangs a rule.
    #[test]
    fn a_spec_with_a_damaged_file_is_checked(which in any::<prop::sample::Index>(), damage in any_damage()) {
        let mut files = platform();
        let at = which.index(files.len());
        files[at].bytes = damaged(&files[at].bytes, &damage);
        let checked = check_spec(files);
        prop_assert!(checked.model.is_some() || !checked.findings.is_empty());
        placewise_codegen::finding::to_sarif(&checked.findings, &checked.sources);
        placewise_codegen::finding::to_github(&checked.findings, &checked.sources);
    }
}

/// Line endings and byte order marks are no facts.
#[test]
fn a_spec_from_another_system_is_the_same() {
    let value = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let (tree, findings) = yaml_tree::parse(FileId(0), &text);
        assert!(findings.is_empty(), "{findings:?}");
        tree.unwrap().to_json()
    };
    for file in written() {
        for damage in [Damage::Crlf, Damage::Bom] {
            assert_eq!(value(damaged(&file.bytes, &damage)), value(file.bytes.clone()), "{}: {damage:?}", file.path);
        }
    }
}

/// A file of 50 MB in each of the usual forms of rubbish, and 50 MB of fields.
#[test]
#[ignore = "takes seconds in a release build; run by many_cases.sh"]
fn files_of_50_megabytes_are_read_or_refused() {
    let size = 50 << 20;
    let head = "report: big\nformat: records\ncoverage: partial\nfields:\n";
    let fields = (0..).map(|index| format!("  field_{index}: {{ type: integer, description: One of many. }}\n"));
    let mut big = head.to_owned();
    big.extend(fields.take(size / 55));
    let texts = [
        vec![0; size],
        vec![b'a'; size],
        b"\n".repeat(size),
        b"- ".repeat(size / 2),
        b"[".repeat(size),
        b"a: b\n".repeat(size / 5),
        b"\xff\xfe".repeat(size / 2),
        big.into_bytes(),
    ];
    for bytes in texts {
        let mut files = platform();
        let label = format!("{:?}…", &bytes[..8]);
        files.push(InputFile { path: "reports/port/big.yaml".into(), label: "big.yaml".into(), bytes });
        let checked = check_spec(files);
        assert!(checked.findings.iter().any(|one| one.place.is_some()) || checked.model.is_some(), "{label}");
        assert!(checked.findings.len() < 10_000, "{label}: {} findings", checked.findings.len());
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
