//! A server that sends too much, or text made to mislead whoever reads it. What the client keeps and prints stays bounded and harmless.

mod stub;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::stream;
use harbour_api::{Berths, Client, Error, HttpResponse, Json, Quays, RetryPolicy, Tides, Traffic};
use serde_json::json;
use stub::{Step, TOKEN, range, scripted};

/// A terminal would act on it.
const EVIL: &str = "\u{1b}[2J\nX\u{202e}\u{9b}";

fn client(status: u16, body: impl Into<Vec<u8>>) -> Client {
    let body = body.into();
    let response = move |_: &Json, _| Step::Reply(HttpResponse::new(status).body(body.clone()));
    scripted(response).0.retry(RetryPolicy::none()).build().unwrap()
}

/// Fails if the messages of the error are long or hold characters that do not show as themselves.
fn harmless(error: &Error) -> String {
    let text = error.to_string();
    assert_eq!(format!("{error:?}"), text);
    assert!(text.len() < 4000, "{} bytes", text.len());
    let odd = text.chars().find(|character| character.is_control() && *character != '\n' || *character == '\u{202e}');
    assert_eq!(odd, None, "{text:?}");
    text
}

async fn refused(status: u16, body: &Json) -> Error {
    client(status, body.to_string()).fetch(Berths::by_kind()).await.unwrap_err()
}

#[tokio::test]
async fn only_the_start_of_an_error_is_read() {
    let parts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&parts);
    let endless = move || {
        let count = Arc::clone(&count);
        stream::repeat_with(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(b"[[{}],".repeat(1000))
        })
    };
    let (client, _) = scripted(move |_, _| Step::Reply(HttpResponse::new(500).chunks(endless())));
    let error = client.retry(RetryPolicy::none()).build().unwrap().fetch(Berths::by_kind()).await.unwrap_err();
    assert_eq!((parts.load(Ordering::Relaxed), error.meta().unwrap().bytes), (11, 66_000));
    assert!(harmless(&error).contains("body: [[{}],"));
}

#[tokio::test]
async fn few_faults_are_printed() {
    let many: serde_json::Map<String, Json> =
        (0..1500).map(|index| (format!("key{index:04}"), json!([{"code": "odd"}]))).collect();
    let error = refused(422, &json!({"message": "m", "problems": many})).await;
    assert_eq!(error.invalid().unwrap().iter().count(), 1500);
    let text = harmless(&error);
    assert_eq!((text.matches(": odd").count(), text.contains("and 1490 more")), (10, true), "{text}");
}

#[tokio::test]
async fn no_text_of_the_server_reaches_a_terminal_as_it_is() {
    let long = EVIL.repeat(500);
    for evil in [EVIL, &long] {
        let leaf = json!([{"code": evil, "with": {evil: evil, "list": [evil]}}]);
        let error = refused(422, &json!({"message": evil, "problems": {evil: {"in": leaf}}})).await;
        harmless(&error);
        for (path, fault) in error.invalid().unwrap().iter() {
            assert!(!format!("{path}{fault}").contains(char::is_control), "{path:?} {fault}");
        }
        let with_header = |name: &'static str| {
            let response = move |_: &Json, _| {
                Step::Reply(HttpResponse::new(429).header(name, &"a\u{e9}".repeat(5000).replace('\u{e9}', " ")))
            };
            scripted(response).0.retry(RetryPolicy::none()).max_rate_limit_wait(Default::default()).build().unwrap()
        };
        for name in ["x-request-id", "retry-after", "x-bucket"] {
            harmless(&with_header(name).fetch(Berths::by_kind()).await.unwrap_err());
        }
        // Keys of rows, of maps and of charts, and cursors.
        let rows = |row: Json| json!({"lines": [row], "more": {"at": null}}).to_string();
        for body in [rows(json!({"names": {evil: 1}})), rows(json!({"berths": evil})), rows(json!({evil: 1, "berths": null}))] {
            harmless(&client(200, body).fetch(Berths::by_kind()).await.unwrap_err());
        }
        let nested =
            format!(r#"{{"lines": [{{"id": 1, {key}: {{{key}: 123456789012345678901234567890}}}}]}}"#, key = json!(evil));
        harmless(&client(200, nested).fetch(Quays::records()).await.unwrap_err());
        let chart = json!({"step": "1d", "clock": "UTC", "marks": [evil], "lines": [], evil: 1});
        harmless(&client(200, chart.to_string()).fetch(Traffic::series(range())).await.unwrap_err());
        let looping = client(200, json!({"lines": [{"berths": 1}], "more": {"at": evil}}).to_string());
        let partial = looping.collect_all(Berths::by_kind()).await.unwrap_err();
        harmless(&partial.error);
        assert!(matches!(&partial.error, Error::RepeatedCursor { cursor, .. } if cursor.len() < 1000), "{}", partial.error);
        assert!(partial.to_string().len() < 1000);
        assert!(!partial.to_string().contains(char::is_control));
    }
}

#[tokio::test]
async fn a_token_in_json_in_json_is_hidden() {
    let token = "s3cr3t/token&x";
    let answer = move |body: String| {
        let response = move |_: &Json, _| Step::Reply(HttpResponse::new(401).body(body.clone()));
        scripted(response).0.retry(RetryPolicy::none()).token(token).build().unwrap()
    };
    let inner = json!({"headers": {"token": token.replace('/', "\\/")}}).to_string();
    for body in [
        json!({"message": inner}).to_string(),
        json!({"message": json!({"inner": inner}).to_string()}).to_string(),
        json!({"other": json!({"inner": inner}).to_string()}).to_string(),
        json!({"message": "url?t=s3cr3t%252Ftoken%2526x"}).to_string(),
        "<a href='?t=s3cr3t%25252Ftoken%252526x'>".to_owned(),
    ] {
        let error = answer(body.clone()).fetch(Berths::by_kind()).await.unwrap_err();
        let text = format!("{error} {:?} {:?}", error, error.reply());
        assert!(text.contains("(hidden)") && !text.contains("s3cr3t") && !text.contains("token%"), "{body}: {text}");
    }
}

#[tokio::test]
async fn decoded_rows_take_a_small_multiple_of_the_largest_body() {
    const CAP: usize = 256 * 1024;
    let within = |row: &str| {
        let rows = vec![row; CAP / (row.len() + 1) - 10].join(",");
        let body = format!(r#"{{"lines": [{rows}]}}"#);
        let (client, _) = scripted(move |_, _| Step::Reply(HttpResponse::new(200).body(body.clone())));
        client.max_body_bytes(CAP as u64).build().unwrap()
    };
    let partial = within(r#"{"id":7}"#).collect_all(Tides::records()).await.unwrap_err();
    assert!(partial.error.to_string().contains("raise it"), "{}", partial.error);
    // A map of one entry takes 24 bytes, and 632 for its only node.
    assert!((2500..3500).contains(&partial.rows.len()), "{}", partial.rows.len());
    for row in [r#"{"a":[[],[],[],[],[],[],[],[],[],[],[]]}"#, r#"{"a":{"a":{"a":{}}}}"#] {
        assert!(within(row).collect_all(Tides::records()).await.is_err_and(|partial| partial.error.is_decode()), "{row}");
    }
    // Rows of a usual kind fit.
    let usual = r#"{"id":12345678,"name":"a name of usual length","created_at":"2024-04-30T00:00:00.000+02:00","active":true,
        "tags":["one","two"],"note":"some text that makes the row as long as rows are","address":"Some street 12, some town"}"#;
    assert!(within(usual).collect_all(Tides::records()).await.is_ok());
}

#[tokio::test]
async fn counts_of_unknown_keys_are_bounded() {
    let keys: serde_json::Map<String, Json> = (0..20_000).map(|index| (format!("key{index:05}"), json!(1))).collect();
    let mut row = keys.clone();
    row.insert("berths".into(), json!(1));
    let page = client(200, ok_body(&[Json::Object(row)])).fetch(Berths::by_kind()).await.unwrap();
    assert_eq!((page.unknown_keys().len(), page.unknown_keys()["(other keys)"]), (1001, 19_000));
}

fn ok_body(rows: &[Json]) -> String {
    json!({"lines": rows, "more": {"at": null}}).to_string()
}

#[tokio::test]
async fn the_start_of_a_page_is_no_page() {
    // The token's own text, cut off by the cap of an error body.
    let body = format!("{}{TOKEN}", "x".repeat(64 * 1024 - 5));
    let error = client(500, body).fetch(Berths::by_kind()).await.unwrap_err();
    assert!(!harmless(&error).contains(&TOKEN[..4]));
}
