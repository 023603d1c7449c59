use placewise_model::Verdict;
use serde_json::{Value, json};

use crate::support::{Api, Run, Stub, TOKEN, mixed, refuted};

#[test]
fn a_server_that_does_as_assumed_refutes_nothing() {
    for api in [Api::BuiltIn, Api::Harbour] {
        for strict in [true, false] {
            let server = api.simulator().strict_keys(strict).start().expect("a server");
            let run = Run::settle(api, &server, &["--format", "json"]);
            assert_eq!(refuted(run.evidence()), [], "{}", run.said());
            assert!(
                run.evidence().settled.iter().filter(|settled| settled.verdict == Verdict::Holds).count() > 8,
                "{}",
                run.said()
            );
            let said: Value = serde_json::from_slice(&run.output.stdout).expect("JSON");
            let (total, spent) = (&said["plan"]["total"], &said["spent"]);
            for what in ["requests", "tokens"] {
                let spent = spent[what].as_u64().expect("a number");
                assert!(total[what]["at_least"].as_u64().is_none_or(|least| least <= spent), "{what}: {spent} in {total}");
                assert!(total[what]["at_most"].as_u64().is_none_or(|most| spent <= most), "{what}: {spent} in {total}");
            }
            assert_eq!((&spent["tokens"], said["spent"]["tokens_known"] == true), (&server.spent().into(), true));
        }
    }
}

/// Another value for an assumption that a probe can find, and whether it can find the value too.
fn other(id: &str, assumed: &Value) -> Option<(Value, bool)> {
    let value = match id {
        "cursor-key" => json!("next_page"),
        "page-size-key" => json!("per_page"),
        "aggregation-key" => json!("group_by"),
        "step-key" => json!("width"),
        "describe-report-key" => json!("topic"),
        "describe-field-key" => json!("column"),
        "figures-report-key" => json!("theme"),
        "comparison-cost" => json!(2),
        "any-cost" => json!(7),
        "aggregation-cost" => json!(4),
        "unknown-cost" => json!(5),
        "bucket-of-one-customer" => json!("one-x"),
        "bucket-of-several-customers" => json!("several"),
        "bucket-capacity" => json!(300),
        "bucket-refill" => json!(7),
        "default-page-size" => json!(13),
        "most-page-size" => json!(500),
        "time-points" => {
            if assumed == "length" {
                json!("buckets")
            } else {
                json!("length")
            }
        }
        "beyond-retention" => {
            if assumed == "empty" {
                json!("refused")
            } else {
                json!("empty")
            }
        }
        "null-cursor-ends" | "empty-cursor-ends" | "several-ids-prefixed" | "limit-headers-on-every-response" => {
            json!(assumed == false)
        }
        // The replies refute these, but they do not show the value.
        "figures-path" => return Some((json!("/elsewhere/figures"), false)),
        "series-path" | "timeseries-path" => return Some((json!("/elsewhere/series"), false)),
        "zoneless-timestamps-in" => return Some((json!("America/Denver"), false)),
        "never-null" => return Some((json!([]), false)),
        _ => return None,
    };
    Some((value, true))
}

/// A turned server refutes exactly what was turned, with its value where replies can show it.
fn assert_found(api: Api, turned: &[(String, Value, bool)], arguments: &[&str]) {
    let simulator =
        turned.iter().fold(api.simulator().strict_keys(true), |simulator, (id, value, _)| simulator.assume(&**id, value.clone()));
    let server = simulator.start().expect("a server");
    let run = Run::settle(api, &server, arguments);
    // Headers alone tell costs and buckets.
    let silent = turned.iter().any(|(id, ..)| id == "limit-headers-on-every-response");
    // Nothing can be asked of charts whose path is not known.
    let without_charts = turned.iter().any(|(id, ..)| id == "series-path" || id == "timeseries-path");
    let without_figures = turned.iter().any(|(id, ..)| id == "figures-path");
    let is_hidden = |id: &str| {
        silent && (id.ends_with("-cost") || id.starts_with("bucket-"))
            || without_figures && id == "figures-report-key"
            || without_charts && ["step-key", "time-points", "beyond-retention"].contains(&id)
    };
    let turned: Vec<_> = turned.iter().filter(|(id, ..)| !is_hidden(id)).collect();
    let mut found = refuted(run.evidence());
    let mut expected: Vec<(String, Option<Value>)> =
        turned.iter().map(|(id, value, shown)| (id.clone(), shown.then(|| value.clone()))).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected, "{}", run.said());
    assert_eq!(run.output.status.code(), Some(i32::from(!turned.is_empty())), "{}", run.said());
}

fn turnable(api: Api) -> Vec<(String, Value, bool)> {
    let assumptions = api.model().assumptions;
    assumptions.into_iter().filter_map(|one| other(&one.id, &one.value).map(|(value, shown)| (one.id, value, shown))).collect()
}

#[test]
fn each_turned_assumption_is_found_alone() {
    for api in [Api::BuiltIn, Api::Harbour] {
        for turned in turnable(api) {
            let id = turned.0.clone();
            assert_found(api, &[turned], &["--only", &id]);
        }
    }
}

#[test]
fn several_turned_assumptions_are_found_one_by_one() {
    for api in [Api::BuiltIn, Api::Harbour] {
        // Those that take seconds have a test of their own.
        let slow = ["bucket-capacity", "bucket-refill"];
        let all: Vec<_> = turnable(api).into_iter().filter(|(id, ..)| !slow.contains(&id.as_str())).collect();
        let only: Vec<&str> = ["--only"].into_iter().chain(all.iter().map(|(id, ..)| id.as_str())).collect();
        let mut random = 7_usize;
        for round in 0..10 {
            let mut turned: Vec<(String, Value, bool)> = Vec::new();
            for _ in 0..=round % 5 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let one = &all[(random >> 33) % all.len()];
                if !turned.contains(one) {
                    turned.push(one.clone());
                }
            }
            assert_found(api, &turned, &only);
        }
    }
}

#[test]
fn a_server_that_answers_differently_each_time_gets_no_verdict_on_what_differs() {
    // Rows of its own in each reply; the headers are those of a rate limit.
    let server = Stub::start(|index, _| {
        let rows: Vec<Value> = (0..3).map(|row| json!({ "id": index * 10 + row, "members_count": index + row })).collect();
        let body = json!({ "records": rows, "pagination": { "next_page_info": format!("c{index}") }, "result_type": "records" });
        (200, vec![("ratelimit-cost", index.to_string())], body.to_string())
    });
    let run = Run::of(Api::BuiltIn, &server.url, &["settle", "--yes"]);
    let settled = &run.evidence().settled;
    assert_eq!(refuted(run.evidence()), [], "{}", run.said());
    let holds: Vec<&str> =
        settled.iter().filter(|one| one.verdict == Verdict::Holds).map(|one| one.assumption.as_str()).collect();
    assert_eq!(holds, ["limit-headers-on-every-response"], "{}", run.said());
}

/// Behind a balancer with two versions of the API: what they do differently has no verdict, and the rest has its own.
#[test]
fn a_server_that_is_now_one_and_now_another_gets_no_verdict_on_what_differs() {
    let api = Api::BuiltIn;
    let turned = ["page-size-key", "cursor-key", "time-points", "comparison-cost", "most-page-size", "several-ids-prefixed"];
    let only = ["--only", "aggregation-key", "timeseries-path"].into_iter().chain(turned).collect::<Vec<_>>();
    for seed in 0..4 {
        let plain = || api.simulator().strict_keys(true).clock(|| "2026-11-20T12:00:00Z".parse().expect("a time"));
        let other = turned.iter().fold(plain(), |simulator, id| {
            let (value, _) = other(id, &api.model().assumption(id).expect("one").value).expect("a value");
            simulator.assume(*id, value)
        });
        let servers = [plain().start().expect("a server"), other.start().expect("a server")];
        let both = mixed(servers.iter().map(|server| server.url()).collect(), seed);
        let run = Run::of(api, &both.url, &[&["settle", "--yes"], &only[..]].concat());
        for id in turned {
            assert_eq!(run.verdict(id), Verdict::CannotTell, "seed {seed}, {id}: {}", run.said());
        }
        for id in ["aggregation-key", "timeseries-path"] {
            assert_eq!(run.verdict(id), Verdict::Holds, "seed {seed}, {id}: {}", run.said());
        }
    }
}

#[test]
fn a_server_that_accepts_anything_confirms_no_key() {
    // The same page for every request: no key changes it.
    let page = json!({
        "records": [{ "id": 1 }, { "id": 2 }, { "id": 3 }], "pagination": { "next_page_info": "more" }, "result_type": "records"
    });
    let server = Stub::start(move |_, _| (200, Vec::new(), page.to_string()));
    let run =
        Run::of(Api::BuiltIn, &server.url, &["settle", "--yes", "--only", "cursor-key", "page-size-key", "aggregation-key"]);
    for id in ["cursor-key", "page-size-key"] {
        assert_eq!((run.verdict(id), &run.settled(id).value), (Verdict::Refuted, &None), "{}", run.said());
    }
}

#[test]
fn refusals_for_other_reasons_decide_nothing() {
    for status in [429, 500, 503] {
        let calls = std::sync::atomic::AtomicUsize::new(0);
        let page = json!({ "records": [{ "id": 1 }, { "id": 2 }], "pagination": { "next_page_info": "more" }, "result_type": "records" });
        let server = Stub::start(move |_, body| {
            let plain = body.as_object().is_some_and(|body| body.len() == 1);
            let count = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if plain && count < 100 {
                (200, Vec::new(), page.to_string())
            } else {
                (status, vec![("Retry-After", "1000".into())], String::new())
            }
        });
        let run = Run::of(Api::BuiltIn, &server.url, &["settle", "--yes", "--only", "page-size-key", "aggregation-key"]);
        assert_eq!(run.output.status.code(), Some(if status == 429 { 3 } else { 0 }), "{}", run.said());
        for id in ["page-size-key", "aggregation-key"] {
            assert_eq!(run.verdict(id), Verdict::CannotTell, "{status}: {}", run.said());
        }
    }
    let server = Stub::start(|_, _| (403, Vec::new(), json!({ "error": "no permit" }).to_string()));
    let run = Run::of(Api::BuiltIn, &server.url, &["settle", "--yes"]);
    assert!(run.output.status.code() == Some(2) && run.said().contains("status 403") && run.evidence.is_none(), "{}", run.said());
}

#[test]
fn nothing_is_sent_before_its_price_is_accepted() {
    let server = Api::BuiltIn.simulator().start().expect("a server");
    let run = Run::of(Api::BuiltIn, &server.url(), &["settle"]);
    assert!(run.output.status.code() == Some(2) && run.evidence.is_none() && server.requests().is_empty(), "{}", run.said());
    let said = run.said();
    for part in ["cursor-key: the second page (2 to", "add --yes", "tokens or more", "statistics-path: the path of"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert!(!said.contains(" 0 tokens"), "an unknown cost is not zero: {said}");
    let run = Run::of(Api::BuiltIn, &server.url(), &["settle", "--format", "json"]);
    let plan: Value = serde_json::from_slice(&run.output.stdout).expect("the plan");
    assert!(plan["plan"]["total"]["tokens"]["at_most"].is_null() && server.requests().is_empty(), "{plan:#}");
}

#[test]
fn the_budget_is_kept_and_what_was_not_asked_is_named() {
    let server = Api::BuiltIn.simulator().start().expect("a server");
    let run = Run::settle(Api::BuiltIn, &server, &["--max-tokens", "30"]);
    assert_eq!(run.output.status.code(), Some(3), "{}", run.said());
    assert!(server.spent() <= 30, "{} tokens", server.spent());
    assert!(run.settled("zoneless-timestamps-in").by.contains("--max-tokens"), "{}", run.said());
    let run = Run::settle(Api::BuiltIn, &server, &["--max-tokens", "0"]);
    assert!(run.output.status.code() == Some(2) && run.said().contains("--max-tokens allows no request"), "{}", run.said());
}

#[test]
fn a_file_is_not_overwritten_silently_and_nothing_is_sent_for_it() {
    let server = Api::BuiltIn.simulator().start().expect("a server");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kept.json");
    std::fs::write(&file, "mine").expect("written");
    let out = file.to_str().expect("text");
    let run = Run::settle(Api::BuiltIn, &server, &["--only", "cursor-key", "--out", out]);
    assert!(run.output.status.code() == Some(2) && run.said().contains("--overwrite") && server.requests().is_empty());
    assert_eq!(std::fs::read_to_string(&file).expect("kept"), "mine");
    let run = Run::settle(Api::BuiltIn, &server, &["--only", "cursor-key", "--out", out, "--overwrite"]);
    assert_eq!(run.output.status.code(), Some(0), "{}", run.said());
    assert!(std::fs::read_to_string(&file).expect("written").contains("cursor-key"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside it");
}

#[test]
fn a_path_that_the_user_names_is_settled_and_what_depends_on_it() {
    let server = Api::BuiltIn
        .simulator()
        .strict_keys(true)
        .assume("metadata-path", "/v1/meta")
        .assume("metadata-report-key", "name")
        .reply("metadata", json!({ "fields": [] }))
        .start()
        .expect("a server");
    let only = ["--only", "metadata-path", "metadata-report-key", "--assume", "metadata-path=/v1/meta"];
    let run = Run::settle(Api::BuiltIn, &server, &only);
    assert_eq!(run.settled("metadata-path").value, Some(json!("/v1/meta")), "{}", run.said());
    assert_eq!(run.settled("metadata-report-key").value, Some(json!("name")), "{}", run.said());
    let wrong = ["--only", "metadata-path", "--assume", "metadata-path=/v1/nowhere"];
    let run = Run::settle(Api::BuiltIn, &server, &wrong);
    assert_eq!((run.verdict("metadata-path"), &run.settled("metadata-path").value), (Verdict::Refuted, &None), "{}", run.said());
}

#[test]
fn facts_that_the_server_contradicts_are_reported() {
    let mut model = Api::BuiltIn.model();
    // The server charges more for the cheapest report of rows, and filters none of its fields.
    let reports = model.reports.iter_mut().filter(|report| report.format == placewise_model::Format::Records);
    let cheapest = reports
        .min_by_key(|report| (report.cost.is_none(), report.cost, report.fields.is_empty(), report.aggregations.is_empty()));
    let cheapest = cheapest.expect("a report");
    let (name, cost) = (cheapest.name.clone(), cheapest.cost.expect("a cost"));
    cheapest.cost = Some(cost + 3);
    cheapest.fields.iter_mut().for_each(|field| field.filterable = placewise_model::Filterability::No);
    let server = placewise_simulator::Simulator::new(model)
        .seed(11)
        .rows(240)
        .customers(Api::BuiltIn.customers())
        .start()
        .expect("a server");
    let run = Run::settle(Api::BuiltIn, &server, &["--only", "comparison-cost"]);
    let fact =
        |id: &str| run.evidence().facts.iter().find(|fact| fact.fact == id).unwrap_or_else(|| panic!("no {id}: {}", run.said()));
    let seen = fact(&format!("reports/{name}/cost"));
    assert_eq!((&seen.stated, &seen.seen), (&json!(cost), &json!(cost + 3)));
    let filterable = run.evidence().facts.iter().find(|fact| fact.fact.ends_with("/filterable")).expect("a field");
    assert!(filterable.hits >= 2 && run.said().contains("drift"), "{}", run.said());
    assert_eq!(run.output.status.code(), Some(1));
}

#[test]
fn no_secret_reaches_evidence_or_output() {
    // A server that repeats the token in every place of its replies, in several encodings.
    let echo = |text: &str| {
        let percent: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        json!({
            "records": [{ "id": 1, "title": text, "note": percent, (text): text.to_uppercase() }, { "id": 2, "access_token": "abc", "mail": "a.person@example.com" }],
            "pagination": { "next_page_info": format!("cursor-of-{text}") }, "result_type": "records",
        })
    };
    let page = echo(TOKEN).to_string();
    let server = Stub::start(move |_, _| {
        (
            200,
            vec![
                ("ratelimit-bucket", format!("bucket of {TOKEN}")),
                ("ratelimit-cost", "1".into()),
                ("Set-Cookie", format!("a={TOKEN}")),
            ],
            page.clone(),
        )
    });
    let run = Run::of(Api::BuiltIn, &server.url, &["settle", "--yes", "--format", "json"]);
    let lower = format!("{}{}", run.text, run.said()).to_lowercase();
    for secret in [TOKEN.to_owned(), "cookie".into(), "a.person".into(), "\"abc\"".into(), "1000941".into(), "%73%33%63".into()] {
        assert!(!lower.contains(&secret.to_lowercase()), "{secret} in {lower}");
    }
    assert!(run.text.contains("(hidden)") && run.text.contains("cursor-1"));
}

#[test]
fn a_zone_that_charts_name_is_found() {
    let api = Api::BuiltIn;
    let zone = api.model().timeseries.response.example_zone.expect("a zone");
    let server = api.simulator().assume("zoneless-timestamps-in", zone.clone()).start().expect("a server");
    let run = Run::settle(api, &server, &["--only", "zoneless-timestamps-in"]);
    assert_eq!(refuted(run.evidence()), [("zoneless-timestamps-in".to_owned(), Some(json!(zone)))], "{}", run.said());
}

/// A server that ignores unknown keys tells no key of the page size; a page without rows is the last one all the same.
#[test]
fn the_last_page_is_found_without_a_page_size() {
    let api = Api::BuiltIn;
    let server = api.simulator().assume("page-size-key", "per_page").assume("null-cursor-ends", false).start().expect("a server");
    let run = Run::settle(api, &server, &["--only", "page-size-key", "null-cursor-ends"]);
    let expected = [("page-size-key".to_owned(), None), ("null-cursor-ends".to_owned(), Some(json!(false)))];
    assert_eq!(refuted(run.evidence()), expected, "{}", run.said());
}

#[test]
fn an_empty_bucket_is_waited_for() {
    let api = Api::BuiltIn;
    let server = api
        .simulator()
        .assume("bucket-capacity", 8)
        .assume("bucket-refill", 30)
        .assume("cursor-key", "after")
        .strict_keys(true)
        .start();
    let server = server.expect("a server");
    let run = Run::settle(api, &server, &["--only", "cursor-key", "page-size-key"]);
    assert!(run.evidence().exchanges.iter().any(|exchange| exchange.status == 429), "{}", run.said());
    assert_eq!(refuted(run.evidence()), [("cursor-key".to_owned(), Some(json!("after")))], "{}", run.said());
}

#[test]
fn others_who_use_the_bucket_leave_its_size_open() {
    let api = Api::BuiltIn;
    for seed in 0..3 {
        let server = api.simulator().seed(seed).drain(0.9).start().expect("a server");
        let run = Run::settle(api, &server, &["--only", "bucket-refill"]);
        assert_ne!(run.verdict("bucket-refill"), Verdict::Refuted, "{}", run.said());
    }
}

/// The name of a bucket may be that of the customer; then it is no value for a spec.
#[test]
fn a_bucket_that_is_named_after_the_customer_has_no_value() {
    let api = Api::BuiltIn;
    let server = api.simulator().assume("bucket-of-one-customer", format!("reporting-{}", api.customers()[0])).start();
    let server = server.expect("a server");
    let run = Run::settle(api, &server, &["--only", "bucket-of-one-customer"]);
    assert_eq!(refuted(run.evidence()), [("bucket-of-one-customer".to_owned(), None)], "{}", run.said());
    assert!(run.text.contains("reporting-1\"") && !run.text.contains("1000941"), "{}", run.text);
}

#[test]
fn customers_may_be_all_one_or_a_slug() {
    let api = Api::BuiltIn;
    let slug = "a-mall";
    let server = api.simulator().slug(slug, api.customers()[0]).strict_keys(true).assume("several-ids-prefixed", false).start();
    let server = server.expect("a server");
    let only = ["--only", "several-ids-prefixed", "bucket-of-one-customer", "bucket-of-several-customers", "page-size-key"];
    let settle = |customers: &str| Run::settle(api, &server, &[&only[..], &["--customers", customers]].concat());
    let all = settle("all");
    // The ids of two customers are read from the rows.
    assert_eq!(refuted(all.evidence()), [("several-ids-prefixed".to_owned(), Some(json!(false)))], "{}", all.said());
    assert_eq!(all.verdict("bucket-of-several-customers"), Verdict::Holds, "{}", all.said());
    for one in [api.customers()[0].to_string(), format!("slug:{slug}")] {
        let run = settle(&one);
        assert_eq!(refuted(run.evidence()), [], "{}", run.said());
        assert_eq!(run.verdict("page-size-key"), Verdict::Holds, "{}", run.said());
        let reason = run.evidence().unprobed.iter().find(|one| one.assumption == "several-ids-prefixed").expect("a reason");
        assert!(reason.reason.contains("--customers 1,2"), "{}", run.said());
        assert!(!run.text.contains(slug), "{}", run.text);
    }
}
