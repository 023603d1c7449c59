//! Ranges of time. Both ends have an offset, so the client never guesses a zone.

use std::{fmt, ops::Range};

use super::moment::Moment;

/// A range between two moments.
///
/// Queries also take `from..to`.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use harbour_api::{Moment, TimeRange, Traffic};
///
/// let (from, to): (Moment, Moment) = ("2024-04-08T00:00:00+02:00".parse()?, "2024-04-09T00:00:00+02:00".parse()?);
/// assert_eq!(TimeRange::new(from, to), (from..to).into());
/// let query = Traffic::series(from..to);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// Start.
    pub from: Moment,
    /// End.
    pub to: Moment,
}

impl TimeRange {
    /// The range between two moments.
    pub fn new(from: impl Into<Moment>, to: impl Into<Moment>) -> Self {
        Self { from: from.into(), to: to.into() }
    }
}

/// A range of time: `from..to` of two [`Moment`]s, `jiff` timestamps or zoned times, or a [`TimeRange`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a range of time",
    label = "expected `from..to` with two `Moment`s",
    note = "parse text into moments: `let (from, to): (Moment, Moment) = (\"2025-01-01T00:00:00Z\".parse()?, \"2025-02-01T00:00:00Z\".parse()?);`",
    note = "a `jiff::Timestamp` or a `jiff::ZonedDateTime` can be an end too; give a `jiff::civil::Date` or `DateTime` a zone first, with `to_zoned_datetime`"
)]
pub trait IntoTimeRange {
    /// The range.
    fn into_time_range(self) -> TimeRange;
}

// Not recommended, because the compiler would ask for conversions into `Moment` instead of explaining what a range is.
#[diagnostic::do_not_recommend]
impl<T: Into<TimeRange>> IntoTimeRange for T {
    fn into_time_range(self) -> TimeRange {
        self.into()
    }
}

impl<T: Into<Moment>> From<Range<T>> for TimeRange {
    fn from(range: Range<T>) -> Self {
        Self::new(range.start, range.end)
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

impl fmt::Debug for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
