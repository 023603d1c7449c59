//! The answer to a timeseries query: one chart.

use std::io::Write;

use placewise_model::exit::{Failure, Outcome};
use placewise_reporting::{AnyApi, ApiClient, Chart, History, Json, JsonRow, JsonTimeseries, PartialHistory, RawRow};
use serde_json::json;

use super::pages::{self, Stop, Totals, nothing_written};
use super::progress::Progress;
use super::run::{Run, conclude, tell_warnings, unless_interrupted};
use super::{chart, plan};
use crate::explain::explain;
use crate::output::Format;
use crate::output::place::Place;
use crate::terminal::{self, plural};
use crate::zones;

/// Fetches the chart of any range.
async fn fetch(
    client: &ApiClient<AnyApi>,
    query: JsonTimeseries,
    clip: bool,
) -> Result<History<JsonRow>, PartialHistory<JsonRow>> {
    let history = client.history(query);
    if clip { history.clip_to_retention().fetch().await } else { history.fetch().await }
}

/// Sends a timeseries query and writes its chart.
pub(super) async fn run(run: &Run<'_>, query: &JsonTimeseries) -> Outcome {
    let (format, columns) = (run.prepared.format, &run.prepared.columns);
    if columns.chosen.is_some() && matches!(format, Format::Text | Format::Json) {
        return Err(Failure::CannotRun("--columns chooses from rows; a chart has rows in --format csv and ndjson".into()));
    }
    let mut place = run.place()?;
    // Both places are taken before anything is sent.
    let plot = run.arguments.plot.as_deref().map(|path| Place::create(path, run.arguments.overwrite)).transpose();
    let mut plot = match plot {
        Ok(plot) => plot,
        Err(failure) => return conclude(place, Err(failure)),
    };
    run.prepared.tell();
    run.tell_unknown_cost(query);
    let result = written(run, query, &mut place, plot.as_mut()).await;
    let result = conclude(place, result);
    match plot {
        Some(plot) if result.is_ok() => plot.finish(),
        Some(plot) => {
            plot.stop();
            result
        }
        None => result,
    }
}

async fn written(run: &Run<'_>, query: &JsonTimeseries, place: &mut Place, plot: Option<&mut Place>) -> Outcome {
    let cost = run.client.cost(query);
    let (client, requests) = match run.arguments.max_tokens {
        None => (run.client.clone(), 1),
        Some(most) => {
            let requests = plan::requests(&run.prepared.connection, query).await?;
            let all = cost.map(|cost| u32::try_from(u64::from(cost) * requests).unwrap_or(u32::MAX));
            let budget = Some(pages::Budget { most, cost: all });
            (pages::within(run.client, budget, 0).map_err(|stop| nothing_written(&stop))?, requests)
        }
    };
    let progress = Progress::new(None, false);
    let Some(answer) = unless_interrupted(fetch(&client, query.clone(), run.arguments.clip)).await else {
        return Err(nothing_written(&Stop::Interrupted));
    };
    drop(progress);
    let history = answer.map_err(|partial| {
        let after = match partial.history.parts {
            0 => String::new(),
            parts => format!("after {parts} of the parts that the range takes: "),
        };
        Failure::CannotRun(format!("{after}{}", explain(&partial.error)))
    })?;
    let mut totals = Totals::new();
    totals.add(&history.meta, cost);
    totals.requests = history.requests.into();
    if let Some(clipped) = &history.clipped {
        terminal::warning(&format!("left out {clipped}, which is older than the retention of `{}`", history.interval));
    }
    if requests > 1 && history.further_splits > 0 {
        terminal::warning(
            "some parts were split further, because they reached the limit of data points; this cost more than was planned",
        );
    }
    let chart = history.chart().map_err(|error| Failure::CannotRun(explain(&error)))?;
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
    let mut summary = run.summary(points, &totals, chart.complete, &warnings);
    summary["interval"] = chart.interval.as_str().into();
    summary["zone"] = chart.range_zone.as_str().into();
    match run.prepared.format {
        Format::Text => chart::text(&chart, place)?,
        Format::Json => writeln!(place, "{:#}", json!({ "chart": chart, "meta": summary }))?,
        format => {
            let mut writer = format.writer(run.columns(query), 0)?;
            for row in points_of(&chart) {
                writer.row(&row, place)?;
            }
            writer.finish(&summary, place)?;
            writer.notes().iter().for_each(|note| terminal::note(note));
        }
    }
    if let Some(plot) = plot {
        draw(run, &chart, plot)?;
    }
    let what = format!("{} of {} series", plural(chart.buckets.len() as u64, "bucket"), chart.series.len());
    run.tell_totals(&what, &totals);
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
