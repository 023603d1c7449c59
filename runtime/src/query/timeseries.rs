//! Queries in the timeseries format, answered by a chart. A query over a range that is too long can be split.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use super::interval::{HasInterval, Interval};
use super::report_query::{QueryFormat, ReportQuery};
use crate::facts::api::{ApiRef, StaticApi};
use crate::facts::report::{AnyReport, Report};
use crate::json::map::JsonRow;
use crate::json::object::FromObject;
use crate::request::spec::{FormatSpec, IntervalChoice, QueryKind, QuerySpec};
use crate::{
    decode::chart::Chart,
    decode::chart_reader,
    decode::raw::RawResponse,
    error::Error,
    facts::formats::TimeseriesFormat,
    request::range_check,
    time::range::{IntoTimeRange, TimeRange},
};

/// A query for a chart of the report `R`, with series labels of type `Label`.
pub type Timeseries<R, Label> = ReportQuery<TimeseriesFormat, R, Label>;

/// A query for a chart of a report known only at run time. Labels are JSON objects.
pub type JsonTimeseries = ReportQuery<TimeseriesFormat, AnyReport, JsonRow>;

impl QueryFormat for TimeseriesFormat {
    const NAME: &'static str = "Timeseries";
    type Answer<T: FromObject> = Chart<T>;

    fn read<T: FromObject>(response: RawResponse) -> Result<Chart<T>, Error> {
        chart_reader::read(response)
    }
}

pub(crate) const fn over(range: TimeRange) -> FormatSpec {
    FormatSpec::Timeseries { range, interval: None }
}

impl<R, Label> Timeseries<R, Label> {
    fn at(mut self, choice: IntervalChoice) -> Self {
        if let QueryKind::Report(_, FormatSpec::Timeseries { interval, .. }) = &mut self.spec.kind {
            *interval = Some(choice);
        }
        self
    }

    /// Queries for the parts of the range; only this query if it needs no split or cannot be split.
    fn parts(&self, zone: Option<&TimeZone>) -> Vec<Self> {
        let QueryKind::Report(report, FormatSpec::Timeseries { range, interval }) = &self.spec.kind else { return Vec::new() };
        let Some((name, parts)) = range_check::split(self.spec.api.0, report, *range, interval.as_ref(), zone) else {
            return vec![self.clone()];
        };
        let part = |range| {
            let interval = Some(IntervalChoice::Named(name.into()));
            let kind = QueryKind::Report(report, FormatSpec::Timeseries { range, interval });
            Self::of(QuerySpec { kind, ..self.spec.clone() })
        };
        parts.into_iter().map(part).collect()
    }
}

impl<R: Report, Label> Timeseries<R, Label> {
    /// A query of the report itself.
    pub fn of_report(range: impl IntoTimeRange) -> Self {
        Self::of(QuerySpec::new(ApiRef(R::Api::SPEC), R::SPEC, None, over(range.into_time_range())))
    }

    /// A query of an aggregation.
    pub fn of_aggregation(name: impl Into<Cow<'static, str>>, range: impl IntoTimeRange) -> Self {
        Self::of(QuerySpec::new(ApiRef(R::Api::SPEC), R::SPEC, Some(name.into()), over(range.into_time_range())))
    }

    /// Sets the interval. Without one, the server chooses.
    pub fn interval<I: Interval>(self, _: I) -> Self
    where
        R: HasInterval<I>,
    {
        self.at(I::NAME.map_or(IntervalChoice::Auto, |name| IntervalChoice::Named(name.into())))
    }

    /// Sets the interval by its name. The client rejects one that the report does not have before sending.
    pub fn interval_named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.at(IntervalChoice::Named(name.into()))
    }
}

impl<R, Label> Timeseries<R, Label> {
    /// The same query with another label type, such as [`JsonRow`].
    pub fn labels_as<Other: FromObject>(self) -> Timeseries<R, Other> {
        self.read_as()
    }

    /// Splits the range into parts that keep the limit of time points, in order. Returns only this query if it keeps the limit itself, or
    /// if it would need more than 1000 parts (`fetch` rejects it then).
    ///
    /// Parts start at the start of a bucket and end one millisecond before the next part, so no bucket is returned twice. Buckets follow
    /// the offset of the range's start. Across a DST change the bucket at the boundary may be returned twice, and a sum counts it
    /// twice; [`split_in`](Self::split_in) with the zone of the charts avoids that.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use harbour_api::{Moment, Traffic, interval};
    ///
    /// let (from, to): (Moment, Moment) = ("2024-01-01T00:00:00Z".parse()?, "2024-12-31T00:00:00Z".parse()?);
    /// let parts = Traffic::series(from..to).interval(interval::Hour).split();
    /// println!("{} requests", parts.len());
    /// # assert!(parts.len() > 1);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn split(&self) -> Vec<Self> {
        self.parts(None)
    }

    /// The same with buckets that follow a zone: the [`range_zone`](Chart::range_zone) of the charts.
    #[must_use]
    pub fn split_in(&self, zone: &TimeZone) -> Vec<Self> {
        self.parts(Some(zone))
    }
}

impl<Label> Timeseries<AnyReport, Label> {
    /// Sets the interval by its name, which may be that of the automatic interval. Without one, the server chooses. The client rejects
    /// one that the report does not have before sending.
    pub fn interval(self, name: impl Into<String>) -> Self {
        self.at(IntervalChoice::Named(name.into().into()))
    }
}
