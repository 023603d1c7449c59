//! Requests that no probe sends, answered by the turned server and by the simulator of the mended spec.

use std::collections::BTreeSet;

use placewise_model::{Field, Filterability, Format, Model, Nullable, Report, Setting, Type};
use placewise_simulator::{Reply, Request, SimulatedApi};
use serde_json::{Map, Value, json};

use crate::turned::{Server, Truth, simulator_of};
use crate::{CUSTOMERS, still};

/// How the two answered.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The requests that both answered the same.
    pub compared: usize,
    /// The requests that depend on what the server hides.
    pub skipped: usize,
    pub differences: Vec<String>,
}

/// A request, and the assumptions and facts that its reply depends on.
struct HeldOut {
    request: Request,
    depends: BTreeSet<String>,
    what: String,
}

/// Compares the turned server with the mended spec, but for what is still not known.
pub fn compare(server: &Server, base: &Model, mended: &Model, seed: u64) -> Comparison {
    run(server, base, mended, seed, true)
}

/// The same without leaving anything out.
pub fn compare_as_if_mended(server: &Server, base: &Model, mended: &Model, seed: u64) -> Comparison {
    run(server, base, mended, seed, false)
}

fn run(server: &Server, base: &Model, mended: &Model, seed: u64, skip: bool) -> Comparison {
    let turned = still(server.simulator(base));
    let mended = still(simulator_of(mended.clone(), server.strict));
    let truth = Truth::of(server, base);
    let is_unknown = |id: &str| mended_value(mended.model(), base, id) != truth.value(id);
    let unknown: BTreeSet<&str> = server.turns.iter().map(|turn| turn.id.as_str()).filter(|id| is_unknown(id)).collect();
    let mut comparison = Comparison::default();
    for one in requests(turned.model(), base, seed) {
        if skip && one.depends.iter().any(|id| unknown.contains(id.as_str())) {
            comparison.skipped += 1;
            continue;
        }
        let answers = [&turned, &mended].map(|api| pages(api, turned.model(), &one.request));
        if answers[0] == answers[1] {
            comparison.compared += 1;
        } else {
            let [turned, mended] = answers.map(|answer| answer.chars().take(300).collect::<String>());
            comparison.differences.push(format!("{}: {turned} and not {mended}", one.what));
        }
    }
    comparison
}

/// The value that a mended spec has.
fn mended_value(model: &Model, base: &Model, id: &str) -> Value {
    match id.split('/').collect::<Vec<_>>()[..] {
        // Nulls were seen in every field: nothing is left of the assumption.
        ["never-null"] => {
            let assumed = |field: &&Field| field.nullable == Nullable::AssumedNever;
            let rows = model.reports.iter().filter(|report| report.format == Format::Records);
            let never: Vec<String> = rows
                .flat_map(|report| report.fields.iter().filter(assumed).map(|field| format!("{}.{}", report.name, field.name)))
                .collect();
            if never.is_empty() { json!([]) } else { base.assumption(id).map(|one| one.value.clone()).unwrap_or_default() }
        }
        [assumption] => model.assumption(assumption).map(|one| one.value.clone()).unwrap_or_default(),
        ["reports", report, "cost"] => model.report(report).map(|report| json!(report.cost)).unwrap_or_default(),
        ["reports", report, "fields", field, _] => {
            let field = model.report(report).and_then(|report| report.field(field));
            field.map(|field| json!(if field.filterable.may_filter() { "yes" } else { "no" })).unwrap_or_default()
        }
        ["filters", "operators", key, "cost"] => {
            let operator = model.filter.operators().into_iter().find(|(known, _)| *known == key);
            operator.map(|(_, operator)| json!(operator.cost.value)).unwrap_or_default()
        }
        _ => Value::Null,
    }
}

/// A reply and that of its next page, as text: status, headers but for the level of the bucket, and body.
fn pages(api: &SimulatedApi, turned: &Model, request: &Request) -> String {
    let first = api.answer(request);
    let mut text = shown(api.model(), &first);
    let response = &turned.records.response;
    let body: Value = serde_json::from_slice(&first.body).unwrap_or_default();
    let cursor = body.get(&response.pagination).and_then(|page| page.get(&response.next)).filter(|next| next.is_string());
    if let (Some(cursor), Ok(mut keys)) = (cursor, serde_json::from_slice::<Value>(request.body.as_deref().unwrap_or_default())) {
        keys[&turned.records.request.cursor.value] = cursor.clone();
        let mut next = request.clone();
        next.body = Some(keys.to_string().into_bytes());
        text.push_str(&shown(api.model(), &api.answer(&next)));
    }
    text
}

fn shown(model: &Model, reply: &Reply) -> String {
    let limit = &model.api.rate_limit;
    let level = |name: &str| name.eq_ignore_ascii_case(&limit.remaining);
    let headers: Vec<String> =
        reply.headers.iter().filter(|(name, _)| !level(name)).map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{} {headers:?} {}", reply.status, String::from_utf8_lossy(&reply.body))
}

/// Builds requests as the turned server wants them, and remembers what they depend on.
struct Builder<'a> {
    /// The turned server's.
    model: &'a Model,
    depends: BTreeSet<String>,
    body: Map<String, Value>,
}

impl<'a> Builder<'a> {
    fn new(model: &'a Model) -> Self {
        let mut builder = Self { model, depends: BTreeSet::new(), body: Map::new() };
        let limit = &model.api.rate_limit;
        builder.rests_on(&limit.on_every_response);
        builder
    }

    fn rests_on<T>(&mut self, setting: &Setting<T>) {
        self.depends.extend(setting.assumption.clone());
    }

    fn set(mut self, key: &Setting<String>, value: impl Into<Value>) -> Self {
        self.rests_on(key);
        self.body.insert(key.value.clone(), value.into());
        self
    }

    /// The report, with what its reply depends on.
    fn of(mut self, report: &Report) -> Self {
        let model = self.model;
        self.depends.insert(format!("reports/{}/cost", report.name));
        if report.cost.is_none() {
            self.rests_on(&model.api.rate_limit.unknown_cost);
        }
        if let Some(endpoint) = model.endpoint(model.endpoint_of(report.format)) {
            self.rests_on(&endpoint.path);
        }
        match report.format {
            Format::Records => self.set(&model.records.request.report, report.name.as_str()),
            _ => self.set(&model.timeseries.request.report, report.name.as_str()),
        }
    }

    /// What rows hold follows from these, and charts count rows. A refusal holds neither.
    fn with_data(mut self) -> Self {
        self.depends.insert("never-null".to_owned());
        let model = self.model;
        self.rests_on(&model.records.zoneless_timestamps_in);
        self
    }

    /// Pages have cursors, and the second page is asked too.
    fn with_pages(mut self) -> Self {
        let records = &self.model.records;
        for setting in [&records.null_cursor_ends, &records.empty_cursor_ends] {
            self.rests_on(setting);
        }
        self.rests_on(&records.request.cursor);
        self.with_data()
    }

    fn filter(mut self, key: &Setting<String>, filter: Value, report: &Report) -> Self {
        for (name, operator) in self.model.filter.operators() {
            self.rests_on(&operator.cost);
            self.depends.insert(format!("filters/operators/{name}/cost"));
        }
        // A refusal lists the fields that filters accept.
        self.depends
            .extend(report.fields.iter().map(|field| format!("reports/{}/fields/{}/filterable", report.name, field.name)));
        self.set(key, filter)
    }

    /// The request about one customer, or several.
    fn build(mut self, report: &Report, customers: &[i64], what: &str) -> HeldOut {
        let model = self.model;
        let (headers, grammar, limit) = (&model.api.headers, &model.api.customers, &model.api.rate_limit);
        let ids = customers.iter().map(i64::to_string).collect::<Vec<_>>().join(&grammar.id_separator);
        let several = customers.len() > 1;
        if several {
            self.rests_on(&grammar.several_prefixed);
        }
        self.rests_on(if several { &limit.several_customers } else { &limit.one_customer });
        let prefix = if several && !grammar.several_prefixed.value { "" } else { grammar.id_prefix.as_str() };
        let path = model.endpoint(model.endpoint_of(report.format)).and_then(|endpoint| endpoint.path.value.clone());
        let request = Request::post(&path.unwrap_or_else(|| "/none".into()), &Value::Object(self.body))
            .header(&headers.user_agent.name, "proof")
            .header(&headers.product_name.name, "proof")
            .header(&headers.token.name, "t0ken")
            .header(&headers.customer.name, format!("{prefix}{ids}"));
        HeldOut { request, depends: self.depends, what: format!("{what} of `{}`", report.name) }
    }
}

/// Pages, filters, aggregations, charts and refusals of every report.
fn requests(turned: &Model, base: &Model, seed: u64) -> Vec<HeldOut> {
    let mut all = Vec::new();
    for report in &turned.reports {
        // The spec's own filterability, so that what was turned is asked about.
        let Some(stated) = base.report(&report.name) else { continue };
        match report.format {
            Format::Records => rows(turned, report, stated, seed, &mut all),
            Format::Timeseries => charts(turned, report, &mut all),
            Format::Statistics => {}
        }
    }
    all
}

fn rows(model: &Model, report: &Report, stated: &Report, seed: u64, all: &mut Vec<HeldOut>) {
    let keys = &model.records.request;
    let new = || Builder::new(model).of(report).with_pages();
    let sized = |size: u32| {
        let mut builder = new();
        builder.rests_on(&model.records.most_page_size);
        builder.set(&keys.page_size, size)
    };
    let one = &CUSTOMERS[2..];
    let size = 4 + u32::try_from(seed % 5).unwrap_or(0);
    all.push(sized(size).build(report, one, "pages"));
    all.push(sized(size).build(report, &CUSTOMERS[1..], "pages about several customers"));
    let mut plain = new();
    plain.rests_on(&model.records.default_page_size);
    all.push(plain.build(report, &CUSTOMERS, "a page without a size"));
    let mut large = Builder::new(model).of(report);
    large.rests_on(&model.records.most_page_size);
    let large = large.set(&keys.page_size, model.records.most_page_size.value + 7);
    all.push(large.build(report, one, "a page that is too large"));
    for aggregation in &report.aggregations {
        let mut builder = sized(size);
        builder.rests_on(&model.api.rate_limit.aggregation_cost);
        all.push(builder.set(&keys.aggregation, aggregation.name.as_str()).build(
            report,
            one,
            &format!("groups by {}", aggregation.name),
        ));
    }
    let asked: Vec<&Field> = stated
        .fields
        .iter()
        .filter(|field| !matches!(field.filterable, Filterability::Header(_)) && is_simple(&field.ty))
        .collect();
    for field in &asked {
        let test = node(model, &model.filter.operators.not_equal.name, &field.name, Value::Null);
        all.push(sized(size).filter(&keys.filter, test, report).build(report, one, &format!("a filter on {}", field.name)));
    }
    if let [first, .., last] = asked[..] {
        for operator in [&model.filter.operators.and, &model.filter.operators.or] {
            let tests = [first, last].map(|field| node(model, &model.filter.operators.equal.name, &field.name, Value::Null));
            let words = &model.filter.keys;
            let filter = json!({ (words.ty.clone()): operator.name, (words.operations.clone()): tests });
            all.push(sized(size).filter(&keys.filter, filter, report).build(
                report,
                one,
                &format!("a filter with {}", operator.name),
            ));
        }
    }
    let bad = node(model, "no such operator", "no_such_field", Value::Null);
    all.push(Builder::new(model).of(report).filter(&keys.filter, bad, report).build(report, one, "a filter that is refused"));
}

fn charts(model: &Model, report: &Report, all: &mut Vec<HeldOut>) {
    let keys = &model.timeseries.request;
    let chart = |interval: &str, from: &str, to: &str| {
        let mut builder = Builder::new(model).of(report).with_data();
        builder.rests_on(&model.timeseries.time_points);
        builder.rests_on(&model.timeseries.beyond_retention);
        builder.set(&keys.interval, interval).set(&keys.from, from).set(&keys.to, to)
    };
    for interval in model.intervals(report) {
        let name = interval.name.as_str();
        let build = |builder: Builder<'_>, what: &str| builder.build(report, &CUSTOMERS[..1], &format!("{what} by {name}"));
        all.push(build(chart(name, "2026-01-14T00:00:00Z", "2026-01-15T00:00:00Z"), "a day"));
        all.push(build(chart(name, "2025-08-01T00:00:00Z", "2025-12-29T00:00:00Z"), "150 days"));
        all.push(build(chart(name, "2021-08-01T00:00:00Z", "2021-08-02T00:00:00Z"), "a day years ago"));
    }
    for aggregation in &report.aggregations {
        let Some(interval) = model.intervals(report).last() else { continue };
        let mut builder = chart(&interval.name, "2025-11-01T00:00:00Z", "2026-01-01T00:00:00Z");
        builder.rests_on(&model.api.rate_limit.aggregation_cost);
        let builder = builder.set(&keys.aggregation, aggregation.name.as_str());
        all.push(builder.build(report, &CUSTOMERS[..1], &format!("series by {}", aggregation.name)));
    }
}

fn node(model: &Model, operator: &str, field: &str, value: Value) -> Value {
    let keys = &model.filter.keys;
    json!({ (keys.ty.clone()): operator, (keys.field.clone()): field, (keys.value.clone()): value })
}

fn is_simple(ty: &Type) -> bool {
    !matches!(ty, Type::Array { .. } | Type::Object { .. } | Type::Map { .. } | Type::Json)
}
