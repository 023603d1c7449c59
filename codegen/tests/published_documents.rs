//! Pages that are no report's, of an invented API: each agrees with its spec, each changed fact is noticed, and no cut is called drift.

use std::path::Path;

use placewise_codegen::finding::{Sources, render};
use placewise_codegen::published::{Drift, compare, open, read};
use placewise_codegen::source::{InputFile, Spec, read_dir};
use placewise_codegen::{Checked, check_spec};
use placewise_model::Model;
use proptest::prelude::*;

const NAVIGATION: &str = include_str!("published/documents/navigation.txt");
const FILTERS: &str = include_str!("published/documents/filters.txt");
const FILTERS_TWIN: &str = include_str!("published/documents/filters.md");
const RECORDS: &str = include_str!("published/documents/records.txt");
const TIMESERIES: &str = include_str!("published/documents/timeseries.txt");
const ENDPOINT: &str = include_str!("published/documents/endpoint.txt");
const ENDPOINT_TWIN: &str = include_str!("published/documents/endpoint.md");
const EXAMPLE: &str = include_str!("published/documents/example.txt");
const RATE_LIMITING: &str = include_str!("published/documents/rate_limiting.txt");
const ERRORS: &str = include_str!("published/documents/errors.txt");
const HEADERS: &str = include_str!("published/documents/headers.md");

const PAGES: [(&str, &str); 10] = [
    ("filters", FILTERS),
    ("filters, twin", FILTERS_TWIN),
    ("records", RECORDS),
    ("timeseries", TIMESERIES),
    ("endpoint", ENDPOINT),
    ("endpoint, twin", ENDPOINT_TWIN),
    ("example", EXAMPLE),
    ("rate limiting", RATE_LIMITING),
    ("errors", ERRORS),
    ("headers", HEADERS),
];

struct Site {
    model: Model,
    spec: Spec,
    sources: Sources,
}

/// The invented platform, with titles of endpoints and with reports.
fn site() -> Site {
    let mut files = read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform")).expect("the fixture is readable");
    files.iter_mut().for_each(|file| file.label = format!("spec/{}", file.path));
    let endpoints = files.iter_mut().find(|file| file.path == "endpoints.yaml").expect("a platform file");
    let text = String::from_utf8(endpoints.bytes.clone()).expect("UTF-8");
    let text = text
        .replace("ask: { ", "ask: { title: Ask, ")
        .replace("chart: { ", "chart: { title: Chart, ")
        .replace("haul: { ", "haul: { title: Haul, ")
        .replace("  berth:\n", "  berth:\n    title: Show berth\n    group: Berth API\n    permit: Harbour:Query\n    cost: 1\n");
    endpoints.bytes = text.into_bytes();
    let named = "coverage: name-only\ndescription: Known by name.\n";
    let ships = "examples:\n  - name: show ships by day\n    source: https://harbour.invalid/ships\n    request: { what: ships, where: { op: is, name: kind, to: sail }, every: day }\n    \
                 response: { every: day, zone: UTC, times: [], lines: [], kind: chart }\n";
    for (path, text) in [
        ("reports/port/boats.yaml", format!("report: boats\nformat: records\n{named}")),
        ("reports/port/berths.yaml", format!("report: berths\nformat: records\n{named}")),
        (
            "reports/sea/ships.yaml",
            format!(
                "report: ships\nformat: timeseries\ncoverage: partial\ndescription: Ships.\npermit: A:B\ncost: 1\nintervals: [day]\nfields: {{ kind: {{ type: string, description: Its kind. }} }}\n{ships}"
            ),
        ),
    ] {
        files.push(InputFile { path: path.into(), label: format!("spec/{path}"), bytes: text.into_bytes() });
    }
    let Checked { model, spec, sources, findings } = check_spec(files);
    let model = model.unwrap_or_else(|| panic!("{}", render(&findings, &sources, false)));
    Site { model: Model::clone(&model), spec, sources }
}

impl Site {
    fn compare(&self, text: &str) -> (Drift, String) {
        let mut sources = self.sources.clone();
        let capture = open("page", text.as_bytes(), &mut sources);
        assert_eq!(capture.pages.len(), 1, "{text}");
        let read = read(capture.pages[0], &sources.get(capture.pages[0]).text);
        let drift = compare(&read, None, &self.model, &self.spec);
        let shown = render(&drift.plain_findings(), &sources, false);
        (drift, shown)
    }
}

fn codes(drift: &Drift) -> Vec<&'static str> {
    drift.findings.iter().map(|one| one.finding.code.name()).collect()
}

#[test]
fn every_page_agrees_with_its_spec() {
    let site = site();
    for (what, page) in PAGES {
        for text in [page.to_owned(), format!("{NAVIGATION}{page}"), page.replace('\n', "\r\n")] {
            let (drift, shown) = site.compare(&text);
            assert_eq!(codes(&drift), [""; 0], "{what}\n{shown}");
            assert!(drift.facts.len() > 1, "{what}: {:?}", drift.facts);
        }
    }
}

/// A page and its changes: what, by what, and the code of the finding.
type Changes = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

const CHANGES: [Changes; 10] = [
    (
        "filters",
        FILTERS,
        &[
            ("hold2", "hold3", "drift-value"),
            ("allAll", "eachAll", "drift-added"),
            ("allAll", "eachAll", "drift-missing"),
            ("overThe field is greater1", "overThe field is greater2", "drift-value"),
            ("overThe", "ovrThe", "drift-added"),
            ("is_notThe field differs from the value1\n", "", "drift-missing"),
            ("not_amongThe", "nearThe field is near1\nnot_amongThe", "drift-added"),
            ("anyAny operation holds", "anyAny operation holds7", "drift-settled"),
            ("\"of\" =>", "\"children\" =>", "drift-added"),
            ("\"op\" => \"is\"", "\"op\" => \"iz\"", "drift-added"),
            (":op =>", ":kind =>", "drift-added"),
            (
                "not_amongThe field is none of the values1\n",
                "not_amongThe field is none of the values1\nNew rows\n",
                "page-unread",
            ),
        ],
    ),
    (
        "filters, twin",
        FILTERS_TWIN,
        &[
            ("| All operations hold | 2 |", "| All operations hold | 3 |", "drift-value"),
            ("| All operations hold | 2 |", "| All operations hold | 2.5 |", "page-unread"),
            ("| All operations hold | 2 |", "| All operations hold | |", "drift-missing"),
            ("`over`", "`ovre`", "drift-added"),
            ("| `under` | The field is less | Numbers and times | 1 |\n", "", "drift-missing"),
            ("| `upto` |", "| `near` | It is near | - | 1 |\n| `upto` |", "drift-added"),
            ("`to`", "`too`", "drift-added"),
        ],
    ),
    (
        "records",
        RECORDS,
        &[
            ("\"lines\": [", "\"rows\": [", "drift-added"),
            ("\"lines\": [", "\"rows\": [", "drift-missing"),
            ("\"at\"", "\"next\"", "drift-added"),
            ("\"kind\": \"lines\"", "\"kind\": \"records\"", "drift-value"),
            ("most 50", "most 500", "drift-value"),
            ("returns 7", "returns 70", "drift-value"),
            ("\"kind\": \"lines\"", "\"kind\": \"lines\", \"total\": 4", "drift-added"),
        ],
    ),
    (
        "timeseries",
        TIMESERIES,
        &[
            ("10min10 minutes", "10min15 minutes", "drift-value"),
            ("minutes7 days", "minutes8 days", "drift-value"),
            ("dayforever*", "day2 years", "drift-value"),
            ("hour1 hour3 months\n", "", "drift-missing"),
            ("day1 day", "week1 week2 years\nday1 day", "drift-added"),
            ("<= 6 hours: 10min", "<= 7 hours: 10min", "drift-value"),
            ("<= 4 days: hour", "<= 4 days: day", "drift-value"),
            ("otherwise: day", "otherwise: hour", "drift-value"),
            ("• <= 4 days: hour\n", "", "drift-missing"),
            ("most 20 time points", "most 30 time points", "drift-value"),
            ("most 60 data points", "most 600 data points", "drift-value"),
            ("\"per\"", "\"by\"", "drift-added"),
            ("\"heights\"", "\"values\"", "drift-added"),
            ("\"kind\": \"chart\"", "\"kind\": \"series\"", "drift-value"),
            ("\"count\": 1,\n", "", "drift-missing"),
        ],
    ),
    (
        "endpoint",
        ENDPOINT,
        &[
            ("GET", "POST", "drift-value"),
            ("/berths/:id", "/berth/:id", "drift-value"),
            ("Harbour:Query", "Harbour:Ask", "drift-value"),
            ("costs 1 token", "costs 2 tokens", "drift-value"),
            ("\"side\"", "\"flank\"", "drift-added"),
            ("\"side\"", "\"flank\"", "drift-missing"),
            ("{ \"id\": 7 }", "{ \"berth\": 7 }", "drift-added"),
        ],
    ),
    (
        "endpoint, twin",
        ENDPOINT_TWIN,
        &[
            ("    get:", "    post:", "drift-value"),
            ("/berths/{id}", "/berths/{number}", "drift-value"),
            ("                id:", "                berth:", "drift-added"),
            ("        side:", "        flank:", "drift-added"),
            ("        side:\n          type: string\n", "", "drift-missing"),
            ("  title: ''", "  title: 'x", "page-unread"),
        ],
    ),
    (
        "example",
        EXAMPLE,
        &[
            ("\"to\": \"sail\"", "\"to\": \"motor\"", "drift-value"),
            ("\"every\": \"day\"\n}", "\"every\": \"day\",\n  \"more\": 1\n}", "drift-added"),
            ("  \"zone\": \"UTC\",\n", "", "drift-missing"),
        ],
    ),
    (
        "rate limiting",
        RATE_LIMITING,
        &[
            ("x-cost#", "x-costs#", "drift-added"),
            ("x-cost#", "x-costs#", "drift-missing"),
            ("Retry-After", "Retry-In", "drift-missing"),
            ("with 429", "with 430", "drift-missing"),
            ("1000000 tokens", "2000000 tokens", "drift-value"),
            ("and 1000 tokens", "and 2000 tokens", "drift-value"),
            ("Too many requests#", "x-limit#\n\nToo many requests#", "drift-added"),
        ],
    ),
    (
        "errors",
        ERRORS,
        &[
            ("404Nothing", "410Nothing", "drift-added"),
            ("404Nothing", "410Nothing", "drift-missing"),
            ("405It is not possible\n", "", "drift-missing"),
            ("471A", "470More is missing\n500It broke\n471A", "drift-added"),
            ("\"message\"", "\"error\"", "drift-added"),
        ],
    ),
    (
        "headers",
        HEADERS,
        &[
            ("X-Agent", "X-Client", "drift-added"),
            ("X-Agent", "X-Client", "drift-missing"),
            ("## X-Locale\n", "", "drift-missing"),
            ("## X-Locale", "## X-New\n\nIt is new.\n\n## X-Locale", "drift-added"),
        ],
    ),
];

#[test]
fn every_changed_fact_of_a_page_is_noticed() {
    let site = site();
    for (what, page, changes) in CHANGES {
        for (from, to, code) in changes {
            assert!(page.contains(from), "{what} has no `{from}`");
            let (drift, shown) = site.compare(&page.replacen(from, to, 1));
            assert!(codes(&drift).contains(code), "{what}: {from} -> {to}: {:?}\n{shown}", codes(&drift));
        }
    }
}

#[test]
fn every_change_of_the_navigation_is_noticed() {
    let site = site();
    let changes = [
        ("      • berths (records)\n", "      • berths (records)\n      • cranes (records)\n", "drift-added"),
        ("      • berths (records)\n", "", "drift-missing"),
        ("• berths (records)", "• berths (timeseries)", "drift-value"),
        ("      • berths (records)\n    • Sea\n", "    • Sea\n      • berths (records)\n", "drift-value"),
        ("  • Haul\n    POST\n", "  • Haul\n    POST\n  • Tow\n    POST\n", "drift-added"),
        ("  • Haul\n    POST\n", "", "drift-missing"),
        ("Haul\n    POST", "Haul\n    PUT", "drift-value"),
        ("    • Sea\n", "    • Sea\n      • ships - show all\n", "drift-added"),
    ];
    for (from, to, code) in changes {
        let text = format!("{NAVIGATION}{RECORDS}");
        assert!(text.contains(from), "no `{from}`");
        let (drift, shown) = site.compare(&text.replacen(from, to, 1));
        assert!(codes(&drift).contains(&code), "{from} -> {to}: {:?}\n{shown}", codes(&drift));
    }
}

#[test]
fn a_closed_folder_of_the_navigation_is_no_drift() {
    let closed = NAVIGATION.replace("      • boats (records)\n      • berths (records)\n", "");
    let (drift, shown) = site().compare(&format!("{closed}{RECORDS}"));
    assert_eq!(codes(&drift), [""; 0], "{shown}");
    assert!(drift.unreached.contains(&"navigation/reports/boats".to_owned()), "{:?}", drift.unreached);
}

#[test]
fn a_cut_page_is_unreached_and_no_drift() {
    let site = site();
    for (what, page) in PAGES {
        let text = format!("{NAVIGATION}{page}");
        let footer = text.rfind("Previous").unwrap_or(text.len());
        let starts = text.match_indices('\n').map(|(at, _)| at);
        // At the end of each line, and in the middle of a word.
        let cuts =
            starts.flat_map(|at| [at, at + 1, at + 4, at + 9]).filter(|at| *at < footer && text.is_char_boundary(*at) && *at > 0);
        for at in cuts {
            let (drift, shown) = site.compare(&text[..at]);
            let wrong: Vec<_> = codes(&drift).into_iter().filter(|code| code.starts_with("drift")).collect();
            assert!(wrong.is_empty(), "{what} cut after {:?}: {wrong:?}\n{shown}", &text[at.saturating_sub(60)..at]);
            // Whatever is missing is told, but for the blank lines before the footer.
            if !text[at..footer].trim().is_empty() && at < footer - page.len() / 3 {
                assert!(!drift.findings.is_empty(), "{what} cut after {:?} is well", &text[at.saturating_sub(60)..at]);
            }
        }
    }
}

#[test]
fn findings_name_both_places() {
    let site = site();
    let text =
        format!("{NAVIGATION}{}", TIMESERIES.replace("minutes7 days", "minutes8 days").replace("hour1 hour3 months\n", ""));
    let (_, shown) = site.compare(&text);
    insta::with_settings!({ snapshot_path => "published/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("documents", shown);
    });
}

/// A Markdown page as a site prints it.
fn html(page: &str) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let mut out = String::from("<!doctype html><html><body>\n");
    let (mut code, mut head) = (false, true);
    for line in page.lines() {
        let bare = line.replace('`', "").replace("\\_", "_");
        if line.starts_with("```") {
            code = !code;
            out += if code { "<pre><code>" } else { "</code></pre>\n" };
        } else if code {
            out += &format!("<span>{}</span>\n", escape(line));
        } else if let Some(row) = bare.strip_prefix('|') {
            if row.starts_with("---") {
                continue;
            }
            out += if std::mem::take(&mut head) { "<table><tr>" } else { "<tr>" };
            row.trim_end_matches('|').split('|').for_each(|cell| out += &format!("<td>{}</td>", escape(cell.trim())));
            out += "</tr>\n";
        } else {
            if !std::mem::replace(&mut head, true) {
                out += "</table>\n";
            }
            let level = line.len() - line.trim_start_matches('#').len();
            out += &match level {
                0 => format!("<p>{}</p>\n", escape(&bare)),
                _ => format!("<h{level}>{}<a>#</a></h{level}>\n", escape(bare[level..].trim())),
            };
        }
    }
    out + "</body></html>\n"
}

#[test]
fn html_agrees_and_shows_changes_as_its_twin_does() {
    let site = site();
    for (what, page) in PAGES.into_iter().filter(|(_, page)| page.starts_with("# ")) {
        let (drift, shown) = site.compare(&html(page));
        assert_eq!(codes(&drift), [""; 0], "{what}\n{shown}\n{}", html(page));
        let (_, _, changes) = CHANGES.into_iter().find(|(name, ..)| *name == what).unwrap();
        for (from, to, code) in changes {
            let (drift, shown) = site.compare(&html(&page.replacen(from, to, 1)));
            assert!(codes(&drift).contains(code), "{what}: {from} -> {to}: {:?}\n{shown}", codes(&drift));
        }
    }
}

#[test]
fn several_pages_in_one_file_are_compared_each() {
    let site = site();
    let text: String =
        PAGES.iter().filter(|(what, _)| !what.contains("twin")).map(|(_, page)| format!("{NAVIGATION}{page}")).collect();
    let mut sources = site.sources.clone();
    let capture = open("page", text.as_bytes(), &mut sources);
    assert_eq!(capture.pages.len(), 8);
    for page in capture.pages {
        let drift = compare(&read(page, &sources.get(page).text), None, &site.model, &site.spec);
        assert_eq!(codes(&drift), [""; 0], "{}", render(&drift.plain_findings(), &sources, false));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn a_page_with_damage_is_compared(page in 0..PAGES.len(), at in 0..3000_usize, length in 0..80_usize, put in "\\PC{0,20}|[{}\\[\\]\"“#|=>:`\n]{0,20}") {
        let text = format!("{NAVIGATION}{}", PAGES[page].1);
        let floor = |mut at: usize| { at = at.min(text.len()); while !text.is_char_boundary(at) { at -= 1; } at };
        let text = format!("{}{put}{}", &text[..floor(at)], &text[floor(at + length)..]);
        let site = site();
        let mut sources = site.sources.clone();
        for page in open("page", text.as_bytes(), &mut sources).pages {
            let drift = compare(&read(page, &sources.get(page).text), None, &site.model, &site.spec);
            render(&drift.plain_findings(), &sources, false);
        }
    }
}

#[test]
fn a_page_that_nobody_knows_is_told() {
    let (drift, _) = site().compare(&RECORDS.replace("Records\n\nThis", "Harbour fees\n\nThis"));
    assert_eq!(codes(&drift), ["page-unknown"]);
}
