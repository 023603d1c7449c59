//! Merges pages into report files: only facts of the page change, everything else keeps its bytes, and the result agrees with the page.

use std::path::{Path, PathBuf};

use placewise_codegen::check_spec;
use placewise_codegen::finding::{Finding, Place, Sources, render};
use placewise_codegen::published::{self, Change, ReadPage, drift, import};
use placewise_codegen::resolve::UncheckedModel;
use placewise_codegen::source::{InputFile, read_dir, yaml_tree};
use proptest::prelude::*;

#[path = "published/changed.rs"]
mod changed;
#[path = "published/real_page.rs"]
mod real_page;
use changed::each_changed;
use real_page::real_page;

const BOATS: &str = include_str!("published/boats.txt");
const FERRIES: &str = include_str!("published/ferries.md");
const CRANES: &str = include_str!("published/cranes.md");
/// A timeseries.
const MOVES: &str = include_str!("published/moves.txt");

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(text: &str) -> ReadPage {
    let mut sources = Sources::default();
    published::read(sources.add("page.txt", text), text)
}

fn merge(page: &str, yaml: &str) -> (String, Vec<Change>) {
    let mut sources = Sources::default();
    let read = published::read(sources.add("page.txt", page), page);
    let file = sources.add("report.yaml", yaml);
    let merged =
        published::merge(&read, file, yaml, None).unwrap_or_else(|findings| panic!("{}", render(&findings, &sources, false)));
    (merged.text, merged.changes)
}

fn shown(changes: &[Change]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

fn json(yaml: &str) -> serde_json::Value {
    let (tree, findings) = yaml_tree::parse(Sources::default().add("report.yaml", yaml), yaml);
    assert!(findings.is_empty(), "{findings:?}\n{yaml}");
    tree.expect("YAML").to_json()
}

/// The platform, and one report file.
fn drift_of(page: &str, platform: &str, path: &str, yaml: &str) -> Vec<Finding> {
    let mut files = read_dir(&folder(platform)).expect("readable");
    files.retain(|file| file.path != path);
    // The rows of the invented API have other names than the page's.
    let rows = "rows: lines, pagination: more, next: at, result_type: kind, result_type_value: lines";
    let renamed =
        "rows: records, pagination: pagination, next: next_page_info, result_type: result_type, result_type_value: records";
    for file in files.iter_mut().filter(|file| file.path == "formats.yaml") {
        file.bytes = String::from_utf8_lossy(&file.bytes).replace(rows, renamed).into_bytes();
    }
    files.push(InputFile { path: path.into(), label: path.into(), bytes: yaml.into() });
    let mut checked = check_spec(files);
    let Some(model) = checked.model.take() else { panic!("{}\n{yaml}", render(&checked.findings, &checked.sources, false)) };
    let read = read(page);
    let name = read.report().expect("a report's page").name.value.clone();
    let (_, doc) = checked.spec.reports.iter().find(|(_, doc)| doc.value.report == name).expect("the report");
    let platform =
        UncheckedModel { filter: Some(model.filter.clone()), records: Some(model.records.clone()), ..UncheckedModel::default() };
    drift(&read, model.report(&name).expect("the report"), &platform, &|path: &[&str]| -> Place { doc.at(path) }).plain_findings()
}

/// Whether all lines of one text are in the other, in order.
fn keeps_lines(old: &str, new: &str) -> bool {
    let mut lines = new.lines();
    old.lines().all(|line| lines.any(|have| have == line))
}

#[test]
fn a_page_changes_nothing_in_its_own_import() {
    for page in [BOATS, FERRIES, MOVES, CRANES, include_str!("published/bare.md")] {
        let yaml = import(read(page).report().expect("a page"), None);
        let (text, changes) = merge(page, &yaml);
        assert_eq!(shown(&changes), [""; 0]);
        assert_eq!(text, yaml);
    }
}

/// A file as a maintainer keeps it: wording, comments, another order of keys, both layouts, facts that no page states.
const KEPT: &str = "# Kept by hand.
report: boats
format: records   # rows
permit: Harbour:Api:Report:Boats
cost: 11
coverage: partial # for now
description: Boats, in our words.
provenance: inferred

column: Readonly

fields:
  # the first
  id: {type: integer, nullable: assumed-never, description: The id.} # of the boat
  harbour_id:
    type: integer
    filterable: unknown   # nobody knows
    description: |
      Where it lies.

      In two paragraphs.
  kind: { description: Sort., type: enum, values: [ sail, row-boat, { value: oar, provenance: example } ] }
  age:
    type: enum
    values:
      # in years
      - { value: \"-4\", name: young }   # the youngest
      - { value: 10-, name: old, provenance: inferred }
    provenance: assumed
  direction: { type: integer, description: Way., provenance: unknown }
  berth_ids: { type: \"array[string]\" }
  tolls:
    type: object
    description: Tolls.
    fields:
      paid: { type: number, provenance: inferred, description: Paid. }
  # the last
  length: { type: json, printed: Cubits, nullable: never }
aggregations:
  kind:
    description: By kind.
    returns:
      harbour_id: field # as above
      kind: field
      ids: { type: \"array[integer]\", compute: { collect: id } }
relations: []
quirks:
- kind: zoneless
  at: [ids]
  description: Ours.
";

#[test]
fn a_file_kept_by_hand_gets_the_facts_and_keeps_the_rest() {
    let (text, changes) = merge(BOATS, KEPT);
    insta::with_settings!({ snapshot_path => "published/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("merged", format!("{}\n\n{text}", shown(&changes).join("\n")));
    });
    for comment in KEPT.match_indices('#').map(|(at, _)| KEPT[at..].lines().next().unwrap_or_default()) {
        assert!(text.contains(comment), "lost {comment}\n{text}");
    }
    let (again, changes) = merge(BOATS, &text);
    assert_eq!((shown(&changes), again), (vec![], text));
}

#[test]
fn a_data_lag_is_merged_only_if_it_is_a_length_of_time() {
    let yaml = import(read(MOVES).report().expect("a page"), None);
    let with = |lag: &str| MOVES.replace("~15 minutes", lag);
    assert_eq!(shown(&merge(&with("~1 hour"), &yaml).1), ["data_lag: ~15 minutes → ~1 hour"]);
    assert_eq!(shown(&merge(&with(""), &yaml).1), ["data_lag: removed ~15 minutes"]);
    let (text, changes) = merge(&with("soon"), &yaml);
    assert_eq!((text.as_str(), changes.len()), (yaml.as_str(), 1));
    assert!(changes[0].left.is_some() && changes[0].path == "data_lag", "{:?}", shown(&changes));
    // What was inferred is documented now, and what no page states stays.
    let inferred = yaml.replace("data_lag: ~15 minutes", "data_lag: { value: ~15 minutes, provenance: inferred }");
    assert_eq!(merge(MOVES, &inferred).0, yaml);
    assert_eq!(merge(&with(""), &inferred), (inferred.clone(), vec![]));
    let adds = yaml.replace("data_lag: ~15 minutes\n", "data_lag: ~15 minutes\nadds: [time]\n");
    assert_eq!(merge(MOVES, &adds), (adds.clone(), vec![]));
}

#[test]
fn line_ends_stay_as_they_are() {
    let (text, _) = merge(BOATS, &KEPT.replace('\n', "\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(text.replace("\r\n", "\n"), merge(BOATS, KEPT).0);
}

#[test]
fn a_cut_page_removes_nothing() {
    let more = KEPT.replace("  # the last\n", "  gone: { type: string }\n  # the last\n").replace("cost: 11", "cost: 12");
    let (_, changes) = merge(BOATS, &more);
    assert!(shown(&changes).contains(&"fields.gone: removed { type: string }".to_owned()), "{:?}", shown(&changes));
    for at in (0..BOATS.len()).step_by(29).filter(|at| BOATS.is_char_boundary(*at) && !BOATS[..*at].contains("\nPrevious\n")) {
        let read = read(&BOATS[..at]);
        if read.page.is_none() {
            continue;
        }
        let (text, changes) = merge(&BOATS[..at], &more);
        assert!(changes.iter().all(|change| change.to.is_some() || change.left.is_some()), "{at}: {:?}", shown(&changes));
        let (_, again) = merge(&BOATS[..at], &text);
        assert!(again.iter().all(|change| change.left.is_some()), "{at}: {:?}", shown(&again));
    }
}

/// Each change of a page reaches the file, and the page then agrees with it.
#[test]
fn a_changed_page_agrees_with_the_merged_file() {
    let boats = import(read(BOATS).report().expect("a page"), Some("https://harbour.invalid/boats"));
    let changes = [
        ("Boats12", "Boats13", "cost: 12 → 13"),
        ("Report:Boats12", "Report:Ships12", "permit: Harbour:Api:Report:Boats → Harbour:Api:Report:Ships"),
        ("Integer (via X-Harbour header)", "Integer", "fields.harbour_id.filterable: removed { header: X-Harbour }"),
        (
            "(via X-Harbour header)",
            "(via X-Harbour-Slug header)",
            "fields.harbour_id.filterable: { header: X-Harbour } → { header: X-Harbour-Slug }",
        ),
        ("\nTime\n", "\nDate\n", "fields.moored_at.printed: Time → Date"),
        ("\nmotor\n", "\nsteam\n", "fields.kind.values: [sail, motor, row-boat] → [sail, steam, row-boat]"),
        ("\nmotor\n", "\n", "fields.kind.values: [sail, motor, row-boat] → [sail, row-boat]"),
        ("due - tolls that are due\n", "", "fields.tolls.fields.due: removed { type: integer, provenance: inferred }"),
        (
            "\ndue - tolls",
            "\nlate - tolls x\ndue - tolls",
            "fields.tolls.fields.late: added { type: integer, provenance: inferred }",
        ),
        ("toll_sumCubits", "toll_sumInteger", "aggregations.kind.returns.toll_sum.type: json → integer"),
        (
            "toll_sumCubitsSum of it\n",
            "",
            "aggregations.kind.returns.toll_sum: removed { type: json, printed: Cubits, compute: unknown }",
        ),
        (
            "toll_sumCubits",
            "moreIntegerMore\ntoll_sumCubits",
            "aggregations.kind.returns.more: added { type: integer, compute: unknown }",
        ),
        ("insured#", "insured (deprecated)#", "fields.insured.deprecated: added yes"),
        (
            "TypeFilterableReadonly\nBoolean",
            "TypeFilterableCan change?\nBoolean",
            "fields.insured.column_title: added Can change?",
        ),
        ("TypeFilterableReadonly\nBoolean", "TypeFilterable\nBoolean", "column: removed Readonly"),
        ("total#\n", "", "aggregations.total: removed { by: unknown, returns: {} }"),
        ("total#\n", "total#\n\nsum#\n", "aggregations.sum: added { by: unknown, returns: {} }"),
        ("insured#\n", "colour#\n\nTypeFilterableReadonly\nString\nIt.\n\ninsured#\n", "fields.colour: added { type: string }"),
        (
            "insured#\n\nTypeFilterableReadonly\nBoolean\n",
            "insured#\n\nTypeFilterableReadonly\nInteger\n",
            "fields.insured.type: boolean → json",
        ),
        ("\"flag\":\"NO\",", "\"flag\":\"NO\",\"flags\":2,", "fields.flags: added { type: integer, provenance: example }"),
    ];
    each_changed(BOATS, &changes, |page, wanted| {
        let (text, changes) = merge(page, &boats);
        let (again, more) = merge(page, &text);
        assert_eq!((shown(&more), &again), (vec![], &text));
        // A page that shows only part of a type leaves questions to the maintainer, but no drift.
        let found = drift_of(page, "tests/platform", "reports/port/boats.yaml", &text);
        let made = shown(&changes).iter().any(|change| change == wanted);
        (!made || !found.is_empty()).then(|| format!("{:#?}\n{found:#?}\n{text}", shown(&changes)))
    });
}

#[test]
fn another_reports_page_is_refused() {
    let mut sources = Sources::default();
    let read = published::read(sources.add("page.txt", FERRIES), FERRIES);
    let file = sources.add("report.yaml", KEPT);
    let findings = published::merge(&read, file, KEPT, None).expect_err("another report");
    assert_eq!(findings.iter().map(|finding| finding.code.name()).collect::<Vec<_>>(), ["import-other-file"]);
}

/// Aliases, flow files and odd layouts are edited rightly or not at all.
#[test]
fn unusual_files_stay_yaml() {
    for yaml in [
        "{report: boats, format: records, coverage: partial}",
        "{\"report\": \"boats\",\n \"fields\": {\n  \"id\": {\"type\": \"string\"},\n  \"kind\": {\"type\": \"enum\", \"values\": [\n    \"sail\"\n  ]}\n }}\n",
        "report: boats\nfields: {}\nquirks: []\nexamples: []",
        "report: boats\nfields:\n",
        "report: boats\nfields:\n  id: &a { type: string }\n  harbour_id: *a\n  kind:\n",
        "report: boats\nfields:\n  kind: { type: enum, values: &v [sail] }\n  age: { type: enum, values: *v }\n",
        "report: boats\nfields:\n  ? kind\n  : type: enum\n    values:\n    - sail\n    # end\n",
        "---\nreport: 'boats'\n...\n",
    ] {
        let (text, changes) = merge(BOATS, yaml);
        json(&text);
        let (again, more) = merge(BOATS, &text);
        assert_eq!(again, text, "{yaml}\n{:?}", shown(&more));
        assert!(!changes.is_empty(), "{yaml}");
    }
}

/// The lines that can be deleted without changing the structure around them: entries on one line of fields, returned fields and the
/// header.
fn fact_lines(yaml: &str) -> Vec<usize> {
    let end = ["\nexamples:", "\nrelations:"].iter().filter_map(|key| yaml.find(key)).min().unwrap_or(yaml.len());
    let entry = |line: &str| {
        let name = line.trim_start();
        let section = line
            .split_once(':')
            .is_some_and(|(_, rest)| rest.trim().is_empty() || rest.trim().starts_with('#') || rest.contains("{}"));
        let local = ["report:", "coverage:", "source:", "description:", "type:", "#", "by:", "provenance:", "compute:"]
            .iter()
            .any(|key| name.starts_with(key));
        !name.is_empty() && !section && !local && !line.starts_with("    description") && line.contains(": ")
    };
    yaml[..end].lines().enumerate().filter(|(_, line)| entry(line)).map(|(at, _)| at).collect()
}

fn without_line(yaml: &str, at: usize) -> String {
    yaml.split_inclusive('\n').enumerate().filter(|(index, _)| *index != at).map(|(_, line)| line).collect()
}

fn a_deleted_line_comes_back(page: &str, yaml: &str, whole: bool) {
    let lines = fact_lines(yaml);
    assert!(lines.len() > 10, "{lines:?}");
    for at in lines {
        let cut = without_line(yaml, at);
        let line = yaml.lines().nth(at).unwrap_or_default();
        let (text, changes) = merge(page, &cut);
        assert!(!changes.is_empty() && changes.iter().all(|change| change.left.is_none()), "{line}: {:?}", shown(&changes));
        assert!(keeps_lines(&cut, &text), "{line}\n{:?}\n{text}", shown(&changes));
        if whole {
            assert_eq!(json(&text), json(yaml), "{line}\n{text}");
        }
        let (again, more) = merge(page, &text);
        assert_eq!((shown(&more), again), (vec![], text), "{line}");
    }
}

#[test]
fn a_deleted_line_of_an_import_comes_back() {
    for page in [BOATS, MOVES] {
        a_deleted_line_comes_back(page, &import(read(page).report().expect("a page"), None), true);
    }
}

/// The real page and its file, if the page is at hand.
fn sendings() -> Option<(String, String)> {
    Some((real_page()?, std::fs::read_to_string(folder("../spec/reports/sendings/sendings.yaml")).expect("readable")))
}

#[test]
fn the_real_page_changes_nothing_in_its_file() {
    let Some((page, yaml)) = sendings() else { return };
    let (text, changes) = merge(&page, &yaml);
    assert_eq!((shown(&changes), text), (vec![], yaml));
}

#[test]
fn a_deleted_fact_of_the_real_file_comes_back() {
    let Some((page, yaml)) = sendings() else { return };
    a_deleted_line_comes_back(&page, &yaml, false);
    let lines = fact_lines(&yaml);
    for at in lines.iter().step_by(lines.len() / 8) {
        let (text, _) = merge(&page, &without_line(&yaml, *at));
        let found = drift_of(&page, "../spec", "reports/sendings/sendings.yaml", &text);
        assert!(found.is_empty(), "{found:#?}\n{text}");
    }
}

#[test]
fn an_altered_fact_of_the_real_file_is_restored_to_the_byte() {
    let Some((page, yaml)) = sendings() else { return };
    let mut tried = 0;
    let end = yaml.find("\nrelations:").unwrap_or(yaml.len());
    let alter = |from: &str, to: &str, tried: &mut usize| {
        for (at, _) in yaml[..end].match_indices(from) {
            // The page does not state the types of these.
            if yaml[at..].lines().next().is_some_and(|line| line.contains("provenance:")) {
                continue;
            }
            let changed = format!("{}{to}{}", &yaml[..at], &yaml[at + from.len()..]);
            let (text, changes) = merge(&page, &changed);
            assert_eq!(text, yaml, "{from} -> {to}: {:?}", shown(&changes));
            *tried += 1;
        }
    };
    for (from, to) in [
        ("cost: 2", "cost: 7"),
        ("permit: Reporting:Api:Report:Sendings", "permit: Reporting:Api:Report:Other"),
        ("column: Can change?", "column: \"Readonly\""),
        ("{ type: integer", "{ type: boolean"),
        ("{ type: enum", "{ type: timestamp"),
        ("{ type: timestamp, nullable", "{ type: integer, nullable"),
        ("header: X-Customer", "header: X-Other"),
        ("filterable: { header: X-Customer }", "filterable: unknown"),
        ("[sms, email, push]", "[sms, push]"),
        ("[sms, email, push]", "[]"),
        ("[campaigns, triggers, other]", "[campaigns, letters, triggers, other]"),
        ("{ field: service_type, printed: String }", "{ field: service_type, printed: Integer }"),
        ("{ type: \"array[integer]\"", "{ type: \"array[string]\""),
        ("nullable: seen", "nullable: never"),
    ] {
        alter(from, to, &mut tried);
    }
    assert!(tried > 10, "{tried}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any lines missing, doubled or swapped: the result is YAML, a second merge finds nothing, and no comment is lost.
    #[test]
    fn merging_is_stable(drop in prop::collection::vec(0usize..200, 0..6), cut in 0usize..4000, flow in any::<bool>()) {
        let yaml = if flow { import(read(BOATS).report().expect("a page"), None) } else { KEPT.to_owned() };
        let yaml: String =
            yaml.split_inclusive('\n').enumerate().filter(|(at, _)| !drop.contains(at)).map(|(_, line)| line).collect();
        let page = if cut < BOATS.len() && BOATS.is_char_boundary(cut) { &BOATS[..cut] } else { BOATS };
        let mut sources = Sources::default();
        let read = published::read(sources.add("page.txt", page), page);
        let file = sources.add("report.yaml", yaml.as_str());
        if let Ok(merged) = published::merge(&read, file, &yaml, None) {
            let (tree, findings) = yaml_tree::parse(file, &merged.text);
            prop_assert!(tree.is_some() && findings.is_empty());
            let again = published::merge(&read, file, &merged.text, None).expect("still that report");
            prop_assert_eq!(&again.text, &merged.text, "{:?}", shown(&again.changes));
        }
    }
}
