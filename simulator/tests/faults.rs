//! Fault plans: what each fault does to a reply, which requests meet it, and the account.

mod common;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use common::{NOW, PATH, all_rows, request, send, simulator};
use placewise_model::ErrorName;
use placewise_simulator::{FaultPlan, Reply, Request, SimulatedApi};
use proptest::prelude::*;
use serde_json::{Value, json};

fn plan(faults: Value) -> FaultPlan {
    FaultPlan::from_json(&json!({"faults": faults}).to_string()).expect("a plan")
}

fn api(faults: Value) -> SimulatedApi {
    simulator().faults(plan(faults)).build().expect("an API")
}

fn voyages() -> Request {
    request(PATH, "all=all", &json!({"subject": "voyages"}))
}

/// The first reply of an API whose only fault does this.
fn faulty(effects: Value) -> Reply {
    let api = api(json!([{"do": effects}]));
    let reply = api.answer(&voyages());
    api.check_faults().expect("met");
    reply
}

/// Why a fault that does this is not met by a request.
fn problem(effects: Value, request: &Request) -> String {
    let api = api(json!([{"do": effects}]));
    api.answer(request);
    let unmet = api.check_faults().expect_err("unmet");
    unmet.faults()[0].problem.clone().expect("a problem")
}

fn statuses(api: &SimulatedApi, requests: usize) -> Vec<u16> {
    (0..requests).map(|_| api.answer(&voyages()).status).collect()
}

#[test]
fn a_status_with_headers_and_body_replaces_the_reply_and_costs_nothing() {
    let reply = faulty(json!([{"reply": {"status": 502, "headers": {"via": "proxy"}, "text": "<html>"}}]));
    assert_eq!((reply.status, reply.body.as_slice(), reply.cost), (502, b"<html>".as_slice(), 0));
    assert_eq!(reply.headers, [("via".to_owned(), "proxy".to_owned())]);
    let reply = faulty(json!([{"reply": {"status": 422, "json": {"problem": "no"}}}]));
    assert_eq!((reply.json(), reply.header("Content-Type")), (Some(json!({"problem": "no"})), Some("application/json")));
    let reply = faulty(json!([{"refuse": "maintenance"}]));
    assert_eq!((reply.status, reply.json()), (503, Some(json!({"problem": "Refused by `faults[0]`."}))));
}

#[test]
fn a_refusal_by_the_rate_limit_has_every_form() {
    let of = |more: Value| {
        let mut reply = json!({"status": 429});
        reply.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        faulty(json!([{"reply": reply}]))
    };
    for text in ["1", "1.5", "1, 1", "soon"] {
        assert_eq!(of(json!({"retry_after": {"text": text}})).header("retry-after"), Some(text));
    }
    assert_eq!(NOW, "2026-01-15T12:00:00Z");
    let date = of(json!({"retry_after": {"date_in_s": 90}}));
    assert_eq!(date.header("retry-after"), Some("Thu, 15 Jan 2026 12:01:30 GMT"));
    let bare = of(json!({}));
    assert_eq!((bare.header("retry-after"), bare.header("tide-left"), bare.cost), (None, None, 0));
    let free = of(json!({"limit_headers": true}));
    assert_eq!((free.header("tide-left"), free.header("tide-cost"), free.cost), (Some("1000"), Some("0"), 0));
    let charged = of(json!({"limit_headers": true, "charged": true}));
    assert_eq!((charged.header("tide-left"), charged.header("tide-cost"), charged.cost), (Some("998"), Some("2"), 2));
    let hidden = simulator().assume("limit-headers", false);
    let api = hidden.faults(plan(json!([{"do": [{"reply": {"status": 429, "limit_headers": true}}]}]))).build().expect("an API");
    assert_eq!(api.answer(&voyages()).header("tide-left"), Some("1000"), "also where only refusals have them");
    let invalid = problem(json!([{"reply": {"status": 429, "limit_headers": true}}]), &Request::post(PATH, &json!({})));
    assert_eq!(invalid, "the request was refused before it reached the rate limit");
}

#[test]
fn headers_are_replaced_added_and_dropped() {
    let reply = faulty(json!([{"headers": {"Tide-Left": "-5", "content-type": "text/html", "tide-cost": null, "x-new": "1"}}]));
    let values = ["tide-left", "content-type", "tide-cost", "x-new"].map(|name| reply.header(name));
    assert_eq!(values, [Some("-5"), Some("text/html"), None, Some("1")]);
    assert_eq!(reply.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("tide-left")).count(), 1);
}

#[test]
fn values_of_the_body_are_set_and_removed() {
    let reply = faulty(json!([
        {"set": {"at": "/lines/0/tons_count", "to": "many"}}, {"set": {"at": "/lines/1/ship", "to": null}},
        {"set": {"at": "/lines/*/unknown", "to": [1]}}, {"remove": "/lines/2/id"}, {"remove": "/lines/0"}, {"remove": "/shape"},
        {"set": {"at": "/a~1b", "to": 1}},
    ]));
    let body = reply.json().expect("JSON");
    assert_eq!((body["lines"].as_array().map(Vec::len), &body["a/b"], body.get("shape")), (Some(49), &json!(1), None));
    assert_eq!((&body["lines"][0]["ship"], body["lines"][1].get("id")), (&Value::Null, None));
    assert!(body["lines"].as_array().expect("rows").iter().all(|row| row["unknown"] == json!([1])));
    for at in ["/lines/50/id", "/nothing/id", "/shape/id", "/lines/x"] {
        assert_eq!(problem(json!([{"remove": at}]), &voyages()), format!("the body has no `{at}`"));
        assert_eq!(problem(json!([{"set": {"at": at, "to": 1}}]), &voyages()), format!("the body has no `{at}`"));
    }
}

#[test]
fn a_body_is_truncated_and_encoded() {
    let whole = simulator().build().expect("an API").answer(&voyages()).body;
    assert_eq!(faulty(json!([{"truncate_body": 20}])).body, whole[..20]);
    let text = |body: &[u8]| String::from_utf8(body.to_vec()).expect("UTF-8");
    assert_eq!(text(&faulty(json!([{"encode": "utf8-bom"}])).body), format!("\u{feff}{}", text(&whole)));
    let units = |body: Vec<u8>, unit: fn([u8; 2]) -> u16| {
        String::from_utf16(&body.chunks(2).map(|pair| unit([pair[0], pair[1]])).collect::<Vec<_>>()).expect("UTF-16")
    };
    assert_eq!(units(faulty(json!([{"encode": "utf16-le"}])).body, u16::from_le_bytes), format!("\u{feff}{}", text(&whole)));
    assert_eq!(units(faulty(json!([{"encode": "utf16-be"}])).body, u16::from_be_bytes), format!("\u{feff}{}", text(&whole)));
    let length = whole.len();
    assert_eq!(problem(json!([{"truncate_body": length}]), &voyages()), format!("the body has only {length} bytes"));
}

fn whole(reply: &Reply) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let part = reply.part(body.len() as u64, 1000);
        assert!(part.len() <= 1000);
        if part.is_empty() {
            assert_eq!(body.len() as u64, reply.length());
            return body;
        }
        body.extend(part);
    }
}

#[test]
fn a_giant_body_is_made_part_by_part_and_stays_json() {
    let plain = simulator().build().expect("an API").answer(&voyages()).json().expect("JSON");
    let giant = |of: &str| {
        let reply = faulty(json!([{"giant": {"bytes": 100_000, "of": of}}]));
        let body = whole(&reply);
        assert!(body.len() > 100_000 && reply.body.len() < 60_000, "{} {}", body.len(), reply.body.len());
        serde_json::from_slice::<Value>(&body).expect("JSON")
    };
    assert_eq!(giant("padding"), plain);
    let rows = giant("rows")["lines"].as_array().expect("rows").clone();
    let copies = rows.len() - 50;
    assert!(copies > 100 && rows[..=copies].iter().all(|row| *row == rows[0]) && rows[copies + 1] == plain["lines"][1]);
    let keys = giant("keys")["lines"][0].as_object().expect("a row").len();
    assert_eq!(keys - plain["lines"][0].as_object().expect("a row").len(), 100_000_usize.div_ceil(32));
    let huge = faulty(json!([{"giant": {"bytes": u64::MAX, "of": "rows"}}]));
    assert_eq!(huge.part(u64::MAX / 4, 1000).len(), 1000, "nothing is made before it is read");
    let no_rows =
        request(PATH, "all=all", &json!({"subject": "voyages", "after": null, "where": {"op": "is", "of": "ship", "to": "?"}}));
    assert_eq!(problem(json!([{"giant": {"bytes": 1, "of": "rows"}}]), &no_rows), "the body has no row with a key");
}

#[test]
fn cursors_loop_repeat_vanish_and_lack_text() {
    let next = |faults: Value, body: &Value| {
        let api = api(faults);
        let reply = send(&api, body).1["page"]["more"].clone();
        api.check_faults().map(|()| reply)
    };
    let with = |effect: Value| next(json!([{"do": [{"next": effect}]}]), &json!({"subject": "voyages", "size": 20}));
    assert_eq!(with(json!({"text": ""})), Ok(json!("")));
    assert_eq!(with(json!("end")), Ok(Value::Null));
    let second = next(json!([]), &json!({"subject": "voyages", "size": 20})).expect("no fault");
    let on_second = json!({"subject": "voyages", "size": 20, "after": second});
    assert_eq!(next(json!([{"on": {"page": "next"}, "do": [{"next": "asked"}]}]), &on_second), Ok(second.clone()));
    let third = next(json!([]), &on_second).expect("no fault");
    let on_third = json!({"subject": "voyages", "size": 20, "after": third});
    assert_eq!(next(json!([{"do": [{"next": {"page": 2}}]}]), &on_third), Ok(second));
    assert_eq!(problem(json!([{"next": "asked"}]), &voyages()), "the request has no cursor");
    let chart = request(common::CHART, "all=all", &json!({}));
    assert_eq!(problem(json!([{"next": "end"}]), &chart), "the reply is no page of rows");
}

#[test]
fn endless_pages_have_fresh_cursors() {
    for (rows, count) in [("empty", 0), ("full", 50)] {
        let api = api(json!([{"every": 1, "do": [{"endless": rows}]}]));
        let (mut body, mut cursors) = (json!({"subject": "voyages"}), BTreeSet::new());
        let mut ids = Vec::new();
        for _ in 0..20 {
            let (status, reply) = send(&api, &body);
            assert_eq!((status, reply["lines"].as_array().map(Vec::len)), (200, Some(count)));
            ids.extend(reply["lines"].as_array().into_iter().flatten().map(|row| row["id"].clone()));
            body["after"] = reply["page"]["more"].clone();
            assert!(cursors.insert(body["after"].to_string()));
        }
        assert!(count == 0 || ids[..60] == ids[60..120] && ids[0] != ids[59], "the first row follows the last");
        assert_eq!(api.faults()[0].met, 20);
    }
}

#[test]
fn a_caller_without_http_reads_what_happens_on_the_way() {
    let delivery = faulty(json!([
        {"latency_ms": 20}, {"slow_body": {"piece": 10, "pause_ms": 5, "times": 2}}, {"cut": {"at": 7, "of": "body", "how": "close"}},
    ]))
    .delivery;
    assert_eq!((delivery.latency, delivery.close_idle), (Duration::from_millis(20), None));
    let (slow, cut) = (delivery.slow_body.expect("slow"), delivery.cut.expect("cut"));
    assert_eq!(
        serde_json::to_value((slow, cut)).expect("JSON"),
        json!([
            {"piece": 10, "pause_ms": 5, "times": 2}, {"at": 7, "of": "body", "how": "close"},
        ])
    );
    assert_eq!(faulty(json!([{"close_idle_ms": 3}])).delivery.close_idle, Some(Duration::from_millis(3)));
    let slow = json!([{"slow_body": {"piece": 1_000_000, "pause_ms": 5}}]);
    assert!(problem(slow, &voyages()).ends_with("bytes, so no pause"));
    assert_eq!(simulator().build().expect("an API").answer(&voyages()).delivery, Default::default());
}

#[test]
fn a_request_meets_the_first_fault_that_is_due() {
    let fault = |status: u16, more: Value| {
        let mut fault = json!({"do": [{"reply": {"status": status}}]});
        fault.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        fault
    };
    let of = |faults: Value, requests: usize| statuses(&api(faults), requests);
    assert_eq!(of(json!([fault(500, json!({})), fault(502, json!({}))]), 3), [500, 502, 200], "one after the other");
    assert_eq!(of(json!([fault(500, json!({"nth": 2})), fault(502, json!({"nth": 3}))]), 4), [200, 500, 502, 200]);
    assert_eq!(of(json!([fault(500, json!({"times": 2}))]), 3), [500, 500, 200]);
    assert_eq!(of(json!([fault(500, json!({"nth": 2, "every": 2}))]), 6), [200, 500, 200, 500, 200, 500]);
    assert_eq!(of(json!([fault(500, json!({"every": 3, "times": 2}))]), 8), [500, 200, 200, 500, 200, 200, 200, 200]);
}

#[test]
fn chance_follows_the_seed() {
    let of = |seed: u64| {
        let text = json!({"seed": seed, "faults": [{"chance": 0.3, "do": [{"reply": {"status": 500}}]}]}).to_string();
        let plan = FaultPlan::from_json(&text).expect("a plan");
        statuses(&simulator().faults(plan).build().expect("an API"), 200)
    };
    let failed = of(1).iter().filter(|status| **status == 500).count();
    assert!((40..80).contains(&failed), "{failed} of 200");
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn only_requests_that_match_count() {
    let cursor = send(&simulator().build().expect("an API"), &json!({"subject": "voyages"})).1["page"]["more"].clone();
    let first = request(PATH, "id=11", &json!({"subject": "voyages"}));
    let next = request(PATH, "all=all", &json!({"subject": "voyages", "after": cursor}));
    let other = request(PATH, "id=11", &json!({"subject": "partly"}));
    let chart = request(common::CHART, "id=11", &json!({"subject": "traffic"}));
    let invalid = Request::new("GET", "/nowhere");
    for (on, expected) in [
        (json!({}), [true, true, true, true, true]),
        (json!({"report": "voyages"}), [true, true, false, false, false]),
        (json!({"format": "records"}), [true, true, true, false, false]),
        (json!({"format": "timeseries"}), [false, false, false, true, false]),
        (json!({"endpoint": "ask"}), [true, true, true, false, false]),
        (json!({"page": "first"}), [true, false, true, false, false]),
        (json!({"page": "next"}), [false, true, false, false, false]),
        (json!({"customer": "id=11"}), [true, false, true, true, false]),
        (json!({"customer": "id=11", "report": "partly"}), [false, false, true, false, false]),
    ] {
        let api = api(json!([{"on": on, "every": 1, "do": [{"reply": {"status": 599}}]}]));
        let met = [&first, &next, &other, &chart, &invalid].map(|request| api.answer(request).status == 599);
        assert_eq!(met, expected, "{on}");
    }
}

#[test]
fn the_account_names_each_fault_that_was_never_met() {
    let api = api(json!([
        {"name": "late", "nth": 5, "do": [{"latency_ms": 1}]},
        {"times": 2, "do": [{"latency_ms": 1}]},
        {"do": [{"remove": "/none"}]},
        {"nth": 9, "optional": true, "do": [{"latency_ms": 1}]},
    ]));
    statuses(&api, 3);
    let counts: Vec<_> = api.faults().into_iter().map(|fault| (fault.ordered, fault.matched, fault.due, fault.met)).collect();
    assert_eq!(counts, [(Some(1), 3, 0, 0), (Some(2), 3, 2, 2), (Some(1), 3, 1, 0), (Some(1), 3, 0, 0)]);
    assert_eq!(
        api.check_faults().expect_err("unmet").to_string(),
        "no request met 2 ordered faults:\n  `late`: ordered 1, matched 3, due 0, met 0\n  \
         `faults[2]`: ordered 1, matched 3, due 1, met 0; the body has no `/none`"
    );
}

#[test]
fn a_test_that_never_met_its_fault_fails() {
    let dropped = |api: SimulatedApi| catch_unwind(AssertUnwindSafe(move || drop(api)));
    let fault = json!([{"name": "mine", "do": [{"latency_ms": 1}]}]);
    let panic = dropped(api(fault.clone())).expect_err("a panic");
    assert!(panic.downcast_ref::<String>().is_some_and(|text| text.contains("`mine`")));
    let met = api(fault.clone());
    statuses(&met, 1);
    assert!(dropped(met).is_ok());
    let asked = api(fault.clone());
    assert!(asked.check_faults().is_err() && dropped(asked).is_ok());
    let forgotten = simulator().build().expect("an API");
    forgotten.refuse_next(ErrorName::Maintenance);
    assert!(dropped(forgotten).is_err());
    // A panic of the test itself is not replaced.
    let panic = catch_unwind(|| {
        let _api = api(fault);
        panic!("the test's own");
    });
    assert_eq!(panic.expect_err("a panic").downcast_ref::<&str>(), Some(&"the test's own"));
}

#[test]
fn errors_of_a_plan_name_the_place() {
    for (text, expected) in [
        ("{}", "the fault plan is invalid: missing field `faults` at line 1 column 2"),
        ("{\"faults\": [\n{\"nht\": 2}]}", "the fault plan is invalid: unknown field `nht`, expected one of `name`, `on`, `nth`"),
        (
            "{\"faults\": [\n{\"nth\": 0}]}",
            "the fault plan is invalid: invalid value: integer `0`, expected a nonzero u64 at line 2 column 9",
        ),
        (
            r#"{"faults": [{"do": [{"lag": 1}]}]}"#,
            "the fault plan is invalid: unknown variant `lag`, expected one of `refuse`, `reply`",
        ),
        (
            r#"{"faults": [{"do": [{"cut": {"at": 1, "off": 2}}]}]}"#,
            "the fault plan is invalid: unknown field `off`, expected one of",
        ),
        (r#"{"faults": [{"on": {"pages": 1}}]}"#, "the fault plan is invalid: unknown field `pages`"),
    ] {
        let message = FaultPlan::from_json(text).expect_err(text).to_string();
        assert!(message.starts_with(expected), "{message}");
    }
    for (fault, place, problem) in [
        (json!({}), ".do", "it does nothing; list at least one effect"),
        (json!({"chance": 1.5, "do": [{"latency_ms": 1}]}), ".chance", "1.5 is no probability"),
        (json!({"do": [{"latency_ms": 1}, {"latency_ms": 2}]}), ".do[1]", "a fault can have this effect once"),
        (json!({"do": [{"cut": {"at": 1}}, {"close_idle_ms": 2}]}), ".do[1]", "it excludes an earlier effect"),
        (json!({"do": [{"refuse": "maintenance"}, {"next": "end"}]}), ".do[1]", "a reply that is replaced has no page"),
        (json!({"do": [{"giant": {"bytes": 1, "of": "rows"}}, {"remove": "/x"}]}), ".do[1]", "a giant body is never whole"),
        (json!({"do": [{"remove": "x"}]}), ".do[0]", "`x` is no JSON Pointer"),
        (json!({"do": [{"next": {"page": 1}}]}), ".do[0]", "the first page has no cursor"),
        (json!({"do": [{"reply": {"status": 101}}]}), ".do[0]", "101 is no status of a final response"),
        (json!({"do": [{"reply": {"status": 500, "json": 1, "text": ""}}]}), ".do[0]", "a body is `json` or `text`"),
        (json!({"do": [{"headers": {"a b": null}}]}), ".do[0]", "`a b` is no name of a header"),
        (json!({"do": [{"headers": {"Content-Length": "1"}}]}), ".do[0]", "the server sets `Content-Length`"),
        (json!({"do": [{"headers": {"x": "a\nb"}}]}), ".do[0]", "the value of `x` has control characters"),
        (
            json!({"on": {"report": "voyage"}, "do": [{"latency_ms": 1}]}),
            ".on.report",
            "no report is named `voyage`; did you mean `voyages`?",
        ),
        (
            json!({"on": {"endpoint": "aks"}, "do": [{"latency_ms": 1}]}),
            ".on.endpoint",
            "no endpoint is named `aks`; did you mean `ask`?",
        ),
    ] {
        let whole = json!({"faults": [{"do": [{"latency_ms": 1}]}, fault]});
        let plan = serde_json::from_value(whole).expect("a plan");
        let message = simulator().faults(plan).build().expect_err("invalid").to_string();
        assert!(message.starts_with(&format!("the fault plan is invalid at `faults[1]{place}`: {problem}")), "{message}");
    }
}

/// Reads all rows as a client that sends a request again after a failure; at most one failure in a row.
fn read_patiently(api: &SimulatedApi) -> Vec<Value> {
    let (mut rows, mut body, mut failed) = (Vec::new(), json!({"subject": "voyages", "size": 7}), false);
    loop {
        let reply = api.answer(&request(PATH, "all=all", &body));
        if reply.status != 200 || reply.delivery.cut.is_some() {
            assert!(!std::mem::replace(&mut failed, true), "two failures in a row");
            continue;
        }
        failed = false;
        let page = reply.json().expect("JSON");
        rows.extend(page["lines"].as_array().expect("rows").iter().cloned());
        body["after"] = page["page"]["more"].clone();
        if body["after"].is_null() {
            return rows;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_client_that_tries_twice_survives_random_plans(seed: u64, faults in 0..12_usize) {
        let plan = FaultPlan::random(seed, faults);
        prop_assert_eq!(plan.faults.len(), faults);
        prop_assert_eq!(&FaultPlan::random(seed, faults), &plan);
        let written = serde_json::to_string(&plan).expect("JSON");
        prop_assert_eq!(FaultPlan::from_json(&written).expect("a valid plan"), plan.clone());
        let api = simulator().faults(plan).build().expect("an API");
        prop_assert_eq!(read_patiently(&api), all_rows(&simulator().build().expect("an API"), &json!({"subject": "voyages"})).0);
    }
}
