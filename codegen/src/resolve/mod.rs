//! From the spec as written to the model: defaults filled in, type words parsed, every reference followed. In: typed documents with
//! their places; out: as much of the model as could be resolved, and a finding at each reference or type that leads nowhere.

mod formats;
mod labels;
mod platform;
mod report;
mod settings;
mod types;

use placewise_model::{Api, Assumption, Endpoint, FilterLanguage, RecordsFormat, Report, StatisticsFormat, TimeseriesFormat};

use rayon::prelude::*;

use crate::finding::Finding;
use crate::source::Spec;

/// The model before it is checked; a platform part is missing when its file could not be read or resolved.
#[derive(Debug, Default)]
pub struct Draft {
    /// From `api.yaml`
    pub api: Option<Api>,
    /// From `filters.yaml`
    pub filter: Option<FilterLanguage>,
    /// From `formats.yaml`
    pub records: Option<RecordsFormat>,
    /// From `formats.yaml`
    pub timeseries: Option<TimeseriesFormat>,
    /// From `formats.yaml`
    pub statistics: Option<StatisticsFormat>,
    /// From `endpoints.yaml`
    pub endpoints: Vec<Endpoint>,
    /// From `assumptions.yaml`
    pub assumptions: Vec<Assumption>,
    /// In the order of the spec's reports.
    pub reports: Vec<Report>,
}

/// Resolves a spec.
pub fn resolve(spec: &Spec) -> (Draft, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut draft = Draft::default();
    let mut settings = settings::Settings::new(spec);
    draft.assumptions = platform::assumptions(spec);
    draft.api = spec.api.as_ref().and_then(|doc| platform::api(doc, &mut settings, &mut findings));
    draft.filter = spec.filters.as_ref().and_then(|doc| platform::filter(doc, &mut settings, &mut findings));
    draft.endpoints =
        spec.endpoints.as_ref().map(|doc| formats::endpoints(doc, &mut settings, &mut findings)).unwrap_or_default();
    if let Some(doc) = &spec.formats {
        draft.records = formats::records(doc, &mut settings, &mut findings);
        draft.timeseries = formats::timeseries(doc, &mut settings, &mut findings);
        draft.statistics = formats::statistics(doc, &mut settings, &mut findings);
    }
    settings.report_unused(&mut findings);
    let reports: Vec<(Report, Vec<Finding>)> = spec
        .reports
        .par_iter()
        .map(|(group, doc)| {
            let mut findings = Vec::new();
            (report::report(group, doc, &mut findings), findings)
        })
        .collect();
    for (report, of_report) in reports {
        draft.reports.push(report);
        findings.extend(of_report);
    }
    (draft, findings)
}
