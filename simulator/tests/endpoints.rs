//! Endpoints that are not a format's own: what they check, reply and cost.

mod common;

use common::{PATH, of_model, post, request, simulator};
use placewise_simulator::{Permits, Request, SimulatedApi};
use serde_json::{Value, json};

fn get(api: &SimulatedApi, path: &str) -> (u16, Value) {
    let reply = api.answer(&Request::new("GET", path).header("X-Key", "Key k").header("X-Agent", "tests"));
    (reply.status, reply.json().unwrap_or(Value::Null))
}

#[test]
fn an_undocumented_response_needs_a_canned_reply() {
    let simulator = || simulator().assume("figures-path", "/v9/figures");
    let send = |api: &SimulatedApi| post(api, "/v9/figures", "id=11", &json!({"subject": "sums"}));
    let api = simulator().build().expect("an API");
    let (status, reply) = send(&api);
    assert_eq!((status, api.spent()), (404, 0));
    let expected = "The response of endpoint `figures` is undocumented. Add a canned reply with `.reply(\"figures\", …)` or \
                    `.reply_bytes(\"figures\", …)`.";
    assert_eq!(reply["problem"], expected);
    let api = simulator().reply("figures", json!({"sum": 7})).build().expect("an API");
    assert_eq!((send(&api), api.spent()), ((200, json!({"sum": 7})), 4));
    assert_eq!(post(&api, "/v9/figures", "id=11", &json!({"subject": "voyages"})).0, 404, "another format");
    for (body, key) in [
        (json!({"subject": "keel"}), "subject"),
        (json!({"subject": "sums", "per": "x"}), "per"),
        (json!({"subject": "sums", "since": "noon"}), "since"),
    ] {
        let (status, reply) = post(&api, "/v9/figures", "id=11", &body);
        assert_eq!((status, reply["where"][key].is_array()), (422, true), "{body}");
    }
    let api = simulator().reply_bytes("figures", "text/csv", "a;b\n").build().expect("an API");
    let reply = api.answer(&request("/v9/figures", "id=11", &json!({"subject": "sums"})));
    assert_eq!((reply.header("content-type"), reply.header("tide-cost")), (Some("text/csv"), Some("4")));
    assert_eq!(reply.body, b"a;b\n");
}

#[test]
fn the_report_and_field_in_a_request_are_checked() {
    let api = simulator().reply("about", json!({})).reply("about_field", json!({})).build().expect("an API");
    let send = |path: &str, body: Value| post(&api, path, "id=11", &body);
    assert_eq!(send("/v9/about", json!({"subject": "traffic"})).0, 200);
    assert_eq!(api.spent(), 1, "the endpoint's own cost");
    let (status, reply) = send("/v9/about", json!({"subject": "keel"}));
    assert_eq!((status, &reply["where"]["subject"][0]["error"]), (422, &json!("inclusion")));
    assert_eq!(send("/v9/about", json!({})).0, 422);
    assert_eq!(send("/v9/about/field", json!({"subject": "traffic", "of": "cargo"})).0, 200);
    assert_eq!(api.spent(), 1 + 3, "the report's cost");
    let (status, reply) = send("/v9/about/field", json!({"subject": "traffic", "of": "keel"}));
    assert_eq!((status, &reply["where"]["of"][0]["error"]), (422, &json!("inclusion")));
    assert_eq!(send("/v9/about/field", json!({"subject": "traffic"})).1["where"], json!({"of": [{"error": "blank"}]}));
    assert_eq!(send("/v9/about/field", json!({"subject": "dark", "of": "anything"})).0, 200);
    assert_eq!(api.requests().iter().filter(|request| request.path == "/v9/about").count(), 3);
}

#[test]
fn an_export_takes_a_query_or_nothing_as_assumed() {
    let simulator = || simulator().reply("export", json!({})).reply("chart_export", json!({}));
    let api = simulator().build().expect("an API");
    let send = |api: &SimulatedApi, path: &str, body: Value| post(api, path, "id=11", &body);
    assert_eq!(send(&api, "/v9/export", json!({"subject": "voyages", "per": "berth"})).0, 200);
    assert_eq!(api.spent(), 2);
    assert_eq!(send(&api, "/v9/export", json!({"subject": "voyages", "per": "keel"})).0, 422);
    assert_eq!(send(&api, "/v9/export", json!({"subject": "traffic"})).0, 422);
    let range = json!({"subject": "traffic", "since": "2025-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z", "step": "1mo"});
    assert_eq!(send(&api, "/v9/chart/export", range.clone()).0, 200);
    assert_eq!(send(&api, "/v9/chart/export", json!({"subject": "traffic"})).0, 422);
    let api = simulator().assume("export-body", false).build().expect("an API");
    assert_eq!(send(&api, "/v9/export", json!({})).0, 200);
    assert_eq!(send(&api, "/v9/export", json!({"subject": "voyages"})).1["where"], json!({"subject": [{"error": "invalid"}]}));
    let tokens = simulator().token("k", Permits::of(["Ask"])).build().expect("an API");
    assert_eq!(send(&tokens, "/v9/chart/export", range).0, 403, "the report's permit is needed");
}

#[test]
fn a_path_may_contain_values() {
    let api = simulator().build().expect("an API");
    let (status, reply) = get(&api, "/v9/quays/7%2F8?lang=nb");
    assert_eq!(status, 200);
    // The documented keys with generated values, the same each time.
    assert!(reply["name"].is_string() && reply["berth_id"].is_i64(), "{reply}");
    assert_eq!(get(&api, "/v9/quays/7%2F8?lang=nb").1, reply);
    assert_eq!(get(&api, "/v9/quays/7/8").0, 404);
    let recorded = &api.requests()[0];
    assert_eq!(
        (recorded.method.as_str(), recorded.path.as_str(), recorded.query.as_deref()),
        ("GET", "/v9/quays/7%2F8", Some("lang=nb"))
    );
    assert_eq!(post(&api, "/v9/quays/7", "id=11", &json!({})).0, 405);
    let given = simulator().reply("quay", json!({"name": "Old Quay"})).build().expect("an API");
    assert_eq!(get(&given, "/v9/quays/1").1, json!({"name": "Old Quay"}));
}

#[test]
fn an_endpoint_may_need_its_own_permit() {
    let status = |permits: &[&str]| {
        let simulator = simulator().reply("quays", json!([])).token("k", Permits::of(permits.iter().copied()));
        post(&simulator.build().expect("an API"), "/v9/quays", "id=11", &json!({"near": [1, 2]})).0
    };
    assert_eq!([status(&["Ask", "Quays"]), status(&["Ask"]), status(&["Quays"])], [200, 403, 403]);
}

#[test]
fn strict_keys_refuse_unknown_keys_where_any_key_is_documented() {
    let api = simulator().strict_keys(true).reply("about", json!({})).reply("quays", json!({})).build().expect("an API");
    let (status, reply) = post(&api, PATH, "id=11", &json!({"subject": "voyages", "page_no": 2}));
    let known = json!(["subject", "where", "per", "after", "size"]);
    assert_eq!((status, reply["where"].clone()), (422, json!({"page_no": [{"error": "invalid", "options": {"known": known}}]})));
    assert_eq!(post(&api, "/v9/about", "id=11", &json!({"subject": "voyages", "deep": true})).0, 422);
    assert_eq!(post(&api, "/v9/quays", "id=11", &json!({"anything": 1})).0, 200);
    assert_eq!(post(&api, PATH, "id=11", &json!({"subject": "voyages", "size": 2})).0, 200);
}

#[test]
fn values_in_a_path_are_not_keys_of_the_body() {
    let mut model = common::model();
    let export = model.endpoints.iter_mut().find(|endpoint| endpoint.name == "export").expect("an endpoint");
    export.path.value = Some("/v9/{fleet}/export".into());
    let simulator = || of_model(model.clone()).strict_keys(true).reply("export", json!({}));
    let api = simulator().build().expect("an API");
    assert_eq!(post(&api, "/v9/north/export", "id=11", &json!({"subject": "voyages"})).0, 200);
    assert_eq!(post(&api, "/v9/north/export", "id=11", &json!({"subject": "voyages", "fleet": "x", "y": 1})).0, 422);
    let api = simulator().assume("export-body", false).build().expect("an API");
    assert_eq!(post(&api, "/v9/north/export", "id=11", &json!({})).0, 200);
}

#[test]
fn an_overridden_key_is_read() {
    let api = simulator().assume("about-report-key", "name").reply("about", json!({})).build().expect("an API");
    assert_eq!(post(&api, "/v9/about", "id=11", &json!({"name": "voyages"})).0, 200);
    assert_eq!(post(&api, "/v9/about", "id=11", &json!({"subject": "voyages"})).1["where"]["name"][0]["error"], "inclusion");
}
