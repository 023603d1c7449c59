//! What is known of a report's numbers: whether they add up, and how far they lag behind.
//!
//! The spec writes the short forms `[customers, time]`, `never` and `~15 minutes`; JSON of the model has the parts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::period::Period;
use crate::vocabulary::{Dimension, Provenance};

/// Over which dimensions the values of a metric may be added up. An unknown additivity has no value of this type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adds {
    /// The dimensions; empty if values never add up.
    pub over: Vec<Dimension>,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}

impl Adds {
    /// Whether values never add up, as a count of distinct things does not.
    pub const fn is_never(&self) -> bool {
        self.over.is_empty()
    }

    /// Over what values add up, for people: `over customers, time and labels`, or `never`.
    pub fn describe(&self) -> String {
        let over: Vec<&str> = self.over.iter().map(|dimension| dimension.word()).collect();
        match over.as_slice() {
            [] => "never".into(),
            [one] => format!("over {one}"),
            [others @ .., last] => format!("over {} and {last}", others.join(", ")),
        }
    }

    /// The same as a sentence, with how it is known unless a page states it.
    pub fn sentence(&self) -> String {
        let note = match self.provenance {
            Provenance::Documented => String::new(),
            other => format!(" ({})", other.describe()),
        };
        if self.is_never() { format!("Values never add up{note}.") } else { format!("Values add up {}{note}.", self.describe()) }
    }
}

/// How far the data of a report lag behind. Prints as pages do: `~15 minutes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataLag {
    /// The lag.
    pub period: Period,
    /// Whether the page says that it is approximate.
    #[serde(default)]
    pub approximate: bool,
    /// How this is known.
    #[serde(default)]
    pub provenance: Provenance,
}

impl DataLag {
    /// Whether both have the same length, in the same words.
    pub fn same_length(&self, other: &Self) -> bool {
        (self.period, self.approximate) == (other.period, other.approximate)
    }
}

impl fmt::Display for DataLag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.approximate { "~" } else { "" }, self.period)
    }
}

impl FromStr for DataLag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (period, approximate) = text.strip_prefix('~').map_or((text, false), |rest| (rest, true));
        let period = Period::try_from(period.to_owned())
            .map_err(|_| format!("`{text}` is not a data lag; write for example `15 minutes` or `~15 minutes`"))?;
        Ok(Self { period, approximate, provenance: Provenance::Documented })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_lag_prints_as_it_is_written() {
        for text in ["~15 minutes", "15 minutes", "~1 hour", "2 days"] {
            assert_eq!(text.parse::<DataLag>().map(|lag| lag.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "~", "soon", "~~15 minutes", "~ 15 minutes", "15", "about 15 minutes", "15 minutes~"] {
            assert!(text.parse::<DataLag>().is_err(), "{text}");
        }
    }

    #[test]
    fn additivity_names_its_dimensions() {
        let adds = |over: &[Dimension]| Adds { over: over.to_vec(), ..Adds::default() };
        assert_eq!(adds(&[]).describe(), "never");
        assert_eq!(adds(&[Dimension::Customers, Dimension::Labels]).describe(), "over customers and labels");
        assert_eq!(adds(Dimension::ALL).describe(), "over customers, time and labels");
    }
}
