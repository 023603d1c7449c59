//! Rows that derive from those of another report, and relations between values of a row.

mod common;

use std::collections::BTreeMap;

use common::{example, model, rows, simulator};
use placewise_simulator::{SimulatedApi, Simulator};
use proptest::prelude::*;
use serde_json::{Value, json};

fn all(api: &SimulatedApi, subject: &str) -> Vec<Value> {
    rows(api, &json!({"subject": subject, "size": 1000}))
}

fn number(row: &Value, key: &str) -> i64 {
    row[key].as_i64().unwrap_or_else(|| panic!("{key} in {row}"))
}

/// The lot of a piece: the berth of its voyage, or else the cargo.
fn lot(voyage: &Value) -> String {
    voyage["berth_id"].as_i64().map_or_else(|| voyage["cargo"].as_str().expect("text").to_owned(), |berth| berth.to_string())
}

#[test]
fn each_row_has_up_to_three_derived_rows() {
    let api = simulator().build().expect("an API");
    let (voyages, pieces) = (all(&api, "voyages"), all(&api, "pieces"));
    let key = |port: &Value, lot: String| (port.as_i64().expect("a customer"), lot);
    let mut fewest: BTreeMap<(i64, String), usize> = BTreeMap::new();
    for voyage in &voyages {
        *fewest.entry(key(&voyage["port_id"], lot(voyage))).or_default() += 1;
    }
    let mut found: BTreeMap<(i64, String), usize> = BTreeMap::new();
    for piece in &pieces {
        *found.entry(key(&piece["harbour_id"], piece["lot"].as_str().expect("text").to_owned())).or_default() += 1;
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), fewest.keys().collect::<Vec<_>>());
    assert!(found.iter().all(|(key, count)| (fewest[key]..=3 * fewest[key]).contains(count)));
    assert!(pieces.len() > voyages.len());
}

#[test]
fn a_summary_adds_up_its_source() {
    let api = simulator().build().expect("an API");
    let mut expected: BTreeMap<(i64, String), (i64, i64)> = BTreeMap::new();
    for piece in all(&api, "pieces") {
        let sums = expected.entry((number(&piece, "harbour_id"), piece["lot"].to_string())).or_default();
        *sums = (sums.0 + number(&piece, "all_count"), sums.1 + number(&piece, "moved_count"));
    }
    let lots = all(&api, "lots");
    let found = lots
        .iter()
        .map(|row| ((number(row, "harbour_id"), row["lot"].to_string()), (number(row, "all_count"), number(row, "moved_count"))));
    assert_eq!(found.collect::<BTreeMap<_, _>>(), expected);
    assert_eq!(lots.len(), expected.len());
}

#[test]
fn a_tally_counts_its_source() {
    let api = simulator().build().expect("an API");
    let (voyages, tallies) = (all(&api, "voyages"), all(&api, "tallies"));
    let mut totals: BTreeMap<(i64, String), i64> = BTreeMap::new();
    for row in &tallies {
        *totals.entry((number(row, "harbour_id"), row["kind"].as_str().expect("text").to_owned())).or_default() +=
            number(row, "ships_count");
        assert!(row["counted_at"].is_string());
    }
    for customer in [11, 12] {
        for kind in ["cargo", "flag", "insured", "weather"] {
            assert_eq!(totals[&(customer, kind.to_owned())], 30, "{kind}");
        }
    }
    let of = |kind: &str, group: Value| -> i64 {
        tallies.iter().filter(|row| row["kind"] == kind && row["group"] == group).map(|row| number(row, "ships_count")).sum()
    };
    let there =
        |key: &str, value: Value| -> i64 { voyages.iter().filter(|row| row[key] == value).count().try_into().expect("a number") };
    assert_eq!(of("cargo", json!("tea")), there("cargo", json!("tea")));
    assert_eq!(of("insured", json!("true")), there("insured", json!(true)));
    assert_eq!(of("flag", json!(null)), there("flag", json!(null)));
    assert!(of("weather", json!("fair")) > 0, "a value of an example");
}

#[test]
fn rows_derive_from_given_rows_unless_given_themselves() {
    let api = simulator().data("voyages", [example()]).build().expect("an API");
    let pieces = all(&api, "pieces");
    assert!(!pieces.is_empty() && pieces.iter().all(|row| row["lot"] == "7265" && row["harbour_id"] == 275));
    assert_eq!(all(&api, "lots").len(), 1);
    let crew: Vec<Value> = all(&api, "tallies").into_iter().filter(|row| row["kind"] == "crew").collect();
    assert_eq!(crew.iter().map(|row| row["group"].clone()).collect::<Vec<_>>(), [json!("1"), json!("3")]);
    let lots = json!({"harbour_id": 11, "lot": "own", "all_count": 1, "moved_count": 1});
    let api = simulator().data("lots", [lots.clone()]).build().expect("an API");
    assert_eq!(all(&api, "lots"), [lots], "given rows take precedence");
}

#[test]
fn overriding_never_null_makes_ids_nullable() {
    let nulls = |rows: &[Value], key: &str| rows.iter().filter(|row| row[key].is_null()).count();
    let api = simulator().rows(300).build().expect("an API");
    let before = all(&api, "voyages");
    assert_eq!(nulls(&before, "id"), 0);
    let api = simulator().rows(300).assume("never-null", "nothing").build().expect("an API");
    let after = all(&api, "voyages");
    assert!((1..100).contains(&nulls(&after, "id")), "{}", nulls(&after, "id"));
    assert_eq!([nulls(&after, "cargo"), nulls(&after, "port_id")], [0, 0], "documented fields and customers stay");
    // An override with the same value changes nothing.
    let api = simulator().rows(300).assume("never-null", Value::Null).build().expect("an API");
    assert_eq!(all(&api, "voyages"), before);
}

fn relations_hold(row: &Value) {
    let count = |key: &str| number(row, key);
    assert_eq!(count("dry_count") + count("wet_count"), count("all_count"), "{row}");
    assert!(count("all_count") >= count("moved_count") && count("moved_count") >= count("sold_count"), "{row}");
    assert!(row["late_count"].as_i64().is_none_or(|late| late <= count("sold_count")), "{row}");
    assert!(count("moved_count") >= count("dry_count"), "{row}");
    if !row["onward"].is_null() || row["by_rail"] == true || row["by_road"] == true {
        assert_eq!(row["onward"], json!(row["by_rail"] == true || row["by_road"] == true), "{row}");
    }
}

#[test]
fn relations_leave_plausible_numbers() {
    let pieces = all(&simulator().build().expect("an API"), "pieces");
    let some = |key: &str| pieces.iter().filter(|row| number(row, key) > 0).count();
    for key in ["all_count", "dry_count", "wet_count", "moved_count", "sold_count"] {
        assert!(some(key) * 2 > pieces.len(), "{key} is above zero in {} of {} rows", some(key), pieces.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn relations_hold_for_any_seed(seed: u64) {
        let api = simulator().seed(seed).build().expect("an API");
        all(&api, "pieces").iter().for_each(relations_hold);
    }

    /// Also relations that only zeros satisfy.
    #[test]
    fn any_relations_can_be_satisfied(
        seed: u64,
        funnels in prop::collection::vec(prop::collection::vec(0..5_usize, 2..4), 0..3),
        sums in prop::collection::vec((prop::collection::vec(0..5_usize, 1..4), 0..5_usize), 0..3),
    ) {
        const KEYS: [&str; 5] = ["all_count", "dry_count", "wet_count", "moved_count", "sold_count"];
        let keys = |places: &[usize]| {
            let mut places = places.to_vec();
            places.sort_unstable();
            places.dedup();
            places.iter().map(|place| KEYS[*place]).collect::<Vec<_>>()
        };
        let mut rules: Vec<Value> = funnels.iter().map(|funnel| json!({"never-grows": keys(funnel)})).collect();
        rules.extend(sums.iter().filter(|(parts, to)| !parts.contains(to)).map(|(parts, to)| {
            json!({"adds-up": {"parts": keys(parts), "to": KEYS[*to]}})
        }));
        let relations: Vec<Value> = rules.iter().map(|rule| json!({"rule": rule, "description": ""})).collect();
        let mut model = model();
        let pieces = model.reports.iter_mut().find(|report| report.name == "pieces").expect("a report");
        pieces.relations = serde_json::from_value(relations.into()).expect("relations");
        let api = Simulator::new(model).rows(10).seed(seed).build().expect("an API");
        for row in all(&api, "pieces") {
            for rule in &rules {
                if let Some(funnel) = rule["never-grows"].as_array() {
                    let numbers: Vec<i64> = funnel.iter().map(|key| number(&row, key.as_str().expect("key"))).collect();
                    prop_assert!(numbers.is_sorted_by(|a, b| a >= b), "{} {}", rule, row);
                } else {
                    let rule = &rule["adds-up"];
                    let parts = rule["parts"].as_array().expect("parts").iter();
                    let sum: i64 = parts.map(|key| number(&row, key.as_str().expect("key"))).sum();
                    prop_assert_eq!(sum, number(&row, rule["to"].as_str().expect("key")), "{}", row);
                }
            }
        }
    }
}
