//! Reports by name, and a client of an API described at run time.

use placewise_reporting::{
    AnyApi, ApiClient, Comparison, Customers, JsonRow, MODEL, Registry, Sendings, find_report, report, reports, sendings,
};
use placewise_reporting::{MemberBalance, interval, member_balance};
use serde_json::{Value, json};

use crate::common::{CUSTOMER, client, month, server};

#[test]
fn the_registry_lists_what_a_report_has() {
    assert_eq!(reports().len(), 19);
    let info = report("sendings").unwrap();
    assert_eq!((info.permit, info.cost), (Some(Sendings::PERMIT), Some(Sendings::COST)));
    assert!(info.description.unwrap().starts_with("One row per sending"));
    let channel = info.field("channel").unwrap();
    assert!(channel.values.iter().any(|value| value.value == "email"));
    assert_eq!(info.aggregations.iter().map(|aggregation| aggregation.name).collect::<Vec<_>>(), ["reporting_id", "campaign_id"]);
    assert!(!report("member_balance").unwrap().intervals.is_empty());
}

#[tokio::test]
async fn a_query_by_names_finds_what_the_typed_one_finds() {
    let server = server();
    let client = client(&server);
    let info = find_report("sendings").unwrap();
    let filter = info.filter("channel", Comparison::Equal, "email").unwrap()
        & info.filter("delivered_count", "gt".parse().unwrap(), 0).unwrap();
    let named = info.records().unwrap().filter(filter);
    let typed = Sendings::records().filter(sendings::CHANNEL.eq(sendings::Channel::Email) & sendings::DELIVERED_COUNT.gt(0));
    assert_eq!((named.body(), named.cost()), (typed.body(), typed.cost()));
    let named: Vec<Value> = client.collect_all(named).await.unwrap().into_iter().map(Value::from).collect();
    let typed = client.collect_all(typed).await.unwrap();
    assert!(!typed.is_empty());
    assert_eq!(named, typed.iter().map(|row| json!(row.wire())).collect::<Vec<_>>());

    let named = find_report("member_balance").unwrap().series(month()).unwrap().interval("1d");
    let typed = MemberBalance::series(month()).interval(interval::Day);
    let (named, mut typed) =
        (client.fetch(named.labels_as::<member_balance::Label>()).await.unwrap(), client.fetch(typed).await.unwrap());
    typed.rate = named.rate.clone(); // Tokens left: the only difference.
    assert_eq!(named, typed);
}

#[test]
fn a_wrong_name_or_value_says_what_is_right() {
    let info = find_report("sendings").unwrap();
    for (error, expected) in [
        (find_report("sending").unwrap_err(), "did you mean `sendings`?"),
        (info.find_field("chanel").unwrap_err(), "did you mean `channel`?"),
        (info.filter("chanel", Comparison::Equal, "email").unwrap_err(), "did you mean `channel`?"),
        (
            info.filter("delivered_count", Comparison::GreaterThan, "many").unwrap_err(),
            "its values are a whole number, not \"many\"",
        ),
        (info.filter("channel", Comparison::GreaterThan, "email").unwrap_err(), "has no order"),
        (info.filter("loyalty_club_id", Comparison::Equal, 1).unwrap_err(), "set them with `ClientBuilder::customers`"),
        (info.series(month()).unwrap_err(), "call `records()` instead of `series(range)`"),
        (info.records().unwrap().aggregated_by("campaign").unwrap_err(), "did you mean `campaign_id`?"),
    ] {
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_client_of_a_model_read_at_run_time_gets_the_same_rows() {
    let server = server();
    let registry = Registry::from_model(MODEL).unwrap();
    let builder = ApiClient::<AnyApi>::builder_for(registry.spec()).base_url(server.url()).token("demo");
    let any = builder.customers(Customers::id(CUSTOMER)).product_name("downstream").build().unwrap();
    let query = registry.find_report("sendings").unwrap().records().unwrap();
    let rows: Vec<JsonRow> = any.collect_all(query).await.unwrap();
    let typed = client(&server).collect_all(Sendings::records().rows_as::<JsonRow>()).await.unwrap();
    assert_eq!(rows, typed);
    assert!(Registry::from_model("{}").is_err() && Registry::from_model("no").is_err());
}
