//! The page of the formats: keys of requests and responses, intervals, and limits.

use placewise_model::{Format, Model, RequestKeys, Setting};

use super::field_tables::{DOCUMENTED, PROVENANCE};
use super::phrases::{assumption, banner, cell, code_cell, paragraphs, setting, setting_or_none, source};
use super::table::{
    Column::{Shown, Varying},
    facts, table,
};
use crate::naming;

pub(super) fn page(model: &Model) -> String {
    let mut out = banner("spec/formats.yaml");
    out.push_str(&format!("# Formats\n\n{}{}{}", records(model), timeseries(model), statistics(model)));
    out
}

fn records(model: &Model) -> String {
    let format = &model.records;
    let cursor = format!("{}.{}", format.response.pagination, format.response.next);
    let mut out = head(model, Format::Records, format.description.as_deref(), format.source.as_deref());
    out.push_str(&request(&format.request.keys()));
    out.push_str(&response(&[
        (&format.response.rows, "rows".into()),
        (&cursor, "cursor to the next page".into()),
        (&format.response.result_type, result_type(&format.response.result_type_value)),
    ]));
    out.push_str(&facts([
        ("rows per page by default", setting(&format.default_page_size, "")),
        ("maximum of rows per page", setting(&format.most_page_size, "")),
        ("a null cursor ends the rows", setting(&format.null_cursor_ends, "")),
        ("an empty cursor ends the rows", setting(&format.empty_cursor_ends, "")),
        ("zone of timestamps without one", setting(&format.zoneless_timestamps_in, "")),
    ]));
    out
}

fn timeseries(model: &Model) -> String {
    let format = &model.timeseries;
    let mut out = head(model, Format::Timeseries, format.description.as_deref(), format.source.as_deref());
    out.push_str(&request(&format.request.keys()));
    out.push_str(&response(&[
        (&format.response.interval, "interval that the server used".into()),
        (
            &format.response.zone,
            format!("zone of the range; {} if the zones of the customers differ", code_cell(&format.response.local_zone)),
        ),
        (&format.response.buckets, "time buckets".into()),
        (&format.response.series, "series".into()),
        (&format.response.label, "in a series: its label".into()),
        (&format.response.values, "in a series: one value for each bucket, null where the bucket has none".into()),
        (&format.response.series_zone, "in a series: its zone, if buckets are local".into()),
        (&format.response.data_points, "number of data points".into()),
        (&format.response.result_type, result_type(&format.response.result_type_value)),
    ]));
    out.push_str(&intervals(model));
    out.push_str(&limits(model));
    out
}

fn statistics(model: &Model) -> String {
    let format = &model.statistics;
    let mut out = head(model, Format::Statistics, format.description.as_deref(), format.source.as_deref());
    out.push_str(&request(&format.request.keys()));
    out.push_str("The keys of the response are not known.\n\n");
    out
}

fn head(model: &Model, format: Format, description: Option<&str>, page: Option<&str>) -> String {
    let word = format.word();
    let title: String = word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect();
    let endpoint = model.endpoint(model.endpoint_of(format));
    let path = endpoint.map_or_else(|| "not known".into(), |endpoint| setting_or_none(&endpoint.path));
    format!("## {title}\n\n{}Path: {path}. Source: {}\n\n", paragraphs(description), source(page))
}

fn request(keys: &RequestKeys<'_>) -> String {
    let rows = keys.iter().map(|(of, key)| {
        let provenance =
            key.assumption.as_ref().map_or_else(|| DOCUMENTED.into(), |id| format!("assumed: {}", assumption(id, "")));
        vec![code_cell(&key.value), of.describe().into(), provenance]
    });
    let columns = [Shown("request key"), Shown("meaning"), PROVENANCE];
    table("key", &columns, rows)
}

fn response(keys: &[(&String, String)]) -> String {
    let rows = keys.iter().map(|(key, meaning)| vec![code_cell(key), meaning.clone()]);
    table("key", &[Shown("response key"), Shown("meaning")], rows)
}

fn result_type(name: &str) -> String {
    format!("name of the format: {}", code_cell(name))
}

fn intervals(model: &Model) -> String {
    let format = &model.timeseries;
    let rows = format.intervals.iter().map(|interval| {
        vec![
            code_cell(&interval.name),
            interval.bucket_length.to_string(),
            interval.retention.0.map_or_else(|| "forever".into(), |retention| retention.to_string()),
            format!("`interval::{}`", naming::interval(interval.bucket_length)),
            interval.provenance.describe().into(),
            cell(interval.description.as_deref()),
        ]
    });
    let columns = [Shown("interval"), Shown("bucket length"), Shown("retention"), Shown("in Rust"), PROVENANCE, Varying("note")];
    let auto = &format.auto;
    let steps = auto.steps.iter().map(|step| vec![format!("up to {}", step.up_to), code_cell(&step.interval)]);
    let steps = steps.chain([vec!["longer".into(), code_cell(&auto.otherwise)]]);
    format!(
        "### Intervals\n\n{}The interval {} lets the server choose by the length of the range:\n\n{}{}",
        table("interval", &columns, rows),
        code_cell(&auto.name),
        table("range", &[Shown("range"), Shown("interval")], steps),
        auto.description.as_deref().map(|description| paragraphs(Some(description))).unwrap_or_default(),
    )
}

fn limits(model: &Model) -> String {
    let format = &model.timeseries;
    let word = |value: &'static str, assumption: &Option<String>| setting(&Setting { value, assumption: assumption.clone() }, "");
    let mut out = String::from("### Limits\n\n");
    out.push_str(&format!(
        "- A query can request at most {} time points. The client rejects a longer query before sending it, because the server \
         would reject it too; `history` splits its range.\n\
         - A response holds at most {} data points, which are values that are not null. The server silently drops the rest. The \
         client then marks the chart as incomplete.\n\
         - The client rejects a range that starts before its interval's retention and, if a coarser interval covers it, suggests that \
         one. It never shortens a range.\n\n",
        format.most_time_points, format.most_data_points
    ));
    out.push_str(&facts([
        ("how time points are counted", word(format.time_points.value.word(), &format.time_points.assumption)),
        (
            "a range that starts before the retention",
            word(format.beyond_retention.value.word(), &format.beyond_retention.assumption),
        ),
    ]));
    out
}
