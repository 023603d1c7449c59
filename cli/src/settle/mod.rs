//! `placewise settle`: which assumptions hold, by asking the server or by reading a recording.
//!
//! `probe` knows what to ask and `judge` what it means. Judges see only exchanges, so a recording and an experiment are judged alike. The
//! program knows no report and no assumption: both come from the settings of the model.

mod conclude;
mod finding;
mod har;
mod judge;
mod lab;
mod live;
mod plan;
mod probe;
mod redact;
mod role;
mod show;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use jiff::Timestamp;
use placewise_model::exit::{Failure, Outcome};
use placewise_model::{Evidence, Exchange, Model, Unprobed, nearest};
use serde_json::json;

use crate::connection::{Connection, ConnectionArguments};
use crate::output::place::Place;
use crate::refusals;
use crate::terminal::{self, Output, plural, printable};
use conclude::{Conclusions, conclude, settled};
use finding::Finding;
use redact::HIDDEN;
use role::{Role, roles};

pub(crate) use lab::{Lab, Stop};
pub(crate) use live::{Request, Sender};
pub(crate) use plan::Price;
pub(crate) use redact::Redactor;
use show::Found;
pub(crate) use show::fact_line;

/// How often a server that answers differently is asked again about everything that a verdict rests on.
///
/// A request that goes to one of two versions by chance looks stable once in 4096 cases.
const MOST_CONFIRMATIONS: usize = 10;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these assumptions
    #[arg(long, value_name = "ID", num_args = 1.., add = crate::completions::assumption_ids())]
    only: Vec<String>,
    /// Also ask what each report costs, which fields filters accept, and what logical nodes cost
    #[arg(long, conflicts_with = "har")]
    facts: bool,
    /// Read a recording of a browser instead of asking the server
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["max_tokens", "yes"])]
    har: Option<PathBuf>,
    /// Stop before a request that could pass this number of rate-limit tokens
    #[arg(long, value_name = "TOKENS")]
    max_tokens: Option<u64>,
    /// File for the evidence
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, default_value = "settle-evidence.json")]
    out: PathBuf,
    /// Replace that file if it exists
    #[arg(long)]
    overwrite: bool,
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
  placewise settle                                       show what would be asked and its price, then ask
  placewise settle --yes --max-tokens 200
  placewise settle --facts --yes                         also what reports cost, and which fields filters accept
  placewise settle --only cursor-key page-size-key --customers 1,2 --yes
  placewise settle --assume metadata-path=/v1/metadata --yes    settles the path that you name, and what depends on it
  placewise settle --har recording.har

Each assumption is tested by requests that differ in one thing: with a key and without it, at the limit and beyond it. Each is sent twice.
The verdict is `holds`, `refuted` (with the value, if the replies show it) or `unknown`; one reply alone decides nothing. Paths that are
not known are not guessed.

A recording is a HAR file: open the developer tools of a browser, use the API's own site, and save the network log. Only exchanges with
the API's hosts are read from it.

The evidence is a JSON file with verdicts and exchanges. Tokens, cookies and texts that look secret are left out, customers are numbered,
and long lists are cut. `cargo codegen settle FILE` applies it to the spec.
Here, status 1 says that something is refuted, 2 that nothing was asked, and 3 that --max-tokens ended it early.",
    )
}

pub(crate) async fn run(arguments: &Arguments, output: Output) -> Outcome {
    let connection = Connection::of(&arguments.connection)?;
    check_only(&connection.api.model, &arguments.only)?;
    // Found out before anything is sent: that the file can be written, and that it is not there.
    Place::create(&arguments.out, arguments.overwrite)?.stop();
    let known = known_model(&connection)?;
    let found = match &arguments.har {
        Some(path) => recorded(arguments, &connection, known, path)?,
        None => match asked(arguments, &connection, known, output).await? {
            Some(found) => found,
            None => return Err(Failure::CannotRun("the server was not asked".into())),
        },
    };
    let mut found = found;
    found.evidence.facts.extend(refusals::recall(&connection));
    write(&arguments.out, arguments.overwrite, &found.evidence)?;
    show::conclude(&found, &arguments.out, output)
}

fn check_only(model: &Model, only: &[String]) -> Result<(), Failure> {
    let unknown = only.iter().find(|id| model.assumption(id).is_none());
    unknown.map_or(Ok(()), |id| {
        let meant = nearest(id, model.assumptions.iter().map(|known| known.id.as_str()));
        let meant =
            meant.map_or_else(|| "`placewise assumptions` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
        Err(Failure::CannotRun(format!("no assumption is called `{}`; {meant}", printable(id))))
    })
}

/// The model with the overrides of the command line.
pub(crate) fn known_model(connection: &Connection) -> Result<Model, Failure> {
    let mut model = connection.api.model.clone();
    for (id, value) in connection.assumed() {
        let id = printable(id);
        let settings = model.assume(&id, value);
        match settings {
            Ok(0) => return Err(Failure::CannotRun(format!("--assume {id}: no setting depends on such an assumption"))),
            Ok(_) => {}
            Err(error) => return Err(Failure::CannotRun(format!("--assume {id}: {}", printable(&error.to_string())))),
        }
    }
    Ok(model)
}

fn is_wanted(only: &[String], id: &str) -> bool {
    only.is_empty() || only.iter().any(|wanted| wanted == id)
}

/// Asks the server; none if the price is not accepted.
async fn asked(arguments: &Arguments, connection: &Connection, known: Model, output: Output) -> Result<Option<Found>, Failure> {
    let customers = customers(connection);
    let all = connection.profile.customers.as_deref().is_some_and(|text| text.trim() == "all");
    let mut wanted: Vec<(String, Role)> = roles(&known);
    let needed: Vec<Role> = wanted
        .iter()
        .filter(|(id, _)| is_wanted(&arguments.only, id))
        .flat_map(|(_, role)| probe::needs(*role))
        .copied()
        .collect();
    wanted.retain(|(id, role)| is_wanted(&arguments.only, id) || needed.contains(role));
    let mut unprobed = Reasons::default();
    let mut probed = Vec::new();
    for (id, role) in wanted {
        // The ids of customers may be read from rows.
        let enough = if all { 2 } else { customers.len() };
        match plan::unprobable(&known, role, enough, all) {
            Some(reason) => unprobed.add(&id, reason),
            None => probed.push((id, role)),
        }
    }
    probed.iter().for_each(|(id, _)| unprobed.remove(id));
    let planned: Vec<plan::Planned> = by_id(&probed).into_iter().map(|(id, role)| plan::planned(&known, &id, role)).collect();
    let control = plan::control(&known);
    let planned: Vec<plan::Planned> = planned.into_iter().chain(arguments.facts.then(|| plan::facts(&known))).collect();
    let total = planned.iter().fold(control, |sum, planned| sum.and(planned.price));
    let price = show::plan(&planned, control, total, &unprobed.0, output)?;
    if probed.is_empty() {
        return Err(Failure::CannotRun("nothing can be asked about these assumptions without guessing".into()));
    }
    let sender = Sender::of(connection).await?;
    let text = total.text();
    if let Some(unsent) = terminal::refusal(arguments.yes, &text) {
        if output == Output::Json {
            terminal::json(&json!({ "plan": price, "unprobed": unprobed.0, "evidence": null }))?;
        }
        return Err(Failure::CannotRun(unsent));
    }
    let stated = connection.api.model.clone();
    let mut lab = Lab::new(sender, known, customers, all, arguments.max_tokens);
    let (mut reasons, mut stopped) = run_probes(&mut lab, &probed, all).await?;
    if arguments.facts && stopped.is_none() {
        stopped = match probe::facts(&mut lab).await {
            Ok(()) => None,
            Err(Stop::Budget) => Some("--max-tokens ended the run before all facts were asked for".into()),
            Err(Stop::Unanswered(problem)) => Some(format!("the server does not answer: {}", printable(&problem))),
        };
    }
    confirm(&mut lab, &stated, total.requests.1).await;
    let conclusions = conclude(&stated, lab.model.clone(), &lab.exchanges, lab.started);
    if conclusions.unstable {
        for (id, _) in &probed {
            reasons.entry(id.clone()).and_modify(|reason| reason.push_str("; some requests were answered in several ways"));
        }
    }
    let spent = (lab.exchanges.len(), lab.spent, lab.spent_known);
    let redactor = Redactor::new(&stated, lab.sender().secrets());
    let host = lab.sender().host();
    let evidence = evidence(&stated, &host, &lab.exchanges, redactor, conclusions, &arguments.only, unprobed, &reasons);
    Ok(Some(Found { evidence, spent: Some(spent), stopped, notes: vec![lab.spent_text()], price: Some(price) }))
}

/// One role of each assumption that is priced: operators of one assumption are asked together.
fn by_id(probed: &[(String, Role)]) -> Vec<(String, Role)> {
    let mut kept: Vec<(String, Role)> = Vec::new();
    for (id, role) in probed {
        let same =
            |(of, other): &(String, Role)| of == id && matches!((other, role), (Role::OperatorCost(_), Role::OperatorCost(_)));
        if !kept.iter().any(same) {
            kept.push((id.clone(), *role));
        }
    }
    kept
}

/// Sends the probes, those first on which others depend. What one finds is known to the next.
async fn run_probes(
    lab: &mut Lab,
    probed: &[(String, Role)],
    all: bool,
) -> Result<(BTreeMap<String, String>, Option<String>), Failure> {
    let mut reasons = BTreeMap::new();
    match lab.bases().await {
        Ok(_) => {}
        Err(Stop::Budget) => return Err(Failure::CannotRun("--max-tokens allows no request".into())),
        Err(Stop::Unanswered(problem)) => {
            return Err(Failure::CannotRun(format!("the server does not answer: {}", printable(&problem))));
        }
    }
    if let Some(status) = lab.refused() {
        let known = lab.model.api.errors.iter().find(|error| error.status == status);
        let advice = known.map(|error| format!(": {} {}", error.description, error.advice)).unwrap_or_default();
        return Err(Failure::CannotRun(format!("the server refuses plain queries with status {status}{advice}")));
    }
    if all {
        lab.learn_customers();
    }
    // A path may only be judged once the keys of its requests are known, so what is undecided is asked again.
    for round in 0..2 {
        let before = lab.model.assumptions.clone();
        for (id, role) in by_id(probed) {
            if probe::is_decided(lab, &id, role) || round > 0 && matches!(role, Role::Capacity | Role::Refill) {
                continue;
            }
            match probe::probe(lab, &id, role).await {
                Ok(reason) => {
                    reasons.insert(id.clone(), reason.unwrap_or_else(|| "the replies do not decide it".into()));
                }
                Err(stop) => {
                    let why = match stop {
                        Stop::Budget => "--max-tokens ended the run before".to_owned(),
                        Stop::Unanswered(problem) => format!("the server does not answer: {}", printable(&problem)),
                    };
                    let missing: Vec<&String> = probed.iter().map(|(id, _)| id).filter(|id| !reasons.contains_key(*id)).collect();
                    reasons.extend(missing.into_iter().map(|id| (id.clone(), why.clone())));
                    reasons.insert(id, why.clone());
                    return Ok((reasons, Some(why)));
                }
            }
            let found = judge::judge(&lab.view(), &id, role);
            if let Some(value) = found.and_then(|found| found.value) {
                let _ = lab.model.assume(&id, &value);
            }
        }
        if lab.model.assumptions == before {
            break;
        }
    }
    Ok((reasons, None))
}

/// Asks a server that answered something differently once more about everything that a verdict rests on, until no new difference is found.
///
/// No more requests are sent than the plan named. Two equal replies may be a coincidence there. Where a request is seen to be unstable, other exchanges may decide, which are asked again too.
async fn confirm(lab: &mut Lab, stated: &Model, most: u64) {
    for _ in 0..MOST_CONFIRMATIONS {
        let before = lab.view().unstable.len();
        if before == 0 {
            return;
        }
        let found = conclude(stated, lab.model.clone(), &lab.exchanges, lab.started);
        let resting: BTreeSet<usize> = found.findings.values().flat_map(|finding| &finding.exchanges).copied().collect();
        let mut asked: BTreeSet<String> =
            lab.view().unstable.iter().map(|index| view::identity(&lab.exchanges[*index])).collect();
        for index in resting {
            if lab.exchanges.len() as u64 >= most {
                return;
            }
            if asked.insert(view::identity(&lab.exchanges[index])) && lab.again(index).await.is_err() {
                return;
            }
        }
    }
}

/// Reads a recording.
fn recorded(arguments: &Arguments, connection: &Connection, known: Model, path: &Path) -> Result<Found, Failure> {
    let wanted = har::Wanted::new(&known, connection.profile.url.as_deref());
    let recording = har::read(path, &wanted)?;
    let mut notes = vec![format!(
        "{} read; {} about the API, {} of other hosts, {} of other paths",
        plural(recording.entries, "entry").replace("entrys", "entries"),
        recording.exchanges.len(),
        recording.other_hosts,
        recording.other_paths
    )];
    if recording.beyond > 0 {
        notes.push(format!("{} more exchanges were left out; record less at a time", recording.beyond));
    }
    if recording.exchanges.is_empty() {
        let hosts: Vec<String> = wanted.bases.iter().map(|(host, _)| host.clone()).collect();
        let shown = printable(&path.display().to_string());
        return Err(Failure::CannotRun(format!(
            "`{shown}` has no exchange with the API among {}; its hosts are {}, and --url names another one",
            recording.entries,
            hosts.join(", ")
        )));
    }
    let stated = &connection.api.model;
    let start = recording.start.unwrap_or_else(Timestamp::now);
    let conclusions = conclude(stated, known.clone(), &recording.exchanges, start);
    let mut unprobed = Reasons::default();
    for assumption in stated.assumptions.iter().filter(|assumption| is_wanted(&arguments.only, &assumption.id)) {
        if !conclusions.findings.contains_key(&assumption.id) {
            unprobed.add(&assumption.id, "the recording has no exchanges that decide it".into());
        }
    }
    let redactor = Redactor::new(stated, recording.secrets);
    let host = recording.host.unwrap_or_default();
    let evidence =
        evidence(stated, &host, &recording.exchanges, redactor, conclusions, &arguments.only, unprobed, &BTreeMap::new());
    Ok(Found { evidence, spent: None, stopped: None, notes, price: None })
}

/// Why assumptions were not asked about, by id.
#[derive(Default)]
struct Reasons(BTreeMap<String, String>);

impl Reasons {
    fn add(&mut self, id: &str, reason: String) {
        let known = self.0.entry(id.to_owned()).or_insert_with(|| reason.clone());
        if !known.contains(&reason) {
            *known = format!("{known}; {reason}");
        }
    }

    fn remove(&mut self, id: &str) {
        self.0.remove(id);
    }
}

/// The ids of customers that the connection names.
fn customers(connection: &Connection) -> Vec<i64> {
    let text = connection.profile.customers.as_deref().unwrap_or_default();
    text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().unwrap_or_default()
}

#[allow(clippy::too_many_arguments, reason = "each is a part of the file")]
fn evidence(
    stated: &Model,
    host: &str,
    exchanges: &[Exchange],
    mut redactor: Redactor<'_>,
    conclusions: Conclusions,
    only: &[String],
    unprobed: Reasons,
    reasons: &BTreeMap<String, String>,
) -> Evidence {
    let mut evidence = Evidence::new(&stated.api.name, host);
    evidence.made = Some(Timestamp::now().strftime("%Y-%m-%d").to_string());
    exchanges.iter().for_each(|exchange| redactor.learn(exchange));
    evidence.exchanges = exchanges.iter().map(|exchange| redactor.exchange(exchange)).collect();
    let mut findings = conclusions.findings;
    for assumption in stated.assumptions.iter().filter(|assumption| is_wanted(only, &assumption.id)) {
        let id = &assumption.id;
        let found = findings.remove(id).or_else(|| {
            let reason = reasons.get(id)?;
            Some(Finding::cannot_tell(format!("{reason}."), []))
        });
        if let Some(mut found) = found {
            // A value that looks secret is none that a spec may state.
            if found.value.as_ref().is_some_and(|value| value.as_str().is_some_and(|text| redactor.text(text) != text)) {
                found.value = None;
                found.by = HIDDEN.into();
            }
            found.by = redactor.text(&found.by);
            evidence.settled.push(settled(assumption, found));
        } else if let Some(reason) = unprobed.0.get(id) {
            evidence.unprobed.push(Unprobed { assumption: id.clone(), reason: format!("{reason}.") });
        }
    }
    evidence.facts = conclusions.facts;
    evidence
}

/// Writes the evidence, complete or not at all.
fn write(path: &Path, overwrite: bool, evidence: &Evidence) -> Result<(), Failure> {
    let text = evidence.to_json()?;
    // What is written must be readable: limits of size and form are those of the reader.
    if let Err(error) = Evidence::parse(text.as_bytes()) {
        return Err(Failure::CannotRun(format!("the evidence cannot be written: {error}")));
    }
    let mut place = Place::create(path, overwrite)?;
    match place.write_all(text.as_bytes()) {
        Ok(()) => place.finish(),
        Err(error) => {
            place.stop();
            Err(error.into())
        }
    }
}
