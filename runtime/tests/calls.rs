//! Statistics and calls of endpoints: paths, bodies, URL parameters and raw responses.

mod stub;

use harbour_api::{
    Berths, Call, Client, ClientBuilder, Endpoint, EndpointInfo, Filter, Fog, Json, JsonRow, ReportingApi, TimeRange, Wrecks,
    berths,
    endpoints::{CallEndpoint, Describe, DescribeField, ExportLines, ExportMarks, ShowPier},
    find_report,
};
use placewise_runtime::machinery::Setting;
use serde_json::json;
use stub::{Stub, TOKEN, ids, range, reply};

fn builder(stub: &Stub) -> ClientBuilder<Client> {
    stub::builder(&stub.url)
}

/// A call for a field at a path that an assumption sets.
fn call() -> Call<CallEndpoint> {
    let (report, field) = (Setting::assumed("about", "describe-report-key"), Setting::assumed("part", "describe-field-key"));
    Call::new(CallEndpoint).field(berths::KIND, report, field)
}

/// An endpoint without a body, at the same path.
#[derive(Clone, Copy, Debug)]
struct GetByPath;
impl Endpoint for GetByPath {
    type Api = ReportingApi;
    type Reply = JsonRow;
    const INFO: &'static EndpointInfo = &EndpointInfo { name: "get", method: "GET", ..*CallEndpoint::INFO };
}

#[tokio::test]
async fn an_unknown_path_is_an_error() {
    let stub = Stub::start(vec![]);
    let client = builder(&stub).assume("figures-path", Json::Null).assume("series-path", Json::Null).build().unwrap();
    let error = client.fetch(Wrecks::statistics()).await.unwrap_err();
    assert!(error.is_configuration());
    assert_eq!(ids(&error), ["figures-path"]);
    assert_eq!(
        error.to_string(),
        "path: report wrecks: the path is unknown; set the assumption `figures-path` with \
         `.assume(\"figures-path\", \"/…\")` when building the client"
    );
    assert!(client.fetch(Fog::series(range())).await.unwrap_err().is_configuration());
    let error = client.fetch(call()).await.unwrap_err();
    assert!(error.to_string().contains("endpoint call, report berths"), "{error}");
    assert!(error.to_string().contains(".assume(\"call-path\", \"/…\")"), "{error}");
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn overrides_are_checked_when_building() {
    let stub = Stub::start(vec![]);
    let rejected = |id: &str, value: Json| builder(&stub).assume(id, value).build().unwrap_err().to_string();
    for (id, wrong) in [("export-body", json!("yes")), ("describe-report-key", json!(1)), ("describe-field-key", json!(""))] {
        assert!(rejected(id, wrong).contains(id));
    }
    let error = rejected("never-null", json!([]));
    assert!(error.contains("determines generated types; change it in the spec"), "{error}");
    let error = rejected("figures-report-key", json!("where"));
    assert!(error.contains("the same key `where`"), "{error}");
    for bad in ["", "v1", "/a#b", "/\\x", "/a b", "/a\nb", "/a\u{a0}", "/../x", "/x/.", "/%2e%2E/x", "/.%2e", "/a/./b?c", "/a/{"]
        .into_iter()
        .chain(["/a}", "/{}", "/{a{b}}", "/{a}}"])
    {
        for id in ["figures-path", "series-path", "call-path"] {
            let error = rejected(id, bad.into());
            assert!(error.contains(id) && error.contains("starts with `/`"), "{bad} {error}");
        }
    }
    assert!(rejected("figures-path", json!("/a/{id}")).contains("placeholders"));
    for good in ["/", "/a?b=1&c=..", "/a/{id}/b/{id}", "/...", "/a.b/.c", "/@x", "/%20", "//x"] {
        assert!(builder(&stub).assume("call-path", good).build().is_ok(), "{good}");
    }
}

#[tokio::test]
async fn statistics_with_overridden_path_and_keys() {
    let body = json!({"anything": [1, 2.5]}).to_string();
    let stub = Stub::start(vec![reply(200, &["Content-Type: application/json"], &body); 2]);
    let client = builder(&stub).assume("figures-path", "/stats").assume("figures-report-key", "name").build().unwrap();
    let query = Wrecks::statistics().rows_as::<JsonRow>().range(range()).with("extra", 1);
    let response = client.fetch(query).await.unwrap();
    assert_eq!(response.read().unwrap()["anything"], json!([1, 2.5]));
    assert_eq!((response.content_type(), response.bytes()), (Some("application/json"), body.as_bytes()));
    let query = find_report("wrecks").unwrap().statistics().unwrap();
    let query = query.aggregated_by("x").unwrap().filter(Filter::raw(json!({"op": "is"})));
    client.fetch(query).await.unwrap();
    let seen = stub.seen();
    assert!(seen[0].head.starts_with("POST /stats HTTP/1.1"), "{}", seen[0].head);
    assert_eq!(
        seen[0].body,
        json!({"name": "wrecks", "since": "2024-06-01T00:00:00.000Z", "until": "2024-06-02T00:00:00.000Z", "extra": 1})
    );
    assert_eq!(seen[1].body, json!({"name": "wrecks", "per": "x", "where": {"op": "is"}}));
}

#[tokio::test]
async fn replies_are_typed_if_known() {
    let stub = Stub::start(vec![reply(200, &["x-cost: 2"], r#"{"values": ["a"], "more": 1}"#), reply(200, &[], "[]")]);
    let client = builder(&stub).assume("describe-field-key", "column").build().unwrap();
    let call = DescribeField.of(berths::KIND).with("from", "x");
    let response = client.fetch(call.clone()).await.unwrap();
    let reply = response.read().unwrap();
    assert_eq!((&*reply.values, &reply.other["more"]), (&["a".into()][..], &json!(1)));
    assert_eq!((response.rate().unwrap().cost, client.cost(&Describe.of(Berths))), (Some(2), Some(2)));
    // A reply of another type is still available as JSON and as text.
    let response = client.fetch(call).await.unwrap();
    let error = response.read().unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("endpoint describe_field, report berths"), "{error}");
    assert_eq!((response.json().unwrap(), response.text()), (json!([]), Some("[]")));
    assert_eq!(stub.seen()[0].body, json!({"about": "berths", "column": "kind", "from": "x"}));
}

#[tokio::test]
async fn any_reply_is_kept() {
    let csv = "id;name\n1;x\n";
    let stub = Stub::start(vec![
        reply(200, &["Content-Type: text/csv"], csv),
        reply(200, &[], ""),
        reply(200, &[], &format!("<html>{TOKEN}</html>")),
        reply(204, &[], ""),
    ]);
    let client = builder(&stub).assume("export-path", "/export").build().unwrap();
    let query = Berths::records().filter(berths::ID.eq(1)).page_size(5);
    let fetch = async || client.fetch(ExportLines.of(&query)).await.unwrap();
    let response = fetch().await;
    assert_eq!((response.text(), response.content_type()), (Some(csv), Some("text/csv")));
    assert!(response.json().unwrap_err().is_decode());
    assert_eq!(stub.seen()[0].body, query.body());
    assert!(fetch().await.json().unwrap_err().to_string().contains("empty body"));
    let html = fetch().await;
    let error = html.read().unwrap_err();
    assert!(!format!("{html:?} {error} {error:?}").contains(TOKEN), "{error:?}");
    assert!(error.to_string().contains("HTML") && html.text().unwrap().contains(TOKEN));
    assert_eq!(fetch().await.bytes(), b"");
}

#[tokio::test]
async fn an_export_may_take_another_body() {
    let refused = reply(422, &[], r#"{"message": "x", "problems": {"what": [{"code": "unknown"}]}}"#);
    let stub = Stub::start(vec![reply(200, &[], "{}"), refused]);
    let client = builder(&stub).assume("export-path", "/export").assume("export-body", false).build().unwrap();
    let query = Berths::records();
    let error = client.fetch(ExportLines.of(&query)).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("`body`"), "{error}");
    client.fetch(ExportLines.of(&query).with("query", query.body())).await.unwrap();
    assert_eq!(stub.seen()[0].body, json!({"query": {"what": "berths"}}));
    // The query is checked: the order of its range, and its filter.
    let range = range();
    let backwards = Fog::series(TimeRange { from: range.to, to: range.from });
    let client = builder(&stub).assume("export-path", "/export").build().unwrap();
    assert!(client.fetch(ExportMarks.of(&backwards)).await.unwrap_err().is_range());
    let not_finite = Berths::records().filter(berths::LENGTH.lt(f64::NAN));
    assert!(client.fetch(ExportLines.of(&not_finite)).await.unwrap_err().is_configuration());
    assert_eq!(stub.seen().len(), 1);
    // A server that rejects the query's keys may take another body.
    assert_eq!(ids(&client.fetch(ExportLines.of(&query)).await.unwrap_err()), ["export-body"]);
}

#[tokio::test]
async fn keys_of_a_get_go_into_the_url() {
    let stub = Stub::start(vec![reply(200, &[], "{}"); 2]);
    let client = builder(&stub).build().unwrap();
    let show = |body: Json| Call::new(ShowPier).body(body);
    let body = json!({"pier": "a/b ü?", "side": "port", "lang": "nb & en", "deep": [1], "none": null});
    client.fetch(show(body)).await.unwrap();
    client.fetch(show(json!({"pier": "...", "side": "port"})).with("n", 5)).await.unwrap();
    let seen = stub.seen();
    let expected = "GET /piers/a%2Fb%20%C3%BC%3F/port?deep=%5B1%5D&lang=nb%20%26%20en HTTP/1.1";
    assert!(seen[0].head.starts_with(expected), "{}", seen[0].head);
    assert_eq!(seen[0].body, Json::Null);
    assert!(seen[1].head.starts_with("GET /piers/.../port?n=5 "), "{}", seen[1].head);
    for dots in [".", ".."] {
        let error = client.fetch(show(json!({"pier": dots, "side": "port"}))).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("another path"), "{error}");
    }
    for missing in [json!({}), json!({"pier": null}), json!({"pier": ""})] {
        let error = client.fetch(show(missing)).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(".with(\"pier\", …)"), "{error}");
    }
    assert!(client.fetch(show(json!([1]))).await.unwrap_err().is_configuration());
}

#[tokio::test]
async fn placeholders_may_repeat_and_paths_may_have_parameters() {
    let stub = Stub::start(vec![reply(200, &[], "{}"); 4]);
    for (path, expected) in [
        ("/p/{id}/of/{id}", "GET /p/7/of/7?n=5 "),
        ("/p?fixed=1", "GET /p?fixed=1&id=7&n=5 "),
        ("/p/{id}?", "GET /p/7?n=5 "),
        ("/p?a={id}&", "GET /p?a=7&n=5 "),
    ] {
        let client = builder(&stub).assume("call-path", path).build().unwrap();
        client.fetch(Call::new(GetByPath).with("id", 7).with("n", 5)).await.unwrap();
        let head = stub.seen().last().unwrap().head.clone();
        assert!(head.starts_with(expected), "{head}");
    }
    let client = builder(&stub).assume("call-path", "/p/.{id}/x").build().unwrap();
    let error = client.fetch(Call::new(GetByPath).with("id", ".")).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("another path"), "{error}");
}

#[tokio::test]
async fn rejections_name_the_endpoint_and_its_assumptions() {
    let stub = Stub::start(vec![
        reply(404, &[], &format!(r#"{{"message": "no {TOKEN}"}}"#)),
        reply(422, &[], r#"{"message": "x", "problems": {"column": [{"code": "blank"}]}}"#),
        reply(422, &[], r#"{"message": "x", "problems": {"name": [{"code": "blank"}]}}"#),
        reply(404, &[], ""),
    ]);
    let client = builder(&stub).assume("call-path", "/m").assume("describe-field-key", "column").build().unwrap();
    let error = client.fetch(call()).await.unwrap_err();
    assert_eq!(ids(&error), ["call-path"]);
    let text = error.to_string();
    assert!(text.contains("endpoint call") && text.contains("`call-path` (\"/m\")") && !text.contains(TOKEN), "{text}");
    let error = client.fetch(call()).await.unwrap_err();
    assert_eq!(ids(&error), ["describe-field-key", "call-path"]);
    assert!(error.to_string().contains("(\"column\")"), "{error}");
    // The server names a key that was not sent, so every assumption may be wrong.
    assert_eq!(ids(&client.fetch(call()).await.unwrap_err()), ["describe-report-key", "describe-field-key", "call-path"]);
    // A stated path depends on no assumption.
    assert!(ids(&client.fetch(Describe.of(Berths)).await.unwrap_err()).is_empty());
}

#[tokio::test]
async fn two_names_under_one_key_are_rejected() {
    let client = builder(&Stub::start(vec![])).assume("call-path", "/m").assume("describe-field-key", "about").build();
    let error = client.unwrap().fetch(call()).await.unwrap_err();
    let text = error.to_string();
    assert!(error.is_configuration() && text.contains("the same key `about`"), "{text}");
    assert!(text.contains("`describe-report-key`") && text.contains("`describe-field-key`"), "{text}");
}

#[tokio::test]
async fn a_body_replaces_settings_and_later_ones_add_to_it() {
    let stub = Stub::start(vec![reply(200, &[], "{}"); 3]);
    let client = builder(&stub).assume("call-path", "/m").build().unwrap();
    let report = Setting::stated("what");
    let own = call().body(json!({"a": 1}));
    client.fetch(own.clone().report(Berths, report)).await.unwrap();
    client.fetch(own.clone().with("a", 2).body(json!({"b": 1}))).await.unwrap();
    client.fetch(own.clone().with("b", 1)).await.unwrap();
    let bodies: Vec<_> = stub.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies, [json!({"a": 1, "what": "berths"}), json!({"b": 1}), json!({"a": 1, "b": 1})]);
    // A list has no keys.
    for list in [own.clone().body(json!([1])).with("b", 1), own.body(json!([1])).report(Berths, report)] {
        assert!(client.fetch(list).await.unwrap_err().is_configuration());
    }
}
