//! Compares published pages with reports: no finding where they agree, one finding for each change on either side, and no finding for
//! what is missing after the end of a cut page.

use placewise_codegen::finding::{Finding, Place, Severity, Sources, render};
use placewise_codegen::published::{Drift, drift, import, read};
use placewise_codegen::resolve::UncheckedModel;
use placewise_codegen::source::yaml_tree::{self, Node};
use placewise_model::{Coverage, Filterability, Nullable, Provenance, Report, Type};

#[path = "published/real_page.rs"]
mod real_page;

#[path = "published/report_of.rs"]
mod report_of;
#[allow(dead_code)]
#[path = "published/spec_of.rs"]
mod spec_of;

use real_page::real_page;

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
    let reading = read(sources.add("page.txt", text), text);
    let page = reading.report().unwrap();
    let yaml = import(page, None);
    let (tree, findings) = yaml_tree::parse(sources.add("report.yaml", yaml.as_str()), &yaml);
    Spec { report: report_of::report_of(page), tree: tree.unwrap_or_else(|| panic!("{findings:?}")), yaml }
}

fn boats() -> Spec {
    spec_of(BOATS)
}

struct Case {
    sources: Sources,
    findings: Vec<Finding>,
    drift: Drift,
}

fn compare(text: &str, spec: &Spec) -> Case {
    compare_on(text, spec, &UncheckedModel::default())
}

/// Rows of examples are judged where the platform tells which key of a response has them.
fn compare_on(text: &str, spec: &Spec, platform: &UncheckedModel) -> Case {
    let mut sources = Sources::default();
    let read = read(sources.add("page.txt", text), text);
    let file = sources.add("report.yaml", spec.yaml.as_str());
    let drift = drift(&read, &spec.report, platform, &|path| Place { file, span: spec.tree.find(path) });
    Case { sources, findings: drift.plain_findings(), drift }
}

fn codes(case: &Case) -> Vec<&'static str> {
    case.findings.iter().map(|finding| finding.code.name()).collect()
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
        ("toll_sumCubits", "toll_sumInteger", "drift-type", "json"),
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
fn a_data_lag_that_no_page_stated_is_settled_by_one_that_does() {
    let text = include_str!("published/moves.txt");
    let mut spec = spec_of(text);
    let lag = spec.report.data_lag.as_mut().expect("a lag");
    lag.provenance = Provenance::Inferred;
    let case = compare(text, &spec);
    assert_eq!(codes(&case), ["drift-provenance"], "{}", render(&case.findings, &case.sources, false));
    let case = compare(&text.replace("~15 minutes", "~20 minutes"), &spec);
    assert_eq!(codes(&case), ["drift-data-lag"]);
    let case = compare(&text.replace("~15 minutes", ""), &spec);
    assert_eq!(codes(&case), [""; 0], "a page need not state what is inferred");
}

#[test]
fn a_data_lag_is_the_same_with_other_spaces() {
    let text = include_str!("published/moves.txt");
    for spaced in ["~ 15 minutes", "~15  minutes", "~15\u{a0}minutes", "~15minutes"] {
        let case = compare(&text.replace("~15 minutes", spaced), &spec_of(text));
        assert_eq!(codes(&case), [""; 0], "{spaced}: {}", render(&case.findings, &case.sources, false));
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
fn another_order_is_a_finding() {
    let mut spec = boats();
    spec.report.fields.swap(3, 4);
    let case = compare(BOATS, &spec);
    assert_eq!(codes(&case), ["drift-order"]);
    assert_eq!(case.findings[0].severity, Severity::Error);
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
    check(|report| report.fields[1].filterable = Filterability::Yes, "drift-filterable");
    check(|report| report.fields[1].column = None, "drift-column");
}

#[test]
fn examples_are_judged_by_the_rules_for_examples_of_the_spec() {
    let platform = spec_of::Spec::of(BOATS, "X-Harbour").platform;
    let mut spec = boats();
    spec.report.fields[5].nullable = Nullable::AssumedNever;
    let case = compare_on(&BOATS.replace("\"flag\":\"NO\"", "\"flag\":null"), &spec, &platform);
    assert_eq!(codes(&case), ["example-null"], "{}", render(&case.findings, &case.sources, false));
    assert_eq!(case.drift.findings[0].fact, "reports/boats/examples/rows/records/0/flag");
    spec.report.fields[5].nullable = Nullable::Unknown;
    let case = compare_on(&BOATS.replace("\"flag\":\"NO\"", "\"flag\":null"), &spec, &platform);
    assert_eq!(codes(&case), ["drift-example-value"]);
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

/// Cuts a page at every line and in many words. A cut page never drifts; it never agrees either, unless only its footer is gone.
fn cuts_cause_no_drift(text: &str) {
    let spec = spec_of(text);
    let title = format!("{} ({})", spec.report.name, spec.report.format.word());
    let title = text.find(&format!("\n{title}")).unwrap() + title.len();
    let end = text.rfind("\n}").map_or(text.len(), |at| at + 2);
    let lines = text.match_indices('\n').map(|(at, _)| at + 1);
    let words = (0..text.len()).step_by(37);
    for at in lines.chain(words).filter(|at| text.is_char_boundary(*at)) {
        for tail in ["", "\n"] {
            let cut = format!("{}{tail}", &text[..at]);
            let case = compare(&cut, &spec);
            let shown = || {
                format!(
                    "cut at {at}: {:?}\n{}",
                    &cut[cut.len().saturating_sub(60)..],
                    render(&case.findings, &case.sources, false)
                )
            };
            let found = codes(&case);
            if at <= title {
                assert_eq!(found, ["page-unread"], "{}", shown());
            } else if at < end {
                assert_eq!(found, ["page-unreached"], "{}", shown());
                assert!(!case.drift.unreached.is_empty(), "{}", shown());
            } else {
                assert!(found.is_empty() || found == ["page-unreached"], "{}", shown());
                assert!(case.drift.unreached.is_empty(), "{}", shown());
            }
        }
    }
    assert_eq!(codes(&compare(&text[..end], &spec)), [""; 0], "a page may lack its footer");
}

#[test]
fn a_cut_page_shows_no_drift() {
    cuts_cause_no_drift(BOATS);
}

#[test]
fn a_cut_timeseries_page_shows_no_drift() {
    cuts_cause_no_drift(include_str!("published/moves.txt"));
}

#[test]
fn the_real_page_cut_anywhere_shows_no_drift() {
    real_page().iter().for_each(|text| cuts_cause_no_drift(text));
}

#[test]
fn other_pages_cut_anywhere_show_no_drift() {
    let crlf = BOATS.replace('\n', "\r\n");
    let markdown = [include_str!("published/ferries.md"), include_str!("published/bare.md"), include_str!("published/cranes.md")];
    for text in markdown.into_iter().chain([crlf.as_str()]) {
        let spec = spec_of(text);
        for at in (0..text.len()).step_by(3).filter(|at| text.is_char_boundary(*at)) {
            let case = compare(&text[..at], &spec);
            assert!(
                codes(&case)
                    .iter()
                    .all(|code| matches!(*code, "page-unread" | "page-unreached" | "page-field-unnamed" | "page-not-a-report")),
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
    assert_eq!(codes(&case), ["drift-values", "page-unreached"]);
    let gone = head.replace("insured#\n\nTypeFilterableReadonly\nBoolean\nWhether it is insured.\n", "");
    assert_eq!(codes(&compare(&gone, &spec)), ["drift-field-missing", "page-unreached"]);
}

#[test]
fn another_reports_page_is_recognized() {
    let spec = boats();
    let other = "cars (records)\n\nFields#\n\nwheel#\n\nTypeFilterable\nInteger\nIt.\nNext\nx\nBuilt with";
    assert_eq!(codes(&compare(other, &spec)), ["page-unread", "drift-report"]);
}

#[test]
fn a_page_without_names_is_compared_by_order() {
    let bare = include_str!("published/bare.md");
    let mut spec = spec_of(bare);
    spec.report.fields[0].name = "line_id".into();
    spec.report.fields[1].name = "country".into();
    // Types can be compared; names cannot.
    let case = compare(bare, &spec);
    assert_eq!(codes(&case), ["page-unreached"]);
    assert_eq!(case.drift.unreached, ["reports/lines/fields/line_id", "reports/lines/fields/country"]);
    spec.report.fields[1].printed = "String".into();
    assert_eq!(codes(&compare(bare, &spec)), ["drift-type", "page-unreached"]);
    spec.report.fields.pop();
    let found = codes(&compare(bare, &spec));
    assert_eq!(found, ["page-field-unnamed", "page-field-unnamed", "drift-field-count", "page-unreached"]);
}

#[test]
fn a_page_without_headings_is_compared_by_order() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/published/forms/twin.md");
    let twin = std::fs::read_to_string(path).unwrap();
    let spec = spec_of(&twin);
    // Field names and headings are lost, and listed values have no bullets.
    let lost =
        twin.lines().filter(|line| !line.starts_with("##")).map(|line| line.trim_start_matches("# ").trim_start_matches("- "));
    let bare: String = lost.map(|line| format!("{line}\n")).collect();
    let case = compare(&bare, &spec);
    assert_eq!(codes(&case), ["page-unreached"], "{}\n{bare}", render(&case.findings, &case.sources, false));
    assert!(case.drift.unreached.contains(&"reports/lamps/aggregations/colour".to_owned()));
    let case = compare(&bare.replace("| ids | Array[Integer] |", "| ids | Array[String] |"), &spec);
    assert_eq!(codes(&case), ["drift-type", "page-unreached"], "{}", render(&case.findings, &case.sources, false));
}

#[test]
fn a_damaged_character_is_no_other_value() {
    let spec = boats();
    let case = compare(&BOATS.replace("\nmotor\n", "\nmo\u{fffd}tor\n"), &spec);
    assert_eq!(codes(&case), ["page-unread"]);
}

#[test]
fn one_change_of_a_page_is_one_finding() {
    let spec = boats();
    let gone = format!("{}{}", BOATS.split("kind#\n\nOne row").next().unwrap(), &BOATS[BOATS.find("Previous\n").unwrap()..]);
    assert_eq!(codes(&compare(&gone, &spec)), ["drift-aggregation-missing"]);
}

#[test]
fn a_sample_that_the_spec_lacks_is_judged_by_the_fields() {
    let platform = spec_of::Spec::of(BOATS, "X-Harbour").platform;
    let mut spec = boats();
    spec.report.examples.retain(|example| example.aggregation.is_some());
    let case = compare_on(BOATS, &spec, &platform);
    assert_eq!(codes(&case), ["drift-example-added"], "{}", render(&case.findings, &case.sources, false));
    let case = compare_on(&BOATS.replace("\"flag\":\"NO\"", "\"flags\":\"NO\""), &spec, &platform);
    assert!(codes(&case).contains(&"example-key"), "{}", render(&case.findings, &case.sources, false));
}

#[test]
fn values_that_only_examples_showed_are_settled() {
    let mut spec = boats();
    let Some(Type::Enum(of)) = spec.report.fields.iter_mut().find(|field| field.name == "kind").map(|field| &mut field.ty) else {
        panic!("an enumeration");
    };
    of.values.iter_mut().for_each(|value| value.provenance = Provenance::Example);
    assert_eq!(codes(&compare(BOATS, &spec)), ["drift-settled"]);
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
