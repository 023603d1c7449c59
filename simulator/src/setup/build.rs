//! Builds a simulated API from the builder's settings and checks them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use placewise_model::{Format, Model, Report, nearest};

use crate::api::reply::CannedReply;
use crate::api::request_log::RequestLog;
use crate::api::simulated_api::SimulatedApi;
use crate::charts::time_zones::{CustomerZones, NamedZone};
use crate::data::field_roles::{customer_index, customer_of, row_id_index};
use crate::data::given_rows::GivenRows;
use crate::data::json_rows::{self, Lines};
use crate::data::report_data::{DataSettings, ReportData};
use crate::data::row::Row;
use crate::data::simulate_sources;
use crate::faults::account::OrderedFaults;
use crate::limits::rate_limit::{Drain, RateLimit, system_clock};
use crate::query::customer_scope::{self, CustomerScope};
use crate::setup::overrides::apply_overrides;
use crate::setup::simulator::{DataSource, Simulator};
use crate::start_error::StartError;

/// Customers if neither the user nor the model names any.
const DEFAULT_CUSTOMERS: [i64; 3] = [1, 2, 3];

impl Simulator {
    /// Builds the simulated API, to be called without HTTP.
    ///
    /// # Errors
    /// If a name is unknown, provided rows do not fit the spec, or the model cannot be simulated.
    pub fn build(self) -> Result<SimulatedApi, StartError> {
        let mut model = self.model;
        // Overrides may make ids nullable, but not turn another field into the id.
        let row_ids: Vec<_> = model.reports.iter().map(|report| row_id_index(&model, report)).collect();
        let null_ids = apply_overrides(&mut model, &self.overrides)?;
        check_formats(&model)?;
        self.faults.check().and_then(|()| self.faults.check_names(&model)).map_err(StartError::Faults)?;
        simulate_sources::check(&model)?;
        let zone = find_zone(&model.records.zoneless_timestamps_in.value)?;
        let given_rows = read_data(&model, self.data, &row_ids, &zone)?;
        if let Some(id) = self.customers.iter().flatten().copied().find(|id| *id < 1) {
            return Err(StartError::CustomerId { id });
        }
        let customers = self.customers.unwrap_or_else(|| example_customers(&model));
        let all_customers = all_customers(&model, &customers, &given_rows);
        let slugs = known_slugs(&model, self.slugs, &customers, &all_customers)?;
        let customer_zones = read_zones(&model, self.zones, &all_customers)?;
        let canned_replies = read_canned_replies(&model, self.canned_replies)?;
        let limits = &model.api.rate_limit;
        let rate_limit_clock = self.rate_limit_clock.unwrap_or_else(system_clock);
        if !(0.0..=1.0).contains(&self.drain) {
            return Err(StartError::Drain { most: self.drain });
        }
        let drain = Drain { most: self.drain, seed: self.seed };
        let rate_limit = RateLimit::new(limits.capacity.value, limits.refill.value, drain, rate_limit_clock);
        let clock = self.clock.unwrap_or_else(|| Arc::new(Timestamp::now));
        let settings = DataSettings {
            seed: self.seed,
            row_count: self.rows,
            with_optional: self.with_optional,
            null_ids,
            row_ids,
            customers,
            start: clock(),
            given_rows,
        };
        Ok(SimulatedApi {
            zone,
            customer_zones,
            clock,
            strict: self.strict,
            customers: all_customers,
            slugs,
            attributes: self.attributes,
            tokens: self.tokens,
            rate_limit,
            data: ReportData::new(model.reports.len(), settings),
            canned_replies,
            cache: Mutex::default(),
            faults: OrderedFaults::new(self.faults),
            log: RequestLog::new(self.listener),
            model,
        })
    }
}

fn find_zone(name: &str) -> Result<TimeZone, StartError> {
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    TimeZone::get(name).map_err(|_| StartError::Zone { name: name.to_owned() })
}

fn known_slugs(
    model: &Model,
    slugs: Vec<(String, i64)>,
    customers: &[i64],
    all_customers: &[i64],
) -> Result<Vec<(String, i64)>, StartError> {
    if let Some((slug, id)) = slugs.iter().find(|(_, id)| !all_customers.contains(id)) {
        return Err(StartError::UnknownCustomer { id: *id, setting: format!("slug `{slug}`") });
    }
    if slugs.is_empty() {
        let example = model.api.headers.loyalty_club_slug.example.clone();
        return Ok(example.into_iter().zip(customers.first().copied()).collect());
    }
    Ok(slugs)
}

/// The zones of customers; of several for one customer the last counts.
fn read_zones(model: &Model, zones: Vec<(i64, String)>, all_customers: &[i64]) -> Result<CustomerZones, StartError> {
    let named = |name: String| Ok(NamedZone { zone: find_zone(&name)?, name });
    let mut by_customer = BTreeMap::new();
    for (id, name) in zones {
        if !all_customers.contains(&id) {
            return Err(StartError::UnknownCustomer { id, setting: format!("time zone `{name}`") });
        }
        by_customer.insert(id, named(name)?);
    }
    let default = model.timeseries.response.example_zone.as_deref().unwrap_or("UTC");
    Ok(CustomerZones { default: named(default.to_owned())?, by_customer })
}

/// Canned replies by endpoint; of several for one endpoint the last counts.
fn read_canned_replies(model: &Model, replies: Vec<(String, CannedReply)>) -> Result<BTreeMap<String, CannedReply>, StartError> {
    if let Some((name, _)) = replies.iter().find(|(name, _)| model.endpoint(name).is_none()) {
        let known = model.endpoints.iter().map(|endpoint| endpoint.name.as_str());
        return Err(StartError::UnknownEndpoint { name: name.clone(), nearest: nearest(name, known).map(str::to_owned) });
    }
    Ok(replies.into_iter().collect())
}

/// Checks that pages can end and that requests can be read.
fn check_formats(model: &Model) -> Result<(), StartError> {
    let wrong = |assumption: &Option<String>, problem: &str| {
        Err(StartError::AssumptionValue { id: assumption.clone().unwrap_or_default(), problem: problem.to_owned() })
    };
    let records = &model.records;
    if model.endpoint(&records.endpoint).is_none() {
        return Err(StartError::MissingEndpoint { endpoint: records.endpoint.clone() });
    }
    for size in [&records.default_page_size, &records.most_page_size] {
        if size.value == 0 {
            return wrong(&size.assumption, "a page holds at least one row");
        }
    }
    for format in Format::ALL {
        let keys = model.request_keys(*format);
        for (index, (_, key)) in keys.iter().enumerate() {
            if keys[..index].iter().any(|(_, other)| other.value == key.value) {
                return wrong(&key.assumption, &format!("the request already has a key `{}`", key.value));
            }
        }
    }
    Ok(())
}

/// Reads and checks all provided rows; by index of the report.
fn read_data(
    model: &Model,
    data: Vec<(String, DataSource)>,
    row_ids: &[Option<usize>],
    zone: &TimeZone,
) -> Result<HashMap<usize, Vec<Row>>, StartError> {
    let mut read: HashMap<usize, GivenRows<'_>> = HashMap::new();
    for (name, source) in data {
        let Some(index) = model.reports.iter().position(|report| report.name == name) else {
            let known = model.reports.iter().map(|report| report.name.as_str());
            return Err(StartError::UnknownReport { nearest: nearest(&name, known).map(str::to_owned), name });
        };
        let report = &model.reports[index];
        if report.format != Format::Records {
            return Err(StartError::NoRows { report: name });
        }
        let (source, lines) = read_source(model, report, source)?;
        // Rows of a report that derives from another have no id of their own.
        let row_id = row_ids.get(index).copied().flatten().filter(|_| report.simulate.is_none());
        read.entry(index).or_insert_with(|| GivenRows::new(report, row_id)).add(source, lines, zone)?;
    }
    Ok(read.into_iter().map(|(index, given)| (index, given.rows)).collect())
}

/// The name of a source, and its rows.
fn read_source(model: &Model, report: &Report, source: DataSource) -> Result<(Option<String>, Lines), StartError> {
    match source {
        DataSource::Rows(name, rows) => Ok((name, rows.into_iter().map(|(line, row)| (line, Ok(row))).collect())),
        DataSource::Text(name, text) => Ok((Some(name), json_rows::read(model, report, &text))),
        DataSource::File(path) => match std::fs::read_to_string(&path) {
            Ok(text) => Ok((Some(path.display().to_string()), json_rows::read(model, report, &text))),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(StartError::DataEncoding { path }),
            Err(error) => Err(StartError::DataFile { path, error }),
        },
    }
}

/// The customers of the customer header's documented example.
fn example_customers(model: &Model) -> Vec<i64> {
    let example = model.api.headers.customer.example.as_deref();
    match example.map(|example| customer_scope::read(example, &model.api.customers, &[])) {
        Some(Ok(CustomerScope::Only(ids))) => ids,
        _ => DEFAULT_CUSTOMERS.to_vec(),
    }
}

/// All customers that requests may name, ascending, including those of provided rows.
fn all_customers(model: &Model, customers: &[i64], given_rows: &HashMap<usize, Vec<Row>>) -> Vec<i64> {
    let mut all = customers.to_vec();
    for (index, rows) in given_rows {
        if let Some(field) = customer_index(model, &model.reports[*index].fields) {
            all.extend(rows.iter().filter_map(|row| customer_of(row, field)));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}
