//! The chart of any range, on its way. The responses that it is made of are kept in the partial file, one per line, until it is complete, so a run
//! that stopped at any point can go on.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::pin::pin;

use placewise_model::exit::{Failure, Outcome};
use placewise_reporting::{History, HistoryPart, JsonRow, JsonTimeseries};
use tokio::sync::mpsc;

use super::pages::{PageAt, Stop, Totals};
use super::plan;
use super::progress::Progress;
use super::run::{Run, interrupted};
use crate::explain::explain;
use crate::output::place::{Place, Stopped};
use crate::terminal::{self, plural, printable};

/// A chart on its way. Until it is complete, the partial file has the responses that it is made of.
pub(super) struct Fetching<'a> {
    pub run: &'a Run<'a>,
    digest: &'a str,
    cost: Option<u32>,
    pub totals: Totals,
    /// Responses in the partial file.
    kept: u64,
}

/// A chart of more requests is told before the first.
const MANY: u64 = 10;

impl<'a> Fetching<'a> {
    pub(super) fn new(run: &'a Run<'a>, query: &JsonTimeseries, digest: &'a str, stopped: Option<&Stopped>) -> Self {
        let kept = stopped.map_or(0, |stopped| stopped.rows);
        Self { run, digest, cost: run.client.cost(query), totals: Totals::of(stopped), kept }
    }

    /// Fetches the chart of any range.
    pub(super) async fn all(
        &mut self,
        query: &JsonTimeseries,
        known: Vec<HistoryPart>,
        place: &mut Place,
    ) -> Result<Result<History<JsonRow>, Stop>, Failure> {
        let Run { arguments, prepared, client, .. } = self.run;
        self.look_ahead(query, place.is_file()).await?;
        let (sender, mut arrived) = mpsc::unbounded_channel();
        let history = client.history(query.clone()).customers(prepared.connection.customers()?).resume_with(known);
        // The receiver outlives the history.
        let history = history.on_part(move |part| drop(sender.send(part)));
        let history = if arguments.clip { history.clip_to_retention() } else { history };
        let _progress = Progress::new(None, false, client.rate_limiter());
        let (mut fetch, mut interrupt) = (pin!(history.fetch()), pin!(interrupted()));
        let answer = loop {
            tokio::select! {
                biased;
                () = &mut interrupt => break Err(Stop::Interrupted),
                Some(part) = arrived.recv() => self.keep(&part, place)?,
                answer = &mut fetch => break answer.map_err(|partial| partial.error.into()),
            }
        };
        while let Ok(part) = arrived.try_recv() {
            self.keep(&part, place)?;
        }
        if let Err(Stop::Failed(error)) = &answer {
            error.meta().inspect(|meta| self.totals.add(meta, self.cost));
        }
        Ok(answer)
    }

    /// Tells that a chart takes many requests. Without a file nothing is left of one that stops, so if it surely costs more than it may, it is
    /// not begun.
    async fn look_ahead(&self, query: &JsonTimeseries, to_file: bool) -> Outcome {
        let batches = self.run.prepared.batches.len() as u64;
        let requests = batches * plan::requests(&self.run.prepared.connection, query).await?;
        if requests > MANY {
            let each = self.cost.map_or_else(String::new, |cost| format!(" of {} each", plural(cost.into(), "token")));
            terminal::note(&format!("the chart takes {}{each}, or more", plural(requests, "request")));
        }
        let (Some(most), Some(cost), false) = (self.run.arguments.max_tokens, self.cost, to_file) else { return Ok(()) };
        let all = requests.saturating_mul(cost.into());
        if all <= most {
            return Ok(());
        }
        Err(Failure::CannotRun(format!(
            "--max-tokens {most} does not pay for this chart: it takes {} of {} each, or more. With --out FILE, a run keeps what it paid \
             for, and a later one goes on",
            plural(requests, "request"),
            plural(cost.into(), "token")
        )))
    }

    fn keep(&mut self, part: &HistoryPart, place: &mut Place) -> Outcome {
        self.totals.add(part.meta(), self.cost);
        if !place.is_file() {
            return Ok(());
        }
        writeln!(place, "{}", part.to_json())?;
        self.kept += 1;
        let note = "The partial file has the responses so far.";
        place.keep(|| self.run.stopped(self.digest, PageAt::default(), self.kept, &self.totals, note))?;
        Ok(())
    }

    /// Ends a run that stopped.
    pub(super) fn end(&self, mut place: Place, stop: &Stop) -> Outcome {
        self.run.recount(&mut place, &self.totals);
        let budget = self.run.budget();
        let Some(partial) = place.stop() else { return Err(stop.nothing_written(budget)) };
        let (partial, message) = (printable(&partial.display().to_string()), stop.message(budget));
        let how = if stop.later().is_some() { "go on later" } else { "go on" };
        let kept = plural(self.kept, "response");
        Err(Failure::Stopped(format!("{message}. `{partial}` has {kept} of the chart; {how} with --resume")))
    }
}

/// The most bytes of a response in the partial file. The client takes less.
const MOST_PART: u64 = 256 << 20;

/// The responses in a partial file.
pub(super) fn read_parts(out: Option<&Path>, bytes: u64) -> Result<Vec<HistoryPart>, Failure> {
    // Only a file is resumed.
    let partial = &Place::partial(out.unwrap_or(Path::new("")));
    let wrong = |problem: &str| {
        let partial = printable(&partial.display().to_string());
        Failure::CannotRun(format!("cannot go on with `{partial}`: {problem}; start anew with --overwrite"))
    };
    let file = File::open(partial).map_err(|error| wrong(&error.to_string()))?;
    let (mut file, mut parts, mut line) = (BufReader::new(file.take(bytes)), Vec::new(), String::new());
    while file.by_ref().take(MOST_PART).read_line(&mut line).map_err(|error| wrong(&error.to_string()))? > 0 {
        parts.push(HistoryPart::from_json(&line).map_err(|error| wrong(&explain(&error)))?);
        line.clear();
    }
    Ok(parts)
}
