//! A timeseries query that the documented limits do not allow, with what would work instead.

use std::fmt;

use super::assumption::AssumedValue;
use crate::time::{moment::Moment, period::Period, range::TimeRange};

/// A timeseries query that the limits do not allow. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RangeError {
    /// The report.
    pub report: &'static str,
    /// The requested range.
    pub range: TimeRange,
    /// The requested interval, or the one the server would choose; empty if the range is wrong at any interval.
    pub interval: Box<str>,
    /// The problem.
    pub problem: RangeProblem,
    /// Parts of the range that work at this interval, in order; empty if splitting does not help or yields more than 1000 parts.
    ///
    /// Buckets of a day or longer are split at midnight in the offset of the range's start. If the zone of the charts has another offset,
    /// for example across a DST change, both parts may return the bucket at the boundary, and a sum counts it twice. The query's
    /// `split_in` with that zone splits between buckets.
    pub split: Vec<TimeRange>,
    /// The next coarser interval of the report that works for the whole range.
    pub coarser: Option<&'static str>,
    /// Whether buckets are a day or longer, so that a zone decides where they start.
    pub(crate) by_calendar: bool,
    pub(crate) assumptions: Vec<AssumedValue>,
}

/// The problem of a range or an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RangeProblem {
    /// The range ends where it starts.
    Empty,
    /// The range ends before it starts.
    Backwards,
    /// The report does not have the interval.
    NotOffered {
        /// The intervals it has.
        offered: Vec<&'static str>,
    },
    /// The range starts before the retention of the interval.
    BeyondRetention {
        /// How long data of this interval are retained.
        retention: Period,
        /// The start of the retained data.
        since: Moment,
    },
    /// The range has more time points than a query may request.
    TooManyPoints {
        /// Time points in the range.
        points: u64,
        /// Allowed maximum.
        most: u32,
    },
}

impl RangeError {
    pub(crate) fn new(report: &'static str, range: TimeRange, interval: &str, problem: RangeProblem) -> Self {
        let (split, coarser, by_calendar, assumptions) = (Vec::new(), None, false, Vec::new());
        Self { report, range, interval: interval.into(), problem, split, coarser, by_calendar, assumptions }
    }

    /// What works instead, if known.
    fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.coarser, &*self.split) {
            (Some(coarser), []) => write!(f, ". Use the interval `{coarser}`"),
            (None, []) => f.write_str(". Use another range"),
            (coarser, parts @ [first, ..]) => {
                f.write_str(". Use ")?;
                if let Some(coarser) = coarser {
                    write!(f, "the interval `{coarser}`, or ")?;
                }
                write!(f, "{} parts (see `split`), the first being {first}", parts.len())?;
                if self.by_calendar {
                    f.write_str(
                        ". Across a DST change the bucket at the boundary may be returned twice; `split_in` with the zone of the charts avoids that",
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
            RangeProblem::Empty => write!(f, "the range {range} is empty; it must end after it starts"),
            RangeProblem::Backwards => write!(f, "the range {range} runs backwards; it must end after it starts"),
            RangeProblem::NotOffered { offered } => {
                write!(f, "no interval `{interval}`; use one of {}", offered.join(", "))
            }
            RangeProblem::BeyondRetention { retention, since } => {
                write!(
                    f,
                    "the range {range} starts before {since}; data at the interval `{interval}` are retained for {retention}"
                )?;
                self.write_advice(f)
            }
            RangeProblem::TooManyPoints { points, most } => {
                write!(f, "the range {range} has {points} time points at the interval `{interval}`; the maximum is {most}")?;
                self.write_advice(f)
            }
        }
    }
}

impl std::error::Error for RangeError {}
