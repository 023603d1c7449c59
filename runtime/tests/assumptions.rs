//! Errors name the assumptions that may be to blame, and how to turn them; what does no harm is a doubt. And the rows before a fault stay
//! with the caller.

mod fixture;
mod stub;

use fixture as api;
use fixture::{Client, members::Members, sendings::*};
use placewise_runtime::{ClientBuilder, Error, JsonRecords, JsonRow, Report};
use serde_json::{Value, json};
use stub::{Stub, page, reply};

const TOKEN: &str = "s3cr3t-token";

fn builder(stub: &Stub) -> ClientBuilder<Client> {
    Client::builder().base_url(&stub.url).token(TOKEN)
}

fn ids(error: &Error) -> Vec<&'static str> {
    error.assumptions().iter().map(|assumption| assumption.id).collect()
}

fn rows(rows: &Value) -> String {
    reply(200, &[], &json!({"records": rows, "pagination": {"next_page_info": null}, "result_type": "records"}).to_string())
}

#[tokio::test]
async fn a_repeated_cursor_blames_its_key() {
    let stub = Stub::start(vec![page(&[1], Some("a")), page(&[1], Some("a"))]);
    let client = builder(&stub).assume("cursor-key", "after").build().unwrap();
    let partial = client.collect_all(Sendings::by_reporting_id()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (2, vec!["cursor-key"]));
    let text = partial.error.to_string();
    assert!(
        text.ends_with("; this depends on the assumption `cursor-key` (\"after\"): override it with `.assume(\"cursor-key\", …)` when building the client"),
        "{text}"
    );
}

#[tokio::test]
async fn a_null_cursor_that_does_not_end_blames_its_meaning() {
    let stub = Stub::start(vec![page(&[1], None)]);
    let client = builder(&stub).assume("null-cursor-ends", false).build().unwrap();
    let partial = client.collect_all(Sendings::by_reporting_id()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (1, vec!["null-cursor-ends"]));
    assert!(partial.error.to_string().contains("`null-cursor-ends` (false)"), "{}", partial.error);
}

#[tokio::test]
async fn an_end_without_null_is_a_warning() {
    let end = reply(200, &[], r#"{"records": [], "pagination": {}, "result_type": "records"}"#);
    let stub = Stub::start(vec![page(&[1], Some("a")), end.clone(), end, page(&[1], None)]);
    let client = builder(&stub).build().unwrap();
    let mut rows = client.stream(Sendings::by_reporting_id());
    while rows.try_next().await.unwrap().is_some() {}
    assert_eq!(rows.warnings()[0].assumption.id, "null-cursor-ends");
    assert!(rows.warnings()[0].evidence.contains("`pagination.next_page_info`"), "{:?}", rows.warnings());
    let told = builder(&stub).assume("null-cursor-ends", false).build().unwrap();
    assert!(told.fetch(Sendings::by_reporting_id()).await.unwrap().warnings().is_empty());
    assert!(client.fetch(Sendings::by_reporting_id()).await.unwrap().warnings().is_empty());
}

#[tokio::test]
async fn too_many_rows_blame_the_page_size() {
    let stub = Stub::start(vec![page(&[1, 2, 3], Some("a")), page(&[1, 2, 3], Some("a")), page(&[1], None)]);
    let client = builder(&stub).build().unwrap();
    let query = Sendings::by_reporting_id().page_size(2);
    // The page's rows come first.
    let partial = client.collect_all(query.clone()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (3, vec!["page-size-key"]));
    let Error::Assumption(error) = client.fetch(query.clone()).await.unwrap_err() else { panic!() };
    assert_eq!((error.report, error.assumption.id), ("sendings", "page-size-key"));
    assert_eq!(error.evidence, "the server sent a page of 3 rows; the query requested 2");
    // Fewer are no contradiction.
    assert_eq!(client.fetch(query).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn rejected_parameters_blame_what_they_name() {
    let refuse = |body: &str| reply(422, &[], body);
    let stub = Stub::start(vec![
        refuse(r#"{"error": "x", "details": {"limit": [{"error": "unknown"}]}}"#),
        refuse(r#"{"error": "x", "details": {"filter": {"operations": {"0": [{"error": "blank"}]}}}}"#),
        refuse(r#"{"error": "x"}"#),
        refuse(r#"{"error": "x", "details": {"page": [{"error": "blank"}]}}"#),
        refuse(r#"{"error": "x", "details": "odd"}"#),
        reply(404, &[], ""),
    ]);
    let client = builder(&stub).build().unwrap();
    let query = || Sendings::by_reporting_id().filter(ID.eq(1)).page_size(2).resume_from("c");
    let all = vec!["aggregation-key", "page-size-key", "cursor-key"];
    for expected in [vec!["page-size-key"], vec![], all.clone(), all.clone(), all, vec![]] {
        let error = client.fetch(query()).await.unwrap_err();
        assert_eq!(ids(&error), expected, "{error}");
        assert_eq!(error.to_string().contains("this depends on"), !expected.is_empty());
    }
}

#[tokio::test]
async fn rows_of_another_form_blame_the_aggregation() {
    let sent = json!([{"reporting_id": 1, "ids": []}, {"id": 452, "channel": "sms"}]);
    let stub = Stub::start(vec![rows(&sent), rows(&sent)]);
    let client = builder(&stub).build().unwrap();
    let partial = client.collect_all(Sendings::by_reporting_id()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (1, vec!["aggregation-key"]));
    assert!(partial.error.to_string().contains("at row 1, `ids`: expected a value, found nothing"), "{}", partial.error);
    // The report's own rows do not rest on it.
    let partial = client.collect_all(Members::records()).await.unwrap_err();
    assert!(partial.rows.is_empty() && ids(&partial.error).is_empty(), "{partial:?}");
}

#[tokio::test]
async fn null_where_it_is_never_null_blames_the_types() {
    let sent = json!([{"id": 1}, {"id": 2}, {"id": null}, {"id": 4}]);
    let stub = Stub::start(vec![rows(&sent), rows(&sent)]);
    let client = builder(&stub).build().unwrap();
    let partial = client.collect_all(Members::records()).await.unwrap_err();
    assert_eq!((partial.rows.len(), ids(&partial.error)), (2, vec!["never-null"]));
    let text = partial.error.to_string();
    assert!(text.contains("report members") && text.contains("row 2, `id`: expected an integer, found null"), "{text}");
    assert!(text.contains("rows_as::<JsonRow>()") && !text.contains(".assume"), "{text}");
    // Which is what helps.
    assert_eq!(client.collect_all(Members::records().rows_as::<JsonRow>()).await.unwrap().len(), 4);
}

#[tokio::test]
async fn bad_values_name_their_place_and_leave_the_rows_before() {
    let good = json!({"id": 1, "channel": "sms", "created_at": "2024-01-01T00:00:00", "ids": []});
    let with = |key: &str, value: Value| {
        let mut row = good.clone();
        row[key] = value;
        row
    };
    let mut missing = good.clone();
    missing.as_object_mut().unwrap().remove("created_at");
    let cases = [
        (missing, "created_at", "found nothing"),
        (with("ids", Value::Null), "ids", "found null"),
        (with("id", json!("452")), "id", "expected an integer, found \"452\""),
        (with("id", json!(12.5)), "id", "found 12.5"),
        (
            with("created_at", json!("01/02/2024 10:00")),
            "created_at",
            "expected an ISO 8601 timestamp, found \"01/02/2024 10:00\"",
        ),
        (with("channel", json!(TOKEN.len())), "channel", "found 12"),
        (with("created_at", json!(TOKEN)), "created_at", "(hidden)"),
    ];
    for (bad, field, problem) in cases {
        let stub = Stub::start(vec![rows(&json!([good, good, bad, good]))]);
        let partial = builder(&stub).build().unwrap().collect_all(Sendings::records()).await.unwrap_err();
        assert_eq!(partial.rows.len(), 2);
        let Error::Decode(error) = &partial.error else { panic!("{partial:?}") };
        assert_eq!((error.report, error.row, error.field.as_deref()), ("sendings", Some(2), Some(field)));
        assert!(error.problem.contains(problem) && error.snippet.starts_with('{'), "{error}");
        assert!(!format!("{} {:?}", partial.error, partial.error).contains(TOKEN));
    }
    // What loses nothing is read: 12.0 is 12, and a value that nobody listed is kept.
    let stub = Stub::start(vec![rows(&json!([with("id", json!(12.0)), with("channel", json!("fax"))]))]);
    let read = builder(&stub).build().unwrap().collect_all(Sendings::records()).await.unwrap();
    assert_eq!((read[0].id, read[1].channel.clone()), (12, Channel::Unlisted("fax".into())));
}

#[tokio::test]
async fn pages_before_an_undecodable_page_are_kept() {
    for broken in ["<html>down</html>", "{\"records\": [", "", "7"] {
        let stub = Stub::start(vec![page(&[1, 2], Some("a")), reply(200, &[], broken)]);
        let partial = builder(&stub).build().unwrap().collect_all(Sendings::by_reporting_id()).await.unwrap_err();
        assert!(partial.rows.len() == 2 && partial.error.is_decode(), "{partial:?}");
    }
}

#[tokio::test]
async fn a_cost_that_differs_is_a_warning() {
    let page = r#"{"records": [], "pagination": {"next_page_info": null}, "result_type": "records"}"#;
    let costs = |cost: &str| reply(200, &[&format!("ratelimit-cost: {cost}")], page);
    let stub = Stub::start(vec![costs("5"), costs("3"), costs("9"), costs("9"), costs("6"), costs("5")]);
    let client = builder(&stub).build().unwrap();
    let query = || Sendings::records().filter(ID.eq(1) & ID.eq(2));
    let found = client.fetch(query()).await.unwrap();
    assert_eq!(found.warnings()[0].assumption.id, "comparison-cost");
    assert_eq!(found.warnings()[0].evidence, "the server charged 5 tokens; expected 3 with the value 0");
    assert!(client.fetch(query()).await.unwrap().warnings().is_empty());
    // Without a comparison there is nothing that was assumed.
    assert!(client.fetch(Sendings::records()).await.unwrap().warnings().is_empty());
    // A filter handed in as JSON is reckoned as well.
    let raw = JsonRecords::new(Sendings::INFO).filter(json!({"type": "and", "operations": [{"type": "equal"}]}));
    assert_eq!(client.fetch(raw).await.unwrap().warnings().len(), 1);
    // Rows gather them.
    let mut rows = client.stream(query());
    assert!(rows.warnings().is_empty() && rows.try_next().await.unwrap().is_none());
    assert_eq!(rows.warnings().len(), 1);
    // Turned to what the server does, it agrees.
    let turned = builder(&stub).assume("comparison-cost", 1).build().unwrap();
    assert!(turned.fetch(query()).await.unwrap().warnings().is_empty());
}

#[tokio::test]
async fn rows_that_may_not_be_aggregated_are_a_warning() {
    let sent = json!([{"reporting_id": 1, "ids": [], "loyalty_club_id": 3}]);
    let stub = Stub::start(vec![rows(&sent), rows(&sent), rows(&json!([{"reporting_id": 1, "ids": [], "new": 3}]))]);
    let client = builder(&stub).build().unwrap();
    let found = client.fetch(Sendings::by_reporting_id()).await.unwrap();
    assert_eq!(found.warnings()[0].assumption.id, "aggregation-key");
    assert!(found.warnings()[0].evidence.contains("`loyalty_club_id`"), "{:?}", found.warnings());
    // Whoever reads only a part of a row knows that there is more; and a new key alone says nothing.
    assert!(client.fetch(Sendings::by_reporting_id().rows_as::<ByReportingId>()).await.unwrap().warnings().is_empty());
    assert!(client.fetch(Sendings::by_reporting_id()).await.unwrap().warnings().is_empty());
}
