//! Requests and refusals: paths, headers, customers, permits, bodies, cursors, rate limit.

mod common;

use std::time::Duration;

use common::{PATH, post, request, rows, send, simulator};
use placewise_model::ErrorName;
use placewise_simulator::{ManualClock, Permits, Request, Simulator};
use serde_json::{Value, json};

#[test]
fn an_unknown_path_lists_the_endpoints() {
    let api = simulator().build().expect("an API");
    let reply = api.answer(&Request::new("GET", "/v9/other"));
    let message = reply.json().expect("JSON")["problem"].as_str().expect("a message").to_owned();
    assert_eq!(reply.status, 404);
    assert!(message.starts_with("No endpoint at `/v9/other`. Served here: `POST /v9/ask`, `POST /v9/chart`, "), "{message}");
    let not_served = "Not served, because their paths are undocumented: `figures` (override assumption `figures-path`).";
    assert!(message.ends_with(not_served), "{message}");
}

#[test]
fn the_list_of_endpoints_starts_with_the_query() {
    let mut model = common::model();
    let queries = model.endpoints.iter().position(|endpoint| endpoint.name == "ask").expect("an endpoint");
    model.endpoints.rotate_left(queries + 1);
    let api = common::of_model(model).build().expect("an API");
    let reply = api.answer(&Request::new("GET", &format!("/{}", "x".repeat(500))));
    let message = reply.json().expect("JSON")["problem"].as_str().expect("a message").to_owned();
    let path = format!("/{}…", "x".repeat(119));
    assert!(
        message.starts_with(&format!("No endpoint at `{path}`. Served here: `POST /v9/ask`, `POST /v9/chart`, ")),
        "{message}"
    );
}

#[test]
fn all_missing_headers_are_named_at_once() {
    let api = simulator().build().expect("an API");
    let refused = |request: Request| {
        let reply = api.answer(&request);
        (reply.status, reply.json().expect("JSON")["problem"].as_str().expect("a message").to_owned())
    };
    let bare = Request::new("POST", PATH);
    let all = "These headers are missing: `Content-Type`, `X-Agent`, `X-Key`, `X-Port` or `X-Port-Slug`.";
    assert_eq!(refused(bare.clone()), (470, all.into()));
    let two = "These headers are missing: `X-Agent`, `X-Key`.";
    let with_some = bare.header("Content-Type", "application/json").header("X-Port", "id=11");
    assert_eq!(refused(with_some.clone()), (470, two.into()));
    // What is missing comes before what is incorrect.
    let one = "The header `X-Key` is missing.";
    assert_eq!(refused(with_some.clone().header("X-Agent", "æ")), (470, one.into()));
    assert_eq!(refused(with_some.clone().header("X-Agent", "æ").header("X-Key", "Key k")).0, 471);
    // A token that is not required as a header is named beside others; alone it has a status of its own.
    let mut model = common::model();
    model.api.headers.token.required = placewise_model::Tristate::Unknown;
    let optional = common::of_model(model).build().expect("an API");
    let problem = |request: &Request| {
        let reply = optional.answer(request);
        (reply.status, reply.problem.expect("a problem"))
    };
    assert_eq!(problem(&with_some), (470, two.into()));
    assert_eq!(problem(&with_some.clone().header("X-Agent", "t")), (401, "Send a token in `X-Key`.".into()));
    let wrong = with_some.clone().header("X-Agent", "t").header("X-Key", "k");
    assert_eq!(problem(&wrong), (401, "The token in `X-Key` is invalid.".into()));
    let without_body = "These headers are missing: `X-Agent`, `X-Key`.";
    assert_eq!(refused(Request::new("GET", "/v9/quays/7")), (470, without_body.into()));
}

#[test]
fn a_broken_body_is_recorded_with_its_place_and_answered_without_a_word() {
    let api = simulator().build().expect("an API");
    for (body, expected) in [
        ("{\"subject\":\n \"voyages\" \"x\"}", "The body is not JSON: expected `,` or `}` at line 2 column 12."),
        ("", "The body is empty; send a JSON object."),
        ("[]", "The body is a list; send a JSON object."),
    ] {
        let mut request = request(PATH, "id=11", &json!(null));
        request.body = Some(body.into());
        let reply = api.answer(&request);
        assert_eq!((reply.status, reply.body.len()), (400, 0));
        let recorded = api.requests().pop().expect("a request");
        assert_eq!((recorded.problem.as_deref(), recorded.reply_bytes), (Some(expected), 0));
    }
}

#[test]
fn a_listener_receives_each_request_with_what_it_returned() {
    let (sender, received) = std::sync::mpsc::channel();
    let api = simulator().on_request(move |request| sender.send(request.clone()).expect("a receiver")).build().expect("an API");
    send(&api, &json!({"subject": "voyages", "size": 7}));
    send(&api, &json!({"subject": "voyages", "per": "keel"}));
    api.refuse_next(ErrorName::Maintenance);
    send(&api, &json!({"subject": "bare"}));
    post(
        &api,
        common::CHART,
        "all=all",
        &common::charts::body("traffic", ["2026-01-01T00:00:00Z", common::NOW], json!({"step": "1d"})),
    );
    let heard: Vec<_> = received.try_iter().collect();
    assert_eq!(heard, api.requests());
    let told = |index: usize| {
        let request = &heard[index];
        let returned = request.returned.map(|returned| returned.to_string());
        (request.report.as_deref(), request.status, request.cost, returned, request.problem.as_deref(), request.fault.as_deref())
    };
    assert_eq!(told(0), (Some("voyages"), 200, 2, Some("7 rows".into()), None, None));
    let wrong = r#"Wrong: {"per":[{"error":"inclusion","options":{"in":["berth","cargo_and_flag"]}}]}"#;
    assert_eq!(told(1), (Some("voyages"), 422, 0, None, Some(wrong), None));
    assert_eq!(told(2), (Some("bare"), 503, 0, None, Some("Refused by `refuse_next`."), Some("refuse_next")));
    let (report, status, _, returned, ..) = told(3);
    assert!((report, status) == (Some("traffic"), 200) && returned.is_some_and(|text| text.ends_with(" time buckets")));
}

#[test]
fn headers_are_checked() {
    let api = simulator().token("k", Permits::all()).build().expect("an API");
    let all = [("X-Agent", "t"), ("X-Key", "Key k"), ("X-Port", "id=11"), ("Content-Type", "application/json")];
    let status = |change: (&str, Option<&str>)| {
        let mut request = Request::new("POST", PATH);
        request.body = Some(br#"{"subject":"voyages"}"#.to_vec());
        let unchanged = all.into_iter().filter(|(name, _)| *name != change.0);
        let changed = change.1.map(|value| (change.0, value));
        api.answer(&unchanged.chain(changed).fold(request, |request, (name, value)| request.header(name, value))).status
    };
    assert_eq!(status(("X-Product", None)), 200, "not required");
    for (change, expected) in [
        (("X-Agent", None), 470),
        (("X-Agent", Some(" ")), 470),
        (("X-Agent", Some("æ")), 471),
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
        assert_eq!(status(change), expected, "{change:?}");
    }
}

#[test]
fn a_slug_selects_one_customer() {
    let api = simulator().slug("old-quay", 11).build().expect("an API");
    let send = |slug: &str| {
        let request = Request::post(PATH, &json!({"subject": "voyages"}));
        api.answer(&request.header("X-Agent", "t").header("X-Key", "Key k").header("X-Port-Slug", slug))
    };
    assert_eq!(send("new-quay").status, 404);
    let reply = send("old-quay").json().expect("JSON");
    let lines = reply["lines"].as_array().expect("rows");
    assert!(!lines.is_empty() && lines.iter().all(|row| row["port_id"] == 11));
}

#[test]
fn customers_select_rows() {
    let api = simulator().customers([1, 2, 3]).build().expect("an API");
    let count = |customers: &str| {
        let (_, reply) = post(&api, PATH, customers, &json!({"subject": "voyages", "size": 1000}));
        reply["lines"].as_array().expect("rows").len()
    };
    assert_eq!([count("all=all"), count("id=1"), count("id=2_3"), count("chain=x")], [60, 20, 40, 60]);
}

#[test]
fn a_query_needs_the_general_and_the_reports_permit() {
    let simulator = |permits: &[&str]| simulator().token("k", Permits::of(permits.iter().copied()));
    let voyages = json!({"subject": "voyages"});
    for (permits, expected) in [(&["Ask", "Ask:Voyages"][..], 200), (&["Ask"], 403), (&["Ask:Voyages"], 403), (&[], 403)] {
        assert_eq!(send(&simulator(permits).build().expect("an API"), &voyages).0, expected, "{permits:?}");
    }
    let api = simulator(&["Ask:Voyages"]).assume("both-permits", false).build().expect("an API");
    assert_eq!(send(&api, &voyages).0, 200);
    let api = simulator(&["Ask"]).build().expect("an API");
    assert_eq!(send(&api, &json!({"subject": "bare"})).0, 200, "no permit is documented");
}

#[test]
fn a_body_that_is_not_a_json_object_gets_an_empty_400() {
    let api = simulator().build().expect("an API");
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let mut request = request(PATH, "all=all", &json!({}));
    for body in ["", "{", "<html>", "[]", "null", "\"x\"", r#"{"a":1e999}"#, &deep] {
        request.body = Some(body.into());
        let reply = api.answer(&request);
        assert_eq!((reply.status, reply.body.as_slice()), (400, &b""[..]));
    }
}

#[test]
fn a_422_lists_all_invalid_parameters() {
    let api = simulator().build().expect("an API");
    let (status, reply) = send(&api, &json!({"subject": "ships"}));
    let reports = json!({"subject": [{"error": "inclusion", "options": {"in": ["voyages", "partly", "bare", "pieces", "lots", "tallies"]}}]});
    assert_eq!((status, reply), (422, json!({"problem": "Wrong", "where": reports})));
    let (status, reply) = send(&api, &json!({"subject": "voyages", "per": "week", "size": 0, "after": "CNOW-AE"}));
    let details = json!({
        "per": [{"error": "inclusion", "options": {"in": ["berth", "cargo_and_flag"]}}],
        "size": [{"error": "greater_or_equal_to", "options": {"number": 1}}],
        "after": [{"error": "invalid"}],
    });
    assert_eq!((status, reply), (422, json!({"problem": "Wrong", "where": details})));
    for (size, symbol) in [
        (json!(-1), "greater_or_equal_to"),
        (json!(1001), "less_or_equal_to"),
        (json!(u64::MAX), "less_or_equal_to"),
        (json!(1.5), "not_an_integer"),
        (json!("10"), "not_an_integer"),
    ] {
        let (_, reply) = send(&api, &json!({"subject": "voyages", "size": size}));
        assert_eq!(reply["where"]["size"][0]["error"], symbol, "{size}");
    }
    assert_eq!(send(&api, &json!({"subject": null})).0, 422);
    assert_eq!(send(&api, &json!({"subject": "voyages", "size": null, "after": null, "per": null, "where": null})).0, 200);
}

#[test]
fn a_cursor_continues_only_its_own_query() {
    let api = simulator().build().expect("an API");
    let query = json!({"subject": "voyages", "size": 7});
    let (_, first) = send(&api, &query);
    let (_, again) = send(&api, &query);
    assert_eq!(first, again);
    let cursor = &first["page"]["more"];
    let with = |change: Value| {
        let mut body = query.clone();
        body["after"] = cursor.clone();
        body.as_object_mut().expect("object").extend(change.as_object().expect("object").clone());
        send(&api, &body)
    };
    assert_eq!(with(json!({})).1["lines"][0]["id"].as_i64(), rows(&api, &json!({"subject": "voyages"}))[7]["id"].as_i64());
    assert_eq!(with(json!({"size": 3})).0, 200, "the page size may change");
    assert_eq!(with(json!({"per": "berth"})).0, 422);
    assert_eq!(with(json!({"where": {"op": "is", "of": "id", "to": 1}})).0, 422);
    assert_eq!(with(json!({"subject": "partly"})).0, 422);
    assert_eq!(post(&api, PATH, "id=11", &json!({"subject": "voyages", "size": 7, "after": cursor})).0, 422);
}

#[test]
fn a_cursor_under_a_wrong_key_returns_the_first_page_again() {
    let api = simulator().assume("cursor-key", "from_here").build().expect("an API");
    let (_, first) = send(&api, &json!({"subject": "voyages", "size": 7}));
    let cursor = &first["page"]["more"];
    assert_eq!(send(&api, &json!({"subject": "voyages", "size": 7, "after": cursor})).1, first);
    assert_ne!(send(&api, &json!({"subject": "voyages", "size": 7, "from_here": cursor})).1, first);
}

#[test]
fn the_last_page_has_a_null_cursor_or_none_as_assumed() {
    let page = |simulator: Simulator| {
        send(&simulator.build().expect("an API"), &json!({"subject": "voyages", "size": 1000})).1["page"].clone()
    };
    assert_eq!(page(simulator()), json!({"more": null}));
    assert_eq!(page(simulator().assume("null-ends", false)), json!({}));
}

#[test]
fn each_customer_has_its_own_bucket_and_several_share_one() {
    let clock = ManualClock::new();
    let simulator = simulator().assume("bucket-capacity", 5).rate_limit_clock(clock.reader());
    let api = simulator.build().expect("an API");
    let send = |customers: &str, body: Value| {
        let reply = api.answer(&request(PATH, customers, &body));
        let headers = ["tide-bucket", "tide-left", "tide-cost", "retry-after"];
        (reply.status, headers.map(|name| reply.header(name).unwrap_or_default().to_owned()))
    };
    let plain = json!({"subject": "voyages"});
    let part = json!({"op": "is", "of": "id", "to": 1});
    let dear = json!({"subject": "voyages", "where": {"op": "either", "parts": [part, {"op": "both", "parts": [part]}]}});
    let expected = |status: u16, headers: [&str; 4]| (status, headers.map(str::to_owned));
    assert_eq!(send("id=11", plain.clone()), expected(200, ["One/Reports", "3", "2", ""]));
    assert_eq!(send("id=11", dear.clone()), expected(200, ["One/Reports", "-3", "6", ""]));
    assert_eq!(send("id=11", plain.clone()), expected(429, ["One/Reports", "-3", "0", "2"]));
    assert_eq!(send("id=12", plain.clone()), expected(200, ["One/Reports", "3", "2", ""]));
    assert_eq!(send("id=11_12", plain.clone()), expected(200, ["Many/Reports", "3", "2", ""]));
    assert_eq!(send("all=all", json!({"subject": "bare"})), expected(200, ["Many/Reports", "2", "1", ""]));
    clock.advance(Duration::from_secs(2));
    assert_eq!(send("id=11", plain.clone()), expected(200, ["One/Reports", "-1", "2", ""]));
    assert_eq!(api.spent(), 15);
    assert_eq!(api.requests().iter().map(|request| request.cost).sum::<u32>(), 15);
}

#[test]
fn rate_limit_headers_can_be_limited_to_429() {
    let simulator = simulator().assume("limit-headers", false).assume("bucket-capacity", 1);
    let api = simulator.rate_limit_clock(ManualClock::new().reader()).build().expect("an API");
    let headers = || {
        let reply = api.answer(&request(PATH, "all=all", &json!({"subject": "voyages"})));
        (reply.status, reply.header("tide-bucket").is_some())
    };
    assert_eq!([headers(), headers()], [(200, false), (429, true)]);
}

#[test]
fn requests_are_recorded_without_tokens() {
    let api = simulator().token("hush", Permits::all()).build().expect("an API");
    let request = Request::post(PATH, &json!({"subject": "voyages"})).header("X-Key", "Key hush");
    let request = request.header("Authorization", "Bearer hush").header("X-Agent", "t").header("X-Port", "id=11");
    assert_eq!(api.answer(&request).status, 200);
    let recorded = api.requests();
    assert_eq!(
        (recorded.len(), recorded[0].method.as_str(), recorded[0].path.as_str(), recorded[0].status),
        (1, "POST", PATH, 200)
    );
    assert_eq!((&recorded[0].body, recorded[0].cost), (&Some(json!({"subject": "voyages"})), 2));
    assert_eq!(recorded[0].headers["X-Port"], "id=11");
    assert!(!format!("{recorded:?} {api:?} {:?}", simulator().token("hush", Permits::all())).contains("hush"));
}

#[test]
fn recorded_bodies_are_bounded() {
    let api = simulator().build().expect("an API");
    let large = |at: usize| json!({"subject": format!("report {at}"), "padding": "x".repeat(1 << 20)});
    for at in 0..40 {
        assert_eq!(send(&api, &large(at)).0, 422);
    }
    let recorded = api.requests();
    assert_eq!((recorded.len(), recorded.last().and_then(|request| request.body.clone())), (15, Some(large(39))));
}

#[test]
fn errors_can_be_forced() {
    let api = simulator().build().expect("an API");
    api.refuse_next(ErrorName::Maintenance);
    api.refuse_next(ErrorName::FeatureNotEnabled);
    let voyages = json!({"subject": "voyages"});
    assert_eq!([send(&api, &voyages).0, send(&api, &voyages).0, send(&api, &voyages).0], [503, 402, 200]);
}

#[test]
fn others_drain_the_bucket_of_a_customer_and_say_how_much() {
    let clock = ManualClock::new();
    let simulator = simulator().assume("bucket-capacity", 100).assume("bucket-refill", 10).rate_limit_clock(clock.reader());
    let api = simulator.drain(0.6).build().expect("an API");
    let left = || api.answer(&request(PATH, "id=11", &json!({"subject": "voyages"}))).header("tide-left").map(str::to_owned);
    assert_eq!((left().as_deref(), api.drained()), (Some("98"), 0));
    (0..60).for_each(|_| {
        (0..5).for_each(|_| drop(left()));
        clock.advance(Duration::from_secs(1));
    });
    let drained = api.drained();
    assert!((100..260).contains(&drained), "{drained}");
    // The bucket never lost refill by being full, so every token is accounted for: what was left is what the last reply said.
    let last = left().expect("a header").parse::<i64>().expect("a number");
    assert_eq!(i64::try_from(100 + 600 - api.spent() - drained).expect("small"), last);
}
