//! Which rows filters match, and where faults in filters are reported.

mod common;

use common::{PATH, example, model, request, rows, send, simulator};
use placewise_simulator::{SimulatedApi, Simulator};
use serde_json::{Value, json};

/// Serves three rows: the example, one with nulls, and one with other values.
fn three_rows() -> SimulatedApi {
    let row = |change: Value| {
        let mut row = example();
        row.as_object_mut().expect("object").extend(change.as_object().expect("object").clone());
        row
    };
    let nothing = json!({
        "id": 2, "ship": null, "berth_id": null, "fare": null, "crew": null, "due_on": null, "legs": null, "cargo": "ore",
        "insured": false, "tons_count": 0, "sailed_at": "2025-04-11T10:29:09.359381+02:00",
    });
    let other = json!({
        "id": 3, "ship": "Zebra", "berth_id": 9, "fare": 10, "crew": [1], "due_on": "2025-05-01", "cargo": "grain",
        "tons_count": 10, "sailed_at": "2025-04-12T00:00:00Z", "late_count": 4,
    });
    let rows = [row(json!({"id": 1})), row(nothing), row(other)];
    simulator().data("voyages", rows).build().expect("an API")
}

#[test]
fn a_long_list_is_looked_up_in_each_row() {
    // 1 MB of values against 20,000 rows: ten billion comparisons, one by one.
    let rows_given = (0..20_000).map(|id| {
        let mut row = example();
        row["id"] = json!(id);
        row
    });
    let api = simulator().data("voyages", rows_given).build().expect("an API");
    let values: Vec<u32> = (0..500_000).rev().filter(|id| id % 4_999 == 1 || *id >= 20_000).collect();
    let filter = json!({"op": "within", "of": "id", "to": values});
    let found = rows(&api, &json!({"subject": "voyages", "where": filter, "rows": 100}));
    assert_eq!(found.iter().map(|row| row["id"].as_i64()).collect::<Vec<_>>(), [1, 5000, 9999, 14998, 19997].map(Some));
}

#[test]
fn operators_match_by_type() {
    let api = three_rows();
    let zoned = "2025-04-11T08:29:09.359381Z";
    for (op, of, to, expected) in [
        ("is", "id", json!(2), &[2][..]),
        ("is", "id", json!(2.0), &[2]),
        ("is_not", "id", json!(2), &[1, 3]),
        ("is", "ship", json!("Zebra"), &[3]),
        ("is", "ship", json!(null), &[2]),
        ("is_not", "ship", json!(null), &[1, 3]),
        // A null is neither equal nor unequal to a value.
        ("is_not", "ship", json!("Zebra"), &[1]),
        ("is", "cargo", json!("a value that no page lists"), &[]),
        ("is", "insured", json!(false), &[2]),
        ("is", "fare", json!(2.5), &[1]),
        ("is", "fare", json!(10.0), &[3]),
        ("over", "fare", json!(2.5), &[3]),
        ("from", "fare", json!(2.5), &[1, 3]),
        ("under", "tons_count", json!(10), &[1, 2]),
        ("upto", "tons_count", json!(10), &[1, 2, 3]),
        // Timestamps compare as instants, in any zone.
        ("is", "sailed_at", json!(zoned), &[1, 2]),
        ("is", "sailed_at", json!("2025-04-11T10:29:09.359381+02:00"), &[1, 2]),
        ("over", "sailed_at", json!(zoned), &[3]),
        ("upto", "sailed_at", json!("2025-04-11T08:29:09.359381"), &[1, 2]),
        ("under", "due_on", json!("2025-05-01"), &[1]),
        ("from", "due_on", json!("2025-04-20"), &[1, 3]),
        ("within", "id", json!([1, 3, 99]), &[1, 3]),
        ("outside", "id", json!([1, 99]), &[2, 3]),
        ("outside", "ship", json!(["Zebra"]), &[1]),
        ("within", "id", json!([]), &[]),
        ("outside", "id", json!([]), &[1, 2, 3]),
        // An array matches by any common element.
        ("within", "crew", json!([1]), &[1, 3]),
        ("within", "crew", json!([3, 9]), &[1]),
        ("outside", "crew", json!([3]), &[3]),
        ("is", "crew", json!(null), &[2]),
        ("is_not", "legs", json!(null), &[1, 3]),
        // An absent key is null.
        ("is", "late_count", json!(null), &[1, 2]),
        ("from", "late_count", json!(4), &[3]),
    ] {
        let body = json!({"subject": "voyages", "where": {"op": op, "of": of, "to": to}});
        let ids: Vec<i64> = rows(&api, &body).iter().filter_map(|row| row["id"].as_i64()).collect();
        assert_eq!(ids, expected, "{op} {of} {to}");
    }
}

#[test]
fn logical_nodes_can_be_nested() {
    let api = three_rows();
    let is = |id: i64| json!({"op": "is", "of": "id", "to": id});
    let ids = |filter: Value| -> Vec<i64> {
        rows(&api, &json!({"subject": "voyages", "where": filter})).iter().filter_map(|row| row["id"].as_i64()).collect()
    };
    assert_eq!(ids(json!({"op": "either", "parts": [is(1), is(3)]})), [1, 3]);
    assert_eq!(ids(json!({"op": "both", "parts": [is(1), is(3)]})), [0; 0]);
    assert_eq!(ids(json!({"op": "either", "parts": [{"op": "both", "parts": [is(2)]}, is(3)]})), [2, 3]);
    assert_eq!(api.spent(), (2 + 3) + (2 + 1) + (2 + 3 + 1));
}

#[test]
fn a_timestamp_without_zone_is_local_to_the_models_zone() {
    let api = simulator().assume("zoneless-zone", "Europe/Oslo").data("voyages", [example()]).build().expect("an API");
    let found = |to: &str| rows(&api, &json!({"subject": "voyages", "where": {"op": "is", "of": "sailed_at", "to": to}})).len();
    assert_eq!(
        [found("2025-04-11T06:29:09.359381Z"), found("2025-04-11T08:29:09.359381"), found("2025-04-11T08:29:09.359381Z")],
        [1, 1, 0]
    );
}

#[test]
fn a_fault_is_reported_at_its_place() {
    let api = three_rows();
    let all = ["both", "either", "is", "is_not", "over", "from", "under", "upto", "within", "outside"];
    let filterable = [
        "id",
        "ship",
        "cargo",
        "flag",
        "berth_id",
        "tons_count",
        "fare",
        "insured",
        "crew",
        "sailed_at",
        "due_on",
        "late_count",
        "speeds",
        "legs",
    ];
    let one = |symbol: &str| json!([{"error": symbol}]);
    let inclusion = |options: Value| json!([{"error": "inclusion", "options": options}]);
    for (filter, details) in [
        (json!(7), one("must_be_an_object")),
        (json!([]), one("must_be_an_object")),
        (json!({}), json!({"op": one("blank")})),
        (json!({"op": "like"}), json!({"op": inclusion(json!({"in": all}))})),
        (json!({"op": 7}), json!({"op": inclusion(json!({"in": all}))})),
        (json!({"op": "both"}), json!({"parts": one("blank")})),
        (json!({"op": "both", "parts": []}), json!({"parts": one("blank")})),
        (json!({"op": "both", "parts": {}}), json!({"parts": one("must_be_an_array")})),
        (json!({"op": "is", "to": 1}), json!({"of": one("blank")})),
        (json!({"op": "is", "of": "id"}), json!({"to": one("blank")})),
        (json!({"op": "is", "of": "keel", "to": 1}), json!({"of": inclusion(json!({"in": filterable}))})),
        (json!({"op": "is", "of": "hold", "to": "x"}), json!({"of": inclusion(json!({"in": filterable}))})),
        (json!({"op": "is", "of": "seal", "to": "x"}), json!({"of": inclusion(json!({"in": filterable}))})),
        (json!({"op": "is", "of": "port_id", "to": 1}), json!({"of": inclusion(json!({"in": filterable, "header": "X-Port"}))})),
        (
            json!({"op": "over", "of": "ship", "to": "a"}),
            json!({"op": inclusion(json!({"in": ["is", "is_not", "within", "outside"]}))}),
        ),
        (
            json!({"op": "over", "of": "crew", "to": 1}),
            json!({"op": inclusion(json!({"in": ["is", "is_not", "within", "outside"]}))}),
        ),
        (json!({"op": "within", "of": "legs", "to": []}), json!({"op": inclusion(json!({"in": ["is", "is_not"]}))})),
        (json!({"op": "is", "of": "crew", "to": [1]}), json!({"to": inclusion(json!({"in": [null]}))})),
        (json!({"op": "within", "of": "id", "to": 1}), json!({"to": one("must_be_an_array")})),
        (
            json!({"op": "within", "of": "id", "to": [1, "2", null]}),
            json!({"to": {"1": one("not_an_integer"), "2": one("not_an_integer")}}),
        ),
        (json!({"op": "is", "of": "id", "to": "1"}), json!({"to": one("not_an_integer")})),
        (json!({"op": "is", "of": "id", "to": 1.5}), json!({"to": one("not_an_integer")})),
        (json!({"op": "over", "of": "id", "to": null}), json!({"to": one("not_an_integer")})),
        (json!({"op": "is", "of": "fare", "to": "1"}), json!({"to": one("not_a_number")})),
        (json!({"op": "is", "of": "sailed_at", "to": "yesterday"}), json!({"to": one("invalid_iso_8601_time")})),
        (json!({"op": "is", "of": "due_on", "to": "2025-02-30"}), json!({"to": one("invalid_iso_8601_time")})),
        (json!({"op": "is", "of": "insured", "to": 1}), json!({"to": inclusion(json!({"in": [true, false]}))})),
        (json!({"op": "is", "of": "ship", "to": 1}), json!({"to": one("invalid")})),
    ] {
        let (status, reply) = send(&api, &json!({"subject": "voyages", "where": filter}));
        assert_eq!((status, &reply["where"]["where"]), (422, &details), "{filter}");
    }
    assert_eq!(api.spent(), 0, "refused queries cost nothing");
}

#[test]
fn all_faults_of_a_filter_are_reported() {
    let parts = json!([{"op": "is", "of": "id", "to": 1}, {"op": "is", "of": "id", "to": "x"}, 7, {"op": "either", "parts": [{"op": "?"}]}]);
    let (_, reply) = send(&three_rows(), &json!({"subject": "voyages", "where": {"op": "both", "parts": parts}}));
    let faults = &reply["where"]["where"]["parts"];
    assert_eq!(faults.as_object().expect("object").keys().collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(faults["1"]["to"][0]["error"], "not_an_integer");
    assert_eq!(faults["3"]["parts"]["0"]["op"][0]["error"], "inclusion");
}

#[test]
fn filters_deeper_than_47_nodes_are_refused() {
    let api = three_rows();
    let nested = |depth: usize| {
        let open = r#"{"op":"both","parts":["#.repeat(depth);
        format!(r#"{{"subject":"voyages","where":{open}{{"op":"is","of":"id","to":1}}{}}}"#, "]}".repeat(depth))
    };
    let status = |depth: usize| {
        let mut request = request(PATH, "all=all", &json!({}));
        request.body = Some(nested(depth).into_bytes());
        api.answer(&request).status
    };
    assert_eq!([1, 47, 48, 60, 5000].map(status), [200, 200, 422, 422, 400]);
}

#[test]
fn a_report_without_known_fields_cannot_be_filtered() {
    let api = Simulator::new(model()).build().expect("an API");
    let filter = json!({"op": "is", "of": "x", "to": 1});
    assert_eq!(send(&api, &json!({"subject": "bare", "where": filter})).0, 422);
    assert_eq!(send(&api, &json!({"subject": "partly", "where": {"op": "is", "of": "number", "to": 1}})).0, 200);
}
