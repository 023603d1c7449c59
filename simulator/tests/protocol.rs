//! Requests and refusals over HTTP: headers, permits, customers, statuses, cursors, rate limit, turned assumptions.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use common::{PATH, ask, model, request, rows, simulator};
use placewise_model::ErrorName;
use placewise_simulator::{ManualClock, Permits, Simulator, StartError};
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

fn status(response: reqwest::Result<Response>) -> u16 {
    response.expect("an answer").status().as_u16()
}

#[test]
fn paths_and_methods() {
    let server = simulator().start().expect("start");
    let client = Client::new();
    let other = client.post(format!("{}/v9/other", server.url())).send().expect("an answer");
    assert_eq!(other.status(), 404);
    assert!(other.json::<Value>().expect("JSON")["problem"].is_string());
    for method in ["GET", "PUT", "DELETE", "HEAD", "PATCH"] {
        let request = client.request(method.parse().expect("method"), format!("{}{PATH}", server.url()));
        let response = request.send().expect("an answer");
        assert_eq!(
            (response.status().as_u16(), &response.headers()["allow"]),
            (405, &"POST".parse().expect("value")),
            "{method}"
        );
    }
}

#[test]
fn headers_are_checked_one_after_the_other() {
    let server = simulator().token("k", Permits::all()).slug("old-quay", 11).start().expect("start");
    let all = [("X-Agent", "t"), ("X-Key", "Key k"), ("X-Port", "id=11"), ("Content-Type", "application/json")];
    let send = |change: (&'static str, Option<&'static str>)| {
        let mut request = Client::new().post(format!("{}{PATH}", server.url())).body(r#"{"subject":"voyages"}"#);
        for (name, value) in all.into_iter().filter(|(name, _)| *name != change.0) {
            request = request.header(name, value);
        }
        status(change.1.map(|value| (change.0, value)).into_iter().fold(request, |r, (name, value)| r.header(name, value)).send())
    };
    assert_eq!(send(("X-Product", None)), 200, "not required");
    for (change, expected) in [
        (("X-Agent", None), 470),
        (("X-Agent", Some(" ")), 470),
        (("X-Key", None), 470),
        (("X-Key", Some("k")), 401),
        (("X-Key", Some("Key wrong")), 401),
        (("Content-Type", None), 470),
        (("Content-Type", Some("text/plain")), 471),
        (("Content-Type", Some("Application/JSON; charset=utf-8")), 200),
        (("X-Port", None), 470),
        (("X-Port", Some("id=")), 471),
        (("X-Port", Some("11")), 200),
        (("X-Port", Some("id=11_12")), 200),
        (("X-Port", Some("11_12")), 471),
        (("X-Port", Some("chain=Cats;country=PL")), 200),
        (("X-Port", Some("id=99")), 404),
    ] {
        assert_eq!(send(change), expected, "{change:?}");
    }
    let slug = |slug: &'static str| {
        let request = Client::new().post(format!("{}{PATH}", server.url())).json(&json!({"subject": "voyages"}));
        request.header("X-Agent", "t").header("X-Key", "Key k").header("X-Port-Slug", slug).send().expect("an answer")
    };
    assert_eq!(slug("new-quay").status(), 404);
    let answer: Value = slug("old-quay").json().expect("JSON");
    let lines = answer["lines"].as_array().expect("rows");
    assert!(!lines.is_empty() && lines.iter().all(|row| row["port_id"] == 11));
}

#[test]
fn customers_narrow_the_rows() {
    let server = simulator().customers([1, 2, 3]).start().expect("start");
    let count = |customers: &'static str| {
        let request = request(&server).header("X-Port", "");
        let mut request = request.json(&json!({"subject": "voyages", "size": 1000})).build().expect("request");
        request.headers_mut().insert("X-Port", customers.parse().expect("value"));
        let answer: Value = Client::new().execute(request).expect("an answer").json().expect("JSON");
        answer["lines"].as_array().expect("rows").len()
    };
    assert_eq!([count("all=all"), count("id=1"), count("id=2_3"), count("chain=x")], [60, 20, 40, 60]);
}

#[test]
fn permits_are_needed_both() {
    let simulator = |permits: &[&str]| simulator().token("k", Permits::of(permits.iter().copied()));
    let voyages = json!({"subject": "voyages"});
    for (permits, expected) in [(&["Ask", "Ask:Voyages"][..], 200), (&["Ask"], 403), (&["Ask:Voyages"], 403), (&[], 403)] {
        assert_eq!(ask(&simulator(permits).start().expect("start"), &voyages).0, expected, "{permits:?}");
    }
    let server = simulator(&["Ask:Voyages"]).assume("both-permits", false).start().expect("start");
    assert_eq!(ask(&server, &voyages).0, 200);
    let server = simulator(&["Ask"]).start().expect("start");
    assert_eq!(ask(&server, &json!({"subject": "bare"})).0, 200, "no permit is known");
}

#[test]
fn bodies_that_are_no_query() {
    let server = simulator().start().expect("start");
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for body in ["", "{", "<html>", "[]", "null", "\"x\"", r#"{"a":1e999}"#, &deep] {
        let response =
            request(&server).header("Content-Type", "application/json").body(body.to_owned()).send().expect("an answer");
        assert_eq!(response.status(), 400);
        assert_eq!(response.text().expect("text"), "", "the body is empty");
    }
    let large = request(&server).header("Content-Type", "application/json").body(vec![b' '; (1 << 20) + 1]);
    assert_eq!(status(large.send()), 413);
    assert_eq!(ask(&server, &json!({"subject": "voyages"})).0, 200, "it still answers");
}

#[test]
fn invalid_parameters_are_told_all_at_once() {
    let server = simulator().start().expect("start");
    let (status, answer) = ask(&server, &json!({"subject": "ships"}));
    let reports = json!({"subject": [{"error": "inclusion", "options": {"in": ["voyages", "partly", "bare", "pieces", "lots", "tallies"]}}]});
    assert_eq!((status, answer), (422, json!({"problem": "Wrong", "where": reports})));
    let (status, answer) = ask(&server, &json!({"subject": "voyages", "per": "week", "size": 0, "after": "CNOW-AE"}));
    let details = json!({
        "per": [{"error": "inclusion", "options": {"in": ["berth", "cargo_and_flag"]}}],
        "size": [{"error": "greater_or_equal_to", "options": {"number": 1}}],
        "after": [{"error": "invalid"}],
    });
    assert_eq!((status, answer), (422, json!({"problem": "Wrong", "where": details})));
    for (size, symbol) in [
        (json!(-1), "greater_or_equal_to"),
        (json!(1001), "less_or_equal_to"),
        (json!(u64::MAX), "less_or_equal_to"),
        (json!(1.5), "not_an_integer"),
        (json!("10"), "not_an_integer"),
    ] {
        let (_, answer) = ask(&server, &json!({"subject": "voyages", "size": size}));
        assert_eq!(answer["where"]["size"][0]["error"], symbol, "{size}");
    }
    assert_eq!(ask(&server, &json!({"subject": null})).0, 422);
    assert_eq!(ask(&server, &json!({"subject": "voyages", "size": null, "after": null, "per": null, "where": null})).0, 200);
}

#[test]
fn cursors_belong_to_their_query() {
    let server = simulator().start().expect("start");
    let query = json!({"subject": "voyages", "size": 7});
    let (_, first) = ask(&server, &query);
    let (_, again) = ask(&server, &query);
    assert_eq!(first, again);
    let cursor = &first["page"]["more"];
    let with = |change: Value| {
        let mut body = query.clone();
        body["after"] = cursor.clone();
        body.as_object_mut().expect("object").extend(change.as_object().expect("object").clone());
        ask(&server, &body)
    };
    assert_eq!(with(json!({})).1["lines"][0]["id"].as_i64(), rows(&server, &json!({"subject": "voyages"}))[7]["id"].as_i64());
    assert_eq!(with(json!({"size": 3})).0, 200, "pages may change their size");
    assert_eq!(with(json!({"per": "berth"})).0, 422);
    assert_eq!(with(json!({"where": {"op": "is", "of": "id", "to": 1}})).0, 422);
    assert_eq!(with(json!({"subject": "partly"})).0, 422);
    let other = request(&server).header("X-Port", "id=11");
    assert_eq!(other.json(&json!({"subject": "voyages", "after": "x"})).send().expect("an answer").status(), 422);
}

#[test]
fn a_cursor_under_a_wrong_key_gives_the_first_page_again() {
    let server = simulator().assume("cursor-key", "from_here").start().expect("start");
    let (_, first) = ask(&server, &json!({"subject": "voyages", "size": 7}));
    let cursor = &first["page"]["more"];
    assert_eq!(ask(&server, &json!({"subject": "voyages", "size": 7, "after": cursor})).1, first);
    assert_ne!(ask(&server, &json!({"subject": "voyages", "size": 7, "from_here": cursor})).1, first);
}

#[test]
fn the_last_page_has_a_null_cursor_or_none() {
    let page = |simulator: Simulator| {
        ask(&simulator.start().expect("start"), &json!({"subject": "voyages", "size": 1000})).1["page"].clone()
    };
    assert_eq!(page(simulator()), json!({"more": null}));
    assert_eq!(page(simulator().assume("null-ends", false)), json!({}));
}

#[test]
fn the_rate_limit_counts_per_bucket() {
    let clock = ManualClock::new();
    let simulator = simulator().assume("bucket-capacity", 5).clock(clock.reader());
    let server = simulator.start().expect("start");
    let send = |customers: &'static str, body: Value| {
        let request = Client::new().post(format!("{}{PATH}", server.url())).json(&body);
        let response =
            request.header("X-Key", "Key k").header("X-Agent", "t").header("X-Port", customers).send().expect("an answer");
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
        (
            response.status().as_u16(),
            ["tide-bucket", "tide-left", "tide-cost", "retry-after"].map(|name| header(name).unwrap_or_default()),
        )
    };
    let plain = json!({"subject": "voyages"});
    let part = json!({"op": "is", "of": "id", "to": 1});
    let dear = json!({"subject": "voyages", "where": {"op": "either", "parts": [part, {"op": "both", "parts": [part]}]}});
    let told = |status: u16, headers: [&str; 4]| (status, headers.map(str::to_owned));
    assert_eq!(send("id=11", plain.clone()), told(200, ["One/Reports", "3", "2", ""]));
    assert_eq!(send("id=11", dear.clone()), told(200, ["One/Reports", "-3", "6", ""]));
    assert_eq!(send("id=11", plain.clone()), told(429, ["One/Reports", "-3", "0", "2"]));
    assert_eq!(send("id=12", plain.clone()), told(200, ["One/Reports", "3", "2", ""]));
    assert_eq!(send("id=11_12", plain.clone()), told(200, ["Many/Reports", "3", "2", ""]));
    assert_eq!(send("all=all", json!({"subject": "bare"})), told(200, ["Many/Reports", "2", "1", ""]));
    clock.advance(Duration::from_secs(2));
    assert_eq!(send("id=11", plain.clone()), told(200, ["One/Reports", "-1", "2", ""]));
    assert_eq!(server.spent(), 15);
    assert_eq!(server.requests().iter().map(|asked| asked.cost).sum::<u32>(), 15);
}

#[test]
fn limit_headers_may_come_on_refusals_only() {
    let simulator = simulator().assume("limit-headers", false).assume("bucket-capacity", 1);
    let server = simulator.clock(ManualClock::new().reader()).start().expect("start");
    let headers = || {
        let response = request(&server).json(&json!({"subject": "voyages"})).send().expect("an answer");
        (response.status().as_u16(), response.headers().contains_key("tide-bucket"))
    };
    assert_eq!([headers(), headers()], [(200, false), (429, true)]);
}

#[test]
fn the_log_tells_what_was_asked_but_no_token() {
    let server = simulator().token("hush", Permits::all()).start().expect("start");
    let request = Client::new().post(format!("{}{PATH}", server.url())).json(&json!({"subject": "voyages"}));
    let request = request.header("X-Key", "Key hush").header("Authorization", "Bearer hush").header("X-Agent", "t");
    assert_eq!(request.header("X-Port", "id=11").send().expect("an answer").status(), 200);
    let asked = server.requests();
    assert_eq!((asked.len(), asked[0].method.as_str(), asked[0].path.as_str(), asked[0].status), (1, "POST", PATH, 200));
    assert_eq!((&asked[0].body, asked[0].cost), (&Some(json!({"subject": "voyages"})), 2));
    assert_eq!(asked[0].headers["X-Port"], "id=11");
    assert!(!format!("{asked:?} {server:?} {:?}", simulator().token("hush", Permits::all())).contains("hush"));
}

#[test]
fn errors_can_be_asked_for() {
    let server = simulator().start().expect("start");
    server.refuse_next(ErrorName::Maintenance);
    server.refuse_next(ErrorName::FeatureNotEnabled);
    let voyages = json!({"subject": "voyages"});
    assert_eq!([ask(&server, &voyages).0, ask(&server, &voyages).0, ask(&server, &voyages).0], [503, 402, 200]);
}

#[test]
fn what_keeps_it_from_starting() {
    let told = |simulator: Simulator| simulator.start().expect_err("it must not start").to_string();
    assert!(told(simulator().assume("cursor-kee", "x")).contains("`cursor-key`"));
    assert!(told(simulator().assume("cursor-key", 7)).contains("cursor-key"));
    let mut idle = model();
    idle.assumptions[0].id = "idle".into();
    assert!(told(Simulator::new(idle).assume("idle", false)).contains("cannot be turned here"));
    assert!(told(simulator().data("voyage", [])).contains("`voyages`"));
    assert!(told(simulator().slug("x", 4711)).contains("4711"));
    assert!(told(simulator().assume("zoneless-zone", "Moon/Tycho")).contains("Moon/Tycho"));
    assert!(Simulator::from_json("{}").is_err());
    let mut without = model();
    without.endpoints.remove(0);
    assert!(matches!(Simulator::new(without).start(), Err(StartError::NoPath { .. })));
    assert!(matches!(simulator().data("traffic", []).start(), Err(StartError::NoRows { .. })));
    assert!(told(simulator().reply("abuot", json!({}))).contains("`description`"));
    assert!(told(simulator().customer_zone(4711, "Europe/Oslo")).contains("4711"));
    assert!(told(simulator().customer_zone(11, "Moon/Tycho")).contains("Moon/Tycho"));
    let mut ring = model();
    let place = |name: &str| ring.reports.iter().position(|report| report.name == name).expect("a report");
    let (pieces, lots) = (place("pieces"), place("lots"));
    ring.reports[pieces].simulate = serde_json::from_value(json!({"summary": {"of": "lots", "sum": []}})).expect("a rule");
    assert!(told(Simulator::new(ring.clone())).contains("pieces from lots from pieces"));
    ring.reports[lots].simulate = serde_json::from_value(json!({"summary": {"of": "keel", "sum": []}})).expect("a rule");
    assert!(told(Simulator::new(ring)).contains("there is no report `keel`"));
    let server = simulator().start().expect("start");
    assert!(matches!(simulator().port(server.port()).start(), Err(StartError::Bind(_))));
}

#[test]
fn stopping_ends_open_connections() {
    let server = simulator().start().expect("start");
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").expect("sent");
    let mut buffer = [0; 4096];
    assert!(stream.read(&mut buffer).expect("an answer") > 0);
    server.stop();
    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
}

#[test]
fn it_starts_and_stops_inside_another_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = simulator().start().expect("start");
        assert!(simulator().port(server.port()).start().is_err());
        let request = reqwest::Client::new().post(format!("{}{PATH}", server.url())).json(&json!({"subject": "voyages"}));
        let request = request.header("X-Key", "Key k").header("X-Agent", "tests").header("X-Port", "all=all");
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    });
}
