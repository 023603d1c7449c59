//! Errors name the assumptions that may be wrong; responses that only contradict one carry a warning. Rows before an error are kept.

mod stub;

use harbour_api::{Berths, Client, ClientBuilder, Error, Filter, JsonRow, Quays, berths::*, find_report};
use serde_json::{Value, json};
use stub::{Stub, TOKEN, ids, page, reply, rows};

fn builder(stub: &Stub) -> ClientBuilder<Client> {
    stub::builder(&stub.url)
}

#[tokio::test]
async fn a_repeated_cursor_names_the_cursor_key() {
    let stub = Stub::start(vec![page(&[1], Some("a")), page(&[1], Some("a"))]);
    let client = builder(&stub).assume("cursor-key", "next").build().unwrap();
    let partial = client.collect_all(Berths::by_kind()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (2, vec!["cursor-key"]));
    let text = partial.error.to_string();
    assert!(
        text.ends_with("; this depends on the assumption `cursor-key` (\"next\"): override it with `.assume(\"cursor-key\", …)` when building the client"),
        "{text}"
    );
}

#[tokio::test]
async fn a_null_cursor_that_does_not_end_names_the_override() {
    let stub = Stub::start(vec![page(&[1], None)]);
    let client = builder(&stub).assume("null-cursor-ends", false).build().unwrap();
    let partial = client.collect_all(Berths::by_kind()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (1, vec!["null-cursor-ends"]));
    assert!(partial.error.to_string().contains("`null-cursor-ends` (false)"), "{}", partial.error);
}

#[tokio::test]
async fn an_end_without_null_is_a_warning() {
    let end = reply(200, &[], r#"{"lines": [], "more": {}, "kind": "lines"}"#);
    let stub = Stub::start(vec![page(&[1], Some("a")), end.clone(), end, page(&[1], None)]);
    let client = builder(&stub).build().unwrap();
    let mut rows = client.stream(Berths::by_kind());
    while rows.try_next().await.unwrap().is_some() {}
    assert_eq!(rows.warnings()[0].assumption.unwrap().id, "null-cursor-ends");
    assert!(rows.warnings()[0].evidence.contains("`more.at`"), "{:?}", rows.warnings());
    let overridden = builder(&stub).assume("null-cursor-ends", false).build().unwrap();
    assert!(overridden.fetch(Berths::by_kind()).await.unwrap().warnings().is_empty());
    assert!(client.fetch(Berths::by_kind()).await.unwrap().warnings().is_empty());
}

#[tokio::test]
async fn too_many_rows_name_the_page_size_key() {
    let stub = Stub::start(vec![page(&[1, 2, 3], Some("a")), page(&[1, 2, 3], Some("a")), page(&[1], None)]);
    let client = builder(&stub).build().unwrap();
    let query = Berths::by_kind().page_size(2);
    // The rows of the page are kept.
    let partial = client.collect_all(query.clone()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (3, vec!["page-size-key"]));
    let Error::Assumption(error) = client.fetch(query.clone()).await.unwrap_err() else { panic!() };
    assert_eq!((error.report, error.assumption.id), ("berths", "page-size-key"));
    assert_eq!(error.evidence, "the server sent a page of 3 rows; the query requested 2");
    // Fewer rows contradict nothing.
    assert_eq!(client.fetch(query).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn rejected_parameters_name_the_assumptions_behind_their_keys() {
    let refuse = |body: &str| reply(422, &[], body);
    let stub = Stub::start(vec![
        refuse(r#"{"message": "x", "problems": {"rows": [{"code": "unknown"}]}}"#),
        refuse(r#"{"message": "x", "problems": {"where": {"of": {"0": [{"code": "blank"}]}}}}"#),
        refuse(r#"{"message": "x"}"#),
        refuse(r#"{"message": "x", "problems": {"page": [{"code": "blank"}]}}"#),
        refuse(r#"{"message": "x", "problems": "odd"}"#),
        reply(404, &[], ""),
    ]);
    let client = builder(&stub).build().unwrap();
    let query = || Berths::by_kind().filter(ID.eq(1)).page_size(2).resume_from("c");
    let all = vec!["aggregation-key", "page-size-key", "cursor-key"];
    for expected in [vec!["page-size-key"], vec![], all.clone(), all.clone(), all, vec![]] {
        let error = client.fetch(query()).await.unwrap_err();
        assert_eq!(ids(&error), expected, "{error}");
        assert_eq!(error.to_string().contains("this depends on"), !expected.is_empty());
    }
}

#[tokio::test]
async fn rows_of_another_shape_name_the_aggregation_key() {
    let sent = json!([{"berths": 1}, {"id": 452, "harbour": 1}]);
    let stub = Stub::start(vec![rows(&sent), rows(&sent)]);
    let client = builder(&stub).build().unwrap();
    let partial = client.collect_all(Berths::by_kind()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (1, vec!["aggregation-key"]));
    assert!(partial.error.to_string().contains("at row 1, `berths`: expected a value, found nothing"), "{}", partial.error);
    // The report's own rows do not depend on it.
    let partial = client.collect_all(Quays::records()).await.unwrap_err();
    assert!(partial.rows.is_empty() && ids(&partial.error).is_empty(), "{partial:?}");
}

#[tokio::test]
async fn an_unexpected_null_names_the_assumption_about_types() {
    let sent = json!([{"id": 1}, {"id": 2}, {"id": null}, {"id": 4}]);
    let stub = Stub::start(vec![rows(&sent), rows(&sent)]);
    let client = builder(&stub).build().unwrap();
    let partial = client.collect_all(Quays::records()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (2, vec!["never-null"]));
    let text = partial.error.to_string();
    assert!(text.contains("report quays") && text.contains("row 2, `id`: expected an integer, found null"), "{text}");
    assert!(text.contains("rows_as::<JsonRow>()") && !text.contains(".assume"), "{text}");
    // The advice works.
    assert_eq!(client.collect_all(Quays::records().rows_as::<JsonRow>()).await.unwrap().len(), 4);
}

#[tokio::test]
async fn bad_values_name_their_place_and_keep_the_rows_before() {
    let good = json!({"id": 1, "harbour": 1, "weather": "fog", "tags": [], "built_at": "2024-01-01T00:00:00"});
    let with = |key: &str, value: Value| {
        let mut row = good.clone();
        row[key] = value;
        row
    };
    let mut missing = good.clone();
    missing.as_object_mut().unwrap().remove("built_at");
    let cases = [
        (missing, "built_at", "found nothing"),
        (with("tags", Value::Null), "tags", "found null"),
        (with("id", json!("452")), "id", "expected an integer, found \"452\""),
        (with("id", json!(12.5)), "id", "found 12.5"),
        (with("built_at", json!("01/02/2024 10:00")), "built_at", "expected an ISO 8601 timestamp, found \"01/02/2024 10:00\""),
        (with("kind", json!(TOKEN.len())), "kind", "found 12"),
        (with("built_at", json!(TOKEN)), "built_at", "(hidden)"),
    ];
    for (bad, field, problem) in cases {
        let stub = Stub::start(vec![rows(&json!([good, good, bad, good]))]);
        let partial = builder(&stub).build().unwrap().collect_all(Berths::records()).await.unwrap_err();
        assert_eq!(partial.rows.len(), 2);
        let Error::Decode(error) = &partial.error else { panic!("{partial:?}") };
        assert_eq!((error.report, error.row, error.field.as_deref()), ("berths", Some(2), Some(field)));
        assert!(error.problem.contains(problem) && error.snippet.starts_with('{'), "{error}");
        assert!(!format!("{} {:?}", partial.error, partial.error).contains(TOKEN));
    }
    // 12.0 is read as 12, and an unlisted value is kept.
    let stub = Stub::start(vec![rows(&json!([with("id", json!(12.0)), with("kind", json!("raft"))]))]);
    let read = builder(&stub).build().unwrap().collect_all(Berths::records()).await.unwrap();
    assert_eq!((read[0].id, read[1].kind.clone()), (12, Some(Kind::from("raft"))));
}

#[tokio::test]
async fn pages_before_an_undecodable_page_are_kept() {
    for broken in ["<html>down</html>", "{\"records\": [", "", "7"] {
        let stub = Stub::start(vec![page(&[1, 2], Some("a")), reply(200, &[], broken)]);
        let partial = builder(&stub).build().unwrap().collect_all(Berths::by_kind()).await.unwrap_err();
        assert!(partial.rows.len() == 2 && partial.error.is_decode(), "{partial:?}");
    }
}

#[tokio::test]
async fn a_cost_that_differs_is_a_warning() {
    let page = r#"{"lines": [], "more": {"at": null}, "kind": "lines"}"#;
    let costs = |cost: &str| reply(200, &[&format!("x-cost: {cost}")], page);
    let stub = Stub::start(vec![costs("9"), costs("10"), costs("9"), costs("8"), costs("9"), costs("9")]);
    let client = builder(&stub).build().unwrap();
    let query = || Berths::records().filter(ID.eq(1) | ID.eq(2));
    let found = client.fetch(query()).await.unwrap();
    assert_eq!(found.warnings()[0].assumption.unwrap().id, "any-cost");
    assert_eq!(found.warnings()[0].evidence, "the server charged 9 tokens; expected 10 with the value 5");
    assert!(client.fetch(query()).await.unwrap().warnings().is_empty());
    // Without an alternative the cost depends on no assumption.
    assert!(client.fetch(Berths::records()).await.unwrap().warnings().is_empty());
    // The cost of a filter given as JSON is known too.
    let raw = find_report("berths").unwrap().records().unwrap().filter(Filter::raw(json!({"op": "any", "of": [{"op": "is"}]})));
    assert_eq!(client.fetch(raw).await.unwrap().warnings().len(), 1);
    // Rows collect the warnings.
    let mut rows = client.stream(query());
    assert!(rows.warnings().is_empty() && rows.try_next().await.unwrap().is_none());
    assert_eq!(rows.warnings().len(), 1);
    // With the override the cost is as expected.
    let overridden = builder(&stub).assume("any-cost", 4).build().unwrap();
    assert!(overridden.fetch(query()).await.unwrap().warnings().is_empty());
}

#[tokio::test]
async fn rows_that_may_not_be_aggregated_are_a_warning() {
    let sent = json!([{"berths": 1, "harbour": 3}]);
    let stub = Stub::start(vec![rows(&sent), rows(&sent), rows(&json!([{"berths": 1, "new": 3}]))]);
    let client = builder(&stub).build().unwrap();
    let found = client.fetch(Berths::by_kind()).await.unwrap();
    assert_eq!(found.warnings()[0].assumption.unwrap().id, "aggregation-key");
    assert!(found.warnings()[0].evidence.contains("`harbour`"), "{:?}", found.warnings());
    // The caller's own row type may leave keys out, and an unknown key alone contradicts nothing.
    assert!(client.fetch(Berths::by_kind().rows_as::<ByKind>()).await.unwrap().warnings().is_empty());
    assert!(client.fetch(Berths::by_kind()).await.unwrap().warnings().is_empty());
}
