//! `--plot`: a chart as an SVG file. A bucket without a value is a gap in the line.

use std::collections::HashMap;
use std::error::Error;

use placewise_reporting::{Buckets, Chart, JsonRow, Number};
use plotters::coord::combinators::WithKeyPoints;
use plotters::coord::types::{RangedCoordf64, RangedCoordi64};
use plotters::prelude::{
    BindKeyPoints, ChartBuilder, Circle, IntoDrawingArea, LineSeries, Palette, Palette99, PathElement, SVGBackend,
    SeriesLabelPosition, WHITE,
};
use plotters::style::{BLACK, Color};

use super::chart::{name, starts};

/// Width and height in pixels.
const SIZE: (u32, u32) = (1000, 480);

/// The most series that are drawn.
const MOST_SERIES: usize = 20;

/// The most labels along the bottom.
const MOST_LABELS: usize = 8;

/// The longest name in the legend, and the longest title.
const LONGEST_NAME: usize = 40;
const LONGEST_TITLE: usize = 90;

type Points = Vec<(i64, f64)>;

/// The SVG of a chart.
pub(super) fn svg(chart: &Chart<JsonRow>, title: &str) -> Result<String, Box<dyn Error>> {
    let seconds = seconds(&chart.buckets);
    let labels: HashMap<i64, String> = seconds.iter().copied().zip(starts(chart)).collect();
    let series: Vec<(String, Vec<Points>)> =
        chart.series.iter().take(MOST_SERIES).map(|series| (name(series), runs(&seconds, &series.values))).collect();
    let values = || series.iter().flat_map(|(_, runs)| runs).flatten().map(|(_, value)| *value);
    let (low, high) = values().fold((0_f64, 0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let top = if high > low { high + (high - low) * 0.05 } else { 1.0 };
    let (first, last) = (seconds.iter().min().copied().unwrap_or(0), seconds.iter().max().copied().unwrap_or(1));
    let every = seconds.len().div_ceil(MOST_LABELS).max(1);
    let across: WithKeyPoints<RangedCoordi64> =
        (first..last.max(first + 1)).with_key_points(seconds.iter().step_by(every).copied().collect());
    let mut drawn = String::new();
    {
        let root = SVGBackend::with_string(&mut drawn, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let mut area = ChartBuilder::on(&root)
            .caption(text(title, LONGEST_TITLE), ("sans-serif", 18))
            .margin(16)
            .x_label_area_size(36)
            .y_label_area_size(72)
            .build_cartesian_2d(across, RangedCoordf64::from(low..top))?;
        area.configure_mesh()
            .max_light_lines(0)
            .x_labels(MOST_LABELS)
            .x_label_formatter(&|second| labels.get(second).cloned().unwrap_or_default())
            .y_label_formatter(&|value| number(*value))
            .draw()?;
        for (index, (name, runs)) in series.iter().enumerate() {
            let color = Palette99::pick(index).to_rgba();
            let style = color.stroke_width(2);
            // A legend entry needs something drawn, even where there are no values.
            let lines = area.draw_series(LineSeries::new(runs.first().cloned().unwrap_or_default(), style))?;
            lines.label(text(name, LONGEST_NAME)).legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
            for run in runs.iter().skip(1) {
                area.draw_series(LineSeries::new(run.iter().copied(), style))?;
            }
            // A line needs two points.
            let alone = runs.iter().filter(|run| run.len() == 1).flatten();
            area.draw_series(alone.map(|point| Circle::new(*point, 2, color.filled())))?;
        }
        area.configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.2))
            .draw()?;
        root.present()?;
    }
    Ok(drawn)
}

/// How many series of a chart are not drawn.
pub(super) fn left_out(chart: &Chart<JsonRow>) -> usize {
    chart.series.len().saturating_sub(MOST_SERIES)
}

/// Where buckets start along the bottom. Local times keep their distances.
fn seconds(buckets: &Buckets) -> Vec<i64> {
    match buckets {
        Buckets::Zoned(buckets) => buckets.iter().filter_map(|time| time.instant()).map(jiff::Timestamp::as_second).collect(),
        Buckets::Local(buckets) => {
            let utc = buckets.iter().filter_map(|time| jiff::tz::Offset::UTC.to_timestamp(time.civil()).ok());
            utc.map(jiff::Timestamp::as_second).collect()
        }
        _ => Vec::new(),
    }
}

/// The stretches without a gap.
fn runs(seconds: &[i64], values: &[Option<Number>]) -> Vec<Points> {
    let points = seconds.iter().zip(values).map(|(second, value)| {
        let value = value.map(Number::as_f64).filter(|value| value.is_finite());
        value.map(|value| (*second, value))
    });
    let points: Vec<Option<(i64, f64)>> = points.collect();
    points.split(Option::is_none).filter(|run| !run.is_empty()).map(|run| run.iter().flatten().copied().collect()).collect()
}

/// Text that XML can hold, of a length that fits; the backend escapes its markup.
fn text(text: &str, longest: usize) -> String {
    let mut short: String = text.chars().take(longest).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.replace(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'), "\u{fffd}")
}

/// A number on the left, without the noise of binary fractions.
fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-4 {
        return format!("{value:e}");
    }
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
