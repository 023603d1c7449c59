//! The client against a scripted server: headers, paging, rate limits and error statuses.

mod stub;

use std::time::Duration;

use futures_util::StreamExt as _;
use harbour_api::{Berths, Client, ClientBuilder, Customers, Error, Filter, Invalid, Rows, Tides, berths::*, find_report};
use serde_json::json;
use stub::{Stub, TOKEN, page, reply};

fn builder(stub: &Stub) -> ClientBuilder<Client> {
    stub::builder(&stub.url).customers(Customers::id(7)).product_name("dashboards")
}

async fn refused(reply: String) -> Error {
    let stub = Stub::start(vec![reply]);
    // Longer waits are in `retries.rs`, under a paused clock.
    let client = builder(&stub).max_rate_limit_wait(Duration::ZERO).build().unwrap();
    let error = client.fetch(Berths::by_kind()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error:?}");
    error
}

#[tokio::test]
async fn sends_headers_and_reads_a_page() {
    let stub = Stub::start(vec![page(&[1, 2], Some("c")).replace("x-remaining: 97", "x-remaining: -3")]);
    let client = builder(&stub).user_agent("my-app/1.0").locale("nb-NO").build().unwrap();
    let page = client.fetch(Berths::by_kind().page_size(2)).await.unwrap();
    assert_eq!(page.rows.iter().map(|row| row.berths).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(page.next.cursor(), Some("c"));
    let rate = page.rate.unwrap();
    assert_eq!((rate.bucket.as_deref(), rate.remaining, rate.cost), (Some("b"), Some(-3), Some(4)));
    let seen = &stub.seen()[0];
    assert!(seen.head.starts_with("POST /ask HTTP/1.1"));
    for header in [
        "x-token: s3cr3t-token",
        "x-harbour: h=7",
        "x-product: dashboards",
        "x-agent: my-app/1.0",
        "x-locale: nb-NO",
        "content-type: application/json",
    ] {
        assert!(seen.head.contains(header), "{header} not in {}", seen.head);
    }
    assert_eq!(seen.body, json!({"what": "berths", "per": "kind", "rows": 2}));
}

#[tokio::test]
async fn paths_are_appended_to_the_base_url() {
    let stub = Stub::start(vec![page(&[1], None)]);
    let client = stub::builder(&format!("{}/under/", stub.url)).build().unwrap();
    assert_eq!(client.fetch(Berths::by_kind()).await.unwrap().rows.len(), 1);
    assert!(stub.seen()[0].head.starts_with("POST /under/ask "), "{}", stub.seen()[0].head);
}

#[tokio::test]
async fn only_a_null_cursor_ends() {
    let stub = Stub::start(vec![page(&[1], Some("a")), page(&[], Some("b")), page(&[2, 3], None)]);
    let client = builder(&stub).assume("cursor-key", "next").build().unwrap();
    let rows = client.collect_all(Berths::by_kind()).await.unwrap();
    assert_eq!(rows.len(), 3);
    let cursors: Vec<_> = stub.seen().into_iter().map(|seen| seen.body["next"].clone()).collect();
    assert_eq!(cursors, [json!(null), json!("a"), json!("b")]);
}

#[tokio::test]
async fn a_repeated_cursor_is_reported_after_the_rows() {
    let stub = Stub::start(vec![page(&[1], Some("a")), page(&[2], Some("b")), page(&[3], Some("a"))]);
    let client = builder(&stub).build().unwrap();
    let partial = client.collect_all(Berths::by_kind()).await.unwrap_err();
    assert_eq!(partial.rows.len(), 3);
    assert!(matches!(&partial.error, Error::RepeatedCursor { cursor, .. } if &**cursor == "a"), "{partial:?}");
    // The cursor a run starts at counts as seen.
    let stub = Stub::start(vec![page(&[1], Some("a"))]);
    let mut rows = builder(&stub).build().unwrap().stream(Berths::by_kind().resume_from("a"));
    assert!(rows.next().await.unwrap().is_ok());
    assert!(rows.next().await.unwrap().is_err());
    assert!(rows.next().await.is_none());
}

/// Takes rows until the server has seen that many requests; returns the number of rows taken.
async fn take_until_seen(stub: &Stub, rows: &mut Rows<ByKind>, count: usize) -> usize {
    let mut taken = 0;
    while stub.seen().len() < count {
        rows.try_next().await.unwrap().expect("a request before the rows end");
        taken += 1;
        // Lets the connection work, as code does that awaits something else between two rows.
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
    let mut rows = builder(&stub).build().unwrap().stream(Berths::by_kind());
    assert_eq!(stub.seen().len(), 0);
    let taken = take_until_seen(&stub, &mut rows, 2).await;
    assert!(taken < ROWS);
    for _ in taken..ROWS {
        rows.try_next().await.unwrap();
        tokio::task::yield_now().await;
    }
    // The third page is requested only when the first row of the second is taken.
    assert_eq!(stub.seen().len(), 2);
    assert!(take_until_seen(&stub, &mut rows, 3).await < ROWS);

    let stub = Stub::start(replies());
    let mut rows = builder(&stub).build().unwrap().stream(Berths::by_kind()).prefetch(0);
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
async fn the_meta_of_an_error_has_the_clock_of_the_server() {
    for (date, expected) in [
        ("Date: Thu, 01 Jan 2026 10:00:00 GMT", Some("2026-01-01T10:00:00Z")),
        ("Date: Thursday, 01-Jan-26 10:00:00 GMT", Some("2026-01-01T10:00:00Z")),
        ("Date: soon", None),
        ("X-Request-Id: r-1", None),
    ] {
        let error = refused(reply(404, &[date], "{}")).await;
        let time = error.meta().and_then(|meta| meta.server_time).map(|time| time.to_string());
        assert_eq!(time.as_deref(), expected, "{date}");
    }
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
    let temporary = [408, 425, 500, 502, 504].map(|status| (status, (|error| matches!(error, Error::Status(_))) as Is));
    let undocumented = [304, 418, 501].map(|status| (status, (|error| matches!(error, Error::Status(_))) as Is));
    for (status, is) in expected.into_iter().chain(temporary).chain(undocumented) {
        let error = refused(reply(status, &["X-Request-Id: r-1"], &format!(r#"{{"message": "no: {TOKEN}"}}"#))).await;
        assert!(is(&error), "{error:?}");
        let found = error.reply().unwrap();
        assert_eq!((found.status, found.request_id.as_deref()), (status, Some("r-1")));
        // HTTP allows this one no body.
        assert_eq!(found.message.as_deref(), Some("no: (hidden)").filter(|_| status != 304));
        let documented = expected.iter().any(|(known, _)| *known == status && status != 418);
        assert_eq!(error.reply().unwrap().advice.is_some(), documented, "{status}");
        assert_eq!(error.is_retryable(), matches!(status, 408 | 425 | 429 | 500 | 502..=504), "{status}");
    }
    for (status, reason) in [(304, "status 304 (Not Modified). The client"), (304, "a cache between"), (501, "(Not Implemented)")]
    {
        let text = refused(reply(status, &[], r#"{"message": "a"}"#)).await.to_string();
        assert!(text.contains(reason), "{text}");
    }
}

#[tokio::test]
async fn invalid_parameters_are_a_tree() {
    let invalid = async |problems: serde_json::Value| {
        refused(reply(422, &[], &json!({"message": "Wrong", "problems": problems}).to_string())).await
    };
    let error = invalid(json!({
        "where": {"of": {"0": {"to": [{"code": "inclusion", "with": {"in": ["dry"]}}]}}},
        "rows": [{"code": "less_than", "with": {"number": 5}, "text": "too many"}, {"code": "odd"}],
        "strange": 7
    }))
    .await;
    let tree = error.invalid().unwrap();
    let shown: Vec<_> = tree.iter().map(|(path, error)| format!("{path}: {error}")).collect();
    assert_eq!(shown, ["rows: less_than (number: 5)", "rows: odd", "where.of.0.to: inclusion (in: [\"dry\"])"]);
    assert!(error.to_string().contains("\n  where.of.0.to: inclusion"), "{error}");
    assert!(matches!(tree, Invalid::Fields(fields) if fields["strange"] == Invalid::Unknown(json!(7))) && !tree.is_empty());
    for unknown in [json!("text"), json!(["text"]), json!([{"odd": 1}]), json!([{"code": "a", "with": 3}])] {
        assert_eq!(invalid(unknown.clone()).await.invalid(), Some(&Invalid::Unknown(unknown)));
    }
    let bare = refused(reply(422, &[], r#"{"message": "Wrong"}"#)).await;
    assert!(matches!(bare.invalid(), Some(Invalid::Fields(fields)) if fields.is_empty()));
}

#[tokio::test]
async fn responses_that_cannot_be_decoded() {
    let undecodable = async |body: &str| {
        let error = refused(reply(200, &[], body)).await;
        let Error::Decode(decode) = error else { panic!("{error:?}") };
        assert_eq!(decode.report, "berths");
        *decode
    };
    let html = undecodable(&format!("<!DOCTYPE html><p>{TOKEN}</p>")).await;
    assert!(html.problem.contains("HTML") && html.snippet.contains("DOCTYPE"), "{html}");
    assert!(undecodable("").await.problem.contains("empty"));
    assert!(undecodable("[]").await.problem.contains("object"));
    assert!(undecodable("{\"records\": [").await.problem.contains("EOF"));
    assert!(undecodable("{}").await.problem.contains("`lines`"));
    assert_eq!(undecodable(r#"{"lines": {}}"#).await.field.as_deref(), Some("lines"));
    assert!(undecodable(r#"{"lines": [], "lines": []}"#).await.problem.contains("each key once"));
    assert_eq!(undecodable(r#"{"lines": [], "more": {"at": 5}}"#).await.field.as_deref(), Some("more.at"));

    let wrong = undecodable(r#"{"lines": [{"berths": 1}, {"berths": 2, "names": ["a", 5]}], "kind": "lines"}"#).await;
    assert_eq!((wrong.row, wrong.field.as_deref()), (Some(1), Some("names.1")));
    assert_eq!(wrong.problem, "expected text, found 5");
    assert!(wrong.snippet.starts_with("{\"berths\": 2"));

    // A wrong format is reported before a row that cannot be decoded.
    let format = undecodable(r#"{"lines": [5], "kind": "marks"}"#).await;
    assert_eq!(format.field.as_deref(), Some("kind"));
}

#[tokio::test]
async fn unknown_keys_are_counted() {
    let row = json!({
        "id": 1, "harbour": 1, "built_at": "2024-01-01T00:00:00", "weather": "fog", "tags": [], "new": 1,
        "visits": {"may": [{"ship": "x", "odd": 1}], "june": [{"odd": 1}]}
    });
    let body = json!({"lines": [row, row], "kind": "lines"}).to_string();
    let stub = Stub::start(vec![reply(200, &[], &body), reply(200, &[], &body)]);
    let client = builder(&stub).build().unwrap();
    let page = client.fetch(Berths::records()).await.unwrap();
    let counted: Vec<_> = page.unknown_keys().iter().map(|(key, count)| (key.as_str(), *count)).collect();
    assert_eq!(counted, [("new", 2), ("visits.odd", 4)]);
    let mut rows = client.stream(Berths::records());
    while rows.try_next().await.unwrap().is_some() {}
    assert_eq!(rows.unknown_keys()["new"], 2);
}

#[tokio::test]
async fn reports_of_unknown_fields_have_json_rows() {
    let body = json!({"lines": [{"b": 1, "a": null}], "kind": "lines"}).to_string();
    let stub = Stub::start(vec![reply(200, &[], &body), reply(200, &[], &body)]);
    let client = builder(&stub).build().unwrap();
    let page = client.fetch(Tides::records()).await.unwrap();
    assert_eq!(page.rows[0]["b"], 1);
    assert!(page.unknown_keys().is_empty());
    let query = find_report("berths").unwrap().records().unwrap();
    let query = query.aggregated_by("kind").unwrap().filter(Filter::raw(json!({"op": "is"})));
    assert_eq!(client.fetch(query).await.unwrap().rows.len(), 1);
    assert_eq!(stub.seen()[1].body, json!({"what": "berths", "per": "kind", "where": {"op": "is"}}));
}

#[tokio::test]
async fn bodies_have_a_maximum_size() {
    let stub = Stub::start(vec![page(&[1, 2, 3], None), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"records\": []}".into()]);
    let client = builder(&stub).max_body_bytes(10).build().unwrap();
    for _ in 0..2 {
        let error = client.fetch(Berths::by_kind()).await.unwrap_err();
        assert!(matches!(error, Error::BodyTooLarge { limit: 10, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn wrong_queries_are_not_sent() {
    let stub = Stub::start(vec![]);
    let client = builder(&stub).build().unwrap();
    let error = client.fetch(Berths::records().filter(LENGTH.lt(f64::NAN))).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("`length`"), "{error}");
    assert!(client.fetch(Berths::records().page_size(0)).await.unwrap_err().is_configuration());
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn no_connection_is_reported_without_the_token() {
    let client = stub::builder("http://127.0.0.1:9").build().unwrap();
    let error = client.fetch(Berths::records()).await.unwrap_err();
    assert!(error.is_retryable() && !format!("{error:?}").contains(TOKEN), "{error:?}");
    assert_eq!(error.status(), None);
}
