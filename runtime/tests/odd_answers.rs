//! Answers that JSON allows and no API should send: keys twice, keys that are no text, numbers too long, bodies too large. Nothing of them is
//! lost in silence.

mod fixture;
mod stub;

use fixture as api;
use fixture::{Client, charts::*, members::Members, offers::Offers, sendings::*};
use placewise_runtime::{DecodeError, Error, Page, TimeRange, blocking};
use serde_json::json;
use stub::{Stub, page, reply};

async fn client(replies: Vec<String>) -> Client {
    let stub = Stub::start(replies);
    Client::builder().base_url(&stub.url).token("s3cr3t-token").clock(|| "2024-06-15T12:00:00Z".parse().unwrap()).build().unwrap()
}

async fn read(body: &str) -> Result<Page<ByReportingId>, Error> {
    client(vec![reply(200, &[], body)]).await.fetch(Sendings::by_reporting_id()).await
}

fn decode<T>(answer: Result<T, Error>) -> DecodeError {
    match answer {
        Err(Error::Decode(error)) => *error,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was read"),
    }
}

async fn refused(body: &str) -> DecodeError {
    decode(read(body).await)
}

#[tokio::test]
async fn a_key_that_is_not_text_is_an_error() {
    let lone = r#""\ud800": 1"#;
    let problem = r#"expected a key that is valid text, found "\ud800""#;
    let error = refused(&format!(r#"{{"records": [], {lone}, "pagination": {{"next_page_info": "A"}}}}"#)).await;
    assert_eq!(error.problem, problem);
    let error = refused(&format!(r#"{{"records": [], "pagination": {{{lone}, "next_page_info": "A"}}}}"#)).await;
    assert_eq!((error.problem.as_str(), error.field.as_deref()), (problem, Some("pagination")));
    let error = refused(&format!(r#"{{"records": [{{"reporting_id": 1, "ids": [], {lone}, "lost": 2}}]}}"#)).await;
    assert_eq!((error.problem.as_str(), error.row), (problem, Some(0)));
    let range = TimeRange::new(at("2024-06-01T00:00:00Z"), at("2024-06-02T00:00:00Z"));
    let chart = format!(r#"{{{lone}, "interval": "1d", "range_timezone": "UTC", "time_buckets": [], "series": []}}"#);
    let error = decode(client(vec![reply(200, &[], &chart)]).await.fetch(MemberBalance::series(range)).await);
    assert_eq!(error.problem, problem);
}

fn at(text: &str) -> placewise_runtime::Moment {
    text.parse().unwrap()
}

#[tokio::test]
async fn each_key_once() {
    let next = r#""pagination": {"next_page_info": "A"}"#;
    let bodies = [
        (r#"{"records": [], "records": []}"#.to_owned(), "records"),
        (format!(r#"{{"records": [], {next}, {next}}}"#), "pagination"),
        (
            r#"{"records": [], "pagination": {"next_page_info": "A", "next_page_info": null}}"#.to_owned(),
            "pagination.next_page_info",
        ),
        (r#"{"records": [], "result_type": "records", "result_type": "records"}"#.to_owned(), "result_type"),
        (r#"{"records": [{"reporting_id": 1, "reporting_id": 2, "ids": []}]}"#.to_owned(), "reporting_id"),
    ];
    for (body, field) in bodies {
        let error = refused(&body).await;
        assert!(error.problem.contains("each key once"), "{error}");
        assert_eq!(error.field.as_deref(), Some(field), "{error}");
    }
    // What no type models is kept by these, so it must not be lost either.
    let rows = reply(200, &[], r#"{"records": [{"id": 1, "zz": 1, "zz": 2}]}"#);
    let client = client(vec![rows.clone(), rows]).await;
    for error in [decode(client.fetch(Members::records()).await), decode(client.fetch(Offers::records()).await)] {
        assert_eq!((error.row, error.field.as_deref()), (Some(0), Some("zz")));
        assert!(error.problem.contains("each key once"), "{error}");
    }
}

#[tokio::test]
async fn each_key_once_in_charts() {
    let chart = |top: &str, series: &str, label: &str| {
        format!(
            r#"{{"interval": "1d", "range_timezone": "UTC", "time_buckets": [], {top}
            "series": [{{"values": [], {series} "label": {{"type": "in" {label}}}}}]}}"#
        )
    };
    for (body, field) in [
        (chart(r#""zz": 1, "zz": 2,"#, "", ""), "zz"),
        (chart("", r#""zz": 1, "zz": 2,"#, ""), "series.0.zz"),
        (chart("", "", r#", "zz": 1, "zz": 2"#), "series.0.label.zz"),
        (chart("", "", r#", "type": "out""#), "series.0.label.type"),
        (chart("", "", r#", "zz": 123456789012345678901234567890"#), "series.0.label.zz"),
    ] {
        let range = TimeRange::new(at("2024-06-01T00:00:00Z"), at("2024-06-02T00:00:00Z"));
        let error = decode(client(vec![reply(200, &[], &body)]).await.fetch(MemberBalance::series(range)).await);
        assert_eq!(error.field.as_deref(), Some(field), "{error}");
    }
}

#[tokio::test]
async fn numbers_are_kept_or_rejected() {
    let rows = |number: &str| reply(200, &[], &format!(r#"{{"records": [{{"id": 1, "a": {{"b": [{number}]}}}}]}}"#));
    let client = client(vec![rows("18446744073709551615"), rows("18446744073709551616"), rows("0.5")]).await;
    let page = client.fetch(Members::records()).await.unwrap();
    assert_eq!(serde_json::to_value(&page.rows[0]).unwrap(), json!({"id": 1, "a": {"b": [18446744073709551615_u64]}}));
    let error = decode(client.fetch(Members::records()).await);
    assert_eq!((error.row, error.field.as_deref()), (Some(0), Some("a.b.0")));
    assert_eq!(error.problem, "expected a number of at most 64 bits, found 18446744073709551616");
    assert!(client.fetch(Members::records()).await.is_ok());
}

#[tokio::test]
async fn keys_outside_the_rows_are_counted() {
    let body = r#"{"records": [{"reporting_id": 1, "ids": [], "total": 0}], "warning": "cut", "loyalty_club_id": 3,
        "pagination": {"next_page_info": null, "total": 7}, "result_type": null}"#;
    let page = read(body).await.unwrap();
    let counted: Vec<_> = page.unknown_keys().iter().map(|(key, count)| (key.as_str(), *count)).collect();
    assert_eq!(counted, [("loyalty_club_id", 1), ("pagination.total", 1), ("total", 1), ("warning", 1)]);
    // A key there is none of a row, so it does not speak against the aggregation.
    assert!(page.warnings().is_empty());
    let client = client(vec![reply(200, &[], body)]).await;
    let mut rows = client.stream(Sendings::by_reporting_id());
    while rows.try_next().await.unwrap().is_some() {}
    assert_eq!(rows.unknown_keys()["pagination.total"], 1);
}

#[tokio::test]
async fn a_page_that_says_nothing_of_further_pages_is_a_warning() {
    for body in [r#"{"records": []}"#, r#"{"records": [], "pagination": null}"#] {
        let page = read(body).await.unwrap();
        assert_eq!(page.warnings()[0].assumption.id, "null-cursor-ends");
        assert!(page.warnings()[0].evidence.contains("no object `pagination`"), "{:?}", page.warnings());
    }
    assert!(read(r#"{"records": [], "pagination": {"next_page_info": null}}"#).await.unwrap().warnings().is_empty());
}

#[tokio::test]
async fn a_format_that_is_null_says_nothing() {
    let body = json!({"interval": "1d", "range_timezone": "UTC", "time_buckets": [], "series": [], "result_type": null});
    let range = TimeRange::new(at("2024-06-01T00:00:00Z"), at("2024-06-02T00:00:00Z"));
    let chart = client(vec![reply(200, &[], &body.to_string())]).await.fetch(MemberBalance::series(range)).await.unwrap();
    assert_eq!(serde_json::to_value(&chart).unwrap(), body);
    assert!(refused(r#"{"records": [], "result_type": 5}"#).await.problem.contains("expected \"records\", found 5"));
}

#[tokio::test]
async fn a_byte_order_mark_is_named() {
    let error = refused("\u{feff}{\"records\": []}").await;
    assert!(error.problem.contains("byte order mark"), "{error}");
}

#[tokio::test]
async fn announced_sizes_are_not_trusted() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n{}".to_owned();
    let stub = Stub::start(vec![announced]);
    let client = Client::builder().base_url(&stub.url).token("s3cr3t-token").max_body_bytes(u64::MAX).build().unwrap();
    assert!(matches!(client.fetch(Sendings::records()).await, Err(Error::Transport(_))));
}

#[tokio::test]
async fn errors_name_their_subject() {
    let large = reply(503, &["Retry-After: 7"], &format!(r#"{{"error": "{}"}}"#, "x".repeat(500)));
    let stub = Stub::start(vec![large, page(&[1, 2, 3], None), reply(302, &[], "")]);
    let client = Client::builder().base_url(&stub.url).token("s3cr3t-token").max_body_bytes(100).build().unwrap();
    let error = client.fetch(Sendings::records()).await.unwrap_err();
    assert!(matches!(error, Error::Maintenance(_)), "{error:?}");
    assert_eq!((error.status(), error.retry_after().map(|wait| wait.as_secs())), (Some(503), Some(7)));
    let error = client.fetch(Sendings::records()).await.unwrap_err();
    assert!(
        matches!(&error, Error::BodyTooLarge { limit: 100, .. }) && error.to_string().starts_with("report sendings: "),
        "{error}"
    );
    let error = client.fetch(Sendings::records()).await.unwrap_err();
    assert!(matches!(&error, Error::Redirect { .. }) && error.to_string().starts_with("report sendings: "), "{error}");
}

#[tokio::test]
async fn blocking_rows_end_after_an_error() {
    let client = blocking::Client::<fixture::Placewise>::builder().base_url("http://127.0.0.1:9").token("t").build().unwrap();
    let rows: Vec<_> = client.stream(Sendings::records()).take(3).collect();
    assert!(matches!(&*rows, [Err(error)] if error.is_configuration()), "{rows:?}");
    let mut rows = client.stream(Sendings::records());
    assert!(rows.try_next().is_err());
    assert!(rows.try_next().unwrap().is_none());
}
