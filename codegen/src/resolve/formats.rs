//! Resolves the formats and the endpoints.
//!
//! A path whose assumption is null stays without a value: it is not known, and a client can set it.

use placewise_model::{Carries, Endpoint, Field, Interval, RecordsFormat, Setting, StatisticsFormat, TimeseriesFormat};

use indexmap::IndexMap;

use super::fields::{Context, field};
use super::settings::Settings;
use crate::finding::Finding;
use crate::source::{CarriesDef, Doc, EndpointDef, EndpointsFile, FieldDef, FilterPolicy, FormatsFile, IntervalDef, SettingDef};

pub(super) fn endpoints(doc: &Doc<EndpointsFile>, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Vec<Endpoint> {
    doc.value.endpoints.iter().map(|(name, def)| endpoint(doc, name, def, settings, findings)).collect()
}

fn endpoint(
    doc: &Doc<EndpointsFile>,
    name: &str,
    def: &EndpointDef,
    settings: &mut Settings<'_>,
    findings: &mut Vec<Finding>,
) -> Endpoint {
    let path = def.path.as_ref().map(|path| path.map(Some));
    let path = path.and_then(|path| settings.get(doc, &["endpoints", name, "path"], &path, findings));
    Endpoint {
        name: name.to_owned(),
        title: def.title.clone(),
        group: def.group.clone(),
        method: def.method.clone(),
        path: path.unwrap_or(Setting { value: None, assumption: None }),
        permit: def.permit.clone(),
        cost: def.cost,
        coverage: def.coverage,
        carries: carries(doc, name, &def.carries, settings, findings),
        request: fields(doc, name, "request", &def.request, findings),
        response: fields(doc, name, "response", &def.response, findings),
        description: def.description.clone(),
        provenance: def.provenance,
        source: def.source.clone(),
    }
}

fn carries(
    doc: &Doc<EndpointsFile>,
    name: &str,
    def: &CarriesDef,
    settings: &mut Settings<'_>,
    findings: &mut Vec<Finding>,
) -> Carries {
    let path = |key| ["endpoints", name, "carries", key];
    Carries {
        report: def.report.as_ref().and_then(|key| settings.get(doc, &path("report"), key, findings)),
        field: def.field.as_ref().and_then(|key| settings.get(doc, &path("field"), key, findings)),
        query: def.query.as_ref().and_then(|query| settings.get(doc, &path("query"), query, findings)),
        query_format: def.query_format,
    }
}

fn fields(
    doc: &Doc<EndpointsFile>,
    endpoint: &str,
    part: &str,
    defs: &IndexMap<String, FieldDef>,
    findings: &mut Vec<Finding>,
) -> Vec<Field> {
    let place = |path: &[&str]| doc.at(path);
    let place_key = |path: &[&str]| doc.at_key(path);
    let context = Context { place: &place, place_key: &place_key, column: None, policy: FilterPolicy::Lenient };
    let one =
        |(name, def): (&String, &FieldDef)| field(name, def, &["endpoints", endpoint, part, name], false, &context, findings);
    defs.iter().map(one).collect()
}

pub(super) fn records(doc: &Doc<FormatsFile>, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Option<RecordsFormat> {
    let def = &doc.value.records;
    let mut key = |name: &str, setting: &SettingDef<String>| settings.get(doc, &["records", "request", name], setting, findings);
    let report_key = key("report", &def.request.report);
    let filter_key = key("filter", &def.request.filter);
    let aggregation_key = key("aggregation", &def.request.aggregation);
    let cursor_key = key("cursor", &def.request.cursor);
    let page_size_key = key("page_size", &def.request.page_size);
    let default_page_size = settings.get(doc, &["records", "default_page_size"], &def.default_page_size, findings);
    let most_page_size = settings.get(doc, &["records", "most_page_size"], &def.most_page_size, findings);
    let null_cursor_ends = settings.get(doc, &["records", "null_cursor_ends"], &def.null_cursor_ends, findings);
    let zone = settings.get(doc, &["records", "zoneless_timestamps_in"], &def.zoneless_timestamps_in, findings);
    Some(RecordsFormat {
        coverage: def.coverage,
        description: def.description.clone(),
        source: def.source.clone(),
        endpoint: def.endpoint.clone(),
        report_key: report_key?,
        filter_key: filter_key?,
        aggregation_key: aggregation_key?,
        cursor_key: cursor_key?,
        page_size_key: page_size_key?,
        default_page_size: default_page_size?,
        most_page_size: most_page_size?,
        rows_key: def.response.rows.clone(),
        pagination_key: def.response.pagination.clone(),
        next_key: def.response.next.clone(),
        null_cursor_ends: null_cursor_ends?,
        result_type_key: def.response.result_type.clone(),
        result_type: def.response.result_type_value.clone(),
        zoneless_timestamps_in: zone?,
    })
}

pub(super) fn timeseries(
    doc: &Doc<FormatsFile>,
    settings: &mut Settings<'_>,
    findings: &mut Vec<Finding>,
) -> Option<TimeseriesFormat> {
    let def = &doc.value.timeseries;
    let (request, response) = (&def.request, &def.response);
    let mut key =
        |name: &str, setting: &SettingDef<String>| settings.get(doc, &["timeseries", "request", name], setting, findings);
    let report_key = key("report", &request.report);
    let filter_key = key("filter", &request.filter);
    let aggregation_key = key("aggregation", &request.aggregation);
    let interval_key = key("interval", &request.interval);
    let from_key = key("from", &request.from);
    let to_key = key("to", &request.to);
    let time_points = settings.get(doc, &["timeseries", "time_points"], &def.time_points, findings);
    let beyond_retention = settings.get(doc, &["timeseries", "beyond_retention"], &def.beyond_retention, findings);
    let interval = |(name, def): (&String, &IntervalDef)| Interval {
        name: name.clone(),
        bucket_length: def.bucket_length,
        retention: def.retention.0,
        description: def.description.clone(),
        provenance: def.provenance,
    };
    Some(TimeseriesFormat {
        coverage: def.coverage,
        description: def.description.clone(),
        source: def.source.clone(),
        endpoint: def.endpoint.clone(),
        report_key: report_key?,
        filter_key: filter_key?,
        aggregation_key: aggregation_key?,
        interval_key: interval_key?,
        from_key: from_key?,
        to_key: to_key?,
        used_interval_key: response.interval.clone(),
        zone_key: response.zone.clone(),
        local_zone: response.local_zone.clone(),
        example_zone: response.example_zone.clone(),
        buckets_key: response.buckets.clone(),
        series_key: response.series.clone(),
        label_key: response.label.clone(),
        values_key: response.values.clone(),
        series_zone_key: response.series_zone.clone(),
        data_points_key: response.data_points.clone(),
        result_type_key: response.result_type.clone(),
        result_type: response.result_type_value.clone(),
        intervals: def.intervals.iter().map(interval).collect(),
        auto: def.auto.clone(),
        most_time_points: def.most_time_points,
        most_data_points: def.most_data_points,
        time_points: time_points?,
        beyond_retention: beyond_retention?,
    })
}

pub(super) fn statistics(
    doc: &Doc<FormatsFile>,
    settings: &mut Settings<'_>,
    findings: &mut Vec<Finding>,
) -> Option<StatisticsFormat> {
    let def = &doc.value.statistics;
    let request = &def.request;
    let mut key =
        |name: &str, setting: &SettingDef<String>| settings.get(doc, &["statistics", "request", name], setting, findings);
    let report_key = key("report", &request.report);
    let filter_key = key("filter", &request.filter);
    let aggregation_key = key("aggregation", &request.aggregation);
    let from_key = key("from", &request.from);
    let to_key = key("to", &request.to);
    Some(StatisticsFormat {
        coverage: def.coverage,
        description: def.description.clone(),
        source: def.source.clone(),
        endpoint: def.endpoint.clone(),
        report_key: report_key?,
        filter_key: filter_key?,
        aggregation_key: aggregation_key?,
        from_key: from_key?,
        to_key: to_key?,
    })
}
