//! The answer to a timeseries query: one chart.

use std::io::Write;

use placewise_model::exit::{Failure, Outcome};
use placewise_reporting::{Chart, History, HistoryPart, Json, JsonRow, JsonTimeseries, RawRow};
use serde_json::json;

use super::chart;
use super::history::{Fetching, read_parts};
use super::pages::{Stop, Totals};
use super::run::{Run, broken, tell_warnings};
use crate::explain::explain;
use crate::output::Format;
use crate::output::place::{Place, Stopped};
use crate::terminal::{self, plural};
use crate::zones;

/// Sends a timeseries query and writes its chart.
pub(super) async fn run(run: &Run<'_>, query: &JsonTimeseries, stopped: Option<Stopped>) -> Outcome {
    let (format, columns) = (run.prepared.format, &run.prepared.columns);
    if columns.chosen.is_some() && matches!(format, Format::Text | Format::Json) {
        return Err(Failure::CannotRun("--columns chooses from rows; a chart has rows in --format csv and ndjson".into()));
    }
    let digest = run.digest(query);
    // All places are taken before anything is sent.
    let mut plot = run.arguments.plot.as_deref().map(|path| Place::create(path, run.arguments.overwrite)).transpose()?;
    let place = match &stopped {
        Some(stopped) => {
            run.reopen(stopped, &digest).and_then(|place| Ok((place, read_parts(run.arguments.out.as_deref(), stopped.bytes)?)))
        }
        None => run.place().map(|place| (place, Vec::new())),
    };
    let fetching = Fetching::new(run, query, &digest, stopped.as_ref());
    let result = match place {
        Ok((place, known)) => answer(fetching, query, known, place, plot.as_mut()).await,
        Err(failure) => Err(failure),
    };
    match plot {
        Some(plot) if result.is_ok() => plot.finish(),
        Some(plot) => {
            plot.stop();
            result
        }
        None => result,
    }
}

async fn answer(
    mut fetching: Fetching<'_>,
    query: &JsonTimeseries,
    known: Vec<HistoryPart>,
    mut place: Place,
    plot: Option<&mut Place>,
) -> Outcome {
    let run = fetching.run;
    run.prepared.tell();
    run.tell_unknown_cost(query);
    let history = match fetching.all(query, known, &mut place).await {
        Ok(Ok(history)) => history,
        Ok(Err(stop)) => {
            if let Stop::Failed(error) = &stop {
                run.remember_refusal(query, error);
            }
            return fetching.end(place, &stop);
        }
        Err(failure) => return broken(place, failure),
    };
    if let Some(clipped) = &history.clipped {
        terminal::warning(&format!("left out {clipped}, which is older than the retention of `{}`", history.interval));
    }
    match one_chart(history) {
        Ok(chart) => match written(run, query, &chart, &fetching.totals, &mut place, plot) {
            Ok(()) => place.finish(),
            Err(failure) => broken(place, failure),
        },
        // Another run would fail as this one did.
        Err(failure) => {
            place.discard();
            Err(failure)
        }
    }
}

fn one_chart(history: History<JsonRow>) -> Result<Chart<JsonRow>, Failure> {
    if let Some(reason) = history.unmerged {
        let charts = history.charts.len();
        let message =
            format!("the answer is {charts} charts, which cannot be added up: {reason}; name fewer customers at a time");
        return Err(Failure::CannotRun(message));
    }
    history.chart().map_err(|error| Failure::CannotRun(explain(&error)))
}

/// Writes the chart.
fn written(
    run: &Run<'_>,
    query: &JsonTimeseries,
    chart: &Chart<JsonRow>,
    totals: &Totals,
    place: &mut Place,
    plot: Option<&mut Place>,
) -> Outcome {
    if chart.range_zone != run.client.spec().timeseries.local_zone && jiff::tz::TimeZone::get(&chart.range_zone).is_ok() {
        zones::remember(&run.prepared.connection.scope(), &chart.range_zone);
    }
    let mut warnings = tell_warnings(chart.warnings());
    if !chart.complete {
        let most = run.client.spec().timeseries.most_data_points;
        let message = format!(
            "the chart is not complete: a bucket has {most} data points, where the server drops the rest; narrow it with --where"
        );
        terminal::warning(&message);
        warnings.push(message);
    }
    let points = chart.series.iter().map(|series| series.values.len() as u64).sum();
    let mut summary = run.summary(points, totals, chart.complete, &warnings);
    summary["interval"] = chart.interval.as_str().into();
    summary["zone"] = chart.range_zone.as_str().into();
    place.start_answer()?;
    match run.prepared.format {
        Format::Text => chart::text(chart, place)?,
        Format::Json => writeln!(place, "{:#}", json!({ "chart": chart, "meta": summary }))?,
        format => {
            let mut writer = format.writer(run.columns(query), 0)?;
            for row in points_of(chart) {
                writer.row(&row, place)?;
            }
            writer.finish(&summary, place)?;
            writer.notes().iter().for_each(|note| terminal::note(note));
        }
    }
    place.flush()?;
    if let Some(plot) = plot {
        draw(run, chart, plot)?;
    }
    let what = format!("{} of {} series", plural(chart.buckets.len() as u64, "bucket"), chart.series.len());
    run.tell_totals(&what, totals);
    Ok(())
}

/// Draws the chart.
#[cfg(feature = "plot")]
fn draw(run: &Run<'_>, chart: &Chart<JsonRow>, place: &mut Place) -> Outcome {
    let by = run.arguments.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
    let title = format!("{}{by}, {}, {}", run.prepared.report.name, chart.interval, chart.range_zone);
    let svg = super::plot::svg(chart, &title).map_err(|error| Failure::CannotRun(format!("cannot draw the chart: {error}")))?;
    place.write_all(svg.as_bytes())?;
    match super::plot::left_out(chart) {
        0 => {}
        more => terminal::note(&format!("{more} more series are not drawn; narrow them with --where")),
    }
    Ok(())
}

/// Charts are not drawn: `prepare` refused.
#[cfg(not(feature = "plot"))]
fn draw(_: &Run<'_>, _: &Chart<JsonRow>, _: &mut Place) -> Outcome {
    Err(crate::output::not_built("--plot", "plot"))
}

/// One row per value: the bucket, the zone if buckets are local, the keys of the label, and the value.
fn points_of(chart: &Chart<JsonRow>) -> impl Iterator<Item = RawRow> {
    chart.points().filter_map(|point| {
        let mut members = vec![member(point.label, "bucket", &point.bucket.to_string().into())];
        members.extend(point.zone.map(|zone| member(point.label, "zone", &zone.into())));
        members.extend(point.label.iter().map(|(key, value)| format!("{}:{value}", Json::from(key))));
        let value = point.value.map_or(Json::Null, |value| json!(value));
        members.push(member(point.label, "value", &value));
        RawRow::parse(format!("{{{}}}", members.join(","))).ok()
    })
}

/// A member that stands beside those of the label, whose names it does not take.
fn member(label: &JsonRow, name: &str, value: &Json) -> String {
    let name = if label.contains_key(name) { format!("{name}_") } else { name.to_owned() };
    format!("{}:{value}", Json::from(name))
}
