//! Evidence of the live API applied to a spec: what is edited and what keeps its bytes, what stays open, and what changes nothing at all.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use placewise_codegen::check_spec;
use placewise_codegen::evidence::{EvidenceFile, Origin, Settlement, Unsettled, settle};
use placewise_codegen::finding::{Severity, codes};
use placewise_codegen::source::{InputFile, read_dir};
use placewise_model::{Evidence, Exchange, SeenFact, Settled, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

const API: &str = "Harbour Office";

fn spec() -> Vec<InputFile> {
    read_dir(&folder()).expect("readable")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/harbour/spec")
}

fn verdict(assumption: &str, verdict: Verdict, assumed: Value, value: Option<Value>) -> Settled {
    let by = format!("An exchange about `{assumption}`: #1, {{so}}.");
    Settled { assumption: assumption.into(), verdict, assumed: Some(assumed), value, by, exchanges: Vec::new() }
}

fn fact(fact: &str, stated: Value, seen: Value, hits: u32) -> SeenFact {
    SeenFact { fact: fact.into(), stated, seen, hits, exchanges: Vec::new() }
}

fn evidence(settled: Vec<Settled>, facts: Vec<SeenFact>) -> Evidence {
    Evidence { settled, facts, ..Evidence::new(API, "harbour.test") }
}

fn given(evidence: Evidence) -> EvidenceFile {
    EvidenceFile { label: "one.json".into(), evidence, origin: Origin::Given }
}

fn applied(files: Vec<InputFile>, evidence: Evidence) -> Settlement {
    settle(files, &[given(evidence)]).unwrap_or_else(|problem| panic!("{problem:?}"))
}

fn problem(evidence: &[EvidenceFile]) -> String {
    match settle(spec(), evidence) {
        Err(Unsettled::Evidence(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

/// A file of the spec.
fn text(files: &[InputFile], path: &str) -> String {
    let file = files.iter().find(|file| file.path == path).expect("a file");
    String::from_utf8(file.bytes.clone()).expect("UTF-8")
}

/// The lines of a file that differ.
fn changed_lines(before: &[InputFile], after: &[InputFile], path: &str) -> Vec<String> {
    let (before, after) = (text(before, path), text(after, path));
    after.lines().filter(|line| !before.lines().any(|had| had == *line)).map(str::to_owned).collect()
}

#[test]
fn an_assumption_that_holds_or_is_known_better_is_settled_in_its_own_line() {
    let settled = vec![
        verdict("describe-field-key", Verdict::Refuted, json!("part"), Some(json!("next"))),
        verdict("any-cost", Verdict::Holds, json!(5), None),
        verdict("never-null", Verdict::Refuted, json!(["ids"]), Some(json!(["ids", "counts"]))),
    ];
    let result = applied(spec(), evidence(settled, Vec::new()));
    assert_eq!(
        changed_lines(&spec(), &result.files, "assumptions.yaml"),
        [
            r##"  any-cost: { value: 5, reason: Nobody said., settled: "An exchange about `any-cost`: #1, {so}.", scope: client }"##,
            r##"  describe-field-key: { value: next, reason: A guess., settled: "An exchange about `describe-field-key`: #1, {so}.", scope: client }"##,
            r##"  never-null: { value: [ids, counts], reason: Never seen null., settled: "An exchange about `never-null`: #1, {so}.", scope: types }"##,
        ]
    );
    let shown: Vec<String> = result.changes.iter().map(|one| format!("{} {}", one.link, one.change)).collect();
    assert!(shown[1].ends_with("assumptions.yaml:16:3 describe-field-key: part → next"), "{shown:?}");
    assert!(shown[0].ends_with(":7:3 any-cost: assumed → settled: 5"), "{shown:?}");
    assert!(result.open.iter().all(|open| open.id != "describe-field-key" && open.id != "page-size-key"), "{:?}", result.open);
    let model = check_spec(result.files).model.expect("a model");
    let key = model.assumption("describe-field-key").expect("an assumption");
    assert!(key.settled && key.value == "next" && key.settled_by.contains("{so}"));
    let carried = model.endpoint("describe_field").and_then(|endpoint| endpoint.carries.field.clone()).expect("a setting");
    assert_eq!(carried.assumption.as_deref(), Some("describe-field-key"), "no page states it even now");
}

#[test]
fn blocks_of_text_and_comments_keep_their_bytes() {
    let mut files = spec();
    let old = "value: part, reason: A guess., settled_by: Ask., scope: client }";
    let file = files.iter_mut().find(|file| file.path == "assumptions.yaml").expect("a file");
    let block = "\n    # before\n    value: part   # the value\n    reason: It has to be.\n    settled_by: |\n      Ask.\n\n      Twice.\n\n    scope: client\n";
    let edited = String::from_utf8_lossy(&file.bytes).replace(&format!(" {{ {old}\n"), block);
    file.bytes = edited.clone().into_bytes();
    let result = applied(
        files,
        evidence(vec![verdict("describe-field-key", Verdict::Refuted, json!("part"), Some(json!("a: b")))], vec![]),
    );
    let expected = edited.replace("value: part ", "value: \"a: b\" ").replace(
        "settled_by: |\n      Ask.\n\n      Twice.\n",
        "settled: \"An exchange about `describe-field-key`: #1, {so}.\"\n",
    );
    assert_eq!(text(&result.files, "assumptions.yaml"), expected);
}

#[test]
fn facts_seen_twice_are_edited_and_become_no_documented_ones() {
    let facts = vec![
        fact("reports/quays/cost", json!(1), json!(9), 2),
        fact("filters/operators/and/cost", json!(2), json!(4), 2),
        fact("endpoints/describe/cost", json!(2), json!(3), 2),
        fact("reports/berths/fields/name/filterable", json!("yes"), json!("no"), 2),
        fact("reports/berths/fields/unsure/filterable", json!("unknown"), json!("yes"), 2),
        fact("reports/berths/fields/kind/values", json!([]), json!(["damp", "dry"]), 2),
        fact("reports/berths/fields/id/nullable", json!("assumed-never"), json!("seen"), 2),
    ];
    let before = check_spec(spec()).model.expect("a model");
    let result = applied(spec(), evidence(Vec::new(), facts));
    assert_eq!(result.changes.len(), 7, "{:?}", result.changes);
    // What is refused although the spec allows it is told, although it was mended.
    let told: Vec<_> = result.findings.iter().map(|finding| (finding.code, finding.severity)).collect();
    assert_eq!(told, [(codes::DRIFT_LIVE, Severity::Warning)]);
    let model = check_spec(result.files.clone()).model.expect("a model");
    let (quays, berths) = (model.report("quays").expect("a report"), model.report("berths").expect("a report"));
    assert_eq!((quays.cost, quays.provenance.word()), (Some(9), "example"));
    assert_eq!((model.filter.operators.and.cost.value, model.filter.operators.and.provenance.word()), (4, "example"));
    assert_eq!(model.endpoint("describe").and_then(|endpoint| endpoint.cost), Some(3));
    let words = |name: &str| serde_json::to_value(&berths.field(name).expect("a field").filterable).expect("JSON");
    assert_eq!((words("name"), words("unsure")), (json!("unknown-strict"), json!("example")));
    assert_eq!(berths.field("id").expect("a field").nullable.word(), "seen");
    let kind = serde_json::to_value(berths.field("kind").expect("a field")).expect("JSON");
    let values = kind["type"]["values"].as_array().expect("values");
    assert_eq!(values.last(), Some(&json!({ "value": "damp", "provenance": "example" })));
    assert_eq!(values.iter().filter(|value| value["value"] == "dry").count(), 1);
    // Everything else is as it was.
    let others = |model: &placewise_model::Model| {
        model.reports.iter().filter(|report| !["quays", "berths"].contains(&report.name.as_str())).cloned().collect::<Vec<_>>()
    };
    assert_eq!(others(&model), others(&before));
}

#[test]
fn a_fact_seen_once_is_only_counted() {
    let once = |hits| evidence(Vec::new(), vec![fact("reports/quays/cost", json!(1), json!(9), hits)]);
    let result = applied(spec(), once(1));
    assert!(result.changes.is_empty() && result.findings.is_empty());
    assert!(result.open.iter().any(|open| open.id == "reports/quays/cost" && open.reason.contains("once")));
    let other = EvidenceFile { label: "two.json".into(), ..given(once(1)) };
    let both = settle(spec(), &[given(once(1)), other]).expect("settled");
    assert_eq!(both.changes.len(), 1, "two files saw it");
}

#[test]
fn a_server_that_shows_several_values_gets_no_verdict() {
    let cost = |seen: i64| fact("reports/quays/cost", json!(1), json!(seen), 4);
    let result = applied(spec(), evidence(Vec::new(), vec![cost(3), cost(5)]));
    assert!(result.changes.is_empty() && result.findings.is_empty());
    let open = result.open.iter().find(|open| open.id == "reports/quays/cost").expect("open");
    assert_eq!(open.reason, "the server showed several values");
    let other = EvidenceFile { label: "two.json".into(), ..given(evidence(Vec::new(), vec![cost(5)])) };
    let both = settle(spec(), &[given(evidence(Vec::new(), vec![cost(3), cost(5)])), other]).expect("settled");
    assert!(both.changes.is_empty(), "another file does not make it steady");
}

#[test]
fn what_no_edit_can_mend_is_a_finding_at_its_line() {
    let facts = vec![
        fact("reports/berths/aggregations/kind", json!("yes"), json!("no"), 2),
        fact("formats/timeseries/most_time_points", json!(60), json!(50), 2),
        fact("reports/traffic/intervals/1h", json!("offered"), json!("no"), 2),
        fact("reports/berths/fields/name/operators/one_of", json!("accepted"), json!("no"), 2),
        fact("reports/nowhere/cost", json!(60), json!(50), 2),
        fact("filters/operators/or/cost", json!(5), json!(6), 2),
    ];
    let settled = vec![verdict("describe-field-key", Verdict::Refuted, json!("part"), None)];
    let result = applied(spec(), evidence(settled, facts));
    assert!(result.changes.is_empty());
    let line = |code: &str, path: &str, start: &str| {
        let text = text(&spec(), path);
        let at = text.find(&format!("\n{start}")).expect("a line") + 1;
        format!("{code} {path}:{}", text[..at].matches('\n').count() + 1)
    };
    let told: Vec<String> = result
        .findings
        .iter()
        .map(|one| format!("{} {}", one.code, result.sources.link(one.place.as_ref().expect("a place"))))
        .map(|text| text.replace(&format!("{}/", folder().display()), ""))
        .collect();
    assert_eq!(
        told,
        [
            line("assumption-refuted", "assumptions.yaml", "  describe-field-key:"),
            line("drift-live", "formats.yaml", "  most_time_points:"),
            line("drift-live", "reports/port/berths.yaml", "  name: "),
            line("drift-live", "reports/port/berths.yaml", "  kind:\n"),
            line("drift-live", "reports/sea/traffic.yaml", "intervals:"),
        ]
    );
    let open = |id: &str| result.open.iter().find(|open| open.id == id).map(|open| open.reason.clone()).expect("open");
    assert!(open("describe-field-key").starts_with("refuted") && open("reports/nowhere/cost").contains("no such fact"));
    assert!(open("filters/operators/or/cost").contains("`any-cost`"));
}

#[test]
fn a_second_run_changes_nothing_and_confirms() {
    let all = evidence(
        vec![
            verdict("describe-field-key", Verdict::Refuted, json!("part"), Some(json!("next"))),
            verdict("any-cost", Verdict::Holds, json!(5), None),
        ],
        vec![
            fact("reports/quays/cost", json!(1), json!(9), 2),
            fact("reports/berths/fields/name/filterable", json!("yes"), json!("no"), 2),
            fact("reports/berths/fields/kind/values", json!([]), json!(["damp"]), 2),
        ],
    );
    let first = applied(spec(), all.clone());
    let second = applied(first.files.clone(), all);
    assert!(second.changes.is_empty() && second.findings.is_empty(), "{:?} {:?}", second.changes, second.findings);
    assert_eq!(second.confirmed, 5);
    assert!(first.files.iter().zip(&second.files).all(|(first, second)| first.bytes == second.bytes));
}

#[test]
fn evidence_that_contradicts_itself_names_both_files() {
    let of = |label: &str, origin, settled: Vec<Settled>, facts: Vec<SeenFact>| EvidenceFile {
        label: label.into(),
        evidence: evidence(settled, facts),
        origin,
    };
    let next = || vec![verdict("describe-field-key", Verdict::Refuted, json!("part"), Some(json!("next")))];
    let holds = || vec![verdict("describe-field-key", Verdict::Holds, json!("part"), None)];
    let refuted = || vec![verdict("describe-field-key", Verdict::Refuted, json!("part"), None)];
    let cost = |seen: i64| vec![fact("reports/quays/cost", json!(1), json!(seen), 3)];
    for (one, two) in
        [((next(), vec![]), (holds(), vec![])), ((holds(), vec![]), (refuted(), vec![])), ((vec![], cost(8)), (vec![], cost(9)))]
    {
        let said = problem(&[of("one.json", Origin::Given, one.0, one.1), of("two.json", Origin::Given, two.0, two.1)]);
        assert!(said.contains("one.json") && said.contains("two.json") && !said.contains('\n'), "{said}");
    }
    let kept = problem(&[of("kept.json", Origin::Kept, next(), vec![]), of("one.json", Origin::Given, holds(), vec![])]);
    assert!(kept.contains("if the API changed, remove kept.json"), "{kept}");
    // What is settled is contradicted by nothing but a person.
    let first = applied(spec(), evidence(next(), Vec::new()));
    let Err(Unsettled::Evidence(said)) = settle(first.files, &[of("two.json", Origin::Given, holds(), vec![])]) else {
        panic!("settled")
    };
    assert!(said.contains("two.json") && said.contains("assumptions.yaml:16:3"), "{said}");
}

#[test]
fn evidence_older_than_the_spec_refutes_no_other_value() {
    let result =
        applied(spec(), evidence(vec![verdict("describe-field-key", Verdict::Refuted, json!("page"), None)], Vec::new()));
    assert!(result.findings.is_empty() && result.changes.is_empty());
    assert!(result.open.iter().any(|open| open.id == "describe-field-key" && open.reason.contains("another value")));
}

#[test]
fn another_api_and_values_that_do_not_fit_change_nothing() {
    let other = Evidence { api: "Other\u{301}".into(), ..evidence(Vec::new(), Vec::new()) };
    assert!(problem(&[given(other)]).contains("one.json: it is about"));
    // Two request keys would be the same, a cost would be text, and the value would be invisible.
    for (id, assumed, value) in [
        ("describe-field-key", json!("part"), json!("about")),
        ("any-cost", json!(5), json!("five")),
        ("describe-field-key", json!("part"), json!("\u{200b}")),
    ] {
        let wrong = evidence(vec![verdict(id, Verdict::Refuted, assumed, Some(value.clone()))], Vec::new());
        match settle(spec(), &[given(wrong)]) {
            Err(Unsettled::Spec(checked, _)) => assert!(!checked.findings.is_empty()),
            // What YAML cannot hold as it is, is not written.
            Ok(result) => assert!(result.changes.is_empty() && !result.findings.is_empty(), "{id} {value}"),
            Err(problem) => panic!("{problem:?}"),
        }
    }
}

#[test]
fn kept_exchanges_have_no_secret_and_read_back_as_evidence() {
    let headers = [("x-token", "s3cr3t"), ("authorization", "Bearer s3cr3t"), ("cookie", "s3cr3t"), ("x-harbour", "h=1")];
    let exchange = Exchange {
        method: "POST".into(),
        path: "/ask".into(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect(),
        status: 200,
        reply_headers: [("set-cookie".to_owned(), "s3cr3t".to_owned()), ("x-cost".to_owned(), "1".to_owned())]
            .into_iter()
            .collect(),
        ..Exchange::default()
    };
    let settled = Settled { exchanges: vec![1], ..verdict("describe-field-key", Verdict::Holds, json!("part"), None) };
    let cost = SeenFact { exchanges: vec![0, 1], ..fact("reports/quays/cost", json!(1), json!(9), 2) };
    let odd = SeenFact { exchanges: vec![1], ..fact("reports/berths/fields/a~1../nullable", json!(1), json!("seen"), 2) };
    let all = Evidence { exchanges: vec![Exchange::default(), exchange], ..evidence(vec![settled], vec![cost, odd]) };
    let result = applied(spec(), all);
    let names: Vec<&str> = result.kept.iter().map(|kept| kept.name.as_str()).collect();
    assert_eq!(names, ["describe-field-key.json", "reports.quays.cost.json"]);
    for kept in &result.kept {
        assert!(
            !kept.text.contains("s3cr3t") && kept.text.contains("x-harbour") && kept.text.contains("x-cost"),
            "{}",
            kept.text
        );
    }
    let read = Evidence::parse(result.kept[0].text.as_bytes()).expect("evidence");
    assert_eq!((read.settled[0].exchanges.as_slice(), read.exchanges.len()), (&[0][..], 1));
    let again =
        settle(result.files, &[EvidenceFile { label: "kept".into(), evidence: read, origin: Origin::Kept }]).expect("agrees");
    assert!(again.changes.is_empty() && again.kept.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a server says stays one value of one assumption.
    #[test]
    fn text_of_evidence_never_breaks_out_of_its_value(by in "\\PC{0,60}|[ -~\n]{0,60}", value in "\\PC{1,12}|[a-z:#{}&*!|'\" ]{1,12}") {
        let settled = Settled { by: by.clone(), ..verdict("describe-field-key", Verdict::Refuted, json!("part"), Some(json!(value))) };
        let before = check_spec(spec()).model.expect("a model");
        match settle(spec(), &[given(evidence(vec![settled], Vec::new()))]) {
            Ok(result) => {
                let mut model = placewise_model::Model::clone(&check_spec(result.files).model.expect("a model"));
                if result.changes.is_empty() {
                    prop_assert!(result.findings.len() == 1);
                } else {
                    let key = model.assumption("describe-field-key").expect("an assumption");
                    prop_assert_eq!((&key.value, key.settled_by.trim()), (&json!(value), by.trim()));
                    let same = before.assumption("describe-field-key").expect("an assumption").clone();
                    model.assumptions.iter_mut().filter(|one| one.id == "describe-field-key").for_each(|one| *one = same.clone());
                    model.endpoints.clone_from(&before.endpoints);
                }
                prop_assert_eq!(&model, &*before);
            }
            Err(Unsettled::Spec(checked, _)) => prop_assert!(!checked.findings.is_empty()),
            Err(Unsettled::Evidence(problem)) => prop_assert!(false, "{}", problem),
        }
    }
}

fn codegen(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_placewise-codegen")).current_dir(dir).args(arguments).output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// A copy of the spec.
fn copied(to: &Path) {
    for file in spec() {
        let path = to.join("spec").join(&file.path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, file.bytes).expect("written");
    }
}

fn tree(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for entry in fs::read_dir(dir).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(tree(&path)) } else { found.push((path.clone(), fs::read(&path).expect("readable"))) }
    }
    found.sort();
    found
}

#[test]
fn the_program_prints_each_line_and_check_writes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    copied(dir);
    let exchange = Exchange { method: "POST".into(), path: "/ask".into(), status: 200, ..Exchange::default() };
    let settled =
        Settled { exchanges: vec![0], ..verdict("describe-field-key", Verdict::Refuted, json!("part"), Some(json!("next"))) };
    let undecided = Settled { by: "The bucket was full.".into(), ..verdict("any-cost", Verdict::CannotTell, json!(5), None) };
    let all = Evidence { exchanges: vec![exchange], ..evidence(vec![settled, undecided], Vec::new()) };
    fs::write(dir.join("e.json"), all.to_json().expect("JSON")).expect("written");
    let before = tree(dir);
    let check = codegen(dir, &["settle", "e.json", "--check"]);
    assert_eq!((check.status.code(), tree(dir) == before), (Some(1), true), "{}", said(&check));
    let run = codegen(dir, &["settle", "e.json"]);
    assert_eq!(run.status.code(), Some(0), "{}", said(&run));
    let text = said(&run);
    assert!(text.starts_with("spec/assumptions.yaml:16:3 describe-field-key: part → next\n"), "{text}");
    assert!(text.contains("open: any-cost: The bucket was full.\n") && text.contains("1 fact changed"), "{text}");
    assert!(dir.join("lockstep/exchanges/describe-field-key.json").is_file());
    let after = tree(dir);
    for arguments in
        [&["settle", "e.json"][..], &["settle", "e.json", "--check"], &["settle", "lockstep/exchanges/describe-field-key.json"]]
    {
        let again = codegen(dir, arguments);
        assert_eq!((again.status.code(), tree(dir) == after), (Some(0), true), "{}", said(&again));
    }
    let json = codegen(dir, &["settle", "e.json", "--format", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert!(json["changed"].as_array().is_some_and(Vec::is_empty) && json["open"][0]["what"].is_string(), "{json}");
}

#[test]
fn bad_files_are_one_sentence_and_change_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    copied(dir);
    let good = evidence(Vec::new(), Vec::new()).to_json().expect("JSON");
    File::create(dir.join("large.json")).and_then(|file| file.set_len(200 << 20)).expect("a sparse file");
    let files = [
        ("truncated.json", good[..good.len() / 2].to_owned(), "EOF while parsing"),
        ("version.json", good.replace("\"version\": 1", "\"version\": 7"), "its version is 7"),
        ("other.json", good.replace(API, "Placewise\\u001b[31m"), "control characters"),
        ("api.json", good.replace(API, "Elsewhere"), "it is about `Elsewhere`"),
        ("har.json", "{\"log\":{\"entries\":[]}}".to_owned(), "missing field `version`"),
        ("empty.json", String::new(), "EOF while parsing"),
    ];
    for (name, text, _) in &files {
        fs::write(dir.join(name), text).expect("written");
    }
    let before = tree(dir);
    let cases = files.iter().map(|(name, _, expected)| (*name, *expected));
    for (name, expected) in
        cases.chain([("large.json", "larger than 64 MiB"), ("none.json", "No such file"), ("spec", "directory")])
    {
        let output = codegen(dir, &["settle", name]);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {text}");
        assert!(text.contains(expected) && text.contains(name) && text.lines().count() == 1, "{name}: {text}");
        assert!(!text.contains('\u{1b}'));
    }
    assert!(tree(dir) == before);
}
