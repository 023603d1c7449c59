//! The rows and events of every report. In come the model, the user's rows and what made-up ones are made from; out come, when first
//! asked for, the rows of a records report and the events of a timeseries. Reports that hang together are made one after the other.

mod derive;
mod ranges;
mod relations;

use std::collections::HashMap;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use placewise_model::{Coverage, Endpoint, Format, Model, Provenance, Report, Simulate, Type};

use crate::error::StartError;
use crate::generate::Generator;
use crate::row::Row;
use crate::tables::derive::Deriver;
use crate::timeseries::events::{Events, Maker, Ways};
use crate::value::order_cells;

/// Besides the rows that are there, one in so many came and went.
const GONE_ONE_IN: usize = 4;
/// Sets the random numbers of rows that are gone apart from those of rows that are there.
const GONE_SEED: u64 = 0x676f_6e65;

/// From what rows and events are made.
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) seed: u64,
    /// Rows made up for each report that comes from no other.
    pub(crate) count: usize,
    pub(crate) with_optional: bool,
    /// Whether also ids may be null.
    pub(crate) null_ids: bool,
    /// Clubs over which made-up rows spread.
    pub(crate) clubs: Vec<i64>,
    /// The simulator's start: no row and no event that is made up is later.
    pub(crate) start: Timestamp,
    /// The user's rows by place of the report.
    pub(crate) data: HashMap<usize, Vec<Row>>,
}

/// Rows and events by place of the report.
#[derive(Debug)]
pub(crate) struct Tables {
    recipe: Recipe,
    rows: Vec<OnceLock<Vec<Row>>>,
    events: Vec<OnceLock<Events>>,
}

impl Tables {
    /// Tables of so many reports, with nothing made yet.
    pub(crate) fn new(reports: usize, recipe: Recipe) -> Self {
        let rows = (0..reports).map(|_| OnceLock::new()).collect();
        Self { recipe, rows, events: (0..reports).map(|_| OnceLock::new()).collect() }
    }

    /// All rows of a report, ascending by its first field; which order the server has is not documented.
    pub(crate) fn rows(&self, model: &Model, zone: &TimeZone, place: usize) -> &[Row] {
        self.rows[place].get_or_init(|| {
            let report = &model.reports[place];
            let mut rows = self.recipe.data.get(&place).cloned().unwrap_or_else(|| self.generate(model, zone, report));
            if let Some(first) = report.fields.first() {
                rows.sort_by(|a, b| order_cells(&first.ty, a.cell(0), b.cell(0), zone));
            }
            rows
        })
    }

    /// The events of a timeseries; none where the model does not say what they come from.
    pub(crate) fn events(&self, model: &Model, zone: &TimeZone, place: usize) -> &Events {
        self.events[place].get_or_init(|| {
            let report = &model.reports[place];
            let ways = self.ways(model, zone, report);
            let maker =
                |there| Maker { model, report, there, ways: &ways, zone, seed: self.recipe.seed, start: self.recipe.start };
            let Some(source) = report.simulate.as_ref().and_then(|simulate| position(model, of(simulate))) else {
                return maker(&[]).of_rows(&[], &[]);
            };
            if model.reports[source].format == Format::Timeseries {
                let others = self.events(model, zone, source);
                return maker(&others.fields).of_events(others);
            }
            let rows = self.rows(model, zone, source);
            // Without a direction nothing goes.
            let goes = matches!(&report.simulate, Some(Simulate::Events { direction: Some(_), .. }));
            let gone = if goes { self.gone(model, zone, &model.reports[source], rows.len()) } else { Vec::new() };
            maker(&model.reports[source].fields).of_rows(rows, &gone)
        })
    }

    /// The ways in which a tally counts the rows that a timeseries comes from in the end, where both call them by the same name and
    /// nothing else fills that field; of several such tallies, those of the first.
    fn ways(&self, model: &Model, zone: &TimeZone, report: &Report) -> Option<Ways> {
        let (mut source, mut takes) = (report, Vec::new());
        while let Some(Simulate::Events { of, take, .. }) = &source.simulate {
            takes.push((source, take));
            source = model.report(of)?;
        }
        let open = |report: &Report, name: &str| match report.field(name).map(|field| &field.ty) {
            Some(Type::Enum(known)) => known.values.is_empty(),
            ty => ty.is_none_or(|ty| *ty == Type::String),
        };
        model.reports.iter().find_map(|tally| {
            let Some(Simulate::Tally { of, by, .. }) = &tally.simulate else { return None };
            let place = report.fields.iter().position(|field| field.name == *by)?;
            let unfilled = takes.iter().all(|(report, take)| open(report, by) && !take.contains_key(by));
            if *of != source.name || source.field(by).is_some() || !unfilled {
                return None;
            }
            let words = self.generator(model, zone, tally).words(tally.fields.iter().position(|field| field.name == *by)?);
            (!words.is_empty()).then_some(Ways { place, words })
        })
    }

    /// Rows that came and went, beside so many that are there.
    fn gone(&self, model: &Model, zone: &TimeZone, report: &Report, there: usize) -> Vec<Row> {
        if report.fields.is_empty() {
            return Vec::new();
        }
        let generator = self.generator(model, zone, report);
        Generator { seed: generator.seed ^ GONE_SEED, ..generator }.rows(there.div_ceil(GONE_ONE_IN))
    }

    /// A reply of the keys that an endpoint is known to reply with.
    pub(crate) fn reply(&self, model: &Model, zone: &TimeZone, endpoint: &Endpoint) -> Row {
        let fields = endpoint.response.clone();
        let report = Report { name: endpoint.name.clone(), fields, ..no_report() };
        self.generator(model, zone, &report).rows(1).pop().unwrap_or_default()
    }

    fn generator<'a>(&'a self, model: &'a Model, zone: &'a TimeZone, report: &'a Report) -> Generator<'a> {
        let Recipe { seed, with_optional, null_ids, start, .. } = self.recipe;
        Generator { model, report, zone, seed, start, clubs: &self.recipe.clubs, with_optional, null_ids }
    }

    /// Made-up rows; none where the spec knows no field of the report.
    fn generate(&self, model: &Model, zone: &TimeZone, report: &Report) -> Vec<Row> {
        if report.fields.is_empty() || report.format != Format::Records {
            return Vec::new();
        }
        let own = self.generator(model, zone, report);
        let other = report.simulate.as_ref().and_then(|simulate| Some((simulate, position(model, of(simulate))?)));
        let mut rows = match other {
            Some((simulate, other)) => {
                let rows = self.rows(model, zone, other);
                Deriver { own: &own, other: &model.reports[other], rows }.rows(simulate)
            }
            None => own.rows(self.recipe.count),
        };
        // Sums of rows in which the relations hold keep them already, and must stay sums.
        if !matches!(report.simulate, Some(Simulate::Summary { .. })) {
            rows.iter_mut().for_each(|row| relations::hold(report, row));
        }
        ranges::agree(model, report, zone, self.recipe.start, &mut rows);
        rows
    }
}

/// A report of nothing, for what is made as rows are.
fn no_report() -> Report {
    Report {
        name: String::new(),
        group: String::new(),
        format: Format::Records,
        permit: None,
        cost: None,
        source: None,
        coverage: Coverage::NameOnly,
        description: None,
        provenance: Provenance::default(),
        intervals: None,
        data_lag: None,
        fields: Vec::new(),
        unnamed: Vec::new(),
        labels: None,
        aggregations: Vec::new(),
        more_aggregations: false,
        relations: Vec::new(),
        simulate: None,
        examples: Vec::new(),
        quirks: Vec::new(),
    }
}

fn position(model: &Model, name: &str) -> Option<usize> {
    model.reports.iter().position(|report| report.name == name)
}

/// The report from which a report's data come.
fn of(simulate: &Simulate) -> &str {
    match simulate {
        Simulate::Each { of, .. } | Simulate::Summary { of, .. } | Simulate::Tally { of, .. } | Simulate::Events { of, .. } => of,
    }
}

/// Checks that every report's data can be made: that they come from a report of a fitting format and, in the end, from one that stands
/// alone.
pub(crate) fn check(model: &Model) -> Result<(), StartError> {
    for report in &model.reports {
        let wrong = |what: String| Err(StartError::Simulate { report: report.name.clone(), what });
        let mut chain = vec![report.name.as_str()];
        let mut at = report;
        while let Some(simulate) = &at.simulate {
            let name = of(simulate);
            let Some(other) = model.report(name) else { return wrong(format!("there is no report `{name}`")) };
            let events = matches!(simulate, Simulate::Events { .. });
            if other.format != Format::Records && !(events && other.format == Format::Timeseries) {
                return wrong(format!("`{name}` is in the format {}, of which they cannot be made", other.format.word()));
            }
            if chain.contains(&name) {
                chain.push(name);
                return wrong(format!("they come from themselves: {}", chain.join(" from ")));
            }
            chain.push(name);
            at = other;
        }
        if let Some(simulate) = &report.simulate {
            let is_events = matches!(simulate, Simulate::Events { .. });
            if is_events != (report.format == Format::Timeseries) {
                return wrong(format!("a report in the format {} cannot be made so", report.format.word()));
            }
        }
    }
    Ok(())
}
