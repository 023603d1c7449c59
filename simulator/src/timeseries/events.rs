//! What timeseries count: events that come from the rows of a records report, or from the events of another timeseries. In come those
//! and how the model says that events come from them; out come events, each with a moment, a number and the values of the report's
//! fields. The same rows, the same seed and the same start of the simulator give the same events.
//!
//! A field that nothing fills is null in every event, so that a comparison with it finds none, with one exception: where a tally counts
//! the same rows in several ways and names these ways by a field of the same name, every event is counted once in each way as soon as a
//! query asks for that field, and once in all where none does. That is the simulator's reading.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use placewise_model::{EnumValue, Field, Model, Report, Simulate, Type};
use serde_json::{Map, Value};

use crate::generate::{club_of, is_club};
use crate::random::{Random, hash, mix};
use crate::row::Row;
use crate::timeseries::labels::event_fields;
use crate::value::{as_text, instant, whole};

/// Seconds over which the events of a row spread that begin at a known moment.
pub(crate) const SPREAD: u64 = 2 * 24 * 3600;
/// Seconds back to which events reach whose begin is not known: two years.
const PAST: u64 = 730 * 24 * 3600;
/// Events of one row come in at most so many packets, so that large counts cost no more than small ones.
const MOST_PACKETS: u64 = 8;

/// One event, or several that happen at once.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    /// How many.
    pub(crate) count: i64,
    /// Whether something went.
    pub(crate) gone: bool,
    pub(crate) club: Option<i64>,
    /// Which of its report's events it is; what came has the same number when it goes.
    subject: u64,
    /// A cell for each of the fields of [`Events`].
    pub(crate) row: Row,
}

/// All events of a report, in the order in which they happen.
#[derive(Debug)]
pub(crate) struct Events {
    /// The report's fields, then those that only its labels have.
    pub(crate) fields: Vec<Field>,
    /// Whether values are levels.
    pub(crate) running: bool,
    /// The field that tells what came from what went.
    pub(crate) direction: Option<String>,
    /// The field of ways of counting; null in the events themselves.
    pub(crate) ways: Option<Ways>,
    pub(crate) all: Vec<Event>,
}

/// A field that tells in which of several ways an event is counted: in each of them once.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    /// Its place among the fields of [`Events`].
    pub(crate) place: usize,
    pub(crate) words: Vec<String>,
}

/// From what events are made.
pub(crate) struct Maker<'a> {
    pub(crate) model: &'a Model,
    pub(crate) report: &'a Report,
    /// The fields of what they come from.
    pub(crate) there: &'a [Field],
    pub(crate) ways: &'a Option<Ways>,
    pub(crate) zone: &'a TimeZone,
    pub(crate) seed: u64,
    /// No event is later.
    pub(crate) start: Timestamp,
}

/// The parts of [`Simulate::Events`].
struct Plan<'a> {
    take: Vec<(&'a str, &'a str)>,
    count: Option<&'a str>,
    begin: Option<&'a str>,
    direction: Option<Direction<'a>>,
    running: bool,
}

/// The field that tells what came from what went, and its two values.
struct Direction<'a> {
    field: &'a str,
    came: &'a str,
    went: &'a str,
}

impl<'a> Plan<'a> {
    fn of(report: &'a Report) -> Option<Self> {
        let Some(Simulate::Events { take, count, begin, direction, running, .. }) = &report.simulate else { return None };
        let values = |name: &str| match report.field(name).map(|field| &field.ty) {
            Some(Type::Enum(known)) => Some((known.values.first()?.value.as_str(), known.values.get(1)?.value.as_str())),
            _ => None,
        };
        let direction = direction.as_deref().and_then(|field| {
            let (came, went) = values(field)?;
            Some(Direction { field, came, went })
        });
        let take = take.iter().map(|(here, there)| (here.as_str(), there.as_str())).collect();
        Some(Self { take, count: count.as_deref(), begin: begin.as_deref(), direction, running: *running })
    }

    /// The name that a field of the events has there.
    fn there(&self, here: &'a str) -> &'a str {
        self.take.iter().find(|(name, _)| *name == here).map_or(here, |(_, there)| there)
    }
}

/// What an event comes from.
#[derive(Clone, Copy)]
struct Origin<'a> {
    row: &'a Row,
    club: Option<i64>,
    subject: u64,
}

/// Where the values of a field come from, worked out once for all events.
enum Column<'a> {
    Club,
    Direction(&'a Direction<'a>),
    /// The cell there at that place; as text.
    There {
        place: usize,
        text: bool,
    },
    /// One of the known values, made up with random numbers that begin there.
    Known(u64, &'a [EnumValue]),
    Nothing,
}

impl Maker<'_> {
    /// The events of rows that are there, and of rows that came and went.
    pub(crate) fn of_rows(&self, rows: &[Row], gone: &[Row]) -> Events {
        let Some(plan) = Plan::of(self.report) else { return self.nothing() };
        let (fields, mut all) = (event_fields(self.report), Vec::new());
        let columns = self.columns(&plan, &fields);
        let place = self.there.iter().position(|field| is_club(self.model, field));
        let club = |row| place.and_then(|place| club_of(row, place));
        for (index, row) in rows.iter().enumerate() {
            let origin = Origin { row, club: club(row), subject: index as u64 * MOST_PACKETS };
            self.came(&plan, &columns, origin, &mut all);
        }
        let gone = if plan.direction.is_some() { gone } else { &[] };
        for (index, row) in gone.iter().enumerate() {
            // Counted from the other end, so that no number stands twice.
            let origin = Origin { row, club: club(row), subject: u64::MAX - index as u64 };
            self.went(&plan, &columns, origin, &mut all);
        }
        all.sort_by_key(|event| event.at);
        self.events(&plan, fields, all)
    }

    /// The events of another timeseries, with this report's fields.
    pub(crate) fn of_events(&self, others: &Events) -> Events {
        let Some(plan) = Plan::of(self.report) else { return self.nothing() };
        let fields = event_fields(self.report);
        let columns = self.columns(&plan, &fields);
        let again = |other: &Event| {
            let origin = Origin { row: &other.row, club: other.club, subject: other.subject };
            Event { count: other.count, ..self.event(&columns, origin, other.at, 0, other.gone) }
        };
        let all = others.all.iter().map(again).collect();
        drop(columns);
        self.events(&plan, fields, all)
    }

    fn nothing(&self) -> Events {
        Events { fields: event_fields(self.report), running: false, direction: None, ways: None, all: Vec::new() }
    }

    fn events(&self, plan: &Plan<'_>, fields: Vec<Field>, all: Vec<Event>) -> Events {
        let direction = plan.direction.as_ref().map(|direction| direction.field.to_owned());
        Events { fields, running: plan.running, direction, ways: self.ways.clone(), all }
    }

    /// Where the random numbers of a thing that is made up begin.
    fn base(&self, what: &str) -> u64 {
        mix(self.seed) ^ hash([self.report.name.as_str(), what])
    }

    /// Where each field's values come from: the customer, the direction, what is there, the known values of an enumeration, or nowhere.
    fn columns<'p>(&self, plan: &'p Plan<'_>, fields: &'p [Field]) -> Vec<Column<'p>> {
        let column = |field: &'p Field| {
            if is_club(self.model, field) {
                return Column::Club;
            }
            if let Some(direction) = plan.direction.as_ref().filter(|direction| direction.field == field.name) {
                return Column::Direction(direction);
            }
            let there = plan.there(&field.name);
            if let Some(place) = self.there.iter().position(|field| field.name == there) {
                return Column::There { place, text: matches!(field.ty, Type::String | Type::Enum(_)) };
            }
            match &field.ty {
                Type::Enum(known) => Column::Known(self.base(&field.name), &known.values),
                _ => Column::Nothing,
            }
        };
        fields.iter().map(column).collect()
    }

    /// The events of one row: its count in a few packets, whose parts add up to it.
    fn came(&self, plan: &Plan<'_>, columns: &[Column<'_>], origin: Origin<'_>, all: &mut Vec<Event>) {
        let mut random = random(self.base("*came"), origin.subject);
        let begin = self.begin(plan, origin.row);
        let mut left = self.count(plan, origin.row);
        let packets = (1 + random.below(MOST_PACKETS)).min(left);
        for packet in 0..packets {
            let others = packets - packet - 1;
            // Each later packet has at least one.
            let most = left - others - 1;
            let count =
                if others == 0 { left } else { 1 + random.below((left - others).saturating_mul(2) / (others + 1)).min(most) };
            left -= count;
            let at = self.moment(begin, packet == 0, &mut random);
            let origin = Origin { subject: origin.subject + packet, ..origin };
            all.push(self.event(columns, origin, at, count, false));
        }
    }

    /// Two events of a row that is no longer there.
    fn went(&self, plan: &Plan<'_>, columns: &[Column<'_>], origin: Origin<'_>, all: &mut Vec<Event>) {
        let mut random = random(self.base("*went"), origin.subject);
        let came = self.moment(self.begin(plan, origin.row), true, &mut random);
        let there = u64::try_from(self.start.duration_since(came).as_secs()).unwrap_or(0);
        let went = later(came, random.below(there + 1)).min(self.start);
        all.push(self.event(columns, origin, came, 1, false));
        all.push(self.event(columns, origin, went, 1, true));
    }

    /// How many events a row has; a count that is null or no number has none.
    fn count(&self, plan: &Plan<'_>, row: &Row) -> u64 {
        let Some(name) = plan.count else { return 1 };
        let count = row.get(self.there, name).and_then(whole);
        count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0)
    }

    /// When the events of a row begin, where it says so.
    fn begin(&self, plan: &Plan<'_>, row: &Row) -> Option<Timestamp> {
        instant(row.get(self.there, plan.begin?)?.as_str()?, self.zone)
    }

    /// When it happens: never after the simulator's start, also where a row says that it begins later.
    fn moment(&self, begin: Option<Timestamp>, first: bool, random: &mut Random) -> Timestamp {
        let at = match begin {
            Some(begin) if first => begin,
            Some(begin) => later(begin, random.below(SPREAD)),
            None => {
                let ago = SignedDuration::from_secs(i64::try_from(random.below(PAST)).unwrap_or(0));
                self.start.checked_sub(ago).unwrap_or(self.start)
            }
        };
        at.min(self.start)
    }

    fn event(&self, columns: &[Column<'_>], origin: Origin<'_>, at: Timestamp, count: u64, gone: bool) -> Event {
        let cells = columns.iter().map(|column| Some(column.cell(origin, gone))).collect();
        let Origin { club, subject, .. } = origin;
        Event { at, count: i64::try_from(count).unwrap_or(i64::MAX), gone, club, subject, row: Row { cells, other: Map::new() } }
    }
}

impl Column<'_> {
    fn cell(&self, origin: Origin<'_>, gone: bool) -> Value {
        match self {
            Self::Club => origin.club.map_or(Value::Null, Value::from),
            Self::Direction(direction) => if gone { direction.went } else { direction.came }.into(),
            Self::There { place, text } => {
                let value = origin.row.cell(*place).cloned().unwrap_or(Value::Null);
                if *text { as_text(value) } else { value }
            }
            Self::Known(base, values) => {
                random(*base, origin.subject).pick(values).map_or(Value::Null, |known| known.value.as_str().into())
            }
            Self::Nothing => Value::Null,
        }
    }
}

/// The random numbers of a subject.
fn random(base: u64, subject: u64) -> Random {
    Random::new(base ^ mix(subject.wrapping_add(1)))
}

fn later(at: Timestamp, seconds: u64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0))).unwrap_or(at)
}
