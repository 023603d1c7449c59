//! A server may repeat the token in any escape, case or place. No part of it reaches an error or a debug text.

mod fixture;
mod stub;

use fixture as api;
use fixture::{Client, charts::*, sendings::*};
use placewise_runtime::{Error, TimeRange};
use serde_json::json;
use stub::{Stub, page, reply};

const TOKEN: &str = "s3cr3t-token/abc";

/// Fails if the text holds any part of the token that is long enough to be one.
fn holds_no_token(text: &str) {
    let text = text.to_ascii_lowercase();
    for part in TOKEN.as_bytes().windows(6) {
        assert!(!text.contains(std::str::from_utf8(part).unwrap()), "{text}");
    }
}

async fn refused(reply: String) -> Error {
    let stub = Stub::start(vec![reply]);
    let client = Client::builder().base_url(&stub.url).token(TOKEN).build().unwrap();
    let error = client.fetch(Sendings::by_reporting_id()).await.unwrap_err();
    holds_no_token(&format!("{error} {error:?}"));
    error
}

#[tokio::test]
async fn escaped_in_a_message() {
    let slash = TOKEN.replace('/', "\\/");
    let unicode = format!("\\u0073{}", &TOKEN[1..]);
    let url = TOKEN.replace('/', "%2F");
    let html = TOKEN.replace('/', "&#x2F;");
    for form in [TOKEN, &slash, &unicode, &url, &html] {
        let error = refused(reply(401, &[], &format!(r#"{{"error": "bad {form}!"}}"#))).await;
        assert_eq!(error.reply().unwrap().message.as_deref(), Some("bad (hidden)!"));
        let error = refused(reply(500, &[], &format!("<html>{form}</html>"))).await;
        assert_eq!(error.reply().unwrap().snippet, "<html>(hidden)</html>");
    }
    // An escape before the token is no part of it: the message is read before anything is hidden.
    let error = refused(reply(401, &[], &format!(r#"{{"error": "a\\\\{TOKEN}"}}"#))).await;
    assert_eq!(error.reply().unwrap().message.as_deref(), Some("a\\(hidden)"));
}

#[tokio::test]
async fn escaped_in_invalid_parameters() {
    for form in [TOKEN.to_owned(), TOKEN.replace('/', "\\/"), format!("\\u0073{}", &TOKEN[1..])] {
        let leaf = format!(r#"[{{"error": "{form}", "options": {{"{form}": ["{form}"]}}, "{form}": "{form}"}}]"#);
        let error =
            refused(reply(422, &[], &format!(r#"{{"error": "x", "details": {{"{form}": {leaf}, "odd": "{form}"}}}}"#))).await;
        let (path, told) = error.invalid().unwrap().iter().next().unwrap();
        assert_eq!((path.as_str(), told.error.as_str()), ("(hidden)", "(hidden)"));
        assert_eq!(told.options["(hidden)"], json!(["(hidden)"]));
    }
}

/// A short token may be a part of any word; it is hidden only where it stands on its own.
#[tokio::test]
async fn a_short_token_hides_no_part_of_a_word() {
    for (token, message, shown) in [
        ("t", "Invalid parameters", "Invalid parameters"),
        ("amet", "Invalid parameters: the token amet", "Invalid parameters: the token (hidden)"),
        ("invalid", r#"token=invalid&a, Bearer\u0020invalid, \"invalid\""#, r#"token=(hidden)&a, Bearer (hidden), "(hidden)""#),
    ] {
        let stub = Stub::start(vec![reply(422, &[], &format!(r#"{{"error": "{message}"}}"#))]);
        let client = Client::builder().base_url(&stub.url).token(token).build().unwrap();
        let error = client.fetch(Sendings::by_reporting_id()).await.unwrap_err();
        assert_eq!(error.reply().unwrap().message.as_deref(), Some(shown));
    }
    // The words of this crate are no secret.
    let stub = Stub::start(vec![reply(200, &[], r#"{"records": [{"reporting_id": "an", "ids": []}]}"#)]);
    let client = Client::builder().base_url(&stub.url).token("an").build().unwrap();
    let error = client.fetch(Sendings::by_reporting_id()).await.unwrap_err();
    assert!(error.to_string().contains("expected an integer, found \"(hidden)\""), "{error}");
}

#[tokio::test]
async fn cut_with_a_snippet() {
    for before in 95..125 {
        let text = "y".repeat(before);
        refused(reply(200, &[], &format!(r#"{{"{text}": "{TOKEN}"}}"#))).await;
        refused(reply(500, &[], &format!("{text}{TOKEN}"))).await;
        let row = json!({"reporting_id": format!("{text}{TOKEN}"), "ids": []});
        refused(reply(200, &[], &json!({"records": [row]}).to_string())).await;
        refused(reply(200, &[], &format!(r#"{{"records": [], "result_type": "{text}{TOKEN}"}}"#))).await;
    }
    // Where the body itself was cut, what may be the beginning of the token is not shown.
    let stub = Stub::start((0..40).map(|_| reply(500, &[], &format!("{}{TOKEN}", "z".repeat(150)))).collect());
    for most in 140..180 {
        let client = Client::builder().base_url(&stub.url).token(TOKEN).max_body_bytes(most).build().unwrap();
        let error = client.fetch(Sendings::records()).await.unwrap_err();
        holds_no_token(&format!("{error} {error:?}"));
        assert_eq!(error.status(), Some(500));
    }
}

#[tokio::test]
async fn escaped_in_an_undecodable_chart() {
    let chart = |buckets: &str, series: &str| {
        format!(r#"{{"interval": "1d", "range_timezone": "UTC", "time_buckets": [{buckets}], "series": [{series}]}}"#)
    };
    let escaped = TOKEN.replace('/', "\\/");
    let bodies = [
        chart(&format!("\"{escaped}\""), ""),
        chart("", &format!(r#"{{"{escaped}": 1, "label": {{}}}}"#)),
        chart("", &format!(r#"{{"values": [], "label": {{"type": 1, "{escaped}": 2}}}}"#)),
        chart("", &format!(r#"{{"{escaped}": 1, "{escaped}": 2}}"#)),
    ];
    for body in bodies {
        let stub = Stub::start(vec![reply(200, &[], &body)]);
        let client = Client::builder().base_url(&stub.url).token(TOKEN).clock(|| "2024-06-15T12:00:00Z".parse().unwrap());
        let range = TimeRange::new(at("2024-06-01T00:00:00Z"), at("2024-06-02T00:00:00Z"));
        let error = client.build().unwrap().fetch(MemberBalance::series(range)).await.unwrap_err();
        assert!(error.is_decode());
        holds_no_token(&format!("{error} {error:?}"));
    }
}

fn at(text: &str) -> placewise_runtime::Moment {
    text.parse().unwrap()
}

#[tokio::test]
async fn in_headers() {
    let bucket = format!("ratelimit-bucket: {TOKEN}");
    let error = refused(reply(500, &[&bucket, &format!("X-Request-Id: {TOKEN}")], "{}")).await;
    assert_eq!(error.reply().unwrap().rate.as_ref().unwrap().bucket.as_deref(), Some("(hidden)"));
    let with_bucket = page(&[1], None).replace("ratelimit-bucket: b", &bucket);
    let stub = Stub::start(vec![with_bucket]);
    let client = Client::builder().base_url(&stub.url).token(TOKEN).build().unwrap();
    holds_no_token(&format!("{:?}", client.fetch(Sendings::by_reporting_id()).await.unwrap()));
}

#[tokio::test]
async fn in_the_host_of_a_redirect() {
    let to = |location: &str| reply(302, &[&format!("Location: {location}")], "");
    for host in [format!("https://{TOKEN}"), format!("https://{}.example.com/", TOKEN.to_ascii_uppercase())] {
        refused(to(&host)).await;
    }
    // Of two tokens of which one is part of the other, no rest is left; nor in another case.
    let stub = Stub::start(vec![to("https://ABC-Long-Token.example.com"), reply(500, &[], "abc-long-token")]);
    let client = Client::builder().base_url(&stub.url).token("abc").user_token("abc-long-token").build().unwrap();
    for _ in 0..2 {
        let text = client.fetch(Sendings::records()).await.unwrap_err().to_string();
        assert!(text.contains("(hidden)") && !text.to_ascii_lowercase().contains("-token"), "{text}");
    }
}

#[test]
fn a_password_in_the_base_url() {
    let builder = Client::builder().base_url("https://u:hunter2@x").token(TOKEN);
    let debug = format!("{builder:?}");
    assert!(debug.contains("(hidden)@x") && !debug.contains("hunter2"), "{debug}");
    holds_no_token(&debug);
}
