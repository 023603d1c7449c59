//! The rows and events of all reports, created on first use. A report that derives from another one creates that one first.

use std::collections::HashMap;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use placewise_model::{Coverage, Endpoint, Format, Model, Provenance, Report, Simulate};

use crate::data::counting_modes::CountingModes;
use crate::data::derive_rows::RowDeriver;
use crate::data::events::{EventGenerator, Events};
use crate::data::generate_rows::RowGenerator;
use crate::data::row::Row;
use crate::data::simulate_sources::source_index;
use crate::data::{relations, time_ranges};
use crate::typed_value::compare_cells;

/// For this many rows that exist, one was added and removed again.
const REMOVED_ONE_IN: usize = 4;
/// Separates the random sequences of removed rows from those of existing rows.
const REMOVED_SEED: u64 = 0x676f_6e65;

/// Settings for rows and events.
#[derive(Debug)]
pub(crate) struct DataSettings {
    pub(crate) seed: u64,
    /// Generated rows of each report that does not derive from another.
    pub(crate) row_count: usize,
    pub(crate) with_optional: bool,
    /// Whether row ids may be null.
    pub(crate) null_ids: bool,
    /// Index of the field that identifies rows, by index of the report.
    pub(crate) row_ids: Vec<Option<usize>>,
    /// Customers over which generated rows spread.
    pub(crate) customers: Vec<i64>,
    /// Start of the simulator; no generated row or event is later.
    pub(crate) start: Timestamp,
    /// Rows that the user provides, by index of the report.
    pub(crate) given_rows: HashMap<usize, Vec<Row>>,
}

/// Rows and events by index of the report.
#[derive(Debug)]
pub(crate) struct ReportData {
    settings: DataSettings,
    rows: Vec<OnceLock<Vec<Row>>>,
    events: Vec<OnceLock<Events>>,
}

impl ReportData {
    /// Data of that many reports; creates nothing yet.
    pub(crate) fn new(reports: usize, settings: DataSettings) -> Self {
        let rows = (0..reports).map(|_| OnceLock::new()).collect();
        Self { settings, rows, events: (0..reports).map(|_| OnceLock::new()).collect() }
    }

    /// All rows of a report, in ascending order of its first field (the server's order is undocumented).
    pub(crate) fn rows(&self, model: &Model, zone: &TimeZone, index: usize) -> &[Row] {
        self.rows[index].get_or_init(|| {
            let report = &model.reports[index];
            let given = self.settings.given_rows.get(&index).cloned();
            let mut rows = given.unwrap_or_else(|| self.create_rows(model, zone, index));
            if let Some(first) = report.fields.first() {
                rows.sort_by(|a, b| compare_cells(&first.ty, a.cell(0), b.cell(0), zone));
            }
            rows
        })
    }

    /// The events of a timeseries; none if the model does not state what they derive from.
    pub(crate) fn events(&self, model: &Model, zone: &TimeZone, index: usize) -> &Events {
        self.events[index].get_or_init(|| {
            let report = &model.reports[index];
            let known_values = |tally: &Report, field| self.generator(model, zone, tally, None).known_values(field);
            let counting_modes = &CountingModes::of(model, report, known_values);
            let DataSettings { seed, start, .. } = self.settings;
            let generator = |source_fields| EventGenerator { model, report, source_fields, counting_modes, zone, seed, start };
            let Some(source) = source_index(model, report) else { return generator(&[]).none() };
            if model.reports[source].format == Format::Timeseries {
                let events = self.events(model, zone, source);
                return generator(&events.fields).of_events(events);
            }
            let rows = self.rows(model, zone, source);
            // Without a direction nothing is removed.
            let removes = matches!(&report.simulate, Some(Simulate::Events { direction: Some(_), .. }));
            let removed = if removes { self.removed_rows(model, zone, source, rows.len()) } else { Vec::new() };
            generator(&model.reports[source].fields).of_rows(rows, &removed)
        })
    }

    /// Rows that were added and removed again.
    fn removed_rows(&self, model: &Model, zone: &TimeZone, index: usize, existing: usize) -> Vec<Row> {
        let report = &model.reports[index];
        if report.fields.is_empty() {
            return Vec::new();
        }
        let generator = self.generator(model, zone, report, self.row_id(index));
        RowGenerator { seed: generator.seed ^ REMOVED_SEED, ..generator }.rows(existing.div_ceil(REMOVED_ONE_IN))
    }

    /// An object with the documented response keys of an endpoint.
    pub(crate) fn endpoint_response(&self, model: &Model, zone: &TimeZone, endpoint: &Endpoint) -> Row {
        let report = Report { name: endpoint.name.clone(), fields: endpoint.response.clone(), ..empty_report() };
        self.generator(model, zone, &report, None).rows(1).pop().unwrap_or_default()
    }

    fn row_id(&self, index: usize) -> Option<usize> {
        self.settings.row_ids.get(index).copied().flatten()
    }

    fn generator<'a>(
        &'a self,
        model: &'a Model,
        zone: &'a TimeZone,
        report: &'a Report,
        row_id: Option<usize>,
    ) -> RowGenerator<'a> {
        let DataSettings { seed, with_optional, null_ids, start, .. } = self.settings;
        RowGenerator { model, report, row_id, zone, seed, start, customers: &self.settings.customers, with_optional, null_ids }
    }

    /// Generated or derived rows; none if the spec knows no field of the report.
    fn create_rows(&self, model: &Model, zone: &TimeZone, index: usize) -> Vec<Row> {
        let report = &model.reports[index];
        if report.fields.is_empty() || report.format != Format::Records {
            return Vec::new();
        }
        let generator = &self.generator(model, zone, report, self.row_id(index));
        let mut rows = match report.simulate.as_ref().zip(source_index(model, report)) {
            Some((rule, source)) => {
                let source_rows = self.rows(model, zone, source);
                RowDeriver { generator, source: &model.reports[source], source_rows }.rows(rule)
            }
            None => generator.rows(self.settings.row_count),
        };
        // Sums of rows in which the relations hold keep them, and must stay sums.
        if !matches!(report.simulate, Some(Simulate::Summary { .. })) {
            rows.iter_mut().for_each(|row| relations::enforce(report, row));
        }
        time_ranges::agree(model, report, zone, self.settings.start, &mut rows);
        rows
    }
}

/// A report without fields, as a base for objects that are generated like rows.
fn empty_report() -> Report {
    Report {
        name: String::new(),
        rust_name: None,
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
        adds: None,
        fields: Vec::new(),
        unnamed: Vec::new(),
        labels: None,
        aggregations: Vec::new(),
        more_aggregations: false,
        relations: Vec::new(),
        simulate: None,
        examples: Vec::new(),
        quirks: Vec::new(),
        rust_query: None,
    }
}
