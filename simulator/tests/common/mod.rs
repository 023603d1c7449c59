//! An invented API with keys, headers and paths unlike those of any real one, and functions that send requests to it.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod charts;
mod more_reports;

use placewise_model::Model;
use placewise_simulator::{Request, SimulatedApi, Simulator};
use serde_json::{Value, json};

pub const PATH: &str = "/v9/ask";
pub const CHART: &str = "/v9/chart";
/// The time at which the tests' clocks stand still.
pub const NOW: &str = "2026-01-15T12:00:00Z";

pub fn assumed(value: impl Into<Value>, id: &str) -> Value {
    json!({"value": value.into(), "assumption": id})
}

fn header(name: &str, required: &str, value: Option<&str>, example: Option<&str>) -> Value {
    json!({"name": name, "required": required, "value": value, "example": example})
}

pub fn field(name: &str, ty: Value, nullable: &str, filterable: Value) -> Value {
    json!({"name": name, "type": ty, "printed": "", "nullable": nullable, "filterable": filterable})
}

pub fn kind(word: &str) -> Value {
    json!({"kind": word})
}

pub fn words(values: &[&str]) -> Value {
    let values: Vec<Value> = values.iter().map(|value| json!({"value": value})).collect();
    json!({"kind": "enum", "values": values})
}

fn returned(name: &str, ty: Value, compute: Value) -> Value {
    let mut field = field(name, ty, "seen", json!("unknown"));
    field["compute"] = compute;
    field
}

fn api_facts() -> Value {
    let error = |status: u16, name: &str| json!({"status": status, "name": name, "description": "", "advice": ""});
    json!({
        "api": "Harbour",
        "groups": [{"name": "ships", "description": null}],
        "permit": {"name": "Ask", "with_report": assumed(true, "both-permits")},
        "hosts": {},
        "headers": {
            "content_type": header("Content-Type", "yes", Some("application/json"), None),
            "user_agent": header("X-Agent", "yes", None, None),
            "product_name": header("X-Product", "no", None, None),
            "token": header("X-Key", "yes", Some("Key "), None),
            "user_token": header("Authorization", "unknown", Some("Bearer "), None),
            "customer": header("X-Port", "unknown", None, Some("id=11_12")),
            "loyalty_club_slug": header("X-Port-Slug", "unknown", None, Some("old-quay")),
            "locale": header("X-Tongue", "unknown", None, None),
        },
        "customers": {"id_prefix": "id=", "several_prefixed": assumed(true, "several-prefixed"), "id_separator": "_", "all": "all=all", "filter_separator": ";", "fewer_than": 40},
        "rate_limit": {
            "status": 429, "retry_after": "Retry-After", "bucket": "tide-bucket", "remaining": "tide-left", "cost": "tide-cost",
            "one_customer": "One/Reports", "several_customers": "Many/Reports",
            "aggregation_cost": assumed(0, "aggregation-cost"), "unknown_cost": 1,
            "capacity": assumed(1000, "bucket-capacity"), "refill": assumed(2, "bucket-refill"),
            "on_every_response": assumed(true, "limit-headers"),
        },
        "errors": [
            error(400, "bad-request"), error(401, "unauthorized"), error(403, "forbidden"), error(404, "not-found"),
            error(405, "not-possible"), error(422, "invalid-parameters"), error(470, "header-missing"), error(471, "header-incorrect"),
            error(503, "maintenance"),
        ],
        "error_body": {"message": "problem", "details": "where", "symbol": "error", "options": "options", "invalid_parameters": "Wrong"},
    })
}

fn filter() -> Value {
    let operator = |name: &str, cost: u32| json!({"name": name, "cost": cost});
    json!({
        "keys": {"type": "op", "operations": "parts", "field": "of", "value": "to"},
        "operators": {
            "and": operator("both", 1), "or": operator("either", 3), "equal": operator("is", 0), "not_equal": operator("is_not", 0),
            "greater_than": operator("over", 0), "greater_or_equal": operator("from", 0), "less_than": operator("under", 0),
            "less_or_equal": operator("upto", 0), "one_of": operator("within", 0), "none_of": operator("outside", 0),
        },
    })
}

fn records() -> Value {
    json!({
        "endpoint": "ask",
        "request": {
            "report": "subject", "filter": "where", "aggregation": assumed("per", "aggregation-key"),
            "cursor": assumed("after", "cursor-key"), "page_size": assumed("size", "page-size-key"),
        },
        "response": {"rows": "lines", "pagination": "page", "next": "more", "result_type": "shape", "result_type_value": "lines"},
        "default_page_size": assumed(50, "default-page-size"), "most_page_size": assumed(1000, "most-page-size"),
        "null_cursor_ends": assumed(true, "null-ends"), "empty_cursor_ends": assumed(true, "empty-ends"), "zoneless_timestamps_in": assumed("UTC", "zoneless-zone"),
    })
}

fn voyages() -> Value {
    let legs = json!({"kind": "map", "of": {"kind": "object", "fields": [
        field("from", kind("timestamp"), "never", json!("unknown")), field("to", kind("timestamp"), "seen", json!("unknown")),
    ]}});
    let mut late = field("late_count", kind("integer"), "unknown", json!("unknown"));
    late["optional"] = json!(true);
    let mut speeds = field(
        "speeds",
        json!({"kind": "object", "fields": [
            field("top", kind("number"), "unknown", json!("unknown")), field("mean", kind("number"), "unknown", json!("unknown")),
        ]}),
        "unknown",
        json!("unknown"),
    );
    speeds["optional"] = json!(true);
    let mut late_sum = returned("late_count", kind("integer"), json!({"sum": "late_count"}));
    late_sum["optional"] = json!(true);
    json!({
        "name": "voyages", "group": "ships", "format": "records", "permit": "Ask:Voyages", "cost": 2, "coverage": "whole",
        "fields": [
            field("id", kind("integer"), "assumed-never", json!("unknown")),
            field("port_id", kind("integer"), "assumed-never", json!({"header": "X-Port"})),
            field("ship", kind("string"), "seen", json!("yes")),
            field("cargo", words(&["grain", "ore", "tea"]), "never", json!("unknown")),
            field("flag", words(&[]), "seen", json!("unknown")),
            field("berth_id", kind("integer"), "seen", json!("example")),
            field("tons_count", kind("integer"), "never", json!("yes")),
            field("fare", kind("number"), "seen", json!("yes")),
            field("insured", kind("boolean"), "never", json!("yes")),
            field("crew", json!({"kind": "array", "of": {"kind": "integer"}}), "seen", json!("yes")),
            field("sailed_at", kind("timestamp"), "never", json!("yes")),
            field("due_on", kind("date"), "seen", json!("yes")),
            field("hold", kind("string"), "seen", json!("no")),
            field("seal", kind("string"), "seen", json!("unknown-strict")),
            late, speeds,
            field("legs", legs.clone(), "seen", json!("unknown")),
        ],
        "aggregations": [
            {"name": "berth", "by": ["berth_id"], "returns": [
                returned("berth_id", kind("integer"), json!("key")),
                returned("ids", json!({"kind": "array", "of": {"kind": "integer"}}), json!({"collect": "id"})),
                returned("tons_count", kind("integer"), json!({"sum": "tons_count"})),
                returned("fare", kind("number"), json!({"sum": "fare"})),
                returned("first", kind("timestamp"), json!({"min": "sailed_at"})),
                returned("last", kind("timestamp"), json!({"max": "sailed_at"})),
                returned("voyages", kind("integer"), json!("count")),
                returned("cargo", words(&[]), json!({"same": "cargo"})),
                returned("legs", legs, json!({"span": "legs"})),
                returned("mystery", kind("string"), json!("unknown")),
                late_sum,
            ]},
            {"name": "cargo_and_flag", "by": ["cargo", "flag"], "returns": [
                returned("cargo", words(&[]), json!("key")), returned("flag", words(&[]), json!("key")),
                returned("tons_count", kind("integer"), json!({"sum": "tons_count"})),
            ]},
        ],
        "examples": [
            {"name": "one", "response": {"lines": [example()], "page": {"more": "CN"}, "shape": "lines"}},
            {"name": "legs", "field": "legs", "response": example()["legs"]},
        ],
        "quirks": [{"kind": "zoneless", "at": ["sailed_at", "berth.last"], "description": ""}],
    })
}

/// The row of the documented example.
pub fn example() -> Value {
    json!({
        "id": 452, "port_id": 275, "ship": "Ask & Embla", "cargo": "tea", "flag": null, "berth_id": 7265, "tons_count": 9,
        "fare": 2.5, "insured": true, "crew": [3, 1], "sailed_at": "2025-04-11T08:29:09.359381", "due_on": "2025-04-20",
        "hold": null, "seal": "wax",
        "legs": {"out": {"from": "2025-04-11T08:00:00.000000Z", "to": null}, "back": {"from": "2025-04-12T08:00:00.000000Z", "to": null}},
    })
}

pub fn model() -> Model {
    let assumption = |(id, scope): (&str, &str)| json!({"id": id, "value": null, "reason": "", "settled_by": "", "scope": scope});
    let ids = [
        ("both-permits", "simulator"),
        ("bucket-capacity", "simulator"),
        ("bucket-refill", "simulator"),
        ("limit-headers", "simulator"),
        ("aggregation-key", "client"),
        ("cursor-key", "client"),
        ("page-size-key", "client"),
        ("default-page-size", "simulator"),
        ("most-page-size", "simulator"),
        ("null-ends", "client"),
        ("zoneless-zone", "simulator"),
        ("path", "client"),
        ("chart-path", "client"),
        ("figures-path", "client"),
        ("step-key", "client"),
        ("time-points", "client"),
        ("beyond-retention", "simulator"),
        ("figures-report-key", "client"),
        ("about-report-key", "client"),
        ("export-body", "client"),
        ("never-null", "types"),
    ];
    let plain = |name: &str, coverage: &str, fields: Value| {
        json!({
            "name": name, "group": "ships", "format": "records", "coverage": coverage, "fields": fields, "aggregations": [],
            "examples": [], "quirks": [],
        })
    };
    let mut reports = vec![
        voyages(),
        plain("partly", "partial", json!([field("number", kind("integer"), "never", json!("unknown"))])),
        plain("bare", "name-only", json!([])),
    ];
    reports.extend(more_reports::derived());
    reports.extend(more_reports::charts());
    let model = json!({
        "api": api_facts(), "filter": filter(), "records": records(), "timeseries": more_reports::timeseries(),
        "statistics": more_reports::statistics(), "endpoints": more_reports::endpoints(), "assumptions": ids.map(assumption), "reports": reports,
    });
    serde_json::from_value(model).expect("a model")
}

pub fn simulator() -> Simulator {
    of_model(model())
}

/// A simulator with 60 rows per report whose clock stands still at [`NOW`].
pub fn of_model(model: Model) -> Simulator {
    Simulator::new(model).rows(60).clock(|| NOW.parse().expect("a timestamp"))
}

/// A request with all required headers, for these customers.
pub fn request(path: &str, customers: &str, body: &Value) -> Request {
    Request::post(path, body).header("X-Key", "Key k").header("X-Agent", "tests").header("X-Port", customers)
}

/// Sends a body to a path, for these customers; returns status and body of the reply.
pub fn post(api: &SimulatedApi, path: &str, customers: &str, body: &Value) -> (u16, Value) {
    let reply = api.answer(&request(path, customers, body));
    (reply.status, reply.json().unwrap_or(Value::Null))
}

/// Sends a records query for all customers; returns status and body of the reply.
pub fn send(api: &SimulatedApi, body: &Value) -> (u16, Value) {
    post(api, PATH, "all=all", body)
}

/// The rows of one page.
pub fn rows(api: &SimulatedApi, body: &Value) -> Vec<Value> {
    let (status, reply) = send(api, body);
    assert_eq!(status, 200, "{reply}");
    reply["lines"].as_array().expect("rows").clone()
}

/// The rows of all pages, and the number of pages.
pub fn all_rows(api: &SimulatedApi, body: &Value) -> (Vec<Value>, usize) {
    let (mut rows, mut pages, mut body) = (Vec::new(), 0, body.clone());
    loop {
        let (status, reply) = send(api, &body);
        assert_eq!(status, 200, "{reply}");
        rows.extend(reply["lines"].as_array().expect("rows").iter().cloned());
        pages += 1;
        body["after"] = reply["page"]["more"].clone();
        if body["after"].is_null() {
            return (rows, pages);
        }
    }
}
