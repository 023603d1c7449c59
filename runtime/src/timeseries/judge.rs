//! Whether a timeseries can be asked for as it is: the order of the range, the interval, how long data are kept, the number of time
//! points. In come a query's parts and a clock; out comes nothing, or an error that holds what would work. Nothing is ever changed.

use jiff::tz::TimeZone;

use super::{TimeRange, points};
use crate::{
    ApiSpec, Error, IntervalInfo, RangeError, RangeProblem, ReportInfo, TimePoints, TimeseriesFormat, client::Clock,
    query::Chosen, settings::Settings,
};

/// What there is to know about one query.
struct Case<'a> {
    report: &'static ReportInfo,
    range: TimeRange,
    format: &'static TimeseriesFormat,
    way: TimePoints,
    clock: &'a Clock,
}

/// Refuses what the server would refuse, and what would come back with gaps.
pub(crate) fn judge(
    report: &'static ReportInfo,
    range: TimeRange,
    chosen: Option<&Chosen>,
    settings: &Settings,
    clock: &Clock,
) -> Result<(), Error> {
    judge_order(report.name, range)?;
    let format = &settings.spec.timeseries;
    let case = Case { report, range, format, way: settings.get(format.time_points), clock };
    let Some(interval) = interval(format, report, range, chosen)? else { return Ok(()) };
    case.judge_kept(interval)?;
    let points = case.points(interval, case.way);
    if points <= u64::from(format.most_time_points) {
        return Ok(());
    }
    let mut error = case.error(interval.name, RangeProblem::TooManyPoints { points, most: format.most_time_points });
    error.coarser = case.coarser(interval).map(|coarser| coarser.name);
    error.split = points::split(range, interval.bucket_length, format.most_time_points, None);
    error.by_calendar = points::by_calendar(interval.bucket_length);
    // Counted the other way it may be allowed: then it is the way of counting that refuses.
    if case.points(interval, case.way.other()) <= u64::from(format.most_time_points) {
        error.rests = settings.resting(format.time_points.assumption).into_iter().collect();
    }
    Err(Error::Range(Box::new(error)))
}

/// A range must run forward.
pub(crate) fn judge_order(report: &'static str, range: TimeRange) -> Result<(), Error> {
    let problem = match range.from.instant().cmp(&range.to.instant()) {
        std::cmp::Ordering::Less => return Ok(()),
        std::cmp::Ordering::Equal => RangeProblem::Empty,
        std::cmp::Ordering::Greater => RangeProblem::Backwards,
    };
    Err(Error::Range(Box::new(RangeError::new(report, range, "", problem))))
}

/// The ranges that a query falls into and the interval at which to ask for each; none where it needs no cut or cannot be cut. The server
/// would choose another interval for a short part than for the whole, so the interval is always named.
pub(crate) fn split(
    spec: &'static ApiSpec,
    report: &'static ReportInfo,
    range: TimeRange,
    chosen: Option<&Chosen>,
    zone: Option<&TimeZone>,
) -> Option<(&'static str, Vec<TimeRange>)> {
    let format = &spec.timeseries;
    judge_order(report.name, range).ok()?;
    let interval = interval(format, report, range, chosen).ok()??;
    let parts = points::split(range, interval.bucket_length, format.most_time_points, zone);
    (parts.len() > 1).then_some((interval.name, parts))
}

/// The intervals that a report offers, finest first.
fn offered(format: &'static TimeseriesFormat, report: &'static ReportInfo) -> impl Iterator<Item = &'static IntervalInfo> {
    let offers = move |interval: &&IntervalInfo| report.intervals.is_empty() || report.intervals.contains(&interval.name);
    format.intervals.iter().filter(offers)
}

/// The interval to judge by: the one asked for, or the one that the server will choose. None where that cannot be told.
fn interval(
    format: &'static TimeseriesFormat,
    report: &'static ReportInfo,
    range: TimeRange,
    chosen: Option<&Chosen>,
) -> Result<Option<&'static IntervalInfo>, Error> {
    match chosen {
        Some(Chosen::Named(name)) if *name != format.auto.name => {
            let found = offered(format, report).find(|interval| interval.name == *name);
            found.map(Some).ok_or_else(|| {
                let offered = offered(format, report).map(|interval| interval.name).collect();
                Error::Range(Box::new(RangeError::new(report.name, range, name, RangeProblem::NotOffered { offered })))
            })
        }
        _ => {
            // A report that lacks the chosen interval can only be answered at a coarser one.
            let automatic = points::automatic(format, range);
            let coarse = format.intervals.iter().skip_while(|interval| interval.name != automatic);
            Ok(coarse.into_iter().find(|interval| offered(format, report).any(|offered| offered.name == interval.name)))
        }
    }
}

impl Case<'_> {
    fn points(&self, interval: &IntervalInfo, way: TimePoints) -> u64 {
        points::count(self.range, interval.bucket_length, way)
    }

    fn error(&self, interval: &str, problem: RangeProblem) -> RangeError {
        RangeError::new(self.report.name, self.range, interval, problem)
    }

    /// The moment before which an interval's data are gone, if the range begins before it.
    fn lost_before(&self, interval: &IntervalInfo) -> Option<super::Moment> {
        let since = points::retained_since(self.clock.now(), interval.retention?, self.range.from)?;
        (self.range.from.instant() < since.instant()).then_some(since)
    }

    fn judge_kept(&self, interval: &'static IntervalInfo) -> Result<(), Error> {
        let (Some(since), Some(retention)) = (self.lost_before(interval), interval.retention) else { return Ok(()) };
        let mut error = self.error(interval.name, RangeProblem::BeyondRetention { retention, since });
        error.coarser = self.coarser(interval).map(|coarser| coarser.name);
        Err(Error::Range(Box::new(error)))
    }

    /// The next coarser interval that the report offers and that would do for the whole range at once.
    fn coarser(&self, than: &IntervalInfo) -> Option<&'static IntervalInfo> {
        let most = u64::from(self.format.most_time_points);
        let coarser = offered(self.format, self.report).skip_while(|interval| interval.name != than.name).skip(1);
        let does = |interval: &&IntervalInfo| self.lost_before(interval).is_none() && self.points(interval, self.way) <= most;
        coarser.into_iter().find(does)
    }
}
