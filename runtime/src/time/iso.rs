//! The forms of ISO 8601, read and written. What was read is remembered with its form, so that it prints as it came.

use std::fmt;

use jiff::{civil, tz};

/// A date and time, with the form that it is written in.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Written {
    pub(super) civil: civil::DateTime,
    pub(super) zone: Zone,
    /// Of the fraction.
    pub(super) digits: u8,
    pub(super) style: Style,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Zone {
    None,
    Z { lower: bool },
    Offset(tz::Offset, OffsetForm),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum OffsetForm {
    /// `+02:00`
    Colon,
    /// `+0200`
    Basic,
    /// `+02`
    Hours,
    /// `-00:00`, which RFC 3339 uses for UTC where the local offset is unknown.
    NegativeZero,
}

/// The form of a date and time, apart from its zone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Style {
    date: DateForm,
    /// With `-` and `:` between the parts of date and time.
    separated: bool,
    /// `T`, `t` or a space.
    between: u8,
    /// Hours, hours and minutes, or seconds too.
    fields: u8,
    comma: bool,
    /// The digits of a fraction of a second beyond nanoseconds, which only the text keeps.
    beyond: u32,
    /// `24:00` of the day before.
    end_of_day: bool,
    /// `:60`, which reads as `:59`: no clock here has leap seconds.
    leap_second: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum DateForm {
    /// `2025-04-11`
    Calendar,
    /// `2025-101`
    Ordinal,
    /// `2025-W15-5`
    Week,
}

impl Default for Style {
    fn default() -> Self {
        let (date, between) = (DateForm::Calendar, b'T');
        Self { date, separated: true, between, fields: 3, comma: false, beyond: 0, end_of_day: false, leap_second: false }
    }
}

impl Written {
    /// In the usual form.
    pub(super) fn plain(civil: civil::DateTime, zone: Zone, digits: u8) -> Self {
        Self { civil, zone, digits, style: Style::default() }
    }
}

pub(super) fn read(text: &str) -> Option<Written> {
    read_usual(text).or_else(|| read_any(text))
}

/// The form that servers use: `2025-04-11T08:29:09.359381`, with or without a fraction and a zone.
fn read_usual(text: &str) -> Option<Written> {
    let bytes = text.as_bytes();
    let start = bytes.first_chunk::<19>()?;
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2] = *start else { return None };
    let (mut digits, mut nanos) = (0, 0);
    let mut end = start.len();
    if bytes.get(end) == Some(&b'.') {
        end += 1;
        while let Some(digit @ b'0'..=b'9') = bytes.get(end) {
            if digits == NANOS {
                return None;
            }
            nanos = nanos * 10 + i32::from(digit - b'0');
            (digits, end) = (digits + 1, end + 1);
        }
        if digits == 0 {
            return None;
        }
    }
    let nanos = nanos * 10_i32.pow(u32::from(NANOS - digits));
    let pair = |a: u8, b: u8| {
        let both = a.is_ascii_digit() && b.is_ascii_digit();
        both.then(|| (a - b'0') as i8 * 10 + (b - b'0') as i8)
    };
    let year = i16::from(pair(y1, y2)?) * 100 + i16::from(pair(y3, y4)?);
    let date = civil::Date::new(year, pair(mo1, mo2)?, pair(d1, d2)?).ok()?;
    let time = civil::Time::new(pair(h1, h2)?, pair(mi1, mi2)?, pair(s1, s2)?, nanos).ok()?;
    let zone = read_zone(text.get(end..)?)?;
    Some(Written { civil: date.to_datetime(time), zone, digits, style: Style::default() })
}

fn read_any(text: &str) -> Option<Written> {
    let (date, form, separated, rest) = take_any_date(text)?;
    let between = *rest.as_bytes().first().filter(|between| matches!(between, b'T' | b't' | b' '))?;
    let mut style = Style { date: form, separated, between, ..Style::default() };
    let (parts, fields, rest) = take_time(rest.get(1..)?, separated)?;
    style.fields = fields;
    let (fraction, digits, rest) = take_fraction(rest, &mut style)?;
    let nanos = i128::from(fraction) * unit(fields) / 10_i128.pow(u32::from(digits.min(NANOS)));
    let [hour, minute, second] = parts;
    style.end_of_day = hour == 24;
    style.leap_second = second == 60;
    // The end of the day is the start of the next one.
    let date = if style.end_of_day { date.tomorrow().ok()? } else { date };
    let hour = if style.end_of_day { 0 } else { hour };
    if style.end_of_day && (minute, second, nanos) != (0, 0, 0) {
        return None;
    }
    let second = if style.leap_second { 59 } else { second };
    let time = civil::Time::new(hour, minute, second, 0).ok()?;
    let time = time.checked_add(jiff::SignedDuration::from_nanos(i64::try_from(nanos).ok()?)).ok()?;
    Some(Written { civil: date.to_datetime(time), zone: read_zone(rest)?, digits, style })
}

/// Nanoseconds of the last field, of which a fraction may follow.
fn unit(fields: u8) -> i128 {
    match fields {
        1 => 3_600_000_000_000,
        2 => 60_000_000_000,
        _ => 1_000_000_000,
    }
}

/// A date in any form, and whether its parts are separated.
fn take_any_date(text: &str) -> Option<(civil::Date, DateForm, bool, &str)> {
    if let Some((date, rest)) = take_date(text) {
        return Some((date, DateForm::Calendar, true, rest));
    }
    let (year, rest) = number(text, 4)?;
    let year = i16::try_from(year).ok()?;
    let (separated, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    if let Some(rest) = rest.strip_prefix('W') {
        let (week, rest) = two(rest)?;
        let rest = if separated { rest.strip_prefix('-')? } else { rest };
        let (day, rest) = number(rest, 1)?;
        let weekday = civil::Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok()?;
        let date = civil::ISOWeekDate::new(year, week, weekday).ok()?.date();
        return Some((date, DateForm::Week, separated, rest));
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 3 {
        let (day, rest) = number(rest, 3)?;
        let first = civil::Date::new(year, 1, 1).ok()?;
        let date = first.checked_add(jiff::Span::new().days(day.checked_sub(1)?)).ok()?;
        return Some((date, DateForm::Ordinal, separated, rest)).filter(|_| day > 0 && date.year() == year);
    }
    // With separators, this is no calendar date: `take_date` would have read it.
    let (month, rest) = two(rest).filter(|_| !separated)?;
    let (day, rest) = two(rest)?;
    Some((civil::Date::new(year, month, day).ok()?, DateForm::Calendar, false, rest))
}

/// Hours, minutes and seconds, as many as there are.
fn take_time(text: &str, separated: bool) -> Option<([i8; 3], u8, &str)> {
    let (hour, mut rest) = two(text)?;
    let mut parts = [hour, 0, 0];
    let mut fields = 1;
    for part in parts.iter_mut().skip(1) {
        let next = match separated {
            true => rest.strip_prefix(':'),
            false => Some(rest).filter(|rest| rest.starts_with(|next: char| next.is_ascii_digit())),
        };
        let Some(next) = next else { break };
        (*part, rest) = two(next)?;
        fields += 1;
    }
    Some((parts, fields, rest))
}

/// The digits of nanoseconds.
const NANOS: u8 = 9;

/// A fraction of the last field down to nanoseconds of seconds, and how many digits it has.
fn take_fraction<'a>(text: &'a str, style: &mut Style) -> Option<(u32, u8, &'a str)> {
    let Some(fraction) = text.strip_prefix(['.', ',']) else { return Some((0, 0, text)) };
    style.comma = text.starts_with(',');
    let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let digits = u8::try_from(count).ok()?;
    // More digits could not be kept.
    let most = if style.fields == 3 { 2 * NANOS } else { NANOS };
    if !(1..=most).contains(&digits) {
        return None;
    }
    let (number, rest) = fraction.split_at(count);
    let (number, beyond) = number.split_at(count.min(usize::from(NANOS)));
    style.beyond = if beyond.is_empty() { 0 } else { beyond.parse().ok()? };
    Some((number.parse().ok()?, digits, rest))
}

fn read_zone(text: &str) -> Option<Zone> {
    match text {
        "" => return Some(Zone::None),
        "Z" | "z" => return Some(Zone::Z { lower: text == "z" }),
        "-00:00" => return Some(Zone::Offset(tz::Offset::UTC, OffsetForm::NegativeZero)),
        _ => {}
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = two(rest)?;
    let (form, minutes) = match rest.strip_prefix(':') {
        Some(minutes) => (OffsetForm::Colon, minutes),
        None if rest.is_empty() => (OffsetForm::Hours, "00"),
        None => (OffsetForm::Basic, rest),
    };
    let (minutes, rest) = two(minutes)?;
    // A negative zero in another form would not print as it.
    if !rest.is_empty() || minutes > 59 || (sign < 0 && hours == 0 && minutes == 0) {
        return None;
    }
    let seconds = sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60);
    tz::Offset::from_seconds(seconds).ok().map(|offset| Zone::Offset(offset, form))
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

pub(super) fn write(f: &mut fmt::Formatter<'_>, written: &Written) -> fmt::Result {
    let Written { civil, zone, digits, style } = written;
    let date = if style.end_of_day { civil.date().yesterday().unwrap_or(civil.date()) } else { civil.date() };
    write_any_date(f, date, style)?;
    let colon = if style.separated { ":" } else { "" };
    let hour = if style.end_of_day { 24 } else { civil.hour() };
    write!(f, "{}{hour:02}", char::from(style.between))?;
    if style.fields > 1 {
        write!(f, "{colon}{:02}", civil.minute())?;
    }
    if style.fields > 2 {
        write!(f, "{colon}{:02}", if style.leap_second { 60 } else { civil.second() })?;
    }
    if *digits > 0 {
        let unit = unit(style.fields);
        let (minute, second) = (i128::from(civil.minute()) * 60, i128::from(civil.second()));
        let nanos = (minute + second) * 1_000_000_000 + i128::from(civil.subsec_nanosecond());
        let (kept, beyond) = ((*digits).min(NANOS), digits.saturating_sub(NANOS));
        let shown = nanos % unit * 10_i128.pow(u32::from(kept)) / unit;
        write!(f, "{}{shown:0width$}", if style.comma { ',' } else { '.' }, width = usize::from(kept))?;
        if beyond > 0 {
            write!(f, "{:0width$}", style.beyond, width = usize::from(beyond))?;
        }
    }
    write_zone(f, *zone)
}

fn write_any_date(f: &mut fmt::Formatter<'_>, date: civil::Date, style: &Style) -> fmt::Result {
    let dash = if style.separated { "-" } else { "" };
    match style.date {
        DateForm::Calendar if style.separated => write_date(f, date),
        DateForm::Calendar => write!(f, "{:04}{:02}{:02}", date.year(), date.month(), date.day()),
        DateForm::Ordinal => write!(f, "{:04}{dash}{:03}", date.year(), date.day_of_year()),
        DateForm::Week => {
            let week = date.iso_week_date();
            write!(f, "{:04}{dash}W{:02}{dash}{}", week.year(), week.week(), week.weekday().to_monday_one_offset())
        }
    }
}

fn write_zone(f: &mut fmt::Formatter<'_>, zone: Zone) -> fmt::Result {
    let (offset, form) = match zone {
        Zone::None => return Ok(()),
        Zone::Z { lower } => return f.write_str(if lower { "z" } else { "Z" }),
        Zone::Offset(_, OffsetForm::NegativeZero) => return f.write_str("-00:00"),
        Zone::Offset(offset, form) => (offset, form),
    };
    let (sign, minutes) = (if offset.seconds() < 0 { '-' } else { '+' }, offset.seconds().abs() / 60);
    write!(f, "{sign}{:02}", minutes / 60)?;
    match form {
        OffsetForm::Colon | OffsetForm::NegativeZero => write!(f, ":{:02}", minutes % 60),
        OffsetForm::Basic => write!(f, "{:02}", minutes % 60),
        OffsetForm::Hours => Ok(()),
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
