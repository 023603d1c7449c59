//! The request of an example as the query that a user would write.

use placewise_model::{Format, Model, Report, RequestKey};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};

use super::filters;
use super::pieces::ident;
use crate::naming;

/// A request in Rust.
pub(super) struct Request {
    pub(super) expression: TokenStream,
    /// Statements before it.
    pub(super) before: TokenStream,
    /// The JSON without the keys that the client omits.
    pub(super) expected: Value,
    /// Keys that are null in the example, which means the same as no key.
    pub(super) left_out: Vec<String>,
    /// Why the client cannot send it.
    pub(super) problem: Option<String>,
}

/// The values of a request, by the purpose of their keys.
#[derive(Default)]
struct Values<'a> {
    filter: Option<&'a Value>,
    aggregation: Option<&'a str>,
    cursor: Option<&'a str>,
    page_size: Option<u64>,
    interval: Option<&'a str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

/// `cut`: the example shows only a part of the request.
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
    let values = read(model, report, body, &out.left_out);
    match values.and_then(|values| Ok((range(report, &values, cut)?, values))) {
        Ok((before, values)) => {
            out.before = before;
            out.expression = typed(model, report, &values).unwrap_or_else(|| untyped(report, &values));
        }
        Err(problem) => out.problem = Some(problem),
    }
    out
}

/// The optional keys that are null.
fn nulls(model: &Model, report: &Report, body: &Map<String, Value>) -> Vec<String> {
    let keys = model.request_keys(report.format);
    let optional = |key: &str| keys.iter().any(|(of, known)| *of != RequestKey::Report && known.value == key);
    body.iter().filter(|(key, value)| value.is_null() && optional(key)).map(|(key, _)| key.clone()).collect()
}

fn read<'a>(model: &'a Model, report: &Report, body: &'a Map<String, Value>, left_out: &[String]) -> Result<Values<'a>, String> {
    let keys = model.request_keys(report.format);
    let mut values = Values::default();
    for (key, value) in body.iter().filter(|(key, _)| !left_out.contains(key)) {
        let Some((of, _)) = keys.iter().find(|(_, known)| known.value == *key) else {
            return Err(format!("the format's requests have no key `{key}`"));
        };
        let text = || value.as_str().map(Some).ok_or_else(|| format!("`{key}` is not text"));
        match *of {
            RequestKey::Filter => values.filter = Some(value),
            RequestKey::Aggregation => values.aggregation = text()?,
            RequestKey::Cursor => values.cursor = text()?,
            RequestKey::Interval => values.interval = text()?,
            RequestKey::From => values.from = text()?,
            RequestKey::To => values.to = text()?,
            RequestKey::PageSize => {
                let size = value.as_u64().filter(|size| u32::try_from(*size).is_ok());
                values.page_size = Some(size.ok_or_else(|| format!("`{key}` is not a number of rows"))?);
            }
            RequestKey::Report => {}
        }
    }
    Ok(values)
}

/// The range as two variables. If the example is cut, missing ends are made up.
fn range(report: &Report, values: &Values<'_>, cut: bool) -> Result<TokenStream, String> {
    let day = |from: &str, days| another_day(from, days).ok_or_else(|| format!("`{from}` is not a date"));
    let (from, to) = match (values.from, values.to) {
        (Some(from), Some(to)) => (from.to_owned(), to.to_owned()),
        (None, None) if report.format != Format::Timeseries => return Ok(TokenStream::new()),
        _ if !cut => return Err("a timeseries query needs both ends of its range".into()),
        (Some(from), None) => (from.to_owned(), day(from, 1)?),
        (None, Some(to)) => (day(to, -1)?, to.to_owned()),
        (None, None) => ("2024-01-01T00:00:00.000Z".into(), "2024-01-02T00:00:00.000Z".into()),
    };
    Ok(quote! {
        let from: api::Moment = #from.parse().expect("a zoned time");
        let to: api::Moment = #to.parse().expect("a zoned time");
    })
}

/// The same time on a day shortly after or before.
fn another_day(time: &str, days: i32) -> Option<String> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<i32>().ok();
    let (year, month, day, rest) = (number(0, 4)?, number(5, 7)?, number(8, 10)? + days, time.get(10..)?);
    // Every month has a 1st and a 28th, so only these leave a month.
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

/// The query with the methods of the report; none if its types cannot express it.
fn typed(model: &Model, report: &Report, values: &Values<'_>) -> Option<TokenStream> {
    let marker = ident(&naming::report(&report.name).marker);
    let mut arguments = Vec::new();
    let method = match values.aggregation {
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
    let filter = values.filter.map(|filter| filters::filter(&model.filter, report, filter));
    let filter = match filter {
        Some(filter) => {
            let filter = filter?;
            quote!(.filter(#filter))
        }
        None => TokenStream::new(),
    };
    let interval = values.interval.map(|name| interval(model, report, name));
    let rest = rest(report, values);
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

/// The options that are the same for all formats.
fn rest(report: &Report, values: &Values<'_>) -> TokenStream {
    let size = values.page_size.map(|size| {
        let size = proc_macro2::Literal::u64_unsuffixed(size);
        quote!(.page_size(#size))
    });
    let cursor = values.cursor.map(|cursor| quote!(.resume_from(#cursor)));
    let range = (report.format == Format::Statistics && values.from.is_some()).then(|| quote!(.range(from..to)));
    quote!(#range #size #cursor)
}

/// The query for a report known only at run time, with its filter as JSON.
fn untyped(report: &Report, values: &Values<'_>) -> TokenStream {
    let marker = ident(&naming::report(&report.name).marker);
    let info = quote!(<api::#marker as api::Report>::INFO);
    let query = match report.format {
        Format::Records => quote!(api::JsonRecords::new(#info)),
        Format::Timeseries => quote!(api::JsonTimeseries::new(#info, from..to)),
        Format::Statistics => quote!(api::JsonStatistics::new(#info)),
    };
    let aggregation = values.aggregation.map(|name| quote!(.aggregated(#name)));
    let interval = values.interval.map(|name| quote!(.interval(#name)));
    let filter = values.filter.map(|filter| {
        let filter = super::pieces::json(filter);
        quote!(.filter(#filter.parse().expect("JSON")))
    });
    let rest = rest(report, values);
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
