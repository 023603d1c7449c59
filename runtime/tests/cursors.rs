//! Where rows end: cursors without text, cursors that lead nowhere, and pages without rows.

mod stub;

use harbour_api::{Berths, Client, ClientBuilder, Error, Json};
use serde_json::json;
use stub::{Step, ids, ok, page_body, scripted};

fn page(rows: &[i64], next: &Json) -> Step {
    let rows: Vec<_> = rows.iter().map(|count| json!({"berths": count})).collect();
    Step::Reply(ok(&json!({"lines": rows, "more": {"at": next}})))
}

async fn rows(client: ClientBuilder<Client>) -> Result<usize, Error> {
    Ok(client.build().unwrap().collect_all(Berths::by_kind()).await?.len())
}

#[tokio::test]
async fn a_cursor_without_text_ends_the_rows_under_an_assumption() {
    let answer = |body: &Json, _| match body["after"].as_str() {
        None => page(&[1, 2], &json!("a")),
        Some("a") => page(&[3], &json!("")),
        Some(_) => page(&[4], &Json::Null),
    };
    let (client, log) = scripted(answer);
    assert_eq!(rows(client).await.unwrap(), 3);
    assert_eq!(log.lock().unwrap().len(), 2);
    let mut stream = scripted(answer).0.build().unwrap().stream(Berths::by_kind());
    while stream.try_next().await.unwrap().is_some() {}
    assert_eq!(stream.warnings()[0].assumption.unwrap().id, "empty-cursor-ends");
    assert_eq!(rows(scripted(answer).0.assume("empty-cursor-ends", false)).await.unwrap(), 4);
    // A server that starts again at a cursor without text shows that it is one.
    let (client, _) = scripted(|_, _| page(&[1], &json!("")));
    let error = rows(client.assume("empty-cursor-ends", false)).await.unwrap_err();
    assert!(matches!(error, Error::RepeatedCursor { .. }) && ids(&error).contains(&"cursor-key"), "{error}");
}

#[tokio::test]
async fn an_empty_page_that_leads_to_itself_is_the_last() {
    let (client, log) = scripted(|body, _| match body["after"].as_str() {
        None => page(&[1, 2], &json!("a")),
        Some(cursor) => page(&[], &json!(cursor)),
    });
    assert_eq!(rows(client).await.unwrap(), 2);
    assert_eq!(log.lock().unwrap().len(), 2);
    // With rows, it is a circle.
    let (client, _) = scripted(|_, _| page(&[1], &json!("a")));
    assert!(matches!(rows(client).await, Err(Error::RepeatedCursor { .. })));
}

#[tokio::test]
async fn pages_without_rows_are_bounded() {
    // A filter that matches little may leave many pages without rows.
    let (client, _) = scripted(|_, sent| match sent {
        50 | 149 => Step::Reply(page_body(1, Some(&sent.to_string()))),
        200 => page(&[], &Json::Null),
        sent => page(&[], &json!(sent.to_string())),
    });
    assert_eq!(rows(client).await.unwrap(), 2);
    let (client, log) = scripted(|_, sent| match sent {
        0 => page(&[1, 2, 3], &json!("0")),
        sent => page(&[], &json!(sent.to_string())),
    });
    let partial = client.build().unwrap().collect_all(Berths::by_kind()).await.unwrap_err();
    assert_eq!((partial.rows.len(), partial.rows_before_cursor, log.lock().unwrap().len()), (3, 3, 101));
    assert!(matches!(partial.error, Error::EmptyPages { pages: 100, .. }), "{partial}");
    // Who believes the server goes on there.
    assert_eq!((partial.cursor.as_deref(), partial.error.cursor()), (Some("100"), Some("100")));
    assert!(partial.error.to_string().contains("100 pages in a row without rows"));
}

#[tokio::test]
async fn rows_tell_whether_they_are_finished() {
    let (client, _) = scripted(|body, _| match body["after"].as_str() {
        None => page(&[1], &json!("a")),
        Some(_) => page(&[2, 3], &Json::Null),
    });
    let mut stream = client.build().unwrap().stream(Berths::by_kind());
    for _ in 0..3 {
        assert!(!stream.is_finished());
        assert!(stream.try_next().await.unwrap().is_some());
    }
    assert!(stream.is_finished() && stream.cursor() == Some("a"));
    assert!(stream.try_next().await.unwrap().is_none() && stream.is_finished());
    // After an error there are no more rows, and yet some are left.
    let (client, _) = scripted(|_, _| stub::refused(401, "", ""));
    let mut stream = client.build().unwrap().stream(Berths::by_kind());
    assert!(stream.try_next().await.is_err());
    assert!(stream.try_next().await.unwrap().is_none() && !stream.is_finished());
}
