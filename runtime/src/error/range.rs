//! A timeseries that was not asked for, because the documented limits do not allow it. In come the range and the limit; out goes what
//! would work instead.

use std::fmt;

use super::Resting;
use crate::{Moment, Period, TimeRange};

/// A timeseries that cannot be asked for as it is; nothing was sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RangeError {
    /// The report.
    pub report: &'static str,
    /// The range asked for.
    pub range: TimeRange,
    /// The interval asked for, or the one that the server would choose; empty if the range is at fault whatever the interval.
    pub interval: Box<str>,
    /// What is wrong.
    pub problem: RangeProblem,
    /// Parts of the range that would work at this interval, in order; empty if that is no way out, or if they would be over 1000.
    ///
    /// Days and longer are cut at midnight in the offset in which the range begins. If the charts' zone has another, as after a change
    /// of the clock, the bucket at a cut may come in both parts, and adding the parts up would count it twice; the query's `split_in` with
    /// that zone cuts between buckets.
    pub split: Vec<TimeRange>,
    /// The next coarser interval of the report that would do for the whole range at once.
    pub coarser: Option<&'static str>,
    /// Whether the parts are of days or longer, which begin by the clock of a zone.
    pub(crate) by_calendar: bool,
    pub(crate) rests: Vec<Resting>,
}

/// What is wrong with a range or an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RangeProblem {
    /// It ends where it begins.
    Empty,
    /// It ends before it begins.
    Backwards,
    /// The report does not offer the interval.
    NotOffered {
        /// The intervals that it offers.
        offered: Vec<&'static str>,
    },
    /// It begins before the interval's data do.
    BeyondRetention {
        /// How long data of this interval are kept.
        retention: Period,
        /// Since when there are data.
        since: Moment,
    },
    /// It has more time points than a query may ask for.
    TooManyPoints {
        /// How many it has.
        points: u64,
        /// How many are allowed.
        most: u32,
    },
}

impl RangeError {
    pub(crate) fn new(report: &'static str, range: TimeRange, interval: &str, problem: RangeProblem) -> Self {
        let (split, coarser, by_calendar, rests) = (Vec::new(), None, false, Vec::new());
        Self { report, range, interval: interval.into(), problem, split, coarser, by_calendar, rests }
    }

    /// What would work, if anything is known to.
    fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.coarser, &*self.split) {
            (Some(coarser), []) => write!(f, ". Ask at the interval `{coarser}`"),
            (None, []) => f.write_str(". Ask for another range"),
            (coarser, parts @ [first, ..]) => {
                f.write_str(". Ask ")?;
                if let Some(coarser) = coarser {
                    write!(f, "at the interval `{coarser}`, or ")?;
                }
                write!(f, "in {} parts, as `split` cuts them; the first is {first}", parts.len())?;
                if self.by_calendar {
                    f.write_str(
                        ". Over a change of the clock the bucket at a cut may come twice; `split_in` with the zone of the charts avoids it",
                    )?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { report, range, interval, .. } = self;
        write!(f, "report {report}: ")?;
        match &self.problem {
            RangeProblem::Empty => write!(f, "the range {range} is empty; it must end after it begins"),
            RangeProblem::Backwards => write!(f, "the range {range} runs backwards; it must end after it begins"),
            RangeProblem::NotOffered { offered } => {
                write!(f, "it does not offer the interval `{interval}`; it offers {}", offered.join(", "))
            }
            RangeProblem::BeyondRetention { retention, since } => {
                write!(
                    f,
                    "the range {range} begins before {since}; at the interval `{interval}` data are kept for {retention} and no longer"
                )?;
                self.write_advice(f)
            }
            RangeProblem::TooManyPoints { points, most } => {
                write!(f, "the range {range} has {points} time points at the interval `{interval}`; a query may ask for {most}")?;
                self.write_advice(f)
            }
        }
    }
}

impl std::error::Error for RangeError {}
