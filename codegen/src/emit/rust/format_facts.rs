//! The three formats as constants, and the intervals of timeseries as types.

use std::fmt::Write as _;

use placewise_model::{Endpoint, Interval, Model, Period, Setting};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::pieces::{doc_lines, ident, setting, variant};
use super::rustdoc::with_provenance;
use crate::emit::markdown;
use crate::naming;

fn text_setting(of: &Setting<String>) -> TokenStream {
    setting(of, |value| quote!(#value))
}

/// The path of an endpoint; none if unknown.
pub(super) fn path(endpoint: Option<&Endpoint>) -> TokenStream {
    let of = |path: &Option<String>| path.as_ref().map_or_else(|| quote!(None), |path| quote!(Some(#path)));
    endpoint.map_or_else(|| quote!(Setting::stated(None)), |endpoint| setting(&endpoint.path, of))
}

pub(super) fn records(model: &Model) -> TokenStream {
    let records = &model.records;
    let path = path(model.endpoint(&records.endpoint));
    let (report, filter) = (text_setting(&records.request.report), text_setting(&records.request.filter));
    let aggregation = text_setting(&records.request.aggregation);
    let (cursor, page_size) = (text_setting(&records.request.cursor), text_setting(&records.request.page_size));
    let ends = setting(&records.null_cursor_ends, |ends| quote!(#ends));
    let empty_ends = setting(&records.empty_cursor_ends, |ends| quote!(#ends));
    let (rows, pagination, next) = (&records.response.rows, &records.response.pagination, &records.response.next);
    let (result_type_key, result_type) = (&records.response.result_type, &records.response.result_type_value);
    quote! {
        RecordsFormat {
            path: #path,
            report_key: #report,
            filter_key: #filter,
            aggregation_key: #aggregation,
            cursor_key: #cursor,
            page_size_key: #page_size,
            rows_key: #rows,
            pagination_key: #pagination,
            next_key: #next,
            null_cursor_ends: #ends,
            empty_cursor_ends: #empty_ends,
            result_type_key: #result_type_key,
            result_type: #result_type,
        }
    }
}

pub(super) fn timeseries(model: &Model) -> TokenStream {
    let format = &model.timeseries;
    let path = path(model.endpoint(&format.endpoint));
    let (report, filter) = (text_setting(&format.request.report), text_setting(&format.request.filter));
    let (aggregation, interval) = (text_setting(&format.request.aggregation), text_setting(&format.request.interval));
    let (from, to) = (text_setting(&format.request.from), text_setting(&format.request.to));
    let (used, zone, local, buckets) =
        (&format.response.interval, &format.response.zone, &format.response.local_zone, &format.response.buckets);
    let (series, label, values, series_zone) =
        (&format.response.series, &format.response.label, &format.response.values, &format.response.series_zone);
    let (points, result_type_key, result_type) =
        (&format.response.data_points, &format.response.result_type, &format.response.result_type_value);
    let intervals = format.intervals.iter().map(interval_info);
    let auto = auto(model);
    let most_time_points = Literal::u32_unsuffixed(format.most_time_points);
    let most_data_points = Literal::u32_unsuffixed(format.most_data_points);
    let time_points = setting(&format.time_points, |counting| {
        let counting = variant(counting);
        quote!(TimePoints::#counting)
    });
    quote! {
        TimeseriesFormat {
            path: #path,
            report_key: #report,
            filter_key: #filter,
            aggregation_key: #aggregation,
            interval_key: #interval,
            from_key: #from,
            to_key: #to,
            used_interval_key: #used,
            zone_key: #zone,
            local_zone: #local,
            buckets_key: #buckets,
            series_key: #series,
            label_key: #label,
            values_key: #values,
            series_zone_key: #series_zone,
            data_points_key: #points,
            result_type_key: #result_type_key,
            result_type: #result_type,
            intervals: &[#(#intervals),*],
            auto: #auto,
            most_time_points: #most_time_points,
            most_data_points: #most_data_points,
            time_points: #time_points,
        }
    }
}

fn interval_info(interval: &Interval) -> TokenStream {
    let (name, bucket_length) = (&interval.name, period(interval.bucket_length));
    let retention = interval.retention.0.map(period).map_or_else(|| quote!(None), |retention| quote!(Some(#retention)));
    quote!(IntervalInfo { name: #name, bucket_length: #bucket_length, retention: #retention })
}

fn auto(model: &Model) -> TokenStream {
    let auto = &model.timeseries.auto;
    let (name, otherwise) = (&auto.name, &auto.otherwise);
    let steps = auto.steps.iter().map(|step| {
        let (up_to, interval) = (period(step.up_to), &step.interval);
        quote!(AutoStep { up_to: #up_to, interval: #interval })
    });
    quote!(AutoInterval { name: #name, steps: &[#(#steps),*], otherwise: #otherwise })
}

pub(super) fn period(period: Period) -> TokenStream {
    let unit = ident(&format!("{}s", period.unit.word()));
    let count = Literal::u32_unsuffixed(period.count);
    quote!(Period::#unit(#count))
}

pub(super) fn statistics(model: &Model) -> TokenStream {
    let format = &model.statistics;
    let path = path(model.endpoint(&format.endpoint));
    let (report, filter) = (text_setting(&format.request.report), text_setting(&format.request.filter));
    let aggregation = text_setting(&format.request.aggregation);
    let (from, to) = (text_setting(&format.request.from), text_setting(&format.request.to));
    quote! {
        StatisticsFormat {
            path: #path,
            report_key: #report,
            filter_key: #filter,
            aggregation_key: #aggregation,
            from_key: #from,
            to_key: #to,
        }
    }
}

/// The module of intervals, as text, because doc comments inside a macro print as attributes.
pub(super) fn intervals(model: &Model) -> String {
    let mut out = String::from(
        "/// The intervals of timeseries as types. A query at an interval that the report does not have does not compile.\n",
    );
    out.push_str("pub mod interval {\n    pub use placewise_runtime::Auto;\n");
    let mut lines = String::new();
    for interval in &model.timeseries.intervals {
        for line in doc_lines(&interval_docs(interval)) {
            let _ = writeln!(lines, "        ///{line}");
        }
        let _ = writeln!(lines, "        {} = {},", naming::interval(interval.bucket_length), Literal::string(&interval.name));
    }
    let _ = writeln!(out, "    placewise_runtime::machinery::intervals! {{\n{lines}    }}\n}}");
    out
}

fn interval_docs(interval: &Interval) -> Vec<String> {
    let retention = interval.retention.0.map_or_else(|| "forever".into(), |retention| format!("for {retention}"));
    let mut docs = vec![format!(
        "{}: buckets of {}. Data are retained {retention}.",
        markdown::code(&interval.name),
        interval.bucket_length
    )];
    if let Some(description) = &interval.description {
        docs.extend(markdown::paragraphs(description).iter().map(|paragraph| markdown::markdown(paragraph)));
    }
    if let Some(last) = docs.last_mut() {
        *last = with_provenance(std::mem::take(last), interval.provenance);
    }
    docs
}
