//! The page of the formats: what each is asked with, what it answers, and the limits that a caller must know. In: the model; out: Markdown.

use placewise_model::{Model, Setting, TimePoints};

use super::{banner, cell, code_cell, paragraphs, provenance, setting, setting_or_none, source, table};
use crate::naming;

pub(super) fn page(model: &Model) -> String {
    let mut out = banner("spec/formats.yaml");
    out.push_str("# Formats\n\n");
    out.push_str(&records(model));
    out.push_str(&timeseries(model));
    out.push_str(&statistics(model));
    out
}

fn facts<const N: usize>(rows: [(&str, String); N]) -> String {
    table(&["fact", "value"], rows.map(|(fact, value)| vec![fact.into(), value]))
}

/// The path that a format's queries go to.
fn path(model: &Model, endpoint: &str) -> String {
    model.endpoint(endpoint).map_or_else(|| "not known".into(), |endpoint| setting_or_none(&endpoint.path))
}

fn records(model: &Model) -> String {
    let records = &model.records;
    let mut out = String::from("## Records\n\n");
    out.push_str(&paragraphs(records.description.as_deref()));
    out.push_str(&facts([
        ("path", path(model, &records.endpoint)),
        ("request key: report", setting(&records.report_key, "")),
        ("request key: filter", setting(&records.filter_key, "")),
        ("request key: aggregation", setting(&records.aggregation_key, "")),
        ("request key: cursor", setting(&records.cursor_key, "")),
        ("request key: page size", setting(&records.page_size_key, "")),
        ("rows in a page if none is asked for", setting(&records.default_page_size, "")),
        ("most rows in a page", setting(&records.most_page_size, "")),
        ("response key: rows", code_cell(&records.rows_key)),
        ("response key: cursor", code_cell(&format!("{}.{}", records.pagination_key, records.next_key))),
        ("a null cursor ends", setting(&records.null_cursor_ends, "")),
        ("response key: format", format!("{} = {}", code_cell(&records.result_type_key), code_cell(&records.result_type))),
        ("zone of timestamps without one", setting(&records.zoneless_timestamps_in, "")),
        ("source", source(records.source.as_deref())),
    ]));
    out
}

fn timeseries(model: &Model) -> String {
    let format = &model.timeseries;
    let mut out = String::from("## Timeseries\n\n");
    out.push_str(&paragraphs(format.description.as_deref()));
    out.push_str(&facts([
        ("path", path(model, &format.endpoint)),
        ("request key: report", setting(&format.report_key, "")),
        ("request key: filter", setting(&format.filter_key, "")),
        ("request key: aggregation", setting(&format.aggregation_key, "")),
        ("request key: interval", setting(&format.interval_key, "")),
        ("request key: start of the range", setting(&format.from_key, "")),
        ("request key: end of the range", setting(&format.to_key, "")),
        ("response key: interval used", code_cell(&format.used_interval_key)),
        ("response key: zone of the range", code_cell(&format.zone_key)),
        ("zone when the customers have several", code_cell(&format.local_zone)),
        ("response key: time buckets", code_cell(&format.buckets_key)),
        ("response key: series", code_cell(&format.series_key)),
        ("in a series: label", code_cell(&format.label_key)),
        ("in a series: values, null where there is none", code_cell(&format.values_key)),
        ("in a series: zone, where buckets are local", code_cell(&format.series_zone_key)),
        ("response key: number of data points", code_cell(&format.data_points_key)),
        ("response key: format", format!("{} = {}", code_cell(&format.result_type_key), code_cell(&format.result_type))),
        ("source", source(format.source.as_deref())),
    ]));
    out.push_str(&intervals(model));
    out.push_str(&limits(model));
    out
}

fn intervals(model: &Model) -> String {
    let format = &model.timeseries;
    let mut out = String::from("### Intervals\n\n");
    let rows = format.intervals.iter().map(|interval| {
        vec![
            code_cell(&interval.name),
            format!("`interval::{}`", naming::interval(interval.bucket_length)),
            interval.bucket_length.to_string(),
            interval.retention.map_or_else(|| "forever".into(), |retention| retention.to_string()),
            provenance(interval.provenance).into(),
            cell(interval.description.as_deref()),
        ]
    });
    out.push_str(&table(&["interval", "in Rust", "bucket", "data kept", "known", "description"], rows));
    let auto = &format.auto;
    out.push_str(&format!("When none is asked for, {} chooses by the length of the range:\n\n", code_cell(&auto.name)));
    let steps = auto.steps.iter().map(|step| vec![format!("up to {}", step.up_to), code_cell(&step.interval)]);
    out.push_str(&table(&["range", "interval"], steps.chain([vec!["longer".into(), code_cell(&auto.otherwise)]])));
    if auto.description.is_some() {
        out.push_str(&paragraphs(auto.description.as_deref()));
    }
    out
}

fn limits(model: &Model) -> String {
    let format = &model.timeseries;
    let word = |of: &Setting<TimePoints>| Setting { value: of.value.word(), assumption: of.assumption.clone() };
    let beyond = Setting { value: format.beyond_retention.value.word(), assumption: format.beyond_retention.assumption.clone() };
    let mut out = String::from("### Limits\n\n");
    out.push_str(&format!(
        "A query may ask for {} time points; more is refused by the server, and by the client before anything is sent, with the split that \
         would work. An answer holds {} data points (values that are not null) at most: the server leaves out more in silence, and the \
         client then says that the answer is not complete. A range that begins before the interval's data do is refused by the client, which \
         names the coarser interval that would work; nothing is clamped.\n\n",
        format.most_time_points, format.most_data_points
    ));
    out.push_str(&facts([
        ("most time points", format.most_time_points.to_string()),
        ("time points are counted by", setting(&word(&format.time_points), "")),
        ("most data points", format.most_data_points.to_string()),
        ("a range older than the data is", setting(&beyond, "")),
    ]));
    out
}

fn statistics(model: &Model) -> String {
    let format = &model.statistics;
    let mut out = String::from("## Statistics\n\n");
    out.push_str(&paragraphs(format.description.as_deref()));
    out.push_str("The form of the answer is not known.\n\n");
    out.push_str(&facts([
        ("path", path(model, &format.endpoint)),
        ("request key: report", setting(&format.report_key, "")),
        ("request key: filter", setting(&format.filter_key, "")),
        ("request key: aggregation", setting(&format.aggregation_key, "")),
        ("request key: start of the range", setting(&format.from_key, "")),
        ("request key: end of the range", setting(&format.to_key, "")),
        ("source", source(format.source.as_deref())),
    ]));
    out
}
