//! Queries in the timeseries format, answered by a chart, or over a longer range by a history.

use std::borrow::Cow;

use super::interval::{HasInterval, Interval};
use super::report_query::{QueryFormat, ReportQuery};
use super::traits::Charted;
use crate::facts::api::{Api, ApiRef, StaticApi};
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
        chart_reader::read(&response)
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
}

impl<Label> Timeseries<AnyReport, Label> {
    /// Sets the interval by its name, which may be that of the automatic interval. Without one, the server chooses. The client rejects
    /// one that the report does not have before sending.
    pub fn interval(self, name: impl Into<String>) -> Self {
        self.at(IntervalChoice::Named(name.into().into()))
    }
}

#[diagnostic::do_not_recommend]
impl<R: Report, Label: FromObject> Charted<R::Api> for Timeseries<R, Label> {
    type Label = Label;
}

#[diagnostic::do_not_recommend]
impl<A: Api, Label: FromObject> Charted<A> for Timeseries<AnyReport, Label> {
    type Label = Label;
}
