//! Errors over a socket: permits, tokens, headers, parameters, every documented status and the rate limit. The token appears in none.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::{CUSTOMERS, TOKEN, assert_hidden, builder, client, serve, simulator, start};
use placewise_model::ErrorName;
use placewise_reporting::{
    Client, Customers, Error, Filter, JsonRow, RateLimiter, Records, ReportingApi, RetryPolicy, Sendings, StaticApi, blocking,
    find_report, sendings::*,
};
use placewise_simulator::{ManualClock, Permits, Server};
use serde_json::{Value, json};

const GENERAL: &str = ReportingApi::SPEC.permit;

async fn refused(client: &Client) -> Error {
    client.fetch(Sendings::records()).await.expect_err("refused")
}

#[tokio::test]
async fn a_query_needs_both_permits() {
    for permits in [vec![], vec![GENERAL], vec![Sendings::PERMIT], vec!["Other"]] {
        let server = start(simulator().token(TOKEN, Permits::of(permits)));
        let error = refused(&client(&server)).await;
        assert!(matches!(error, Error::Forbidden(_)) && error.is_access_refused() && error.status() == Some(403), "{error:?}");
        assert!(error.to_string().contains("lacks the permit"), "{error}");
        let permits = &error.reply().expect("a reply").permits;
        assert!(permits.iter().all(|permit| [GENERAL, Sendings::PERMIT].contains(permit)) && !permits.is_empty(), "{permits:?}");
        assert!(permits.iter().all(|permit| error.to_string().contains(permit)), "{error}");
        assert_eq!(server.spent(), 0);
    }
    let server = start(simulator().token(TOKEN, Permits::of([GENERAL, Sendings::PERMIT])));
    assert!(client(&server).fetch(Sendings::records()).await.is_ok());
    let server = start(simulator().token(TOKEN, Permits::of([Sendings::PERMIT])).assume("both-permits", false));
    assert!(client(&server).fetch(Sendings::records()).await.is_ok());
}

#[tokio::test]
async fn wrong_and_missing_headers_have_their_own_errors() {
    let server = start(simulator().token(TOKEN, Permits::all()));
    let error = refused(&builder(&server).token("another").build().expect("a client")).await;
    assert!(matches!(error, Error::Unauthorized(_)) && error.status() == Some(401) && error.is_access_refused(), "{error:?}");
    let bare = || Client::builder().base_url(server.url()).customers(Customers::all()).product_name("tests");
    // Either authorization will do.
    assert!(bare().user_token(TOKEN).build().expect("a client").fetch(Sendings::records()).await.is_ok());
    let error = refused(&bare().user_token("another").build().expect("a client")).await;
    assert!(matches!(error, Error::Unauthorized(_)), "{error:?}");
    // What the server would refuse to answer without is asked for when the client is built.
    let Err(Error::Configuration(error)) = Client::builder().base_url(server.url()).build() else { panic!("no client") };
    let missing: Vec<_> = error.problems().iter().map(|problem| problem.what).collect();
    assert_eq!(missing, ["token", "customers", "product_name"]);

    let strangers = client(&server).with_customers(Customers::id(7)).expect("a client");
    assert!(matches!(refused(&strangers).await, Error::NotFound(_)));
    let slug = client(&server).with_customers(Customers::loyalty_club("no-mall")).expect("a client");
    assert!(matches!(refused(&slug).await, Error::NotFound(_)));
    let elsewhere = builder(&server).base_url(format!("{}/elsewhere", server.url())).build().expect("a client");
    assert!(matches!(refused(&elsewhere).await, Error::NotFound(_)));
    // Only the one that was answered is paid for.
    assert_eq!(server.spent(), u64::from(COST));
}

/// What a refusal says of the parameters: path and symbol.
fn told(error: &Error) -> Vec<(String, String)> {
    assert_eq!(error.status(), Some(422), "{error:?}");
    let invalid = error.invalid().expect("a tree");
    assert!(invalid.iter().all(|(_, fault)| fault.part.is_some()), "each is about a part of the query: {error}");
    invalid.iter().map(|(path, error)| (path, error.error.clone())).collect()
}

#[tokio::test]
async fn invalid_parameters_name_their_place() {
    let server = start(simulator());
    let client = client(&server);
    let query = |filter| {
        let query = find_report("sendings").and_then(|info| info.records()).expect("a query");
        query.filter(Filter::raw(filter))
    };
    let ok = json!({"type": "equal", "field": "id", "value": 1});
    let unknown = json!({"type": "equal", "field": "colour", "value": "red"});
    let by_header = json!({"type": "equal", "field": "loyalty_club_id", "value": 275});
    let order = json!({"type": "less_than", "field": "channel", "value": "sms"});
    let value = json!({"type": "in", "field": "id", "value": [1, "x"]});
    let nested = json!({"type": "or", "operations": [ok, unknown, {"type": "and", "operations": [ok, by_header]}]});
    for (query, expected) in [
        (query(unknown.clone()), vec![("filter.field", "inclusion")]),
        (query(ok.clone()).filter(Filter::raw(unknown.clone())), vec![("filter.operations.1.field", "inclusion")]),
        (query(by_header), vec![("filter.field", "inclusion")]),
        (query(order), vec![("filter.type", "inclusion")]),
        (query(value), vec![("filter.value.1", "not_an_integer")]),
        (query(json!({"type": "like"})), vec![("filter.type", "inclusion")]),
        (query(json!("id = 1")), vec![("filter", "must_be_an_object")]),
        (
            query(nested).page_size(100_000).resume_from("CNOW-AE"),
            vec![
                ("filter.operations.1.field", "inclusion"),
                ("filter.operations.2.operations.1.field", "inclusion"),
                ("limit", "less_or_equal_to"),
                ("page_info", "invalid"),
            ],
        ),
    ] {
        let error = client.fetch(query).await.expect_err("refused");
        let expected: Vec<_> = expected.into_iter().map(|(path, symbol)| (path.to_owned(), symbol.to_owned())).collect();
        assert_eq!(told(&error), expected);
        for (path, symbol) in &expected {
            assert!(error.to_string().contains(&format!("\n  {path}: {symbol}")), "{error}");
        }
        assert!(matches!(error, Error::InvalidParameters { .. }) && !error.is_retryable());
    }
    let aggregated = client.fetch(Records::<Sendings, JsonRow>::of_aggregation("week")).await.expect_err("refused");
    assert_eq!(told(&aggregated), [("aggregate_by".to_owned(), "inclusion".to_owned())]);
    // The options say what would be right.
    let error = client.fetch(query(unknown)).await.expect_err("refused");
    let (_, fault) = error.invalid().and_then(|tree| tree.iter().next()).expect("one fault");
    let fields = fault.options["in"].as_array().expect("fields");
    assert!(fields.contains(&"channel".into()) && !fields.contains(&"loyalty_club_id".into()), "{fault}");
    // A cursor belongs to its query.
    let cursor =
        client.fetch(Sendings::records().page_size(5)).await.expect("a page").next.cursor().expect("a cursor").to_owned();
    let error = client.fetch(Sendings::records().filter(ID.gt(0)).resume_from(cursor)).await.expect_err("refused");
    assert_eq!(told(&error), [("page_info".to_owned(), "invalid".to_owned())]);
    assert_eq!(server.spent(), 2);
}

#[tokio::test]
async fn each_documented_status_has_its_variant() {
    type Is = fn(&Error) -> bool;
    let expected: [(ErrorName, u16, Is); 13] = [
        (ErrorName::BadRequest, 400, |error| matches!(error, Error::BadRequest(_))),
        (ErrorName::Unauthorized, 401, |error| matches!(error, Error::Unauthorized(_))),
        (ErrorName::FeatureNotEnabled, 402, |error| matches!(error, Error::FeatureNotEnabled(_))),
        (ErrorName::Forbidden, 403, |error| matches!(error, Error::Forbidden(_))),
        (ErrorName::NotFound, 404, |error| matches!(error, Error::NotFound(_))),
        (ErrorName::NotPossible, 405, |error| matches!(error, Error::NotPossible(_))),
        (ErrorName::InvalidParameters, 422, |error| matches!(error, Error::InvalidParameters { .. })),
        (ErrorName::TooManyRequests, 429, |error| matches!(error, Error::TooManyRequests { retry_after: None, .. })),
        (ErrorName::Firewall, 444, |error| matches!(error, Error::Firewall(_))),
        (ErrorName::OauthToken, 460, |error| matches!(error, Error::OauthToken(_))),
        (ErrorName::HeaderMissing, 470, |error| matches!(error, Error::HeaderMissing(_))),
        (ErrorName::HeaderIncorrect, 471, |error| matches!(error, Error::HeaderIncorrect(_))),
        (ErrorName::Maintenance, 503, |error| matches!(error, Error::Maintenance(_))),
    ];
    let server = start(simulator());
    let client = builder(&server).retry(RetryPolicy::none()).max_rate_limit_wait(Duration::ZERO);
    let client = client.rate_limiter(RateLimiter::disabled()).build().expect("a client");
    for (name, status, is) in expected {
        server.refuse_next(name);
        let error = refused(&client).await;
        assert!(is(&error), "{error:?}");
        let reply = error.reply().expect("a reply");
        assert_eq!((error.status(), reply.status, reply.report), (Some(status), status, "sendings"));
        assert_eq!(reply.message.as_deref(), Some("Refused by `refuse_next`."));
        let documented = client.spec().error(status).expect("documented");
        assert_eq!((reply.description, reply.advice), (Some(documented.description), Some(documented.advice)));
        assert_eq!(error.is_retryable(), matches!(status, 429 | 503));
    }
    // Each was asked once.
    assert_eq!(server.requests().len(), expected.len());
    // A run keeps the rows before the refusal.
    let mut stream = client.stream(Sendings::records().page_size(10)).prefetch(0);
    for _ in 0..10 {
        assert!(stream.try_next().await.expect("a row").is_some());
    }
    server.refuse_next(ErrorName::Maintenance);
    assert!(matches!(stream.try_next().await, Err(Error::Maintenance(_))));
    assert!(matches!(stream.try_next().await, Ok(None)), "nothing comes after an error");
}

/// What a query of the tests costs.
const COST: u32 = Sendings::COST;

/// Buckets of tokens for three queries, of which the last one overdraws, that get so many a second.
fn limited(refill: u32, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Server {
    start(simulator().assume("bucket-capacity", 2 * COST + 1).assume("bucket-refill", refill).rate_limit_clock(clock))
}

#[tokio::test]
async fn an_empty_bucket_says_how_long_to_wait() {
    let clock = ManualClock::new();
    let server = limited(1, clock.reader());
    // What the server says shows without a limiter, which would ask less often.
    let impatient =
        |wait| builder(&server).rate_limiter(RateLimiter::disabled()).max_rate_limit_wait(wait).build().expect("a client");
    let never = impatient(Duration::ZERO);
    let fetch = || never.fetch(Sendings::records().page_size(10));
    let cost = i64::from(COST);
    for left in [cost + 1, 1, 1 - cost] {
        let rate = fetch().await.expect("a page").rate.expect("told");
        assert_eq!((rate.remaining, rate.cost, rate.bucket.as_deref()), (Some(left), Some(cost), Some("Organization Reporting")));
    }
    let error = fetch().await.expect_err("refused");
    let wait = Duration::from_secs(COST.into());
    assert!(matches!(&error, Error::TooManyRequests { retry_after: Some(told), .. } if *told == wait), "{error:?}");
    assert!(error.is_rate_limited() && error.is_retryable() && error.retry_after() == Some(wait), "{error:?}");
    assert!(error.to_string().contains(&format!("wait at least {COST} s")), "{error}");
    let rate = error.reply().and_then(|reply| reply.rate.clone()).expect("told");
    assert_eq!((rate.remaining, rate.cost), (Some(1 - cost), Some(0)));
    assert_eq!((server.requests().len(), server.spent()), (4, 3 * u64::from(COST)));
    // A wait longer than allowed is not begun.
    let almost = wait - Duration::from_millis(1);
    let hasty = impatient(almost);
    assert!(refused(&hasty).await.is_rate_limited());
    assert_eq!(server.requests().len(), 5);
    // One customer has a bucket of its own.
    let one = never.with_customers(Customers::id(CUSTOMERS[0])).expect("a client");
    let rate = one.fetch(Sendings::records()).await.expect("a page").rate.expect("told");
    assert_eq!((rate.remaining, rate.bucket.as_deref()), (Some(cost + 1), Some("Customer Reporting")));
    clock.advance(almost);
    assert_eq!(fetch().await.expect_err("refused").retry_after(), Some(Duration::from_secs(1)));
    clock.advance(Duration::from_millis(1));
    assert_eq!(fetch().await.expect("a page").rate.and_then(|rate| rate.remaining), Some(1 - cost));
}

#[tokio::test]
async fn a_refused_stream_keeps_the_rows_it_has_read() {
    let server = limited(1, ManualClock::new().reader());
    let never = builder(&server).max_rate_limit_wait(Duration::ZERO).build().expect("a client");
    let partial = never.collect_all(Sendings::records().page_size(10)).await.expect_err("refused");
    assert_eq!((partial.rows.len(), partial.error.is_rate_limited()), (30, true));
    assert!(partial.to_string().starts_with("after 30 rows: "), "{partial}");
}

#[tokio::test]
async fn a_client_that_may_wait_retries() {
    // A second passes after the fourth request, whatever the real clock says: the bucket is asked for the time once a request.
    let asked = AtomicU64::new(0);
    let server = limited(COST, move || Duration::from_secs(asked.fetch_add(1, Ordering::SeqCst) / 4));
    let patient = builder(&server).max_rate_limit_wait(Duration::from_secs(30)).build().expect("a client");
    let rows = patient.collect_all(Sendings::records().page_size(60)).await.expect("rows");
    assert_eq!(rows.len(), 240);
    let statuses: Vec<_> = server.requests().iter().map(|asked| asked.status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 200]);
}

#[tokio::test]
async fn the_token_appears_in_no_message() {
    let server = start(simulator().token(TOKEN, Permits::none()));
    let asking = client(&server);
    let waiting = || {
        blocking::Client::builder()
            .base_url(server.url())
            .token(TOKEN)
            .user_token(TOKEN)
            .product_name("tests")
            .customers(Customers::all())
    };
    assert_hidden(&[
        format!("{:?} {:?}", builder(&server), builder(&server).user_token(TOKEN)),
        format!("{asking:?} {:?} {:?}", asking.clone(), asking.stream(Sendings::records())),
        format!("{:?} {:?}", waiting(), waiting().build().expect("a client")),
        format!("{:?} {server:?} {:?}", simulator().token(TOKEN, Permits::all()), server.requests()),
    ]);
    let show = |error: Error| format!("{error} {error:?} {:?}", std::error::Error::source(&error).map(ToString::to_string));
    let mut shown = vec![show(refused(&asking).await)];
    // The server repeats the slug, which here is the token itself.
    let slug = asking.with_customers(Customers::loyalty_club(TOKEN)).expect("a client");
    let error = refused(&slug).await;
    assert!(error.to_string().contains("the slug `(hidden)`"), "{error}");
    shown.push(show(error));
    for broken in [format!("{TOKEN}\n"), format!(" {TOKEN}"), format!("{TOKEN}\u{e9}")] {
        shown.push(show(builder(&server).token(broken).build().expect_err("refused")));
    }
    shown.push(show(builder(&server).base_url(format!("https://me:{TOKEN}@localhost")).build().expect_err("refused")));
    // An answer that repeats it, in a place that cannot be read, as a key, as a cursor.
    let page =
        |row: Value, next: &str| json!({"records": [row], "pagination": {"next_page_info": next}, "result_type": "records"});
    let unreadable = [page(json!({"id": TOKEN}), ""), page(json!({TOKEN: 1}), ""), json!({"result_type": TOKEN}), json!(TOKEN)];
    for body in unreadable {
        let client = builder(&server).base_url(serve(vec![body])).build().expect("a client");
        let error = refused(&client).await;
        assert!(error.is_decode(), "{error:?}");
        shown.push(show(error));
    }
    let again = page(json!({}), TOKEN);
    let client = builder(&server).base_url(serve(vec![again.clone(), again])).build().expect("a client");
    let partial = client.collect_all(Sendings::records().rows_as::<placewise_reporting::JsonRow>()).await.expect_err("a loop");
    shown.push(format!("{partial} {partial:?}"));
    assert!(matches!(partial.error, Error::RepeatedCursor { .. }), "{partial:?}");
    let gone = builder(&server).base_url("http://127.0.0.1:1").build().expect("a client");
    shown.push(show(refused(&gone).await));
    assert_hidden(&shown);
}
