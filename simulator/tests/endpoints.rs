//! The endpoints beside the queries: what they check, what they answer, what they cost.

mod common;

use common::{PATH, post, simulator};
use placewise_simulator::{Permits, Server};
use reqwest::blocking::Client;
use serde_json::{Value, json};

fn get(server: &Server, path: &str) -> (u16, Value) {
    let request = Client::new().get(format!("{}{path}", server.url()));
    let response = request.header("X-Key", "Key k").header("X-Agent", "tests").send().expect("an answer");
    (response.status().as_u16(), response.json().unwrap_or(Value::Null))
}

#[test]
fn an_endpoint_without_a_path_is_not_served() {
    let server = simulator().start().expect("start");
    let (status, answer) = post(&server, "/v9/figures", "id=11", &json!({"subject": "sums"}));
    let told = answer["problem"].as_str().expect("text");
    assert_eq!(status, 404);
    assert!(told.contains("/v9/figures") && told.contains("figures (turn the assumption figures-path)"), "{told}");
}

#[test]
fn what_nobody_knows_the_user_gives() {
    let simulator = || simulator().assume("figures-path", "/v9/figures");
    let ask = |server: &Server| post(server, "/v9/figures", "id=11", &json!({"subject": "sums"}));
    let server = simulator().start().expect("start");
    let (status, answer) = ask(&server);
    assert_eq!((status, server.spent()), (404, 0));
    assert!(answer["problem"].as_str().is_some_and(|told| told.contains(".reply(\"figures\"")), "{answer}");
    let server = simulator().reply("figures", json!({"sum": 7})).start().expect("start");
    assert_eq!((ask(&server), server.spent()), ((200, json!({"sum": 7})), 4));
    assert_eq!(post(&server, "/v9/figures", "id=11", &json!({"subject": "voyages"})).0, 404, "another format");
    for (body, key) in [
        (json!({"subject": "keel"}), "subject"),
        (json!({"subject": "sums", "per": "x"}), "per"),
        (json!({"subject": "sums", "since": "noon"}), "since"),
    ] {
        let (status, answer) = post(&server, "/v9/figures", "id=11", &body);
        assert_eq!((status, answer["where"][key].is_array()), (422, true), "{body}");
    }
    let server = simulator().reply_bytes("figures", "text/csv", "a;b\n").start().expect("start");
    let request = Client::new().post(format!("{}/v9/figures", server.url())).json(&json!({"subject": "sums"}));
    let response = request.header("X-Key", "Key k").header("X-Agent", "t").header("X-Port", "id=11").send().expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/csv");
    assert_eq!(response.headers()["tide-cost"], "4");
    assert_eq!(response.text().expect("text"), "a;b\n");
}

#[test]
fn what_a_request_carries_is_checked() {
    let server = simulator().reply("description", json!({})).reply("about_field", json!({})).start().expect("start");
    let ask = |path: &str, body: Value| post(&server, path, "id=11", &body);
    assert_eq!(ask("/v9/about", json!({"subject": "traffic"})).0, 200);
    assert_eq!(server.spent(), 1, "the endpoint's own cost");
    let (status, answer) = ask("/v9/about", json!({"subject": "keel"}));
    assert_eq!((status, &answer["where"]["subject"][0]["error"]), (422, &json!("inclusion")));
    assert_eq!(ask("/v9/about", json!({})).0, 422);
    assert_eq!(ask("/v9/about/field", json!({"subject": "traffic", "of": "cargo"})).0, 200);
    assert_eq!(server.spent(), 1 + 3, "the report's cost");
    let (status, answer) = ask("/v9/about/field", json!({"subject": "traffic", "of": "keel"}));
    assert_eq!((status, &answer["where"]["of"][0]["error"]), (422, &json!("inclusion")));
    assert_eq!(ask("/v9/about/field", json!({"subject": "traffic"})).1["where"], json!({"of": [{"error": "blank"}]}));
    assert_eq!(ask("/v9/about/field", json!({"subject": "dark", "of": "anything"})).0, 200);
    assert_eq!(server.requests().iter().filter(|asked| asked.path == "/v9/about").count(), 3);
}

#[test]
fn exports_carry_a_query_or_nothing() {
    let simulator = || simulator().reply("export", json!({})).reply("chart_export", json!({}));
    let server = simulator().start().expect("start");
    let ask = |server: &Server, path: &str, body: Value| post(server, path, "id=11", &body);
    assert_eq!(ask(&server, "/v9/export", json!({"subject": "voyages", "per": "berth"})).0, 200);
    assert_eq!(server.spent(), 2);
    assert_eq!(ask(&server, "/v9/export", json!({"subject": "voyages", "per": "keel"})).0, 422);
    assert_eq!(ask(&server, "/v9/export", json!({"subject": "traffic"})).0, 422);
    let range = json!({"subject": "traffic", "since": "2025-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z", "step": "1mo"});
    assert_eq!(ask(&server, "/v9/chart/export", range.clone()).0, 200);
    assert_eq!(ask(&server, "/v9/chart/export", json!({"subject": "traffic"})).0, 422);
    let server = simulator().assume("export-body", false).start().expect("start");
    assert_eq!(ask(&server, "/v9/export", json!({})).0, 200);
    assert_eq!(ask(&server, "/v9/export", json!({"subject": "voyages"})).1["where"], json!({"subject": [{"error": "invalid"}]}));
    let tokens = simulator().token("k", Permits::of(["Ask"])).start().expect("start");
    assert_eq!(ask(&tokens, "/v9/chart/export", range).0, 403, "the report's permit is needed");
}

#[test]
fn paths_may_hold_values() {
    let server = simulator().start().expect("start");
    let (status, answer) = get(&server, "/v9/quays/7%2F8?lang=nb");
    assert_eq!(status, 200);
    // The keys that the spec knows, made up, and the same each time.
    assert!(answer["name"].is_string() && answer["berth_id"].is_i64(), "{answer}");
    assert_eq!(get(&server, "/v9/quays/7%2F8?lang=nb").1, answer);
    assert_eq!(get(&server, "/v9/quays/7/8").0, 404);
    let asked = &server.requests()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str(), asked.query.as_deref()), ("GET", "/v9/quays/7%2F8", Some("lang=nb")));
    assert_eq!(post(&server, "/v9/quays/7", "id=11", &json!({})).0, 405);
    let given = simulator().reply("quay", json!({"name": "Old Quay"})).start().expect("start");
    assert_eq!(get(&given, "/v9/quays/1").1, json!({"name": "Old Quay"}));
}

#[test]
fn an_endpoint_may_need_a_permit_of_its_own() {
    let status = |permits: &[&str]| {
        let simulator = simulator().reply("quays", json!([])).token("k", Permits::of(permits.iter().copied()));
        post(&simulator.start().expect("start"), "/v9/quays", "id=11", &json!({"near": [1, 2]})).0
    };
    assert_eq!([status(&["Ask", "Quays"]), status(&["Ask"]), status(&["Quays"])], [200, 403, 403]);
}

#[test]
fn strict_keys_are_for_every_endpoint_whose_keys_are_known() {
    let server = simulator().strict_keys(true).reply("description", json!({})).reply("quays", json!({})).start().expect("start");
    let (status, answer) = post(&server, PATH, "id=11", &json!({"subject": "voyages", "page_no": 2}));
    let known = json!(["subject", "where", "per", "after", "size"]);
    assert_eq!((status, answer["where"].clone()), (422, json!({"page_no": [{"error": "invalid", "options": {"known": known}}]})));
    assert_eq!(post(&server, "/v9/about", "id=11", &json!({"subject": "voyages", "deep": true})).0, 422);
    assert_eq!(post(&server, "/v9/quays", "id=11", &json!({"anything": 1})).0, 200);
    assert_eq!(post(&server, PATH, "id=11", &json!({"subject": "voyages", "size": 2})).0, 200);
}

#[test]
fn keys_in_a_path_are_no_keys_of_the_body() {
    let mut model = common::model();
    let export = model.endpoints.iter_mut().find(|endpoint| endpoint.name == "export").expect("an endpoint");
    export.path.value = Some("/v9/{fleet}/export".into());
    let simulator = || placewise_simulator::Simulator::new(model.clone()).strict_keys(true).reply("export", json!({}));
    let server = simulator().start().expect("start");
    assert_eq!(post(&server, "/v9/north/export", "id=11", &json!({"subject": "voyages"})).0, 200);
    assert_eq!(post(&server, "/v9/north/export", "id=11", &json!({"subject": "voyages", "fleet": "x", "y": 1})).0, 422);
    let server = simulator().assume("export-body", false).start().expect("start");
    assert_eq!(post(&server, "/v9/north/export", "id=11", &json!({})).0, 200);
}

#[test]
fn turned_keys_are_read() {
    let server = simulator().assume("about-report-key", "name").reply("description", json!({})).start().expect("start");
    assert_eq!(post(&server, "/v9/about", "id=11", &json!({"name": "voyages"})).0, 200);
    assert_eq!(post(&server, "/v9/about", "id=11", &json!({"subject": "voyages"})).1["where"]["name"][0]["error"], "inclusion");
}
