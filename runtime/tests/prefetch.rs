//! How far a stream fetches ahead of the rows that are taken.

mod stub;

use std::time::Duration;

use harbour_api::Berths;
use serde_json::json;
use stub::{Log, Step, ok, page_body, scripted};
use tokio::time::sleep;

/// A server with that many pages of one row each, which takes a second for each page.
fn pages(count: usize) -> (harbour_api::Client, Log) {
    let (client, log) = scripted(move |_, sent| {
        let next = (sent + 1 < count).then(|| sent.to_string());
        Step::After(Duration::from_secs(1), page_body(i64::try_from(sent).unwrap(), next.as_deref()))
    });
    (client.build().unwrap(), log)
}

/// Time for everything that is on its way to arrive. With a paused clock, it takes none.
async fn settle() {
    sleep(Duration::from_secs(1000)).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_fetches_exactly_that_many_pages_ahead_whether_or_not_it_is_polled() {
    for ahead in [0, 1, 2, 5, 30, usize::MAX] {
        let (client, log) = pages(20);
        let mut rows = client.stream(Berths::by_kind()).prefetch(ahead);
        settle().await;
        assert_eq!(log.lock().unwrap().len(), 0, "nothing is sent before the first row is wanted");
        for taken in 1..=20_usize {
            let row = rows.try_next().await.unwrap().unwrap();
            assert_eq!(row.berths, i64::try_from(taken).unwrap() - 1, "in order");
            settle().await;
            assert_eq!(log.lock().unwrap().len(), taken.saturating_add(ahead).min(20), "{ahead} ahead of {taken}");
        }
        assert!(rows.try_next().await.unwrap().is_none() && rows.is_finished());
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stream_tells_is_about_the_rows_that_were_taken() {
    let (client, _) = pages(9);
    let mut rows = client.stream(Berths::by_kind()).prefetch(4);
    assert_eq!((rows.cursor(), rows.meta()), (None, None));
    for taken in 0..5_usize {
        rows.try_next().await.unwrap();
        settle().await;
        let cursor = taken.to_string();
        assert_eq!(rows.cursor(), Some(&*cursor), "the page after the row that was taken");
        assert_eq!(rows.meta().unwrap().cursor, taken.checked_sub(1).map(|page| page.to_string()));
        assert!(!rows.is_finished());
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_stream_sends_no_further_request() {
    let (client, log) = pages(20);
    let mut rows = client.stream(Berths::by_kind()).prefetch(10);
    rows.try_next().await.unwrap();
    // In the middle of the request for the fourth page.
    sleep(Duration::from_millis(2500)).await;
    let sent = log.lock().unwrap().len();
    drop(rows);
    settle().await;
    assert_eq!((sent, log.lock().unwrap().len()), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn an_error_ahead_comes_after_the_rows_before_it() {
    let (client, _) = scripted(|_, sent| match sent {
        0..3 => Step::Reply(page_body(1, Some(&sent.to_string()))),
        _ => stub::refused(401, "", ""),
    });
    let mut rows = client.build().unwrap().stream(Berths::by_kind()).prefetch(8);
    for _ in 0..3 {
        assert!(rows.try_next().await.unwrap().is_some());
        settle().await;
    }
    assert_eq!(rows.try_next().await.unwrap_err().cursor(), Some("2"));
    assert!(rows.cursor() == Some("2") && rows.try_next().await.unwrap().is_none() && !rows.is_finished());
}

#[tokio::test]
async fn pages_come_whole_with_the_cursor_after_them() {
    let bodies = [json!([{"berths": 1}, {"berths": 2}]), json!([]), json!([{"berths": 3}, {"berths": 4}, {"berths": "five"}])];
    for taken in 0..=2 {
        let bodies = bodies.clone();
        let (client, _) = scripted(move |_, sent| {
            Step::Reply(ok(&json!({"lines": bodies[sent], "more": {"at": sent.to_string()}})).header("x-cost", &sent.to_string()))
        });
        let mut pages = client.build().unwrap().stream(Berths::by_kind());
        for _ in 0..taken {
            pages.try_next().await.unwrap();
        }
        let mut told = Vec::new();
        let error = loop {
            match pages.try_next_page().await {
                Ok(page) => {
                    let rows = page.unwrap().iter().map(|row| row.berths).collect::<Vec<_>>();
                    let tokens = pages.meta().unwrap().tokens.unwrap();
                    told.push((rows, tokens, pages.cursor().unwrap().to_owned()));
                }
                Err(error) => break error,
            }
        };
        let first = ((taken + 1)..=2).collect::<Vec<_>>();
        let page = |rows: Vec<i64>, tokens, cursor: &str| (rows, tokens, cursor.to_owned());
        // The rows before a fault come, and are asked for again.
        let mut expected = vec![page(first, 0, "0"), page(vec![], 1, "1"), page(vec![3, 4], 2, "1")];
        if taken == 2 {
            // Nothing is left of the first page.
            expected.remove(0);
        }
        assert_eq!(told, expected, "{taken} rows taken");
        assert!(error.is_decode() && pages.try_next_page().await.unwrap().is_none() && !pages.is_finished());
    }
}

#[test]
fn the_blocking_client_fetches_ahead_if_told_to() {
    for ahead in [0, 3] {
        let (client, log) = scripted(|_, sent| {
            let next = (sent < 9).then(|| sent.to_string());
            Step::Reply(page_body(i64::try_from(sent).unwrap(), next.as_deref()))
        });
        let client = harbour_api::blocking::Client::new(client.build().unwrap()).unwrap();
        let rows: Vec<i64> = client.stream(Berths::by_kind()).prefetch(ahead).map(|row| row.unwrap().berths).collect();
        assert_eq!((rows, log.lock().unwrap().len()), ((0..10).collect(), 10));
    }
}
