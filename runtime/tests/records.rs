//! Rows read from JSON and written again.

use harbour_api::{FromObject, berths::*, quays};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A berth with every key that is not optional. Keys that are null here are written as null.
fn berth() -> Value {
    let mut row = json!({
        "id": 452, "harbour": 1, "length": 0.5, "name": "a", "covered": true, "built_at": "2025-04-11T08:29:09.359381",
        "inspected": "2024-02-29", "kind": "wet", "weather": "fog", "tags": ["a", "b"], "crane": {"reach": 1.5, "type": null, "parts": null},
        "visits": {"may": [{"at": "2025-04-11T08:00:00.000000Z", "ship": null}]}, "notes": {"x": [1]}
    });
    for null in [
        "secret",
        "unsure",
        "flag",
        "sizes",
        "prices",
        "type",
        "self",
        "1st",
        "a b",
        "fields",
        "row",
        "*/ }fn main(){",
        "naïve\"\\n",
    ] {
        row[null] = Value::Null;
    }
    row
}

fn error(change: impl FnOnce(&mut Value)) -> String {
    let mut json = berth();
    change(&mut json);
    serde_json::from_value::<Row>(json).unwrap_err().to_string()
}

#[test]
fn a_row_round_trips() {
    let row: Row = serde_json::from_value(berth()).unwrap();
    assert_eq!(row.kind, Some(Kind::Wet));
    assert_eq!(row.visits.as_ref().unwrap()["may"][0].at.unwrap().to_string(), "2025-04-11T08:00:00.000000Z");
    assert_eq!(serde_json::to_value(row.wire()).unwrap(), berth());
}

#[test]
fn only_optional_keys_are_omitted() {
    let mut json = berth();
    for key in ["name", "flag"] {
        json.as_object_mut().unwrap().remove(key);
    }
    let row: Row = serde_json::from_value(json).unwrap();
    let written = serde_json::to_value(row.wire()).unwrap();
    assert_eq!((written.get("maybe"), &written["name"], &written["flag"]), (None, &Value::Null, &Value::Null));
}

#[test]
fn mismatches_name_their_path() {
    assert_eq!(error(|json| json["id"] = json!("452")), "Row: `id`: expected an integer, found \"452\"");
    assert_eq!(
        error(|json| json["visits"]["may"][0]["at"] = json!("soon")),
        "Row: `visits.may.0.at`: expected an ISO 8601 timestamp, found \"soon\""
    );
    let missing = error(|json| {
        json.as_object_mut().unwrap().remove("id");
    });
    assert_eq!(missing, "Row: `id`: expected a value, found nothing");
    assert_eq!(error(|json| *json = json!([])), "Row: expected an object, found []");
}

#[test]
fn partial_rows_keep_unknown_keys() {
    let json = json!({"a": [1, null], "id": 1, "only_seen": null, "z": {"b": "c"}});
    let row: quays::Row = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(row.other.len(), 2);
    assert_eq!(serde_json::to_value(row.wire()).unwrap(), json);
    let serialized = json!({"id": 1, "only_seen": null, "other": {"a": [1, null], "z": {"b": "c"}}});
    assert_eq!(serde_json::to_value(&row).unwrap(), serialized);
    assert_eq!(serde_json::from_value::<quays::Row>(serialized).unwrap(), row);
}

#[test]
fn a_serialized_row_has_every_key_whatever_the_server_sent() {
    let keys = |json: Value| {
        let row: Row = serde_json::from_value(json).unwrap();
        let written = serde_json::to_value(&row).unwrap();
        assert_eq!(serde_json::from_value::<Row>(written.clone()).unwrap(), row);
        written.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let full = keys(serde_json::to_value(Row::example()).unwrap());
    // Nothing but what a row must have.
    let required = json!({"id": 1, "harbour": 1, "built_at": "2025-04-11T08:29:09", "weather": "fog", "tags": []});
    assert_eq!(keys(required), full);
    assert!(full.len() > 20, "{full:?}");
}

#[test]
fn a_flat_row_keeps_what_is_nested_as_json_text() {
    let mut row = Row::example();
    row.tags = vec!["a".into(), "b".into()];
    let flat = serde_json::to_value(row.flat()).unwrap();
    assert_eq!((&flat["tags"], &flat["id"]), (&json!(r#"["a","b"]"#), &json!(1)));
    assert!(flat.as_object().unwrap().values().all(|cell| !cell.is_array() && !cell.is_object()), "{flat}");
    let mut quay = quays::Row::example();
    assert_eq!(serde_json::to_value(quay.flat()).unwrap()["other"], Value::Null);
    quay.other.extend((0..10_000).map(|index| (format!("k{index:05}"), json!(index))));
    let flat = serde_json::to_value(quay.flat()).unwrap();
    let other: Value = serde_json::from_str(flat["other"].as_str().unwrap()).unwrap();
    assert_eq!((flat.as_object().unwrap().len(), &other["k09999"]), (3, &json!(9999)));
    // A row without a struct is one column.
    assert_eq!(serde_json::to_value(quay.other.flat()).unwrap(), json!({"other": flat["other"]}));
}

#[test]
fn an_example_is_the_documented_sample_or_made_up() {
    let model: Value = serde_json::from_str(harbour_api::MODEL).unwrap();
    let reports = model["reports"].as_array().unwrap();
    let sample = |report: &str, rows: &str| {
        let report = reports.iter().find(|of| of["name"] == report).unwrap();
        let mut rows = report["examples"].as_array().unwrap().iter().filter_map(|of| of["response"].get(rows)?.get(0));
        rows.next().unwrap().clone()
    };
    assert_eq!(serde_json::to_value(Row::example().wire()).unwrap(), sample("berths", "lines"));
    let label = harbour_api::traffic::Label::example();
    assert_eq!(serde_json::to_value(label.wire()).unwrap(), sample("traffic", "lines")["tag"]);
    // No sample shows one.
    let quay = quays::Row::example();
    assert_eq!((quay.id, quay.other.len()), (1, 0));
}

#[test]
fn debug_prints_values_as_derive_would() {
    let mut quay = quays::Row::example();
    quay.other.insert("chain", json!([1]));
    assert_eq!(format!("{quay:?}"), r#"Row { id: 1, only_seen: Some("example"), other: {"chain": Array [Number(1)]} }"#);
    assert_eq!(format!("{:?} {:?}", Kind::Dry, Kind::from("raft")), r#"Dry Unlisted("raft")"#);
}

#[test]
fn what_cannot_be_read_says_how_to_read() {
    #[derive(Debug, serde::Deserialize)]
    struct Wrapped {
        #[serde(flatten)]
        _row: quays::Row,
    }
    let error = serde_json::from_str::<Wrapped>(r#"{"id": 1}"#).unwrap_err().to_string();
    assert!(error.starts_with("Row: it is read from JSON with `serde_json`, not through `#[serde(flatten)]`"), "{error}");
    // A cut line is not a wrong format.
    assert!(serde_json::from_str::<quays::Row>(r#"{"id": 1, "b"#).unwrap_err().is_eof());
}

#[test]
fn keys_may_have_any_order() {
    let group: ByKind = serde_json::from_str(r#"{"names": ["x"], "extra": {}, "berths": 1.0}"#).unwrap();
    assert_eq!((group.berths, group.names), (1, Some(vec!["x".into()])));
}

#[test]
fn enums_stay_open() {
    assert_eq!(serde_json::from_str::<Kind>("\"raft\"").unwrap(), Kind::from("raft"));
    assert_eq!(serde_json::to_string(&Kind::from("dry")).unwrap(), "\"dry\"");
    assert_eq!(format!("{:>6}|{}", Kind::Dry, Weather::from("fog")), "   dry|fog");
    // Equal to the value that a later version may list.
    assert_eq!((&"raft".parse::<Kind>().unwrap(), Kind::Dry.as_ref()), (&Kind::from("raft"), "dry"));
    let Kind::Unlisted(hidden) = Kind::from("raft") else { panic!("not listed") };
    assert!(!format!("{hidden:?}").contains("raft"));
}

fn timestamp() -> impl Strategy<Value = String> {
    (1..=9998, 1..=12, 1..=28, 0..24, 0..60, 0..60, "(\\.[0-9]{1,9})?(Z|\\+0[0-9]:30)?")
        .prop_map(|(y, m, d, h, min, s, tail)| format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}{tail}"))
}

proptest! {
    #[test]
    fn any_row_round_trips(
        id in any::<i64>(), weather in "\\PC*", kind in "[a-z]{0,5}|dry|wet", maybe in prop::option::of(any::<i64>()),
        name in prop::option::of("(\\PC|[\"\\\\\n])*"), length in prop::option::of(-1e9..1e9_f64), covered in any::<Option<bool>>(),
        built_at in timestamp(), tags in prop::collection::vec("\\PC*", 0..5),
        visits in prop::option::of(prop::collection::btree_map("\\PC*", timestamp(), 0..4)),
    ) {
        let visits = visits.map(|map| map.into_iter().map(|(key, at)| (key, json!([{"at": at, "ship": null}]))).collect::<serde_json::Map<_, _>>());
        let mut json = berth();
        for (key, value) in [
            ("id", json!(id)), ("weather", json!(weather)), ("kind", json!(kind)), ("name", json!(name)), ("length", json!(length)),
            ("covered", json!(covered)), ("built_at", json!(built_at)), ("tags", json!(tags)), ("visits", json!(visits)),
        ] {
            json[key] = value;
        }
        maybe.map(|maybe| json.as_object_mut().unwrap().insert("maybe".into(), maybe.into()));
        // Through text, as a server sends it.
        let row: Row = serde_json::from_str(&serde_json::to_string_pretty(&json).unwrap()).unwrap();
        prop_assert_eq!(serde_json::to_value(row.wire()).unwrap(), json);
        let again: Row = serde_json::from_str(&serde_json::to_string(&row).unwrap()).unwrap();
        prop_assert_eq!(again, row);
    }
}

/// Values that some field takes, and values that none does.
fn any_value() -> impl Strategy<Value = String> {
    let values = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "12",
        "12.0",
        "1.5e3",
        "-7",
        "01",
        "1.",
        "9223372036854775808",
        "\"\"",
        "\"a\"",
        "\"a\\n\\u00e9\"",
        "\"\\ud800\"",
        "\"a\u{1}\"",
        "\"2025-04-11T08:29:09.359381\"",
        "\"2025-04-11\"",
        "\"2025-02-30\"",
        "\"wet\"",
        "[]",
        "[\"a\", \"b\"]",
        "[[1, 2],[ ]]",
        "[1,]",
        "{}",
        "{ \"a\" : 1.5 , \"b\":2}",
        "{\"a\":1,\"a\":2}",
        "{\"b\":1,\"a\":2}",
        "{\"reach\": 1.5, \"type\": null}",
        "{\"may\":[{\"at\":\"2025-04-11T08:00:00Z\",\"ship\":null}]}",
        "{\"x\":[1",
        "nul",
        "",
    ];
    prop::sample::select(values.map(str::to_owned).to_vec())
}

proptest! {
    /// Rows whose keys stand in the order of their struct are read where they stand, all others are split first: both must read the same.
    #[test]
    fn the_order_of_keys_changes_neither_a_row_nor_an_error(
        changes in prop::collection::vec((0_usize..40, any_value()), 0..3),
        removed in prop::collection::vec(0_usize..40, 0..3),
        plain in any::<bool>(),
        unknown in any::<bool>(),
        spaced in any::<bool>(),
    ) {
        let berth = berth();
        let known = <Row as FromObject>::KEYS.iter().map(|key| key.name);
        let mut entries: Vec<(String, String)> =
            known.filter_map(|key| Some((key.to_owned(), berth.get(key)?.to_string()))).collect();
        // A key with escapes is never read where it stands.
        if plain {
            entries.retain(|(key, _)| !key.contains('"'));
        }
        for (index, value) in changes {
            let count = entries.len();
            entries[index % count].1 = value;
        }
        for index in removed {
            entries.remove(index % entries.len());
        }
        if unknown {
            entries.push(("new".into(), "[1]".into()));
        }
        let space = if spaced { " \n" } else { "" };
        let text = |entries: &[(String, String)]| {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}{space}:{space}{value}{space}", json!(key))).collect();
            format!("{{{space}{}}}", entries.join(&format!(",{space}")))
        };
        let straight = text(&entries);
        entries.reverse();
        let turned = text(&entries);
        match (serde_json::from_str::<Row>(&straight), serde_json::from_str::<Row>(&turned)) {
            (Ok(straight), Ok(turned)) => prop_assert_eq!(straight, turned),
            (Err(straight_error), Err(turned_error)) => {
                if serde_json::from_str::<&serde_json::value::RawValue>(&straight).is_ok() {
                    prop_assert_eq!(straight_error.to_string(), turned_error.to_string());
                }
            }
            (straight, turned) => prop_assert!(false, "{straight:?} is not {turned:?}"),
        }
    }
}
