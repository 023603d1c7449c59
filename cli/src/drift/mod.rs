//! `placewise drift --live`: asks the API to describe its reports, and compares what it says with the spec.
//!
//! The layout of the answer is not documented, so only names that the spec knows are read, and what is not understood is listed. It also
//! reports refusals of queries that the spec allows.

mod compare;

use placewise_model::exit::{Failure, Outcome};
use placewise_model::{Endpoint, Model, Report, SeenFact};
use serde_json::{Map, Value, json};

use crate::connection::{Connection, ConnectionArguments};
use crate::refusals;
use crate::settle::{Lab, Price, Redactor, Request, Sender, Stop, fact_line, known_model};
use crate::terminal::{self, Output, printable};
use compare::{Compared, compare};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these reports
    #[arg(add = crate::completions::reports())]
    reports: Vec<String>,
    /// Ask the API. Published pages are compared by `cargo codegen drift`
    #[arg(long, required = true)]
    live: bool,
    /// Stop before a request that could pass this number of rate-limit tokens
    #[arg(long, value_name = "TOKENS")]
    max_tokens: Option<u64>,
    /// Send the requests without asking
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// The help after the arguments.
pub(crate) fn help() -> String {
    crate::config::help(
        "Examples:
  placewise drift --live --assume metadata-path=/v1/metadata
  placewise drift --live sendings --assume metadata-path=/v1/metadata --yes --format json

The API has an endpoint that describes a report. If no page states its path, name it with --assume; the error says under which id.
The layout of its answers is not documented. Names of fields, aggregations and intervals that the spec knows are compared, and so is what
is called `filterable`. The rest is listed as not understood: it agrees with nothing and contradicts nothing.
Refusals of what the spec allows are remembered by `query`, and reported here from the second one on.
Here, status 1 says that something differs, and 2 that nothing could be compared.",
    )
}

/// What one report's answer came to.
struct Described<'m> {
    report: &'m Report,
    status: u16,
    compared: Compared,
}

pub(crate) async fn run(arguments: &Arguments, output: Output) -> Outcome {
    debug_assert!(arguments.live, "clap requires the flag");
    let connection = Connection::of(&arguments.connection)?;
    let known = known_model(&connection)?;
    let refused = refusals::recall(&connection);
    let endpoint = match describing(&known) {
        Ok(endpoint) => endpoint,
        Err(problem) => {
            // What was refused is known without asking.
            refused.iter().filter(|_| output == Output::Text).try_for_each(fact_line)?;
            return Err(Failure::CannotRun(problem));
        }
    };
    let reports = reports(&connection, &known, &arguments.reports)?;
    let price = Price::at(endpoint, (reports.len() as u64, reports.len() as u64));
    let sender = Sender::of(&connection).await?;
    if let Some(unsent) = terminal::refusal(arguments.yes, &price.text()) {
        return Err(Failure::CannotRun(unsent));
    }
    let mut lab = Lab::new(sender, known.clone(), Vec::new(), false, arguments.max_tokens);
    let redactor = Redactor::new(&known, lab.sender().secrets());
    let (mut described, mut stopped) = (Vec::new(), None);
    for report in reports {
        let Some(request) = request(endpoint, report) else { break };
        match lab.ask(&request).await {
            Ok(index) => {
                let exchange = &lab.exchanges[index];
                let answer = exchange.reply.as_ref().filter(|_| (200..300).contains(&exchange.status));
                let mut compared = answer.map(|answer| compare(&known, report, answer)).unwrap_or_default();
                compared.hide(&|text| redactor.text(text));
                described.push(Described { report, status: exchange.status, compared });
            }
            Err(Stop::Budget) => {
                stopped = Some("--max-tokens ended the run before all reports were asked about".to_owned());
                break;
            }
            Err(Stop::Unanswered(problem)) => {
                stopped = Some(format!("the server does not answer: {}", printable(&problem)));
                break;
            }
        }
    }
    terminal::note(&lab.spent_text());
    conclude(&described, &refused, stopped, output)
}

/// The endpoint that describes a report, with a path; otherwise what stands in the way.
fn describing(model: &Model) -> Result<&Endpoint, String> {
    let describes = |endpoint: &&Endpoint| {
        let carries = &endpoint.carries;
        endpoint.only_reads && carries.report.is_some() && carries.field.is_none() && carries.query.is_none()
    };
    let endpoint = model.endpoints.iter().find(describes).ok_or("the model has no endpoint that describes a report")?;
    match (&endpoint.path.value, &endpoint.path.assumption) {
        (Some(_), _) => Ok(endpoint),
        (None, Some(id)) => Err(format!(
            "the path of `{}` is not known: it is the assumption `{id}`. If you know it, add --assume {id}=/…",
            endpoint.name
        )),
        (None, None) => Err(format!("the path of `{}` is not known", endpoint.name)),
    }
}

fn reports<'m>(connection: &Connection, model: &'m Model, names: &[String]) -> Result<Vec<&'m Report>, Failure> {
    if names.is_empty() {
        return Ok(model.reports.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            connection.api.report(name)?;
            model.report(name).ok_or_else(|| Failure::CannotRun("the model has no such report".into()))
        })
        .collect()
}

fn request(endpoint: &Endpoint, report: &Report) -> Option<Request> {
    let mut body = Map::new();
    body.insert(endpoint.carries.report.as_ref()?.value.clone(), report.name.as_str().into());
    Some(Request { method: endpoint.method.to_ascii_uppercase(), path: endpoint.path.value.clone()?, body, customers: None })
}

/// An answer is read once, so one contradiction of what the spec states is drift.
fn is_drift(fact: &SeenFact) -> bool {
    !fact.stated.is_null()
}

fn conclude(described: &[Described<'_>], refused: &[SeenFact], stopped: Option<String>, output: Output) -> Outcome {
    let drift = !refused.is_empty() || described.iter().flat_map(|one| &one.compared.facts).any(is_drift);
    let read = described.iter().any(|one| !one.compared.understood.is_empty());
    match output {
        Output::Json => {
            let reports: Vec<Value> = described.iter().map(json_of).collect();
            terminal::json(&json!({
                "reports": reports, "refusals": refused, "compared": read, "drift": drift, "stopped": stopped, "ok": read && !drift && stopped.is_none(),
            }))?;
        }
        Output::Text => {
            described.iter().try_for_each(print)?;
            refused.iter().try_for_each(fact_line)?;
        }
    }
    match (drift, read, stopped) {
        (true, ..) => Err(Failure::Findings(String::new())),
        (false, false, stopped) => {
            let why = stopped.map(|why| format!("; {why}")).unwrap_or_default();
            Err(Failure::CannotRun(format!("nothing could be compared: no answer has a name that the spec knows{why}")))
        }
        (false, true, Some(why)) => Err(Failure::Stopped(why)),
        (false, true, None) => Ok(()),
    }
}

fn json_of(one: &Described<'_>) -> Value {
    let Compared { understood, not_understood, not_named, facts } = &one.compared;
    json!({
        "report": one.report.name, "status": one.status, "understood": understood, "not_understood": not_understood,
        "not_named": not_named, "facts": facts,
    })
}

fn print(one: &Described<'_>) -> Outcome {
    let Compared { understood, not_understood, not_named, facts } = &one.compared;
    let line = |what: &str, text: &str| terminal::line(&format!("{what:<8} {}", printable(text)));
    let name = &one.report.name;
    let list = |texts: &mut dyn Iterator<Item = &String>| texts.map(String::as_str).collect::<Vec<_>>().join(", ");
    if !(200..300).contains(&one.status) {
        return Ok(line("refused", &format!("{name}: status {}", one.status))?);
    }
    match understood.is_empty() {
        true => line("unread", &format!("{name}: nothing in the answer was recognised"))?,
        false => line("read", &format!("{name}: {}", list(&mut understood.iter())))?,
    }
    for fact in facts {
        let what = if is_drift(fact) { "drift" } else { "learned" };
        let stated = if fact.stated.is_null() { "nothing".to_owned() } else { fact.stated.to_string() };
        line(what, &format!("{}: the spec says {stated}, the server {}", fact.fact, fact.seen))?;
    }
    if !not_named.is_empty() {
        line("unnamed", &format!("{name}: the answer does not name {}", list(&mut not_named.iter())))?;
    }
    if !not_understood.is_empty() {
        line("unread", &format!("{name}: not understood: {}", list(&mut not_understood.iter())))?;
    }
    Ok(())
}
