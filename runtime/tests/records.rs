//! Records as JSON and back.

mod fixture;

use fixture as api;
use fixture::{
    members,
    sendings::{ByReportingId, Channel, Language, Row},
};
use placewise_runtime::{FromObject as _, Timestamp, ValueRef};
use proptest::prelude::*;
use serde_json::{Value, json};

fn whole() -> Value {
    json!({
        "id": 452, "language": null, "channel": "push", "clicked_count": 3, "type": "a", "ref": {"x": [1]}, "rate": 0.5, "active": true,
        "day": "2024-02-29", "created_at": "2025-04-11T08:29:09.359381", "ids": [1, 2],
        "timeseries_time_ranges": {"1h": {"from": "2025-04-11T08:00:00.000000Z", "to": null}}
    })
}

#[test]
fn round_trip_keeps_all() {
    let record: Row = serde_json::from_value(whole()).unwrap();
    assert_eq!(record.channel, Channel::Push);
    assert_eq!(record.time_ranges.as_ref().unwrap()["1h"].from.to_string(), "2025-04-11T08:00:00.000000Z");
    assert_eq!(serde_json::to_value(&record).unwrap(), whole());
    let keys: Vec<_> = record.entries().into_iter().map(|(key, _)| key.to_owned()).collect();
    assert_eq!(keys[..5], ["id", "language", "channel", "clicked_count", "type"]);
    assert!(matches!(record.entries()[0].1, ValueRef::Integer(452)));
}

#[test]
fn optional_and_nullable_are_two_things() {
    let mut json = whole();
    let object = json.as_object_mut().unwrap();
    for key in ["clicked_count", "type", "ref", "rate", "language"] {
        object.remove(key);
    }
    let record: Row = serde_json::from_value(json).unwrap();
    let written = serde_json::to_value(&record).unwrap();
    assert_eq!(written.get("clicked_count"), None);
    assert_eq!(written.get("type"), None);
    assert_eq!(written.get("ref"), None);
    assert_eq!(written["rate"], Value::Null);
    assert_eq!(written["language"], Value::Null);
}

#[test]
fn faults_name_their_place() {
    let read = |change: fn(&mut Value)| {
        let mut json = whole();
        change(&mut json);
        serde_json::from_value::<Row>(json).unwrap_err().to_string()
    };
    assert_eq!(read(|json| json["id"] = json!("452")), "Row: `id`: expected an integer, found \"452\"");
    assert_eq!(
        read(|json| json["timeseries_time_ranges"]["1h"]["from"] = json!("soon")),
        "Row: `timeseries_time_ranges.1h.from`: expected an ISO 8601 timestamp, found \"soon\""
    );
    let error = read(|json| {
        json.as_object_mut().unwrap().remove("id");
    });
    assert_eq!(error, "Row: `id`: expected a value, found nothing");
    assert_eq!(read(|json| *json = json!([])), "Row: expected an object, found []");
}

#[test]
fn partial_rows_keep_unknown_keys() {
    let json = json!({"a": [1, null], "id": 1, "z": {"b": "c"}});
    let record: members::Row = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(record.other.len(), 2);
    assert_eq!(serde_json::to_value(&record).unwrap(), json);
}

#[test]
fn enums_stay_open() {
    assert_eq!(serde_json::from_str::<Channel>("\"fax\"").unwrap(), Channel::Unlisted("fax".into()));
    assert_eq!(serde_json::to_string(&Channel::from_wire("sms")).unwrap(), "\"sms\"");
    assert_eq!(format!("{:>6}|{}", Channel::Sms, Language::from("nb")), "   sms|nb");
    assert_eq!(Channel::from_wire("email"), Channel::Email);
}

fn timestamp() -> impl Strategy<Value = String> {
    (1..=9998, 1..=12, 1..=28, 0..24, 0..60, 0..60, "(\\.[0-9]{1,9})?(Z|\\+0[0-9]:30)?")
        .prop_map(|(y, m, d, h, min, s, tail)| format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}{tail}"))
}

proptest! {
    #[test]
    fn any_row_survives(
        id in any::<i64>(), language in prop::option::of("\\PC*"), channel in "[a-z]{0,5}|sms|email", clicked in prop::option::of(any::<i64>()),
        kind in prop::option::of("(\\PC|[\"\\\\\n])*"), rate in prop::option::of(-1e9..1e9_f64), active in any::<Option<bool>>(),
        created_at in timestamp(), ids in prop::collection::vec(any::<i64>(), 0..5), ranges in prop::option::of(prop::collection::btree_map("\\PC*", timestamp(), 0..4)),
    ) {
        let ranges = ranges.map(|map| map.into_iter().map(|(key, from)| (key, json!({"from": from, "to": null}))).collect::<serde_json::Map<_, _>>());
        let mut json = json!({
            "id": id, "language": language, "channel": channel, "rate": rate, "active": active, "day": null,
            "created_at": created_at, "ids": ids, "timeseries_time_ranges": ranges,
        });
        let object = json.as_object_mut().unwrap();
        clicked.map(|clicked| object.insert("clicked_count".into(), clicked.into()));
        kind.map(|kind| object.insert("type".into(), kind.into()));
        // Through text, as a server sends it.
        let record: Row = serde_json::from_str(&serde_json::to_string_pretty(&json).unwrap()).unwrap();
        prop_assert_eq!(serde_json::to_value(&record).unwrap(), json);
        let again: Row = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        prop_assert_eq!(again, record);
    }
}

#[test]
fn keys_may_have_any_order() {
    let record: ByReportingId = serde_json::from_str(r#"{"ids": [7], "extra": {}, "reporting_id": 1.0}"#).unwrap();
    assert_eq!((record.reporting_id, record.ids), (Some(1), vec![7]));
    let _: Timestamp = "2024-01-01T00:00:00".parse().unwrap();
}
