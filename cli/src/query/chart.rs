//! A chart in a terminal: a line of bars per series, and a table of all values.

use std::io::{self, Write};

use placewise_reporting::{Buckets, Chart, JsonRow, Number, Series};

use crate::terminal::{self, plural, printable};

/// Bars from low to high.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The most series that are drawn, and that are columns of the table.
const MOST_SERIES: usize = 20;

pub(super) fn text(chart: &Chart<JsonRow>, out: &mut dyn Write) -> io::Result<()> {
    let buckets = starts(chart);
    let (interval, zone) = (printable(&chart.interval), printable(&chart.range_zone));
    let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else {
        return writeln!(out, "no values at `{interval}`, zone {zone}");
    };
    let count = plural(buckets.len() as u64, "bucket");
    writeln!(out, "{count} at `{interval}` from {first} to {last}, zone {zone}")?;
    let names: Vec<String> = chart.series.iter().map(name).collect();
    let widest = names.iter().take(MOST_SERIES).map(|name| name.chars().count()).max().unwrap_or(0);
    for (series, name) in chart.series.iter().zip(&names).take(MOST_SERIES) {
        writeln!(out, "{name:widest$}  {}", line(&series.values))?;
    }
    if chart.series.len() > MOST_SERIES {
        writeln!(out, "and {} more series; --format csv has all", chart.series.len() - MOST_SERIES)?;
    }
    let heads: Vec<&str> = ["bucket"].into_iter().chain(names.iter().take(MOST_SERIES).map(String::as_str)).collect();
    let rows = buckets.iter().enumerate().map(|(index, bucket)| {
        let values = chart.series.iter().take(MOST_SERIES).map(|series| series.values.get(index).copied().flatten());
        let values = values.map(|value| value.map_or_else(String::new, |value| value.to_string()));
        [bucket.clone()].into_iter().chain(values).collect()
    });
    writeln!(out, "{}", terminal::table_of(&heads, rows))
}

/// The starts of buckets; without the time if every one is midnight.
pub(super) fn starts(chart: &Chart<JsonRow>) -> Vec<String> {
    let texts: Vec<String> = match &chart.buckets {
        Buckets::Zoned(buckets) => buckets.iter().map(ToString::to_string).collect(),
        Buckets::Local(buckets) => buckets.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let midnight = texts.iter().all(|text| text.get(10..19) == Some("T00:00:00"));
    let end = if midnight { 10 } else { 16 };
    let short = texts.iter().map(|text| text.get(..end).unwrap_or(text).replace('T', " "));
    short.collect()
}

/// The label of a series in a few words.
pub(super) fn name(series: &Series<JsonRow>) -> String {
    let values = series.label.values().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let zone = series.zone.iter().cloned();
    let name = values.chain(zone).collect::<Vec<_>>().join(", ");
    if name.is_empty() { "value".into() } else { printable(&name) }
}

/// A line of bars, and its lowest and highest value. A bucket without a value is blank.
fn line(values: &[Option<Number>]) -> String {
    let numbers = || values.iter().flatten().map(|number| number.as_f64()).filter(|number| number.is_finite());
    let (low, high) =
        numbers().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| (low.min(number), high.max(number)));
    if low > high {
        return "no values".into();
    }
    // Bars start at zero unless there are values below it.
    let (base, top) = (low.min(0.0), high.max(0.0));
    let bar = |value: &Option<Number>| match value.map(Number::as_f64).filter(|number| number.is_finite()) {
        None => ' ',
        Some(_) if top <= base => BARS[0],
        Some(number) => BARS[(((number - base) / (top - base)) * 7.0).round().clamp(0.0, 7.0) as usize],
    };
    let bars: String = values.iter().map(bar).collect();
    format!("{bars}  {low} to {high}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_show_values_from_zero_and_gaps() {
        let values = |numbers: &[Option<i64>]| numbers.iter().map(|number| number.map(Number::Integer)).collect::<Vec<_>>();
        assert_eq!(line(&values(&[Some(0), None, Some(7), Some(14)])), "▁ ▅█  0 to 14");
        assert_eq!(line(&values(&[Some(-2), Some(2)])), "▁█  -2 to 2");
        assert_eq!(line(&values(&[Some(0), Some(0)])), "▁▁  0 to 0");
        assert_eq!(line(&values(&[None])), "no values");
    }
}
