//! Sends the requests of a history, one after the other. Not generic: labels are checked as they arrive, and read at the end.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, tz::TimeZone};

use super::outcome::{History, HistoryChart, MissingRange, ZoneSource};
use super::plan::{MOST_PARTS, Part, Plan};
use super::stitch::{self, Stitch};
use super::work::{Layout, Work};
use crate::client::{customers::Customers, inner::Inner};
use crate::decode::chart::Chart;
use crate::decode::chart_reader::{CheckLabel, RawLabel, read_raw};
use crate::error::range::{RangeError, RangeProblem};
use crate::facts::{formats::IntervalInfo, metric::Adds, report::ReportSpec, vocabulary::Provenance};
use crate::request::spec::{FormatSpec, IntervalChoice, QueryKind, QuerySpec};
use crate::request::{grid::Grid, points, range_check};
use crate::time::{moment::Moment, range::TimeRange};
use crate::{decode::fault::Fault, error::Error, meta::Meta, text::excerpt::snippet};

/// The smallest step that the API writes.
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

/// How long requests for the first bucket may take: a bucket that the retention reaches by then is clipped too.
const WHILE_ASKING: SignedDuration = SignedDuration::from_mins(10);

/// What the caller decides.
#[derive(Clone, Debug, Default)]
pub(in crate::client) struct Options {
    pub(super) zone: Option<TimeZone>,
    pub(super) clip: bool,
    pub(super) customers: Option<Customers>,
}

/// A history, and if it failed, what is missing and why.
pub(in crate::client) struct Outcome {
    pub(super) history: History<RawLabel>,
    pub(super) failed: Option<(Error, Vec<MissingRange>)>,
}

/// A history under way.
struct Run {
    inner: Arc<Inner>,
    query: QuerySpec,
    report: &'static ReportSpec,
    interval: &'static IntervalInfo,
    check: CheckLabel,
    options: Options,
    /// If the range is to be clipped, since when data are retained, and the error without clipping.
    since: Option<(jiff::Timestamp, Box<RangeError>)>,
    history: History<RawLabel>,
}

/// The chart of some customers, or that they have several zones and are to be asked one by one.
enum Answer {
    Chart(Box<HistoryChart<RawLabel>>),
    OneByOne,
}

/// What stopped the requests for some customers.
struct Stopped {
    error: Error,
    so_far: Option<Box<HistoryChart<RawLabel>>>,
    missing: TimeRange,
}

/// Fetches a history.
pub(super) async fn run(inner: Arc<Inner>, query: QuerySpec, options: Options, check: CheckLabel) -> Outcome {
    let range = match &query.kind {
        QueryKind::Report(_, FormatSpec::Timeseries { range, .. }) => *range,
        _ => TimeRange::new(jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::UNIX_EPOCH),
    };
    let customers = options.customers.clone().unwrap_or_else(|| inner.customers.clone());
    let batches = customers.batches(inner.overrides.spec);
    let history = History {
        charts: Vec::new(),
        unmerged: None,
        interval: "",
        range,
        clipped: None,
        requests: 0,
        probes: 0,
        parts: 0,
        further_splits: 0,
        settled_until: None,
        meta: Meta::default(),
    };
    // A wrong id is told before anything is sent.
    let headers = batches.iter().try_for_each(|customers| customers.header(&inner.overrides).map(drop));
    let run = headers.map_err(Error::from).and_then(|()| Run::new(inner, query, options, check, history.clone()));
    match run {
        Ok(run) => run.all(batches.into()).await,
        Err(error) => {
            let missing = batches.into_iter().map(|customers| MissingRange { customers, range }).collect();
            Outcome { history, failed: Some((error, missing)) }
        }
    }
}

impl Run {
    /// Checks what needs no request.
    fn new(
        inner: Arc<Inner>,
        mut query: QuerySpec,
        options: Options,
        check: CheckLabel,
        mut history: History<RawLabel>,
    ) -> Result<Self, Error> {
        query.check_api(&inner.overrides)?;
        query.check_report()?;
        let QueryKind::Report(report, FormatSpec::Timeseries { range, interval: choice }) = &mut query.kind else {
            return Err(Error::configuration("history", "only a timeseries has a history"));
        };
        range_check::check_order(report.name, *range)?;
        let (report, format) = (*report, &inner.overrides.spec.timeseries);
        let interval = range_check::interval(format, report, *range, choice.as_ref())?;
        let unknown =
            || Error::configuration("interval", "which interval the server chooses for this report is not known; name one");
        let interval = interval.ok_or_else(unknown)?;
        // The server would choose another one for a part.
        *choice = Some(IntervalChoice::Named(interval.name.into()));
        let since = match range_check::check_retention(report, *range, interval, &inner.overrides, &inner.clock) {
            Err(Error::Range(error)) if options.clip => match &error.problem {
                RangeProblem::BeyondRetention { since, .. } => Some((since.instant(), error)),
                _ => return Err(Error::Range(error)),
            },
            retained => retained.map(|()| None)?,
        };
        history.interval = interval.name;
        let most = u64::from(format.most_time_points).saturating_mul(MOST_PARTS as u64 + 1);
        if points::most_points(history.range, interval.bucket_length) > most {
            return Err(too_many(report, history.range, interval));
        }
        let now = inner.clock.now();
        history.settled_until = report.data_lag.and_then(|lag| points::before(now, lag.period, history.range.to));
        Ok(Self { inner, query, report, interval, check, options, since, history })
    }

    /// Asks for the customers, batch by batch.
    async fn all(mut self, mut waiting: VecDeque<Customers>) -> Outcome {
        while let Some(customers) = waiting.pop_front() {
            match self.one(&customers).await {
                Ok(Answer::Chart(chart)) => self.history.charts.push(*chart),
                Ok(Answer::OneByOne) => {
                    // It cannot be that of all of them.
                    self.options.zone = None;
                    customers.several().unwrap_or_default().iter().rev().for_each(|id| waiting.push_front(Customers::id(*id)));
                }
                Err(Stopped { error, so_far, missing }) => {
                    self.history.charts.extend(so_far.map(|chart| *chart));
                    let rest = waiting.into_iter().map(|customers| MissingRange { customers, range: self.history.range });
                    let missing = std::iter::once(MissingRange { customers, range: missing }).chain(rest).collect();
                    return Outcome { history: self.history, failed: Some((error, missing)) };
                }
            }
        }
        self.merge();
        Outcome { history: self.history, failed: None }
    }

    /// Asks for the customers of one batch.
    async fn one(&mut self, customers: &Customers) -> Result<Answer, Stopped> {
        let whole = self.history.range;
        let stopped = |error| Stopped { error, so_far: None, missing: whole };
        let inner = self.inner.for_customers(customers.clone()).map_err(|error| stopped(error.into()))?;
        if let Some(zone) = self.options.zone.clone() {
            let layout = Layout { zone, from: ZoneSource::Caller, name: None };
            return self.walk(&inner, customers, layout, None).await;
        }
        // A range that fits in any zone needs none.
        let fits = self.since.is_none() && self.fits(whole);
        let (range, from) = if fits { (whole, ZoneSource::Chart) } else { (just_before(whole.to), ZoneSource::Probe) };
        self.history.probes += u32::from(!fits);
        let chart = self.fetch(&inner, range).await.map_err(stopped)?;
        if self.is_local(&chart) && customers.several().is_some() {
            return Ok(Answer::OneByOne);
        }
        if fits && chart.complete {
            self.history.parts += 1;
            let (customers, incomplete) = (customers.clone(), Vec::new());
            return Ok(Answer::Chart(Box::new(HistoryChart { customers, range, chart, incomplete, zone_from: from })));
        }
        let layout = self.layout(&chart, from).map_err(stopped)?;
        self.walk(&inner, customers, layout, fits.then_some(chart)).await
    }

    /// Asks for all parts of the range. The chart of the whole range, if there is one already, is incomplete.
    async fn walk(
        &mut self,
        inner: &Inner,
        customers: &Customers,
        layout: Layout,
        mut whole: Option<Chart<RawLabel>>,
    ) -> Result<Answer, Stopped> {
        let stopped = |run: &Self, error| Stopped { error, so_far: None, missing: run.history.range };
        let mut work = self.work(layout).map_err(|error| stopped(self, error))?;
        if whole.is_some() {
            work.rest = VecDeque::from([work.plan.whole()]);
        }
        while let Some(part) = work.rest.pop_front() {
            let chart = match whole.take() {
                Some(chart) => Ok(chart),
                None => self.fetch(inner, work.plan.range_of(&part)).await,
            };
            let agreed = chart.and_then(|chart| {
                if work.layout.name.is_none() && self.is_local(&chart) {
                    return Ok(None);
                }
                work.agree(&chart, &part).map_err(|problem| self.odd(&chart, problem))?;
                Ok(Some(chart))
            });
            match agreed {
                Ok(Some(chart)) => self.take(&mut work, part, chart),
                Ok(None) if customers.several().is_some() => return Ok(Answer::OneByOne),
                // The zone of the caller does not lay these buckets.
                Ok(None) => work = self.work(Layout::local(self.local_zone())).map_err(|error| stopped(self, error))?,
                Err(error) => {
                    // A range must end after it starts, also one of a bucket that starts where the whole ends.
                    let (TimeRange { from, to: end }, to) = (work.plan.range_of(&part), self.history.range.to);
                    let missing = TimeRange { from, to: if to.instant() > from.instant() { to } else { end } };
                    return Err(Stopped { error, so_far: work.finish(customers), missing });
                }
            }
        }
        // A range has at least one part.
        work.finish(customers).map(Answer::Chart).ok_or_else(|| stopped(self, self.too_many()))
    }

    /// Keeps the chart of a part, or splits the part further.
    fn take(&mut self, work: &mut Work, part: Part, chart: Chart<RawLabel>) {
        if !chart.complete && part.len() > 1 {
            let middle = part.start + part.len() / 2;
            work.rest.push_front(middle..part.end);
            work.rest.push_front(part.start..middle);
            self.history.further_splits += 1;
            return;
        }
        if !chart.complete {
            work.incomplete.push(work.plan.start(part.start));
        }
        self.history.parts += 1;
        work.stitch.push(chart);
    }

    /// The parts in that zone.
    fn work(&mut self, layout: Layout) -> Result<Work, Error> {
        let grid = Grid::new(self.interval.bucket_length, layout.zone.clone());
        let range = self.clipped(&grid)?;
        let most = self.inner.overrides.spec.timeseries.most_time_points;
        let plan = Plan::new(grid, self.interval.bucket_length, range, most).ok_or_else(|| self.too_many())?;
        // In another zone than the caller's, a part may touch one more bucket.
        let rest: VecDeque<Part> = plan.parts(if layout.name.is_some() { most } else { most.saturating_sub(1).max(1) }).into();
        if rest.len() > MOST_PARTS {
            return Err(self.too_many());
        }
        Ok(Work { plan, rest, layout, stitch: Stitch::default(), incomplete: Vec::new() })
    }

    fn too_many(&self) -> Error {
        too_many(self.report, self.history.range, self.interval)
    }

    /// The range from the first bucket that is surely retained.
    fn clipped(&mut self, grid: &Grid) -> Result<TimeRange, Error> {
        let whole = self.history.range;
        let Some((since, lost)) = &self.since else { return Ok(whole) };
        let start = since.checked_add(WHILE_ASKING).ok().and_then(|since| grid.after(grid.start_of(since)?));
        let start = start.filter(|start| *start < whole.to.instant()).ok_or_else(|| Error::Range(lost.clone()))?;
        let start = Moment::from(start.to_zoned_datetime(grid.zone().clone()));
        let before =
            self.history.clipped.map_or(start, |clipped| if clipped.to.instant() > start.instant() { clipped.to } else { start });
        self.history.clipped = Some(TimeRange { from: whole.from, to: before });
        Ok(TimeRange { from: start, to: whole.to })
    }

    /// Whether one request may ask for the range, in whatever zone the server lays its buckets.
    fn fits(&self, range: TimeRange) -> bool {
        let most = u64::from(self.inner.overrides.spec.timeseries.most_time_points);
        points::most_points(range, self.interval.bucket_length) < most
    }

    /// The chart of a range.
    async fn fetch(&mut self, inner: &Inner, range: TimeRange) -> Result<Chart<RawLabel>, Error> {
        let mut query = self.query.clone();
        query.set_range(range);
        self.history.requests += 1;
        let chart = match inner.send(Arc::new(query), None).await {
            Ok(response) => {
                stitch::add_meta(&mut self.history.meta, &response.exchange.meta);
                read_raw(&response, self.check)?
            }
            Err(error) => {
                error.meta().inspect(|meta| stitch::add_meta(&mut self.history.meta, meta));
                return Err(error);
            }
        };
        let (asked, format) = (self.interval.name, &self.inner.overrides.spec.timeseries);
        if chart.interval != asked {
            let problem = format!("expected the interval `{asked}`, which was asked for, found `{}`", snippet(&chart.interval));
            return Err(self.odd(&chart, (format.used_interval_key.to_owned(), problem)));
        }
        Ok(chart)
    }

    /// A chart that does not belong to the others.
    fn odd(&self, chart: &Chart<RawLabel>, (field, problem): (String, String)) -> Error {
        let exchange = self.inner.exchange(Arc::new(self.query.clone()), chart.meta.clone());
        Fault::at(field, problem, "").into_error(&exchange, None, None)
    }

    fn local_zone(&self) -> &'static str {
        self.inner.overrides.spec.timeseries.local_zone
    }

    /// Whether the customers of a chart have several zones.
    fn is_local(&self, chart: &Chart<RawLabel>) -> bool {
        chart.range_zone == self.local_zone()
    }

    /// The zone that a chart names.
    fn layout(&self, chart: &Chart<RawLabel>, from: ZoneSource) -> Result<Layout, Error> {
        let name = &chart.range_zone;
        if self.is_local(chart) {
            return Ok(Layout { from, ..Layout::local(name) });
        }
        let unknown = |_| {
            let name = snippet(name);
            Error::configuration(
                "zone",
                format!("charts name the zone `{name}`, which no time zone database here has; set `zone`"),
            )
        };
        Ok(Layout { zone: TimeZone::get(name).map_err(unknown)?, from, name: Some(name.clone()) })
    }

    /// Merges the charts of different customers, if their figures add.
    fn merge(&mut self) {
        let charts = std::mem::take(&mut self.history.charts);
        // A figure that is only assumed to add is not known to.
        let known = |adds: &Adds| matches!(adds.provenance, Provenance::Documented | Provenance::Example | Provenance::Inferred);
        let adds = self.report.adds.filter(known).map(|adds| adds.customers);
        (self.history.charts, self.history.unmerged) = stitch::merged(charts, adds);
    }
}

fn too_many(report: &'static ReportSpec, range: TimeRange, interval: &'static IntervalInfo) -> Error {
    let problem = RangeProblem::TooManyParts { most: MOST_PARTS };
    Error::Range(Box::new(RangeError::new(report.name, range, interval.name, problem)))
}

/// The last millisecond of a range.
fn just_before(end: Moment) -> TimeRange {
    let from = end.civil().checked_sub(MILLISECOND).ok().and_then(|from| end.at(from));
    TimeRange { from: from.unwrap_or(end), to: end }
}
