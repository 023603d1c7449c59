//! Timestamps exactly as the API writes them: with or without a zone, and with the digits that were sent.

use std::{fmt, str::FromStr};

use jiff::{ZonedDateTime, civil, tz};

use crate::text::excerpt::snippet;

/// A date and time with a zone (`Z` or an offset), or without one.
///
/// A timestamp without a zone is not an instant: [`instant`](Self::instant) returns none. Use [`assume_utc`](Self::assume_utc) or
/// [`in_zone`](Self::in_zone) to choose a zone. Two values are equal if their texts are equal; compare instants to find out whether
/// two zoned timestamps mean the same moment.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    civil: civil::DateTime,
    zone: Zone,
    digits: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Zone {
    None,
    Z,
    Offset(tz::Offset),
}

impl Timestamp {
    /// The instant; none without a zone.
    pub fn instant(self) -> Option<jiff::Timestamp> {
        let offset = self.offset()?;
        offset.to_timestamp(self.civil).ok()
    }

    /// The date and time as written, in any zone.
    pub fn civil(self) -> civil::DateTime {
        self.civil
    }

    /// The UTC offset as written (zero for `Z`); none without a zone.
    pub fn offset(self) -> Option<tz::Offset> {
        match self.zone {
            Zone::None => None,
            Zone::Z => Some(tz::Offset::UTC),
            Zone::Offset(offset) => Some(offset),
        }
    }

    /// The instant, reading a timestamp without a zone as UTC.
    pub fn assume_utc(self) -> Option<jiff::Timestamp> {
        self.offset().unwrap_or(tz::Offset::UTC).to_timestamp(self.civil).ok()
    }

    /// The instant in that zone. A timestamp without a zone is read as local time there.
    pub fn in_zone(self, zone: &tz::TimeZone) -> Result<ZonedDateTime, jiff::Error> {
        match self.offset() {
            Some(offset) => Ok(offset.to_timestamp(self.civil)?.to_zoned_datetime(zone.clone())),
            None => self.civil.to_zoned_datetime(zone.clone()),
        }
    }

    /// Another date and time in the same zone.
    pub(crate) fn at_civil(self, civil: civil::DateTime) -> Self {
        Self { civil, digits: digits_of(civil.subsec_nanosecond()), ..self }
    }

    /// The same time with at least three fraction digits.
    pub(crate) fn in_milliseconds(self) -> Self {
        Self { digits: self.digits.max(3), ..self }
    }

    /// Reads `2025-04-11T08:29:09.359381`, with or without a fraction, `Z` or `+02:00`.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        read(text).ok_or_else(|| TimestampError { text: snippet(text), zoneless: false })
    }
}

fn read(text: &str) -> Option<Timestamp> {
    let (date, rest) = take_date(text)?;
    let rest = rest.strip_prefix('T')?;
    let (hour, rest) = two(rest)?;
    let (minute, rest) = two(rest.strip_prefix(':')?)?;
    let (second, mut rest) = two(rest.strip_prefix(':')?)?;
    let (mut nanos, mut digits) = (0_i32, 0_u8);
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=9).contains(&count) {
            return None;
        }
        let (number, after) = fraction.split_at(count);
        digits = count as u8; // at most 9
        nanos = number.parse::<i32>().ok()? * 10_i32.pow(9 - u32::from(digits));
        rest = after;
    }
    let zone = read_zone(rest)?;
    let time = civil::Time::new(hour, minute, second, nanos).ok()?;
    let read = Timestamp { civil: date.to_datetime(time), zone, digits };
    // A zoned time beyond the calendar's range has no instant; rejecting it here keeps the promise of `instant`.
    if read.offset().is_some() && read.instant().is_none() { None } else { Some(read) }
}

fn read_zone(text: &str) -> Option<Zone> {
    match text {
        "" => return Some(Zone::None),
        "Z" => return Some(Zone::Z),
        _ => {}
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = two(rest)?;
    let (minutes, rest) = two(rest.strip_prefix(':')?)?;
    // `-00:00` means "offset unknown" in RFC 9557, and a zero offset would not print as it.
    if !rest.is_empty() || minutes > 59 || (sign < 0 && hours == 0 && minutes == 0) {
        return None;
    }
    let seconds = sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60);
    tz::Offset::from_seconds(seconds).ok().map(Zone::Offset)
}

/// Reads `YYYY-MM-DD`, or `-YYYYYY-MM-DD` before the year zero; returns the text after it too.
pub(crate) fn take_date(text: &str) -> Option<(civil::Date, &str)> {
    let (negative, width, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, 6, rest),
        None => (false, 4, text),
    };
    let (year, rest) = number(rest, width)?;
    let year = i16::try_from(year).ok().filter(|year| !(negative && *year == 0))?;
    let (month, rest) = two(rest.strip_prefix('-')?)?;
    let (day, rest) = two(rest.strip_prefix('-')?)?;
    Some((civil::Date::new(if negative { -year } else { year }, month, day).ok()?, rest))
}

fn two(text: &str) -> Option<(i8, &str)> {
    let (value, rest) = number(text, 2)?;
    Some((i8::try_from(value).ok()?, rest))
}

fn number(text: &str, width: usize) -> Option<(i32, &str)> {
    let (digits, rest) = text.split_at_checked(width)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().ok()?, rest))
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
        write_date(f, self.civil.date())?;
        write!(f, "T{:02}:{:02}:{:02}", self.civil.hour(), self.civil.minute(), self.civil.second())?;
        if self.digits > 0 {
            let shown = self.civil.subsec_nanosecond() / 10_i32.pow(9 - u32::from(self.digits));
            write!(f, ".{shown:0width$}", width = usize::from(self.digits))?;
        }
        match self.zone {
            Zone::None => Ok(()),
            Zone::Z => f.write_str("Z"),
            Zone::Offset(offset) => {
                let (sign, minutes) = (if offset.seconds() < 0 { '-' } else { '+' }, offset.seconds().abs() / 60);
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

/// Writes a date as `take_date` reads it.
fn write_date(f: &mut impl fmt::Write, date: civil::Date) -> fmt::Result {
    match date.year() {
        year if year < 0 => write!(f, "-{:06}", -i32::from(year))?,
        year => write!(f, "{year:04}")?,
    }
    write!(f, "-{:02}-{:02}", date.month(), date.day())
}

/// A date as it stands in JSON.
pub(crate) fn date_text(date: civil::Date) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_date(&mut text, date);
    text
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
        Self { civil, zone: Zone::Z, digits: digits_of(civil.subsec_nanosecond()) }
    }
}

/// Keeps the zone's offset. An offset that is not a whole number of minutes cannot be written; such a time is written in UTC.
impl From<&ZonedDateTime> for Timestamp {
    fn from(zoned: &ZonedDateTime) -> Self {
        if zoned.offset().seconds() % 60 != 0 {
            return zoned.timestamp().into();
        }
        let civil = zoned.datetime();
        Self { civil, zone: Zone::Offset(zoned.offset()), digits: digits_of(civil.subsec_nanosecond()) }
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
        Self { civil, zone: Zone::None, digits: digits_of(civil.subsec_nanosecond()) }
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
            "2024-01-01T00:00:00-00:00",
            "2024-01-01t00:00:00Z",
            "2024-01-01T00:00:00z",
            "2024-01-01 00:00:00",
            "2024-01-01T00:00",
            "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00.0000000000",
            "2024-01-01T00:00:00+0200",
            "2024-01-01T00:00:00+02:60",
            "2024-02-30T00:00:00",
            "+2024-02-03T00:00:00",
            "-000000-01-01T00:00:00",
            "2024-01-01T00:00:00 ",
            "é024-01-01T00:00:00",
            "",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
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
            fraction in "(\\.[0-9]{1,9})?", zone in "(|Z|\\+[01][0-9]:[0-5][0-9]|-0[1-9]:[0-5][0-9])",
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
