//! The client against a stub server: paging, limits, refusals, and what may never be told.

mod fixture;
mod stub;

use fixture as api;
use std::time::Duration;

use fixture::{Client, offers::Offers, sendings::*};
use futures_util::StreamExt as _;
use placewise_runtime::{ClientBuilder, Customers, Error, Invalid, JsonRecords, Report, Rows};
use serde_json::json;
use stub::{Stub, page, reply};

const TOKEN: &str = "s3cr3t-token";

fn builder(stub: &Stub) -> ClientBuilder<Client> {
    Client::builder().base_url(&stub.url).token(TOKEN).customers(Customers::id(1000941)).product_name("dashboards")
}

async fn refused(reply: String) -> Error {
    let stub = Stub::start(vec![reply]);
    let error = builder(&stub).build().unwrap().fetch(Sendings::by_reporting_id()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error:?}");
    error
}

#[tokio::test]
async fn sends_headers_and_reads_a_page() {
    let stub = Stub::start(vec![page(&[1, 2], Some("c"))]);
    let client = builder(&stub).user_agent("my-app/1.0").locale("nb-NO").build().unwrap();
    let page = client.fetch(Sendings::by_reporting_id().page_size(2)).await.unwrap();
    assert_eq!(page.rows.iter().map(|row| row.reporting_id.unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(page.next.cursor(), Some("c"));
    let rate = page.rate.unwrap();
    assert_eq!((rate.bucket.as_deref(), rate.remaining, rate.cost), (Some("b"), Some(-3), Some(2)));
    let seen = &stub.seen()[0];
    assert!(seen.head.starts_with("POST /v1/reporting/query HTTP/1.1"));
    for header in [
        "x-client-authorization: s3cr3t-token",
        "x-customer: id=1000941",
        "x-product-name: dashboards",
        "x-user-agent: my-app/1.0",
        "x-locale: nb-NO",
        "content-type: application/json",
    ] {
        assert!(seen.head.contains(header), "{header} not in {}", seen.head);
    }
    assert_eq!(seen.body, json!({"report": "sendings", "aggregate_by": "reporting_id", "limit": 2}));
}

#[tokio::test]
async fn only_a_null_cursor_ends() {
    let stub = Stub::start(vec![page(&[1], Some("a")), page(&[], Some("b")), page(&[2, 3], None)]);
    let client = builder(&stub).assume("cursor-key", "after").build().unwrap();
    let rows = client.collect_all(Sendings::by_reporting_id()).await.unwrap();
    assert_eq!(rows.len(), 3);
    let cursors: Vec<_> = stub.seen().into_iter().map(|seen| seen.body["after"].clone()).collect();
    assert_eq!(cursors, [json!(null), json!("a"), json!("b")]);
}

#[tokio::test]
async fn a_repeated_cursor_is_reported_after_the_rows() {
    let stub = Stub::start(vec![page(&[1], Some("a")), page(&[2], Some("b")), page(&[3], Some("a"))]);
    let client = builder(&stub).build().unwrap();
    let partial = client.collect_all(Sendings::by_reporting_id()).await.unwrap_err();
    assert_eq!(partial.rows.len(), 3);
    assert!(matches!(&partial.error, Error::RepeatedCursor { cursor, .. } if &**cursor == "a"), "{partial:?}");
    // The cursor a run starts at counts as seen.
    let stub = Stub::start(vec![page(&[1], Some("a"))]);
    let mut rows = builder(&stub).build().unwrap().stream(Sendings::by_reporting_id().resume_from("a"));
    assert!(rows.next().await.unwrap().is_ok());
    assert!(rows.next().await.unwrap().is_err());
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn an_override_ignores_null_cursors() {
    let stub = Stub::start(vec![page(&[1], None)]);
    let client = builder(&stub).assume("null-cursor-ends", false).build().unwrap();
    let partial = client.collect_all(Sendings::by_reporting_id()).await.unwrap_err();
    assert_eq!(partial.rows.len(), 1);
    assert!(partial.error.is_decode());
}

/// Takes rows until the server has seen so many requests; says how many were taken.
async fn take_until_seen(stub: &Stub, rows: &mut Rows<ByReportingId>, count: usize) -> usize {
    let mut taken = 0;
    while stub.seen().len() < count {
        rows.try_next().await.unwrap().expect("the request should have come before the rows ended");
        taken += 1;
        // Lets the connection work, as a reader does who waits for something else between two rows.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    taken
}

#[tokio::test]
async fn fetches_one_page_ahead_and_no_more() {
    const ROWS: usize = 20_000;
    let many: Vec<i64> = (0..ROWS as i64).collect();
    let replies = || vec![page(&many, Some("a")), page(&many, Some("b")), page(&[1], None)];
    let stub = Stub::start(replies());
    let mut rows = builder(&stub).build().unwrap().stream(Sendings::by_reporting_id());
    assert_eq!(stub.seen().len(), 0);
    let taken = take_until_seen(&stub, &mut rows, 2).await;
    assert!(taken < ROWS);
    for _ in taken..ROWS {
        rows.try_next().await.unwrap();
        tokio::task::yield_now().await;
    }
    // The second page is here or on its way; the third is asked for only when the second is begun.
    assert_eq!(stub.seen().len(), 2);
    assert!(take_until_seen(&stub, &mut rows, 3).await < ROWS);

    let stub = Stub::start(replies());
    let mut rows = builder(&stub).build().unwrap().stream(Sendings::by_reporting_id()).prefetch(false);
    for _ in 0..ROWS {
        rows.try_next().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Stub::start(vec![page(&[1], None)]);
    let location = format!("Location: {}/elsewhere", other.url.replace("127.0.0.1", "localhost"));
    let error = refused(reply(307, &[&location], "")).await;
    assert!(matches!(&error, Error::Redirect { status: 307, target: Some(target), .. } if &**target == "localhost"), "{error:?}");
    assert!(error.to_string().contains("does not follow"));
    assert!(other.seen().is_empty());
    assert_eq!(refused(reply(302, &[], "")).await.status(), Some(302));
}

#[tokio::test]
async fn each_status_has_its_variant() {
    type Is = fn(&Error) -> bool;
    let expected: [(u16, Is); 14] = [
        (400, |error| matches!(error, Error::BadRequest(_))),
        (401, |error| matches!(error, Error::Unauthorized(_))),
        (402, |error| matches!(error, Error::FeatureNotEnabled(_))),
        (403, |error| matches!(error, Error::Forbidden(_))),
        (404, |error| matches!(error, Error::NotFound(_))),
        (405, |error| matches!(error, Error::NotPossible(_))),
        (422, |error| matches!(error, Error::InvalidParameters { .. })),
        (429, |error| matches!(error, Error::TooManyRequests { retry_after: None, .. })),
        (444, |error| matches!(error, Error::Firewall(_))),
        (460, |error| matches!(error, Error::OauthToken(_))),
        (470, |error| matches!(error, Error::HeaderMissing(_))),
        (471, |error| matches!(error, Error::HeaderIncorrect(_))),
        (503, |error| matches!(error, Error::Maintenance(_))),
        (418, |error| matches!(error, Error::Status(_))),
    ];
    for (status, is) in expected {
        let error = refused(reply(status, &["X-Request-Id: r-1"], &format!(r#"{{"error": "no: {TOKEN}"}}"#))).await;
        assert!(is(&error), "{error:?}");
        let found = error.reply().unwrap();
        assert_eq!((found.status, found.request_id.as_deref()), (status, Some("r-1")));
        assert_eq!(found.message.as_deref(), Some("no: (hidden)"));
        assert_eq!(error.to_string().contains("Do something"), status != 418);
        assert_eq!(error.is_retryable(), matches!(status, 429 | 503), "{status}");
    }
    assert!(refused(reply(500, &[], "<html>")).await.is_retryable());
}

#[tokio::test]
async fn invalid_parameters_are_a_tree() {
    let body =
        json!({"error": "Invalid parameters", "details": {"filter": {"operations": {"0": {"value": [{"error": "blank"}]}}}}});
    let error = refused(reply(422, &[], &body.to_string())).await;
    let found: Vec<_> = error.invalid().unwrap().iter().map(|(path, error)| (path, error.error.clone())).collect();
    assert_eq!(found, [("filter.operations.0.value".to_owned(), "blank".to_owned())]);
    assert!(error.to_string().contains("filter.operations.0.value: blank"), "{error}");
    let bare = refused(reply(422, &[], r#"{"error": "Invalid"}"#)).await;
    assert!(matches!(bare.invalid(), Some(Invalid::Fields(fields)) if fields.is_empty()));
}

#[tokio::test]
async fn waits_for_the_rate_limit_within_bounds() {
    let limited = |wait: &str| reply(429, &[&format!("Retry-After: {wait}"), "ratelimit-remaining: -1"], "");
    let stub = Stub::start(vec![limited("0"), limited("0"), page(&[1], None)]);
    assert_eq!(builder(&stub).build().unwrap().fetch(Sendings::by_reporting_id()).await.unwrap().rows.len(), 1);
    assert_eq!(stub.seen().len(), 3);

    // Longer than allowed: told at once, with the time.
    let error = refused(limited("3600")).await;
    assert!(error.is_rate_limited());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(error.reply().unwrap().rate.as_ref().unwrap().remaining, Some(-1));

    let stub = Stub::start(vec![limited("0")]);
    let client = builder(&stub).max_rate_limit_wait(Duration::ZERO).build().unwrap();
    assert!(client.fetch(Sendings::by_reporting_id()).await.unwrap_err().is_rate_limited());

    // A server that always says zero is not asked forever.
    let stub = Stub::start((0..50).map(|_| limited("0")).collect());
    assert!(builder(&stub).build().unwrap().fetch(Sendings::by_reporting_id()).await.unwrap_err().is_rate_limited());
    assert_eq!(stub.seen().len(), 10);
}

#[tokio::test]
async fn responses_that_cannot_be_decoded() {
    let told = async |body: &str| {
        let error = refused(reply(200, &[], body)).await;
        let Error::Decode(decode) = error else { panic!("{error:?}") };
        assert_eq!(decode.report, "sendings");
        *decode
    };
    let html = told(&format!("<!DOCTYPE html><p>{TOKEN}</p>")).await;
    assert!(html.problem.contains("HTML") && html.snippet.contains("DOCTYPE"), "{html}");
    assert!(told("").await.problem.contains("empty"));
    assert!(told("[]").await.problem.contains("object"));
    assert!(told("{\"records\": [").await.problem.contains("EOF"));
    assert!(told("{}").await.problem.contains("`records`"));
    assert_eq!(told(r#"{"records": {}}"#).await.field.as_deref(), Some("records"));
    assert!(told(r#"{"records": [], "records": []}"#).await.problem.contains("each key once"));
    assert_eq!(
        told(r#"{"records": [], "pagination": {"next_page_info": 5}}"#).await.field.as_deref(),
        Some("pagination.next_page_info")
    );

    let wrong =
        told(r#"{"records": [{"reporting_id": 1, "ids": []}, {"reporting_id": 2, "ids": [1, "x"]}], "result_type": "records"}"#)
            .await;
    assert_eq!((wrong.row, wrong.field.as_deref()), (Some(1), Some("ids.1")));
    assert_eq!(wrong.problem, "expected an integer, found \"x\"");
    assert!(wrong.snippet.starts_with("{\"reporting_id\": 2"));

    // The wrong format is told even where rows could not be read either.
    let format = told(r#"{"records": [5], "result_type": "timeseries"}"#).await;
    assert_eq!(format.field.as_deref(), Some("result_type"));
}

#[tokio::test]
async fn unknown_keys_are_counted() {
    let row = json!({
        "id": 1, "channel": "sms", "created_at": "2024-01-01T00:00:00", "ids": [], "new": 1,
        "timeseries_time_ranges": {"1h": {"from": "2024-01-01T00:00:00Z", "odd": 1}, "1d": {"from": "2024-01-01T00:00:00Z", "odd": 1}}
    });
    let body = json!({"records": [row, row], "result_type": "records"}).to_string();
    let stub = Stub::start(vec![reply(200, &[], &body), reply(200, &[], &body)]);
    let client = builder(&stub).build().unwrap();
    let page = client.fetch(Sendings::records()).await.unwrap();
    let counted: Vec<_> = page.unknown_keys().iter().map(|(key, count)| (key.as_str(), *count)).collect();
    assert_eq!(counted, [("new", 2), ("timeseries_time_ranges.odd", 4)]);
    let mut rows = client.stream(Sendings::records());
    while rows.try_next().await.unwrap().is_some() {}
    assert_eq!(rows.unknown_keys()["new"], 2);
}

#[tokio::test]
async fn json_rows() {
    let body = json!({"records": [{"b": 1, "a": null}], "result_type": "records"}).to_string();
    let stub = Stub::start(vec![reply(200, &[], &body), reply(200, &[], &body)]);
    let client = builder(&stub).build().unwrap();
    let page = client.fetch(Offers::records()).await.unwrap();
    assert_eq!(page.rows[0]["b"], 1);
    assert!(page.unknown_keys().is_empty());
    let query = JsonRecords::new(Sendings::INFO).aggregated("x").filter(json!({"type": "equal"}));
    assert_eq!(client.fetch(query).await.unwrap().rows.len(), 1);
    assert_eq!(stub.seen()[1].body, json!({"report": "sendings", "aggregate_by": "x", "filter": {"type": "equal"}}));
}

#[tokio::test]
async fn bodies_have_a_maximum_size() {
    let stub = Stub::start(vec![page(&[1, 2, 3], None), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"records\": []}".into()]);
    let client = builder(&stub).max_body_bytes(10).build().unwrap();
    for _ in 0..2 {
        let error = client.fetch(Sendings::by_reporting_id()).await.unwrap_err();
        assert!(matches!(error, Error::BodyTooLarge { limit: 10, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn nothing_wrong_is_sent() {
    let stub = Stub::start(vec![]);
    let client = builder(&stub).build().unwrap();
    let error = client.fetch(Sendings::records().filter(RATE.lt(f64::NAN))).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("`rate`"), "{error}");
    assert!(client.fetch(Sendings::records().page_size(0)).await.unwrap_err().is_configuration());
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn no_connection_is_reported_without_the_token() {
    let client = Client::builder().base_url("http://127.0.0.1:9").token(TOKEN).build().unwrap();
    let error = client.fetch(Sendings::records()).await.unwrap_err();
    assert!(error.is_retryable() && !format!("{error:?}").contains(TOKEN), "{error:?}");
    assert_eq!(error.status(), None);
}
