//! Resolves a whole spec.

use placewise_model::{Api, Assumption, Endpoint, FilterLanguage, RecordsFormat, Report, StatisticsFormat, TimeseriesFormat};
use rayon::prelude::*;

use super::settings::Settings;
use super::{platform, report};
use crate::finding::Finding;
use crate::source::{Spec, schema};

/// The model before it is checked. A part of the platform is missing if its file cannot be read or resolved.
#[derive(Debug, Default)]
pub struct UncheckedModel {
    /// From `api.yaml`.
    pub api: Option<Api>,
    /// From `filters.yaml`.
    pub filter: Option<FilterLanguage>,
    /// From `formats.yaml`.
    pub records: Option<RecordsFormat>,
    /// From `formats.yaml`.
    pub timeseries: Option<TimeseriesFormat>,
    /// From `formats.yaml`.
    pub statistics: Option<StatisticsFormat>,
    /// From `endpoints.yaml`.
    pub endpoints: Vec<Endpoint>,
    /// From `assumptions.yaml`.
    pub assumptions: Vec<Assumption>,
    /// By group and name.
    pub reports: Vec<Report>,
    /// The names of reports whose files have findings that hide or rename them. A reference to one of them is not wrong.
    pub unread: Vec<String>,
}

/// Resolves a spec.
pub fn resolve(spec: &Spec) -> (UncheckedModel, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut model = UncheckedModel {
        assumptions: platform::assumptions(spec, &mut findings),
        unread: unread(spec),
        ..UncheckedModel::default()
    };
    let mut settings = Settings::new(spec, &model.assumptions);
    model.api = spec.api.as_ref().and_then(|doc| platform::api(doc, &mut settings, &mut findings));
    if let Some(doc) = &spec.filters {
        let json = settings.resolve(doc, &schema::FILTERS, &mut findings);
        model.filter = settings.typed(doc, json, &mut findings);
    }
    model.endpoints =
        spec.endpoints.as_ref().map(|doc| platform::endpoints(doc, &mut settings, &mut findings)).unwrap_or_default();
    if let Some(doc) = &spec.formats {
        let mut json = settings.resolve(doc, &schema::FORMATS, &mut findings);
        platform::list(&mut json["timeseries"]["intervals"], "name");
        model.records = settings.typed(doc, json["records"].take(), &mut findings);
        model.timeseries = settings.typed(doc, json["timeseries"].take(), &mut findings);
        model.statistics = settings.typed(doc, json["statistics"].take(), &mut findings);
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
        model.reports.push(report);
        findings.extend(of_report);
    }
    (model, findings)
}

/// The names of reports that others may mean although no report, or none with all its fields, has them.
fn unread(spec: &Spec) -> Vec<String> {
    let odd = spec
        .reports
        .iter()
        .map(|(_, doc)| doc)
        .filter(|doc| doc.stem != doc.value.report || doc.lost(&["fields"]) || doc.lost(&["format"]));
    odd.flat_map(|doc| [&doc.stem, &doc.value.report]).chain(&spec.unread).cloned().collect()
}
