//! From what the user wants to a service that can answer. In comes a simulator as it was built; out comes a service, or what keeps it
//! from starting.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use placewise_model::{Format, Model, Report, Setting};

use crate::answers::Given;
use crate::builder::{Simulator, Source};
use crate::customers::{self, Scope};
use crate::data::{read_lines, read_rows};
use crate::error::{StartError, nearest};
use crate::generate::{club_of, is_club};
use crate::limit::{Limiter, real_clock};
use crate::row::Row;
use crate::service::Service;
use crate::settings::{find_zone, override_at};
use crate::tables::{self, Recipe, Tables};
use crate::timeseries::zones::{Named, USUAL_ZONE, Zones};

/// Clubs where neither the user nor the model names any.
const CLUBS: [i64; 3] = [1, 2, 3];

/// Makes a service.
pub(crate) fn service(mut wanted: Simulator) -> Result<Service, StartError> {
    let null_ids = override_at(&mut wanted.model, &wanted.assumptions)?;
    let model = wanted.model;
    sane(&model)?;
    tables::check(&model)?;
    let zone = find_zone(&model.records.zoneless_timestamps_in.value)?;
    let data = read_data(&model, wanted.data, &zone)?;
    if let Some(id) = wanted.customers.iter().flatten().copied().find(|id| *id < 1) {
        return Err(StartError::CustomerId { id });
    }
    let clubs = wanted.customers.unwrap_or_else(|| example_clubs(&model));
    let known_clubs = known_clubs(&model, &clubs, &data);
    let slugs = known_slugs(&model, wanted.slugs, &clubs, &known_clubs)?;
    let zones = read_zones(wanted.zones, &known_clubs)?;
    let replies = read_replies(&model, wanted.replies)?;
    let limits = &model.api.rate_limit;
    let limiter = Limiter::new(limits.capacity.value, limits.refill.value, wanted.clock.unwrap_or_else(real_clock));
    let now = wanted.now.unwrap_or_else(|| Arc::new(Timestamp::now));
    let recipe = Recipe {
        seed: wanted.seed,
        count: wanted.rows,
        with_optional: wanted.with_optional,
        null_ids,
        clubs,
        start: now(),
        data,
    };
    let tables = Tables::new(model.reports.len(), recipe);
    Ok(Service {
        zone,
        zones,
        now,
        strict: wanted.strict,
        known_clubs,
        slugs,
        described: wanted.described,
        tokens: wanted.tokens,
        limiter,
        tables,
        replies,
        recent: Mutex::default(),
        refusals: Mutex::default(),
        model,
    })
}

/// The slugs of customers; without any, the documented example stands for the first one.
fn known_slugs(model: &Model, slugs: Vec<(String, i64)>, clubs: &[i64], known: &[i64]) -> Result<Vec<(String, i64)>, StartError> {
    if let Some((slug, id)) = slugs.iter().find(|(_, id)| !known.contains(id)) {
        return Err(StartError::UnknownClub { slug: slug.clone(), id: *id });
    }
    if slugs.is_empty() {
        let example = model.api.headers.loyalty_club_slug.example.clone();
        return Ok(example.into_iter().zip(clubs.first().copied()).collect());
    }
    Ok(slugs)
}

/// The zones of customers; where one is named twice, the last one.
fn read_zones(given: Vec<(i64, String)>, known: &[i64]) -> Result<Zones, StartError> {
    let named = |name: String| Ok(Named { zone: find_zone(&name)?, name });
    let mut of = BTreeMap::new();
    for (id, zone) in given {
        if !known.contains(&id) {
            return Err(StartError::UnknownCustomer { id, zone });
        }
        of.insert(id, named(zone)?);
    }
    Ok(Zones { usual: named(USUAL_ZONE.to_owned())?, of })
}

/// What endpoints answer; where one is named twice, the last reply.
fn read_replies(model: &Model, given: Vec<(String, Given)>) -> Result<BTreeMap<String, Given>, StartError> {
    let known = || model.endpoints.iter().map(|endpoint| endpoint.name.as_str());
    if let Some((name, _)) = given.iter().find(|(name, _)| model.endpoint(name).is_none()) {
        return Err(StartError::UnknownEndpoint { name: name.clone(), nearest: nearest(name, known()) });
    }
    Ok(given.into_iter().collect())
}

/// Settings with which no run of pages could end, or no request be read.
fn sane(model: &Model) -> Result<(), StartError> {
    let wrong = |assumption: &Option<String>, what: &str| {
        Err(StartError::AssumptionValue { id: assumption.clone().unwrap_or_default(), what: what.to_owned() })
    };
    let records = &model.records;
    if model.endpoint(&records.endpoint).is_none() {
        return Err(StartError::NoPath { endpoint: records.endpoint.clone() });
    }
    for size in [&records.default_page_size, &records.most_page_size] {
        if size.value == 0 {
            return wrong(&size.assumption, "a page holds at least one row");
        }
    }
    for keys in request_keys(model) {
        for (index, key) in keys.iter().enumerate() {
            if keys[..index].iter().any(|other| other.value == key.value) {
                return wrong(&key.assumption, &format!("`{}` is another key of the request already", key.value));
            }
        }
    }
    Ok(())
}

/// The keys of queries, format by format.
fn request_keys(model: &Model) -> [Vec<&Setting<String>>; 3] {
    let (r, t, s) = (&model.records, &model.timeseries, &model.statistics);
    [
        vec![&r.report_key, &r.filter_key, &r.aggregation_key, &r.cursor_key, &r.page_size_key],
        vec![&t.report_key, &t.filter_key, &t.aggregation_key, &t.interval_key, &t.from_key, &t.to_key],
        vec![&s.report_key, &s.filter_key, &s.aggregation_key, &s.from_key, &s.to_key],
    ]
}

/// Reads and checks all data; rows by the place of their report.
fn read_data(model: &Model, data: Vec<(String, Source)>, zone: &TimeZone) -> Result<HashMap<usize, Vec<Row>>, StartError> {
    let mut read: HashMap<usize, Vec<Row>> = HashMap::new();
    for (name, source) in data {
        let Some(place) = model.reports.iter().position(|report| report.name == name) else {
            let known = model.reports.iter().map(|report| report.name.as_str());
            return Err(StartError::UnknownReport { nearest: nearest(&name, known), name });
        };
        if model.reports[place].format != Format::Records {
            return Err(StartError::NoRows { report: name });
        }
        let rows = read_source(&model.reports[place], source, zone)?;
        read.entry(place).or_default().extend(rows);
    }
    Ok(read)
}

fn read_source(report: &Report, source: Source, zone: &TimeZone) -> Result<Vec<Row>, StartError> {
    let rows = match source {
        Source::Rows(rows) => read_rows(report, rows, zone),
        Source::File(path) => match std::fs::read_to_string(&path) {
            Ok(text) => read_lines(report, &text, zone),
            Err(error) => return Err(StartError::DataFile { path, error }),
        },
    };
    rows.map_err(|problems| StartError::Data { report: report.name.clone(), problems })
}

/// The clubs of the documented example of the customer header.
fn example_clubs(model: &Model) -> Vec<i64> {
    let example = model.api.headers.customer.example.as_deref();
    match example.map(|example| customers::read(example, &model.api.customers, &[])) {
        Some(Ok(Scope::Clubs(ids))) => ids,
        _ => CLUBS.to_vec(),
    }
}

/// All clubs that requests may name, ascending: the given ones and those of data.
fn known_clubs(model: &Model, clubs: &[i64], data: &HashMap<usize, Vec<Row>>) -> Vec<i64> {
    let mut known = clubs.to_vec();
    for (place, rows) in data {
        let fields = &model.reports[*place].fields;
        if let Some(club) = fields.iter().position(|field| is_club(model, field)) {
            known.extend(rows.iter().filter_map(|row| club_of(row, club)));
        }
    }
    known.sort_unstable();
    known.dedup();
    known
}
