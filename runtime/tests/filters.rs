//! Filters and queries as JSON, and their cost. The examples of the invented API show every comparison.

use harbour_api::{
    Berths, Client, Comparison, Customers, Filter, Host, Json, JsonRecords, Quays, RetryPolicy, Timestamp, berths::*,
    find_report, jiff,
};
use serde_json::json;

fn berths() -> JsonRecords {
    find_report("berths").unwrap().records().unwrap()
}

#[test]
fn comparisons_are_json() {
    assert_eq!(ID.gt(5).to_json(), json!({"op": "over", "name": "id", "to": 5}));
    let (count, most) = (3_usize, u64::MAX);
    assert_eq!((ID.eq(count).to_json()["to"].clone(), LENGTH.le(most).to_json()["to"].clone()), (json!(3), json!(u64::MAX)));
    let ids = vec![1, 2];
    assert_eq!(ID.one_of(&ids).to_json()["to"], json!(ids));
    let floating = Kind::from("floating");
    assert_eq!(KIND.ne(&floating).to_json()["to"], floating.as_str());
    assert_eq!(NAME.eq("a").to_json(), NAME.eq(String::from("a")).to_json());
    assert_eq!((LENGTH.lt(0.5).to_json()["to"].clone(), LENGTH.ge(1).to_json()["to"].clone()), (json!(0.5), json!(1)));
    assert_eq!(INSPECTED.ge(jiff::civil::date(2024, 2, 29)).to_json()["to"], "2024-02-29");
    let since: jiff::Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(BUILT_AT.ge(since).to_json()["to"], "2024-01-01T00:00:00Z");
    assert_eq!(BUILT_AT.ge(jiff::civil::date(2024, 1, 1).at(0, 0, 0, 0)).to_json()["to"], "2024-01-01T00:00:00");
    assert_eq!(NAME.one_of(["a"; 0]).to_json(), json!({"op": "among", "name": "name", "to": []}));
    assert_eq!(TAGS.is_not_null().to_json(), json!({"op": "is_not", "name": "tags", "to": null}));
}

#[test]
fn a_time_in_any_form_is_compared_in_the_usual_one() {
    for written in ["2025-W15-5T08:29:00+02", "2025-101T08:29:00+0200", "20250411T082900+02:00", "2025-04-11 08:29:00+02:00"] {
        let typed = BUILT_AT.ge(written.parse::<Timestamp>().unwrap()).to_json();
        let named = find_report("berths").unwrap().filter("built_at", Comparison::GreaterOrEqual, written).unwrap();
        let named = berths().filter(named).body()["where"].clone();
        assert_eq!((typed["to"].as_str(), named), (Some("2025-04-11T08:29:00+02:00"), typed.clone()));
    }
    let long: Timestamp = "2025-04-11T08:29:00.1234567890123Z".parse().unwrap();
    assert_eq!(BUILT_AT.eq(long).to_json()["to"], "2025-04-11T08:29:00.123456789Z");
    assert_eq!(long.to_string(), "2025-04-11T08:29:00.1234567890123Z");
}

#[test]
fn nested_nodes_merge_and_each_node_costs() {
    let (a, b, c) = (ID.eq(1), ID.eq(2), ID.eq(3));
    let all = a.clone() & b.clone() & c.clone();
    assert_eq!(all.to_json()["of"].as_array().unwrap().len(), 3);
    assert_eq!(a.clone() & (b.clone() & c.clone()), all);
    // 1 for each comparison, 2 for `&`, 5 for `|`.
    assert_eq!((a.cost(), all.cost(), (a.clone() | b.clone() | c.clone()).cost()), (1, 5, 8));
    let mixed = (a.clone() | b.clone()) & c.clone() & (b.clone() | a.clone());
    assert_eq!((mixed.cost(), mixed.to_json()["of"][0]["op"].clone()), (17, json!("any")));
    assert_eq!(Filter::all([a, b, c]).unwrap(), all);
    assert_eq!(Filter::<Berths>::any([]), None);
}

#[test]
fn queries_show_their_body_and_cost() {
    let query = Berths::records().filter(ID.eq(1)).filter(NAME.eq("a")).page_size(500).resume_from("c");
    let body = json!({
        "what": "berths",
        "where": {"op": "all", "of": [{"op": "is", "name": "id", "to": 1}, {"op": "is", "name": "name", "to": "a"}]},
        "rows": 500,
        "after": "c",
    });
    assert_eq!((query.body(), query.cost()), (body, Some(7)));
    assert_eq!(Berths::by_kind().body(), json!({"what": "berths", "per": "kind"}));
    assert_eq!((Quays::records().cost(), Berths::by_kind().cost()), (None, Some(4)));
}

#[test]
fn overrides_change_bodies_and_costs() {
    let build = |id: &str, value: Json| {
        let builder = Client::builder().base_url(Host::Local).token("t").customers(Customers::all()).assume(id, value);
        builder.build().map_err(|error| error.to_string())
    };
    let query = Berths::records().filter(ID.eq(1) | ID.eq(2)).resume_from("c");
    assert_eq!(build("cursor-key", json!("next")).unwrap().body(&query)["next"], "c");
    assert_eq!(build("any-cost", json!(9)).unwrap().cost(&query), Some(14));
    let raw = berths().filter(Filter::raw(json!({"op": "any", "of": [{"op": "is"}]})));
    assert_eq!(build("any-cost", json!(9)).unwrap().cost(&raw), Some(13));
    for (id, value, problem) in [
        ("cursor_key", json!("next"), "there is no assumption `cursor_key`; did you mean `cursor-key`?"),
        ("any-cost", json!("4"), "`any-cost` must be a whole number, zero or more, not \"4\""),
        ("cursor-key", json!(""), "`cursor-key` must be non-empty text, not \"\""),
        ("cursor-key", json!("what"), "two parts of a request would have the same key `what`"),
    ] {
        assert_eq!(build(id, value).unwrap_err(), format!("assume: {problem}"));
    }
    assert!(build("zzzzzzzzzzzzzzzz", json!(1)).unwrap_err().contains("; use one of cursor-key, "));
}

#[tokio::test]
async fn filters_nested_too_deep_are_rejected() {
    let client = Client::builder()
        .base_url("http://127.0.0.1:9")
        .token("t")
        .customers(Customers::all())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let nested = |levels: usize| {
        let one = ID.eq(1);
        (0..levels).fold(one.clone(), |filter, level| if level % 2 == 0 { filter & one.clone() } else { filter | one.clone() })
    };
    // Building, showing and dropping it must not overflow the stack.
    let deep = nested(200_000);
    let shown = format!("{deep:?} {} {}", deep.to_json(), deep.cost());
    assert!(deep.clone() == deep && shown.contains("TooDeep"));
    for filter in [deep, nested(60)] {
        let error = client.fetch(Berths::records().filter(filter)).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("nested deeper than 60"), "{error}");
    }
    let most = nested(59);
    serde_json::from_str::<Json>(&most.to_json().to_string()).unwrap();
    assert!(!client.fetch(Berths::records().filter(most)).await.unwrap_err().is_configuration());
    let raw = |levels: usize| {
        let compare = json!({"op": "is", "name": "id", "to": 1});
        (0..levels).fold(compare, |inner, _| json!({"op": "all", "of": [inner]}))
    };
    for (levels, rejected) in [(59, false), (60, true), (500, true)] {
        let error = client.fetch(berths().filter(Filter::raw(raw(levels)))).await.unwrap_err();
        assert_eq!(error.is_configuration(), rejected, "{levels} {error}");
    }
}
