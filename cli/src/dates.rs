//! Dates as people write them: `2026-01-01`, `2026-01-01T10:00`, `-30d`, `yesterday`, `now`.
//!
//! A date without an offset needs a zone: that of `--zone`, of the profile, or the one that the last chart of the same customers named. The
//! clocks of a zone skip some local times and show others twice; neither is guessed.

use std::cell::Cell;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp, ToSpan, ZonedDateTime};
use placewise_reporting::{Moment, Unit};

use crate::terminal::printable;

/// A date, a time or a span back from now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum When {
    /// With an offset.
    Moment(Moment),
    /// A day of the calendar.
    Day(Date),
    /// A date and time of the calendar.
    Civil(DateTime),
    /// A number of units before now.
    Ago(i32, Unit),
    Now,
    Today,
    Yesterday,
}

/// The words of units. The clocks of a zone do not matter to hours and minutes.
const UNITS: [(&str, Unit); 6] =
    [("m", Unit::Minute), ("h", Unit::Hour), ("d", Unit::Day), ("w", Unit::Week), ("mo", Unit::Month), ("y", Unit::Year)];

/// The help of dates.
pub(crate) const HELP: &str = "Dates:
  2026-01-31, 2026-01-31T10:00, 2026-01-31T10:00:00+01:00, today, yesterday, now
  -30m, -12h, -30d, -2w, -3mo, -1y: that long before now
  Dates without an offset are taken in the zone of --zone, of the profile, or of these customers' last chart. The range of a chart includes the day of --to.";

impl When {
    /// Reads a date.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.to_lowercase().as_str() {
            "now" => return Ok(Self::Now),
            "today" => return Ok(Self::Today),
            "yesterday" => return Ok(Self::Yesterday),
            _ => {}
        }
        if let Some(span) = text.strip_prefix('-') {
            let digits = span.len() - span.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
            let (count, unit) = span.split_at(digits);
            let unit = UNITS.iter().find(|(word, _)| *word == unit).map(|(_, unit)| *unit);
            if let (Ok(count), Some(unit)) = (count.parse(), unit) {
                return Ok(Self::Ago(count, unit));
            }
        } else if let Ok(moment) = Moment::parse(text) {
            return Ok(Self::Moment(moment));
        } else if is_date(text)
            && let Ok(date) = text.parse()
        {
            return Ok(Self::Day(date));
        } else if text.split_once(['T', ' ']).is_some_and(|(date, time)| is_date(date) && is_time(time))
            && let Ok(civil) = text.parse()
        {
            return Ok(Self::Civil(civil));
        }
        let shape = text.get(..10).is_some_and(is_date);
        let problem = if shape { "is no date of the calendar" } else { "is not a date" };
        Err(format!("`{}` {problem}; write for example 2026-01-31, 2026-01-31T10:00, -30d, yesterday or now", printable(text)))
    }
}

/// `2026-01-31`. The calendar's own parser reads more than that.
fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
}

/// `10:00`, `10:00:00` or with a fraction.
fn is_time(text: &str) -> bool {
    text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'))
}

/// Where the zone comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ZoneSource {
    Flag,
    Profile,
    LastChart,
    /// The run that is resumed.
    Resumed,
}

/// A zone of the time zone database.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub name: String,
    pub zone: TimeZone,
    pub source: ZoneSource,
}

impl Zone {
    /// The zone with that name.
    pub(crate) fn named(name: &str, source: ZoneSource) -> Result<Self, String> {
        let zone = TimeZone::get(name);
        let zone = zone.map_err(|_| format!("no zone is called `{}`; write for example --zone Europe/Oslo", printable(name)))?;
        Ok(Self { name: name.to_owned(), zone, source })
    }
}

/// Turns dates into times.
#[derive(Debug)]
pub(crate) struct Dates {
    now: Timestamp,
    zone: Option<Zone>,
    used: Cell<bool>,
}

impl Dates {
    pub(crate) fn new(now: Timestamp, zone: Option<Zone>) -> Self {
        Self { now, zone, used: Cell::new(false) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The zone, if there is one.
    pub(crate) fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    /// Which zone dates were taken in, for people; none if no date needed one.
    pub(crate) fn note(&self) -> Option<String> {
        let Zone { name, source, .. } = self.zone.as_ref().filter(|_| self.used.get())?;
        Some(match source {
            ZoneSource::Flag => format!("dates are taken in {name}"),
            ZoneSource::Profile => format!("dates are taken in {name}, the profile's zone"),
            ZoneSource::LastChart => {
                format!("dates are taken in {name}, the zone of these customers' last chart (--zone takes another)")
            }
            ZoneSource::Resumed => format!("dates are taken in {name}, as in the run that is resumed"),
        })
    }

    fn needed(&self) -> Result<&TimeZone, String> {
        self.used.set(true);
        let missing = "a date without an offset needs a zone; add for example --zone Europe/Oslo";
        self.zone.as_ref().map(|zone| &zone.zone).ok_or_else(|| missing.to_owned())
    }

    /// The time, or the start of the day.
    pub(crate) fn start(&self, when: &When) -> Result<Moment, String> {
        match when {
            When::Moment(moment) => Ok(*moment),
            When::Now => Ok(self.now.into()),
            When::Ago(count, unit) => self.ago(*count, *unit),
            When::Civil(civil) => self.at(*civil).map(Moment::from),
            When::Day(_) | When::Today | When::Yesterday => self.start_of_day(self.date(when)?).map(Moment::from),
        }
    }

    /// The time, or the last millisecond of the day: a chart includes the bucket of its end.
    pub(crate) fn end(&self, when: &When) -> Result<Moment, String> {
        match when {
            When::Day(_) | When::Today | When::Yesterday => {
                let next = self.start_of_day(self.next_day(when)?)?;
                next.checked_sub(1.millisecond()).map(Moment::from).map_err(beyond)
            }
            when => self.start(when),
        }
    }

    /// The start of a day and that of the next one.
    pub(crate) fn day(&self, when: &When) -> Result<(String, String), String> {
        let next = self.start_of_day(self.next_day(when)?)?;
        Ok((self.start(when)?.to_string(), Moment::from(next).to_string()))
    }

    /// The day.
    pub(crate) fn date(&self, when: &When) -> Result<Date, String> {
        match when {
            When::Day(date) => Ok(*date),
            When::Today | When::Now => Ok(self.local()?.date()),
            When::Yesterday => self.local()?.date().yesterday().map_err(beyond),
            When::Ago(count, unit) => back(&self.local()?, *count, *unit).map(|then| then.date()),
            When::Moment(_) | When::Civil(_) => Err("expected a day without a time, such as 2026-01-31".into()),
        }
    }

    fn next_day(&self, when: &When) -> Result<Date, String> {
        self.date(when)?.tomorrow().map_err(beyond)
    }

    fn local(&self) -> Result<ZonedDateTime, String> {
        Ok(self.now.to_zoned_datetime(self.needed()?.clone()))
    }

    fn ago(&self, count: i32, unit: Unit) -> Result<Moment, String> {
        match unit {
            Unit::Minute | Unit::Hour => {
                back(&self.now.to_zoned_datetime(TimeZone::UTC), count, unit).map(|then| then.timestamp().into())
            }
            _ => back(&self.local()?, count, unit).map(Moment::from),
        }
    }

    /// Where clocks skip midnight, a day starts later.
    fn start_of_day(&self, date: Date) -> Result<ZonedDateTime, String> {
        let midnight = self.needed()?.to_ambiguous_zoned_datetime(date.to_datetime(Time::midnight()));
        midnight.compatible().map_err(beyond)
    }

    fn at(&self, civil: DateTime) -> Result<ZonedDateTime, String> {
        let local = self.needed()?.to_ambiguous_zoned_datetime(civil);
        let name = self.zone.as_ref().map_or("", |zone| zone.name.as_str());
        match local.offset() {
            AmbiguousOffset::Unambiguous { .. } => local.compatible().map_err(beyond),
            AmbiguousOffset::Gap { .. } => {
                Err(format!("{civil} does not exist in {name}, because clocks skip it; write another time"))
            }
            AmbiguousOffset::Fold { before, after } => {
                Err(format!("{civil} comes twice in {name}; add the offset: {civil}{before} or {civil}{after}"))
            }
        }
    }
}

/// The only thing that is wrong with a time that the calendar has.
fn beyond<E>(_: E) -> String {
    "it is beyond the times that can be reckoned with; use years up to 9998".into()
}

fn back(from: &ZonedDateTime, count: i32, unit: Unit) -> Result<ZonedDateTime, String> {
    let span = match unit {
        Unit::Minute => Span::new().try_minutes(count),
        Unit::Hour => Span::new().try_hours(count),
        Unit::Day => Span::new().try_days(count),
        Unit::Week => Span::new().try_weeks(count),
        Unit::Month => Span::new().try_months(count),
        _ => Span::new().try_years(count),
    };
    let then = span.and_then(|span| from.checked_sub(span));
    then.map_err(|_| format!("{count} {}s before now is beyond the calendar", unit.word()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(zone: Option<&str>) -> Dates {
        let zone = zone.map(|name| Zone::named(name, ZoneSource::Flag).expect("a zone"));
        Dates::new("2026-03-15T11:30:00Z".parse().expect("a time"), zone)
    }

    fn start(text: &str) -> Result<String, String> {
        When::parse(text).and_then(|when| dates(Some("Europe/Oslo")).start(&when)).map(|moment| moment.to_string())
    }

    #[test]
    fn the_last_days_of_the_calendar_are_told_in_a_sentence() {
        for text in ["9999-12-31", "9999-12-31T23:59"] {
            assert_eq!(start(text), Err(beyond(())), "{text}");
        }
        let end = When::parse("9999-12-30").and_then(|when| dates(Some("Europe/Oslo")).end(&when));
        assert_eq!(end.map(|moment| moment.to_string()), Err(beyond(())));
    }

    #[test]
    fn dates_are_taken_in_the_zone() {
        for (text, expected) in [
            ("2026-01-31", "2026-01-31T00:00:00.000+01:00"),
            ("2026-07-01", "2026-07-01T00:00:00.000+02:00"),
            ("2026-01-31T10:00", "2026-01-31T10:00:00.000+01:00"),
            ("2026-01-31 10:00", "2026-01-31T10:00:00.000+01:00"),
            ("2026-01-31T10:00:00-06:00", "2026-01-31T10:00:00-06:00"),
            ("today", "2026-03-15T00:00:00.000+01:00"),
            ("Yesterday", "2026-03-14T00:00:00.000+01:00"),
            ("-30d", "2026-02-13T12:30:00.000+01:00"),
            ("-2w", "2026-03-01T12:30:00.000+01:00"),
            ("-3mo", "2025-12-15T12:30:00.000+01:00"),
            ("-12h", "2026-03-14T23:30:00.000Z"),
            ("now", "2026-03-15T11:30:00.000Z"),
        ] {
            assert_eq!(start(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn the_end_of_a_day_is_its_last_millisecond() {
        let end = |text| dates(Some("Europe/Oslo")).end(&When::parse(text).expect("a date")).map(|moment| moment.to_string());
        assert_eq!(end("2026-03-29").as_deref(), Ok("2026-03-29T23:59:59.999+02:00"));
        assert_eq!(end("2026-01-31T10:00").as_deref(), Ok("2026-01-31T10:00:00.000+01:00"));
    }

    #[test]
    fn times_that_do_not_exist_or_come_twice_are_refused() {
        assert!(start("2026-03-29T02:30").unwrap_err().contains("does not exist in Europe/Oslo"));
        let twice = start("2026-10-25T02:30").unwrap_err();
        assert!(twice.contains("2026-10-25T02:30:00+02 or 2026-10-25T02:30:00+01"), "{twice}");
        for wrong in [
            "2026-02-30",
            "2026-13-01",
            "2026-1-1",
            "tomorrow-ish",
            "-30",
            "-d",
            "-99999999999d",
            "",
            "-",
            "2026-02-30T10:00",
            "−3d",
        ] {
            assert!(start(wrong).is_err(), "{wrong}");
        }
        assert!(start("2026-02-30").unwrap_err().contains("no date of the calendar"));
    }

    #[test]
    fn only_dates_without_an_offset_need_a_zone() {
        let without = dates(None);
        let start = |text| without.start(&When::parse(text).expect("a date"));
        assert!(start("-12h").is_ok() && start("now").is_ok() && start("2026-01-01T00:00:00Z").is_ok());
        assert!(without.note().is_none());
        for text in ["2026-01-01", "-1d", "today", "2026-01-01T10:00"] {
            assert!(start(text).unwrap_err().contains("--zone"), "{text}");
        }
    }
}
