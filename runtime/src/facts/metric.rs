//! What is known of numbers: over what they add up, and how far they lag behind.

use std::fmt;

use super::vocabulary::Provenance;
use crate::time::period::Period;

/// Over what the values of a metric add up. All flags are false if they never do, as for a count of distinct members.
///
/// What is not documented is `None` at the places that hold this: such values must not be added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Adds {
    /// Whether values of several customers add up.
    pub customers: bool,
    /// Whether values of successive times add up.
    pub time: bool,
    /// Whether values of series with different labels add up, or of rows that differ in what they are grouped by.
    pub labels: bool,
    /// How this is known.
    pub provenance: Provenance,
}

impl Adds {
    /// Values never add up.
    pub const NEVER: Self = Self { customers: false, time: false, labels: false, provenance: Provenance::Documented };

    /// Values of several customers add up.
    pub const fn over_customers(self) -> Self {
        Self { customers: true, ..self }
    }

    /// Values of successive times add up.
    pub const fn over_time(self) -> Self {
        Self { time: true, ..self }
    }

    /// Values of series with different labels add up.
    pub const fn over_labels(self) -> Self {
        Self { labels: true, ..self }
    }

    /// Whether pages or responses show it. What is only assumed must not be added up.
    pub const fn is_known(self) -> bool {
        matches!(self.provenance, Provenance::Documented | Provenance::Example | Provenance::Inferred)
    }

    /// Known in this way. Default: documented.
    pub const fn known_as(self, provenance: Provenance) -> Self {
        Self { provenance, ..self }
    }
}

/// How far data lag behind. Prints as documentation does: `~15 minutes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DataLag {
    /// The lag.
    pub period: Period,
    /// Whether the documentation says that it is approximate.
    pub approximate: bool,
    /// How this is known.
    pub provenance: Provenance,
}

impl DataLag {
    /// A documented lag of exactly this length.
    pub const fn of(period: Period) -> Self {
        Self { period, approximate: false, provenance: Provenance::Documented }
    }

    /// The same, approximately.
    pub const fn approximate(self) -> Self {
        Self { approximate: true, ..self }
    }

    /// Known in this way. Default: documented.
    pub const fn known_as(self, provenance: Provenance) -> Self {
        Self { provenance, ..self }
    }
}

impl fmt::Display for DataLag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.approximate { "~" } else { "" }, self.period)
    }
}
