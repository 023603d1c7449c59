//! Overridden assumptions against a lenient server, which ignores unknown keys.
//!
//! With the override on both sides everything works. With it on the server alone, the client notices only where the response gives it away.

mod common;

use common::{WHOLE, builder, client, rows, simulator, start};
use placewise_reporting::{Error, Sendings};
use serde_json::{Value, json};

/// Some assumptions of the client, each with another value; `protocol_unknowns.rs` has them all.
fn turned() -> Vec<(&'static str, Value)> {
    vec![
        ("cursor-key", json!("after")),
        ("page-size-key", json!("per_page")),
        ("aggregation-key", json!("group_by")),
        ("comparison-cost", json!(2)),
    ]
}

#[tokio::test]
async fn overrides_on_both_sides_change_nothing() {
    let before = start(simulator().rows(60));
    let all = rows(&client(&before)).await;
    let groups = client(&before).collect_all(Sendings::by_campaign_id()).await.expect("groups");
    let each = turned().into_iter().map(|one| vec![one]);
    for set in each.chain([turned()]) {
        let server = start(set.iter().fold(simulator().rows(60), |server, (id, value)| server.assume(*id, value.clone())));
        let client = set.iter().fold(builder(&server), |client, (id, value)| client.assume(*id, value.clone()));
        let client = client.build().expect("a client");
        assert_eq!(client.collect_all(Sendings::records().page_size(7)).await.expect("rows"), all, "{set:?}");
        assert_eq!(client.collect_all(Sendings::by_campaign_id().page_size(2)).await.expect("groups"), groups, "{set:?}");
        let query = Sendings::records().page_size(9).filter(placewise_reporting::sendings::ID.gt(all[4].id));
        let page = client.fetch(query.clone()).await.expect("a page");
        assert_eq!(page.rows, all[5..14], "{set:?}");
        assert_eq!(page.rate.and_then(|rate| rate.cost), client.cost(&query).map(i64::from), "{set:?}");
        let known = ["after", "page_info", "per_page", "limit", "group_by", "aggregate_by"];
        let turned = |key: &str| set.iter().any(|(_, value)| value == key);
        for asked in server.requests() {
            for (index, key) in known.into_iter().enumerate() {
                // Of each pair one key is right, by what was turned.
                let wrong = if index % 2 == 0 { !turned(key) } else { turned(known[index - 1]) };
                assert!(!(wrong && asked.body.as_ref().expect("JSON").get(key).is_some()), "{key} in {asked:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_cursor_key_is_noticed_and_the_rows_are_kept() {
    let server = start(simulator().rows(60).assume("cursor-key", "after"));
    let client = client(&server);
    let all = rows(&client).await;
    let partial = client.collect_all(Sendings::records().page_size(7)).await.expect_err("a loop");
    // The second request got the first page again, and its cursor gave it away.
    assert_eq!(partial.rows[..7], all[..7]);
    assert_eq!(partial.rows[7..], all[..7]);
    let Error::RepeatedCursor { report: "sendings", cursor, .. } = &partial.error else { panic!("{partial:?}") };
    assert!(!cursor.is_empty() && partial.error.to_string().contains(".assume(\"cursor-key\""));
    // The two whole requests of `rows` and of the pages; no more.
    assert_eq!(server.requests().len(), 3);
    // A client that alone was told is no better off.
    let (server, other) = (start(simulator().rows(60)), "after");
    let told = builder(&server).assume("cursor-key", other).build().expect("a client");
    let partial = told.collect_all(Sendings::by_reporting_id().page_size(2)).await.expect_err("a loop");
    assert!(matches!(partial.error, Error::RepeatedCursor { .. }) && partial.rows.len() == 4);
}

#[tokio::test]
async fn a_wrong_page_size_key_is_noticed_when_a_page_has_more_rows_than_requested() {
    let server = start(simulator().assume("page-size-key", "per_page").assume("default-page-size", 50));
    let client = client(&server);
    let error = client.fetch(Sendings::records().page_size(7)).await.expect_err("a page of the server's own size");
    assert!(matches!(&error, Error::Assumption(found) if found.evidence.contains("50 rows")), "{error}");
    assert!(error.to_string().contains(".assume(\"page-size-key\""), "{error}");
    // The rows of that page are in the caller's hands all the same, and without a size everything comes.
    let before = start(simulator());
    let all = rows(&common::client(&before)).await;
    let partial = client.collect_all(Sendings::records().page_size(7)).await.expect_err("the same");
    assert_eq!(partial.rows, all[..50]);
    assert_eq!(client.collect_all(Sendings::records()).await.expect("rows"), all);
}

#[tokio::test]
async fn a_wrong_aggregation_key_is_noticed_by_the_rows() {
    let server = start(simulator().assume("aggregation-key", "group_by"));
    let client = client(&server);
    // The rows that come are not aggregated: they lack the ids.
    let error = client.fetch(Sendings::by_reporting_id().page_size(WHOLE)).await.expect_err("other rows");
    let Error::Decode(fault) = &error else { panic!("{error:?}") };
    assert_eq!((fault.row, fault.field.as_deref()), (Some(0), Some("ids")), "{error}");
    assert!(client.collect_all(Sendings::by_campaign_id()).await.is_err_and(|partial| partial.error.is_decode()));
}

#[tokio::test]
async fn a_null_cursor_that_is_not_the_end_is_an_error_after_the_rows() {
    // Such a server leaves the key out on the last page, which an untold client takes for the end.
    let server = start(simulator().rows(60).assume("null-cursor-ends", false));
    let all = rows(&client(&server)).await;
    assert_eq!(client(&server).collect_all(Sendings::records().page_size(20)).await.expect("rows"), all);
    // A client that was told reads on past null, and takes the missing key for the end.
    let told = |server| builder(server).assume("null-cursor-ends", false).build().expect("a client");
    assert_eq!(told(&server).collect_all(Sendings::records().page_size(20)).await.expect("rows"), all);
    let usual = start(simulator().rows(60));
    let partial = told(&usual).collect_all(Sendings::records().page_size(20)).await.expect_err("no end");
    assert_eq!((partial.rows, partial.error.is_decode()), (all, true));
}

#[test]
fn invalid_overrides_are_rejected() {
    let server = start(simulator());
    for (id, value, hint) in [
        ("cursor-kee", json!("x"), "did you mean `cursor-key`"),
        ("bucket-capacity", json!(1), "there is no assumption"),
        ("cursor-key", json!(7), "must be non-empty text"),
        ("cursor-key", json!(""), "must be non-empty text"),
        ("cursor-key", json!("limit"), "would have the same key `limit`"),
        ("comparison-cost", json!(-1), "must be a whole number"),
        ("null-cursor-ends", json!("true"), "must be true or false"),
    ] {
        let error = builder(&server).assume(id, value).build().expect_err("refused");
        assert!(error.is_configuration() && error.to_string().contains(hint), "{error}");
    }
}
