//! Checks a timeseries query against the limits: order of the range, interval, retention, number of time points.

use super::{points, spec::IntervalChoice};
use crate::error::range::{RangeError, RangeProblem};
use crate::facts::formats::{IntervalInfo, TimeseriesFormat};
use crate::{
    error::Error, facts::report::ReportSpec, facts::vocabulary::TimePoints, overrides::Overrides, time::clock::Clock,
    time::moment::Moment, time::range::TimeRange,
};

/// One query under check.
struct RangeCheck<'a> {
    report: &'static ReportSpec,
    range: TimeRange,
    format: &'static TimeseriesFormat,
    counting: TimePoints,
    clock: &'a Clock,
}

/// Rejects what the server would reject or answer with gaps.
pub(crate) fn check_limits(
    report: &'static ReportSpec,
    range: TimeRange,
    choice: Option<&IntervalChoice>,
    overrides: &Overrides,
    clock: &Clock,
) -> Result<(), Error> {
    check_order(report.name, range)?;
    let format = &overrides.spec.timeseries;
    let check = RangeCheck { report, range, format, counting: overrides.get(format.time_points), clock };
    let Some(interval) = interval(format, report, range, choice)? else { return Ok(()) };
    check.check_retention(interval)?;
    let points = check.points(interval, check.counting);
    if points <= u64::from(format.most_time_points) {
        return Ok(());
    }
    let mut error = check.error(interval.name, RangeProblem::TooManyPoints { points, most: format.most_time_points });
    error.coarser = check.coarser(interval).map(|coarser| coarser.name);
    // If the other way of counting allows the range, the assumption about counting is at fault.
    if check.points(interval, check.counting.other()) <= u64::from(format.most_time_points) {
        error.assumptions = overrides.assumed(format.time_points.assumption).into_iter().collect();
    }
    Err(Error::Range(Box::new(error)))
}

/// Rejects a range that does not run forward.
pub(crate) fn check_order(report: &'static str, range: TimeRange) -> Result<(), Error> {
    let problem = match range.from.instant().cmp(&range.to.instant()) {
        std::cmp::Ordering::Less => return Ok(()),
        std::cmp::Ordering::Equal => RangeProblem::Empty,
        std::cmp::Ordering::Greater => RangeProblem::Backwards,
    };
    Err(Error::Range(Box::new(RangeError::new(report, range, "", problem))))
}

/// Rejects a range that starts before the retention of its interval.
pub(crate) fn check_retention(
    report: &'static ReportSpec,
    range: TimeRange,
    interval: &'static IntervalInfo,
    overrides: &Overrides,
    clock: &Clock,
) -> Result<(), Error> {
    let format = &overrides.spec.timeseries;
    RangeCheck { report, range, format, counting: overrides.get(format.time_points), clock }.check_retention(interval)
}

/// The intervals of a report, finest first.
fn offered(format: &'static TimeseriesFormat, report: &'static ReportSpec) -> impl Iterator<Item = &'static IntervalInfo> {
    let has = move |interval: &&IntervalInfo| report.intervals.is_empty() || report.intervals.contains(&interval.name);
    format.intervals.iter().filter(has)
}

/// The requested interval, or the one the server will choose; none if that is unknown.
pub(crate) fn interval(
    format: &'static TimeseriesFormat,
    report: &'static ReportSpec,
    range: TimeRange,
    choice: Option<&IntervalChoice>,
) -> Result<Option<&'static IntervalInfo>, Error> {
    match choice {
        Some(IntervalChoice::Named(name)) if *name != format.auto.name => {
            let found = offered(format, report).find(|interval| interval.name == *name);
            found.map(Some).ok_or_else(|| {
                let offered = offered(format, report).map(|interval| interval.name).collect();
                Error::Range(Box::new(RangeError::new(report.name, range, name, RangeProblem::NotOffered { offered })))
            })
        }
        _ => {
            // If the report lacks the interval, the server can only choose a coarser one.
            let automatic = points::automatic(format, range);
            let coarse = format.intervals.iter().skip_while(|interval| interval.name != automatic);
            Ok(coarse.into_iter().find(|interval| offered(format, report).any(|offered| offered.name == interval.name)))
        }
    }
}

impl RangeCheck<'_> {
    fn points(&self, interval: &IntervalInfo, counting: TimePoints) -> u64 {
        points::count(self.range, interval.bucket_length, counting)
    }

    fn error(&self, interval: &str, problem: RangeProblem) -> RangeError {
        RangeError::new(self.report.name, self.range, interval, problem)
    }

    /// The start of the retained data, if the range starts before it.
    fn lost_before(&self, interval: &IntervalInfo) -> Option<Moment> {
        let since = points::before(self.clock.now(), interval.retention?, self.range.from)?;
        (self.range.from.instant() < since.instant()).then_some(since)
    }

    fn check_retention(&self, interval: &'static IntervalInfo) -> Result<(), Error> {
        let (Some(since), Some(retention)) = (self.lost_before(interval), interval.retention) else { return Ok(()) };
        let mut error = self.error(interval.name, RangeProblem::BeyondRetention { retention, since });
        error.coarser = self.coarser(interval).map(|coarser| coarser.name);
        Err(Error::Range(Box::new(error)))
    }

    /// The next coarser interval of the report that works for the whole range.
    fn coarser(&self, than: &IntervalInfo) -> Option<&'static IntervalInfo> {
        let most = u64::from(self.format.most_time_points);
        let coarser = offered(self.format, self.report).skip_while(|interval| interval.name != than.name).skip(1);
        let works =
            |interval: &&IntervalInfo| self.lost_before(interval).is_none() && self.points(interval, self.counting) <= most;
        coarser.into_iter().find(works)
    }
}
