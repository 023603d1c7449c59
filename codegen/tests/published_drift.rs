//! Compares published pages with reports: no finding where they agree, one finding for each change on either side, and no finding for
//! what is missing after the end of a cut page.

use placewise_codegen::finding::{Finding, Place, Severity, Sources, render};
use placewise_codegen::published::{drift, import, read};
use placewise_codegen::source::yaml_tree::{self, Node};
use placewise_model::{Coverage, Filterability, Nullable, Provenance, Report, Type};

#[path = "published/report_of.rs"]
mod report_of;

const BOATS: &str = include_str!("published/boats.txt");

/// Snapshots are stored next to the pages.
fn snapshot(name: &str, text: impl AsRef<str>) {
    insta::with_settings!({ snapshot_path => "published/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text.as_ref());
    });
}

/// A report, and the file that describes it.
struct Spec {
    report: Report,
    yaml: String,
    tree: Node,
}

/// The spec that agrees with a page.
fn spec_of(text: &str) -> Spec {
    let mut sources = Sources::default();
    let page = read(sources.add("page.txt", text), text).page.unwrap();
    let yaml = import(&page, None);
    let (tree, findings) = yaml_tree::parse(sources.add("report.yaml", yaml.as_str()), &yaml);
    Spec { report: report_of::report_of(&page), tree: tree.unwrap_or_else(|| panic!("{findings:?}")), yaml }
}

fn boats() -> Spec {
    spec_of(BOATS)
}

struct Case {
    sources: Sources,
    findings: Vec<Finding>,
}

fn compare(text: &str, spec: &Spec) -> Case {
    let mut sources = Sources::default();
    let read = read(sources.add("page.txt", text), text);
    let file = sources.add("report.yaml", spec.yaml.as_str());
    let findings = drift(&read, &spec.report, &|path| Place { file, span: spec.tree.find(path) });
    Case { sources, findings }
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
    let spec = boats();
    let changes = [
        ("Boats12", "Boats13", "drift-cost", "12"),
        ("Report:Boats12", "Report:Ships12", "drift-permit", "Harbour:Api:Report:Boats"),
        ("boats (records)\n\nReq", "ships (records)\n\nReq", "drift-report", "boats"),
        ("Integer (via X-Harbour header)", "Integer", "drift-filterable", "filterable"),
        ("(via X-Harbour header)", "(via X-Port header)", "drift-filterable", "filterable"),
        ("\nTime\n", "\nDate\n", "drift-type", "timestamp"),
        ("\nmotor\n", "\nsteam\n", "drift-values", "values"),
        ("\nmotor\n", "\n", "drift-values", "values"),
        ("\"5-9\", \"10-\"", "\"5-9\", \"10-19\", \"20-\"", "drift-values", "values"),
        ("due - tolls that are due\n", "", "drift-metrics", "fields"),
        ("\ndue - tolls", "\ndue - tolls x\nowed - tolls", "drift-metrics", "fields"),
        ("toll_sumCubits", "toll_sumInteger", "drift-type", "toll_sum"),
        ("toll_sumCubitsSum of it\n", "", "drift-returned-missing", "toll_sum"),
        ("toll_sumCubits", "more_sumIntegerMore of it\ntoll_sumCubits", "drift-returned-added", "returns"),
        ("total#\n", "", "drift-aggregation-missing", "total"),
        ("total#\n", "total#\n\nsum#\n", "drift-aggregation-added", "aggregations"),
        ("\"flag\":\"NO\",", "", "drift-example-keys", "examples"),
        ("\"flag\":\"NO\",", "\"flag\":\"NO\", \"colour\": 1,", "drift-example-keys", "examples"),
        ("\"captain\":{\"name\":\"Ann\",", "\"captain\":{", "drift-example-keys", "examples"),
        ("insured#\n\nTypeFilterableReadonly\nBoolean\nWhether it is insured.\n", "", "drift-field-missing", "insured"),
        ("insured#\n", "colour#\n\nTypeFilterableReadonly\nString\nColour.\n\ninsured#\n", "drift-field-added", "fields"),
    ];
    for (from, to, code, marked) in changes {
        assert_eq!(BOATS.matches(from).count(), 1, "{from}");
        let case = compare(&BOATS.replace(from, to), &spec);
        let shown = render(&case.findings, &case.sources, false);
        assert_eq!(codes(&case), [code], "{from} -> {to}\n{shown}");
        let finding = &case.findings[0];
        assert!(finding.place.is_some() && finding.help.is_some(), "{shown}");
        let [(place, _)] = &finding.related[..] else { panic!("{shown}") };
        assert_eq!(&spec.yaml[place.span.clone()], marked, "{shown}");
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
    let mut spec = boats();
    spec.report.fields.swap(3, 4);
    let case = compare(BOATS, &spec);
    assert_eq!(codes(&case), ["drift-order"]);
    assert_eq!(case.findings[0].severity, Severity::Warning);
}

#[test]
fn changes_of_the_spec_are_seen() {
    let check = |change: fn(&mut Report), code: &str| {
        let mut spec = boats();
        change(&mut spec.report);
        let case = compare(BOATS, &spec);
        assert_eq!(codes(&case), [code], "{}", render(&case.findings, &case.sources, false));
    };
    check(|report| report.cost = None, "drift-cost");
    check(|report| report.examples.truncate(1), "drift-example-added");
    check(|report| report.examples.push(report.examples[0].clone()), "drift-example-missing");
    check(|report| report.fields[4].nullable = Nullable::AssumedNever, "drift-null");
    check(|report| report.fields[1].filterable = Filterability::Yes, "drift-filterable");
    check(|report| report.fields[1].column = None, "drift-column");
}

#[test]
fn tables_need_not_list_what_only_examples_show() {
    let mut spec = boats();
    let returns = &spec.report.aggregations[1].returns;
    assert!(returns.iter().any(|one| one.field.name == "captain" && one.field.provenance == Provenance::Example));
    // A metric seen in examples only is no documented metric.
    if let Type::Object { fields } = &mut spec.report.fields.iter_mut().find(|field| field.name == "tolls").unwrap().ty {
        let mut more = fields[0].clone();
        more.name = "seen".into();
        more.provenance = Provenance::Example;
        fields.push(more);
    }
    assert_eq!(codes(&compare(BOATS, &spec)), [""; 0]);
}

fn cuts_cause_no_drift(text: &str) {
    let spec = spec_of(text);
    let lines = text.match_indices('\n').map(|(at, _)| at + 1);
    let words = (0..text.len()).step_by(37);
    for at in lines.chain(words).filter(|at| text.is_char_boundary(*at)) {
        for tail in ["", "\n"] {
            let cut = format!("{}{tail}", &text[..at]);
            let case = compare(&cut, &spec);
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
fn a_cut_page_shows_no_drift() {
    cuts_cause_no_drift(BOATS);
}

#[test]
fn the_real_page_cut_anywhere_shows_no_drift() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/pages/sendings.txt");
    match std::fs::read_to_string(path) {
        Ok(text) => cuts_cause_no_drift(&text),
        Err(_) => eprintln!("skipped: no {path}"),
    }
}

#[test]
fn other_pages_cut_anywhere_show_no_drift() {
    let crlf = BOATS.replace('\n', "\r\n");
    for text in [include_str!("published/ferries.md"), include_str!("published/bare.md"), &crlf] {
        let spec = spec_of(text);
        for at in (0..text.len()).step_by(3).filter(|at| text.is_char_boundary(*at)) {
            let case = compare(&text[..at], &spec);
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
    let spec = boats();
    let (head, _) = BOATS.split_once("Query without").unwrap();
    let case = compare(&head.replace("\nmotor\n", "\nsteam\n").replace("Internal ID", "x"), &spec);
    assert_eq!(codes(&case), ["page-ends-early", "drift-values"]);
    let gone = head.replace("insured#\n\nTypeFilterableReadonly\nBoolean\nWhether it is insured.\n", "");
    assert_eq!(codes(&compare(&gone, &spec)), ["page-ends-early", "drift-field-missing"]);
}

#[test]
fn another_reports_page_is_recognized() {
    let spec = boats();
    let other = "cars (records)\n\nFields#\n\nwheel#\n\nTypeFilterable\nInteger\nIt.\nNext\nx\nBuilt with";
    assert_eq!(codes(&compare(other, &spec)), ["page-permit-unreadable", "drift-report"]);
}

#[test]
fn a_page_without_names_is_compared_by_order() {
    let bare = include_str!("published/bare.md");
    let mut spec = spec_of(bare);
    spec.report.fields[0].name = "line_id".into();
    spec.report.fields[1].name = "country".into();
    let of =
        |spec: &Spec| codes(&compare(bare, spec)).into_iter().filter(|code| *code != "page-field-unnamed").collect::<Vec<_>>();
    assert_eq!(of(&spec), [""; 0]);
    spec.report.fields[1].printed = "String".into();
    assert_eq!(of(&spec), ["drift-type"]);
    spec.report.fields.pop();
    assert_eq!(of(&spec), ["drift-field-count"]);
}

#[test]
fn a_name_only_report_asks_for_an_import() {
    let mut spec = boats();
    spec.report.coverage = Coverage::NameOnly;
    spec.report.fields.clear();
    spec.report.aggregations.clear();
    spec.report.examples.clear();
    assert_eq!(codes(&compare(BOATS, &spec)), ["drift-coverage"]);
}
