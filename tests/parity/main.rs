//! Replays the exchanges that settled something: `lockstep/exchanges/` has those of the API, and the folder of the invented API has its own.
//! The client must send the same request and read the reply. The simulator must answer the same request in the same way: status, layout,
//! cost and refusals, not data.
//!
//! A request that no client sends, such as one with a key that no server knows, is replayed by the simulator alone. What depends on the
//! state of a server or on a token proves nothing about either: 401, 403, 429 and 5xx are left out.

mod client;
mod layout;
mod simulator;

use std::fs;
use std::path::{Path, PathBuf};

use client::Decoded;
use placewise_model::{Evidence, Exchange, Format, Model, Report, RequestKey};
use placewise_reporting::Registry;
use placewise_reporting::jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Map, Value};

/// An API: its model, as this tree has it, and the folder with its exchanges.
struct Api {
    model: Model,
    registry: &'static Registry,
    folder: PathBuf,
}

fn apis() -> [Api; 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of = |text: &str, folder: &str| Api {
        model: serde_json::from_str(text).expect("a model"),
        registry: Registry::from_model(text).expect("a registry"),
        folder: root.join(folder),
    };
    [of(placewise_reporting::MODEL, "lockstep/exchanges"), of(harbour_api::MODEL, "tests/fixtures/harbour/lockstep/exchanges")]
}

/// The files of evidence in a folder, in order.
fn kept(folder: &Path) -> Vec<(String, Evidence)> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|of| of == "json")).collect();
    files.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("readable");
        let evidence = Evidence::parse(&bytes).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), evidence)
    };
    files.into_iter().map(read).collect()
}

/// What was replayed of a set of exchanges.
#[derive(Debug, Default)]
struct Replayed {
    by_client: usize,
    by_simulator: usize,
    problems: Vec<String>,
}

#[tokio::test]
async fn client_and_simulator_do_what_the_api_did() {
    for api in apis() {
        for (name, evidence) in kept(&api.folder) {
            let replayed = replay(&api, &evidence).await;
            assert!(replayed.problems.is_empty(), "{name}:\n{}", replayed.problems.join("\n"));
        }
    }
}

/// A replay that finds no fault in anything would be worth nothing.
#[tokio::test]
async fn a_planted_difference_is_found() {
    let [_, harbour] = apis();
    let files = kept(&harbour.folder);
    assert!(!files.is_empty(), "the invented API has kept exchanges");
    let plants: [(&str, Plant); 6] = [
        ("path", |_, one| {
            one.status == 200 && {
                one.path.push_str("/other");
                true
            }
        }),
        ("status", |_, one| {
            one.status == 200 && {
                one.status = 404;
                true
            }
        }),
        ("cost", |model, one| {
            let cost = one.reply_headers.get_mut(&model.api.rate_limit.cost.to_ascii_lowercase());
            one.status == 200 && cost.map(|cost| cost.insert(0, '9')).is_some()
        }),
        ("key of the reply", |_, one| {
            one.status == 200 && edit(one.reply.as_mut(), |reply| drop(reply.insert("new".into(), 1.into())))
        }),
        ("type of a value", |model, one| {
            let row =
                one.reply.as_mut().and_then(|reply| reply.get_mut(&model.records.response.rows)?.get_mut(0)?.as_object_mut());
            row.is_some_and(|row| row.values_mut().filter(|value| value.is_i64()).map(|value| *value = "text".into()).count() > 0)
        }),
        ("symbol of a refusal", |model, one| {
            let symbol = format!("\"{}\":\"", model.api.error_body.symbol);
            let text = one.reply.as_ref().map(Value::to_string).unwrap_or_default();
            one.reply = serde_json::from_str(&text.replace(&symbol, &format!("{symbol}other_"))).ok();
            one.status == 422 && text.contains(&symbol)
        }),
    ];
    for (what, plant) in plants {
        let mut planted = 0;
        for (name, evidence) in &files {
            for index in 0..evidence.exchanges.len() {
                let mut exchange = evidence.exchanges[index].clone();
                // Of another endpoint than a format's, the exchange may be all that is known.
                let is_query = target(&harbour.model, &exchange).is_some();
                if is_query && plant(&harbour.model, &mut exchange) {
                    planted += 1;
                    let changed = Evidence { exchanges: vec![exchange], ..evidence.clone() };
                    let problems = replay(&harbour, &changed).await.problems;
                    assert!(!problems.is_empty(), "another {what} in exchange {index} of {name} was not found");
                }
            }
        }
        assert!(planted > 0, "no exchange of the fixture can have another {what}");
    }
}

/// Changes an exchange; whether it could.
type Plant = fn(&Model, &mut Exchange) -> bool;

/// The fixture shows every kind of exchange, so that the replay is tried on it.
#[tokio::test]
async fn the_fixture_is_replayed_by_both() {
    let [_, harbour] = apis();
    let (mut by_client, mut by_simulator) = (0, 0);
    for (_, evidence) in kept(&harbour.folder) {
        let replayed = replay(&harbour, &evidence).await;
        (by_client, by_simulator) = (by_client + replayed.by_client, by_simulator + replayed.by_simulator);
    }
    assert!(by_client > 10 && by_simulator > by_client, "{by_client} by the client, {by_simulator} by the simulator");
}

fn edit(reply: Option<&mut Value>, edit: impl Fn(&mut Map<String, Value>)) -> bool {
    reply.and_then(Value::as_object_mut).map(edit).is_some()
}

async fn replay(api: &Api, evidence: &Evidence) -> Replayed {
    let mut replayed = Replayed::default();
    for (index, exchange) in evidence.exchanges.iter().enumerate() {
        if matches!(exchange.status, 401 | 403 | 429 | 500..) {
            continue;
        }
        let mut problem = |by: &str, result: Result<(), String>| {
            replayed.problems.extend(result.err().map(|problem| format!("exchange {index}, {by}: {problem}")));
        };
        if let Some(decoded) = Decoded::of(&api.model, exchange) {
            problem("client", client::replay(api, evidence, exchange, &decoded).await);
            replayed.by_client += 1;
        }
        problem("simulator", simulator::replay(api, evidence, exchange));
        replayed.by_simulator += 1;
    }
    replayed
}

/// The format that a request asks for, and its report.
fn target<'a>(model: &'a Model, exchange: &Exchange) -> Option<(Format, &'a Report)> {
    let body = exchange.body.as_ref()?.as_object()?;
    Format::ALL.iter().find_map(|format| {
        let endpoint = model.endpoint(model.endpoint_of(*format))?;
        let (_, key) = model.request_keys(*format).into_iter().find(|(role, _)| *role == RequestKey::Report)?;
        let report = model.report(body.get(&key.value)?.as_str()?)?;
        let here = endpoint.path.value.as_deref() == Some(&exchange.path) && endpoint.method == exchange.method;
        (here && report.format == *format).then_some((*format, report))
    })
}

/// When an exchange took place: the end of its day.
fn now(evidence: &Evidence, exchange: &Exchange) -> Timestamp {
    let made = evidence.made.as_deref().and_then(|made| made.parse::<Date>().ok());
    let day = made.map(|day| day.at(23, 59, 59, 0)).and_then(|end| TimeZone::UTC.to_timestamp(end).ok());
    let times = exchange.body.as_ref().and_then(Value::as_object).into_iter().flat_map(|body| body.values());
    let latest = times.filter_map(|value| value.as_str()?.parse::<Timestamp>().ok()).max();
    day.or(latest).unwrap_or(Timestamp::UNIX_EPOCH)
}
