//! Reads published pages and writes report files from them: a real page if it is available, and pages of an invented harbour.

use placewise_codegen::finding::{Sources, render};
use placewise_codegen::published::{ExampleOf, Page, PublishedPage, ReadPage, import, read};
use proptest::prelude::*;

#[path = "published/real_page.rs"]
mod real_page;

use real_page::real_page;

const BOATS: &str = include_str!("published/boats.txt");
const FERRIES: &str = include_str!("published/ferries.md");
const BARE: &str = include_str!("published/bare.md");

/// Snapshots are stored next to the pages.
fn snapshot(name: &str, text: impl AsRef<str>) {
    insta::with_settings!({ snapshot_path => "published/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text.as_ref());
    });
}

fn reading(text: &str) -> (ReadPage, String) {
    let mut sources = Sources::default();
    let file = sources.add("page.txt", text);
    let reading = read(file, text);
    let findings = render(&reading.plain_findings(), &sources, false);
    (reading, findings)
}

fn page(text: &str) -> PublishedPage {
    let (reading, findings) = reading(text);
    reading.report().unwrap_or_else(|| panic!("no page: {findings}")).clone()
}

fn codes(reading: &ReadPage) -> Vec<&'static str> {
    reading.findings.iter().map(|one| one.finding.code.name()).collect()
}

#[test]
fn the_real_page_is_read_completely() {
    let Some(text) = real_page() else { return };
    let (reading, _) = reading(&text);
    assert_eq!(codes(&reading), ["page-broken-example"]);
    let page = reading.report().unwrap();
    assert_eq!(page.fields.len(), 25);
    assert_eq!(page.aggregations.iter().map(|one| one.returned.len()).collect::<Vec<_>>(), [15, 15]);
    assert_eq!(page.examples.len(), 4);
    assert_eq!(page.permit.as_ref().unwrap().value, "Reporting:Api:Report:Sendings");
    assert_eq!(page.cost.as_ref().unwrap().value, 2);
    assert_eq!(page.group.as_ref().unwrap().value, "Sendings");
    assert!(page.fields.iter().all(|field| field.printed.is_some()));
    assert_eq!(page.field("computed_counts").unwrap().metrics.len(), 6);
    assert_eq!(
        page.field("source_app").unwrap().values.iter().map(|value| value.value.as_str()).collect::<Vec<_>>(),
        ["the-big-project", "messages_api"]
    );
}

#[test]
fn every_fact_has_its_place() {
    let page = page(BOATS);
    for field in &page.fields {
        let name = field.name.as_ref().unwrap();
        assert!(BOATS[name.place.span.clone()].starts_with(&name.value));
        let printed = field.printed.as_ref().unwrap();
        assert_eq!(BOATS[printed.place.span.clone()], printed.value);
        for value in &field.values {
            assert_eq!(BOATS[value.place.span.clone()], value.value);
            assert!(BOATS.lines().nth(value.line - 1).unwrap().contains(&value.value));
        }
    }
    for row in page.aggregations.iter().flat_map(|one| &one.returned) {
        assert_eq!(BOATS[row.key.place.span.clone()], row.key.value);
        assert_eq!(BOATS[row.printed.place.span.clone()], row.printed.value);
    }
    for example in &page.examples {
        assert!(example.raw.starts_with('{') && example.raw.ends_with('}'));
    }
}

#[test]
fn an_invented_page_is_imported() {
    let (reading, findings) = reading(BOATS);
    snapshot("boats_findings", findings);
    snapshot("boats", import(reading.report().unwrap(), None));
}

#[test]
fn markdown_with_headings_is_imported() {
    let (reading, findings) = reading(FERRIES);
    snapshot("ferries_findings", findings);
    snapshot("ferries", import(reading.report().unwrap(), Some("https://example.com/doc-1")));
}

#[test]
fn a_timeseries_page_is_imported() {
    let (reading, findings) = reading(include_str!("published/moves.txt"));
    assert_eq!(findings, "");
    snapshot("moves", import(reading.report().unwrap(), Some("https://example.com/doc-2")));
}

#[test]
fn a_statistics_page_is_imported() {
    let text = BOATS.replace("\nboats (records)\n", "\nboats (statistics)\n");
    let yaml = import(&page(&text), None);
    assert!(yaml.contains("format: statistics\n") && yaml.contains("- name: figures by kind"), "{yaml}");
}

#[test]
fn missing_field_names_are_reported() {
    let (reading, findings) = reading(BARE);
    snapshot("bare_findings", findings);
    snapshot("bare", import(reading.report().unwrap(), None));
}

#[test]
fn layout_does_not_change_the_result() {
    let expected = import(&page(BOATS), None);
    let variants = [
        ("carriage returns", BOATS.replace('\n', "\r\n")),
        ("byte order mark", format!("\u{feff}{BOATS}")),
        ("invisible marks", BOATS.replace("#\n", "\u{200b}\n")),
        ("no marks", BOATS.replace("#\n", "\n")),
        ("no-break spaces in examples", BOATS.replace("           \"", "\u{a0}\u{a0}\"")),
        ("tabs between cells", BOATS.replace("EnumSee", "Enum\tSee").replace("kindEnum", "kind\tEnum")),
        ("space behind lines", BOATS.replace('\n', " \n")),
    ];
    for (what, text) in variants {
        assert_eq!(import(&page(&text), None), expected, "{what}");
    }
    let dense: String = BOATS.lines().filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect();
    let without_lines =
        |yaml: &str| yaml.lines().map(|line| line.split("# page").next().unwrap().trim_end().to_owned()).collect::<Vec<_>>();
    // Without blank lines nothing parts the values from the remark below them.
    let dense = dense.replace("A last remark\nabout directions.\n", "");
    assert_eq!(without_lines(&import(&page(&dense), None)), without_lines(&expected));
}

#[test]
fn other_pages_are_documents() {
    let introduction = "Site\n  • Introduction\n  • boats (records)\n  1. Start\n\nIntroduction\n\nThis is the reporting API. It has reports.\n\nRate limits#\n\nThere are limits.\nNext\nboats (records)\nBuilt with\n";
    let cut = introduction.split("Next").next().unwrap();
    for text in [introduction, cut] {
        let read = reading(text).0;
        assert!(matches!(&read.page, Some(Page::Document(page)) if page.title.value == "Introduction"), "{:?}", read.page);
        assert_eq!(read.navigation.entries.len(), 2);
    }
    assert_eq!(codes(&reading("").0), ["page-unread"]);
}

#[test]
fn permits_and_costs() {
    let with = |row: &str| reading(&BOATS.replace("Harbour:Api:Report:Boats12", row)).0;
    let facts = |reading: &ReadPage| {
        let page = reading.report().unwrap();
        (page.permit.as_ref().unwrap().value.clone(), page.cost.as_ref().map(|cost| cost.value))
    };
    assert_eq!(facts(&with("Harbour:Api:Report:Boats12")), ("Harbour:Api:Report:Boats".into(), Some(12)));
    assert_eq!(facts(&with("Harbour:Api:Report:Boats\t12")), ("Harbour:Api:Report:Boats".into(), Some(12)));
    let other = with("Harbour:Api:Report:Ships23");
    assert_eq!(facts(&other), ("Harbour:Api:Report:Ships".into(), Some(23)));
    assert!(codes(&other).contains(&"page-permit-ambiguous"));
    for unread in ["Harbour:Api:Report:Boats", "Harbour:Api:Report:Boats2.5", "Harbour:Api:Report:Boats2 (+1 per month)"] {
        let reading = with(unread);
        assert_eq!(facts(&reading), ("Harbour:Api:Report:Boats".into(), None), "{unread}");
        assert!(reading.findings.iter().any(|one| one.fact == "reports/boats/cost" && one.finding.code.name() == "page-unread"));
    }
}

#[test]
fn a_cut_page_is_imported_as_partial() {
    let (head, _) = BOATS.split_once("Whether it is insured").unwrap();
    let yaml = import(&page(head), None);
    assert!(yaml.contains("coverage: partial") && yaml.contains("  # insured: the page's text ends before its type"), "{yaml}");
    assert!(!yaml.contains("insured: {") && yaml.contains("flag:"), "{yaml}");
}

#[test]
fn prose_is_neither_a_value_nor_a_heading() {
    let text = BOATS.replace("row-boat\n", "row-boat\n\nDeprecated.\n\nid\n\nSee there.\n").replace(
        "Internal ID of the boat.",
        "Internal ID of the boat.\nnote\n\nReturned fields are not meant.\n\nType of it is Integer.",
    );
    let page = page(&text);
    assert_eq!(page.fields.len(), 13);
    assert_eq!(page.field("kind").unwrap().values.len(), 3);
}

#[test]
fn icons_in_cells_are_read() {
    let text = BOATS.replace("TypeFilterableReadonly", "TypeFilterable").replacen(
        "TypeFilterable\nBoolean",
        "TypeFilterableReadonly\nBooleanYesNo",
        1,
    );
    let yaml = import(&page(&text), None);
    let field = "{ type: boolean, filterable: yes, column: no, column_title: Readonly }";
    assert!(!yaml.contains("\ncolumn:") && yaml.contains(field), "{yaml}");
}

#[test]
fn an_example_below_the_last_field_belongs_to_the_query() {
    let page = page(&BOATS.replace("Query without aggregations#\n", ""));
    assert_eq!(page.responses(&ExampleOf::Rows).count(), 1);
}

#[test]
fn hostile_text_is_escaped() {
    let hostile = BOATS
        .replace("\nsail\n", "\nsail]}\u{1b}[31m#\n")
        .replace("Cubits", "Cub\u{7}its(a: {b}, \"c\")")
        .replace("TypeFilterableReadonly", "TypeFilterableRead: [only] # \"x\"")
        .replace("\"captain\"", "\"a: b\\n- c\\u0000\\u2028\"")
        .replace("berth_ids#", "null#")
        .replace("  1. Boats\n\nboats", "  1. Boats: # }\n\nboats");
    snapshot("hostile", import(&page(&hostile), Some("https://example.com/#a: b\nreport: other")));
}

#[test]
fn long_pages_are_read_without_overflow() {
    for unit in [
        "{",
        "[",
        "\"a\":{",
        "a#\n",
        "TypeFilterable\n",
        "x - y\n",
        "“",
        "Array[",
        "(((",
        "boats (records)\n",
        "{\n",
        "kindEnum",
        "Previous\n",
    ] {
        for head in [String::new(), BOATS.replace("Built with", "")] {
            let text = head + &unit.repeat(300_000 / unit.len());
            let (reading, _) = (read(Sources::default().add("p", ""), &text), ());
            if let Some(page) = reading.report() {
                import(page, None);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let text = String::from_utf8_lossy(&bytes);
        let (reading, _) = reading(&text);
        if let Some(page) = reading.report() {
            import(page, None);
        }
    }

    #[test]
    fn a_page_with_damage_is_read(at in 0..BOATS.len(), length in 0..200usize, put in "\\PC{0,20}|[{}\\[\\]\"“#\n]{0,20}") {
        let floor = |mut at: usize| { at = at.min(BOATS.len()); while !BOATS.is_char_boundary(at) { at -= 1; } at };
        let text = format!("{}{put}{}", &BOATS[..floor(at)], &BOATS[floor(at + length)..]);
        let (reading, _) = reading(&text);
        if let Some(page) = reading.report() {
            import(page, None);
        }
    }
}

#[test]
fn examples_that_do_not_fit_the_printed_type_widen_it() {
    let text = BOATS.replace("\"id\":7,", "\"id\":\"7\",").replace("\"insured\":true", "\"insured\":1").replace("\"toll", "\"t");
    let yaml = import(&page(&text), None);
    assert!(
        yaml.contains("{ type: string, nullable: assumed-never, printed: Integer }")
            || yaml.contains("{ type: string, printed: Integer }"),
        "{yaml}"
    );
    assert!(yaml.contains("insured:    { type: json, printed: Boolean }"), "{yaml}");
    assert!(yaml.contains("at: [id, direction, insured, kind.harbour_id]"), "{yaml}");
}

#[test]
fn examples_of_another_form_are_omitted() {
    let text = BOATS.replace("\"records\": [\n        {\n           \"kind\"", "\"rows\": [\n        {\n           \"kind\"");
    let yaml = import(&page(&text), None);
    assert!(!yaml.contains("rows by kind") && yaml.contains("# the example at page line 161 is omitted"), "{yaml}");
}
