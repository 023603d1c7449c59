//! The time zones of a query's customers. In come the customers; out comes the one zone that they share, or that each has its own:
//! then every customer's events stand at the time of its own wall clock, and that is written as if it were UTC.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::customers::Scope;

/// The zone of customers of which nobody said another. It is that of the documented example.
pub(crate) const USUAL_ZONE: &str = "Europe/Oslo";

/// A zone and its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) zone: TimeZone,
}

/// The zones of all customers.
#[derive(Clone, Debug)]
pub(crate) struct Zones {
    pub(crate) usual: Named,
    pub(crate) of: BTreeMap<i64, Named>,
}

/// The zones of a query.
#[derive(Clone, Debug)]
pub(crate) enum Times {
    /// All customers have this one.
    Shared(Named),
    /// They have different ones.
    Local(Zones),
}

impl Zones {
    fn zone(&self, club: i64) -> &Named {
        self.of.get(&club).unwrap_or(&self.usual)
    }

    /// The zones of the customers that a query is about.
    pub(crate) fn times(&self, scope: &Scope, clubs: &[i64]) -> Times {
        let clubs = match scope {
            Scope::All => clubs,
            Scope::Clubs(ids) => ids,
        };
        let first = clubs.first().map_or(&self.usual, |club| self.zone(*club));
        let shared = clubs.iter().all(|club| self.zone(*club).name == first.name);
        if shared { Times::Shared(first.clone()) } else { Times::Local(self.clone()) }
    }
}

impl Times {
    /// The zone in which buckets are laid out.
    pub(crate) fn grid_zone(&self) -> TimeZone {
        match self {
            Self::Shared(named) => named.zone.clone(),
            Self::Local(_) => TimeZone::UTC,
        }
    }

    /// The instant that a parameter means. One with an offset is translated, as documented. What the server makes of one without is
    /// not: here it is a time of the range's zone.
    pub(crate) fn read(&self, text: &str) -> Option<Timestamp> {
        crate::value::instant(text, &self.grid_zone())
    }

    /// Where an event of that customer stands on the grid.
    pub(crate) fn place(&self, at: Timestamp, club: Option<i64>) -> Timestamp {
        match self {
            Self::Shared(_) => at,
            Self::Local(zones) => {
                let zone = club.map_or(&zones.usual, |club| zones.zone(club));
                TimeZone::UTC.to_timestamp(zone.zone.to_datetime(at)).unwrap_or(at)
            }
        }
    }

    /// The zone that a customer's series tells of; none where all share one.
    pub(crate) fn of_series(&self, club: Option<i64>) -> Option<&str> {
        match self {
            Self::Shared(_) => None,
            Self::Local(zones) => Some(&club.map_or(&zones.usual, |club| zones.zone(club)).name),
        }
    }

    /// A bucket as the examples print it: three digits of subseconds, and an offset unless the buckets are local.
    pub(crate) fn print(&self, at: Timestamp) -> String {
        match self {
            Self::Local(_) => format!("{:.3}", TimeZone::UTC.to_datetime(at)),
            Self::Shared(named) => {
                let seconds = named.zone.to_offset(at).seconds();
                let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
                format!("{:.3}{sign}{:02}:{:02}", named.zone.to_datetime(at), minutes / 60, minutes % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Named {
        Named { name: name.into(), zone: TimeZone::get(name).expect("a zone") }
    }

    #[test]
    fn one_zone_or_several() {
        let zones = Zones { usual: named("Europe/Oslo"), of: BTreeMap::from([(2, named("America/Denver"))]) };
        let at: Timestamp = "2024-04-29T22:00:00Z".parse().expect("an instant");
        let shared = zones.times(&Scope::Clubs(vec![1, 3]), &[]);
        assert_eq!(shared.print(at), "2024-04-30T00:00:00.000+02:00");
        assert_eq!((shared.place(at, Some(1)), shared.of_series(Some(1))), (at, None));
        assert_eq!(shared.read("2024-04-30T00:00:00.000"), Some(at), "the wall clock of the zone");
        let denver = zones.times(&Scope::Clubs(vec![2]), &[]);
        assert_eq!(denver.print(at), "2024-04-29T16:00:00.000-06:00");
        let local = zones.times(&Scope::All, &[1, 2]);
        assert_eq!(local.print(local.place(at, Some(1))), "2024-04-30T00:00:00.000");
        assert_eq!(local.print(local.place(at, Some(2))), "2024-04-29T16:00:00.000");
        assert_eq!(local.of_series(Some(2)), Some("America/Denver"));
        assert_eq!(local.read("2024-04-29T22:00:00.000"), Some(at), "UTC");
    }
}
