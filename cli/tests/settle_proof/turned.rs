//! Servers whose facts are turned, and what each reveals.

use std::collections::{BTreeMap, BTreeSet};

use placewise_model::{Evidence, Field, Filterability, Format, Model, Nullable, QuirkKind, Type, Verdict};
use placewise_simulator::Simulator;
use serde_json::{Value, json};

use crate::CUSTOMERS;
use crate::random::Random;

/// One turned assumption or fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    pub id: String,
    pub value: Value,
}

/// A server that does not do what the spec says.
#[derive(Clone, Debug)]
pub struct Server {
    pub seed: u64,
    /// Whether it refuses keys that it does not know, and names those that it does.
    pub strict: bool,
    pub turns: Vec<Turn>,
}

/// What a server reveals of a turned thing to whoever asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Revealed {
    /// The value.
    Value,
    /// That the assumed value is wrong.
    OtherThan,
    /// Nothing, and why.
    Hidden(&'static str),
}

/// Other values of an assumption.
fn others(id: &str, assumed: &Value) -> Vec<Value> {
    match (id, assumed) {
        ("bucket-capacity", _) => vec![json!(4000), json!(7000)],
        ("bucket-refill", _) => vec![json!(3), json!(7), json!(2000)],
        ("default-page-size", _) => vec![json!(13), json!(50)],
        ("most-page-size", _) => vec![json!(500), json!(200)],
        ("time-points", Value::String(word)) => vec![json!(if word == "length" { "buckets" } else { "length" })],
        ("beyond-retention", Value::String(word)) => vec![json!(if word == "refused" { "empty" } else { "refused" })],
        ("zoneless-timestamps-in", _) => vec![json!("Europe/Oslo"), json!("America/Denver")],
        ("never-null", _) => vec![json!([])],
        ("show-place-path", _) => vec![json!("/turned/places/{id}")],
        (path, _) if path.ends_with("-path") => vec![json!(format!("/turned/{path}"))],
        (_, Value::Bool(value)) => vec![json!(!value)],
        (_, Value::Number(number)) => (1..4).map(|more| json!(number.as_i64().unwrap_or(0) + more)).collect(),
        (key, _) if key.ends_with("-key") => {
            vec![json!(format!("turned_{}", key.replace('-', "_"))), json!(format!("x_{}", key.len()))]
        }
        _ => vec![json!(format!("turned {id}"))],
    }
}

/// Everything that can be turned, and to what.
pub fn candidates(base: &Model) -> Vec<Turn> {
    let mut all: Vec<Turn> = Vec::new();
    for assumption in base.assumptions.iter().filter(|assumption| !assumption.settled) {
        let others = others(&assumption.id, &assumption.value).into_iter();
        all.extend(others.map(|value| Turn { id: assumption.id.clone(), value }));
    }
    for report in &base.reports {
        let turns =
            |cost: u32| [1, 3].map(|plus| Turn { id: format!("reports/{}/cost", report.name), value: json!(cost + plus) });
        all.extend(report.cost.map(turns).into_iter().flatten());
        for field in report.fields.iter().filter(|field| is_turnable(field) && report.format == Format::Records) {
            let value = if field.filterable.may_filter() { "no" } else { "yes" };
            all.push(Turn { id: format!("reports/{}/fields/{}/filterable", report.name, field.name), value: json!(value) });
        }
    }
    for (key, operator) in base.filter.operators().into_iter().filter(|(key, _)| ["and", "or"].contains(key)) {
        if operator.cost.assumption.is_none() {
            all.push(Turn { id: format!("filters/operators/{key}/cost"), value: json!(operator.cost.value + 2) });
        }
    }
    all
}

/// Names of fields in ids have no `/` here.
fn is_turnable(field: &Field) -> bool {
    let header = matches!(field.filterable, Filterability::Header(_));
    let simple = !matches!(field.ty, Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json);
    simple && !header && field.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Server {
    /// A server with one to five turned things.
    pub fn turned(candidates: &[Turn], seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x5851_f42d_4c95_7f2d));
        // One in three is a fact, although there are more facts.
        let (facts, assumptions): (Vec<&Turn>, Vec<&Turn>) = candidates.iter().partition(|turn| turn.id.contains('/'));
        let (strict, count) = (random.below(2) == 0, 1 + random.below(5));
        let mut turns: Vec<Turn> = Vec::new();
        while turns.len() < count {
            let from = if random.below(3) == 0 { &facts } else { &assumptions };
            let turn = random.pick(from);
            if turns.iter().all(|one| one.id != turn.id && one.value != turn.value) {
                turns.push(turn.clone());
            }
        }
        Self { seed, strict, turns }
    }

    pub fn is_turned(&self, id: &str) -> bool {
        self.turns.iter().any(|turn| turn.id == id)
    }

    /// The model with the turned facts. Assumptions are turned by the simulator.
    fn facts(&self, base: &Model) -> Model {
        let mut model = base.clone();
        for turn in &self.turns {
            let steps: Vec<&str> = turn.id.split('/').collect();
            let cost = || turn.value.as_u64().and_then(|cost| u32::try_from(cost).ok()).expect("a cost");
            match steps[..] {
                ["reports", report, "cost"] => {
                    model.reports.iter_mut().filter(|one| one.name == report).for_each(|one| one.cost = Some(cost()));
                }
                ["reports", report, "fields", field, "filterable"] => {
                    let to = if turn.value == "no" { Filterability::No } else { Filterability::Yes };
                    let fields = model.reports.iter_mut().filter(|one| one.name == report).flat_map(|one| &mut one.fields);
                    fields.filter(|one| one.name == field).for_each(|one| one.filterable = to.clone());
                }
                ["filters", "operators", "and", "cost"] => model.filter.operators.and.cost.value = cost(),
                ["filters", "operators", "or", "cost"] => model.filter.operators.or.cost.value = cost(),
                _ => {}
            }
        }
        model
    }

    /// The server, and one that differs from it in nothing but the spec.
    pub fn simulator(&self, base: &Model) -> Simulator {
        let assumed = self.turns.iter().filter(|turn| !turn.id.contains('/'));
        let simulator = simulator_of(self.facts(base), self.strict);
        assumed.fold(simulator, |simulator, turn| simulator.assume(turn.id.as_str(), turn.value.clone()))
    }

    /// What it reveals of each turned thing.
    pub fn revealed(&self, base: &Model) -> BTreeMap<String, Revealed> {
        self.turns.iter().map(|turn| (turn.id.clone(), self.reveals(base, turn))).collect()
    }

    fn reveals(&self, base: &Model, turn: &Turn) -> Revealed {
        use Revealed::{Hidden, OtherThan, Value};
        let role = |suffix: &str| base.assumptions.iter().find(|one| one.id.ends_with(suffix)).map(|one| one.id.clone());
        let unknown_key = |id: &str| self.is_turned(id) && !self.strict;
        let costs = role("limit-headers-on-every-response").is_none_or(|id| !self.is_turned(&id));
        let charts = [role("series-path"), role("timeseries-path")].into_iter().flatten().all(|id| !self.is_turned(&id));
        let key = if self.strict { Value } else { OtherThan };
        let of_cost = if costs { Value } else { Hidden("no reply says what a request costs") };
        let steps: Vec<&str> = turn.id.split('/').collect();
        match (turn.id.as_str(), &steps[..]) {
            (_, ["reports", report, "cost"]) => match base.report(report).map(|report| report.format) {
                Some(Format::Records) => of_cost,
                Some(Format::Timeseries) if charts => of_cost,
                Some(Format::Timeseries) => Hidden("the path of charts is another one, and none is guessed"),
                _ => Hidden("the path of statistics is not known"),
            },
            (_, ["filters", ..]) => of_cost,
            (_, ["reports", .., "filterable"]) => Value,
            (id, _) if self.has_no_path(base, id) => Hidden("its endpoint has no known path, and none is guessed"),
            (id, _) if self.writes(base, id) => Hidden("nothing says that a call of its endpoint only reads"),
            ("cursor-key" | "page-size-key" | "aggregation-key", _) => key,
            (id, _) if id.ends_with("-path") => OtherThan,
            ("both-permits", _) => Hidden("the permits of a token cannot be read"),
            ("comparison-cost" | "any-cost" | "unknown-cost", _) => of_cost,
            ("aggregation-cost", _) if unknown_key("aggregation-key") => Hidden("the key of the aggregation is not known"),
            ("aggregation-cost" | "bucket-of-one-customer" | "bucket-of-several-customers", _) => of_cost,
            ("bucket-capacity", _) if !costs => of_cost,
            // A bucket that refills within a second is seen full.
            ("bucket-capacity", _)
                if self.turns.iter().any(|turn| turn.id == "bucket-refill" && turn.value.as_u64() < Some(100)) =>
            {
                Hidden("the bucket fills too slowly to be seen full")
            }
            ("bucket-refill", _) if !costs => of_cost,
            ("bucket-refill", _) if turn.value.as_u64() > Some(100) => Hidden("the bucket is full again after each request"),
            ("null-cursor-ends" | "most-page-size", _) if unknown_key("page-size-key") => {
                Hidden("the key of the page size is not known")
            }
            ("empty-cursor-ends", _) if unknown_key("cursor-key") => Hidden("the key of the cursor is not known"),
            ("time-points" | "beyond-retention" | "step-key", _) if !charts => {
                Hidden("the path of charts is another one, and none is guessed")
            }
            ("step-key", _) => key,
            ("zoneless-timestamps-in", _) if !self.filters_timestamps(base) => {
                Hidden("filters accept no timestamp without a zone")
            }
            // Several zones have one offset; charts name one of them.
            ("zoneless-timestamps-in", _) if turn.value != "Europe/Oslo" => OtherThan,
            ("never-null", _) => OtherThan,
            (id, _) if id.ends_with("-key") => key,
            _ => Value,
        }
    }

    /// Whether filters accept a timestamp that has no zone in replies.
    fn filters_timestamps(&self, base: &Model) -> bool {
        let model = self.facts(base);
        model.reports.iter().any(|report| {
            let zoneless = report.quirks.iter().filter(|quirk| quirk.kind == QuirkKind::Zoneless).flat_map(|quirk| &quirk.at);
            zoneless.filter_map(|name| report.field(name)).any(|field| field.filterable.may_filter())
        })
    }

    /// Whether the setting belongs to an endpoint whose path is null in the spec, or is that path.
    fn has_no_path(&self, base: &Model, id: &str) -> bool {
        let statistics = base.endpoint(base.endpoint_of(Format::Statistics));
        let of_statistics =
            base.request_keys(Format::Statistics).into_iter().any(|(_, key)| key.assumption.as_deref() == Some(id));
        let here = base.endpoints.iter().filter(|endpoint| {
            let carries = &endpoint.carries;
            let keys = [&carries.report, &carries.field].into_iter().flatten().filter_map(|key| key.assumption.as_deref());
            let body = carries.query.as_ref().and_then(|query| query.assumption.as_deref());
            keys.chain(body).chain(endpoint.path.assumption.as_deref()).any(|known| known == id)
        });
        let mut users = here.chain(statistics.filter(|_| of_statistics)).peekable();
        users.peek().is_some() && users.all(|endpoint| endpoint.path.value.is_none())
    }

    /// Whether the setting belongs to endpoints alone that may change something.
    fn writes(&self, base: &Model, id: &str) -> bool {
        let formats: BTreeSet<&str> = Format::ALL.iter().map(|format| base.endpoint_of(*format)).collect();
        let mut users = base
            .endpoints
            .iter()
            .filter(|endpoint| {
                let carries = &endpoint.carries;
                let keys = [&carries.report, &carries.field].into_iter().flatten().filter_map(|key| key.assumption.as_deref());
                let body = carries.query.as_ref().and_then(|query| query.assumption.as_deref());
                keys.chain(body).chain(endpoint.path.assumption.as_deref()).any(|known| known == id)
            })
            .peekable();
        users.peek().is_some() && users.all(|one| !one.only_reads && one.method != "GET" && !formats.contains(one.name.as_str()))
    }
}

/// A server of a model.
pub fn simulator_of(model: Model, strict: bool) -> Simulator {
    // 240 rows for each report: more than a page without a size has.
    Simulator::new(model).seed(11).rows(240).customers(CUSTOMERS).strict_keys(strict)
}

/// What is so on a server.
pub struct Truth<'a> {
    server: &'a Server,
    base: &'a Model,
    model: Model,
}

impl<'a> Truth<'a> {
    pub fn of(server: &'a Server, base: &'a Model) -> Self {
        let model = server.simulator(base).build().expect("a simulator").model().clone();
        Self { server, base, model }
    }

    /// The value of an assumption or a fact on the server.
    pub fn value(&self, id: &str) -> Value {
        if let Some(turn) = self.server.turns.iter().find(|turn| turn.id == id) {
            return turn.value.clone();
        }
        match id.split('/').collect::<Vec<_>>()[..] {
            [assumption] => self.model.assumption(assumption).map(|one| one.value.clone()).unwrap_or_default(),
            ["reports", report, "cost"] => {
                let cost = self.model.report(report).and_then(|report| report.cost);
                json!(cost.unwrap_or(self.model.api.rate_limit.unknown_cost.value))
            }
            ["reports", report, "fields", field, what] => {
                let field = self.model.report(report).and_then(|report| report.field(field));
                match (what, field) {
                    ("filterable", Some(field)) => json!(if field.filterable.may_filter() { "yes" } else { "no" }),
                    // Nothing is null that may not be, so what was seen null may be.
                    ("nullable", Some(field)) if matches!(field.nullable, Nullable::Unknown | Nullable::Seen) => json!("seen"),
                    _ => Value::Null,
                }
            }
            ["filters", "operators", key, "cost"] => {
                let operator = self.model.filter.operators().into_iter().find(|(known, _)| *known == key);
                operator.map(|(_, operator)| json!(operator.cost.value)).unwrap_or_default()
            }
            _ => Value::Null,
        }
    }

    /// Verdicts and facts that are not so on the server.
    pub fn false_verdicts(&self, evidence: &Evidence) -> Vec<String> {
        let mut found = Vec::new();
        for settled in &evidence.settled {
            let (is, assumed) =
                (self.value(&settled.assumption), self.base.assumption(&settled.assumption).map(|one| &one.value));
            let differs = assumed != Some(&is);
            let right = match settled.verdict {
                Verdict::Holds => !differs,
                Verdict::Refuted => differs && settled.value.as_ref().is_none_or(|value| *value == is),
                Verdict::CannotTell => true,
            };
            if !right {
                found.push(format!(
                    "`{}` is {is}, but: {:?} {:?} {}",
                    settled.assumption, settled.verdict, settled.value, settled.by
                ));
            }
        }
        let wrong = evidence.facts.iter().filter(|fact| self.value(&fact.fact) != fact.seen);
        found.extend(wrong.map(|fact| format!("`{}` is {}, but: {:?}", fact.fact, self.value(&fact.fact), fact)));
        found
    }
}
