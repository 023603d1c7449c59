//! What each probe asks, what it costs, and what cannot be asked without guessing.

use placewise_model::{Endpoint, Filterability, Format, Model, Provenance, Report, RequestKey, Type};
use serde_json::{Value, json};

use super::role::Role;
use crate::terminal::plural;

/// What a probe costs. An unknown cost is none, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Price {
    pub requests: (u64, u64),
    pub at_least: Option<u64>,
    pub at_most: Option<u64>,
}

impl Price {
    const FREE: Self = Self { requests: (0, 0), at_least: Some(0), at_most: Some(0) };

    fn of(requests: (u64, u64), report: Option<&Report>, more: bool) -> Self {
        let documented = |report: &&Report| matches!(report.provenance, Provenance::Documented | Provenance::Example);
        let cost = report.filter(documented).and_then(|report| report.cost).map(u64::from);
        let at_most = cost.filter(|_| !more).map(|cost| cost * requests.1);
        Self { requests, at_least: cost.map(|cost| cost * requests.0), at_most }
    }

    /// Of requests to an endpoint.
    pub(crate) fn at(endpoint: &Endpoint, requests: (u64, u64)) -> Self {
        let cost = endpoint.cost.map(u64::from);
        Self { requests, at_least: cost.map(|cost| cost * requests.0), at_most: cost.map(|cost| cost * requests.1) }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        let sum = |one: Option<u64>, other: Option<u64>| Some(one? + other?);
        Self {
            requests: (self.requests.0 + other.requests.0, self.requests.1 + other.requests.1),
            // What is not known costs something all the same.
            at_least: Some(self.at_least.unwrap_or(0) + other.at_least.unwrap_or(0))
                .filter(|tokens| *tokens > 0 || self.at_least.is_some() && other.at_least.is_some()),
            at_most: sum(self.at_most, other.at_most),
        }
    }

    pub(crate) fn text(self) -> String {
        let (least, most) = self.requests;
        let requests = if least == most { plural(least, "request") } else { format!("{least} to {}", plural(most, "request")) };
        let tokens = match (self.at_least, self.at_most) {
            (Some(0), Some(0)) if most == 0 => return "nothing more to ask".into(),
            (Some(least), Some(most)) if least == most => plural(least, "token"),
            (Some(least), Some(most)) => format!("{least} to {}", plural(most, "token")),
            (Some(least), None) if least > 0 => format!("{} or more", plural(least, "token")),
            _ => "an unknown number of tokens".into(),
        };
        format!("{requests}, {tokens}")
    }

    pub(crate) fn json(self) -> Value {
        json!({
            "requests": { "at_least": self.requests.0, "at_most": self.requests.1 },
            "tokens": { "at_least": self.at_least, "at_most": self.at_most },
        })
    }
}

/// What a probe asks, and its price.
pub(crate) struct Planned {
    pub id: String,
    pub asks: &'static str,
    pub price: Price,
}

/// The queries that every probe is compared with.
pub(crate) fn control(model: &Model) -> Price {
    Price::of((2, 12), cheapest(model, Format::Records), false)
}

/// Every report alone, and those of rows with filters.
pub(crate) fn facts(model: &Model) -> Planned {
    let of = |format| model.reports.iter().filter(move |report| report.format == format);
    let (rows, charts) = (of(Format::Records), of(Format::Timeseries));
    let known = |reports: Vec<&Report>| reports.iter().filter_map(|report| report.cost).map(u64::from).sum::<u64>();
    let refused = |report: &Report| {
        report.fields.iter().filter(|field| matches!(field.filterable, Filterability::No | Filterability::UnknownStrict)).count()
    };
    let count = |reports: usize| u64::try_from(reports).unwrap_or(u64::MAX);
    let plain = count(rows.clone().count() + charts.clone().count());
    let filtered = count(rows.clone().map(|report| 3 + refused(report)).sum());
    let least = 2 * known(rows.chain(charts).collect());
    let price = Price { requests: (2 * plain, 2 * (plain + filtered) + 6), at_least: Some(least), at_most: None };
    Planned { id: "facts".into(), asks: "every report alone, and with filters", price }
}

fn cheapest(model: &Model, format: Format) -> Option<&Report> {
    let reports = model.reports.iter().filter(|report| report.format == format);
    reports.min_by_key(|report| (report.cost.is_none(), report.cost, report.fields.is_empty(), report.aggregations.is_empty()))
}

/// What the probe of a role asks.
pub(crate) fn planned(model: &Model, id: &str, role: Role) -> Planned {
    let limit = &model.api.rate_limit;
    let (rows, chart) = (cheapest(model, Format::Records), cheapest(model, Format::Timeseries));
    let filters = model.filter.operators.equal.cost.assumption.is_some();
    let aggregations = limit.aggregation_cost.assumption.is_some();
    let of_format = |format| cheapest(model, format);
    let (asks, price) = match role {
        Role::Key(format, RequestKey::PageSize) => ("a page of one row", Price::of((2, 28), of_format(format), false)),
        Role::Key(format, RequestKey::Cursor) => ("the second page", Price::of((2, 30), of_format(format), false)),
        Role::Key(format, RequestKey::Aggregation) => {
            ("a query with an aggregation", Price::of((2, 60), of_format(format), aggregations))
        }
        Role::Key(format, RequestKey::Filter) => {
            ("a query with a filter that nothing matches", Price::of((2, 28), of_format(format), filters))
        }
        Role::Key(format, RequestKey::Interval) => {
            ("a chart with and without an interval", Price::of((4, 60), of_format(format), false))
        }
        Role::Key(format, _) => {
            ("a query with a value that fits and one that does not", Price::of((4, 60), of_format(format), true))
        }
        Role::Path(index) => match model.endpoints.get(index) {
            Some(endpoint) => of_path(model, endpoint),
            None => ("nothing", Price::FREE),
        },
        Role::ReportKey(index) | Role::FieldKey(index) => {
            ("a request with a value that fits and one that does not", of_endpoint(model, index, (6, 54)))
        }
        Role::QueryBody(index) => ("a request with a query as its body", of_endpoint(model, index, (4, 4))),
        Role::NullCursor => ("a page that is surely the last", Price::of((2, 6), rows, filters)),
        Role::EmptyCursor => ("the page that a cursor without text leads to", Price::of((2, 4), rows, false)),
        Role::DefaultPageSize => ("pages without a size", Price::of((0, 16), rows, true)),
        Role::MostPageSize => ("a page of one row more than may be", Price::of((2, 4), rows, false)),
        Role::Zone => ("rows by their timestamps, with offsets", Price::of((2, 24), rows, true)),
        Role::TimePoints => ("ranges of the most time points, one more and one less", Price::of((4, 12), chart, false)),
        Role::BeyondRetention => ("a range before the retention and one that is kept", Price::of((4, 8), chart, false)),
        Role::OperatorCost(_) => ("a query with such a node in its filter", Price::of((2, 12), rows, true)),
        Role::AggregationCost => ("a query with an aggregation", Price::of((2, 6), rows, true)),
        Role::UnknownCost => ("a report whose cost is not stated", Price::of((2, 4), None, true)),
        Role::SeveralPrefixed => ("two customers, written in both ways", Price::of((4, 8), rows, false)),
        Role::OneBucket => ("a query about one customer", Price::of((0, 2), rows, false)),
        Role::SeveralBucket => ("a query about several customers", Price::of((0, 2), rows, false)),
        Role::Capacity => ("one query three times, with pauses of 1 and 2 seconds", Price::of((3, 3), rows, false)),
        Role::Refill => ("one query many times a second, to see the bucket gain tokens", Price::of((0, 40), rows, false)),
        Role::LimitHeaders => ("the headers of other replies", Price::FREE),
        Role::Types => ("rows, to see whether one has a null", Price::of((0, 6), None, true)),
        Role::BothPermits => ("nothing", Price::FREE),
    };
    Planned { id: id.to_owned(), asks, price }
}

fn of_path(model: &Model, endpoint: &Endpoint) -> (&'static str, Price) {
    match Format::ALL.iter().copied().find(|format| model.endpoint_of(*format) == endpoint.name) {
        Some(format) => ("one query of the format", Price::of((2, 12), cheapest(model, format), true)),
        None => ("a request there and one beside it", Price::at(endpoint, (4, 4))),
    }
}

fn of_endpoint(model: &Model, index: usize, requests: (u64, u64)) -> Price {
    model.endpoints.get(index).map_or(Price::FREE, |endpoint| Price::at(endpoint, requests))
}

/// Why nothing can be asked about a role; none if something can.
pub(crate) fn unprobable(model: &Model, role: Role, customers: usize, all: bool) -> Option<String> {
    let endpoint = |index: usize| model.endpoints.get(index);
    match role {
        Role::Path(index) => {
            let endpoint = endpoint(index)?;
            let Some(path) = &endpoint.path.value else {
                let id = endpoint.path.assumption.as_deref().unwrap_or_default();
                return Some(format!(
                    "the path of `{}` is not known, and none is guessed; if you know it, add --assume {id}=/…",
                    endpoint.name
                ));
            };
            if path.contains('{') {
                return Some(format!("what the names in braces of `{path}` stand for is not known"));
            }
            let format = Format::ALL.iter().any(|format| model.endpoint_of(*format) == endpoint.name);
            if format { no_report(model, role) } else { may_write(endpoint) }
        }
        Role::ReportKey(index) | Role::FieldKey(index) | Role::QueryBody(index) => {
            let endpoint = endpoint(index)?;
            if endpoint.path.value.is_none() {
                return Some(without_path(endpoint));
            }
            may_write(endpoint)
        }
        Role::Key(format, _) => {
            let endpoint = model.endpoint(model.endpoint_of(format))?;
            endpoint.path.value.is_none().then(|| without_path(endpoint)).or_else(|| no_report(model, role))
        }
        Role::TimePoints | Role::BeyondRetention => {
            let endpoint = model.endpoint(model.endpoint_of(Format::Timeseries))?;
            endpoint.path.value.is_none().then(|| without_path(endpoint))
        }
        Role::BothPermits => {
            Some("it takes a token that has only one of the two permits, and the permits of a token cannot be read".into())
        }
        Role::SeveralPrefixed if customers < 2 => Some("it takes two customers; name them with --customers 1,2".into()),
        Role::SeveralBucket if customers < 2 && !all => {
            Some("it takes two customers; name them with --customers 1,2, or all".into())
        }
        Role::OneBucket if customers == 0 => Some("it takes the id of a customer; name one with --customers 1".into()),
        Role::UnknownCost if model.reports.iter().all(|report| report.cost.is_some()) => {
            Some("the cost of every report is stated".into())
        }
        Role::AggregationCost if model.reports.iter().all(|report| report.aggregations.is_empty()) => {
            Some("no aggregation of a report is known".into())
        }
        Role::Zone => {
            let has_time = |report: &Report| {
                report.fields.iter().any(|field| {
                    matches!(field.ty, Type::Timestamp)
                        && !matches!(field.filterable, Filterability::No | Filterability::Header(_))
                })
            };
            let none = !model.reports.iter().any(|report| report.format == Format::Records && has_time(report));
            none.then(|| "no report of rows has a timestamp that may be filtered".into())
        }
        _ => None,
    }
}

fn without_path(endpoint: &Endpoint) -> String {
    let id = endpoint.path.assumption.as_deref().unwrap_or_default();
    format!("the path of `{}` is not known; if you know it, add --assume {id}=/…", endpoint.name)
}

fn may_write(endpoint: &Endpoint) -> Option<String> {
    let reads = endpoint.only_reads || endpoint.method.eq_ignore_ascii_case("GET");
    (!reads).then(|| {
        format!("nothing says that a call of `{}` only reads, so none is made for a test; a recording can show it", endpoint.name)
    })
}

fn no_report(model: &Model, role: Role) -> Option<String> {
    let format = match role {
        Role::Key(format, _) => format,
        Role::Path(index) => {
            let name = &model.endpoints.get(index)?.name;
            Format::ALL.iter().copied().find(|format| model.endpoint_of(*format) == name)?
        }
        _ => return None,
    };
    (!model.reports.iter().any(|report| report.format == format)).then(|| format!("no report has the format {}", format.word()))
}
