//! Records: generated rows fit the spec, given rows are served unchanged, pages and groups add up.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{PATH, all_rows, example, model, of_model, request, rows, simulator};
use placewise_simulator::SimulatedApi;
use proptest::prelude::*;
use serde_json::{Value, json};

fn everything(api: &SimulatedApi) -> Vec<Value> {
    rows(api, &json!({"subject": "voyages", "size": 1000}))
}

#[test]
fn the_same_seed_gives_the_same_rows() {
    let of = |seed: u64| everything(&simulator().seed(seed).build().expect("an API"));
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

#[test]
fn a_new_field_leaves_other_cells_unchanged() {
    let before = everything(&simulator().build().expect("an API"));
    let mut model = model();
    let mut field = model.reports[0].fields[2].clone();
    field.name = "captain".into();
    model.reports[0].fields.insert(2, field);
    let after = everything(&of_model(model).build().expect("an API"));
    for (before, mut after) in before.into_iter().zip(after) {
        after.as_object_mut().expect("object").remove("captain").expect("the new key");
        assert_eq!(before, after);
    }
}

#[test]
fn generated_rows_fit_the_spec() {
    for with_optional in [false, true] {
        let api =
            simulator().rows(300).with_optional(with_optional).assume("zoneless-zone", "Europe/Oslo").build().expect("an API");
        let rows = everything(&api);
        assert_eq!(rows.len(), 300);
        assert!(rows.iter().all(|row| row.get("speeds").is_some() == with_optional));
        let ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().expect("id")).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "ascending and unique");
        // Given rows are checked key by key.
        let again = simulator().data("voyages", rows.clone()).build().expect("generated rows are valid rows");
        assert_eq!(everything(&again), rows);
        for field in ["ship", "flag", "berth_id", "fare", "crew", "due_on", "legs"] {
            let nulls = rows.iter().filter(|row| row[field].is_null()).count();
            assert!((1..150).contains(&nulls), "{field} is null in {nulls} rows");
        }
    }
}

#[test]
fn generated_rows_reuse_values_of_the_examples() {
    let rows = everything(&simulator().rows(300).customers([5, 6, 7]).build().expect("an API"));
    let words = |key: &str| rows.iter().filter_map(|row| row[key].as_str()).map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(words("cargo"), BTreeSet::from(["grain", "ore", "tea"].map(str::to_owned)));
    assert!(words("ship").contains("Ask & Embla"));
    assert_eq!(rows.iter().map(|row| row["port_id"].as_i64()).collect::<BTreeSet<_>>(), BTreeSet::from([5, 6, 7].map(Some)));
    for row in &rows {
        let sailed = row["sailed_at"].as_str().expect("text");
        assert_eq!((sailed.len(), sailed.ends_with('Z')), (26, false), "six digits and no zone, as in the example");
        for (key, leg) in row["legs"].as_object().into_iter().flatten() {
            assert!(key == "out" || key == "back", "the example's keys");
            let from = leg["from"].as_str().expect("text");
            assert!(from.len() == 27 && from.ends_with('Z'));
            assert!(leg["to"].as_str().is_none_or(|to| from <= to));
        }
    }
}

#[test]
fn keys_have_the_order_of_the_spec() {
    let api = simulator().with_optional(true).build().expect("an API");
    let text = |body: Value| String::from_utf8(api.answer(&request(PATH, "all=all", &body)).body).expect("UTF-8");
    let positions = |text: &str, keys: &[&str]| -> Vec<usize> {
        keys.iter().map(|key| text.find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("{key} in {text}"))).collect()
    };
    let plain = text(json!({"subject": "voyages", "where": {"op": "is_not", "of": "speeds", "to": null}}));
    let keys =
        ["lines", "id", "port_id", "ship", "cargo", "late_count", "speeds", "top", "mean", "legs", "page", "more", "shape"];
    assert!(positions(&plain, &keys).is_sorted(), "{plain}");
    let grouped = text(json!({"subject": "voyages", "per": "berth"}));
    assert!(positions(&grouped, &["berth_id", "ids", "tons_count", "fare", "first", "last", "voyages", "mystery"]).is_sorted());
}

#[test]
fn documented_examples_are_served_unchanged() {
    for report in model().reports {
        for example in report.examples.iter().filter(|example| example.field.is_none() && example.aggregation.is_none()) {
            let examples = example.response.as_ref().and_then(|response| response["lines"].as_array()).expect("rows");
            let api = simulator().data(report.name.clone(), examples.clone()).build().expect("examples are valid rows");
            assert_eq!(&rows(&api, &json!({"subject": report.name})), examples);
        }
    }
}

#[test]
fn returned_fields_are_computed_per_group() {
    let row = |id: i64, berth: Value, change: Value| {
        let mut row = example();
        row["id"] = id.into();
        row["berth_id"] = berth;
        row.as_object_mut().expect("object").extend(change.as_object().expect("object").clone());
        row
    };
    let leg = |from: &str, to: Value| json!({"from": from, "to": to});
    let (early, late) = ("2025-01-01T00:00:00Z", "2025-03-01T00:00:00Z");
    let data = [
        row(3, json!(8), json!({"fare": null, "legs": {"a": leg(late, json!(early)), "b": leg(early, json!(late))}})),
        row(
            1,
            json!(8),
            json!({"fare": 0.5, "tons_count": 1, "sailed_at": late, "cargo": "ore",
            "legs": {"a": leg(early, json!(late)), "b": leg(late, json!(null))}}),
        ),
        row(2, json!(null), json!({"legs": null, "late_count": 5})),
        row(4, json!(7), json!({"legs": {}})),
    ];
    let api = simulator().data("voyages", data).build().expect("an API");
    let groups = rows(&api, &json!({"subject": "voyages", "per": "berth"}));
    let example_time = "2025-04-11T08:29:09.359381";
    let expected = [
        json!({"berth_id": 7, "ids": [4], "tons_count": 9, "fare": 2.5, "first": format!("{example_time}Z"), "last": example_time,
            "voyages": 1, "cargo": "tea", "legs": {}, "mystery": null}),
        json!({"berth_id": 8, "ids": [1, 3], "tons_count": 10, "fare": 0.5, "first": late, "last": example_time, "voyages": 2, "cargo": null,
            "legs": {"a": leg(early, json!(late)), "b": leg(early, json!(null))}, "mystery": null}),
        json!({"berth_id": null, "ids": [2], "tons_count": 9, "fare": 2.5, "first": format!("{example_time}Z"), "last": example_time,
            "voyages": 1, "cargo": "tea", "legs": null, "mystery": null, "late_count": 5}),
    ];
    assert_eq!(groups, expected);
    let filter = json!({"op": "is", "of": "id", "to": 3});
    let groups = rows(&api, &json!({"subject": "voyages", "per": "berth", "where": filter}));
    assert_eq!(groups.len(), 1, "groups contain only rows that the filter matches");
    assert_eq!((&groups[0]["ids"], &groups[0]["fare"]), (&json!([3]), &json!(0)));
}

#[test]
fn groups_add_up_to_the_plain_rows() {
    let api = simulator().rows(400).build().expect("an API");
    let plain = everything(&api);
    let total = |rows: &[Value], key: &str| rows.iter().filter_map(|row| row[key].as_i64()).sum::<i64>();
    for per in ["berth", "cargo_and_flag"] {
        let groups = rows(&api, &json!({"subject": "voyages", "per": per, "size": 1000}));
        assert!(groups.len() > 3);
        assert_eq!(total(&groups, "tons_count"), total(&plain, "tons_count"));
        let keys: BTreeSet<String> =
            groups.iter().map(|group| format!("{} {} {}", group["berth_id"], group["cargo"], group["flag"])).collect();
        assert!(per == "berth" || keys.len() == groups.len(), "every group has its own key");
    }
    let groups = rows(&api, &json!({"subject": "voyages", "per": "berth", "size": 1000}));
    assert_eq!(total(&groups, "voyages"), 400);
    let mut by_hand: BTreeMap<Option<i64>, i64> = BTreeMap::new();
    for row in &plain {
        *by_hand.entry(row["berth_id"].as_i64()).or_default() += row["tons_count"].as_i64().expect("count");
    }
    let of_server = groups.iter().map(|group| (group["berth_id"].as_i64(), group["tons_count"].as_i64().expect("count")));
    assert_eq!(of_server.collect::<BTreeMap<_, _>>(), by_hand);
    assert!(groups.last().is_some_and(|group| group["berth_id"].is_null()), "null comes last");
}

#[test]
fn a_report_without_known_fields_has_only_given_rows() {
    let given = [json!({"b": 1, "a": {"c": null}}), json!({})];
    let api = simulator().data("bare", given.clone()).build().expect("an API");
    assert_eq!(rows(&api, &json!({"subject": "bare"})), given);
    let api = simulator().data("partly", [json!({"number": 2, "more": 1}), json!({"number": 1})]).build().expect("an API");
    assert_eq!(rows(&api, &json!({"subject": "partly"})), [json!({"number": 1}), json!({"number": 2, "more": 1})]);
    let api = simulator().build().expect("an API");
    assert_eq!(rows(&api, &json!({"subject": "bare"})), [json!(null); 0]);
    assert_eq!(rows(&api, &json!({"subject": "partly"})).len(), 50, "the default page size");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_page_size_gives_the_same_rows(count in 0..40_usize, size in 1..45_usize, seed: u64, per in prop::option::of(Just("berth"))) {
        let api = simulator().rows(count).seed(seed).build().expect("an API");
        let whole = rows(&api, &json!({"subject": "voyages", "size": 1000, "per": per}));
        let (paged, pages) = all_rows(&api, &json!({"subject": "voyages", "size": size, "per": per}));
        prop_assert_eq!(&paged, &whole);
        prop_assert_eq!(pages, whole.len().div_ceil(size).max(1));
    }
}
