//! Filters and queries as the JSON that is sent, and what they cost.

mod fixture;

use fixture as api;
use fixture::{members::Members, sendings, sendings::*};
use placewise_runtime::{Filter, Json, JsonRecords, Report, jiff};
use serde_json::json;

#[test]
fn comparisons() {
    let email = CHANNEL.eq(Channel::Email);
    assert_eq!(email.to_json(), json!({"type": "equal", "field": "channel", "value": "email"}));
    let fax = Channel::Unlisted("fax".into());
    assert_eq!(CHANNEL.ne(&fax).to_json()["value"], fax.as_str());
    assert_eq!(KIND.eq("a").to_json(), KIND.eq(String::from("a")).to_json());
    assert_eq!(LANGUAGE.eq(Language::from("nb")).to_json()["value"], "nb");
    assert_eq!(ID.gt(5).to_json(), json!({"type": "greater_than", "field": "id", "value": 5}));
    assert_eq!(ID.le(5_i64).to_json()["type"], "less_or_equal_to");
    assert_eq!(RATE.lt(0.5).to_json()["value"], 0.5);
    assert_eq!(RATE.ge(1).to_json()["type"], "greater_or_equal_to");
    assert_eq!(ACTIVE.eq(true).to_json()["value"], true);
    assert_eq!(DAY.ge(jiff::civil::date(2024, 2, 29)).to_json()["value"], "2024-02-29");
    let since: jiff::Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(CREATED_AT.ge(since).to_json()["value"], "2024-01-01T00:00:00Z");
    assert_eq!(CREATED_AT.ge(jiff::civil::date(2024, 1, 1).at(0, 0, 0, 0)).to_json()["value"], "2024-01-01T00:00:00");
    assert_eq!(IDS.one_of([1, 2]).to_json(), json!({"type": "in", "field": "ids", "value": [1, 2]}));
    assert_eq!(CHANNEL.none_of([Channel::Sms]).to_json(), json!({"type": "not_in", "field": "channel", "value": ["sms"]}));
    assert_eq!(KIND.one_of(["a"; 0]).to_json()["value"], json!([]));
    assert_eq!(TIME_RANGES.is_null().to_json()["value"], json!(null));
    assert_eq!(IDS.is_not_null().to_json()["type"], "not_equal");
}

#[test]
fn neighbours_merge_and_cost_by_the_node() {
    let (a, b, c) = (ID.eq(1), ID.eq(2), ID.eq(3));
    let all = a.clone() & b.clone() & c.clone();
    assert_eq!(all.to_json()["operations"].as_array().unwrap().len(), 3);
    assert_eq!(all.cost(), 1);
    assert_eq!(a.clone() & (b.clone() & c.clone()), all);
    assert_eq!((a.clone() | b.clone() | c.clone()).cost(), 3);
    let mixed = (a.clone() | b.clone()) & c.clone() & (b.clone() | a.clone());
    assert_eq!(mixed.cost(), 7);
    assert_eq!(mixed.to_json()["operations"][0]["type"], "or");
    assert_eq!(Filter::all([a.clone(), b, c]).unwrap(), all);
    assert_eq!(Filter::<Sendings>::any([]), None);
    assert_eq!(a.cost(), 0);
}

#[test]
fn bodies() {
    let query = Sendings::records().filter(ID.eq(1)).filter(KIND.eq("a")).page_size(500).resume_from("c");
    assert_eq!(
        query.body(),
        json!({
            "report": "sendings",
            "filter": {"type": "and", "operations": [
                {"type": "equal", "field": "id", "value": 1}, {"type": "equal", "field": "type", "value": "a"}
            ]},
            "limit": 500,
            "page_info": "c",
        })
    );
    assert_eq!(query.cost(), Some(3));
    assert_eq!(Sendings::by_reporting_id().body(), json!({"report": "sendings", "aggregate_by": "reporting_id"}));
    assert_eq!(Members::records().cost(), None);
    assert_eq!(Sendings::INFO.field("id").unwrap().ty.to_string(), "integer");
    assert_eq!(sendings::ID.name(), "id");
}

#[test]
fn overrides_reach_bodies_and_costs() {
    let build = |id: &str, value: serde_json::Value| {
        let host = fixture::Host::Production;
        fixture::Client::builder().base_url(host).token("t").assume(id, value).build().map_err(|error| error.to_string())
    };
    let query = Sendings::records().filter(ID.eq(1)).resume_from("c");
    assert_eq!(build("cursor-key", json!("after")).unwrap().body(&query)["after"], "c");
    assert_eq!(build("comparison-cost", json!(4)).unwrap().cost(&query), Some(6));
    let raw = JsonRecords::new(Sendings::INFO).filter(json!({"type": "or", "operations": [{"type": "equal"}]}));
    assert_eq!(build("comparison-cost", json!(4)).unwrap().cost(&raw), Some(9));
    assert_eq!(
        build("cursor_key", json!("after")).unwrap_err(),
        "assume: there is no assumption `cursor_key`; did you mean `cursor-key`?"
    );
    assert_eq!(
        build("comparison-cost", json!("4")).unwrap_err(),
        "assume: `comparison-cost` must be a whole number, zero or more, not \"4\""
    );
    assert!(build("cursor-key", json!("")).is_err());
    assert!(build("cursor-key", json!("report")).unwrap_err().contains("the same key `report`"));
}

#[tokio::test]
async fn filters_nested_too_deep_are_rejected() {
    let client = fixture::Client::builder().base_url("http://127.0.0.1:9").token("t").build().unwrap();
    let nested = |levels: usize| {
        let one = ID.eq(1);
        (0..levels).fold(one.clone(), |filter, level| if level % 2 == 0 { filter & one.clone() } else { filter | one.clone() })
    };
    // Neither building nor showing nor dropping it uses up the stack.
    let deep = nested(200_000);
    let shown = format!("{deep:?} {} {}", deep.to_json(), deep.cost());
    assert!(deep.clone() == deep && shown.contains("TooDeep"));
    for filter in [deep, nested(60)] {
        let error = client.fetch(Sendings::records().filter(filter)).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("nested deeper than 60"), "{error}");
    }
    let most = nested(59);
    serde_json::from_str::<Json>(&most.to_json().to_string()).unwrap();
    assert!(!client.fetch(Sendings::records().filter(most)).await.unwrap_err().is_configuration());
    let raw = |levels: usize| {
        let compare = json!({"type": "equal", "field": "id", "value": 1});
        (0..levels).fold(compare, |inner, _| json!({"type": "and", "operations": [inner]}))
    };
    for (levels, refused) in [(59, false), (60, true), (500, true)] {
        let error = client.fetch(JsonRecords::new(Sendings::INFO).filter(raw(levels))).await.unwrap_err();
        assert_eq!(error.is_configuration(), refused, "{levels} {error}");
    }
}
