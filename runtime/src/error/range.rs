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
    /// The next coarser interval of the report that works for the whole range.
    pub coarser: Option<&'static str>,
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
    /// The range needs more requests than one history may send.
    TooManyParts {
        /// Allowed maximum.
        most: usize,
    },
}

impl RangeError {
    pub(crate) fn new(report: &'static str, range: TimeRange, interval: &str, problem: RangeProblem) -> Self {
        Self { report, range, interval: interval.into(), problem, coarser: None, assumptions: Vec::new() }
    }

    /// What works instead.
    fn write_advice(&self, f: &mut fmt::Formatter<'_>, other: &str) -> fmt::Result {
        match self.coarser {
            Some(coarser) => write!(f, ". Use the interval `{coarser}`, or {other}"),
            None => write!(f, ". Use {other}"),
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
                self.write_advice(f, "a later start")
            }
            RangeProblem::TooManyPoints { points, most } => {
                write!(f, "the range {range} has {points} time points at the interval `{interval}`; the maximum is {most}")?;
                self.write_advice(f, "`history`, which splits the range")
            }
            RangeProblem::TooManyParts { most } => {
                write!(f, "the range {range} needs more than {most} requests at the interval `{interval}`")?;
                self.write_advice(f, "several shorter ranges")
            }
        }
    }
}

impl std::error::Error for RangeError {}
