//! Events that timeseries count, generated from the rows of a records report or from the events of another timeseries.
//!
//! A field that nothing fills is null in every event, so no filter value matches it; the exception is a field of
//! [counting modes](crate::data::counting_modes).

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use placewise_model::{EnumValue, Field, Model, Report, Simulate, Type};
use serde_json::{Map, Value};

use crate::data::counting_modes::CountingModes;
use crate::data::field_roles::{customer_index, customer_of, is_customer};
use crate::data::row::Row;
use crate::random::{Random, hash, mix};
use crate::typed_value::{integer, number_as_text, parse_timestamp};

/// Seconds over which the events of a row spread if their begin is known.
pub(crate) const EVENT_PERIOD: u64 = 2 * 24 * 3600;
/// Events whose begin is unknown spread over the last two years, in seconds.
const UNKNOWN_PERIOD: u64 = 730 * 24 * 3600;
/// The events of one row come in at most this many packets, so that large counts cost no more than small ones.
const MOST_PACKETS: u64 = 8;
/// That many neighboring rows are about one thing.
const ROWS_PER_THING: u64 = 2;

/// One event, or several at the same instant.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) count: i64,
    /// Whether the subject was removed; otherwise it was added.
    pub(crate) removed: bool,
    pub(crate) customer: Option<i64>,
    /// What was added or removed. Both events of one subject have the same generated values.
    subject: u64,
    /// What a count of distinct things counts once. Neighboring rows, which belong to different customers if there are several, share one,
    /// so that such counts add up over nothing.
    pub(crate) thing: u64,
    /// A cell for each of the fields of [`Events`].
    pub(crate) row: Row,
}

/// All events of a report, in chronological order.
#[derive(Debug)]
pub(crate) struct Events {
    /// The report's fields, then those that only labels have.
    pub(crate) fields: Vec<Field>,
    /// Whether values are levels, not changes.
    pub(crate) running: bool,
    /// The field that distinguishes additions from removals.
    pub(crate) direction: Option<String>,
    /// Its field is null in the events themselves.
    pub(crate) counting_modes: Option<CountingModes>,
    pub(crate) all: Vec<Event>,
}

/// Generates the events of one timeseries.
pub(crate) struct EventGenerator<'a> {
    pub(crate) model: &'a Model,
    pub(crate) report: &'a Report,
    /// Fields of the report that the events derive from.
    pub(crate) source_fields: &'a [Field],
    pub(crate) counting_modes: &'a Option<CountingModes>,
    pub(crate) zone: &'a TimeZone,
    pub(crate) seed: u64,
    /// Start of the simulator; no event is later.
    pub(crate) start: Timestamp,
}

/// The parts of [`Simulate::Events`].
struct Rule<'a> {
    take: Vec<(&'a str, &'a str)>,
    count: Option<&'a str>,
    begin: Option<&'a str>,
    direction: Option<Direction<'a>>,
    running: bool,
}

/// The field that distinguishes additions from removals, and its two values.
struct Direction<'a> {
    field: &'a str,
    added: &'a str,
    removed: &'a str,
}

impl<'a> Rule<'a> {
    fn of(report: &'a Report) -> Option<Self> {
        let Some(Simulate::Events { take, count, begin, direction, running, .. }) = &report.simulate else { return None };
        let values = |name: &str| match report.field(name).map(|field| &field.ty) {
            Some(Type::Enum(known)) => Some((known.values.first()?.value.as_str(), known.values.get(1)?.value.as_str())),
            _ => None,
        };
        let direction = direction.as_deref().and_then(|field| {
            let (added, removed) = values(field)?;
            Some(Direction { field, added, removed })
        });
        let take = take.iter().map(|(here, there)| (here.as_str(), there.as_str())).collect();
        Some(Self { take, count: count.as_deref(), begin: begin.as_deref(), direction, running: *running })
    }

    /// The name of an event's field in the source.
    fn source_name(&self, field: &'a str) -> &'a str {
        self.take.iter().find(|(name, _)| *name == field).map_or(field, |(_, there)| there)
    }
}

#[derive(Clone, Copy)]
struct Origin<'a> {
    row: &'a Row,
    customer: Option<i64>,
    subject: u64,
    thing: u64,
}

/// Where the values of a field come from.
enum Column<'a> {
    Customer,
    Direction(&'a Direction<'a>),
    /// Index of a cell of the source, and whether to convert it to text.
    Source(usize, bool),
    /// A random one of the known values, with the seed of the field.
    Known(u64, &'a [EnumValue]),
    Null,
}

impl EventGenerator<'_> {
    /// Events of rows that exist, and of rows that were added and later removed.
    pub(crate) fn of_rows(&self, rows: &[Row], removed_rows: &[Row]) -> Events {
        let Some(rule) = Rule::of(self.report) else { return self.none() };
        let (fields, mut all) = (event_fields(self.report), Vec::new());
        let columns = self.columns(&rule, &fields);
        let customer_index = customer_index(self.model, self.source_fields);
        let customer = |row| customer_index.and_then(|index| customer_of(row, index));
        for (index, row) in rows.iter().enumerate() {
            let index = index as u64;
            let origin = Origin { row, customer: customer(row), subject: index * MOST_PACKETS, thing: index / ROWS_PER_THING };
            self.add_existing(&rule, &columns, origin, &mut all);
        }
        let removed_rows = if rule.direction.is_some() { removed_rows } else { &[] };
        for (index, row) in removed_rows.iter().enumerate() {
            // Counted down from the maximum, so that subjects stay unique.
            let subject = u64::MAX - index as u64;
            let origin = Origin { row, customer: customer(row), subject, thing: subject / ROWS_PER_THING };
            self.add_removed(&rule, &columns, origin, &mut all);
        }
        all.sort_by_key(|event| event.at);
        self.events(&rule, fields, all)
    }

    /// The events of another timeseries, with this report's fields.
    pub(crate) fn of_events(&self, source: &Events) -> Events {
        let Some(rule) = Rule::of(self.report) else { return self.none() };
        let fields = event_fields(self.report);
        let columns = self.columns(&rule, &fields);
        let derived = |event: &Event| {
            let origin = Origin { row: &event.row, customer: event.customer, subject: event.subject, thing: event.thing };
            Event { count: event.count, ..event_of(&columns, origin, event.at, 0, event.removed) }
        };
        let all = source.all.iter().map(derived).collect();
        drop(columns);
        self.events(&rule, fields, all)
    }

    /// No events.
    pub(crate) fn none(&self) -> Events {
        Events { fields: event_fields(self.report), running: false, direction: None, counting_modes: None, all: Vec::new() }
    }

    fn events(&self, rule: &Rule<'_>, fields: Vec<Field>, all: Vec<Event>) -> Events {
        let direction = rule.direction.as_ref().map(|direction| direction.field.to_owned());
        Events { fields, running: rule.running, direction, counting_modes: self.counting_modes.clone(), all }
    }

    fn seed_of(&self, purpose: &str) -> u64 {
        mix(self.seed) ^ hash([self.report.name.as_str(), purpose])
    }

    fn columns<'p>(&self, rule: &'p Rule<'_>, fields: &'p [Field]) -> Vec<Column<'p>> {
        let column = |field: &'p Field| {
            if is_customer(self.model, field) {
                return Column::Customer;
            }
            if let Some(direction) = rule.direction.as_ref().filter(|direction| direction.field == field.name) {
                return Column::Direction(direction);
            }
            let name = rule.source_name(&field.name);
            if let Some(index) = self.source_fields.iter().position(|field| field.name == name) {
                return Column::Source(index, matches!(field.ty, Type::String | Type::Enum(_)));
            }
            match &field.ty {
                Type::Enum(known) => Column::Known(self.seed_of(&field.name), &known.values),
                _ => Column::Null,
            }
        };
        fields.iter().map(column).collect()
    }

    /// Adds the events of one row, in a few packets that add up to its count.
    fn add_existing(&self, rule: &Rule<'_>, columns: &[Column<'_>], origin: Origin<'_>, all: &mut Vec<Event>) {
        let mut random = random(self.seed_of("*added"), origin.subject);
        let begin = self.begin(rule, origin.row);
        let mut left = self.count(rule, origin.row);
        let packets = (1 + random.below(MOST_PACKETS)).min(left);
        for packet in 0..packets {
            let others = packets - packet - 1;
            // Each later packet has at least one event.
            let most = left - others - 1;
            let count =
                if others == 0 { left } else { 1 + random.below((left - others).saturating_mul(2) / (others + 1)).min(most) };
            left -= count;
            let at = self.time(begin, packet == 0, &mut random);
            let origin = Origin { subject: origin.subject + packet, ..origin };
            all.push(event_of(columns, origin, at, count, false));
        }
    }

    /// Adds the two events of a row that was added and later removed.
    fn add_removed(&self, rule: &Rule<'_>, columns: &[Column<'_>], origin: Origin<'_>, all: &mut Vec<Event>) {
        let mut random = random(self.seed_of("*removed"), origin.subject);
        let added = self.time(self.begin(rule, origin.row), true, &mut random);
        let longest = u64::try_from(self.start.duration_since(added).as_secs()).unwrap_or(0);
        let removed = later(added, random.below(longest + 1)).min(self.start);
        all.push(event_of(columns, origin, added, 1, false));
        all.push(event_of(columns, origin, removed, 1, true));
    }

    /// Number of events of a row; zero if its count is null or not a number.
    fn count(&self, rule: &Rule<'_>, row: &Row) -> u64 {
        let Some(name) = rule.count else { return 1 };
        let count = row.get(self.source_fields, name).and_then(integer);
        count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0)
    }

    /// When the events of a row begin, if the row states it.
    fn begin(&self, rule: &Rule<'_>, row: &Row) -> Option<Timestamp> {
        parse_timestamp(row.get(self.source_fields, rule.begin?)?.as_str()?, self.zone)
    }

    /// The time of an event: never after the start, even if the row states a later begin.
    fn time(&self, begin: Option<Timestamp>, first: bool, random: &mut Random) -> Timestamp {
        let at = match begin {
            Some(begin) if first => begin,
            Some(begin) => later(begin, random.below(EVENT_PERIOD)),
            None => {
                let ago = SignedDuration::from_secs(i64::try_from(random.below(UNKNOWN_PERIOD)).unwrap_or(0));
                self.start.checked_sub(ago).unwrap_or(self.start)
            }
        };
        at.min(self.start)
    }
}

fn event_of(columns: &[Column<'_>], origin: Origin<'_>, at: Timestamp, count: u64, removed: bool) -> Event {
    let cells = columns.iter().map(|column| Some(column.cell(origin, removed))).collect();
    let Origin { customer, subject, thing, .. } = origin;
    let row = Row { cells, other: Map::new() };
    Event { at, count: i64::try_from(count).unwrap_or(i64::MAX), removed, customer, subject, thing, row }
}

impl Column<'_> {
    fn cell(&self, origin: Origin<'_>, removed: bool) -> Value {
        match self {
            Self::Customer => origin.customer.map_or(Value::Null, Value::from),
            Self::Direction(direction) => if removed { direction.removed } else { direction.added }.into(),
            Self::Source(index, text) => {
                let value = origin.row.cell(*index).cloned().unwrap_or(Value::Null);
                if *text { number_as_text(value) } else { value }
            }
            Self::Known(seed, values) => {
                random(*seed, origin.subject).pick(values).map_or(Value::Null, |known| known.value.as_str().into())
            }
            Self::Null => Value::Null,
        }
    }
}

/// The fields of a report's events: its own, and those that only labels have.
fn event_fields(report: &Report) -> Vec<Field> {
    let mut fields = report.fields.clone();
    let labels = report.labels.iter().chain(report.aggregations.iter().filter_map(|aggregation| aggregation.labels.as_ref()));
    for label in labels.flatten() {
        if !fields.iter().any(|field| field.name == label.name) {
            fields.push(label.clone());
        }
    }
    fields
}

/// The random sequence of one subject.
fn random(seed: u64, subject: u64) -> Random {
    Random::new(seed ^ mix(subject.wrapping_add(1)))
}

fn later(at: Timestamp, seconds: u64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0))).unwrap_or(at)
}
