//! Errors say what to do: the permit, the header, the token and the part of the query that a refusal is about.

mod stub;

use std::sync::atomic::{AtomicUsize, Ordering};

use harbour_api::{
    Berths, Client, ClientBuilder, Customers, Error, Filter, HttpResponse, Json, ReportingApi, RetryPolicy, StaticApi, Token,
    Traffic, Wrecks, berths,
    berths::Kind,
    endpoints::{Describe, Tell},
    find_report, interval,
};
use serde_json::json;
use stub::{Step, TOKEN, range, scripted};

/// A client of a server that always answers this.
fn answering(status: u16, body: &Json) -> ClientBuilder<Client> {
    let body = body.to_string();
    let answer = move |_: &Json, _| Step::Reply(HttpResponse::new(status).body(body.clone()));
    scripted(answer).0.retry(RetryPolicy::none()).max_rate_limit_wait(Default::default())
}

async fn refused(status: u16, body: &Json) -> Error {
    answering(status, body).build().unwrap().fetch(Berths::records()).await.unwrap_err()
}

#[tokio::test]
async fn the_message_of_each_documented_status_says_what_to_do() {
    let query = Berths::records().filter(berths::KIND.eq(Kind::from("floating")) & berths::LENGTH.ge(12)).page_size(5000);
    let problems = json!({
        "where": {"of": {"0": {"to": [{"code": "inclusion", "with": {"in": ["wet", "dry"]}}]}}},
        "rows": [{"code": "too_big", "with": {"most": 1000}}],
        "after": [{"code": "blank"}],
    });
    let mut messages = String::new();
    for documented in ReportingApi::SPEC.errors {
        let problems = if documented.status == 422 { &problems } else { &Json::Null };
        let client = answering(documented.status, &json!({"message": "As it is.", "problems": problems})).build().unwrap();
        let error = client.fetch(query.clone()).await.unwrap_err();
        assert_eq!(error.status(), Some(documented.status));
        messages += &format!("{error}\n\n");
    }
    insta::assert_snapshot!(messages);
}

#[tokio::test]
async fn the_permits_are_those_of_the_report_and_the_api_or_the_one_that_the_server_names() {
    let general = ReportingApi::SPEC.permit;
    let permits = |error: &Error| error.reply().unwrap_or_else(|| panic!("{error}")).permits.clone();
    let error = refused(403, &json!({})).await;
    assert_eq!(permits(&error), [Berths::PERMIT, general]);
    for (message, named) in [(format!("permit {general} missing"), general), (format!("'{}'", Berths::PERMIT), Berths::PERMIT)] {
        let error = refused(403, &json!({"message": message})).await;
        assert_eq!(permits(&error), [named]);
        assert!(error.to_string().contains(&format!("The server names the permit `{named}`")), "{error}");
    }
    // The permits of endpoints are their own, if they are known at all.
    let paths = answering(403, &json!({})).assume("tell-path", "/tell").assume("figures-path", "/figures");
    let client = paths.build().unwrap();
    let error = client.fetch(Describe.of(Berths)).await.unwrap_err();
    assert_eq!(permits(&error), ["Harbour:Describe"]);
    let error = client.fetch(harbour_api::Call::new(Tell)).await.unwrap_err();
    assert!(permits(&error).is_empty() && error.to_string().contains("permit of the endpoint is unknown"), "{error}");
    // Reports by name have them too.
    let error = client.fetch(find_report("wrecks").unwrap().statistics().unwrap()).await.unwrap_err();
    assert_eq!(permits(&error), [Wrecks::PERMIT, general]);
}

#[tokio::test]
async fn a_header_that_the_server_names_is_shown_with_what_sets_it() {
    let named = async |status, message: &str| {
        let client = answering(status, &json!({"message": message})).product_name("dash board").build().unwrap();
        let client = client.with_header("x-trace", "trace-1").unwrap();
        let error = client.fetch(Berths::records()).await.unwrap_err();
        let reply = error.reply().unwrap();
        (reply.header.clone(), reply.hint.clone().unwrap(), error.to_string())
    };
    for (status, message, header, hint) in [
        (470, "x-locale is missing", "X-Locale", "The client did not send `X-Locale`; set it with `locale`"),
        (
            470,
            "Header X-Harbour-Slug: blank",
            "X-Harbour-Slug",
            "The client did not send `X-Harbour-Slug`; set it with `customers`",
        ),
        (471, "bad X-Product", "X-Product", "The client sent `X-Product: dash board`; `product_name` sets it"),
        (471, "bad X-Harbour", "X-Harbour", "The client sent `X-Harbour: h=*`; `customers` sets it"),
        (471, "bad X-Token", "X-Token", "The client sent `X-Token: (hidden)`; `token` sets it"),
        (471, "bad X-Trace", "x-trace", "The client sent `x-trace: (hidden)`; `with_header` sets it"),
    ] {
        let (found, said, message) = named(status, message).await;
        assert_eq!((found.as_deref(), said.as_str()), (Some(header), hint));
        assert!(message.ends_with(hint) && !message.contains("trace-1"), "{message}");
    }
    let (header, hint, message) = named(471, "X-Products").await;
    assert!(header.is_none() && hint.contains("`X-Product: dash board` (product_name)") && hint.contains("not sent: "), "{hint}");
    assert!(!message.contains(TOKEN));
}

#[tokio::test]
async fn a_refused_token_is_named_by_what_set_it() {
    let hint = async |builder: ClientBuilder<Client>| {
        let error = builder.build().unwrap().fetch(Berths::records()).await.unwrap_err();
        error.reply().unwrap().hint.clone().unwrap()
    };
    let client = || answering(401, &json!({}));
    assert_eq!(hint(client()).await, "The token was sent in the header `X-Token`, as `token` set it");
    let source = client().token_source(|| Token::new("another-token"));
    assert_eq!(hint(source).await, "The token was sent in the header `X-Token`, as `token_source` set it");
    assert_eq!(
        hint(client().user_token("another-token")).await,
        "The token was sent in the header `X-Token`, as `token` set it, and in the header `Authorization`, as `user_token` set it"
    );
}

/// The parts that a refusal of the query's parameters names, by path.
async fn parts<Q: harbour_api::Query<ReportingApi>>(query: Q, problems: &Json) -> Vec<(String, Option<String>)>
where
    Q::Answer: std::fmt::Debug,
{
    let client = answering(422, &json!({"problems": problems})).build().unwrap();
    let error = client.fetch(query).await.unwrap_err();
    let invalid = error.invalid().unwrap();
    invalid.iter().map(|(path, fault)| (path, fault.part.as_ref().map(ToString::to_string))).collect()
}

#[tokio::test]
async fn each_detail_is_matched_with_the_querys_own_words() {
    let odd = json!([{"code": "odd"}]);
    let filter = (berths::NAME.eq("Pier \"3\"\n\u{1b}[2J") | berths::ID.one_of([1, 2, 3])) & berths::BUILT_AT.is_null();
    let problems = json!({
        "where": {"of": {
            "0": {"op": odd, "of": {"0": {"to": odd}, "1": {"to": {"2": odd, "7": odd}}, "9": odd}},
            "1": {"name": odd},
        }},
        "after": odd,
        "rows": odd,
        "what": odd,
        "never": odd,
    });
    let found = parts(Berths::records().filter(filter).page_size(7), &problems).await;
    let expected = [
        ("after", Some("no cursor")),
        ("never", None),
        ("rows", Some("page_size `7`")),
        ("what", Some(r#"report `"berths"`"#)),
        ("where.of.0.of.0.to", Some(r#"filter `name = "Pier \"3\"\n\u001b[2J"`"#)),
        ("where.of.0.of.1.to.2", Some("filter `id one_of […, 3, …]`")),
        ("where.of.0.of.1.to.7", Some("filter `id one_of [1,2,3]`")),
        ("where.of.0.of.9", Some("filter `any of 2 filters`")),
        ("where.of.0.op", Some("filter `any of 2 filters`")),
        ("where.of.1.name", Some("filter `built_at = null`")),
    ];
    let expected = expected.map(|(path, part)| (path.to_owned(), part.map(str::to_owned)));
    assert_eq!(found, expected);
    // The parts of a chart, and a filter as JSON that is no filter.
    let chart = Traffic::series(range()).interval(interval::Day).filter(harbour_api::traffic::NAME.ne("a"));
    let found = parts(chart, &json!({"step": odd, "since": odd, "until": odd, "where": odd})).await;
    let found: Vec<_> = found.iter().map(|(_, part)| part.as_deref().unwrap()).collect();
    assert_eq!(
        found,
        [
            r#"from `"2024-06-01T00:00:00.000Z"`"#,
            r#"interval `"1d"`"#,
            r#"to `"2024-06-02T00:00:00.000Z"`"#,
            r#"filter `name != "a"`"#
        ]
    );
    let figures = Wrecks::statistics().with("deepest", json!({"only": true}));
    let found = parts(figures, &json!({"deepest": {"only": odd}})).await;
    assert_eq!(found[0].1.as_deref(), Some(r#"with `{"only":true}`"#));
    let raw = find_report("berths").unwrap().records().unwrap().filter(Filter::raw(json!({"not": ["a", TOKEN]})));
    let found = parts(raw, &json!({"where": {"not": odd}})).await;
    assert_eq!(found[0].1.as_deref(), Some(r#"filter `{"not":["a","(hidden)"]}`"#));
}

#[tokio::test]
async fn a_detail_shows_a_bounded_part_of_a_long_filter() {
    let names: Vec<String> = (0..20_000).map(|number| format!("berth {number}")).collect();
    let filter = berths::NAME.one_of(&names) & berths::NAME.ne("ø".repeat(100_000));
    let problems = json!({"where": {"of": {"0": {"to": [{"code": "odd"}]}, "1": {"to": [{"code": "odd"}]}}}});
    let found = parts(Berths::records().filter(filter), &problems).await;
    assert!(found[0].1.as_deref().unwrap().starts_with(r#"filter `name one_of ["berth 0","berth 1","#), "{found:?}");
    assert!(found[1].1.as_deref().unwrap().starts_with("filter `name != \"øø"), "{found:?}");
    assert!(found.iter().all(|(_, part)| part.as_ref().unwrap().chars().count() < 200), "{found:?}");
    // Nor are more than a few matched.
    let many: serde_json::Map<String, Json> = (0..1000).map(|key| (key.to_string(), json!([{"code": "odd"}]))).collect();
    let found = parts(Berths::records().filter(berths::ID.eq(1)), &json!({"where": {"of": many}})).await;
    assert_eq!(found.iter().filter(|(_, part)| part.is_some()).count(), 100);
}

#[tokio::test]
async fn headers_for_one_call_add_to_those_of_the_client_and_replace_no_secret() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    struct Echo;
    impl harbour_api::Transport for Echo {
        fn send(&self, request: harbour_api::HttpRequest) -> harbour_api::Sending {
            let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
            match CALLS.fetch_add(1, Ordering::Relaxed) {
                0 => assert_eq!((header("x-trace"), header("x-locale")), (Some("t-1".into()), Some("nb".into()))),
                1 => assert_eq!((header("x-trace"), header("x-locale")), (None, None)),
                _ => assert_eq!(header("authorization"), Some("Bearer user-secret".into())),
            }
            assert_eq!(header("x-token"), Some(TOKEN.into()));
            assert!(!format!("{request:?}").contains("user-secret"));
            let response = HttpResponse::new(500).body(r#"{"message": "user-secret"}"#);
            Box::pin(async { Ok(response) })
        }
    }
    let client = Client::builder().base_url("http://127.0.0.1").token(TOKEN).customers(Customers::all());
    let client = client.transport(Echo).retry(RetryPolicy::none()).build().unwrap();
    let traced = client.with_header("X-Trace", "t-1").unwrap().with_locale("nb").unwrap();
    assert!(!format!("{traced:?}").contains("t-1"));
    let ours = client.with_user_token("user-secret").unwrap();
    assert!(!format!("{ours:?}").contains("user-secret"));
    for (client, shown) in [(&traced, true), (&client, true), (&ours, false)] {
        let error = client.fetch(Berths::records()).await.unwrap_err();
        assert_eq!(error.to_string().contains("user-secret"), shown, "{error}");
    }
    for name in ["x-token", "AUTHORIZATION", "X-Harbour", "x-harbour-slug", "Host", "content-type", "Content-Length", "a b", ""] {
        let error = client.with_header(name, "some-secret").unwrap_err();
        assert!(error.is_configuration() && !error.to_string().contains("some-secret"), "{error}");
    }
    let error = client.with_header("x-trace", "some-secret\r\nX-Token: x").unwrap_err();
    assert!(error.to_string().starts_with("header: the value of `x-trace`") && !error.to_string().contains("secret"), "{error}");
    assert!(client.with_user_token(" ").is_err() && client.with_locale("").is_err());
}
