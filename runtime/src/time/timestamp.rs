//! Timestamps exactly as the API writes them: with or without a zone, and with the digits that were sent.

use std::{fmt, str::FromStr};

use jiff::{ZonedDateTime, civil, tz};

use super::iso::{self, OffsetForm, Style, Written, Zone};
use crate::text::excerpt::snippet;

/// A date and time with a zone (`Z` or an offset), or without one.
///
/// A timestamp without a zone is not an instant: [`instant`](Self::instant) returns none. Use [`assume_utc`](Self::assume_utc) or
/// [`in_zone`](Self::in_zone) to choose a zone. Two values are equal if their texts are equal; compare instants to find out whether
/// two zoned timestamps mean the same moment.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp(Written);

impl Timestamp {
    /// The instant; none without a zone.
    pub fn instant(self) -> Option<jiff::Timestamp> {
        let offset = self.offset()?;
        offset.to_timestamp(self.0.civil).ok()
    }

    /// The date and time as written, in any zone.
    pub fn civil(self) -> civil::DateTime {
        self.0.civil
    }

    /// The UTC offset as written (zero for `Z`); none without a zone.
    pub fn offset(self) -> Option<tz::Offset> {
        match self.0.zone {
            Zone::None => None,
            Zone::Z { .. } => Some(tz::Offset::UTC),
            Zone::Offset(offset, _) => Some(offset),
        }
    }

    /// The instant, reading a timestamp without a zone as UTC.
    pub fn assume_utc(self) -> Option<jiff::Timestamp> {
        self.offset().unwrap_or(tz::Offset::UTC).to_timestamp(self.0.civil).ok()
    }

    /// The instant in that zone. A timestamp without a zone is read as local time there.
    pub fn in_zone(self, zone: &tz::TimeZone) -> Result<ZonedDateTime, jiff::Error> {
        match self.offset() {
            Some(offset) => Ok(offset.to_timestamp(self.0.civil)?.to_zoned_datetime(zone.clone())),
            None => self.0.civil.to_zoned_datetime(zone.clone()),
        }
    }

    /// Another date and time in the same zone.
    pub(crate) fn at_civil(self, civil: civil::DateTime) -> Self {
        Self(Written { civil, digits: digits_of(civil.subsec_nanosecond()), ..self.plain().0 })
    }

    /// The same time with at least three fraction digits.
    pub(crate) fn in_milliseconds(self) -> Self {
        Self(Written { digits: self.0.digits.max(3), ..self.0 })
    }

    /// The same time in the usual form.
    pub(crate) fn plain(self) -> Self {
        let zone = match self.0.zone {
            Zone::None => Zone::None,
            Zone::Z { .. } => Zone::Z { lower: false },
            Zone::Offset(offset, _) => Zone::Offset(offset, OffsetForm::Colon),
        };
        // A fraction of another unit than seconds has other digits.
        let digits =
            if self.0.style == Style::default() { self.0.digits.min(9) } else { digits_of(self.0.civil.subsec_nanosecond()) };
        Self(Written { zone, digits, style: Style::default(), ..self.0 })
    }

    /// Reads a date and time in any form of ISO 8601: `2025-04-11T08:29:09.359381`, with or without a fraction, `Z` or `+02:00`, and also
    /// `20250411T0829Z`, `2025-W15-5T08:29+02` or `2025-101T24:00`. It prints as it was read. A fraction of a second may have up to 18
    /// digits; those beyond nanoseconds are printed and otherwise cut off.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let read = iso::read(text).map(Self);
        // A zoned time beyond the calendar's range has no instant; rejecting it here keeps the promise of `instant`.
        let usual = |read: &Self| (1..9000).contains(&read.0.civil.year());
        let read = read.filter(|read| usual(read) || read.offset().is_none() || read.instant().is_some());
        read.ok_or_else(|| TimestampError { text: snippet(text), zoneless: false })
    }
}

/// The fewest digits, in steps of three, that print these nanoseconds exactly.
fn digits_of(nanos: i32) -> u8 {
    match nanos {
        0 => 0,
        nanos if nanos % 1_000_000 == 0 => 3,
        nanos if nanos % 1_000 == 0 => 6,
        _ => 9,
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        iso::write(f, &self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        let civil = tz::Offset::UTC.to_datetime(instant);
        Self(Written::plain(civil, Zone::Z { lower: false }, digits_of(civil.subsec_nanosecond())))
    }
}

/// Keeps the zone's offset. An offset that is not a whole number of minutes cannot be written; such a time is written in UTC.
impl From<&ZonedDateTime> for Timestamp {
    fn from(zoned: &ZonedDateTime) -> Self {
        if zoned.offset().seconds() % 60 != 0 {
            return zoned.timestamp().into();
        }
        let civil = zoned.datetime();
        Self(Written::plain(civil, Zone::Offset(zoned.offset(), OffsetForm::Colon), digits_of(civil.subsec_nanosecond())))
    }
}

impl From<ZonedDateTime> for Timestamp {
    fn from(zoned: ZonedDateTime) -> Self {
        Self::from(&zoned)
    }
}

/// Stays without a zone.
impl From<civil::DateTime> for Timestamp {
    fn from(civil: civil::DateTime) -> Self {
        Self(Written::plain(civil, Zone::None, digits_of(civil.subsec_nanosecond())))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A text that is not a timestamp, or not one that prints back unchanged.
#[derive(Clone, PartialEq, Eq)]
pub struct TimestampError {
    text: String,
    /// Whether the text is a timestamp that lacks the zone it needs.
    zoneless: bool,
}

impl TimestampError {
    pub(crate) fn zoneless(text: &str) -> Self {
        Self { text: snippet(text), zoneless: true }
    }
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.zoneless {
            return write!(f, "`{}` has no zone; add `Z` or an offset like `+02:00`", self.text);
        }
        write!(
            f,
            "`{}` is not a timestamp; write it like `2025-04-11T08:29:09Z`, or with an offset like `+02:00` in place of `Z`",
            self.text
        )
    }
}

/// The message: a `main` that returns the error prints this.
impl fmt::Debug for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for TimestampError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_zoned_and_zoneless_apart() {
        let zoneless = Timestamp::parse("2025-04-11T08:29:09.359381").unwrap();
        assert_eq!(zoneless.instant(), None);
        assert_eq!(zoneless.offset(), None);
        assert_eq!(zoneless.assume_utc().unwrap().to_string(), "2025-04-11T08:29:09.359381Z");
        let zoned = Timestamp::parse("2024-04-30T00:00:00.000+02:00").unwrap();
        assert_eq!(zoned.instant().unwrap().to_string(), "2024-04-29T22:00:00Z");
        let utc = tz::TimeZone::UTC;
        assert_eq!(zoned.in_zone(&utc).unwrap().hour(), 22);
        assert_eq!(zoneless.in_zone(&utc).unwrap().hour(), 8);
        assert_ne!(Timestamp::parse("2024-01-01T00:00:00Z"), Timestamp::parse("2024-01-01T00:00:00+00:00"));
    }

    #[test]
    fn rejects_what_it_cannot_reproduce() {
        for text in [
            "2024-01-01",
            "2024-01-01T",
            "2024-01-01T0",
            "2024-01-01T00:0",
            "2024-01-01T00:00:61Z",
            "2024-01-01T24:01",
            "2024-01-01T25:00",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00.0000000000000000000",
            "2024-01-01T00:00.0000000000",
            "2024-01-01T00:0000",
            "2024-01-01T00:00:00+02:60",
            "2024-01-01T00:00:00+2",
            "2024-01-01T00:00:00+02:",
            "2024-01-01T00:00:00-00",
            "2024-02-30T00:00:00",
            "2023-366T00:00",
            "2024-000T00:00",
            "2024-W53-1T00:00",
            "2024-W01-8T00:00",
            "+2024-02-03T00:00:00",
            "-000000-01-01T00:00:00",
            "2024-01-01T00:00:00 ",
            "2024-01-01  00:00:00",
            "é024-01-01T00:00:00",
            "",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_every_form_and_prints_it_back() {
        let expected = "2025-04-11T08:29:00Z".parse::<jiff::Timestamp>().unwrap();
        for text in [
            "2025-04-11T08:29Z",
            "2025-04-11T08:29:00Z",
            "2025-04-11t08:29:00z",
            "2025-04-11 08:29:00Z",
            "2025-04-11T08:29:00+0000",
            "2025-04-11T10:29:00+0200",
            "2025-04-11T10:29:00+02",
            "2025-04-11T08:29:00-00:00",
            "2025-04-11T08:29:00,000Z",
            "20250411T082900Z",
            "20250411T1029+0200",
            "2025-101T08:29Z",
            "2025101T0829Z",
            "2025-W15-5T08:29Z",
            "2025W155T0829Z",
        ] {
            let read = Timestamp::parse(text).unwrap();
            assert_eq!(read.to_string(), text);
            if let Some(instant) = read.instant() {
                assert_eq!(instant, expected, "{text}");
            }
        }
        for (text, civil) in [
            ("2025-04-11T24:00", "2025-04-12T00:00:00"),
            ("2025-12-31T24:00:00.000Z", "2026-01-01T00:00:00"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
            ("2025-04-11T08.5", "2025-04-11T08:30:00"),
            ("2025-04-11T08:29,25+02", "2025-04-11T08:29:15"),
            ("20250411T08", "2025-04-11T08:00:00"),
            ("2025-04-11T08:29:00.1234567890123Z", "2025-04-11T08:29:00.123456789"),
            ("2025-04-11T08:29:00.123456789000000000Z", "2025-04-11T08:29:00.123456789"),
            ("2025-04-11T08:29:00,999999999999999999", "2025-04-11T08:29:00.999999999"),
            ("2016-12-31T23:59:60.0000000000Z", "2016-12-31T23:59:59"),
        ] {
            let read = Timestamp::parse(text).unwrap();
            assert_eq!((read.to_string().as_str(), read.civil().to_string().as_str()), (text, civil));
            assert_eq!(read.plain().civil(), read.civil());
            assert!(read.plain().to_string().starts_with(civil), "{}", read.plain());
        }
    }

    #[test]
    fn converts_from_jiff() {
        let instant: jiff::Timestamp = "2024-04-30T10:00:00.120Z".parse().unwrap();
        assert_eq!(Timestamp::from(instant).to_string(), "2024-04-30T10:00:00.120Z");
        assert_eq!(Timestamp::from(civil::date(2024, 1, 2).at(3, 4, 5, 0)).to_string(), "2024-01-02T03:04:05");
        let zoned = instant.to_zoned_datetime(tz::TimeZone::fixed(tz::offset(-6)));
        assert_eq!(Timestamp::from(zoned).to_string(), "2024-04-30T04:00:00.120-06:00");
    }

    proptest! {
        #[test]
        fn text_round_trip(
            year in 0..=9999, month in 1..=12, day in 1..=28, hour in 0..24, minute in 0..60, second in 0..60,
            fraction in "(\\.[0-9]{1,18})?", zone in "(|Z|\\+[01][0-9]:[0-5][0-9]|-0[1-9]:[0-5][0-9])",
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}");
            if let Ok(read) = Timestamp::parse(&text) {
                prop_assert_eq!(read.to_string(), text);
            } else {
                // Only the calendar's first and last days have no instant.
                prop_assert!(year == 0 || year == 9999);
            }
        }

        #[test]
        fn never_panics_and_never_changes(text in ".{0,40}") {
            if let Ok(read) = Timestamp::parse(&text) {
                prop_assert_eq!(read.to_string(), text);
            }
        }

        #[test]
        fn instants_survive(seconds in -377_705_023_201_i64..=253_402_207_200, nanos in 0..1_000_000_000_i32) {
            let Ok(instant) = jiff::Timestamp::new(seconds, nanos) else { return Ok(()) };
            let written = Timestamp::from(instant);
            prop_assert_eq!(written.instant(), Some(instant));
            prop_assert_eq!(Timestamp::parse(&written.to_string()).unwrap(), written);
        }
    }
}
