//! The request of an example as the query that a user would write. In: its JSON and the report; out: an expression, what has to be said
//! before it, the JSON that the client sends for it, or why it cannot.

use placewise_model::{Format, Model, Report, Setting};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};

use super::{filters, ident};
use crate::naming;

/// A request in Rust.
pub(super) struct Request {
    pub(super) expression: TokenStream,
    /// Statements before it.
    pub(super) before: TokenStream,
    /// The JSON without what the client leaves out.
    pub(super) expected: Value,
    /// Keys that are null in the example, which means the same as their absence.
    pub(super) left_out: Vec<String>,
    /// Why the client cannot send it.
    pub(super) problem: Option<String>,
}

/// What a request says, by what its keys are for.
#[derive(Default)]
struct Said<'a> {
    filter: Option<&'a Value>,
    aggregation: Option<&'a str>,
    cursor: Option<&'a str>,
    page_size: Option<u64>,
    interval: Option<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

/// `cut` tells that the example shows a part of the request only.
pub(super) fn request(model: &Model, report: &Report, body: &Value, cut: bool) -> Request {
    let mut out = Request {
        expression: TokenStream::new(),
        before: TokenStream::new(),
        expected: body.clone(),
        left_out: Vec::new(),
        problem: None,
    };
    let empty = Map::new();
    let body = body.as_object().unwrap_or(&empty);
    out.left_out = nulls(model, report, body);
    if let Some(expected) = out.expected.as_object_mut() {
        expected.retain(|key, _| !out.left_out.contains(key));
    }
    let said = read(model, report, body, &out.left_out);
    match said.and_then(|said| Ok((range(report, &said, cut)?, said))) {
        Ok((before, said)) => {
            out.before = before;
            out.expression = typed(model, report, &said).unwrap_or_else(|| untyped(report, &said));
        }
        Err(problem) => out.problem = Some(problem),
    }
    out
}

/// The optional keys that are null.
fn nulls(model: &Model, report: &Report, body: &Map<String, Value>) -> Vec<String> {
    let keys = keys(model, report.format);
    let optional = |key: &str| keys.iter().any(|(of, known)| *of != "report" && *known == key);
    body.iter().filter(|(key, value)| value.is_null() && optional(key)).map(|(key, _)| key.clone()).collect()
}

/// The keys of a format's requests, with what each is for.
fn keys(model: &Model, format: Format) -> Vec<(&'static str, &str)> {
    fn of<'a, const N: usize>(keys: [(&'static str, &'a Setting<String>); N]) -> Vec<(&'static str, &'a str)> {
        keys.into_iter().map(|(of, key)| (of, key.value.as_str())).collect()
    }
    let (records, timeseries, statistics) = (&model.records, &model.timeseries, &model.statistics);
    match format {
        Format::Records => of([
            ("report", &records.report_key),
            ("filter", &records.filter_key),
            ("aggregation", &records.aggregation_key),
            ("cursor", &records.cursor_key),
            ("page_size", &records.page_size_key),
        ]),
        Format::Timeseries => of([
            ("report", &timeseries.report_key),
            ("filter", &timeseries.filter_key),
            ("aggregation", &timeseries.aggregation_key),
            ("interval", &timeseries.interval_key),
            ("from", &timeseries.from_key),
            ("to", &timeseries.to_key),
        ]),
        Format::Statistics => of([
            ("report", &statistics.report_key),
            ("filter", &statistics.filter_key),
            ("aggregation", &statistics.aggregation_key),
            ("from", &statistics.from_key),
            ("to", &statistics.to_key),
        ]),
    }
}

fn read<'a>(model: &'a Model, report: &Report, body: &'a Map<String, Value>, left_out: &[String]) -> Result<Said<'a>, String> {
    let keys = keys(model, report.format);
    let mut said = Said::default();
    for (key, value) in body.iter().filter(|(key, _)| !left_out.contains(key)) {
        let Some((of, _)) = keys.iter().find(|(_, known)| known == key) else {
            return Err(format!("the format's requests have no key `{key}`"));
        };
        let text = || value.as_str().map(Some).ok_or_else(|| format!("`{key}` is no text"));
        match *of {
            "filter" => said.filter = Some(value),
            "aggregation" => said.aggregation = text()?,
            "cursor" => said.cursor = text()?,
            "interval" => said.interval = text()?,
            "from" => said.from = text()?,
            "to" => said.to = text()?,
            "page_size" => {
                let size = value.as_u64().filter(|size| u32::try_from(*size).is_ok());
                said.page_size = Some(size.ok_or_else(|| format!("`{key}` is no number of rows"))?);
            }
            _ => {}
        }
    }
    Ok(said)
}

/// The range as two variables. Where the example is cut, ends that it does not show are chosen.
fn range(report: &Report, said: &Said<'_>, cut: bool) -> Result<TokenStream, String> {
    let day = |from: &str, days| another_day(from, days).ok_or_else(|| format!("`{from}` is no date"));
    let (from, to) = match (said.from, said.to) {
        (Some(from), Some(to)) => (from.to_owned(), to.to_owned()),
        (None, None) if report.format != Format::Timeseries => return Ok(TokenStream::new()),
        _ if !cut => return Err("a range has two ends, and a timeseries is always asked over one".into()),
        (Some(from), None) => (from.to_owned(), day(from, 1)?),
        (None, Some(to)) => (day(to, -1)?, to.to_owned()),
        (None, None) => ("2024-01-01T00:00:00.000Z".into(), "2024-01-02T00:00:00.000Z".into()),
    };
    Ok(quote! {
        let from: api::Moment = #from.parse().expect("a zoned time");
        let to: api::Moment = #to.parse().expect("a zoned time");
    })
}

/// The same time of the day on a day shortly after that one, or shortly before it.
fn another_day(time: &str, days: i32) -> Option<String> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<i32>().ok();
    let (year, month, day, rest) = (number(0, 4)?, number(5, 7)?, number(8, 10)? + days, time.get(10..)?);
    // Months are left by their first days or by a 28th, which every month has.
    let (month, day) = match day {
        ..1 => (month - 1, 28),
        29.. if days > 0 => (month + 1, 1),
        _ => (month, day),
    };
    let (year, month) = match month {
        13.. => (year + 1, 1),
        1..=12 => (year, month),
        _ => (year - 1, 12),
    };
    Some(format!("{year:04}-{month:02}-{day:02}{rest}"))
}

/// The query by the report's own methods; none where its types cannot say it.
fn typed(model: &Model, report: &Report, said: &Said<'_>) -> Option<TokenStream> {
    let marker = ident(&naming::report(&report.name).marker);
    let mut arguments = Vec::new();
    let method = match said.aggregation {
        None => ident(match report.format {
            Format::Records => "records",
            Format::Timeseries => "series",
            Format::Statistics => "statistics",
        }),
        Some(name) => match report.aggregation(name) {
            Some(aggregation) => ident(&naming::aggregation(aggregation).1),
            None if report.more_aggregations => {
                arguments.push(quote!(#name));
                ident("aggregated_by")
            }
            None => return None,
        },
    };
    if report.format == Format::Timeseries {
        arguments.push(quote!(from..to));
    }
    let filter = said.filter.map(|filter| filters::filter(&model.filter, report, filter));
    let filter = match filter {
        Some(filter) => {
            let filter = filter?;
            quote!(.filter(#filter))
        }
        None => TokenStream::new(),
    };
    let interval = said.interval.map(|name| interval(model, report, name));
    let rest = rest(report, said);
    Some(quote!(api::#marker::#method(#(#arguments),*) #interval #filter #rest))
}

fn interval(model: &Model, report: &Report, name: &str) -> TokenStream {
    if name == model.timeseries.auto.name {
        return quote!(.interval(api::interval::Auto));
    }
    let offered = model.intervals(report).find(|interval| interval.name == name);
    offered.map_or_else(
        || quote!(.interval_named(#name)),
        |interval| {
            let interval = ident(&naming::interval(interval.bucket_length));
            quote!(.interval(api::interval::#interval))
        },
    )
}

/// What every kind of query says alike.
fn rest(report: &Report, said: &Said<'_>) -> TokenStream {
    let size = said.page_size.map(|size| {
        let size = proc_macro2::Literal::u64_unsuffixed(size);
        quote!(.page_size(#size))
    });
    let cursor = said.cursor.map(|cursor| quote!(.resume_from(#cursor)));
    let range = (report.format == Format::Statistics && said.from.is_some()).then(|| quote!(.range(from..to)));
    quote!(#range #size #cursor)
}

/// The query of programs, with its filter as JSON.
fn untyped(report: &Report, said: &Said<'_>) -> TokenStream {
    let marker = ident(&naming::report(&report.name).marker);
    let info = quote!(<api::#marker as api::Report>::INFO);
    let query = match report.format {
        Format::Records => quote!(api::JsonRecords::new(#info)),
        Format::Timeseries => quote!(api::JsonTimeseries::new(#info, from..to)),
        Format::Statistics => quote!(api::JsonStatistics::new(#info)),
    };
    let aggregation = said.aggregation.map(|name| quote!(.aggregated(#name)));
    let interval = said.interval.map(|name| quote!(.interval(#name)));
    let filter = said.filter.map(|filter| {
        let filter = super::json(filter);
        quote!(.filter(#filter.parse().expect("JSON")))
    });
    let rest = rest(report, said);
    quote!(#query #aggregation #interval #filter #rest)
}

#[cfg(test)]
mod tests {
    use super::another_day;

    #[test]
    fn the_other_end_of_a_range_is_on_the_right_side() {
        let other = |time, days| another_day(time, days);
        assert_eq!(other("2024-04-08T00:00:00Z", 1).as_deref(), Some("2024-04-09T00:00:00Z"));
        assert_eq!(other("2024-12-31T10:00:00+02:00", 1).as_deref(), Some("2025-01-01T10:00:00+02:00"));
        assert_eq!(other("2024-01-01T00:00:00Z", -1).as_deref(), Some("2023-12-28T00:00:00Z"));
        assert_eq!(other("2024-04-30T00:00:00Z", -1).as_deref(), Some("2024-04-29T00:00:00Z"));
        assert_eq!(other("soon", 1), None);
    }
}
