//! Makes the query of the arguments, or says what is wrong with them.

use std::path::Path;

use placewise_model::exit::Failure;
use placewise_model::{Setting, nearest};
use placewise_reporting::{
    AnyReport, Customers, Error, Format as ReportFormat, JsonStatistics, JsonTimeseries, Moment, RawRow, Records, ReportInfo,
};

use super::arguments::Arguments;
use super::columns;
use crate::condition;
use crate::connection::Connection;
use crate::dates::{Dates, When, Zone, ZoneSource};
use crate::explain::explain;
use crate::output::place::Stopped;
use crate::output::{Columns, Format, not_built};
use crate::terminal::{self, printable};
use crate::zones;

/// A query of a report that is known by name.
pub(super) enum Question {
    Records(Records<AnyReport, RawRow>),
    Series(JsonTimeseries),
    Statistics(JsonStatistics),
}

/// A query, ready to be sent or planned.
pub(super) struct Prepared {
    pub connection: Connection,
    /// The customers, as many as one request may name at a time.
    pub batches: Vec<Customers>,
    pub report: &'static ReportInfo,
    pub question: Question,
    pub columns: Columns,
    pub dates: Dates,
    pub format: Format,
    pub most_rows: Option<u64>,
    pub page_size: Option<u32>,
    pub notes: Vec<String>,
    pub warnings: Vec<String>,
}

fn refused<T>(message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::CannotRun(message.into()))
}

fn told(error: &Error) -> Failure {
    Failure::CannotRun(explain(error))
}

impl Prepared {
    /// The query of the arguments. A run that is resumed has its time and its zone.
    pub(super) fn of(arguments: &Arguments, format: Option<Format>, stopped: Option<&Stopped>) -> Result<Self, Failure> {
        let connection = Connection::of(&arguments.connection)?;
        let report = find_report(&connection, &arguments.report)?;
        let format = arguments.format(format)?;
        check_options(arguments, report)?;
        let now = match stopped {
            Some(stopped) => {
                stopped.started.parse().map_err(|_| Failure::CannotRun("the file to resume from is damaged".into()))?
            }
            None => jiff::Timestamp::now(),
        };
        let dates = Dates::new(now, zone(arguments, &connection, stopped)?);
        let mut notes = Vec::new();
        let mut warnings = Vec::new();
        let condition = arguments.condition.as_deref().map(|text| condition::read(report, &dates, text)).transpose()?;
        let filter = condition.map(|condition| {
            notes.extend(condition.notes);
            warnings.extend(condition.warnings);
            condition.filter
        });
        if let Some(by) = &arguments.by {
            warnings.extend(check_aggregation(report, by)?);
        }
        let most_rows = arguments.most_rows(format);
        let page_size = arguments.page_size.or_else(|| fitting(most_rows?, &connection.api.model.records.most_page_size));
        macro_rules! complete {
            ($query:expr) => {{
                let mut query = $query.map_err(|error| told(&error))?;
                if let Some(filter) = filter {
                    query = query.filter(filter);
                }
                match &arguments.by {
                    Some(by) => query.aggregated_by(by.as_str()).map_err(|error| told(&error))?,
                    None => query,
                }
            }};
        }
        let question = match report.format {
            ReportFormat::Records => {
                let query = complete!(report.records()).rows_as::<RawRow>();
                Question::Records(page_size.map_or_else(|| query.clone(), |rows| query.clone().page_size(rows)))
            }
            ReportFormat::Timeseries => {
                let Some((from, to)) = range(arguments, &dates)? else {
                    return refused(format!("`{}` is a timeseries; add its range, such as --from -30d", report.name));
                };
                let query = complete!(report.series(from..to));
                Question::Series(match &arguments.interval {
                    Some(interval) => query.interval(find_interval(&connection, report, interval)?),
                    None => query,
                })
            }
            _ => {
                let query = complete!(report.statistics());
                Question::Statistics(match range(arguments, &dates)? {
                    Some((from, to)) => query.range(from..to),
                    None => query,
                })
            }
        };
        let batches = connection.batches()?;
        if batches.len() > 1 {
            check_batches(arguments, report)?;
            let each = if matches!(question, Question::Series(_)) {
                "their charts are added up"
            } else {
                "their rows follow each other"
            };
            notes.push(format!(
                "the customers are more than one request may name; there are {} batches, and {each}",
                batches.len()
            ));
        }
        let columns = columns::of(report, arguments.by.as_deref(), arguments.columns.as_deref(), arguments.raw)?;
        notes.extend(dates.note());
        Ok(Self { connection, batches, report, question, columns, dates, format, most_rows, page_size, notes, warnings })
    }

    /// Tells what was understood, on standard error.
    pub(super) fn tell(&self) {
        self.notes.iter().for_each(|note| terminal::note(note));
        self.warnings.iter().for_each(|warning| terminal::warning(warning));
    }
}

fn find_report(connection: &Connection, name: &str) -> Result<&'static ReportInfo, Failure> {
    let report = &connection.api.report(name)?.name;
    connection.api.registry.report(report).map_or_else(|| refused(format!("the model has no report `{report}`")), Ok)
}

/// Whether the answers for several batches of customers can be put together.
fn check_batches(arguments: &Arguments, report: &ReportInfo) -> Result<(), Failure> {
    let (name, add) = (report.name, report.adds.filter(|adds| adds.is_known()).map(|adds| adds.customers));
    let problem = match (report.format, add) {
        (ReportFormat::Timeseries, Some(true)) => return Ok(()),
        (ReportFormat::Timeseries, Some(false)) => format!("the figures of `{name}` do not add up over customers"),
        (ReportFormat::Timeseries, None) => format!("whether the figures of `{name}` add up over customers is not known"),
        (ReportFormat::Records, _) if arguments.by.is_none() => return Ok(()),
        (ReportFormat::Records, _) => "--by groups the rows of each request by themselves".to_owned(),
        _ => format!("the figures of `{name}` are those of one request"),
    };
    refused(format!(
        "the customers are more than one request may name, and {problem}; name fewer customers, a filter such as `region=north`, or `all`"
    ))
}

/// Options that the format of the report does not have.
fn check_options(arguments: &Arguments, report: &ReportInfo) -> Result<(), Failure> {
    let Arguments { from, to, interval, limit, page_size, clip, .. } = arguments;
    let (name, range) = (report.name, from.is_some() || to.is_some());
    if let Some(plot) = &arguments.plot {
        check_plot(arguments, report, plot)?;
    }
    match report.format {
        ReportFormat::Records if range || interval.is_some() || *clip => {
            let time = report.fields.iter().find(|field| field.ty == "timestamp").map_or("a time", |field| field.name);
            refused(format!(
                "`{name}` has rows, not a range; instead of --from, --to, --interval and --clip write --where '{time} >= …'"
            ))
        }
        ReportFormat::Timeseries | ReportFormat::Statistics if limit.is_some() || page_size.is_some() => {
            refused(format!("`{name}` has no pages of rows; remove --limit and --page-size"))
        }
        ReportFormat::Statistics if interval.is_some() || *clip => {
            refused(format!("`{name}` has no intervals; remove --interval and --clip"))
        }
        _ => Ok(()),
    }
}

/// A plot that cannot be drawn.
fn check_plot(arguments: &Arguments, report: &ReportInfo, plot: &Path) -> Result<(), Failure> {
    if cfg!(not(feature = "plot")) {
        return Err(not_built("--plot", "plot"));
    }
    let shown = printable(&plot.display().to_string());
    if report.format != ReportFormat::Timeseries {
        return refused(format!("--plot: `{}` is no timeseries, so it has no chart", report.name));
    }
    if !plot.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg")) {
        return refused(format!("--plot: `{shown}` does not end in .svg; plots are SVG files"));
    }
    if arguments.out.as_deref() == Some(plot) {
        return refused(format!("--plot and --out both name `{shown}`; name two files"));
    }
    Ok(())
}

/// The zone of `--zone`, of the run that is resumed, of the profile, or of the last chart.
fn zone(arguments: &Arguments, connection: &Connection, stopped: Option<&Stopped>) -> Result<Option<Zone>, Failure> {
    let named = |name: &str, source| Zone::named(name, source).map(Some).map_err(Failure::CannotRun);
    if let Some(name) = &arguments.zone {
        return named(name, ZoneSource::Flag);
    }
    if let Some(stopped) = stopped {
        return stopped.zone.as_deref().map_or(Ok(None), |name| named(name, ZoneSource::Resumed));
    }
    if let Some(name) = &connection.profile.zone {
        return named(name, ZoneSource::Profile);
    }
    Ok(zones::recall(&connection.scope()).and_then(|name| Zone::named(&name, ZoneSource::LastChart).ok()))
}

/// An aggregation that the report has, or may have.
fn check_aggregation(report: &ReportInfo, by: &str) -> Result<Option<String>, Failure> {
    if report.aggregation(by).is_some() {
        return Ok(None);
    }
    let names = || report.aggregations.iter().map(|aggregation| aggregation.name);
    let meant = nearest(by, names()).map_or_else(String::new, |name| format!("; did you mean `{}`?", printable(name)));
    let by = printable(by);
    if report.more_aggregations {
        return Ok(Some(format!("`{by}` is not a known aggregation of `{}`{meant}", report.name)));
    }
    let known: Vec<String> = names().map(printable).collect();
    let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
    refused(format!(
        "--by: `{}` has no aggregation `{by}`{}",
        report.name,
        if meant.is_empty() { format!("; {known}") } else { meant }
    ))
}

fn find_interval<'a>(connection: &Connection, report: &ReportInfo, written: &'a str) -> Result<&'a str, Failure> {
    let automatic = connection.api.model.timeseries.auto.name.as_str();
    let names = || report.intervals.iter().map(|interval| interval.name).chain([automatic]);
    if names().any(|name| name == written) {
        return Ok(written);
    }
    let meant = nearest(written, names()).map_or_else(String::new, |name| format!("did you mean `{name}`? It has "));
    let known: Vec<&str> = names().collect();
    refused(format!("--interval: `{}` has no interval `{}`; {meant}{}", report.name, printable(written), known.join(", ")))
}

fn range(arguments: &Arguments, dates: &Dates) -> Result<Option<(Moment, Moment)>, Failure> {
    let wrong = |flag: &str, problem: String| Failure::CannotRun(format!("{flag}: {problem}"));
    let Some(from) = &arguments.from else {
        return if arguments.to.is_some() { refused("--to needs --from, the start of the range") } else { Ok(None) };
    };
    let from = When::parse(from).and_then(|when| dates.start(&when)).map_err(|problem| wrong("--from", problem))?;
    let to = arguments.to.as_deref().unwrap_or("now");
    let to = When::parse(to).and_then(|when| dates.end(&when)).map_err(|problem| wrong("--to", problem))?;
    Ok(Some((from, to)))
}

/// Rows per page, so that the rows take as few pages as possible and no page has more than needed.
fn fitting(rows: u64, most: &Setting<u32>) -> Option<u32> {
    let pages = rows.div_ceil(u64::from(most.value.max(1))).max(1);
    u32::try_from(rows.div_ceil(pages)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_no_more_than_needed() {
        let most = Setting { value: 1000, assumption: None };
        for (rows, size) in [(1, 1), (100, 100), (1000, 1000), (1001, 501), (2500, 834)] {
            assert_eq!(fitting(rows, &most), Some(size), "{rows}");
        }
    }
}
