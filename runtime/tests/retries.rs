//! What is sent again, when, and for how long, under a paused clock.

mod stub;

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use harbour_api::{
    Berths, GaveUp, HttpResponse, Json, PartialRows, RetryPolicy, TransportFault, TransportKind, Wrecks,
    berths::ByKind,
    endpoints::{Describe, ExportFigures},
};
use stub::{Step, page_body, refused, scripted};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

/// Page `n` of fifty; the cursor of a request is the number of its page.
fn fifty(body: &Json) -> (i64, HttpResponse) {
    let page = body["after"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
    (page, page_body(page, (page < 49).then(|| (page + 1).to_string()).as_deref()))
}

/// Every kind of failure that may pass.
const PASSING: [fn() -> Step; 9] = [
    || refused(503, "", ""),
    || refused(502, "", ""),
    || refused(408, "", ""),
    || refused(429, "", ""),
    || Step::Fault(TransportKind::Reset),
    || Step::Fault(TransportKind::Connect),
    || Step::Fault(TransportKind::ConnectTimeout),
    || Step::Fault(TransportKind::Body),
    || Step::Silence,
];

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_once_is_sent_again() {
    for failure in PASSING {
        let (client, log) = scripted(move |body, sent| if sent == 25 { failure() } else { Step::Reply(fifty(body).1) });
        let rows = client.build().unwrap().collect_all(Berths::by_kind()).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.berths).collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
        assert_eq!(log.lock().unwrap().len(), 51);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_from_the_cursor_it_failed_at() {
    let failing = |body: &Json, sent: usize| match fifty(body) {
        (25, _) if sent < 40 => refused(503, "", ""),
        (_, page) => Step::Reply(page),
    };
    let (client, log) = scripted(failing);
    let client = client.build().unwrap();
    let PartialRows { rows, error, cursor, rows_before_cursor } = client.collect_all(Berths::by_kind()).await.unwrap_err();
    assert_eq!((rows.len(), rows_before_cursor, cursor.as_deref(), error.cursor()), (25, 25, Some("25"), Some("25")));
    let meta = error.meta().unwrap();
    assert_eq!((meta.tries, meta.status, meta.gave_up), (5, Some(503), Some(GaveUp::Tries)));
    assert!(error.to_string().contains("gave up after 5 tries"), "{error}");
    // A stream says the same, also before it fails.
    let mut stream = client.stream(Berths::by_kind().resume_from("24"));
    assert_eq!(stream.cursor(), Some("24"));
    assert_eq!(stream.try_next().await.unwrap().unwrap().berths, 24);
    assert!(stream.try_next().await.is_err());
    assert_eq!(stream.cursor(), Some("25"));
    while log.lock().unwrap().len() < 40 {
        let _ = client.fetch(Berths::by_kind()).await.unwrap();
    }
    let rest = client.collect_all(Berths::by_kind().resume_from("25")).await.unwrap();
    assert_eq!(rest.iter().map(|row| row.berths).collect::<Vec<_>>(), (25..50).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_row_at_fault_makes_its_page_come_again() {
    let body = |rows: &str| HttpResponse::new(200).body(format!(r#"{{"lines": [{rows}], "more": {{"at": "b"}}}}"#));
    let (client, _) = scripted(move |_, sent| {
        Step::Reply(if sent == 0 { body(r#"{"berths": 1}"#) } else { body(r#"{"berths": 2}, {"berths": "x"}"#) })
    });
    let partial = client.build().unwrap().collect_all(Berths::by_kind()).await.unwrap_err();
    assert_eq!((partial.rows.len(), partial.rows_before_cursor, partial.cursor.as_deref()), (2, 1, Some("b")));
    assert_eq!(partial.error.cursor(), Some("b"));
    assert!(partial.to_string().contains("go on with `resume_from`"), "{partial}");
}

#[tokio::test(start_paused = true)]
async fn the_rate_limit_is_waited_for_by_time_not_by_tries() {
    let (client, log) = scripted(|_, _| Step::Reply(HttpResponse::new(429).header("retry-after", "1").header("x-cost", "3")));
    let start = Instant::now();
    let error = client.build().unwrap().fetch(Berths::by_kind()).await.unwrap_err();
    assert!(start.elapsed() > 55 * SECOND && start.elapsed() < 61 * SECOND, "{:?}", start.elapsed());
    let meta = error.meta().unwrap();
    assert!(meta.tries > 25 && meta.tries as usize == log.lock().unwrap().len(), "{meta:?}");
    assert_eq!(meta.tokens, Some(3 * i64::from(meta.tries)));
    // The clock counts in milliseconds, and rounds up.
    assert!(meta.waited <= start.elapsed().min(60 * SECOND) && meta.waited > 55 * SECOND, "{meta:?}");
    assert!(matches!(meta.gave_up, Some(GaveUp::WaitTooLong { .. })), "{meta:?}");
    assert!(error.to_string().contains("retry at 2024-06-15T12:00:0"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_past_the_deadline_is_not_begun() {
    let start = Instant::now();
    for (status, timeout, limit) in [(429, 600, 60), (429, 9, 60), (503, 9, 0)] {
        let (client, _) = scripted(move |_, _| refused(status, "retry-after", "3600"));
        let client = client.max_rate_limit_wait(limit * SECOND).timeout(timeout * SECOND).build().unwrap();
        let error = client.fetch(Berths::by_kind()).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("wait at least 3600 s") && text.contains("gave up after 1 try: retry at 2024-06-15T13:00:0"),
            "{text}"
        );
        assert!(error.is_retryable());
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_wait_comes_in_many_forms() {
    let now = "Sat, 15 Jun 2024 12:00:00 GMT";
    for (text, seconds) in [
        ("7", Some(7)),
        ("6.2", Some(7)),
        ("1, 7", Some(7)),
        ("Sat, 15 Jun 2024 12:00:07 GMT", Some(7)),
        ("Saturday, 15-Jun-24 12:00:07 GMT", Some(7)),
        ("Sat Jun 15 12:00:07 2024", Some(7)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)),
        ("1s", None),
        ("-1", None),
        ("NaN", None),
        ("", None),
    ] {
        let (client, _) = scripted(move |_, _| refused(429, "retry-after", text));
        let client = client.max_rate_limit_wait(Duration::ZERO).build().unwrap();
        let error = client.fetch(Berths::by_kind()).await.unwrap_err();
        assert_eq!(error.retry_after(), seconds.map(Duration::from_secs), "{text}");
        let shown = error.to_string().contains(&format!("retry after `{text}`"));
        assert_eq!(shown, seconds.is_none() && !text.is_empty(), "{error}");
    }
    // A date counts from the server's clock, and of two headers the longer wait counts.
    let skewed = move || {
        Step::Reply(
            HttpResponse::new(429)
                .header("date", "Sat, 15 Jun 2024 11:00:00 GMT")
                .header("retry-after", now)
                .header("retry-after", "5"),
        )
    };
    let (client, _) = scripted(move |_, _| skewed());
    let error = client.build().unwrap().fetch(Berths::by_kind()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(3600 * SECOND));
    // Without a wait that can be read, the client backs off.
    for text in ["", "1s"] {
        let (client, _) =
            scripted(move |_, sent| if sent < 3 { refused(429, "retry-after", text) } else { Step::Reply(page_body(1, None)) });
        assert_eq!(client.build().unwrap().fetch(Berths::by_kind()).await.unwrap().meta.tries, 4);
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_reads_is_sent_again_after_the_server_may_have_acted() {
    for (at, failure) in PASSING.into_iter().enumerate() {
        let (client, log) =
            scripted(move |_, sent| if sent == 0 { failure() } else { Step::Reply(HttpResponse::new(200).body("{}")) });
        let client = client.build().unwrap();
        let exported = client.fetch(ExportFigures.of(&Wrecks::statistics())).await;
        // A refusal of the rate limit, and no connection.
        let had_no_effect = [3, 5, 6].contains(&at);
        assert_eq!((exported.is_ok(), log.lock().unwrap().len()), (had_no_effect, if had_no_effect { 2 } else { 1 }), "{at}");
        if let Err(error) = exported {
            assert_eq!(error.meta().unwrap().gave_up, Some(GaveUp::NotRepeatable));
            assert!(error.to_string().contains("does not send it again"), "{error}");
        }
        let (client, log) =
            scripted(move |_, sent| if sent == 0 { failure() } else { Step::Reply(HttpResponse::new(200).body("{}")) });
        assert_eq!(client.build().unwrap().fetch(Describe.of(Berths)).await.unwrap().meta().tries, 2);
        assert_eq!(log.lock().unwrap().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn final_failures_are_not_sent_again() {
    let statuses = [304, 400, 401, 403, 404, 422, 444, 501].map(|status| refused(status, "", ""));
    let kinds = [TransportKind::Certificate, TransportKind::Tls, TransportKind::NotHttp, TransportKind::Request];
    let steps: Vec<Step> = statuses.into_iter().chain(kinds.map(Step::Fault)).collect();
    let steps = std::sync::Mutex::new(steps);
    let (client, log) = scripted(move |_, _| steps.lock().unwrap().pop().unwrap());
    let client = client.build().unwrap();
    for sent in 1..=12 {
        let error = client.fetch(Berths::by_kind()).await.unwrap_err();
        assert!(!error.is_retryable() && error.meta().unwrap().gave_up.is_none(), "{error}");
        assert_eq!(log.lock().unwrap().len(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn retries_have_a_budget() {
    let (client, log) = scripted(|_, _| refused(500, "", ""));
    let client = client.build().unwrap();
    let mut reasons = Vec::new();
    for _ in 0..20 {
        reasons.push(client.clone().fetch(Berths::by_kind()).await.unwrap_err().meta().unwrap().gave_up.unwrap());
    }
    // 35 retries at 14 tokens.
    assert_eq!(log.lock().unwrap().len(), 20 + 35);
    assert_eq!((reasons[0], reasons[19]), (GaveUp::Tries, GaveUp::Budget));
}

#[tokio::test(start_paused = true)]
async fn waits_are_random_and_bounded() {
    let mut waits = Vec::new();
    for _ in 0..30 {
        let (client, log) = scripted(|_, _| Step::Fault(TransportKind::Reset));
        let client = client.retry(RetryPolicy::standard().max_tries(3).waits(4 * SECOND, 5 * SECOND)).build().unwrap();
        client.fetch(Berths::by_kind()).await.unwrap_err();
        let log = log.lock().unwrap();
        assert_eq!(log.len(), 3);
        waits.push((log[1].0 - log[0].0, log[2].0 - log[1].0));
    }
    assert!(waits.iter().all(|(first, second)| *first <= 4 * SECOND && *second <= 5 * SECOND + SECOND / 100), "{waits:?}");
    waits.sort();
    waits.dedup();
    assert!(waits.len() > 20, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn one_call_may_have_settings_of_its_own() {
    let (client, log) = scripted(|_, _| Step::Silence);
    let client = client.build().unwrap();
    let start = Instant::now();
    let error = client.with_retry(RetryPolicy::none()).fetch(Berths::by_kind()).await.unwrap_err();
    assert!(error.is_timeout() && start.elapsed() == 60 * SECOND, "{error} {:?}", start.elapsed());
    let error = client.with_timeout(90 * SECOND).fetch(Berths::by_kind()).await.unwrap_err();
    assert!(error.is_timeout() && start.elapsed() <= 151 * SECOND, "{error} {:?}", start.elapsed());
    assert!(error.to_string().contains("raise `timeout`"), "{error}");
    assert_eq!(log.lock().unwrap().len(), 3);
}

/// A page of which a byte arrives each second.
fn drip(count: usize) -> HttpResponse {
    let bytes = format!(r#"{{"lines": [{{"berths": {}1}}]}}"#, " ".repeat(count)).into_bytes();
    HttpResponse::new(200).chunks(futures_util::stream::unfold(bytes.into_iter(), |mut bytes| async {
        tokio::time::sleep(SECOND).await;
        Some((Ok(vec![bytes.next()?]), bytes))
    }))
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_ends_at_the_timeout_of_the_call() {
    let (client, _) = scripted(|_, _| Step::Reply(drip(1000)));
    let client = client.build().unwrap();
    let start = Instant::now();
    let error = client.fetch(Berths::by_kind()).await.unwrap_err();
    assert!(error.is_timeout() && start.elapsed() == 600 * SECOND, "{error} {:?}", start.elapsed());
    assert!([599, 600].contains(&error.meta().unwrap().bytes), "{error}");
    // Longer than any clock counts.
    let forever = Duration::MAX;
    let (client, _) = scripted(|_, _| Step::Reply(drip(1000)));
    let client =
        client.read_timeout(forever).timeout(forever).connect_timeout(forever).max_rate_limit_wait(forever).build().unwrap();
    let page: harbour_api::Page<ByKind> = client.fetch(Berths::by_kind()).await.unwrap();
    assert_eq!((page.rows.len(), page.meta.tries, page.meta.status), (1, 1, Some(200)));
}

#[tokio::test(start_paused = true)]
async fn only_waiting_for_the_server_counts() {
    for (timeout, pause) in [(60, 61), (1, 2), (1, 3600)] {
        let (client, _) = scripted(|body, _| Step::After(SECOND / 2, fifty(body).1));
        let client = client.read_timeout(timeout * SECOND).timeout(timeout * SECOND).retry(RetryPolicy::none()).build().unwrap();
        let mut rows = client.stream(Berths::by_kind());
        let mut count = 0;
        while rows.try_next().await.unwrap().is_some() {
            count += 1;
            // The thread is busy, and its other tasks stand still.
            tokio::time::advance(pause * SECOND).await;
        }
        assert_eq!(count, 50);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_counts_although_its_body_breaks() {
    let broken = |status: u16| {
        let parts = [Ok(br#"{"message": "no""#.to_vec()), Err(TransportFault::new(TransportKind::Body, "scripted"))];
        HttpResponse::new(status).chunks(futures_util::stream::iter(parts))
    };
    let silent = |status: u16| HttpResponse::new(status).chunks(futures_util::stream::pending());
    for answer in [broken as fn(u16) -> HttpResponse, silent] {
        let (client, log) = scripted(move |_, _| Step::Reply(answer(401)));
        let error = client.build().unwrap().fetch(Berths::by_kind()).await.unwrap_err();
        assert_eq!((error.status(), log.lock().unwrap().len()), (Some(401), 1), "{error}");
        let (client, log) = scripted(move |_, sent| match sent {
            0 => Step::Reply(answer(429).header("Retry-After", "7")),
            _ => Step::Reply(page_body(1, None)),
        });
        let page = client.build().unwrap().fetch(Berths::by_kind()).await.unwrap();
        assert!(page.meta.waited >= 7 * SECOND && log.lock().unwrap().len() == 2, "{:?}", page.meta);
    }
}

#[tokio::test(start_paused = true)]
async fn the_budget_bears_what_the_server_asked_for_and_what_helped() {
    let (client, _) = scripted(|_, _| refused(429, "retry-after", "1"));
    let client = client.max_rate_limit_wait(500 * SECOND).build().unwrap();
    let meta = client.fetch(Berths::by_kind()).await.unwrap_err().meta().unwrap().clone();
    assert!(meta.tries > 101 && matches!(meta.gave_up, Some(GaveUp::WaitTooLong { .. })), "{meta:?}");
    // A success gives back what all of its tries took.
    let (client, _) = scripted(|_, sent| if sent % 4 < 3 { refused(500, "", "") } else { Step::Reply(page_body(1, None)) });
    let client = client.build().unwrap();
    for _ in 0..30 {
        assert_eq!(client.fetch(Berths::by_kind()).await.unwrap().meta.tries, 4);
    }
}

#[test]
fn a_runtime_that_ends_leaves_the_cursor() {
    let (client, _) = scripted(|_, _| Step::Silence);
    let mut rows = client.build().unwrap().stream(Berths::by_kind().resume_from("7"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let entered = runtime.enter();
    assert!(rows.next().now_or_never().is_none());
    drop(entered);
    drop(runtime);
    let error = rows.next().now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!((error.cursor(), rows.cursor(), rows.is_finished()), (Some("7"), Some("7"), false), "{error}");
}
