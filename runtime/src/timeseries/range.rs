//! From when until when a timeseries is asked for. In come moments as `jiff` or ISO 8601 text has them; out goes text with an offset,
//! never without: what a time without a zone means is not for a client to guess.

use std::{fmt, ops::Range, str::FromStr};

use jiff::{ZonedDateTime, civil, tz};

use crate::{Timestamp, TimestampError};

/// A moment with the offset from UTC in which it is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// Always zoned.
    written: Timestamp,
    instant: jiff::Timestamp,
    offset: tz::Offset,
}

impl Moment {
    /// Reads `2024-04-08T00:00:00.000-06:00`, with or without fraction. Text without `Z` or an offset is refused.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let refused = || TimestampError::zoneless(text);
        Self::zoned(Timestamp::parse(text)?).ok_or_else(refused)
    }

    fn zoned(written: Timestamp) -> Option<Self> {
        Some(Self { written, instant: written.instant()?, offset: written.offset()? })
    }

    /// The moment on the clock.
    pub fn instant(self) -> jiff::Timestamp {
        self.instant
    }

    /// Date and time as written.
    pub fn civil(self) -> civil::DateTime {
        self.written.civil()
    }

    /// The offset in which it is written.
    pub fn offset(self) -> tz::Offset {
        self.offset
    }

    /// The same moment as another's offset writes it; none beyond the calendar's ends.
    pub(crate) fn like(self, other: Self) -> Option<Self> {
        other.at(other.offset.to_datetime(self.instant))
    }

    /// The same offset at another date and time; none beyond the calendar's ends.
    pub(crate) fn at(self, civil: civil::DateTime) -> Option<Self> {
        Self::zoned(self.written.at_civil(civil).in_milliseconds())
    }
}

/// Written in UTC.
impl From<jiff::Timestamp> for Moment {
    fn from(instant: jiff::Timestamp) -> Self {
        Self { written: Timestamp::from(instant).in_milliseconds(), instant, offset: tz::Offset::UTC }
    }
}

/// Keeps the zone's offset, where it is a whole number of minutes; otherwise written in UTC.
impl From<&ZonedDateTime> for Moment {
    fn from(zoned: &ZonedDateTime) -> Self {
        let written = Timestamp::from(zoned).in_milliseconds();
        let offset = written.offset().unwrap_or(tz::Offset::UTC);
        Self { written, instant: zoned.timestamp(), offset }
    }
}

impl From<ZonedDateTime> for Moment {
    fn from(zoned: ZonedDateTime) -> Self {
        Self::from(&zoned)
    }
}

impl TryFrom<Timestamp> for Moment {
    type Error = TimestampError;

    /// Fails for a time without a zone.
    fn try_from(written: Timestamp) -> Result<Self, Self::Error> {
        Self::zoned(written).ok_or_else(|| TimestampError::zoneless(&written.to_string()))
    }
}

impl FromStr for Moment {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// From one moment to a later one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// Its start.
    pub from: Moment,
    /// Its end.
    pub to: Moment,
}

impl TimeRange {
    /// From one moment to another.
    pub fn new(from: impl Into<Moment>, to: impl Into<Moment>) -> Self {
        Self { from: from.into(), to: to.into() }
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
