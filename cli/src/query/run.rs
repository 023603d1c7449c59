//! `placewise query`: sends a query and writes its answer.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::pin::pin;

use placewise_model::exit::{Failure, Outcome};
use placewise_reporting::{AnyApi, AnyReport, ApiClient, Error, Json, JsonStatistics, Query, RawRow, Records, Warning};
use serde_json::json;

use super::arguments::Arguments;
use super::pages::{PageAt, Pages, Stop, Totals};
use super::prepare::Prepared;
use super::progress::{Progress, tokens};
use crate::digest::fnv;
use crate::explain::explain;
use crate::output::place::{CURSOR_LIFE, Place, Stopped};
use crate::output::{Columns, Format, Writer};
use crate::refusals;
use crate::terminal::{self, plural, printable};

/// A query under way.
pub(super) struct Run<'a> {
    pub arguments: &'a Arguments,
    pub prepared: &'a Prepared,
    /// For the first batch of customers, with what `--max-tokens` leaves to spend.
    pub client: &'a ApiClient<AnyApi>,
    /// Tokens that earlier runs spent of it.
    pub earlier: u64,
}

impl Run<'_> {
    /// Where the answer goes.
    pub(super) fn place(&self) -> Result<Place, Failure> {
        match &self.arguments.out {
            Some(path) => Place::create(path, self.arguments.overwrite),
            None => Ok(Place::standard()),
        }
    }

    /// The file of a run that stopped, if it was the same one.
    pub(super) fn reopen(&self, stopped: &Stopped, digest: &str) -> Result<Place, Failure> {
        // Only a file is resumed.
        let path = self.arguments.out.as_deref().unwrap_or(Path::new(""));
        if stopped.digest != digest {
            let shown = printable(&path.display().to_string());
            let message =
                format!("`{shown}.resume` belongs to another query, connection or format; repeat its command with --resume");
            return Err(Failure::CannotRun(message));
        }
        Place::resume(path, self.arguments.overwrite, stopped)
    }

    /// What a later run needs to go on: after `rows` of the output, with the page at `at`.
    pub(super) fn stopped(&self, digest: &str, at: PageAt, rows: u64, totals: &Totals, note: &str) -> Stopped {
        let dates = &self.prepared.dates;
        Stopped {
            digest: digest.to_owned(),
            started: dates.now().to_string(),
            zone: dates.zone().map(|zone| zone.name.clone()),
            batch: at.batch,
            cursor: at.cursor,
            note: note.to_owned(),
            rows,
            bytes: 0,
            header: None,
            pages: totals.pages,
            requests: totals.requests,
            tokens: totals.tokens,
            tokens_known: totals.tokens_known,
            spent: self.spent().max(totals.tokens),
        }
    }

    /// Counts the last requests of a run that stops: a later one may not spend their tokens again.
    pub(super) fn recount(&self, place: &mut Place, totals: &Totals) {
        // What was kept before is still good.
        let _ = place.recount(|stopped| {
            (stopped.requests, stopped.tokens, stopped.tokens_known) = (totals.requests, totals.tokens, totals.tokens_known);
            stopped.spent = self.spent().max(totals.tokens);
        });
    }

    /// Tokens that count for `--max-tokens`, with those of requests under way.
    fn spent(&self) -> u64 {
        let within = self.arguments.max_tokens.zip(self.client.tokens_left());
        within.map_or(0, |(most, left)| most.saturating_sub(left)).max(self.earlier)
    }

    /// What `--max-tokens` allows, and what earlier runs spent of it.
    pub(super) fn budget(&self) -> (Option<u64>, u64) {
        (self.arguments.max_tokens, self.earlier)
    }

    /// Tells who may not know it from the output what the answer took.
    pub(super) fn tell_totals(&self, rows: &str, totals: &Totals) {
        let requests = plural(totals.requests, "request");
        let took = format!("{rows}, {requests}, {}", tokens(totals));
        match &self.arguments.out {
            Some(path) => terminal::note(&format!("wrote `{}`: {took}", printable(&path.display().to_string()))),
            None if self.prepared.format == Format::Text => terminal::note(&took),
            None => {}
        }
    }

    /// A budget cannot be kept before the first request if its cost is not known.
    pub(super) fn tell_unknown_cost<Q: Query<AnyApi>>(&self, query: &Q) {
        if self.arguments.max_tokens.is_some() && self.client.cost(query).is_none() {
            terminal::warning("the cost of this report is not known; the first request is sent to learn it");
        }
    }

    /// What must be the same in a run that is resumed.
    pub(super) fn digest<Q: Query<AnyApi>>(&self, query: &Q) -> String {
        let Prepared { connection, format, columns, most_rows, report, .. } = self.prepared;
        let same = json!({
            "report": report.name, "body": self.client.body(query), "scope": connection.scope(), "format": format.name(),
            "columns": columns.chosen, "raw": columns.raw, "rows": most_rows, "clip": self.arguments.clip,
        });
        format!("{:016x}", fnv(same.to_string().as_bytes()))
    }

    /// The columns of the answer, with what a file says about itself.
    pub(super) fn columns<Q: Query<AnyApi>>(&self, query: &Q) -> Columns {
        let Prepared { connection, report, columns, .. } = self.prepared;
        let about = [
            ("placewise.report", report.name.to_owned()),
            ("placewise.spec", format!("{:016x}", connection.api.digest)),
            ("placewise.query", self.client.body(query).to_string()),
        ];
        Columns { about: about.into(), ..columns.clone() }
    }

    pub(super) async fn statistics(&self, query: &JsonStatistics) -> Outcome {
        let mut place = self.place()?;
        self.prepared.tell();
        self.tell_unknown_cost(query);
        let result = self.figures(query, &mut place).await;
        conclude(place, result)
    }

    async fn figures(&self, query: &JsonStatistics, place: &mut Place) -> Outcome {
        let mut interrupt = pin!(interrupted());
        let answer = tokio::select! {
            biased;
            () = &mut interrupt => Err(Stop::Interrupted),
            answer = self.client.fetch(query.clone()) => answer.map_err(|error| {
                self.remember_refusal(query, &error);
                Stop::from(error)
            }),
        };
        let answer = answer.map_err(|stop| stop.nothing_written(self.budget()))?;
        let mut totals = Totals::of(None);
        totals.add(answer.meta(), self.client.cost(query));
        let warnings = tell_warnings(answer.warnings());
        let body = answer.json().map_err(|error| Failure::CannotRun(explain(&error)))?;
        // The shape of statistics is not documented: an object is one row, and a list of objects is several.
        let rows: Vec<RawRow> = match &body {
            Json::Array(items) if items.iter().all(Json::is_object) => {
                items.iter().filter_map(|item| RawRow::parse(item.to_string()).ok()).collect()
            }
            Json::Object(_) => answer.text().and_then(|text| RawRow::parse(text).ok()).into_iter().collect(),
            other => RawRow::parse(json!({ "value": other }).to_string()).into_iter().collect(),
        };
        let mut writer = self.prepared.format.writer(self.columns(query), 0)?;
        for row in &rows {
            writer.row(row, place)?;
        }
        writer.finish(&self.summary(rows.len() as u64, &totals, true, &warnings), place)?;
        self.tell_totals(&plural(rows.len() as u64, "row"), &totals);
        Ok(())
    }

    /// What the server refuses and the spec allows is drift when it happens again.
    pub(super) fn remember_refusal<Q: Query<AnyApi>>(&self, query: &Q, error: &Error) {
        refusals::remember(&self.prepared.connection, self.prepared.report.name, &self.client.body(query), error);
    }

    pub(super) fn summary(&self, rows: u64, totals: &Totals, complete: bool, warnings: &[String]) -> Json {
        let tokens = (totals.tokens_known || totals.tokens > 0).then_some(totals.tokens);
        json!({
            "report": self.prepared.report.name, "rows": rows, "pages": totals.pages, "requests": totals.requests,
            "tokens": tokens, "tokens_known": totals.tokens_known, "waited_seconds": totals.waited.as_secs_f64(),
            "complete": complete, "warnings": warnings,
        })
    }
}

/// Ends the output: complete, or with nothing left of it.
pub(super) fn conclude(place: Place, result: Outcome) -> Outcome {
    match result {
        Ok(()) => place.finish(),
        Err(failure) => {
            place.stop();
            Err(failure)
        }
    }
}

/// Rows on their way from pages to a place.
struct Copy<'a> {
    run: &'a Run<'a>,
    pages: Pages,
    writer: Box<dyn Writer>,
    digest: String,
    rows: u64,
    warnings: Vec<String>,
    told: BTreeSet<String>,
    /// Whether the server has more rows than the limit.
    more: bool,
}

impl Run<'_> {
    pub(super) async fn records(&self, query: &Records<AnyReport, RawRow>, stopped: Option<Stopped>) -> Outcome {
        let prepared = self.prepared;
        let digest = self.digest(query);
        let mut columns = self.columns(query);
        let clients = prepared.batches.iter().map(|customers| self.client.with_customers(customers.clone()));
        let clients = clients.collect::<Result<_, _>>().map_err(|error| Failure::CannotRun(explain(&error)))?;
        let mut place = match &stopped {
            Some(stopped) => self.reopen(stopped, &digest)?,
            None => self.place()?,
        };
        let (totals, resumed_at) = (Totals::of(stopped.as_ref()), stopped.as_ref().map(|stopped| stopped.pages));
        let (rows, at) = stopped.map_or_else(Default::default, |stopped| {
            columns.header = stopped.header;
            (stopped.rows, PageAt { batch: stopped.batch, cursor: stopped.cursor })
        });
        // A limit is often reached within the first pages.
        let ahead = usize::from(prepared.most_rows.is_none());
        let Some(pages) = Pages::new(clients, query.clone(), ahead, at, totals) else {
            return Err(Failure::CannotRun("the file to resume from is damaged; start anew with --overwrite".into()));
        };
        prepared.tell();
        self.tell_unknown_cost(query);
        let writer = prepared.format.writer(columns, rows)?;
        let mut copy = Copy { run: self, pages, writer, digest, rows, warnings: Vec::new(), told: BTreeSet::new(), more: false };
        let ended = copy.all(&mut place).await;
        if let Ok(Err(Stop::Failed(error))) = &ended {
            self.remember_refusal(query, error);
        }
        copy.end(place, ended, resumed_at)
    }
}

impl Copy<'_> {
    /// Copies pages until the last row, the limit or a stop.
    async fn all(&mut self, place: &mut Place) -> Result<Result<(), Stop>, Failure> {
        let prepared = self.run.prepared;
        let streamed = self.run.arguments.out.is_none() && prepared.format != Format::Text && io::stdout().is_terminal();
        let progress = Progress::new(prepared.most_rows, streamed, self.run.client.rate_limiter());
        let mut interrupt = pin!(interrupted());
        loop {
            let before = self.pages.place();
            let page = tokio::select! {
                biased;
                () = &mut interrupt => return Ok(Err(Stop::Interrupted)),
                page = self.pages.next() => page,
            };
            let page = match page {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(Ok(())),
                Err(stop) => return Ok(Err(stop)),
            };
            let left = prepared.most_rows.map_or(u64::MAX, |most| most.saturating_sub(self.rows));
            let take = usize::try_from(left).unwrap_or(usize::MAX).min(page.len());
            for row in &page[..take] {
                self.writer.row(row, place)?;
            }
            self.rows += take as u64;
            self.tell();
            progress.update(self.rows, &self.pages.totals);
            if prepared.most_rows.is_some_and(|most| self.rows >= most) {
                self.more = take < page.len() || self.pages.place().is_some();
                return Ok(Ok(()));
            }
            // An error in the middle of a page makes a later run ask for it again.
            if self.pages.place() != before {
                self.keep(place)?;
            }
        }
    }

    fn tell(&mut self) {
        let new: Vec<String> =
            self.pages.warnings().iter().map(warning_text).filter(|text| self.told.insert(text.clone())).collect();
        new.iter().for_each(|text| terminal::warning(text));
        self.warnings.extend(new);
    }

    /// Keeps where a run could go on.
    fn keep(&mut self, place: &mut Place) -> Result<(), Failure> {
        let prepared = self.run.prepared;
        let Some(at) = self.pages.place().filter(|_| prepared.format.can_resume()) else { return Ok(()) };
        if place.is_file() {
            self.writer.settle(place)?;
        }
        place.keep(|| Stopped {
            header: self.writer.header().map(<[String]>::to_vec),
            ..self.run.stopped(&self.digest, at, self.rows, &self.pages.totals, CURSOR_LIFE)
        })?;
        Ok(())
    }

    fn end(mut self, mut place: Place, ended: Result<Result<(), Stop>, Failure>, resumed_at: Option<u64>) -> Outcome {
        let totals = self.pages.totals;
        let stop = match ended {
            Ok(Ok(())) => {
                let summary = self.run.summary(self.rows, &totals, !self.more, &self.warnings);
                let written = self.writer.finish(&summary, &mut place).and_then(|()| place.flush());
                if let Err(error) = written {
                    return broken(place, error.into());
                }
                place.finish()?;
                self.writer.notes().iter().for_each(|note| terminal::note(note));
                let more = if self.more { " (there are more; --limit takes more or fewer)" } else { "" };
                self.run.tell_totals(&format!("{}{more}", plural(self.rows, "row")), &totals);
                return Ok(());
            }
            Ok(Err(stop)) => stop,
            Err(failure) => return broken(place, failure),
        };
        self.run.recount(&mut place, &totals);
        let mut message = stop.message(self.run.budget());
        if resumed_at == Some(totals.pages)
            && matches!(&stop, Stop::Failed(error) if error.status().is_some_and(|status| status < 500))
        {
            message.push_str(". The server may no longer accept the cursor; start anew with --overwrite");
        }
        let on_screen = !place.is_file();
        if on_screen && self.rows > 0 {
            let summary = self.run.summary(self.rows, &totals, false, &self.warnings);
            self.writer.finish(&summary, &mut place)?;
        }
        match place.stop() {
            Some(partial) => {
                let partial = printable(&partial.display().to_string());
                let how = if stop.later().is_some() { "go on later" } else { "go on" };
                Err(Failure::Stopped(format!("{message}. `{partial}` has the rows of all pages so far; {how} with --resume")))
            }
            None if on_screen && self.rows > 0 => {
                let rows = plural(self.rows, "row");
                Err(Failure::Stopped(format!("{message}. The output ends after {rows} and is not complete")))
            }
            None if self.rows > 0 && !self.run.prepared.format.can_resume() => {
                let format = self.run.prepared.format.name();
                let message =
                    format!("{message}. Nothing is left, because a {format} file cannot be continued; --format ndjson can");
                Err(Failure::Stopped(message))
            }
            None => Err(stop.nothing_written(self.run.budget())),
        }
    }
}

/// The output cannot be written.
pub(super) fn broken(place: Place, failure: Failure) -> Outcome {
    match (failure, place.stop()) {
        (Failure::CannotRun(problem), Some(_)) => {
            Err(Failure::Stopped(format!("{problem}. Make room, then go on with --resume")))
        }
        (failure, _) => Err(failure),
    }
}

/// Tells warnings, each once.
pub(super) fn tell_warnings<'w>(warnings: impl IntoIterator<Item = &'w Warning>) -> Vec<String> {
    let texts: BTreeSet<String> = warnings.into_iter().map(warning_text).collect();
    texts.iter().for_each(|text| terminal::warning(text));
    texts.into_iter().collect()
}

fn warning_text(warning: &Warning) -> String {
    printable(&warning.to_string())
}

/// Ends at Ctrl-C, or when the system asks the program to end or its terminal is closed.
pub(super) async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            let mut hang_up = if ignores_hang_up() { None } else { signal(SignalKind::hangup()).ok() };
            let hung_up = async {
                match &mut hang_up {
                    Some(signal) => signal.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
                _ = hung_up => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Whether the run outlives its terminal, as `nohup` arranges: listening for the signal would undo that.
#[cfg(unix)]
fn ignores_hang_up() -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return !io::stderr().is_terminal() };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|signals| u64::from_str_radix(signals.trim(), 16).ok()).is_some_and(|signals| signals & 1 == 1)
}
