//! Responses that JSON allows and no API should send. The client keeps every value or returns an error; it never drops one silently.

mod stub;

use harbour_api::{Berths, Client, DecodeError, Error, HttpResponse, Page, Quays, Tides, Traffic, berths::ByKind};
use serde_json::json;
use stub::{Step, Stub, builder, page, range, reply, scripted};

async fn client(replies: Vec<String>) -> Client {
    let stub = Stub::start(replies);
    builder(&stub.url).build().unwrap()
}

async fn read(body: &str) -> Result<Page<ByKind>, Error> {
    client(vec![reply(200, &[], body)]).await.fetch(Berths::by_kind()).await
}

fn decode<T>(answer: Result<T, Error>) -> DecodeError {
    match answer {
        Err(Error::Decode(error)) => *error,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was read"),
    }
}

async fn undecodable(body: &str) -> DecodeError {
    decode(read(body).await)
}

#[tokio::test]
async fn a_key_that_is_not_text_is_an_error() {
    let lone = r#""\ud800": 1"#;
    let problem = r#"expected a key that is valid text, found "\ud800""#;
    let error = undecodable(&format!(r#"{{"lines": [], {lone}, "more": {{"at": "A"}}}}"#)).await;
    assert_eq!(error.problem, problem);
    let error = undecodable(&format!(r#"{{"lines": [], "more": {{{lone}, "at": "A"}}}}"#)).await;
    assert_eq!((error.problem.as_str(), error.field.as_deref()), (problem, Some("more")));
    let error = undecodable(&format!(r#"{{"lines": [{{"berths": 1, {lone}, "lost": 2}}]}}"#)).await;
    assert_eq!((error.problem.as_str(), error.row), (problem, Some(0)));
    let chart = format!(r#"{{{lone}, "step": "1d", "clock": "UTC", "marks": [], "lines": []}}"#);
    let error = decode(client(vec![reply(200, &[], &chart)]).await.fetch(Traffic::series(range())).await);
    assert_eq!(error.problem, problem);
}

#[tokio::test]
async fn duplicate_keys_are_errors() {
    let next = r#""more": {"at": "A"}"#;
    let bodies = [
        (r#"{"lines": [], "lines": []}"#.to_owned(), "lines"),
        (format!(r#"{{"lines": [], {next}, {next}}}"#), "more"),
        (r#"{"lines": [], "more": {"at": "A", "at": null}}"#.to_owned(), "more.at"),
        (r#"{"lines": [], "kind": "lines", "kind": "lines"}"#.to_owned(), "kind"),
        (r#"{"lines": [{"berths": 1, "berths": 2}]}"#.to_owned(), "berths"),
    ];
    for (body, field) in bodies {
        let error = undecodable(&body).await;
        assert!(error.problem.contains("each key once"), "{error}");
        assert_eq!(error.field.as_deref(), Some(field), "{error}");
    }
    // Rows that keep unknown keys, and JSON rows.
    let rows = reply(200, &[], r#"{"lines": [{"id": 1, "zz": 1, "zz": 2}]}"#);
    let client = client(vec![rows.clone(), rows]).await;
    for error in [decode(client.fetch(Quays::records()).await), decode(client.fetch(Tides::records()).await)] {
        assert_eq!((error.row, error.field.as_deref()), (Some(0), Some("zz")));
        assert!(error.problem.contains("each key once"), "{error}");
    }
}

#[tokio::test]
async fn duplicate_keys_in_charts_are_errors() {
    let chart = |top: &str, series: &str, label: &str| {
        format!(
            r#"{{"step": "1d", "clock": "UTC", "marks": [], {top}
            "lines": [{{"heights": [], {series} "tag": {{"way": "in" {label}}}}}]}}"#
        )
    };
    for (body, field) in [
        (chart(r#""zz": 1, "zz": 2,"#, "", ""), "zz"),
        (chart("", r#""zz": 1, "zz": 2,"#, ""), "lines.0.zz"),
        (chart("", "", r#", "zz": 1, "zz": 2"#), "lines.0.tag.zz"),
        (chart("", "", r#", "way": "out""#), "lines.0.tag.way"),
        (chart("", "", r#", "zz": 123456789012345678901234567890"#), "lines.0.tag.zz"),
    ] {
        let error = decode(client(vec![reply(200, &[], &body)]).await.fetch(Traffic::series(range())).await);
        assert_eq!(error.field.as_deref(), Some(field), "{error}");
    }
}

#[tokio::test]
async fn numbers_are_kept_or_rejected() {
    let rows = |number: &str| reply(200, &[], &format!(r#"{{"lines": [{{"id": 1, "a": {{"b": [{number}]}}}}]}}"#));
    let client = client(vec![rows("18446744073709551615"), rows("18446744073709551616"), rows("0.5")]).await;
    let page = client.fetch(Quays::records()).await.unwrap();
    assert_eq!(
        serde_json::to_value(page.rows[0].wire()).unwrap(),
        json!({"id": 1, "only_seen": null, "a": {"b": [18446744073709551615_u64]}})
    );
    let error = decode(client.fetch(Quays::records()).await);
    assert_eq!((error.row, error.field.as_deref()), (Some(0), Some("a.b.0")));
    assert_eq!(error.problem, "expected a number of at most 64 bits, found 18446744073709551616");
    assert!(client.fetch(Quays::records()).await.is_ok());
}

#[tokio::test]
async fn keys_outside_the_rows_are_counted() {
    let body = r#"{"lines": [{"berths": 1, "odd": 0}], "warning": "cut", "harbour": 3,
        "more": {"at": null, "total": 7}, "kind": null}"#;
    let page = read(body).await.unwrap();
    let counted: Vec<_> = page.unknown_keys().iter().map(|(key, count)| (key.as_str(), *count)).collect();
    assert_eq!(counted, [("harbour", 1), ("more.total", 1), ("odd", 1), ("warning", 1)]);
    // A key outside the rows does not contradict the aggregation.
    assert!(page.warnings().is_empty());
    let client = client(vec![reply(200, &[], body)]).await;
    let mut rows = client.stream(Berths::by_kind());
    while rows.try_next().await.unwrap().is_some() {}
    assert_eq!(rows.unknown_keys()["more.total"], 1);
}

#[tokio::test]
async fn a_page_that_does_not_mention_further_pages_is_a_warning() {
    for body in [r#"{"lines": []}"#, r#"{"lines": [], "more": null}"#] {
        let page = read(body).await.unwrap();
        assert_eq!(page.warnings()[0].assumption.unwrap().id, "null-cursor-ends");
        assert!(page.warnings()[0].evidence.contains("no object `more`"), "{:?}", page.warnings());
    }
    assert!(read(r#"{"lines": [], "more": {"at": null}}"#).await.unwrap().warnings().is_empty());
}

#[tokio::test]
async fn a_null_format_is_ignored() {
    let body = json!({"step": "1d", "clock": "UTC", "marks": [], "lines": [], "kind": null});
    let chart = client(vec![reply(200, &[], &body.to_string())]).await.fetch(Traffic::series(range())).await.unwrap();
    assert_eq!(serde_json::to_value(&chart).unwrap(), body);
    assert!(undecodable(r#"{"lines": [], "kind": 5}"#).await.problem.contains("expected \"lines\", found 5"));
}

#[tokio::test]
async fn a_byte_order_mark_is_passed_over_and_another_charset_named() {
    assert_eq!(read("\u{feff}{\"lines\": [{\"berths\": 1}]}").await.unwrap().rows.len(), 1);
    let problem = async |kind: &'static str, bytes: Vec<u8>| {
        let response = move |_: &_, _| Step::Reply(HttpResponse::new(200).header("content-type", kind).body(bytes.clone()));
        let (client, _) = scripted(response);
        decode(client.build().unwrap().fetch(Berths::by_kind()).await).problem
    };
    let utf16 = |bom: &[u8]| [bom, &"{}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat();
    assert_eq!(problem("application/json", utf16(b"\xff\xfe")).await, "expected UTF-8, found UTF-16");
    assert_eq!(problem("application/json", utf16(b"\x80")).await, "expected UTF-8, found bytes of another charset");
    let latin = problem("application/json; charset=\"ISO-8859-1\"", b"{\"\xe9\": 1}".to_vec()).await;
    assert_eq!(latin, "expected UTF-8, found text in the charset ISO-8859-1");
}

#[tokio::test]
async fn announced_sizes_are_not_trusted() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n{}".to_owned();
    let stub = Stub::start(vec![announced]);
    let client = stub::builder(&stub.url).max_body_bytes(u64::MAX).build().unwrap();
    assert!(matches!(client.fetch(Berths::records()).await, Err(Error::Transport(_))));
}

#[tokio::test]
async fn errors_name_their_subject() {
    let large = reply(503, &["Retry-After: 7"], &format!(r#"{{"message": "{}"}}"#, "x".repeat(500)));
    let stub = Stub::start(vec![large, page(&[1; 20], None), reply(302, &[], "")]);
    let client = stub::builder(&stub.url).max_body_bytes(100).build().unwrap();
    let error = client.fetch(Berths::records()).await.unwrap_err();
    assert!(matches!(error, Error::Maintenance(_)), "{error:?}");
    assert_eq!((error.status(), error.retry_after().map(|wait| wait.as_secs())), (Some(503), Some(7)));
    let error = client.fetch(Berths::records()).await.unwrap_err();
    assert!(
        matches!(&error, Error::BodyTooLarge { limit: 100, .. }) && error.to_string().starts_with("report berths: "),
        "{error}"
    );
    let error = client.fetch(Berths::records()).await.unwrap_err();
    assert!(matches!(&error, Error::Redirect { .. }) && error.to_string().starts_with("report berths: "), "{error}");
}
