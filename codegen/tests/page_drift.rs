//! Comparing a page with a report: what agrees is silent, each change of either side is one finding, a cut page accuses nobody.

use placewise_codegen::finding::{Finding, Place, Severity, Sources, render};
use placewise_codegen::page::{drift, read};
use placewise_model::{Provenance, Report, Type};

#[path = "pages/report_of.rs"]
mod report_of;

const BOATS: &str = include_str!("pages/boats.txt");
const SPEC: &str = "report: boats\n";

/// Snapshots stand beside the pages they are of.
fn snapshot(name: &str, text: impl AsRef<str>) {
    insta::with_settings!({ snapshot_path => "pages/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text.as_ref());
    });
}

struct Case {
    sources: Sources,
    findings: Vec<Finding>,
}

fn compare(text: &str, report: &Report) -> Case {
    let mut sources = Sources::default();
    let file = sources.add("page.txt", text);
    let spec = sources.add("boats.yaml", SPEC);
    let reading = read(file, text);
    let findings = drift(&reading, report, &|_| Place { file: spec, span: 0..6 });
    Case { sources, findings }
}

fn boats() -> Report {
    let mut sources = Sources::default();
    let file = sources.add("page.txt", BOATS);
    report_of::report_of(&read(file, BOATS).page.unwrap())
}

fn codes(case: &Case) -> Vec<&'static str> {
    case.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_page_agrees_with_its_own_report() {
    let case = compare(BOATS, &boats());
    assert_eq!(codes(&case), [""; 0], "{}", render(&case.findings, &case.sources, false));
}

#[test]
fn each_change_of_the_page_is_one_finding() {
    let report = boats();
    let changes = [
        ("Boats12", "Boats13", "drift-cost"),
        ("Report:Boats12", "Report:Ships12", "drift-permit"),
        ("boats (records)\n\nReq", "ships (records)\n\nReq", "drift-report"),
        ("Integer (via X-Harbour header)", "Integer", "drift-filterable"),
        ("(via X-Harbour header)", "(via X-Port header)", "drift-filterable"),
        ("\nTime\n", "\nDate\n", "drift-type"),
        ("\nmotor\n", "\nsteam\n", "drift-values"),
        ("\nmotor\n", "\n", "drift-values"),
        ("\"5-9\", \"10-\"", "\"5-9\", \"10-19\", \"20-\"", "drift-values"),
        ("due - tolls that are due\n", "", "drift-metrics"),
        ("\ndue - tolls", "\ndue - tolls x\nowed - tolls", "drift-metrics"),
        ("toll_sumCubits", "toll_sumInteger", "drift-type"),
        ("toll_sumCubitsSum of it\n", "", "drift-returned-missing"),
        ("toll_sumCubits", "more_sumIntegerMore of it\ntoll_sumCubits", "drift-returned-added"),
        ("total#\n", "", "drift-aggregation-missing"),
        ("total#\n", "total#\n\nsum#\n", "drift-aggregation-added"),
        ("\"flag\":\"NO\",", "", "drift-example-keys"),
        ("\"flag\":\"NO\",", "\"flag\":\"NO\", \"colour\": 1,", "drift-example-keys"),
        ("\"captain\":{\"name\":\"Ann\",", "\"captain\":{", "drift-example-keys"),
        ("insured#\n\nTypeFilterableReadonly\nBoolean\nWhether it is insured.\n", "", "drift-field-missing"),
        ("insured#\n", "colour#\n\nTypeFilterableReadonly\nString\nColour.\n\ninsured#\n", "drift-field-added"),
    ];
    for (from, to, code) in changes {
        assert_eq!(BOATS.matches(from).count(), 1, "{from}");
        let case = compare(&BOATS.replace(from, to), &report);
        let shown = render(&case.findings, &case.sources, false);
        assert_eq!(codes(&case), [code], "{from} -> {to}\n{shown}");
        let finding = &case.findings[0];
        assert!(finding.place.is_some() && finding.related.len() == 1 && finding.help.is_some(), "{shown}");
        assert!(shown.contains("page.txt:") && shown.contains("boats.yaml:1"), "{shown}");
    }
}

#[test]
fn changes_are_shown_with_both_places() {
    let text = BOATS
        .replace("insured#", "has_insurance#")
        .replace("\nmotor\n", "\nsteam\n")
        .replace("TypeFilterableReadonly\nTime", "TypeFilterableCan change?\nTime");
    let case = compare(&text, &boats());
    snapshot("drift", render(&case.findings, &case.sources, false));
}

#[test]
fn another_order_is_a_warning() {
    let mut report = boats();
    report.fields.swap(3, 4);
    let case = compare(BOATS, &report);
    assert_eq!(codes(&case), ["drift-order"]);
    assert_eq!(case.findings[0].severity, Severity::Warning);
}

#[test]
fn changes_of_the_spec_are_seen() {
    let check = |change: fn(&mut Report), code: &str| {
        let mut report = boats();
        change(&mut report);
        let case = compare(BOATS, &report);
        assert_eq!(codes(&case), [code], "{}", render(&case.findings, &case.sources, false));
    };
    check(|report| report.cost = None, "drift-cost");
    check(|report| report.examples.truncate(1), "drift-example-added");
    check(|report| report.examples.push(report.examples[0].clone()), "drift-example-missing");
    check(|report| report.fields[4].nullable = placewise_model::Nullable::AssumedNever, "drift-null");
    check(|report| report.fields[1].filterable = placewise_model::Filterable::Yes, "drift-filterable");
    check(|report| report.fields[1].column = None, "drift-column");
}

#[test]
fn what_examples_alone_show_is_not_looked_for_in_tables() {
    let mut report = boats();
    let returns = &report.aggregations[1].returns;
    assert!(returns.iter().any(|one| one.field.name == "captain" && one.field.provenance == Provenance::Example));
    // A metric seen in examples only is no documented metric.
    if let Type::Object { fields } = &mut report.fields.iter_mut().find(|field| field.name == "tolls").unwrap().ty {
        let mut more = fields[0].clone();
        more.name = "seen".into();
        more.provenance = Provenance::Example;
        fields.push(more);
    }
    assert_eq!(codes(&compare(BOATS, &report)), [""; 0]);
}

fn cut_accuses_nobody(text: &str) {
    let mut sources = Sources::default();
    let file = sources.add("page.txt", text);
    let report = report_of::report_of(&read(file, text).page.unwrap());
    let lines = text.match_indices('\n').map(|(at, _)| at + 1);
    let words = (0..text.len()).step_by(37);
    for at in lines.chain(words).filter(|at| text.is_char_boundary(*at)) {
        for tail in ["", "\n"] {
            let cut = format!("{}{tail}", &text[..at]);
            let case = compare(&cut, &report);
            let whole = cut.contains("\nPrevious\n");
            let expected: &[&str] = if whole { &[] } else { &["page-ends-early"] };
            assert_eq!(
                codes(&case),
                expected,
                "cut at {at}: {:?}\n{}",
                &cut[cut.len().saturating_sub(60)..],
                render(&case.findings, &case.sources, false)
            );
        }
    }
}

#[test]
fn a_cut_page_accuses_nobody() {
    cut_accuses_nobody(BOATS);
}

#[test]
fn the_published_page_cut_anywhere_accuses_nobody() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/pages/sendings.txt");
    match std::fs::read_to_string(path) {
        Ok(text) => cut_accuses_nobody(&text),
        Err(_) => eprintln!("skipped: {path} is not there"),
    }
}

#[test]
fn other_forms_cut_anywhere_accuse_nobody() {
    let crlf = BOATS.replace('\n', "\r\n");
    for text in [include_str!("pages/ferries.md"), include_str!("pages/bare.md"), &crlf] {
        let mut sources = Sources::default();
        let file = sources.add("page.txt", text);
        let report = report_of::report_of(&read(file, text).page.unwrap());
        for at in (0..text.len()).step_by(3).filter(|at| text.is_char_boundary(*at)) {
            let case = compare(&text[..at], &report);
            assert!(
                codes(&case).iter().all(|code| !code.starts_with("drift-")),
                "cut at {at}\n{}",
                render(&case.findings, &case.sources, false)
            );
        }
    }
}

#[test]
fn a_cut_page_still_shows_what_it_has() {
    let report = boats();
    let (head, _) = BOATS.split_once("Query without").unwrap();
    let case = compare(&head.replace("\nmotor\n", "\nsteam\n").replace("Internal ID", "x"), &report);
    assert_eq!(codes(&case), ["page-ends-early", "drift-values"]);
    let gone = head.replace("insured#\n\nTypeFilterableReadonly\nBoolean\nWhether it is insured.\n", "");
    assert_eq!(codes(&compare(&gone, &report)), ["page-ends-early", "drift-field-missing"]);
}

#[test]
fn pages_of_other_sorts_are_refused() {
    let report = boats();
    assert_eq!(
        codes(&compare(&BOATS.replace("\nboats (records)\n", "\nboats (timeseries)\n"), &report)),
        ["page-format-unsupported"]
    );
    let other = "cars (records)\n\nFields#\n\nwheel#\n\nTypeFilterable\nInteger\nIt.\nNext\nx\nBuilt with";
    assert_eq!(codes(&compare(other, &report)), ["page-permit-unreadable", "drift-report"]);
}

#[test]
fn a_page_without_names_is_compared_by_order() {
    let bare = include_str!("pages/bare.md");
    let mut sources = Sources::default();
    let file = sources.add("bare.md", bare);
    let mut report = report_of::report_of(&read(file, bare).page.unwrap());
    report.fields[0].name = "line_id".into();
    report.fields[1].name = "country".into();
    let of = |report: &Report| {
        codes(&compare(bare, report)).into_iter().filter(|code| *code != "page-field-unnamed").collect::<Vec<_>>()
    };
    assert_eq!(of(&report), [""; 0]);
    report.fields[1].printed = "String".into();
    assert_eq!(of(&report), ["drift-type"]);
    report.fields.pop();
    assert_eq!(of(&report), ["drift-field-count"]);
}

#[test]
fn a_spec_with_only_a_name_asks_for_an_import() {
    let mut report = boats();
    report.coverage = placewise_model::Coverage::NameOnly;
    report.fields.clear();
    report.aggregations.clear();
    report.examples.clear();
    assert_eq!(codes(&compare(BOATS, &report)), ["drift-coverage"]);
}
