//! The documented examples of timeseries: from rows that fit an example, the response is that example, byte by byte.
//!
//! The examples are written here instead of read from a spec, so that a misreading of the format shows.

mod common;

use common::{CHART, example, field, kind, model, request, words};
use placewise_model::Model;
use placewise_simulator::Simulator;
use serde_json::{Value, json};

/// The documented keys, and a report that counts one event for each voyage, on the day it sails.
fn documented(labels: Value) -> Model {
    let mut json = serde_json::to_value(model()).expect("JSON");
    let format = &mut json["timeseries"];
    format["request"] = json!({
        "report": "report", "filter": "filter", "aggregation": "aggregate_by", "interval": "interval", "from": "from", "to": "to",
    });
    format["response"] = json!({
        "interval": "interval", "zone": "range_timezone", "local_zone": "local", "example_zone": "Europe/Oslo", "buckets": "time_buckets",
        "series": "series", "label": "label", "values": "values", "series_zone": "timezone", "data_points": "data_points", "result_type": "result_type",
        "result_type_value": "timeseries",
    });
    format["auto"]["name"] = json!("auto");
    let report = json!({
        "name": "member_balance", "group": "ships", "format": "timeseries", "coverage": "partial", "labels": labels, "aggregations": [],
        "more_aggregations": true, "examples": [], "quirks": [],
        "fields": [
            field("loyalty_club_id", kind("integer"), "never", json!({"header": "X-Port"})),
            field("type", words(&["in", "out"]), "never", json!("yes")),
            field("consents", json!({"kind": "map", "of": {"kind": "boolean"}}), "seen", json!("unknown")),
        ],
        "simulate": {"events": {"of": "voyages", "take": {"type": "cargo"}, "count": "tons_count", "begin": "sailed_at"}},
    });
    json["reports"].as_array_mut().expect("reports").push(report);
    serde_json::from_value(json).expect("a model")
}

/// A voyage of a customer that counts as one event, at that time.
fn voyage(port: i64, cargo: &str, sailed_at: &str) -> Value {
    let mut row = example();
    row["port_id"] = port.into();
    row["cargo"] = cargo.into();
    row["tons_count"] = 1.into();
    row["sailed_at"] = sailed_at.into();
    row
}

/// Rows with ids of their own.
fn numbered(rows: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let number = |(id, mut row): (usize, Value)| {
        row["id"] = id.into();
        row
    };
    rows.into_iter().enumerate().map(number).collect()
}

/// The exact text of a response.
fn text(simulator: Simulator, customers: &str, body: &Value) -> String {
    let api = simulator.clock(|| "2024-05-02T00:00:00Z".parse().expect("a timestamp")).build().expect("an API");
    let reply = api.answer(&request(CHART, customers, body));
    assert_eq!(reply.status, 200);
    String::from_utf8(reply.body).expect("UTF-8")
}

/// The example of the format's page: buckets have gaps and include the day of `to`; values are null where a series has none.
#[test]
fn a_chart_of_one_zone_is_the_documented_one() {
    let (mut voyages, out) = (Vec::new(), ["08", "11", "22", "23", "25"]);
    for day in ["08", "09", "11", "22", "23", "24"] {
        voyages.push(voyage(1, "in", &format!("2024-04-{day}T15:00:00.000Z")));
    }
    for day in out {
        voyages.push(voyage(1, "out", &format!("2024-04-{day}T23:30:00.000-06:00")));
    }
    voyages.push(voyage(1, "out", "2024-04-11T00:00:00.000-06:00"));
    let labels = json!([field("type", words(&["in", "out"]), "never", json!("unknown"))]);
    let simulator =
        Simulator::new(documented(labels)).customers([1]).customer_zone(1, "America/Denver").data("voyages", numbered(voyages));
    let body = json!({
        "report": "member_balance", "filter": null, "aggregate_by": "consents", "interval": "auto",
        "from": "2024-04-08T00:00:00.000-06:00", "to": "2024-04-25T00:00:00.000-06:00",
    });
    let buckets: Vec<String> =
        ["08", "09", "11", "22", "23", "24", "25"].iter().map(|day| format!("\"2024-04-{day}T00:00:00.000-06:00\"")).collect();
    let expected = format!(
        r#"{{"interval":"1d","range_timezone":"America/Denver","time_buckets":[{}],"series":[{},{}],"data_points":11,"result_type":"timeseries"}}"#,
        buckets.join(","),
        r#"{"label":{"type":"in"},"values":[1,1,1,1,1,1,null]}"#,
        r#"{"label":{"type":"out"},"values":[1,null,2,1,1,null,1]}"#,
    );
    assert_eq!(text(simulator, "id=1", &body), expected);
}

fn two_customers() -> Simulator {
    let voyages = [
        voyage(1, "in", "2024-04-30T00:30:00.000+02:00"),
        voyage(1, "in", "2024-04-30T23:30:00.000+02:00"),
        voyage(2, "in", "2024-04-30T00:30:00.000-06:00"),
        voyage(2, "in", "2024-05-01T12:00:00.000-06:00"),
    ];
    let simulator = Simulator::new(documented(Value::Null)).customers([1, 2]);
    simulator.customer_zone(2, "America/Denver").data("voyages", numbered(voyages))
}

/// Second example of the introduction: buckets are local and lack an offset; each series states its zone and customer.
#[test]
fn a_chart_of_several_zones_is_the_documented_one() {
    let body = json!({"report": "member_balance", "interval": "1d", "from": "2024-04-30T00:00:00.000Z", "to": "2024-05-01T00:00:00.000Z"});
    let expected = concat!(
        r#"{"interval":"1d","range_timezone":"local","time_buckets":["2024-04-30T00:00:00.000","2024-05-01T00:00:00.000"],"series":["#,
        r#"{"label":{"loyalty_club_id":1},"values":[2,null],"timezone":"Europe/Oslo"},"#,
        r#"{"label":{"loyalty_club_id":2},"values":[1,1],"timezone":"America/Denver"}],"data_points":3,"result_type":"timeseries"}"#,
    );
    assert_eq!(text(two_customers(), "id=1_2", &body), expected);
    assert_eq!(text(two_customers(), "all=all", &body), expected);
}

/// First example of the introduction: all customers share a zone, and buckets have its offset.
#[test]
fn a_chart_of_one_customer_uses_its_zone() {
    let body = json!({"report": "member_balance", "interval": "1d", "from": "2024-04-29T22:00:00.000Z", "to": "2024-05-01T00:00:00.000Z"});
    let reply: Value = serde_json::from_str(&text(two_customers(), "id=1", &body)).expect("JSON");
    assert_eq!(reply["range_timezone"], "Europe/Oslo");
    assert_eq!(reply["time_buckets"], json!(["2024-04-30T00:00:00.000+02:00"]));
    assert_eq!(reply["series"], json!([{"label": {}, "values": [2]}]));
    let reply: Value = serde_json::from_str(&text(two_customers(), "id=2", &body)).expect("JSON");
    assert_eq!(reply["time_buckets"], json!(["2024-04-30T00:00:00.000-06:00"]));
}

#[test]
fn a_time_without_offset_is_local_to_the_zone_of_the_range() {
    let body =
        json!({"report": "member_balance", "interval": "1h", "from": "2024-04-30T00:00:00.000", "to": "2024-04-30T00:59:00.000"});
    let buckets = |customers: &str| {
        let reply: Value = serde_json::from_str(&text(two_customers(), customers, &body)).expect("JSON");
        reply["time_buckets"].clone()
    };
    assert_eq!(buckets("id=1"), json!(["2024-04-30T00:00:00.000+02:00"]));
    assert_eq!(buckets("id=2"), json!(["2024-04-30T00:00:00.000-06:00"]));
    assert_eq!(buckets("id=1_2"), json!(["2024-04-30T00:00:00.000"]));
}
