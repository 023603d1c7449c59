//! The time zones of a query's customers.
//!
//! Customers that share a zone get buckets of that zone. Otherwise every event is placed at its customer's local time, and buckets are laid
//! out as if local times were UTC.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::query::customer_scope::CustomerScope;
use crate::typed_value::parse_timestamp;

/// A time zone and its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedZone {
    pub(crate) name: String,
    pub(crate) zone: TimeZone,
}

/// The zones of all customers.
#[derive(Clone, Debug)]
pub(crate) struct CustomerZones {
    pub(crate) default: NamedZone,
    pub(crate) by_customer: BTreeMap<i64, NamedZone>,
}

/// The zone of a query.
#[derive(Clone, Debug)]
pub(crate) enum QueryZone {
    /// All customers share this one.
    Shared(NamedZone),
    /// Customers have different ones.
    Local(CustomerZones),
}

impl CustomerZones {
    fn zone(&self, customer: i64) -> &NamedZone {
        self.by_customer.get(&customer).unwrap_or(&self.default)
    }

    /// The zone of a query about these customers; `customers` are all that exist.
    pub(crate) fn of_query(&self, scope: &CustomerScope, customers: &[i64]) -> QueryZone {
        let customers = match scope {
            CustomerScope::All => customers,
            CustomerScope::Only(ids) => ids,
        };
        let first = customers.first().map_or(&self.default, |customer| self.zone(*customer));
        let shared = customers.iter().all(|customer| self.zone(*customer).name == first.name);
        if shared { QueryZone::Shared(first.clone()) } else { QueryZone::Local(self.clone()) }
    }
}

impl QueryZone {
    /// The zone of the buckets.
    pub(crate) fn bucket_zone(&self) -> TimeZone {
        match self {
            Self::Shared(named) => named.zone.clone(),
            Self::Local(_) => TimeZone::UTC,
        }
    }

    /// Parses a parameter. Times with an offset are converted, as documented. Times without one are undocumented; they are taken as local
    /// times of the zone.
    pub(crate) fn parse(&self, text: &str) -> Option<Timestamp> {
        parse_timestamp(text, &self.bucket_zone())
    }

    /// The position of a customer's event among the buckets.
    pub(crate) fn position(&self, at: Timestamp, customer: Option<i64>) -> Timestamp {
        match self {
            Self::Shared(_) => at,
            Self::Local(zones) => {
                let zone = customer.map_or(&zones.default, |customer| zones.zone(customer));
                TimeZone::UTC.to_timestamp(zone.zone.to_datetime(at)).unwrap_or(at)
            }
        }
    }

    /// The zone that a customer's series states; `None` if all share one.
    pub(crate) fn series_zone(&self, customer: Option<i64>) -> Option<&str> {
        match self {
            Self::Shared(_) => None,
            Self::Local(zones) => Some(&customer.map_or(&zones.default, |customer| zones.zone(customer)).name),
        }
    }

    /// A bucket as the documented examples print it: with milliseconds, and with an offset unless buckets are local.
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
