//! Makes the spec that agrees with a page: the report file that `import` writes, checked together with a platform.

use placewise_codegen::check_spec;
use placewise_codegen::finding::{FileId, Place, Sources};
use placewise_codegen::published::{Drift, drift, import, read};
use placewise_codegen::resolve::{UncheckedModel, resolve};
use placewise_codegen::source::{self, InputFile, ReportFile, read_dir};
use placewise_model::Report;

// Not every test reads every field.
#[allow(dead_code)]
pub struct Spec {
    pub report: Report,
    pub yaml: String,
    pub platform: UncheckedModel,
    doc: source::Doc<ReportFile>,
}

/// The platform of an invented API, with the keys of responses that the pages show.
fn platform() -> Vec<InputFile> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/platform");
    let mut files = read_dir(dir.as_ref()).expect("the fixture is readable");
    let formats = files.iter_mut().find(|file| file.path == "formats.yaml").expect("a platform file");
    let mut text = String::from_utf8(formats.bytes.clone()).expect("UTF-8");
    for (from, to) in [
        (
            "rows: lines, pagination: more, next: at, result_type: kind, result_type_value: lines",
            "rows: records, pagination: pagination, next: next_page_info, result_type: result_type, result_type_value: records",
        ),
        ("interval: every\n    zone: zone", "interval: interval\n    zone: range_timezone"),
        (
            "buckets: times\n    series: lines\n    label: tag\n    values: heights",
            "buckets: time_buckets\n    series: series\n    label: label\n    values: values",
        ),
        (
            "series_zone: zone\n    data_points: count\n    result_type: kind\n    result_type_value: chart",
            "series_zone: timezone\n    data_points: data_points\n    result_type: result_type\n    result_type_value: timeseries",
        ),
        ("10min: {", "5m: {"),
        ("    hour: {", "    1h: {"),
        ("    day: {", "    1d: {"),
        ("interval: 10min }", "interval: 5m }"),
        ("interval: hour }], otherwise: day", "interval: 1h }], otherwise: 1d"),
    ] {
        assert!(text.contains(from), "no `{from}`");
        text = text.replace(from, to);
    }
    formats.bytes = text.into_bytes();
    files
}

impl Spec {
    /// The spec that agrees with a page. `header` is the name of the header that its `Filterable` cells name.
    pub fn of(page: &str, header: &str) -> Self {
        let reading = read(FileId(0), page);
        let read_page = reading.report().expect("a report's page");
        let yaml = import(read_page, None);
        let mut files = platform();
        let api = files.iter_mut().find(|file| file.path == "api.yaml").expect("a platform file");
        api.bytes = String::from_utf8(api.bytes.clone())
            .expect("UTF-8")
            .replace("name: X-Harbour,", &format!("name: {header},"))
            .into_bytes();
        let name = read_page.name.value.clone();
        let path = format!("reports/port/{name}.yaml");
        files.push(InputFile { path: path.clone(), label: path, bytes: yaml.clone().into_bytes() });
        let checked = check_spec(files);
        let shown = placewise_codegen::finding::render(&checked.findings, &checked.sources, false);
        assert!(checked.model.is_some(), "{shown}\n{yaml}");
        let (platform, _) = resolve(&checked.spec);
        let report = platform.reports.iter().find(|report| report.name == name).expect("the report").clone();
        let doc = checked.spec.reports.into_iter().map(|(_, doc)| doc).find(|doc| doc.value.report == name).expect("the file");
        Self { report, yaml, platform, doc }
    }

    pub fn drift(&self, page: &str) -> Drift {
        // The page's file is the first, the report's file the second.
        let reading = read(FileId(0), page);
        drift(&reading, &self.report, &self.platform, &|path| Place { file: FileId(1), span: self.doc.at(path).span })
    }

    /// The files that findings refer to.
    #[allow(dead_code)]
    pub fn sources(&self, page: &str) -> Sources {
        let mut sources = Sources::default();
        sources.add("page.txt", page);
        sources.add("report.yaml", self.yaml.as_str());
        sources
    }
}
