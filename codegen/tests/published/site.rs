//! The invented platform, with titles of endpoints and with reports, and the pages that agree with it.

use std::path::Path;

use placewise_codegen::finding::{Sources, render};
use placewise_codegen::published::{Drift, compare, open, read};
use placewise_codegen::source::{InputFile, Spec, read_dir};
use placewise_codegen::{Checked, check_spec};
use placewise_model::Model;

pub const NAVIGATION: &str = include_str!("documents/navigation.txt");
pub const FILTERS: &str = include_str!("documents/filters.txt");
pub const FILTERS_TWIN: &str = include_str!("documents/filters.md");
pub const RECORDS: &str = include_str!("documents/records.txt");
pub const TIMESERIES: &str = include_str!("documents/timeseries.txt");
pub const ENDPOINT: &str = include_str!("documents/endpoint.txt");
pub const ENDPOINT_TWIN: &str = include_str!("documents/endpoint.md");
pub const EXAMPLE: &str = include_str!("documents/example.txt");
pub const RATE_LIMITING: &str = include_str!("documents/rate_limiting.txt");
pub const ERRORS: &str = include_str!("documents/errors.txt");
pub const HEADERS: &str = include_str!("documents/headers.md");

pub const STATISTICS: &str = include_str!("documents/statistics.txt");
pub const VALIDATION: &str = include_str!("documents/validation.txt");
pub const VALIDATION_TWIN: &str = include_str!("documents/validation.md");

pub const PAGES: [(&str, &str); 13] = [
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
    ("statistics", STATISTICS),
    ("validation", VALIDATION),
    ("validation, twin", VALIDATION_TWIN),
];

pub struct Site {
    pub model: Model,
    pub spec: Spec,
    pub sources: Sources,
}

/// The files of the platform.
pub fn files() -> Vec<InputFile> {
    let mut files = read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform")).expect("the fixture is readable");
    files.iter_mut().for_each(|file| file.label = format!("spec/{}", file.path));
    let api = files.iter_mut().find(|file| file.path == "api.yaml").expect("a platform file");
    let symbols = "symbols: { blank: {}, too_long: { options: [most] }, odd: { provenance: inferred } }";
    api.bytes = String::from_utf8(api.bytes.clone())
        .expect("UTF-8")
        .replace("invalid_parameters: wrong, ", &format!("invalid_parameters: wrong, {symbols}, "))
        .into_bytes();
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
    files
}

pub fn site() -> Site {
    site_of(files())
}

pub fn site_of(files: Vec<InputFile>) -> Site {
    let Checked { model, spec, sources, findings } = check_spec(files);
    let model = model.unwrap_or_else(|| panic!("{}", render(&findings, &sources, false)));
    Site { model: Model::clone(&model), spec, sources }
}

impl Site {
    pub fn compare(&self, text: &str) -> (Drift, String) {
        let mut sources = self.sources.clone();
        let capture = open("page", text.as_bytes(), &mut sources);
        assert_eq!(capture.pages.len(), 1, "{text}");
        let read = read(capture.pages[0], &sources.get(capture.pages[0]).text);
        let drift = compare(&read, None, &self.model, &self.spec);
        let shown = render(&drift.plain_findings(), &sources, false);
        (drift, shown)
    }
}

pub fn codes(drift: &Drift) -> Vec<&'static str> {
    drift.findings.iter().map(|one| one.finding.code.name()).collect()
}

/// A page, the file of the spec that it is about, and its changes.
pub type Changes = (&'static str, &'static str, &'static str, &'static [Replaced]);

/// What is replaced, by what, and the code of a finding.
pub type Replaced = (&'static str, &'static str, &'static str);

pub const CHANGES: [Changes; 13] = [
    (
        "filters",
        FILTERS,
        "filters.yaml",
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
            ("TypeMeaningToken costRequirement", "TypeMeaningToken costUnit", "page-unread"),
            ("Base operation#", "Nesting#\n\nNodes can be nested.\n\nBase operation#", "page-unread"),
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
        "filters.yaml",
        &[
            ("| All operations hold | 2 |", "| All operations hold | 3 |", "drift-value"),
            ("| All operations hold | 2 |", "| All operations hold | 2.5 |", "page-unread"),
            ("| All operations hold | 2 |", "| All operations hold | |", "drift-missing"),
            ("`over`", "`ovre`", "drift-added"),
            ("| `under` | The field is less | Numbers and times | 1 |\n", "", "drift-missing"),
            ("| `upto` |", "| `near` | It is near | - | 1 |\n| `upto` |", "drift-added"),
            ("`to`", "`too`", "drift-added"),
            ("Requirement | Token cost |", "Requirement | Token cost | Since |", "page-unread"),
            ("## Base operation", "## Limits of a tree\n\nIt is not deep.\n\n## Base operation", "page-unread"),
            ("## Base operation", "- At most five levels\n\n## Base operation", "page-unread"),
        ],
    ),
    (
        "records",
        RECORDS,
        "formats.yaml",
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
        "formats.yaml",
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
        "endpoints.yaml",
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
        "endpoints.yaml",
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
        "reports/sea/ships.yaml",
        &[
            ("\"to\": \"sail\"", "\"to\": \"motor\"", "drift-value"),
            ("\"every\": \"day\"\n}", "\"every\": \"day\",\n  \"more\": 1\n}", "drift-added"),
            ("  \"zone\": \"UTC\",\n", "", "drift-missing"),
        ],
    ),
    (
        "rate limiting",
        RATE_LIMITING,
        "api.yaml",
        &[
            ("x-cost#", "x-costs#", "drift-added"),
            ("x-cost#", "x-costs#", "drift-missing"),
            ("Retry-After", "Retry-In", "drift-missing"),
            ("with 429", "with 430", "drift-missing"),
            ("1000000 tokens", "2000000 tokens", "drift-value"),
            ("and 1000 tokens", "and 2000 tokens", "drift-value"),
            ("Too many requests#", "x-limit#\n\nToo many requests#", "drift-added"),
            ("Too many requests#", "Quotas#\n\nThey come later.\n\nToo many requests#", "page-unread"),
            ("Too many requests#", "{ \"error\": \"Wait.\" }\n\nToo many requests#", "page-unread"),
        ],
    ),
    (
        "errors",
        ERRORS,
        "api.yaml",
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
        "api.yaml",
        &[
            ("X-Agent", "X-Client", "drift-added"),
            ("X-Agent", "X-Client", "drift-missing"),
            ("## X-Locale\n", "", "drift-missing"),
            ("## X-Locale", "## X-New\n\nIt is new.\n\n## X-Locale", "drift-added"),
        ],
    ),
    (
        "statistics",
        STATISTICS,
        "formats.yaml",
        &[
            ("\"since\"", "\"from\"", "drift-missing"),
            ("  \"per\": \"kind\",\n", "", "drift-missing"),
            ("\"where\": null", "\"where\": null, \"zone\": \"UTC\"", "drift-added"),
            ("Previous", "Response#\n\n{ \"figures\": [] }\n\nPrevious", "drift-added"),
            ("Previous", "Rounding#\n\nFigures are rounded.\n\nPrevious", "page-unread"),
        ],
    ),
    (
        "validation",
        VALIDATION,
        "api.yaml",
        &[
            ("\"message\"", "\"text\"", "drift-missing"),
            ("\"problems\"", "\"troubles\"", "drift-missing"),
            ("\"code\": \"blank\", \"with\": {}", "\"kind\": \"blank\", \"with\": {}", "drift-added"),
            ("\"with\": {}", "\"by\": {}", "drift-added"),
            ("\"wrong\"", "\"invalid\"", "drift-value"),
            ("• blank - the value is missing\n", "", "drift-missing"),
            ("• too_long (most)", "• too_long (least)", "drift-missing"),
            ("• odd", "• even - the number is even\n• odd", "drift-added"),
            ("• odd", "• At most five errors are listed\n• odd", "page-unread"),
        ],
    ),
    (
        "validation, twin",
        VALIDATION_TWIN,
        "api.yaml",
        &[
            ("`blank`", "`blanc`", "drift-missing"),
            ("| `odd` |", "| `even` | | The number is even |\n| `odd` |", "drift-added"),
            ("| `most` |", "| |", "drift-missing"),
            ("| Error | Options | Meaning |", "| Error | Options | Since |", "page-unread"),
        ],
    ),
];

/// Changes of the navigation.
pub const NAVIGATION_CHANGES: &[Replaced] = &[
    ("      • berths (records)\n", "      • berths (records)\n      • cranes (records)\n", "drift-added"),
    ("      • berths (records)\n", "", "drift-missing"),
    ("• berths (records)", "• berths (timeseries)", "drift-value"),
    ("      • berths (records)\n    • Sea\n", "    • Sea\n      • berths (records)\n", "drift-value"),
    ("  • Haul\n    POST\n", "  • Haul\n    POST\n  • Tow\n    POST\n", "drift-added"),
    ("  • Haul\n    POST\n", "", "drift-missing"),
    ("Haul\n    POST", "Haul\n    PUT", "drift-value"),
    ("    • Sea\n", "    • Sea\n      • ships - show all\n", "drift-added"),
    ("• berths (records)", "• berths (records) (deprecated)", "drift-deprecated"),
    ("• berths (records)\n", "• berths (records)\n        deprecated\n", "drift-deprecated"),
    ("• berths (records)", "• ~~berths (records)~~", "page-unread"),
    ("• berths (records)", "• berths (records) BETA", "page-unread"),
    ("• berths (records)\n", "• berths (records)\n        for members\n", "page-unread"),
    ("    • Statistics\n", "    • Statistics\n    • Funnels\n", "drift-added"),
    ("    • Records\n", "", "drift-missing"),
    ("• Berth API", "• Quay API", "drift-value"),
    ("Previous\nIntroduction", "Previous\ncranes (records)", "drift-added"),
    ("Previous\nIntroduction", "Previous\nships (records)", "drift-value"),
];
