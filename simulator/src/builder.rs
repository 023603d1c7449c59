//! Building a simulator. In come a model and what the user wants of it; out comes a running server, or what keeps it from starting.
//! Nothing is looked at before `start`, so the calls can stand in any order.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use placewise_model::{Model, Report};
use serde_json::Value;

use crate::access::{Permits, Tokens};
use crate::customers::{self, Scope};
use crate::data::{read_lines, read_rows};
use crate::error::{StartError, nearest};
use crate::generate::{club_of, is_club};
use crate::limit::{Clock, Limiter, real_clock};
use crate::row::Row;
use crate::server::Server;
use crate::service::Service;
use crate::settings::{Settings, turn};

/// Rows of each report where the user names no number.
const ROWS: usize = 100;
/// Clubs where neither the user nor the model names any.
const CLUBS: [i64; 3] = [1, 2, 3];

/// A simulator that is not running yet.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let model_json = "";
/// use placewise_simulator::{Permits, Simulator};
///
/// let server = Simulator::from_json(model_json)?
///     .seed(7)
///     .rows(500)
///     .customers([1000941, 1000942])
///     .token("demo", Permits::all())
///     .start()?;
/// println!("{}", server.url());
/// # Ok(())
/// # }
/// ```
#[must_use = "a simulator does nothing until it is started"]
pub struct Simulator {
    model: Model,
    seed: u64,
    rows: usize,
    with_optional: bool,
    data: Vec<(String, Source)>,
    tokens: Tokens,
    customers: Option<Vec<i64>>,
    slugs: Vec<(String, i64)>,
    assumptions: Vec<(String, Value)>,
    clock: Option<Clock>,
    port: u16,
}

/// Where a report's rows come from.
enum Source {
    Rows(Vec<Value>),
    File(PathBuf),
}

impl Simulator {
    /// A simulator of that model.
    pub fn new(model: Model) -> Self {
        Self {
            model,
            seed: 0,
            rows: ROWS,
            with_optional: false,
            data: Vec::new(),
            tokens: Tokens::default(),
            customers: None,
            slugs: Vec::new(),
            assumptions: Vec::new(),
            clock: None,
            port: 0,
        }
    }

    /// A simulator of a model that is written as JSON.
    ///
    /// # Errors
    /// Where the text is no model.
    pub fn from_json(model: &str) -> Result<Self, StartError> {
        serde_json::from_str(model).map(Self::new).map_err(StartError::Model)
    }

    /// From what made-up rows are made: the same seed gives the same rows.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many rows are made up for each report.
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// Whether made-up rows have the keys that the documentation's samples lack. They do not unless asked.
    pub fn with_optional(mut self, with: bool) -> Self {
        self.with_optional = with;
        self
    }

    /// Gives a report these rows instead of made-up ones; each must fit the spec. Calls for the same report add up.
    pub fn data(mut self, report: impl Into<String>, rows: impl IntoIterator<Item = Value>) -> Self {
        self.data.push((report.into(), Source::Rows(rows.into_iter().collect())));
        self
    }

    /// The same from a file with one JSON object a line.
    pub fn data_file(mut self, report: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.data.push((report.into(), Source::File(path.into())));
        self
    }

    /// Adds a token and what it may ask. Without any, every token is taken and may ask everything.
    pub fn token(mut self, token: impl Into<String>, permits: Permits) -> Self {
        self.tokens.add(token.into(), permits);
        self
    }

    /// The customers that there are; made-up rows spread over them evenly. Without this: those of the model's documented example.
    /// Customers that only given data has are known too.
    pub fn customers(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.customers = Some(ids.into_iter().collect());
        self
    }

    /// The slug of a customer. Without any, the model's documented example stands for the first customer.
    pub fn slug(mut self, slug: impl Into<String>, customer: i64) -> Self {
        self.slugs.push((slug.into(), customer));
        self
    }

    /// Behaves as if an assumption had another value.
    pub fn assume(mut self, id: impl Into<String>, value: impl Into<Value>) -> Self {
        self.assumptions.push((id.into(), value.into()));
        self
    }

    /// The clock that refills the rate limit's buckets: time since any fixed moment. For tests, see [`ManualClock`](crate::ManualClock).
    pub fn clock(mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// The port of the loopback address; without it a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts the server, on a thread of its own.
    ///
    /// # Errors
    /// Where a name is not known, data does not fit the spec, the model cannot be served or the port cannot be had.
    pub fn start(self) -> Result<Server, StartError> {
        let port = self.port;
        Server::start(self.service()?, port)
    }

    fn service(mut self) -> Result<Service, StartError> {
        for (id, value) in &self.assumptions {
            turn(&mut self.model, id, value)?;
        }
        sane(&self.model)?;
        let settings = Settings::of(&self.model)?;
        let data = read_data(&self.model, std::mem::take(&mut self.data), &settings.zone)?;
        let clubs = self.customers.take().unwrap_or_else(|| example_clubs(&self.model));
        let known_clubs = known_clubs(&self.model, &clubs, &data);
        let slugs = self.known_slugs(&clubs, &known_clubs)?;
        let limits = &self.model.api.rate_limit;
        let limiter = Limiter::new(limits.capacity.value, limits.refill.value, self.clock.unwrap_or_else(real_clock));
        let tables = self.model.reports.iter().map(|_| OnceLock::new()).collect();
        Ok(Service {
            settings,
            seed: self.seed,
            count: self.rows,
            with_optional: self.with_optional,
            clubs,
            known_clubs,
            slugs,
            tokens: self.tokens,
            limiter,
            data,
            tables,
            recent: Mutex::default(),
            refusals: Mutex::default(),
            model: self.model,
        })
    }

    fn known_slugs(&mut self, clubs: &[i64], known: &[i64]) -> Result<Vec<(String, i64)>, StartError> {
        let slugs = std::mem::take(&mut self.slugs);
        if let Some((slug, id)) = slugs.iter().find(|(_, id)| !known.contains(id)) {
            return Err(StartError::UnknownClub { slug: slug.clone(), id: *id });
        }
        if slugs.is_empty() {
            let example = self.model.api.headers.loyalty_club_slug.example.clone();
            return Ok(example.into_iter().zip(clubs.first().copied()).collect());
        }
        Ok(slugs)
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let api = &self.model.api.name;
        f.debug_struct("Simulator").field("api", api).field("seed", &self.seed).field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// Settings with which no run of pages could end, or no request be read.
fn sane(model: &Model) -> Result<(), StartError> {
    let wrong = |assumption: &Option<String>, what: &str| {
        Err(StartError::AssumptionValue { id: assumption.clone().unwrap_or_default(), what: what.to_owned() })
    };
    let records = &model.records;
    for size in [&records.default_page_size, &records.most_page_size] {
        if size.value == 0 {
            return wrong(&size.assumption, "a page holds at least one row");
        }
    }
    let keys = [&records.report_key, &records.filter_key, &records.aggregation_key, &records.cursor_key, &records.page_size_key];
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].iter().any(|other| other.value == key.value) {
            return wrong(&key.assumption, &format!("`{}` is another key of the request already", key.value));
        }
    }
    Ok(())
}

/// Reads and checks all data; rows by the place of their report.
fn read_data(model: &Model, data: Vec<(String, Source)>, zone: &TimeZone) -> Result<HashMap<usize, Vec<Row>>, StartError> {
    let mut read: HashMap<usize, Vec<Row>> = HashMap::new();
    for (name, source) in data {
        let Some(place) = model.reports.iter().position(|report| report.name == name) else {
            let known = model.reports.iter().map(|report| report.name.as_str());
            return Err(StartError::UnknownReport { nearest: nearest(&name, known), name });
        };
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
    match example.map(|example| customers::read(example, &model.api.customers)) {
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
