//! Statistics and calls of endpoints: what is sent, what comes back, and what a path that is not known says.

mod fixture;
mod stub;

use fixture as api;
use fixture::{Client, charts::*, endpoints::*, sendings, sendings::Sendings};
use placewise_runtime::{Call, ClientBuilder, Endpoint, EndpointInfo, Error, Json, JsonRow, JsonStatistics, Report, Setting};
use serde_json::json;
use stub::{Stub, reply};

const TOKEN: &str = "s3cr3t-token";

fn builder(stub: &Stub) -> ClientBuilder<Client> {
    Client::builder().base_url(&stub.url).token(TOKEN).clock(|| "2024-06-15T12:00:00Z".parse().unwrap())
}

fn range() -> placewise_runtime::TimeRange {
    let at = |text: &str| text.parse::<placewise_runtime::jiff::Timestamp>().unwrap();
    (at("2024-06-01T00:00:00Z")..at("2024-06-02T00:00:00Z")).into()
}

#[tokio::test]
async fn an_unknown_path_is_an_error() {
    let stub = Stub::start(vec![]);
    let client = builder(&stub).build().unwrap();
    let error = client.fetch(SendingsStats::statistics()).await.unwrap_err();
    assert!(error.is_configuration());
    assert_eq!(error.assumptions()[0].id, "statistics-path");
    assert_eq!(
        error.to_string(),
        "path: report sendings_stats: the path is unknown; set the assumption `statistics-path` with \
         `.assume(\"statistics-path\", \"/…\")` when building the client"
    );
    let error = client.fetch(Metadata.of(Sendings)).await.unwrap_err();
    assert!(error.to_string().contains("endpoint metadata, report sendings"), "{error}");
    assert!(error.to_string().contains(".assume(\"metadata-path\", \"/…\")"), "{error}");
    // A known path can be taken away, and a path is no other text.
    let client = builder(&stub).assume("timeseries-path", Json::Null).build().unwrap();
    assert!(client.fetch(OffersHistory::series(range())).await.unwrap_err().is_configuration());
    for (id, wrong) in [("timeseries-path", "v1"), ("metadata-path", "metadata"), ("statistics-path", "")] {
        let error = builder(&stub).assume(id, wrong).build().unwrap_err().to_string();
        assert!(error.contains(id) && error.contains("starts with `/`"), "{error}");
    }
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn assumptions_of_endpoints_are_checked_when_building() {
    let stub = Stub::start(vec![]);
    for (id, wrong) in [("export-body", json!("yes")), ("metadata-report-key", json!(1)), ("metadata-field-key", json!(""))] {
        assert!(builder(&stub).assume(id, wrong).build().unwrap_err().to_string().contains(id));
    }
    let error = builder(&stub).assume("never-null", json!([])).build().unwrap_err().to_string();
    assert!(error.contains("determines generated types; change it in the spec"), "{error}");
    let error = builder(&stub).assume("statistics-from-key", "to").build().unwrap_err().to_string();
    assert!(error.contains("the same key `to`"), "{error}");
}

#[tokio::test]
async fn statistics_with_overridden_path_and_keys() {
    let body = json!({"anything": [1, 2.5]}).to_string();
    let stub = Stub::start(vec![reply(200, &["Content-Type: application/json"], &body); 2]);
    let client = builder(&stub).assume("statistics-path", "/v1/stats").assume("statistics-report-key", "name").build().unwrap();
    let query = SendingsStats::statistics().range(range()).with("extra", 1);
    let response = client.fetch(query).await.unwrap();
    assert_eq!(response.read().unwrap()["anything"], json!([1, 2.5]));
    assert_eq!(response.content_type(), Some("application/json"));
    assert_eq!(response.bytes(), body.as_bytes());
    let query = JsonStatistics::new(SendingsStats::INFO).aggregated("x").filter(json!({"type": "equal"}));
    client.fetch(query).await.unwrap();
    let seen = stub.seen();
    assert!(seen[0].head.starts_with("POST /v1/stats HTTP/1.1"), "{}", seen[0].head);
    assert_eq!(
        seen[0].body,
        json!({"name": "sendings_stats", "from": "2024-06-01T00:00:00.000Z", "to": "2024-06-02T00:00:00.000Z", "extra": 1})
    );
    assert_eq!(seen[1].body, json!({"name": "sendings_stats", "aggregate_by": "x", "filter": {"type": "equal"}}));
}

#[tokio::test]
async fn metadata_is_typed_if_known() {
    let body = json!({"cost": 10, "fields": ["id"]}).to_string();
    let stub = Stub::start(vec![reply(200, &["ratelimit-cost: 1"], &body), reply(200, &[], "[]"), reply(200, &[], "[1]")]);
    let client = builder(&stub).assume("metadata-path", "/v1/metadata").assume("metadata-field-key", "column").build().unwrap();
    let response = client.fetch(Metadata.of(Sendings)).await.unwrap();
    let reply = response.read().unwrap();
    assert_eq!((reply.cost, reply.other["fields"].clone()), (10, json!(["id"])));
    assert_eq!(response.rate().unwrap().cost, Some(1));
    assert_eq!(client.cost(&Metadata.of(Sendings)), Some(1));
    // A list is not lost, though the type is another.
    let response = client.fetch(Metadata.of_field(sendings::CHANNEL).with("from", "x")).await.unwrap();
    let error = response.read().unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("endpoint metadata, report sendings"), "{error}");
    assert_eq!(error.assumptions()[0].id, "metadata-path");
    assert_eq!((response.json().unwrap(), response.text()), (json!([]), Some("[]")));
    // What was said is replaced by a body of one's own.
    client.fetch(Metadata.of(Sendings).body(json!({"own": true})).with("more", 1)).await.unwrap();
    let bodies: Vec<_> = stub.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(
        bodies,
        [
            json!({"report": "sendings"}),
            json!({"report": "sendings", "column": "channel", "from": "x"}),
            json!({"own": true, "more": 1})
        ]
    );
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
    let client = builder(&stub).assume("export-path", "/v1/export").build().unwrap();
    let query = Sendings::records().filter(sendings::ID.eq(1)).page_size(5);
    let response = client.fetch(Export.of(&query)).await.unwrap();
    assert_eq!((response.text(), response.content_type()), (Some(csv), Some("text/csv")));
    assert!(response.json().unwrap_err().is_decode());
    assert_eq!(stub.seen()[0].body, query.body());
    assert!(client.fetch(Export.of(&query)).await.unwrap().json().unwrap_err().to_string().contains("empty body"));
    let html = client.fetch(Export.of(&query)).await.unwrap();
    let error = html.read().unwrap_err();
    assert!(!format!("{html:?} {error} {error:?}").contains(TOKEN), "{error:?}");
    assert!(error.to_string().contains("HTML") && html.text().unwrap().contains(TOKEN));
    assert_eq!(client.fetch(Export.of(&query)).await.unwrap().bytes(), b"");
}

#[tokio::test]
async fn an_export_may_take_another_body() {
    let refused = reply(422, &[], r#"{"error": "x", "details": {"report": [{"error": "unknown"}]}}"#);
    let stub = Stub::start(vec![reply(200, &[], "{}"), refused]);
    let client = builder(&stub).assume("export-path", "/v1/export").assume("export-body", false).build().unwrap();
    let query = Sendings::records();
    let error = client.fetch(Export.of(&query)).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("`body`"), "{error}");
    client.fetch(Export.of(&query).with("query", query.body())).await.unwrap();
    assert_eq!(stub.seen()[0].body, json!({"query": {"report": "sendings"}}));
    // A chart that runs backwards makes no sense anywhere; an unsendable filter neither.
    let range = range();
    let backwards = OffersHistory::series(placewise_runtime::TimeRange { from: range.to, to: range.from });
    let client = builder(&stub).assume("export-path", "/v1/export").build().unwrap();
    assert!(client.fetch(Export.of(&backwards)).await.unwrap_err().is_range());
    let unsendable = Sendings::records().filter(sendings::RATE.lt(f64::NAN));
    assert!(client.fetch(Export.of(&unsendable)).await.unwrap_err().is_configuration());
    assert_eq!(stub.seen().len(), 1);
    // A server that does not know the query's keys may take another body.
    let error = client.fetch(Export.of(&query)).await.unwrap_err();
    assert_eq!(error.assumptions().iter().map(|known| known.id).collect::<Vec<_>>(), ["export-body"]);
}

#[tokio::test]
async fn keys_of_a_get_go_into_the_url() {
    let stub = Stub::start(vec![reply(200, &[], "{}"); 2]);
    let client = builder(&stub).build().unwrap();
    client.fetch(ShowPlace.with(json!({"id": "a/b ü?", "lang": "nb & en", "deep": [1], "none": null}))).await.unwrap();
    client.fetch(ShowPlace.with(json!({"id": "..."})).with("n", 5)).await.unwrap();
    let seen = stub.seen();
    assert!(
        seen[0].head.starts_with("GET /v1/geo/places/a%2Fb%20%C3%BC%3F?deep=%5B1%5D&lang=nb%20%26%20en HTTP/1.1"),
        "{}",
        seen[0].head
    );
    assert_eq!(seen[0].body, Json::Null);
    assert!(seen[1].head.starts_with("GET /v1/geo/places/...?n=5 "), "{}", seen[1].head);
    for dots in [".", ".."] {
        let error = client.fetch(ShowPlace.with(json!({"id": dots}))).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("another path"), "{error}");
    }
    for missing in [json!({}), json!({"id": null}), json!({"id": ""})] {
        let error = client.fetch(ShowPlace.with(missing)).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(".with(\"id\", …)"), "{error}");
    }
    assert!(client.fetch(ShowPlace.with(json!([1]))).await.unwrap_err().is_configuration());
}

#[tokio::test]
async fn rejections_name_the_endpoint_and_its_assumptions() {
    let stub = Stub::start(vec![
        reply(404, &[], &format!(r#"{{"error": "no {TOKEN}"}}"#)),
        reply(422, &[], r#"{"error": "x", "details": {"column": [{"error": "blank"}]}}"#),
        reply(422, &[], r#"{"error": "x", "details": {"name": [{"error": "blank"}]}}"#),
        reply(404, &[], ""),
    ]);
    let client = builder(&stub).assume("metadata-path", "/m").assume("metadata-field-key", "column").build().unwrap();
    let ids = |error: &Error| error.assumptions().iter().map(|assumption| assumption.id).collect::<Vec<_>>();
    let error = client.fetch(Metadata.of(Sendings)).await.unwrap_err();
    assert_eq!(ids(&error), ["metadata-path"]);
    let text = error.to_string();
    assert!(text.contains("endpoint metadata") && text.contains("`metadata-path` (\"/m\")") && !text.contains(TOKEN), "{text}");
    let error = client.fetch(Metadata.of_field(sendings::CHANNEL)).await.unwrap_err();
    assert_eq!(ids(&error), ["metadata-field-key", "metadata-path"]);
    assert!(error.to_string().contains("(\"column\")"), "{error}");
    // The server names a key that was not sent: any of them may be to blame.
    let error = client.fetch(Metadata.of_field(sendings::CHANNEL)).await.unwrap_err();
    assert_eq!(ids(&error), ["metadata-report-key", "metadata-field-key", "metadata-path"]);
    // A stated path rests on nothing.
    let error = client.fetch(ShowPlace.with(json!({"id": 1}))).await.unwrap_err();
    assert!(ids(&error).is_empty());
}

#[tokio::test]
async fn two_names_under_one_key_are_rejected() {
    let client = builder(&Stub::start(vec![])).assume("metadata-path", "/m").assume("metadata-field-key", "report").build();
    let error = client.unwrap().fetch(Metadata.of_field(sendings::CHANNEL)).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("`metadata-report-key`") && text.contains("`metadata-field-key`") && text.contains("`report`"),
        "{text}"
    );
}

#[tokio::test]
async fn paths_lead_where_they_say() {
    let stub = Stub::start(vec![reply(200, &[], "{}"); 4]);
    for bad in ["/a#b", "/\\x", "/a b", "/a\nb", "/../x", "/%2e%2e/x", "/.%2E/x", "/a/./b", "/a/{", "/{}"] {
        for id in ["statistics-path", "timeseries-path", "metadata-path"] {
            let error = builder(&stub).assume(id, bad).build().unwrap_err().to_string();
            assert!(error.contains(id), "{bad} {error}");
        }
    }
    for id in ["statistics-path", "timeseries-path"] {
        assert!(builder(&stub).assume(id, "/a/{id}").build().unwrap_err().to_string().contains("placeholders"));
    }
    // A path with keys of its own gets further ones; a name may come twice.
    for (path, expected) in [
        ("/p/{id}/of/{id}", "GET /p/7/of/7?n=5 "),
        ("/p?fixed=1", "GET /p?fixed=1&id=7&n=5 "),
        ("/p/{id}?", "GET /p/7?n=5 "),
        ("/p?a={id}&", "GET /p?a=7&n=5 "),
    ] {
        let client = builder(&stub).assume("metadata-path", path).build().unwrap();
        client.fetch(Call::new(GetByPath).with("id", 7).with("n", 5)).await.unwrap();
        let head = stub.seen().last().unwrap().head.clone();
        assert!(head.starts_with(expected), "{head}");
    }
    let client = builder(&stub).assume("metadata-path", "/p/.{id}/x").build().unwrap();
    let error = client.fetch(Call::new(GetByPath).with("id", ".")).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("another path"), "{error}");
}

/// An endpoint without a body whose path is turned.
#[derive(Clone, Copy, Debug)]
struct GetByPath;
impl Endpoint for GetByPath {
    type Api = fixture::Placewise;
    type Reply = JsonRow;
    const INFO: &'static EndpointInfo = &EndpointInfo { name: "get", method: "GET", ..*Metadata::INFO };
}

#[tokio::test]
async fn settings_after_a_body_add_to_it() {
    let stub = Stub::start(vec![reply(200, &[], "{}"); 2]);
    let client = builder(&stub).assume("metadata-path", "/m").build().unwrap();
    let own = Call::new(Metadata).body(json!({"a": 1}));
    client.fetch(own.clone().report(Sendings, Setting::stated("report"))).await.unwrap();
    client.fetch(own.clone().with("a", 2).body(json!({"b": 1}))).await.unwrap();
    assert_eq!(stub.seen()[0].body, json!({"a": 1, "report": "sendings"}));
    assert_eq!(stub.seen()[1].body, json!({"b": 1}));
    // A list has no keys.
    for bare in
        [own.body(json!([1])).with("b", 1), Call::new(Metadata).body(json!([1])).report(Sendings, Setting::stated("report"))]
    {
        assert!(client.fetch(bare).await.unwrap_err().is_configuration());
    }
}
