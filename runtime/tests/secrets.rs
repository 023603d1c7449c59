//! A server may repeat the token in any escape, case or place. No part of it reaches an error or a debug text.

mod stub;

use harbour_api::{Berths, Error, Traffic};
use serde_json::json;
use stub::{Stub, page, range, reply};

/// The name of the header holds no part of it.
const TOKEN: &str = "s3cr3t-t0ken/abc";

/// Fails if the text holds any part of the token that is long enough to be one.
fn holds_no_token(text: &str) {
    let text = text.to_ascii_lowercase();
    for part in TOKEN.as_bytes().windows(6) {
        assert!(!text.contains(std::str::from_utf8(part).unwrap()), "{text}");
    }
}

async fn failure(reply: String) -> Error {
    let stub = Stub::start(vec![reply]);
    let client = stub::builder(&stub.url).token(TOKEN).build().unwrap();
    let error = client.fetch(Berths::by_kind()).await.unwrap_err();
    holds_no_token(&format!("{error} {error:?}"));
    error
}

#[tokio::test]
async fn hidden_in_a_message_in_any_escape() {
    let slash = TOKEN.replace('/', "\\/");
    let unicode = format!("\\u0073{}", &TOKEN[1..]);
    let url = TOKEN.replace('/', "%2F");
    let html = TOKEN.replace('/', "&#x2F;");
    for form in [TOKEN, &slash, &unicode, &url, &html] {
        let error = failure(reply(401, &[], &format!(r#"{{"message": "bad {form}!"}}"#))).await;
        assert_eq!(error.reply().unwrap().message.as_deref(), Some("bad (hidden)!"));
        let error = failure(reply(500, &[], &format!("<html>{form}</html>"))).await;
        assert_eq!(error.reply().unwrap().snippet, "<html>(hidden)</html>");
    }
    // The backslashes may be an escape of an escape.
    let error = failure(reply(401, &[], &format!(r#"{{"message": "a\\\\{TOKEN}"}}"#))).await;
    assert_eq!(error.reply().unwrap().message.as_deref(), Some("a(hidden)"));
}

#[tokio::test]
async fn hidden_in_invalid_parameters() {
    for form in [TOKEN.to_owned(), TOKEN.replace('/', "\\/"), format!("\\u0073{}", &TOKEN[1..])] {
        let leaf = format!(r#"[{{"code": "{form}", "with": {{"{form}": ["{form}"]}}, "{form}": "{form}"}}]"#);
        let error =
            failure(reply(422, &[], &format!(r#"{{"message": "x", "problems": {{"{form}": {leaf}, "odd": "{form}"}}}}"#))).await;
        let (path, first) = error.invalid().unwrap().iter().next().unwrap();
        assert_eq!((path.as_str(), first.error.as_str()), ("(hidden)", "(hidden)"));
        assert_eq!(first.options["(hidden)"], json!(["(hidden)"]));
    }
}

#[tokio::test]
async fn a_short_token_hides_no_part_of_a_word() {
    for (token, message, shown) in [
        ("t", "Invalid parameters", "Invalid parameters"),
        ("amet", "Invalid parameters: the token amet", "Invalid parameters: the token (hidden)"),
        ("invalid", r#"token=invalid&a, Bearer\u0020invalid, \"invalid\""#, r#"token=(hidden)&a, Bearer (hidden), "(hidden)""#),
    ] {
        let stub = Stub::start(vec![reply(422, &[], &format!(r#"{{"message": "{message}"}}"#))]);
        let client = stub::builder(&stub.url).token(token).build().unwrap();
        let error = client.fetch(Berths::by_kind()).await.unwrap_err();
        assert_eq!(error.reply().unwrap().message.as_deref(), Some(shown));
    }
    // The crate's own words stay.
    let stub = Stub::start(vec![reply(200, &[], r#"{"lines": [{"berths": "an"}]}"#)]);
    let client = stub::builder(&stub.url).token("an").build().unwrap();
    let error = client.fetch(Berths::by_kind()).await.unwrap_err();
    assert!(error.to_string().contains("expected an integer, found \"(hidden)\""), "{error}");
}

#[tokio::test]
async fn hidden_where_a_snippet_is_cut() {
    for before in 95..125 {
        let text = "y".repeat(before);
        failure(reply(200, &[], &format!(r#"{{"{text}": "{TOKEN}"}}"#))).await;
        failure(reply(500, &[], &format!("{text}{TOKEN}"))).await;
        let row = json!({"berths": format!("{text}{TOKEN}")});
        failure(reply(200, &[], &json!({"lines": [row]}).to_string())).await;
        failure(reply(200, &[], &format!(r#"{{"lines": [], "kind": "{text}{TOKEN}"}}"#))).await;
    }
    // Where the body itself was cut, its end may be the start of the token, so it is not shown.
    let stub = Stub::start((0..40).map(|_| reply(500, &[], &format!("{}{TOKEN}", "z".repeat(150)))).collect());
    for most in 140..180 {
        let client = stub::builder(&stub.url).token(TOKEN).max_body_bytes(most).build().unwrap();
        let error = client.fetch(Berths::records()).await.unwrap_err();
        holds_no_token(&format!("{error} {error:?}"));
        assert_eq!(error.status(), Some(500));
    }
}

#[tokio::test]
async fn hidden_in_an_undecodable_chart() {
    let chart =
        |buckets: &str, series: &str| format!(r#"{{"step": "1d", "clock": "UTC", "marks": [{buckets}], "lines": [{series}]}}"#);
    let escaped = TOKEN.replace('/', "\\/");
    let bodies = [
        chart(&format!("\"{escaped}\""), ""),
        chart("", &format!(r#"{{"{escaped}": 1, "tag": {{}}}}"#)),
        chart("", &format!(r#"{{"heights": [], "tag": {{"way": 1, "{escaped}": 2}}}}"#)),
        chart("", &format!(r#"{{"{escaped}": 1, "{escaped}": 2}}"#)),
    ];
    for body in bodies {
        let stub = Stub::start(vec![reply(200, &[], &body)]);
        let client = stub::builder(&stub.url).token(TOKEN);
        let error = client.build().unwrap().fetch(Traffic::series(range())).await.unwrap_err();
        assert!(error.is_decode());
        holds_no_token(&format!("{error} {error:?}"));
    }
}

#[tokio::test]
async fn hidden_in_headers() {
    let bucket = format!("x-bucket: {TOKEN}");
    let error = failure(reply(500, &[&bucket, &format!("X-Request-Id: {TOKEN}")], "{}")).await;
    assert_eq!(error.reply().unwrap().rate.as_ref().unwrap().bucket.as_deref(), Some("(hidden)"));
    let with_bucket = page(&[1], None).replace("x-bucket: b", &bucket);
    let stub = Stub::start(vec![with_bucket]);
    let client = stub::builder(&stub.url).token(TOKEN).build().unwrap();
    holds_no_token(&format!("{:?}", client.fetch(Berths::by_kind()).await.unwrap()));
}

#[tokio::test]
async fn hidden_in_the_host_of_a_redirect() {
    let to = |location: &str| reply(302, &[&format!("Location: {location}")], "");
    for host in [format!("https://{TOKEN}"), format!("https://{}.example.com/", TOKEN.to_ascii_uppercase())] {
        failure(to(&host)).await;
    }
    // If one token is a part of the other, no rest of the longer one shows, in any case.
    let stub = Stub::start(vec![to("https://ABC-Long-Token.example.com"), reply(500, &[], "abc-long-token")]);
    let client = stub::builder(&stub.url).token("abc").user_token("abc-long-token").build().unwrap();
    for _ in 0..2 {
        let text = client.fetch(Berths::records()).await.unwrap_err().to_string();
        assert!(text.contains("(hidden)") && !text.to_ascii_lowercase().contains("-token"), "{text}");
    }
}

#[tokio::test]
async fn a_token_that_was_replaced_is_sent_and_hidden() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let stub = Stub::start(vec![reply(401, &[], r#"{"message": "old-token-1 and new-token-2"}"#); 3]);
    let asked = AtomicUsize::new(0);
    let source = move || match asked.fetch_add(1, Ordering::Relaxed) {
        0 => "old-token-1".into(),
        1 => "new-token-2".into(),
        _ => harbour_api::Token::new(""),
    };
    let builder = harbour_api::Client::builder().base_url(&stub.url).customers(harbour_api::Customers::all());
    let client = builder.token_source(source).build().unwrap();
    let message = async || client.fetch(Berths::records()).await.unwrap_err().reply().map(|reply| reply.message.clone());
    assert_eq!(message().await.unwrap().as_deref(), Some("(hidden) and new-token-2"));
    assert_eq!(message().await.unwrap().as_deref(), Some("(hidden) and (hidden)"));
    let seen = stub.seen();
    assert!(seen[0].head.contains("x-token: old-token-1") && seen[1].head.contains("x-token: new-token-2"));
    // A source without a token is a wrong setting, and nothing is sent.
    assert!(client.fetch(Berths::records()).await.unwrap_err().is_configuration());
    assert_eq!(stub.seen().len(), 2);
}
