//! Decodes a chart in place. Only the type of the labels differs between reports.

use std::borrow::Cow;

use super::chart::{Buckets, Chart, LocalTime, Series};
use super::fault::{self, Fault, check_json};
use super::{chart_warnings, raw::RawResponse, warning};
use crate::json::map::Other;
use crate::json::misfit::Misfits;
use crate::json::object::{Entries, FromObject, read_with};
use crate::json::scan::{self, Scanner};
use crate::{
    error::Error, facts::formats::TimeseriesFormat, json::context::DecodeContext, json::exact, json::mismatch::Mismatch,
    json::number::Number, json::value::Value, time::timestamp::Timestamp,
};

/// Decodes a chart.
pub(crate) fn read<Label: FromObject>(response: &RawResponse) -> Result<Chart<Label>, Error> {
    let (mut labels, mut entries) = (Vec::new(), Entries::new());
    let chart = read_with_labels(response, &mut |json, context| {
        labels.push(read_with(json, &mut entries, context)?);
        Ok(())
    })?;
    Ok(chart.with_labels(labels))
}

/// A label as it was sent.
pub(crate) type RawLabel = Box<str>;

/// Whether a label can be read.
pub(crate) type CheckLabel = fn(&str, &mut DecodeContext) -> Result<(), Mismatch>;

/// The check for a type of labels.
pub(crate) fn check_label<Label: FromObject>(json: &str, context: &mut DecodeContext) -> Result<(), Mismatch> {
    read_with::<Label>(json, &mut Entries::new(), context).map(drop)
}

/// Decodes a chart, but only checks its labels. Not generic, so what works on such charts is compiled once.
pub(crate) fn read_raw(response: &RawResponse, check: CheckLabel) -> Result<Chart<RawLabel>, Error> {
    let mut labels: Vec<RawLabel> = Vec::new();
    let chart = read_with_labels(response, &mut |json, context| {
        check(json, context)?;
        labels.push(json.into());
        Ok(())
    })?;
    Ok(chart.with_labels(labels))
}

/// Reads the labels of such a chart.
pub(crate) fn typed<Label: FromObject>(chart: Chart<RawLabel>) -> Result<Chart<Label>, Mismatch> {
    // What does not fit was an error before, or counted.
    let mut context = DecodeContext::default();
    context.misfits = Some(Misfits::default());
    let read = |series: &Series<RawLabel>| read_with(&series.label, &mut Entries::new(), &mut context);
    let labels: Vec<Label> = chart.series.iter().map(read).collect::<Result<_, _>>()?;
    Ok(chart.with_labels(labels))
}

fn read_with_labels<'a>(response: &'a RawResponse, read_label: &mut ReadLabel<'a, '_>) -> Result<Chart<()>, Error> {
    let exchange = &response.exchange;
    let format = &exchange.overrides.spec.timeseries;
    let mut context = DecodeContext::with_room(exchange.max_memory);
    context.misfits = exchange.lenient.then(Misfits::default);
    let walked = walk(fault::text(response)?, format, context, read_label);
    let walked = walked.map_err(|fault| fault.into_error(exchange, format.aggregation_key.assumption, response.path_id))?;
    let series = walked.series.into_iter().map(|Rest { values, zone, other }| Series { label: (), values, zone, other });
    let mut warnings = warning::of_cost(response);
    warnings.extend(chart_warnings::all(exchange, &walked.interval, &walked.buckets));
    let telling = walked.other.iter().filter(|(_, value)| !warning::says_nothing(&value.to_string()));
    warnings.extend(warning::of_error_key(exchange, telling.map(|(key, _)| key)));
    Ok(Chart {
        interval: walked.interval,
        range_zone: walked.zone,
        buckets: walked.buckets,
        series: series.collect(),
        data_points: walked.data_points,
        complete: walked.complete,
        warnings,
        other: walked.other,
        format,
        has_result_type: walked.has_result_type,
        unknown_keys: walked.context.unknown_keys,
        misfits: walked.context.misfits.unwrap_or_default(),
        rate: response.rate.clone(),
        meta: exchange.meta.clone(),
    })
}

/// A chart without its labels.
struct Walked {
    interval: String,
    zone: String,
    buckets: Buckets,
    series: Vec<Rest>,
    data_points: Option<u64>,
    complete: bool,
    other: Other,
    has_result_type: bool,
    context: DecodeContext,
}

/// A series without its label.
struct Rest {
    values: Vec<Option<Number>>,
    zone: Option<String>,
    other: Other,
}

type ReadLabel<'a, 'f> = dyn FnMut(&'a str, &mut DecodeContext) -> Result<(), Mismatch> + 'f;

fn walk<'a>(
    text: &'a str,
    format: &'static TimeseriesFormat,
    mut context: DecodeContext,
    read_label: &mut ReadLabel<'a, '_>,
) -> Result<Walked, Fault> {
    check_json(text)?;
    let keys = [
        format.used_interval_key,
        format.zone_key,
        format.buckets_key,
        format.series_key,
        format.data_points_key,
        format.result_type_key,
    ];
    let ([interval, zone, buckets, series, data_points, result_type], mut other) =
        split(text, keys, &mut context).map_err(|error| Fault::of(error, text))?;
    // A wrong format explains missing keys, so it is reported first.
    let result_type = not_null(result_type, format.result_type_key, &mut other);
    if let Some(found) = result_type.filter(|found| scan::string(found).as_deref() != Some(format.result_type)) {
        let error = Mismatch::new(format!("\"{}\"", format.result_type), found).at(format.result_type_key);
        return Err(Fault::of(error, text));
    }
    let interval = required(interval, format.used_interval_key, text)?;
    let zone: String = required(zone, format.zone_key, text)?;
    let buckets = read_buckets(buckets, format, &zone, text)?;
    let series = read_series(series, format, &buckets, read_label, &mut context, text)?;
    let data_points = read_count(data_points, format.data_points_key, &mut other)?;
    let counted: usize = series.iter().map(|series| series.values.iter().flatten().count()).sum();
    let misfits = context.misfits.as_ref().map_or(0, |misfits| misfits.count);
    let counted = u64::try_from(counted).unwrap_or(u64::MAX).saturating_add(misfits);
    let complete = data_points.unwrap_or(0).max(counted) < u64::from(format.most_data_points);
    let has_result_type = result_type.is_some();
    Ok(Walked { interval, zone, buckets, series, data_points, complete, other, has_result_type, context })
}

/// Splits an object into the values of the known keys and the unknown entries.
fn split<'a, const N: usize>(
    json: &'a str,
    keys: [&'static str; N],
    context: &mut DecodeContext,
) -> Result<([Option<&'a str>; N], Other), Mismatch> {
    let mut scan = Scanner::new(json);
    if !scan.enter(b'{') {
        return Err(Mismatch::new("an object", json));
    }
    let (mut known, mut other) = ([None; N], Other::new());
    while let Some(key) = scan.key()? {
        let value = scan.value();
        match keys.iter().zip(&mut known).find(|(known, _)| **known == key) {
            Some((_, place @ None)) => *place = Some(value),
            Some(_) => return Err(Mismatch::twice(&key)),
            None => {
                context.count(&key);
                context.take_entry::<serde_json::Value>(other.len(), &key)?;
                let value = exact::json(value, context).map_err(|error| error.at(&key))?;
                if other.insert(key.clone().into_owned(), value).is_some() {
                    return Err(Mismatch::twice(&key));
                }
            }
        }
    }
    Ok((known, other))
}

fn required<T: Value>(json: Option<&str>, key: &str, text: &str) -> Result<T, Fault> {
    let json = json.ok_or_else(|| Fault::whole(format!("expected the key `{key}`, found none"), text))?;
    T::read(json, &mut DecodeContext::default()).map_err(|error| Fault::of(error.at(key), json))
}

fn read_buckets(json: Option<&str>, format: &TimeseriesFormat, zone: &str, text: &str) -> Result<Buckets, Fault> {
    let key = format.buckets_key;
    let times: Vec<Timestamp> = required(json, key, text)?;
    let local = times.first().map_or(zone == format.local_zone, |first| first.offset().is_none());
    // A bucket of the other kind would silently change its meaning.
    if let Some((index, odd)) = times.iter().enumerate().find(|(_, time)| time.offset().is_none() != local) {
        let (has, lacks) = if local { ("has", "lacks") } else { ("lacks", "has") };
        let problem =
            format!("expected every time bucket with a zone or every one without; {odd} {has} one, the first {lacks} one");
        return Err(Fault::at(format!("{key}.{index}"), problem, json.unwrap_or_default()));
    }
    Ok(if local { Buckets::Local(times.into_iter().map(LocalTime).collect()) } else { Buckets::Zoned(times) })
}

fn read_series<'a>(
    json: Option<&'a str>,
    format: &'static TimeseriesFormat,
    buckets: &Buckets,
    read_label: &mut ReadLabel<'a, '_>,
    context: &mut DecodeContext,
    text: &str,
) -> Result<Vec<Rest>, Fault> {
    let key = format.series_key;
    let json = json.ok_or_else(|| Fault::whole(format!("expected the key `{key}`, found none"), text))?;
    let mut scan = Scanner::new(json);
    if !scan.enter(b'[') {
        return Err(Fault::at(key.into(), "expected a list of series", json));
    }
    let mut all = Vec::new();
    while scan.item() {
        let one = scan.value();
        context.take::<Rest>().map_err(|error| Fault::of(error, one))?;
        context.row = all.len();
        let read = context.within(key, |context| read_one(one, format, buckets, read_label, context));
        let index = all.len();
        all.push(read.map_err(|error| Fault::of(error.at(&index.to_string()).at(key), one).in_series(index))?);
    }
    Ok(all)
}

fn read_one<'a>(
    json: &'a str,
    format: &'static TimeseriesFormat,
    buckets: &Buckets,
    read_label: &mut ReadLabel<'a, '_>,
    context: &mut DecodeContext,
) -> Result<Rest, Mismatch> {
    let ([label, values, zone], mut other) = split(json, [format.label_key, format.values_key, format.series_zone_key], context)?;
    let label = label.ok_or_else(|| Mismatch::missing(format.label_key))?;
    context.within(format.label_key, |context| read_label(label, context)).map_err(|error| error.at(format.label_key))?;
    let json = values.ok_or_else(|| Mismatch::missing(format.values_key))?;
    let values = context.within(format.values_key, |context| read_values(json, buckets, context));
    let values = values.map_err(|error| error.at(format.values_key))?;
    if values.len() != buckets.len() {
        let expected = format!("{} values, one per time bucket", buckets.len());
        return Err(Mismatch::new(expected, &format!("{}: {json}", values.len())).at(format.values_key));
    }
    let zone = not_null(zone, format.series_zone_key, &mut other).map(|zone| String::read(zone, context));
    let zone = zone.transpose().map_err(|error| error.at(format.series_zone_key))?;
    Ok(Rest { values, zone, other })
}

/// The values. A lenient client has none where one does not fit.
fn read_values(json: &str, buckets: &Buckets, context: &mut DecodeContext) -> Result<Vec<Option<Number>>, Mismatch> {
    let mut scan = Scanner::new(json);
    if !scan.enter(b'[') {
        return Err(Mismatch::new("a list", json));
    }
    let (mut values, mut starts) = (Vec::new(), buckets.starts());
    while scan.item() {
        context.take::<Option<Number>>()?;
        let (json, start) = (scan.value(), starts.next().map_or(String::new(), |start| start.to_string()));
        let value = Value::read(json, context).or_else(|error| context.keep_value(&start, json, error).map(|()| None));
        values.push(value.map_err(|error| error.at(&values.len().to_string()))?);
    }
    Ok(values)
}

/// The value, unless it is null. Null means the same as no key, but it is kept for serializing.
fn not_null<'a>(json: Option<&'a str>, key: &'static str, other: &mut Other) -> Option<&'a str> {
    if json == Some("null") {
        other.insert(key, serde_json::Value::Null);
    }
    json.filter(|json| *json != "null")
}

fn read_count(json: Option<&str>, key: &'static str, other: &mut Other) -> Result<Option<u64>, Fault> {
    let Some(json) = not_null(json, key, other) else { return Ok(None) };
    let expected = Cow::Borrowed("a whole number, zero or more");
    let count = i64::read(json, &mut DecodeContext::default()).ok().and_then(|count| u64::try_from(count).ok());
    count.map(Some).ok_or_else(|| Fault::of(Mismatch::new(expected, json).at(key), json))
}
