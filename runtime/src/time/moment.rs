//! Moments: points in time with the offset they are written in.

use std::{fmt, str::FromStr};

use jiff::{ZonedDateTime, civil, tz};

use super::timestamp::{Timestamp, TimestampError};

/// A point in time, with the UTC offset it is written in.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// Always zoned.
    written: Timestamp,
    instant: jiff::Timestamp,
    offset: tz::Offset,
}

impl Moment {
    /// Reads `2024-04-08T00:00:00.000-06:00`, with or without a fraction. Text without `Z` or an offset is an error.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let refused = || TimestampError::zoneless(text);
        Self::zoned(Timestamp::parse(text)?).ok_or_else(refused)
    }

    /// Requests are written in the usual form.
    fn zoned(written: Timestamp) -> Option<Self> {
        let written = written.plain();
        Some(Self { written, instant: written.instant()?, offset: written.offset()? })
    }

    /// The instant, without the offset.
    pub fn instant(self) -> jiff::Timestamp {
        self.instant
    }

    /// The date and time as written.
    pub fn civil(self) -> civil::DateTime {
        self.written.civil()
    }

    /// The UTC offset it is written in.
    pub fn offset(self) -> tz::Offset {
        self.offset
    }

    /// The same instant in the offset of another moment; none beyond the calendar's range.
    pub(crate) fn like(self, other: Self) -> Option<Self> {
        other.at(other.offset.to_datetime(self.instant))
    }

    /// Another date and time in the same offset; none beyond the calendar's range.
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

/// Keeps the zone's offset if it is a whole number of minutes; otherwise written in UTC.
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

    /// Fails for a timestamp without a zone.
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
