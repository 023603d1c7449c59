//! The timeseries format. In come a report, a range, an interval, a filter; out goes a request that the documented limits allow, and a
//! chart comes back. What the server would refuse or cut in silence is told before anything is sent, or in the chart.

mod chart;
mod decode;
mod interval;
mod judge;
mod number;
mod points;
mod range;

pub use chart::{Buckets, Chart, LocalTime, Series};
pub use interval::{Auto, HasInterval, Interval};
pub use number::Number;
pub use range::{Moment, TimeRange};

pub(crate) use judge::{judge, judge_order, split};

use std::{borrow::Cow, marker::PhantomData};

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use crate::{
    Api, ApiSpec, Error, Filter, JsonRow, Query, Record, Report, ReportInfo,
    client::transport::{Core, Received},
    filter::Node,
    query::{Ask, Chosen, Kind, sealed::Asks, shell},
};

/// A query for a chart of the report `R`, whose series have labels read as `Label`.
pub struct Timeseries<R, Label> {
    ask: Ask,
    marker: PhantomData<fn() -> (R, Label)>,
}

const fn series(info: &'static ReportInfo, aggregation: Option<Cow<'static, str>>, range: TimeRange) -> Ask {
    Ask::new(info, aggregation, Kind::Timeseries { info, range, interval: None })
}

fn set_interval(ask: &mut Ask, chosen: Chosen) {
    if let Kind::Timeseries { interval, .. } = &mut ask.kind {
        *interval = Some(chosen);
    }
}

/// The same ask for other ranges, each of which has few enough time points; only itself where it cannot be cut or need not be.
fn split_ask(ask: &Ask, spec: &'static ApiSpec, zone: Option<&TimeZone>) -> Vec<Ask> {
    let Kind::Timeseries { info, range, interval } = &ask.kind else { return Vec::new() };
    let Some((name, pieces)) = split(spec, info, *range, interval.as_ref(), zone) else { return vec![ask.clone()] };
    let chosen = Some(Chosen::Named(name.into()));
    let with = |range| Ask { kind: Kind::Timeseries { info, range, interval: chosen.clone() }, ..ask.clone() };
    pieces.into_iter().map(with).collect()
}

impl<R: Report, Label> Timeseries<R, Label> {
    /// Asks for the report's own series.
    pub fn new(range: impl Into<TimeRange>) -> Self {
        Self { ask: series(R::INFO, None, range.into()), marker: PhantomData }
    }

    /// Asks for the series of the aggregation of that name.
    pub fn aggregated(name: &'static str, range: impl Into<TimeRange>) -> Self {
        Self::aggregated_by(name, range)
    }

    /// Asks for the series of an aggregation whose name is learnt at run time.
    pub fn aggregated_by(name: impl Into<Cow<'static, str>>, range: impl Into<TimeRange>) -> Self {
        Self { ask: series(R::INFO, Some(name.into()), range.into()), marker: PhantomData }
    }

    /// The length of a bucket. Without this the server chooses.
    #[must_use]
    pub fn interval<I: Interval>(mut self, _: I) -> Self
    where
        R: HasInterval<I>,
    {
        set_interval(&mut self.ask, I::NAME.map_or(Chosen::Auto, |name| Chosen::Named(name.into())));
        self
    }

    /// The length of a bucket by its name. One that the report does not offer is refused before anything is sent.
    #[must_use]
    pub fn interval_named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        set_interval(&mut self.ask, Chosen::Named(name.into()));
        self
    }

    /// Only what the filter lets through; a second filter must hold as well.
    #[must_use]
    pub fn filter(mut self, filter: Filter<R>) -> Self {
        self.ask.add(filter.into_node());
        self
    }

    /// The same query with labels read as another type, such as [`JsonRow`].
    #[must_use]
    pub fn labels_as<Other: Record>(self) -> Timeseries<R, Other> {
        Timeseries { ask: self.ask, marker: PhantomData }
    }

    /// Queries for parts of the range, in order, each of few enough time points whichever way they are counted; only this one where it is
    /// few enough itself, or where it would fall into more than 1000 parts (which is refused when it is fetched).
    ///
    /// Parts begin at the start of a bucket, and each ends one millisecond before the next begins: so no bucket comes in two answers,
    /// even if the server counts the bucket that holds the end of a range. Where buckets begin is taken from the offset in which the range
    /// begins. If the charts' zone has another, as after a change of the clock, a bucket of days or longer at a cut may come in both
    /// answers, and counting both would count it twice: [`split_in`](Self::split_in) with that zone avoids it.
    #[must_use]
    pub fn split(&self) -> Vec<Self> {
        self.parts(None)
    }

    /// The same with buckets that begin by the clock of that zone: the one that charts name as [`range_zone`](Chart::range_zone).
    #[must_use]
    pub fn split_in(&self, zone: &TimeZone) -> Vec<Self> {
        self.parts(Some(zone))
    }

    fn parts(&self, zone: Option<&TimeZone>) -> Vec<Self> {
        let parts = split_ask(&self.ask, <R::Api as Api>::SPEC, zone);
        parts.into_iter().map(|ask| Self { ask, marker: PhantomData }).collect()
    }
}

shell!(Timeseries);

impl<R: Report, Label: Record> Query<R::Api> for Timeseries<R, Label> {
    type Answer = Chart<Label>;

    fn read(core: &Core, ask: &Ask, received: Received) -> Result<Chart<Label>, Error> {
        decode::read(core, ask, received)
    }
}

/// A query for a chart put together at run time, for programs that learn the report's name from their user. Labels are JSON objects, and
/// the filter is JSON that is sent as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonTimeseries(Ask);

impl JsonTimeseries {
    /// Asks for the series of a report.
    pub fn new(report: &'static ReportInfo, range: impl Into<TimeRange>) -> Self {
        Self(series(report, None, range.into()))
    }

    /// Asks for the series of an aggregation instead.
    #[must_use]
    pub fn aggregated(mut self, name: impl Into<String>) -> Self {
        self.0.aggregation = Some(name.into().into());
        self
    }

    /// The length of a bucket by its name; `auto`'s word is a name too. Without this the server chooses.
    #[must_use]
    pub fn interval(mut self, name: impl Into<String>) -> Self {
        set_interval(&mut self.0, Chosen::Named(name.into().into()));
        self
    }

    /// Only what the filter lets through; a second filter must hold as well.
    #[must_use]
    pub fn filter(mut self, filter: Json) -> Self {
        self.0.add(Node::raw(filter));
        self
    }

    /// Queries for parts of the range; see [`Timeseries::split`].
    #[must_use]
    pub fn split<A: Api>(&self) -> Vec<Self> {
        split_ask(&self.0, A::SPEC, None).into_iter().map(Self).collect()
    }

    /// The same by the clock of a zone; see [`Timeseries::split_in`].
    #[must_use]
    pub fn split_in<A: Api>(&self, zone: &TimeZone) -> Vec<Self> {
        split_ask(&self.0, A::SPEC, Some(zone)).into_iter().map(Self).collect()
    }
}

impl Asks for JsonTimeseries {
    fn ask(&self) -> &Ask {
        &self.0
    }
}

impl<A: Api> Query<A> for JsonTimeseries {
    type Answer = Chart<JsonRow>;

    fn read(core: &Core, ask: &Ask, received: Received) -> Result<Chart<JsonRow>, Error> {
        decode::read(core, ask, received)
    }
}
