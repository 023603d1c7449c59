//! The invented platform, with titles of endpoints and with reports, and the pages that agree with it.

mod page_changes;

use std::path::Path;

use placewise_codegen::finding::{Sources, render};
use placewise_codegen::published::{Drift, compare, open, read};
use placewise_codegen::source::{InputFile, Spec, read_dir};
use placewise_codegen::{Checked, check_spec};
use placewise_model::Model;

pub use page_changes::*;

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
pub const HEADERS_TEXT: &str = include_str!("documents/headers.txt");

pub const STATISTICS: &str = include_str!("documents/statistics.txt");
pub const VALIDATION: &str = include_str!("documents/validation.txt");
pub const VALIDATION_TWIN: &str = include_str!("documents/validation.md");

pub const PAGES: [(&str, &str); 14] = [
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
    ("headers, text", HEADERS_TEXT),
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
    let mut patch = |path: &str, changes: &[(&str, &str)]| {
        let file = files.iter_mut().find(|file| file.path == path).expect("a platform file");
        let mut text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
        for (from, to) in changes {
            assert!(text.contains(from), "{path} has no {from:?}");
            text = text.replace(from, to);
        }
        file.bytes = text.into_bytes();
    };
    let symbols = "symbols: { blank: {}, too_long: { options: [most] }, odd: { provenance: inferred } }";
    patch(
        "api.yaml",
        &[
            ("invalid_parameters: wrong, ", &format!("invalid_parameters: wrong, {symbols}, ")),
            ("value: application/json, ", "value: application/json, source: https://harbour.invalid/global, "),
            ("required: no, ", "required: no, example: office, source: https://harbour.invalid/global, "),
            ("provenance: unknown, ", "provenance: unknown, source: https://harbour.invalid/global, "),
            ("How often.", "Buckets are Harbour General, Harbour Reporting and Fleet Reporting."),
            ("Far out. }", "Far out., source: https://harbour.invalid/ships }"),
        ],
    );
    patch(
        "filters.yaml",
        &[
            ("Greater. }", "Greater; numbers and times. }"),
            ("Greater or equal. }", "Greater or equal; numbers and times. }"),
            ("Less. }", "Less; numbers and times. }"),
            ("Less or equal. }", "Less or equal; numbers and times. }"),
            ("Among none. }", "In no list. }"),
        ],
    );
    patch(
        "endpoints.yaml",
        &[
            ("ask: { ", "ask: { title: Ask, "),
            ("chart: { ", "chart: { title: Chart, permit: Harbour:Query, "),
            ("Asks for series.", "Asks for series of a Harbour with a UserToken."),
            ("haul: { ", "haul: { title: Haul, "),
            ("  berth:\n", "  berth:\n    title: Show berth\n    group: Berth API\n    permit: Harbour:Query\n    cost: 1\n"),
        ],
    );
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
