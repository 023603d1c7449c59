//! Sends the requests of a history, one after the other. Not generic: labels are checked as they arrive, and read at the end.

use std::{collections::VecDeque, ops::ControlFlow, sync::Arc};

use jiff::{SignedDuration, tz::TimeZone};

use super::kept::{HistoryPart, Parts, request_of};
use super::outcome::{History, HistoryChart, MissingRange, ZoneSource};
use super::plan::{self, MOST_PARTS, Part, Plan};
use super::stitch;
use super::work::{Layout, Work};
use crate::client::{customers::Customers, inner::Inner, trace};
use crate::decode::chart::Chart;
use crate::decode::chart_reader::{CheckLabel, RawLabel, read_raw};
use crate::error::range::{RangeError, RangeProblem};
use crate::facts::{formats::IntervalInfo, report::ReportSpec};
use crate::request::spec::{FormatSpec, IntervalChoice, QueryKind, QuerySpec};
use crate::request::{grid::Grid, points, range_check};
use crate::time::{clock::Clock, moment::Moment, range::TimeRange};
use crate::{decode::fault::Fault, error::Error, text::excerpt::snippet};

/// How long requests for the first bucket may take: a bucket that the retention reaches by then is clipped too.
const WHILE_ASKING: SignedDuration = SignedDuration::from_mins(10);

/// What the caller decides.
#[derive(Clone, Debug, Default)]
pub(in crate::client) struct Options {
    pub(super) zone: Option<TimeZone>,
    pub(super) clip: bool,
    pub(super) customers: Option<Customers>,
    pub(super) parts: Parts,
}

/// A history, and why it is not whole.
pub(in crate::client) struct Outcome {
    pub(super) history: History<RawLabel>,
    pub(super) failed: Option<Failed>,
}

/// What stopped a history, what it lacks, and the requests to come; none if it could not begin.
pub(in crate::client) struct Failed {
    pub(super) error: Error,
    pub(super) missing: Vec<MissingRange>,
    pub(super) rest: Option<Box<Run>>,
}

/// A history under way. After an error, it goes on where it stopped.
pub(in crate::client) struct Run {
    inner: Arc<Inner>,
    /// The query as the caller made it.
    asked: QuerySpec,
    /// The same with the interval that the server would choose for the whole range.
    query: QuerySpec,
    report: &'static ReportSpec,
    interval: &'static IntervalInfo,
    check: CheckLabel,
    options: Options,
    /// When it began, in an earlier process perhaps.
    started: jiff::Timestamp,
    /// The latest response, until it is used.
    latest: Option<HistoryPart>,
    /// If the range is to be clipped, since when data are retained, and the error without clipping.
    since: Option<(jiff::Timestamp, Box<RangeError>)>,
    /// The batches of customers to come, with the one under way.
    waiting: VecDeque<Customers>,
    /// What is there of the one under way.
    work: Option<Work>,
    /// Its charts are those of the batches before.
    history: History<RawLabel>,
}

/// The chart of some customers, or that they have several zones and are to be asked one by one.
enum Answer {
    Chart(Box<HistoryChart<RawLabel>>),
    OneByOne,
}

/// Fetches a history, or the rest of one.
pub(super) async fn run(
    inner: Arc<Inner>,
    query: QuerySpec,
    options: Options,
    rest: Option<Box<Run>>,
    check: CheckLabel,
) -> Outcome {
    if let Some(mut run) = rest {
        if run.asked != query {
            let problem = "the query is not that of the partial history; resume with the same query, over the same range";
            return run.stop(Error::configuration("history", problem));
        }
        run.inner = inner;
        return trace::history(run.report.name, run.all()).await;
    }
    let range = match &query.kind {
        QueryKind::Report(_, FormatSpec::Timeseries { range, .. }) => *range,
        _ => TimeRange::new(jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::UNIX_EPOCH),
    };
    let customers = options.customers.clone().unwrap_or_else(|| inner.customers.clone());
    let batches = customers.batches(inner.overrides.spec);
    // A wrong id is told before anything is sent.
    let headers = batches.iter().try_for_each(|customers| customers.header(&inner.overrides).map(drop));
    let run = headers.map_err(Error::from).and_then(|()| Run::new(inner, query, options, check, batches.clone().into(), range));
    match run {
        Ok(run) => trace::history(run.report.name, Box::new(run).all()).await,
        Err(error) => {
            let missing = batches.into_iter().map(|customers| MissingRange { customers, range }).collect();
            Outcome { history: History::new(range), failed: Some(Failed { error, missing, rest: None }) }
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
        waiting: VecDeque<Customers>,
        range: TimeRange,
    ) -> Result<Self, Error> {
        let (asked, mut history) = (query.clone(), History::new(range));
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
        let started = options.parts.started.unwrap_or_else(|| inner.clock.now());
        let since = match range_check::check_retention(report, *range, interval, &inner.overrides, &Clock::new(move || started)) {
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
        history.settled_until = report.data_lag.and_then(|lag| points::before(started, lag.period, history.range.to));
        let (latest, work) = (None, None);
        Ok(Self { inner, asked, query, report, interval, check, options, started, latest, since, waiting, work, history })
    }

    /// Asks for the customers, batch by batch.
    async fn all(mut self: Box<Self>) -> Outcome {
        while let Some(customers) = self.waiting.front().cloned() {
            match self.one(&customers).await {
                Ok(Answer::Chart(chart)) => {
                    self.waiting.pop_front();
                    self.history.charts.push(*chart);
                }
                Ok(Answer::OneByOne) => {
                    // It cannot be that of all of them.
                    self.options.zone = None;
                    self.waiting.pop_front();
                    let ids = customers.several().unwrap_or_default().iter().rev();
                    ids.for_each(|id| self.waiting.push_front(Customers::id(*id)));
                }
                Err(error) => return self.stop(error),
            }
        }
        self.merge();
        Outcome { history: self.history, failed: None }
    }

    /// What is there before an error.
    fn stop(self: Box<Self>, error: Error) -> Outcome {
        let (mut history, range) = (self.history.clone(), self.history.range);
        let of = |customers: &Customers| MissingRange { customers: customers.clone(), range };
        let mut missing: Vec<MissingRange> = self.waiting.iter().map(of).collect();
        if let (Some(first), Some(work)) = (missing.first_mut(), &self.work) {
            first.range = work.missing();
            history.charts.extend(work.clone().chart(&first.customers).map(|chart| *chart));
        }
        Outcome { history, failed: Some(Failed { error, missing, rest: Some(self) }) }
    }

    /// Asks for the customers of one batch.
    async fn one(&mut self, customers: &Customers) -> Result<Answer, Error> {
        let inner = self.inner.for_customers(customers.clone())?;
        let mut work = match self.work.take() {
            Some(work) => work,
            None => match self.begin(&inner, customers).await? {
                ControlFlow::Continue(work) => work,
                ControlFlow::Break(answer) => return Ok(answer),
            },
        };
        match self.walk(&inner, customers, &mut work).await {
            // A range has at least one part.
            Ok(true) => work.chart(customers).map(Answer::Chart).ok_or_else(|| self.too_many()),
            Ok(false) => Ok(Answer::OneByOne),
            Err(error) => {
                self.work = Some(work);
                Err(error)
            }
        }
    }

    /// The parts to ask for, or an answer that needs none. Without a zone, the end of the range tells it: the whole range if that fits,
    /// else the last part.
    async fn begin(&mut self, inner: &Inner, customers: &Customers) -> Result<ControlFlow<Answer, Work>, Error> {
        let most = self.inner.overrides.spec.timeseries.most_time_points;
        if let Some(zone) = self.options.zone.clone() {
            let mut work = self.work(Layout { zone, from: ZoneSource::Caller, name: None })?;
            let all = work.plan.whole();
            // Several customers may have other zones, where a part may touch one more bucket. So may a wrong zone of the caller.
            let fits = customers.listed().len() == 1 && work.plan.parts(all.clone(), most).len() == 1;
            work.ask_for(all, if fits { most } else { most.saturating_sub(1) });
            return Ok(ControlFlow::Continue(work));
        }
        let range = self.end();
        let chart = self.fetch(inner, range).await?;
        if self.is_local(&chart) && customers.several().is_some() {
            self.history.probes += 1;
            self.keep();
            return Ok(ControlFlow::Break(Answer::OneByOne));
        }
        if range == self.history.range && chart.complete {
            self.history.parts += 1;
            self.keep();
            let (customers, incomplete, zone_from) = (customers.clone(), Vec::new(), ZoneSource::Chart);
            return Ok(ControlFlow::Break(Answer::Chart(Box::new(HistoryChart {
                customers,
                range,
                chart,
                incomplete,
                zone_from,
            }))));
        }
        let layout = self.layout(&chart)?;
        let mut work = self.work(layout)?;
        self.keep();
        self.history.probes += u32::from(!work.end_with(range, chart, most));
        Ok(ControlFlow::Continue(work))
    }

    /// Asks for all parts to come. False if the customers have several zones.
    async fn walk(&mut self, inner: &Inner, customers: &Customers, work: &mut Work) -> Result<bool, Error> {
        while let Some(part) = work.next_part() {
            let chart = match work.answered.take_if(|(answered, _)| *answered == part) {
                Some((_, chart)) => chart,
                None => self.fetch(inner, work.plan.range_of(&part)).await.map_err(|error| work.clear_proven(error))?,
            };
            if work.layout.name.is_none() && self.is_local(&chart) {
                self.history.probes += 1;
                self.keep();
                if customers.several().is_some() {
                    return Ok(false);
                }
                // The zone of the caller does not lay these buckets.
                *work = self.work(Layout::local(self.local_zone()))?;
                work.ask_for(work.plan.whole(), self.inner.overrides.spec.timeseries.most_time_points);
                continue;
            }
            work.agree_on_zone(&chart)?;
            work.agree(&chart, &part).map_err(|problem| self.odd(&chart, problem))?;
            self.keep();
            self.take(work, part, chart);
        }
        Ok(true)
    }

    /// Hands the latest response to the caller, because it is used.
    fn keep(&mut self) {
        if let Some(part) = self.latest.take() {
            self.options.parts.keep(part);
        }
    }

    /// Keeps the chart of a part, or splits the part further.
    fn take(&mut self, work: &mut Work, part: Part, chart: Chart<RawLabel>) {
        if !chart.complete && part.len() > 1 {
            work.longest = part.len().div_ceil(2);
            self.history.further_splits += 1;
            return;
        }
        work.rest.pop_front();
        if let Some(points) = chart.data_points {
            work.learn(part.len(), points, self.inner.overrides.spec.timeseries.most_data_points);
        }
        if !chart.complete {
            work.incomplete.push(work.plan.start(part.start));
        }
        self.history.parts += 1;
        work.stitch.push(chart);
    }

    /// The buckets in that zone, of which no part is asked for yet.
    fn work(&mut self, layout: Layout) -> Result<Work, Error> {
        let grid = Grid::new(self.interval.bucket_length, layout.zone.clone());
        let range = self.clipped(&grid)?;
        let most = self.inner.overrides.spec.timeseries.most_time_points;
        let plan = Plan::new(grid, self.interval.bucket_length, range, most).ok_or_else(|| self.too_many())?;
        if plan.parts(plan.whole(), most).len() > MOST_PARTS {
            return Err(self.too_many());
        }
        Ok(Work::new(plan, layout))
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

    /// The longest end of the range that is retained and that one request may ask for.
    fn end(&self) -> TimeRange {
        let whole = self.history.range;
        let retained = self.since.as_ref().and_then(|(since, _)| since.checked_add(WHILE_ASKING).ok());
        let retained = retained.map(|since| Moment::from(since.to_zoned_datetime(TimeZone::fixed(whole.to.offset()))));
        let most = self.inner.overrides.spec.timeseries.most_time_points;
        plan::end(TimeRange { from: retained.unwrap_or(whole.from), ..whole }, self.interval.bucket_length, most)
    }

    /// The chart of a range.
    async fn fetch(&mut self, inner: &Inner, range: TimeRange) -> Result<Chart<RawLabel>, Error> {
        let mut query = self.query.clone();
        query.set_range(range);
        let (request, query) = (request_of(inner, &query)?, Arc::new(query));
        self.history.requests += 1;
        let known = self.options.parts.take(&request, inner, &query);
        let is_new = known.is_none();
        let response = match known {
            Some(response) => Ok(response),
            None => inner.send(query, None).await,
        };
        let response = response.inspect_err(|error| {
            error.meta().inspect(|meta| stitch::add_meta(&mut self.history.meta, meta));
        })?;
        stitch::add_meta(&mut self.history.meta, &response.exchange.meta);
        let chart = read_raw(&response, self.check)?;
        self.latest =
            (is_new && self.options.parts.are_kept()).then(|| HistoryPart::new(self.started, request, response)).flatten();
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
    fn layout(&self, chart: &Chart<RawLabel>) -> Result<Layout, Error> {
        let name = &chart.range_zone;
        if self.is_local(chart) {
            return Ok(Layout::local(name));
        }
        let unknown = |_| {
            let name = snippet(name);
            Error::configuration(
                "zone",
                format!("charts name the zone `{name}`, which no time zone database here has; set `zone`"),
            )
        };
        Ok(Layout { zone: TimeZone::get(name).map_err(unknown)?, from: ZoneSource::Chart, name: Some(name.clone()) })
    }

    /// Merges the charts of different customers, if their figures add.
    fn merge(&mut self) {
        let charts = std::mem::take(&mut self.history.charts);
        let adds = self.report.adds.filter(|adds| adds.is_known()).map(|adds| adds.customers);
        (self.history.charts, self.history.unmerged) = stitch::merged(charts, adds);
    }
}

fn too_many(report: &'static ReportSpec, range: TimeRange, interval: &'static IntervalInfo) -> Error {
    let problem = RangeProblem::TooManyParts { most: MOST_PARTS };
    Error::Range(Box::new(RangeError::new(report.name, range, interval.name, problem)))
}
