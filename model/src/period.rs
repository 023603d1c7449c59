//! Lengths of time as the documentation writes them: `5 minutes`, `1 month`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A length of time in one unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    /// The number of units, at least 1.
    pub count: u32,
    /// The unit.
    pub unit: Unit,
}

/// A unit of the calendar. Days and longer ones have no fixed length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday.
    Week,
    /// From the first to the first.
    Month,
    /// From the first of January to the first of January.
    Year,
}

impl Unit {
    /// Every unit, shortest first.
    pub const ALL: &[Self] = &[Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// The unit's name in the singular.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.count, self.unit.word(), if self.count == 1 { "" } else { "s" })
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = |text: &str| {
            let (count, word) = text.split_once(' ')?;
            let count = count.parse().ok().filter(|count| *count > 0)?;
            let unit = Unit::ALL.iter().copied().find(|unit| word.strip_suffix('s').unwrap_or(word) == unit.word())?;
            Some(Self { count, unit })
        };
        read(&text).ok_or_else(|| format!("`{text}` is not a length of time; write for example `5 minutes` or `1 month`"))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A length of time: `5 minutes`, `1 hour`, `2 years`.",
            "type": "string",
            "pattern": "^[1-9][0-9]{0,5} (minute|hour|day|week|month|year)s?$"
        })
    }
}

/// How long data are retained: a length of time, or none for `forever`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Retention(pub Option<Period>);

impl From<Retention> for String {
    fn from(retention: Retention) -> Self {
        retention.0.map_or_else(|| "forever".into(), Self::from)
    }
}

impl TryFrom<String> for Retention {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "forever" { Ok(Self(None)) } else { Period::try_from(text).map(|period| Self(Some(period))) }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Retention {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Retention".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A length of time: `14 days`, `2 years`, or the word `forever`.",
            "type": "string",
            "pattern": "^(forever|[1-9][0-9]{0,5} (minute|hour|day|week|month|year)s?)$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back() {
        for text in ["5 minutes", "1 hour", "14 days", "1 week", "6 months", "2 years"] {
            assert_eq!(Period::try_from(text.to_owned()).map(|period| period.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "5", "5m", "0 days", "-1 days", "5  minutes", "5 fortnights", "5 minutes "] {
            assert!(Period::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
