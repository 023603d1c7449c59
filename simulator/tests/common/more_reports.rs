//! The formats and endpoints of the invented API, and the reports that derive from its voyages.

use serde_json::{Value, json};

use super::{CHART, PATH, assumed, field, kind, words};

pub fn timeseries() -> Value {
    let interval = |name: &str, bucket_length: &str, retention: &str| json!({"name": name, "bucket_length": bucket_length, "retention": retention});
    json!({
        "endpoint": "chart",
        "request": {
            "report": "subject", "filter": "where", "aggregation": "per", "interval": assumed("step", "step-key"), "from": "since", "to": "until",
        },
        "response": {
            "interval": "stepped", "zone": "clock", "local_zone": "own", "example_zone": "Europe/Oslo", "buckets": "marks", "series": "lines",
            "label": "tag", "values": "heights", "series_zone": "clock", "data_points": "points", "result_type": "shape",
            "result_type_value": "chart",
        },
        "intervals": [
            interval("5m", "5 minutes", "14 days"), interval("1h", "1 hour", "6 months"), interval("1d", "1 day", "2 years"),
            interval("1w", "1 week", "forever"), interval("1mo", "1 month", "forever"),
        ],
        "auto": {"name": "any", "steps": [{"up_to": "12 hours", "interval": "5m"}, {"up_to": "3 days", "interval": "1h"}], "otherwise": "1d"},
        "most_time_points": 150, "most_data_points": 1000,
        "time_points": assumed("length", "time-points"), "beyond_retention": assumed("refused", "beyond-retention"),
    })
}

pub fn statistics() -> Value {
    json!({
        "endpoint": "figures",
        "request": {
            "report": assumed("subject", "figures-report-key"), "filter": "where", "aggregation": "per", "from": "since", "to": "until",
        },
    })
}

pub fn endpoints() -> Value {
    let endpoint = |name: &str, method: &str, path: Value, more: Value| {
        let mut endpoint = json!({"name": name, "method": method, "path": path, "coverage": "partial"});
        endpoint.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        endpoint
    };
    let carries = |format: &str| json!({"carries": {"query": assumed(true, "export-body"), "query_format": format}});
    json!([
        endpoint("ask", "POST", assumed(PATH, "path"), json!({})),
        endpoint("chart", "POST", assumed(CHART, "chart-path"), json!({})),
        endpoint("figures", "POST", assumed(Value::Null, "figures-path"), json!({})),
        endpoint(
            "about",
            "POST",
            json!("/v9/about"),
            json!({"cost": 1, "carries": {"report": assumed("subject", "about-report-key")}})
        ),
        endpoint("about_field", "POST", json!("/v9/about/field"), json!({"carries": {"report": "subject", "field": "of"}})),
        endpoint("export", "POST", json!("/v9/export"), carries("records")),
        endpoint("chart_export", "POST", json!("/v9/chart/export"), carries("timeseries")),
        endpoint("quays", "POST", json!("/v9/quays"), json!({"permit": "Quays"})),
        endpoint(
            "quay",
            "GET",
            json!("/v9/quays/{id}"),
            json!({"response": [
                field("name", kind("string"), "never", json!("unknown")), field("berth_id", kind("integer"), "never", json!("unknown")),
            ]})
        ),
    ])
}

fn report(name: &str, format: &str, fields: Value, more: Value) -> Value {
    let mut report = json!({
        "name": name, "group": "ships", "format": format, "coverage": "partial", "fields": fields, "aggregations": [], "examples": [],
        "quirks": [],
    });
    report.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    report
}

fn port() -> Value {
    field("harbour_id", kind("integer"), "assumed-never", json!({"header": "X-Port"}))
}

fn rule(rule: Value) -> Value {
    json!({"rule": rule, "description": ""})
}

fn count(name: &str) -> Value {
    field(name, kind("integer"), "never", json!("yes"))
}

/// Records reports that derive from voyages.
pub fn derived() -> Vec<Value> {
    let lot = field("lot", kind("string"), "seen", json!("yes"));
    let flag = |name: &str| field(name, kind("boolean"), "seen", json!("yes"));
    let pieces = json!([
        field("harbour_id", kind("integer"), "never", json!({"header": "X-Port"})),
        lot,
        count("all_count"),
        count("dry_count"),
        count("wet_count"),
        count("moved_count"),
        count("sold_count"),
        field("late_count", kind("integer"), "seen", json!("yes")),
        flag("by_rail"),
        flag("by_road"),
        flag("onward"),
    ]);
    let relations = json!([
        rule(json!({"adds-up": {"parts": ["dry_count", "wet_count"], "to": "all_count"}})),
        rule(json!({"never-grows": ["all_count", "moved_count", "sold_count", "late_count"]})),
        rule(json!({"never-grows": ["moved_count", "dry_count"]})),
        rule(json!({"any": {"of": ["by_rail", "by_road"], "is": "onward"}})),
    ]);
    let from_pieces = json!({"summary": {"of": "pieces", "sum": ["all_count", "moved_count"]}});
    let tallied = json!({"tally": {"of": "voyages", "by": "kind", "value": "group", "count": "ships_count"}});
    let examples = json!([{"name": "one", "response": {"lines": [
        {"harbour_id": 1, "kind": "weather", "group": "fair", "ships_count": 1, "counted_at": "2025-01-01T00:00:00.000000Z"},
    ]}}]);
    vec![
        report(
            "pieces",
            "records",
            pieces,
            json!({"relations": relations, "simulate": {"each": {"of": "voyages", "take": {"lot": ["berth_id", "cargo"]}, "most": 3}}}),
        ),
        report(
            "lots",
            "records",
            json!([port(), field("lot", kind("string"), "seen", json!("yes")), count("all_count"), count("moved_count")]),
            json!({"simulate": from_pieces}),
        ),
        report(
            "tallies",
            "records",
            json!([
                port(),
                field("kind", words(&["cargo", "flag", "insured", "crew", "weather"]), "never", json!("yes")),
                field("group", kind("string"), "seen", json!("yes")),
                count("ships_count"),
                field("counted_at", kind("timestamp"), "never", json!("yes")),
            ]),
            json!({"simulate": tallied, "examples": examples}),
        ),
    ]
}

/// Timeseries that derive from voyages, and a statistics report.
pub fn charts() -> Vec<Value> {
    let cargo = || field("cargo", words(&["grain", "ore", "tea"]), "never", json!("yes"));
    let way = || field("way", words(&["in", "out"]), "never", json!("yes"));
    let labelled = |name: &str, labels: Value| json!({"name": name, "by": [name], "returns": [], "labels": labels});
    let traffic = json!([
        port(),
        way(),
        cargo(),
        field("ship", kind("string"), "seen", json!("yes")),
        field("insured", kind("boolean"), "never", json!("yes")),
        field("legs", json!({"kind": "map", "of": {"kind": "boolean"}}), "seen", json!("unknown")),
    ]);
    let mut total = labelled("total", json!([]));
    total["by"] = json!([]);
    vec![
        report(
            "traffic",
            "timeseries",
            traffic,
            json!({
                "cost": 3, "permit": "Ask:Traffic", "labels": [way()], "more_aggregations": true,
                "aggregations": [total, labelled("cargo", json!([way(), cargo()]))],
                "simulate": {"events": {"of": "voyages", "direction": "way"}},
            }),
        ),
        report(
            "loads",
            "timeseries",
            json!([
                port(),
                field("voyage", kind("string"), "never", json!("yes")),
                cargo(),
                field("step", words(&["lift", "lower"]), "never", json!("yes")),
            ]),
            json!({
                "intervals": ["1h", "1d", "1w", "1mo"],
                "aggregations": [labelled("voyage", json!(null)), labelled("step", json!([field("step", kind("string"), "never", json!("yes"))]))],
                "simulate": {"events": {"of": "voyages", "take": {"voyage": "id"}, "count": "tons_count", "begin": "sailed_at"}},
            }),
        ),
        report(
            "fleet",
            "timeseries",
            json!([port(), cargo()]),
            json!({
                "labels": [], "aggregations": [labelled("cargo", json!([cargo()]))],
                "simulate": {"events": {"of": "voyages", "direction": null, "running": true}},
            }),
        ),
        report(
            "balance",
            "timeseries",
            json!([port(), way()]),
            json!({"labels": [], "simulate": {"events": {"of": "voyages", "direction": "way", "running": true}}}),
        ),
        report(
            "berthed",
            "timeseries",
            json!([port(), cargo(), field("pier", words(&["north", "south"]), "never", json!("yes"))]),
            json!({"simulate": {"events": {"of": "traffic", "running": true}}, "more_aggregations": true}),
        ),
        report("dark", "timeseries", json!([]), json!({"coverage": "name-only"})),
        report("sums", "statistics", json!([]), json!({"coverage": "name-only", "cost": 4})),
    ]
}
